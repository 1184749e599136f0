package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/ecluse-sante/ecluse/rass"
)

// plan is how a file is made: how many records it may have on a day, the lines of one of
// them, and whether they may differ from those of the day before.
type plan struct {
	n      func(d int) int
	lignes func(p *page, i, d int, poser poser) error
	bouge  func(i, d int) bool
}

func (n *National) plan(f rass.Fichier) (plan, error) {
	constant := func(v int) func(int) int { return func(int) int { return v } }
	toujours := func(int, int) bool { return true }
	structures := func(j, d int) bool { _, oui := n.bougeStructure(j, d); return oui }
	switch f {
	case rass.PersonneActivite:
		return plan{n.arrives, n.lignesActivite, n.activiteBouge}, nil
	case rass.SavoirFaire:
		return plan{n.arrives, n.lignesSavoirFaire, n.praticienBouge}, nil
	case rass.Diplomes:
		return plan{n.arrives, n.lignesDiplome, n.praticienBouge}, nil
	case rass.ProSanteConnect:
		return plan{n.arrives, n.lignesRestreintes, n.activiteBouge}, nil
	case rass.Porteurs:
		return plan{n.arrives, n.lignesPorteur, n.praticienBouge}, nil
	case rass.MSSante:
		return plan{constant(len(n.domaines.noms)), n.lignesBAL, toujours}, nil
	case rass.Structures:
		return plan{constant(n.structures), n.lignesStructure, structures}, nil
	case rass.Activites:
		return plan{constant(n.sites), n.lignesOffre, structures}, nil
	case rass.Equipements:
		return plan{constant(n.sites), n.lignesEquipement, structures}, nil
	case rass.Reseaux:
		return plan{constant(n.Reseaux()), n.lignesReseau, toujours}, nil
	case rass.Membres:
		return plan{constant(n.Reseaux()), n.lignesMembre, toujours}, nil
	case rass.Certificats:
		return plan{constant(n.reserve + n.sites), n.lignesCertificat, n.praticienBouge}, nil
	}
	return plan{}, fmt.Errorf("%w : fichier %v inconnu", ErrReglage, f)
}

// praticienBouge tells whether the lines of a professional may differ from the day before.
func (n *National) praticienBouge(i, d int) bool {
	_, oui := n.bouge(i, d)
	return oui || i >= n.arrives(d-1) && i < n.arrives(d)
}

// activiteBouge tells so of his activities, which also say where they are.
func (n *National) activiteBouge(i, d int) bool {
	if n.praticienBouge(i, d) {
		return true
	}
	x, _ := n.identite(i)
	x.etat = n.etatDe(i, d)
	l, nombre := n.lieuxExercice(&x)
	for _, j := range l[:nombre] {
		if j >= 0 {
			if _, oui := n.bougeStructure(j, d); oui {
				return true
			}
		}
	}
	return false
}

// Journee is a day of the directory: day 0 is the first one.
type Journee struct {
	n *National
	d int
}

// ErrJour is a day that a directory has not.
var ErrJour = errors.New("annuaire local : le jour va de 0 à 400")

// Journee is a day of the directory.
func (n *National) Journee(d int) (Journee, error) {
	if d < 0 || d > JoursMax {
		return Journee{}, ErrJour
	}
	return Journee{n, d}, nil
}

// Nom is the name of a file of this day.
func (j Journee) Nom(f rass.Fichier, delta bool) string {
	return rass.Nom{Fichier: f, Delta: delta, Instant: j.n.Instant(j.d)}.String()
}

// Ecrire writes a whole file as it is on this day, and says how many lines it has, the
// header included. The context ends it between two records.
func (j Journee) Ecrire(ctx context.Context, w io.Writer, f rass.Fichier) (int64, error) {
	pl, err := j.n.plan(f)
	if err != nil {
		return 0, err
	}
	e := rass.NewEcrivain(w, f, rass.FormePubliee())
	var p page
	for i := range pl.n(j.d) {
		if i%256 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		p.oublier()
		if err := pl.lignes(&p, i, j.d, e.Ecrire); err != nil {
			return 0, err
		}
	}
	return e.Lignes(), e.Close()
}

