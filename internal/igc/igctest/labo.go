package igctest

import (
	"context"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/local"
)

// Nouvelle makes a whole hierarchy in the directory of a test.
func Nouvelle(t testing.TB, horloge func() time.Time) *igc.IGC {
	t.Helper()
	d, err := local.Ouvrir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g, err := igc.Creer(context.Background(), igc.Parametres{Base: "http://127.0.0.1:8000/igc"}, d, d, horloge)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Magasin makes a trust store of a hierarchy, its lists published at a.
func Magasin(t testing.TB, g *igc.IGC, a time.Time, o certificat.Options) *certificat.Magasin {
	t.Helper()
	m := certificat.NouveauMagasin(o)
	if err := m.RemplacerAutorites(g.Racines(), g.Intermediaires()); err != nil {
		t.Fatal(err)
	}
	Publier(t, g, m, a)
	return m
}

// Publier publishes a new full list of every authority and loads it.
func Publier(t testing.TB, g *igc.IGC, m *certificat.Magasin, a time.Time) {
	t.Helper()
	for _, ac := range g.ACs() {
		l, err := g.Publier(context.Background(), ac.Nom, a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.AjouterCRL(l.DER); err != nil {
			t.Fatal(err)
		}
	}
}

// Structure is the subject of a fictitious hospital.
func Structure() igc.Sujet {
	return igc.Sujet{Departement: "Doubs (25)", Organisation: "CH DE LA COMBE-AUX-FÉES", Structure: "1990000127", CN: "LABO-ECLUSE"}
}

// Personne is the subject of a fictitious caregiver.
func Personne() igc.Sujet {
	return igc.Sujet{Titre: "Médecin", Nom: "VAUTRIN", Prenom: "OCÉANE", IdNatPS: "899900112204"}
}

// Emettre issues a certificate whose key is made in the test.
func Emettre(t testing.TB, g *igc.IGC, p igc.Profil, s igc.Sujet) igc.Emission {
	t.Helper()
	d := igc.Demande{Profil: p, Sujet: s, Par: "essai"}
	switch p {
	case igc.ProfilServSSL:
		d.DNS = []string{"localhost"}
	case igc.ProfilServMail:
		d.Mail = []string{"service@labo.invalid"}
	}
	e, err := g.Emettre(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
