package local

import (
	"archive/zip"
	"context"
	"fmt"
	"io"

	"github.com/ecluse-sante/ecluse/rass"
)

// EcrireArchive writes the zip in which the three files of professionals are published,
// and gives its name. ref: RASS §5
func (j Journee) EcrireArchive(ctx context.Context, w io.Writer) (string, error) {
	z := zip.NewWriter(w)
	quand := j.n.Instant(j.d)
	for _, f := range []rass.Fichier{rass.PersonneActivite, rass.Diplomes, rass.SavoirFaire} {
		e, err := z.CreateHeader(&zip.FileHeader{Name: j.Nom(f, false), Method: zip.Deflate, Modified: quand})
		if err != nil {
			return "", fmt.Errorf("annuaire local : archive : %w", err)
		}
		if _, err := j.Ecrire(ctx, e, f); err != nil {
			return "", err
		}
	}
	if err := z.Close(); err != nil {
		return "", fmt.Errorf("annuaire local : archive : %w", err)
	}
	return rass.NomArchive(quand), nil
}
