package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/sante"
)

// tirerReference draws the number of an invoice in B2 files.
func (s *Store) tirerReference(ctx context.Context, e bdd.Executant) (string, error) {
	var n int64
	err := e.QueryRowContext(ctx, `INSERT INTO etab_reference (tenant, dernier) VALUES ($1, 1)
		ON CONFLICT (tenant) DO UPDATE SET dernier = etab_reference.dernier + 1 RETURNING dernier`, s.tenant).Scan(&n)
	switch {
	case err != nil:
		return "", fmt.Errorf("etablissement: numéroter une facture de fichier: %w", err)
	case n > 999_999_999:
		return "", errors.New("etablissement: plus de numéro de facture de fichier")
	}
	return fmt.Sprint(n), nil
}

// ParReference implements etablissement.Factures.
func (s *Store) ParReference(ctx context.Context, amc string, references []string) (par []*etablissement.FactureEmise, err error) {
	for len(references) > 0 {
		n := min(len(references), 100)
		args := []any{amc}
		for _, x := range references[:n] {
			args = append(args, x)
		}
		p := s.b.Parametres(3, n)
		for _, condition := range []string{`reference <> '' AND reference IN (` + p + `)`, `reference = '' AND numero IN (` + p + `)`} {
			l, err := s.lireFactures(ctx, `amc = $2 AND lot <> '' AND `+condition+` ORDER BY annee`, args...)
			if err != nil {
				return nil, err
			}
			par = append(par, l...)
		}
		references = references[n:]
	}
	return par, nil
}

const colonnesFichier = `empreinte, nom, remis, amc, reference, taille, instant, etat, code, faites, chargees, montant, refusees, refus`

