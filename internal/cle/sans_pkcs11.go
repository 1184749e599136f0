//go:build !pkcs11

package cle

import "crypto"

const avecPKCS11 = false

// ouvrirToken is never reached: Ouvrir says first what is missing.
func ouvrirToken(jeton) (crypto.Signer, error) { return nil, ErrCle }
