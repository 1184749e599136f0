package serveur

import (
	"context"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	annuairefront "github.com/ecluse-sante/ecluse/internal/annuaireamc/front"
	annuairestore "github.com/ecluse-sante/ecluse/internal/annuaireamc/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// TenantAnnuaire names the directory in the tables that parties share.
const TenantAnnuaire = "annuaire"

func (p *Processus) cablerAnnuaire(ctx context.Context) error {
	c := p.Fichier.Annuaire
	if c == nil {
		return nil
	}
	s, err := annuaireamc.New(ctx, annuairestore.New(p.Base, TenantAnnuaire), p.Horloge, p.Log)
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
