package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// lireDus walks from a partner to the next in the index of what is due, without
// reading what each has in line. Not by MIN: with old statistics PostgreSQL reads
// the whole line to find it.
const lireDus = `WITH RECURSIVE d (nom) AS (
		SELECT (SELECT destinataire FROM ach_envoi WHERE tenant = $1 AND etat = 'PRET' ORDER BY destinataire LIMIT 1)
		UNION ALL
		SELECT (SELECT e.destinataire FROM ach_envoi e WHERE e.tenant = $1 AND e.etat = 'PRET' AND e.destinataire > d.nom ORDER BY e.destinataire LIMIT 1)
		FROM d WHERE d.nom IS NOT NULL)
	SELECT d.nom FROM d WHERE d.nom IS NOT NULL
		AND (SELECT e.echeance FROM ach_envoi e WHERE e.tenant = $1 AND e.etat = 'PRET' AND e.destinataire = d.nom ORDER BY e.echeance LIMIT 1) <= $2
	ORDER BY 1`

// Dus implements acheminement.File.
func (s *Store) Dus(ctx context.Context, maintenant time.Time) (l []string, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, lireDus, s.tenant, millis(maintenant))
	if err != nil {
		return nil, fmt.Errorf("acheminement: lire ce qui est dû: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d string
		if err := rows.Scan(&d); err != nil {
			return nil, fmt.Errorf("acheminement: lire ce qui est dû: %w", err)
		}
		l = append(l, d)
	}
	return l, rows.Err()
}

// The bytes of a small message come with it.
const rendrePris = ` RETURNING cle, destinataire, transport, adresse, genre, ordre, reference, taille, empreinte, poste, bail, essais,
		CASE WHEN taille <= $5 THEN (SELECT c.contenu FROM ach_contenu c WHERE c.tenant = ach_envoi.tenant AND c.cle = ach_envoi.cle AND c.nature = 0) END,
		EXISTS (SELECT 1 FROM ach_sujet s WHERE s.tenant = ach_envoi.tenant AND s.ordre = ach_envoi.ordre)`

const prendreSQLite = `UPDATE ach_envoi SET bail = bail + 1, echeance = $4, pose = $3 WHERE tenant = $1 AND cle IN (
		SELECT cle FROM ach_envoi WHERE tenant = $1 AND destinataire = $2 AND etat = 'PRET' AND echeance <= $3
		ORDER BY echeance LIMIT $6)` + rendrePris

// On PostgreSQL one statement serves all the parts, what another node is taking is
// passed over, and the rows are chosen once, before the update.
const prendrePostgres = `WITH pris AS MATERIALIZED (
		SELECT e.cle AS choisie FROM json_to_recordset(CAST($2 AS json)) AS p (d TEXT, n BIGINT) CROSS JOIN LATERAL (
			SELECT cle FROM ach_envoi WHERE tenant = $1 AND destinataire = p.d AND etat = 'PRET' AND echeance <= $3
			ORDER BY echeance LIMIT p.n FOR UPDATE SKIP LOCKED) e)
	UPDATE ach_envoi SET bail = bail + 1, echeance = $4, pose = $3 FROM pris
	WHERE tenant = $1 AND cle = pris.choisie` + rendrePris

