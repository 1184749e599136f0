package annuaireamc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// certificatJusque is a certificate whose last instant is the noon of a day, as an entry has it.
func certificatJusque(t *testing.T, fin sante.Jour) string {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	midi, err := time.Parse(time.RFC3339, fin.String()+"T12:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: midi}, &x509.Certificate{}, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// A merger on a day, with what it opens, closes and leaves without an answer.
func TestCalendrier(t *testing.T) {
	reprise := mustNumero("99000002")
	fusion := []annuaireamc.Entree{
		entree("a", func(e *annuaireamc.Entree) { e.Fin = jour + 9 }),
		entree("a-apres", func(e *annuaireamc.Entree) { e.Debut, e.Remplacante, e.Points = jour+10, reprise, nil }),
		entree("b", func(e *annuaireamc.Entree) {
			e.NumeroAMC = reprise
			e.Points[1].Debut = jour + 10
			e.Mandat = &annuaireamc.Mandat{ID: "OTP1", Structure: "2999123466", Debut: jour + 10, Fin: jour + 40}
		}),
	}
	for _, c := range []struct {
		nom     string
		entrees []annuaireamc.Entree
		want    []string
	}{
		{"fusion", fusion, []string{"9 FERMETURE 99000001 a", "10 REMPLACEMENT 99000001 a-apres > 99000002", "10 MANDAT_OUVERT 99000002 b > OTP1", "10 OUVERTURE 99000002 b CLC"}},
		{"sans suite", fusion[:1], []string{"9 FERMETURE 99000001 a", "10 SANS_REPONDANT 99000001 a"}},
		{"le premier et le dernier jour", []annuaireamc.Entree{
			entree("a", func(e *annuaireamc.Entree) { e.Debut = jour; e.Fin = jour + 30 }), entree("suite", func(e *annuaireamc.Entree) { e.Debut = jour + 31 }),
		}, []string{"0 OUVERTURE 99000001 a", "30 FERMETURE 99000001 a"}},
		{"hors des jours", []annuaireamc.Entree{
			entree("a", func(e *annuaireamc.Entree) { e.Debut, e.Fin = jour-1, jour+31 }), entree("suite", func(e *annuaireamc.Entree) { e.Debut = jour + 32 }),
		}, nil},
		{"un service se ferme", []annuaireamc.Entree{entree("a", func(e *annuaireamc.Entree) { e.Points[0].Fin = jour + 3 })}, []string{"3 FERMETURE 99000001 a IDB"}},
		{"un certificat finit", []annuaireamc.Entree{entree("a", func(e *annuaireamc.Entree) { e.Points[0].Confidentiel = certificatJusque(t, jour+5) })}, []string{"5 CERTIFICAT 99000001 a IDB"}},
		{"un certificat illisible", []annuaireamc.Entree{entree("a", func(e *annuaireamc.Entree) { e.Points[0].Confidentiel = "QUJD" })}, nil},
	} {
		var got []string
		for _, e := range annuaireamc.Calendrier(c.entrees, jour, jour+30) {
			s := fmt.Sprint(int(e.Le-jour), " ", e.Genre, " ", e.NumeroAMC, " ", e.Entree)
			if e.Service != "" {
				s += " " + string(e.Service)
			}
			if e.Vers != "" {
				s += " > " + e.Vers
			}
			got = append(got, s)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s :\n%q\nwant\n%q", c.nom, got, c.want)
		}
	}
}

// What the calendar does not announce does not change: between two of its days, each
// question has the same answer.
func TestCalendrierDitTout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l []annuaireamc.Entree
		tirer := func(nom string) sante.Jour { return jour + sante.Jour(rapid.IntRange(-3, 33).Draw(t, nom)) }
		for i := range rapid.IntRange(1, 4).Draw(t, "entrées") {
			l = append(l, entree(string(rune('a'+i)), func(e *annuaireamc.Entree) {
				e.NumeroAMC = mustNumero(rapid.SampledFrom([]string{"99000001", "99000002"}).Draw(t, "amc"))
				if e.Debut = tirer("début"); rapid.Bool().Draw(t, "finit") {
					e.Fin = max(e.Debut, tirer("fin"))
				}
				if rapid.IntRange(0, 3).Draw(t, "remplacée") == 0 {
					e.Remplacante = mustNumero("99000003")
				}
				for k := range e.Points {
					if e.Points[k].Debut = tirer("point"); rapid.Bool().Draw(t, "point fini") {
						e.Points[k].Fin = max(e.Points[k].Debut, tirer("fin du point"))
					}
				}
			}))
		}
		change := map[sante.Jour]bool{} // days whose answers may not be those of the day before
		for _, e := range annuaireamc.Calendrier(l, jour, jour+30) {
			if e.Genre == annuaireamc.Fermeture {
				change[e.Le+1] = true
			} else {
				change[e.Le] = true
			}
		}
		tableau := annuaireamc.NewTableau(l)
		reponse := func(numero string, j sante.Jour) string {
			r := tableau.Resoudre(&roc.DemandeAnnuaire{NumeroAMC: mustNumero(numero), DateReference: j, Domaine: roc.HospitalACE})
			s := fmt.Sprint(r.CodeRetour, r.LibelleAMC, r.NumeroAMCCible)
			for _, p := range r.Points {
				s += string(p.Service)
			}
			return s
		}
		for j := jour + 1; j <= jour+30; j++ {
			for _, n := range []string{"99000001", "99000002"} {
				if a, b := reponse(n, j-1), reponse(n, j); a != b && !change[j] {
					t.Fatalf("%s, %s : %s devient %s sans être annoncé", n, j, a, b)
				}
			}
		}
	})
}
