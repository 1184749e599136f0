package etablissement

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Montants is how many invoices, and how much.
type Montants struct {
	Nombre  int64
	Montant sante.Montant
}

// Plus adds.
func (m Montants) Plus(x Montants) Montants {
	return Montants{m.Nombre + x.Nombre, m.Montant + x.Montant}
}

// Moins subtracts.
func (m Montants) Moins(x Montants) Montants {
	return Montants{m.Nombre - x.Nombre, m.Montant - x.Montant}
}

// CleCompteur names a counter: a post of an insurer, with the reason of a reject.
type CleCompteur struct {
	AMC   sante.NumeroAMC
	Poste Poste
	Motif roc.Code
}

// Comparer orders counters by insurer, then along the life of an invoice.
func (k CleCompteur) Comparer(x CleCompteur) int {
	return cmp.Or(cmp.Compare(k.AMC.String(), x.AMC.String()), cmp.Compare(k.Poste.rang(), x.Poste.rang()), cmp.Compare(k.Motif, x.Motif))
}

func (p Poste) rang() int { return slices.Index(p.Codes(), string(p)) }

// Flux is what a day adds to a counter.
type Flux struct {
	CleCompteur
	Jour           sante.Jour
	Entres, Sortis Montants
}

// Flux gives what a line adds to the counters, for insurers who promise to pay
// within delai days. Lateness is written ahead, on the day when it begins, and
// taken back when the payment comes before: a stock of a past day needs no other
// date. ref: DEC 30
func (e *Ecriture) Flux(delai int) []Flux {
	m := Montants{int64(e.Nombre), e.Montant}
	l := []Flux{{CleCompteur: CleCompteur{e.AMC, e.Origine, e.OrigineMotif}, Jour: e.Jour, Sortis: m},
		{CleCompteur: CleCompteur{e.AMC, e.Poste, e.Motif}, Jour: e.Jour, Entres: m}}
	retard := Flux{CleCompteur: CleCompteur{AMC: e.AMC, Poste: PosteRetard}}
	debut := e.Accuse + sante.Jour(delai) + 1
	if e.Origine.Attend() {
		x := retard
		if x.Jour = e.Jour; e.Jour < debut {
			x.Jour, x.Entres = debut, Montants{}.Moins(m)
		} else {
			x.Sortis = m
		}
		l = append(l, x)
	}
	if e.Poste.Attend() {
		retard.Jour, retard.Entres = max(e.Jour, debut), m
		l = append(l, retard)
	}
	return l
}

// LigneJournee is a counter of a day: what was there, what came, what left.
type LigneJournee struct {
	CleCompteur
	Ouverture, Entres, Sortis Montants
}

// Fin is what stands in the post at the end of the day.
func (l *LigneJournee) Fin() Montants { return l.Ouverture.Plus(l.Entres).Moins(l.Sortis) }

// Journee is the close of a day.
type Journee struct {
	Jour       sante.Jour
	Provisoire bool // the day is not over
	Delai      int  // days promised to pay
	// ARouvrir counts the coverages of before accounts were kept that are not
	// counted yet.
	ARouvrir int64
	Lignes   []LigneJournee
	Controle Controle // the last one; its Instant is zero when there was none
}

// Chiffre is a figure of the close of a day, as a person reads it.
type Chiffre struct {
	Cle     string
	Libelle string
	Flux    Montants // of the day
	Stock   Montants // at its end
	Motifs  []ChiffreMotif
}

// ChiffreMotif is the part of a figure that has one reason.
type ChiffreMotif struct {
	Motif roc.Code
	Flux  Montants
	Stock Montants
}

// chiffres says what each figure adds up. ref: issue « clôture du jour »
var chiffres = []struct {
	cle, libelle string
	postes       []Poste
}{
	{"ENGAGE", "Engagé, à facturer", []Poste{PosteEngage}},
	{"FACTURE", "Facturé, accusé attendu", []Poste{PosteFacture}},
	{"ACCUSE", "Reçu par l'AMC, paiement attendu", []Poste{PosteAccuse}},
	{"RESTE", "Payé en partie, reste attendu", []Poste{PosteReste}},
	{"PAYE", "Payé", []Poste{PostePaye}},
	{"REJETE", "Rejeté", []Poste{PosteRejete}},
	{"RETARD", "En retard de paiement", []Poste{PosteRetard}},
	{ChiffreACorriger, "À corriger ou à renvoyer", []Poste{PosteRejete, PosteCorrige}},
	{"CORRIGE", "Corrigé, à renvoyer", []Poste{PosteCorrige}},
	{"RETIRE", "Facture annulée, garantie à rendre", []Poste{PosteRetire}},
	{"ANNULE", "Garantie annulée", []Poste{PosteAnnule}},
	{"EXPIRE", "Garantie expirée", []Poste{PosteExpire}},
	{"ABANDONNE", "Clos sans paiement", []Poste{PosteAbandonne}},
}

