package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

func absent(err error) bool { return errors.Is(err, sql.ErrNoRows) }

const colonnesLettre = `cle, destinataire, transport, adresse, genre, ordre, reference, taille, empreinte, etat, echeance, pose, essais, code, poste, numero, detour`

type lecteur interface{ Scan(...any) error }

func (s *Store) lireLettre(l lecteur) (*acheminement.Lettre, int64, error) {
	r := &acheminement.Lettre{}
	e := &r.Envoi
	e.Tenant = s.tenant
	var etat string
	var empreinte []byte
	var echeance, pose, poste, numero, detour int64
	err := l.Scan(&e.Cle, &e.Destinataire, &e.Transport, &e.Adresse, &e.Genre, &e.Ordre, &e.Reference, &e.Taille, &empreinte,
		&etat, &echeance, &pose, &r.Essais, &r.Code, &poste, &numero, &detour)
	if err != nil {
		return nil, 0, err
	}
	copy(e.Empreinte[:], empreinte)
	r.Etat, r.Depuis, r.Ecarte, e.Instant = acheminement.Etat(etat), instant(pose), detour != 0, instant(poste)
	if r.Etat == acheminement.Pret {
		r.Prochain = instant(echeance)
	}
	return r, numero, nil
}

// Morts implements acheminement.Rebut.
func (s *Store) Morts(ctx context.Context, f acheminement.Filtre) (l []acheminement.Lettre, err error) {
	if f.Max <= 0 {
		f.Max = 100
	}
	err = s.b.EnLecture(ctx, func(ctx context.Context) error {
		l, err = s.morts(ctx, s.b.Lecteur(ctx), f)
		for i := range l {
			if err == nil {
				l[i].Retenus, err = s.retenus(ctx, s.b.Lecteur(ctx), &l[i])
			}
		}
		return err
	})
	return l, err
}

func (s *Store) morts(ctx context.Context, x bdd.Executant, f acheminement.Filtre) (l []acheminement.Lettre, err error) {
	rows, err := x.QueryContext(ctx, `SELECT `+colonnesLettre+` FROM ach_envoi
		WHERE tenant = $1 AND etat = 'MORT' AND (pose, cle) > ($2, $3) AND ($4 = '' OR destinataire = $4) ORDER BY pose, cle LIMIT $5`,
		s.tenant, millis(f.Apres), f.ApresCle, f.Destinataire, f.Max)
	if err != nil {
		return nil, fmt.Errorf("acheminement: lister les rebuts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		r, _, err := s.lireLettre(rows)
		if err != nil {
			return nil, fmt.Errorf("acheminement: lister les rebuts: %w", err)
		}
		l = append(l, *r)
	}
	return l, rows.Err()
}

// Put aside, a message holds back those after it that speak of the same things.
const compterRetenus = `SELECT COUNT(*) FROM (SELECT DISTINCT a.cle FROM ach_sujet d
		JOIN ach_sujet a ON a.tenant = d.tenant AND a.ordre = d.ordre AND a.sujet = d.sujet AND a.numero > d.numero
		JOIN ach_envoi e ON e.tenant = a.tenant AND e.cle = a.cle AND e.etat = 'RETENU'
	WHERE d.tenant = $1 AND d.cle = $2 LIMIT $3) r`

// retenus counts what waits behind a message.
func (s *Store) retenus(ctx context.Context, x bdd.Executant, l *acheminement.Lettre) (n int, err error) {
	texte, qui := `SELECT COUNT(*) FROM (SELECT 1 FROM ach_envoi WHERE tenant = $1 AND ordre = $2 AND etat = 'ATTENTE' LIMIT $3) r`, l.Envoi.Ordre
	switch {
	case qui == "":
		return 0, nil
	case l.Ecarte:
		texte, qui = compterRetenus, l.Envoi.Cle
	}
	err = x.QueryRowContext(ctx, texte, s.tenant, qui, acheminement.RetenusMax).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("acheminement: compter les envois retenus: %w", err)
	}
	return n, nil
}

