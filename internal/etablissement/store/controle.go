package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// pageControle is how many coverages are held in memory at a time.
const pageControle = 500

// Relire implements etablissement.Comptes. Coverages whose accounts are not opened
// yet are left out.
func (s *Store) Relire(ctx context.Context, compte func(*etablissement.CompteLu) error, compteur func(*etablissement.CompteurLu) error) error {
	return s.b.EnLecture(ctx, func(ctx context.Context) error {
		var de etablissement.Place
		for {
			l, err := s.pageCouvertures(ctx, de)
			if err != nil {
				return err
			}
			fin := len(l) < pageControle
			jusque := etablissement.Place{}
			if !fin {
				jusque = l[len(l)-1].Place
			}
			if err := s.joindre(ctx, l, de, jusque, compte); err != nil {
				return err
			}
			if fin {
				return s.relireCompteurs(ctx, compteur)
			}
			de = jusque
		}
	})
}

func (s *Store) pageCouvertures(ctx context.Context, de etablissement.Place) ([]*etablissement.CompteLu, error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT venue, rang, etat, code, contenu FROM etab_couverture
		WHERE tenant = $1 AND compte = 1 AND (venue, rang) > ($2, $3) ORDER BY venue, rang LIMIT $4`, s.tenant, de.Venue, de.Rang, pageControle)
	if err != nil {
		return nil, fmt.Errorf("etablissement: relire les couvertures: %w", err)
	}
	defer rows.Close()
	var l []*etablissement.CompteLu
	for rows.Next() {
		x := &etablissement.CompteLu{}
		var etat, code string
		var contenu []byte
		if err := rows.Scan(&x.Venue, &x.Rang, &etat, &code, &contenu); err != nil {
			return nil, fmt.Errorf("etablissement: relire les couvertures: %w", err)
		}
		x.Couverture = &etablissement.Couverture{Rang: x.Rang, Etat: etablissement.Etat(etat), Code: roc.Code(code)}
		if err := decoderCouverture(contenu, x.Couverture); err != nil {
			return nil, err
		}
		l = append(l, x)
	}
	return l, rows.Err()
}

// joindre gives the coverages of a page with their lines, and the lines in between
// that are of no coverage.
func (s *Store) joindre(ctx context.Context, l []*etablissement.CompteLu, de, jusque etablissement.Place, f func(*etablissement.CompteLu) error) error {
	borne := ``
	args := []any{s.tenant, de.Venue, de.Rang}
	if jusque.Venue != "" {
		borne = ` AND (x.venue, x.rang) <= ($4, $5)`
		args = append(args, jusque.Venue, jusque.Rang)
	}
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT `+lues+`, x.fin FROM etab_ecriture x
		WHERE x.tenant = $1 AND (x.venue, x.rang) > ($2, $3)`+borne+` ORDER BY x.venue, x.rang, x.n`, args...)
	if err != nil {
		return fmt.Errorf("etablissement: relire les écritures: %w", err)
	}
	defer rows.Close()
	var seules *etablissement.CompteLu // lines of no coverage
	rendre := func(jusqua *etablissement.Place) error {
		for len(l) > 0 && (jusqua == nil || avantPlace(l[0].Place, *jusqua)) {
			if err := f(l[0]); err != nil {
				return err
			}
			l = l[1:]
		}
		if seules != nil && (jusqua == nil || seules.Place != *jusqua) {
			x := seules
			seules = nil
			return f(x)
		}
		return nil
	}
	for rows.Next() {
		var x etablissement.LigneLue
		var fin int64
		if err := lireEcriture(rows, &x.Ecriture, &fin); err != nil {
			return err
		}
		if x.Sortie = sante.Jour(fin); x.Sortie == toujours {
			x.Sortie = 0
		}
		if err := rendre(&x.Place); err != nil {
			return err
		}
		switch {
		case len(l) > 0 && l[0].Place == x.Place:
			l[0].Lignes = append(l[0].Lignes, x)
		case seules == nil:
			seules = &etablissement.CompteLu{Place: x.Place, Lignes: []etablissement.LigneLue{x}}
		default:
			seules.Lignes = append(seules.Lignes, x)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("etablissement: relire les écritures: %w", err)
	}
	return rendre(nil)
}

