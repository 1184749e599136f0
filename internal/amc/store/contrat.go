package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// Contrats keeps the versions of contracts. A version never changes, so that
// those read once are kept in memory.
type Contrats struct {
	table
	verrou sync.RWMutex
	connus map[string]*amc.Contrat
}

// contratsEnMemoire bounds the versions kept in memory; beyond, all are dropped.
const contratsEnMemoire = 4096

// Contrat gives a version by its digest.
func (c *Contrats) Contrat(ctx context.Context, empreinte string) (*amc.Contrat, error) {
	c.verrou.RLock()
	connu := c.connus[empreinte]
	c.verrou.RUnlock()
	if connu != nil {
		return connu, nil
	}
	var texte []byte
	err := c.base.Lecteur(ctx).QueryRowContext(ctx,
		"SELECT texte FROM amc_contrat_texte WHERE tenant = $1 AND empreinte = $2", c.tenant, empreinte).Scan(&texte)
	if aucun(err) {
		return nil, amc.ErrContratInconnu
	}
	if err != nil {
		return nil, fmt.Errorf("lire une version de contrat: %w", err)
	}
	lu, err := amc.LireContrat(texte)
	if err != nil {
		return nil, fmt.Errorf("relire une version de contrat: %w", err)
	}
	c.retenir(empreinte, lu)
	return lu, nil
}

func (c *Contrats) retenir(empreinte string, lu *amc.Contrat) {
	c.verrou.Lock()
	defer c.verrou.Unlock()
	if len(c.connus) >= contratsEnMemoire {
		clear(c.connus)
	}
	c.connus[empreinte] = lu
}

// Garder keeps a version and gives its digest. A version in memory is already
// durable: it is put there after it was read or written.
func (c *Contrats) Garder(ctx context.Context, contrat *amc.Contrat) (string, error) {
	texte, empreinte, err := contrat.Ecrire()
	if err != nil {
		return "", err
	}
	c.verrou.RLock()
	connu := c.connus[empreinte]
	c.verrou.RUnlock()
	if connu != nil {
		return empreinte, nil
	}
	lu, err := amc.LireContrat(texte)
	if err != nil {
		return "", err
	}
	if err := c.inserer(ctx, texte, empreinte); err != nil {
		return "", err
	}
	if !c.base.DansTransaction(ctx) {
		c.retenir(empreinte, lu)
	}
	return empreinte, nil
}

func (c *Contrats) inserer(ctx context.Context, texte []byte, empreinte string) error {
	err := c.base.Inserer(ctx, bdd.Insertion{
		Debut: "INSERT INTO amc_contrat_texte (tenant, empreinte, texte) VALUES", Fin: "ON CONFLICT DO NOTHING",
		Colonnes: 3, Valeurs: []any{c.tenant, empreinte, texte},
	})
	if err != nil {
		return fmt.Errorf("garder une version de contrat: %w", err)
	}
	return nil
}
