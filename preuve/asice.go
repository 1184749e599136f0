package preuve

import (
	"archive/zip"
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
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