// Regarder implements acheminement.Rebut.
func (s *Store) Regarder(ctx context.Context, cle string) (r *acheminement.Lettre, err error) {
	err = s.b.EnLecture(ctx, func(ctx context.Context) error {
		x := s.b.Lecteur(ctx)
		if r, _, err = s.regarder(ctx, x, cle, ""); err != nil {
			return err
		}
		if r.Retenus, err = s.retenus(ctx, x, r); err != nil {
			return err
		}
		r.Gestes, err = s.gestes(ctx, x, cle)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (s *Store) regarder(ctx context.Context, x bdd.Executant, cle, verrou string) (*acheminement.Lettre, int64, error) {
	r, numero, err := s.lireLettre(x.QueryRowContext(ctx, `SELECT `+colonnesLettre+` FROM ach_envoi WHERE tenant = $1 AND cle = $2`+verrou, s.tenant, cle))
	if absent(err) {
		return nil, 0, acheminement.ErrInconnu
	}
	if err != nil {
		return nil, 0, fmt.Errorf("acheminement: lire un envoi: %w", err)
	}
	return r, numero, nil
}

func (s *Store) gestes(ctx context.Context, x bdd.Executant, cle string) (l []acheminement.Geste, err error) {
	rows, err := x.QueryContext(ctx, `SELECT action, auteur, motif, instant, avant FROM ach_geste WHERE tenant = $1 AND cle = $2 ORDER BY n`, s.tenant, cle)
	if err != nil {
		return nil, fmt.Errorf("acheminement: lire les gestes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var g acheminement.Geste
		var quand int64
		if err := rows.Scan(&g.Action, &g.Auteur, &g.Motif, &quand, &g.Avant); err != nil {
			return nil, fmt.Errorf("acheminement: lire les gestes: %w", err)
		}
		g.Instant = instant(quand)
		l = append(l, g)
	}
	return l, rows.Err()
}

// agir locks a dead letter, lets f act on it, and notes who did it.
func (s *Store) agir(ctx context.Context, cle string, action acheminement.Action, g acheminement.Geste,
	f func(ctx context.Context, x bdd.Executant, r *acheminement.Lettre, numero int64) (avant string, err error)) error {
	if err := g.Verifier(); err != nil {
		return err
	}
	return s.b.Grouper(ctx, func(ctx context.Context) error {
		x := s.b.Ecrivain(ctx)
		r, numero, err := s.regarder(ctx, x, cle, s.b.Verrou())
		if err != nil {
			return err
		}
		if r.Etat != acheminement.Mort {
			return acheminement.ErrEtat
		}
		avant, err := f(ctx, x, r, numero)
		if err != nil {
			return err
		}
		// The lock on the message makes max + 1 safe.
		_, err = x.ExecContext(ctx, `INSERT INTO ach_geste (tenant, cle, n, action, auteur, motif, instant, avant)
			VALUES ($1, $2, (SELECT COALESCE(MAX(n), 0) + 1 FROM ach_geste WHERE tenant = $1 AND cle = $2), $3, $4, $5, $6, $7)`,
			s.tenant, cle, string(action), g.Auteur, g.Motif, millis(g.Instant), avant)
		if err != nil {
			return fmt.Errorf("acheminement: noter un geste: %w", err)
		}
		return nil
	})
}

// Reparer implements acheminement.Rebut.
func (s *Store) Reparer(ctx context.Context, cle string, p acheminement.Reparation, g acheminement.Geste) error {
	if err := p.Verifier(); err != nil {
		return err
	}
	return s.agir(ctx, cle, acheminement.ActionReparer, g, func(ctx context.Context, x bdd.Executant, r *acheminement.Lettre, _ int64) (string, error) {
		e := r.Envoi
		avant := hex.EncodeToString(e.Empreinte[:]) + " " + e.Transport + " " + e.Adresse
		if p.Transport != "" {
			e.Transport = p.Transport
		}
		if p.Adresse != "" {
			e.Adresse = p.Adresse
		}
		if p.Taille > 0 {
			e.Reference, e.Taille, e.Empreinte = p.Reference, p.Taille, p.Empreinte
		}
		_, err := x.ExecContext(ctx, `UPDATE ach_envoi SET transport = $3, adresse = $4, reference = $5, taille = $6, empreinte = $7
			WHERE tenant = $1 AND cle = $2`, s.tenant, cle, e.Transport, e.Adresse, e.Reference, e.Taille, e.Empreinte[:])
		if err != nil {
			return "", fmt.Errorf("acheminement: réparer: %w", err)
		}
		if len(p.Contenu) > 0 {
			err = s.ecrireContenu(ctx, x, cle, natureEnvoi, p.Contenu)
		} else if p.Reference != "" {
			_, err = x.ExecContext(ctx, `DELETE FROM ach_contenu WHERE tenant = $1 AND cle = $2 AND nature = 0`, s.tenant, cle)
		}
		return avant, err
	})
}

// Relancer implements acheminement.Rebut.
func (s *Store) Relancer(ctx context.Context, cle string, g acheminement.Geste) error {
	return s.agir(ctx, cle, acheminement.ActionRelancer, g, func(ctx context.Context, x bdd.Executant, _ *acheminement.Lettre, _ int64) (string, error) {
		_, err := x.ExecContext(ctx, `UPDATE ach_envoi SET etat = 'PRET', echeance = $3, pose = $3, essais = 0, bail = bail + 1
			WHERE tenant = $1 AND cle = $2`, s.tenant, cle, millis(g.Instant))
		return "", err
	})
}

// Abandonner implements acheminement.Rebut.
func (s *Store) Abandonner(ctx context.Context, cle string, g acheminement.Geste) error {
	return s.agir(ctx, cle, acheminement.ActionAbandonner, g, func(ctx context.Context, x bdd.Executant, r *acheminement.Lettre, numero int64) (string, error) {
		_, err := x.ExecContext(ctx, `UPDATE ach_envoi SET etat = 'ABANDONNE', pose = $3, fini = $3, bail = bail + 1
			WHERE tenant = $1 AND cle = $2`, s.tenant, cle, millis(g.Instant))
		if err != nil || r.Envoi.Ordre == "" {
			return "", err
		}
		if r.Ecarte {
			return "", s.liberer(ctx, x, cle, r.Envoi.Ordre, millis(g.Instant))
		}
		return "", s.avancer(ctx, x, r.Envoi.Ordre, numero, g.Instant)
	})
}
