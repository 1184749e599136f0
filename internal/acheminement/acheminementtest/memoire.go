// Package acheminementtest holds what the tests of this room share: a store in
// memory, hostile transports, a clock, and the suite that every store must pass.
package acheminementtest

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// Memoire is a store of one tenant in memory, for the tests of the rules. It
// passes the suite of the real ones.
type Memoire struct {
	tenant string
	mu     sync.Mutex
	envois []*garde // as posted
	recus  map[[2]string]*recuGarde
	jalons []acheminement.Jalon
}

type garde struct {
	acheminement.Lettre
	contenu, recu []byte
	origine       [32]byte
	echeance      time.Time
	bail          int64
	fini          bool
	sujets        []string // when put aside
}

type recuGarde struct {
	empreinte [32]byte
	octets    []byte
	instant   time.Time
}

var _ Magasin = (*Memoire)(nil)

// NewMemoire gives an empty store.
func NewMemoire(tenant string) *Memoire {
	return &Memoire{tenant: tenant, recus: map[[2]string]*recuGarde{}}
}

func (m *Memoire) trouver(cle string) *garde {
	for _, g := range m.envois {
		if g.Envoi.Cle == cle {
			return g
		}
	}
	return nil
}

// Poster implements acheminement.Poste.
func (m *Memoire) Poster(_ context.Context, l ...*acheminement.Envoi) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	avant := len(m.envois)
	for _, e := range l {
		if err := m.poster(e); err != nil {
			m.envois = m.envois[:avant]
			return err
		}
	}
	return nil
}

func (m *Memoire) poster(e *acheminement.Envoi) error {
	e.Tenant = cmp.Or(e.Tenant, m.tenant)
	if e.Tenant != m.tenant {
		return acheminement.ErrEnvoi
	}
	if err := e.Preparer(); err != nil {
		return err
	}
	if g := m.trouver(e.Cle); g != nil {
		if g.origine != e.Empreinte || g.Envoi.Destinataire != e.Destinataire || g.Envoi.Genre != e.Genre || g.Envoi.Ordre != e.Ordre {
			return acheminement.ErrCle
		}
		return nil
	}
	g := &garde{origine: e.Empreinte, echeance: e.Instant, contenu: slices.Clone(e.Contenu)}
	g.Envoi, g.Depuis, g.Etat = *e, e.Instant, acheminement.Pret
	g.Envoi.Contenu = nil
	if e.Ordre != "" && slices.ContainsFunc(m.envois, func(x *garde) bool { return x.Envoi.Ordre == e.Ordre && !x.fini && !x.Ecarte }) {
		g.Etat = acheminement.EnAttente
	}
	m.envois = append(m.envois, g)
	return nil
}

func (g *garde) du(maintenant time.Time) bool {
	return g.Etat == acheminement.Pret && !g.echeance.After(maintenant)
}

// Dus implements acheminement.File.
func (m *Memoire) Dus(_ context.Context, maintenant time.Time) (l []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range m.envois {
		if g.du(maintenant) {
			l = append(l, g.Envoi.Destinataire)
		}
	}
	slices.Sort(l)
	return slices.Compact(l), nil
}

// Prendre implements acheminement.File.
func (m *Memoire) Prendre(_ context.Context, parts []acheminement.Part, maintenant time.Time, bail time.Duration) (l []*acheminement.Pris, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range parts {
		var dus []*garde
		for _, g := range m.envois {
			if g.Envoi.Destinataire == p.Destinataire && g.du(maintenant) {
				dus = append(dus, g)
			}
		}
		slices.SortStableFunc(dus, func(a, b *garde) int { return a.echeance.Compare(b.echeance) })
		for _, g := range dus[:min(p.N, len(dus))] {
			g.bail++
			g.Depuis, g.echeance = maintenant, maintenant.Add(bail)
			p := &acheminement.Pris{Envoi: g.Envoi, Bail: g.bail, Essais: g.Essais, Fin: g.echeance, Ecarts: m.ecarts(g)}
			if g.Envoi.Taille <= acheminement.PetitContenu {
				p.Contenu = slices.Clone(g.contenu)
			}
			l = append(l, p)
		}
	}
	return l, nil
}

// Contenu implements acheminement.File and acheminement.Rebut.
func (m *Memoire) Contenu(_ context.Context, cle string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if g := m.trouver(cle); g != nil && g.contenu != nil {
		return slices.Clone(g.contenu), nil
	}
	return nil, acheminement.ErrInconnu
}

// Recu implements acheminement.Rebut.
func (m *Memoire) Recu(_ context.Context, cle string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if g := m.trouver(cle); g != nil && g.recu != nil {
		return slices.Clone(g.recu), nil
	}
	return nil, acheminement.ErrInconnu
}

