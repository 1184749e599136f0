package etablissement

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Jalon is a state that an invoice, or a batch, came to. ref: ROC §17.6
type Jalon struct {
	Facture   string // empty for a batch
	Annee     int    // of the invoice
	Lot       string
	Etat      roc.EtatFacture
	Auteur    string // who says so: a party, or the structure that sealed
	Code      roc.Code
	Instant   time.Time
	IDMessage roc.UUID // sealed message that says so
	Feuille   string   // leaf of our journal that proves it, "" when none is there yet; only read
}

// Vie keeps what invoices and batches went through. Each state is told by a sealed
// message that already exists. ref: ROC §17.6 // hyp: NOTIFICATIONS
type Vie interface {
	// Noter writes states, together, in the transaction of ctx; a state already noted
	// is left as it was.
	Noter(ctx context.Context, l ...Jalon) error
	// De gives the states of the invoices of a number, of any year, then of the batch
	// of that number, in the order in which they came.
	De(ctx context.Context, numero string) ([]Jalon, error)
}

func (s *Service) noter(ctx context.Context, l ...Jalon) error {
	if s.Vie == nil || len(l) == 0 {
		return nil
	}
	if err := s.Vie.Noter(ctx, l...); err != nil {
		return fmt.Errorf("etablissement: noter la vie d'un flux: %w", err)
	}
	return nil
}

// Suivre tells what an invoice or a batch went through, and who said so.
func (s *Service) Suivre(ctx context.Context, numero string) ([]Jalon, error) {
	if s.Vie == nil {
		return nil, refuser(ErrDonnees, "", "Cet établissement ne facture pas par ce serveur.")
	}
	if numero = strings.TrimSpace(numero); numero == "" || len(numero) > 80 {
		return nil, refuser(ErrDonnees, "", "Un numéro de facture ou de lot est attendu.")
	}
	l, err := s.Vie.De(ctx, numero)
	if err == nil && len(l) == 0 {
		return nil, refuser(ErrInconnue, "", "Aucune facture ni aucun lot partis sous ce numéro.")
	}
	return l, err
}

// emis are the first states of a batch and of its invoices.
func (lot *LotEmis) emis(l []*FactureEmise, moi sante.FINESS) []Jalon {
	un := Jalon{Lot: lot.Numero, Etat: roc.FactureEnvoyee, Auteur: moi.String(), Instant: lot.Instant, IDMessage: lot.IDMessage}
	j := []Jalon{un}
	for _, f := range l {
		un.Facture, un.Annee = f.Numero, f.Annee
		j = append(j, un)
	}
	return j
}

// dits are the states that a return tells of the invoices known here, and its
// acknowledgement, which ends what is paid or rejected. A payment that was not filed
// is no state of its invoice.
func dits(corps *roc.DemandeRET, l map[deLot]*FactureEmise, filees map[deLot]bool, scelleur string, moi sante.FINESS, code roc.Code, id roc.UUID, m time.Time) (j []Jalon) {
	lots := make(map[string]map[roc.EtatFacture]bool)
	noter := func(un Jalon) {
		j = append(j, un)
		if lots[un.Lot] == nil {
			lots[un.Lot] = make(map[roc.EtatFacture]bool)
		}
		if !lots[un.Lot][un.Etat] {
			lots[un.Lot][un.Etat] = true
			un.Facture, un.Annee = "", 0
			j = append(j, un)
		}
	}
	for i := range corps.Factures {
		x := &corps.Factures[i]
		f := l[deLot{x.Numero, x.Lot}]
		if f == nil || corps.Nature == roc.RetourPaiement && !filees[deLot{x.Numero, x.Lot}] {
			continue
		}
		un := Jalon{Facture: f.Numero, Annee: f.Annee, Lot: f.Lot, Etat: x.Etat, Auteur: scelleur, Code: x.Code, Instant: m, IDMessage: id}
		if corps.Nature == roc.RetourControle { // it may overtake the acknowledgement of its batch
			recue := un
			recue.Etat, recue.Code = roc.FactureRecue, ""
			noter(recue)
		}
		noter(un)
		if x.Etat == roc.FacturePayee || x.Etat == roc.FactureRejetee {
			un.Etat, un.Auteur, un.Code = roc.FactureAcquittee, moi.String(), code
			noter(un)
		}
	}
	return j
}
