package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// departs is etablissement.Depart over the queue of a hospital.
type departs struct {
	flux    *fluxSortant
	horloge sante.Horloge
}

// Poster writes a batch in the queue.
func (d departs) Poster(ctx context.Context, r roc.Routage, lot *etablissement.LotEmis, x *roc.DemandeDRE) error {
	return poster(ctx, d.flux.file, genreLot, lot.AMC.String(), &pli{Numero: lot.Numero, Corps: roc.EchangeDRE.CorpsDemande.AppendJSON(nil, x),
		Routage: &routagePli{NumeroAMC: lot.AMC.String(), TypeConvention: r.TypeConvention, CSR: r.CSR, Domaine: string(r.Domaine), Jour: r.DateReference.String()}}, d.horloge())
}

// facturer opens the asynchronous half of a hospital: its batches leave, and it
// hears the returns of insurers.
func (p *processus) facturer(ctx context.Context, c *config.Etablissement, e *partieEtablissement) error {
	if c.Retours == "" {
		return nil
	}
	s := e.service
	s.Factures, s.AdresseRetour = e.store, c.Retours
	flux := p.acheminer(e.tenant, e.client, func(ctx context.Context, x *acheminement.Envoi, i *acheminement.Issue) error {
		return suiteLot(ctx, s, i, x)
	})
	s.Depart, e.flux = departs{flux, p.horloge}, flux
	moi := roc.Partie{Type: roc.ES, ID: c.Finess, FinessGeo: e.maison.Etablissement.FinessGeo, Libelle: c.Libelle}
	porte, err := p.porte(ctx, e.tenant, moi, &c.Identite, gate.Offrir(roc.EchangeRET, s.RecevoirRetour, gate.Options[roc.DemandeRET, roc.ReponseRET]{Engage: true}))
	if err != nil {
		return err
	}
	p.portail.Ouvrir(porte)
	p.tache(5*time.Second, func(ctx context.Context) {
		n, err := s.FormerLots(ctx)
		if err != nil {
			p.log.Warn("lots interrompus", "locataire", e.tenant, "erreur", err)
		}
		if n > 0 {
			flux.tournee.Reveiller()
		}
	})
	return nil
}

// suiteLot files what became of a batch: its acknowledgement, or its refusal for
// good. A batch that nobody answered waits for a person.
func suiteLot(ctx context.Context, s *etablissement.Service, i *acheminement.Issue, e *acheminement.Envoi) error {
	numero, ok := numeroLot(e)
	if !ok {
		return fmt.Errorf("lot illisible dans la file")
	}
	r := new(roc.ReponseDRE)
	switch {
	case i.Sort == acheminement.Acquis:
		if err := roc.EchangeDRE.CorpsReponse.DecodeJSON(i.Recu, r); err != nil {
			return fmt.Errorf("accusé illisible : %w", err)
		}
	case roc.Code(i.Code).Libelle() != "":
		r.Retour = roc.RetourDe(roc.Code(i.Code), "")
	default:
		return nil
	}
	return s.RecevoirAccuse(ctx, numero, r)
}

// numeroLot is the number of the batch that a message carries, as its key tells.
func numeroLot(e *acheminement.Envoi) (string, bool) {
	debut := genreLot + "-" + e.Destinataire + "-"
	if len(e.Cle) <= len(debut) || e.Cle[:len(debut)] != debut {
		return "", false
	}
	return e.Cle[len(debut):], true
}
