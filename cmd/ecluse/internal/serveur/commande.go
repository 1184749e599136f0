package serveur

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/preuve"
)

// OuvrirPourCommande opens what the commands of an operator need, beside a server
// that may be running: the database, the circle, the directory, the journals.
func OuvrirPourCommande(ctx context.Context, f *config.Fichier) (p *Processus, err error) {
	p = &Processus{Fichier: f, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if p.Horloge, err = HorlogeDe(f); err != nil {
		return nil, err
	}
	ouvert := p
	defer func() {
		if err != nil {
			ouvert.Fermer()
		}
	}()
	for _, faire := range []func(context.Context) error{p.ouvrirBase, p.ouvrirCercle, p.ouvrirJournaux} {
		if err := faire(ctx); err != nil {
			return nil, err
		}
	}
	for _, t := range p.Tenants() {
		if t == TenantTarif { // it has none
			continue
		}
		if err := p.ouvrirJournal(ctx, t); err != nil {
			return nil, err
		}
	}
	if f.Annuaire != nil {
		p.Annuaire, err = p.ouvrirAnnuaire(ctx)
	}
	return p, err
}

// Tenants names the parties of the configuration.
func (p *Processus) Tenants() []string {
	var l []string
	for _, a := range p.Fichier.AMC {
		l = append(l, TenantAMC(a.Numero))
	}
	for _, e := range p.Fichier.Etablissements {
		l = append(l, TenantEtablissement(e.Finess))
	}
	for _, r := range p.Fichier.Relais {
		l = append(l, TenantRelais(r.ID))
	}
	if p.Fichier.Annuaire != nil {
		l = append(l, TenantAnnuaire)
	}
	if p.Fichier.Tiers != nil {
		l = append(l, TenantTiers)
	}
	if p.Fichier.Tarif != nil {
		l = append(l, TenantTarif)
	}
	return l
}

// TenantRelais names a relay in the tables that parties share.
func TenantRelais(id string) string { return "relais-" + id }

// tracerLevee writes in the journal of a hospital who settled reserves, and why.
func (p *Processus) tracerLevee(tenant string) func(context.Context, []etablissement.Reserve) error {
	return func(ctx context.Context, l []etablissement.Reserve) error {
		jr := p.journaux.par[tenant]
		if jr == nil {
			return errSansJournal
		}
		for i := range l {
			r := &l[i]
			b, err := json.Marshal(leveeTracee{r.Cle(), r.Retour, r.AMC, r.Facture, r.Lot, r.Montant.String(), string(r.Cause), r.Levee.Par, r.Levee.Motif})
			if err != nil {
				return err
			}
			t := preuve.Trace{CodeRetour: string(r.Code), Emetteur: "AMC:" + r.AMC, IDMessage: "reserve-" + r.Cle(), Operateur: r.Levee.Par,
				Reception: r.Levee.Instant.UnixMilli(), Role: preuve.RoleDestinataire, Service: "RESERVE", VerdictQuestion: etablissement.NonScelle}
			if _, err := jr.Ecrire(ctx, t, contenuRapport(b)); err != nil {
				return err
			}
		}
		return nil
	}
}

// leveeTracee is what the journal keeps of a reserve that a person settled.
type leveeTracee struct {
	Cle     string `json:"cle"`
	Retour  string `json:"retour"`
	AMC     string `json:"amc"`
	Facture string `json:"facture"`
	Lot     string `json:"lot"`
	Montant string `json:"montant"`
	Cause   string `json:"cause"`
	Par     string `json:"par"`
	Motif   string `json:"motif"`
}
