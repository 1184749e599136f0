package tierstest_test

import (
	"context"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	tiersstore "github.com/ecluse-sante/ecluse/internal/tiers/store"
	"github.com/ecluse-sante/ecluse/internal/tiers/tierstest"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// BenchmarkTarifer prices a delivery of two lines at the third party, in SQLite: a file
// that exists, and one that does not.
func BenchmarkTarifer(b *testing.B) {
	p := tierstest.NouvellePartie(b, tiersstore.New(bddtest.Ouvrir(b, tiersstore.Migrations), "tiers"), new(tierstest.Moitie))
	connu := p.Dossier(b, "2999000011", nil)
	inconnu, err := vd.TirerNumeroDossier(nil)
	if err != nil {
		b.Fatal(err)
	}
	for nom, n := range map[string]vd.NumeroDossier{"connu": connu, "inconnu": inconnu} {
		for _, s := range []vd.Sens{vd.Devis, vd.Engagement} {
			b.Run(string(s)+"/"+nom, func(b *testing.B) {
				q, err := vd.Poste{Tiers: p.Courante}.Preparer(n, tierstest.Jour, s, []vd.Ligne{
					tierstest.Ligne(b, 1, calcul.FamilleDMI, "9900022", 20000), tierstest.Ligne(b, 2, calcul.FamilleMED, "9900055", 1501)})
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if _, err := p.Service.Tarifer(context.Background(), p.Carte("2999000011"), q.Demande); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
