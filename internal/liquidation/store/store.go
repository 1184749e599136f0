// Package store keeps the insurer's book of invoices in SQL: the tables liq_*.
package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what this room adds to the house's list: numbers 1100 to 1199.
func Migrations() bdd.Migrations { return bdd.Migrations{FS: fichiers, Dir: "migrations"} }

// Store keeps the book of one insurer.
type Store struct {
	b      *bdd.Base
	tenant string
}

var _ liquidation.Factures = (*Store)(nil)

// New gives the store of an insurer; tenant is the key of all its rows.
func New(b *bdd.Base, tenant string) *Store { return &Store{b, tenant} }

// Transaction runs f in one transaction, perhaps more than once.
func (s *Store) Transaction(ctx context.Context, f func(ctx context.Context) error) error {
	return s.b.EnTransaction(ctx, f)
}

// parLot bounds the rows that a statement names.
const parLot = 100

// Ouvrir implements liquidation.Factures.
func (s *Store) Ouvrir(ctx context.Context, l *liquidation.Lot, f []*liquidation.Facture) (deja []string, err error) {
	e := s.b.Ecrivain(ctx)
	if _, err := e.ExecContext(ctx, `INSERT INTO liq_emetteur (tenant, finess, lots) VALUES ($1, $2, 1)
		ON CONFLICT (tenant, finess) DO UPDATE SET lots = liq_emetteur.lots + 1`, s.tenant, l.Finess.String()); err != nil {
		return nil, fmt.Errorf("verrouiller un émetteur: %w", err)
	}
	r, err := e.ExecContext(ctx, `INSERT INTO liq_lot (tenant, finess, numero, amc, id_message, recu, nombre, total, empreinte, retour, compte)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (tenant, finess, numero) DO NOTHING`,
		s.tenant, l.Finess.String(), l.Numero, l.NumeroAMC.String(), l.IDMessage.String(), l.Recu.UnixMilli(), l.Nombre, int64(l.Total), l.Empreinte, l.Retour, l.Compte)
	if err != nil {
		return nil, fmt.Errorf("écrire un lot: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil {
		return nil, fmt.Errorf("écrire un lot: %w", err)
	} else if n == 0 {
		return s.lotConnu(ctx, l)
	}
	if _, err := e.ExecContext(ctx, `INSERT INTO liq_contenu (tenant, finess, lot, octets) VALUES ($1, $2, $3, $4)`,
		s.tenant, l.Finess.String(), l.Numero, l.Contenu); err != nil {
		return nil, fmt.Errorf("écrire un lot: %w", err)
	}
	connues, err := s.connues(ctx, l.Finess, f)
	if err != nil {
		return nil, err
	}
	for _, x := range f {
		if connues[cle{x.Numero, x.Annee}] {
			deja = append(deja, liquidation.Cle(x.Annee, x.Numero))
		}
	}
	if len(deja) == 0 {
		return nil, nil
	}
	refusees, err := json.Marshal(deja)
	if err != nil {
		return nil, fmt.Errorf("écrire un lot: %w", err)
	}
	if _, err := e.ExecContext(ctx, `UPDATE liq_lot SET refusees = $4 WHERE tenant = $1 AND finess = $2 AND numero = $3`,
		s.tenant, l.Finess.String(), l.Numero, string(refusees)); err != nil {
		return nil, fmt.Errorf("écrire un lot: %w", err)
	}
	return deja, nil
}

// lotConnu tells whether a batch that was already received is the same, and what was
// refused of it.
func (s *Store) lotConnu(ctx context.Context, l *liquidation.Lot) (refusees []string, err error) {
	var empreinte, texte string
	err = s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT empreinte, refusees FROM liq_lot WHERE tenant = $1 AND finess = $2 AND numero = $3`,
		s.tenant, l.Finess.String(), l.Numero).Scan(&empreinte, &texte)
	switch {
	case err != nil:
		return nil, fmt.Errorf("relire un lot: %w", err)
	case empreinte != l.Empreinte:
		return nil, liquidation.ErrLotDejaRecu
	case texte != "":
		if err := json.Unmarshal([]byte(texte), &refusees); err != nil {
			return nil, fmt.Errorf("relire un lot: %w", err)
		}
	}
	return refusees, liquidation.ErrLotConnu
}

// Inserer implements liquidation.Factures.
func (s *Store) Inserer(ctx context.Context, l []*liquidation.Facture, m []liquidation.Moment) error {
	if len(l) == 0 {
		return nil
	}
	vies, err := tracer(m)
	if err != nil {
		return err
	}
	lignes := bdd.Insertion{Debut: `INSERT INTO liq_facture (tenant, finess, numero, annee, lot, etat, code, demande, paye, garantie, nature, corrige, recue, echeance, motif, lignes, debut, taille, soins, vie, bouge) VALUES`, Colonnes: 21}
	for _, x := range l {
		rapport, err := ecrireLignes(x.Lignes)
		if err != nil {
			return err
		}
		finess := x.Finess.String()
		vie := vies.prendre(finess, x.Annee, x.Numero)
		lignes.Valeurs = append(lignes.Valeurs, s.tenant, finess, x.Numero, x.Annee, x.Lot, string(x.Etat), string(x.Code), int64(x.Demande), int64(x.Paye),
			numero(x.Garantie), string(x.Nature), x.Corrige, x.Recue.UnixMilli(), x.Echeance.String(), x.Precision, rapport, x.Debut, x.Taille, soins(x), vie.texte, vie.bouge)
	}
	if err := vies.finir(); err != nil {
		return err
	}
	return s.b.Inserer(ctx, lignes)
}

func ecrireLignes(l []roc.RetourLigne) (string, error) {
	if len(l) == 0 {
		return "", nil
	}
	b, err := json.Marshal(l)
	if err != nil {
		return "", fmt.Errorf("écrire une facture: %w", err)
	}
	return string(b), nil
}

type cle struct {
	numero string
	annee  int
}

// connues tells which invoices the book holds already.
func (s *Store) connues(ctx context.Context, finess sante.FINESS, f []*liquidation.Facture) (map[cle]bool, error) {
	m := make(map[cle]bool)
	for lot := range slices.Chunk(f, parLot) {
		args := []any{s.tenant, finess.String()}
		for _, x := range lot {
			args = append(args, x.Numero)
		}
		rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT numero, annee FROM `+
			s.b.Parmi("liq_facture", "numero", "x.tenant = $1 AND x.finess = $2", 3, len(lot), ""), args...)
		if err != nil {
			return nil, fmt.Errorf("chercher des factures: %w", err)
		}
		if err := lire(rows, func() error {
			var c cle
			err := rows.Scan(&c.numero, &c.annee)
			m[c] = true
			return err
		}); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func lire(rows *sql.Rows, une func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := une(); err != nil {
			return fmt.Errorf("lire des factures: %w", err)
		}
	}
	return rows.Err()
}

