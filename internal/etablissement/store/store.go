// Package store keeps the hospital's side of the exchange in SQL: visits,
// coverages, moves, questions, messages, and the requests already served.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what this room adds to the house's list: numbers 700 to 799.
func Migrations() bdd.Migrations { return bdd.Migrations{FS: fichiers, Dir: "migrations"} }

// Store keeps the visits of one hospital.
type Store struct {
	b      *bdd.Base
	tenant string
}

// New gives the store of a hospital; tenant is the key of all its rows.
func New(b *bdd.Base, tenant string) *Store { return &Store{b, tenant} }

// couverture is what is kept of a coverage beside its columns.
type couverture struct {
	Attestation  etablissement.Attestation       `fil:"attestation"`
	AMC          etablissement.Assureur          `fil:"amc"`
	Droits       *etablissement.Droits           `fil:"droits,opt"`
	Simulation   *etablissement.Calcul           `fil:"simulation,opt"`
	Calcul       *etablissement.Calcul           `fil:"calcul,opt"`
	Facture      *etablissement.SuiviFacture     `fil:"facture,opt"`
	FactureAvant *etablissement.SuiviFacture     `fil:"factureAvant,opt"`
	Annulative   *etablissement.SuiviFacture     `fil:"annulative,opt"`
	Fermeture    *etablissement.Fermeture        `fil:"fermeture,opt"`
	Compte       *etablissement.Compte           `fil:"compte,opt"`
	Convention   *etablissement.AccordConvention `fil:"convention,opt"`
}

// espace names the form of what is kept; it never leaves the database.
const espace = "urn:x-ecluse:etablissement:1"

var (
	planDossier    = trame.Pour[etablissement.Dossier](espace)
	planCouverture = trame.Pour[couverture](espace)
)

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func jour(s string) sante.Jour {
	j, err := sante.ParseJour(s)
	if err != nil {
		return 0 // an empty column
	}
	return j
}

