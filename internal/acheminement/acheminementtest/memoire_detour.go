package acheminementtest

import (
	"context"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// apres tells whether x was posted after g, in the same Ordre.
func (m *Memoire) apres(x, g *garde) bool {
	return g.Envoi.Ordre == x.Envoi.Ordre && slices.Index(m.envois, g) < slices.Index(m.envois, x)
}

func communs(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// ecarts tells whether a message of the same Ordre was put aside.
func (m *Memoire) ecarts(x *garde) bool {
	return slices.ContainsFunc(m.envois, func(g *garde) bool { return g.sujets != nil && x.Envoi.Ordre == g.Envoi.Ordre })
}

// ecartes counts the dead letters of the same Ordre that were put aside.
func (m *Memoire) ecartes(x *garde) (n int) {
	for _, g := range m.envois {
		if g.Ecarte && g.Etat == acheminement.Mort && g.Envoi.Ordre == x.Envoi.Ordre {
			n++
		}
	}
	return n
}

func (m *Memoire) devance(x *garde, sujets []string) bool {
	return slices.ContainsFunc(m.envois, func(g *garde) bool { return m.apres(x, g) && communs(g.sujets, sujets) })
}

func (m *Memoire) ecarter(g *garde, sujets []string, quand time.Time) {
	g.sujets = sujets
	if !g.Ecarte {
		g.Ecarte = true
		m.suivre(g, quand)
	}
}

// Retenir implements acheminement.Detour.
func (m *Memoire) Retenir(_ context.Context, p *acheminement.Pris, sujets []string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.trouver(p.Cle)
	if g == nil || g.bail != p.Bail || g.Etat != acheminement.Pret {
		return false, acheminement.ErrBail
	}
	if !m.devance(g, sujets) {
		return false, nil
	}
	g.Etat = acheminement.Retenu
	m.ecarter(g, sujets, g.Depuis)
	return true, nil
}

// Devant implements acheminement.Detour.
func (m *Memoire) Devant(_ context.Context, cle string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x := m.trouver(cle)
	if x == nil {
		return "", acheminement.ErrInconnu
	}
	for _, g := range m.envois {
		ligne := x.Etat == acheminement.EnAttente && g.Etat == acheminement.Mort && !g.Ecarte
		sujet := x.Etat == acheminement.Retenu && communs(g.sujets, x.sujets)
		if m.apres(x, g) && (ligne || sujet) {
			return g.Envoi.Cle, nil
		}
	}
	return "", nil
}
