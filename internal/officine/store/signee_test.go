package store

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// operateur signs for the insurer of the bench, under its mandate, and revokes nothing.
type operateur struct {
	b      *banc
	numero sante.NumeroAMC
	cle    *ecdsa.PrivateKey
	cles   *droits.Cles
}

func (o *operateur) Opposable(sante.Jour) bool { return false }

func (o *operateur) Verifier(_ context.Context, s *officine.Signee) (droits.Accreditee, officine.Revocation, error) {
	a, err := droits.VerifierAccreditation(s.Jeton, o.cles, o.b.instant)
	if err != nil {
		return a, nil, errors.Join(officine.ErrInconnue, err)
	}
	return a, o, nil
}

// mandater gives the bench an operator whose key ends at an instant.
func (b *banc) mandater(fin time.Time) *operateur {
	b.t.Helper()
	o := &operateur{b: b, numero: lu(b.t, sante.ParseNumeroAMC, "88000001")}
	var err error
	if o.cle, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		b.t.Fatal(err)
	}
	debut := fin.AddDate(-2, 0, 0)
	if o.cles, err = droits.NouvellesCles([]droits.Cle{{Emetteur: o.numero, Kid: "k", Usage: droits.PourAccreditation, Publique: &o.cle.PublicKey, Debut: debut, Fin: fin}},
		[]droits.Mandat{{Operateur: o.numero, AMC: b.amc, Debut: debut, Normales: true, Depannages: true}}); err != nil {
		b.t.Fatal(err)
	}
	b.s.Emetteurs = o
	return o
}

// facture is an invoice on an accreditation that the operator signs at an instant, with
// rights until a day; the register does not know it.
func (o *operateur) facture(numero string, emission time.Time, fin sante.Jour) droits.FactureOfficine {
	o.b.t.Helper()
	f := o.b.facture(officine1, numero, 700)
	promise := *o.b.accreditation(&f)
	clear(o.b.r)
	n, err := droits.TirerNumeroAccreditation(o.numero, droits.Normale, nil)
	if err != nil {
		o.b.t.Fatal(err)
	}
	e := promise.Etendue
	e.Debut, e.Fin = sante.JourA(emission, sante.Paris())-100, fin
	s, err := droits.SignerAccreditation(droits.Accreditation{Numero: n, AMC: o.b.amc, DroitsDebut: e.Debut, DroitsFin: e.Fin, Emission: emission,
		Perimetre: droits.Perimetre{Categorie: string(droits.Pharmacie)}, Beneficiaire: f.Personne().Empreinte(n), Garanties: droits.EmpreinteGaranties(e.JSON())}, "k", o.cle)
	if err != nil {
		o.b.t.Fatal(err)
	}
	f.NumeroAccreditation, f.Jeton, f.Etendue = n.String(), s.Jeton(), &e
	return f
}

// An insurer without register does not believe for ever what its operator signed: a normal
// accreditation lives for so long, whatever days it bears; under a key that is over, one that
// no invoice ever quoted is soon believed no more, and none is once invoices would be late.
// One that was refused was not seen. ref: VISIO §6
func TestNormaleBornee(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		fin := b.instant
		o := b.mandater(fin)
		emission := fin.Add(-time.Minute)
		loin := lu(t, sante.ParseJour, "2031-12-31")
		vue, tardive, autre := o.facture("V1", emission, loin), o.facture("T1", emission, loin), o.facture("A1", emission, loin)
		autre.Patient.RangGemellaire = 2
		apres := func(jours int) { b.instant = fin.AddDate(0, 0, jours) }
		facturer := func(lot string, f droits.FactureOfficine, numero string, soins sante.Jour, want string) {
			t.Helper()
			f.Numero, f.DateSoins, f.DateFacture = droits.NumeroFacture(numero), soins, b.jour()
			if got := etats(b.envoyer(t, lot, f).Factures); got != numero+":"+want+" " {
				t.Errorf("%s, attendu %s", got, want)
			}
		}
		apres(10)
		facturer("L1", vue, "V1", b.jour(), "ACCEPTEE")
		facturer("L2", autre, "A1", b.jour(), "REFUSEE:F703")
		apres(180)
		facturer("L3", o.facture("X", emission, loin), "P1", b.jour(), "ACCEPTEE")
		apres(181)
		facturer("L4", vue, "V2", b.jour(), "ACCEPTEE")
		facturer("L5", tardive, "T1", b.jour(), "REFUSEE:F702")
		autre.Patient.RangGemellaire = 1
		facturer("L6", autre, "A2", b.jour(), "REFUSEE:F702")
		apres(401)
		facturer("L7", vue, "V3", b.jour(), "REFUSEE:F705")
		facturer("L8", vue, "V4", b.jour()-1, "ACCEPTEE")
		apres(730)
		facturer("L9", vue, "V5", b.jour()-340, "ACCEPTEE")
		apres(731)
		facturer("L10", vue, "V6", b.jour()-340, "REFUSEE:F702")
		if p := b.suivre(t, officine1, 0, droits.FactureRefusee).Suivi; p[len(p)-1].Precision != officine.ErrCleAncienne.Error() {
			t.Errorf("%+v", p[len(p)-1])
		}

		ctx, n := context.Background(), lu(t, droits.ParseNumeroAccreditation, vue.NumeroAccreditation)
		for _, jours := range []int{1460, 1461} { // it was seen on day 730
			apres(jours)
			if _, err := b.s.Purger(ctx, 730, 10); err != nil {
				t.Fatal(err)
			}
			if vue, err := b.st.Vue(ctx, n); err != nil || vue != (jours == 1460) {
				t.Errorf("%d jours après : %t, %v", jours, vue, err)
			}
		}
	})
}
