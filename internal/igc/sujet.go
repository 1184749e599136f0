package igc

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sante"
)

// ErrSujet: the name asked for is not of the form of its profile.
var ErrSujet = errors.New("igc: sujet refusé")

// Sujet is the holder of a certificate, before it becomes a name.
type Sujet struct {
	Departement  string // "Doubs (25)"; optional
	Organisation string // raison sociale
	Structure    string // Struct_IdNat: type digit then identifier
	CN           string // service name, FQDN, or INSI-AUTO / INSI-MANU

	// Persons: IdNatPS goes in CN, with GN and SN in one multi-valued RDN.
	Titre, Nom, Prenom, IdNatPS string
}

// marqueLabo is in every subject issued here. ref: PKI header
// hyp: LABO-OU as a second OU, where the test hierarchy writes "IGC-SANTE TEST".
const marqueLabo = "IGC-LABO"

var (
	oidC     = asn1.ObjectIdentifier{2, 5, 4, 6}
	oidST    = asn1.ObjectIdentifier{2, 5, 4, 8}
	oidO     = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidOU    = asn1.ObjectIdentifier{2, 5, 4, 11}
	oidCN    = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidSN    = asn1.ObjectIdentifier{2, 5, 4, 4}
	oidGN    = asn1.ObjectIdentifier{2, 5, 4, 42}
	oidTitre = asn1.ObjectIdentifier{2, 5, 4, 12}
)

// rdn writes the name in the forms of the sector. The encoder sorts the members of
// a multi-valued RDN, as DER asks. ref: PKI §4.3
func (s Sujet) rdn(personne bool) pkix.RDNSequence {
	var r pkix.RDNSequence
	un := func(oid asn1.ObjectIdentifier, v string) {
		if v != "" {
			r = append(r, pkix.RelativeDistinguishedNameSET{{Type: oid, Value: v}})
		}
	}
	un(oidC, "FR")
	un(oidST, s.Departement)
	un(oidO, s.Organisation)
	un(oidOU, s.Structure)
	un(oidOU, marqueLabo)
	if !personne {
		un(oidCN, s.CN)
		return r
	}
	un(oidTitre, s.Titre)
	return append(r, pkix.RelativeDistinguishedNameSET{
		{Type: oidGN, Value: s.Prenom}, {Type: oidSN, Value: s.Nom}, {Type: oidCN, Value: s.IdNatPS}})
}

// longueurs bounds the attributes. ref: RFC 5280 appendix A.1
var longueurs = []struct {
	nom string
	de  func(Sujet) string
	max int
}{
	{"organisation", func(s Sujet) string { return s.Organisation }, 64},
	{"département", func(s Sujet) string { return s.Departement }, 128},
	{"CN", func(s Sujet) string { return s.CN }, 64},
	{"titre", func(s Sujet) string { return s.Titre }, 64},
	{"nom", func(s Sujet) string { return s.Nom }, 40},
	{"prénom", func(s Sujet) string { return s.Prenom }, 16 * 4},
	{"IdNatPS", func(s Sujet) string { return s.IdNatPS }, 64},
}

// verifier refuses a subject that its profile does not allow.
func (s Sujet) verifier(personne bool) error {
	for _, l := range longueurs {
		v := l.de(s)
		if utf8.RuneCountInString(v) > l.max || !utf8.ValidString(v) || strings.ContainsFunc(v, controle) {
			return fmt.Errorf("%w: %s illisible ou de plus de %d caractères", ErrSujet, l.nom, l.max)
		}
	}
	if personne {
		return s.verifierPersonne()
	}
	if s.CN == "" || s.Organisation == "" {
		return fmt.Errorf("%w: CN et organisation sont obligatoires", ErrSujet)
	}
	return verifierStructure(s.Structure)
}

func controle(r rune) bool { return r < 0x20 || r == 0x7f }

func (s Sujet) verifierPersonne() error {
	if s.Nom == "" || s.Prenom == "" {
		return fmt.Errorf("%w: nom et prénom sont obligatoires", ErrSujet)
	}
	if err := verifierIdNat(s.IdNatPS); err != nil {
		return err
	}
	if s.Structure != "" {
		return verifierStructure(s.Structure)
	}
	return nil
}

// verifierStructure checks form and key of Struct_IdNat. ref: PKI §3 (TRE_G07)
func verifierStructure(s string) error {
	if len(s) < 2 {
		return fmt.Errorf("%w: identifiant de structure absent", ErrSujet)
	}
	var err error
	switch n := s[1:]; s[0] {
	case '1':
		_, err = sante.ParseFINESS(n)
	case '2':
		_, err = sante.ParseSIREN(n)
	case '3':
		_, err = sante.ParseSIRET(n)
	case '0', '4':
		if len(n) < 9 || len(n) > 20 {
			err = errors.New("longueur")
		}
	default:
		err = errors.New("type inconnu")
	}
	if err != nil {
		return fmt.Errorf("%w: identifiant de structure %q : %w", ErrSujet, s, err)
	}
	return nil
}

// verifierIdNat checks the form of IdNat_PS, and the key of a RPPS. The number
// itself is not repeated in the error. ref: PKI §3 (TRE_G08)
func verifierIdNat(s string) error {
	bad := fmt.Errorf("%w: identifiant national de la personne irrégulier", ErrSujet)
	if len(s) < 2 {
		return bad
	}
	local := func(n int) bool {
		avant, apres, ok := strings.Cut(s[1:], "/")
		return ok && len(avant) == n && apres != ""
	}
	ok := false
	switch s[0] {
	case '0':
		ok = len(s) == 10
	case '1':
		ok = strings.Contains(s, "/")
	case '3', '4':
		ok = local(9)
	case '5':
		ok = local(14)
	case '6':
		ok = local(11)
	case '8':
		_, err := sante.ParseRPPS(s[1:])
		ok = err == nil
	}
	if !ok {
		return bad
	}
	return nil
}
