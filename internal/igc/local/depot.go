// Package local keeps the laboratory's authorities in a directory: certificates
// and keys in PEM, the registry as one JSON line per fact. It is what quickstart
// writes, and what a newcomer can read with a text editor.
//
//	ac/ACI-EL-ORG.pem        certificates of authorities
//	ac/ACI-EL-ORG.json       what the certificate does not say of an authority
//	prive/ACI-EL-ORG.key     their keys, PKCS#8, 0600
//	registre.jsonl           issuances and changes of state, append only
//	crl/ACI-EL-ORG.crl       current lists, DER
//	crl/ACI-EL-ORG.json      their numbers and dates
//
// Several processes may use the directory: a lock file orders their writes, and
// each reads what the others appended.
package local

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/igc"
)

// Depot is an igc.Coffre and an igc.Registre in a directory.
type Depot struct {
	dir string

	mu      sync.Mutex
	lu      int64 // how far registre.jsonl was read
	fiches  map[cleFiche]*entree
	ordre   []*entree
	changes map[string]map[string]*entree // by authority, then serial
	perdues map[string]bool               // keys declared compromised
}

type cleFiche struct{ ac, serie string }

// entree is a fiche without its certificate, which stays in the file: a hundred
// thousand of them would fill the memory of a laboratory.
type entree struct {
	fiche  igc.Fiche
	debut  int64 // of its line in registre.jsonl
	taille int
}

// ligne is one fact of the registry.
type ligne struct {
	Fiche      *igc.Fiche      `json:"fiche,omitempty"`
	AC         string          `json:"ac,omitempty"`
	Serie      string          `json:"serie,omitempty"`
	Revocation *igc.Revocation `json:"revocation,omitempty"`
}

// Ouvrir opens a directory, which it makes when it is not there.
func Ouvrir(dir string) (*Depot, error) {
	for sous, mode := range map[string]os.FileMode{"ac": 0o755, "prive": 0o700, "crl": 0o755} {
		if err := os.MkdirAll(filepath.Join(dir, sous), mode); err != nil {
			return nil, fmt.Errorf("igc: %w", err)
		}
	}
	d := &Depot{dir: dir, fiches: map[cleFiche]*entree{}, changes: map[string]map[string]*entree{}, perdues: map[string]bool{}}
	return d, d.verrouille(func() error { return nil })
}

// verrouille runs f alone among processes, after reading what others wrote.
func (d *Depot) verrouille(f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	liberer, err := verrouiller(filepath.Join(d.dir, ".verrou"))
	if err != nil {
		return fmt.Errorf("igc: verrou du registre : %w", err)
	}
	defer liberer()
	if err := d.relire(); err != nil {
		return err
	}
	return f()
}

func (d *Depot) journal() string { return filepath.Join(d.dir, "registre.jsonl") }

