package etablissementtest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Memoire is a store of one hospital in memory, for the tests of the rules. It
// passes the suite of the real ones.
type Memoire struct {
	mu        sync.Mutex
	venues    map[string]*etablissement.Venue
	moments   map[string][]etablissement.Moment
	questions []*questionGardee
	messages  map[string][]etablissement.Message
	cles      map[string]*cleServie
	annuaire  annuaireGarde
	factures  []*etablissement.FactureEmise
	lots      map[string]*etablissement.LotEmis
	recus     fichiersRecus
	reserves  []etablissement.Reserve
}

type questionGardee struct {
	etablissement.Question
	close bool
}

type cleServie struct {
	empreinte string
	instant   time.Time
	servie    etablissement.Servie
}

var _ Magasin = (*Memoire)(nil)

// NewMemoire makes an empty store.
func NewMemoire() *Memoire {
	return &Memoire{venues: map[string]*etablissement.Venue{}, moments: map[string][]etablissement.Moment{},
		messages: map[string][]etablissement.Message{}, cles: map[string]*cleServie{}, annuaire: annuaireGarde{l: map[string]reponseGardee{}},
		lots: map[string]*etablissement.LotEmis{}}
}

// copier copies what rules change in place; the rest is replaced, never changed.
func copier(v *etablissement.Venue) *etablissement.Venue {
	c := *v
	c.Couvertures = nil
	for _, cv := range v.Couvertures {
		x := *cv
		if x.Droits != nil {
			d := *x.Droits
			x.Droits = &d
		}
		if x.FactureAvant != nil {
			f := *x.FactureAvant
			x.FactureAvant = &f
		}
		if x.Fermeture != nil {
			f := *x.Fermeture
			x.Fermeture = &f
		}
		if x.Annulative != nil {
			f := *x.Annulative
			x.Annulative = &f
		}
		if x.Facture != nil {
			f := *x.Facture
			x.Facture = &f
		}
		c.Couvertures = append(c.Couvertures, &x)
	}
	return &c
}

func inconnue() error { return &etablissement.Erreur{Sorte: etablissement.ErrInconnue} }

// Creer implements etablissement.Depot.
func (m *Memoire) Creer(_ context.Context, v *etablissement.Venue) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range m.venues {
		if w.ID == v.ID || w.Dossier.Numero == v.Dossier.Numero && w.Dossier.PeriodeDebut == v.Dossier.PeriodeDebut {
			return &etablissement.Erreur{Sorte: etablissement.ErrDoublon}
		}
	}
	m.venues[v.ID] = copier(v)
	return nil
}

// Venue implements etablissement.Depot.
func (m *Memoire) Venue(_ context.Context, id string) (*etablissement.Venue, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.venues[id]
	if v == nil {
		return nil, inconnue()
	}
	return copier(v), nil
}

// Lister implements etablissement.Depot.
func (m *Memoire) Lister(_ context.Context, f etablissement.Filtre) (l []etablissement.Resume, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range m.venues {
		r := etablissement.Resume{ID: v.ID, Dossier: v.Dossier.Numero, DateReference: v.Dossier.DateReference, Ouverte: v.Ouverte}
		for _, cv := range v.Couvertures {
			r.Etats = append(r.Etats, cv.Etat)
		}
		if (f.Dossier == "" || f.Dossier == r.Dossier) && (f.Etat == "" || slices.Contains(r.Etats, f.Etat)) && (f.Avant.IsZero() || r.Ouverte.Before(f.Avant)) {
			l = append(l, r)
		}
	}
	slices.SortFunc(l, func(a, b etablissement.Resume) int {
		return cmp.Or(b.Ouverte.Compare(a.Ouverte), cmp.Compare(a.ID, b.ID))
	})
	return l[:min(len(l), f.Max)], nil
}

