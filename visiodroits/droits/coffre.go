package droits

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// Refusals of the store's file.
var (
	ErrMagasinAltere  = errors.New("droits: fichier altéré : le mettre de côté et repartir d'un fichier neuf, les droits se redemandent")
	ErrCleMagasin     = errors.New("droits: ce n'est pas la clé de ce fichier")
	ErrVersionMagasin = errors.New("droits: fichier d'une version plus récente : mettre le logiciel à jour")
	ErrRetourMagasin  = errors.New("droits: fichier plus ancien que le repère donné : une vieille copie a été remise")
	ErrMagasinTenu    = errors.New("droits: ce fichier est tenu par un autre programme : fermer celui-ci, ou donner à chaque poste son propre fichier")
	ErrMagasinPartage = errors.New("droits: ce fichier a été changé ou remplacé par un autre programme : fermer, puis ouvrir de nouveau")
	ErrMagasinPanne   = errors.New("droits: le disque a failli : fermer, puis ouvrir de nouveau")
	ErrMagasinFerme   = errors.New("droits: magasin fermé")
	ErrTropGrand      = errors.New("droits: trop grand pour un enregistrement")
)

// The file is a head and a log of sealed records:
//
//	head    magic 8 ‖ version 2 ‖ zero 2 ‖ CRC-32 4 ‖ generation 8 ‖ id 16 ‖ salt 32 ‖ MAC 16
//	record  length 4 ‖ MAC 12 ‖ nonce 12 ‖ AES-256-GCM(operations) ‖ tag 16
//
// Keys are derived from the caller's and from the salt, which is new at each
// generation. A record is sealed with its rank, its length and the tag of the one
// before (the MAC of the head, for the first): none can be changed, moved, taken out
// or put in. Its length has a MAC of its own, so that what is cut at the end, by a
// process killed in a write, is told from what was altered: only the first is
// forgiven, and what it loses was never acknowledged. A file cut between two records
// is a file of an earlier moment; Magasin.Repere is for those who want to see that.
// hyp: MAGASIN-FORME
const (
	magie             = "ECLUSEPS"
	versionCoffre     = 1
	tailleMAC         = 16
	tailleEntete      = 8 + 2 + 2 + 4 + 8 + 16 + 32 + tailleMAC
	tailleTete        = 4 + 12
	surcout           = 12 + 16 // of a sealed record: nonce and tag
	enregistrementMax = 256 << 20
	longueurCle       = 32
)

// lien is what ties a record to the one before.
type lien [tailleMAC]byte

// generation is a file from its making to the compaction that replaces it.
type generation struct {
	numero uint64
	id     [16]byte // of the store, the same in all generations
	sel    [32]byte
	mac    lien // of the head
	cleMAC []byte
	aead   cipher.AEAD
}

// deriver makes a key for one purpose.
func deriver(maitre, sel []byte, usage string) []byte {
	k, err := hkdf.Key(sha256.New, maitre, sel, "ecluse-magasin/1 "+usage, longueurCle)
	if err != nil {
		panic("droits: longueur de clé dérivée impossible") // 32 octets always can
	}
	return k
}

// nouvelleGeneration draws the salt of a new file.
func nouvelleGeneration(maitre []byte, numero uint64, id [16]byte) (*generation, error) {
	g := &generation{numero: numero, id: id}
	rand.Read(g.sel[:]) // does not fail. ref: crypto/rand
	if err := g.preparer(maitre); err != nil {
		return nil, err
	}
	g.mac = g.authentifier(g.entete())
	return g, nil
}

func (g *generation) preparer(maitre []byte) error {
	bloc, err := aes.NewCipher(deriver(maitre, g.sel[:], "enregistrements"))
	if err != nil {
		return err
	}
	g.cleMAC = deriver(maitre, g.sel[:], "têtes")
	g.aead, err = cipher.NewGCMWithRandomNonce(bloc)
	return err
}

// entete is the head without its MAC.
func (g *generation) entete() []byte {
	b := append(make([]byte, 0, tailleEntete), magie...)
	b = binary.BigEndian.AppendUint16(b, versionCoffre)
	b = append(b, 0, 0, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint64(b, g.numero)
	b = append(append(b, g.id[:]...), g.sel[:]...)
	binary.BigEndian.PutUint32(b[12:], crc32.ChecksumIEEE(b))
	return b
}

func (g *generation) authentifier(b []byte) lien {
	h := hmac.New(sha256.New, g.cleMAC)
	h.Write(b)
	return lien(h.Sum(nil)[:tailleMAC])
}

// lireEntete reads the head of a file. The checksum tells a damaged head from a
// wrong key.
func lireEntete(b, maitre []byte) (*generation, error) {
	switch {
	case len(b) != tailleEntete || !bytes.HasPrefix(b, []byte(magie)):
		return nil, ErrMagasinAltere
	case binary.BigEndian.Uint16(b[8:]) > versionCoffre:
		return nil, ErrVersionMagasin
	}
	g := &generation{numero: binary.BigEndian.Uint64(b[16:]), id: [16]byte(b[24:]), sel: [32]byte(b[40:]), mac: lien(b[72:])}
	if !bytes.Equal(g.entete(), b[:72]) {
		return nil, ErrMagasinAltere
	}
	if err := g.preparer(maitre); err != nil {
		return nil, err
	}
	if m := g.authentifier(b[:72]); !hmac.Equal(m[:], g.mac[:]) {
		return nil, ErrCleMagasin
	}
	return g, nil
}

// contexte is what a record is sealed with beside its contents.
func contexte(rang uint64, longueur int, avant lien) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8+4+tailleMAC), rang)
	b = binary.BigEndian.AppendUint32(b, uint32(longueur))
	return append(b, avant[:]...)
}

// sceller appends a record to dst.
func (g *generation) sceller(dst, clair []byte, rang uint64, avant lien) ([]byte, lien) {
	aad := contexte(rang, len(clair), avant)
	mac := g.authentifier(aad)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(clair)))
	dst = append(dst, mac[:tailleTete-4]...)
	dst = g.aead.Seal(dst, nil, clair, aad)
	return dst, lien(dst[len(dst)-tailleMAC:])
}

// longueur reads the head of a record, false when it is not that of the record of
// this rank.
func (g *generation) longueur(tete []byte, rang uint64, avant lien) (int, bool) {
	n := int(binary.BigEndian.Uint32(tete))
	mac := g.authentifier(contexte(rang, n, avant))
	return n, hmac.Equal(mac[:tailleTete-4], tete[4:tailleTete])
}

// ouvrir opens the sealed part of a record.
func (g *generation) ouvrir(scelle []byte, rang uint64, avant lien) ([]byte, lien, error) {
	clair, err := g.aead.Open(nil, nil, scelle, contexte(rang, len(scelle)-surcout, avant))
	if err != nil {
		return nil, lien{}, ErrMagasinAltere
	}
	return clair, lien(scelle[len(scelle)-tailleMAC:]), nil
}
