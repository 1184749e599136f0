package certificat

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"log/slog"
	"regexp"
	"strings"
)

var (
	oidCN    = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidSN    = asn1.ObjectIdentifier{2, 5, 4, 4}
	oidST    = asn1.ObjectIdentifier{2, 5, 4, 8}
	oidO     = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidOU    = asn1.ObjectIdentifier{2, 5, 4, 11}
	oidTitre = asn1.ObjectIdentifier{2, 5, 4, 12}
	oidGN    = asn1.ObjectIdentifier{2, 5, 4, 42}
)

// Identite is who a certificate speaks of, read from its structured name.
type Identite struct {
	Structure       string   `json:"structure,omitempty"`    // Struct_IdNat of the OU: type digit then identifier
	CN              string   `json:"cn,omitempty"`           // service name, or the person's IdNat_PS
	Organisation    string   `json:"organisation,omitempty"` // raison sociale
	Departement     string   `json:"departement,omitempty"`  // "Doubs (25)"
	IdNatPS         string   `json:"idNatPS,omitempty"`      // national identifier, persons only
	Nom             string   `json:"nom,omitempty"`
	Prenom          string   `json:"prenom,omitempty"`
	Titre           string   `json:"titre,omitempty"` // profession label
	DN              string   `json:"dn"`              // RFC 4514
	Emetteur        string   `json:"emetteur"`        // RFC 4514
	EmetteurCN      string   `json:"emetteurCN"`
	Serie           string   `json:"serie"` // hexadecimal
	EmpreinteSHA256 string   `json:"empreinteSHA256"`
	NomsDNS         []string `json:"nomsDNS,omitempty"`
}

// Personne says whether the holder is a natural person.
func (id Identite) Personne() bool { return id.Nom != "" || id.Prenom != "" }

// LogValue hides the holder's name from logs: serial and issuer are enough to
// find the certificate again.
func (id Identite) LogValue() slog.Value {
	return slog.GroupValue(slog.String("emetteur", id.EmetteurCN), slog.String("serie", id.Serie))
}

// formeStructure is Struct_IdNat: 0 cabinet ADELI, 1 FINESS, 2 SIREN, 3 SIRET,
// 4 cabinet RPPS. Check digits are not tested: a certificate that exists is read.
// ref: PKI §3 (TRE_G07), PKI §3 last paragraph
var formeStructure = regexp.MustCompile(`^(0[0-9A-Z]{9,}|1[0-9][0-9A-Z][0-9]{7}|2[0-9]{9}|3[0-9]{14}|4[0-9A-Z]{9,20})$`)

// LireIdentite reads who a certificate speaks of.
func LireIdentite(c *x509.Certificate) (Identite, error) {
	return lireIdentite(c, oidOU)
}

func lireIdentite(c *x509.Certificate, attributStructure asn1.ObjectIdentifier) (Identite, error) {
	sujet, err := ParseDN(c.RawSubject)
	if err != nil {
		return Identite{}, err
	}
	emetteur, err := ParseDN(c.RawIssuer)
	if err != nil {
		return Identite{}, err
	}
	emp := sha256.Sum256(c.Raw)
	id := Identite{
		CN: sujet.Premier(oidCN), Organisation: sujet.Premier(oidO), Departement: sujet.Premier(oidST),
		Nom: sujet.Premier(oidSN), Prenom: sujet.Premier(oidGN), Titre: sujet.Premier(oidTitre),
		DN: sujet.String(), Emetteur: emetteur.String(), EmetteurCN: emetteur.Premier(oidCN),
		Serie: hex.EncodeToString(c.SerialNumber.Bytes()), EmpreinteSHA256: hex.EncodeToString(emp[:]),
		NomsDNS: c.DNSNames,
	}
	for _, v := range sujet.Tous(attributStructure) {
		if v = strings.ToUpper(strings.TrimSpace(v)); formeStructure.MatchString(v) {
			id.Structure = v
			break
		}
	}
	if id.Personne() {
		id.IdNatPS = id.CN
	}
	return id, nil
}