func avantPlace(a, b etablissement.Place) bool {
	return a.Venue < b.Venue || a.Venue == b.Venue && a.Rang < b.Rang
}

// relireCompteurs gives each counter of a day beside the sum of its lines.
func (s *Store) relireCompteurs(ctx context.Context, f func(*etablissement.CompteurLu) error) error {
	etat, err := s.etat(ctx, s.b.Lecteur(ctx), 0, "")
	if err != nil {
		return err
	}
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT jour, amc, poste, motif, CAST(SUM(ce) AS BIGINT), CAST(SUM(cem) AS BIGINT), CAST(SUM(cs) AS BIGINT), CAST(SUM(csm) AS BIGINT),
			CAST(SUM(e) AS BIGINT), CAST(SUM(em) AS BIGINT), CAST(SUM(s) AS BIGINT), CAST(SUM(sm) AS BIGINT) FROM (
			SELECT jour, amc, poste, motif, 0 AS ce, 0 AS cem, 0 AS cs, 0 AS csm, e, em, s, sm FROM (`+legs()+`) AS y
			UNION ALL
			SELECT jour, amc, poste, motif, entres, entres_montant, sortis, sortis_montant, 0, 0, 0, 0 FROM etab_compteur WHERE tenant = $1) AS z
		GROUP BY jour, amc, poste, motif ORDER BY jour, amc, poste, motif`, s.tenant, etat.delai)
	if err != nil {
		return fmt.Errorf("etablissement: relire les compteurs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var x etablissement.CompteurLu
		var jour int64
		var amc string
		if err := rows.Scan(&jour, &amc, &x.Poste, &x.Motif, &x.Entres.Nombre, &x.Entres.Montant, &x.Sortis.Nombre, &x.Sortis.Montant,
			&x.LignesEntrees.Nombre, &x.LignesEntrees.Montant, &x.LignesSorties.Nombre, &x.LignesSorties.Montant); err != nil {
			return fmt.Errorf("etablissement: relire les compteurs: %w", err)
		}
		x.Jour = sante.Jour(jour)
		if x.AMC, err = sante.ParseNumeroAMC(amc); err != nil {
			return fmt.Errorf("etablissement: relire une AMC: %w", err)
		}
		if err := f(&x); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("etablissement: relire les compteurs: %w", err)
	}
	return s.relireNonPliees(ctx, etat.delai, f)
}

// relireNonPliees gives what was written since the counters were folded: it counts
// in the stocks, and no counter holds it.
func (s *Store) relireNonPliees(ctx context.Context, delai int, f func(*etablissement.CompteurLu) error) error {
	lignes := map[etablissement.CleCompteur]*etablissement.LigneJournee{}
	if err := s.nonPliees(ctx, s.b.Lecteur(ctx), toujours, delai, lignes); err != nil {
		return err
	}
	for k, l := range lignes {
		x := etablissement.CompteurLu{CleCompteur: k, Entres: l.Fin(), LignesEntrees: l.Fin()}
		if err := f(&x); err != nil {
			return err
		}
	}
	return nil
}

// GarderControle implements etablissement.Comptes.
func (s *Store) GarderControle(ctx context.Context, c *etablissement.Controle, jour sante.Jour) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_compteur_etat SET controle = $2, differences = $3,
		controle_jour = CASE WHEN controle_jour < $4 THEN $4 ELSE controle_jour END WHERE tenant = $1`,
		s.tenant, millis(c.Instant), c.Differences, int64(jour))
	if err != nil {
		return fmt.Errorf("etablissement: garder un contrôle: %w", err)
	}
	return nil
}

// PrendreControle implements etablissement.Comptes.
func (s *Store) PrendreControle(ctx context.Context, jour sante.Jour, maintenant, fin time.Time) (pris bool, err error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_compteur_etat SET controle_bail = $4 WHERE tenant = $1 AND controle_jour < $2 AND controle_bail <= $3`,
		s.tenant, int64(jour), millis(maintenant), millis(fin))
	if err != nil {
		return false, fmt.Errorf("etablissement: prendre le contrôle du jour: %w", err)
	}
	n, err := r.RowsAffected()
	return n == 1, err
}
