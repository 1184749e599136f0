package igc

import (
	"context"
	"crypto"
	"errors"
	"math/big"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// Errors of the ports.
var (
	// ErrInconnu: no such certificate, list or authority.
	ErrInconnu = errors.New("igc: objet inconnu")
	// ErrNumeroPris: the serial number or list number is already written down.
	ErrNumeroPris = errors.New("igc: numéro déjà pris")
	// ErrEtat: the certificate is not in a state that allows the change.
	ErrEtat = errors.New("igc: l'état du certificat ne le permet pas")
)

// Registre is where issuances, revocations and published lists are written down.
// Every method is safe for concurrent use, between processes too.
type Registre interface {
	// Ecrire writes fiches down, all or none, durably before it returns.
	// ErrNumeroPris when a serial number exists for that authority.
	Ecrire(ctx context.Context, fiches []Fiche) error
	// Fiche reads one; ErrInconnu when it is not there.
	Fiche(ctx context.Context, ac, serie string) (Fiche, error)
	// Lister reads fiches in the order of issuance.
	Lister(ctx context.Context, f Filtre) ([]Fiche, error)
	// Revoquer changes the state of a certificate in one step, if it is still in
	// one of the states depuis; ErrEtat otherwise, ErrInconnu when it is not there.
	Revoquer(ctx context.Context, ac, serie string, depuis []Etat, r Revocation) error
	// Changes lists the certificates of an authority that a list must mention:
	// revoked or suspended, plus those resumed, whose state changed at or after
	// depuis and that expire at or after vivants. The certificates themselves may be
	// left out: a list needs their numbers.
	Changes(ctx context.Context, ac string, depuis, vivants time.Time) ([]Fiche, error)
	// CleCompromise says whether a key was revoked as compromised.
	CleCompromise(ctx context.Context, empreinteCle string) (bool, error)

	// EcrireListe writes a list down; ErrNumeroPris when the number exists for that
	// authority. It may drop lists that are no longer the current ones.
	EcrireListe(ctx context.Context, l Liste) error
	// DerniereListe reads the current full list (delta false) or the delta of an
	// authority; ErrInconnu when there is none.
	DerniereListe(ctx context.Context, ac string, delta bool) (Liste, error)
}

// Coffre keeps the authorities: their certificates, and the keys or the way to
// them.
type Coffre interface {
	// NouvelleCle makes and keeps a key for an authority.
	NouvelleCle(ctx context.Context, ac string, algo Algorithme) (crypto.Signer, error)
	// EcrireAC keeps an authority whose key is there already.
	EcrireAC(ctx context.Context, a AC) error
	// ACs gives the authorities with their keys, in a fixed order.
	ACs(ctx context.Context) ([]AC, error)
}

// Etat is the state of a certificate; the zero value is "not said".
type Etat string

// The states.
const (
	EtatValide   Etat = "valide"
	EtatSuspendu Etat = "suspendu"
	EtatRevoque  Etat = "revoque"
)

// Fiche is what the registry knows of one certificate.
type Fiche struct {
	AC               string    `json:"ac"`
	Serie            string    `json:"serie"` // hexadecimal, lower case
	Profil           Profil    `json:"profil"`
	Sujet            string    `json:"sujet"`               // RFC 4514
	Structure        string    `json:"structure,omitempty"` // Struct_IdNat
	EmpreinteDemande string    `json:"empreinteDemande"`    // SHA-256 of the PKCS#10, or of the public key
	EmpreinteCert    string    `json:"empreinteCert"`
	EmpreinteCle     string    `json:"empreinteCle"`         // SHA-256 of the SubjectPublicKeyInfo
	CleServeur       bool      `json:"cleServeur,omitempty"` // clé générée par le serveur. ref: PKI §10
	Par              string    `json:"par"`                  // who asked
	Remplace         string    `json:"remplace,omitempty"`   // serial number renewed by this one
	EmisLe           time.Time `json:"emisLe"`
	Debut            time.Time `json:"debut"`
	Fin              time.Time `json:"fin"`
	DER              []byte    `json:"der"`

	Etat       Etat       `json:"etat"`
	Revocation Revocation `json:"revocation,omitzero"`
}

// Revocation is the last change of state of a certificate.
type Revocation struct {
	Etat     Etat              `json:"etat"` // the new state; EtatValide when a suspension is lifted
	Raison   certificat.Raison `json:"raison,omitempty"`
	Le       time.Time         `json:"le"`
	Invalide time.Time         `json:"invalide,omitzero"` // since when the key is not to be trusted; zero when not said
	Par      string            `json:"par"`
}

// Filtre chooses fiches; the zero value takes all, a thousand at most.
type Filtre struct {
	AC, Structure string
	Profil        Profil
	Etat          Etat
	ExpireAvant   time.Time
	Max           int
}

// Liste is a published revocation list.
type Liste struct {
	AC        string    `json:"ac"`
	Numero    int64     `json:"numero"`
	Base      int64     `json:"base,omitempty"` // of a delta; 0 for a full list
	Emission  time.Time `json:"emission"`
	Prochaine time.Time `json:"prochaine"`
	Nombre    int       `json:"nombre"`
	DER       []byte    `json:"der"`
}

// Delta says whether the list is a delta.
func (l Liste) Delta() bool { return l.Base != 0 }

func (l Liste) numero() *big.Int { return big.NewInt(l.Numero) }

// Limite is how many fiches a filter takes at most.
func (f Filtre) Limite() int {
	if f.Max <= 0 {
		return 1000
	}
	return f.Max
}

// Retient says whether a fiche is of those the filter takes.
func (f Filtre) Retient(x Fiche) bool {
	return (f.AC == "" || f.AC == x.AC) && (f.Structure == "" || f.Structure == x.Structure) &&
		(f.Profil == "" || f.Profil == x.Profil) && (f.Etat == "" || f.Etat == x.Etat) &&
		(f.ExpireAvant.IsZero() || x.Fin.Before(f.ExpireAvant))
}

// Compromission says whether a reason means that the key is in other hands.
func Compromission(r certificat.Raison) bool {
	return r == certificat.RaisonCleCompromise || r == certificat.RaisonACCompromise
}
