package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Depot is a directory of images and the Vue that is served. Several processes may
// hold it: one changes it at a time, the others follow (see [Depot.Suivre]).
type Depot struct {
	repertoire string
	o          Options
	courante   atomic.Pointer[Vue]
	noms       atomic.Int64

	mu        sync.Mutex // of what follows, and of changes
	marque    int64
	anciennes []*Vue // that cursors may still ask for, the oldest first
}

// Options of a Depot; the zero value works.
type Options struct {
	// Horloge tells the time; time.Now when nil.
	Horloge func() time.Time
	// Garde is how long a Vue that was replaced answers to its cursors; five minutes
	// when zero.
	Garde time.Duration
}

// manifeste names the images that are laid over one another. It is replaced in one
// rename: that is the switch.
type manifeste struct {
	Generation uint64    `json:"generation"`
	FaiteLe    time.Time `json:"faiteLe"`
	Images     []string  `json:"images"`
	Marque     int64     `json:"marque,omitempty"`
}

const nomManifeste = "annuaire.json"

// Ouvrir opens a directory of images, empty at first. What an interrupted change left
// is removed.
func Ouvrir(repertoire string, o Options) (*Depot, error) {
	if o.Horloge == nil {
		o.Horloge = time.Now
	}
	if o.Garde == 0 {
		o.Garde = 5 * time.Minute
	}
	d := &Depot{repertoire: repertoire, o: o}
	d.courante.Store(nouvelleVue(0, nil, time.Time{}, nil))
	return d, d.enEcrivant(d.ranger)
}

// enEcrivant keeps other changes out, in this process and in others, and begins from
// what the last one left.
func (d *Depot) enEcrivant(f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	v, err := verrouiller(filepath.Join(d.repertoire, nomVerrou))
	if err != nil {
		return fmt.Errorf("verrouiller l'annuaire: %w", err)
	}
	defer v.Close()
	if err := d.relire(); err != nil {
		return err
	}
	return f()
}

const nomVerrou = "annuaire.verrou"

// relire serves what another process has laid, if any.
func (d *Depot) relire() error {
	m, err := lireManifeste(filepath.Join(d.repertoire, nomManifeste))
	if err != nil {
		return err
	}
	d.marque = max(d.marque, m.Marque)
	avant := d.courante.Load()
	if m.Generation == avant.generation {
		return nil
	}
	segments := make([]*segment, 0, len(m.Images))
	for _, n := range m.Images { // those that are already open stay so
		i := slices.IndexFunc(avant.segments, func(s *segment) bool { return filepath.Base(s.nom) == n })
		if i >= 0 {
			avant.segments[i].tenir()
			segments = append(segments, avant.segments[i])
			continue
		}
		s, err := ouvrirSegment(filepath.Join(d.repertoire, n))
		if err != nil {
			for _, s := range segments {
				s.rendre()
			}
			return err
		}
		segments = append(segments, s)
	}
	d.servir(m, segments)
	return nil
}

// Suivre serves what other processes lay, until ctx ends; dire is told what could not
// be read.
func (d *Depot) Suivre(ctx context.Context, periode time.Duration, dire func(error)) {
	t := time.NewTicker(periode)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			d.mu.Lock()
			err := d.relire()
			d.oublier()
			d.mu.Unlock()
			// An image that has gone between the manifest and its opening is that of a
			// change that came meanwhile: the next turn reads it.
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				dire(err)
			}
		}
	}
}

func lireManifeste(nom string) (m manifeste, err error) {
	b, err := os.ReadFile(nom)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("ouvrir l'annuaire: %w", err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%w: %s", ErrImage, nomManifeste)
	}
	for _, n := range m.Images {
		if n != filepath.Base(n) {
			return m, fmt.Errorf("%w: %s", ErrImage, nomManifeste)
		}
	}
	return m, nil
}

// ranger removes the images that nobody names. It is called while nobody changes the
// directory; an image in the making is another's as long as it is young.
func (d *Depot) ranger() error {
	l, err := os.ReadDir(d.repertoire)
	if err != nil {
		return fmt.Errorf("ranger l'annuaire: %w", err)
	}
	for _, f := range l {
		n := f.Name()
		if !strings.HasSuffix(n, extension) && !slices.ContainsFunc(provisoires, func(p string) bool { return strings.HasPrefix(n, p) }) || d.nomme(n) {
			continue
		}
		i, err := f.Info()
		if err != nil || d.o.Horloge().Sub(i.ModTime()) < ageReste {
			continue
		}
		if err := os.Remove(filepath.Join(d.repertoire, n)); err != nil {
			return fmt.Errorf("ranger l'annuaire: %w", err)
		}
	}
	return nil
}

// provisoires begin the names of the files that a change has not put in place.
var provisoires = []string{".image-", ".amas-", ".manifeste-"}

// ageReste is how old what an interrupted change left must be to be removed.
const ageReste = 24 * time.Hour

func (d *Depot) nomme(n string) bool {
	return slices.ContainsFunc(d.courante.Load().segments, func(s *segment) bool { return filepath.Base(s.nom) == n })
}

