package charger

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// seuilsDuProgramme are the thresholds of the guard: editable data. hyp: CHARGER-SEUILS
//
//go:embed seuils.csv
var seuilsDuProgramme string

// Seuils say from what the guard refuses, by kind of feed and by nature of record.
type Seuils struct{ lignes []seuil }

type seuil struct {
	sur     string // name of a kind of feed, word of a nature, or *
	quoi    string // one of reglesSeuils
	pourMil int64
	libre   int64 // under this number, nothing is refused
	depuis  sante.Jour
}

var reglesSeuils = []string{"rejets", "encodage", "retrait", "ampleur"}

// LireSeuils reads thresholds, in the form of the file of the program.
func LireSeuils(texte string) (*Seuils, error) {
	r := csv.NewReader(strings.NewReader(texte))
	r.Comma, r.Comment, r.FieldsPerRecord = ';', '#', 5
	l, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("seuils du chargement: %w", err)
	}
	s := &Seuils{}
	for i, x := range l {
		if i == 0 {
			continue
		}
		p, err1 := strconv.ParseInt(x[2], 10, 32)
		n, err2 := strconv.ParseInt(x[3], 10, 32)
		j, err3 := sante.ParseJour(x[4])
		if err1 != nil || err2 != nil || err3 != nil || p < 0 || n < 0 || !slices.Contains(reglesSeuils, x[1]) {
			return nil, fmt.Errorf("seuils du chargement: ligne %d illisible : sur quoi, règle (%s), pour mille, nombre toujours permis et jour sont attendus", i+1, strings.Join(reglesSeuils, ", "))
		}
		s.lignes = append(s.lignes, seuil{x[0], x[1], p, n, j})
	}
	return s, nil
}

// depasse tells whether a number out of a total is too many: the line of its own name
// that is in force last decides, else that of all.
func (s *Seuils) depasse(sur, quoi string, n, total int64, jour sante.Jour) bool {
	var r *seuil
	for i := range s.lignes {
		x := &s.lignes[i]
		if x.quoi != quoi || x.depuis > jour || x.sur != sur && x.sur != "*" {
			continue
		}
		if r == nil || x.sur == sur && (r.sur != sur || r.depuis <= x.depuis) || x.sur == r.sur && r.depuis <= x.depuis {
			r = x
		}
	}
	return r != nil && n > r.libre && n*1000 > r.pourMil*total
}

func (o *Options) seuils() (*Seuils, error) {
	if o.Seuils != nil {
		return o.Seuils, nil
	}
	return LireSeuils(seuilsDuProgramme)
}

// garderFlux refuses a feed that has too many lines that cannot be read, or strangely
// fewer than the last time. Acceptance waives the second, never the first: what cannot
// be read is not known. ref: RASS §5.5
func (c *course) garderFlux(ctx context.Context) error {
	s, err := c.o.seuils()
	if err != nil {
		return err
	}
	avant := map[string]int64{}
	if c.o.Journal != nil {
		if avant, err = c.o.Journal.DernieresLignes(ctx); err != nil {
			return fmt.Errorf("charger: journal: %w", err)
		}
	}
	for _, f := range c.rapport.Flux {
		total := f.Lignes + f.Rejetees
		if s.depasse(f.Cle, "rejets", f.Rejetees, total, c.compte.jour) {
			return &Refus{Motif: MotifRejets, Flux: f.Nom, Detail: fmt.Sprintf("%d lignes sur %d", f.Rejetees, total)}
		}
		if s.depasse(f.Cle, "encodage", f.Reparees, total, c.compte.jour) {
			return &Refus{Motif: MotifEncodage, Flux: f.Nom, Detail: fmt.Sprintf("%d lignes sur %d", f.Reparees, total)}
		}
		if a := avant[f.Cle]; f.Portee == Entier && f.Lignes < a && s.depasse(f.Cle, "retrait", a-f.Lignes, a, c.compte.jour) {
			if c.o.AccepteePar == "" {
				return &Refus{Motif: MotifRetrait, Flux: f.Nom, Detail: fmt.Sprintf("%d lignes, %d la dernière fois", f.Lignes, a)}
			}
			c.rapport.AccepteePar = c.o.AccepteePar
		}
	}
	return nil
}

// garderAmpleur refuses a difference that touches too many records of a nature.
func (c *course) garderAmpleur() error {
	s, err := c.o.seuils()
	if err != nil {
		return err
	}
	for _, n := range annuaire.Natures {
		m := c.rapport.Mouvements[n]
		if !s.depasse(n.String(), "ampleur", m.Touchees(), int64(m.Avant), c.compte.jour) {
			continue
		}
		if c.o.AccepteePar == "" {
			return &Refus{Motif: MotifAmpleur, Detail: fmt.Sprintf("%s : %d changées et %d finies sur %d", n, m.Changees, m.Finies, m.Avant)}
		}
		c.rapport.AccepteePar = c.o.AccepteePar
	}
	return nil
}
