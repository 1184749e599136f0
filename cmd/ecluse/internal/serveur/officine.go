package serveur

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	offront "github.com/ecluse-sante/ecluse/internal/officine/front"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Officine makes the rules of who pays the professionals for an insurer, over its database.
// The third party is asked by tiers, what operators accredit is believed by operateurs;
// nobody is asked, and nothing believed, when they are nil.
func (p *Processus) Officine(c *config.AMC, anciens []sante.NumeroAMC, moteur calcul.Moteur, tiers off.Tarifications, operateurs off.Emetteurs) (*off.Service, error) {
	numero, err := sante.ParseNumeroAMC(c.Numero)
	if err != nil {
		return nil, err
	}
	f, tenant := &c.Droits.Factures, TenantAMC(c.Numero)
	livre := offstore.New(p.Base, tenant)
	x := off.Ports{Accreditations: registreOfficine{accrstore.New(p.Base, tenant)}, Emetteurs: operateurs, Tarifications: tiers, Livre: livre, Caisse: livre,
		Moteur: moteur, Horloge: p.Horloge, Transaction: livre.Transaction}
	if tiers != nil {
		if x.CleControle, err = p.SecretOfficine(c); err != nil {
			return nil, err
		}
		x.CleControle = x.CleControle[:32]
	}
	return off.New(off.Parametres{AMC: numero, Anciens: anciens, Tolerance: func(sante.Jour) int { return c.Droits.Tolerance },
		VieNormale: p.borne(vigie.VieNormale), PremiereVue: p.borne(vigie.PremiereVue),
		Delai: f.Delai, DelaiPaiement: c.DelaiPaye, Quota: sante.Pourcent(f.Quota), QuotaDes: int64(f.QuotaDes), RefuserAuDela: f.Refuser}, x)
}

// servicesOfficine opens the invoices of the professionals outside the hospital, and does
// each day what is due to them. The client asks the third party; its seal is the caller's to
// set.
func (p *Processus) servicesOfficine(c *config.AMC, s *amc.Service, moteur calcul.Moteur, tenant string, moi roc.Partie, suivies *listesSuivies) ([]*gate.Service, *roc.Client, error) {
	f, client := &c.Droits.Factures, &roc.Client{}
	if !f.Ouvert {
		return nil, client, nil
	}
	var tiers off.Tarifications
	var err error
	if suivies != nil && suivies.tiers != nil {
		if client, _, err = p.clientAMC(c, tenant, moi); err != nil {
			return nil, nil, err
		}
		tiers = tiersDeConfiance{client, func() *roc.Cible { return cibleDuTiers(suivies, p.Horloge()) }}
	}
	var o *off.Service
	dire := func(quoi string, err error) {
		if err != nil {
			p.Log.Error("entretien interrompu", "locataire", tenant, "tache", quoi, "erreur", err)
		}
	}
	trancher := func(ctx context.Context) {
		_, err := o.Trancher(ctx, lotEntretien)
		dire("factures de ville en attente", err)
	}
	var operateurs off.Emetteurs
	if len(c.Droits.Mandats) > 0 {
		operateurs, suivies.apres = suivies.emetteurs(p.Horloge), trancher
	}
	o, err = p.Officine(c, s.Reglages().AnciensNumeros, moteur, tiers, operateurs)
	if err != nil {
		return nil, nil, err
	}
	livre := offstore.New(p.Base, tenant)
	alerter, retards := p.alerterDegrade(livre, tenant), p.alerterRetards(livre, tenant)
	p.tache(time.Minute, trancher)
	p.tache(10*time.Minute, func(ctx context.Context) {
		_, err := ReglerSiDu(ctx, o, sante.JourA(p.Horloge(), sante.Paris()))
		dire("règlement des professionnels", err)
		dire("quota du mode dégradé", alerter(ctx))
		dire("factures en retard", retards(ctx))
	})
	p.tache(time.Hour, func(ctx context.Context) {
		dire("factures de ville", jusquAuBout(func() (int64, error) {
			n, err := o.Purger(ctx, int(p.Fichier.Conservation.Engagements.Duration()/(24*time.Hour)), lotEntretien)
			return int64(n), err
		}))
	})
	return offront.Services(o), client, nil
}

