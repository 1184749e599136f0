// Package front lets the gate give a relay the messages that are for others.
package front

import (
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/relais"
)

// Relayeur is a relay as the gate knows it: set it as Portail.Relais.
type Relayeur struct{ Relais *relais.Relais }

// Relayer is gate.Relayeur.
func (r Relayeur) Relayer(ctx context.Context, p *gate.Passage) (*gate.Retour, error) {
	rep, err := r.Relais.Relayer(ctx, &relais.Question{Norme: p.Norme, Piece: p.Piece, Enveloppe: p.Enveloppe, Chaine: p.Chaine, Recu: p.Recu})
	if errors.Is(err, relais.ErrInjoignable) || errors.Is(err, relais.ErrDelai) || errors.Is(err, relais.ErrSansMessage) {
		return nil, errors.Join(gate.ErrMuet, err)
	}
	if err != nil {
		return nil, err
	}
	return &gate.Retour{Octets: rep.Octets, Piece: rep.Piece, Code: rep.Code, Refus: rep.Refus, Feuille: rep.Feuille, Attente: rep.Attente}, nil
}
