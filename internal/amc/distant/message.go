package distant

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// EnteteSceau is the HTTP header of the seal.
const EnteteSceau = "Ecluse-Sceau"

// TailleMax bounds a question or an answer.
const TailleMax = 1 << 20

// Question is the body of a call.
type Question struct {
	AMC             sante.NumeroAMC      `json:"amc"`
	ID              string               `json:"id"` // drawn for each call
	Instant         time.Time            `json:"instant"`
	Jour            sante.Jour           `json:"jour"`
	NumeroAdherent  sante.NumeroAdherent `json:"numeroAdherent,omitzero"`
	NIRBeneficiaire sante.NIR            `json:"nirBeneficiaire,omitzero"`
	NIRAssure       sante.NIR            `json:"nirAssure,omitzero"`
}

// Reponse is the body of an answer. Contrats are kept as they came.
type Reponse struct {
	EmpreinteQuestion string             `json:"empreinteQuestion"`
	Beneficiaires     []amc.Beneficiaire `json:"beneficiaires"`
	Contrats          []json.RawMessage  `json:"contrats"`
}

// ErrReponse wraps every defect of an answer.
var ErrReponse = errors.New("réponse du système de l'AMC refusée")

// Ecrire gives the canonical form of a message.
func Ecrire(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("écrire un message: %w", err)
	}
	return jcs.Canoniser(make([]byte, 0, len(b)), b, jcs.Limites{Taille: TailleMax})
}

// Empreinte is the digest that an answer carries of its question.
func Empreinte(question []byte) string {
	h := sha256.Sum256(question)
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// Lire reads a message that a seal was verified over: unknown fields are refused.
func Lire(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w : JSON illisible ou champ inconnu", ErrReponse) // the cause could hold a value
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w : texte après l'objet", ErrReponse)
	}
	return nil
}
