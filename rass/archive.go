package rass

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"time"
)

// Bounds of an archive.
const (
	entreesMax      = 64
	tailleMaxDefaut = 8 << 30 // bytes of all its files; the national ones have 1.2 GB
	rapportMax      = 200     // times the size of the archive: text so regular compresses by 8 to 40
	rapportPlancher = 1 << 20
)

var (
	errEntrees  = errors.New("trop de fichiers")
	errTaille   = errors.New("fichiers plus gros que permis")
	errAbsent   = errors.New("ce fichier n'y est pas")
	errDeuxFois = errors.New("le même fichier y est deux fois")
)

// Archive is the zip in which the directory is published.
type Archive struct {
	z       *zip.Reader
	entrees []Entree
	rangs   []int
}

// Entree is one file of an archive.
type Entree struct {
	Nom
	Taille int64 // bytes, uncompressed
}

// OuvrirArchive reads the list of an archive of this size. Its files may not have more
// than max bytes together (0: 8 GiB). Files that are not of the directory are left aside.
// The error is an [*Erreur].
func OuvrirArchive(r io.ReaderAt, taille, max int64, lieu *time.Location) (*Archive, error) {
	z, err := zip.NewReader(r, taille)
	if err != nil {
		return nil, &Erreur{Motif: MotifArchive, Cause: err}
	}
	if len(z.File) > entreesMax {
		return nil, &Erreur{Motif: MotifArchive, Cause: errEntrees}
	}
	if max <= 0 {
		max = tailleMaxDefaut
	}
	max = min(max, rapportPlancher+rapportMax*taille)
	a := &Archive{z: z}
	for i, f := range z.File {
		nom, err := ParseNom(path.Base(f.Name), lieu)
		if err != nil {
			continue
		}
		if f.UncompressedSize64 > uint64(max) {
			return nil, &Erreur{Motif: MotifArchive, Cause: errTaille}
		}
		max -= int64(f.UncompressedSize64)
		for _, e := range a.entrees {
			if e.Fichier == nom.Fichier && e.Delta == nom.Delta {
				return nil, &Erreur{Motif: MotifArchive, Cause: errDeuxFois}
			}
		}
		a.entrees, a.rangs = append(a.entrees, Entree{nom, int64(f.UncompressedSize64)}), append(a.rangs, i)
	}
	return a, nil
}

// Entrees are the files of the directory that the archive has.
func (a *Archive) Entrees() []Entree { return a.entrees }

// Ouvrir opens a file of the archive. It gives no more bytes than the archive said, and
// an error when there are fewer, or when they are not those that were put there.
func (a *Archive) Ouvrir(f Fichier) (io.ReadCloser, error) {
	for i, e := range a.entrees {
		if e.Fichier == f {
			r, err := a.z.File[a.rangs[i]].Open() // checks the size and the CRC as it goes
			if err != nil {
				return nil, &Erreur{Motif: MotifArchive, Cause: err}
			}
			return r, nil
		}
	}
	return nil, &Erreur{Motif: MotifArchive, Cause: fmt.Errorf("%v : %w", f, errAbsent)}
}
