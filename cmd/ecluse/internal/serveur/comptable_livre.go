package serveur

import (
	"context"

	journalstore "github.com/ecluse-sante/ecluse/internal/journal/store"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/local"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/sante"
)

// LivreOuvert is the book that a command opens.
type LivreOuvert struct {
	*LivresES
	Etablissement *config.Etablissement // as its configuration says it
	p             *Processus
}

// OuvrirLivre opens the book of the hospital that a command names, "" for the only one.
func (p *Processus) OuvrirLivre(finess string) (*LivreOuvert, error) {
	e, l, err := p.livresDe(finess)
	if err != nil {
		return nil, err
	}
	return &LivreOuvert{l, e, p}, nil
}

// Aujourdhui is the day where the hospital is.
func (l *LivreOuvert) Aujourdhui() sante.Jour {
	return sante.JourA(l.p.Horloge(), l.Parametres.Fuseau)
}

// Noms are those of the debtors.
func (l *LivreOuvert) Noms(ctx context.Context) (map[sante.NumeroAMC]string, error) {
	b, err := l.Balance(ctx, comptable.SansFin, comptable.SansFin)
	if err != nil {
		return nil, err
	}
	m := map[sante.NumeroAMC]string{}
	for _, x := range b.Debiteurs {
		m[x.AMC] = x.Libelle
	}
	return m, nil
}

var _ local.Source = (*sourceProuvee)(nil)

// sourceProuvee gives the leaf of each message, as the journal of the hospital has
// it: a message is written in the book before its leaf is in the journal.
type sourceProuvee struct {
	local.Source
	ctx     context.Context // without the snapshot of the book
	tenant  string
	journal *journalstore.Store
	lues    map[string][2]string
}

// Source gives what the book holds to who proves it, each message with its leaf.
func (l *LivreOuvert) Source(ctx context.Context) local.Source {
	return &sourceProuvee{l.store, ctx, TenantEtablissement(l.Etablissement.Finess), journalstore.Nouveau(l.p.Base), map[string][2]string{}}
}

// feuillesGardees bounds the leaves kept in memory.
const feuillesGardees = 10_000

// feuilles gives the first and the last leaf of a message, "" once erased.
func (s *sourceProuvee) feuilles(message string) ([2]string, error) {
	if f, lue := s.lues[message]; lue || message == "" {
		return f, nil
	}
	l, err := s.journal.Chercher(s.ctx, s.tenant, journal.Critere{IDMessage: message})
	if err != nil {
		return [2]string{}, err
	}
	var f [2]string
	if len(l) > 0 {
		f = [2]string{l[0].Feuille.Hex(), l[len(l)-1].Feuille.Hex()}
	}
	if len(s.lues) >= feuillesGardees {
		clear(s.lues)
	}
	s.lues[message] = f
	return f, nil
}

// TitresPeriode implements local.Source: the leaf of an invoice is that of the
// exchange by which its insurer acknowledged it.
func (s *sourceProuvee) TitresPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.TitrePeriode) error) error {
	return s.Source.TitresPeriode(ctx, p, func(t *comptable.TitrePeriode) error {
		if t.Preuve.Feuille == "" {
			f, err := s.feuilles(t.Preuve.Message)
			if err != nil {
				return err
			}
			t.Preuve.Feuille = f[1]
		}
		return une(t)
	})
}

// MouvementsPeriode implements local.Source: the leaf of an announce, of a reject or of
// an annulation is that of the exchange by which it came; that of an emission is that of
// its titre.
func (s *sourceProuvee) MouvementsPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.MouvementPeriode) error) error {
	return s.Source.MouvementsPeriode(ctx, p, func(m *comptable.MouvementPeriode) error {
		if a := m.Annonce; a != nil && a.Preuve.Feuille == "" {
			f, err := s.feuilles(a.Preuve.Message)
			if err != nil {
				return err
			}
			a.Preuve.Feuille = f[0]
		}
		f, err := s.feuilles(m.Preuve.Message)
		if err != nil {
			return err
		}
		if m.Preuve.Feuille = f[0]; m.Ecriture.Nature == comptable.Emission {
			m.Preuve.Feuille = f[1]
		}
		return une(m)
	})
}

// Exporter writes the book of a period, and its manifest.
func (l *LivreOuvert) Exporter(ctx context.Context, p comptable.Periode, format string, s local.Sortie) (*local.Manifeste, error) {
	x := local.Export{Service: l.Service, Source: l.Source(ctx)}
	if format == "json" {
		return x.JSONL(ctx, p, s)
	}
	return x.CSV(ctx, p, s)
}
