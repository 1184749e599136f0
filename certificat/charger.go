package certificat

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxFichiers bounds how many files of one directory are read.
const maxFichiers = 4096

// RapportChargement tells what a directory gave.
type RapportChargement struct {
	Racines, Intermediaires, Listes int
	Refus                           []RefusFichier // lists refused; authorities refused stop the loading
}

// RefusFichier is one file that was refused, and why.
type RefusFichier struct {
	Fichier string
	Erreur  error
}

// ChargerRepertoire replaces the trust of the store by what a directory holds:
// racines/, intermediaires/ and crl/, each of PEM or DER files. It may be called
// again at any time; nothing changes when an authority is refused. A refused list
// is reported and the list known before stays.
func (m *Magasin) ChargerRepertoire(dir string) (RapportChargement, error) {
	var rap RapportChargement
	racines, err := lireDossier(filepath.Join(dir, "racines"), "CERTIFICATE", maxCertificat*64)
	if err != nil {
		return rap, err
	}
	if len(racines) == 0 {
		return rap, fmt.Errorf("%w : %s", errRien, dir)
	}
	inter, err := lireDossier(filepath.Join(dir, "intermediaires"), "CERTIFICATE", maxCertificat*64)
	if err != nil {
		return rap, err
	}
	if err := m.RemplacerAutorites(ders(racines), ders(inter)); err != nil {
		return rap, err
	}
	rap.Racines, rap.Intermediaires = len(racines), len(inter)
	listes, err := lireDossier(filepath.Join(dir, "crl"), "X509 CRL", 2*maxListe)
	if err != nil {
		return rap, err
	}
	rap.Listes, rap.Refus = m.ajouterListes(listes)
	return rap, nil
}

// ajouterListes loads full lists first: a delta needs its base.
func (m *Magasin) ajouterListes(l []objet) (n int, refus []RefusFichier) {
	for _, delta := range []bool{false, true} {
		for _, o := range l {
			_, lue, r := lireListe(o.der)
			if r != nil {
				if !delta {
					refus = append(refus, RefusFichier{o.fichier, r})
				}
				continue
			}
			if lue.Delta() != delta {
				continue
			}
			if _, err := m.AjouterCRL(o.der); err != nil {
				refus = append(refus, RefusFichier{o.fichier, err})
				continue
			}
			n++
		}
	}
	return n, refus
}

type objet struct {
	fichier string
	der     []byte
}

func ders(l []objet) [][]byte {
	d := make([][]byte, len(l))
	for i, o := range l {
		d[i] = o.der
	}
	return d
}

// lireDossier reads the PEM and DER objects of a directory; one that does not
// exist is empty. Hidden files are skipped: an atomic write leaves some behind.
func lireDossier(dir, genre string, max int64) ([]objet, error) {
	entrees, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("certificat: %w", err)
	}
	if len(entrees) > maxFichiers {
		return nil, fmt.Errorf("certificat: %s contient plus de %d fichiers", dir, maxFichiers)
	}
	var l []objet
	for _, e := range entrees {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		chemin := filepath.Join(dir, e.Name())
		b, err := lireFichier(chemin, max)
		if err != nil {
			return nil, err
		}
		for _, der := range Extraire(b, genre) {
			l = append(l, objet{chemin, der})
		}
	}
	return l, nil
}

func lireFichier(chemin string, max int64) ([]byte, error) {
	f, err := os.Open(chemin)
	if err != nil {
		return nil, fmt.Errorf("certificat: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err != nil {
		return nil, fmt.Errorf("certificat: %w", err)
	}
	if int64(len(b)) > max {
		return nil, &Refus{Motif: MotifTropGros, Detail: chemin}
	}
	return b, nil
}
