package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/local"
	"github.com/ecluse-sante/ecluse/internal/journal"
	journalstore "github.com/ecluse-sante/ecluse/internal/journal/store"
	"github.com/ecluse-sante/ecluse/sante"
)

// sourceProuvee gives the leaf of each message, as the journal of the hospital has
// it: a message is written in the book before its leaf is in the journal.
type sourceProuvee struct {
	local.Source
	ctx     context.Context // without the snapshot of the book
	tenant  string
	journal *journalstore.Store
	lues    map[string][2]string
}

func (l *comptableDe) source(ctx context.Context) *sourceProuvee {
	return &sourceProuvee{l.store, ctx, tenantEtablissement(l.c.Finess), journalstore.Nouveau(l.p.base), map[string][2]string{}}
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

// exporterLivre writes an export beside its place, then puts it there whole.
func exporterLivre(ctx context.Context, c *cli.Command, l *comptableDe) (err error) {
	dir, err := unArgument(c, unRepertoireVide)
	if err != nil {
		return err
	}
	var p comptable.Periode
	if p.Du, err = jourDit(c, "du", 0); err != nil {
		return err
	}
	if p.Au, err = jourDit(c, "au", 0); err != nil {
		return err
	}
	if p.Connu, err = jourDit(c, "connu", comptable.SansFin); err != nil {
		return err
	}
	if dir = filepath.Clean(dir); p.Au < p.Du {
		return attendre(c, "--au : un jour qui ne précède pas --du est attendu")
	}
	if x, err := os.ReadDir(dir); err == nil && len(x) > 0 {
		return fmt.Errorf("%s : le répertoire n'est pas vide", dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	partiel, err := os.MkdirTemp(filepath.Dir(dir), ".export-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(partiel)
	m, err := l.exporter(ctx, p, c.String("format"), func(nom string) (io.WriteCloser, error) {
		return os.OpenFile(filepath.Join(partiel, nom), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	})
	if err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(partiel, dir); err != nil {
		return err
	}
	fmt.Fprintf(c.Root().Writer, "%s : émis %s, réduit %s, payé %s, perdu %s ; dû %s, contre %s au début\n", dir, m.Total.Emis.Euros(), m.Total.Reduit.Euros(),
		m.Total.Paye.Euros(), m.Total.Perdu.Euros(), m.Total.Cloture.Euros(), m.Total.Ouverture.Euros())
	for _, f := range m.Fichiers {
		fmt.Fprintf(c.Root().Writer, "%s  %s, SHA-256 %s\n", f.Nom, accorder(f.Lignes, "ligne", "lignes"), f.SHA256)
	}
	return nil
}

func (l *comptableDe) exporter(ctx context.Context, p comptable.Periode, format string, s local.Sortie) (*local.Manifeste, error) {
	x := local.Export{Service: l.Service, Source: l.source(ctx)}
	if format == "json" {
		return x.JSONL(ctx, p, s)
	}
	return x.CSV(ctx, p, s)
}

// ligneFile is a bank line in JSON.
type ligneFile struct {
	ID           string     `json:"id"`
	Jour         sante.Jour `json:"jour"`
	Sens         string     `json:"sens"`
	Montant      int64      `json:"montant"`
	Reste        int64      `json:"reste"`
	Compte       string     `json:"compte"`
	Reference    string     `json:"reference,omitempty"`
	BoutEnBout   string     `json:"boutEnBout,omitempty"`
	Libelle      string     `json:"libelle,omitempty"`
	Contrepartie string     `json:"contrepartie,omitempty"`
	Doute        string     `json:"doute,omitempty"`
	Pourquoi     string     `json:"pourquoi"`
	Releve       string     `json:"releve"`
	Place        int        `json:"place"`
}
