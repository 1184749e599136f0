package serveur

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	annuairefront "github.com/ecluse-sante/ecluse/internal/annuaireamc/front"
	annuairestore "github.com/ecluse-sante/ecluse/internal/annuaireamc/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// TenantAnnuaire names the directory in the tables that parties share.
const TenantAnnuaire = "annuaire"

// ouvrirAnnuaire opens the directory of insurers, a view of the national directory.
func (p *Processus) ouvrirAnnuaire(ctx context.Context) (*annuaireamc.Service, error) {
	d := NewDepotAMC(registreAnnuaire(p.Base), p.Horloge, p.Log)
	if err := d.reprendre(ctx, annuairestore.Anciennes(p.Base, TenantAnnuaire)); err != nil {
		return nil, err
	}
	return annuaireamc.New(ctx, d, p.Horloge, p.Log)
}

// reprendre publishes the entries that an earlier version of the program kept by itself:
// once, and all or none.
func (d *DepotAMC) reprendre(ctx context.Context, anciennes *annuairestore.Reprise) error {
	n, err := anciennes.Vider(ctx, func(ctx context.Context, l []annuaireamc.Entree) error { return d.publier(ctx, l, parReprise) })
	if err != nil {
		return fmt.Errorf("reprendre les entrées d'avant : %w", err)
	}
	if n > 0 {
		d.log.Info("annuaire AMC repris dans l'annuaire national", "entrees", n)
	}
	return nil
}

func (p *Processus) cablerAnnuaire(ctx context.Context) error {
	c := p.Fichier.Annuaire
	if c == nil {
		return nil
	}
	s, err := p.ouvrirAnnuaire(ctx)
	if err != nil {
		return err
	}
	porte, err := p.porte(ctx, TenantAnnuaire, roc.Partie{Type: roc.Annuaire, ID: c.ID, Libelle: c.Libelle}, &c.Identite, annuairefront.Services(s)...)
	if err != nil {
		return err
	}
	p.Annuaire = s
	p.mandats.tenus = append(p.mandats.tenus, func(structure string, amc sante.NumeroAMC, j sante.Jour) bool {
		return s.Tableau().Mandate(structure, amc, j)
	})
	p.Portail.Ouvrir(porte)
	p.taches = append(p.taches, func(ctx context.Context) { s.Suivre(ctx, time.Second) })
	return nil
}
