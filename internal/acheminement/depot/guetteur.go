package depot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/sante"
)

// Accueil has the effect of a message once. The bytes have the digest announced.
// A *Refus and ErrCle refuse for good; any other error leaves the file for the
// next look. There is no way back for a receipt.
type Accueil func(ctx context.Context, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) error

// Guetteur takes the messages of one sender from a folder. One look at a time.
type Guetteur struct {
	Dossier    string
	Expediteur string
	Accueil    Accueil
	Horloge    sante.Horloge
	// TailleMax bounds a message. Default: 1 GiB.
	TailleMax int64
	// LotMax bounds the files of one look. Default: 1000.
	LotMax int
	// Libre is the genre of the files whose name says nothing: those of a partner who
	// does not write aside. One is taken once two looks found it the same, and its
	// digest is its key. Empty: they are refused.
	Libre string

	vus map[string]vu // files not yet good, as last seen
}

// vu is the look of a file: one that no longer changes will not get better.
type vu struct {
	taille int64
	date   time.Time
}

// Where files go. The names begin with no dot, and are no names of messages.
const (
	traites = "traites"
	refuses = "refuses"
)

// Tourner looks every cadence until ctx ends; what goes wrong goes to erreur, and
// the files stay.
func (g *Guetteur) Tourner(ctx context.Context, cadence time.Duration, erreur func(error)) {
	tic := time.NewTicker(cadence)
	defer tic.Stop()
	for {
		if _, err := g.Tour(ctx); err != nil && ctx.Err() == nil {
			erreur(err)
		}
		select {
		case <-tic.C:
		case <-ctx.Done():
			return
		}
	}
}

// Tour takes what is there and tells how many files it moved. A file that cannot
// be taken now does not keep the next from being.
func (g *Guetteur) Tour(ctx context.Context) (n int, err error) {
	r, err := os.OpenRoot(g.Dossier)
	if err != nil {
		return 0, fmt.Errorf("depot: ouvrir le dossier: %w", err)
	}
	defer r.Close() // a directory, read only
	for _, d := range []string{traites, refuses} {
		if err := r.Mkdir(d, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
			return 0, fmt.Errorf("depot: préparer le dossier: %w", err)
		}
	}
	noms, err := g.lister(r)
	if err != nil {
		return 0, err
	}
	encore := map[string]vu{}
	var echecs error
	for _, s := range noms {
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		pris, attendu, err := g.prendre(ctx, r, s)
		switch {
		case err != nil:
			echecs = errors.Join(echecs, err)
		case attendu != nil:
			encore[s] = *attendu
		case pris:
			n++
		}
	}
	g.vus = encore
	return n, echecs
}

// lister reads the names, in order, at most LotMax of them.
func (g *Guetteur) lister(r *os.Root) (noms []string, err error) {
	borne := g.LotMax
	if borne <= 0 {
		borne = 1000
	}
	d, err := r.Open(".")
	if err != nil {
		return nil, fmt.Errorf("depot: lire le dossier: %w", err)
	}
	defer d.Close() // read only
	for len(noms) < borne {
		l, err := d.ReadDir(256)
		for _, x := range l {
			if x.Type().IsRegular() && !strings.HasPrefix(x.Name(), ".") {
				noms = append(noms, x.Name())
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("depot: lire le dossier: %w", err)
		}
	}
	slices.Sort(noms)
	return noms[:min(len(noms), borne)], nil
}

// prendre takes one file. attendu is its look when it may not be whole yet.
func (g *Guetteur) prendre(ctx context.Context, r *os.Root, s string) (pris bool, attendu *vu, err error) {
	f, err := r.Open(s)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil, nil // another took it
	}
	if err != nil {
		return false, nil, fmt.Errorf("depot: ouvrir un fichier: %w", err)
	}
	defer f.Close() // read only
	i, err := f.Stat()
	if err != nil || !i.Mode().IsRegular() {
		return false, nil, err
	}
	m, ok := lireNom(s)
	switch {
	case !ok && g.Libre == "":
		return g.patienter(r, s, i, "NOM")
	case !ok && !g.stable(s, i):
		return false, &vu{i.Size(), i.ModTime()}, nil
	case i.Size() > g.tailleMax():
		return g.refuser(r, s, "TAILLE")
	}
	h := sha256.New()
	n, err := io.Copy(h, lecture{ctx, io.LimitReader(f, i.Size())})
	if err != nil {
		return false, nil, fmt.Errorf("depot: lire un fichier: %w", err)
	}
	d := [32]byte(h.Sum(nil))
	if !ok {
		m = nom{"libre-" + hex.EncodeToString(d[:16]), g.Libre, d}
	}
	if d != m.empreinte {
		return g.patienter(r, s, i, "EMPREINTE")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return false, nil, fmt.Errorf("depot: lire un fichier: %w", err)
	}
	return g.accueillir(ctx, r, s, m, io.NewSectionReader(f, 0, n), n)
}

