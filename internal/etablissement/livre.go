package etablissement

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Comptable is who recovers what the insurers owe: the comptable public of a public
// hospital. Everything is written in the transaction of ctx, which is that of the
// change that it tells of; what comes twice counts once. ref: ROC §2, §17.1, DEC 27
type Comptable interface {
	// Prendre makes the caller the only writer of the book until the end of the
	// transaction. It comes before the visits are locked, so that no two changes wait
	// for each other.
	Prendre(ctx context.Context) error
	// Emettre tells that insurers are asked to pay.
	Emettre(ctx context.Context, l []Creance) error
	// Accuser tells that an insurer holds invoices: its promise to pay runs.
	Accuser(ctx context.Context, l []CleFacture, jour sante.Jour) error
	// Eteindre tells that an insurer will not owe what remains of an invoice.
	Eteindre(ctx context.Context, x Extinction) error
	// Retablir tells that it owes it after all; nothing when it was not extinguished.
	Retablir(ctx context.Context, x Extinction) error
	// Annoncer tells of a payment that an insurer announces: nothing is paid until
	// the bank says so. A *roc.Refus when the book cannot hold it.
	Annoncer(ctx context.Context, v *Versement) error
}

// CleFacture names an invoice: its number is unique in a year.
type CleFacture struct {
	Annee  int
	Numero string
}

// Creance is what an invoice that leaves asks of an insurer.
type Creance struct {
	Facture   CleFacture
	AMC       sante.NumeroAMC
	Libelle   string // of the insurer
	Lot       string
	Montant   sante.Montant // above zero
	Jour      sante.Jour
	IDMessage roc.UUID // that carries it
}

// Extinction is why an insurer does not owe an invoice.
type Extinction struct {
	Facture CleFacture
	Cause   CauseExtinction
	Origine string // batch, return or annulative invoice that says it
	Jour    sante.Jour
	// IDMessage is the exchange by which it was learnt; zero for a file.
	IDMessage roc.UUID
}

// CauseExtinction is a cause of an Extinction.
type CauseExtinction string

// The causes.
const (
	ParRejet      CauseExtinction = "REJET"
	ParAnnulation CauseExtinction = "ANNULATION"
)

// Versement is a payment return as it was received.
type Versement struct {
	AMC       sante.NumeroAMC // that sealed the return, and numbered it
	Retour    *roc.DemandeRET
	IDMessage roc.UUID
}

// fait is what a change of a coverage means for the comptable.
type fait struct {
	numero  string // of the invoice
	genre   genreFait
	cause   CauseExtinction
	origine string
}

type genreFait int

const (
	recue genreFait = iota // the insurer holds it
	eteinte
	retablie
)

// perdre notes that an insurer does not owe an invoice.
func (c *Chantier) perdre(numero string, cause CauseExtinction, origine string) {
	c.faits = append(c.faits, fait{numero, eteinte, cause, origine})
}

// tenir notes that an insurer holds an invoice.
func (c *Chantier) tenir(numero string) {
	c.faits = append(c.faits, fait{numero: numero, genre: recue})
}

// rendre notes that an insurer owes an invoice after all.
func (c *Chantier) rendre(numero string, cause CauseExtinction, origine string) {
	c.faits = append(c.faits, fait{numero, retablie, cause, origine})
}

// livre gathers what the comptable is told at the end of a transaction.
type livre struct {
	s     *Service
	jour  sante.Jour
	faits []faitDe
	id    roc.UUID // of the exchange by which they are learnt; zero for a file
}

// faitDe is a fact and the invoice from which it was learnt.
type faitDe struct {
	fait
	f *FactureEmise
}

// ouvrirLivre takes the book of the comptable; a hospital without one has a livre
// that does nothing.
func (s *Service) ouvrirLivre(ctx context.Context) (*livre, error) {
	l := &livre{s: s, jour: sante.JourA(s.maintenant(), sante.Paris())}
	if s.Comptable == nil {
		return l, nil
	}
	if err := s.Comptable.Prendre(ctx); err != nil {
		return nil, fmt.Errorf("etablissement: prendre le livre du comptable: %w", err)
	}
	return l, nil
}

func (l *livre) noter(f *FactureEmise, faits ...fait) {
	if l.s.Comptable == nil {
		return
	}
	for _, x := range faits {
		l.faits = append(l.faits, faitDe{x, f})
	}
}

