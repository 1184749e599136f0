package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	annuairestore "github.com/ecluse-sante/ecluse/internal/annuaireamc/store"
	"github.com/ecluse-sante/ecluse/internal/config"
)

// ouvrirPourCommande opens what the commands of an operator need, beside a server
// that may be running: the database, the circle, the directory, the journals.
func ouvrirPourCommande(ctx context.Context, f *config.Fichier) (p *processus, err error) {
	p = &processus{f: f, log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if p.horloge, err = horlogeDe(f); err != nil {
		return nil, err
	}
	ouvert := p
	defer func() {
		if err != nil {
			ouvert.fermer()
		}
	}()
	for _, faire := range []func(context.Context) error{p.ouvrirBase, p.ouvrirCercle, p.ouvrirJournaux} {
		if err := faire(ctx); err != nil {
			return nil, err
		}
	}
	for _, t := range p.tenants() {
		if t == tenantTarif { // it has none
			continue
		}
		if err := p.ouvrirJournal(ctx, t); err != nil {
			return nil, err
		}
	}
	if f.Annuaire != nil {
		p.annuaire, err = annuaireamc.New(ctx, annuairestore.New(p.base, tenantAnnuaire), p.horloge, p.log)
	}
	return p, err
}

// tenants names the parties of the configuration.
func (p *processus) tenants() []string {
	var l []string
	for _, a := range p.f.AMC {
		l = append(l, tenantAMC(a.Numero))
	}
	for _, e := range p.f.Etablissements {
		l = append(l, tenantEtablissement(e.Finess))
	}
	for _, r := range p.f.Relais {
		l = append(l, tenantRelais(r.ID))
	}
	if p.f.Annuaire != nil {
		l = append(l, tenantAnnuaire)
	}
	if p.f.Tiers != nil {
		l = append(l, tenantTiers)
	}
	if p.f.Tarif != nil {
		l = append(l, tenantTarif)
	}
	return l
}

func tenantRelais(id string) string { return "relais-" + id }
