package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

const colonnes = `f.ps, f.rang, f.mouvement, f.numero, f.date_facture, f.date_soins, f.lot, f.recue, f.etat, f.code, f.precision_code, f.ecarts, f.accreditee, f.degradee,
	f.demande, f.paye, f.reglement, f.virement, f.payee_le, f.echeance`

// lireFacture reads the columns, then what follows them.
func lireFacture(scan func(...any) error, suite ...any) (*officine.Facture, error) {
	f := new(officine.Facture)
	var ps, ecarts string
	var jours [5]string
	var recue, demande, paye int64
	var accreditee, degradee int
	x := []any{&ps, &f.Rang, &f.Mouvement, &f.Numero, &jours[0], &jours[1], &f.Lot, &recue, &f.Etat, &f.Code, &f.Precision, &ecarts, &accreditee, &degradee,
		&demande, &paye, &jours[2], &f.Virement, &jours[3], &jours[4]}
	if err := scan(append(x, suite...)...); err != nil {
		return nil, err
	}
	var err error
	if f.PS, err = sante.ParseNumeroFacturation(ps); err != nil {
		return nil, err
	}
	for i, j := range []*sante.Jour{&f.DateFacture, &f.DateSoins, &f.Reglement, &f.PayeeLe, &f.Echeance} {
		if *j, err = lireJour(jours[i]); err != nil {
			return nil, err
		}
	}
	if ecarts != "" {
		if err := json.Unmarshal([]byte(ecarts), &f.Ecarts); err != nil {
			return nil, err
		}
	}
	f.Recue, f.Demande, f.Paye = time.UnixMilli(recue).UTC(), sante.Montant(demande), sante.Montant(paye)
	f.Accreditee, f.Degradee = accreditee == 1, degradee == 1
	return f, nil
}

// lireJour reads what date wrote.
func lireJour(s string) (sante.Jour, error) {
	if s == "" {
		return 0, nil
	}
	return sante.ParseJour(s)
}

