package rass

import (
	"errors"
	"strings"
	"time"
)

const (
	formeHorodatage = "200601021504" // AAAAMMJJhhmm
	nomArchive      = "PS_LibreAcces"
	marqueDelta     = "_Delta"
)

// ErrNom is a name that is none of the files of the directory.
var ErrNom = errors.New("rass: ce nom n'est pas celui d'un fichier de l'annuaire : NOM_AAAAMMJJhhmm.txt attendu")

// Nom is what the name of a file says.
type Nom struct {
	Fichier Fichier
	Delta   bool // a file of differences
	Instant time.Time
}

// ParseNom reads a name as PS_LibreAcces_SavoirFaire_202611230312.txt. The stamp is
// that of this place: the publisher's, which the name does not say. hyp: RASS-HORODATAGE
func ParseNom(nom string, lieu *time.Location) (Nom, error) {
	base, ok := strings.CutSuffix(nom, ".txt")
	i := strings.LastIndexByte(base, '_')
	if !ok || i < 0 {
		return Nom{}, ErrNom
	}
	t, err := instant(base[i+1:], lieu)
	if err != nil {
		return Nom{}, err
	}
	tige, delta := strings.CutSuffix(base[:i], marqueDelta)
	for _, f := range Fichiers {
		if tige == f.String() {
			return Nom{f, delta, t}, nil
		}
	}
	return Nom{}, ErrNom
}

// ParseNomArchive reads the stamp of a name as PS_LibreAcces_202611230312.zip.
func ParseNomArchive(nom string, lieu *time.Location) (time.Time, error) {
	base, ok := strings.CutSuffix(nom, ".zip")
	base, bon := strings.CutPrefix(base, nomArchive+"_")
	if !ok || !bon {
		return time.Time{}, ErrNom
	}
	return instant(base, lieu)
}

func instant(s string, lieu *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(formeHorodatage, s, lieu)
	if err != nil || len(s) != len(formeHorodatage) {
		return time.Time{}, ErrNom
	}
	return t, nil
}

// String is the name of the file, with the stamp of the place of its instant.
func (n Nom) String() string {
	s := n.Fichier.String()
	if n.Delta {
		s += marqueDelta
	}
	return s + "_" + n.Instant.Format(formeHorodatage) + ".txt"
}

// NomArchive is the name of the archive of an instant.
func NomArchive(t time.Time) string { return nomArchive + "_" + t.Format(formeHorodatage) + ".zip" }