func numero(n roc.NumeroEngagement) string {
	if n.IsZero() {
		return ""
	}
	return n.String()
}

// file locks the rows taken, and leaves those of other nodes.
func (s *Store) file() string {
	if s.b.Moteur() == bdd.PostgreSQL {
		return " FOR UPDATE OF f SKIP LOCKED"
	}
	return ""
}

const lireFacture = `SELECT f.finess, f.numero, f.annee, f.lot, f.etat, f.code, f.demande, f.paye, f.garantie, f.nature, f.corrige, f.recue, f.echeance, f.motif, f.lignes, f.debut, f.taille, COALESCE(f.soins, '')`

// APayer implements liquidation.Factures.
func (s *Store) APayer(ctx context.Context, finess sante.FINESS, max int) ([]*liquidation.Facture, error) {
	return s.lister(ctx, false, `f.etat IN ('LIQUIDE', 'PAYE_EN_PARTIE') AND f.finess = $2 ORDER BY f.recue, f.numero LIMIT $3`+s.file(), finess.String(), max)
}

// Lister gives up to max invoices of a hospital that stand in one of these states, in
// any when none is said, the oldest first, without locks nor contents: for a person.
func (s *Store) Lister(ctx context.Context, finess sante.FINESS, max int, etats ...liquidation.Etat) ([]*liquidation.Facture, error) {
	return s.listerPar(ctx, s.b.Lecteur(ctx), lireFacture+listerFactures(etats), finess.String(), max)
}

