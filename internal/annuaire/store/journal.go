package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
)

// Journal is what the loader remembers from one run to the next, kept here.
type Journal struct{ Store *Store }

var _ charger.Journal = Journal{}

// etatsPassage are the states of a run by the stages of the loader.
var etatsPassage = map[charger.NomEtape]annuaire.EtatPassage{
	charger.Lue: annuaire.PassageLu, charger.Comparee: annuaire.PassageCompare,
	charger.Refusee: annuaire.PassageRefuse, charger.Appliquee: annuaire.PassageApplique,
}

// Noter implements charger.Journal. What comes after the application of a run is the
// same run again, which changes nothing: it is not noted.
func (j Journal) Noter(ctx context.Context, e charger.Etape) error {
	p := annuaire.Passage{Course: e.Course, Etat: etatsPassage[e.Nom], Commence: e.Instant, Maj: e.Instant, Refus: e.Refus}
	if r := e.Rapport; r != nil {
		b, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("écrire un rapport de chargement: %w", err)
		}
		p.Rapport, p.Commence, p.Constats, p.Flux = b, r.Debut, r.Constats, map[string]int64{}
		for _, f := range r.Flux {
			if f.Portee == charger.Entier { // a difference says nothing of how long the next one is
				p.Flux[f.Cle] += f.Lignes
			}
		}
	}
	deja, err := j.Store.Passage(ctx, e.Course)
	if err != nil {
		return err
	}
	if deja != nil && deja.Etat == annuaire.PassageApplique && p.Etat != annuaire.PassageApplique {
		return nil
	}
	return j.Store.Noter(ctx, &p)
}

// DernieresLignes implements charger.Journal.
func (j Journal) DernieresLignes(ctx context.Context) (map[string]int64, error) {
	return j.Store.DernieresLignes(ctx)
}