// ChiffreACorriger is what the hospital must put right before it is paid.
const ChiffreACorriger = "A_CORRIGER"

// Chiffres lists the figures and their labels, in their order.
func Chiffres() (l []Chiffre) {
	for _, c := range chiffres {
		l = append(l, Chiffre{Cle: c.cle, Libelle: c.libelle})
	}
	return l
}

// PostesDe gives the posts that a figure adds up, nil when there is no such figure.
func PostesDe(cle string) []Poste {
	for _, c := range chiffres {
		if c.cle == cle {
			return c.postes
		}
	}
	return nil
}

// AMCs lists the insurers of a day, in order.
func (j *Journee) AMCs() (l []sante.NumeroAMC) {
	for i := range j.Lignes {
		if n := len(l); n == 0 || l[n-1] != j.Lignes[i].AMC {
			l = append(l, j.Lignes[i].AMC)
		}
	}
	return l
}

// Chiffres gives the figures of an insurer, or of all with the zero number.
func (j *Journee) Chiffres(amc sante.NumeroAMC) (l []Chiffre) {
	for _, c := range chiffres {
		x := Chiffre{Cle: c.cle, Libelle: c.libelle}
		for i := range j.Lignes {
			if g := &j.Lignes[i]; (amc.IsZero() || g.AMC == amc) && slices.Contains(c.postes, g.Poste) {
				x.Flux, x.Stock = x.Flux.Plus(g.Entres), x.Stock.Plus(g.Fin())
				if g.Motif != "" {
					x.ajouter(g)
				}
			}
		}
		l = append(l, x)
	}
	return l
}

func (x *Chiffre) ajouter(g *LigneJournee) {
	i := slices.IndexFunc(x.Motifs, func(m ChiffreMotif) bool { return m.Motif == g.Motif })
	if i < 0 {
		i = len(x.Motifs)
		x.Motifs = append(x.Motifs, ChiffreMotif{Motif: g.Motif})
	}
	x.Motifs[i].Flux, x.Motifs[i].Stock = x.Motifs[i].Flux.Plus(g.Entres), x.Motifs[i].Stock.Plus(g.Fin())
}

// Equilibre is the double entry of an insurer, or of all with the zero number: what
// was ever engaged, and where it stands. They are equal, by construction.
func (j *Journee) Equilibre(amc sante.NumeroAMC) (engage, postes Montants) {
	for i := range j.Lignes {
		g := &j.Lignes[i]
		switch {
		case !amc.IsZero() && g.AMC != amc || g.Poste == PosteRetard:
		case g.Poste == PosteOrigine:
			engage = engage.Moins(g.Fin())
		default:
			postes = postes.Plus(g.Fin())
		}
	}
	return engage, postes
}

// FluxOuStock chooses what of a figure is opened.
type FluxOuStock string

// What came in the day, or what stands there at its end.
const (
	DansLeJour FluxOuStock = "FLUX"
	EnStock    FluxOuStock = "STOCK"
)

// Codes is the closed list of the two.
func (FluxOuStock) Codes() []string { return []string{"FLUX", "STOCK"} }

// FiltreFactures chooses the invoices behind a figure.
type FiltreFactures struct {
	Jour    sante.Jour
	AMC     sante.NumeroAMC
	Chiffre string
	Motif   roc.Code // "" for all
	Sens    FluxOuStock
	Apres   string // cursor of the page before
	Max     int

	// What the service adds for the store.
	Postes []Poste
	Retard sante.Jour // acknowledged on this day at the latest; zero for any
	De     Curseur
}

// Curseur is where a page ended.
type Curseur struct {
	Poste int // rank in Postes
	Jour  sante.Jour
	Place
	N int
}

func (c Curseur) texte() string {
	return fmt.Sprintf("%d.%d.%s.%d.%d", c.Poste, c.Jour, c.Venue, c.Rang, c.N)
}

