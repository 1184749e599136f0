package etablissement

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// CompteLu is what is kept of a coverage: the coverage itself and its lines.
type CompteLu struct {
	Place
	Couverture *Couverture // nil: lines without any coverage
	Lignes     []LigneLue
}

// LigneLue is a line as it is kept.
type LigneLue struct {
	Ecriture
	Sortie sante.Jour // day when the next line took it away; zero while it stands
}

// CompteurLu is a counter of a day, and what the lines make of it.
type CompteurLu struct {
	CleCompteur
	Jour                         sante.Jour
	Entres, Sortis               Montants // kept
	LignesEntrees, LignesSorties Montants // of the lines
}

// Controle is the outcome of a control of the accounts.
type Controle struct {
	Instant     time.Time
	Couvertures int64
	Lignes      int64
	Compteurs   int64
	Differences int64   // all of them
	Ecarts      []Ecart // the first ones
}

// SorteEcart is where a difference is.
type SorteEcart string

// The differences.
const (
	EcartCouverture SorteEcart = "COUVERTURE" // the lines of a coverage are not its state
	EcartChaine     SorteEcart = "CHAINE"     // the lines of a coverage do not follow each other
	EcartCompteur   SorteEcart = "COMPTEUR"   // a counter is not the sum of its lines
	EcartStock      SorteEcart = "STOCK"      // a stock is not the sum of its coverages
	EcartEquilibre  SorteEcart = "EQUILIBRE"  // posts do not add up to what was engaged
)

// Ecart is a difference, and who must act.
type Ecart struct {
	Sorte SorteEcart
	CleCompteur
	Jour            sante.Jour // zero when it is of no day
	Place                      // of a coverage, if it is of one
	Attendu, Trouve Montants
	QuiAgit, AFaire string
}

// ecartsMax bounds the differences that are told one by one.
const ecartsMax = 100

// exploitant is who must act on what the program alone keeps.
const exploitant = "l'exploitant d'Écluse"

var consignesEcart = map[SorteEcart]string{
	EcartCouverture: "Comparer l'historique de la venue et ses écritures : l'une des deux a été changée hors d'Écluse. Restaurer la sauvegarde qui s'accorde avec les messages scellés.",
	EcartChaine:     "Les écritures de la venue ont été changées hors d'Écluse : restaurer la sauvegarde qui s'accorde avec les messages scellés.",
	EcartCompteur:   "Refaire les compteurs : « ecluse cloture controler --recompter ». Si l'écart revient, garder la base et prévenir l'éditeur.",
	EcartStock:      "Refaire les compteurs : « ecluse cloture controler --recompter ». Si l'écart reste, voir les écarts de couverture.",
	EcartEquilibre:  "Refaire les compteurs : « ecluse cloture controler --recompter ». Si l'écart reste, ne rien arrêter sur ces chiffres et prévenir l'éditeur.",
}

func (c *Controle) noter(e Ecart) {
	if c.Differences++; len(c.Ecarts) < ecartsMax {
		e.QuiAgit, e.AFaire = exploitant, consignesEcart[e.Sorte]
		c.Ecarts = append(c.Ecarts, e)
	}
}

// Controler reads again everything that is kept and compares: the lines of each
// coverage with its state, each counter with its lines, the stocks with the
// coverages, the posts with what was engaged. Lines not folded yet are folded
// first. It keeps its outcome.
func (s *Service) Controler(ctx context.Context) (*Controle, error) { return s.controler(ctx, 0) }

