package etablissement

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Service holds the rules of the hospital's side. Its fields are given once and
// never changed; it is safe for concurrent use.
type Service struct {
	Maison    Maison
	Depot     Depot
	Questions Questions
	Traces    Traces
	Factures  Factures
	Fichiers  Fichiers // nil: no return file is read
	// TracerFichier writes in the journal that a return file was read or refused, in
	// the transaction that ends its reading; nil for none.
	TracerFichier func(ctx context.Context, f *FichierRecu) error
	// Reserves keeps what returns said without effect; nil: it is only acknowledged.
	Reserves Reserves
	// TracerLevee writes in the journal that a person settled reserves, in the
	// transaction that does it; nil for none.
	TracerLevee func(ctx context.Context, l []Reserve) error
	Depart      Depart
	Vie         Vie       // nil: nothing is noted but the moves of each coverage
	Comptable   Comptable // nil when the hospital has none
	Mandats     Mandats   // nil: nobody pays for another
	Comptes     Comptes
	Exchange    Exchange
	Moteur      calcul.Moteur
	// Conventions gives the table of the partners that are not on line; nil for none.
	// It may change without a restart.
	Conventions func() *Conventions
	Horloge     sante.Horloge
	Journal     *slog.Logger // for the operator; slog.Default() when nil

	// AdresseRetour is where insurers send their returns, told in each batch.
	AdresseRetour string
	// RetoursParFichier are the insurers on line whose returns may come by file too.
	RetoursParFichier []sante.NumeroAMC
	// DelaiReprise is how long a question may stay without answer before it may
	// be sent again; it must exceed what Exchange may take. Default: 60 s.
	DelaiReprise time.Duration
	// AgeDroits is how old an answer on rights may be for a calculation on line.
	// Default: 24 h. ref: ROC §11.3
	AgeDroits time.Duration
	// DelaiPaiement is the promise of the insurers, in calendar days from the
	// acknowledgement. Default: 12. ref: DEC 30
	DelaiPaiement int
}

// Ordre says who asks, and on which version of the visit.
type Ordre struct {
	Agent   string // pseudonym of the agent, for the history
	Version int64  // of the visit that he saw; 0 when he does not say
}

func (s *Service) maintenant() time.Time { return s.Horloge().UTC().Truncate(time.Millisecond) }

func (s *Service) delaiReprise() time.Duration {
	if s.DelaiReprise > 0 {
		return s.DelaiReprise
	}
	return time.Minute
}

func (s *Service) ageDroits() time.Duration {
	if s.AgeDroits > 0 {
		return s.AgeDroits
	}
	return 24 * time.Hour
}

// table is the table of conventions in force.
func (s *Service) table() *Conventions {
	if s.Conventions == nil {
		return nil
	}
	return s.Conventions()
}

func (s *Service) journal() *slog.Logger {
	if s.Journal != nil {
		return s.Journal
	}
	return slog.Default()
}

