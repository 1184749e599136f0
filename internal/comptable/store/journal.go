package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// Prendre implements comptable.Journal: the row of the book is its lock.
func (s *Store) Prendre(ctx context.Context) error {
	if !s.b.DansTransaction(ctx) {
		return errors.New("prendre un livre hors d'une transaction")
	}
	var n int64
	lire := func() error {
		return s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT piece FROM cpt_livre WHERE tenant = $1`+s.b.Verrou(), s.tenant).Scan(&n)
	}
	err := lire()
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO cpt_livre (tenant, piece, revision) VALUES ($1, 0, 1) ON CONFLICT (tenant) DO NOTHING`, s.tenant); err != nil {
			return fmt.Errorf("ouvrir un livre: %w", err)
		}
		err = lire()
	}
	if err != nil {
		return fmt.Errorf("prendre un livre: %w", err)
	}
	return nil
}

// Reviser implements comptable.Journal.
func (s *Store) Reviser(ctx context.Context) error {
	if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE cpt_livre SET revision = revision + 1 WHERE tenant = $1`, s.tenant); err != nil {
		return fmt.Errorf("réviser un livre: %w", err)
	}
	return nil
}

// Ecrire implements comptable.Journal.
func (s *Store) Ecrire(ctx context.Context, p *comptable.Piece) error {
	if len(p.Ecritures) == 0 {
		return fmt.Errorf("%w: pièce sans écriture", comptable.ErrDonnees)
	}
	if err := s.consommer(ctx, p.Ecritures); err != nil {
		return err
	}
	if err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `UPDATE cpt_livre SET piece = piece + 1 WHERE tenant = $1 RETURNING piece`, s.tenant).Scan(&p.Numero); err != nil {
		return fmt.Errorf("numéroter une pièce: %w", err)
	}
	connu := p.Connu.String()
	piece := bdd.Insertion{Debut: `INSERT INTO cpt_piece (tenant, numero, motif, score, agent, raison, origine, instant, connu, contrepasse, message) VALUES`, Colonnes: 11,
		Valeurs: []any{s.tenant, p.Numero, string(p.Motif), p.Score, p.Agent, p.Raison, p.Origine, p.Instant.UnixMilli(), connu, p.Contrepasse, p.Message}}
	ecritures := bdd.Insertion{Debut: `INSERT INTO cpt_ecriture (tenant, piece, rang, nature, signe, jour, connu, amc, exercice, titre, ligne, autre, payeur, retour, annoncee, encaisse, montant) VALUES`,
		Colonnes: 17, Valeurs: make([]any, 0, 17*len(p.Ecritures))}
	var par [2]parCle[cleCumul] // day, month
	for i := range p.Ecritures {
		e := &p.Ecritures[i]
		signe, montant, contre := 1, e.Montant, sante.Montant(0)
		if e.Contre {
			signe, montant, contre = -1, 0, e.Montant
		}
		jour := e.Jour.String()
		ecritures.Valeurs = append(ecritures.Valeurs, s.tenant, p.Numero, i+1, string(e.Nature), signe, jour, connu, e.AMC.String(), e.Titre.Exercice, e.Titre.Numero,
			string(e.Ligne), string(e.Autre), e.Annonce.Payeur.String(), e.Annonce.Retour, e.Rang, e.Encaisse.String(), int64(e.Montant))
		par[0].ajouter(cleCumul{jour, e.Nature, e.AMC.String()}, montant, contre)
		par[1].ajouter(cleCumul{jour[:7], e.Nature, e.AMC.String()}, montant, contre)
	}
	return s.b.Inserer(ctx, piece, ecritures, s.cumuler(cumulJour, &par[0], connu), s.cumuler(cumulMois, &par[1], connu[:7]))
}

type cleCumul struct {
	temps  string
	nature comptable.Nature
	amc    string
}

// The sums of days and of months, to which those of a piece are added.
var (
	cumulJour = bdd.Insertion{Debut: `INSERT INTO cpt_jour (tenant, jour, nature, amc, connu, montant, contre) VALUES`, Colonnes: 7,
		Fin: ` ON CONFLICT (tenant, jour, nature, amc, connu) DO UPDATE SET montant = cpt_jour.montant + excluded.montant, contre = cpt_jour.contre + excluded.contre`}
	cumulMois = bdd.Insertion{Debut: `INSERT INTO cpt_mois (tenant, mois, nature, amc, connu, montant, contre) VALUES`, Colonnes: 7,
		Fin: ` ON CONFLICT (tenant, nature, amc, mois, connu) DO UPDATE SET montant = cpt_mois.montant + excluded.montant, contre = cpt_mois.contre + excluded.contre`}
)

func (s *Store) cumuler(i bdd.Insertion, p *parCle[cleCumul], connu string) bdd.Insertion {
	for _, k := range p.ordre {
		v := p.valeurs[k]
		i.Valeurs = append(i.Valeurs, s.tenant, k.temps, string(k.nature), k.amc, connu, int64(v[0]), int64(v[1]))
	}
	return i
}

type cleAnnoncee struct {
	comptable.CleAnnonce
	rang int
}

// consommer takes what entries take from the rest of what they name. The schema
// refuses what goes beyond.
func (s *Store) consommer(ctx context.Context, l []comptable.Ecriture) error {
	var lignes parCle[comptable.IDLigne]
	var annonces parCle[comptable.CleAnnonce]
	var annoncees parCle[cleAnnoncee]
	var titres parCle[comptable.CleTitre]
	for i := range l {
		e := &l[i]
		x := e.Effet()
		lignes.ajouter(e.Ligne, x.Ligne)
		lignes.ajouter(e.Autre, x.Autre)
		annonces.ajouter(e.Annonce, x.Annonce)
		annoncees.ajouter(cleAnnoncee{e.Annonce, e.Rang}, x.Annonce)
		titres.ajouter(e.Titre, x.Reduit, x.Paye, x.Perdu)
	}
	for _, c := range []changement{
		{"des lignes", `UPDATE cpt_ligne SET reste = reste - $3 WHERE tenant = $1 AND id = $2`,
			lignes.lignes(func(k comptable.IDLigne) []any { return []any{string(k)} })},
		{"des annonces", `UPDATE cpt_annonce SET reste = reste - $4 WHERE tenant = $1 AND payeur = $2 AND retour = $3`,
			annonces.lignes(func(k comptable.CleAnnonce) []any { return []any{k.Payeur.String(), k.Retour} })},
		{"des factures annoncées", `UPDATE cpt_annoncee SET reste = reste - $5 WHERE tenant = $1 AND payeur = $2 AND retour = $3 AND rang = $4`,
			annoncees.lignes(func(k cleAnnoncee) []any { return []any{k.Payeur.String(), k.Retour, k.rang} })},
		{"des titres", `UPDATE cpt_titre SET reduit = reduit + $4, paye = paye + $5, perdu = perdu + $6, reste = reste - $4 - $5 - $6 WHERE tenant = $1 AND exercice = $2 AND numero = $3`,
			titres.lignes(func(k comptable.CleTitre) []any { return []any{k.Exercice, k.Numero} })},
	} {
		if err := c.executer(ctx, s.b.Ecrivain(ctx), s.tenant); err != nil {
			return err
		}
	}
	return nil
}

// Origine implements comptable.Journal.
func (s *Store) Origine(ctx context.Context, origine string) (n int64, err error) {
	err = s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT COALESCE(MAX(numero), 0) FROM cpt_piece WHERE tenant = $1 AND origine = $2 AND origine <> ''`, s.tenant, origine).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("chercher une origine: %w", err)
	}
	return n, nil
}

