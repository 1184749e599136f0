package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/annuairetest"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

// noeud is a node with its own images, over the base that all share.
type noeud struct {
	s     *Store
	depot *image.Depot
}

// Fiche implements annuaire.Fiches over the image.
func (n *noeud) Fiche(_ context.Context, nature annuaire.Nature, id string) (*annuaire.Changement, error) {
	v := n.depot.Vue()
	defer v.Rendre()
	r, ok := v.ParID(nature, id)
	if !ok {
		return nil, annuaire.ErrInconnu
	}
	k := v.Lire(r)
	c := k.Cloner()
	return &c, nil
}

func ouvrirNoeud(t *testing.T, b *bdd.Base, fiches []annuaire.Changement) *noeud {
	t.Helper()
	d, err := image.Ouvrir(t.TempDir(), image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Fermer)
	nom := d.Nouvelle()
	c, err := image.Construire(nom)
	if err != nil {
		t.Fatal(err)
	}
	for i := range fiches {
		if err := c.Ajouter(&fiches[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(c.Finir(context.Background()), d.Installer(nom)); err != nil {
		t.Fatal(err)
	}
	return &noeud{New(b, "T", Codec{Version: 1, Encoder: image.Encoder, Decoder: image.Decoder}), d}
}

// suivre lays over the image of a node what comes, until the end of the test.
func (n *noeud) suivre(t *testing.T) {
	ctx, fin := context.WithCancel(context.Background())
	arret := make(chan struct{})
	go func() {
		defer close(arret)
		n.s.Suivre(ctx, n.depot.Marque(), 100*time.Millisecond, n.depot.Rattraper, func(err error) { t.Error(err) })
	}()
	t.Cleanup(func() { fin(); <-arret })
}

// An owner writes through one node: within a second every node serves his change, and
// the next owner, through another node, writes over it and not over what was before.
func TestDeuxNoeuds(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		donnees, err := annuaire.Charger(nil)
		if err != nil {
			t.Fatal(err)
		}
		p, h := annuairetest.Praticien(1), annuairetest.Structure(1)
		fiches := []annuaire.Changement{{Praticien: p}, {Structure: h}, {Situation: annuairetest.Situation(p, h)}}
		var numero int
		var noeuds []*noeud
		for range 2 {
			n := ouvrirNoeud(t, b, fiches)
			n.suivre(t)
			noeuds = append(noeuds, n)
		}
		soi := &annuaire.Acteur{ID: "ps", Famille: "professionnel", Praticiens: []string{p.ID}}
		vision, err := donnees.Regards.Vision(soi)
		if err != nil {
			t.Fatal(err)
		}
		for i, rubrique := range []string{"contact.telephone", "contact.courriel", "contact.voie"} {
			n := noeuds[i%2]
			s := &annuaire.Demandes{Donnees: donnees, Fiches: n, Registre: n.s, Horloge: func() time.Time { return annuairetest.Instant },
				Numeroter: func() (string, error) { numero++; return fmt.Sprint("D", numero), nil }}
			debut := time.Now()
			d, _, err := s.Deposer(ctx, soi, vision, annuaire.Demande{Nature: annuaire.Praticiens, ID: p.ID,
				Modifications: []annuaire.Modification{{Rubrique: rubrique, Nouveau: fmt.Sprint("valeur ", i)}}})
			if err != nil || d.Version != uint32(i)+2 {
				t.Fatalf("%+v, %v", d, err)
			}
			if i < 2 { // the next owner does not wait for the images
				continue
			}
			for _, n := range noeuds {
				for {
					c, err := n.Fiche(ctx, annuaire.Praticiens, p.ID)
					if err != nil {
						t.Fatal(err)
					}
					if k := c.Praticien.Contact; c.Praticien.Version == 4 && k.Telephone == "valeur 0" && k.Courriel == "valeur 1" && k.LibelleVoie == "valeur 2" {
						break
					}
					if time.Since(debut) > 10*time.Second {
						t.Fatalf("%+v", c.Praticien)
					}
					time.Sleep(5 * time.Millisecond)
				}
			}
			t.Logf("servi par tous les nœuds en %s", time.Since(debut).Round(time.Millisecond))
		}
		if l, err := noeuds[0].s.Versions(ctx, annuaire.Praticiens, p.ID, 4, 10); err != nil || len(l) != 3 || l[0].Praticien.Contact.LibelleVoie != "" || l[2].Praticien.Contact.Telephone != "" {
			t.Errorf("%d versions, %v", len(l), err)
		}
	}, Migrations)
}
