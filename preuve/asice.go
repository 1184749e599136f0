package preuve

import (
	"archive/zip"
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// TypeASiCE is the media type of the container, and the content of its first
// entry. ref: ETSI EN 319 162-1 §A.1
const TypeASiCE = "application/vnd.etsi.asic-e+zip"

// The names in the container.
const (
	nomType       = "mimetype"
	nomManifeste  = "META-INF/ASiCManifest.xml"
	nomSignature  = "META-INF/signature.p7s"
	nomManifesteT = "META-INF/ASiCManifest-horodatage.xml"
	nomHorodatage = "META-INF/timestamp.tst"
	nomEchange    = "echange.json"
	nomPoint      = "checkpoint.txt"
	nomTrace      = "trace.json"
	methodeSHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
)

// Bounds of a container read from outside.
const (
	entreesMax = 128
	entreeMax  = 32 << 20
	totalMax   = 64 << 20
)

// ErrASiC: the container is not one, was altered, or cannot be made.
var ErrASiC = errors.New("preuve: conteneur ASiC-E refusé")

// Conteneur says who guarantees an ASiC-E container: the signer, an RFC 3161
// time stamp, or both. At least one is needed.
type Conteneur struct {
	Cle    crypto.Signer
	Chaine []*x509.Certificate // the signer's certificate first
	// Instant is the claimed time of signing.
	Instant time.Time
	// Horodater asks a time-stamping authority for a token over a SHA-256.
	Horodater func(empreinte [sha256.Size]byte) ([]byte, error)
}

// ExporterASiCE writes the evidence as an ASiC-E container: the messages, their
// seals' certificates and revocation lists, the trace, the inclusion proof and
// the checkpoint as plain files, one manifest with their digests, and over it a
// CAdES signature or a time stamp. ref: ETSI EN 319 162-1 §4.4, DEC 16
func (e Echange) ExporterASiCE(w io.Writer, c Conteneur) error {
	if c.Cle == nil && c.Horodater == nil {
		return fmt.Errorf("%w: il faut une signature ou un horodatage", ErrASiC)
	}
	fichiers, err := e.fichiers()
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	// First, stored, without extra field: a tool recognizes it by its octets.
	if err := ajouter(z, fichier{nom: nomType, octets: []byte(TypeASiCE)}, zip.Store); err != nil {
		return err
	}
	garanties, err := c.garantir(fichiers)
	if err != nil {
		return err
	}
	for _, f := range append(fichiers, garanties...) {
		if err := ajouter(z, f, zip.Deflate); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("preuve: écrire le conteneur: %w", err)
	}
	return nil
}

type fichier struct {
	nom, media string
	octets     []byte
}

func ajouter(z *zip.Writer, f fichier, methode uint16) error {
	h := &zip.FileHeader{Name: f.nom, Method: methode}
	if methode == zip.Store {
		// Sizes in the local header: no data descriptor after the first entry.
		h.UncompressedSize64, h.CompressedSize64 = uint64(len(f.octets)), uint64(len(f.octets))
		h.CRC32 = crc32.ChecksumIEEE(f.octets)
		w, err := z.CreateRaw(h)
		if err == nil {
			_, err = w.Write(f.octets)
		}
		return enveloppe(err)
	}
	w, err := z.CreateHeader(h)
	if err == nil {
		_, err = w.Write(f.octets)
	}
	return enveloppe(err)
}

func enveloppe(err error) error {
	if err != nil {
		return fmt.Errorf("preuve: écrire le conteneur: %w", err)
	}
	return nil
}

// fichiers lists the data objects. echange.json holds all the evidence, the
// other files show it to tools and people; reading compares the two.
func (e Echange) fichiers() ([]fichier, error) {
	// Messages stand in files of their own: not twice.
	court := e
	court.Question, court.Reponse = nil, nil
	court.ChaineQuestion, court.ChaineReponse, court.Revocations, court.Horodatage = nil, nil, nil, nil
	b, err := json.MarshalIndent(court, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("preuve: écrire le conteneur: %w", err)
	}
	l := []fichier{
		{nomEchange, "application/json", b},
		{nomTrace, "application/json", []byte(e.Record)},
		{nomPoint, "text/plain", []byte(e.Inclusion.Point)},
	}
	for nom, octets := range e.messages() {
		if *octets != nil {
			ext, media := nature(*octets)
			l = append(l, fichier{nom + ext, media, *octets})
		}
	}
	for nom, suite := range e.suites() {
		for i, o := range *suite.l {
			l = append(l, fichier{fmt.Sprintf("%s-%02d%s", nom, i, suite.ext), suite.media, o})
		}
	}
	if e.Horodatage != nil {
		l = append(l, fichier{"checkpoint.tst", "application/vnd.etsi.timestamp-token", e.Horodatage})
	}
	slices.SortFunc(l, func(a, b fichier) int { return strings.Compare(a.nom, b.nom) })
	return l, nil
}

func (e *Echange) messages() map[string]*[]byte {
	return map[string]*[]byte{"question": &e.Question, "reponse": &e.Reponse}
}

type suite struct {
	l          *[][]byte
	ext, media string
}

func (e *Echange) suites() map[string]suite {
	const cert = "application/pkix-cert"
	return map[string]suite{
		"certificats/question":   {&e.ChaineQuestion, ".cer", cert},
		"certificats/reponse":    {&e.ChaineReponse, ".cer", cert},
		"revocations/revocation": {&e.Revocations, ".crl", "application/pkix-crl"},
	}
}

// nature guesses the face of a message by its first octet.
func nature(b []byte) (ext, media string) {
	switch b = bytes.TrimLeft(b, " \t\r\n\ufeff"); {
	case bytes.HasPrefix(b, []byte("<")):
		return ".xml", "application/xml"
	case bytes.HasPrefix(b, []byte("{")):
		return ".json", "application/json"
	}
	return ".bin", "application/octet-stream"
}

// garantir makes the manifests and what signs them.
func (c Conteneur) garantir(fichiers []fichier) ([]fichier, error) {
	var l []fichier
	if c.Cle != nil {
		m, err := manifeste(nomSignature, "application/pkcs7-signature", fichiers)
		if err != nil {
			return nil, err
		}
		s, err := signerCMS(m, c.Cle, c.Chaine, c.Instant)
		if err != nil {
			return nil, err
		}
		l = append(l, fichier{nom: nomManifeste, octets: m}, fichier{nom: nomSignature, octets: s})
	}
	if c.Horodater != nil {
		m, err := manifeste(nomHorodatage, "application/vnd.etsi.timestamp-token", fichiers)
		if err != nil {
			return nil, err
		}
		t, err := c.Horodater(sha256.Sum256(m))
		if err != nil {
			return nil, fmt.Errorf("preuve: horodater le conteneur: %w", err)
		}
		l = append(l, fichier{nom: nomManifesteT, octets: m}, fichier{nom: nomHorodatage, octets: t})
	}
	return l, nil
}

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

// Garantie is who vouches for a container that was read.
type Garantie struct {
	// Signataire signed the manifest, and its chain as it came: the caller judges
	// it. Empty when the container is only time-stamped.
	Signataire []*x509.Certificate
	// Horodatage is a time-stamp token over Manifeste, not judged here.
	Horodatage, Manifeste []byte
}

// LireASiCE reads a container made by ExporterASiCE, within bounds: it checks
// the signature, the digest of every file, that no file escapes the manifest,
// and that the plain files say what the evidence says. The evidence itself is
// then for Echange.Verifier.
func LireASiCE(r io.ReaderAt, taille int64) (Echange, Garantie, error) {
	fichiers, err := dezipper(r, taille)
	if err != nil {
		return Echange{}, Garantie{}, err
	}
	g, err := garanties(fichiers)
	if err != nil {
		return Echange{}, g, err
	}
	e, err := rassembler(fichiers)
	return e, g, err
}

func dezipper(r io.ReaderAt, taille int64) (map[string][]byte, error) {
	if taille > totalMax {
		return nil, fmt.Errorf("%w: plus de %d octets", ErrASiC, totalMax)
	}
	z, err := zip.NewReader(r, taille)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrASiC, err)
	}
	if len(z.File) == 0 || len(z.File) > entreesMax || z.File[0].Name != nomType || z.File[0].Method != zip.Store {
		return nil, fmt.Errorf("%w: la première entrée n'est pas un mimetype non compressé, ou trop d'entrées", ErrASiC)
	}
	fichiers, total := make(map[string][]byte), 0
	for _, f := range z.File {
		if _, deja := fichiers[f.Name]; deja || f.Name != path.Clean(f.Name) || strings.HasPrefix(f.Name, "/") ||
			strings.HasPrefix(f.Name, "..") || strings.Contains(f.Name, "\\") {
			return nil, fmt.Errorf("%w: entrée %q répétée ou hors du conteneur", ErrASiC, f.Name)
		}
		b, err := decompresser(f, min(entreeMax, totalMax-total))
		if err != nil {
			return nil, err
		}
		fichiers[f.Name], total = b, total+len(b)
	}
	if string(fichiers[nomType]) != TypeASiCE {
		return nil, fmt.Errorf("%w: mimetype %.60q", ErrASiC, fichiers[nomType])
	}
	return fichiers, nil
}

