package laboratoire

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// creance is a guarantee of the stories, to be invoiced and paid.
type creance struct {
	h      *monde.Histoire
	es     *serveur.PartieEtablissement
	venue  string
	rang   int
	numero string // of its last invoice
	amc    *serveur.PartieAMC
}

// The stories to which something happens on the way to their money; the others
// are paid at once. A local calculation is computed again by its insurer.
const (
	histoireRejetee = "sejour-public"
	histoireEnParts = "sejour-clinique"
	publiqueEnParts = "depassements" // so that a comptable too sees two transfers
)

// delaiFlux bounds the wait for what the servers do by themselves.
const delaiFlux = 20 * time.Second

// facturer takes every guarantee of the stories to its money: invoiced, controlled,
// liquidated; one is rejected, corrected and paid, one paid in two parts. At the
// end both books must say the same.
func (r *Recit) facturer(ctx context.Context) error {
	debut := len(r.etapes)
	creances, err := r.creances(ctx)
	if err != nil {
		return err
	}
	for _, c := range creances {
		if err := r.facturerUne(ctx, c, c.numero); err != nil {
			return err
		}
	}
	if err := r.envoyerLots(ctx); err != nil {
		return err
	}
	for _, c := range creances {
		if err := r.suivre(ctx, c, "Facturée au montant garanti, contrôlée et liquidée", etablissement.Accusee, roc.FactureLiquidee); err != nil {
			return err
		}
	}
	for _, c := range creances {
		if err := r.regler(ctx, c); err != nil {
			return fmt.Errorf("%s : %w", c.h.Titre, err)
		}
	}
	if err := r.comparerLivres(ctx, creances); err != nil {
		return err
	}
	if err := r.comptes(ctx, creances); err != nil {
		return fmt.Errorf("comptable : %w", err)
	}
	return r.prouver(ctx, monde.CleHopital, debut)
}

// creances lists the guarantees in force at the end of the stories.
func (r *Recit) creances(ctx context.Context) ([]*creance, error) {
	var l []*creance
	for _, x := range r.venues {
		v, err := x.es.Service.Venue(ctx, x.venue)
		if err != nil {
			return nil, err
		}
		for _, cv := range v.Couvertures {
			if cv.Etat != etablissement.Engagee {
				continue
			}
			a := r.assureur(cv.AMC.Numero)
			if a == nil {
				return nil, fmt.Errorf("aucune partie ne tient l'AMC %s", cv.AMC.Numero)
			}
			l = append(l, &creance{h: x.h, es: x.es, venue: x.venue, rang: cv.Rang, amc: a,
				numero: fmt.Sprintf("%s-%d", cv.Calcul.Demande.NumeroFactureES, cv.Rang)})
		}
	}
	return l, nil
}

func (r *Recit) assureur(n sante.NumeroAMC) *serveur.PartieAMC {
	for _, p := range r.parties {
		for _, a := range p.AMC {
			if a.Tenant == serveur.TenantAMC(n.String()) {
				return a
			}
		}
	}
	return nil
}

func (c *creance) place() etablissement.Place {
	return etablissement.Place{Venue: c.venue, Rang: c.rang}
}

func (r *Recit) facturerUne(ctx context.Context, c *creance, numero string) error {
	c.numero = numero
	_, err := c.es.Service.Facturer(ctx, c.place(), etablissement.Ordre{Agent: agent}, etablissement.Facturation{Numero: numero})
	return err
}

// envoyerLots sends what waits, without waiting for the servers' own beat.
func (r *Recit) envoyerLots(ctx context.Context) error {
	for _, p := range r.parties {
		for _, e := range p.Etablissements {
			if _, err := e.Service.FormerLots(ctx); err != nil {
				return err
			}
			e.Reveiller()
		}
	}
	return nil
}

// suivre waits for an invoice to come to a state, and tells it.
func (r *Recit) suivre(ctx context.Context, c *creance, titre string, etat etablissement.Etat, notifiee roc.EtatFacture) error {
	x := pupitre.Etape{Histoire: c.h.Titre, Titre: titre, Service: roc.DRE, Demandeur: c.h.Etablissement.Nom, Debut: r.temoin.horloge(), Attendu: etat.Libelle()}
	var cv *etablissement.Couverture
	for fin := time.Now().Add(delaiFlux); ; time.Sleep(10 * time.Millisecond) {
		c.amc.Reveiller() // what was just received may have made a return to send
		v, err := c.es.Service.Venue(ctx, c.venue)
		if err != nil {
			return err
		}
		cv = v.Couverture(c.rang)
		if x.Ok = cv.Etat == etat && (notifiee == "" || cv.Facture.Notifiee == notifiee); x.Ok || time.Now().After(fin) {
			break
		}
	}
	x.Duree = r.temoin.horloge().Sub(x.Debut)
	x.Repondant, x.Code = cv.AMC.Libelle, roc.Accepte
	if cv.Code != "" {
		x.Code = cv.Code
	}
	f := cv.Facture
	x.Recit = []string{fmt.Sprintf("Facture %s, lot %s : %s demandés, %s payés.", f.Numero, f.Lot, f.Demande.Euros(), f.Paye.Euros())}
	if x.Ok && notifiee == roc.FactureLiquidee && cv.Calcul.Local {
		x.Recit = append(x.Recit, fmt.Sprintf("L'AMC a refait le calcul de %s avec le contrat qu'elle a garanti : les mêmes parts, au centime ; un écart l'aurait rejetée en %s.",
			francais.Accorder(len(cv.Calcul.Demande.Lignes), "ligne", "lignes"), roc.RecalculDifferent))
	}
	if f.Precision != "" {
		x.Recit = append(x.Recit, "L'AMC précise : "+f.Precision+".")
	}
	if qui := cv.Code.Signification().Qui; cv.Code != "" && !cv.Code.Accord() {
		x.Recit = append(x.Recit, "Qui agit : "+qui+".")
	}
	if !x.Ok {
		x.Constate = cv.Etat.Libelle() + ", annoncée " + string(f.Notifiee)
	}
	r.ajouter(x)
	return nil
}

