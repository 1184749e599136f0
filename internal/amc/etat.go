package amc

import (
	"context"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// services are those an insurer renders, in the order of the reference.
var services = []roc.Service{roc.IDB, roc.SIM, roc.CLC, roc.DEL, roc.ENG}

// Etat tells whether each service is open, degraded or closed. ref: ROC §5.3
func (s *Service) Etat(_ context.Context, d sceau.Opened[roc.Message[roc.DemandeEtat]]) (*roc.ReponseEtat, error) {
	demandes := services
	if corps := d.Message().Corps; corps != nil && len(corps.Services) > 0 {
		demandes = corps.Services
	}
	r := etatDesServices(&s.reglages, s.Horloge(), demandes, s.portefeuilleDisponible())
	return &r, nil
}

// portefeuilleDisponible asks the portfolio whether it answers, when it can tell.
func (s *Service) portefeuilleDisponible() bool {
	d, ok := s.Portefeuille.(Disponible)
	return !ok || d.Disponible()
}

// etatDesServices is the state at an instant. IDB and SIM need the portfolio;
// CLC lives on what an IDB already answered. ref: ROC §5.3
func etatDesServices(r *Reglages, a time.Time, demandes []roc.Service, portefeuille bool) roc.ReponseEtat {
	rep := roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, ""), Etat: roc.EtatFerme}
	ouverts, degrades := 0, 0
	for _, s := range demandes {
		if !slices.Contains(services, s) || slices.ContainsFunc(rep.Services, func(e roc.EtatService) bool { return e.Service == s }) {
			continue
		}
		e := roc.EtatService{Service: s, Etat: roc.EtatFerme}
		switch {
		case s == roc.SIM && r.Simulation == SIMFermee:
		case !r.ouvert(s, a):
			if t, ok := r.prochaineOuverture(s, a); ok {
				e.ProchaineOuverture = t.UTC().Format(time.RFC3339)
			}
		case !portefeuille && (s == roc.IDB || s == roc.SIM):
			e.Etat = roc.Degrade
			degrades++
		default:
			e.Etat = roc.Operationnel
			ouverts++
		}
		rep.Services = append(rep.Services, e)
	}
	switch {
	case degrades > 0:
		rep.Etat = roc.Degrade
	case ouverts > 0:
		rep.Etat = roc.Operationnel
	}
	return rep
}

// ouvert tells whether a service is open at an instant.
func (r *Reglages) ouvert(s roc.Service, a time.Time) bool {
	for _, f := range r.Fermetures {
		if f.vise(s) && !a.Before(f.Debut) && a.Before(f.Fin) {
			return false
		}
	}
	if len(r.Horaires) == 0 {
		return true
	}
	fuseau, err := r.fuseau()
	if err != nil {
		return true // not reached: Completer refused it
	}
	l := a.In(fuseau)
	m := l.Hour()*60 + l.Minute()
	return slices.ContainsFunc(r.Horaires, func(p Plage) bool { return p.jours[l.Weekday()] && m >= p.de && m < p.a })
}

func (f Fermeture) vise(s roc.Service) bool {
	return len(f.Services) == 0 || slices.Contains(f.Services, s)
}

// prochaineOuverture is the first instant, from a, at which a closed service is
// open: the end of a closure, or an opening of the year to come.
func (r *Reglages) prochaineOuverture(s roc.Service, a time.Time) (time.Time, bool) {
	var essais []time.Time
	for _, f := range r.Fermetures {
		if f.vise(s) && f.Fin.After(a) {
			essais = append(essais, f.Fin)
		}
	}
	fuseau, err := r.fuseau()
	if err != nil {
		return time.Time{}, false
	}
	an, mois, jour := a.In(fuseau).Date()
	for k := range 366 {
		for _, p := range r.Horaires {
			if t := time.Date(an, mois, jour+k, 0, p.de, 0, 0, fuseau); t.After(a) {
				essais = append(essais, t)
			}
		}
	}
	slices.SortFunc(essais, time.Time.Compare)
	for _, t := range essais {
		if r.ouvert(s, t) {
			return t, true
		}
	}
	return time.Time{}, false
}

// verifierOuvert refuses with T010 while a service is closed. ref: ROC §18
func (s *Service) verifierOuvert(service roc.Service, a time.Time) error {
	if s.reglages.ouvert(service, a) {
		return nil
	}
	refus := roc.Refuser(roc.Ferme, "")
	if t, ok := s.reglages.prochaineOuverture(service, a); ok {
		refus.Detail = "prochaine ouverture le " + t.UTC().Format(time.RFC3339)
		refus.Reprise = int(min(86400, t.Sub(a)/time.Second+1))
	}
	return refus
}
