package laboratoire

import (
	"context"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/sante"
)

// verifierComptes controls the books of the hospitals of a story that was played:
// each figure of the desk opens, and everything balances.
func verifierComptes(t *testing.T, s *Scene) {
	t.Helper()
	ctx := context.Background()
	paye := int64(0)
	for _, p := range s.parties {
		for _, e := range p.Etablissements {
			c, err := e.Service.Controler(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.Ecarts {
				t.Errorf("%s : %s", e.Nom, c.Ecarts[i].Phrase())
			}
			d, err := e.Service.CloreJournee(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			engage, postes := d.Equilibre(sante.NumeroAMC{})
			if engage != postes {
				t.Errorf("%s : %v engagés, %v dans les postes", e.Nom, engage, postes)
			}
			for _, x := range d.Chiffres(sante.NumeroAMC{}) {
				if x.Cle == "PAYE" {
					paye += x.Stock.Nombre
				}
			}
			tem := &temoin{hopitaux: map[string]*hopital{e.Tenant: {e.Tenant, e.Nom, p, e, nil}}}
			ouvrirChiffres(t, clotures{tem}, e.Tenant)
		}
	}
	if paye == 0 {
		t.Error("aucune facture payée dans les comptes de l'histoire")
	}
}

// ouvrirChiffres follows every figure of the desk to its invoices and their stories.
func ouvrirChiffres(t *testing.T, x clotures, cle string) {
	t.Helper()
	ctx := context.Background()
	j, err := x.Journee(ctx, cle, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range j.AMCs {
		for _, c := range a.Chiffres {
			l, _, err := x.Factures(ctx, cle, pupitre.QuestionCloture{Jour: j.Jour, AMC: a.Numero, Chiffre: c.Cle})
			if err != nil {
				t.Fatal(err)
			}
			var somme pupitre.Somme
			for _, f := range l {
				if !f.Part {
					somme.Nombre++
				}
				somme.Montant += f.Montant
				h, err := x.Facture(ctx, cle, f.Venue, f.Rang)
				// By convention nothing is asked of the insurer, and files are no messages.
				muette := len(h.Messages) == 0 && !strings.HasPrefix(f.Dossier, "D-CONV-")
				if err != nil || len(h.Moments) == 0 || muette {
					t.Errorf("%s %s : histoire vide, %v", c.Cle, f.Dossier, err)
				}
			}
			if somme != c.Stock {
				t.Errorf("%s, %s : %v derrière, %v au chiffre", a.Numero, c.Cle, somme, c.Stock)
			}
		}
	}
}
