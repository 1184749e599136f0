package droits

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

// fiche is where an entry is.
type fiche struct {
	champs   []byte
	position int64 // of the record in the file
	rang     uint64
	longueur int // of the record, in clear
	debut    int // of the body in the record
	corps    int // length of the body
}

// cout is about what an entry takes in a file of its own.
func (f *fiche) cout(cle string) int64 {
	return int64(tailleTete + surcout + 8 + len(cle) + len(f.champs) + f.corps)
}

// coffre is the sealed log and what is live in it. Its methods are not to be called
// at the same time: Magasin has the lock.
type coffre struct {
	d      disque
	chemin string
	maitre []byte

	f      fichier
	g      *generation
	taille int64  // octets of the file that are good
	rang   uint64 // of the next record
	chaine lien
	fiches map[string]*fiche
	vivant int64 // octets that a file of live entries alone would have
	seuil  int64 // dead octets that are not tried to be won back before
	panne  error
}

// seuilMin are the dead octets under which a compaction is not worth it.
const seuilMin = 1 << 20

// suffixeNeuf is that of the file that a compaction makes, before it takes the place
// of the other; one that is found was left by a process that was killed.
const suffixeNeuf = ".neuf"

// suffixeVerrou is that of the file whose lock keeps the store for one opening.
const suffixeVerrou = ".verrou"

// ouvrirCoffre opens the file, or makes it, and reads what is live. Beyond the last
// whole record, what a killed process left of another is cut away.
func ouvrirCoffre(d disque, chemin string, maitre []byte, r repere) (*coffre, error) {
	c := &coffre{d: d, chemin: chemin, maitre: bytes.Clone(maitre), fiches: map[string]*fiche{}, seuil: seuilMin}
	if err := d.Retirer(chemin + suffixeNeuf); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("ouvrir le magasin: %w", err)
	}
	f, err := d.Ouvrir(chemin, 0)
	switch {
	case errors.Is(err, os.ErrNotExist) && r == repere{}:
		if err := c.creer(); err != nil {
			return nil, errors.Join(err, c.fermer())
		}
		return c, nil
	case errors.Is(err, os.ErrNotExist):
		return nil, ErrRetourMagasin
	case err != nil:
		return nil, fmt.Errorf("ouvrir le magasin: %w", err)
	}
	c.f = f
	if err := c.relire(r); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return c, nil
}

// relire reads the head and all the records.
func (c *coffre) relire(r repere) error {
	info, err := c.f.Stat()
	if err != nil {
		return fmt.Errorf("ouvrir le magasin: %w", err)
	}
	tete := make([]byte, min(tailleEntete, info.Size()))
	if _, err := io.ReadFull(io.NewSectionReader(c.f, 0, info.Size()), tete); err != nil {
		return fmt.Errorf("lire le magasin: %w", err)
	}
	if c.g, err = lireEntete(tete, c.maitre); err != nil {
		return err
	}
	c.taille, c.chaine = tailleEntete, c.g.mac
	src := bufio.NewReaderSize(io.NewSectionReader(c.f, tailleEntete, info.Size()-tailleEntete), 64<<10)
	vu := r.vuPar(c)
	for fin := false; !fin; vu = vu || r.vuPar(c) {
		if fin, err = c.rejouer(src, info.Size()-c.taille); err != nil {
			return err
		}
	}
	if !vu {
		return ErrRetourMagasin
	}
	if c.taille == info.Size() {
		return nil
	}
	if err := c.f.Truncate(c.taille); err != nil {
		return fmt.Errorf("couper le magasin: %w", err)
	}
	return c.f.Sync()
}

// rejouer reads the next record, of which that many octets are there at most. It
// tells the end: nothing more, or a record that was being written.
func (c *coffre) rejouer(src *bufio.Reader, reste int64) (fin bool, err error) {
	if reste < tailleTete {
		return true, nil
	}
	var tete [tailleTete]byte
	if _, err := io.ReadFull(src, tete[:]); err != nil {
		return false, fmt.Errorf("lire le magasin: %w", err)
	}
	n, ok := c.g.longueur(tete[:], c.rang, c.chaine)
	switch {
	case !ok:
		return c.jamaisEcrit(src, tete[:])
	case n > enregistrementMax:
		return false, ErrMagasinAltere
	case reste < int64(tailleTete+surcout+n):
		return true, nil
	}
	scelle := make([]byte, surcout+n)
	if _, err := io.ReadFull(src, scelle); err != nil {
		return false, fmt.Errorf("lire le magasin: %w", err)
	}
	clair, chaine, err := c.g.ouvrir(scelle, c.rang, c.chaine)
	if err != nil {
		return c.jamaisEcrit(src, scelle[len(scelle)-tailleMAC:])
	}
	if !lireOperations(clair, func(o operation, debut int) { c.appliquer(o, debut, len(clair)) }) {
		return false, ErrMagasinAltere
	}
	c.avancer(len(clair), chaine)
	return false, nil
}

// jamaisEcrit tells octets that the file system promised and never got, zeros up to
// the end of the file, from octets that were altered.
func (c *coffre) jamaisEcrit(src io.Reader, debut []byte) (bool, error) {
	for b := debut; ; {
		if len(bytes.Trim(b, "\x00")) > 0 {
			return false, ErrMagasinAltere
		}
		b = make([]byte, 4<<10)
		n, err := src.Read(b)
		if b = b[:n]; err == io.EOF && n == 0 {
			return true, nil
		} else if err != nil && err != io.EOF {
			return false, fmt.Errorf("lire le magasin: %w", err)
		}
	}
}

// appliquer takes note of an operation of the record that is at the end.
func (c *coffre) appliquer(o operation, debut, longueur int) {
	if f := c.fiches[o.cle]; f != nil {
		c.vivant -= f.cout(o.cle)
		delete(c.fiches, o.cle)
	}
	if o.retrait {
		return
	}
	f := &fiche{bytes.Clone(o.champs), c.taille, c.rang, longueur, debut, len(o.corps)}
	c.fiches[o.cle] = f
	c.vivant += f.cout(o.cle)
}

// avancer goes past the record that is at the end.
func (c *coffre) avancer(longueur int, chaine lien) {
	c.taille += int64(tailleTete + surcout + longueur)
	c.rang++
	c.chaine = chaine
}

// cles are those of the entries with a prefix, in order.
func (c *coffre) cles(prefixe string) []string {
	l := slices.Collect(maps.Keys(c.fiches))
	l = slices.DeleteFunc(l, func(s string) bool { return len(s) < len(prefixe) || s[:len(prefixe)] != prefixe })
	slices.Sort(l)
	return l
}

// corps reads the body of an entry, nil when there is no entry.
func (c *coffre) corps(cle string) ([]byte, error) {
	f := c.fiches[cle]
	switch {
	case c.f == nil:
		return nil, ErrMagasinFerme
	case f == nil || f.corps == 0:
		return nil, nil
	}
	// The tag of the record before stands just before this one.
	b := make([]byte, tailleMAC+tailleTete+surcout+f.longueur)
	if _, err := c.f.ReadAt(b, f.position-tailleMAC); err != nil {
		return nil, fmt.Errorf("lire le magasin: %w", err)
	}
	clair, _, err := c.g.ouvrir(b[tailleMAC+tailleTete:], f.rang, lien(b))
	if err != nil {
		return nil, err
	}
	return clair[f.debut:][:f.corps:f.corps], nil
}
