package liquidation

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/trame"
)

// Service holds the rules of the insurer's asynchronous half. Its fields are given
// once; it is safe for concurrent use.
type Service struct {
	Parametres Parametres
	Factures   Factures
	Garanties  Garanties
	Membres    Membres // nil: no invoice by convention is accepted
	Retours    Retours
	Vie        Vie // nil: nothing is noted but the moves of each invoice
	Moteur     calcul.Moteur
	Horloge    sante.Horloge
	// Transaction runs f in one transaction, perhaps more than once.
	Transaction func(ctx context.Context, f func(ctx context.Context) error) error
}

var planFacture = trame.Pour[roc.Facture](roc.Espace)

// Recevoir holds a batch, whole, or refuses it, whole; the invoices that the books
// hold already are told in the answer. It runs in the transaction of the exchange.
// ref: ROC §17.1, §17.2
func (s *Service) Recevoir(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeDRE]]) (*roc.ReponseDRE, error) {
	env, corps := &d.Message().Enveloppe, d.Message().Corps
	if corps == nil {
		return nil, roc.Refuser(roc.Illisible, "corps en clair attendu")
	}
	finess, err := sante.ParseFINESS(env.Emetteur.ID)
	if err != nil || env.Emetteur.Type != roc.ES {
		return nil, &roc.Refus{Code: roc.AutreIdentifiant, Detail: "FINESS juridique attendu", Cause: err}
	}
	r := &roc.ReponseDRE{NumeroLot: corps.Lot.Numero}
	var refus *roc.Refus
	octets, fins := corps.Contenu()
	if err := corps.VerifierAvec(octets); errors.As(err, &refus) {
		r.Retour = roc.RetourDe(refus.Code, refus.Detail)
		return r, nil
	}
	if u, err := url.Parse(corps.Lot.AdresseRetour); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		r.Retour = roc.RetourDe(roc.PiecesManquantes, "le lot ne dit pas à quelle adresse https envoyer les retours")
		return r, nil
	} else if f := s.Parametres.Joignable; f != nil && !f(u.Hostname()) {
		r.Retour = roc.RetourDe(roc.PiecesManquantes, "l'adresse des retours est privée ou locale : aucun retour n'y est envoyé")
		return r, nil
	}
	numero, err := sante.ParseNumeroAMC(env.Destinataire.ID)
	if err != nil || !s.Parametres.debitrice(numero) {
		r.Retour = roc.RetourDe(roc.AMCNonDebitrice, "")
		return r, nil
	}
	lot := &Lot{Numero: corps.Lot.Numero, Finess: finess, NumeroAMC: numero, IDMessage: env.IDMessage, Recu: s.maintenant(), Contenu: octets,
		Nombre: len(corps.Factures), Total: corps.Lot.Total, Empreinte: corps.Lot.Empreinte, Retour: corps.Lot.AdresseRetour, Compte: corps.Lot.Compte,
		Scelleur: d.Piece().Scelleur().Porteur.Structure()}
	return s.garder(ctx, lot, corps.Factures, fins, env.Horodatage, r)
}

func (s *Service) garder(ctx context.Context, lot *Lot, l []roc.Facture, fins []int, emis time.Time, r *roc.ReponseDRE) (*roc.ReponseDRE, error) {
	factures := make([]*Facture, len(l))
	echeance := sante.JourA(lot.Recu, sante.Paris()) + sante.Jour(s.Parametres.DelaiPaiement)
	debut := 0
	for i := range l {
		f := &l[i]
		factures[i] = &Facture{Finess: lot.Finess, Annee: f.Date.Annee(), Numero: f.Numero, Lot: lot.Numero, Etat: Recue, Demande: f.Demande(),
			Garantie: f.NumeroEngagement, Corrige: f.FactureCorrigee, Nature: f.Nature, Recue: lot.Recu,
			Echeance: echeance, Debut: debut, Taille: fins[i] - debut, recue: f}
		if f.Fondement == roc.SurConvention && f.Nature != roc.Annulative {
			factures[i].Convention = cleConvention(f)
		}
		debut = fins[i] + 1 // past its line feed
	}
	deja, err := s.Factures.Ouvrir(ctx, lot, factures)
	connu := errors.Is(err, ErrLotConnu)
	if errors.Is(err, ErrLotDejaRecu) {
		r.Retour = roc.RetourDe(roc.FactureEnDouble, "un autre lot a déjà été reçu sous ce numéro")
		return r, nil
	}
	if err != nil && !connu {
		return nil, fmt.Errorf("liquidation: recevoir un lot: %w", err)
	}
	r.Retour, r.Total = roc.RetourDe(roc.Accepte, ""), lot.Total
	factures = slices.DeleteFunc(factures, func(f *Facture) bool {
		if !slices.Contains(deja, f.cle()) {
			return false
		}
		r.Total -= f.Demande
		r.Refusees = append(r.Refusees, roc.RetourFacture{Numero: f.Numero, Lot: lot.Numero, Etat: roc.FactureRejetee,
			Code: roc.FactureEnDouble, MontantFacture: f.recue.Totaux.AMC})
		return true
	})
	r.Nombre = len(factures)
	if len(deja) > 0 {
		r.Retour = roc.RetourDe(roc.AvecReserve, "des factures avaient déjà été reçues")
	}
	if connu { // its acknowledgement was lost: it is given again, as it was
		return r, nil
	}
	return r, s.traiter(ctx, lot, factures, emis)
}
