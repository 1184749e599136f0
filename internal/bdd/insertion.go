package bdd

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Insertion is rows for one INSERT text. Callers with the same Debut, Fin and
// Colonnes at the same moment share one multi-row statement.
type Insertion struct {
	// Debut is "INSERT INTO table (a, b) VALUES", a constant.
	Debut string
	// Fin is what follows the rows, "ON CONFLICT DO NOTHING" for instance.
	Fin string
	// Colonnes is the number of values of a row.
	Colonnes int
	// Valeurs holds the rows one after the other.
	Valeurs []any
}

// ErrInsertion: the values of an Insertion do not make whole rows.
var ErrInsertion = errors.New("bdd: insertion sans lignes entières")

func (i Insertion) verifier() error {
	if i.Colonnes <= 0 || len(i.Valeurs) == 0 || len(i.Valeurs)%i.Colonnes != 0 {
		return ErrInsertion
	}
	return nil
}

// Inserer writes the rows of one or several insertions, all or nothing, and
// returns once they are durable, sharing statements and commit with the other
// callers of the moment. Cancellation is as in Grouper. When ctx carries a
// transaction the rows join it at once.
func (b *Base) Inserer(ctx context.Context, lot ...Insertion) error {
	for _, i := range lot {
		if err := i.verifier(); err != nil {
			return err
		}
	}
	if t := b.courante(ctx); t != nil {
		return b.inserer(ctx, t.tx, lot)
	}
	return b.groupe.soumettre(&travail{ctx: ctx, insertions: lot, fait: make(chan struct{})})
}

// Differer leaves rows to be written just before the commit of the transaction
// of ctx, merged with those of the callers who share it; without transaction
// they go in the Lot of ctx, and without either it is Inserer. Until the commit
// the rows cannot be read. Their error is the error of the transaction.
func (b *Base) Differer(ctx context.Context, lot ...Insertion) error {
	t, l := b.courante(ctx), b.lot(ctx)
	if t == nil && l == nil {
		return b.Inserer(ctx, lot...)
	}
	for _, i := range lot {
		if err := i.verifier(); err != nil {
			return err
		}
	}
	if t != nil {
		t.differees = append(t.differees, lot...)
	} else {
		l.insertions = append(l.insertions, lot...)
	}
	return nil
}

// vider writes the rows left for the end of the transaction.
func (b *Base) vider(ctx context.Context, t *transaction) error {
	if len(t.differees) == 0 {
		return nil
	}
	lot := t.differees
	t.differees = nil
	return b.inserer(ctx, t.tx, lot)
}

type forme struct {
	debut, fin string
	colonnes   int
}

// inserer merges the insertions of the same form, in order of first appearance.
func (b *Base) inserer(ctx context.Context, e Executant, lot []Insertion) error {
	var ordre []forme
	valeurs := make(map[forme][]any, 1)
	for _, i := range lot {
		f := forme{i.Debut, i.Fin, i.Colonnes}
		if _, vu := valeurs[f]; !vu {
			ordre = append(ordre, f)
			if len(lot) == 1 {
				valeurs[f] = i.Valeurs
				continue
			}
			valeurs[f] = make([]any, 0, len(lot)*len(i.Valeurs))
		}
		valeurs[f] = append(valeurs[f], i.Valeurs...)
	}
	for _, f := range ordre {
		if err := f.ecrire(ctx, e, b.moteur, valeurs[f]); err != nil {
			return err
		}
	}
	return nil
}

// parametresMax keeps a statement under both engines' limits (32,766 and 65,535).
const parametresMax = 16000

// ecrire cuts the rows in statements of powers of two, so that a few texts serve
// every number of rows and stay prepared.
func (f forme) ecrire(ctx context.Context, e Executant, m Moteur, v []any) error {
	for _, n := range [...]int{64, 32, 16, 8, 4, 2, 1} {
		taille := n * f.colonnes
		if n > 1 && taille > parametresMax {
			continue
		}
		for len(v) >= taille {
			if _, err := e.ExecContext(ctx, f.texte(m, n), v[:taille]...); err != nil {
				return fmt.Errorf("bdd: insérer: %w", err)
			}
			v = v[taille:]
		}
	}
	return nil
}

// texte is the statement of n rows. SQLite looks the name of each parameter up in
// the list of all names: there they have none.
func (f forme) texte(m Moteur, n int) string {
	var s strings.Builder
	s.Grow(len(f.debut) + len(f.fin) + n*f.colonnes*6 + 8)
	s.WriteString(f.debut)
	p := 0
	for l := range n {
		if l > 0 {
			s.WriteByte(',')
		}
		for c := range f.colonnes {
			s.WriteByte([2]byte{'(', ','}[min(c, 1)])
			if m == SQLite {
				s.WriteByte('?')
				continue
			}
			p++
			s.WriteByte('$')
			s.WriteString(strconv.Itoa(p))
		}
		s.WriteByte(')')
	}
	s.WriteByte(' ')
	s.WriteString(f.fin)
	return s.String()
}

// script runs a text of one or several statements without parameters.
func script(ctx context.Context, m Moteur, tx *sql.Tx, texte string) error {
	var err error
	if m == PostgreSQL {
		_, err = tx.ExecContext(ctx, texte, pgx.QueryExecModeSimpleProtocol)
	} else {
		_, err = tx.ExecContext(ctx, texte)
	}
	return err
}

// delai gives a closure the values of its caller's context and the end of the
// lot's: a caller who goes away must not break the transaction of the others.
type delai struct {
	context.Context
	horloge context.Context
}

func (d delai) Deadline() (time.Time, bool) { return d.horloge.Deadline() }
func (d delai) Done() <-chan struct{}       { return d.horloge.Done() }
func (d delai) Err() error                  { return d.horloge.Err() }

// Parmi reads from a table, whose rows are called x, those whose column is one of n
// parameters from a first one; condition is on the other columns of the same key.
// On PostgreSQL the key is looked up once for each: whatever the statistics say of
// a table that grows fast, its other indices are not walked instead. fin ends the
// look-up of one, without parameters; condition names all those before the first.
func (b *Base) Parmi(table, colonne, condition string, premier, n int, fin string) string {
	if b.moteur == SQLite {
		return table + " x WHERE " + condition + " AND x." + colonne + " IN (" + b.Parametres(premier, n) + ")"
	}
	s := make([]byte, 0, 12*n)
	for i := range n {
		if i > 0 {
			s = append(s, ',')
		}
		s = append(strconv.AppendInt(append(s, "($"...), int64(premier+i), 10), "::text)"...)
	}
	return "(VALUES " + string(s) + ") AS v (n) CROSS JOIN LATERAL (SELECT * FROM " + table + " x WHERE " + condition + " AND x." + colonne + " = v.n " + fin + ") AS x"
}

// Parametres writes n parameters, separated by commas, from a first one: "$3,$4,$5".
// What stands before them in the text names all those before the first: on SQLite,
// where a name costs, they have none and follow the last named.
func (b *Base) Parametres(premier, n int) string {
	if b.moteur == SQLite {
		return strings.Repeat("?,", n-1) + "?"
	}
	s := make([]byte, 0, 6*n)
	for i := range n {
		if i > 0 {
			s = append(s, ',')
		}
		s = strconv.AppendInt(append(s, '$'), int64(premier+i), 10)
	}
	return string(s)
}