// regler pays an invoice, after what its story wants to happen to it.
func (r *Recit) regler(ctx context.Context, c *creance) error {
	finess := c.es.Maison.Etablissement.FinessJuridique
	s := c.amc.Liquidation
	switch c.h.Cle {
	case histoireRejetee:
		if err := s.Rejeter(ctx, finess, c.numero, roc.PiecesManquantes, "bulletin de situation attendu"); err != nil {
			return err
		}
		c.amc.Reveiller()
		if err := r.suivre(ctx, c, "Rejetée : une pièce manque", etablissement.Rejetee, roc.FactureRejetee); err != nil {
			return err
		}
		if _, err := c.es.Service.Corriger(ctx, c.place(), etablissement.Ordre{Agent: agent}); err != nil {
			return err
		}
		if err := r.facturerUne(ctx, c, c.numero+"-R"); err != nil {
			return err
		}
		if err := r.envoyerLots(ctx); err != nil {
			return err
		}
		if err := r.suivre(ctx, c, "Corrigée : la rectificative est acceptée", etablissement.Accusee, roc.FactureLiquidee); err != nil {
			return err
		}
	case histoireEnParts, publiqueEnParts:
		f, err := s.Factures.Facture(ctx, finess, c.numero)
		if err != nil {
			return err
		}
		if err := r.virer(ctx, c, "1", func(o liquidation.Ordre) error {
			return s.Regler(ctx, o, finess, map[string]liquidation.Part{c.numero: {Montant: f.Demande / 2, Code: roc.PiecesManquantes}})
		}); err != nil {
			return err
		}
		c.amc.Reveiller()
		if err := r.suivre(ctx, c, "Payée en partie", etablissement.PayeePartiellement, ""); err != nil {
			return err
		}
	}
	if err := r.virer(ctx, c, "2", func(o liquidation.Ordre) error { return s.Solder(ctx, o, finess, c.numero) }); err != nil {
		return err
	}
	c.amc.Reveiller()
	return r.suivre(ctx, c, "Payée", etablissement.Payee, roc.FacturePayee)
}

func (r *Recit) ordre(c *creance, suite string) liquidation.Ordre {
	jour := sante.JourA(r.temoin.horloge(), sante.Paris())
	return liquidation.Ordre{Comptable: jour, Mandatement: jour, Payeur: c.amc.Liquidation.Parametres.Debitrices[0],
		Reference: "VIR-" + c.numero + "-" + suite, Compte: "0042"}
}

// comparerLivres tells whether the hospitals and the insurers say the same of each
// invoice.
func (r *Recit) comparerLivres(ctx context.Context, l []*creance) error {
	x := pupitre.Etape{Histoire: "De la facture à l'argent", Titre: "Les livres des deux côtés sont égaux", Service: roc.RET, Debut: r.temoin.horloge(),
		Code: roc.Accepte, Ok: true, Attendu: "le même état et le même montant de chaque facture"}
	var paye sante.Montant
	for _, c := range l {
		v, err := c.es.Service.Venue(ctx, c.venue)
		if err != nil {
			return err
		}
		f, err := c.amc.Liquidation.Factures.Facture(ctx, c.es.Maison.Etablissement.FinessJuridique, c.numero)
		if err != nil {
			return err
		}
		la := v.Couverture(c.rang).Facture
		paye += f.Paye
		if la.Demande != f.Demande || la.Paye != f.Paye || f.Paye != f.Demande || f.Etat != liquidation.Payee {
			x.Ok = false
			x.Constate = fmt.Sprintf("%s : %s payés sur %s à l'AMC, %s sur %s à l'établissement", c.numero, f.Paye.Euros(), f.Demande.Euros(), la.Paye.Euros(), la.Demande.Euros())
		}
	}
	x.Duree = r.temoin.horloge().Sub(x.Debut)
	x.Recit = []string{fmt.Sprintf("%d factures, %s payés : ce que l'AMC a garanti, au centime.", len(l), paye.Euros())}
	r.ajouter(x)
	return nil
}
