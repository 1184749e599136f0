package national

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
	"github.com/ecluse-sante/ecluse/sante"
)

// Miroir follows a source, one round at a time.
type Miroir struct {
	source  Source
	depot   charger.Depot
	donnees *annuaire.Donnees
	etat    string
	lieu    *time.Location

	mu sync.Mutex
	f  Fraicheur
}

// Fraicheur says how old what is served is.
type Fraicheur struct {
	Instant  time.Time     // of what is served, at the source; zero when nothing is
	Age      time.Duration // since
	Alerte   bool          // older than the control D-AGE allows
	Essai    time.Time     // of the last round
	Echec    string        // why it changed nothing, in French; empty when it did, or had nothing to
	Rapport  *charger.Rapport
	enChemin bool
}

// NouveauMiroir follows a source in a depot. The data say from what age to alert.
// repertoire keeps the freshness from one start to the next.
func NouveauMiroir(s Source, d charger.Depot, donnees *annuaire.Donnees, repertoire string, lieu *time.Location) *Miroir {
	if lieu == nil {
		lieu = time.UTC
	}
	m := &Miroir{source: s, depot: d, donnees: donnees, etat: repertoire + "/fraicheur.json", lieu: lieu}
	var garde struct{ Instant time.Time }
	if lireEtat(m.etat, &garde) {
		m.f.Instant = garde.Instant
	}
	return m
}

// ErrEnCours says that a round is under way.
var ErrEnCours = errors.New("annuaire national: un tour est en cours")

// Tour does one round: fetches what is new and puts it in service. Nothing new is no
// error, and gives no report. What was fetched and refused is kept for the next round,
// which may accept it.
func (m *Miroir) Tour(ctx context.Context, o charger.Options) (*charger.Rapport, error) {
	m.mu.Lock()
	if m.f.enChemin {
		m.mu.Unlock()
		return nil, ErrEnCours
	}
	m.f.enChemin = true
	m.mu.Unlock()
	r, instant, err := m.tour(ctx, o)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.f.enChemin, m.f.Essai, m.f.Echec = false, o.Maintenant, ""
	if err != nil {
		m.f.Echec = err.Error()
		return r, err
	}
	if r != nil {
		m.f.Rapport = r
	}
	m.f.Instant = instant
	return r, nil
}

func (m *Miroir) tour(ctx context.Context, o charger.Options) (*charger.Rapport, time.Time, error) {
	l, err := m.source.Lot(ctx)
	if errors.Is(err, ErrInchange) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if l != nil && l.Instant.After(m.f.Instant) {
			return nil, l.Instant, nil
		}
		return nil, m.f.Instant, nil
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	defer l.fermer()
	r, err := charger.Charger(ctx, l.Flux, m.depot, o)
	if err != nil {
		return r, time.Time{}, err
	}
	if err := l.appliquer(); err != nil {
		return r, time.Time{}, err
	}
	return r, l.Instant, ecrireEtat(m.etat, struct{ Instant time.Time }{l.Instant})
}

// Fraicheur says how old what is served is, at an instant. ref: RASS §13, D-AGE
func (m *Miroir) Fraicheur(maintenant time.Time) Fraicheur {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.f
	if f.Instant.IsZero() {
		f.Alerte = true
		return f
	}
	f.Age = maintenant.Sub(f.Instant)
	regle := m.donnees.Controle(annuaire.DAge, sante.JourA(maintenant, m.lieu))
	f.Alerte = regle.Gravite != annuaire.Ignorer && f.Age > time.Duration(regle.Seuil)*time.Hour
	return f
}