// EcrireDifferences writes what changed since the day before: for each record, the lines
// that stand no more, then those that stand from now on.
func (j Journee) EcrireDifferences(ctx context.Context, w io.Writer, f rass.Fichier) (int64, error) {
	pl, err := j.n.plan(f)
	if err != nil {
		return 0, err
	}
	if j.d == 0 {
		return 0, fmt.Errorf("%w : le premier jour n'a pas de veille", ErrJour)
	}
	forme := rass.FormePubliee()
	forme.Delta = true
	e := rass.NewEcrivain(w, f, forme)
	var p page
	var avant, apres lot
	for i := range max(pl.n(j.d-1), pl.n(j.d)) {
		if i%256 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if !pl.bouge(i, j.d) {
			continue
		}
		avant.vider()
		apres.vider()
		p.oublier()
		if err := errors.Join(pl.lignes(&p, i, j.d-1, avant.poser), pl.lignes(&p, i, j.d, apres.poser)); err != nil {
			return 0, err
		}
		if err := avant.ecrireSans(&apres, rass.Retrait, e); err != nil { // what is left of each count is then the same
			return 0, err
		}
		if err := apres.ecrireSans(&avant, rass.Ajout, e); err != nil {
			return 0, err
		}
	}
	return e.Lignes(), e.Close()
}

// lot are the lines of one record, to be compared to those of another day: end to end,
// fields between bars, so that a domain of sixty thousand mailboxes costs what its lines do.
type lot struct {
	octets []byte
	fins   []int
	compte map[uint64]int // lines by their hashes
	v      [][]byte
}

func (l *lot) vider() {
	l.octets, l.fins = l.octets[:0], l.fins[:0]
	if l.compte == nil || len(l.compte) > 1024 { // clearing a map costs what it once held
		l.compte = map[uint64]int{}
	}
	clear(l.compte)
}

// poser keeps a copy of a line.
func (l *lot) poser(v [][]byte) error {
	debut := len(l.octets)
	for i, x := range v {
		if i > 0 {
			l.octets = append(l.octets, '|')
		}
		l.octets = append(l.octets, x...)
	}
	l.fins = append(l.fins, len(l.octets))
	l.compte[empreinte(l.octets[debut:])]++
	return nil
}

// ecrireSans writes the lines that the other has not, or not as many times.
func (l *lot) ecrireSans(autre *lot, o rass.Operation, e *rass.Ecrivain) error {
	debut := 0
	for _, fin := range l.fins {
		ligne := l.octets[debut:fin]
		debut = fin
		h := empreinte(ligne)
		if l.compte[h] <= autre.compte[h] {
			continue
		}
		l.compte[h]--
		l.v = l.v[:0]
		for x := range bytes.SplitSeq(ligne, []byte{'|'}) {
			l.v = append(l.v, x)
		}
		if err := e.EcrireDelta(o, l.v); err != nil {
			return err
		}
	}
	return nil
}

// Ecrit is a file that was written.
type Ecrit struct {
	Chemin  string
	Fichier rass.Fichier
	Delta   bool
	Lignes  int64 // the header included
}

// EcrireDossier writes all the files of this day in a folder, each under a temporary name
// until it is whole: those of the day, or when delta is asked for those of the
// differences with the day before. Two are made at once.
func (j Journee) EcrireDossier(ctx context.Context, dossier string, delta bool) ([]Ecrit, error) {
	ecrits := make([]Ecrit, len(rass.Fichiers))
	erreurs := make([]error, len(rass.Fichiers))
	places := make(chan struct{}, 2)
	var tous sync.WaitGroup
	for i, f := range rass.Fichiers {
		tous.Add(1)
		places <- struct{}{}
		go func() {
			defer func() { <-places; tous.Done() }()
			ecrits[i], erreurs[i] = j.ecrireUn(ctx, dossier, f, delta)
		}()
	}
	tous.Wait()
	return ecrits, errors.Join(erreurs...)
}

// ecrireUn writes one file of a folder.
func (j Journee) ecrireUn(ctx context.Context, dossier string, f rass.Fichier, delta bool) (x Ecrit, err error) {
	x = Ecrit{Chemin: filepath.Join(dossier, j.Nom(f, delta)), Fichier: f, Delta: delta}
	t, err := os.CreateTemp(dossier, ".annuaire-*")
	if err != nil {
		return x, fmt.Errorf("annuaire local : %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(t.Name()))
		}
	}()
	if delta {
		x.Lignes, err = j.EcrireDifferences(ctx, t, f)
	} else {
		x.Lignes, err = j.Ecrire(ctx, t, f)
	}
	if err = errors.Join(err, t.Chmod(0o644), t.Close()); err != nil {
		return x, err
	}
	return x, os.Rename(t.Name(), x.Chemin)
}
