package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
)

// trace is what moves add to the row of an invoice: a line each, and the instant of the
// last.
type trace struct {
	texte string
	bouge int64
}

// traces are by invoice.
type traces map[cleTrace]trace

type cleTrace struct {
	finess string
	annee  int
	numero string
}

// prendre gives what an invoice gains, once.
func (l traces) prendre(finess string, annee int, numero string) trace {
	c := cleTrace{finess, annee, numero}
	t := l[c]
	delete(l, c)
	return t
}

// finir tells that every move went to its invoice.
func (l traces) finir() error {
	if len(l) > 0 {
		return errors.New("écrire la vie d'une facture: mouvement d'une facture qui n'est pas écrite")
	}
	return nil
}

// tracer writes moves, by invoice. Their fields are codes and numbers of ours, without
// tab nor end of line.
func tracer(m []liquidation.Moment) (traces, error) {
	l := make(traces, len(m))
	for _, x := range m {
		champs := []string{strconv.FormatInt(x.Instant.UnixMilli(), 10), string(x.Avant), string(x.Evenement), string(x.Apres), string(x.Code), x.Retour}
		ligne := strings.Join(champs, "\t")
		if strings.Count(ligne, "\t") != len(champs)-1 || strings.Contains(ligne, "\n") {
			return nil, fmt.Errorf("écrire la vie d'une facture: mouvement illisible")
		}
		cle := cleTrace{x.Finess.String(), x.Annee, x.Numero}
		t := l[cle]
		l[cle] = trace{t.texte + ligne + "\n", max(t.bouge, x.Instant.UnixMilli())}
	}
	return l, nil
}

// Moments lists the moves of an invoice, the first first.
func (s *Store) Moments(ctx context.Context, f *liquidation.Facture) (l []liquidation.Moment, err error) {
	var vie string
	err = s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT vie FROM liq_facture WHERE tenant = $1 AND finess = $2 AND numero = $3 AND annee = $4`,
		s.tenant, f.Finess.String(), f.Numero, f.Annee).Scan(&vie)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lire la vie d'une facture: %w", err)
	}
	for ligne := range strings.Lines(vie) {
		c := strings.Split(strings.TrimSuffix(ligne, "\n"), "\t")
		if len(c) != 6 {
			return nil, fmt.Errorf("lire la vie d'une facture: mouvement illisible")
		}
		quand, err := strconv.ParseInt(c[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("lire la vie d'une facture: %w", err)
		}
		l = append(l, liquidation.Moment{Finess: f.Finess, Annee: f.Annee, Numero: f.Numero, Instant: time.UnixMilli(quand).UTC(),
			Avant: liquidation.Etat(c[1]), Evenement: liquidation.Evenement(c[2]), Apres: liquidation.Etat(c[3]), Code: roc.Code(c[4]), Retour: c[5]})
	}
	return liquidation.Suite(l), nil
}
