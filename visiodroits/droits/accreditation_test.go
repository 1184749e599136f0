package droits

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

func accrediter(t testing.TB, a Accreditation, kid string, k *ecdsa.PrivateKey) Accreditee {
	t.Helper()
	s, err := SignerAccreditation(a, kid, k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What is signed is canonical, is read again as it was, and is of its person only.
func TestAccreditation(t *testing.T) {
	e, p := nouveauxEmetteurs(t), personne(t, "A|1", "19850199", 1)
	n := tirer(t, uneAMC, Normale)
	s := accrediter(t, modele(t, n, p), "amc-1", e.amc)
	contenu := s.a.Canonique()
	if ok, err := jcs.EstCanonique(contenu, jcs.Limites{}); !ok || err != nil {
		t.Fatalf("%s : %v", contenu, err)
	}
	lue, err := VerifierAccreditation(s.Jeton(), e.cles, instant.Add(time.Hour))
	if err != nil || string(lue.a.Canonique()) != string(contenu) || lue.Kid() != "amc-1" || lue.Empreinte() != s.Empreinte() {
		t.Fatalf("%+v, %v", lue, err)
	}
	a := lue.Accreditation()
	for nom, autre := range map[string]Personne{
		"un autre rang": personne(t, "A|1", "19850199", 2), "une autre naissance": personne(t, "A|1", "19850198", 1), "un autre adhérent": personne(t, "A", "19850199", 1),
	} {
		if a.Concerne(autre) {
			t.Errorf("%s est reconnu", nom)
		}
	}
	if !a.Concerne(p) || !a.Couvre(jour(t, "2026-11-30")) || a.Couvre(jour(t, "2026-12-01")) || a.Couvre(jour(t, "2026-10-31")) {
		t.Error("bénéficiaire ou période méconnus")
	}
	if p.Empreinte(n) == p.Empreinte(tirer(t, uneAMC, Normale)) {
		t.Error("deux accréditations d'une personne se ressemblent")
	}
	if strings.Contains(string(contenu), "19850199") || strings.Contains(string(contenu), "A|1") {
		t.Errorf("l'identité se lit dans %s", contenu)
	}
}

// Every octet of the token matters.
func TestAccreditationUnOctet(t *testing.T) {
	e, p := nouveauxEmetteurs(t), personne(t, "1", "19850101", 1)
	s := accrediter(t, modele(t, tirer(t, uneAMC, Normale), p), "amc-1", e.amc)
	for i := range s.jeton {
		for _, c := range []byte{'A', 'B'} {
			b := []byte(s.jeton)
			if b[i] == c {
				continue
			}
			b[i] = c
			if _, err := VerifierAccreditation(string(b), e.cles, instant); err == nil {
				t.Fatalf("octet %d changé : passe", i)
			}
		}
	}
}

func TestAccreditationRefuse(t *testing.T) {
	e, p := nouveauxEmetteurs(t), personne(t, "1", "19850101", 1)
	normale := modele(t, tirer(t, uneAMC, Normale), p)
	avec := func(f func(*Accreditation)) Accreditation {
		a := normale
		f(&a)
		return a
	}
	parOTP := func(g TypeAccreditation) Accreditation { return modele(t, tirer(t, unOTP, g), p) }
	signer := func(a Accreditation, kid string, k *ecdsa.PrivateKey) string { return accrediter(t, a, kid, k).Jeton() }
	autre := nouveauxEmetteurs(t)
	mensonge := func(f func(*Accreditation)) string {
		a := accrediter(t, normale, "amc-1", e.amc).Accreditation()
		f(&a)
		j, err := jades.SignerNomme(a.Canonique(), "amc-1", typJetonAccredite, e.amc)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	signee := accrediter(t, normale, "amc-1", e.amc).a
	typee, err := jades.SignerNomme(signee.Canonique(), "amc-1", typLAR, e.amc)
	if err != nil {
		t.Fatal(err)
	}
	ecartee, err := jades.SignerNomme(append(signee.Canonique(), '\n'), "amc-1", typJetonAccredite, e.amc)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cas, jeton string
		err        error
	}{
		{"normale", signer(normale, "amc-1", e.amc), nil},
		{"dépannage par l'opérateur mandaté", signer(parOTP(Depannage), "otp-1", e.otp), nil},
		{"normale par un opérateur qui n'a mandat que de dépanner", signer(parOTP(Normale), "otp-1", e.otp), ErrMandat},
		{"opérateur d'une AMC qui ne le mandate pas", signer(func() Accreditation { a := parOTP(Depannage); a.AMC = amc(t, "99000102"); return a }(), "otp-1", e.otp), ErrMandat},
		{"après le mandat", signer(func() Accreditation { a := parOTP(Depannage); a.Emission = instant.AddDate(0, 0, -800); return a }(), "otp-1", e.otp), ErrClePerimee},
		{"clé d'un autre", signer(normale, "amc-1", autre.amc), jades.Err},
		{"clé inconnue", signer(normale, "amc-2", e.amc), ErrCleInconnue},
		{"clé de l'opérateur pour un numéro de l'AMC", signer(normale, "otp-1", e.otp), ErrCleInconnue},
		{"clé des listes", signer(normale, "lar-1", e.lar), ErrCleInconnue},
		{"émise avant la clé", signer(avec(func(a *Accreditation) { a.Emission = instant.AddDate(-2, 0, 0) }), "amc-1", e.amc), ErrClePerimee},
		{"émise dans une heure", signer(avec(func(a *Accreditation) { a.Emission = instant.Add(time.Hour) }), "amc-1", e.amc), ErrFutur},
		{"type contraire au numéro", mensonge(func(a *Accreditation) { a.Type = Depannage }), ErrAccreditation},
		{"fin avant le début", mensonge(func(a *Accreditation) { a.DroitsFin = a.DroitsDebut - 1 }), ErrAccreditation},
		{"autre version", mensonge(func(a *Accreditation) { a.Version = 2 }), ErrAccreditation},
		{"signée comme une liste", typee, ErrAccreditation},
		{"qui n'est pas canonique", ecartee, ErrAccreditation},
		{"vide", "", ErrAccreditation},
		{"trop grande", strings.Repeat("a", jetonMax+1), ErrAccreditation},
	} {
		s, err := VerifierAccreditation(c.jeton, e.cles, instant)
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || s.IsZero() != (c.err != nil) {
			t.Errorf("%s : %v, attendu %v", c.cas, err, c.err)
		}
	}
	if _, err := VerifierAccreditation(signer(normale, "amc-1", e.amc), nil, instant); !errors.Is(err, ErrCleInconnue) {
		t.Errorf("sans clés : %v", err)
	}
}

func TestSignerAccreditationRefuse(t *testing.T) {
	e, p := nouveauxEmetteurs(t), personne(t, "1", "19850101", 1)
	for nom, f := range map[string]func(*Accreditation){
		"sans numéro": func(a *Accreditation) { a.Numero = NumeroAccreditation{} }, "sans AMC": func(a *Accreditation) { a.AMC = sante.NumeroAMC{} },
		"sans fin": func(a *Accreditation) { a.DroitsFin = 0 }, "sans bénéficiaire": func(a *Accreditation) { a.Beneficiaire = Empreinte{} },
		"catégorie trop longue": func(a *Accreditation) { a.Perimetre.Categorie = "PHARMACIENNE" }, "sans instant": func(a *Accreditation) { a.Emission = time.Time{} },
	} {
		a := modele(t, tirer(t, uneAMC, Normale), p)
		f(&a)
		if _, err := SignerAccreditation(a, "amc-1", e.amc); !errors.Is(err, ErrAccreditation) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

func TestNouvellesClesRefuse(t *testing.T) {
	k := cle(t)
	bonne := Cle{amc(t, uneAMC), "k", PourLAR, &k.PublicKey, instant, instant.Add(time.Hour)}
	for nom, l := range map[string][]Cle{
		"deux fois": {bonne, bonne}, "sans émetteur": {{Kid: "k", Usage: PourLAR, Publique: &k.PublicKey}}, "sans clé": {{Emetteur: bonne.Emetteur, Kid: "k", Usage: PourLAR}},
		"sans usage":         {{Emetteur: bonne.Emetteur, Kid: "k", Publique: &k.PublicKey}},
		"fin avant le début": {{bonne.Emetteur, "k", PourLAR, &k.PublicKey, instant, instant}},
	} {
		if _, err := NouvellesCles(l, nil); !errors.Is(err, ErrCleMauvaise) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

func TestFinDepannage(t *testing.T) {
	for _, c := range []struct{ cas, emission, fin string }{
		{"le matin", "2026-11-22T10:00:00Z", "2026-11-23"},
		{"le soir, à Paris déjà demain", "2026-11-22T23:30:00Z", "2026-11-24"},
		{"le soir, à Paris encore ce jour", "2026-07-22T21:59:59Z", "2026-07-23"},
	} {
		e, err := time.Parse(time.RFC3339, c.emission)
		if err != nil {
			t.Fatal(err)
		}
		if fin := FinDepannage(e); fin.String() != c.fin {
			t.Errorf("%s : %s, attendu %s", c.cas, fin, c.fin)
		}
	}
}

func TestRecu(t *testing.T) {
	e, p := nouveauxEmetteurs(t), personne(t, "1", "19850101", 1)
	n, err := ParseNumeroAccreditation("A0099000909D0123456789AB" + string(sante.CleMod37("A0099000909D0123456789AB")))
	if err != nil {
		t.Fatal(err)
	}
	s := accrediter(t, modele(t, n, p), "otp-1", e.otp)
	r := s.Recu("Mutuelle fictive des Écluses")
	r.Empreinte = Empreinte{0xab, 31: 0xcd}
	want := `GARANTIE DE TIERS PAYANT
Accréditation  : ` + n.String() + `
Type           : dépannage, par l'opérateur 99000909
AMC            : 99000101 Mutuelle fictive des Écluses
Soins garantis : du 01/11/2026 au 30/11/2026
Donnée le      : 22/11/2026 à 11:30:15
Empreinte      : AB00 0000 0000 0000 0000 0000 0000 0000
               : 0000 0000 0000 0000 0000 0000 0000 00CD
`
	if got := r.Texte(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	r = s.Recu("Mutuelle")
	lu, err := LireRecu(r.Octets())
	if err != nil || *lu != r || !lu.Atteste(s) || lu.Atteste(Accreditee{}) {
		t.Fatalf("%+v, %v", lu, err)
	}
	if lu.Atteste(accrediter(t, modele(t, n, p), "otp-1", e.otp)) {
		t.Error("le reçu atteste une autre signature")
	}
	for nom, b := range map[string]string{"vide": "", "blanc": string(r.Octets()) + " ", "autre type": strings.Replace(string(r.Octets()), "DEPANNAGE", "NORMALE", 1)} {
		if _, err := LireRecu([]byte(b)); !errors.Is(err, ErrRecu) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

func FuzzAccreditation(f *testing.F) {
	e := nouveauxEmetteurs(f)
	s := accrediter(f, modele(f, tirer(f, uneAMC, Normale), personne(f, "1", "19850101", 1)), "amc-1", e.amc)
	f.Add(s.a.Canonique())
	f.Fuzz(func(t *testing.T, contenu []byte) {
		j, err := jades.SignerNomme(contenu, "amc-1", typJetonAccredite, e.amc)
		if err != nil {
			t.Fatal(err)
		}
		lue, err := VerifierAccreditation(j, e.cles, instant)
		if err == nil && string(lue.a.Canonique()) != string(contenu) {
			t.Fatalf("%s lu %s", contenu, lue.a.Canonique())
		}
	})
}

// Offline verification, against the bare verification of a P-256 signature in the
// same run: their pace in percent.
func BenchmarkVerifierAccreditation(b *testing.B) {
	e := nouveauxEmetteurs(b)
	s := accrediter(b, modele(b, tirer(b, uneAMC, Normale), personne(b, "1", "19850101", 1)), "amc-1", e.amc)
	somme := sha256.Sum256([]byte(s.Jeton()))
	sig, err := ecdsa.SignASN1(rand.Reader, e.amc, somme[:])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	nu, entier := alterner(b, 20, func() {
		if !ecdsa.VerifyASN1(&e.amc.PublicKey, somme[:], sig) {
			b.Fatal("signature nue refusée")
		}
	}, func() {
		if _, err := VerifierAccreditation(s.Jeton(), e.cles, instant); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(entier, "ns-accréditation")
	b.ReportMetric(nu, "ns-P256-nu")
	b.ReportMetric(100*nu/entier, "%P256-nu")
	b.ReportMetric(0, "ns/op")
}
