package visiodroits

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Operation is the operational state of a service. ref: VISIO §12
type Operation string

// The states.
const (
	Operationnel Operation = "OPERATIONNEL"
	Ralenti      Operation = "DEGRADE"
	Arrete       Operation = "FERME"
)

// Codes is the closed list of states.
func (Operation) Codes() []string { return []string{"OPERATIONNEL", "DEGRADE", "FERME"} }

// Fermeture is a planned closure.
type Fermeture struct {
	Debut time.Time `fil:"debut" doc:"Premier instant de la fermeture"`
	Fin   time.Time `fil:"fin" doc:"Réouverture"`
	Motif string    `fil:"motif,opt,max=120" doc:"Pourquoi"`
}

// EtatService is the state of a service of an insurer, of all its services, or of
// all that the issuer answers for. ref: VISIO §12
type EtatService struct {
	_          struct{}        `doc:"L'état d'un service d'une AMC ; de tous, quand l'AMC ou le service n'est pas dit."`
	NumeroAMC  sante.NumeroAMC `fil:"numeroAMC,opt" doc:"AMC ; toutes si rien n'est dit"`
	Service    Service         `fil:"service,opt" doc:"Service ; tous si rien n'est dit"`
	Etat       Operation       `fil:"etat" doc:"État présent"`
	Depuis     time.Time       `fil:"depuis,opt" doc:"Depuis quand"`
	Fermetures []Fermeture     `fil:"fermetures,opt,n=0..20" doc:"Fermetures prévues"`
}

var planEtat = trame.Pour[EtatService](Espace)

// Cle names the entry.
func (e EtatService) Cle() string { return cleEtat(e.sujet(), e.Service) }

func (e EtatService) sujet() string { return sansZeros(e.NumeroAMC.String()) }

func cleEtat(amc string, s Service) string { return amc + "|" + string(s) }

func (EtatService) genre() Genre                   { return GenreEtat }
func (EtatService) plan() *trame.Plan[EtatService] { return planEtat }
func (e EtatService) titre() string                { return e.Cle() }

// Valider checks a state by itself.
func (e EtatService) Valider() error {
	for _, f := range e.Fermetures {
		if f.Debut.IsZero() || !f.Fin.After(f.Debut) {
			return entreeRefusee("fermeture qui finit avant de commencer")
		}
	}
	return nil
}

// a is the state at an instant, a planned closure included, and when it is over
// if that is known.
func (e *EtatService) a(t time.Time) (Operation, time.Time) {
	for _, f := range e.Fermetures {
		if !t.Before(f.Debut) && t.Before(f.Fin) {
			return Arrete, f.Fin
		}
	}
	return e.Etat, time.Time{}
}
