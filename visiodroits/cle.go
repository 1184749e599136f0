package visiodroits

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/trame"
)

// Recouvrement is how long a key and the one that replaces it both hold.
// ref: VISIO §10 (4)
const Recouvrement = 30 * 24 * time.Hour

// UsageCle is what a key is for: a key serves one purpose. ref: RFC 7517 §4.2
type UsageCle string

// The purposes.
const (
	PourAccreditation UsageCle = "ACCREDITATION" // signs accreditations and digital rights
	PourLAR           UsageCle = "LAR"           // signs lists of revoked accreditations
	PourChiffrement   UsageCle = "CHIFFREMENT"   // receives what is encrypted for the holder
)

// Codes is the closed list of purposes.
func (UsageCle) Codes() []string { return []string{"ACCREDITATION", "LAR", "CHIFFREMENT"} }

// JWK is a public key of P-256. ref: RFC 7517, RFC 7518 §6.2
type JWK struct {
	Courbe string `fil:"crv,max=5" doc:"Courbe : P-256"`
	Type   string `fil:"kty,max=2" doc:"Type de clé : EC"`
	X      string `fil:"x,min=43,max=43" doc:"Abscisse, base64url"`
	Y      string `fil:"y,min=43,max=43" doc:"Ordonnée, base64url"`
}

// JWKDe writes a public key; it must be of P-256.
func JWKDe(k *ecdsa.PublicKey) (JWK, error) {
	if k.Curve != elliptic.P256() {
		return JWK{}, entreeRefusee("clé d'une autre courbe que P-256")
	}
	b, err := k.Bytes()
	if err != nil {
		return JWK{}, entreeRefusee("clé hors de la courbe")
	}
	return JWK{Courbe: "P-256", Type: "EC", X: base64.RawURLEncoding.EncodeToString(b[1:33]), Y: base64.RawURLEncoding.EncodeToString(b[33:])}, nil
}

// Publique reads the key and checks that it is on its curve.
func (j JWK) Publique() (*ecdsa.PublicKey, error) {
	x, err1 := base64.RawURLEncoding.Strict().DecodeString(j.X)
	y, err2 := base64.RawURLEncoding.Strict().DecodeString(j.Y)
	if j.Type != "EC" || j.Courbe != "P-256" || err1 != nil || err2 != nil || len(x) != 32 || len(y) != 32 {
		return nil, entreeRefusee("clé publique P-256 attendue")
	}
	k, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	if err != nil {
		return nil, entreeRefusee("clé hors de la courbe")
	}
	return k, nil
}

// Empreinte is the thumbprint of the key, a good name for it. ref: RFC 7638 §3
func (j JWK) Empreinte() Kid {
	d := sha256.Sum256([]byte(`{"crv":"` + j.Courbe + `","kty":"` + j.Type + `","x":"` + j.X + `","y":"` + j.Y + `"}`))
	return Kid(base64.RawURLEncoding.EncodeToString(d[:]))
}

// CleEmetteur is a public key of an issuer of accreditations or of the third
// party. ref: VISIO §6, §10, §12
type CleEmetteur struct {
	_          struct{}  `doc:"Une clé publique d'un émetteur d'accréditations ou du tiers de confiance."`
	Kid        Kid       `fil:"kid" doc:"Nom de la clé"`
	Titulaire  Emetteur  `fil:"titulaire,max=20" doc:"À qui elle est"`
	Usage      UsageCle  `fil:"usage" doc:"À quoi elle sert"`
	JWK        JWK       `fil:"cle" doc:"La clé"`
	Debut      time.Time `fil:"debut" doc:"Premier instant où elle sert"`
	Fin        time.Time `fil:"fin" doc:"Dernier instant où elle sert"`
	Compromise time.Time `fil:"compromise,opt" doc:"Depuis quand on sait qu'elle est en d'autres mains : elle ne prouve plus rien"`

	publique *ecdsa.PublicKey `fil:"-"`
}

var planCle = trame.Pour[CleEmetteur](Espace)

// Cle names the entry: a key has one name, whoever holds it.
func (k CleEmetteur) Cle() string { return string(k.Kid) }

func (CleEmetteur) genre() Genre                   { return GenreCertificats }
func (CleEmetteur) plan() *trame.Plan[CleEmetteur] { return planCle }
func (k CleEmetteur) titre() string                { return string(k.Kid) }
func (k CleEmetteur) sujet() string                { return sansZeros(string(k.Titulaire)) }
func (k *CleEmetteur) role() string                { return string(k.Titulaire) + "|" + string(k.Usage) }
func (k *CleEmetteur) preparer()                   { k.publique, _ = k.JWK.Publique() }
func (CleEmetteur) ensemble(l []CleEmetteur) error { return relais(l) }

// Valider checks a key by itself.
func (k CleEmetteur) Valider() error {
	if _, err := k.JWK.Publique(); err != nil {
		return err
	}
	if k.Debut.IsZero() || !k.Fin.After(k.Debut) {
		return entreeRefusee("période de clé incohérente")
	}
	return nil
}

// Publique is the key, checked when the list was read.
func (k *CleEmetteur) Publique() (*ecdsa.PublicKey, error) {
	if k.publique != nil {
		return k.publique, nil
	}
	return k.JWK.Publique()
}

// sert tells whether the key holds at an instant.
func (k *CleEmetteur) sert(t time.Time) bool {
	return !t.Before(k.Debut) && !t.After(k.Fin) && k.Compromise.IsZero()
}

// relais checks that keys of one holder and purpose overlap long enough for
// nobody to be caught between two, unless the first is compromised.
// ref: VISIO §10 (4)
func relais(l []CleEmetteur) error {
	l = slices.Clone(l)
	slices.SortFunc(l, func(a, b CleEmetteur) int {
		if x := strings.Compare(a.role(), b.role()); x != 0 {
			return x
		}
		return a.Debut.Compare(b.Debut)
	})
	for i := 1; i < len(l); i++ {
		a, b := &l[i-1], &l[i]
		if a.role() == b.role() && a.Compromise.IsZero() && a.Fin.Sub(b.Debut) < Recouvrement {
			return entreeRefusee("clés %s et %s : 30 jours de recouvrement attendus", a.Kid, b.Kid)
		}
	}
	return nil
}
