package gate_test

import (
	"context"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Several insurers behind one gate: the rule that answers is that of the insurer
// that the envelope names, never a neighbour's. ref: DEC 2
func TestChacunSaRegle(t *testing.T) {
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		t.Run(string(face), func(t *testing.T) {
			l := gatetest.New(t)
			es := l.Partie(t, structureES, "CH DE TEST")
			structures := map[string]string{"99000001": "2999123458", "99000101": "2999100803", "99000202": "2999100209"}
			var portes []*gate.Porte
			for amc, structure := range structures {
				portes = append(portes, porteQuiDitQui(amc, l.Partie(t, structure, "MUTUELLE "+amc)))
			}
			// One more, that offers nothing.
			portes = append(portes, gate.NewPorte("amc:99000303", roc.Partie{Type: roc.AMC, ID: "99000303"}, roc.Test, portes[0].Cachet()))
			s := l.Servir(t, nil, gate.Limites{}, portes...)
			s.Cercle.Admettre(structureES, hopital)
			client, _ := l.Client(t, es, hopital, face)
			client.Resolveur = &roc.Resolveur{Horloge: l.Horloge, Demander: func(_ context.Context, d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
				structure := structures[d.NumeroAMC.String()]
				if structure == "" {
					structure = structures[portes[0].Moi.ID]
				}
				r := &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: d.NumeroAMC, Structure: structure}
				for _, x := range []roc.Service{roc.ETAT, roc.DEL} {
					r.Points = append(r.Points, roc.Point{Service: x, Adresse: s.Adresse, OuvertureDebut: 1, CertificatEmpreinte: []string{s.Epingle}})
				}
				return r, nil
			}}
			for range 6 {
				for amc, structure := range structures {
					chacun(t, client, amc, structure)
				}
			}
			if _, err := client.Etat(context.Background(), dossier, vers(t, "99000303"), &roc.DemandeEtat{}); code(err) != roc.Illisible {
				t.Errorf("AMC sans ce service : %v, veut %s", err, roc.Illisible)
			}
		})
	}
}

func chacun(t *testing.T, client *roc.Client, amc, structure string) {
	t.Helper()
	e, err := client.Etat(context.Background(), dossier, vers(t, amc), &roc.DemandeEtat{})
	if err != nil {
		t.Fatal(err)
	}
	if e.Corps.Precision != amc || e.Repondant != structure {
		t.Fatalf("état demandé à %s : règle de %s, sceau de %s", amc, e.Corps.Precision, e.Repondant)
	}
	d, err := client.DEL(context.Background(), dossier, vers(t, amc), demandeDEL())
	if err != nil {
		t.Fatal(err)
	}
	if d.Corps.Precision != amc || d.Repondant != structure {
		t.Fatalf("annulation demandée à %s : règle de %s, sceau de %s", amc, d.Corps.Precision, d.Repondant)
	}
}

func vers(t *testing.T, amc string) roc.Routage {
	t.Helper()
	r := routage()
	var err error
	if r.NumeroAMC, err = sante.ParseNumeroAMC(amc); err != nil {
		t.Fatal(err)
	}
	return r
}

// porteQuiDitQui makes an insurer whose rules tell which insurer ran them.
func porteQuiDitQui(amc string, p *gatetest.Partie) *gate.Porte {
	etat := func(context.Context, sceau.Opened[roc.Message[roc.DemandeEtat]]) (*roc.ReponseEtat, error) {
		return &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, amc)}, nil
	}
	del := func(context.Context, sceau.Opened[roc.Message[roc.DemandeDEL]]) (*roc.ReponseDEL, error) {
		return &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, amc), EtatEngagement: roc.EtatAnnule}, nil
	}
	return gate.NewPorte("amc:"+amc, roc.Partie{Type: roc.AMC, ID: amc}, roc.Test, p.Cachet,
		gate.Offrir(roc.EchangeDEL, del, gate.Options[roc.DemandeDEL, roc.ReponseDEL]{Engage: true}),
		gate.Offrir(roc.EchangeEtat, etat, gate.Options[roc.DemandeEtat, roc.ReponseEtat]{}))
}