// plusieurs reads invoices that a condition chooses.
func (s *Store) plusieurs(ctx context.Context, fin string, args ...any) (l []*officine.Facture, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, "SELECT "+colonnes+" FROM officine_facture f WHERE f.tenant = $1 AND "+fin, append([]any{s.tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("lire des factures: %w", err)
	}
	err = parcourir(rows, func() error {
		f, err := lireFacture(rows.Scan)
		l = append(l, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lire des factures: %w", err)
	}
	return l, nil
}

// DuLot implements officine.Livre.
func (s *Store) DuLot(ctx context.Context, ps sante.NumeroFacturation, lot droits.NumeroFacture) ([]*officine.Facture, error) {
	return s.plusieurs(ctx, "f.ps = $2 AND f.lot = $3 ORDER BY f.rang", ps.String(), string(lot))
}

// DeLOrdre implements officine.Livre.
func (s *Store) DeLOrdre(ctx context.Context, ps sante.NumeroFacturation, virement string) ([]*officine.Facture, error) {
	return s.plusieurs(ctx, "f.ps = $2 AND f.virement = $3 AND f.virement <> '' ORDER BY f.rang", ps.String(), virement)
}

// Suivi implements officine.Livre.
func (s *Store) Suivi(ctx context.Context, ps sante.NumeroFacturation, apres int64, etats []droits.EtatFacture, max int) ([]*officine.Facture, error) {
	args, voulus := []any{ps.String(), apres, max}, ""
	if len(etats) > 0 {
		for _, e := range etats {
			args = append(args, string(e))
			voulus += ", $" + strconv.Itoa(len(args)+1)
		}
		voulus = " AND f.etat IN (" + strings.TrimPrefix(voulus, ", ") + ")"
	}
	return s.plusieurs(ctx, "f.ps = $2 AND f.mouvement > $3"+voulus+" ORDER BY f.mouvement LIMIT $4", args...)
}

// Dans implements officine.Livre.
func (s *Store) Dans(ctx context.Context, ps sante.NumeroFacturation, e droits.EtatFacture, max int) ([]*officine.Facture, error) {
	return s.plusieurs(ctx, "f.ps = $2 AND f.etat = $3 ORDER BY f.rang LIMIT $4", ps.String(), string(e), max)
}

// Une implements officine.Livre.
func (s *Store) Une(ctx context.Context, ps sante.NumeroFacturation, rang int64) (*officine.Facture, error) {
	var original, empreinte []byte
	var contrat, genre, debut, fin, canal sql.NullString
	var degradee sql.NullInt64
	f, err := lireFacture(s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT `+colonnes+`, o.octets, o.empreinte, e.contrat, e.type, e.debut, e.fin, e.degradee, e.canal
		FROM officine_facture f JOIN officine_original o ON o.tenant = f.tenant AND o.ps = f.ps AND o.rang = f.rang
		LEFT JOIN officine_enrichissement e ON e.tenant = f.tenant AND e.ps = f.ps AND e.rang = f.rang
		WHERE f.tenant = $1 AND f.ps = $2 AND f.rang = $3`, s.tenant, ps.String(), rang).Scan, &original, &empreinte, &contrat, &genre, &debut, &fin, &degradee, &canal)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, officine.ErrFacture
	}
	if err != nil {
		return nil, fmt.Errorf("lire une facture: %w", err)
	}
	f.Original = original
	if err := verifier(f, empreinte); err != nil || !contrat.Valid {
		return f, err
	}
	e := &officine.Enrichissement{Contrat: contrat.String, Type: droits.TypeAccreditation(genre.String), Degradee: degradee.Int64 == 1, Canal: canal.String}
	f.Enrichissement = e
	if e.Type == "" { // its accreditation is not judged yet
		return f, nil
	}
	if e.DroitsDeb, err = sante.ParseJour(debut.String); err == nil {
		e.DroitsFin, err = sante.ParseJour(fin.String)
	}
	if err != nil {
		return nil, fmt.Errorf("lire une facture: %w", err)
	}
	return f, nil
}

// Professionnels implements officine.Livre.
func (s *Store) Professionnels(ctx context.Context, e droits.EtatFacture) (l []sante.NumeroFacturation, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT DISTINCT ps FROM officine_facture WHERE tenant = $1 AND etat = $2 ORDER BY ps`, s.tenant, string(e))
	if err != nil {
		return nil, fmt.Errorf("lire des professionnels: %w", err)
	}
	err = parcourir(rows, func() error {
		var texte string
		if err := rows.Scan(&texte); err != nil {
			return err
		}
		ps, err := sante.ParseNumeroFacturation(texte)
		l = append(l, ps)
		return err
	})
	return l, err
}

// Compter implements officine.Livre.
func (s *Store) Compter(ctx context.Context, debut, fin sante.Jour) (c officine.Comptees, err error) {
	c.Delais = make(map[int64]int64)
	err = s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT count(*), coalesce(sum(degradee), 0), coalesce(sum(accreditee), 0),
		coalesce(sum(CASE WHEN etat = 'REFUSEE' AND accreditee = 1 THEN 1 ELSE 0 END), 0)
		FROM officine_facture WHERE tenant = $1 AND recue_le >= $2 AND recue_le <= $3`, s.tenant, debut.String(), fin.String()).
		Scan(&c.Factures, &c.Degradees, &c.Accreditees, &c.Rejets)
	if err != nil {
		return c, fmt.Errorf("compter des factures: %w", err)
	}
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT date_facture, payee_le, count(*) FROM officine_facture
		WHERE tenant = $1 AND payee_le >= $2 AND payee_le <= $3 AND payee_le <> '' GROUP BY date_facture, payee_le`, s.tenant, debut.String(), fin.String())
	if err != nil {
		return c, fmt.Errorf("compter des paiements: %w", err)
	}
	err = parcourir(rows, func() error {
		var de, a string
		var n int64
		if err := rows.Scan(&de, &a, &n); err != nil {
			return err
		}
		facture, err := sante.ParseJour(de)
		if err != nil {
			return err
		}
		payee, err := sante.ParseJour(a)
		c.Delais[int64(payee)-int64(facture)] += n
		return err
	})
	return c, err
}
