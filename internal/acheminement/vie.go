package acheminement

import (
	"fmt"
	"slices"
	"time"
)

// EtatFlux is a state that a flux goes through. ref: ROC §17.6
type EtatFlux string

// The states of a flux.
const (
	Envoye     EtatFlux = "ENVOYE"
	Recue      EtatFlux = "RECU"
	ControleOK EtatFlux = "CONTROLE_OK"
	ControleKO EtatFlux = "CONTROLE_KO"
	Liquide    EtatFlux = "LIQUIDE"
	Paye       EtatFlux = "PAYE"
	Rejete     EtatFlux = "REJETE"
	Acquitte   EtatFlux = "ACQUITTE"
)

// EtatsFlux lists the states, in the order in which a flux goes through them.
func EtatsFlux() []EtatFlux {
	return []EtatFlux{Envoye, Recue, ControleOK, ControleKO, Liquide, Paye, Rejete, Acquitte}
}

// Jalon is a state that a flux came to.
type Jalon struct {
	Flux    string // number of the flux, with the charset of a key
	Etat    EtatFlux
	Auteur  string // who says so: a structure
	Code    string // of a rejection; empty otherwise
	Message string // sealed message that says so, by its idMessage; may be empty
	Instant time.Time
}

// Verifier verifies a Jalon.
func (j *Jalon) Verifier() error {
	switch {
	case !motif.MatchString(j.Flux) || !motif.MatchString(j.Auteur):
		return fmt.Errorf("%w : flux ou auteur illisible", ErrEnvoi)
	case !slices.Contains(EtatsFlux(), j.Etat):
		return fmt.Errorf("%w : état de flux inconnu", ErrEnvoi)
	case j.Message != "" && !motif.MatchString(j.Message):
		return fmt.Errorf("%w : message illisible", ErrEnvoi)
	case len(j.Code) > 32 || !motifPrintAsc.MatchString(j.Code):
		return fmt.Errorf("%w : code illisible", ErrEnvoi)
	case j.Instant.IsZero():
		return fmt.Errorf("%w : instant absent", ErrEnvoi)
	}
	return nil
}

// GenreNotification is the genre of the message that tells a state to a partner.
const GenreNotification = "NOTIFICATION"

// Notification makes of a state, sealed by the caller, the message that tells it:
// its key is the flux, the state and the partner, so that it is one message however
// many times it is posted, and it keeps the order of its flux.
func Notification(j Jalon, destinataire, transport, adresse string, scelle []byte) *Envoi {
	return &Envoi{
		Destinataire: destinataire, Transport: transport, Adresse: adresse, Genre: GenreNotification,
		Cle: j.Flux + "." + string(j.Etat) + "." + destinataire, Ordre: j.Flux, Contenu: scelle, Instant: j.Instant,
	}
}

// Compare orders by instant, then as a flux goes.
func (j Jalon) Compare(k Jalon) int {
	if c := j.Instant.Compare(k.Instant); c != 0 {
		return c
	}
	return slices.Index(EtatsFlux(), j.Etat) - slices.Index(EtatsFlux(), k.Etat)
}
