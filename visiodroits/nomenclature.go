package visiodroits

import (
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Table is a nomenclature. ref: VISIO §12
type Table string

// The nomenclatures.
const (
	TableFamilles Table = "FAMILLE" // families of prestations
	TableFormules Table = "FORMULE" // formulas of guarantees
	TableRejets   Table = "REJET"   // reject codes
)

// Codes is the closed list of nomenclatures.
func (Table) Codes() []string { return []string{"FAMILLE", "FORMULE", "REJET"} }

// Terme is one code of a nomenclature, for a period. ref: VISIO §12
type Terme struct {
	_       struct{}   `doc:"Un code d'une nomenclature."`
	Table   Table      `fil:"table" doc:"Nomenclature"`
	Code    CodeTerme  `fil:"code" doc:"Code"`
	Libelle string     `fil:"libelle,max=250" doc:"Libellé"`
	Debut   sante.Jour `fil:"debut" doc:"Premier jour où le code vaut"`
	Fin     sante.Jour `fil:"fin,opt" doc:"Dernier jour où le code vaut"`
}

// CodeTerme is a code of a nomenclature.
type CodeTerme string

// Motif is the pattern of the text form.
func (CodeTerme) Motif() string { return `[0-9A-Za-z._-]{1,20}` }

var planTerme = trame.Pour[Terme](Espace)

// Cle names the entry.
func (t Terme) Cle() string {
	return strings.Join([]string{string(t.Table), string(t.Code), t.Debut.String()}, "|")
}

func (Terme) genre() Genre              { return GenreNomenclatures }
func (Terme) plan() *trame.Plan[Terme]  { return planTerme }
func (t Terme) titre() string           { return string(t.Table) + "|" + string(t.Code) }
func (t *Terme) vaut(j sante.Jour) bool { return j >= t.Debut && (t.Fin == 0 || j <= t.Fin) }

// Valider checks a code by itself.
func (t Terme) Valider() error {
	if t.Debut.IsZero() || t.Fin != 0 && t.Fin < t.Debut {
		return entreeRefusee("période incohérente")
	}
	return nil
}
