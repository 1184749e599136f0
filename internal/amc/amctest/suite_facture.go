package amctest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// suiteFacture is the rights of invoices that no guarantee covers. ref: DEC 28
func suiteFacture(t *testing.T, b *Banc) {
	le := sante.JourA(Instant, sante.Paris())
	for _, c := range []struct {
		nom, situation string
		changer        func(*roc.DemandeCalcul)
		code           roc.Code
	}{
		{"couvert", "essentiel", func(*roc.DemandeCalcul) {}, roc.Accepte},
		{"inconnu", "essentiel", func(d *roc.DemandeCalcul) {
			d.Beneficiaire.NumeroAdherent, d.Beneficiaire.NIRBeneficiaire = lire("INCONNU", sante.ParseNumeroAdherent), sante.NIR{}
		}, roc.BeneficiaireInconnu},
		{"radié la veille", "radie", func(*roc.DemandeCalcul) {}, roc.DroitsFermes},
		{"radié pendant la période", "bientot-radie", func(d *roc.DemandeCalcul) { d.PeriodeFin = Jour("2026-05-11") }, roc.DroitsFermes},
		{"couvert jusqu'au dernier jour", "bientot-radie", func(d *roc.DemandeCalcul) { d.PeriodeFin = Jour("2026-05-10") }, roc.Accepte},
		{"période commencée avant l'adhésion", "essentiel", func(d *roc.DemandeCalcul) { d.PeriodeDebut = Jour("2001-01-01") }, roc.DroitsFuturs},
		{"ligne d'avant l'adhésion", "essentiel", func(d *roc.DemandeCalcul) { d.Lignes[0].DateDebut = Jour("2001-01-01") }, roc.DroitsFuturs},
		{"ligne d'après la radiation", "bientot-radie", func(d *roc.DemandeCalcul) { d.Lignes[0].DateFin = Jour("2026-05-11") }, roc.DroitsFermes},
		{"ligne du dernier jour", "bientot-radie", func(d *roc.DemandeCalcul) { d.Lignes[0].DateFin = Jour("2026-05-10") }, roc.Accepte},
		{"suspendu", "suspendu", func(*roc.DemandeCalcul) {}, roc.DroitsSuspendus},
		{"tiers payant refusé ici", "sans-tp", func(*roc.DemandeCalcul) {}, roc.TiersPayantRefuse},
		{"une autre AMC d'abord", "second-rang", func(*roc.DemandeCalcul) {}, roc.AutreAMCDAbord},
	} {
		t.Run(c.nom, func(t *testing.T) {
			d := Consultation(Situation(c.situation))
			d.DateReference, d.PeriodeDebut, d.PeriodeFin = le, le, le
			c.changer(d)
			code, contrat, err := b.Service.DroitsDeFacture(context.Background(), "1990000127", d)
			if err != nil || code != c.code {
				t.Fatalf("%s, %v, want %s", code, err, c.code)
			}
			if (code == roc.Accepte) != (len(contrat.Garanties) > 0) {
				t.Errorf("contrat %+v", contrat)
			}
		})
	}
	t.Run("comptée comme une question", func(t *testing.T) { tentativesDeFacture(t, b) })
}

// tentativesComptees are the attempts of sealers, as they ended.
type tentativesComptees struct {
	codes  map[string][]roc.Code
	refuse bool
}

// Tenter implements amc.Tentatives.
func (x *tentativesComptees) Tenter(_ context.Context, q amc.Essai) (func(roc.Code), error) {
	if x.refuse {
		return nil, roc.Refuser(roc.Quota, "trop d'essais")
	}
	if q.Pour != amc.PourFacture {
		return nil, errors.New("compté comme une question")
	}
	return func(c roc.Code) { x.codes[q.Scelleur] = append(x.codes[q.Scelleur], c) }, nil
}

// tentativesDeFacture is the guessing rules on invoices without guarantee: each person
// looked for counts for who sealed the invoice, found or not; one that was tried too
// often is not looked for, even where he is.
func tentativesDeFacture(t *testing.T, b *Banc) {
	le := sante.JourA(Instant, sante.Paris())
	x := &tentativesComptees{codes: map[string][]roc.Code{}}
	avant := b.Service.Tentatives
	b.Service.Tentatives = x
	defer func() { b.Service.Tentatives = avant }()
	connu, inconnu := Consultation(Situation("essentiel")), Consultation(Situation("essentiel"))
	inconnu.Beneficiaire.NumeroAdherent, inconnu.Beneficiaire.NIRBeneficiaire = lire("INCONNU", sante.ParseNumeroAdherent), sante.NIR{}
	demander := func(scelleur string, d *roc.DemandeCalcul, want roc.Code) {
		t.Helper()
		d.DateReference, d.PeriodeDebut, d.PeriodeFin = le, le, le
		if code, contrat, err := b.Service.DroitsDeFacture(context.Background(), scelleur, d); err != nil || code != want || code != roc.Accepte && len(contrat.Garanties) > 0 {
			t.Errorf("%s, %v, want %s", code, err, want)
		}
	}
	demander("1990000127", inconnu, roc.BeneficiaireInconnu)
	demander("1990000127", connu, roc.Accepte)
	demander("1990000135", inconnu, roc.BeneficiaireInconnu)
	if l := x.codes["1990000127"]; !slices.Equal(l, []roc.Code{roc.BeneficiaireInconnu, roc.Accepte}) || len(x.codes["1990000135"]) != 1 {
		t.Errorf("tentatives comptées : %v", x.codes)
	}
	x.refuse = true
	demander("1990000127", connu, roc.Quota)
}