func lireCurseur(s string) (c Curseur, err error) {
	if s == "" {
		return c, nil
	}
	l := strings.Split(s, ".")
	if len(l) != 5 || len(s) > 100 {
		return c, errCurseur
	}
	var n [5]int
	for i, x := range l {
		if i == 2 {
			continue
		}
		if n[i], err = strconv.Atoi(x); err != nil || n[i] < 0 || n[i] > 4_000_000 {
			return c, errCurseur
		}
	}
	return Curseur{n[0], sante.Jour(n[1]), Place{l[2], n[3]}, n[4]}, nil
}

var errCurseur = refuser(ErrDonnees, "", "Curseur de page illisible : reprendre celui de la page d'avant, ou repartir du début.")

// FactureVue is an invoice behind a figure: the line that put it there, and the
// coverage as it is now, when it was asked for.
type FactureVue struct {
	Ecriture
	Dossier    string
	Couverture *Couverture
}

// Comptes keeps the accounts and their counters. Lines are written by
// Depot.Changer.
type Comptes interface {
	// Journee reads the counters of a day, in one snapshot: folded or not yet,
	// every line written counts. Lines are in the order of CleCompteur. delai
	// serves when nothing was folded yet.
	Journee(ctx context.Context, jour sante.Jour, delai int) (*Journee, error)
	// FacturesDe lists what is behind a figure, post after post, the last come first;
	// avec tells whether to read the coverages too.
	FacturesDe(ctx context.Context, f *FiltreFactures, avec bool) ([]FactureVue, error)
	// Plier folds up to max lines in the counters, and tells how many it folded.
	// Of several nodes one folds at a time. With nothing left, it carries forward
	// the stocks of the days up to a day. A delay other than the last one makes all
	// the counters again.
	Plier(ctx context.Context, jusque sante.Jour, delai, max int) (int, error)
	// Recompter makes all the counters again from the lines, for a delay.
	Recompter(ctx context.Context, delai int) error
	// AOuvrir lists visits of before accounts were kept.
	AOuvrir(ctx context.Context, max int) ([]string, error)
	// Relire gives, in one snapshot, every coverage with its lines, in order, then
	// every counter of a day beside what the lines make of it.
	Relire(ctx context.Context, compte func(*CompteLu) error, compteur func(*CompteurLu) error) error
	// GarderControle keeps the outcome of a control.
	GarderControle(ctx context.Context, c *Controle) error
	// PrendreControle claims the control of a day, and tells whether no other node
	// has it.
	PrendreControle(ctx context.Context, jour sante.Jour) (bool, error)
}

func (s *Service) delaiPaiement() int {
	if s.DelaiPaiement > 0 {
		return s.DelaiPaiement
	}
	return 12
}

// Aujourdhui is the day where the hospital is.
func (s *Service) Aujourdhui() sante.Jour {
	return sante.JourA(s.maintenant(), s.Maison.Etablissement.FinessGeo.Fuseau())
}

// errJour: a day is not over as long as it has not begun.
var errJourFutur = refuser(ErrDonnees, "", "Ce jour n'est pas encore venu.")

// CloreJournee gives the close of a day, that of today with the zero day.
func (s *Service) CloreJournee(ctx context.Context, jour sante.Jour) (*Journee, error) {
	if jour.IsZero() {
		jour = s.Aujourdhui()
	}
	if jour > s.Aujourdhui() {
		return nil, errJourFutur
	}
	j, err := s.Comptes.Journee(ctx, jour, s.delaiPaiement())
	if err != nil {
		return nil, err
	}
	j.Provisoire = jour == s.Aujourdhui()
	return j, nil
}

// facturesMax bounds a page of invoices.
const facturesMax = 500

