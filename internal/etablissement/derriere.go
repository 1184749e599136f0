package etablissement

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

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
	Retard sante.Jour // held by the insurer on this day at the latest; zero for any
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
	Dossier      string
	SansGarantie bool // its money came by convention
	Couverture   *Couverture
	Partie       bool      // from its post since; not said when the coverages are read
	Consigne     *Consigne // of its late payment, if it is late on the day asked
}

// Mention is what it is worth, when its insurer did not guarantee it; "" else.
func (x *FactureVue) Mention() string {
	if x.SansGarantie {
		return SansGarantie
	}
	return ""
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
	if f.Jour.IsZero() {
		f.Jour = s.Aujourdhui()
	}
	if f.Jour > s.Aujourdhui() {
		return nil, "", errJourFutur
	}
	if f.Postes[0] == PosteRetard {
		// Late at the end of the day, or from this very day.
		f.Postes, f.Retard = []Poste{PosteRemis, PosteAccuse, PosteReste}, f.Jour-sante.Jour(s.delaiPaiement())-1
	}
	if f.De, err = lireCurseur(f.Apres); err != nil || f.De.Poste >= len(f.Postes) {
		return nil, "", errCurseur
	}
	if f.Max <= 0 || f.Max > facturesMax {
		f.Max = facturesMax
	}
	if l, err = s.Comptes.FacturesDe(ctx, &f, avec); err != nil {
		return nil, "", err
	}
	for i := range l {
		s.dire(&l[i], f.Jour)
	}
	if len(l) < f.Max {
		return l, "", nil
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
