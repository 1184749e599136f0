package droits

import (
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// gardeAttentes are the days that a question waits for the link to be back: after
// them the patient has come again, or will not. hyp: VISIO-RELANCE
const gardeAttentes = 7

// Attente is a question that got no answer, to be asked again. ref: VISIO §8.3
type Attente struct {
	_       struct{}         `doc:"Une question restée sans réponse, à reposer"`
	AMC     sante.NumeroAMC  `fil:"amc" doc:"AMC"`
	Code    visiodroits.Code `fil:"code" doc:"Premier code constaté"`
	Depuis  time.Time        `fil:"depuis" doc:"Quand la question a été posée la première fois"`
	Demande *DemandeDroits   `fil:"-"`
}

var planAttente = trame.Pour[Attente](espace)

// GarderAttente keeps a question until it is answered. The one that waits already for
// that person at that AMC keeps its first instant and its first code.
func (l *Lot) GarderAttente(x Attente) error {
	x.Depuis = x.Depuis.UTC().Truncate(time.Millisecond)
	p := x.Demande.personne()
	cle := deAttente + l.m.cle(p, x.AMC)[1:]
	if champs, la := l.champs(cle); la {
		var avant Attente
		if err := planAttente.DecodeJSON(champs, &avant); err != nil {
			return fmt.Errorf("%w: %w", ErrMagasinAltere, err)
		}
		x.Depuis, x.Code = avant.Depuis, avant.Code
	}
	if err := planAttente.Verify(&x); err != nil || !p.complete() {
		return fmt.Errorf("%w: question à reposer", ErrDroits)
	}
	l.poser(operation{cle: cle, champs: planAttente.AppendJSON(nil, &x), corps: EchangeDroits.CorpsDemande.AppendJSON(nil, x.Demande)})
	return nil
}

// RetirerAttente takes out the question of a person at an AMC, once it is answered.
func (l *Lot) RetirerAttente(p Personne, amc sante.NumeroAMC) {
	l.retirer(deAttente + l.m.cle(p, amc)[1:])
}

// Attentes are the questions that wait.
func (m *Magasin) Attentes() ([]Attente, error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	var l []Attente
	for _, cle := range m.c.cles(deAttente) {
		var x Attente
		octets, err := m.c.corps(cle)
		if err != nil {
			return nil, err
		}
		err = planAttente.DecodeJSON(m.c.fiches[cle].champs, &x)
		if x.Demande = new(DemandeDroits); err == nil {
			err = EchangeDroits.CorpsDemande.DecodeJSON(octets, x.Demande)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMagasinAltere, err)
		}
		l = append(l, x)
	}
	return l, nil
}

// EnAttente tells whether a question waits.
func (m *Magasin) EnAttente() bool {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	for cle := range m.c.fiches {
		if cle[:1] == deAttente {
			return true
		}
	}
	return false
}

// AMCGardees are the insurers of which rights are kept, each once.
func (m *Magasin) AMCGardees() ([]sante.NumeroAMC, error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	vues := map[string]bool{}
	var l []sante.NumeroAMC
	for _, cle := range m.c.cles(deDroits) {
		var d DroitsGardes
		if err := planDroits.DecodeJSON(m.c.fiches[cle].champs, &d); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMagasinAltere, err)
		}
		if !vues[d.AMC.Sur10()] {
			vues[d.AMC.Sur10()] = true
			l = append(l, d.AMC)
		}
	}
	return l, nil
}

// personne is who a question is about.
func (d *DemandeDroits) personne() Personne {
	return Personne{NumeroAdherent: d.Patient.NumeroAdherent, DateNaissance: d.Patient.DateNaissance, RangGemellaire: d.Patient.RangGemellaire}
}
