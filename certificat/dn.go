package certificat

import (
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds of a distinguished name, far above any real one.
const (
	maxRDN    = 32
	maxValeur = 1024
)

var errDN = errors.New("certificat: nom distinctif illisible")

// Attribut is one attribute of a name, its value in UTF-8 whatever string type
// carried it.
type Attribut struct {
	OID    asn1.ObjectIdentifier
	Valeur string
	brut   []byte // DER of the value, for attributes that are not text
}

// RDN is one relative name: several attributes when it is multi-valued, as in the
// names of persons.
type RDN []Attribut

// DN is a distinguished name with its groups kept, in the order of the encoding.
// pkix.Name flattens the groups, which makes two different holders equal.
// ref: PKI §7
type DN []RDN

// ParseDN reads the DER of a Name.
func ParseDN(der []byte) (DN, error) {
	var suite cryptobyte.String
	entree := cryptobyte.String(der)
	if !entree.ReadASN1(&suite, cbasn1.SEQUENCE) || !entree.Empty() {
		return nil, errDN
	}
	var d DN
	for !suite.Empty() {
		var ens cryptobyte.String
		if len(d) == maxRDN || !suite.ReadASN1(&ens, cbasn1.SET) {
			return nil, errDN
		}
		r, err := parseRDN(ens)
		if err != nil {
			return nil, err
		}
		d = append(d, r)
	}
	return d, nil
}

func parseRDN(ens cryptobyte.String) (RDN, error) {
	var r RDN
	for !ens.Empty() {
		var paire, val cryptobyte.String
		var tag cbasn1.Tag
		var a Attribut
		if len(r) == maxRDN || !ens.ReadASN1(&paire, cbasn1.SEQUENCE) ||
			!paire.ReadASN1ObjectIdentifier(&a.OID) {
			return nil, errDN
		}
		a.brut = slices.Clone(paire)
		if !paire.ReadAnyASN1(&val, &tag) || !paire.Empty() || len(val) > maxValeur {
			return nil, errDN
		}
		v, ok := texteASN1(tag, val)
		if !ok {
			v = "#" + hex.EncodeToString(a.brut)
		}
		a.Valeur = v
		r = append(r, a)
	}
	if len(r) == 0 {
		return nil, errDN
	}
	return r, nil
}

// texteASN1 decodes the string types met in names. T61String is read as Latin-1,
// as those who issued it meant. ref: PKI §7
func texteASN1(tag cbasn1.Tag, v []byte) (string, bool) {
	switch tag {
	case cbasn1.UTF8String:
		return string(v), utf8.Valid(v)
	case cbasn1.PrintableString, cbasn1.IA5String, cbasn1.Tag(18): // NumericString
		for _, b := range v {
			if b >= 0x80 {
				return "", false
			}
		}
		return string(v), true
	case cbasn1.T61String:
		r := make([]rune, len(v))
		for i, b := range v {
			r[i] = rune(b)
		}
		return string(r), true
	case cbasn1.Tag(30): // BMPString
		if len(v)%2 != 0 {
			return "", false
		}
		u := make([]uint16, len(v)/2)
		for i := range u {
			u[i] = uint16(v[2*i])<<8 | uint16(v[2*i+1])
		}
		return string(utf16.Decode(u)), true
	}
	return "", false
}

var nomsAttribut = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L",
	"2.5.4.8": "ST", "2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title",
	"2.5.4.42": "GN", "2.5.4.97": "organizationIdentifier", "0.9.2342.19200300.100.1.1": "UID",
	"0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "emailAddress",
}

// String writes the name as RFC 4514 says: last RDN first, "+" between the
// attributes of one RDN, special characters escaped. Attributes that RFC 4514
// does not name but openssl does (title, SN, GN) are written by that name.
// ref: RFC 4514 §2
func (d DN) String() string {
	var b strings.Builder
	for i := len(d) - 1; i >= 0; i-- {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		for j, a := range d[i] {
			if j > 0 {
				b.WriteByte('+')
			}
			a.ecrire(&b)
		}
	}
	return b.String()
}

func (a Attribut) ecrire(b *strings.Builder) {
	nom, ok := nomsAttribut[a.OID.String()]
	if !ok { // ref: RFC 4514 §2.4: an OID goes with the hexadecimal form
		b.WriteString(a.OID.String() + "=#" + hex.EncodeToString(a.brut))
		return
	}
	b.WriteString(nom + "=")
	if strings.HasPrefix(a.Valeur, "#") && "#"+hex.EncodeToString(a.brut) == a.Valeur {
		b.WriteString(a.Valeur)
		return
	}
	echapper(b, a.Valeur)
}

func echapper(b *strings.Builder, s string) {
	for i, c := range s {
		switch {
		case strings.ContainsRune(`"+,;<>\`, c),
			i == 0 && (c == ' ' || c == '#'),
			i == len(s)-1 && c == ' ':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < 0x20 || c == 0x7f:
			b.WriteString(`\` + hex.EncodeToString([]byte{byte(c)}))
		default:
			b.WriteRune(c)
		}
	}
}

// Tous lists the values of an attribute in the order of the name.
func (d DN) Tous(oid asn1.ObjectIdentifier) []string {
	var s []string
	for _, r := range d {
		for _, a := range r {
			if a.OID.Equal(oid) {
				s = append(s, a.Valeur)
			}
		}
	}
	return s
}

// Premier gives the first value of an attribute, or "".
func (d DN) Premier(oid asn1.ObjectIdentifier) string {
	if t := d.Tous(oid); len(t) > 0 {
		return t[0]
	}
	return ""
}

// Egal compares two names as structures: RDN by RDN, each as a set, case and
// spaces folded, whatever string type carried them. ref: RFC 5280 §7.1, PKI §7
func (d DN) Egal(e DN) bool {
	return slices.EqualFunc(d, e, func(a, b RDN) bool {
		return slices.Equal(a.cles(), b.cles())
	})
}

func (r RDN) cles() []string {
	k := make([]string, len(r))
	for i, a := range r {
		k[i] = a.OID.String() + "=" + strings.ToLower(strings.Join(strings.Fields(a.Valeur), " "))
	}
	slices.Sort(k)
	return k
}
