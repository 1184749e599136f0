package preuve

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"
)

// The manifest. ref: ETSI EN 319 162-1 §A.4
type asicManifest struct {
	XMLName xml.Name     `xml:"http://uri.etsi.org/02918/v1.2.1# ASiCManifest"`
	Sig     sigReference `xml:"http://uri.etsi.org/02918/v1.2.1# SigReference"`
	Objets  []dataObject `xml:"http://uri.etsi.org/02918/v1.2.1# DataObjectReference"`
}

type sigReference struct {
	URI   string `xml:"URI,attr"`
	Media string `xml:"MimeType,attr"`
}

type dataObject struct {
	URI     string       `xml:"URI,attr"`
	Media   string       `xml:"MimeType,attr,omitempty"`
	Methode digestMethod `xml:"http://www.w3.org/2000/09/xmldsig# DigestMethod"`
	Valeur  string       `xml:"http://www.w3.org/2000/09/xmldsig# DigestValue"`
}

type digestMethod struct {
	Algorithme string `xml:"Algorithm,attr"`
}

func manifeste(signature, media string, fichiers []fichier) ([]byte, error) {
	m := asicManifest{Sig: sigReference{signature, media}}
	for _, f := range fichiers {
		h := sha256.Sum256(f.octets)
		m.Objets = append(m.Objets, dataObject{f.nom, f.media, digestMethod{methodeSHA256}, base64.StdEncoding.EncodeToString(h[:])})
	}
	b, err := xml.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("preuve: écrire le manifeste: %w", err)
	}
	return append([]byte(xml.Header), b...), nil
}

// verifierManifeste checks that the manifest has the digest of every file
// outside META-INF, and no other.
func verifierManifeste(b []byte, signature string, fichiers map[string][]byte) error {
	var m asicManifest
	if err := xml.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("%w: manifeste illisible: %w", ErrASiC, err)
	}
	if m.Sig.URI != signature {
		return fmt.Errorf("%w: le manifeste désigne %q", ErrASiC, m.Sig.URI)
	}
	vus := make(map[string]bool)
	for _, o := range m.Objets {
		octets, la := fichiers[o.URI]
		h := sha256.Sum256(octets)
		if !la || vus[o.URI] || o.Methode.Algorithme != methodeSHA256 || strings.TrimSpace(o.Valeur) != base64.StdEncoding.EncodeToString(h[:]) {
			return fmt.Errorf("%w: %q absent, répété ou altéré", ErrASiC, o.URI)
		}
		vus[o.URI] = true
	}
	for nom := range fichiers {
		if nom != nomType && !strings.HasPrefix(nom, "META-INF/") && !vus[nom] {
			return fmt.Errorf("%w: %q n'est pas au manifeste", ErrASiC, nom)
		}
	}
	return nil
}
