// Package pupitretest makes steps to be shown, through real seals, real shares
// and real proofs, and an Envoyeur that answers the trials of a visitor.
package pupitretest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// Monde is a hospital, an insurer and its journal, made for a test.
type Monde struct {
	t       testing.TB
	Instant time.Time
	Loupe   *pupitre.Loupe
	Moteur  calcul.Moteur

	partie   *sceautest.Identite // the hospital, and the authority of all
	mutuelle *sceau.Cachet
	revoque  *sceau.Cachet
	conf     confidentiel
	livre    *livre
	etapes   []pupitre.Etape
	histoire string
	horloge  time.Time
}

// confidentiel is a key to receive encrypted bodies.
type confidentiel struct {
	certificat string
	cles       roc.Dechiffreur
}

// Parties of the tests; all are fictitious.
const (
	Hopital  = "Hôpital des Sources"
	Mutuelle = "Mutuelle des Bateliers"

	structureHopital  = "1990000101"
	structureMutuelle = "0990000200"
)

// New makes a world and plays its stories.
func New(t testing.TB) *Monde {
	t.Helper()
	a := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	m := &Monde{t: t, Instant: a, horloge: a, partie: sceautest.New(t, structureHopital, a), livre: nouveauLivre(t, a)}
	m.mutuelle = m.partie.Emettre(t, structureMutuelle, a)
	m.revoque = m.partie.Emettre(t, "1990000199", a)
	m.revoquer(m.revoque)
	m.conf = nouveauConfidentiel(t, a)
	m.Loupe = &pupitre.Loupe{Magasin: m.partie.Juge, Cles: m.conf.cles}
	moteur, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Moteur = moteur
	m.jouer()
	return m
}

// Etapes lists the steps.
func (m *Monde) Etapes() []pupitre.Etape { return m.etapes }

// Etape gives a step by its number.
func (m *Monde) Etape(n int) (pupitre.Etape, bool) {
	if n < 1 || n > len(m.etapes) {
		return pupitre.Etape{}, false
	}
	return m.etapes[n-1], true
}

// revoquer publishes a list that holds the certificate of a cachet.
// Relister publishes a list of revocations of a later instant, and forgets those
// of before, as an authority does.
func (m *Monde) Relister(a time.Time) {
	m.t.Helper()
	m.lister(&x509.RevocationList{Number: big.NewInt(3), ThisUpdate: a, NextUpdate: a.Add(24 * time.Hour)})
}

func (m *Monde) revoquer(c *sceau.Cachet) {
	m.t.Helper()
	cert, err := x509.ParseCertificate(c.Certificat())
	if err != nil {
		m.t.Fatal(err)
	}
	m.lister(&x509.RevocationList{
		Number: big.NewInt(2), ThisUpdate: m.Instant.Add(-30 * time.Minute), NextUpdate: m.Instant.Add(24 * time.Hour),
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: cert.SerialNumber, RevocationTime: m.Instant.Add(-40 * time.Minute), ReasonCode: 1}},
	})
}

func (m *Monde) lister(l *x509.RevocationList) {
	m.t.Helper()
	crl, err := x509.CreateRevocationList(rand.Reader, l, m.partie.AC, m.partie.CleAC)
	if err != nil {
		m.t.Fatal(err)
	}
	if _, err := m.partie.Juge.AjouterCRL(crl); err != nil {
		m.t.Fatal(err)
	}
}

func nouveauConfidentiel(t testing.TB, a time.Time) confidentiel {
	t.Helper()
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	modele := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "CONFIDENTIALITE DE TEST"},
		NotBefore: a.Add(-time.Hour), NotAfter: a.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, modele, modele, &cle.PublicKey, cle)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := cle.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	return confidentiel{base64.StdEncoding.EncodeToString(der), roc.Dechiffreur{roc.KidDe(der): secret}}
}

func lire[T any](t testing.TB, parse func(string) (T, error), s string) T {
	t.Helper()
	v, err := parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Patient is the patient of the stories.
func (m *Monde) Patient() pupitre.ChoixPatient {
	t := m.t
	return pupitre.ChoixPatient{
		Cle: "jeanne", Nom: "BRUME Jeanne", Detail: "née le 17/05/1980, contrat responsable",
		Beneficiaire: roc.Beneficiaire{NumeroAdherent: lire(t, sante.ParseNumeroAdherent, "ADH000042"), NomNaissance: "BRUME", Prenom: "JEANNE",
			DateNaissance: lire(t, sante.ParseDateNaissance, "19800517"), RangGemellaire: 1, Qualite: "0"},
		Carte: roc.Carte{NumeroAMC: lire(t, sante.ParseNumeroAMC, "99000001"), ModeAcquisition: roc.Datamatrix},
		AMO:   roc.AMO{Regime: "01", NatureAssurance: calcul.NatureMaladie, ExoTM: calcul.ExoAucune},
	}
}

// Choix offers the patient and the hospital of the stories.
func (m *Monde) Choix() pupitre.Choix {
	f := lire(m.t, sante.ParseFINESS, "690781810")
	ace := pupitre.Formulaire{Etablissement: "sources", Patient: "jeanne", Face: "REST", Service: "CLC", Passage: "ACE", Date: "2026-03-02"}
	ace.Actes[0] = pupitre.ActeSaisi{Famille: "CONS", Code: "CS", Base: "30,00", Depense: "45,00"}
	sejour := pupitre.Formulaire{Etablissement: "sources", Patient: "jeanne", Face: "SOAP", Service: "SIM", Passage: "SEJOUR", Date: "2026-03-02",
		Sortie: "2026-03-06", Discipline: "MCO", Tarif: "2840,00", Chambre: "65"}
	return pupitre.Choix{
		Etablissements: []pupitre.ChoixEtablissement{{Cle: "sources", Nom: Hopital, FinessJuridique: f, FinessGeo: f, Categorie: roc.EPS}},
		Patients:       []pupitre.ChoixPatient{m.Patient()},
		Aujourdhui:     sante.JourDe(2026, 3, 2),
		Exemples:       []pupitre.Exemple{{Cle: "ace", Nom: "Une consultation", Formulaire: ace}, {Cle: "sejour", Nom: "Un séjour", Formulaire: sejour}},
		Moteur:         m.Moteur,
	}
}
