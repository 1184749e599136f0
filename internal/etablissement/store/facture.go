package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// emettre keeps an invoice until a batch takes it.
func (s *Store) emettre(ctx context.Context, e bdd.Executant, f *etablissement.FactureEmise) error {
	reference := ""
	if f.EnB2() {
		var err error
		if reference, err = s.tirerReference(ctx, e); err != nil {
			return err
		}
	}
	r, err := e.ExecContext(ctx, `INSERT INTO etab_facture (tenant, annee, numero, venue, rang, amc, lot, instant, contenu, voie, reference)
		VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, $9, $10) ON CONFLICT (tenant, numero, annee) DO NOTHING`,
		s.tenant, f.Annee, f.Numero, f.Venue, f.Rang, f.AMC.String(), millis(f.Instant), f.Contenu, f.Voie, reference)
	if err != nil {
		return fmt.Errorf("etablissement: écrire une facture: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return &etablissement.Erreur{Sorte: etablissement.ErrDoublon, Code: roc.FactureEnDouble, Detail: "Ce numéro de facture a déjà servi cette année."}
}

const colonnesFacture = `annee, numero, venue, rang, amc, lot, instant, contenu, voie, reference`

// AEnvoyer implements etablissement.Factures.
func (s *Store) AEnvoyer(ctx context.Context, max int, sauf ...sante.NumeroAMC) (sante.NumeroAMC, []*etablissement.FactureEmise, error) {
	var texte, voie, autres string
	args := []any{s.tenant}
	if len(sauf) > 0 {
		autres = ` AND amc NOT IN (` + s.b.Parametres(2, len(sauf)) + `)`
		for _, a := range sauf {
			args = append(args, a.String())
		}
	}
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT amc, voie FROM etab_facture WHERE tenant = $1 AND lot = ''`+autres+` ORDER BY instant, numero LIMIT 1`, args...).Scan(&texte, &voie)
	if errors.Is(err, sql.ErrNoRows) {
		return sante.NumeroAMC{}, nil, nil
	}
	if err != nil {
		return sante.NumeroAMC{}, nil, fmt.Errorf("etablissement: chercher des factures: %w", err)
	}
	amc, err := sante.ParseNumeroAMC(texte)
	if err != nil {
		return amc, nil, fmt.Errorf("etablissement: relire une AMC: %w", err)
	}
	l, err := s.lireFactures(ctx, `lot = '' AND amc = $2 AND voie = $3 ORDER BY instant, numero LIMIT $4`+s.b.Verrou(), texte, voie, max)
	return amc, l, err
}

func (s *Store) lireFactures(ctx context.Context, condition string, args ...any) ([]*etablissement.FactureEmise, error) {
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT `+colonnesFacture+` FROM etab_facture WHERE tenant = $1 AND `+condition,
		append([]any{s.tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire des factures: %w", err)
	}
	defer rows.Close()
	var l []*etablissement.FactureEmise
	for rows.Next() {
		f := &etablissement.FactureEmise{}
		var amc string
		var quand int64
		if err := rows.Scan(&f.Annee, &f.Numero, &f.Venue, &f.Rang, &amc, &f.Lot, &quand, &f.Contenu, &f.Voie, &f.Reference); err != nil {
			return nil, fmt.Errorf("etablissement: lire des factures: %w", err)
		}
		if f.AMC, err = sante.ParseNumeroAMC(amc); err != nil {
			return nil, fmt.Errorf("etablissement: relire une AMC: %w", err)
		}
		f.Instant = instant(quand)
		l = append(l, f)
	}
	return l, rows.Err()
}

// NumeroLot implements etablissement.Factures: nine digits, from one on.
func (s *Store) NumeroLot(ctx context.Context) (string, error) {
	var n int64
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `INSERT INTO etab_lot_numero (tenant, dernier) VALUES ($1, 1)
		ON CONFLICT (tenant) DO UPDATE SET dernier = etab_lot_numero.dernier + 1 RETURNING dernier`, s.tenant).Scan(&n)
	if err != nil {
		return "", fmt.Errorf("etablissement: numéroter un lot: %w", err)
	}
	return fmt.Sprintf("%09d", n), nil
}

// MettreEnLot implements etablissement.Factures.
func (s *Store) MettreEnLot(ctx context.Context, lot *etablissement.LotEmis, l []*etablissement.FactureEmise) error {
	e := s.b.Ecrivain(ctx)
	_, err := e.ExecContext(ctx, `INSERT INTO etab_lot (tenant, numero, amc, nombre, total, instant, accuse, code, voie, id_message) VALUES ($1, $2, $3, $4, $5, $6, 0, '', $7, $8)`,
		s.tenant, lot.Numero, lot.AMC.String(), lot.Nombre, int64(lot.Total), millis(lot.Instant), lot.Voie, uuid(lot.IDMessage))
	if err != nil {
		return fmt.Errorf("etablissement: écrire un lot: %w", err)
	}
	for len(l) > 0 {
		annee, n := l[0].Annee, 0 // a number is unique within a year
		for n < min(len(l), 100) && l[n].Annee == annee {
			n++
		}
		args := []any{s.tenant, lot.Numero, annee}
		for _, f := range l[:n] {
			args = append(args, f.Numero)
			f.Lot = lot.Numero
		}
		r, err := e.ExecContext(ctx, `UPDATE etab_facture SET lot = $2 WHERE tenant = $1 AND lot = '' AND annee = $3 AND numero IN (`+s.b.Parametres(4, n)+`)`, args...)
		if err != nil {
			return fmt.Errorf("etablissement: mettre en lot: %w", err)
		}
		if fait, err := r.RowsAffected(); err != nil || fait < int64(n) {
			return errors.Join(fmt.Errorf("etablissement: %d factures mises en lot sur %d", fait, n), err)
		}
		l = l[n:]
	}
	return nil
}

// Lot implements etablissement.Factures.
func (s *Store) Lot(ctx context.Context, numero string) (*etablissement.LotEmis, []*etablissement.FactureEmise, error) {
	lot := &etablissement.LotEmis{Numero: numero}
	var amc, message string
	var total, quand, accuse int64
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT amc, nombre, total, instant, accuse, code, voie, id_message FROM etab_lot
		WHERE tenant = $1 AND numero = $2`+s.b.Verrou(), s.tenant, numero).Scan(&amc, &lot.Nombre, &total, &quand, &accuse, &lot.Code, &lot.Voie, &message)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, &etablissement.Erreur{Sorte: etablissement.ErrInconnue, Detail: "Aucun lot sous ce numéro."}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("etablissement: lire un lot: %w", err)
	}
	if lot.AMC, err = sante.ParseNumeroAMC(amc); err != nil {
		return nil, nil, fmt.Errorf("etablissement: relire une AMC: %w", err)
	}
	lot.IDMessage = lireUUID(message)
	lot.Total, lot.Instant, lot.Accuse = sante.Montant(total), instant(quand), instant(accuse)
	l, err := s.lireFactures(ctx, `lot = $2 ORDER BY numero`, numero)
	return lot, l, err
}

// Accuser implements etablissement.Factures.
func (s *Store) Accuser(ctx context.Context, lot *etablissement.LotEmis) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_lot SET accuse = $3, code = $4 WHERE tenant = $1 AND numero = $2`,
		s.tenant, lot.Numero, millis(lot.Accuse), string(lot.Code))
	if err != nil {
		return fmt.Errorf("etablissement: accuser un lot: %w", err)
	}
	return nil
}

// ParNumero implements etablissement.Factures.
func (s *Store) ParNumero(ctx context.Context, amc string, numeros []string) (par []*etablissement.FactureEmise, err error) {
	for len(numeros) > 0 {
		n := min(len(numeros), 100)
		args := []any{amc}
		for _, x := range numeros[:n] {
			args = append(args, x)
		}
		l, err := s.lireFactures(ctx, `amc = $2 AND lot <> '' AND numero IN (`+s.b.Parametres(3, n)+`) ORDER BY annee`, args...)
		if err != nil {
			return nil, err
		}
		par = append(par, l...)
		numeros = numeros[n:]
	}
	return par, nil
}

// DeNumero implements etablissement.Factures.
func (s *Store) DeNumero(ctx context.Context, numero string) ([]*etablissement.FactureEmise, error) {
	return s.lireFactures(ctx, `numero = $2 AND lot <> '' ORDER BY annee`, numero)
}
