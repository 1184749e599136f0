package acheminement

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Envoi is a sealed message to a partner. Its bytes are opaque here.
type Envoi struct {
	// Tenant is who sends; a store fills it and refuses another's.
	Tenant string
	// Destinataire is the partner: an AMC or FINESS number. Turns, ceilings and
	// pauses are his.
	Destinataire string
	// Transport names the way ("https", "depot"), a key of Options.Transports.
	Transport string
	// Adresse is where, in the words of the transport.
	Adresse string
	// Genre is what the partner must do with it (a flux, a return, a notification).
	Genre string
	// Cle is unique: the same key posted twice is one Envoi. The partner receives
	// it and has the effect of the message once.
	Cle string
	// Ordre, when not empty, is what the message must be kept in order with: an
	// invoice number for instance.
	Ordre string
	// Contenu is the bytes, when they are at most ContenuMax.
	Contenu []byte
	// Reference names bytes that the port Contenus opens when they leave; Taille
	// and Empreinte are then due. Contenu is nil.
	Reference string
	// Taille is the number of bytes; computed from Contenu.
	Taille int64
	// Empreinte is the SHA-256 of the bytes; computed from Contenu.
	Empreinte [32]byte
	// Instant is when it is posted.
	Instant time.Time
}

// Bounds of an Envoi.
const (
	ContenuMax = 8 << 20 // bytes kept in the queue itself

	// PetitContenu is how many bytes are read with the message that is taken; those
	// of a larger one are read when it leaves.
	PetitContenu = 64 << 10

	cleMax     = 128
	adresseMax = 512
)

var (
	// A key is also the name of a file and a field of a header.
	motif         = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$`)
	motifCourt    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$`)
	motifPrintAsc = regexp.MustCompile(`^[\x21-\x7e]*$`)
)

// ErrEnvoi: what was posted does not hold together.
var ErrEnvoi = errors.New("acheminement: envoi refusé")

// CleValide tells whether a text may be a key: up to 128 letters, digits and
// ". _ ~ -", the first a letter or a digit.
func CleValide(s string) bool { return motif.MatchString(s) }

// GenreValide tells whether a text may be a genre: up to 32 letters, digits and
// "_ -", the first a letter or a digit.
func GenreValide(s string) bool { return motifCourt.MatchString(s) }

// Preparer verifies an Envoi and completes its digest and size. A store calls it
// before it writes.
func (e *Envoi) Preparer() error {
	switch {
	case !motif.MatchString(e.Cle):
		return fmt.Errorf("%w : clé attendue de 1 à %d caractères parmi A-Z a-z 0-9 . _ ~ -", ErrEnvoi, cleMax)
	case !motif.MatchString(e.Destinataire) || len(e.Destinataire) > 64:
		return fmt.Errorf("%w : destinataire illisible", ErrEnvoi)
	case !motifCourt.MatchString(e.Transport) || !motifCourt.MatchString(e.Genre):
		return fmt.Errorf("%w : transport ou genre illisible", ErrEnvoi)
	case e.Ordre != "" && !motif.MatchString(e.Ordre):
		return fmt.Errorf("%w : ordre illisible", ErrEnvoi)
	case e.Instant.IsZero():
		return fmt.Errorf("%w : instant absent", ErrEnvoi)
	}
	if err := verifierAdresse(e.Adresse); err != nil {
		return err
	}
	return preparerContenu(e.Contenu, e.Reference, &e.Taille, &e.Empreinte)
}

func verifierAdresse(s string) error {
	if len(s) > adresseMax || !motifPrintAsc.MatchString(s) {
		return fmt.Errorf("%w : adresse illisible", ErrEnvoi)
	}
	return nil
}

func preparerContenu(contenu []byte, reference string, taille *int64, empreinte *[32]byte) error {
	switch {
	case (len(contenu) == 0) == (reference == ""):
		return fmt.Errorf("%w : un contenu ou une référence", ErrEnvoi)
	case len(contenu) > ContenuMax:
		return fmt.Errorf("%w : plus de %d octets, passer par une référence", ErrEnvoi, ContenuMax)
	case len(reference) > adresseMax || !motifPrintAsc.MatchString(reference):
		return fmt.Errorf("%w : référence illisible", ErrEnvoi)
	case reference != "" && (*taille <= 0 || bytes.Equal(empreinte[:], make([]byte, 32))):
		return fmt.Errorf("%w : taille et empreinte attendues avec une référence", ErrEnvoi)
	}
	if reference == "" {
		*taille, *empreinte = int64(len(contenu)), sha256.Sum256(contenu)
	}
	return nil
}

// Etat is where an Envoi stands.
type Etat string

// The states of an Envoi.
const (
	EnAttente Etat = "ATTENTE"   // behind another of the same Ordre
	Retenu    Etat = "RETENU"    // speaks of what a message put aside before it speaks of
	Pret      Etat = "PRET"      // due, or being delivered, or put back for later
	Livre     Etat = "LIVRE"     // delivered
	Mort      Etat = "MORT"      // dead letter: a person decides
	Abandonne Etat = "ABANDONNE" // by a person
)