// decompresser does not believe the sizes that the archive announces.
func decompresser(f *zip.File, max int) ([]byte, error) {
	o, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrASiC, err)
	}
	defer o.Close()
	b, err := io.ReadAll(io.LimitReader(o, int64(max)+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrASiC, f.Name, err)
	}
	if len(b) > max {
		return nil, fmt.Errorf("%w: trop grand une fois décompressé", ErrASiC)
	}
	return b, nil
}

func garanties(fichiers map[string][]byte) (Garantie, error) {
	var g Garantie
	if m, ok := fichiers[nomManifeste]; ok {
		if err := verifierManifeste(m, nomSignature, fichiers); err != nil {
			return g, err
		}
		var err error
		if g.Signataire, err = verifierCMS(fichiers[nomSignature], m); err != nil {
			return g, fmt.Errorf("%w: %w", ErrASiC, err)
		}
	}
	if m, ok := fichiers[nomManifesteT]; ok {
		if err := verifierManifeste(m, nomHorodatage, fichiers); err != nil {
			return g, err
		}
		g.Horodatage, g.Manifeste = fichiers[nomHorodatage], m
	}
	if g.Signataire == nil && g.Manifeste == nil {
		return g, fmt.Errorf("%w: ni signature, ni horodatage", ErrASiC)
	}
	return g, nil
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

// rassembler makes the evidence again from the files.
func rassembler(fichiers map[string][]byte) (Echange, error) {
	var e Echange
	if err := json.Unmarshal(fichiers[nomEchange], &e); err != nil {
		return e, fmt.Errorf("%w: %s: %w", ErrASiC, nomEchange, err)
	}
	if e.Record != string(fichiers[nomTrace]) || e.Inclusion.Point != string(fichiers[nomPoint]) {
		return e, fmt.Errorf("%w: %s ou %s ne dit pas ce que dit %s", ErrASiC, nomTrace, nomPoint, nomEchange)
	}
	for nom, octets := range e.messages() {
		for _, ext := range []string{".xml", ".json", ".bin"} {
			if b, ok := fichiers[nom+ext]; ok {
				*octets = b
			}
		}
	}
	for nom, s := range e.suites() {
		*s.l = nil
		for i := range entreesMax {
			b, ok := fichiers[fmt.Sprintf("%s-%02d%s", nom, i, s.ext)]
			if !ok {
				break
			}
			*s.l = append(*s.l, b)
		}
	}
	e.Horodatage = fichiers["checkpoint.tst"]
	return e, nil
}
