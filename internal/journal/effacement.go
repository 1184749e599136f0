package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// bailReconstruction is how long a reconstruction that died blocks the others.
const bailReconstruction = time.Second

// ErrBail: another process holds the sequencer's lease.
var ErrBail = errors.New("journal: un autre processus tient le séquenceur, réessayer dans quelques secondes")

// Effacement says what Effacer destroyed: Lignes rows of a month and a class.
type Effacement struct {
	Mois   string
	Classe Classe
	Lignes int64
}

// Effacer destroys, for each month whose last day is past its term, the key,
// the salts, the records and the contents. The leaves' hashes stay: proofs of
// other leaves still verify. It may be interrupted and run again.
func (j *Journal) Effacer(ctx context.Context, p Politique) ([]Effacement, error) {
	if j.o.Signataire == nil {
		return nil, ErrLectureSeule
	}
	cles, err := j.o.Magasin.ListerCles(ctx, j.o.Tenant)
	if err != nil {
		return nil, fmt.Errorf("journal: effacer: %w", err)
	}
	var faits []Effacement
	for _, k := range cles {
		mois, err := time.Parse(formatMois, k.Mois)
		if err != nil {
			return faits, fmt.Errorf("journal: effacer: mois %q: %w", k.Mois, err)
		}
		if !p.echu(k.Classe, mois, j.o.Horloge()) {
			continue
		}
		n, err := j.effacerMois(ctx, k, mois)
		if err != nil {
			return faits, fmt.Errorf("journal: effacer %s/%s: %w", k.Mois, k.Classe, err)
		}
		faits = append(faits, Effacement{k.Mois, k.Classe, n})
	}
	if len(faits) == 0 {
		return nil, nil
	}
	return faits, j.o.Magasin.PurgerCles(ctx)
}

// effacerMois empties the rows first: as long as the key is listed, the work is
// known not to be finished.
func (j *Journal) effacerMois(ctx context.Context, k CleEnveloppee, mois time.Time) (int64, error) {
	n, err := j.o.Magasin.Vider(ctx, k.Tenant, k.Classe, mois, mois.AddDate(0, 1, 0))
	if err != nil {
		return n, err
	}
	j.o.Trousseau.oublier(cleContenu{k.Tenant, k.Mois, k.Classe})
	return n, j.o.Magasin.OterCle(ctx, k.Tenant, k.Mois, k.Classe)
}
