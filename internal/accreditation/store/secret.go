package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// ErrAutreSecret: the nodes of this party share another secret of that name.
var ErrAutreSecret = errors.New("les nœuds de cette partie ont un autre secret")

// ReconnaitreSecret tells whether a secret is the one that the nodes of the tenant share
// under a name: it is when there was none. remplacer puts it in the place of one that is
// lost. The base has no more of it than a digest.
func (r *Registre) ReconnaitreSecret(ctx context.Context, nom string, secret []byte, remplacer bool) error {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("ecluse secret " + nom))
	empreinte, fin := hex.EncodeToString(h.Sum(nil)), "ON CONFLICT DO NOTHING"
	if remplacer {
		fin = "ON CONFLICT (tenant, nom) DO UPDATE SET empreinte = excluded.empreinte"
	}
	err := r.base.Inserer(ctx, bdd.Insertion{Debut: "INSERT INTO accreditation_secret (tenant, nom, empreinte) VALUES", Fin: fin,
		Colonnes: 3, Valeurs: []any{r.tenant, nom, empreinte}})
	if err != nil {
		return fmt.Errorf("inscrire un secret: %w", err)
	}
	var connue string
	if err := r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT empreinte FROM accreditation_secret WHERE tenant = $1 AND nom = $2", r.tenant, nom).Scan(&connue); err != nil {
		return fmt.Errorf("reconnaître un secret: %w", err)
	}
	if !hmac.Equal([]byte(connue), []byte(empreinte)) {
		return ErrAutreSecret
	}
	return nil
}
