package visiodroits

import (
	"errors"
	"slices"
)

// Echelle is the scale of a histogram: what is counted, and the upper bounds of its
// boxes. A scale never changes: another is made, with another name.
type Echelle string

// The scales.
const (
	EnMillisecondes Echelle = "DUREE-MS-1"
	EnHeures        Echelle = "AGE-H-1"
	EnJours         Echelle = "DELAI-J-1"
)

// Codes is the closed list of scales.
func (Echelle) Codes() []string { return []string{"DUREE-MS-1", "AGE-H-1", "DELAI-J-1"} }

// Bornes are the upper bounds of the boxes, in order; a last box holds what is
// beyond. Targets are bounds, so that whether they are met is known exactly.
// hyp: VISIO-HISTOGRAMMES
func (e Echelle) Bornes() []int64 {
	switch e {
	case EnMillisecondes:
		return []int64{50, 100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10_000, 15_000, 30_000}
	case EnHeures:
		return []int64{1, 2, 4, 8, 12, 24, 36, 48, 72, 168}
	case EnJours:
		return []int64{1, 2, 3, 5, 7, 10, 12, 15, 20, 30, 45, 60, 90}
	}
	return nil
}

// Histogramme counts values in boxes. Two of one scale add up; the zero value of an
// optional one holds nothing.
type Histogramme struct {
	_       struct{} `doc:"Valeurs comptées par casier."`
	Echelle Echelle  `fil:"echelle" doc:"Ce qui est compté, et les bornes des casiers"`
	Casiers []int64  `fil:"casiers,opt,n=0..32,min=0,max=1000000000" doc:"Nombre de valeurs par casier : chacun va jusqu'à sa borne comprise, le dernier au-delà"`
}

// ErrHistogramme is returned for boxes that are not those of the scale.
var ErrHistogramme = errors.New("histogramme dont les casiers ne sont pas ceux de son échelle")

// Valider checks that the boxes are those of the scale e.
func (h *Histogramme) Valider(e Echelle) error {
	n := len(h.Casiers)
	if h.Echelle != e && (h.Echelle != "" || n > 0) || n > 0 && n != len(e.Bornes())+1 {
		return ErrHistogramme
	}
	for _, c := range h.Casiers {
		if c < 0 {
			return ErrHistogramme
		}
	}
	return nil
}

// Noter counts a value. A negative one, of a clock set back, counts as zero.
func (h *Histogramme) Noter(v int64) {
	bornes := h.Echelle.Bornes()
	if bornes == nil {
		return
	}
	if len(h.Casiers) == 0 {
		h.Casiers = make([]int64, len(bornes)+1)
	}
	i, _ := slices.BinarySearch(bornes, v)
	h.Casiers[i]++
}

// Nombre is how many values were counted.
func (h *Histogramme) Nombre() (n int64) {
	for _, c := range h.Casiers {
		n += c
	}
	return n
}

// plus adds two histograms of one scale, which Valider has checked. The result
// shares nothing with them.
func (h Histogramme) plus(x Histogramme) Histogramme {
	if h.Echelle == "" {
		h.Echelle = x.Echelle
	}
	if len(h.Casiers) == 0 {
		h.Casiers = slices.Clone(x.Casiers)
		return h
	}
	h.Casiers = slices.Clone(h.Casiers)
	for i := range x.Casiers {
		h.Casiers[i] += x.Casiers[i]
	}
	return h
}

// Quantile is where a share of the values lies: above Plancher, at Plafond at most.
type Quantile struct {
	Plancher int64 // -1 in the first box
	Plafond  int64
	AuDela   bool // beyond the last bound: Plafond is not known
}

// Quantile is that of a percentage of the values, 50 for the median; ok is false
// when nothing was counted.
func (h *Histogramme) Quantile(pourcent int) (q Quantile, ok bool) {
	n := h.Nombre()
	if n == 0 {
		return q, false
	}
	bornes := h.Echelle.Bornes()
	rang, vus := (n*int64(pourcent)+99)/100, int64(0)
	q.Plancher = -1
	for i, c := range h.Casiers {
		if vus += c; vus >= rang && vus > 0 {
			if i == len(bornes) {
				q.AuDela = true
			} else {
				q.Plafond = bornes[i]
			}
			break
		}
		q.Plancher = bornes[i]
	}
	return q, true
}