// listerFactures is the end of a list: the states are written as those of the partial
// indexes, which no parameter would choose.
func listerFactures(etats []liquidation.Etat) string {
	l := make([]string, len(etats))
	for i, e := range etats {
		l[i] = "'" + strings.ReplaceAll(string(e), "'", "''") + "'"
	}
	condition := ""
	switch len(l) {
	case 0:
	case 1:
		condition = " AND f.etat = " + l[0]
	default:
		condition = " AND f.etat IN (" + strings.Join(l, ", ") + ")"
	}
	return `, NULL FROM liq_facture f WHERE f.tenant = $1 AND f.finess = $2` + condition + ` ORDER BY f.recue, f.numero LIMIT $3`
}

// Homonymes implements liquidation.Factures.
func (s *Store) Homonymes(ctx context.Context, finess sante.FINESS, numero string) ([]*liquidation.Facture, error) {
	verrou := ""
	if s.b.DansTransaction(ctx) && s.b.Moteur() == bdd.PostgreSQL {
		verrou = " FOR UPDATE OF f"
	}
	return s.lister(ctx, true, `f.finess = $2 AND f.numero = $3 ORDER BY f.annee DESC LIMIT 20`+verrou, finess.String(), numero)
}

// Facture implements liquidation.Factures.
func (s *Store) Facture(ctx context.Context, finess sante.FINESS, numero string) (*liquidation.Facture, error) {
	l, err := s.Homonymes(ctx, finess, numero)
	if err == nil && len(l) == 0 {
		err = liquidation.ErrFactureInconnue
	}
	if err != nil {
		return nil, err
	}
	return l[0], nil
}

// lister reads invoices, with their contents when they are asked for.
func (s *Store) lister(ctx context.Context, contenu bool, condition string, args ...any) (l []*liquidation.Facture, err error) {
	requete := lireFacture + `, NULL FROM liq_facture f WHERE f.tenant = $1 AND ` + condition
	if contenu {
		requete = lireFacture + `, substr(c.octets, CAST(f.debut AS INTEGER) + 1, CAST(f.taille AS INTEGER)) FROM liq_facture f
			JOIN liq_contenu c ON c.tenant = f.tenant AND c.finess = f.finess AND c.lot = f.lot
			WHERE f.tenant = $1 AND ` + condition
	}
	return s.listerPar(ctx, s.b.Ecrivain(ctx), requete, args...)
}

