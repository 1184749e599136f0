package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// Source is the book, as an export reads it.
type Source interface {
	// EnLecture runs f in one snapshot, perhaps more than once.
	EnLecture(ctx context.Context, f func(ctx context.Context) error) error
	// TitresPeriode gives the titres of a period, one by one.
	TitresPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.TitrePeriode) error) error
	// MouvementsPeriode gives the entries on titres of a period, one by one.
	MouvementsPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.MouvementPeriode) error) error
}

// Sortie opens the files of an export. Opening a name again begins it again.
type Sortie func(nom string) (io.WriteCloser, error)

// Manifeste sums an export up.
type Manifeste struct {
	Du, Au   sante.Jour
	Connu    sante.Jour
	Instant  time.Time
	Total    comptable.Mouvements
	Fichiers []FichierEcrit
}

// FichierEcrit is a file of an export.
type FichierEcrit struct {
	Nom    string
	Lignes int
	SHA256 string
}

// ErrTotaux: the titres, or the movements, do not add up to the balance.
var ErrTotaux = errors.New("comptable: l'export ne se totalise pas à la balance")

// Export writes exports.
type Export struct {
	Service *comptable.Service
	Source  Source
}

// format writes the records of an export.
type format interface {
	balance(*comptable.DebiteurPeriode) error
	titre(*comptable.TitrePeriode) error
	mouvement(*comptable.MouvementPeriode) error
	fermer() ([]FichierEcrit, error)
}

// CSV writes balance.csv, titres.csv, mouvements.csv and manifeste.json.
func (e Export) CSV(ctx context.Context, p comptable.Periode, s Sortie) (*Manifeste, error) {
	return e.ecrire(ctx, p, s, nouveauCSV)
}

// JSONL writes export.jsonl, each record with its kind, and manifeste.json.
func (e Export) JSONL(ctx context.Context, p comptable.Periode, s Sortie) (*Manifeste, error) {
	return e.ecrire(ctx, p, s, nouveauJSON)
}

func (e Export) ecrire(ctx context.Context, p comptable.Periode, s Sortie, nouveau func(Sortie) (format, error)) (m *Manifeste, err error) {
	if p.Connu.IsZero() {
		p.Connu = comptable.SansFin
	}
	if p.Du.IsZero() || p.Au < p.Du {
		return nil, fmt.Errorf("%w: période sans bornes", comptable.ErrDonnees)
	}
	err = e.Source.EnLecture(ctx, func(ctx context.Context) error {
		f, err := nouveau(s)
		if err != nil {
			return fmt.Errorf("comptable: exporter: %w", err)
		}
		m = &Manifeste{Du: p.Du, Au: p.Au, Connu: p.Connu, Instant: e.Service.Horloge().UTC().Truncate(time.Second)}
		err = e.remplir(ctx, p, f, m)
		fichiers, autre := f.fermer()
		m.Fichiers = fichiers
		return errors.Join(err, autre)
	})
	if err != nil {
		return nil, err
	}
	return m, ecrireManifeste(s, m)
}

// remplir writes the three levels, and checks that each adds up to the one above.
func (e Export) remplir(ctx context.Context, p comptable.Periode, f format, m *Manifeste) error {
	avant, err := e.Service.Balance(ctx, p.Du-1, p.Connu)
	if err != nil {
		return err
	}
	apres, err := e.Service.Balance(ctx, p.Au, p.Connu)
	if err != nil {
		return err
	}
	debiteurs, total := comptable.PeriodeDe(avant, apres)
	m.Total = total
	for i := range debiteurs {
		if err := f.balance(&debiteurs[i]); err != nil {
			return err
		}
	}
	titres, mouvements := sommes{}, sommes{}
	if err := e.Source.TitresPeriode(ctx, p, func(t *comptable.TitrePeriode) error {
		titres.ajouter(t.AMC, t.Mouvements)
		return f.titre(t)
	}); err != nil {
		return err
	}
	if err := e.Source.MouvementsPeriode(ctx, p, func(x *comptable.MouvementPeriode) error {
		var y comptable.Mouvements
		y.Compter(&x.Ecriture)
		mouvements.ajouter(x.Ecriture.AMC, y)
		return f.mouvement(x)
	}); err != nil {
		return err
	}
	return comparer(debiteurs, titres, mouvements)
}

// sommes are the figures of each debtor.
type sommes map[sante.NumeroAMC]*comptable.Mouvements

func (s sommes) ajouter(n sante.NumeroAMC, m comptable.Mouvements) {
	if s[n] == nil {
		s[n] = new(comptable.Mouvements)
	}
	s[n].Ajouter(m)
}

// de gives the figures of a debtor, and takes them off.
func (s sommes) de(n sante.NumeroAMC) (m comptable.Mouvements) {
	if s[n] != nil {
		m = *s[n]
		delete(s, n)
	}
	return m
}

func comparer(debiteurs []comptable.DebiteurPeriode, titres, mouvements sommes) error {
	for _, d := range debiteurs {
		x := mouvements.de(d.AMC)
		x.Ouverture = d.Ouverture
		if x.Cloture += d.Ouverture; titres.de(d.AMC) != d.Mouvements || x != d.Mouvements {
			return fmt.Errorf("%w: débiteur %s", ErrTotaux, d.AMC)
		}
	}
	for _, s := range []sommes{titres, mouvements} {
		for n, m := range s {
			if *m != (comptable.Mouvements{}) {
				return fmt.Errorf("%w: débiteur %s", ErrTotaux, n)
			}
		}
	}
	return nil
}

func ecrireManifeste(s Sortie, m *Manifeste) error {
	w, err := s("manifeste.json")
	if err != nil {
		return fmt.Errorf("comptable: exporter: %w", err)
	}
	x := json.NewEncoder(w)
	x.SetIndent("", "  ")
	return errors.Join(x.Encode(m), w.Close())
}

// fichier writes a file and digests it.
type fichier struct {
	nom    string
	w      io.WriteCloser
	h      hash.Hash
	lignes int
}

func ouvrir(s Sortie, nom string) (*fichier, error) {
	w, err := s(nom)
	if err != nil {
		return nil, err
	}
	return &fichier{nom: nom, w: w, h: sha256.New()}, nil
}

func (f *fichier) Write(b []byte) (int, error) {
	f.h.Write(b)
	return f.w.Write(b)
}

func (f *fichier) fermer() (FichierEcrit, error) {
	return FichierEcrit{f.nom, f.lignes, hex.EncodeToString(f.h.Sum(nil))}, f.w.Close()
}
