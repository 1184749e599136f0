package amctest

import (
	"context"
	"testing"

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
			code, contrat, err := b.Service.DroitsDeFacture(context.Background(), d)
			if err != nil || code != c.code {
				t.Fatalf("%s, %v, want %s", code, err, c.code)
			}
			if (code == roc.Accepte) != (len(contrat.Garanties) > 0) {
				t.Errorf("contrat %+v", contrat)
			}
		})
	}
}
