package image

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// ErrDouble says that one ID was given to two records of an image.
var ErrDouble = errors.New("annuaire: deux fiches ont le même identifiant")

// Constructeur makes an image. Records come in any order, from one goroutine; they
// are put aside in files, so that memory does not grow with them, then sorted,
// written and indexed by [Constructeur.Finir].
type Constructeur struct {
	fichier string
	amas    [annuaire.NombreNatures]*amas
	codes   *codesNeufs
	c       codage
	tampon  []byte
	mots    lexique.Mots
	fini    bool
}

// amas are the records of one nature, as they came.
type amas struct {
	f          *os.File
	w          *bufio.Writer
	pos        uint64
	debuts     []uint64 // of: length of the sort key, sort key, record
	tri        []uint64 // first eight octets of the sort key
	maj        []int64
	empreintes []uint64
	poids      []uint8
}

// Construire begins the image that will be in that file. Nothing is in its place
// before Finir.
func Construire(fichier string) (*Constructeur, error) {
	c := &Constructeur{fichier: fichier, codes: nouveauxCodes()}
	c.c = codage{ecrit: true, codes: c.codes}
	for _, n := range annuaire.Natures {
		f, err := os.CreateTemp(filepath.Dir(fichier), ".amas-*")
		if err != nil {
			c.Abandonner()
			return nil, fmt.Errorf("construire une image: %w", err)
		}
		// The file has no name left: it goes with the process, whatever happens.
		_ = os.Remove(f.Name())
		c.amas[n] = &amas{f: f, w: bufio.NewWriterSize(f, 256<<10)}
	}
	return c, nil
}

// Abandonner gives up an image; after Finir it does nothing.
func (c *Constructeur) Abandonner() {
	for _, a := range c.amas {
		if a != nil {
			_ = a.f.Close()
		}
	}
	c.fini = true
}

// Ajouter takes a record; nothing of it is kept after.
func (c *Constructeur) Ajouter(k *annuaire.Changement) error {
	n, e := k.Entete()
	if n == 0 || e.ID == "" || c.fini {
		return ErrFiche
	}
	a := c.amas[n]
	c.tampon = cleDeTri(c.tampon[:0], k)
	cle := len(c.tampon)
	a.debuts = append(a.debuts, a.pos)
	a.tri = append(a.tri, huitOctets(c.tampon))
	a.maj = append(a.maj, e.Maj)
	a.poids = append(a.poids, poidsDe(k, &c.mots))
	var h uint64
	h, c.c.b = Empreinte(k, c.c.b)
	a.empreintes = append(a.empreintes, h)
	c.c.b = binary.AppendUvarint(c.c.b[:0], uint64(cle))
	c.c.b = append(c.c.b, c.tampon...)
	c.c.i = 0
	parcourir(&c.c, k)
	a.pos += uint64(len(c.c.b))
	if _, err := a.w.Write(c.c.b); err != nil {
		return fmt.Errorf("construire une image: %w", err)
	}
	return nil
}

// Praticien takes a professional, as Ajouter does.
func (c *Constructeur) Praticien(p *annuaire.Praticien) error {
	return c.Ajouter(&annuaire.Changement{Praticien: p})
}

// Situation takes a situation, as Ajouter does.
func (c *Constructeur) Situation(s *annuaire.Situation) error {
	return c.Ajouter(&annuaire.Changement{Situation: s})
}

// Structure takes a structure, as Ajouter does.
func (c *Constructeur) Structure(s *annuaire.Structure) error {
	return c.Ajouter(&annuaire.Changement{Structure: s})
}

// Activite takes an activity, as Ajouter does.
func (c *Constructeur) Activite(a *annuaire.Activite) error {
	return c.Ajouter(&annuaire.Changement{Activite: a})
}

// Equipement takes an equipment, as Ajouter does.
func (c *Constructeur) Equipement(e *annuaire.Equipement) error {
	return c.Ajouter(&annuaire.Changement{Equipement: e})
}

// Acces takes an access point, as Ajouter does.
func (c *Constructeur) Acces(a *annuaire.PointAcces) error {
	return c.Ajouter(&annuaire.Changement{Acces: a})
}