func (g *Guetteur) tailleMax() int64 {
	if g.TailleMax > 0 {
		return g.TailleMax
	}
	return 1 << 30
}

func (g *Guetteur) accueillir(ctx context.Context, r *os.Root, s string, m nom, contenu io.ReadSeeker, taille int64) (bool, *vu, error) {
	a := acheminement.Arrivee{Expediteur: g.Expediteur, Cle: m.cle, Empreinte: m.empreinte, Instant: g.Horloge()}
	err := g.Accueil(ctx, a, m.genre, contenu, taille)
	var refus *acheminement.Refus
	switch {
	case err == nil:
		return g.ranger(r, s, traites)
	case errors.As(err, &refus):
		return g.refuser(r, s, refus.Code)
	case errors.Is(err, acheminement.ErrCle):
		return g.refuser(r, s, acheminement.CodeMemeCle)
	}
	return false, nil, fmt.Errorf("depot: accueillir %s: %w", m.cle, err)
}

// patienter refuses a file that is not good once two looks found it the same: a
// partner who does not write aside may still be writing.
func (g *Guetteur) patienter(r *os.Root, s string, i fs.FileInfo, code string) (bool, *vu, error) {
	if g.stable(s, i) {
		return g.refuser(r, s, code)
	}
	return false, &vu{i.Size(), i.ModTime()}, nil
}

// stable tells whether the look before found a file the same.
func (g *Guetteur) stable(s string, i fs.FileInfo) bool {
	avant, deja := g.vus[s]
	return deja && avant.taille == i.Size() && avant.date.Equal(i.ModTime())
}

// refuser writes why, then moves the file: in this order, so that no file is
// refused without a reason.
func (g *Guetteur) refuser(r *os.Root, s, code string) (bool, *vu, error) {
	// A name so long that no suffix fits is cut: the reason is beside all the same.
	f, err := r.OpenFile(refuses+"/"+s[:min(len(s), 240)]+".motif", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return false, nil, fmt.Errorf("depot: dire un refus: %w", err)
	}
	_, err = f.WriteString(code + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return false, nil, fmt.Errorf("depot: dire un refus: %w", err)
	}
	return g.ranger(r, s, refuses)
}

// ranger moves a file out of the way, durably. The same name is the same message, but
// when it says nothing: an older file of that name is kept.
func (g *Guetteur) ranger(r *os.Root, s, dossier string) (bool, *vu, error) {
	vers := dossier + "/" + s
	if _, ok := lireNom(s); !ok && g.Libre != "" {
		vers = dossier + "/" + s[:min(len(s), 200)] + "." + strconv.FormatUint(rand.Uint64(), 36)
	}
	err := r.Rename(s, vers)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil, nil // another moved it
	}
	if err == nil {
		err = errors.Join(synchroniser(r, dossier), synchroniser(r, "."))
	}
	if err != nil {
		return false, nil, fmt.Errorf("depot: ranger un fichier: %w", err)
	}
	return true, nil, nil
}