// Prendre implements acheminement.File.
func (s *Store) Prendre(ctx context.Context, parts []acheminement.Part, maintenant time.Time, bail time.Duration) (l []*acheminement.Pris, err error) {
	fin := maintenant.Add(bail)
	err = s.b.Grouper(ctx, func(ctx context.Context) error {
		l = nil
		x := s.b.Ecrivain(ctx)
		if s.b.Moteur() == bdd.PostgreSQL {
			liste, err := enJSON(parts)
			if err != nil {
				return err
			}
			l, err = s.prendre(ctx, x, fin, prendrePostgres, s.tenant, liste, millis(maintenant), millis(fin), acheminement.PetitContenu)
			return err
		}
		for _, p := range parts {
			pris, err := s.prendre(ctx, x, fin, prendreSQLite, s.tenant, p.Destinataire, millis(maintenant), millis(fin), acheminement.PetitContenu, p.N)
			if err != nil {
				return err
			}
			l = append(l, pris...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("acheminement: prendre: %w", err)
	}
	return l, nil
}

func enJSON(parts []acheminement.Part) (string, error) {
	type part struct {
		D string `json:"d"`
		N int    `json:"n"`
	}
	l := make([]part, len(parts))
	for i, p := range parts {
		l[i] = part{p.Destinataire, p.N}
	}
	b, err := json.Marshal(l)
	return string(b), err
}

func (s *Store) prendre(ctx context.Context, x bdd.Executant, fin time.Time, texte string, args ...any) (l []*acheminement.Pris, err error) {
	rows, err := x.QueryContext(ctx, texte, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e := &acheminement.Pris{Fin: fin}
		e.Tenant = s.tenant
		var empreinte []byte
		var poste int64
		if err := rows.Scan(&e.Cle, &e.Destinataire, &e.Transport, &e.Adresse, &e.Genre, &e.Ordre, &e.Reference, &e.Taille, &empreinte, &poste, &e.Bail, &e.Essais, &e.Contenu, &e.Ecarts); err != nil {
			return nil, err
		}
		copy(e.Empreinte[:], empreinte)
		e.Instant = instant(poste)
		l = append(l, e)
	}
	return l, rows.Err()
}

// Conclure implements acheminement.File.
func (s *Store) Conclure(ctx context.Context, i *acheminement.Issue, suite func(ctx context.Context) error) error {
	return s.b.Grouper(ctx, func(ctx context.Context) error {
		x := s.b.Ecrivain(ctx)
		if err := s.sortir(ctx, x, i); err != nil {
			return err
		}
		if i.Recu != nil {
			if err := s.differerContenu(ctx, i.Cle, natureRecu, i.Recu); err != nil {
				return err
			}
		}
		return suite(ctx)
	})
}

const conclure = `UPDATE ach_envoi SET etat = $4, echeance = $5, pose = $6, essais = $7, code = $8, fini = $9
	WHERE tenant = $1 AND cle = $2 AND bail = $3 AND etat = 'PRET' RETURNING ordre, numero, detour`

// On PostgreSQL, where each statement is a journey, one delivers the message and
// makes the next of its Ordre due. A message posted while this one waited for the
// line of the Ordre is not seen by it: suivant is then 0.
const conclurePostgres = `WITH fait AS (` + conclure + `),
	o AS (UPDATE ach_ordre SET tete = ach_ordre.tete + 1 FROM fait WHERE ach_ordre.tenant = $1 AND ach_ordre.ordre = fait.ordre
		AND fait.ordre <> '' AND fait.detour = 0 AND ach_ordre.tete = fait.numero AND $9 > 0 RETURNING ach_ordre.ordre, ach_ordre.tete, ach_ordre.dernier),
	n AS (UPDATE ach_envoi SET etat = 'PRET', echeance = $6, pose = $6 FROM o
		WHERE ach_envoi.tenant = $1 AND ach_envoi.ordre = o.ordre AND ach_envoi.numero = o.tete AND ach_envoi.etat = 'ATTENTE' RETURNING 1)
	SELECT fait.ordre, fait.detour, COALESCE(o.tete, 0), COALESCE(o.dernier, 0), (SELECT COUNT(*) FROM n) FROM fait LEFT JOIN o ON o.ordre = fait.ordre`

// sortir writes the state of a message after a try. ErrBail when its lease was lost.
func (s *Store) sortir(ctx context.Context, x bdd.Executant, i *acheminement.Issue) error {
	etat, fini := acheminement.Pret, time.Time{}
	switch i.Sort {
	case acheminement.Acquis:
		etat, fini = acheminement.Livre, i.Instant
	case acheminement.Rebute:
		etat = acheminement.Mort
	}
	args := []any{s.tenant, i.Cle, i.Bail, string(etat), millis(i.Echeance), millis(i.Instant), i.Essais, i.Code, millis(fini)}
	livre := etat == acheminement.Livre
	if livre && s.b.Moteur() == bdd.PostgreSQL {
		return s.livrerPostgres(ctx, x, i, args)
	}
	r := rangEnvoi{cle: i.Cle}
	var detour int64
	err := x.QueryRowContext(ctx, conclure, args...).Scan(&r.ordre, &r.numero, &detour)
	if absent(err) {
		return acheminement.ErrBail
	}
	if err != nil {
		return fmt.Errorf("acheminement: écrire une issue: %w", err)
	}
	r.detour = detour != 0
	switch {
	case r.ordre == "":
		return nil
	case livre && r.detour:
		return s.liberer(ctx, x, i.Cle, r.ordre, millis(i.Instant))
	case livre:
		return s.avancer(ctx, x, r.ordre, r.numero, i.Instant)
	case etat == acheminement.Mort && len(i.Sujets) > 0:
		if err := s.fermer(ctx, x, r.ordre); err != nil {
			return err
		}
		if assez, err := s.assezEcartes(ctx, x, r); err != nil || assez {
			return err
		}
		return s.ecarter(ctx, x, r, i.Sujets, millis(i.Instant))
	}
	return nil
}

func (s *Store) livrerPostgres(ctx context.Context, x bdd.Executant, i *acheminement.Issue, args []any) error {
	var ordre string
	var detour, tete, dernier, suivant int64
	err := x.QueryRowContext(ctx, conclurePostgres, args...).Scan(&ordre, &detour, &tete, &dernier, &suivant)
	switch {
	case absent(err):
		return acheminement.ErrBail
	case err != nil:
		return fmt.Errorf("acheminement: écrire une issue: %w", err)
	case detour != 0:
		return s.liberer(ctx, x, i.Cle, ordre, millis(i.Instant))
	case ordre != "" && tete == 0:
		return errOrdre
	case ordre == "" || tete > dernier || suivant == 1:
		return nil
	}
	return s.rendreDu(ctx, x, ordre, tete, i.Instant)
}

// errOrdre: the line of an Ordre is not that of its messages.
var errOrdre = errors.New("acheminement: suite d'envois incohérente")

// avancer makes the next message of an Ordre due.
func (s *Store) avancer(ctx context.Context, x bdd.Executant, ordre string, numero int64, quand time.Time) error {
	var tete, dernier int64
	err := x.QueryRowContext(ctx, `UPDATE ach_ordre SET tete = tete + 1 WHERE tenant = $1 AND ordre = $2 AND tete = $3 RETURNING tete, dernier`,
		s.tenant, ordre, numero).Scan(&tete, &dernier)
	if absent(err) {
		return errOrdre
	}
	if err != nil {
		return fmt.Errorf("acheminement: avancer: %w", err)
	}
	if tete > dernier {
		return nil
	}
	return s.rendreDu(ctx, x, ordre, tete, quand)
}

// rendreDu makes a message that waited due.
func (s *Store) rendreDu(ctx context.Context, x bdd.Executant, ordre string, numero int64, quand time.Time) error {
	r, err := x.ExecContext(ctx, `UPDATE ach_envoi SET etat = 'PRET', echeance = $4, pose = $4
		WHERE tenant = $1 AND ordre = $2 AND numero = $3 AND etat = 'ATTENTE'`, s.tenant, ordre, numero, millis(quand))
	if err != nil {
		return fmt.Errorf("acheminement: avancer: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errOrdre, err)
	}
	return nil
}

// Redresser implements acheminement.File. It reads all that is due or put off:
// it is not for every turn.
func (s *Store) Redresser(ctx context.Context, maintenant time.Time, tolerance time.Duration) (int64, error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE ach_envoi SET echeance = $2, pose = $2
		WHERE tenant = $1 AND etat = 'PRET' AND echeance > $2 AND pose > $3`, s.tenant, millis(maintenant), millis(maintenant.Add(tolerance)))
	if err != nil {
		return 0, fmt.Errorf("acheminement: redresser: %w", err)
	}
	return r.RowsAffected()
}
