package vigie

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// NomBorne is a bound that changes with time, by decision.
type NomBorne string

// The dated bounds.
const (
	// DroitsParJour is the most rights that one professional asks in a day.
	// ref: VISIO §9.3
	DroitsParJour NomBorne = "DROITS_PAR_JOUR"
	// PreavisCle is how many days before the end of an issuer's key it is told.
	PreavisCle NomBorne = "PREAVIS_CLE"
	// VieNormale is how many days after its issue a normal accreditation lives when who pays
	// has no register of it, by the day of issue; PremiereVue how many after the end of its
	// key one that no invoice quoted yet is believed, by that day.
	VieNormale  NomBorne = "VIE_NORMALE"
	PremiereVue NomBorne = "PREMIERE_VUE"
)

// borne is the values of a bound for a period.
type borne struct {
	nom        NomBorne
	valeurs    []int
	debut, fin sante.Jour // fin zero: no end
}

// Bornes are the dated bounds; there is one at most for a name on a day.
type Bornes []borne

//go:embed bornes.csv
var bornesCSV []byte

// BornesPubliees are the bounds that come with the program.
func BornesPubliees() (Bornes, error) { return LireBornes(bytes.NewReader(bornesCSV)) }

// ErrBornes is wrapped by the errors of a table of bounds.
var ErrBornes = errors.New("table des bornes refusée")

// bornesMax bounds a table of bounds, in bytes.
const bornesMax = 1 << 16

// LireBornes reads a table of bounds: the form of bornes.csv. The error tells the line.
func LireBornes(r io.Reader) (Bornes, error) {
	b, err := io.ReadAll(io.LimitReader(r, bornesMax+1))
	if err != nil {
		return nil, fmt.Errorf("%w : %w", ErrBornes, err)
	}
	if len(b) > bornesMax {
		return nil, fmt.Errorf("%w : plus de %d octets", ErrBornes, bornesMax)
	}
	c := csv.NewReader(bytes.NewReader(b))
	c.Comma, c.Comment, c.FieldsPerRecord = ';', '#', 5
	lignes, err := c.ReadAll()
	if x := new(csv.ParseError); errors.As(err, &x) {
		return nil, fmt.Errorf("%w : ligne %d : cinq champs séparés par des points-virgules attendus", ErrBornes, x.Line)
	}
	if err != nil {
		return nil, fmt.Errorf("%w : %w", ErrBornes, err)
	}
	if len(lignes) == 0 || strings.Join(lignes[0], ";") != "borne;valeurs;debut;fin;source" {
		return nil, fmt.Errorf("%w : première ligne attendue : borne;valeurs;debut;fin;source", ErrBornes)
	}
	var l Bornes
	for i, f := range lignes[1:] {
		x, err := lireBorne(f)
		if err == nil && slices.ContainsFunc(l, x.chevauche) {
			err = errors.New("deux bornes de ce nom le même jour")
		}
		if err != nil {
			return nil, fmt.Errorf("%w : %s, borne n° %d : %w", ErrBornes, f[0], i+1, err)
		}
		l = append(l, x)
	}
	return l, nil
}

func lireBorne(f []string) (x borne, err error) {
	x.nom = NomBorne(f[0])
	if !slices.Contains([]NomBorne{DroitsParJour, PreavisCle, VieNormale, PremiereVue}, x.nom) {
		return x, errors.New("nom inconnu")
	}
	for _, s := range strings.Fields(f[1]) {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil || n < 1 {
			return x, errors.New("nombres entiers attendus, d'au moins 1")
		}
		x.valeurs = append(x.valeurs, int(n))
	}
	if len(x.valeurs) == 0 || x.nom != PreavisCle && len(x.valeurs) > 1 || len(x.valeurs) > 10 {
		return x, errors.New("un nombre attendu, ou une dizaine au plus pour PREAVIS_CLE")
	}
	if x.debut, err = sante.ParseJour(f[2]); err != nil {
		return x, fmt.Errorf("début : %w", err)
	}
	if f[3] != "" {
		if x.fin, err = sante.ParseJour(f[3]); err != nil || x.fin < x.debut {
			return x, errors.New("fin : date attendue, qui suive le début")
		}
	}
	return x, nil
}

func (x *borne) chevauche(y borne) bool {
	return y.nom == x.nom && (y.fin == 0 || y.fin >= x.debut) && (x.fin == 0 || x.fin >= y.debut)
}

// A gives the values of a bound on a day; none when no period holds that day.
func (l Bornes) A(nom NomBorne, j sante.Jour) []int {
	for i := range l {
		if x := &l[i]; x.nom == nom && j >= x.debut && (x.fin == 0 || j <= x.fin) {
			return x.valeurs
		}
	}
	return nil
}
