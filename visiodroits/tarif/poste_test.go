package tarif_test

import (
	"crypto/ecdsa"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// What the workstation encrypts, the third party reads, and nobody else; moved to
// another request, or altered, it is refused.
func TestChiffrement(t *testing.T) {
	d, cles := cleTiers(t, "courante")
	suivante, clesSuivantes := cleTiers(t, "suivante")
	for k, v := range clesSuivantes {
		cles[k] = v
	}
	_, autres := cleTiers(t, "autre")
	n := tire[tarif.NumeroDossier](t)(tarif.TirerNumeroDossier(nil))
	q, err := tarif.Poste{Tiers: d}.Preparer(n, jour, tarif.Devis, verres(t))
	if err != nil {
		t.Fatal(err)
	}
	x, err := cles.Ouvrir(q.Demande)
	if err != nil || !cmp.Equal(x.Lignes, verres(t), cmp.Comparer(func(a, b tarif.CodeProduit) bool { return a == b })) {
		t.Fatalf("%v, %v", x, err)
	}
	if q, err := (tarif.Poste{Tiers: suivante}).Preparer(n, jour, tarif.Devis, verres(t)); err != nil {
		t.Fatal(err)
	} else if _, err := cles.Ouvrir(q.Demande); err != nil {
		t.Errorf("la clé suivante n'ouvre pas : %v", err)
	}
	if _, err := autres.Ouvrir(q.Demande); !errors.Is(err, tarif.ErrIndechiffrable) {
		t.Errorf("une autre clé : %v", err)
	}
	altere := *q.Demande
	b := []byte(altere.Lignes)
	b[len(b)-30] ^= 1
	altere.Lignes = tarif.Chiffre(b)
	if _, err := cles.Ouvrir(&altere); !errors.Is(err, tarif.ErrIndechiffrable) {
		t.Errorf("altéré : %v", err)
	}
	deplace := *q.Demande
	deplace.Sens = tarif.Engagement
	var incoherence *tarif.Incoherence
	if _, err := cles.Ouvrir(&deplace); !errors.As(err, &incoherence) {
		t.Errorf("déplacé : %v", err)
	}
	if _, err := (tarif.Poste{}).Preparer(n, jour, tarif.Devis, verres(t)); !errors.Is(err, tarif.ErrDestinataire) {
		t.Errorf("sans clé : %v", err)
	}
}

func TestJeton(t *testing.T) {
	d, cles := cleTiers(t, "courante")
	_, autres := cleTiers(t, "autre")
	e := emetteurDore(t)
	publiee := func(sante.NumeroAMC, string) (*ecdsa.PublicKey, error) { return &e.cle.PublicKey, nil }
	j := tarif.Jeton{Effectif: 30, Debut: jour, Fin: jour + 30, Expiration: jour + 1}
	if _, err := j.Sceller(d, e.kid, e.cle); err == nil {
		t.Error("un jeton sans grille est fait")
	}
	j.AMC = tire[sante.NumeroAMC](t)(sante.ParseNumeroAMC("99000001"))
	j.Grille = tire[tarif.IDGrille](t)(tarif.ParseIDGrille("OPTIQUE-A"))
	j.Lien = tire[tarif.Lien](t)(tarif.TirerLien(nil))
	c, err := j.Sceller(d, e.kid, e.cle)
	if err != nil {
		t.Fatal(err)
	}
	autre, err := j.Sceller(d, e.kid, e.cle)
	if err != nil || autre == c {
		t.Fatal("deux jetons égaux")
	}
	lu, err := cles.OuvrirJeton(c, publiee)
	if err != nil || lu.Nonce.IsZero() || lu.Lien != j.Lien || lu.Grille != j.Grille || lu.Effectif != 30 {
		t.Fatalf("%v, %v", lu, err)
	}
	if _, err := autres.OuvrirJeton(c, publiee); !errors.Is(err, tarif.ErrIndechiffrable) {
		t.Error(err)
	}
	// Only the digits of the count move the length: a signature tells nothing by its own.
	if a, b := len(c), len(autre); a != b {
		t.Errorf("longueurs %d et %d", a, b)
	}
	// The text of a delivery is not a token.
	q, err := tarif.Poste{Tiers: d}.Preparer(tire[tarif.NumeroDossier](t)(tarif.TirerNumeroDossier(nil)), jour, tarif.Devis, verres(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cles.OuvrirJeton(q.Demande.Lignes, publiee); !errors.Is(err, tarif.ErrJeton) {
		t.Error(err)
	}
}

// AMO + AMC + patient is the expense, to the cent, whatever the lines; and no share
// that is negative or too large is taken.
func TestPartager(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, tarif.LignesMax).Draw(t, "lignes")
		var l []tarif.Ligne
		var p []tarif.LigneTarifee
		for i := range n {
			depense := rapid.Int64Range(0, 500_000).Draw(t, "dépense")
			amo := rapid.Int64Range(0, depense).Draw(t, "amo")
			l = append(l, tarif.Ligne{Rang: i + 1, Famille: rapid.SampledFrom([]calcul.Famille{calcul.FamilleDMI, calcul.FamilleMED}).Draw(t, "famille"),
				Quantite: 1, MontantDepense: sante.Montant(depense), BaseAMO: sante.Montant(amo), MontantAMO: sante.Montant(amo)})
			p = append(p, tarif.LigneTarifee{Rang: i + 1, MontantAMC: sante.Montant(rapid.Int64Range(-2, depense-amo+2).Draw(t, "amc"))})
		}
		bornee := true
		for i := range l {
			bornee = bornee && p[i].MontantAMC >= 0 && p[i].MontantAMC <= l[i].MontantDepense-l[i].MontantAMO
		}
		x, err := tarif.Partager(l, p)
		if (err == nil) != bornee {
			t.Fatalf("%v, bornées %t", err, bornee)
		}
		if err != nil {
			return
		}
		if x.AMO+x.AMC+x.Patient != x.Depense || min(x.AMO, x.AMC, x.Patient) < 0 {
			t.Fatalf("%+v", x)
		}
		var depense, amo, amc sante.Montant
		for _, m := range tarif.ParFamille(l, p) {
			depense, amo, amc = depense+m.Depense, amo+m.AMO, amc+m.AMC
		}
		if depense != x.Depense || amo != x.AMO || amc != x.AMC {
			t.Fatal("les familles ne font pas le tout")
		}
	})
}

