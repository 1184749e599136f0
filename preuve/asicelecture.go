package preuve

import (
	"archive/zip"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
)

// Bounds of a container read from outside.
const (
	entreesMax = 128
	entreeMax  = 32 << 20
	totalMax   = 64 << 20
)

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
		return nil, fmt.Errorf("%w: %s: contenu abîmé: %w", ErrASiC, f.Name, err)
	}
	defer o.Close()
	b, err := io.ReadAll(io.LimitReader(o, int64(max)+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: contenu abîmé: %w", ErrASiC, f.Name, err)
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