// Ouvrir implements etablissement.Fichiers.
func (s *Store) Ouvrir(ctx context.Context, f *etablissement.FichierRecu) (lu *etablissement.FichierRecu, err error) {
	err = s.b.EnTransaction(ctx, func(ctx context.Context) error {
		e := s.b.Ecrivain(ctx)
		_, err := e.ExecContext(ctx, `INSERT INTO etab_fichier (tenant, `+colonnesFichier+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0, 0, 0, 0, '') ON CONFLICT (tenant, empreinte) DO NOTHING`,
			s.tenant, f.Empreinte[:], f.Nom, f.Remis, f.AMC, f.Reference, f.Taille, millis(f.Instant), string(etablissement.FichierEnCours))
		if err != nil {
			return fmt.Errorf("etablissement: écrire un fichier: %w", err)
		}
		l, err := s.fichiers(ctx, `empreinte = $2`+s.b.Verrou(), f.Empreinte[:])
		if err == nil && len(l) == 1 {
			lu = l[0]
			return nil
		}
		return errors.Join(errors.New("etablissement: fichier perdu"), err)
	})
	return lu, err
}

func (s *Store) fichiers(ctx context.Context, condition string, args ...any) (l []*etablissement.FichierRecu, err error) {
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT `+colonnesFichier+` FROM etab_fichier WHERE tenant = $1 AND `+condition, append([]any{s.tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire des fichiers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		f := &etablissement.FichierRecu{}
		var empreinte []byte
		var quand, montant int64
		var refus string
		if err := rows.Scan(&empreinte, &f.Nom, &f.Remis, &f.AMC, &f.Reference, &f.Taille, &quand, &f.Etat, &f.Code, &f.Faites, &f.Chargees, &montant, &f.Refusees, &refus); err != nil {
			return nil, fmt.Errorf("etablissement: lire des fichiers: %w", err)
		}
		copy(f.Empreinte[:], empreinte)
		f.Instant, f.Montant = instant(quand), sante.Montant(montant)
		if refus != "" {
			if err := json.Unmarshal([]byte(refus), &f.Refus); err != nil {
				return nil, fmt.Errorf("etablissement: relire un rapport: %w", err)
			}
		}
		l = append(l, f)
	}
	return l, rows.Err()
}

// Avancer implements etablissement.Fichiers: a reading that another did meanwhile is
// not written over.
func (s *Store) Avancer(ctx context.Context, f *etablissement.FichierRecu) error {
	refus, err := json.Marshal(f.Refus)
	if err != nil {
		return fmt.Errorf("etablissement: écrire un rapport: %w", err)
	}
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_fichier SET etat = $3, code = $4, faites = $5, chargees = $6, montant = $7, refusees = $8, refus = $9
		WHERE tenant = $1 AND empreinte = $2 AND etat <> 'LU' AND (faites < $5 OR faites = $5 AND $3 <> 'EN_COURS')`,
		s.tenant, f.Empreinte[:], string(f.Etat), f.Code, f.Faites, f.Chargees, int64(f.Montant), f.Refusees, string(refus))
	if err != nil {
		return fmt.Errorf("etablissement: avancer un fichier: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return errors.Join(&etablissement.Erreur{Sorte: etablissement.ErrDoublon, Detail: "Ce fichier est lu par un autre en ce moment."}, err)
	}
	return nil
}

func (s *Store) marque(m *etablissement.MarqueRetour) []any {
	return []any{s.tenant, m.AMC, m.Facture, m.Lot, string(m.Nature), m.Jour.String(), m.Virement, int64(m.Montant)}
}

// Dite implements etablissement.Fichiers.
func (s *Store) Dite(ctx context.Context, m *etablissement.MarqueRetour) (bool, error) {
	var n int
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM etab_fichier_retour WHERE tenant = $1 AND amc = $2 AND facture = $3 AND lot = $4
		AND nature = $5 AND jour = $6 AND virement = $7 AND montant = $8`, s.marque(m)...).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("etablissement: chercher un retour de fichier: %w", err)
	}
	return n > 0, nil
}

// Retenir implements etablissement.Fichiers.
func (s *Store) Retenir(ctx context.Context, m *etablissement.MarqueRetour) error {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO etab_fichier_retour (tenant, amc, facture, lot, nature, jour, virement, montant, fichier, instant)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`, append(s.marque(m), m.Fichier[:], millis(m.Instant))...)
	if err != nil {
		return fmt.Errorf("etablissement: retenir un retour de fichier: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return errors.Join(&etablissement.Erreur{Sorte: etablissement.ErrDoublon, Detail: "Un autre fichier vient de dire la même chose : relire celui-ci."}, err)
	}
	return nil
}

// dite is what tells apart the payments of a transfer.
type dite struct {
	facture, lot string
	montant      int64
}

// Sceller implements etablissement.Fichiers. It writes, then reads: of a file that says
// the same at this moment, the end is waited for.
func (s *Store) Sceller(ctx context.Context, l []etablissement.MarqueRetour) ([]bool, error) {
	lignes := bdd.Insertion{Debut: `INSERT INTO etab_fichier_retour (tenant, amc, facture, lot, nature, jour, virement, montant, fichier, instant) VALUES`,
		Fin: `ON CONFLICT DO NOTHING`, Colonnes: 10}
	for i := range l {
		lignes.Valeurs = append(append(lignes.Valeurs, s.marque(&l[i])...), []byte{}, millis(l[i].Instant))
	}
	if err := s.b.Inserer(ctx, lignes); err != nil {
		return nil, fmt.Errorf("etablissement: retenir des paiements scellés: %w", err)
	}
	avant := make(map[dite]bool)
	for reste := l; len(reste) > 0; {
		n := min(len(reste), 100)
		x := &reste[0]
		args := []any{s.tenant, x.AMC, string(x.Nature), x.Jour.String(), x.Virement, []byte{}}
		for i := range reste[:n] {
			args = append(args, reste[i].Facture)
		}
		if err := s.ditesParFichier(ctx, avant, s.b.Parametres(7, n), args); err != nil {
			return nil, err
		}
		reste = reste[n:]
	}
	dites := make([]bool, len(l))
	for i := range l {
		dites[i] = avant[dite{l[i].Facture, l[i].Lot, int64(l[i].Montant)}]
	}
	return dites, nil
}

func (s *Store) ditesParFichier(ctx context.Context, avant map[dite]bool, factures string, args []any) error {
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT facture, lot, montant FROM etab_fichier_retour
		WHERE tenant = $1 AND amc = $2 AND nature = $3 AND jour = $4 AND virement = $5 AND fichier <> $6 AND facture IN (`+factures+`)`, args...)
	if err != nil {
		return fmt.Errorf("etablissement: chercher des retours de fichiers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var x dite
		if err := rows.Scan(&x.facture, &x.lot, &x.montant); err != nil {
			return fmt.Errorf("etablissement: chercher des retours de fichiers: %w", err)
		}
		avant[x] = true
	}
	return rows.Err()
}

// ListerFichiers implements etablissement.Fichiers.
func (s *Store) ListerFichiers(ctx context.Context, amc string, max int) ([]*etablissement.FichierRecu, error) {
	if amc == "" {
		return s.fichiers(ctx, `instant >= 0 ORDER BY instant DESC LIMIT $2`, max)
	}
	return s.fichiers(ctx, `amc = $2 ORDER BY instant DESC LIMIT $3`, amc, max)
}