// Changer implements etablissement.Depot.
func (m *Memoire) Changer(_ context.Context, id string, f func(*etablissement.Chantier) error) (*etablissement.Venue, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.venues[id] == nil {
		return nil, inconnue()
	}
	c := &etablissement.Chantier{Venue: copier(m.venues[id])}
	if err := f(c); err != nil {
		return nil, err
	}
	if c.Clore != nil {
		q := m.trouver(func(q *questionGardee) bool { return q.IDMessage == c.Clore.IDMessage && !q.close })
		if q == nil {
			return nil, etablissement.ErrDejaClose
		}
		q.close = true
	}
	if f := c.Emettre; f != nil {
		if slices.ContainsFunc(m.factures, func(x *etablissement.FactureEmise) bool { return x.Numero == f.Numero && x.Annee == f.Annee }) {
			return nil, &etablissement.Erreur{Sorte: etablissement.ErrDoublon, Code: roc.FactureEnDouble}
		}
		if f.EnB2() {
			f.Reference = fmt.Sprint(len(m.factures) + 1)
		}
		m.factures = append(m.factures, f)
	}
	m.enregistrer(id, c)
	if c.Poser != nil {
		if q := m.ouverte(c.Poser.Place); q != nil {
			q.close = true
		}
		m.questions = append(m.questions, &questionGardee{Question: *c.Poser})
	}
	return c.Venue, nil
}

func (m *Memoire) enregistrer(id string, c *etablissement.Chantier) {
	c.Solder()
	c.Venue.Version++
	m.venues[id] = copier(c.Venue)
	m.moments[id] = append(m.moments[id], c.Moments...)
}

// ChangerTous implements etablissement.Depot.
func (m *Memoire) ChangerTous(ctx context.Context, ids []string, f func(*etablissement.Chantier) (bool, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	chantiers := make(map[string]*etablissement.Chantier)
	for _, id := range ids {
		if m.venues[id] == nil {
			return inconnue()
		}
		c := &etablissement.Chantier{Venue: copier(m.venues[id])}
		change, err := f(c)
		if err != nil {
			return err
		}
		if change {
			chantiers[id] = c
		}
	}
	for id, c := range chantiers {
		m.enregistrer(id, c)
	}
	return nil
}

func (m *Memoire) trouver(f func(*questionGardee) bool) *questionGardee {
	if i := slices.IndexFunc(m.questions, f); i >= 0 {
		return m.questions[i]
	}
	return nil
}

func (m *Memoire) ouverte(p etablissement.Place) *questionGardee {
	return m.trouver(func(q *questionGardee) bool { return q.Place == p && !q.close })
}

// Soldees implements etablissement.Depot.
func (m *Memoire) Soldees(_ context.Context, avant time.Time, max int) (l []etablissement.Place, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, v := range m.venues {
		for _, c := range v.Couvertures {
			if c.Etat == etablissement.Payee && v.Modifiee.Before(avant) && len(l) < max {
				l = append(l, etablissement.Place{Venue: id, Rang: c.Rang})
			}
		}
	}
	return l, nil
}

// Echues implements etablissement.Depot.
func (m *Memoire) Echues(_ context.Context, j sante.Jour, max int) (l []etablissement.Place, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range m.venues {
		for _, cv := range v.Couvertures {
			if e := cv.Echeance(); cv.Etat == etablissement.Engagee && e != 0 && e < j && len(l) < max {
				l = append(l, etablissement.Place{Venue: v.ID, Rang: cv.Rang})
			}
		}
	}
	return l, nil
}

// EnCours implements etablissement.Questions.
func (m *Memoire) EnCours(_ context.Context, p etablissement.Place) (*etablissement.Question, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.ouverte(p)
	if q == nil {
		return nil, inconnue()
	}
	c := q.Question
	return &c, nil
}

// Prendre implements etablissement.Questions.
func (m *Memoire) Prendre(_ context.Context, avant, maintenant time.Time, max int) (l []*etablissement.Question, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, q := range m.questions {
		if !q.close && !q.Essayee.After(avant) && len(l) < max {
			q.Essayee = maintenant
			c := q.Question
			l = append(l, &c)
		}
	}
	return l, nil
}

// PrendreUne implements etablissement.Questions.
func (m *Memoire) PrendreUne(_ context.Context, id roc.UUID, avant, maintenant time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.trouver(func(q *questionGardee) bool { return q.IDMessage == id && !q.close && !q.Essayee.After(avant) })
	if q != nil {
		q.Essayee = maintenant
	}
	return q != nil, nil
}

// Moments implements etablissement.Traces.
func (m *Memoire) Moments(_ context.Context, venue string) ([]etablissement.Moment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.moments[venue]), nil
}

// Messages implements etablissement.Traces.
func (m *Memoire) Messages(_ context.Context, dossier string) ([]etablissement.Message, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.messages[dossier]), nil
}

