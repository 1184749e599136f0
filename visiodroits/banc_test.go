package visiodroits_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

const (
	structure = "2999100803"
	operateur = visiodroits.Emetteur("99100803")
)

var (
	lundi = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	jour  = sante.JourDe(2026, 3, 2)
)

type banc struct {
	t      testing.TB
	id     *sceautest.Identite
	cachet *sceau.Cachet
}

func nouveau(t testing.TB) *banc {
	t.Helper()
	id := sceautest.New(t, structure, lundi)
	return &banc{t, id, id.Cachet}
}

func (b *banc) classeur(a ...visiodroits.Attendu) *visiodroits.Classeur {
	b.t.Helper()
	c, err := visiodroits.NouveauClasseur(b.id.Juge, a...)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func attendu(g visiodroits.Genre, e visiodroits.Emetteur) visiodroits.Attendu {
	return visiodroits.Attendu{Genre: g, Emetteur: e, Structures: []string{structure}}
}

func amc(t testing.TB, s string) sante.NumeroAMC {
	t.Helper()
	n, err := sante.ParseNumeroAMC(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// entree is an open service, changed by f.
func entree(t testing.TB, numero string, f ...func(*visiodroits.EntreeService)) visiodroits.EntreeService {
	t.Helper()
	e := visiodroits.EntreeService{NumeroAMC: amc(t, numero), Libelle: "MUTUELLE FICTIVE " + numero, Service: visiodroits.DLD,
		Statut: visiodroits.Ouvert, NiveauService: visiodroits.NiveauBase, Adresse: "https://otp.exemple.invalid/v1/visiodroits",
		Version: visiodroits.Profil, Debut: sante.JourDe(2026, 1, 1), NbJoursTolerance: 15, ModeDroits: visiodroits.Heberge, Operateur: "88000001",
		DelaiPaiementJours: 12, KidCourant: "cle-2026"}
	for _, f := range f {
		f(&e)
	}
	return e
}

// nonOuvert says that the service is not open.
func nonOuvert(e *visiodroits.EntreeService) {
	e.Statut, e.Adresse, e.Version, e.Operateur = visiodroits.NonOuvert, "", "", ""
}

func routee(convention, csr string) func(*visiodroits.EntreeService) {
	return func(e *visiodroits.EntreeService) {
		e.TypeConvention, e.CSRMotif = visiodroits.Convention(convention), visiodroits.MotifCSR(csr)
	}
}

func service(s visiodroits.Service) func(*visiodroits.EntreeService) {
	return func(e *visiodroits.EntreeService) { e.Service = s }
}

func periode(debut, fin sante.Jour) func(*visiodroits.EntreeService) {
	return func(e *visiodroits.EntreeService) { e.Debut, e.Fin = debut, fin }
}

// tete is the header of a list made at an instant, good for a day.
func tete(n int64, a time.Time) visiodroits.EnTete {
	return visiodroits.EnTete{Emetteur: operateur, Numero: n, DateEmission: a, ProchaineEmission: a.Add(24 * time.Hour)}
}

func complete[E visiodroits.Entree[E]](t testing.TB, h visiodroits.EnTete, l ...E) *visiodroits.Liste[E] {
	t.Helper()
	x, err := visiodroits.Complete(h, l)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func partielle[E visiodroits.Entree[E]](t testing.TB, de, vers *visiodroits.Liste[E]) *visiodroits.Liste[E] {
	t.Helper()
	x, err := visiodroits.Partielle(de, vers)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func sceller[E visiodroits.Entree[E]](b *banc, l *visiodroits.Liste[E]) []byte {
	b.t.Helper()
	x, err := l.Sceller(b.cachet)
	if err != nil {
		b.t.Fatal(err)
	}
	return x
}

func (b *banc) deposer(c *visiodroits.Classeur, octets []byte, a time.Time) visiodroits.Depot {
	b.t.Helper()
	d, err := c.Deposer(octets, a)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

func cleNeuve(t testing.TB) (*ecdsa.PrivateKey, visiodroits.JWK) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	j, err := visiodroits.JWKDe(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return k, j
}