// controler is Controler, for the night of a day when one is given.
func (s *Service) controler(ctx context.Context, jour sante.Jour) (*Controle, error) {
	if err := s.Plier(ctx); err != nil {
		return nil, err
	}
	c := &Controle{Instant: s.maintenant()}
	attendus, trouves := map[CleCompteur]Montants{}, map[CleCompteur]Montants{}
	err := s.Comptes.Relire(ctx, func(x *CompteLu) error {
		c.compte(x, attendus)
		return nil
	}, func(x *CompteurLu) error {
		c.compteur(x, trouves)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("etablissement: relire les comptes: %w", err)
	}
	c.stocks(attendus, trouves)
	return c, s.Comptes.GarderControle(ctx, c, jour)
}

// compte checks the lines of a coverage: that they follow each other, and that
// what stands is what the coverage says.
func (c *Controle) compte(x *CompteLu, attendus map[CleCompteur]Montants) {
	c.Lignes += int64(len(x.Lignes))
	soldes, presents := map[CleCompteur]Montants{}, map[CleCompteur]Montants{}
	var cycle sante.Montant // paid since the last engagement
	for i := range x.Lignes {
		l := &x.Lignes[i]
		m := Montants{int64(l.Nombre), l.Montant}
		avant, apres := CleCompteur{l.AMC, l.Origine, l.OrigineMotif}, CleCompteur{l.AMC, l.Poste, l.Motif}
		soldes[avant] = soldes[avant].Moins(m)
		soldes[apres] = soldes[apres].Plus(m)
		if l.Sortie == 0 {
			presents[apres] = presents[apres].Plus(m)
		}
		if l.Origine.Exterieur() && l.Nombre == 1 {
			cycle = 0
		}
		if l.Poste == PostePaye {
			cycle += l.Montant
		}
		if l.N != i+1 || l.Sortie != 0 && l.Sortie < l.Jour {
			c.noter(Ecart{Sorte: EcartChaine, CleCompteur: apres, Place: x.Place, Jour: l.Jour, Attendu: Montants{Nombre: int64(i + 1)}, Trouve: Montants{Nombre: int64(l.N)}})
		}
	}
	for k, m := range soldes {
		if !k.Poste.Exterieur() && m != presents[k] {
			c.noter(Ecart{Sorte: EcartChaine, CleCompteur: k, Place: x.Place, Attendu: m, Trouve: presents[k]})
		}
	}
	if x.Couverture == nil {
		c.noter(Ecart{Sorte: EcartCouverture, CleCompteur: CleCompteur{AMC: x.Lignes[0].AMC}, Place: x.Place, Trouve: Montants{Nombre: int64(len(x.Lignes))}})
		return
	}
	c.Couvertures++
	c.etat(x, presents, cycle, attendus)
}

// etat compares what stands of a coverage with its state.
func (c *Controle) etat(x *CompteLu, presents map[CleCompteur]Montants, paye sante.Montant, attendus map[CleCompteur]Montants) {
	cv := x.Couverture
	voulu, montant, dit := cv.situation()
	ouverts := Montants{}
	for k, m := range presents {
		if k.Poste.final() {
			continue
		}
		attendus[k] = attendus[k].Plus(m)
		if ouverts = ouverts.Plus(m); dit && (k.Poste != voulu.Poste || k.Motif != voulu.Motif) {
			c.noter(Ecart{Sorte: EcartCouverture, CleCompteur: k, Place: x.Place, Trouve: m})
		}
	}
	if !dit {
		return // the state leaves the money where it is
	}
	attendu := Montants{}
	if voulu.Poste != "" && !voulu.Poste.final() {
		attendu = Montants{1, montant}
	}
	if ouverts != attendu {
		c.noter(Ecart{Sorte: EcartCouverture, CleCompteur: voulu, Place: x.Place, Attendu: attendu, Trouve: ouverts})
	}
	if verse, su := cv.verse(); su && verse != paye {
		c.noter(Ecart{Sorte: EcartCouverture, CleCompteur: CleCompteur{voulu.AMC, PostePaye, ""}, Place: x.Place,
			Attendu: Montants{Montant: verse}, Trouve: Montants{Montant: paye}})
	}
}

// situation is where the state of a coverage, its calculation and its invoice say
// that its money stands, without reading its account; false when the state says
// nothing.
func (c *Couverture) situation() (k CleCompteur, m sante.Montant, dit bool) {
	poste, connu := c.poste()
	switch {
	case c.Etat == AnnulationDemandee:
		return k, 0, false
	case !connu || c.Etat == Close:
		return k, 0, true
	}
	k = CleCompteur{AMC: c.debitrice(), Poste: poste}
	if m = c.engage(); poste == PosteReste && c.suivie() != nil {
		m -= c.suivie().Paye
	}
	if poste == PosteRejete {
		k.Motif = c.Code
	}
	return k, m, true
}

// verse is what the coverage says that it was paid; false when it does not say.
func (c *Couverture) verse() (sante.Montant, bool) {
	switch f := c.suivie(); {
	case c.Etat == Payee:
		return c.engage(), true
	case c.Etat == PayeePartiellement && f != nil:
		return f.Paye, true
	case c.Etat == Engagee || c.Etat == SansEngagement || c.Etat == Facturee || c.Etat == Accusee || c.Etat == Rejetee || c.Etat == Corrigee:
		return 0, true
	}
	return 0, false
}

// compteur checks a counter of a day against its lines.
func (c *Controle) compteur(x *CompteurLu, trouves map[CleCompteur]Montants) {
	c.Compteurs++
	trouves[x.CleCompteur] = trouves[x.CleCompteur].Plus(x.Entres).Moins(x.Sortis)
	for _, e := range [][2]Montants{{x.LignesEntrees, x.Entres}, {x.LignesSorties, x.Sortis}} {
		if e[0] != e[1] {
			c.noter(Ecart{Sorte: EcartCompteur, CleCompteur: x.CleCompteur, Jour: x.Jour, Attendu: e[0], Trouve: e[1]})
		}
	}
}

// stocks compares the stocks that counters make with the coverages, and the posts
// of each insurer with what was engaged.
func (c *Controle) stocks(attendus, trouves map[CleCompteur]Montants) {
	sommes := map[sante.NumeroAMC]Montants{}
	for k, m := range trouves {
		if k.Poste == PosteRetard {
			continue
		}
		sommes[k.AMC] = sommes[k.AMC].Plus(m)
		if !k.Poste.final() && m != attendus[k] {
			c.noter(Ecart{Sorte: EcartStock, CleCompteur: k, Attendu: attendus[k], Trouve: m})
		}
	}
	for k, m := range attendus {
		if _, vu := trouves[k]; !vu && m != (Montants{}) {
			c.noter(Ecart{Sorte: EcartStock, CleCompteur: k, Attendu: m})
		}
	}
	for amc, m := range sommes {
		if m != (Montants{}) {
			c.noter(Ecart{Sorte: EcartEquilibre, CleCompteur: CleCompteur{AMC: amc}, Trouve: m})
		}
	}
}

// Phrase tells a difference to a person, without any data of a patient.
func (e *Ecart) Phrase() string {
	ou := "AMC " + e.AMC.String()
	if e.Poste != "" {
		ou += ", « " + e.Poste.Libelle() + " »"
	}
	if e.Motif != "" {
		ou += " (" + string(e.Motif) + ")"
	}
	if !e.Jour.IsZero() {
		ou += ", le " + e.Jour.Francais()
	}
	if e.Venue != "" {
		ou += fmt.Sprintf(", venue %s rang %d", e.Venue, e.Rang)
	}
	return fmt.Sprintf("%s : %s : attendu %d pour %s, trouvé %d pour %s", e.Sorte, ou, e.Attendu.Nombre, e.Attendu.Montant.Euros(), e.Trouve.Nombre, e.Trouve.Montant.Euros())
}
