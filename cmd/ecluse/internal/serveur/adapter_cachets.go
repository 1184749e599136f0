package serveur

import (
	"context"
	"slices"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// cachets judges what each party of the process seals with, so that its journal
// keeps the chain and the lists of its own seals as it keeps its partners': in ten
// years nobody else may have them. ref: DEC 16
type cachets struct {
	par     map[string]func() *sceau.Cachet
	juge    *certificat.Magasin
	horloge sante.Horloge
}

// preuvesSceau are the digests of what judges a seal.
type preuvesSceau struct{ chaine, listes []preuve.Hash }

// deposer files what judges the present seal of a party. Without a list to judge it
// by, or when it is refused, the authorities it shows are kept all the same: what is
// sealed is sealed. Its own certificate is in the message, as a partner's is.
func (c cachets) deposer(ctx context.Context, tenant string, jr *journal.Journal) (p preuvesSceau, err error) {
	lire := c.par[tenant]
	if lire == nil {
		return p, nil
	}
	cachet := lire()
	if v, err := c.juge.Juger(cachet.Certificat(), cachet.Chaine(), certificat.UsageCachet, c.horloge()); err == nil {
		p.chaine, p.listes, err = deposer(ctx, jr, v)
		return p, err
	}
	for _, der := range cachet.Chaine() {
		h, err := jr.Deposer(ctx, der)
		if err != nil {
			return p, err
		}
		p.chaine = append(p.chaine, h)
	}
	return p, nil
}

// ajouterListes adds lists to others, each once.
func ajouterListes(l, autres []preuve.Hash) []preuve.Hash {
	for _, h := range autres {
		if !slices.Contains(l, h) {
			l = append(l, h)
		}
	}
	return l
}