// The workstation takes no answer whose sums are false.
func TestLire(t *testing.T) {
	d, _ := cleTiers(t, "courante")
	n := tire[tarif.NumeroDossier](t)(tarif.TirerNumeroDossier(nil))
	q, err := tarif.Poste{Tiers: d}.Preparer(n, jour, tarif.Engagement, verres(t))
	if err != nil {
		t.Fatal(err)
	}
	numero, _ := tarif.NumeroTarificationDe([16]byte{3})
	amc, patient := sante.Montant(15000), sante.Montant(21390-600-15000)
	bonne := func() *tarif.ReponseTarification {
		a, p := amc, patient
		return &tarif.ReponseTarification{Retour: tarif.RetourDe(tarif.Accepte, ""), TotalAMC: &a, TotalPatient: &p, NumeroTarification: numero,
			Validite: jour.Debut(sante.Paris()), Lignes: []tarif.LigneTarifee{{Rang: 1, MontantAMC: 15000, Regle: "F05", Motif: "m"}, {Rang: 2, Regle: "F00", Motif: "m"}}}
	}
	for _, c := range []struct {
		cas     string
		changer func(r *tarif.ReponseTarification)
		passe   bool
	}{
		{"bonne", func(*tarif.ReponseTarification) {}, true},
		{"total faux d'un centime", func(r *tarif.ReponseTarification) { *r.TotalPatient++ }, false},
		{"total absent", func(r *tarif.ReponseTarification) { r.TotalAMC = nil }, false},
		{"ligne absente", func(r *tarif.ReponseTarification) { r.Lignes = r.Lignes[:1] }, false},
		{"lignes échangées", func(r *tarif.ReponseTarification) { r.Lignes[0], r.Lignes[1] = r.Lignes[1], r.Lignes[0] }, false},
		{"part négative", func(r *tarif.ReponseTarification) { r.Lignes[1].MontantAMC = -1; *r.TotalAMC--; *r.TotalPatient++ }, false},
		{"part au-delà de la dépense", func(r *tarif.ReponseTarification) {
			r.Lignes[1].MontantAMC = 1291
			*r.TotalAMC += 1291
			*r.TotalPatient -= 1291
		}, false},
		{"engagement sans numéro", func(r *tarif.ReponseTarification) { r.NumeroTarification = tarif.NumeroTarification{} }, false},
		{"refus", func(r *tarif.ReponseTarification) { r.Retour = tarif.RetourDe(tarif.DossierInconnu, "") }, false},
	} {
		r := bonne()
		c.changer(r)
		p, err := q.Lire(r)
		if (err == nil) != c.passe {
			t.Errorf("%s : %v", c.cas, err)
		}
		if err == nil && (p.Patient != patient || len(p.Familles) != 2 || p.Familles[0].AMC != 15000) {
			t.Errorf("%s : %+v", c.cas, p)
		}
	}
	var refuse *tarif.Refuse
	r := bonne()
	r.Retour = tarif.RetourDe(tarif.DossierInconnu, "")
	if _, err := q.Lire(r); !errors.As(err, &refuse) || refuse.Retour.CodeRetour != "T611" {
		t.Errorf("%v", err)
	}
}

// The key is read from the list of keys, when it serves to encrypt.
func TestDestinataireDe(t *testing.T) {
	d, _ := cleTiers(t, "courante")
	jwk, err := visiodroits.JWKDe(d.Cle)
	if err != nil {
		t.Fatal(err)
	}
	bonne := visiodroits.CleEmetteur{Kid: jwk.Empreinte(), Usage: visiodroits.PourChiffrement, JWK: jwk}
	x, err := tarif.DestinataireDe(bonne)
	if err != nil || !x.Cle.Equal(d.Cle) {
		t.Fatal(err)
	}
	c, err := x.Chiffrer([]byte("{}"))
	if err != nil || c.Controler("lignes") != nil {
		t.Errorf("%v, %v", err, c.Controler("lignes"))
	}
	signe, libre := bonne, bonne
	signe.Usage, libre.Kid = visiodroits.PourLAR, "MARIE-DURAND"
	for _, k := range []visiodroits.CleEmetteur{signe, libre, {}} {
		if _, err := tarif.DestinataireDe(k); !errors.Is(err, tarif.ErrDestinataire) {
			t.Errorf("%+v : %v", k, err)
		}
	}
}
