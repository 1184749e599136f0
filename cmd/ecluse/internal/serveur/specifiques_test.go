package serveur_test

import (
	"maps"
	"testing"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/amc"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// What an insurer counts by a statement is what is found one person at a
// time in its portfolio.
func TestEffectifsDesGrilles(t *testing.T) {
	t.Parallel()
	prestations := []string{"VER", "MON"}
	p, err := serveur.OuvrirPourCommande(t.Context(), unLaboratoire(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Fermer()
	jour := sante.JourA(p.Horloge(), sante.Paris())
	m, err := monde.New(jour)
	if err != nil {
		t.Fatal(err)
	}
	for _, cle := range []string{monde.CleMoulin, monde.CleMarees} {
		a := m.Assureur(cle)
		st := amcstore.New(p.Base, serveur.TenantAMC(a.Numero.String()))
		tous, err := st.Portefeuille.Beneficiaires(t.Context(), "", 10_000)
		if err != nil || len(tous) == 0 {
			t.Fatal(len(tous), err)
		}
		want := map[tarif.IDGrille]int{}
		for _, b := range tous {
			for _, x := range b.Adhesions {
				suspendue := !x.SuspenduDebut.IsZero() && x.SuspenduDebut <= jour && (x.SuspenduFin.IsZero() || x.SuspenduFin >= jour)
				if k := a.Contrat(x.Contrat); x.Debut <= jour && (x.Fin.IsZero() || x.Fin >= jour) && !suspendue {
					for _, g := range serveur.GrillesDuContrat(prestations, &amc.Contrat{Garanties: k.Garanties}) {
						want[g]++
					}
				}
			}
		}
		vus, err := serveur.EffectifsDe(t.Context(), st, prestations, jour)
		maps.DeleteFunc(vus, func(_ tarif.IDGrille, n int) bool { return n == 0 })
		if err != nil || len(want) == 0 || !maps.Equal(vus, want) {
			t.Errorf("%s : comptés %v, un par un %v, %v", cle, vus, want, err)
		}
	}
}
