package droits

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// LotRefuse is a batch refused whole: none of its invoices was received. It does not wait any
// more, unless the code says that the link is cut. F709 says that its number served for another batch: what
// the follow-up does not show leaves under another number.
type LotRefuse struct {
	LotGarde
	Retour visiodroits.Retour
}

// Error tells the code, what it means and who acts, in French.
func (e *LotRefuse) Error() string {
	r := &e.Retour
	s := fmt.Sprintf("lot %s refusé en entier : %s %s", e.Lot.Numero, r.CodeRetour, r.Libelle)
	if r.Precision != "" {
		s += " : " + r.Precision
	}
	if r.QuiAgit != "" {
		s += " (agit : " + r.QuiAgit + ")"
	}
	return s
}

// ErrAccuse is returned for an acknowledgement that is not that of the batch: it waits, and
// who pays it mends.
var ErrAccuse = errors.New("droits: l'accusé n'est pas celui du lot")

// GarderLot keeps a batch in the file of the workstation before it leaves: from then on its
// invoices exist, whatever becomes of the network or of the process. The same again changes
// nothing; another of the same number is refused while the first waits: ErrLotAttend.
func (p *Poste) GarderLot(carte Carte, lot *LotOfficine) error {
	return p.o.Magasin.GarderLot(LotGarde{Carte: carte, Depuis: p.o.Horloge(), Lot: lot})
}

// LotsGardes are the batches that wait for their answer, of this process or of one before.
func (p *Poste) LotsGardes() ([]*LotGarde, error) { return p.o.Magasin.Lots() }

// AbandonnerLot lets go of a batch that will not be sent again. It may have been received:
// the follow-up tells.
func (p *Poste) AbandonnerLot(numero NumeroFacture) error {
	return p.o.Magasin.Ecrire(func(l *Lot) error { l.RetirerLot(numero); return nil })
}

// EnvoyerLot sends the batch that waits under a number, the very same each time, and which is
// received once. It waits until it is answered; then its invoices that were refused are counted
// (as by NoterRejet). A batch refused whole is a *LotRefuse; the other errors are those of
// Factures, and EnvoyerLot is called again. Accepted, or waiting for a control (FactureEnAttente),
// an invoice is with who pays it: there is nothing to send again. ref: VISIO §13
func (p *Poste) EnvoyerLot(ctx context.Context, numero NumeroFacture) (*ReponseFactures, error) {
	g, err := p.o.Magasin.Lot(numero)
	if err != nil {
		return nil, err
	}
	r, err := p.Factures(ctx, g.Carte, &DemandeFactures{Lot: g.Lot})
	if err != nil {
		return nil, err
	}
	var refuse error
	switch {
	case !r.CodeRetour.Accord():
		if refuse = (&LotRefuse{*g, r.Retour}); r.CodeRetour.Degrade() {
			return nil, refuse
		}
	case r.NumeroLot != numero || !memes(r.Factures, g.Lot.Factures):
		return nil, fmt.Errorf("%w %s", ErrAccuse, numero)
	}
	if err := p.solder(g, r); err != nil {
		return nil, errors.Join(refuse, err)
	}
	if refuse != nil {
		return nil, refuse
	}
	return r, nil
}

// memes tells whether an acknowledgement is of these invoices, in whatever order.
func memes(l []SuiviFacture, factures []FactureOfficine) bool {
	reste := map[NumeroFacture]int{}
	for i := range factures {
		reste[factures[i].Numero]++
	}
	for i := range l {
		reste[l[i].Numero]--
	}
	for _, n := range reste {
		if n != 0 {
			return false
		}
	}
	return true
}

// solder takes out a batch that was answered and counts what was refused of it, together and
// once, were it sent twice at the same time.
func (p *Poste) solder(g *LotGarde, r *ReponseFactures) error {
	refusees := map[NumeroFacture]bool{}
	for i := range r.Factures {
		x := &r.Factures[i]
		refusees[x.Numero] = refusees[x.Numero] || x.Etat == FactureRefusee
	}
	jour := sante.JourA(p.o.Horloge(), sante.Paris())
	return p.o.Magasin.Ecrire(func(l *Lot) (err error) {
		if _, la := l.champs(cleLot(g.Lot.Numero)); !la {
			return nil
		}
		// Another may wait under the number since this one was let go of.
		if x, err := p.o.Magasin.lot(cleLot(g.Lot.Numero)); err != nil || !x.meme(g) {
			return err
		}
		l.RetirerLot(g.Lot.Numero)
		for i := range g.Lot.Factures {
			f := &g.Lot.Factures[i]
			if f.NumeroAccreditation != "" && (!r.CodeRetour.Accord() || refusees[f.Numero]) {
				err = errors.Join(err, l.Compter(jour, nomCompteur(f.NumeroAMC, compteRejet, ""), 1))
			}
		}
		return err
	})
}
