package annuaireamc

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// LigneRefusee is a line of a file that was not taken.
type LigneRefusee struct {
	Ligne int    `json:"ligne"`
	Motif string `json:"motif"`
}

// ligneMax bounds a line of a file, in bytes.
const ligneMax = 256 << 10

// Lire reads entries, one JSON object a line, and reports what it refuses line by
// line. The error is of the reading itself.
func Lire(r io.Reader) ([]Entree, []LigneRefusee, error) {
	var entrees []Entree
	var refus []LigneRefusee
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), ligneMax)
	for n := 1; s.Scan(); n++ {
		if len(s.Bytes()) == 0 {
			continue
		}
		e, err := lireEntree(s.Bytes())
		if err != nil {
			refus = append(refus, LigneRefusee{n, err.Error()})
			continue
		}
		entrees = append(entrees, e)
	}
	return entrees, refus, s.Err()
}

func lireEntree(b []byte) (Entree, error) {
	var e Entree
	if err := unmarshalStrict(b, &e); err != nil {
		return e, fmt.Errorf("%w : %w", ErrEntree, err)
	}
	return e, e.Valider()
}

// Ecrire writes entries as Lire reads them.
func Ecrire(w io.Writer, entrees []Entree) error {
	enc := json.NewEncoder(w)
	for i := range entrees {
		if err := enc.Encode(&entrees[i]); err != nil {
			return err
		}
	}
	return nil
}

// unmarshalStrict refuses unknown members and anything after the object.
func unmarshalStrict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("suite inattendue après l'objet")
	}
	return nil
}
