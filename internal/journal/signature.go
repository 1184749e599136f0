package journal

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/ecluse-sante/ecluse/preuve"
)

// CreerCleSignature makes a tenant's signing key in a file that must not exist,
// readable by its owner only, and gives the public key. nom becomes the origin
// of the tenant's first log: a name without space nor '+', such as
// "exemple.fr/journal/amc-1". The file holds the secret key, then the public one.
func CreerCleSignature(chemin, nom string) (preuve.Cle, error) {
	secrete, publique, err := note.GenerateKey(rand.Reader, nom)
	if err != nil {
		return preuve.Cle{}, fmt.Errorf("journal: faire une clé de signature: %w", err)
	}
	cle, err := preuve.ParseCle(publique)
	if err != nil {
		return cle, fmt.Errorf("journal: nom de journal %q refusé: %w", nom, err)
	}
	f, err := os.OpenFile(chemin, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return cle, fmt.Errorf("journal: créer la clé de signature: %w", err)
	}
	_, err = f.WriteString(secrete + "\n" + publique + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return cle, fmt.Errorf("journal: créer la clé de signature: %w", err)
	}
	return cle, nil
}

// LireCleSignature reads what CreerCleSignature wrote.
func LireCleSignature(chemin string) (note.Signer, preuve.Cle, error) {
	b, err := lireSecret(chemin)
	if err != nil {
		return nil, preuve.Cle{}, fmt.Errorf("journal: lire la clé de signature: %w", err)
	}
	lignes := strings.Fields(string(b))
	if len(lignes) != 2 {
		return nil, preuve.Cle{}, fmt.Errorf("journal: clé de signature %s illisible", chemin)
	}
	s, err := note.NewSigner(lignes[0])
	if err != nil {
		return nil, preuve.Cle{}, fmt.Errorf("journal: clé de signature %s illisible", chemin) // never the secret
	}
	cle, err := preuve.ParseCle(lignes[1])
	return s, cle, err
}

// SignataireDe makes a signer of any Ed25519 key that can sign, one kept in a
// hardware module for instance.
func SignataireDe(nom string, signer func(msg []byte) ([]byte, error), publique ed25519.PublicKey) (note.Signer, preuve.Cle, error) {
	texte, err := note.NewEd25519VerifierKey(nom, publique)
	if err != nil {
		return nil, preuve.Cle{}, fmt.Errorf("journal: clé de signature: %w", err)
	}
	v, err := note.NewVerifier(texte)
	if err != nil {
		return nil, preuve.Cle{}, fmt.Errorf("journal: clé de signature: %w", err)
	}
	cle, err := preuve.ParseCle(texte)
	return externe{v, signer}, cle, err
}

type externe struct {
	v      note.Verifier
	signer func([]byte) ([]byte, error)
}

func (e externe) Name() string                    { return e.v.Name() }
func (e externe) KeyHash() uint32                 { return e.v.KeyHash() }
func (e externe) Sign(msg []byte) ([]byte, error) { return e.signer(msg) }
