// Package store keeps the invoices of the professionals and their payment, in SQLite or
// PostgreSQL: the tables officine_*. Every key begins with the tenant.
package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what the room adds to the house's list: numbers 1800 to 1899.
var Migrations = bdd.Migrations{FS: fichiers, Dir: "migrations"}

// Store is the books of one insurer.
type Store struct {
	b      *bdd.Base
	tenant string
}

var (
	_ officine.Livre  = (*Store)(nil)
	_ officine.Caisse = (*Store)(nil)
)

// New gives the books of a tenant.
func New(b *bdd.Base, tenant string) *Store { return &Store{b, tenant} }

// Transaction runs f in one transaction, perhaps more than once.
func (s *Store) Transaction(ctx context.Context, f func(ctx context.Context) error) error {
	return s.b.EnTransaction(ctx, f)
}

// Ouvrir implements officine.Livre.
func (s *Store) Ouvrir(ctx context.Context, l *officine.Lot) (connu bool, err error) {
	if err := s.Verrouiller(ctx, l.PS); err != nil {
		return false, err
	}
	e := s.b.Ecrivain(ctx)
	r, err := e.ExecContext(ctx, `INSERT INTO officine_lot (tenant, ps, numero, empreinte, id_message, nombre, total, recu)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant, ps, numero) DO NOTHING`,
		s.tenant, l.PS.String(), string(l.Numero), l.Empreinte[:], l.IDMessage.String(), l.Nombre, int64(l.Total), l.Recu.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("écrire un lot: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return false, err
	}
	var empreinte []byte
	if err := e.QueryRowContext(ctx, `SELECT empreinte FROM officine_lot WHERE tenant = $1 AND ps = $2 AND numero = $3`,
		s.tenant, l.PS.String(), string(l.Numero)).Scan(&empreinte); err != nil {
		return false, fmt.Errorf("relire un lot: %w", err)
	}
	if !bytes.Equal(empreinte, l.Empreinte[:]) {
		return false, officine.ErrAutreLot
	}
	return true, nil
}

// Verrouiller implements officine.Livre.
func (s *Store) Verrouiller(ctx context.Context, ps sante.NumeroFacturation) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO officine_ps (tenant, ps, rang, mouvement) VALUES ($1, $2, 0, 0)
		ON CONFLICT (tenant, ps) DO UPDATE SET rang = officine_ps.rang`, s.tenant, ps.String())
	if err != nil {
		return fmt.Errorf("verrouiller un professionnel: %w", err)
	}
	return nil
}

// avancer reserves ranks and moves, and gives the last of each.
func (s *Store) avancer(ctx context.Context, ps sante.NumeroFacturation, rangs, mouvements int) (rang, mouvement int64, err error) {
	err = s.b.Ecrivain(ctx).QueryRowContext(ctx, `UPDATE officine_ps SET rang = rang + $3, mouvement = mouvement + $4 WHERE tenant = $1 AND ps = $2
		RETURNING rang, mouvement`, s.tenant, ps.String(), rangs, mouvements).Scan(&rang, &mouvement)
	if err != nil {
		return 0, 0, fmt.Errorf("numéroter: %w", err)
	}
	return rang, mouvement, nil
}

// Vive implements officine.Livre.
func (s *Store) Vive(ctx context.Context, ps sante.NumeroFacturation, c officine.Cle) (bool, error) {
	var n int
	err := s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT count(*) FROM officine_facture WHERE tenant = $1 AND ps = $2 AND numero = $3 AND date_facture = $4 AND etat <> 'REFUSEE'`,
		s.tenant, ps.String(), string(c.Numero), c.Date.String()).Scan(&n)
	return n > 0, err
}

// Mois implements officine.Livre.
func (s *Store) Mois(ctx context.Context, ps sante.NumeroFacturation, jour sante.Jour) (officine.Mois, error) {
	return s.mois(ctx, "date_facture", ps, jour)
}

