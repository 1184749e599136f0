package certificat

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

type val struct {
	oid string
	tag cbasn1.Tag
	v   string
}

var parNom = map[string]asn1.ObjectIdentifier{"CN": oidCN, "SN": oidSN, "ST": oidST, "O": oidO, "OU": oidOU, "title": oidTitre, "GN": oidGN,
	"C": {2, 5, 4, 6}, "x": {2, 999, 3}, "UID": {0, 9, 2342, 19200300, 100, 1, 1}}

func encoder(rdns ...[]val) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, r := range rdns {
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				for _, a := range r {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(parNom[a.oid])
						b.AddASN1(a.tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(a.v)) })
					})
				}
			})
		}
	})
	return b.BytesOrPanic()
}

const (
	u8  = cbasn1.UTF8String
	pr  = cbasn1.PrintableString
	t61 = cbasn1.T61String
	bmp = cbasn1.Tag(30)
)

var noms = []struct {
	nom  string
	der  []byte
	want string
}{
	{"structure", encoder([]val{{"C", pr, "FR"}}, []val{{"ST", u8, "Rhône (69)"}}, []val{{"O", u8, "CH DE L'ÎLE"}}, []val{{"OU", pr, "10B0152872"}}, []val{{"CN", pr, "INSI-AUTO"}}),
		"CN=INSI-AUTO,OU=10B0152872,O=CH DE L'ÎLE,ST=Rhône (69),C=FR"},
	{"personne, RDN à trois valeurs", encoder([]val{{"C", pr, "FR"}}, []val{{"title", u8, "Infirmier"}}, []val{{"CN", pr, "099700001"}, {"SN", u8, "VAUTRIN"}, {"GN", u8, "OCÉANE"}}),
		"CN=099700001+SN=VAUTRIN+GN=OCÉANE,title=Infirmier,C=FR"},
	{"T61 en Latin-1", encoder([]val{{"O", t61, "H\xd4PITAL"}}), "O=HÔPITAL"},
	{"BMPString", encoder([]val{{"O", bmp, "\x00H\x00\xd4"}}), "O=HÔ"},
	{"caractères réservés", encoder([]val{{"O", u8, ` #a,b+c"d\e<f>g;h=i `}}), `O=\ #a\,b\+c\"d\\e\<f\>g\;h=i\ `},
	{"dièse en tête", encoder([]val{{"O", u8, "#1"}}), `O=\#1`},
	{"attribut inconnu", encoder([]val{{"x", u8, "é"}}), "2.999.3=#0c02c3a9"},
	{"vide", encoder(), ""},
}

func TestDN(t *testing.T) {
	for _, c := range noms {
		d, err := ParseDN(c.der)
		if err != nil || d.String() != c.want {
			t.Errorf("%s : %q, %v ; want %q", c.nom, d, err, c.want)
		}
	}
	for nom, der := range map[string][]byte{"vide": nil, "texte": []byte("x"), "RDN vide": {0x30, 2, 0x31, 0}, "suite": append(encoder(), 0),
		"valeur trop longue": encoder([]val{{"O", u8, strings.Repeat("a", 2000)}})} {
		if d, err := ParseDN(der); err == nil {
			t.Errorf("%s : lu %q", nom, d)
		}
	}
}

// TestDNOpenSSL: openssl prints the same attributes, group by group; it reverses
// the members of a group, so groups are compared as sets. ref: PKI §7, PKI §11
func TestDNOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("openssl absent")
		}
		t.Skip("openssl absent")
	}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range noms {
		m := &x509.Certificate{SerialNumber: big.NewInt(1), RawSubject: c.der, NotAfter: time.Unix(1<<31, 0)}
		der, err := x509.CreateCertificate(rand.Reader, m, m, k.Public(), k)
		if err != nil {
			t.Fatal(err)
		}
		f := filepath.Join(t.TempDir(), "c.pem")
		if err := os.WriteFile(f, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := exec.Command("openssl", "x509", "-in", f, "-noout", "-subject", "-nameopt", "esc_2253,esc_ctrl,utf8,sep_comma_plus,dn_rev,sname,dump_unknown,dump_der").Output()
		if err != nil {
			t.Fatal(err)
		}
		got := groupes(strings.TrimSuffix(strings.TrimPrefix(string(b), "subject="), "\n"))
		if want := groupes(strings.ToUpper(c.want)); !slices.Equal(sansCasse(got), want) {
			t.Errorf("%s : openssl %q, nous %q", c.nom, b, c.want)
		}
	}
}

func sansCasse(l []string) []string {
	for i := range l {
		l[i] = strings.ToUpper(l[i])
	}
	return l
}

// groupes splits a printed name into RDNs, their members sorted.
func groupes(s string) []string {
	l := decouper(s, ',')
	for i := range l {
		m := decouper(l[i], '+')
		slices.Sort(m)
		l[i] = strings.Join(m, "+")
	}
	return l
}

// decouper splits at a separator that no backslash precedes.
func decouper(s string, sep byte) []string {
	var l []string
	debut := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			l = append(l, s[debut:i])
			debut = i + 1
		}
	}
	return append(l, s[debut:])
}

func TestDNEgal(t *testing.T) {
	lire := func(der []byte) DN {
		d, err := ParseDN(der)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	p := lire(encoder([]val{{"C", pr, "FR"}}, []val{{"CN", pr, "0997"}, {"SN", pr, "VAUTRIN"}}))
	for nom, c := range map[string]struct {
		der  []byte
		want bool
	}{
		"autre ordre dans le groupe":   {encoder([]val{{"C", pr, "FR"}}, []val{{"SN", pr, "VAUTRIN"}, {"CN", pr, "0997"}}), true},
		"autre type, casse et espaces": {encoder([]val{{"C", pr, "fr"}}, []val{{"CN", u8, " 0997"}, {"SN", t61, "Vautrin "}}), true},
		"à plat":                       {encoder([]val{{"C", pr, "FR"}}, []val{{"CN", pr, "0997"}}, []val{{"SN", pr, "VAUTRIN"}}), false},
		"autre valeur":                 {encoder([]val{{"C", pr, "FR"}}, []val{{"CN", pr, "0998"}, {"SN", pr, "VAUTRIN"}}), false},
	} {
		if got := p.Egal(lire(c.der)); got != c.want {
			t.Errorf("%s : %v, want %v", nom, got, c.want)
		}
	}
}

func TestFormeStructure(t *testing.T) {
	for s, want := range map[string]bool{"1990000127": true, "10B0152872": true, "12A0000001": true, "2999123458": true, "399912345800013": true,
		"339172288100052": true, "0002 187512751": false, "IGC-LABO": false, "": false, "19900001270": false, "7990000127": false} {
		if got := formeStructure.MatchString(s); got != want {
			t.Errorf("%q : %v, want %v", s, got, want)
		}
	}
}

func FuzzDN(f *testing.F) {
	for _, c := range noms {
		f.Add(c.der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		d, err := ParseDN(der)
		if err != nil {
			return
		}
		if !d.Egal(d) {
			t.Error("un nom différent de lui-même")
		}
		if len(d) > 0 && len(groupes(d.String())) != len(d) {
			t.Errorf("%d RDN écrits %q", len(d), d)
		}
		var r pkix.RDNSequence
		if _, err := asn1.Unmarshal(der, &r); err == nil && len(r) != len(d) {
			t.Errorf("%d RDN, encoding/asn1 en lit %d", len(d), len(r))
		}
	})
}