// Conclure implements acheminement.File.
func (m *Memoire) Conclure(ctx context.Context, i *acheminement.Issue, suite func(context.Context) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.trouver(i.Cle)
	if g == nil || g.bail != i.Bail || g.Etat != acheminement.Pret {
		return acheminement.ErrBail
	}
	if err := suite(ctx); err != nil {
		return err
	}
	g.Depuis, g.echeance, g.Essais, g.Code = i.Instant, i.Echeance, i.Essais, i.Code
	if i.Recu != nil {
		g.recu = slices.Clone(i.Recu)
	}
	switch i.Sort {
	case acheminement.Acquis:
		g.Etat = acheminement.Livre
		m.avancer(g, i.Instant)
	case acheminement.Rebute:
		if g.Etat = acheminement.Mort; len(i.Sujets) > 0 && g.Envoi.Ordre != "" && (g.Ecarte || m.ecartes(g) < acheminement.EcartesMax) {
			m.ecarter(g, i.Sujets, i.Instant)
		}
	}
	return nil
}

func (m *Memoire) avancer(g *garde, quand time.Time) {
	g.fini, g.sujets = true, nil
	if g.Ecarte {
		for _, x := range m.envois {
			if x.Etat == acheminement.Retenu && !m.devance(x, x.sujets) {
				x.Etat, x.echeance, x.Depuis = acheminement.Pret, quand, quand
			}
		}
		return
	}
	m.suivre(g, quand)
}

// suivre makes the next of an Ordre due.
func (m *Memoire) suivre(g *garde, quand time.Time) {
	for _, x := range m.envois {
		if g.Envoi.Ordre != "" && x.Envoi.Ordre == g.Envoi.Ordre && x.Etat == acheminement.EnAttente {
			x.Etat, x.echeance, x.Depuis = acheminement.Pret, quand, quand
			return
		}
	}
}

// Redresser implements acheminement.File.
func (m *Memoire) Redresser(_ context.Context, maintenant time.Time, tolerance time.Duration) (n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range m.envois {
		if g.Etat == acheminement.Pret && g.echeance.After(maintenant) && g.Depuis.After(maintenant.Add(tolerance)) {
			g.echeance, g.Depuis = maintenant, maintenant
			n++
		}
	}
	return n, nil
}

func (m *Memoire) lettre(g *garde) acheminement.Lettre {
	l := g.Lettre
	l.Retenus = 0
	if l.Etat == acheminement.Pret {
		l.Prochain = g.echeance
	}
	for _, x := range m.envois {
		attend := x.Envoi.Ordre != "" && x.Envoi.Ordre == g.Envoi.Ordre && x.Etat == acheminement.EnAttente
		if g.Ecarte {
			attend = x.Etat == acheminement.Retenu && m.apres(x, g) && communs(x.sujets, g.sujets)
		}
		if attend && l.Retenus < acheminement.RetenusMax {
			l.Retenus++
		}
	}
	return l
}

// Morts implements acheminement.Rebut.
func (m *Memoire) Morts(_ context.Context, f acheminement.Filtre) (l []acheminement.Lettre, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range m.envois {
		apres := g.Depuis.After(f.Apres) || g.Depuis.Equal(f.Apres) && g.Envoi.Cle > f.ApresCle
		if g.Etat == acheminement.Mort && apres && (f.Destinataire == "" || f.Destinataire == g.Envoi.Destinataire) {
			x := m.lettre(g)
			x.Gestes = nil
			l = append(l, x)
		}
	}
	slices.SortFunc(l, func(a, b acheminement.Lettre) int {
		return cmp.Or(a.Depuis.Compare(b.Depuis), cmp.Compare(a.Envoi.Cle, b.Envoi.Cle))
	})
	if f.Max <= 0 {
		f.Max = 100
	}
	return l[:min(f.Max, len(l))], nil
}

// Regarder implements acheminement.Rebut.
func (m *Memoire) Regarder(_ context.Context, cle string) (*acheminement.Lettre, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.trouver(cle)
	if g == nil {
		return nil, acheminement.ErrInconnu
	}
	l := m.lettre(g)
	return &l, nil
}