func (s *Store) listerPar(ctx context.Context, e bdd.Executant, requete string, args ...any) (l []*liquidation.Facture, err error) {
	rows, err := e.QueryContext(ctx, requete, append([]any{s.tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("lire des factures: %w", err)
	}
	err = lire(rows, func() error {
		f, err := une(rows)
		l = append(l, f)
		return err
	})
	return l, err
}

func une(r *sql.Rows) (*liquidation.Facture, error) {
	f := new(liquidation.Facture)
	var finess, garantie, echeance, lignes string
	var demande, paye, recue int64
	err := r.Scan(&finess, &f.Numero, &f.Annee, &f.Lot, &f.Etat, &f.Code, &demande, &paye, &garantie, &f.Nature, &f.Corrige, &recue, &echeance, &f.Precision, &lignes, &f.Debut, &f.Taille, &f.Convention, &f.Contenu)
	if err != nil {
		return nil, err
	}
	if f.Finess, err = sante.ParseFINESS(finess); err != nil {
		return nil, err
	}
	if garantie != "" {
		if f.Garantie, err = roc.ParseNumeroEngagement(garantie); err != nil {
			return nil, err
		}
	}
	if f.Echeance, err = sante.ParseJour(echeance); err != nil {
		return nil, err
	}
	if lignes != "" {
		if err := json.Unmarshal([]byte(lignes), &f.Lignes); err != nil {
			return nil, err
		}
	}
	f.Demande, f.Paye, f.Recue = sante.Montant(demande), sante.Montant(paye), time.UnixMilli(recue).UTC()
	return f, nil
}

// Ecrire implements liquidation.Factures.
func (s *Store) Ecrire(ctx context.Context, l []*liquidation.Facture, m []liquidation.Moment) error {
	vies, err := tracer(m)
	if err != nil {
		return err
	}
	e := s.b.Ecrivain(ctx)
	for _, f := range l {
		vie := vies.prendre(f.Finess.String(), f.Annee, f.Numero)
		lignes, err := ecrireLignes(f.Lignes)
		if err != nil {
			return err
		}
		r, err := e.ExecContext(ctx, `UPDATE liq_facture SET etat = $5, code = $6, paye = $7, motif = $8, lignes = $9, soins = $10, vie = vie || $11, bouge = CASE WHEN bouge < $12 THEN $12 ELSE bouge END
			WHERE tenant = $1 AND finess = $2 AND numero = $3 AND annee = $4`,
			s.tenant, f.Finess.String(), f.Numero, f.Annee, string(f.Etat), string(f.Code), int64(f.Paye), f.Precision, lignes, soins(f), vie.texte, vie.bouge)
		if err != nil {
			return fmt.Errorf("écrire une facture: %w", err)
		}
		if n, err := r.RowsAffected(); err != nil || n != 1 {
			return errors.Join(liquidation.ErrFactureInconnue, err)
		}
	}
	return vies.finir()
}

// ErrSansAdresse: the hospital never said where it receives its returns.
var ErrSansAdresse = errors.New("liquidation: l'établissement n'a pas dit où il reçoit les retours")

// AdresseRetour is where a hospital receives its returns, as its last batch says.
func (s *Store) AdresseRetour(ctx context.Context, finess sante.FINESS) (string, error) {
	var a string
	err := s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT retour FROM liq_lot WHERE tenant = $1 AND finess = $2 AND retour <> '' ORDER BY recu DESC LIMIT 1`,
		s.tenant, finess.String()).Scan(&a)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrSansAdresse
	}
	return a, err
}

// NoterRetour writes a return that leaves.
func (s *Store) NoterRetour(ctx context.Context, finess sante.FINESS, d *roc.DemandeRET, message roc.UUID, instant time.Time) error {
	total := sante.Montant(0)
	if d.Paiement != nil {
		total = d.Paiement.Total
	}
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO liq_retour (tenant, numero, finess, nature, factures, total, emis, acquitte, code, id_message)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', $8)`, s.tenant, d.Numero, finess.String(), string(d.Nature), len(d.Factures), int64(total), instant.UnixMilli(), message.String())
	if err != nil {
		return fmt.Errorf("noter un retour: %w", err)
	}
	lots := bdd.Insertion{Debut: `INSERT INTO liq_retour_lot (tenant, retour, lot) VALUES`, Colonnes: 3}
	vus := make(map[string]bool)
	for i := range d.Factures {
		if lot := d.Factures[i].Lot; lot != "" && !vus[lot] {
			vus[lot] = true
			lots.Valeurs = append(lots.Valeurs, s.tenant, d.Numero, lot)
		}
	}
	if len(vus) == 0 {
		return nil
	}
	return s.b.Inserer(ctx, lots)
}