// Question implements roc.Registre.
func (m *Memoire) Question(_ context.Context, d *roc.Depart) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 1
	for _, x := range m.messages[d.Dossier] {
		if x.IDMessage == d.IDMessage {
			n++
		}
	}
	m.messages[d.Dossier] = append(m.messages[d.Dossier], etablissement.Message{IDMessage: d.IDMessage, IDEchange: d.IDEchange, Emission: n,
		Service: d.Service, Destinataire: d.Destinataire.ID, Posee: d.Instant, Question: slices.Clone(d.Scelle)})
	return nil
}

// Reponse implements roc.Registre.
func (m *Memoire) Reponse(_ context.Context, a *roc.Arrivee) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.messages[a.Depart.Dossier]
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].IDMessage == a.Depart.IDMessage {
			l[i].Repondue, l[i].Reponse, l[i].Code, l[i].Verdict = a.Instant, slices.Clone(a.Scelle), a.Code, "sceau vérifié"
			if a.Scelle == nil {
				l[i].Verdict = "sans réponse"
			}
			return nil
		}
	}
	return nil
}

// Commencer implements etablissement.Servies.
func (m *Memoire) Commencer(_ context.Context, cle, empreinte string, maintenant time.Time) (*etablissement.Servie, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.cles[cle]
	switch {
	case k == nil:
		m.cles[cle] = &cleServie{empreinte: empreinte, instant: maintenant}
		return nil, nil
	case k.empreinte != empreinte:
		return nil, &etablissement.Erreur{Sorte: etablissement.ErrDonnees}
	case k.servie.Statut != 0:
		s := k.servie
		return &s, nil
	case maintenant.Sub(k.instant) < 2*time.Minute:
		return nil, &etablissement.Erreur{Sorte: etablissement.ErrEnAttente}
	}
	k.instant = maintenant
	return nil, nil
}

// Finir implements etablissement.Servies.
func (m *Memoire) Finir(_ context.Context, cle string, s etablissement.Servie) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cles[cle].servie = s
	return nil
}

// Abandonner implements etablissement.Servies.
func (m *Memoire) Abandonner(_ context.Context, cle string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := m.cles[cle]; k != nil && k.servie.Statut == 0 {
		delete(m.cles, cle)
	}
	return nil
}

// Ensemble implements etablissement.Servies, for one caller at a time: what a
// refused f wrote is forgotten.
func (m *Memoire) Ensemble(ctx context.Context, f func(ctx context.Context) error) error {
	m.mu.Lock()
	venues, cles, lots := maps.Clone(m.venues), maps.Clone(m.cles), maps.Clone(m.lots)
	factures := make([]*etablissement.FactureEmise, len(m.factures))
	for i, f := range m.factures {
		c := *f
		factures[i] = &c
	}
	m.mu.Unlock()
	recus, marques := m.recus.copie()
	err := f(ctx)
	if err != nil {
		m.mu.Lock()
		m.venues, m.cles, m.lots, m.factures = venues, cles, lots, factures
		m.mu.Unlock()
		m.recus.rendre(recus, marques)
	}
	return err
}

// annuaireGarde keeps the answers of the directory.
type annuaireGarde struct {
	mu sync.Mutex
	l  map[string]reponseGardee
}

type reponseGardee struct {
	reponse *roc.ReponseAnnuaire
	lue     time.Time
}

// Annuaire gives what keeps the answers of the directory.
func (m *Memoire) Annuaire() roc.CacheAnnuaire { return &m.annuaire }

// Lire implements roc.CacheAnnuaire.
func (a *annuaireGarde) Lire(_ context.Context, cle string) (*roc.ReponseAnnuaire, time.Time, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	g, ok := a.l[cle]
	return g.reponse, g.lue, ok, nil
}

// Ecrire implements roc.CacheAnnuaire.
func (a *annuaireGarde) Ecrire(_ context.Context, cle string, r *roc.ReponseAnnuaire, lue time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if g, ok := a.l[cle]; !ok || !lue.Before(g.lue) {
		a.l[cle] = reponseGardee{r, lue}
	}
	return nil
}

// PurgerAnnuaire forgets up to max answers that may no longer serve.
func (m *Memoire) PurgerAnnuaire(_ context.Context, maintenant time.Time, max int) (n int64, _ error) {
	m.annuaire.mu.Lock()
	defer m.annuaire.mu.Unlock()
	for cle, g := range m.annuaire.l {
		if n < int64(max) && g.lue.Add(roc.DureeUtile(g.reponse)).Before(maintenant) {
			delete(m.annuaire.l, cle)
			n++
		}
	}
	return n, nil
}
