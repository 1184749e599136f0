// Package cle opens private keys wherever they are kept: a file, or a PKCS#11
// token when the program is built with the tag pkcs11. Everything else in the
// house takes a crypto.Signer and does not know which.
//
// An address is one of
//
//	fichier:/chemin/vers/cle.pem
//	pkcs11:token=NOM;object=ETIQUETTE;pin-file=/chemin?module-path=/chemin/lib.so
//
// the second after RFC 7512. The PIN is read in a file, never in the address.
package cle

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ErrCle: the key cannot be opened.
var ErrCle = errors.New("cle: clé inaccessible")

// Ouvrir opens a private key. A signer kept in a token also is an io.Closer.
func Ouvrir(adresse string) (crypto.Signer, error) {
	genre, reste, ok := strings.Cut(adresse, ":")
	switch {
	case ok && genre == "fichier":
		return lire(reste)
	case ok && genre == "pkcs11":
		if !avecPKCS11 {
			return nil, fmt.Errorf("%w: ce programme a été construit sans PKCS#11 ; le reconstruire avec « go build -tags pkcs11 »", ErrCle)
		}
		p, err := lireURI(reste)
		if err != nil {
			return nil, err
		}
		return ouvrirToken(p)
	}
	return nil, fmt.Errorf("%w: adresse attendue fichier:/chemin ou pkcs11:token=…;object=…;pin-file=…", ErrCle)
}

func lire(chemin string) (crypto.Signer, error) {
	f, err := os.Open(chemin)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCle, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCle, err)
	}
	k, err := Lire(b)
	if err != nil {
		return nil, fmt.Errorf("%w (fichier %s)", err, chemin)
	}
	return k, nil
}

// Lire parses a private key in PEM: PKCS#8, SEC 1 or PKCS#1.
func Lire(b []byte) (crypto.Signer, error) {
	for {
		var p *pem.Block
		if p, b = pem.Decode(b); p == nil {
			return nil, fmt.Errorf("%w: aucune clé privée en PEM", ErrCle)
		}
		var k any
		var err error
		switch p.Type {
		case "PRIVATE KEY":
			k, err = x509.ParsePKCS8PrivateKey(p.Bytes)
		case "EC PRIVATE KEY":
			k, err = x509.ParseECPrivateKey(p.Bytes)
		case "RSA PRIVATE KEY":
			k, err = x509.ParsePKCS1PrivateKey(p.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			return nil, fmt.Errorf("%w: clé chiffrée par mot de passe, non prise en charge", ErrCle)
		default:
			continue
		}
		s, ok := k.(crypto.Signer)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: clé privée illisible", ErrCle)
		}
		return s, nil
	}
}

// Ecrire writes a key in PKCS#8 PEM, mode 0600, whole or not at all. It refuses to
// replace a file: a lost authority key is lost for good.
func Ecrire(chemin string, k crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return fmt.Errorf("cle: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(chemin), ".cle-*") // made 0600
	if err != nil {
		return fmt.Errorf("cle: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Link(f.Name(), chemin) // fails when the file is there, unlike a rename
	}
	if err != nil {
		return fmt.Errorf("cle: écrire %s : %w", chemin, err)
	}
	return nil
}

// Meme says whether two public keys are one.
func Meme(a, b crypto.PublicKey) bool {
	switch k := a.(type) {
	case *ecdsa.PublicKey:
		return k.Equal(b)
	case *rsa.PublicKey:
		return k.Equal(b)
	case ed25519.PublicKey:
		return k.Equal(b)
	}
	return false
}
