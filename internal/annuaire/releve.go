package annuaire

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// Releve counts what the controls of a load found, and keeps some of each kind to be
// sent to who can correct them. The zero value keeps EchantillonMax of each.
type Releve struct {
	// Max bounds what is kept for each code: EchantillonMax when 0.
	Max int

	lues     [NombreNatures]int64
	refusees int64
	comptes  [nombreConstats]int64
	gardes   [nombreConstats][]Constat
}

// EchantillonMax is how many findings of each code a Releve keeps by default.
const EchantillonMax = 1000

// Noter counts a record and what was found on it.
func (r *Releve) Noter(n Nature, l []Constat) {
	if n >= NombreNatures {
		n = 0
	}
	r.lues[n]++
	refusee := false
	for i := range l {
		c := &l[i]
		r.comptes[c.Code]++
		refusee = refusee || c.Gravite == Refuser
		if len(r.gardes[c.Code]) < r.max() {
			r.gardes[c.Code] = append(r.gardes[c.Code], c.copie())
		}
	}
	if refusee {
		r.refusees++
	}
}

func (r *Releve) max() int {
	if r.Max == 0 {
		return EchantillonMax
	}
	return r.Max
}

// copie is the finding with texts of its own.
func (c *Constat) copie() Constat {
	d := *c
	d.ID, d.Autorite, d.Valeur = strings.Clone(c.ID), strings.Clone(c.Autorite), strings.Clone(c.Valeur)
	return d
}

// Ajouter adds what another goroutine counted.
func (r *Releve) Ajouter(o *Releve) {
	for n := range r.lues {
		r.lues[n] += o.lues[n]
	}
	r.refusees += o.refusees
	for c := range r.comptes {
		r.comptes[c] += o.comptes[c]
		reste := max(0, r.max()-len(r.gardes[c]))
		r.gardes[c] = append(r.gardes[c], o.gardes[c][:min(reste, len(o.gardes[c]))]...)
	}
}

// Lues is how many records of a nature were controlled, 0 giving the files.
func (r *Releve) Lues(n Nature) int64 { return r.lues[min(n, NombreNatures-1)] }

// Refusees is how many records were left out.
func (r *Releve) Refusees() int64 { return r.refusees }

// Compte is how many times a finding was made.
func (r *Releve) Compte(c CodeConstat) int64 {
	if c >= nombreConstats {
		return 0
	}
	return r.comptes[c]
}

// Comptes are the findings that were made, by their code as reports write it.
func (r *Releve) Comptes() map[string]int64 {
	m := make(map[string]int64)
	for c, n := range r.comptes {
		if n > 0 {
			m[CodeConstat(c).String()] = n
		}
	}
	return m
}

// Echantillon are the findings kept of a code.
func (r *Releve) Echantillon(c CodeConstat) []Constat { return r.gardes[c] }

// EcrireCSV writes the findings that a responsible may correct, all when it is empty,
// for him alone: the file holds numbers of persons. A value that a spreadsheet would
// take for a formula is preceded by an apostrophe.
func (r *Releve) EcrireCSV(w io.Writer, d *Donnees, jour sante.Jour, responsable string) error {
	x := csv.NewWriter(w)
	x.Comma = ';'
	x.Write([]string{"code", "gravite", "responsable", "autorite", "nature", "id", "champ", "valeur", "texte"})
	for _, code := range CodesConstat() {
		regle := d.Controle(code, jour)
		if responsable != "" && regle.Responsable != responsable {
			continue
		}
		for _, c := range r.gardes[code] {
			x.Write([]string{code.String(), c.Gravite.String(), regle.Responsable, sansFormule(c.Autorite), c.Nature.String(), sansFormule(c.ID),
				c.Champ, sansFormule(c.Valeur), regle.Texte})
		}
	}
	x.Flush()
	if err := x.Error(); err != nil {
		return fmt.Errorf("écrire les anomalies: %w", err)
	}
	return nil
}

func sansFormule(s string) string {
	if s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 {
		return "'" + s
	}
	return s
}
