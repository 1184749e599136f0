package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// Releve implements comptable.Releves.
func (s *Store) Releve(ctx context.Context, empreinte string) (*comptable.Releve, error) {
	var b []byte
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT rapport FROM cpt_releve WHERE tenant = $1 AND empreinte = $2`, s.tenant, empreinte).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	r := new(comptable.Releve)
	if err == nil {
		err = json.Unmarshal(b, r)
	}
	if err != nil {
		return nil, fmt.Errorf("lire un relevé: %w", err)
	}
	return r, nil
}

// Enregistrer implements comptable.Releves.
func (s *Store) Enregistrer(ctx context.Context, r *comptable.Releve) error {
	b, err := json.Marshal(r)
	if err == nil {
		_, err = s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO cpt_releve (tenant, empreinte, instant, rapport) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant, empreinte) DO UPDATE SET rapport = excluded.rapport`, s.tenant, r.Empreinte, r.Instant.UnixMilli(), b)
	}
	if err != nil {
		return fmt.Errorf("écrire un relevé: %w", err)
	}
	return nil
}

// jamais is the revision of a line that is not to be examined again.
const jamais = math.MaxInt64

const (
	ajouterLignes = `INSERT INTO cpt_ligne (tenant, id, releve, place, compte, jour, valeur, sens, montant, reste, extourne, reference, bout_en_bout,
		remises, libelle, contrepartie, doute, cite, revision) VALUES `
	colonnesLigne = 19
)

// Ajouter implements comptable.Releves. The lines that are held are told by the
// primary key itself: looked for first, PostgreSQL would read the whole table once
// for each group, which it plans on an empty one.
func (s *Store) Ajouter(ctx context.Context, l []*comptable.LigneReleve) (nouvelles []*comptable.LigneReleve, err error) {
	ecrites := make(map[comptable.IDLigne]bool, len(l))
	for lot := range slices.Chunk(l, parLot) {
		args := make([]any, 0, colonnesLigne*len(lot))
		rangees := make([]string, len(lot))
		for i, x := range lot {
			rangees[i] = "(" + s.b.Parametres(i*colonnesLigne+1, colonnesLigne) + ")"
			args = append(args, s.tenant, string(x.ID), x.Releve, x.Place, x.Compte, x.Jour.String(), x.Valeur.String(), string(x.Sens), int64(x.Montant), int64(x.Reste),
				entier(x.Extourne), x.Reference, x.BoutEnBout, strings.Join(x.Remises, "\n"), x.Libelle, x.Contrepartie, string(x.Doute), x.Cite, examen(x, 0))
		}
		rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, ajouterLignes+strings.Join(rangees, ", ")+` ON CONFLICT (tenant, id) DO NOTHING RETURNING id`, args...)
		if err := lire(rows, err, "des lignes ajoutées", func(r *sql.Rows) error {
			var id comptable.IDLigne
			err := r.Scan(&id)
			ecrites[id] = true
			return err
		}); err != nil {
			return nil, err
		}
	}
	for _, x := range l {
		if ecrites[x.ID] {
			delete(ecrites, x.ID)
			nouvelles = append(nouvelles, x)
		}
	}
	return nouvelles, nil
}

func entier(b bool) int {
	if b {
		return 1
	}
	return 0
}

// examen is the revision that a line was examined at.
func examen(l *comptable.LigneReleve, revision int64) int64 {
	switch {
	case l.PourPersonne:
		return jamais
	case l.Doute == "":
		return 0
	}
	return revision
}

const lireLignes = `SELECT l.id, l.releve, l.place, l.compte, l.jour, l.valeur, l.sens, l.montant, l.reste, l.extourne, l.reference, l.bout_en_bout,
	l.remises, l.libelle, l.contrepartie, l.doute, l.cite, l.revision FROM cpt_ligne l WHERE l.tenant = $1 AND `

