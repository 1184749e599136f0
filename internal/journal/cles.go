package journal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// TableCles is the table to keep out of backups: see the package's text on
// erasure.
const TableCles = "journal_cle"

// Errors of keys.
var (
	// ErrCleMaitresse: the file of the master key cannot be used.
	ErrCleMaitresse = errors.New("journal: clé maîtresse refusée")
	// ErrEfface: the record was erased at its term.
	ErrEfface = errors.New("journal: contenu effacé à son terme")
	// ErrChiffre: a row does not decrypt: altered, or moved from another place.
	ErrChiffre = errors.New("journal: ligne altérée, elle ne se déchiffre pas")
)

// CleEnveloppee is a monthly key wrapped by the master key.
type CleEnveloppee struct {
	Tenant    string `json:"tenant"`
	Mois      string `json:"mois"`
	Classe    Classe `json:"classe"`
	Enveloppe []byte `json:"enveloppe"`
}

// CreerCleMaitresse writes a new master key in a file that must not exist,
// readable by its owner only.
func CreerCleMaitresse(chemin string) error {
	var k [32]byte
	rand.Read(k[:])
	f, err := os.OpenFile(chemin, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("journal: créer la clé maîtresse: %w", err)
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(k[:]) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("journal: créer la clé maîtresse: %w", err)
	}
	return nil
}

// Trousseau opens and makes the content keys. It is safe for concurrent use and
// may serve several tenants.
type Trousseau struct {
	maitre cipher.AEAD
	m      Cles
	tx     func(context.Context) bool

	porte sync.RWMutex
	prets map[cleContenu]cipher.AEAD
}

type cleContenu struct {
	tenant, mois string
	classe       Classe
}

func (c cleContenu) aad() []byte {
	return []byte("ecluse-journal-cle/1\n" + c.tenant + "\n" + c.mois + "\n" + string(c.classe))
}

// OuvrirTrousseau reads the master key, whose file must be closed to others.
func OuvrirTrousseau(chemin string, m Magasin) (*Trousseau, error) {
	texte, err := lireSecret(chemin)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCleMaitresse, err)
	}
	k, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(texte)))
	if err != nil || len(k) != 32 {
		return nil, fmt.Errorf("%w: attendu 32 octets en base64", ErrCleMaitresse)
	}
	return &Trousseau{maitre: aead(k), m: m, tx: m.EnTransaction, prets: make(map[cleContenu]cipher.AEAD)}, nil
}

// lireSecret reads a file that must be closed to others.
func lireSecret(chemin string) ([]byte, error) {
	info, err := os.Stat(chemin)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s est lisible par d'autres (droits %o, attendu 600)", chemin, info.Mode().Perm())
	}
	return os.ReadFile(chemin)
}

// aead makes AES-256-GCM; it cannot fail on a key of 32 octets.
func aead(k []byte) cipher.AEAD {
	b, err := aes.NewCipher(k)
	if err != nil {
		panic("journal: clé de mauvaise longueur")
	}
	g, err := cipher.NewGCM(b)
	if err != nil {
		panic("journal: GCM indisponible")
	}
	return g
}

// lire finds a key, in memory or in the store.
func (t *Trousseau) lire(ctx context.Context, c cleContenu) (cipher.AEAD, error) {
	t.porte.RLock()
	a := t.prets[c]
	t.porte.RUnlock()
	if a != nil {
		return a, nil
	}
	enveloppe, err := t.m.Cle(ctx, c.tenant, c.mois, c.classe)
	if err != nil {
		return nil, err
	}
	k, err := ouvrir(t.maitre, enveloppe, c.aad())
	if err != nil || len(k) != 32 {
		return nil, fmt.Errorf("%w: elle n'ouvre pas la clé %s/%s", ErrCleMaitresse, c.mois, c.classe)
	}
	a = aead(k)
	// Read inside a transaction, the key may vanish with it.
	if !t.tx(ctx) {
		t.porte.Lock()
		t.prets[c] = a
		t.porte.Unlock()
	}
	return a, nil
}

// obtenir finds a key, or makes it. Two nodes may make it together: the first
// row stays, both read it.
func (t *Trousseau) obtenir(ctx context.Context, c cleContenu) (cipher.AEAD, error) {
	a, err := t.lire(ctx, c)
	if !errors.Is(err, ErrAbsent) {
		return a, err
	}
	var k [32]byte
	rand.Read(k[:])
	err = t.m.PoserCle(ctx, CleEnveloppee{c.tenant, c.mois, c.classe, fermer(t.maitre, k[:], c.aad())})
	if err != nil {
		return nil, fmt.Errorf("journal: poser une clé: %w", err)
	}
	return t.lire(ctx, c)
}

// Preparer makes the keys of a tenant for the month and the next, so that no
// business transaction has to.
func (t *Trousseau) Preparer(ctx context.Context, tenant string, maintenant time.Time) error {
	premier := time.Date(maintenant.Year(), maintenant.Month(), 1, 0, 0, 0, 0, time.UTC)
	for _, c := range classes {
		for _, m := range []time.Time{maintenant.UTC(), premier.AddDate(0, 1, 0)} {
			if _, err := t.obtenir(ctx, cleContenu{tenant, m.Format(formatMois), c}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Trousseau) oublier(c cleContenu) {
	t.porte.Lock()
	delete(t.prets, c)
	t.porte.Unlock()
}

// SauvegarderCles writes the wrapped keys of all tenants, one JSON object a
// line. The file is to replace the previous one, never to be kept beside it.
func SauvegarderCles(ctx context.Context, m Cles, w io.Writer) error {
	l, err := m.ListerCles(ctx, "")
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	for _, k := range l {
		if err := e.Encode(k); err != nil {
			return fmt.Errorf("journal: sauvegarder les clés: %w", err)
		}
	}
	return nil
}

// RestaurerCles reads what SauvegarderCles wrote; keys already there stay.
func RestaurerCles(ctx context.Context, m Magasin, r io.Reader) error {
	var l []CleEnveloppee
	for d := json.NewDecoder(io.LimitReader(r, 64<<20)); ; {
		var k CleEnveloppee
		if err := d.Decode(&k); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("journal: restaurer les clés: %w", err)
		}
		l = append(l, k)
	}
	return m.Transaction(ctx, func(ctx context.Context) error {
		for _, k := range l {
			if err := m.PoserCle(ctx, k); err != nil {
				return err
			}
		}
		return nil
	})
}

// fermer encrypts: nonce ‖ ciphertext ‖ tag.
func fermer(a cipher.AEAD, clair, aad []byte) []byte {
	b := make([]byte, a.NonceSize(), a.NonceSize()+len(clair)+a.Overhead())
	return fermerSurPlace(a, append(b, clair...), aad)
}

// fermerSurPlace is fermer of what follows the room of a nonce in b, in the same
// memory when the tag fits.
func fermerSurPlace(a cipher.AEAD, b, aad []byte) []byte {
	n := a.NonceSize()
	rand.Read(b[:n])
	return a.Seal(b[:n], b[:n], b[n:], aad)
}

func ouvrir(a cipher.AEAD, chiffre, aad []byte) ([]byte, error) {
	n := a.NonceSize()
	if len(chiffre) < n {
		return nil, ErrChiffre
	}
	b, err := a.Open(nil, chiffre[:n], chiffre[n:], aad)
	if err != nil {
		return nil, ErrChiffre
	}
	return b, nil
}