// FacturesDe gives a page of the invoices behind a figure and the cursor of the
// next one, "" when there is none. avec tells whether to read their coverages.
func (s *Service) FacturesDe(ctx context.Context, f FiltreFactures, avec bool) (l []FactureVue, suite string, err error) {
	if f.Postes = PostesDe(f.Chiffre); f.Postes == nil {
		return nil, "", refuser(ErrDonnees, "", "Chiffre inconnu : "+chiffresConnus()+".")
	}
	if f.AMC.IsZero() {
		return nil, "", refuser(ErrDonnees, "", "Le numéro de l'AMC est obligatoire.")
	}
	if f.Sens == "" {
		f.Sens = EnStock
	}
	if !slices.Contains(f.Sens.Codes(), string(f.Sens)) {
		return nil, "", refuser(ErrDonnees, "", "Le sens est FLUX (ce qui est entré dans la journée) ou STOCK (ce qui s'y trouve à sa fin).")
	}
	if f.De, err = lireCurseur(f.Apres); err != nil || f.De.Poste >= len(f.Postes)+1 {
		return nil, "", errCurseur
	}
	if f.Jour.IsZero() {
		f.Jour = s.Aujourdhui()
	}
	if f.Jour > s.Aujourdhui() {
		return nil, "", errJourFutur
	}
	if f.Postes[0] == PosteRetard {
		// Late at the end of the day, or from this very day.
		f.Postes, f.Retard = []Poste{PosteAccuse, PosteReste}, f.Jour-sante.Jour(s.delaiPaiement())-1
	}
	if f.Max <= 0 || f.Max > facturesMax {
		f.Max = facturesMax
	}
	if l, err = s.Comptes.FacturesDe(ctx, &f, avec); err != nil || len(l) < f.Max {
		return l, "", err
	}
	d := &l[len(l)-1]
	return l, Curseur{slices.Index(f.Postes, d.Poste), d.Jour, d.Place, d.N}.texte(), nil
}

func chiffresConnus() string {
	l := make([]string, len(chiffres))
	for i, c := range chiffres {
		l[i] = c.cle
	}
	return strings.Join(l, ", ")
}

// Plier folds what was written in the counters, and carries stocks forward.
func (s *Service) Plier(ctx context.Context) error {
	for {
		// The day before yesterday: a transaction may end after midnight.
		n, err := s.Comptes.Plier(ctx, s.Aujourdhui()-2, s.delaiPaiement(), pliMax)
		if err != nil || n < pliMax {
			return err
		}
	}
}

// pliMax bounds what one transaction folds, so that payments never wait for it.
const pliMax = 1000

// ErrControle: the control of the accounts found differences.
var ErrControle = errors.New("etablissement: les comptes ne sont pas ceux des factures")

// heureControle is when the night's control may begin: after the hours that a
// change of time takes away or plays twice, in every zone of the country.
const heureControle = 4

// JourControle is the day whose control is due at an instant, where the hospital
// is: a night ends at four o'clock, on the night of a change of time too.
func (s *Service) JourControle() sante.Jour {
	t := s.maintenant().In(s.Maison.Etablissement.FinessGeo.Fuseau())
	j := sante.JourA(t, t.Location())
	if t.Hour() < heureControle {
		j--
	}
	return j
}

// ControlerLaNuit runs the control of a day once, whatever the number of nodes and
// of calls; nil when it was done or is another node's.
func (s *Service) ControlerLaNuit(ctx context.Context) (*Controle, error) {
	if err := s.Plier(ctx); err != nil {
		return nil, err
	}
	pris, err := s.Comptes.PrendreControle(ctx, s.JourControle())
	if err != nil || !pris {
		return nil, err
	}
	return s.Controler(ctx)
}

// RouvrirComptes opens all the accounts of before accounts were kept.
func (s *Service) RouvrirComptes(ctx context.Context) (total int, err error) {
	for {
		n, err := s.OuvrirComptes(ctx)
		if total += n; err != nil || n == 0 {
			return total, err
		}
	}
}

// FactureOuverte is one invoice behind a figure, and its own story.
type FactureOuverte struct {
	Venue    *Venue
	Rang     int
	Moments  []Moment // of its coverage
	Messages []Message
}

// Raconter gives the story of the invoice of a coverage: its states, when, why, and
// the messages of its file.
func (s *Service) Raconter(ctx context.Context, p Place) (*FactureOuverte, error) {
	v, err := s.Depot.Venue(ctx, p.Venue)
	if err != nil {
		return nil, err
	}
	if v.Couverture(p.Rang) == nil {
		return nil, refuser(ErrInconnue, "", "Aucune couverture à ce rang.")
	}
	f := &FactureOuverte{Venue: v, Rang: p.Rang}
	l, err := s.Traces.Moments(ctx, p.Venue)
	if err != nil {
		return nil, err
	}
	for _, m := range l {
		if m.Rang == p.Rang {
			f.Moments = append(f.Moments, m)
		}
	}
	f.Messages, err = s.Traces.Messages(ctx, v.Dossier.Numero)
	return f, err
}

// Recompter makes all the counters again from the lines.
func (s *Service) Recompter(ctx context.Context) error {
	return s.Comptes.Recompter(ctx, s.delaiPaiement())
}
