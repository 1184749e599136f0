package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// noeud is one of several servers of an issuer, on one database.
type noeud struct {
	*accreditation.Annonceur
	*accreditation.Editeur
}

// publier publishes what there is to, of both sorts.
func (n *noeud) publier(ctx context.Context) error {
	_, err := n.Editeur.Publier(ctx, true)
	return errors.Join(err, n.Annonceur.Publier(ctx))
}

// Two nodes publish at once, at each turn: whoever reads now one, now the other, never
// sees two lists under one number; each revocation is told, and the changes lead where the
// whole list does; a node behind gives the last edition at its next turn.
func TestDeuxNoeuds(t *testing.T) {
	const tours, parTour = 40, 3
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		amc := lu(t, sante.ParseNumeroAMC, "99000001")
		id := sceautest.New(t, "2999100803", b.instant)
		etat := visiodroits.Operationnel
		var noeuds []*noeud
		for i := range 2 { // the clocks of two machines are not one
			horloge := func() time.Time { return b.instant.Add(time.Duration(i) * 700 * time.Millisecond) }
			noeuds = append(noeuds, &noeud{
				&accreditation.Annonceur{Emetteur: "99000001", Editions: b.p, Kiosque: &visiodroits.Kiosque{}, Cachet: func() *sceau.Cachet { return id.Cachet },
					Services: func() []visiodroits.EntreeService { return nil }, Horloge: horloge,
					Etats: func(time.Time) []visiodroits.EtatService {
						return []visiodroits.EtatService{{NumeroAMC: amc, Service: visiodroits.DLD, Etat: etat}}
					}},
				&accreditation.Editeur{Emetteur: amc, Listes: b.p, Horloge: horloge,
					Cle: func() accreditation.Cle { return accreditation.Cle{Kid: "k1", Cle: b.cle} }, Cles: func() *droits.Cles { return b.cles }},
			})
		}
		lecteur, err := visiodroits.NouveauClasseur(id.Juge, visiodroits.Attendu{Genre: visiodroits.GenreEtat, Emetteur: "99000001", Structures: []string{"2999100803"}})
		if err != nil {
			t.Fatal(err)
		}
		x := &suiveur{b: b, vues: map[int64]string{}}
		for tour := range tours {
			b.instant = b.instant.Add(3 * time.Minute)
			etat = []visiodroits.Operation{visiodroits.Operationnel, visiodroits.Ralenti}[tour%2]
			var numeros []droits.NumeroAccreditation
			for range parTour {
				numeros = append(numeros, b.verifier(b.reussir(b.demandeDe(tour*parTour+len(numeros)), visiodroits.Fournis, droits.Ouvert)).Numero)
			}
			var ensemble sync.WaitGroup
			ensemble.Go(func() {
				for _, n := range numeros {
					if _, err := accreditation.Revoquer(ctx, b.r, n, accreditation.Revocation{Effet: b.jour(), Motif: droits.Erreur}); err != nil {
						t.Error(err)
					}
				}
			})
			for _, n := range noeuds {
				ensemble.Go(func() {
					for range parTour {
						if err := n.publier(ctx); err != nil {
							t.Error(err)
						}
						x.voir()
					}
				})
			}
			ensemble.Wait()
			for _, n := range noeuds { // who was behind is no longer
				if err := n.publier(ctx); err != nil {
					t.Fatal(err)
				}
				deposer(t, lecteur, n, b.instant.Add(time.Second))
			}
			x.suivre()
			if x.tenue.Nombre() != parTour*(tour+1) {
				t.Fatalf("tour %d : %d révoquées à la liste", tour, x.tenue.Nombre())
			}
		}
		if e := lecteur.Etats(b.instant.Add(time.Second))[0]; e.Numero < tours || e.Refus != nil {
			t.Errorf("%d éditions de l'état en %d tours ; %v", e.Numero, tours, e.Refus)
		}
	})
}

// deposer gives a reader the list of a node: the one that it holds, or a later one.
func deposer(t *testing.T, c *visiodroits.Classeur, n *noeud, a time.Time) {
	t.Helper()
	p, err := n.Kiosque.Courante(context.Background(), visiodroits.GenreEtat, "99000001", a)
	if err == nil {
		_, err = c.Deposer(p.Octets, a)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// suiveur follows the list of revocations by its changes.
type suiveur struct {
	b     *banc
	tenue *droits.LAR
	mu    sync.Mutex
	vues  map[int64]string // state of each number ever seen
}

// voir reads the last list, whole: a number says one thing for ever.
func (x *suiveur) voir() *droits.LAR {
	x.b.t.Helper()
	complete, n, err := x.b.p.Derniere(context.Background())
	if err != nil {
		x.b.t.Error(err)
		return nil
	}
	l, err := droits.LireLAR(bytes.NewReader(complete), x.options(), nil)
	if err != nil || l.Entete().Numero != n {
		x.b.t.Errorf("liste %d : %v", n, err)
		return nil
	}
	etat := fmt.Sprint(l.Entete().Etat)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.vues[n] != "" && x.vues[n] != etat {
		x.b.t.Errorf("deux listes sous le numéro %d", n)
	}
	x.vues[n] = etat
	return l
}

func (x *suiveur) options() droits.OptionsLAR {
	return droits.OptionsLAR{Cles: x.b.cles, Maintenant: x.b.instant.Add(time.Second)}
}

// suivre applies to the list held the changes since, and comes where the whole one is.
func (x *suiveur) suivre() {
	t := x.b.t
	t.Helper()
	entiere := x.voir()
	if entiere == nil {
		t.FailNow()
	}
	if x.tenue == nil {
		x.tenue = entiere
	}
	for n := x.tenue.Entete().Numero + 1; n <= entiere.Entete().Numero; n++ {
		delta, err := x.b.p.Octets(context.Background(), n, accreditation.Delta)
		if err != nil {
			t.Fatal(err)
		}
		if x.tenue, err = droits.LireLAR(bytes.NewReader(delta), x.options(), x.tenue); err != nil {
			t.Fatalf("changement %d : %v", n, err)
		}
	}
	if x.tenue.Entete().Etat != entiere.Entete().Etat {
		t.Fatalf("liste %d : les changements ne mènent pas à la liste entière", entiere.Entete().Numero)
	}
}
