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
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Parutions is what an issuer publishes, for itself or for the insurers that it answers
// for: its keys, the numbers of its lists, and those of the accreditations that it gave and
// that are revoked, whichever insurer they are of.
type Parutions struct {
	base     *bdd.Base
	tenant   string
	emetteur sante.NumeroAMC
}

// NewParutions gives those of an issuer, under a tenant of its own.
func NewParutions(b *bdd.Base, tenant string, emetteur sante.NumeroAMC) *Parutions {
	return &Parutions{b, tenant, emetteur}
}

// Servir notes that the issuer gives accreditations for a tenant: its lists of revoked ones
// tell them from then on, even once it no longer answers for it. hyp: EMETTEUR-UNE-LISTE
func (r *Parutions) Servir(ctx context.Context, mandant string) error {
	err := r.base.Inserer(ctx, bdd.Insertion{Debut: "INSERT INTO accreditation_mandant (tenant, mandant) VALUES", Fin: "ON CONFLICT DO NOTHING",
		Colonnes: 2, Valeurs: []any{r.tenant, mandant}})
	if err != nil {
		return fmt.Errorf("inscrire un mandant: %w", err)
	}
	return nil
}

// Inscrire keeps a public key the first time it is seen.
func (r *Parutions) Inscrire(ctx context.Context, c accreditation.ClePublique) error {
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

// Rayer takes a key out.
func (r *Parutions) Rayer(ctx context.Context, kid string) error {
	_, err := r.base.Ecrivain(ctx).ExecContext(ctx, "DELETE FROM accreditation_cle WHERE tenant = $1 AND kid = $2", r.tenant, kid)
	if err != nil {
		return fmt.Errorf("rayer une clé: %w", err)
	}
	return nil
}

// Prolonger puts off the end of a key.
func (r *Parutions) Prolonger(ctx context.Context, kid string, fin time.Time) (bool, error) {
	res, err := r.base.Ecrivain(ctx).ExecContext(ctx, "UPDATE accreditation_cle SET fin = $3, fin_avant = 0 WHERE tenant = $1 AND kid = $2 AND fin < $3", r.tenant, kid, fin.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("prolonger une clé: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Finir brings forward the end of the keys of a purpose.
func (r *Parutions) Finir(ctx context.Context, usage droits.UsageCle, fin time.Time) error {
	_, err := r.base.Ecrivain(ctx).ExecContext(ctx, "UPDATE accreditation_cle SET fin_avant = fin, fin = $3 WHERE tenant = $1 AND emploi = $2 AND fin > $3 AND debut < $3",
		r.tenant, string(usage), fin.UnixMilli())
	if err != nil {
		return fmt.Errorf("finir une clé: %w", err)
	}
	return nil
}

// Reprendre gives a key back the end that it had before Finir.
func (r *Parutions) Reprendre(ctx context.Context, kid string) error {
	_, err := r.base.Ecrivain(ctx).ExecContext(ctx, "UPDATE accreditation_cle SET fin = fin_avant, fin_avant = 0 WHERE tenant = $1 AND kid = $2 AND fin_avant > 0", r.tenant, kid)
	if err != nil {
		return fmt.Errorf("reprendre une clé: %w", err)
	}
	return nil
}

// Compromettre writes since when a key is in other hands; the earliest instant stays.
func (r *Parutions) Compromettre(ctx context.Context, kid string, depuis time.Time) (bool, error) {
	res, err := r.base.Ecrivain(ctx).ExecContext(ctx, "UPDATE accreditation_cle SET compromise = $3 WHERE tenant = $1 AND kid = $2 AND (compromise = 0 OR compromise > $3)",
		r.tenant, kid, depuis.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("dire une clé compromise: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Cles gives the keys that are not over.
func (r *Parutions) Cles(ctx context.Context, a time.Time) (l []accreditation.ClePublique, err error) {
	rows, err := r.base.Lecteur(ctx).QueryContext(ctx, "SELECT kid, emploi, spki, debut, fin, compromise FROM accreditation_cle WHERE tenant = $1 AND fin > $2 ORDER BY debut, kid", r.tenant, a.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("lire les clés: %w", err)
	}
	err = parcourir(rows, func() error {
		var c accreditation.ClePublique
		var spki []byte
		var debut, fin, compromise int64
		if err := rows.Scan(&c.Kid, &c.Usage, &spki, &debut, &fin, &compromise); err != nil {
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
		if compromise != 0 {
			c.Compromise = time.UnixMilli(compromise).UTC()
		}
		l = append(l, c)
		return nil
	})
	return l, err
}

// Edition gives the last edition of a list.
func (r *Parutions) Edition(ctx context.Context, g visiodroits.Genre) (e accreditation.Edition, err error) {
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
func (r *Parutions) Paraitre(ctx context.Context, g visiodroits.Genre, e accreditation.Edition) error {
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

// Heure is the clock of a database that nodes share; the zero time of one that is a file of
// this host, whose clock is ours.
func (r *Parutions) Heure(ctx context.Context) (time.Time, error) {
	if r.base.Moteur() != bdd.PostgreSQL {
		return time.Time{}, nil
	}
	var ms int64
	if err := r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)").Scan(&ms); err != nil {
		return time.Time{}, fmt.Errorf("lire l'heure de la base: %w", err)
	}
	return time.UnixMilli(ms).UTC(), nil
}
