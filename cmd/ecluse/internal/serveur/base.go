package serveur

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	rassstore "github.com/ecluse-sante/ecluse/internal/annuaire/store"
	annuairestore "github.com/ecluse-sante/ecluse/internal/annuaireamc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	cerclestore "github.com/ecluse-sante/ecluse/internal/cercle/store"
	cptstore "github.com/ecluse-sante/ecluse/internal/comptable/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
	gatestore "github.com/ecluse-sante/ecluse/internal/gate/store"
	igcstore "github.com/ecluse-sante/ecluse/internal/igc/store"
	journalstore "github.com/ecluse-sante/ecluse/internal/journal/store"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	tarifstore "github.com/ecluse-sante/ecluse/internal/tarif/store"
	tiersstore "github.com/ecluse-sante/ecluse/internal/tiers/store"
	vigiestore "github.com/ecluse-sante/ecluse/internal/vigie/store"
)

// reserverBase refuses a second server on a SQLite base: each would keep its own
// idea of the circle, of the quotas and of the end of the journals.
func (p *Processus) reserverBase(ctx context.Context) error {
	chemin, ok := strings.CutPrefix(p.Fichier.AdresseBase(), "sqlite:")
	if ok {
		if err := os.MkdirAll(filepath.Dir(chemin), 0o700); err != nil {
			return err
		}
	}
	liberer, err := bdd.Reserver(ctx, p.Fichier.AdresseBase())
	if errors.Is(err, bdd.ErrReservee) {
		return fmt.Errorf("la base %s est déjà servie par un autre processus d'Écluse. Arrêter d'abord celui-là, ou donner à ce serveur une autre base ; "+
			"plusieurs serveurs ne partagent qu'une base PostgreSQL", chemin)
	}
	if err != nil {
		return err
	}
	p.fermetures = append(p.fermetures, liberer)
	return nil
}

// OuvrirBase opens the database of a configuration, brought to its last migration.
func OuvrirBase(ctx context.Context, f *config.Fichier) (*bdd.Base, error) {
	if chemin, ok := strings.CutPrefix(f.AdresseBase(), "sqlite:"); ok {
		if err := os.MkdirAll(filepath.Dir(chemin), 0o700); err != nil {
			return nil, err
		}
	}
	b, err := bdd.Ouvrir(ctx, f.AdresseBase(), bdd.Options{})
	if err != nil {
		return nil, err
	}
	l, err := Migrations()
	if err == nil {
		err = b.Migrer(ctx, l)
	}
	if err != nil {
		return nil, errors.Join(err, b.Fermer())
	}
	return b, nil
}

func (p *Processus) ouvrirBase(ctx context.Context) (err error) {
	if p.Base, err = OuvrirBase(ctx, p.Fichier); err == nil {
		p.fermetures = append(p.fermetures, p.Base.Fermer)
	}
	return err
}

// Migrations is the house's one list.
func Migrations() (bdd.Liste, error) {
	return bdd.Assembler(gatestore.Migrations, journalstore.Migrations(), cerclestore.Migrations(), vigiestore.Migrations(),
		annuairestore.Migrations, amcstore.Migrations, etabstore.Migrations(), igcstore.Migrations(),
		achstore.Migrations(), liqstore.Migrations(), cptstore.Migrations(), accrstore.Migrations, tarifstore.Migrations, tiersstore.Migrations, offstore.Migrations, rassstore.Migrations)
}
