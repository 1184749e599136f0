package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Temoin is the small file, outside the database, that remembers the last
// checkpoint published for each tenant. It must not be restored with the
// database: its use is to notice that the database was.
type Temoin struct {
	chemin string

	porte    sync.Mutex
	points   map[string][]byte
	instants map[string]time.Time // of those noted since the opening
}

// OuvrirTemoin reads the file, or starts one.
func OuvrirTemoin(chemin string) (*Temoin, error) {
	t := &Temoin{chemin: chemin, points: make(map[string][]byte), instants: make(map[string]time.Time)}
	b, err := os.ReadFile(chemin)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return nil, fmt.Errorf("journal: lire le témoin: %w", err)
	}
	var textes map[string]string
	if err := json.Unmarshal(b, &textes); err != nil {
		return nil, fmt.Errorf("journal: témoin %s illisible: %w", chemin, err)
	}
	for tenant, texte := range textes {
		t.points[tenant] = []byte(texte)
	}
	return t, nil
}

// temoinMuet remembers nothing: what only reads publishes nothing.
func temoinMuet() *Temoin {
	return &Temoin{points: make(map[string][]byte), instants: make(map[string]time.Time)}
}

// Noter remembers checkpoints, durably, before they are shown.
func (t *Temoin) Noter(points map[string]preuve.PointControle) error {
	t.porte.Lock()
	defer t.porte.Unlock()
	nouveau := false
	for tenant, p := range points {
		// A slow reader must not put back an older checkpoint.
		if string(t.points[tenant]) != string(p.Brut) && !p.Instant.Before(t.instants[tenant]) {
			t.points[tenant], t.instants[tenant] = p.Brut, p.Instant
			nouveau = true
		}
	}
	if !nouveau || t.chemin == "" {
		return nil
	}
	textes := make(map[string]string, len(t.points))
	for tenant, p := range t.points {
		textes[tenant] = string(p)
	}
	b, err := json.Marshal(textes)
	if err != nil {
		return fmt.Errorf("journal: noter le témoin: %w", err)
	}
	if err := remplacer(t.chemin, b); err != nil {
		return fmt.Errorf("journal: noter le témoin: %w", err)
	}
	return nil
}

func (t *Temoin) lire(tenant string) []byte {
	t.porte.Lock()
	defer t.porte.Unlock()
	return t.points[tenant]
}

// remplacer writes a file whole or not at all.
func remplacer(chemin string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(chemin), ".temoin-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already once renamed
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), chemin)
}

// accorder makes the log to write in: the first one, the current one, or a new
// one when the database is behind the Temoin. ref: DEC 17
func (j *Journal) accorder(ctx context.Context) error {
	var publie *preuve.PointControle
	if b := j.o.Temoin.lire(j.o.Tenant); b != nil {
		p, err := preuve.OuvrirPointControle(b, j.o.Cle)
		if err != nil {
			return fmt.Errorf("journal: témoin: %w", err)
		}
		publie = &p
	}
	t, p, err := j.tete(ctx)
	switch {
	case errors.Is(err, ErrAbsent) && publie == nil:
		return j.ouvrirJournal(ctx, 1, nil)
	case errors.Is(err, ErrAbsent):
		return j.ouvrirJournal(ctx, j.generation(publie.Origine)+1, publie)
	case err != nil:
		return err
	case publie == nil:
		return nil
	}
	suite, err := j.suit(ctx, t, p, *publie)
	if err != nil || suite {
		return err
	}
	return j.ouvrirJournal(ctx, max(t.Generation, j.generation(publie.Origine))+1, publie)
}

// suit says whether the database holds what was published.
func (j *Journal) suit(ctx context.Context, t Tete, p, publie preuve.PointControle) (bool, error) {
	g := j.generation(publie.Origine)
	switch {
	case t.Generation > g:
		return true, nil // the published log was already left for a newer one
	case t.Generation < g || p.Taille < publie.Taille:
		return false, nil
	}
	r, err := preuve.RacineDe(publie.Taille, j.lecteurTuile(ctx, t.Generation))
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrIncoherent, err)
	}
	// The same size with another root: the log forked after a restore.
	return r == publie.Racine, nil
}

func (j *Journal) generation(origine string) int64 {
	g := int64(1)
	if origine != j.o.Cle.Nom() {
		fmt.Sscanf(origine[len(j.o.Cle.Nom()):], "/%d", &g) // checked by OuvrirPointControle
	}
	return g
}

func (j *Journal) ouvrirJournal(ctx context.Context, generation int64, avant *preuve.PointControle) error {
	p := preuve.PointControle{Origine: j.origine(generation)}
	p.Racine, _ = preuve.RacineDe(0, nil) // the empty tree has no tile
	if avant != nil {
		p.Precedent = &preuve.Precedent{Origine: avant.Origine, Taille: avant.Taille, Racine: avant.Racine}
	}
	b, err := j.signer(p, j.o.Horloge())
	if err != nil {
		return err
	}
	if err := j.o.Magasin.OuvrirTete(ctx, Tete{Tenant: j.o.Tenant, Generation: generation, Point: b}); err != nil {
		return fmt.Errorf("journal: ouvrir le journal %s: %w", p.Origine, err)
	}
	return nil
}
