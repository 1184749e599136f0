package acheminement

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sante"
)

// Lettre is a message as a person sees it: no bytes.
type Lettre struct {
	Envoi    Envoi
	Etat     Etat
	Code     string // of the last failure
	Essais   int
	Depuis   time.Time // when it came to this state, or was last tried
	Prochain time.Time // when it is tried again; zero when it is not
	Retenus  int       // messages of the same Ordre that wait behind, at most RetenusMax
	Ecarte   bool      // put aside: only those that speak of the same things wait behind
	Gestes   []Geste   // only by Regarder
}

// RetenusMax bounds the count of what a dead letter holds back.
const RetenusMax = 1000

// Filtre chooses dead letters; its zero value chooses the first page of all.
type Filtre struct {
	Destinataire string
	Apres        time.Time // after this instant and key: the last of the page before
	ApresCle     string
	Max          int // default 100
}

// Reparation replaces what is not empty.
type Reparation struct {
	Transport string
	Adresse   string
	Contenu   []byte
	Reference string
	Taille    int64 // with Reference
	Empreinte [32]byte
}

// Verifier verifies a repair and completes its digest and size.
func (r *Reparation) Verifier() error {
	if len(r.Contenu) > 0 || r.Reference != "" {
		if err := preparerContenu(r.Contenu, r.Reference, &r.Taille, &r.Empreinte); err != nil {
			return err
		}
	}
	if r.Transport != "" && !motifCourt.MatchString(r.Transport) {
		return fmt.Errorf("%w : transport illisible", ErrEnvoi)
	}
	if r.Transport == "" && r.Adresse == "" && len(r.Contenu) == 0 && r.Reference == "" {
		return fmt.Errorf("%w : rien à réparer", ErrEnvoi)
	}
	return verifierAdresse(r.Adresse)
}

// Geste is what a person did to a message, and why.
type Geste struct {
	Action  Action
	Auteur  string // pseudonym
	Motif   string // no name, no patient
	Instant time.Time
	// Avant is the digest of the bytes replaced, in hexadecimal, and the address
	// replaced; filled by the store.
	Avant string
}

// Action is what a person can do.
type Action string

// The actions on a dead letter.
const (
	ActionReparer    Action = "REPARER"
	ActionRelancer   Action = "RELANCER"
	ActionAbandonner Action = "ABANDONNER"
)

// motifMax bounds the reason of a Geste, in characters.
const motifMax = 300

// Verifier verifies that somebody did it, for a reason.
func (g *Geste) Verifier() error {
	switch {
	case !motif.MatchString(g.Auteur) || len(g.Auteur) > 64:
		return fmt.Errorf("%w : auteur attendu, un pseudonyme de 64 caractères au plus", ErrEnvoi)
	case g.Motif == "" || !utf8.ValidString(g.Motif) || utf8.RuneCountInString(g.Motif) > motifMax:
		return fmt.Errorf("%w : motif attendu, %d caractères au plus", ErrEnvoi, motifMax)
	case sante.ContientNIR(g.Motif) || sante.ContientNIR(g.Auteur):
		return fmt.Errorf("%w : motif : %w", ErrEnvoi, sante.ErrTexteNIR)
	case g.Instant.IsZero():
		return fmt.Errorf("%w : instant absent", ErrEnvoi)
	}
	for _, r := range g.Motif {
		if unicode.IsControl(r) {
			return fmt.Errorf("%w : motif sur une seule ligne attendu", ErrEnvoi)
		}
	}
	return nil
}

// Charge is what waits for a partner, for the operator.
type Charge struct {
	Destinataire string
	Prets        int       // messages due or put off
	PlusAncien   time.Time // when the oldest was posted
	EssaisMax    int
}
