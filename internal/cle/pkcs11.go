//go:build pkcs11

package cle

import (
	"crypto"
	"errors"
	"fmt"
	"io"

	"github.com/ThalesGroup/crypto11"
)

const avecPKCS11 = true

// cleToken is a key that never leaves its token; closing it gives the sessions
// back.
type cleToken struct {
	crypto.Signer
	io.Closer
}

func ouvrirToken(j jeton) (crypto.Signer, error) {
	c, err := crypto11.Configure(&crypto11.Config{Path: j.Module, TokenLabel: j.Token, Pin: j.PIN, MaxSessions: 16})
	if err != nil {
		return nil, fmt.Errorf("%w: token %q : %w", ErrCle, j.Token, err)
	}
	k, err := c.FindKeyPair(nil, []byte(j.Objet))
	if err != nil || k == nil {
		return nil, errors.Join(fmt.Errorf("%w: aucune paire de clés %q dans le token %q", ErrCle, j.Objet, j.Token), err, c.Close())
	}
	return cleToken{k, c}, nil
}
