package front

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/fhir"
)

// deposer takes an export to be made.
func (x *Exporteur) deposer(t *tache) error {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	t.ID, t.Etat, t.CreeLe = hex.EncodeToString(b[:]), enAttente, x.horloge().UTC()
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.faireplace(t); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(x.repertoire, t.ID), 0o700); err != nil {
		return fmt.Errorf("déposer un export: %w", err)
	}
	if err := x.noter(t); err != nil {
		return err
	}
	x.taches[t.ID] = t
	x.eveiller()
	return nil
}

// faireplace drives out the oldest export of a reader who has several, when it has been
// there for long enough; else it refuses. It is called with mu.
func (x *Exporteur) faireplace(t *tache) error {
	attendent, siens := 0, 0
	var ancien *tache
	for _, autre := range x.taches {
		if autre.Etat == enAttente || autre.Etat == enCours {
			attendent++
		}
		if autre.Lecteur.ID != t.Lecteur.ID || autre.Lecteur.Famille != t.Lecteur.Famille {
			continue
		}
		siens++
		finie := autre.Etat == faite || autre.Etat == echouee
		if finie && x.horloge().Sub(autre.FinieLe) >= tachesJeunes && (ancien == nil || autre.FinieLe.Before(ancien.FinieLe)) {
			ancien = autre
		}
	}
	switch {
	case attendent >= tachesMax:
		return refus(fhir.CodeThrottled, "", "trop d'exports attendent déjà : réessayer dans quelques minutes")
	case siens < parLecteur:
		return nil
	case ancien == nil:
		return refus(fhir.CodeThrottled, "", "vous avez déjà plusieurs exports : les lire, en abandonner un (DELETE), ou attendre une heure")
	}
	delete(x.taches, ancien.ID)
	if err := os.RemoveAll(filepath.Join(x.repertoire, ancien.ID)); err != nil {
		return fmt.Errorf("oublier un export: %w", err)
	}
	return nil
}

// pareille gives an export of the same reader that says the same and is not older than
// the directory, to be followed instead of made again.
func (x *Exporteur) pareille(t *tache, vueDu time.Time) *tache {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, autre := range x.taches {
		if (autre.Etat == enAttente || autre.Etat != echouee && autre.VueDu.Equal(vueDu)) && reflect.DeepEqual(autre.Lecteur, t.Lecteur) &&
			autre.Demande == t.Demande && slices.Equal(autre.Types, t.Types) && autre.Depuis == t.Depuis && slices.Equal(autre.Elements, t.Elements) &&
			slices.Equal(autre.Filtres, t.Filtres) && autre.ROR == t.ROR && slices.Equal(autre.Regions, t.Regions) {
			return autre
		}
	}
	return nil
}

func (x *Exporteur) eveiller() {
	select {
	case x.reveil <- struct{}{}:
	default:
	}
}

// abandonner stops an export and removes its files.
func (x *Exporteur) abandonner(id string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	t := x.taches[id]
	if t == nil {
		return nil
	}
	if t.arreter != nil {
		t.arreter()
	}
	delete(x.taches, id)
	if err := os.RemoveAll(filepath.Join(x.repertoire, id)); err != nil {
		return fmt.Errorf("abandonner un export: %w", err)
	}
	return nil
}

// suivante gives the next export to make, the oldest one, and forgets those whose time
// is past.
func (x *Exporteur) suivante(ctx context.Context) (*tache, context.Context, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	limite := x.horloge().Add(-tachesGarde)
	var l []*tache
	for id, t := range x.taches {
		switch {
		case t.Etat == enAttente:
			l = append(l, t)
		case t.Etat != enCours && t.FinieLe.Before(limite):
			delete(x.taches, id)
			if err := os.RemoveAll(filepath.Join(x.repertoire, id)); err != nil {
				return nil, nil, fmt.Errorf("oublier un export: %w", err)
			}
		}
	}
	if len(l) == 0 {
		return nil, nil, nil
	}
	t := slices.MinFunc(l, func(a, b *tache) int { return a.CreeLe.Compare(b.CreeLe) })
	t.Etat, t.Sorties, t.Ecartees = enCours, nil, nil
	c, arreter := context.WithCancel(ctx)
	t.arreter = arreter
	return t, c, x.noter(t)
}

// finir notes how an export ended; one that was stopped with the process waits for the
// next start.
func (x *Exporteur) finir(ctx context.Context, t *tache, err error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	t.arreter()
	if x.taches[t.ID] != t {
		return nil // abandoned
	}
	t.arreter, t.FinieLe = nil, x.horloge().UTC()
	switch {
	case err == nil:
		t.Etat = faite
	case ctx.Err() != nil:
		t.Etat = enAttente
	default:
		t.Etat = echouee
	}
	return x.noter(t)
}