// relire reads the lines appended since the last time. A last line without its
// end is what a crash left: the fact was never told to anyone, it is cut off.
func (d *Depot) relire() error {
	f, err := os.OpenFile(d.journal(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("igc: registre : %w", err)
	}
	defer f.Close()
	r := bufio.NewReader(io.NewSectionReader(f, d.lu, 1<<62))
	for {
		l, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(l) == 0 {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return f.Truncate(d.lu)
		}
		if err != nil {
			return fmt.Errorf("igc: registre : %w", err)
		}
		var x ligne
		if err := json.Unmarshal(l, &x); err != nil {
			return fmt.Errorf("igc: registre illisible après l'octet %d : %w", d.lu, err)
		}
		d.appliquer(x, len(l))
	}
}

// appliquer takes in a fact whose line, of taille bytes, begins at d.lu.
func (d *Depot) appliquer(x ligne, taille int) {
	debut := d.lu
	d.lu += int64(taille)
	if x.Fiche != nil {
		e := &entree{*x.Fiche, debut, taille}
		e.fiche.DER = nil
		d.fiches[cleFiche{x.Fiche.AC, x.Fiche.Serie}] = e
		d.ordre = append(d.ordre, e)
		return
	}
	e := d.fiches[cleFiche{x.AC, x.Serie}]
	if e == nil || x.Revocation == nil {
		return
	}
	e.fiche.Etat, e.fiche.Revocation = x.Revocation.Etat, *x.Revocation
	if d.changes[x.AC] == nil {
		d.changes[x.AC] = map[string]*entree{}
	}
	d.changes[x.AC][x.Serie] = e
	if e.fiche.Etat == igc.EtatRevoque && igc.Compromission(x.Revocation.Raison) {
		d.perdues[e.fiche.EmpreinteCle] = true
	}
}

// entiere gives a fiche with its certificate.
func (d *Depot) entiere(f io.ReaderAt, e *entree) (igc.Fiche, error) {
	b := make([]byte, e.taille)
	if _, err := f.ReadAt(b, e.debut); err != nil {
		return igc.Fiche{}, fmt.Errorf("igc: registre : %w", err)
	}
	var x ligne
	if err := json.Unmarshal(b, &x); err != nil || x.Fiche == nil {
		return igc.Fiche{}, fmt.Errorf("igc: registre illisible à l'octet %d", e.debut)
	}
	fiche := e.fiche
	fiche.DER = x.Fiche.DER
	return fiche, nil
}

// ajouter appends facts in one durable write.
func (d *Depot) ajouter(l []ligne) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	tailles := make([]int, len(l))
	for i, x := range l {
		avant := b.Len()
		if err := e.Encode(x); err != nil {
			return fmt.Errorf("igc: registre : %w", err)
		}
		tailles[i] = b.Len() - avant
	}
	f, err := os.OpenFile(d.journal(), os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("igc: registre : %w", err)
	}
	defer f.Close()
	if _, err := f.WriteAt(b.Bytes(), d.lu); err != nil {
		return errors.Join(fmt.Errorf("igc: registre : %w", err), f.Truncate(d.lu))
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("igc: registre : %w", err)
	}
	for i, x := range l {
		d.appliquer(x, tailles[i])
	}
	return nil
}

// Ecrire implements igc.Registre.
func (d *Depot) Ecrire(_ context.Context, fiches []igc.Fiche) error {
	return d.verrouille(func() error {
		l := make([]ligne, len(fiches))
		vus := map[cleFiche]bool{}
		for i, f := range fiches {
			k := cleFiche{f.AC, f.Serie}
			if d.fiches[k] != nil || vus[k] {
				return fmt.Errorf("%w: %s %s", igc.ErrNumeroPris, f.AC, f.Serie)
			}
			vus[k] = true
			l[i] = ligne{Fiche: &f}
		}
		return d.ajouter(l)
	})
}

// Fiche implements igc.Registre.
func (d *Depot) Fiche(_ context.Context, ac, serie string) (igc.Fiche, error) {
	l, err := d.lire(func() []*entree {
		if e := d.fiches[cleFiche{ac, serie}]; e != nil {
			return []*entree{e}
		}
		return nil
	})
	if err == nil && len(l) == 0 {
		err = fmt.Errorf("%w: certificat %s de %s", igc.ErrInconnu, serie, ac)
	}
	if err != nil {
		return igc.Fiche{}, err
	}
	return l[0], nil
}

// Lister implements igc.Registre.
func (d *Depot) Lister(_ context.Context, q igc.Filtre) ([]igc.Fiche, error) {
	return d.lire(func() []*entree {
		var l []*entree
		for _, e := range d.ordre {
			if len(l) < q.Limite() && q.Retient(e.fiche) {
				l = append(l, e)
			}
		}
		return l
	})
}