// Finir sorts, writes and indexes, gives the file to the disk and puts it in its
// place. ErrDouble when one ID came twice.
func (c *Constructeur) Finir(ctx context.Context) (err error) {
	if c.fini {
		return ErrFiche
	}
	defer c.Abandonner()
	f, err := os.CreateTemp(filepath.Dir(c.fichier), ".image-*")
	if err != nil {
		return fmt.Errorf("écrire une image: %w", err)
	}
	defer func() {
		_ = f.Close()
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	e := nouvelEcrivain(f)
	for _, n := range annuaire.Natures {
		if err := c.ecrireNature(ctx, e, n); err != nil {
			return fmt.Errorf("écrire une image: %w", err)
		}
	}
	e.section(cleSection{Quoi: secCodes}, c.codes.ecrire()...)
	if err := e.fermer(); err != nil {
		return fmt.Errorf("écrire une image: %w", err)
	}
	return poser(f.Name(), c.fichier)
}

// poser renames a file that is on the disk into its place, for good.
func poser(de, vers string) error {
	if err := os.Rename(de, vers); err != nil {
		return fmt.Errorf("poser une image: %w", err)
	}
	d, err := os.Open(filepath.Dir(vers))
	if err != nil {
		return fmt.Errorf("poser une image: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("poser une image: %w", err)
	}
	return nil
}

func (c *Constructeur) ecrireNature(ctx context.Context, e *ecrivain, n annuaire.Nature) error {
	a := c.amas[n]
	if len(a.debuts) == 0 {
		return nil
	}
	if err := a.w.Flush(); err != nil {
		return err
	}
	p, err := projeter(a.f)
	if err != nil {
		return err
	}
	defer p.fermer()
	ordre := a.trier(p.b)
	fiches := a.ecrireFiches(e, n, p.b, ordre)
	if e.err != nil {
		return e.err
	}
	return indexerNature(ctx, e, n, fiches, c.codes)
}

// ecrireFiches writes the records and their columns in order, and gives how to read
// them again: where they are in the heap.
func (a *amas) ecrireFiches(e *ecrivain, n annuaire.Nature, b []byte, ordre []uint32) fichesTriees {
	e.aligner()
	s := section{cleSection: cleSection{Quoi: secFiches, Nature: n}, Position: e.pos}
	positions := make([]uint64, 0, len(ordre)+1)
	for _, o := range ordre {
		positions = append(positions, e.pos-s.Position)
		_, f := a.fiche(b, o)
		s.CRC = majCRC(s.CRC, f)
		e.ecrire(f)
	}
	positions = append(positions, e.pos-s.Position)
	s.Longueur = e.pos - s.Position
	e.table = append(e.table, s)
	e.section(cleSection{Quoi: secPositions, Nature: n}, octetsDe(positions))
	e.section(cleSection{Quoi: secTri, Nature: n}, octetsDe(reordonner(a.tri, ordre)))
	maj := reordonner(a.maj, ordre)
	e.section(cleSection{Quoi: secMaj, Nature: n}, octetsDe(maj))
	e.section(cleSection{Quoi: secMajOrdre, Nature: n}, octetsDe(ordreDe(maj)))
	e.section(cleSection{Quoi: secEmpreintes, Nature: n}, octetsDe(reordonner(a.empreintes, ordre)))
	e.section(cleSection{Quoi: secPoids, Nature: n}, reordonner(a.poids, ordre))
	a.tri, a.maj, a.empreintes, a.poids = nil, nil, nil, nil
	return fichesTriees{a, b, ordre}
}

// fichesTriees gives the records of a heap in the order of the image.
type fichesTriees struct {
	a     *amas
	b     []byte
	ordre []uint32
}

func (t fichesTriees) fiche(o int) []byte {
	_, f := t.a.fiche(t.b, t.ordre[o])
	return f
}

// fiche gives the sort key and the octets of the record that came i-th.
func (a *amas) fiche(b []byte, i uint32) (cle, fiche []byte) {
	fin := a.pos
	if int(i)+1 < len(a.debuts) {
		fin = a.debuts[i+1]
	}
	t := b[a.debuts[i]:fin]
	l, n := binary.Uvarint(t)
	return t[n : n+int(l)], t[n+int(l):]
}

// indexerNature makes the indexes of one nature, half of the fields on each of two
// goroutines.
func indexerNature(ctx context.Context, e *ecrivain, n annuaire.Nature, t fichesTriees, codes codes) error {
	moities := partager(champsDe[n])
	var (
		attente sync.WaitGroup
		ecrire  sync.Mutex
		erreurs [2]error
	)
	for i := range moities {
		attente.Go(func() {
			r := nouveauReleve(moities[i])
			if erreurs[i] = r.relever(ctx, n, t, codes); erreurs[i] == nil {
				erreurs[i] = r.ecrire(e, &ecrire, n)
			}
		})
	}
	attente.Wait()
	return errors.Join(erreurs[:]...)
}

// partager splits fields in two halves of about the same work.
func partager(l []annuaire.Champ) (m [2][]annuaire.Champ) {
	for i, ch := range l {
		m[i%2] = append(m[i%2], ch)
	}
	return m
}