// fermer tells the comptable what was gathered: first what insurers hold.
func (l *livre) fermer(ctx context.Context) error {
	var recues []CleFacture
	for _, x := range l.faits {
		cle, err := l.cle(ctx, x)
		switch {
		case err != nil:
			return err
		case cle.Numero != "" && x.genre == recue:
			recues = append(recues, cle)
		}
	}
	if len(recues) > 0 {
		if err := l.s.Comptable.Accuser(ctx, recues, l.jour); err != nil {
			return fmt.Errorf("etablissement: accuser au comptable: %w", err)
		}
	}
	for _, x := range l.faits {
		if err := l.dire(ctx, x); err != nil {
			return fmt.Errorf("etablissement: dire au comptable: %w", err)
		}
	}
	return nil
}

func (l *livre) dire(ctx context.Context, x faitDe) error {
	if x.genre == recue {
		return nil
	}
	cle, err := l.cle(ctx, x)
	if err != nil || cle.Numero == "" {
		return err
	}
	e := Extinction{Facture: cle, Cause: x.cause, Origine: x.origine, Jour: l.jour, IDMessage: l.id}
	if x.genre == eteinte {
		return l.s.Comptable.Eteindre(ctx, e)
	}
	return l.s.Comptable.Retablir(ctx, e)
}

// cle is the invoice of a fact: the one from which it was learnt, or another of the
// same coverage, whose year is looked up. An empty key when it never left.
func (l *livre) cle(ctx context.Context, x faitDe) (c CleFacture, err error) {
	if x.numero == x.f.Numero {
		return CleFacture{x.f.Annee, x.f.Numero}, nil
	}
	autres, err := l.s.Factures.ParNumero(ctx, x.f.AMC.String(), []string{x.numero})
	if err != nil {
		return c, fmt.Errorf("etablissement: facture d'une annulative: %w", err)
	}
	for _, f := range autres { // the last one, if a number served again
		if f.Place == x.f.Place && f.Annee > c.Annee {
			c = CleFacture{f.Annee, f.Numero}
		}
	}
	return c, nil
}

// creances are what the invoices of a batch ask of their insurer: an annulative one,
// or one of nothing, asks nothing.
func (s *Service) creances(ctx context.Context, lot *LotEmis, l []*FactureEmise, factures []roc.Facture, id roc.UUID) error {
	if s.Comptable == nil {
		return nil
	}
	v, err := s.Depot.Venue(ctx, l[0].Venue)
	if err != nil {
		return fmt.Errorf("etablissement: AMC d'un lot: %w", err)
	}
	libelle := ""
	if cv := v.Couverture(l[0].Rang); cv != nil {
		libelle = cv.AMC.Libelle
	}
	var dues []Creance
	for i, f := range l {
		if m := factures[i].Demande(); m > 0 {
			dues = append(dues, Creance{Facture: CleFacture{f.Annee, f.Numero}, AMC: f.AMC, Libelle: libelle, Lot: lot.Numero, Montant: m,
				Jour: sante.JourA(lot.Instant, sante.Paris()), IDMessage: id})
		}
	}
	if len(dues) == 0 {
		return nil
	}
	if err := s.Comptable.Emettre(ctx, dues); err != nil {
		return fmt.Errorf("etablissement: émettre des titres: %w", err)
	}
	return nil
}

// annoncer tells the comptable of a payment, of which it has to expect the money
// whatever became of the invoices.
func (s *Service) annoncer(ctx context.Context, amc string, id roc.UUID, d *roc.DemandeRET) error {
	if s.Comptable == nil || d.Nature != roc.RetourPaiement || d.Paiement.Total == 0 {
		return nil
	}
	n, err := sante.ParseNumeroAMC(amc)
	if err != nil {
		return roc.Refuser(roc.AutreIdentifiant, "numéro d'AMC attendu")
	}
	return s.Comptable.Annoncer(ctx, &Versement{AMC: n, Retour: d, IDMessage: id})
}

// rendue tells that an annulative invoice was accepted after its coverage went on to
// other invoices: its acceptance still frees the insurer of the one it takes back.
func (f *FactureEmise) rendue(l *livre, d *roc.DemandeRET, x *roc.RetourFacture) error {
	if l.s.Comptable == nil || x.Etat != roc.ControleOK || d.Nature == roc.RetourPaiement || d.Nature == roc.RetourRejet {
		return nil
	}
	var facture roc.Facture
	if err := planFacture.DecodeJSON(f.Contenu, &facture); err != nil {
		return fmt.Errorf("etablissement: facture gardée illisible: %w", err)
	}
	if facture.Nature == roc.Annulative {
		l.noter(f, fait{facture.FactureCorrigee, eteinte, ParAnnulation, f.Numero})
	}
	return nil
}