// ReglerSiDu makes the payment run of a day once something is due, and ends those that a
// process left half way: a day without invoice has no run, and the answer is nil.
func ReglerSiDu(ctx context.Context, o *off.Service, jour sante.Jour) (*off.Reglement, error) {
	ouverts, err := o.Caisse.Ouverts(ctx, jour+1)
	if err != nil {
		return nil, err
	}
	ordres, err := o.Caisse.Ordres(ctx, jour)
	if err != nil {
		return nil, err
	}
	if len(ouverts) == 0 && len(ordres) == 0 {
		if l, err := o.Livre.Professionnels(ctx, droits.FactureAcceptee); err != nil || len(l) == 0 {
			return nil, err
		}
	}
	return o.Ordonner(ctx, jour)
}

// alerterDegrade tells who watches, once for each month, which professionals are above the
// quota. ref: VISIO §8.3
func (p *Processus) alerterDegrade(livre *offstore.Store, tenant string) func(context.Context) error {
	return func(ctx context.Context) error {
		l, err := livre.Alertes(ctx)
		if err != nil {
			return err
		}
		for _, x := range l {
			p.vigie.alertes.Signaler(vigie.Evenement{Quand: p.Horloge(), Gravite: vigie.Alerte, Code: vigie.TropDegrade, Tenant: tenant, Structure: x.PS.String(),
				Detail: fmt.Sprintf("%d factures sur %d en %s", x.Compte.Degradees, x.Compte.Factures, x.Mois)})
			if err := livre.Dite(ctx, x); err != nil {
				return err
			}
		}
		return nil
	}
}

// alerterRetards tells who watches, once a day, how many invoices were not paid on the day
// that was promised: they wait for a decision, for the third party or for the bank.
func (p *Processus) alerterRetards(livre *offstore.Store, tenant string) func(context.Context) error {
	var dit sante.Jour
	return func(ctx context.Context) error {
		a := p.Horloge()
		jour := sante.JourA(a, sante.Paris())
		if jour == dit {
			return nil
		}
		n, err := livre.EnRetard(ctx, jour)
		if err != nil {
			return err
		}
		if dit = jour; n > 0 {
			p.vigie.alertes.Signaler(vigie.Evenement{Quand: a, Gravite: vigie.Alerte, Code: vigie.FacturesEnRetard, Tenant: tenant,
				Detail: francais.Accorder(int(n), "facture", "factures") + " : « ecluse officines lister » montre ce qui attend"})
		}
		return nil
	}
}

// registreOfficine is the register of accreditations as the controls of an invoice ask it.
type registreOfficine struct{ accreditation.Registre }

// Accreditation implements officine.Accreditations. It gives what was promised: the
// portfolio is not asked. ref: VISIO §13
func (r registreOfficine) Accreditation(ctx context.Context, n droits.NumeroAccreditation) (*off.Accreditation, error) {
	e, err := r.Emise(ctx, n)
	if errors.Is(err, accreditation.ErrInconnue) {
		return nil, off.ErrInconnue
	}
	if err != nil {
		return nil, err
	}
	etendue, err := droits.LireEtendue(e.Conditions)
	if err != nil {
		return nil, fmt.Errorf("étendue d'une accréditation : %w", err)
	}
	etendue.Debut, etendue.Fin = e.Debut, e.Fin
	a := &off.Accreditation{Numero: e.Numero, AMC: etendue.NumeroAMC, Contrat: e.Beneficiaire, Personne: e.Personne,
		Categorie: e.Categorie, Convention: e.Convention, Etendue: *etendue, Lien: e.Lien}
	if e.Revocation != nil {
		a.Revocation = e.Revocation
	}
	return a, nil
}

// cibleDuTiers is where the third party answers now. Its seal is the one that the insurer
// knows, wherever its list says that it is.
func cibleDuTiers(x *listesSuivies, a time.Time) *roc.Cible {
	t, _ := x.acces(a) // a control encrypts nothing for its key
	c := &roc.Cible{Destinataire: roc.Partie{Type: roc.Tiers, ID: string(x.tiers.Operateur)}, Adresse: t.Adresse, Structures: []string{string(x.tiers.Structures[0])}}
	for _, e := range t.Empreintes {
		c.Empreintes = append(c.Empreintes, string(e))
	}
	return c
}