// lire gives the fiches chosen among those known, with their certificates.
func (d *Depot) lire(choisir func() []*entree) (l []igc.Fiche, err error) {
	err = d.verrouille(func() error {
		f, err := os.Open(d.journal())
		if err != nil {
			return fmt.Errorf("igc: registre : %w", err)
		}
		defer f.Close()
		for _, e := range choisir() {
			x, err := d.entiere(f, e)
			if err != nil {
				return err
			}
			l = append(l, x)
		}
		return nil
	})
	return l, err
}

// Revoquer implements igc.Registre.
func (d *Depot) Revoquer(_ context.Context, ac, serie string, depuis []igc.Etat, r igc.Revocation) error {
	return d.verrouille(func() error {
		e := d.fiches[cleFiche{ac, serie}]
		if e == nil {
			return fmt.Errorf("%w: certificat %s de %s", igc.ErrInconnu, serie, ac)
		}
		if !slices.Contains(depuis, e.fiche.Etat) {
			return fmt.Errorf("%w: certificat %s", igc.ErrEtat, e.fiche.Etat)
		}
		return d.ajouter([]ligne{{AC: ac, Serie: serie, Revocation: &r}})
	})
}

// Changes implements igc.Registre.
func (d *Depot) Changes(_ context.Context, ac string, depuis, vivants time.Time) (l []igc.Fiche, err error) {
	err = d.verrouille(func() error {
		for _, e := range d.changes[ac] {
			if f := e.fiche; !f.Revocation.Le.Before(depuis) && !f.Fin.Before(vivants) {
				l = append(l, f)
			}
		}
		slices.SortFunc(l, func(a, b igc.Fiche) int {
			if c := a.Revocation.Le.Compare(b.Revocation.Le); c != 0 {
				return c
			}
			return strings.Compare(a.Serie, b.Serie)
		})
		return nil
	})
	return l, err
}

// CleCompromise implements igc.Registre.
func (d *Depot) CleCompromise(_ context.Context, empreinte string) (perdue bool, err error) {
	err = d.verrouille(func() error {
		perdue = d.perdues[empreinte]
		return nil
	})
	return perdue, err
}

// EcrireListe implements igc.Registre.
func (d *Depot) EcrireListe(_ context.Context, l igc.Liste) error {
	return d.verrouille(func() error {
		for _, delta := range []bool{false, true} {
			c, err := d.lireListe(l.AC, delta)
			if err == nil && c.Numero >= l.Numero {
				return fmt.Errorf("%w: liste n° %d de %s", igc.ErrNumeroPris, l.Numero, l.AC)
			}
			if err != nil && !errors.Is(err, igc.ErrInconnu) {
				return err
			}
		}
		b, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("igc: liste : %w", err)
		}
		stem := d.stem(l.AC, l.Delta())
		if err := ecrireFichier(stem+".crl", l.DER, 0o644); err != nil {
			return err
		}
		return ecrireFichier(stem+".json", b, 0o644)
	})
}

// DerniereListe implements igc.Registre.
func (d *Depot) DerniereListe(_ context.Context, ac string, delta bool) (igc.Liste, error) {
	return d.lireListe(ac, delta)
}

func (d *Depot) stem(ac string, delta bool) string {
	if delta {
		ac += "-delta"
	}
	return filepath.Join(d.dir, "crl", ac)
}

func (d *Depot) lireListe(ac string, delta bool) (igc.Liste, error) {
	if ac == "" || filepath.Base(ac) != ac {
		return igc.Liste{}, fmt.Errorf("%w: autorité %q", igc.ErrInconnu, ac)
	}
	var l igc.Liste
	b, err := os.ReadFile(d.stem(ac, delta) + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return l, fmt.Errorf("%w: liste de %s", igc.ErrInconnu, ac)
	}
	if err != nil {
		return l, fmt.Errorf("igc: liste : %w", err)
	}
	if err := json.Unmarshal(b, &l); err != nil {
		return l, fmt.Errorf("igc: liste de %s illisible : %w", ac, err)
	}
	return l, nil
}
