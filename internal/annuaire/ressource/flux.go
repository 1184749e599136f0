package ressource

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Flux reads resources one by line, as an export gives them. ref: RASS §7.2
type Flux struct {
	r      *bufio.Reader
	ligne  int
	octets int64
	b      []byte
}

// NouveauFlux reads from r; to go on with a file from a place, give it what follows that
// place.
func NouveauFlux(r io.Reader) *Flux { return &Flux{r: bufio.NewReaderSize(r, 256<<10)} }

// ErreurLigne is a line that is no record: the next ones can be read.
type ErreurLigne struct {
	Ligne int // from 1, of what this Flux has read
	Cause error
}

// Error says where and why, and quotes nothing.
func (e *ErreurLigne) Error() string { return fmt.Sprintf("ligne %d : %v", e.Ligne, e.Cause) }

// Unwrap is the cause.
func (e *ErreurLigne) Unwrap() error { return e.Cause }

// Octets is how far the lines that were given go: where to resume.
func (f *Flux) Octets() int64 { return f.octets }

// Suivante gives the next record; io.EOF at the end. An [*ErreurLigne] is of one line,
// which was passed over; any other error is of the source.
func (f *Flux) Suivante() (annuaire.Changement, error) {
	b, err := f.prochaine()
	if err != nil {
		return annuaire.Changement{}, err
	}
	k, err := Lire(b)
	if err != nil {
		return k, &ErreurLigne{f.ligne, err}
	}
	return k, nil
}

// Ecartees gives the next deletions, of a file of deletions: natures and IDs.
func (f *Flux) Ecartees() ([]Ecartee, error) {
	b, err := f.prochaine()
	if err != nil {
		return nil, err
	}
	var lot struct {
		ResourceType string `json:"resourceType"`
		Entry        []struct {
			Request struct {
				Method string `json:"method"`
				URL    string `json:"url"`
			} `json:"request"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(b, &lot); err != nil || lot.ResourceType != "Bundle" {
		return nil, &ErreurLigne{f.ligne, ErrRessource}
	}
	var l []Ecartee
	for i := range lot.Entry {
		r := &lot.Entry[i].Request
		type_, id, ok := strings.Cut(r.URL, "/")
		if n := NatureDe(type_); ok && n != 0 && r.Method == "DELETE" {
			l = append(l, Ecartee{n, id})
		}
	}
	return l, nil
}

// Ecartee is a record that is no longer in the other directory.
type Ecartee struct {
	Nature annuaire.Nature
	ID     string
}

// prochaine gives the next line that is not empty, without its end. A line without end,
// at the end of the file, was cut: it is not given.
func (f *Flux) prochaine() ([]byte, error) {
	for {
		b, err := f.lire()
		if err != nil {
			return nil, err
		}
		if b = bytes.TrimSpace(b); len(b) > 0 {
			return b, nil
		}
	}
}

func (f *Flux) lire() ([]byte, error) {
	f.b = f.b[:0]
	lus, trop := int64(0), false
	for {
		morceau, err := f.r.ReadSlice('\n')
		lus += int64(len(morceau))
		if trop = trop || len(f.b)+len(morceau) > TailleMax+1; !trop {
			f.b = append(f.b, morceau...)
		}
		switch {
		case err == nil:
			f.ligne++
			f.octets += lus
			if trop {
				return nil, &ErreurLigne{f.ligne, ErrTrop}
			}
			return f.b, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && lus > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
