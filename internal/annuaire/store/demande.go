package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Inscrire implements annuaire.Registre.
func (s *Store) Inscrire(ctx context.Context, d *annuaire.Demande) error {
	contenu, err := s.ecrireDemande(d)
	if err != nil {
		return err
	}
	_, err = s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO rass_demande (tenant, numero, nature, id, groupe, etat, par, famille, deposee, echeance, contenu)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, s.tenant, d.Numero, int64(d.Nature), d.ID, int64(d.Groupe), string(d.Etat),
		d.Par, d.Famille, millis(d.Deposee), millis(d.Echeance), contenu)
	if err != nil {
		return fmt.Errorf("inscrire une demande: %w", err)
	}
	return s.tracer(ctx, d, 1, d.Deposee, d.Par, d.Preuve)
}

func (s *Store) ecrireDemande(d *annuaire.Demande) ([]byte, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("écrire une demande: %w", err)
	}
	if len(b) > 2*s.codec.FicheMax {
		return nil, ErrFiche
	}
	return b, nil
}

func (s *Store) tracer(ctx context.Context, d *annuaire.Demande, rang int, le time.Time, acteur, motif string) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO rass_demande_trace (tenant, numero, rang, instant, etat, acteur, motif) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.tenant, d.Numero, rang, millis(le), string(d.Etat), acteur, motif)
	if err != nil {
		return fmt.Errorf("tracer une demande: %w", err)
	}
	return nil
}

// Demande implements annuaire.Registre. In a transaction its row is held.
func (s *Store) Demande(ctx context.Context, numero string) (*annuaire.Demande, error) {
	verrou := ""
	if s.b.DansTransaction(ctx) {
		verrou = s.b.Verrou()
	}
	var b []byte
	err := s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT contenu FROM rass_demande WHERE tenant = $1 AND numero = $2`+verrou, s.tenant, numero).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, annuaire.ErrSansDemande
	}
	if err != nil {
		return nil, fmt.Errorf("lire une demande: %w", err)
	}
	return lireDemande(b)
}

func lireDemande(b []byte) (*annuaire.Demande, error) {
	d := new(annuaire.Demande)
	if err := json.Unmarshal(b, d); err != nil {
		return nil, fmt.Errorf("lire une demande: %w", err)
	}
	return d, nil
}

// Changer implements annuaire.Registre.
func (s *Store) Changer(ctx context.Context, d *annuaire.Demande, etait annuaire.EtatDemande) error {
	contenu, err := s.ecrireDemande(d)
	if err != nil {
		return err
	}
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE rass_demande SET etat = $3, echeance = $4, contenu = $5 WHERE tenant = $1 AND numero = $2 AND etat = $6`,
			s.tenant, d.Numero, string(d.Etat), millis(d.Echeance), contenu, string(etait))
		if err != nil {
			return fmt.Errorf("changer une demande: %w", err)
		}
		if n, err := r.RowsAffected(); err != nil || n != 1 {
			return errors.Join(annuaire.ErrDejaDecidee, err)
		}
		return s.tracer(ctx, d, 2, d.Decidee, d.Decideur, d.Motif)
	})
}

// Trace is a step of a request.
type Trace struct {
	Instant       time.Time
	Etat          annuaire.EtatDemande
	Acteur, Motif string
}

// Traces are the steps of a request, in their order.
func (s *Store) Traces(ctx context.Context, numero string) (l []Trace, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT instant, etat, acteur, motif FROM rass_demande_trace WHERE tenant = $1 AND numero = $2 ORDER BY rang`, s.tenant, numero)
	if err != nil {
		return nil, fmt.Errorf("lire la trace d'une demande: %w", err)
	}
	return l, parcourir(rows, func() error {
		var t Trace
		var ms int64
		err := rows.Scan(&ms, (*string)(&t.Etat), &t.Acteur, &t.Motif)
		t.Instant = instant(ms)
		l = append(l, t)
		return err
	})
}

// demandesMax bounds a list of requests.
const demandesMax = 200

// EnAttente are the requests that wait, those whose delay ends first at the head, after
// the one given; nil for the first ones.
func (s *Store) EnAttente(ctx context.Context, apres *annuaire.Demande, max int) ([]*annuaire.Demande, error) {
	echeance, numero := int64(-1), ""
	if apres != nil {
		echeance, numero = millis(apres.Echeance), apres.Numero
	}
	return s.demandes(ctx, `SELECT contenu FROM rass_demande WHERE tenant = $1 AND etat = 'DEPOSEE' AND (echeance > $2 OR echeance = $2 AND numero > $3)
		ORDER BY echeance, numero LIMIT $4`, s.tenant, echeance, numero, min(max, demandesMax))
}

// DeFiche are the requests on a record, in the order of their numbers, after one.
func (s *Store) DeFiche(ctx context.Context, n annuaire.Nature, id, apres string, max int) ([]*annuaire.Demande, error) {
	return s.demandes(ctx, `SELECT contenu FROM rass_demande WHERE tenant = $1 AND nature = $2 AND id = $3 AND numero > $4 ORDER BY numero LIMIT $5`,
		s.tenant, int64(n), id, apres, min(max, demandesMax))
}

// DeActeur are the requests of who asked, in the order of their numbers, after one.
func (s *Store) DeActeur(ctx context.Context, par, apres string, max int) ([]*annuaire.Demande, error) {
	return s.demandes(ctx, `SELECT contenu FROM rass_demande WHERE tenant = $1 AND par = $2 AND numero > $3 ORDER BY numero LIMIT $4`,
		s.tenant, par, apres, min(max, demandesMax))
}

func (s *Store) demandes(ctx context.Context, q string, a ...any) (l []*annuaire.Demande, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, q, a...)
	if err != nil {
		return nil, fmt.Errorf("lire des demandes: %w", err)
	}
	return l, parcourir(rows, func() error {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		d, err := lireDemande(b)
		l = append(l, d)
		return err
	})
}