// Piece implements comptable.Journal.
func (s *Store) Piece(ctx context.Context, numero int64) (*comptable.Piece, error) {
	p := &comptable.Piece{Numero: numero}
	var instant int64
	var connu string
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT p.motif, p.score, p.agent, p.raison, p.origine, p.instant, p.connu, p.contrepasse, p.message,
		COALESCE((SELECT x.numero FROM cpt_piece x WHERE x.tenant = p.tenant AND x.contrepasse = p.numero AND x.contrepasse > 0), 0)
		FROM cpt_piece p WHERE p.tenant = $1 AND p.numero = $2`, s.tenant, numero).
		Scan(&p.Motif, &p.Score, &p.Agent, &p.Raison, &p.Origine, &instant, &connu, &p.Contrepasse, &p.Message, &p.DefaitePar)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lire une pièce: %w", err)
	}
	p.Instant = time.UnixMilli(instant).UTC()
	if err := p.Connu.UnmarshalText([]byte(connu)); err != nil {
		return nil, fmt.Errorf("lire une pièce: %w", err)
	}
	return p, s.ecritures(ctx, p)
}

func (s *Store) ecritures(ctx context.Context, p *comptable.Piece) error {
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT nature, signe, jour, amc, exercice, titre, ligne, autre, payeur, retour, annoncee, encaisse, montant
		FROM cpt_ecriture WHERE tenant = $1 AND piece = $2 ORDER BY rang`, s.tenant, p.Numero)
	return lire(rows, err, "des écritures", func(r *sql.Rows) error {
		e, err := lireEcriture(r)
		p.Ecritures = append(p.Ecritures, e)
		return err
	})
}

// lireEcriture reads the columns of an entry, and those that follow.
func lireEcriture(r *sql.Rows, suite ...any) (e comptable.Ecriture, err error) {
	var signe int
	var jour, debiteur, payeur, encaisse string
	if err := r.Scan(append([]any{&e.Nature, &signe, &jour, &debiteur, &e.Titre.Exercice, &e.Titre.Numero, &e.Ligne, &e.Autre, &payeur, &e.Annonce.Retour, &e.Rang,
		&encaisse, &e.Montant}, suite...)...); err != nil {
		return e, err
	}
	e.Contre = signe < 0
	var autre error
	e.AMC, err = amc(debiteur)
	e.Annonce.Payeur, autre = amc(payeur)
	return e, errors.Join(err, autre, jours(map[*sante.Jour]string{&e.Jour: jour, &e.Encaisse: encaisse}))
}
