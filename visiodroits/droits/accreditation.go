package droits

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/trame"
)

// Refusals of an accreditation.
var (
	ErrAccreditation = errors.New("droits: accréditation illisible ou incohérente")
	ErrFutur         = errors.New("droits: émis dans le futur : vérifier l'horloge")
)

const (
	espace            = "urn:x-ecluse:visiodroits:1"
	typJetonAccredite = "ecluse-accreditation+json"
	jetonMax          = 8 << 10
	avanceMax         = 300 * time.Second // of an issuer's clock. ref: VISIO §9.3
	versionProfil     = 1
)

// Perimetre is what an accreditation covers, among what the AMC covers.
// ref: VISIO §6, §13 (F704)
type Perimetre struct {
	_          struct{} `doc:"Ce que couvre une accréditation"`
	Categorie  string   `fil:"categorie,opt,max=10" doc:"Catégorie de professionnel : PHAR, LABO, OPTI…"`
	Convention string   `fil:"convention,opt,max=20" doc:"Convention de tiers payant"`
	Familles   []string `fil:"familles,opt,n=0..50,max=10" doc:"Familles de prestations ; absent : toutes celles des garanties"`
}

// Accreditation is the proof that, at that moment, its issuer recognised the right
// to tiers payant of a beneficiary. It names nobody. ref: VISIO §6
// hyp: ACCREDITATION-FORME
type Accreditation struct {
	_           struct{}            `doc:"Accréditation : preuve signée d'un droit au tiers payant"`
	Version     int                 `fil:"version,min=1,max=1" doc:"Version de la forme"`
	Numero      NumeroAccreditation `fil:"numero" doc:"Numéro, qui dit l'émetteur et le type"`
	Type        TypeAccreditation   `fil:"type" doc:"Normale, ou de dépannage"`
	AMC         sante.NumeroAMC     `fil:"amc" doc:"AMC qui garantit le paiement"`
	DroitsDebut sante.Jour          `fil:"droitsDebut" doc:"Premier jour de soins garanti"`
	DroitsFin   sante.Jour          `fil:"droitsFin" doc:"Dernier jour de soins garanti"`
	Emission    time.Time           `fil:"emission" doc:"Instant d'émission"`
	Perimetre   Perimetre           `fil:"perimetre" doc:"Ce qui est couvert"`
	// Beneficiaire is Personne.Empreinte, Garanties is EmpreinteGaranties.
	Beneficiaire Empreinte `fil:"beneficiaire" doc:"Empreinte du bénéficiaire, dont la clé est le numéro"`
	Garanties    Empreinte `fil:"garanties" doc:"Empreinte des garanties fournies avec elle"`
}

var planAccreditation = trame.Pour[Accreditation](espace)

// EmpreinteGaranties is the digest of the guarantees supplied with an
// accreditation, from their canonical octets.
func EmpreinteGaranties(canonique []byte) Empreinte { return sha256.Sum256(canonique) }

// Canonique are the octets that are signed (RFC 8785).
func (a *Accreditation) Canonique() []byte { return planAccreditation.AppendJSON(nil, a) }

// Emetteur is who answers for it: the AMC, or an operator.
func (a *Accreditation) Emetteur() sante.NumeroAMC { return a.Numero.Emetteur() }

// Concerne tells whether the accreditation is of that person.
func (a *Accreditation) Concerne(p Personne) bool {
	e := p.Empreinte(a.Numero)
	return subtle.ConstantTimeCompare(e[:], a.Beneficiaire[:]) == 1
}

// Couvre tells whether a day of care is within the rights.
func (a *Accreditation) Couvre(soins sante.Jour) bool {
	return soins >= a.DroitsDebut && soins <= a.DroitsFin
}

// coherente checks what the form alone does not.
func (a *Accreditation) coherente() bool {
	return a.Version == versionProfil && !a.Numero.IsZero() && a.Type == a.Numero.Type() && !a.AMC.IsZero() &&
		!a.DroitsDebut.IsZero() && a.DroitsDebut <= a.DroitsFin && !a.Emission.IsZero() &&
		!a.Beneficiaire.IsZero() && !a.Garanties.IsZero()
}

