package journal

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Part is octets of a message, from Debut to before Fin; the zero value is none.
type Part struct{ Debut, Fin int }

// renvoi is a part of a message that is filed elsewhere.
type renvoi struct {
	Part
	empreinte preuve.Hash
}

// communs remembers the parts that came in many messages. Two thirds of a short
// sealed message are the certificates in its seal, the same each time: once it
// came twice a part is filed as a piece, and contents refer to it.
type communs struct {
	porte   sync.Mutex
	vus     map[preuve.Hash]etatCommun
	attente [][]byte // to be filed by a Deposer to come
	dernier time.Time
}

type etatCommun uint8

const (
	vuUneFois etatCommun = iota + 1
	aDeposer
	depose
)

const (
	communMin      = 512     // octets of a part worth a reference
	communMax      = 8 << 10 // and the most
	communsVus     = 1 << 17 // parts remembered; beyond, all are forgotten
	communsAttente = 128     // parts waiting to be filed
	communsLot     = 32      // parts filed in one transaction
)

// renvoi tells where a part is filed, nil when it is to stay in its message.
func (c *communs) renvoi(message []byte, p Part) *renvoi {
	if p.Debut < 0 || p.Fin > len(message) || p.Fin-p.Debut < communMin || p.Fin-p.Debut > communMax {
		return nil
	}
	part := message[p.Debut:p.Fin]
	h := preuve.Hash(sha256.Sum256(part))
	c.porte.Lock()
	defer c.porte.Unlock()
	switch c.vus[h] {
	case depose:
		return &renvoi{p, h}
	case vuUneFois:
		if len(c.attente) < communsAttente {
			c.vus[h] = aDeposer
			c.attente = append(c.attente, slices.Clone(part))
		}
	case 0:
		if c.vus == nil || len(c.vus) >= communsVus {
			c.vus = make(map[preuve.Hash]etatCommun)
		}
		c.vus[h] = vuUneFois
	}
	return nil
}

// prendre takes the parts that wait, once there are enough for a transaction or
// one was made more than a second ago: the first messages of many sealers share it.
func (c *communs) prendre(maintenant time.Time) [][]byte {
	c.porte.Lock()
	defer c.porte.Unlock()
	if n := len(c.attente); n == 0 || n < communsLot && maintenant.Sub(c.dernier).Abs() < time.Second {
		return nil
	}
	l := c.attente
	c.attente, c.dernier = nil, maintenant
	return l
}

// deposerCommuns files the parts that wait. Outside of any transaction: a part
// that contents refer to never vanishes.
func (j *Journal) deposerCommuns(ctx context.Context) error {
	c := &j.communs
	lot := c.prendre(j.o.Horloge())
	if len(lot) == 0 {
		return nil
	}
	err := j.o.Magasin.Transaction(ctx, func(ctx context.Context) error {
		for _, part := range lot {
			if err := j.o.Magasin.DeposerPiece(ctx, j.o.Tenant, sha256.Sum256(part), part); err != nil {
				return err
			}
		}
		return nil
	})
	c.porte.Lock()
	defer c.porte.Unlock()
	for _, part := range lot {
		h := preuve.Hash(sha256.Sum256(part))
		if delete(c.vus, h); err == nil {
			c.vus[h] = depose
		}
	}
	if err != nil {
		return fmt.Errorf("journal: déposer des parts communes: %w", err)
	}
	return nil
}

// part gives back a part that was filed, and checks that it is that one.
func (j *Journal) part(ctx context.Context, h preuve.Hash) ([]byte, error) {
	b, err := j.Piece(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("journal: relire une part commune: %w", err)
	}
	if sha256.Sum256(b) != h {
		return nil, fmt.Errorf("%w: part commune %s altérée", ErrIncoherent, h.Hex())
	}
	return b, nil
}
