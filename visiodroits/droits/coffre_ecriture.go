package droits

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
)

// ecrire adds a record to the file and returns when it is on the disk. After an
// error nothing of it is there, or the store says ErrMagasinPanne from then on.
func (c *coffre) ecrire(ops []operation) error {
	if err := c.pret(); err != nil || len(ops) == 0 {
		return err
	}
	if taille(ops) > enregistrementMax {
		return ErrTropGrand
	}
	clair, debuts := encoder(ops)
	scelle, chaine := c.g.sceller(make([]byte, 0, tailleTete+surcout+len(clair)), clair, c.rang, c.chaine)
	if _, err := c.f.WriteAt(scelle, c.taille); err != nil {
		if c.f.Truncate(c.taille) != nil || c.f.Sync() != nil {
			c.panne = ErrMagasinPanne
		}
		return fmt.Errorf("écrire dans le magasin: %w", err)
	}
	if err := c.f.Sync(); err != nil { // what is on the disk is no longer known
		c.panne = ErrMagasinPanne
		return fmt.Errorf("écrire dans le magasin: %w", err)
	}
	for i, o := range ops {
		c.appliquer(o, debuts[i], len(clair))
	}
	c.avancer(len(clair), chaine)
	if mort := c.taille - tailleEntete - c.vivant; mort > max(c.seuil, c.vivant) {
		if c.compacter() != nil { // the write is done: try again when there is twice as much to win
			c.seuil = 2 * mort
		}
	}
	return nil
}

// taille is about what the operations take, and not less.
func taille(ops []operation) (n int) {
	for _, o := range ops {
		n += 32 + len(o.cle) + len(o.champs) + len(o.corps)
	}
	return n
}

func encoder(ops []operation) (clair []byte, debuts []int) {
	debuts = make([]int, len(ops))
	for i, o := range ops {
		clair, debuts[i] = appendOperation(clair, o)
	}
	return clair, debuts
}

// pret tells whether the file may be written to: that it is ours still, and as we
// left it.
func (c *coffre) pret() error {
	switch {
	case c.panne != nil:
		return c.panne
	case c.f == nil:
		return ErrMagasinFerme
	}
	ici, err := c.f.Stat()
	if err != nil {
		return fmt.Errorf("écrire dans le magasin: %w", err)
	}
	la, err := c.d.Etat(c.chemin)
	if err != nil {
		return fmt.Errorf("écrire dans le magasin: %w", err)
	}
	if ici.Size() != c.taille || !os.SameFile(ici, la) {
		return ErrMagasinPartage
	}
	return nil
}

// creer makes the file of a new store.
func (c *coffre) creer() error {
	var id [16]byte
	rand.Read(id[:]) // does not fail. ref: crypto/rand
	neuf, err := c.preparer(1, id)
	if err != nil {
		return err
	}
	return c.prendre(neuf)
}

// compacter makes a file of the live entries alone, which takes the place of the
// other at once. What is not live is then nowhere in the file.
func (c *coffre) compacter() error {
	if err := c.pret(); err != nil {
		return err
	}
	neuf, err := c.preparer(c.g.numero+1, c.g.id)
	if err != nil {
		return err
	}
	return c.prendre(neuf)
}

// preparer writes the live entries in a file of another name, each in its record.
func (c *coffre) preparer(numero uint64, id [16]byte) (neuf *coffre, err error) {
	neuf = &coffre{fiches: make(map[string]*fiche, len(c.fiches)), taille: tailleEntete}
	if neuf.g, err = nouvelleGeneration(c.maitre, numero, id); err != nil {
		return nil, err
	}
	neuf.chaine = neuf.g.mac
	f, err := c.d.Ouvrir(c.chemin+suffixeNeuf, os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return nil, fmt.Errorf("compacter le magasin: %w", err)
	}
	err = c.recopier(neuf, f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, fmt.Errorf("compacter le magasin: %w", errors.Join(err, c.d.Retirer(c.chemin+suffixeNeuf)))
	}
	return neuf, nil
}

func (c *coffre) recopier(neuf *coffre, f fichier) error {
	w := bufio.NewWriterSize(io.NewOffsetWriter(f, 0), 256<<10)
	w.Write(append(neuf.g.entete(), neuf.g.mac[:]...)) // the error stays in w
	var scelle []byte
	for _, cle := range c.cles("") {
		corps, err := c.corps(cle)
		if err != nil {
			return err
		}
		o := operation{cle: cle, champs: c.fiches[cle].champs, corps: corps}
		clair, debut := appendOperation(nil, o)
		var chaine lien
		scelle, chaine = neuf.g.sceller(scelle[:0], clair, neuf.rang, neuf.chaine)
		if _, err := w.Write(scelle); err != nil {
			return err
		}
		neuf.appliquer(o, debut, len(clair))
		neuf.avancer(len(clair), chaine)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

// prendre puts the new file in the place of the other. The other is closed first:
// some systems do not replace an open file.
func (c *coffre) prendre(neuf *coffre) error {
	if c.f != nil {
		if err := c.f.Close(); err != nil {
			c.panne = ErrMagasinPanne
			return fmt.Errorf("compacter le magasin: %w", err)
		}
		c.f = nil
	}
	renomme := c.d.Renommer(c.chemin+suffixeNeuf, c.chemin)
	f, err := c.d.Ouvrir(c.chemin, 0)
	if err != nil {
		c.panne = ErrMagasinPanne
		return fmt.Errorf("compacter le magasin: %w", errors.Join(renomme, err))
	}
	c.f = f
	if renomme != nil {
		err = c.apresEchec(neuf)
		return fmt.Errorf("compacter le magasin: %w", errors.Join(renomme, err))
	}
	c.adopter(neuf)
	return nil
}

// adopter goes on with the entries of the new file.
func (c *coffre) adopter(neuf *coffre) {
	c.g, c.taille, c.rang, c.chaine, c.fiches, c.vivant = neuf.g, neuf.taille, neuf.rang, neuf.chaine, neuf.fiches, neuf.vivant
	c.seuil = seuilMin
}

// apresEchec finds which file is there when one could not take the place of the
// other. The one before serves on. The new one may leave its place again if the
// machine stops: nothing more is written to it.
func (c *coffre) apresEchec(neuf *coffre) error {
	tete := make([]byte, tailleEntete)
	if _, err := c.f.ReadAt(tete, 0); err != nil {
		c.panne = ErrMagasinPanne
		return err
	}
	g, err := lireEntete(tete, c.maitre)
	switch {
	case err != nil:
		c.panne = ErrMagasinPanne
		return err
	case g.sel == neuf.g.sel:
		c.adopter(neuf)
		c.panne = ErrMagasinPanne
		return nil
	}
	return c.d.Retirer(c.chemin + suffixeNeuf)
}

// fermer closes the file.
func (c *coffre) fermer() error {
	if c.f == nil {
		return nil
	}
	err := c.f.Close()
	c.f = nil
	return err
}
