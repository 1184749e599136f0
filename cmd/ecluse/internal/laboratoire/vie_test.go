package laboratoire

import (
	"context"
	"slices"
	"testing"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
)

// verifierVies reads the life of every invoice paid, on both sides: each state once,
// in order, with who says it and the leaf that proves it.
func verifierVies(t *testing.T, s *Scene) {
	t.Helper()
	ctx, n := context.Background(), 0
	droite := []roc.EtatFacture{roc.FactureEnvoyee, roc.FactureRecue, roc.ControleOK, roc.FactureLiquidee, roc.FacturePayee, roc.FactureAcquittee}
	for _, p := range s.parties {
		for _, e := range p.Etablissements {
			l, err := e.Service.Lister(ctx, etablissement.Filtre{Etat: etablissement.Payee, Max: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range l {
				v, err := e.Service.Venue(ctx, x.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, cv := range v.Couvertures {
					if cv.Etat != etablissement.Payee {
						continue
					}
					n++
					moi := e.Maison.Etablissement.FinessJuridique.String()
					la, err := e.Service.Suivre(ctx, cv.Facture.Numero)
					if err != nil {
						t.Fatal(err)
					}
					if cv.Convention != nil { // by files, that nobody acknowledges
						verifierVie(t, "établissement", cv.Facture.Numero, la, []roc.EtatFacture{roc.FactureEnvoyee, roc.FacturePayee})
						continue
					}
					ici := verifierVie(t, "établissement", cv.Facture.Numero, la, droite)
					if ici[0].Auteur != moi || ici[len(ici)-1].Auteur != moi {
						t.Errorf("%s : auteurs %s et %s", cv.Facture.Numero, ici[0].Auteur, ici[len(ici)-1].Auteur)
					}
					for _, q := range s.parties {
						for _, a := range q.AMC {
							if a.Tenant != serveur.TenantAMC(cv.AMC.Numero.String()) {
								continue
							}
							l, _, err := q.VieDe(ctx, a.Tenant, moi, cv.Facture.Numero)
							if err != nil {
								t.Fatal(err)
							}
							// Paid in two parts, an invoice is liquidated until the last.
							verifierVie(t, "AMC", cv.Facture.Numero, slices.CompactFunc(l, func(a, b etablissement.Jalon) bool { return a.Etat == b.Etat }), droite)
						}
					}
				}
			}
		}
	}
	if n < 5 {
		t.Errorf("%d factures payées suivies", n)
	}
}

func verifierVie(t *testing.T, qui, numero string, l []etablissement.Jalon, want []roc.EtatFacture) []etablissement.Jalon {
	t.Helper()
	var etats []roc.EtatFacture
	for i, j := range l {
		etats = append(etats, j.Etat)
		if j.Feuille == "" && !j.IDMessage.IsZero() || j.Auteur == "" || i > 0 && j.Instant.Before(l[i-1].Instant) {
			t.Errorf("%s, %s, %s : feuille %q, %s", qui, numero, j.Etat, j.Feuille, j.Instant)
		}
	}
	if !slices.Equal(etats, want) {
		t.Errorf("%s, %s : %v, want %v", qui, numero, etats, want)
	}
	return l
}
