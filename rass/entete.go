package rass

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:embed entetes/*.csv
var entetes embed.FS

// colonnesMax bounds the columns of a header.
const colonnesMax = 250

// Entete are the columns of a file, in the published order.
type Entete struct{ colonnes []colonne }

type colonne struct {
	nom, autre  string
	obligatoire bool
}

// parDefaut are the headers of the program.
var parDefaut = sync.OnceValue(func() (t [len(noms)]Entete) {
	for _, f := range Fichiers {
		r, err := entetes.Open("entetes/" + noms[f].entete + ".csv")
		if err == nil {
			t[f], err = LireEntete(r)
		}
		if err != nil {
			panic(fmt.Sprintf("rass: en-tête de %v : %v", f, err))
		}
	}
	return t
})

// Entete is the header of a file, as the program knows it.
func (f Fichier) Entete() Entete { return parDefaut()[f.connu()] }

// LireEntete reads a header: a table of columns in the published order, fields between
// semicolons: name, "oui" when the file means nothing without it, another name that is
// also read. Lines that begin with # are comments. The columns have the ranks of the
// constants of the file, whatever their names.
func LireEntete(r io.Reader) (Entete, error) {
	c := csv.NewReader(io.LimitReader(r, 1<<20))
	c.Comma, c.Comment, c.FieldsPerRecord = ';', '#', 3
	l, err := c.ReadAll()
	if err != nil {
		return Entete{}, fmt.Errorf("rass: lire un en-tête : %w", err)
	}
	if len(l) < 2 || len(l) > colonnesMax {
		return Entete{}, fmt.Errorf("rass: un en-tête a de 1 à %d colonnes", colonnesMax-1)
	}
	var e Entete
	vus := map[string]bool{normaliser(colonneOperation): true}
	for _, x := range l[1:] {
		if x[1] != "oui" && x[1] != "non" || normaliser(x[0]) == "" || strings.ContainsAny(x[0], "|\r\n") {
			return Entete{}, fmt.Errorf("rass: colonne %q : écrire nom;oui|non;autre nom", x[0])
		}
		for _, nom := range []string{x[0], x[2]} {
			if n := normaliser(nom); n != "" && vus[n] {
				return Entete{}, fmt.Errorf("rass: la colonne %q est dite deux fois", nom)
			} else if n != "" {
				vus[n] = true
			}
		}
		e.colonnes = append(e.colonnes, colonne{x[0], x[2], x[1] == "oui"})
	}
	return e, nil
}

// Len is the number of columns.
func (e Entete) Len() int { return len(e.colonnes) }

// Nom is the published name of a column, "" for one that the file has not.
func (e Entete) Nom(c Colonne) string {
	if int(c) < len(e.colonnes) {
		return e.colonnes[c].nom
	}
	return ""
}

// Obligatoire tells whether a file without this column is refused.
func (e Entete) Obligatoire(c Colonne) bool {
	return int(c) < len(e.colonnes) && e.colonnes[c].obligatoire
}

var ecritures = strings.NewReplacer("’", "'", "ʼ", "'", "`", "'", "´", "'", "\u00a0", " ", "\u202f", " ")

// normaliser makes one writing of the names that differ only by apostrophes, case and
// blanks. ref: RASS §5.6
func normaliser(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(ecritures.Replace(s))), " ")
}

const (
	placeInconnue  = -1
	placeOperation = -2
)

// places gives the column at each place of a header line.
func (e Entete) places(noms []string) []int {
	rang := map[string]int{normaliser(colonneOperation): placeOperation}
	for i, c := range e.colonnes {
		rang[normaliser(c.nom)] = i
		if c.autre != "" {
			rang[normaliser(c.autre)] = i
		}
	}
	l := make([]int, len(noms))
	for i, nom := range noms {
		r, ok := rang[normaliser(nom)]
		if l[i] = r; !ok {
			l[i] = placeInconnue
		}
	}
	return l
}