// nouvelID draws the opaque identifier of a visit: it may stand in a URL.
func nouvelID() string {
	var b [15]byte
	rand.Read(b[:]) // never fails: crypto/rand aborts the process instead
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// OuvrirVenue opens a visit.
func (s *Service) OuvrirVenue(ctx context.Context, d Dossier) (*Venue, error) {
	if err := d.verifier(&s.Maison); err != nil {
		return nil, err
	}
	m := s.maintenant()
	v := &Venue{ID: nouvelID(), Version: 1, Ouverte: m, Modifiee: m, Dossier: d}
	if err := s.Depot.Creer(ctx, v); err != nil {
		return nil, err
	}
	return v, nil
}

// ModifierVenue replaces what the billing software says of a visit. It is
// refused while an answer is awaited, and once an insurer is bound: the
// guarantee would no longer be that of the visit. To supply a NIR that was lacking
// undoes nothing.
func (s *Service) ModifierVenue(ctx context.Context, id string, o Ordre, d Dossier) (*Venue, error) {
	if err := d.verifier(&s.Maison); err != nil {
		return nil, err
	}
	return s.changer(ctx, id, o, func(c *Chantier) error {
		if d.complete(&c.Venue.Dossier) {
			return c.nommer(d)
		}
		for _, cv := range c.Venue.Couvertures {
			if err := cv.modifiable(); err != nil {
				return err
			}
			if err := c.oublierCalcul(cv, Moment{Instant: c.Venue.Modifiee, Agent: o.Agent}); err != nil {
				return err
			}
		}
		if d.Numero != c.Venue.Dossier.Numero || d.PeriodeDebut != c.Venue.Dossier.PeriodeDebut {
			return refuser(ErrDonnees, "", "Le numéro de dossier et le début de période ne changent pas : ouvrir une autre venue.")
		}
		c.Venue.Dossier = d
		return nil
	})
}

// nommer adds to a visit the NIR that it lacked. It changes no amount and no
// commitment: what was computed stands. An answer that is awaited was asked without
// it, and is waited for.
func (c *Chantier) nommer(d Dossier) error {
	for _, cv := range c.Venue.Couvertures {
		if cv.Etat.EnAttente() {
			return cv.modifiable()
		}
	}
	for _, cv := range c.Venue.Couvertures {
		cv.nommer(&d.Patient)
	}
	c.Venue.Dossier = d
	return nil
}

// modifiable tells whether what the coverage is about may still change.
func (c *Couverture) modifiable() error {
	switch {
	case c.Etat.EnAttente():
		return &Erreur{Sorte: ErrEnAttente, Detail: "Une réponse de l'AMC est attendue.", QuiAgit: "le logiciel",
			AFaire: "Patienter : la même question est envoyée de nouveau d'elle-même ; une reprise (/reprises) l'envoie tout de suite."}
	case c.Etat == Close:
		return &Erreur{Sorte: ErrTransition, Detail: "Cette couverture est close.", QuiAgit: agent, AFaire: "Ouvrir une autre venue pour d'autres soins."}
	case c.Convention != nil && c.Etat != ConventionRetenue && c.Etat != SansEngagement && c.Etat != Close:
		return &Erreur{Sorte: ErrTransition, Detail: "La part est facturée, " + SansGarantie + " : ce sur quoi elle porte ne change plus.", QuiAgit: agent,
			AFaire: "Annuler la facture, ou attendre le retour de l'AMC."}
	case c.garantie() || c.Etat == FactureAnnulee:
		e := refuser(ErrTransition, roc.EngagementExistant, "L'AMC est engagée : annuler d'abord l'engagement.")
		if e.Engagement = c.numeroEngagement(); !e.Engagement.IsZero() {
			e.Detail = "L'AMC est engagée sous le numéro " + e.Engagement.String() + " : annuler d'abord cet engagement."
		}
		return e
	}
	return nil
}

// AjouterCouverture attaches a card to a visit, at the rank that follows the
// last; zero means that rank. Ranks have no gap. ref: ROC §13.8
func (s *Service) AjouterCouverture(ctx context.Context, id string, o Ordre, rang int, a Attestation) (*Venue, error) {
	if err := a.verifier(); err != nil {
		return nil, err
	}
	return s.changer(ctx, id, o, func(c *Chantier) error {
		n := len(c.Venue.Couvertures) + 1
		if rang != 0 && rang != n || n > 3 {
			return refuser(ErrDonnees, roc.RangIncoherent, "Les AMC se suivent sans trou, du rang 1 au rang 3.")
		}
		c.Venue.Couvertures = append(c.Venue.Couvertures, &Couverture{Rang: n, Etat: Nouvelle, Attestation: a})
		return nil
	})
}

// ModifierCouverture replaces the card of a rank; rights must be asked again.
func (s *Service) ModifierCouverture(ctx context.Context, id string, o Ordre, rang int, a Attestation) (*Venue, error) {
	if err := a.verifier(); err != nil {
		return nil, err
	}
	return s.changer(ctx, id, o, func(c *Chantier) error {
		cv, err := c.couverture(rang)
		if err != nil {
			return err
		}
		if err := cv.modifiable(); err != nil {
			return err
		}
		if err := c.oublierCalcul(cv, Moment{Instant: c.Venue.Modifiee, Agent: o.Agent}); err != nil {
			return err
		}
		amc := Assureur{}
		if cv.Convention != nil {
			amc = Assureur{Numero: a.NumeroAMC, Libelle: cv.Convention.Libelle} // the table is read again to compute
		}
		cv.Attestation, cv.AMC, cv.Droits, cv.Simulation = a, amc, nil, nil
		return nil
	})
}

// Venue reads a visit; engagements that are over are seen as such, even when
// Expirer has not passed yet.
func (s *Service) Venue(ctx context.Context, id string) (*Venue, error) {
	v, err := s.Depot.Venue(ctx, id)
	if err != nil {
		return nil, err
	}
	m := s.maintenant()
	for _, cv := range v.Couvertures {
		if !cv.echue(v, m) {
			continue
		}
		lue, err := s.Depot.Changer(ctx, id, func(c *Chantier) error { return s.expirer(c, cv.Rang, m) })
		if err != nil && !errors.Is(err, errRien) {
			return nil, err
		}
		if err == nil {
			v = lue
		}
	}
	return v, nil
}

// listeMax bounds a list of visits.
const listeMax = 200

// Lister reads a page of the visits of a filter.
func (s *Service) Lister(ctx context.Context, f Filtre) ([]Resume, error) {
	if f.Max <= 0 || f.Max > listeMax {
		f.Max = listeMax
	}
	return s.Depot.Lister(ctx, f)
}

// Messages lists the messages exchanged for a visit.
func (s *Service) Messages(ctx context.Context, id string) (*Venue, []Message, error) {
	v, err := s.Depot.Venue(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	m, err := s.Traces.Messages(ctx, v.Dossier.Numero)
	return v, m, err
}

// Moments lists the moves of a visit.
func (s *Service) Moments(ctx context.Context, id string) ([]Moment, error) {
	return s.Traces.Moments(ctx, id)
}

// changer is a change asked by an agent, who may say which version he saw.
func (s *Service) changer(ctx context.Context, id string, o Ordre, f func(*Chantier) error) (*Venue, error) {
	return s.Depot.Changer(ctx, id, func(c *Chantier) error {
		if o.Version != 0 && o.Version != c.Venue.Version {
			return refuser(ErrVersion, "", "La venue a changé depuis qu'elle a été lue : la relire.")
		}
		c.Venue.Modifiee = s.maintenant()
		return f(c)
	})
}

// couverture is the coverage of a rank, or ErrInconnue.
func (c *Chantier) couverture(rang int) (*Couverture, error) {
	cv := c.Venue.Couverture(rang)
	if cv == nil {
		return nil, refuser(ErrInconnue, "", "Aucune couverture à ce rang.")
	}
	return cv, nil
}

// passer moves a coverage along the table and writes the move in the history.
func (c *Chantier) passer(cv *Couverture, e Evenement, m Moment) error {
	apres, err := suivant(cv.Etat, e)
	if err != nil {
		return refusEtape(cv.Etat, e, err)
	}
	m.Rang, m.Avant, m.Evenement, m.Apres = cv.Rang, cv.Etat, e, apres
	if cv.Compte == nil {
		c.porter(cv, m) // engaged before accounts were kept
	}
	cv.Etat = apres
	c.Moments = append(c.Moments, m)
	c.porter(cv, m)
	if apres == Engagee || apres == SansEngagement {
		return c.perimer(cv.Rang, m)
	}
	return nil
}

// perimer drops what higher ranks computed, by convention, on what this one paid.
func (c *Chantier) perimer(rang int, m Moment) error {
	if c.Venue == nil {
		return nil
	}
	for _, cv := range c.Venue.Couvertures {
		if cv.Rang > rang {
			if err := c.oublierCalcul(cv, Moment{Instant: m.Instant, Agent: m.Agent}); err != nil {
				return err
			}
		}
	}
	return nil
}

// estSorte tells whether an error is one of the kinds of this room.
func estSorte(err error, sortes ...error) bool {
	return slices.ContainsFunc(sortes, func(s error) bool { return errors.Is(err, s) })
}