// Creer implements etablissement.Depot.
func (s *Store) Creer(ctx context.Context, v *etablissement.Venue) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx,
		`INSERT INTO etab_venue (tenant, id, dossier, periode_debut, date_reference, version, ouverte, modifiee, contenu)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.tenant, v.ID, v.Dossier.Numero, v.Dossier.PeriodeDebut.String(), v.Dossier.DateReference.String(),
		v.Version, millis(v.Ouverte), millis(v.Modifiee), planDossier.AppendJSON(nil, &v.Dossier))
	if bdd.EstDoublon(err) {
		return &etablissement.Erreur{Sorte: etablissement.ErrDoublon, Detail: "Ce dossier a déjà une venue pour cette période."}
	}
	if err != nil {
		return fmt.Errorf("etablissement: créer une venue: %w", err)
	}
	return nil
}

// Venue implements etablissement.Depot.
func (s *Store) Venue(ctx context.Context, id string) (v *etablissement.Venue, err error) {
	err = s.b.EnLecture(ctx, func(ctx context.Context) error {
		v, err = s.lire(ctx, s.b.Lecteur(ctx), id, "")
		return err
	})
	return v, err
}

const lireVenue = `SELECT version, ouverte, modifiee, contenu FROM etab_venue WHERE tenant = $1 AND id = $2`

func (s *Store) lire(ctx context.Context, e bdd.Executant, id, verrou string) (*etablissement.Venue, error) {
	v := &etablissement.Venue{ID: id}
	var ouverte, modifiee int64
	var contenu []byte
	err := e.QueryRowContext(ctx, lireVenue+verrou, s.tenant, id).Scan(&v.Version, &ouverte, &modifiee, &contenu)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &etablissement.Erreur{Sorte: etablissement.ErrInconnue, Detail: "Aucune venue sous cet identifiant."}
	}
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire une venue: %w", err)
	}
	v.Ouverte, v.Modifiee = instant(ouverte), instant(modifiee)
	if err := planDossier.DecodeJSON(contenu, &v.Dossier); err != nil {
		return nil, fmt.Errorf("etablissement: venue illisible: %w", err)
	}
	v.Couvertures, err = s.couvertures(ctx, e, id)
	return v, err
}

func (s *Store) couvertures(ctx context.Context, e bdd.Executant, id string) (l []*etablissement.Couverture, err error) {
	rows, err := e.QueryContext(ctx, `SELECT rang, etat, code, contenu FROM etab_couverture
		WHERE tenant = $1 AND venue = $2 ORDER BY rang`, s.tenant, id)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire les couvertures: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		c := &etablissement.Couverture{}
		var contenu []byte
		if err := rows.Scan(&c.Rang, &c.Etat, &c.Code, &contenu); err != nil {
			return nil, fmt.Errorf("etablissement: lire les couvertures: %w", err)
		}
		if err := decoderCouverture(contenu, c); err != nil {
			return nil, err
		}
		l = append(l, c)
	}
	return l, rows.Err()
}

func decoderCouverture(contenu []byte, c *etablissement.Couverture) error {
	var k couverture
	if err := planCouverture.DecodeJSON(contenu, &k); err != nil {
		return fmt.Errorf("etablissement: couverture illisible: %w", err)
	}
	c.Attestation, c.AMC, c.Droits, c.Simulation, c.Calcul = k.Attestation, k.AMC, k.Droits, k.Simulation, k.Calcul
	c.Facture, c.FactureAvant, c.Annulative, c.Fermeture, c.Compte, c.Convention = k.Facture, k.FactureAvant, k.Annulative, k.Fermeture, k.Compte, k.Convention
	return nil
}

// Changer implements etablissement.Depot.
func (s *Store) Changer(ctx context.Context, id string, f func(*etablissement.Chantier) error) (v *etablissement.Venue, err error) {
	err = s.b.Grouper(ctx, func(ctx context.Context) error {
		e := s.b.Ecrivain(ctx)
		lue, err := s.lire(ctx, e, id, s.b.Verrou())
		if err != nil {
			return err
		}
		c := &etablissement.Chantier{Venue: lue}
		if err := f(c); err != nil {
			return err
		}
		c.Solder()
		lue.Version++
		v = lue
		return s.ecrire(ctx, e, c)
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (s *Store) ecrire(ctx context.Context, e bdd.Executant, c *etablissement.Chantier) error {
	if c.Clore != nil {
		if err := s.clore(ctx, e, c.Clore); err != nil {
			return err
		}
	}
	v := c.Venue
	_, err := e.ExecContext(ctx, `UPDATE etab_venue SET version = $3, modifiee = $4, date_reference = $5, contenu = $6 WHERE tenant = $1 AND id = $2`,
		s.tenant, v.ID, v.Version, millis(v.Modifiee), v.Dossier.DateReference.String(), planDossier.AppendJSON(nil, &v.Dossier))
	if err != nil {
		return fmt.Errorf("etablissement: écrire une venue: %w", err)
	}
	for _, cv := range v.Couvertures {
		if err := s.ecrireCouverture(ctx, e, v.ID, cv); err != nil {
			return err
		}
	}
	if err := s.ecrireMoments(ctx, e, v.ID, c.Moments); err != nil {
		return err
	}
	if err := s.passerEcritures(ctx, e, c.Ecritures); err != nil {
		return err
	}
	if c.Emettre != nil {
		if err := s.emettre(ctx, e, c.Emettre); err != nil {
			return err
		}
	}
	if c.Poser != nil {
		return s.poser(ctx, e, c.Poser)
	}
	return nil
}

func encoderCouverture(c *etablissement.Couverture) []byte {
	k := couverture{c.Attestation, c.AMC, c.Droits, c.Simulation, c.Calcul, c.Facture, c.FactureAvant, c.Annulative, c.Fermeture, c.Compte, c.Convention}
	return planCouverture.AppendJSON(nil, &k)
}

const (
	debutCouverture = `INSERT INTO etab_couverture (tenant, venue, rang, etat, code, echeance, contenu, compte) VALUES`
	finCouverture   = `ON CONFLICT (tenant, venue, rang) DO UPDATE SET etat = excluded.etat, code = excluded.code, echeance = excluded.echeance,
		contenu = excluded.contenu, compte = 1`
	colonnesCouverture = 8
)

func (s *Store) valeursCouverture(venue string, c *etablissement.Couverture, contenu []byte) []any {
	return []any{s.tenant, venue, c.Rang, string(c.Etat), string(c.Code), c.Echeance().String(), contenu, 1}
}

func (s *Store) ecrireCouverture(ctx context.Context, e bdd.Executant, venue string, c *etablissement.Couverture) error {
	contenu := encoderCouverture(c)
	// What could not be read again must not be written: the visit would be lost.
	if err := planCouverture.DecodeJSON(contenu, new(couverture)); err != nil {
		return fmt.Errorf("etablissement: couverture impossible à relire: %w", err)
	}
	if _, err := e.ExecContext(ctx, debutCouverture+` ($1, $2, $3, $4, $5, $6, $7, $8) `+finCouverture, s.valeursCouverture(venue, c, contenu)...); err != nil {
		return fmt.Errorf("etablissement: écrire une couverture: %w", err)
	}
	return nil
}

// ecrireMoments numbers the moves: the lock on the visit makes max + 1 safe.
func (s *Store) ecrireMoments(ctx context.Context, e bdd.Executant, venue string, l []etablissement.Moment) error {
	for _, m := range l {
		_, err := e.ExecContext(ctx, `INSERT INTO etab_moment (tenant, venue, n, rang, avant, evenement, apres, instant, code, id_message, agent)
			VALUES ($1, $2, (SELECT COALESCE(MAX(n), 0) + 1 FROM etab_moment WHERE tenant = $1 AND venue = $2), $3, $4, $5, $6, $7, $8, $9, $10)`,
			s.tenant, venue, m.Rang, string(m.Avant), string(m.Evenement), string(m.Apres), millis(m.Instant), string(m.Code), uuid(m.IDMessage), m.Agent)
		if err != nil {
			return fmt.Errorf("etablissement: écrire l'historique: %w", err)
		}
	}
	return nil
}

func uuid(u roc.UUID) string {
	if u.IsZero() {
		return ""
	}
	return u.String()
}

func lireUUID(s string) roc.UUID {
	u, err := roc.ParseUUID(s)
	if err != nil {
		return roc.UUID{} // an empty column
	}
	return u
}
