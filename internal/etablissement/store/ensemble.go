package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// suivis is the part of a coverage that changes when an insurer tells of invoices.
type suivis struct {
	Facture      *etablissement.SuiviFacture `fil:"facture,opt"`
	FactureAvant *etablissement.SuiviFacture `fil:"factureAvant,opt"`
	Annulative   *etablissement.SuiviFacture `fil:"annulative,opt"`
	Fermeture    *etablissement.Fermeture    `fil:"fermeture,opt"`
	Compte       *etablissement.Compte       `fil:"compte,opt"`
}

var planSuivis = trame.Pour[suivis](espace)

// visite is a visit being changed among others.
type visite struct {
	chantier etablissement.Chantier
	moments  int64            // last number in its history
	lues     map[int]colonnes // by rank
}

// colonnes are a coverage as its row holds it.
type colonnes struct {
	etat, code string
	contenu    []byte
}

// ChangerTous implements etablissement.Depot: a few statements, whatever the number
// of visits.
func (s *Store) ChangerTous(ctx context.Context, ids []string, f func(*etablissement.Chantier) (bool, error)) error {
	return s.b.Grouper(ctx, func(ctx context.Context) error {
		lues, err := s.lireTous(ctx, ids)
		if err != nil {
			return err
		}
		var changees []*visite
		for _, v := range lues {
			change, err := f(&v.chantier)
			if err != nil {
				return err
			}
			if !change {
				continue
			}
			if c := &v.chantier; c.Poser != nil || c.Clore != nil || c.Emettre != nil {
				return errors.New("etablissement: question ou facture dans un changement de plusieurs venues")
			}
			v.chantier.Solder()
			v.chantier.Venue.Version++
			changees = append(changees, v)
		}
		if len(changees) == 0 {
			return nil
		}
		return s.ecrireTous(ctx, changees)
	})
}

// lireTous locks the visits, then reads what hangs on them: only what is read after
// the lock is sure to be the last written.
func (s *Store) lireTous(ctx context.Context, ids []string) ([]*visite, error) {
	args := []any{s.tenant}
	for _, id := range ids {
		args = append(args, id)
	}
	par, l := make(map[string]*visite, len(ids)), make([]*visite, 0, len(ids))
	e := s.b.Ecrivain(ctx)
	rows, err := e.QueryContext(ctx, `SELECT x.id, x.version, x.ouverte, x.modifiee, x.contenu FROM `+
		s.b.Parmi("etab_venue", "id", "x.tenant = $1", 2, len(ids), s.b.Verrou()), args...)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire des venues: %w", err)
	}
	err = lireLignes(rows, func() error {
		v, x := &etablissement.Venue{}, &visite{lues: make(map[int]colonnes)}
		var ouverte, modifiee int64
		var contenu []byte
		if err := rows.Scan(&v.ID, &v.Version, &ouverte, &modifiee, &contenu); err != nil {
			return err
		}
		v.Ouverte, v.Modifiee = instant(ouverte), instant(modifiee)
		x.chantier.Venue, par[v.ID] = v, x
		l = append(l, x)
		return planDossier.DecodeJSON(contenu, &v.Dossier)
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("etablissement: lire des venues: %w", err)
	case len(l) < len(ids):
		return nil, &etablissement.Erreur{Sorte: etablissement.ErrInconnue, Detail: "Aucune venue sous cet identifiant."}
	}
	rows, err = e.QueryContext(ctx, `SELECT x.venue, x.rang, x.etat, x.code, x.contenu,
		(SELECT COALESCE(MAX(m.n), 0) FROM etab_moment m WHERE m.tenant = $1 AND m.venue = x.venue) FROM `+
		s.b.Parmi("etab_couverture", "venue", "x.tenant = $1", 2, len(ids), "")+` ORDER BY x.venue, x.rang`, args...)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire des couvertures: %w", err)
	}
	err = lireLignes(rows, func() error {
		var venue string
		var lue colonnes
		c := &etablissement.Couverture{}
		var moments int64
		if err := rows.Scan(&venue, &c.Rang, &lue.etat, &lue.code, &lue.contenu, &moments); err != nil {
			return err
		}
		c.Etat, c.Code = etablissement.Etat(lue.etat), roc.Code(lue.code)
		x := par[venue]
		x.moments = moments
		x.lues[c.Rang] = lue
		x.chantier.Venue.Couvertures = append(x.chantier.Venue.Couvertures, c)
		return decoderCouverture(lue.contenu, c)
	})
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire des couvertures: %w", err)
	}
	return l, nil
}

