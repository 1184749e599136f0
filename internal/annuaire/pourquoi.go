package annuaire

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Explication says why a path of a nature is given or kept back, by which rule, and
// who can change it.
type Explication struct {
	Famille Famille
	Regard  *Regard
	Nature  Nature
	Chemin  Chemin
	// Donne: on every active record; Siennes: on one's own; Inactives: on the records
	// that are no longer active.
	Donne, Siennes, Inactives bool

	tenues   []Propriete   // who keeps these fields
	regles   []regleRegard // of this view, that give it
	ailleurs []regleRegard // of other views
	regards  *Regards
	existe   bool
}

// ErrQuoi refuses what is not a path.
var ErrQuoi = errors.New("annuaire: dire une nature et un chemin, comme praticien.bal")

// ParseQuoi reads what is asked about: "praticien.bal".
func ParseQuoi(s string) (Nature, Chemin, error) {
	nature, chemin, _ := strings.Cut(s, ".")
	n, ok := ParseNature(nature)
	if !ok {
		return 0, 0, fmt.Errorf("%w ; natures : %s", ErrQuoi, nomsNatures())
	}
	c, ok := ParseChemin(chemin)
	if !ok || !n.Chemins().Voit(c) {
		return 0, 0, fmt.Errorf("%w ; chemins d'une fiche %s : %s", ErrQuoi, n, noms(n.Chemins()))
	}
	return n, c, nil
}

func nomsNatures() string {
	var l []string
	for _, n := range Natures {
		l = append(l, n.String())
	}
	return strings.Join(l, ", ")
}

// Expliquer says what a family sees of a path and why, and who keeps it.
func (d *Donnees) Expliquer(famille string, n Nature, c Chemin) (*Explication, error) {
	e, err := d.Regards.expliquer(famille, n, c)
	if err != nil {
		return nil, err
	}
	groupes := map[Groupe]bool{}
	for _, nom := range n.Rubriques() {
		if r, err := n.Rubrique(nom); err == nil && r.Chemin == c && !groupes[r.Groupe] {
			groupes[r.Groupe] = true
			for _, p := range d.Proprietes {
				if p.Groupe == r.Groupe && p.natures[n] {
					e.tenues = append(e.tenues, p)
				}
			}
		}
	}
	return e, nil
}

// expliquer says what a family sees of a path and why. ref: RASS §8
func (l *Regards) expliquer(famille string, n Nature, c Chemin) (*Explication, error) {
	f, ok := l.familles[famille]
	if !ok {
		return nil, ErrFamille
	}
	r := l.par[f.Regard]
	e := &Explication{Famille: f, Regard: r, Nature: n, Chemin: c, regards: l, existe: n.Chemins().Voit(c)}
	if !e.existe {
		return e, nil
	}
	for _, x := range r.regles {
		if !x.natures[n] || !x.chemins.Voit(c) {
			continue
		}
		e.regles = append(e.regles, x)
		e.Donne = e.Donne || x.lignes == actives
		e.Inactives = e.Inactives || x.lignes == inactives
		e.Siennes = e.Siennes || x.lignes == siennes
	}
	for _, nom := range l.noms {
		if e.Donne || nom == r.Nom {
			continue
		}
		for _, x := range l.par[nom].regles {
			heritee := slices.ContainsFunc(e.regles, func(y regleRegard) bool { return y.ou == x.ou })
			if !heritee && x.regard == nom && x.natures[n] && x.chemins.Voit(c) && x.lignes != inactives {
				e.ailleurs = append(e.ailleurs, x)
			}
		}
	}
	return e, nil
}

// surQuoi says of which records a rule gives.
func (x *regleRegard) surQuoi() string {
	switch {
	case x.lignes == actives:
		return "de toute fiche active"
	case x.lignes == inactives:
		return "des fiches qui ne sont plus actives"
	}
	return [...]string{"", "de ses propres fiches", "des boîtes de ses domaines", "de ses structures et de leurs agents", "des fiches que son autorité tient"}[x.portee]
}

// String is the explanation for a person. What it names is public.
func (e *Explication) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "La famille « %s » (%s) lit l'annuaire par le regard %s (%s).\n", e.Famille.Nom, e.Famille.Titre, e.Regard.Entete(), e.Regard.Titre)
	if !e.existe {
		fmt.Fprintf(&b, "Une fiche %s n'a pas de « %s ». Elle a : %s.\n", e.Nature, e.Chemin, noms(e.Nature.Chemins()))
		return b.String()
	}
	fmt.Fprintf(&b, "%s.%s : %s.\n", e.Nature, e.Chemin, e.verdict())
	for i := range e.regles {
		x := &e.regles[i]
		fmt.Fprintf(&b, "  - donné %s par le regard %s (%s, %s)\n", x.surQuoi(), x.regard, x.ou, x.source)
	}
	if len(e.regles) == 0 {
		b.WriteString("Aucune règle de ce regard ne le donne, et ce qui n'est pas écrit n'est pas donné.\n")
	}
	e.direAilleurs(&b)
	if e.Regard.Tracee && e.Donne {
		b.WriteString("Chaque lecture demande un motif et laisse une trace.\n")
	}
	e.direTenues(&b)
	fmt.Fprintf(&b, "Qui peut changer ce regard : %s, dans la table regards.csv ; sa version change alors.\n", e.Regard.Qui)
	return b.String()
}

func (e *Explication) verdict() string {
	switch {
	case e.Donne:
		return "donné"
	case e.Siennes:
		return "donné de ce qui lui revient, refusé du reste"
	case e.Inactives:
		return "donné des fiches qui ne sont plus actives, refusé des autres"
	}
	return "refusé"
}

func (e *Explication) direAilleurs(b *strings.Builder) {
	if len(e.ailleurs) == 0 {
		if !e.Donne {
			b.WriteString("Aucun autre regard ne le donne davantage.\n")
		}
		return
	}
	b.WriteString("Le donnent aussi :\n")
	for i := range e.ailleurs {
		x := &e.ailleurs[i]
		r := e.regards.par[x.regard]
		fmt.Fprintf(b, "  - %s (%s), %s ; pour l'avoir : %s (%s, %s)\n", r.Entete(), r.Titre, x.surQuoi(), r.Habilitation, x.ou, x.source)
	}
}

// direTenues says who changes the data themselves.
func (e *Explication) direTenues(b *strings.Builder) {
	if len(e.tenues) == 0 {
		b.WriteString("Ces données viennent des flux de leur autorité : elles ne se changent pas par demande.\n")
		return
	}
	b.WriteString("Qui tient ces données (les autres proposent) :\n")
	for _, p := range e.tenues {
		fmt.Fprintf(b, "  - %s, %s ; une proposition reçoit sa réponse en %d jours\n", e.regards.familles[p.Famille].Titre, p.surQuoi(), int(p.Delai.Hours()/24))
	}
}

// surQuoi says of which records an owner keeps a group.
func (p *Propriete) surQuoi() string {
	switch p.portee {
	case PorteeSoi:
		return "de sa propre fiche"
	case PorteeDomaines:
		return "des boîtes de ses domaines"
	case PorteeStructure:
		return "de ses structures"
	case PorteeAutorite:
		return "des fiches que son autorité tient"
	}
	return "de toutes les fiches"
}

func noms(b Chemins) string {
	var l []string
	for _, c := range b.Liste() {
		l = append(l, c.String())
	}
	return strings.Join(l, ", ")
}