const extension = ".image"

// Vue gives what is served now. The caller gives it back with [Vue.Rendre].
func (d *Depot) Vue() *Vue {
	for {
		if v := d.courante.Load(); v.tenir() {
			return v
		}
	}
}

// Reprendre gives the Vue of a cursor, ErrPerime when it is no longer kept.
func (d *Depot) Reprendre(generation uint64) (*Vue, error) {
	if v := d.Vue(); v.generation == generation {
		return v, nil
	} else {
		v.Rendre()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range d.anciennes {
		if v.generation == generation && v.tenir() {
			return v, nil
		}
	}
	return nil, annuaire.ErrPerime
}

// Fermer leaves everything; an empty Vue is given after.
func (d *Depot) Fermer() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range d.anciennes {
		v.Rendre()
	}
	d.anciennes = nil
	d.courante.Swap(nouvelleVue(0, nil, time.Time{}, nil)).Rendre()
}

// Nouvelle gives the name of a file for an image to be built in the directory, for
// [Depot.Installer].
func (d *Depot) Nouvelle() string { return d.nouveau("base") }

// nouveau gives a name that no image has had since the directory was opened, nor
// before.
func (d *Depot) nouveau(genre string) string {
	return filepath.Join(d.repertoire, fmt.Sprintf("%s-%d-%d%s", genre, d.o.Horloge().UnixNano(), d.noms.Add(1), extension))
}

// Installer replaces everything by one image, made at [Depot.Nouvelle]. Readers have
// all of the old or all of the new.
func (d *Depot) Installer(fichier string) error {
	return d.enEcrivant(func() error {
		s, err := ouvrirSegment(fichier)
		if err != nil {
			return err
		}
		return d.poser([]*segment{s}, d.marque)
	})
}

// Superposer lays a difference over what is served: the records of l as they become.
// It is on the disk when it returns. One ID stands once in l.
func (d *Depot) Superposer(ctx context.Context, l []annuaire.Changement) error {
	if len(l) == 0 {
		return nil
	}
	return d.Rattraper(ctx, l, -1)
}

// Marque is how far the changes kept elsewhere have been laid here: what Rattraper was
// last told, by any process.
func (d *Depot) Marque() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.marque
}

