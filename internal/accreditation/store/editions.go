package store

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Inscrire keeps a public key the first time it is seen.
func (r *Registre) Inscrire(ctx context.Context, c accreditation.ClePublique) error {
	spki, err := x509.MarshalPKIXPublicKey(c.Publique)
	if err != nil {
		return fmt.Errorf("inscrire une clé: %w", err)
	}
	err = r.base.Inserer(ctx, bdd.Insertion{Debut: "INSERT INTO accreditation_cle (tenant, kid, emploi, spki, debut, fin) VALUES", Fin: "ON CONFLICT DO NOTHING",
		Colonnes: 6, Valeurs: []any{r.tenant, c.Kid, string(c.Usage), spki, c.Debut.UnixMilli(), c.Fin.UnixMilli()}})
	if err != nil {
		return fmt.Errorf("inscrire une clé: %w", err)
	}
	return nil
}

// Cles gives the keys that are not over.
func (r *Registre) Cles(ctx context.Context, a time.Time) (l []accreditation.ClePublique, err error) {
	rows, err := r.base.Lecteur(ctx).QueryContext(ctx, "SELECT kid, emploi, spki, debut, fin FROM accreditation_cle WHERE tenant = $1 AND fin > $2 ORDER BY debut, kid", r.tenant, a.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("lire les clés: %w", err)
	}
	err = parcourir(rows, func() error {
		var c accreditation.ClePublique
		var spki []byte
		var debut, fin int64
		if err := rows.Scan(&c.Kid, &c.Usage, &spki, &debut, &fin); err != nil {
			return err
		}
		k, err := x509.ParsePKIXPublicKey(spki)
		if err != nil {
			return err
		}
		pub, ok := k.(*ecdsa.PublicKey)
		if !ok {
			return errors.New("clé qui n'est pas elliptique")
		}
		c.Publique, c.Debut, c.Fin = pub, time.UnixMilli(debut).UTC(), time.UnixMilli(fin).UTC()
		l = append(l, c)
		return nil
	})
	return l, err
}

// Edition gives the last edition of a list.
func (r *Registre) Edition(ctx context.Context, g visiodroits.Genre) (e accreditation.Edition, err error) {
	var emission int64
	err = r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT numero, emission, empreinte FROM accreditation_liste WHERE tenant = $1 AND genre = $2 ORDER BY numero DESC LIMIT 1",
		r.tenant, string(g)).Scan(&e.Numero, &emission, &e.Empreinte)
	if errors.Is(err, sql.ErrNoRows) {
		return accreditation.Edition{}, nil
	}
	if err != nil {
		return accreditation.Edition{}, fmt.Errorf("lire une édition: %w", err)
	}
	e.Emission = time.UnixMilli(emission).UTC()
	return e, nil
}

// Paraitre keeps an edition, once.
func (r *Registre) Paraitre(ctx context.Context, g visiodroits.Genre, e accreditation.Edition) error {
	res, err := r.base.Ecrivain(ctx).ExecContext(ctx, "INSERT INTO accreditation_liste (tenant, genre, numero, emission, empreinte) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		r.tenant, string(g), e.Numero, e.Emission.UnixMilli(), e.Empreinte)
	if err != nil {
		return fmt.Errorf("garder une édition: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, accreditation.ErrPubliee)
	}
	_, err = r.base.Ecrivain(ctx).ExecContext(ctx, "DELETE FROM accreditation_liste WHERE tenant = $1 AND genre = $2 AND numero < $3", r.tenant, string(g), e.Numero)
	return err
}
