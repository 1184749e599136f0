package trame

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Default bounds of what a tag does not say.
const (
	maxTexte  = 250
	maxListe  = 1000
	maxEntier = 1<<53 - 1 // what every JSON reader holds exactly. ref: RFC 8785 §3.2.2.3
)

// etiquette is the tag of a field, read.
type etiquette struct {
	nom      string
	opt      bool
	choix    string
	n        *[2]int
	min, max *int64
	doc      string
}

// lireEtiquette reads the tag of a field. Its errors are bugs of ours, told by a
// panic in Pour.
func lireEtiquette(f reflect.StructField) (etiquette, error) {
	mots := strings.Split(f.Tag.Get("fil"), ",")
	e := etiquette{nom: mots[0], doc: f.Tag.Get("doc")}
	if !nomValable(e.nom) {
		return e, fmt.Errorf("nom de fil %q", e.nom)
	}
	for _, mot := range mots[1:] {
		if err := e.option(mot); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (e *etiquette) option(mot string) (err error) {
	cle, valeur, _ := strings.Cut(mot, "=")
	switch {
	case mot == "opt":
		e.opt = true
	case cle == "choix" && valeur != "":
		e.choix = valeur
	case cle == "n":
		e.n, err = intervalle(valeur)
	case cle == "min":
		e.min, err = borne(valeur)
	case cle == "max":
		e.max, err = borne(valeur)
	default:
		err = fmt.Errorf("option %q inconnue", mot)
	}
	return err
}

func intervalle(s string) (*[2]int, error) {
	bas, haut, ok := strings.Cut(s, "..")
	a, err1 := strconv.Atoi(bas)
	b, err2 := strconv.Atoi(haut)
	if !ok || err1 != nil || err2 != nil || a < 0 || b < max(a, 1) {
		return nil, fmt.Errorf("intervalle %q", s)
	}
	return &[2]int{a, b}, nil
}

func borne(s string) (*int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("borne %q", s)
	}
	return &n, nil
}

// nomValable keeps to names that need no escape on either face and sort the same
// in bytes and in UTF-16.
func nomValable(s string) bool {
	for i := range len(s) {
		c := s[i]
		lettre := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !lettre && (i == 0 || c != '_' && c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// bornes applies the min= and max= of the tag over defaults, within limits.
func (e *etiquette) bornes(bas, haut, minimum, maximum int64) (int64, int64, error) {
	if e.min != nil {
		bas = *e.min
	}
	if e.max != nil {
		haut = *e.max
	}
	if bas > haut || bas < minimum || haut > maximum {
		return 0, 0, fmt.Errorf("bornes %d..%d", bas, haut)
	}
	return bas, haut, nil
}

// bornesEntier are the bounds of an integer: those of 32 bits for an int, those
// of a double for an int64, unless the tag says less.
func (e *etiquette) bornesEntier(k reflect.Kind) (int64, int64, error) {
	if k == reflect.Int64 {
		return e.bornes(-maxEntier, maxEntier, -maxEntier, maxEntier)
	}
	return e.bornes(math.MinInt32, math.MaxInt32, math.MinInt32, math.MaxInt32)
}