func (m *Memoire) agir(cle string, a acheminement.Action, g acheminement.Geste, f func(*garde) string) error {
	if err := g.Verifier(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	x := m.trouver(cle)
	switch {
	case x == nil:
		return acheminement.ErrInconnu
	case x.Etat != acheminement.Mort:
		return acheminement.ErrEtat
	}
	g.Action, g.Avant = a, f(x)
	x.Gestes = append(x.Gestes, g)
	return nil
}

// Reparer implements acheminement.Rebut.
func (m *Memoire) Reparer(_ context.Context, cle string, p acheminement.Reparation, g acheminement.Geste) error {
	if err := p.Verifier(); err != nil {
		return err
	}
	return m.agir(cle, acheminement.ActionReparer, g, func(x *garde) string {
		e := &x.Envoi
		avant := hex.EncodeToString(e.Empreinte[:]) + " " + e.Transport + " " + e.Adresse
		e.Transport, e.Adresse = cmp.Or(p.Transport, e.Transport), cmp.Or(p.Adresse, e.Adresse)
		if p.Taille > 0 {
			e.Reference, e.Taille, e.Empreinte, x.contenu = p.Reference, p.Taille, p.Empreinte, slices.Clone(p.Contenu)
		}
		return avant
	})
}

// Relancer implements acheminement.Rebut.
func (m *Memoire) Relancer(_ context.Context, cle string, g acheminement.Geste) error {
	return m.agir(cle, acheminement.ActionRelancer, g, func(x *garde) string {
		x.Etat, x.echeance, x.Depuis, x.Essais = acheminement.Pret, g.Instant, g.Instant, 0
		x.bail++
		return ""
	})
}

// Abandonner implements acheminement.Rebut.
func (m *Memoire) Abandonner(_ context.Context, cle string, g acheminement.Geste) error {
	return m.agir(cle, acheminement.ActionAbandonner, g, func(x *garde) string {
		x.Etat, x.Depuis = acheminement.Abandonne, g.Instant
		x.bail++
		m.avancer(x, g.Instant)
		return ""
	})
}

// Recevoir implements acheminement.Reception. f runs under the lock of the store:
// it must not call it.
func (m *Memoire) Recevoir(ctx context.Context, a acheminement.Arrivee, f func(context.Context) ([]byte, error)) ([]byte, error) {
	if err := a.Verifier(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if recu, deja, err := m.deja(a); deja || err != nil {
		return recu, err
	}
	octets, err := f(ctx)
	if err != nil {
		return nil, err
	}
	m.recus[[2]string{a.Expediteur, a.Cle}] = &recuGarde{a.Empreinte, slices.Clone(octets), a.Instant}
	return octets, nil
}

// Deja implements acheminement.Reception.
func (m *Memoire) Deja(_ context.Context, a acheminement.Arrivee) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.deja(a)
}

func (m *Memoire) deja(a acheminement.Arrivee) ([]byte, bool, error) {
	r := m.recus[[2]string{a.Expediteur, a.Cle}]
	switch {
	case r == nil:
		return nil, false, nil
	case r.empreinte != a.Empreinte:
		return nil, false, acheminement.ErrCle
	}
	return slices.Clone(r.octets), true, nil
}

// OublierRecus implements acheminement.Reception.
func (m *Memoire) OublierRecus(_ context.Context, avant time.Time, max int) (n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c, r := range m.recus {
		if r.instant.Before(avant) && n < int64(max) {
			delete(m.recus, c)
			n++
		}
	}
	return n, nil
}

// Noter implements acheminement.Vie.
func (m *Memoire) Noter(_ context.Context, l ...acheminement.Jalon) error {
	for _, j := range l {
		if err := m.noter(j); err != nil {
			return err
		}
	}
	return nil
}

// OublierJalons implements acheminement.Vie.
func (m *Memoire) OublierJalons(_ context.Context, avant time.Time, max int) (n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.jalons = slices.DeleteFunc(m.jalons, func(j acheminement.Jalon) bool {
		vieux := j.Instant.Before(avant) && n < int64(max)
		if vieux {
			n++
		}
		return vieux
	})
	return n, nil
}

func (m *Memoire) noter(j acheminement.Jalon) error {
	if err := j.Verifier(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.ContainsFunc(m.jalons, func(x acheminement.Jalon) bool { return x.Flux == j.Flux && x.Etat == j.Etat }) {
		m.jalons = append(m.jalons, j)
	}
	return nil
}

// Jalons implements acheminement.Vie.
func (m *Memoire) Jalons(_ context.Context, flux string) (l []acheminement.Jalon, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, j := range m.jalons {
		if j.Flux == flux {
			l = append(l, j)
		}
	}
	slices.SortFunc(l, acheminement.Jalon.Compare)
	return l, nil
}

// Purger forgets what was delivered or abandoned before an instant.
func (m *Memoire) Purger(_ context.Context, avant time.Time, max int) (n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.envois = slices.DeleteFunc(m.envois, func(g *garde) bool {
		if !g.fini || !g.Depuis.Before(avant) || n >= int64(max) {
			return false
		}
		n++
		return true
	})
	return n, nil
}
