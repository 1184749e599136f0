package front

import (
	"strings"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"
)

// page answers another page, by its link.
func (d *demande) page() error {
	lien, ok := strings.CutPrefix(d.r.URL.RawQuery, "id=")
	if !ok {
		return annuaire.ErrCurseur
	}
	lien, _, _ = strings.Cut(lien, "&")
	e, err := d.p.scelleur.ouvrir(lien)
	if err != nil {
		return err
	}
	v, err := d.p.depot.Reprendre(e.generation)
	if err != nil {
		return err
	}
	defer v.Rendre()
	if e.nature == 0 || e.nature >= annuaire.NombreNatures || ressource.Nom(e.nature) == "" {
		return annuaire.ErrCurseur
	}
	return d.repondre(v, ressource.Nom(e.nature), e, d.p.o.Base+"/_page?id="+lien)
}

// ecrire writes the Bundle.
func (x *recherche) ecrire(soi string) error {
	var liens [5]fhir.Link
	n, err := x.liens(liens[:0], soi)
	if err != nil {
		return err
	}
	w := &x.a.w
	b := fhir.BeginBundle(w, &fhir.BundleHead{Type: "searchset", Updated: x.v.FaiteLe().UnixMilli(), Total: x.total, Links: n})
	inclusions := x.nouvellesInclusions()
	c := coupeDe(&x.a.q, x.e.nature)
	for _, r := range x.page.Refs {
		h, vu := x.a.lire(x.v, r)
		if !vu {
			continue
		}
		b.Begin(x.p.o.Base, ressource.Nom(r.Nature), h.ID)
		x.a.ecrireCoupe(r.Nature, c)
		b.End(fhir.Match)
		x.lue(r.Nature, h.ID)
		inclusions.noter(r, h.ID, true)
	}
	inclusions.ecrire(&b)
	issues := x.a.q.Ignored
	if inclusions.trop {
		issues = append(issues, fhir.Issue{Severity: fhir.Warning, Code: fhir.CodeTooCostly, Param: "_include", Diagnostics: "plus de 2000 ressources à inclure : les suivantes manquent, demander moins de résultats par page"})
	}
	if len(issues) > 0 {
		b.Begin("", "", "")
		w.B = fhir.AppendOutcome(w.B, issues...)
		b.End(fhir.OfOutcome)
	}
	b.Close()
	return nil
}

// liens are those of the page. What the search asked is not in them: they are sealed.
// ref: RASS §7.2
func (x *recherche) liens(l []fhir.Link, soi string) ([]fhir.Link, error) {
	if soi != "" {
		l = append(l, fhir.Link{Relation: "self", URL: soi})
	}
	if x.page.Suivant == nil && x.page.Precedent == nil {
		return l, nil
	}
	for _, y := range [...]struct {
		relation          string
		curseur           []byte
		arriere, renverse bool
	}{
		{"first", nil, false, false},
		{"previous", x.page.Precedent, !x.e.renverse, x.e.renverse},
		{"next", x.page.Suivant, x.e.renverse, x.e.renverse},
		{"last", nil, false, true},
	} {
		if y.curseur == nil && (y.relation == "next" || y.relation == "previous") {
			continue
		}
		e := *x.e
		e.curseur, e.arriere, e.renverse = y.curseur, y.arriere, y.renverse
		s, err := x.p.scelleur.sceller(&e)
		if err != nil {
			return nil, err
		}
		l = append(l, fhir.Link{Relation: y.relation, URL: x.p.o.Base + "/_page?id=" + s})
	}
	return l, nil
}
