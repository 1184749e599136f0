package officine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// EtatOrdre is where a transfer order stands.
type EtatOrdre string

// The states of an order.
const (
	OrdreDonne EtatOrdre = "ORDONNE"
	OrdrePaye  EtatOrdre = "PAYE"
	OrdreRendu EtatOrdre = "RENDU" // the bank gave it back
)

// Codes is the closed list of states.
func (EtatOrdre) Codes() []string { return []string{"ORDONNE", "PAYE", "RENDU"} }

// Ordre is a transfer to one professional: all his accepted invoices, under one reference.
// ref: VISIO §13 « pays »
type Ordre struct {
	Reglement sante.Jour // day of its run
	PS        sante.NumeroFacturation
	Reference string
	Montant   sante.Montant
	Nombre    int
	Etat      EtatOrdre
	PayeLe    sante.Jour
	RenduLe   sante.Jour
	Motif     string  // why the bank gave it back
	Remise    int     // rank of the file that has it; 0 when none has
	Rangs     []int64 // of the invoices that it was to pay, once it came back
}

// Retour is what the bank says of a transfer that it gives back.
type Retour struct {
	Le    sante.Jour
	Motif string // "" when it says nothing; expected of a transfer that was made
	Par   string // pseudonym of who notes it
}

// Reglement is the payment run of a day: its orders, and the advice of what is debited
// from the insurer. hyp: OFFICINE-REGLEMENT
type Reglement struct {
	Jour    sante.Jour
	Clos    bool
	ClosA   time.Time
	Ordres  int           // of transfer
	Nombre  int           // of invoices
	Total   sante.Montant // of the orders
	Deduit  sante.Montant // given back by the bank in former runs, taken off here
	Preleve sante.Montant // what is debited from the insurer: Total − Deduit
}

// AvisPrelevement tells an insurer what is debited, and of what it is made.
// ref: VISIO §13 « direct debit of the AMC »
type AvisPrelevement struct {
	Reference string
	AMC       sante.NumeroAMC
	Jour      sante.Jour
	Ordres    int
	Factures  int
	Total     sante.Montant
	Deduit    sante.Montant
	Preleve   sante.Montant
}

// AvisDe is the advice of a closed run.
func (s *Service) AvisDe(r *Reglement) AvisPrelevement {
	return AvisPrelevement{Reference: s.reference(r.Jour), AMC: s.p.AMC, Jour: r.Jour, Ordres: r.Ordres, Factures: r.Nombre,
		Total: r.Total, Deduit: r.Deduit, Preleve: r.Preleve}
}

// ErrReglementClos: the run of that day is closed, or is not yet.
var ErrReglementClos = errors.New("officine : le règlement de ce jour n'est pas dans l'état voulu")

// reference names a run, and an order of it when followed by its professional.
func (s *Service) reference(j sante.Jour) string {
	x := j.String()
	return "FAO" + s.p.AMC.Sur10() + x[:4] + x[5:7] + x[8:]
}

// sansBorne takes all.
const sansBorne = 1 << 30

// Ordonner makes the payment run of a day: an order for each professional who has accepted
// invoices, then the advice. Given again, or by two nodes at once, it is the same run: what
// stopped half way is ended, and a closed run takes nothing more.
func (s *Service) Ordonner(ctx context.Context, jour sante.Jour) (*Reglement, error) {
	ouverts, err := s.Caisse.Ouverts(ctx, jour)
	if err != nil {
		return nil, fmt.Errorf("officine: ordonner: %w", err)
	}
	for _, j := range ouverts { // what a former day ordered is advised, whatever happened
		if _, err := s.clore(ctx, j); err != nil {
			return nil, err
		}
	}
	tous, err := s.Livre.Professionnels(ctx, droits.FactureAcceptee)
	if err != nil {
		return nil, fmt.Errorf("officine: ordonner: %w", err)
	}
	for _, ps := range tous {
		if err := s.ordonner(ctx, jour, ps); err != nil {
			return nil, fmt.Errorf("officine: ordonner: %w", err)
		}
	}
	return s.clore(ctx, jour)
}