// tiersDeConfiance asks the third party about an invoice, under the seal of who pays. The
// question has what the invoice quotes and no person: the two sides meet here, and pass no
// more than this. ref: VISIO §13 (F708), DEC 32
type tiersDeConfiance struct {
	client *roc.Client
	cible  func() *roc.Cible
}

// Controler implements officine.Tarifications. A number, a link or amounts that cannot be
// ones of a pricing are a no; whatever else keeps from an answer is a silence.
func (x tiersDeConfiance) Controler(ctx context.Context, c *off.ControleTarification) (bool, error) {
	d := &tarif.DemandeControle{}
	var err1, err2, err3 error
	d.NumeroTarification, err1 = tarif.ParseNumeroTarification(c.Numero)
	d.Lien, err2 = tarif.ParseLien(c.Lien)
	d.Facture, err3 = tarif.ParseEmpreinteFacture(c.Facture)
	for _, m := range c.Montants {
		d.Montants = append(d.Montants, tarif.MontantFamille{Famille: m.Famille, Depense: m.Depense, AMO: m.AMO, AMC: m.AMC})
	}
	if errors.Join(err1, err2, err3, tarif.EchangeControle.CorpsDemande.Verify(d)) != nil {
		return false, nil
	}
	r, err := roc.Envoyer(ctx, x.client, tarif.EchangeControle, x.cible(), "CTL", d, roc.Suivi{})
	switch {
	case err != nil:
		return false, errors.Join(off.ErrMuet, err)
	case !r.Corps.Accord():
		return false, fmt.Errorf("%w : code %s", off.ErrMuet, r.Corps.CodeRetour)
	}
	return r.Corps.Conforme == tarif.Oui, nil
}

// SecretOfficine is that of who pays: invoices are named under it, accounts closed.
func (p *Processus) SecretOfficine(c *config.AMC) ([]byte, error) {
	k, err := p.secretPartage(TenantAMC(c.Numero), "officine", p.Fichier.Resoudre(cmp.Or(c.Droits.Factures.CleControle, filepath.Join(p.Fichier.Donnees, "officine-"+c.Numero+".secret"))))
	if err != nil {
		return nil, fmt.Errorf("droits : factures : %w", err)
	}
	return k, nil
}

// gesteTrace is what the journal keeps of what a person did of the payments.
type gesteTrace struct {
	Geste    string `json:"geste"`
	PS       string `json:"ps"`
	Virement string `json:"virement,omitempty"`
	Montant  string `json:"montant,omitempty"`
	Avant    string `json:"avant,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Par      string `json:"par"`
}

// TracerOfficine writes in the journal of an insurer who said an account, and which transfer
// came back.
func (p *Processus) TracerOfficine(tenant string) func(context.Context, *off.Geste) error {
	return func(ctx context.Context, g *off.Geste) error {
		jr := p.journaux.par[tenant]
		if jr == nil {
			return errSansJournal
		}
		x := gesteTrace{Geste: string(g.Nature), PS: g.PS.String(), Virement: g.Virement, Avant: string(g.Avant), Detail: g.Detail, Par: g.Par}
		id := "compte-" + x.PS // what the journal is asked for
		if g.Virement != "" {
			id, x.Montant = "virement-"+g.Virement, g.Montant.String()
		}
		b, err := json.Marshal(x)
		if err != nil {
			return err
		}
		t := preuve.Trace{CodeRetour: string(g.Nature), Emetteur: "PS:" + x.PS, IDMessage: id, Operateur: g.Par, Reception: g.Instant.UnixMilli(), Role: preuve.RoleDestinataire, Service: "PAIEMENT", VerdictQuestion: nonScelle}
		_, err = jr.Ecrire(ctx, t, contenuRapport(b))
		return err
	}
}

// nonScelle is the verdict of what nobody sealed: a gesture at the command line.
const nonScelle = "NON_SCELLE"