// Recus implements officine.Livre.
func (s *Store) Recus(ctx context.Context, ps sante.NumeroFacturation, jour sante.Jour) (officine.Mois, error) {
	return s.mois(ctx, "recue_le", ps, jour)
}

func (s *Store) mois(ctx context.Context, colonne string, ps sante.NumeroFacturation, jour sante.Jour) (m officine.Mois, err error) {
	mois := jour.String()[:8]
	err = s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT count(*), coalesce(sum(degradee), 0) FROM officine_facture
		WHERE tenant = $1 AND ps = $2 AND `+colonne+` >= $3 AND `+colonne+` <= $4 AND etat <> 'REFUSEE'`,
		s.tenant, ps.String(), mois+"01", mois+"31").Scan(&m.Factures, &m.Degradees)
	return m, err
}

func nombre(b bool) int {
	if b {
		return 1
	}
	return 0
}

// date is a day as it is kept: "" when it is not said.
func date(j sante.Jour) string {
	if j.IsZero() {
		return ""
	}
	return j.String()
}

func ecrireEcarts(l []droits.EcartLigne) (string, error) {
	if len(l) == 0 {
		return "", nil
	}
	b, err := json.Marshal(l)
	return string(b), err
}

// Inserer implements officine.Livre.
func (s *Store) Inserer(ctx context.Context, l []*officine.Facture) error {
	if len(l) == 0 {
		return nil
	}
	rang, mouvement, err := s.avancer(ctx, l[0].PS, len(l), len(l))
	if err != nil {
		return err
	}
	etats := bdd.Insertion{Debut: `INSERT INTO officine_facture (tenant, ps, rang, mouvement, numero, date_facture, date_soins, lot, recue, recue_le, etat, code, precision_code,
		ecarts, accreditee, degradee, demande, paye, reglement, virement, payee_le, echeance) VALUES`, Colonnes: 22}
	originaux := bdd.Insertion{Debut: `INSERT INTO officine_original (tenant, ps, rang, octets, empreinte) VALUES`, Colonnes: 5}
	for i, f := range l {
		f.Rang, f.Mouvement = rang-int64(len(l)-1-i), mouvement-int64(len(l)-1-i)
		ecarts, err := ecrireEcarts(f.Ecarts)
		if err != nil {
			return fmt.Errorf("écrire une facture: %w", err)
		}
		etats.Valeurs = append(etats.Valeurs, s.tenant, f.PS.String(), f.Rang, f.Mouvement, string(f.Numero), f.DateFacture.String(), f.DateSoins.String(), string(f.Lot),
			f.Recue.UnixMilli(), sante.JourA(f.Recue, sante.Paris()).String(), string(f.Etat), string(f.Code), f.Precision, ecarts, nombre(f.Accreditee), nombre(f.Degradee),
			int64(f.Demande), int64(f.Paye), date(f.Reglement), f.Virement, date(f.PayeeLe), date(f.Echeance))
		originaux.Valeurs = append(originaux.Valeurs, s.tenant, f.PS.String(), f.Rang, f.Original, f.Empreinte[:])
	}
	if err := s.b.Inserer(ctx, etats, originaux); err != nil {
		return fmt.Errorf("écrire des factures: %w", err)
	}
	return s.enrichir(ctx, l)
}

// enrichir writes what is known beside, until the accreditation is: then it does not change.
func (s *Store) enrichir(ctx context.Context, l []*officine.Facture) error {
	x := bdd.Insertion{Debut: `INSERT INTO officine_enrichissement (tenant, ps, rang, contrat, type, debut, fin, degradee, canal) VALUES`, Colonnes: 9,
		Fin: `ON CONFLICT (tenant, ps, rang) DO UPDATE SET contrat = excluded.contrat, type = excluded.type, debut = excluded.debut, fin = excluded.fin
			WHERE officine_enrichissement.type = ''`}
	for _, f := range l {
		if e := f.Enrichissement; e != nil {
			x.Valeurs = append(x.Valeurs, s.tenant, f.PS.String(), f.Rang, e.Contrat, string(e.Type), date(e.DroitsDeb), date(e.DroitsFin), nombre(e.Degradee), e.Canal)
		}
	}
	if len(x.Valeurs) == 0 {
		return nil
	}
	if err := s.b.Inserer(ctx, x); err != nil {
		return fmt.Errorf("enrichir des factures: %w", err)
	}
	return nil
}

// Deplacer implements officine.Livre.
func (s *Store) Deplacer(ctx context.Context, l []*officine.Facture) error {
	if len(l) == 0 {
		return nil
	}
	_, mouvement, err := s.avancer(ctx, l[0].PS, 0, len(l))
	if err != nil {
		return err
	}
	for i, f := range l {
		f.Mouvement = mouvement - int64(len(l)-1-i)
		ecarts, err := ecrireEcarts(f.Ecarts)
		if err != nil {
			return fmt.Errorf("écrire une facture: %w", err)
		}
		r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE officine_facture SET mouvement = $4, etat = $5, code = $6, precision_code = $7, ecarts = $8, accreditee = $9,
			paye = $10, reglement = $11, virement = $12, payee_le = $13 WHERE tenant = $1 AND ps = $2 AND rang = $3`,
			s.tenant, f.PS.String(), f.Rang, f.Mouvement, string(f.Etat), string(f.Code), f.Precision, ecarts, nombre(f.Accreditee),
			int64(f.Paye), date(f.Reglement), f.Virement, date(f.PayeeLe))
		if err != nil {
			return fmt.Errorf("écrire une facture: %w", err)
		}
		if n, err := r.RowsAffected(); err != nil || n != 1 {
			return errors.Join(officine.ErrFacture, err)
		}
	}
	return s.enrichir(ctx, l)
}