func (s *Store) lignes(ctx context.Context, e bdd.Executant, condition string, args ...any) (l []*comptable.LigneReleve, err error) {
	rows, err := e.QueryContext(ctx, lireLignes+condition, append([]any{s.tenant}, args...)...)
	err = lire(rows, err, "des lignes", func(r *sql.Rows) error {
		x := new(comptable.LigneReleve)
		var jour, valeur, remises string
		var extourne, revision int64
		if err := r.Scan(&x.ID, &x.Releve, &x.Place, &x.Compte, &jour, &valeur, &x.Sens, &x.Montant, &x.Reste, &extourne, &x.Reference, &x.BoutEnBout,
			&remises, &x.Libelle, &x.Contrepartie, &x.Doute, &x.Cite, &revision); err != nil {
			return err
		}
		x.Extourne, x.PourPersonne = extourne != 0, revision == jamais
		if remises != "" {
			x.Remises = strings.Split(remises, "\n")
		}
		l = append(l, x)
		return jours(map[*sante.Jour]string{&x.Jour: jour, &x.Valeur: valeur})
	})
	return l, err
}

// Ligne implements comptable.Lignes.
func (s *Store) Ligne(ctx context.Context, id comptable.IDLigne) (*comptable.LigneReleve, error) {
	l, err := s.lignes(ctx, s.b.Ecrivain(ctx), `l.id = $2`, string(id))
	if err != nil || len(l) == 0 {
		return nil, err
	}
	return l[0], nil
}

const aExaminer = `l.reste > 0 AND l.revision < $2 ORDER BY l.revision, l.jour, l.id LIMIT $3`

// AExaminer implements comptable.Lignes.
func (s *Store) AExaminer(ctx context.Context, max int) ([]*comptable.LigneReleve, error) {
	r, err := s.revision(ctx)
	if err != nil {
		return nil, err
	}
	return s.lignes(ctx, s.b.Ecrivain(ctx), aExaminer, r, max)
}

func (s *Store) revision(ctx context.Context) (r int64, err error) {
	if err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT revision FROM cpt_livre WHERE tenant = $1`, s.tenant).Scan(&r); err != nil {
		return 0, fmt.Errorf("lire le livre: %w", err)
	}
	return r, nil
}

// Citant implements comptable.Lignes.
func (s *Store) Citant(ctx context.Context, reference string) ([]*comptable.LigneReleve, error) {
	return s.lignes(ctx, s.b.Ecrivain(ctx), `l.reste > 0 AND l.cite <> '' AND l.cite = $2 AND l.sens = 'C' ORDER BY l.jour, l.id LIMIT 50`, reference)
}

const deMontant = `l.reste > 0 AND l.reste = $2 AND l.jour BETWEEN $3 AND $4 AND l.sens = 'C' ORDER BY l.jour, l.id LIMIT 50`

// DeMontant implements comptable.Lignes.
func (s *Store) DeMontant(ctx context.Context, m sante.Montant, du, au sante.Jour) ([]*comptable.LigneReleve, error) {
	return s.lignes(ctx, s.b.Ecrivain(ctx), deMontant, int64(m), du.String(), au.String())
}

// Classer implements comptable.Lignes.
func (s *Store) Classer(ctx context.Context, l []*comptable.LigneReleve) error {
	r, err := s.revision(ctx)
	if err != nil {
		return err
	}
	x := changement{quoi: "des lignes", requete: `UPDATE cpt_ligne SET doute = $3, cite = $4, revision = $5 WHERE tenant = $1 AND id = $2`}
	for _, y := range l {
		x.lignes = append(x.lignes, []any{string(y.ID), string(y.Doute), y.Cite, examen(y, r)})
	}
	return x.executer(ctx, s.b.Ecrivain(ctx), s.tenant)
}

const file = `l.reste > 0 AND (l.jour, l.id) > ($2, $3) ORDER BY l.jour, l.id LIMIT $4`

// File implements comptable.Soldes.
func (s *Store) File(ctx context.Context, apres comptable.PlaceFile, max int) ([]*comptable.LigneReleve, error) {
	return s.lignes(ctx, s.b.Lecteur(ctx), file, apres.Jour.String(), string(apres.ID), max)
}