// ordonner writes the order of one professional. Runs are locked before professionals.
func (s *Service) ordonner(ctx context.Context, jour sante.Jour, ps sante.NumeroFacturation) error {
	return s.Transaction(ctx, func(ctx context.Context) error {
		r, err := s.Caisse.OuvrirReglement(ctx, jour)
		if err != nil || r.Clos {
			return err
		}
		if err := s.Livre.Verrouiller(ctx, ps); err != nil {
			return err
		}
		l, err := s.Livre.Dans(ctx, ps, droits.FactureAcceptee, sansBorne)
		if err != nil || len(l) == 0 {
			return err
		}
		o := &Ordre{Reglement: jour, PS: ps, Reference: s.reference(jour) + ps.String(), Etat: OrdreDonne}
		for _, f := range l {
			e := Ordonner
			if f.Demande == 0 { // nothing is due
				e, f.PayeeLe = Payer, jour
			} else {
				o.Montant, o.Nombre = o.Montant+f.Demande, o.Nombre+1
				f.Reglement, f.Virement, f.Precision = jour, o.Reference, ""
			}
			if f.Etat, err = suivant(f.Etat, e); err != nil {
				return err
			}
		}
		if o.Nombre > 0 {
			if neuf, err := s.Caisse.Ordonner(ctx, o); err != nil || !neuf {
				return err // those accepted since are for the next run
			}
		}
		return s.Livre.Deplacer(ctx, l)
	})
}

// clore adds the orders of a run up and writes its advice, once.
func (s *Service) clore(ctx context.Context, jour sante.Jour) (r *Reglement, err error) {
	err = s.Transaction(ctx, func(ctx context.Context) error {
		if r, err = s.Caisse.OuvrirReglement(ctx, jour); err != nil || r.Clos {
			return err
		}
		ordres, err := s.Caisse.Ordres(ctx, jour)
		if err != nil {
			return err
		}
		for _, o := range ordres {
			r.Ordres, r.Nombre, r.Total = r.Ordres+1, r.Nombre+o.Nombre, r.Total+o.Montant
		}
		rendu, err := s.Caisse.Rendu(ctx)
		if err != nil {
			return err
		}
		r.Deduit = min(rendu, r.Total)
		r.Preleve, r.Clos, r.ClosA = r.Total-r.Deduit, true, s.maintenant()
		if err := s.Caisse.Crediter(ctx, -r.Deduit); err != nil {
			return err
		}
		return s.Caisse.Clore(ctx, r)
	})
	if err != nil {
		return nil, fmt.Errorf("officine: clore un règlement: %w", err)
	}
	return r, nil
}

// ErrJour: what is told of a transfer happened neither before its run nor in the days to come.
var ErrJour = errors.New("officine : jour attendu, de celui du règlement à aujourd'hui")

// ErrHorsRemise: the bank was given files for the run, and the transfer is in none.
var ErrHorsRemise = errors.New("officine : ce virement n'est dans aucun fichier de la banque")

// Confirmer notes that the transfer of an order was made, by the bank or otherwise. Said
// again, it changes nothing: the first day stands.
func (s *Service) Confirmer(ctx context.Context, jour sante.Jour, ps sante.NumeroFacturation, le sante.Jour) error {
	return s.confirmer(ctx, jour, ps, le, false)
}

// ConfirmerRemis is Confirmer for what is said of many transfers at once: it refuses one that
// the bank was not given (ErrHorsRemise), unless no file of the run was ever made.
func (s *Service) ConfirmerRemis(ctx context.Context, jour sante.Jour, ps sante.NumeroFacturation, le sante.Jour) error {
	return s.confirmer(ctx, jour, ps, le, true)
}