// Rattraper lays a difference as Superposer does and notes the mark, in one switch. A
// mark that is not beyond the last one changes nothing of it.
func (d *Depot) Rattraper(ctx context.Context, l []annuaire.Changement, marque int64) error {
	return d.enEcrivant(func() error {
		marque = max(d.marque, marque)
		if len(l) == 0 {
			v := d.courante.Load()
			return d.ecrireManifeste(manifesteDe(v.generation, v.faiteLe, v.segments, marque))
		}
		s, err := d.construire(ctx, "difference", func(c *Constructeur) error {
			for i := range l {
				if err := c.Ajouter(&l[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		v := d.courante.Load()
		for _, t := range v.segments {
			t.tenir()
		}
		segments, err := d.fusionner(ctx, append(slices.Clone(v.segments), s))
		if err != nil {
			s.ote.Store(true)
			for _, t := range segments {
				t.rendre()
			}
			return err
		}
		return d.poser(segments, marque)
	})
}

func (d *Depot) construire(ctx context.Context, genre string, remplir func(*Constructeur) error) (*segment, error) {
	nom := d.nouveau(genre)
	c, err := Construire(nom)
	if err != nil {
		return nil, err
	}
	defer c.Abandonner()
	if err := remplir(c); err != nil {
		return nil, err
	}
	if err := c.Finir(ctx); err != nil {
		return nil, err
	}
	return ouvrirSegment(nom)
}

// raisonFusion is how many times larger a segment must be than the one above it: else
// the two become one, so that there are few of them and each record is written few
// times.
const raisonFusion = 4

// fusionner joins the topmost segments while they are of one size. The base is not
// touched: it is made again by a full load.
func (d *Depot) fusionner(ctx context.Context, l []*segment) ([]*segment, error) {
	de := len(l) - 1
	poids := l[de].nombre()
	for de > 1 && l[de-1].nombre() < raisonFusion*poids {
		de--
		poids += l[de].nombre()
	}
	if de == len(l)-1 {
		return l, nil
	}
	joints := l[de:]
	s, err := d.reunir(ctx, "difference", joints)
	if err != nil {
		return l, err
	}
	joints[len(joints)-1].ote.Store(true) // no manifest ever named it
	for _, t := range joints {
		t.rendre()
	}
	return append(slices.Clone(l[:de]), s), nil
}

// reunir makes one segment of several, laid over one another.
func (d *Depot) reunir(ctx context.Context, genre string, l []*segment) (*segment, error) {
	v := nouvelleVue(0, l, time.Time{}, nil)
	return d.construire(ctx, genre, func(c *Constructeur) error {
		for _, n := range annuaire.Natures {
			for r := range v.Parcourir(n) {
				k := v.Lire(r)
				if err := c.Ajouter(&k); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// ErrChange says that the directory changed too much while it was made again.
var ErrChange = errors.New("annuaire: l'annuaire a changé pendant qu'on le réunissait, recommencer")

// Reunir makes one base of all that is served, while it is served and changed. ErrChange
// when changes came that cannot be laid over it: to be tried again.
func (d *Depot) Reunir(ctx context.Context) error {
	v := d.Vue()
	defer v.Rendre()
	if len(v.segments) < 2 {
		return nil
	}
	s, err := d.reunir(ctx, "base", v.segments)
	if err != nil {
		return err
	}
	return d.enEcrivant(func() error {
		l := d.courante.Load().segments
		if len(l) < len(v.segments) || !slices.Equal(l[:len(v.segments)], v.segments) {
			s.ote.Store(true)
			s.rendre()
			return ErrChange
		}
		segments := append([]*segment{s}, l[len(v.segments):]...)
		for _, t := range segments[1:] {
			t.tenir()
		}
		return d.poser(segments, d.marque)
	})
}

func (s *segment) nombre() (n int) {
	for i := range s.natures {
		n += s.natures[i].nombre()
	}
	return n
}

// poser writes the manifest, then serves the segments. The Vue that goes is kept for
// its cursors.
func (d *Depot) poser(segments []*segment, marque int64) error {
	avant := d.courante.Load()
	m := manifesteDe(avant.generation+1, d.o.Horloge().UTC(), segments, marque)
	if err := d.ecrireManifeste(m); err != nil {
		for _, s := range segments {
			s.rendre()
		}
		return err
	}
	for _, s := range avant.segments {
		if !slices.Contains(segments, s) {
			s.ote.Store(true)
		}
	}
	d.servir(m, segments)
	return nil
}

func manifesteDe(generation uint64, faiteLe time.Time, segments []*segment, marque int64) manifeste {
	m := manifeste{Generation: generation, FaiteLe: faiteLe, Marque: marque}
	for _, s := range segments {
		m.Images = append(m.Images, filepath.Base(s.nom))
	}
	return m
}

// servir makes segments what is served.
func (d *Depot) servir(m manifeste, segments []*segment) {
	avant := d.courante.Load()
	d.courante.Store(nouvelleVue(m.Generation, segments, m.FaiteLe, avant))
	avant.memoire.vider() // the few cursors that still ask for it gather again
	d.anciennes = append(d.anciennes, avant)
	d.oublier()
}

// vuesGardees bounds how many replaced Vue are kept for their cursors.
const vuesGardees = 32

func (d *Depot) oublier() {
	limite := d.o.Horloge().Add(-d.o.Garde)
	for len(d.anciennes) > 0 {
		suivante := d.courante.Load()
		if len(d.anciennes) > 1 {
			suivante = d.anciennes[1]
		}
		if len(d.anciennes) <= vuesGardees && suivante.faiteLe.After(limite) {
			return
		}
		d.anciennes[0].Rendre()
		d.anciennes = d.anciennes[1:]
	}
}

func (d *Depot) ecrireManifeste(m manifeste) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("écrire le manifeste: %w", err)
	}
	f, err := os.CreateTemp(d.repertoire, ".manifeste-*")
	if err != nil {
		return fmt.Errorf("écrire le manifeste: %w", err)
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("écrire le manifeste: %w", err)
	}
	if err := poser(f.Name(), filepath.Join(d.repertoire, nomManifeste)); err != nil {
		return err
	}
	d.marque = m.Marque // what is on the disk, never more
	return nil
}

// Verifier reads every image that is served and checks its sums; it gives their names.
func (d *Depot) Verifier() ([]string, error) {
	v := d.Vue()
	defer v.Rendre()
	var l []string
	for _, s := range v.segments {
		if err := Verifier(s.nom); err != nil {
			return l, err
		}
		l = append(l, filepath.Base(s.nom))
	}
	return l, nil
}

// Fiche gives a copy of a record as it is served, which shares nothing with the image;
// ErrInconnu when there is none.
func (d *Depot) Fiche(_ context.Context, n annuaire.Nature, id string) (*annuaire.Changement, error) {
	v := d.Vue()
	defer v.Rendre()
	r, ok := v.ParID(n, id)
	if !ok {
		return nil, annuaire.ErrInconnu
	}
	lue := v.Lire(r)
	k := lue.Cloner()
	return &k, nil
}

// ErrOccupe says that another run works on the directory.
var ErrOccupe = errors.New("annuaire: un chargement est déjà en cours dans ce répertoire, attendre qu'il finisse")

// Reserver keeps the directory for one run of feeds, among all processes, until it is
// freed: ErrOccupe when another run has it. What is served and changed meanwhile does not
// wait.
func (d *Depot) Reserver() (liberer func(), err error) {
	f, err := essayerVerrou(filepath.Join(d.repertoire, "annuaire.chargement"))
	if err != nil {
		return nil, fmt.Errorf("réserver l'annuaire: %w", err)
	}
	return func() { _ = f.Close() }, nil
}