// Accreditee is an accreditation whose signature was verified, or made here: it
// has no other source than VerifierAccreditation and SignerAccreditation. The zero
// value is of no accreditation.
type Accreditee struct {
	a      Accreditation
	jeton  string
	kid    string
	finCle time.Time
}

// Accreditation is what was signed.
func (s Accreditee) Accreditation() Accreditation { return s.a }

// Jeton is the accreditation on the wire and on disk: a compact JWS whose payload
// is Canonique.
func (s Accreditee) Jeton() string { return s.jeton }

// Kid is the name of the key that signed.
func (s Accreditee) Kid() string { return s.kid }

// FinCle is when that key ends, excluded, as the list of keys that made it believed said;
// zero without end, and for one that was signed here.
func (s Accreditee) FinCle() time.Time { return s.finCle }

// IsZero tells whether there is no accreditation.
func (s Accreditee) IsZero() bool { return s.jeton == "" }

// Empreinte is the digest of the accreditation as it was signed, for the receipt
// and the invoice.
func (s Accreditee) Empreinte() Empreinte { return sha256.Sum256([]byte(s.jeton)) }

// SignerAccreditation signs with the P-256 key of the issuer, in memory or in a
// device. The version and the type are set from the number; the instant of issue
// is kept to the millisecond.
func SignerAccreditation(a Accreditation, kid string, cle crypto.Signer) (Accreditee, error) {
	a.Version, a.Type, a.Emission = versionProfil, a.Numero.Type(), a.Emission.UTC().Truncate(time.Millisecond)
	if !a.coherente() {
		return Accreditee{}, ErrAccreditation
	}
	if err := planAccreditation.Verify(&a); err != nil {
		return Accreditee{}, fmt.Errorf("%w: %w", ErrAccreditation, err)
	}
	jeton, err := jades.SignerNomme(a.Canonique(), kid, typJetonAccredite, cle)
	if err != nil {
		return Accreditee{}, fmt.Errorf("signer l'accréditation: %w", err)
	}
	return Accreditee{a: a, jeton: jeton, kid: kid}, nil
}

// VerifierAccreditation reads an accreditation and believes it or not, offline: the
// signature is of a key that its issuer had at the instant of issue, and an
// operator had the mandate of the AMC. That the accreditation still holds is
// another question: AvantFacture.
func VerifierAccreditation(jeton string, cles *Cles, maintenant time.Time) (Accreditee, error) {
	n, err := jades.LireNomme(jeton, jetonMax)
	if err != nil {
		return Accreditee{}, fmt.Errorf("%w: %w", ErrAccreditation, err)
	}
	if n.Type != typJetonAccredite {
		return Accreditee{}, ErrAccreditation
	}
	var a Accreditation
	if err := planAccreditation.DecodeJSON(n.Contenu, &a); err != nil {
		return Accreditee{}, fmt.Errorf("%w: %w", ErrAccreditation, err)
	}
	if !a.coherente() || !bytes.Equal(a.Canonique(), n.Contenu) {
		return Accreditee{}, ErrAccreditation
	}
	cle, err := cles.cle(a.Emetteur(), n.Kid, PourAccreditation, a.Emission)
	if err != nil {
		return Accreditee{}, err
	}
	if err := n.Verifier(cle.Publique); err != nil {
		return Accreditee{}, fmt.Errorf("accréditation %s: %w", a.Numero, err)
	}
	switch {
	case a.Emission.After(maintenant.Add(avanceMax)):
		return Accreditee{}, ErrFutur
	case !cles.PeutEmettre(a.Emetteur(), a.AMC, a.Type, a.Emission):
		return Accreditee{}, ErrMandat
	}
	return Accreditee{a, jeton, n.Kid, cle.Fin}, nil
}
