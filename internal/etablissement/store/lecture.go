package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/sante"
)

// Lister implements etablissement.Depot.
func (s *Store) Lister(ctx context.Context, f etablissement.Filtre) (l []etablissement.Resume, err error) {
	avant := int64(1) << 62
	if !f.Avant.IsZero() {
		avant = millis(f.Avant)
	}
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT v.id, v.dossier, v.date_reference, v.ouverte,
			COALESCE((SELECT MAX(CASE c.rang WHEN 1 THEN c.etat END) || ' ' || COALESCE(MAX(CASE c.rang WHEN 2 THEN c.etat END), '')
				|| ' ' || COALESCE(MAX(CASE c.rang WHEN 3 THEN c.etat END), '')
				FROM etab_couverture c WHERE c.tenant = v.tenant AND c.venue = v.id), '')
		FROM etab_venue v
		WHERE v.tenant = $1 AND v.ouverte < $2 AND ($3 = '' OR v.dossier = $3)
			AND ($4 = '' OR EXISTS (SELECT 1 FROM etab_couverture c WHERE c.tenant = v.tenant AND c.venue = v.id AND c.etat = $4))
		ORDER BY v.ouverte DESC, v.id LIMIT $5`, s.tenant, avant, f.Dossier, string(f.Etat), f.Max)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lister les venues: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r etablissement.Resume
		var reference, etats string
		var ouverte int64
		if err := rows.Scan(&r.ID, &r.Dossier, &reference, &ouverte, &etats); err != nil {
			return nil, fmt.Errorf("etablissement: lister les venues: %w", err)
		}
		r.DateReference, r.Ouverte = jour(reference), instant(ouverte)
		for _, e := range strings.Fields(etats) {
			r.Etats = append(r.Etats, etablissement.Etat(e))
		}
		l = append(l, r)
	}
	return l, rows.Err()
}

// Soldees implements etablissement.Depot.
func (s *Store) Soldees(ctx context.Context, avant time.Time, max int) ([]etablissement.Place, error) {
	return s.places(ctx, `SELECT c.venue, c.rang FROM etab_couverture c JOIN etab_venue v ON v.tenant = c.tenant AND v.id = c.venue
		WHERE c.tenant = $1 AND c.etat = 'PAID' AND v.modifiee < $2 LIMIT $3`, s.tenant, millis(avant), max)
}

// Echues implements etablissement.Depot.
func (s *Store) Echues(ctx context.Context, j sante.Jour, max int) ([]etablissement.Place, error) {
	return s.places(ctx, `SELECT venue, rang FROM etab_couverture
		WHERE tenant = $1 AND etat = $2 AND echeance < $3 AND echeance <> '' ORDER BY echeance, venue LIMIT $4`,
		s.tenant, string(etablissement.Engagee), j.String(), max)
}

func (s *Store) places(ctx context.Context, requete string, args ...any) (l []etablissement.Place, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, requete, args...)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire les échéances: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p etablissement.Place
		if err := rows.Scan(&p.Venue, &p.Rang); err != nil {
			return nil, fmt.Errorf("etablissement: lire les échéances: %w", err)
		}
		l = append(l, p)
	}
	return l, rows.Err()
}

// Moments implements etablissement.Traces.
func (s *Store) Moments(ctx context.Context, venue string) (l []etablissement.Moment, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT rang, avant, evenement, apres, instant, code, id_message, agent
		FROM etab_moment WHERE tenant = $1 AND venue = $2 ORDER BY n`, s.tenant, venue)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire l'historique: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var m etablissement.Moment
		var quand int64
		var message string
		if err := rows.Scan(&m.Rang, &m.Avant, &m.Evenement, &m.Apres, &quand, &m.Code, &message, &m.Agent); err != nil {
			return nil, fmt.Errorf("etablissement: lire l'historique: %w", err)
		}
		m.Instant, m.IDMessage = instant(quand), lireUUID(message)
		l = append(l, m)
	}
	return l, rows.Err()
}
