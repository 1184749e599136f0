package serveur

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// garanties is liquidation.Garanties over the engagements of an insurer.
type garanties struct{ st *amcstore.Store }

// Prendre locks engagements and reads them.
func (g garanties) Prendre(ctx context.Context, l []roc.NumeroEngagement) (map[roc.NumeroEngagement]*liquidation.Garantie, error) {
	pris, err := g.st.Engagements.Prendre(ctx, l)
	m := make(map[roc.NumeroEngagement]*liquidation.Garantie, len(pris))
	for i := range pris {
		m[pris[i].Numero] = garantieDe(&pris[i])
	}
	return m, err
}

func garantieDe(e *amc.EngagementGarde) *liquidation.Garantie {
	return &liquidation.Garantie{Numero: e.Numero, Locale: e.Genre == amc.GarantieLocale, Finess: e.Finess, Dossier: e.Dossier,
		Etat: liquidation.EtatGarantie(e.Etat), PeriodeDebut: e.PeriodeDebut, PeriodeFin: e.PeriodeFin, Debut: e.Debut, Fin: e.Fin,
		Total: e.Total, Max: e.Max, Beneficiaire: e.Beneficiaire, Patient: e.Patient, Calcul: e.Calcul, Version: e.Version, Lignes: e.Lignes}
}

// DuDossier reads the engagements of a dossier.
func (g garanties) DuDossier(ctx context.Context, finess sante.FINESS, dossier string) ([]*liquidation.Garantie, error) {
	tenus, err := g.st.Engagements.DuDossier(ctx, finess, dossier)
	l := make([]*liquidation.Garantie, len(tenus))
	for i := range tenus {
		l[i] = garantieDe(&tenus[i])
	}
	return l, err
}

// Passer changes the state of engagements.
func (g garanties) Passer(ctx context.Context, etat liquidation.EtatGarantie, l []roc.NumeroEngagement) error {
	return g.st.Engagements.PasserTous(ctx, amc.EtatGarde(etat), l)
}

// Resserrer narrows a guarantee of local calculation.
func (g garanties) Resserrer(ctx context.Context, n roc.NumeroEngagement, debut, fin sante.Jour) error {
	return g.st.Engagements.Resserrer(ctx, n, debut, fin)
}

// Contrat is the contract that the answer on rights was made from. The counters are
// not opposed to a local calculation, here no more than at the hospital's.
// hyp: LOCAL-COMPTEURS
func (g garanties) Contrat(ctx context.Context, x *liquidation.Garantie) (calcul.Contrat, calcul.Compteurs, error) {
	c, err := g.st.Contrats.Contrat(ctx, x.Version)
	if err != nil {
		return calcul.Contrat{}, nil, err
	}
	k := c.Calcul()
	k.Debut, k.Fin = x.PeriodeDebut, x.PeriodeFin
	return k, nil, nil
}

// suiteRetour files the acknowledgement of a return. One that cannot be delivered
// waits for a person.
func suiteRetour(ctx context.Context, s *liquidation.Service, livre *liqstore.Store, x *acheminement.Envoi, i *acheminement.Issue) error {
	numero, ok := numeroPli(x)
	if i.Sort != acheminement.Acquis || !ok {
		return nil
	}
	if x.Transport != TransportROC {
		_, err := livre.Acquitter(ctx, numero, acquitFichier, "", i.Instant)
		return err
	}
	r := new(roc.ReponseRET)
	if err := roc.EchangeRET.CorpsReponse.DecodeJSON(i.Recu, r); err != nil {
		return fmt.Errorf("acquittement illisible : %w", err)
	}
	acquitte, err := livre.Acquitter(ctx, numero, r.CodeRetour, precisionSure(r.Precision), i.Instant)
	if err != nil || acquitte == nil {
		return err
	}
	return s.Acquitter(ctx, acquitte)
}

// precisionSure is what a partner says in its own words, as it is kept and shown:
// without control characters, nor any number of a person.
func precisionSure(s string) string {
	if sante.ContientNIR(s) {
		return ""
	}
	return TexteSimple(s, 500)
}

// retoursAMC is liquidation.Retours over the queue of an insurer.
type retoursAMC struct {
	file    *achstore.Store
	livre   *liqstore.Store
	horloge sante.Horloge
	numero  sante.NumeroAMC
	// parFichier are the hospitals that asked for files rather than sealed returns.
	parFichier map[sante.FINESS]bool
}

