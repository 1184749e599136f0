package local

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ecluse-sante/ecluse/internal/igc"
)

// Confiance writes in a directory what others need to trust a hierarchy, in the
// form certificat.ChargerRepertoire reads: racines/, intermediaires/ and crl/.
// It may be called again after each publication.
func Confiance(ctx context.Context, dir string, g *igc.IGC) error {
	for _, sous := range []string{"racines", "intermediaires", "crl"} {
		if err := os.MkdirAll(filepath.Join(dir, sous), 0o755); err != nil {
			return fmt.Errorf("igc: %w", err)
		}
	}
	for _, a := range g.ACs() {
		sous := "intermediaires"
		if a.Parent == "" {
			sous = "racines"
		}
		b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificat.Raw})
		if err := ecrireFichier(filepath.Join(dir, sous, a.Nom+".pem"), b, 0o644); err != nil {
			return err
		}
		if err := confianceListes(ctx, dir, g, a.Nom); err != nil {
			return err
		}
	}
	return nil
}

func confianceListes(ctx context.Context, dir string, g *igc.IGC, ac string) error {
	for suffixe, delta := range map[string]bool{".crl": false, "-delta.crl": true} {
		chemin := filepath.Join(dir, "crl", ac+suffixe)
		l, err := g.ListeCourante(ctx, ac, delta)
		if errors.Is(err, igc.ErrInconnu) {
			os.Remove(chemin) // a delta of a former base
			continue
		}
		if err != nil {
			return err
		}
		if err := ecrireFichier(chemin, l.DER, 0o644); err != nil {
			return err
		}
	}
	return nil
}