// Alerter implements officine.Livre.
func (s *Store) Alerter(ctx context.Context, ps sante.NumeroFacturation, jour sante.Jour, m officine.Mois) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO officine_alerte (tenant, ps, mois, factures, degradees) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, ps, mois) DO UPDATE SET factures = $4, degradees = $5`, s.tenant, ps.String(), jour.String()[:7], m.Factures, m.Degradees)
	return err
}

// Alerte is a professional above the quota of a month.
type Alerte struct {
	PS     sante.NumeroFacturation
	Mois   string // "2026-11"
	Compte officine.Mois
}

// alertesMax is how many are read at once.
const alertesMax = 500

// Alertes lists those that nobody was told of yet, the oldest month first.
func (s *Store) Alertes(ctx context.Context) (l []Alerte, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT ps, mois, factures, degradees FROM officine_alerte WHERE tenant = $1 AND dite = 0 ORDER BY mois, ps LIMIT $2`,
		s.tenant, alertesMax)
	if err != nil {
		return nil, fmt.Errorf("lire des alertes: %w", err)
	}
	err = parcourir(rows, func() error {
		a, ps := Alerte{}, ""
		if err := rows.Scan(&ps, &a.Mois, &a.Compte.Factures, &a.Compte.Degradees); err != nil {
			return err
		}
		a.PS, err = sante.ParseNumeroFacturation(ps)
		l = append(l, a)
		return err
	})
	return l, err
}

// Dite writes that who watches was told of an alert.
func (s *Store) Dite(ctx context.Context, a Alerte) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE officine_alerte SET dite = 1 WHERE tenant = $1 AND ps = $2 AND mois = $3`, s.tenant, a.PS.String(), a.Mois)
	if err != nil {
		return fmt.Errorf("noter une alerte dite: %w", err)
	}
	return nil
}

func parcourir(rows *sql.Rows, une func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := une(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// verifier checks that the original is the one that was received.
func verifier(f *officine.Facture, empreinte []byte) error {
	f.Empreinte = sha256.Sum256(f.Original)
	if !bytes.Equal(f.Empreinte[:], empreinte) {
		return officine.ErrFacture
	}
	return nil
}
