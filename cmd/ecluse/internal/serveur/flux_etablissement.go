package serveur

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
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
	return poster(ctx, d.flux.file, GenreLot, lot.AMC.String(), &Pli{IDMessage: lot.IDMessage, Numero: lot.Numero, Corps: roc.EchangeDRE.CorpsDemande.AppendJSON(nil, x),
		Routage: &routagePli{NumeroAMC: lot.AMC.String(), TypeConvention: r.TypeConvention, CSR: r.CSR, Domaine: string(r.Domaine), Jour: r.DateReference.String()}}, d.horloge())
}

// facturer opens the asynchronous half of a hospital: its batches leave, and it
// hears the returns of insurers.
func (p *Processus) facturer(ctx context.Context, c *config.Etablissement, e *PartieEtablissement) error {
	if c.Retours == "" && c.Conventions == "" {
		return nil
	}
	s := e.Service
	s.Factures, s.AdresseRetour = e.Store, c.Retours
	s.Reserves, s.TracerLevee = e.Store, p.tracerLevee(e.Tenant)
	if err := p.tenirComptable(c, e); err != nil {
		return fmt.Errorf("comptable : %w", err)
	}
	if err := p.cablerFichiers(c, e); err != nil {
		return err
	}
	flux := p.acheminer(e.Tenant, &c.Fichiers, porteurROC{client: e.Client}, func(ctx context.Context, x *acheminement.Envoi, i *acheminement.Issue) error {
		return suiteLot(ctx, s, i, x)
	})
	dits := mandatsDits{e.Client}
	s.Depart, s.Mandats, e.flux = departs{flux, p.Horloge}, dits, flux
	s.Vie = viesES{vies{flux.file, p.feuilleDe(e.Tenant), p.Horloge}}
	p.mandats.connaitre(e.Tenant, dits.mandate)
	p.tache(5*time.Second, func(ctx context.Context) {
		n, err := s.FormerLots(ctx)
		if err != nil {
			p.Log.Warn("lots interrompus", "locataire", e.Tenant, "erreur", err)
		}
		if n > 0 {
			flux.tournee.Reveiller()
		}
	})
	if c.Retours == "" {
		return nil // it invoices by file alone
	}
	moi := roc.Partie{Type: roc.ES, ID: c.Finess, FinessGeo: e.Maison.Etablissement.FinessGeo, Libelle: c.Libelle}
	porte, err := p.porte(ctx, e.Tenant, moi, &c.Identite, gate.OffrirEngageante(roc.EchangeRET, s.RetourEngageant, gate.Options[roc.DemandeRET, roc.ReponseRET]{}))
	if err != nil {
		return err
	}
	p.Portail.Ouvrir(porte)
	return nil
}

// suiteLot files the acknowledgement of a batch. One that cannot be delivered
// waits for a person, who mends it, sends it again or gives it up: its invoices
// are rejected then only.
func suiteLot(ctx context.Context, s *etablissement.Service, i *acheminement.Issue, e *acheminement.Envoi) error {
	numero, ok := numeroPli(e)
	if !ok {
		return fmt.Errorf("lot illisible dans la file")
	}
	if i.Sort != acheminement.Acquis {
		return nil
	}
	if e.Transport != TransportROC {
		return s.RecevoirRemise(ctx, numero) // nobody acknowledges a file
	}
	r := new(roc.ReponseDRE)
	if err := roc.EchangeDRE.CorpsReponse.DecodeJSON(i.Recu, r); err != nil {
		return fmt.Errorf("accusé illisible : %w", err)
	}
	return s.RecevoirAccuse(ctx, numero, r)
}

// Renoncer gives a message up: the invoices of a batch are rejected, to be corrected
// and sent again.
func (p *Processus) Renoncer(ctx context.Context, tenant string, s *achstore.Store, l *acheminement.Lettre, g acheminement.Geste) error {
	return p.Base.EnTransaction(ctx, func(ctx context.Context) (err error) {
		if err := s.Abandonner(ctx, l.Envoi.Cle, g); err != nil || l.Envoi.Genre != GenreLot && l.Envoi.Genre != GenreB2 {
			return err
		}
		numero, ok := numeroPli(&l.Envoi)
		if !ok {
			return fmt.Errorf("lot illisible dans la file")
		}
		e, err := p.ServiceDuLocataire(tenant)
		if err != nil {
			return err
		}
		return e.RecevoirAccuse(ctx, numero, &roc.ReponseDRE{Retour: roc.RetourDe(roc.PanneRelais, "l'envoi du lot a été abandonné")})
	})
}

// numeroPli is the number of the batch or of the return that a message carries, as
// its key tells.
func numeroPli(e *acheminement.Envoi) (string, bool) {
	numero, ok := strings.CutPrefix(e.Cle, e.Genre+"-"+e.Destinataire+"-")
	if e.Genre == GenreRetour || e.Genre == GenreNoemie {
		numero, _, _ = strings.Cut(numero, renvoiMarque)
	}
	return numero, ok
}
