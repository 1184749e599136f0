package droits

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/trame"
)

// LotGarde is a batch of invoices that waits for its answer. It waits without term: what is
// due for it is not paid before.
type LotGarde struct {
	_      struct{}     `doc:"Un lot de factures qui attend sa réponse"`
	Carte  Carte        `fil:"carte" doc:"Carte de l'AMC à qui il va"`
	Depuis time.Time    `fil:"depuis" doc:"Quand il a été gardé"`
	Lot    *LotOfficine `fil:"-"`
}

var planLot = trame.Pour[LotGarde](espace)

// Errors of batches: the texts are shown to people.
var (
	ErrLotAttend = errors.New("un autre lot attend sa réponse sous ce numéro : l'envoyer de nouveau (Poste.EnvoyerLot), ou donner un autre numéro")
	ErrSansLot   = errors.New("aucun lot n'attend sous ce numéro")
)

func cleLot(numero NumeroFacture) string { return deLot + string(numero) }

func octetsLot(l *LotOfficine) []byte {
	return EchangeFactures.CorpsDemande.AppendJSON(nil, &DemandeFactures{Lot: l})
}

// GarderLot keeps a batch until RetirerLot. The same again changes nothing; another of the
// same number is refused: ErrLotAttend.
func (m *Magasin) GarderLot(x LotGarde) error {
	x.Depuis = x.Depuis.UTC().Truncate(time.Millisecond)
	if x.Lot == nil {
		return ErrLot
	}
	if err := x.Lot.Coherence(); err != nil {
		return err
	}
	if err := errors.Join(planLot.Verify(&x), EchangeFactures.CorpsDemande.Verify(&DemandeFactures{Lot: x.Lot})); err != nil {
		return fmt.Errorf("droits: lot: %w", err)
	}
	return m.Ecrire(func(l *Lot) error {
		cle := cleLot(x.Lot.Numero)
		if _, la := l.champs(cle); !la {
			l.poser(operation{cle: cle, champs: planLot.AppendJSON(nil, &x), corps: octetsLot(x.Lot)})
			return nil
		}
		avant, err := m.lot(cle)
		if err == nil && !avant.meme(&x) {
			err = fmt.Errorf("droits: lot %s : %w", x.Lot.Numero, ErrLotAttend)
		}
		return err
	})
}

// meme tells whether the same batch is asked again, whenever it was kept.
func (x *LotGarde) meme(y *LotGarde) bool {
	return x.Carte == y.Carte && bytes.Equal(octetsLot(x.Lot), octetsLot(y.Lot))
}

// RetirerLot takes out a batch, once it is answered.
func (l *Lot) RetirerLot(numero NumeroFacture) { l.retirer(cleLot(numero)) }

// Lot is the batch that waits under a number: ErrSansLot when none does.
func (m *Magasin) Lot(numero NumeroFacture) (*LotGarde, error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	if m.c.fiches[cleLot(numero)] == nil {
		return nil, fmt.Errorf("droits: lot %s : %w", numero, ErrSansLot)
	}
	return m.lot(cleLot(numero))
}

// Lots are the batches that wait, in the order of their numbers.
func (m *Magasin) Lots() (l []*LotGarde, err error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	for _, cle := range m.c.cles(deLot) {
		x, err := m.lot(cle)
		if err != nil {
			return nil, err
		}
		l = append(l, x)
	}
	return l, nil
}

// lot reads an entry; its caller holds the lock.
func (m *Magasin) lot(cle string) (*LotGarde, error) {
	octets, err := m.c.corps(cle)
	if err != nil {
		return nil, err
	}
	x, d := new(LotGarde), new(DemandeFactures)
	if err := errors.Join(planLot.DecodeJSON(m.c.fiches[cle].champs, x), EchangeFactures.CorpsDemande.DecodeJSON(octets, d)); err != nil || d.Lot == nil {
		return nil, fmt.Errorf("%w: lot: %w", ErrMagasinAltere, err)
	}
	x.Lot = d.Lot
	return x, nil
}
