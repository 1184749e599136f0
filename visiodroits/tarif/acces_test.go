package tarif

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// scelle is a list as it is read.
func scelle[E visiodroits.Entree[E]](t *testing.T, c *sceau.Cachet, e visiodroits.Emetteur, a time.Time, duree time.Duration, entrees ...E) []byte {
	t.Helper()
	l, err := visiodroits.Complete(visiodroits.EnTete{Emetteur: e, Numero: 1, DateEmission: a, ProchaineEmission: a.Add(duree), Exhaustive: true}, entrees)
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Sceller(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The insurer says whom to ask, the third party where he is and under which key; on a list
// that is missing or late nothing is encrypted.
func TestAcces(t *testing.T) {
	const tiers, amc = "99009901", "99000101"
	a := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	id := sceautest.New(t, "2999101306", a)
	cle := func(debut time.Time) visiodroits.CleEmetteur {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		j, err := visiodroits.JWKDe(&k.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		return visiodroits.CleEmetteur{Kid: j.Empreinte(), Titulaire: tiers, Usage: visiodroits.PourChiffrement, JWK: j, Debut: debut, Fin: debut.AddDate(2, 0, 0)}
	}
	service := func(numero, adresse string) visiodroits.EntreeService {
		n, err := sante.ParseNumeroAMC(numero)
		if err != nil {
			t.Fatal(err)
		}
		return visiodroits.EntreeService{NumeroAMC: n, Libelle: "X", Service: visiodroits.TAR, Statut: visiodroits.Ouvert, Adresse: adresse, Version: Norme.Profil,
			Debut: sante.JourDe(2020, 1, 1), Structures: []visiodroits.Structure{"2999101306"}}
	}
	deLAMC := service(amc, "https://ancienne.exemple.fr")
	deLAMC.Operateur = tiers
	courante, suivante := cle(a.AddDate(-1, 0, 0)), cle(a.AddDate(0, 0, 1))
	listeCles := scelle(t, id.Cachet, tiers, a, 72*time.Hour, courante, suivante)
	listeTiers := scelle(t, id.Cachet, tiers, a, 72*time.Hour, service(tiers, "https://nouvelle.exemple.fr"))
	listeAMC := scelle(t, id.Cachet, amc, a, 72*time.Hour, deLAMC)
	for nom, c := range map[string]struct {
		listes  [][]byte
		quand   time.Time
		adresse string
		kid     visiodroits.Kid // "" when nothing may be encrypted
	}{
		"tout":                 {[][]byte{listeCles, listeTiers, listeAMC}, a, "https://nouvelle.exemple.fr", courante.Kid},
		"sans liste du tiers":  {[][]byte{listeCles, listeAMC}, a, "https://ancienne.exemple.fr", courante.Kid},
		"le jour de la relève": {[][]byte{listeCles, listeTiers, listeAMC}, a.AddDate(0, 0, 1), "https://nouvelle.exemple.fr", suivante.Kid},
		"sans clés":            {[][]byte{listeTiers, listeAMC}, a, "", ""},
		"sans liste de l'AMC":  {[][]byte{listeCles, listeTiers}, a, "", ""},
		"clés en retard":       {[][]byte{listeCles, listeTiers, listeAMC}, a.AddDate(0, 0, 4), "", ""},
	} {
		var attendus []visiodroits.Attendu
		for _, e := range []visiodroits.Emetteur{tiers, amc} {
			for _, g := range []visiodroits.Genre{visiodroits.GenreServices, visiodroits.GenreCertificats} {
				attendus = append(attendus, visiodroits.Attendu{Genre: g, Emetteur: e, Structures: []string{"2999101306"}, Pour: []visiodroits.Emetteur{e}})
			}
		}
		classeur, err := visiodroits.NouveauClasseur(id.Juge, attendus...)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range c.listes {
			if _, err := classeur.Deposer(l, a); err != nil {
				t.Fatalf("%s : %v", nom, err)
			}
		}
		r, err := AccesDe(classeur, deLAMC.NumeroAMC, c.quand)
		if (err == nil) != (c.kid != "") || err != nil && !errors.Is(err, ErrAcces) {
			t.Errorf("%s : %v", nom, err)
		}
		if err == nil && (r.Adresse != c.adresse || r.Cle.Kid != string(c.kid) || r.Tiers != tiers) {
			t.Errorf("%s : %+v, attendu %s sous %s", nom, r, c.adresse, c.kid)
		}
	}
}

// A token is believed under a key of the accreditations of those who sign for its insurer, in
// force now, in a list that is up to date: a doubt is told from a no.
func TestCleDuJeton(t *testing.T) {
	const amc, operateur, intrus = "99000101", "99009701", "99000102"
	a := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	id := sceautest.New(t, "2999101306", a)
	cle := func(e visiodroits.Emetteur, u visiodroits.UsageCle, debut, fin, compromise time.Time) visiodroits.CleEmetteur {
		t.Helper()
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		j, err := visiodroits.JWKDe(&k.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		return visiodroits.CleEmetteur{Kid: j.Empreinte(), Titulaire: e, Usage: u, JWK: j, Debut: debut, Fin: fin, Compromise: compromise}
	}
	jours := func(n int) time.Time { return a.AddDate(0, 0, n) }
	volee := cle(amc, visiodroits.PourAccreditation, jours(-400), jours(300), jours(-1))
	ancienne := cle(amc, visiodroits.PourAccreditation, jours(-300), jours(10), time.Time{})
	finie := cle(amc, visiodroits.PourAccreditation, jours(-700), jours(-280), time.Time{})
	suivante := cle(amc, visiodroits.PourAccreditation, jours(-30), jours(700), time.Time{})
	lar := cle(amc, visiodroits.PourLAR, jours(-30), jours(700), time.Time{})
	mandatee := cle(operateur, visiodroits.PourAccreditation, jours(-30), jours(700), time.Time{})
	etrangere := cle(intrus, visiodroits.PourAccreditation, jours(-30), jours(700), time.Time{})
	var attendus []visiodroits.Attendu
	for _, e := range []visiodroits.Emetteur{amc, operateur, intrus} {
		attendus = append(attendus, visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: e, Structures: []string{"2999101306"}, Pour: []visiodroits.Emetteur{e}})
	}
	classeur, err := visiodroits.NouveauClasseur(id.Juge, attendus...)
	if err != nil {
		t.Fatal(err)
	}
	chercher := func(cas string, k visiodroits.CleEmetteur, quand time.Time, want error) {
		t.Helper()
		pub, err := CleDuJeton(classeur, []visiodroits.Emetteur{amc, operateur}, string(k.Kid), quand)
		if attendue, _ := k.Publique(); !errors.Is(err, want) || errors.Is(err, ErrNomInconnu) != errors.Is(want, ErrNomInconnu) || err == nil && !pub.Equal(attendue) {
			t.Errorf("%s : %v, attendu %v", cas, err, want)
		}
	}
	chercher("avant toute liste", suivante, a, ErrAcces)
	deposer := func(b []byte) {
		t.Helper()
		if _, err := classeur.Deposer(b, a); err != nil {
			t.Fatal(err)
		}
	}
	deposer(scelle(t, id.Cachet, amc, a, 48*time.Hour, finie, volee, ancienne, suivante, lar))
	chercher("inconnue, la liste de l'opérateur manque", etrangere, a, ErrAcces)
	chercher("connue, la liste de l'opérateur manque", suivante, a, nil)
	deposer(scelle(t, id.Cachet, operateur, a, 240*time.Hour, mandatee))
	deposer(scelle(t, id.Cachet, intrus, a, 240*time.Hour, etrangere))
	chercher("de l'opérateur", mandatee, a, nil)
	chercher("ancienne et suivante ensemble", ancienne, a, nil)
	chercher("d'un autre émetteur", etrangere, a, ErrNomInconnu)
	chercher("des listes de révocation", lar, a, ErrJeton)
	chercher("compromise", volee, a, ErrJeton)
	chercher("finie", finie, a, ErrJeton)
	chercher("liste en retard", suivante, jours(3), ErrAcces)
	chercher("opérateur à jour, AMC en retard", mandatee, jours(3), nil)
}