func (s *Service) confirmer(ctx context.Context, jour sante.Jour, ps sante.NumeroFacturation, le sante.Jour, remis bool) error {
	return s.denouer(ctx, jour, ps, le, func(ctx context.Context, o *Ordre, l []*Facture) error {
		switch o.Etat {
		case OrdrePaye:
			return nil
		case OrdreRendu:
			return ErrReglementClos
		}
		if remis && o.Remise == 0 {
			if n, err := s.Caisse.Remises(ctx, jour); err != nil || n > 0 {
				return cmp.Or(err, ErrHorsRemise)
			}
		}
		o.Etat, o.PayeLe = OrdrePaye, le
		return s.mouvoir(ctx, o, l, Payer, func(f *Facture) { f.Paye, f.PayeeLe = f.Demande, le })
	})
}

// ErrRetour: a transfer that was made does not come back without a reason, nor before.
var ErrRetour = errors.New("officine : un virement déjà fait ne revient pas sans motif, ni avant le jour où il fut fait")

// Rejeter notes that the bank gave the transfer of an order back, before or after it was
// made: its invoices are ordered again by the next run, whose advice takes their amount off.
// The journal has it. Said again, it changes nothing.
func (s *Service) Rejeter(ctx context.Context, jour sante.Jour, ps sante.NumeroFacturation, r Retour) error {
	if r.Motif != "" && !ligne(r.Motif, motifMax) {
		return ErrMotif
	}
	return s.denouer(ctx, jour, ps, r.Le, func(ctx context.Context, o *Ordre, l []*Facture) error {
		avant := o.Etat
		switch {
		case avant == OrdreRendu:
			return nil
		case avant == OrdrePaye && (r.Motif == "" || r.Le < o.PayeLe):
			return ErrRetour
		}
		o.Etat, o.RenduLe, o.Motif = OrdreRendu, r.Le, r.Motif
		if err := s.Caisse.Crediter(ctx, o.Montant); err != nil {
			return err
		}
		err := s.mouvoir(ctx, o, l, Rendre, func(f *Facture) {
			o.Rangs = append(o.Rangs, f.Rang)
			f.Reglement, f.Virement, f.Paye, f.PayeeLe = 0, "", 0, 0
			f.Precision = "Virement rendu par la banque : vérifiez avec l'AMC le compte où elle vous paie"
		})
		if err != nil {
			return err
		}
		return s.tracer(ctx, &Geste{Nature: GesteRendu, PS: ps, Virement: o.Reference, Montant: o.Montant, Avant: avant, Detail: r.Motif, Par: r.Par, Instant: s.maintenant()})
	})
}

// mouvoir writes where an order of a run came to, with its invoices.
func (s *Service) mouvoir(ctx context.Context, o *Ordre, l []*Facture, e Evenement, changer func(*Facture)) (err error) {
	var total sante.Montant
	for _, f := range l {
		total += f.Demande
		if f.Etat, err = suivant(f.Etat, e); err != nil {
			return err
		}
		changer(f)
	}
	if total != o.Montant || len(l) != o.Nombre { // some were forgotten at their term
		return ErrFacture
	}
	if err := s.Livre.Deplacer(ctx, l); err != nil {
		return err
	}
	return s.Caisse.Passer(ctx, o)
}

// denouer runs f on an order of a closed run and its invoices, which it locks, for what
// happened on a day.
func (s *Service) denouer(ctx context.Context, reglement sante.Jour, ps sante.NumeroFacturation, le sante.Jour, f func(context.Context, *Ordre, []*Facture) error) error {
	if le < reglement || le > jour(s.maintenant()) {
		return ErrJour
	}
	err := s.Transaction(ctx, func(ctx context.Context) error {
		r, err := s.Caisse.OuvrirReglement(ctx, reglement)
		if err != nil {
			return err
		}
		if err := s.Livre.Verrouiller(ctx, ps); err != nil {
			return err
		}
		o, err := s.Caisse.Ordre(ctx, reglement, ps)
		if err != nil {
			return err
		}
		if !r.Clos {
			return ErrReglementClos
		}
		l, err := s.Livre.DeLOrdre(ctx, ps, o.Reference)
		if err != nil {
			return err
		}
		return f(ctx, o, l)
	})
	if err != nil {
		return fmt.Errorf("officine: dénouer un virement: %w", err)
	}
	return nil
}
