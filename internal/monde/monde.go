package monde

import (
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Monde is the world on a day. Its values are the caller's to read.
type Monde struct {
	Jour           sante.Jour
	Gestionnaire   Structure // of the directory
	Operateur      Structure // answers and seals for one insurer
	Relais         Structure // carries the questions of the clinic
	RelaisEtranger Structure // has good certificates, and nobody admitted it
	AMC            []AMC
	Etablissements []Etablissement
	Patients       []Patient
}

// New makes the world of a day. The error is of this package's own tables: the
// tests see that there is none.
func New(jour sante.Jour) (*Monde, error) {
	if jour < premierJour {
		return nil, fmt.Errorf("monde: avant le %s, les barèmes manquent", premierJour.Francais())
	}
	m := &Monde{Jour: jour}
	a := &atelier{jour: jour}
	m.parties(a)
	m.etablissements(a)
	m.assureurs(a)
	m.population(a)
	return m, errors.Join(a.fautes...)
}

// premierJour keeps the past of the patients inside the tables of the engine.
var premierJour = sante.JourDe(2024, time.January, 1)

// Etablissement finds a hospital by its key, or nil.
func (m *Monde) Etablissement(cle string) *Etablissement {
	for i := range m.Etablissements {
		if m.Etablissements[i].Cle == cle {
			return &m.Etablissements[i]
		}
	}
	return nil
}

// Assureur finds an insurer by its key, or nil.
func (m *Monde) Assureur(cle string) *AMC {
	for i := range m.AMC {
		if m.AMC[i].Cle == cle {
			return &m.AMC[i]
		}
	}
	return nil
}

// Patient finds a patient by his key, or nil.
func (m *Monde) Patient(cle string) *Patient {
	for i := range m.Patients {
		if m.Patients[i].Cle == cle {
			return &m.Patients[i]
		}
	}
	return nil
}

// Structures lists every legal person, the directory first and the relay that
// nobody admitted last.
func (m *Monde) Structures() []Structure {
	l := []Structure{m.Gestionnaire, m.Operateur, m.Relais}
	for i := range m.AMC {
		l = append(l, m.AMC[i].Structure)
	}
	for i := range m.Etablissements {
		l = append(l, m.Etablissements[i].Structure)
	}
	return append(l, m.RelaisEtranger)
}

// atelier makes the world and remembers what it could not make.
type atelier struct {
	jour   sante.Jour
	fautes []error
	ordre  int // of the last NIR given
}

// lire reads a value written in a table of this package.
func lire[T any](a *atelier, s string, parse func(string) (T, error)) T {
	v, err := parse(s)
	if err != nil {
		a.fautes = append(a.fautes, fmt.Errorf("monde: %q : %w", s, err))
	}
	return v
}

func (a *atelier) amc(s string) sante.NumeroAMC { return lire(a, s, sante.ParseNumeroAMC) }

// janvier is the first of January, years away from the year of the world.
func (a *atelier) janvier(ans int) sante.Jour {
	return sante.JourDe(a.jour.Annee()+ans, time.January, 1)
}

// services are those that every insurer renders; SIM is a choice.
var services = []roc.Service{roc.IDB, roc.SIM, roc.CLC, roc.DEL, roc.DRE}
