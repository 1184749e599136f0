package lexique

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// Classe is how a word of a question met a word of the directory.
type Classe uint8

// The classes, nearest first.
const (
	Exacte     Classe = iota // the word itself
	Frappe                   // the last word of a question being typed begins it
	Debut                    // it begins so
	Son                      // it is said so
	UneFaute                 // one mistake
	DeuxFautes               // two
	nClasses
)

// String is the word that a reader sees.
func (c Classe) String() string {
	if c < nClasses {
		return [...]string{"exact", "en cours de frappe", "début", "même son", "une faute", "deux fautes"}[c]
	}
	return "?"
}

// Regles are the data of the ranking: they may be edited without touching the code.
// The greater a cost, the further the answer.
type Regles struct {
	// Base is the cost of finding a word in a field.
	Base [nChamps]uint16
	// Poids multiplies Ecart in a field: a mistake in a name weighs more than one in
	// a place, and less than one in a place for a word that may be either.
	Poids [nChamps]uint16
	// Ecart is the cost of each class.
	Ecart [nClasses]uint16
	// Rarete is added, for a word that is not the asked one, once for each power of
	// ten under 1000 records that bear it: a frequent name is more often meant.
	Rarete uint16
	// Nu is the cost of a word found without the particle that the question put
	// before it, or in Metier instead of its synonyms; Absent that of a word that the record does not bear.
	Nu, Absent uint16
	// Synonymes are other words for a word of the question, any of which may be met in
	// Metier instead of it; a word with none is left out of the question. A synonym of
	// several words is alone and takes the place of the word.
	Synonymes map[string][]string
}

//go:embed synonymes.csv
var synonymes string

// ReglesDefaut are those of the house: exact name, then name and place, then near
// names. ref: RASS §7.2 // hyp: CLASSEMENT
func ReglesDefaut() *Regles {
	s, err := LireSynonymes(strings.NewReader(synonymes))
	if err != nil {
		panic(err) // an embedded file, read by the tests
	}
	return &Regles{
		Base:      [nChamps]uint16{Nom: 0, Prenom: 14, Metier: 8, Commune: 18, Lieu: 22},
		Poids:     [nChamps]uint16{Nom: 5, Prenom: 4, Metier: 2, Commune: 4, Lieu: 4},
		Ecart:     [nClasses]uint16{Exacte: 0, Frappe: 2, Debut: 7, Son: 6, UneFaute: 7, DeuxFautes: 14},
		Rarete:    6,
		Nu:        4,
		Absent:    400,
		Synonymes: s,
	}
}

// synonymesMax bounds a table of synonyms.
const synonymesMax = 10_000

// LireSynonymes reads a table of two columns, mot and synonyme, with a header; the
// second is a word of a label, several that are all borne, or nothing for a word to
// leave out.
func LireSynonymes(r io.Reader) (map[string][]string, error) {
	l := csv.NewReader(r)
	l.Comma, l.Comment, l.FieldsPerRecord = ';', '#', 2
	if _, err := l.Read(); err != nil {
		return nil, fmt.Errorf("lexique: lire les synonymes: %w", err)
	}
	m := map[string][]string{}
	for {
		c, err := l.Read()
		if err == io.EOF {
			return m, nil
		}
		if err != nil {
			return nil, fmt.Errorf("lexique: lire les synonymes: %w", err)
		}
		mot := string(Plier(nil, c[0]))
		if mot == "" || len(m) == synonymesMax {
			ligne, _ := l.FieldPos(0)
			return nil, fmt.Errorf("lexique: synonymes: ligne %d: mot vide ou table de plus de %d mots", ligne, synonymesMax)
		}
		s := string(Plier(nil, c[1]))
		autres, vu := m[mot]
		if vu && (s == "" || len(autres) == 0 || strings.Contains(s+autres[0], " ")) {
			return nil, fmt.Errorf("lexique: synonymes: %q : vide ou de plusieurs mots, un synonyme est seul", mot)
		}
		if m[mot] = nil; s != "" {
			m[mot] = append(autres, s)
		}
	}
}
