package amc

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// PolitiqueSIM tells what an insurer does of simulations. ref: ROC §3.2, §8
type PolitiqueSIM string

// The policies; the zero value is SIMFacultative.
const (
	SIMFermee      PolitiqueSIM = "fermee"      // the service is not rendered
	SIMFacultative PolitiqueSIM = "facultative" // rendered, never asked for
	SIMObligatoire PolitiqueSIM = "obligatoire" // asked for before the CLC of a stay
)

// Reglages are the settings of one insurer. Only Numero and Libelle are asked
// for; the zero value of the others is a working default.
type Reglages struct {
	Numero             sante.NumeroAMC   `toml:"numero" comment:"Numéro d'AMC, 8 à 10 chiffres"`
	Libelle            string            `toml:"libelle" comment:"Nom de l'AMC, 60 caractères au plus"`
	AnciensNumeros     []sante.NumeroAMC `toml:"anciens_numeros" comment:"Numéros d'AMC que celle-ci a repris"`
	Simulation         PolitiqueSIM      `toml:"simulation" comment:"SIM : fermee, facultative (défaut) ou obligatoire avant le CLC d'un séjour"`
	CalculLocal        bool              `toml:"calcul_local" comment:"Les établissements peuvent calculer eux-mêmes quand le contrat le permet"`
	ValiditeEngagement int               `toml:"validite_engagement" comment:"Jours pour facturer un engagement, 30 à 365 (90 par défaut)"`
	ValiditeSimulation int               `toml:"validite_simulation" comment:"Jours d'affichage d'une simulation, 1 à 90 (30 par défaut)"`
	Certitude          int               `toml:"certitude" comment:"Jours de droits garantis au-delà de la période demandée, 0 à 365 (30 par défaut)"`
	ReutilisationIDB   int               `toml:"reutilisation_idb" comment:"Heures pendant lesquelles une réponse d'IDB sert à un nouveau calcul, 1 à 720 (24 par défaut)"`
	Fuseau             string            `toml:"fuseau" comment:"Fuseau des horaires (Europe/Paris par défaut)"`
	Horaires           []Plage           `toml:"horaires" comment:"Heures d'ouverture de chaque semaine ; toujours ouvert si rien n'est dit"`
	Fermetures         []Fermeture       `toml:"fermetures" comment:"Fermetures annoncées"`
}

// Bounds and defaults of the settings. ref: ROC §11.3
const (
	validiteMin, validiteMax, validiteDefaut = 30, 365, 90
	simulationMax, simulationDefaut          = 90, 30
	certitudeMax, certitudeDefaut            = 365, 30 // hyp: CERTITUDE
	reutilisationMax, reutilisationDefaut    = 720, 24
)

// ErrReglages wraps every refusal of Completer.
var ErrReglages = errors.New("réglages de l'AMC refusés")

// Completer checks the settings and gives them their defaults. Each mistake is a
// *Faute with the name of its setting; they are joined.
func (r Reglages) Completer() (Reglages, error) {
	var fautes []error
	faute := func(champ, detail string) {
		fautes = append(fautes, &Faute{Champ: champ, Detail: detail, De: ErrReglages})
	}
	borner := func(champ string, v *int, bas, haut, defaut int) {
		if *v == 0 {
			*v = defaut
		}
		if *v < bas || *v > haut {
			faute(champ, fmt.Sprintf("de %d à %d attendu", bas, haut))
		}
	}
	if r.Numero.IsZero() {
		faute("numero", "absent")
	}
	if n := len([]rune(r.Libelle)); n == 0 || n > 60 {
		faute("libelle", "1 à 60 caractères attendus")
	}
	if r.Simulation == "" {
		r.Simulation = SIMFacultative
	}
	if !slices.Contains([]PolitiqueSIM{SIMFermee, SIMFacultative, SIMObligatoire}, r.Simulation) {
		faute("simulation", "fermee, facultative ou obligatoire attendu")
	}
	borner("validite_engagement", &r.ValiditeEngagement, validiteMin, validiteMax, validiteDefaut)
	borner("validite_simulation", &r.ValiditeSimulation, 1, simulationMax, simulationDefaut)
	borner("certitude", &r.Certitude, 0, certitudeMax, certitudeDefaut)
	borner("reutilisation_idb", &r.ReutilisationIDB, 1, reutilisationMax, reutilisationDefaut)
	if _, err := r.fuseau(); err != nil {
		faute("fuseau", "inconnu")
	}
	r.Horaires = slices.Clone(r.Horaires)
	for i := range r.Horaires {
		if err := r.Horaires[i].completer(); err != nil {
			faute(fmt.Sprintf("horaires[%d]", i), err.Error())
		}
	}
	for i, f := range r.Fermetures {
		if err := f.verifier(); err != nil {
			faute(fmt.Sprintf("fermetures[%d]", i), err.Error())
		}
	}
	return r, errors.Join(fautes...)
}

func (r *Reglages) fuseau() (*time.Location, error) {
	if r.Fuseau == "" {
		return sante.Paris(), nil
	}
	return time.LoadLocation(r.Fuseau)
}

// repond tells whether a number of the card is that of this insurer.
func (r *Reglages) repond(n sante.NumeroAMC) bool {
	return n == r.Numero || slices.Contains(r.AnciensNumeros, n)
}

// Plage is a run of hours of some days of each week.
type Plage struct {
	Jours []string `toml:"jours" comment:"lundi … dimanche ; tous si rien n'est dit"`
	De    string   `toml:"de" comment:"Heure d'ouverture, HH:MM"`
	A     string   `toml:"a" comment:"Heure de fermeture, HH:MM, 24:00 pour minuit"`

	de, a int // minutes of the day
	jours [7]bool
}

var nomsDesJours = [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}

func (p *Plage) completer() error {
	var ok1, ok2 bool
	p.de, ok1 = minutes(p.De)
	p.a, ok2 = minutes(p.A)
	if !ok1 || !ok2 || p.de >= p.a {
		return errors.New("de et a attendus, HH:MM, dans cet ordre")
	}
	p.jours = [7]bool{}
	for _, nom := range p.Jours {
		j := slices.Index(nomsDesJours[:], nom)
		if j < 0 {
			return errors.New("jour inconnu : lundi … dimanche attendu")
		}
		p.jours[j] = true
	}
	if len(p.Jours) == 0 {
		p.jours = [7]bool{true, true, true, true, true, true, true}
	}
	return nil
}

func minutes(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == 5
}

// Fermeture is an announced closure.
type Fermeture struct {
	Debut    time.Time     `toml:"debut" comment:"Premier instant, RFC 3339"`
	Fin      time.Time     `toml:"fin" comment:"Instant de la réouverture"`
	Services []roc.Service `toml:"services" comment:"Services fermés ; tous si rien n'est dit"`
}

func (f Fermeture) verifier() error {
	if f.Debut.IsZero() || !f.Fin.After(f.Debut) {
		return errors.New("debut et fin attendus, dans cet ordre")
	}
	for _, s := range f.Services {
		if !slices.Contains(services, s) {
			return errors.New("service inconnu : IDB, SIM, CLC, DEL ou ENG attendu")
		}
	}
	return nil
}
