package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// exporterLivre writes an export beside its place, then puts it there whole.
func exporterLivre(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) (err error) {
	dir, err := unArgument(c, unRepertoireVide)
	if err != nil {
		return err
	}
	var p comptable.Periode
	if p.Du, err = jourDit(c, "du", 0); err != nil {
		return err
	}
	if p.Au, err = jourDit(c, "au", 0); err != nil {
		return err
	}
	if p.Connu, err = jourDit(c, "connu", comptable.SansFin); err != nil {
		return err
	}
	if dir = filepath.Clean(dir); p.Au < p.Du {
		return attendre(c, "--au : un jour qui ne précède pas --du est attendu")
	}
	if x, err := os.ReadDir(dir); err == nil && len(x) > 0 {
		return fmt.Errorf("%s : le répertoire n'est pas vide", dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	partiel, err := os.MkdirTemp(filepath.Dir(dir), ".export-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(partiel)
	m, err := l.Exporter(ctx, p, c.String("format"), func(nom string) (io.WriteCloser, error) {
		return os.OpenFile(filepath.Join(partiel, nom), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	})
	if err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(partiel, dir); err != nil {
		return err
	}
	fmt.Fprintf(c.Root().Writer, "%s : émis %s, réduit %s, payé %s, perdu %s ; dû %s, contre %s au début\n", dir, m.Total.Emis.Euros(), m.Total.Reduit.Euros(),
		m.Total.Paye.Euros(), m.Total.Perdu.Euros(), m.Total.Cloture.Euros(), m.Total.Ouverture.Euros())
	for _, f := range m.Fichiers {
		fmt.Fprintf(c.Root().Writer, "%s  %s, SHA-256 %s\n", f.Nom, francais.Accorder(f.Lignes, "ligne", "lignes"), f.SHA256)
	}
	return nil
}

// ligneFile is a bank line in JSON.
type ligneFile struct {
	ID           string     `json:"id"`
	Jour         sante.Jour `json:"jour"`
	Sens         string     `json:"sens"`
	Montant      int64      `json:"montant"`
	Reste        int64      `json:"reste"`
	Compte       string     `json:"compte"`
	Reference    string     `json:"reference,omitempty"`
	BoutEnBout   string     `json:"boutEnBout,omitempty"`
	Libelle      string     `json:"libelle,omitempty"`
	Contrepartie string     `json:"contrepartie,omitempty"`
	Doute        string     `json:"doute,omitempty"`
	Pourquoi     string     `json:"pourquoi"`
	Releve       string     `json:"releve"`
	Place        int        `json:"place"`
}
