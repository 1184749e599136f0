package droits

import (
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// ErrSansCachet is returned to a workstation that would bill without a seal: an invoice
// engages who sends it.
var ErrSansCachet = errors.New("droits: une facture se scelle, et le poste n'a pas de cachet (OptionsPoste.Cachet)")

// Factures sends invoices to the insurer of a card, asks what became of those sent before,
// or both; by the concentrator when there is one, and without it as for rights. The error is a *visiodroits.NonTrouve
// when lists do not say where, and a *roc.Refus when a party refuses; without answer, the
// same batch is sent again as it is: it is received once. GarderLot and EnvoyerLot do this for
// a batch; Factures alone serves the follow-up, and who keeps batches elsewhere. The answer's
// own code may refuse the batch whole. ref: VISIO §13
func (p *Poste) Factures(ctx context.Context, carte Carte, d *DemandeFactures) (*ReponseFactures, error) {
	if p.o.Cachet == nil || p.o.Cachet() == nil {
		return nil, ErrSansCachet
	}
	if d.Lot != nil {
		if err := d.Lot.Coherence(); err != nil {
			return nil, err
		}
	}
	s, err := p.serviceFactures(carte)
	if err != nil {
		return nil, err
	}
	r, err := p.envoyerFactures(ctx, s, d)
	if !errors.Is(err, roc.ErrEmpreinte) {
		return r, err
	}
	// A server that was renewed is in a list that the workstation has not read yet.
	if change, e := p.Relire(ctx, visiodroits.GenreServices, s.Emetteur); e != nil || !change {
		return nil, errors.Join(err, e)
	}
	if s, err = p.serviceFactures(carte); err != nil {
		return nil, err
	}
	return p.envoyerFactures(ctx, s, d)
}

// serviceFactures is where the lists say that invoices go.
func (p *Poste) serviceFactures(carte Carte) (*visiodroits.ServiceTrouve, error) {
	a := p.o.Horloge()
	return p.o.Classeur.Service(visiodroits.Recherche{NumeroAMC: carte.NumeroAMC, TypeConvention: carte.TypeConvention, CSR: carte.CSR,
		Service: visiodroits.FAO, Date: sante.JourA(a, sante.Paris()), Versions: []string{Norme.Profil}}, a)
}

func (p *Poste) envoyerFactures(ctx context.Context, s *visiodroits.ServiceTrouve, d *DemandeFactures) (*ReponseFactures, error) {
	cible := cibleDe(s, sante.JourA(p.o.Horloge(), sante.Paris()))
	envoyer := func(relais *roc.Client) (*ReponseFactures, error) {
		c := *relais
		c.Delais.Ordinaire = p.o.DelaiFactures
		r, err := roc.Envoyer(ctx, &c, EchangeFactures, cible, "-", d, roc.Suivi{})
		if err != nil {
			return nil, err
		}
		return r.Corps, nil
	}
	if p.factures != nil {
		r, err := envoyer(p.factures)
		if err == nil || !p.o.Repli || !errors.Is(err, roc.ErrSansReponse) && !errors.Is(err, roc.ErrEmpreinte) {
			return r, err
		}
	}
	return envoyer(p.direct)
}

// cibleDe is who answers a service on a day, and under whose seal.
func cibleDe(s *visiodroits.ServiceTrouve, jour sante.Jour) *roc.Cible {
	c := &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: s.NumeroAMC.String()}, Adresse: s.Adresse}
	for _, a := range s.Scelleurs(jour) {
		c.Structures = append(c.Structures, string(a))
	}
	for _, e := range s.Empreintes {
		c.Empreintes = append(c.Empreintes, string(e))
	}
	return c
}
