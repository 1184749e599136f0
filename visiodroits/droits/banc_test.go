package droits

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

const unJour sante.Jour = 739_942 // 2026-11-22

// instant is the present of the tests.
var instant = time.Date(2026, 11, 22, 10, 30, 15, 0, time.UTC)

func amc(t testing.TB, s string) sante.NumeroAMC {
	t.Helper()
	n, err := sante.ParseNumeroAMC(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func jour(t testing.TB, s string) sante.Jour {
	t.Helper()
	j, err := sante.ParseJour(s)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func cle(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func tirer(t testing.TB, emetteur string, g TypeAccreditation) NumeroAccreditation {
	t.Helper()
	n, err := TirerNumeroAccreditation(amc(t, emetteur), g, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func personne(t testing.TB, adherent, naissance string, rang int) Personne {
	t.Helper()
	a, err := sante.ParseNumeroAdherent(adherent)
	if err != nil {
		t.Fatal(err)
	}
	d, err := sante.ParseDateNaissance(naissance)
	if err != nil {
		t.Fatal(err)
	}
	return Personne{a, d, rang}
}

// emetteurs are an AMC and an operator, with a key each per purpose and a mandate.
type emetteurs struct {
	amc, otp *ecdsa.PrivateKey
	lar      *ecdsa.PrivateKey
	cles     *Cles
}

const (
	uneAMC = "99000101"
	unOTP  = "99000909"
)

func nouveauxEmetteurs(t testing.TB) *emetteurs {
	t.Helper()
	e := &emetteurs{amc: cle(t), otp: cle(t), lar: cle(t)}
	debut, fin := instant.AddDate(-1, 0, 0), instant.AddDate(1, 0, 0)
	c, err := NouvellesCles([]Cle{
		{amc(t, uneAMC), "amc-1", PourAccreditation, &e.amc.PublicKey, debut, fin},
		{amc(t, unOTP), "otp-1", PourAccreditation, &e.otp.PublicKey, debut, time.Time{}},
		{amc(t, uneAMC), "lar-1", PourLAR, &e.lar.PublicKey, debut, fin},
	}, []Mandat{{amc(t, unOTP), amc(t, uneAMC), debut, fin, false, true}})
	if err != nil {
		t.Fatal(err)
	}
	e.cles = c
	return e
}

func modele(t testing.TB, n NumeroAccreditation, p Personne) Accreditation {
	t.Helper()
	return Accreditation{Numero: n, AMC: amc(t, uneAMC), DroitsDebut: jour(t, "2026-11-01"), DroitsFin: jour(t, "2026-11-30"), Emission: instant,
		Perimetre: Perimetre{Categorie: "PHAR", Convention: "VISIO", Familles: []string{"PHN", "PMR"}}, Beneficiaire: p.Empreinte(n),
		Garanties: EmpreinteGaranties([]byte(`{"garanties":[]}`))}
}

// alterner times two functions in turn, n calls at once, and gives the nanoseconds
// of a call of each in its best turn: a busy machine slows both, at other moments.
func alterner(b *testing.B, n int, f, g func()) (float64, float64) {
	b.Helper()
	mieux := [2]time.Duration{time.Hour, time.Hour}
	for b.Loop() {
		for i, h := range []func(){f, g} {
			debut := time.Now()
			for range n {
				h()
			}
			mieux[i] = min(mieux[i], time.Since(debut))
		}
	}
	return float64(mieux[0].Nanoseconds()) / float64(n), float64(mieux[1].Nanoseconds()) / float64(n)
}
