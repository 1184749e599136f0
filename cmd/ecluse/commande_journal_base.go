package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/journal"
	journalstore "github.com/ecluse-sante/ecluse/internal/journal/store"
	"github.com/ecluse-sante/ecluse/preuve"
)

// verifierBase verifies the journal of a copied database file with its public key
// only: neither a configuration nor a secret. The file itself is not written.
func verifierBase(ctx context.Context, c *cli.Command, cle preuve.Cle) error {
	chemin, err := os.MkdirTemp("", "ecluse-journal-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(chemin)
	copie := filepath.Join(chemin, "copie.db")
	if err := copierBase(c.String("base"), copie); err != nil {
		return err
	}
	b, err := bdd.Ouvrir(ctx, "sqlite:"+copie, bdd.Options{})
	if err != nil {
		return francais.Conseiller(fmt.Errorf("%s : %w", c.String("base"), err), "donner la copie d'une base SQLite d'Écluse, comme donnees/ecluse.db")
	}
	return errors.Join(verifierTenant(ctx, c, b, cle), b.Fermer())
}

func verifierTenant(ctx context.Context, c *cli.Command, b *bdd.Base, cle preuve.Cle) error {
	tenant := c.String("locataire")
	if tenant == "" { // a key is named after its party: see ouvrirJournal
		tenant = strings.TrimPrefix(cle.Nom(), serveur.PrefixeCle)
	}
	j, err := journal.Consulter(ctx, journal.Options{Tenant: tenant, Cle: cle, Magasin: journalstore.Nouveau(b)})
	if errors.Is(err, journal.ErrAbsent) {
		return pasDeJournal(tenant)
	}
	if err != nil {
		return fmt.Errorf("%s : %w", tenant, err)
	}
	bilans, err := j.Verifier(ctx)
	direBilans(c.Root().Writer, tenant, bilans)
	switch {
	case err != nil:
		return fmt.Errorf("%s : %w", tenant, err)
	case len(bilans) == 0:
		return pasDeJournal(tenant)
	}
	return nil
}

func pasDeJournal(tenant string) error {
	return francais.Conseiller(fmt.Errorf("%s : aucun journal de cette partie dans cette base", tenant), "--locataire nomme la partie, si sa clé porte un autre nom")
}

// direBilans tells what was verified, a line a log.
func direBilans(w io.Writer, tenant string, bilans []journal.Bilan) {
	for _, b := range bilans {
		fmt.Fprintf(w, "%s : journal %s intact, %s", tenant, b.Origine, francais.Accorder(b.Feuilles, "feuille vérifiée", "feuilles vérifiées"))
		if b.Effacees > 0 {
			fmt.Fprintf(w, ", %s", francais.Accorder(b.Effacees, "effacée à son terme", "effacées à leur terme"))
		}
		if b.Scellees > 0 {
			fmt.Fprintf(w, ", %s faute de clé", francais.Accorder(b.Scellees, "au contenu chiffré, non lu", "aux contenus chiffrés, non lus"))
		}
		fmt.Fprintf(w, " ; point de contrôle signé le %s, racine %s\n", b.Point.Instant.Format("2006-01-02 15:04:05 UTC"), b.Point.Racine)
	}
}

// copierBase copies a database and what its write-ahead log holds.
func copierBase(de, vers string) error {
	for _, fin := range []string{"", "-wal"} {
		err := copierFichier(de+fin, vers+fin)
		if fin == "-wal" && errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func copierFichier(de, vers string) (err error) {
	r, err := os.Open(de)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(vers, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	_, err = io.Copy(w, r)
	return err
}