func (s *Store) ecrireTous(ctx context.Context, l []*visite) error {
	if err := s.dater(ctx, l); err != nil {
		return err
	}
	couvertures := bdd.Insertion{Debut: debutCouverture, Fin: finCouverture, Colonnes: colonnesCouverture}
	moments := bdd.Insertion{Debut: `INSERT INTO etab_moment (tenant, venue, n, rang, avant, evenement, apres, instant, code, id_message, agent) VALUES`, Colonnes: 11}
	for _, x := range l {
		v := x.chantier.Venue
		for _, c := range v.Couvertures {
			contenu := encoderCouverture(c)
			if lue := x.lues[c.Rang]; lue.etat == string(c.Etat) && lue.code == string(c.Code) && bytes.Equal(lue.contenu, contenu) {
				continue
			}
			k := suivis{c.Facture, c.FactureAvant, c.Annulative, c.Fermeture, c.Compte}
			// What could not be read again must not be written; the rest was read.
			if err := planSuivis.DecodeJSON(planSuivis.AppendJSON(nil, &k), new(suivis)); err != nil {
				return fmt.Errorf("etablissement: couverture impossible à relire: %w", err)
			}
			couvertures.Valeurs = append(couvertures.Valeurs, s.valeursCouverture(v.ID, c, contenu)...)
		}
		for i, m := range x.chantier.Moments {
			moments.Valeurs = append(moments.Valeurs, s.tenant, v.ID, x.moments+int64(i)+1, m.Rang, string(m.Avant), string(m.Evenement), string(m.Apres),
				millis(m.Instant), string(m.Code), uuid(m.IDMessage), m.Agent)
		}
	}
	var insertions []bdd.Insertion
	for _, i := range []bdd.Insertion{couvertures, moments} {
		if len(i.Valeurs) > 0 {
			insertions = append(insertions, i)
		}
	}
	if err := s.b.Inserer(ctx, insertions...); err != nil {
		return fmt.Errorf("etablissement: écrire des venues: %w", err)
	}
	return s.passerToutes(ctx, l)
}

// dater writes that visits have changed, together those of one instant.
func (s *Store) dater(ctx context.Context, l []*visite) error {
	par := make(map[int64][]any)
	for _, x := range l {
		m := millis(x.chantier.Venue.Modifiee)
		par[m] = append(par[m], x.chantier.Venue.ID)
	}
	for m, ids := range par {
		_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_venue SET version = version + 1, modifiee = $1 WHERE tenant = $2 AND id IN (`+
			s.b.Parametres(3, len(ids))+`)`, append([]any{m, s.tenant}, ids...)...)
		if err != nil {
			return fmt.Errorf("etablissement: écrire des venues: %w", err)
		}
	}
	return nil
}

// quittance is what the lines of several visits leave together.
type quittance struct {
	rang  int
	poste etablissement.Poste
	jour  sante.Jour
}

// passerToutes writes the lines of the accounts: the first of every visit, then the
// second, so that each ends what is there before it.
func (s *Store) passerToutes(ctx context.Context, l []*visite) error {
	for n, encore := 0, true; encore; n++ {
		encore = false
		quittes := make(map[quittance][]any)
		ecritures := bdd.Insertion{Debut: debutEcriture, Colonnes: colonnesEcriture}
		for _, v := range l {
			if n >= len(v.chantier.Ecritures) {
				continue
			}
			encore = true
			x := &v.chantier.Ecritures[n]
			if x.Nombre == 1 && !x.Origine.Exterieur() {
				q := quittance{x.Rang, x.Origine, x.Jour}
				quittes[q] = append(quittes[q], x.Venue)
			}
			ecritures.Valeurs = append(ecritures.Valeurs, s.valeurs(x, 0)...)
		}
		if !encore {
			return nil
		}
		for q, venues := range quittes {
			_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_ecriture SET fin = $1 WHERE tenant = $2 AND rang = $3 AND poste = $4 AND fin = 0 AND venue IN (`+
				s.b.Parametres(5, len(venues))+`)`, append([]any{int64(q.jour), s.tenant, q.rang, string(q.poste)}, venues...)...)
			if err != nil {
				return fmt.Errorf("etablissement: finir des écritures: %w", err)
			}
		}
		if err := s.b.Inserer(ctx, ecritures); err != nil {
			return fmt.Errorf("etablissement: passer des écritures: %w", err)
		}
	}
	return nil
}

// lireLignes reads every row of an answer.
func lireLignes(rows *sql.Rows, une func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := une(); err != nil {
			return err
		}
	}
	return rows.Err()
}
