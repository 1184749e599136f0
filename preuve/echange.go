package preuve

import (
	"errors"
	"fmt"
	"time"
)

// Echange is one exchange with all the evidence that a party holds of it. Its
// JSON form is complete: verification needs nothing but the journal's public
// key, and what the caller knows of seals.
type Echange struct {
	// Record is the trace's text, the very octets that were hashed: a string in
	// JSON, so that no tool may rewrite it on the way.
	Record string `json:"trace"`
	Sel    []byte `json:"sel"`
	// Inclusion ties the leaf to a signed checkpoint.
	Inclusion Inclusion `json:"inclusion"`
	// Question and Reponse are the sealed octets; nil when not kept.
	Question []byte `json:"question,omitempty"`
	Reponse  []byte `json:"reponse,omitempty"`
	// ChaineQuestion and ChaineReponse are DER certificates, sealer first.
	ChaineQuestion [][]byte `json:"chaineQuestion,omitempty"`
	ChaineReponse  [][]byte `json:"chaineReponse,omitempty"`
	// Revocations are the DER lists that judged the seals.
	Revocations [][]byte `json:"revocations,omitempty"`
	// Horodatage is an RFC 3161 token over the checkpoint, DER; nil when none.
	Horodatage []byte `json:"horodatage,omitempty"`
}

// SceauDe is what a VerifierSceau is given to judge.
type SceauDe struct {
	Message []byte
	// Chaine may be empty when the message carries its certificates.
	Chaine      [][]byte
	Revocations [][]byte
	// Instant is when the seal is to be judged: the checkpoint's.
	Instant time.Time
}

// Sceau is a seal found good.
type Sceau struct {
	// Structure sealed the message, named as traces name structures.
	Structure string
	// Empreinte is the SHA-256 of what the message seals, in hexadecimal: what
	// traces hold. The octets around it (the seal itself, the relays crossed)
	// change on the way.
	Empreinte string
	// Question is, in an answer, the digest of the question that it seals, in
	// hexadecimal; "" when it seals none.
	Question string
}

// VerifierSceau judges a sealed message. It is the caller's: seals have their
// own packages.
type VerifierSceau func(SceauDe) (Sceau, error)

// ErrEchange: the evidence of an exchange does not hold together.
var ErrEchange = errors.New("preuve: évidence refusée")

// Constat is what the evidence of one party proves.
type Constat struct {
	Trace Trace
	Point PointControle
	// Question and Reponse say what was found of each message.
	Question, Reponse Message
}

// Message is what was found of a sealed message.
type Message struct {
	// Presente: the octets are in the evidence. Those whose seal is verified have
	// the digest of the trace.
	Presente bool
	// Empreinte is the digest written in the trace.
	Empreinte string
	// Sceau is the seal, when it verifies.
	Sceau Sceau
	// Verifie: the seal was looked at, and is good.
	Verifie bool
	// Refus is why the seal was not found good; nil when it was, or was not
	// looked at.
	Refus error
}

// Verifier checks all that can be: the checkpoint's signature, the inclusion of
// the leaf, the record against the leaf, and, when sceau is not nil, the seals and
// the messages against the record. A bad seal is a fact reported, not an error:
// a party may hold the proof that it refused a bad message.
func (e Echange) Verifier(cle Cle, sceau VerifierSceau) (Constat, error) {
	var c Constat
	var err error
	if c.Point, err = e.Inclusion.Verifier(cle); err != nil {
		return c, err
	}
	if len(e.Sel) != TailleSel || Feuille(e.Sel, []byte(e.Record)) != e.Inclusion.Feuille {
		return c, fmt.Errorf("%w: la trace n'a pas l'empreinte de sa feuille", ErrEchange)
	}
	if c.Trace, err = ParseTrace([]byte(e.Record)); err != nil {
		return c, err
	}
	c.Question, err = e.message("question", e.Question, c.Trace.EmpreinteQuestion, e.ChaineQuestion, c.Point.Instant, sceau)
	if err != nil {
		return c, err
	}
	c.Reponse, err = e.message("réponse", e.Reponse, c.Trace.EmpreinteReponse, e.ChaineReponse, c.Point.Instant, sceau)
	return c, err
}

func (e Echange) message(nom string, octets []byte, empreinte string, chaine [][]byte, instant time.Time, sceau VerifierSceau) (Message, error) {
	m := Message{Empreinte: empreinte, Presente: octets != nil}
	if !m.Presente {
		return m, nil
	}
	if sceau == nil {
		return m, nil // what octets seal is for who knows seals
	}
	m.Sceau, m.Refus = sceau(SceauDe{octets, chaine, e.Revocations, instant})
	m.Verifie = m.Refus == nil
	if m.Verifie && m.Sceau.Empreinte != empreinte {
		return m, fmt.Errorf("%w: la %s jointe n'a pas l'empreinte inscrite au journal", ErrEchange, nom)
	}
	return m, nil
}