// Poster writes a return in the queue.
func (r retoursAMC) Poster(ctx context.Context, finess sante.FINESS, d *roc.DemandeRET) error {
	if r.parFichier[finess] {
		fait, err := r.posterFichier(ctx, finess, d)
		if fait || err != nil {
			return err
		}
	}
	adresse, err := r.livre.AdresseRetour(ctx, finess)
	if err != nil {
		return err
	}
	id := roc.NouvelUUID()
	if err := r.livre.NoterRetour(ctx, finess, d, id, r.horloge()); err != nil {
		return err
	}
	return poster(ctx, r.file, GenreRetour, finess.String(), &Pli{IDMessage: id, Numero: d.Numero, Finess: finess.String(), Adresse: adresse,
		Corps: roc.EchangeRET.CorpsDemande.AppendJSON(nil, d)}, r.horloge())
}

// RendreParFichier gives a hospital files rather than sealed returns, from now on.
func (a *PartieAMC) RendreParFichier(finess sante.FINESS) {
	a.Liquidation.Retours.(retoursAMC).parFichier[finess] = true
}

// Livre makes the rules of an insurer's book of invoices, over its database.
func (p *Processus) Livre(c *config.AMC, st *amcstore.Store, moteur calcul.Moteur, file *achstore.Store) (*liquidation.Service, error) {
	numero, err := sante.ParseNumeroAMC(c.Numero)
	if err != nil {
		return nil, err
	}
	conventions := make(map[sante.FINESS]bool)
	for _, f := range c.Conventions {
		finess, err := sante.ParseFINESS(f)
		if err != nil {
			return nil, fmt.Errorf("conventions : %w", err)
		}
		conventions[finess] = true
	}
	parFichier := make(map[sante.FINESS]bool)
	for _, f := range c.Fichiers.Retours {
		finess, err := sante.ParseFINESS(f)
		if err != nil {
			return nil, fmt.Errorf("fichiers.retours : %w", err)
		}
		parFichier[finess] = true
	}
	livre := liqstore.New(p.Base, TenantAMC(c.Numero))
	joignable, err := p.joignable(c)
	if err != nil {
		return nil, err
	}
	return &liquidation.Service{
		Parametres: liquidation.Parametres{Debitrices: []sante.NumeroAMC{numero}, DelaiPaiement: c.DelaiPaye, Joignable: joignable,
			Convention: func(f sante.FINESS) bool { return conventions[f] }, SansRecalcul: c.SansRecalcul},
		Factures: livre, Garanties: garanties{st}, Retours: retoursAMC{file, livre, p.Horloge, numero, parFichier},
		Vie:    viesAMC{vies{file, p.feuilleDe(TenantAMC(c.Numero)), p.Horloge}},
		Moteur: moteur, Horloge: p.Horloge, Transaction: livre.Transaction,
	}, nil
}

// liquider opens the asynchronous half of an insurer: it receives batches,
// controls and liquidates them, and sends its returns. Paying is a person's
// order, see commande_factures.go.
func (p *Processus) liquider(c *config.AMC, a *PartieAMC, moteur calcul.Moteur, client *roc.Client) (*gate.Service, error) {
	livre := liqstore.New(p.Base, a.Tenant)
	s, err := p.Livre(c, a.store, moteur, achstore.New(p.Base, a.Tenant))
	if err != nil {
		return nil, err
	}
	s.Membres = a.service
	p.ouvrirGuichet(a.Tenant, &c.Fichiers, cercle.RoleEtablissement, nil)
	flux := p.acheminer(a.Tenant, &c.Fichiers, porteurROC{client, c.Hebergeurs}, func(ctx context.Context, x *acheminement.Envoi, i *acheminement.Issue) error {
		return suiteRetour(ctx, s, livre, x, i)
	})
	a.Liquidation, a.flux = s, flux
	return gate.Offrir(roc.EchangeDRE, s.Recevoir, gate.Options[roc.DemandeDRE, roc.ReponseDRE]{Engage: true}), nil
}

// epuiser runs f while it finds whole lots.
func epuiser(ctx context.Context, f func(ctx context.Context, max int) (int, error)) error {
	for {
		n, err := f(ctx, LotLiquidation)
		if err != nil || n < LotLiquidation {
			return err
		}
	}
}

// LotLiquidation is how many invoices a transaction takes.
const LotLiquidation = 500
