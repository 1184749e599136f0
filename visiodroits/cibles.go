package visiodroits

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/ecluse-sante/ecluse/sante"
)

// Sens is on which side of a target one must be.
type Sens string

// The two sides.
const (
	AuPlus  Sens = "MAX"
	AuMoins Sens = "MIN"
)

// Cible is the target of an indicator, for a period.
type Cible struct {
	Indicateur NomIndicateur
	Sens       Sens
	Valeur     int64 // in the unit of the indicator; hundredths of a percent for a rate
	Debut, Fin sante.Jour
	Source     string
}

// Cibles are targets; there is one at most for an indicator on a day.
type Cibles []Cible

//go:embed cibles.csv
var ciblesCSV []byte

// CiblesPubliees are the targets that come with the program.
func CiblesPubliees() (Cibles, error) { return LireCibles(bytes.NewReader(ciblesCSV)) }

// ErrCibles is wrapped by the errors of a table of targets.
var ErrCibles = errors.New("table des cibles refusée")

// ciblesMax bounds a table of targets, in bytes.
const ciblesMax = 1 << 20

// LireCibles reads a table of targets: the form of cibles.csv. The error tells the
// line.
func LireCibles(r io.Reader) (Cibles, error) {
	b, err := io.ReadAll(io.LimitReader(r, ciblesMax+1))
	if err != nil {
		return nil, fmt.Errorf("%w : %w", ErrCibles, err)
	}
	if len(b) > ciblesMax {
		return nil, fmt.Errorf("%w : plus de %d octets", ErrCibles, ciblesMax)
	}
	c := csv.NewReader(bytes.NewReader(b))
	c.Comma, c.Comment, c.FieldsPerRecord = ';', '#', 6
	var l Cibles
	for n := 0; ; n++ {
		f, err := c.Read()
		if err == io.EOF && n > 0 {
			return l, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w : %w", ErrCibles, err)
		}
		ligne, _ := c.FieldPos(0)
		if n == 0 {
			if !slices.Equal(f, []string{"indicateur", "sens", "valeur", "debut", "fin", "source"}) {
				return nil, fmt.Errorf("%w : ligne %d, en-tête attendu : indicateur;sens;valeur;debut;fin;source", ErrCibles, ligne)
			}
			continue
		}
		x, err := lireCible(f)
		if err != nil {
			return nil, fmt.Errorf("%w : ligne %d, %w", ErrCibles, ligne, err)
		}
		if slices.ContainsFunc(l, x.chevauche) {
			return nil, fmt.Errorf("%w : ligne %d, deux cibles de %s le même jour", ErrCibles, ligne, x.Indicateur)
		}
		l = append(l, x)
	}
}

func lireCible(f []string) (c Cible, err error) {
	c = Cible{Indicateur: NomIndicateur(f[0]), Sens: Sens(f[1]), Source: f[5]}
	i := slices.IndexFunc(definitions, func(d definition) bool { return d.nom == c.Indicateur })
	switch {
	case i < 0:
		return c, errors.New("indicateur inconnu")
	case c.Sens != AuPlus && c.Sens != AuMoins:
		return c, errors.New("sens MAX ou MIN attendu")
	case definitions[i].unite == EnTaux:
		var t sante.Taux
		if t, err = sante.ParseTaux(f[2]); err != nil || t > sante.Pourcent(100) {
			return c, errors.New("taux de 0 à 100 attendu")
		}
		c.Valeur = int64(t)
	default:
		n, err := strconv.ParseUint(f[2], 10, 32)
		if err != nil {
			return c, errors.New("nombre entier attendu")
		}
		c.Valeur = int64(n)
	}
	if c.Debut, err = sante.ParseJour(f[3]); err != nil {
		return c, fmt.Errorf("début : %w", err)
	}
	if f[4] != "" {
		if c.Fin, err = sante.ParseJour(f[4]); err != nil || c.Fin < c.Debut {
			return c, errors.New("fin : date attendue, qui suive le début")
		}
	}
	return c, nil
}

func (c *Cible) vaut(j sante.Jour) bool { return j >= c.Debut && (c.Fin == 0 || j <= c.Fin) }

func (c *Cible) chevauche(x Cible) bool {
	return x.Indicateur == c.Indicateur && (x.Fin == 0 || x.Fin >= c.Debut) && (c.Fin == 0 || c.Fin >= x.Debut)
}

// A is the target of an indicator on a day, or nil.
func (l Cibles) A(nom NomIndicateur, j sante.Jour) *Cible {
	for i := range l {
		if l[i].Indicateur == nom && l[i].vaut(j) {
			return &l[i]
		}
	}
	return nil
}

// juger tells whether a value known to lie between two bounds meets the target.
func (c *Cible) juger(sur, bas, haut int64) Verdict {
	switch {
	case c == nil:
		return SansCible
	case sur == 0:
		return SansMesure
	case c.Sens == AuPlus && haut <= c.Valeur || c.Sens == AuMoins && bas >= c.Valeur:
		return Tenue
	case c.Sens == AuPlus && bas > c.Valeur || c.Sens == AuMoins && haut < c.Valeur:
		return Manquee
	}
	return Indeterminee
}

func verdict(tenue bool) Verdict {
	if tenue {
		return Tenue
	}
	return Manquee
}
