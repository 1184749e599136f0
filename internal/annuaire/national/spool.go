package national

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
)

// fiches reads the resources of files of one per line. Those that cannot be read are
// left out, up to one in fifty: beyond, the source is not what it says.
func fiches(chemins []string) iter.Seq2[annuaire.Changement, error] {
	return func(un func(annuaire.Changement, error) bool) {
		lues, rejetees := 0, 0
		for _, chemin := range chemins {
			for b, err := range lignes(chemin) {
				if err != nil {
					un(annuaire.Changement{}, err)
					return
				}
				k, err := Lire(b)
				if lues++; err != nil {
					rejetees++
					continue
				}
				if !un(k, nil) {
					return
				}
			}
		}
		if rejetees > 10 && rejetees*50 > lues {
			un(annuaire.Changement{}, fmt.Errorf("%w : %d ressources illisibles sur %d", ErrSource, rejetees, lues))
		}
	}
}

var errLigne = errors.New("annuaire national: une ligne est plus longue que permis")

// lignes gives the lines of a file, empty ones left out.
func lignes(chemin string) iter.Seq2[[]byte, error] {
	return func(un func([]byte, error) bool) {
		f, err := os.Open(chemin)
		if err != nil {
			un(nil, fmt.Errorf("annuaire national: %w", err))
			return
		}
		defer f.Close()
		s := bufio.NewScanner(io.Reader(f))
		s.Buffer(make([]byte, 64<<10), ressourceMax+2)
		for s.Scan() {
			if b := bytes.TrimSpace(s.Bytes()); len(b) > 0 && !un(b, nil) {
				return
			}
		}
		if err := s.Err(); errors.Is(err, bufio.ErrTooLong) {
			un(nil, errLigne)
		} else if err != nil {
			un(nil, fmt.Errorf("annuaire national: %w", err))
		}
	}
}

// Fichiers is the feed of resources that were exported to files, one resource a line.
// When they are the whole of a directory, what they do not have has ended, of the records
// that the interface keeps.
func Fichiers(chemins []string, instant time.Time, entier bool) charger.Flux {
	f := charger.Flux{Nom: "fichiers NDJSON", Instant: instant, Fiches: fiches(chemins)}
	if entier {
		f.Entieres, f.Systemes = append([]annuaire.Nature(nil), toutesNatures...), append([]string(nil), systemesFHIR...)
	}
	return f
}
