package front

import (
	"net/http"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// nombreParDefaut is how many resources a page has. ref: RASS §7.1
const nombreParDefaut = 50

// chercher answers the first page of a search.
func (d *demande) chercher(nom, query, form string) error {
	v := d.p.depot.Vue()
	defer v.Rendre()
	souple := fhir.ParsePrefer(d.r.Header["Prefer"]...).Lenient
	e := etape{nature: ressource.NatureDe(nom), souple: souple, le: d.p.o.Horloge().UnixMilli(), generation: v.Generation()}
	switch {
	case form == "":
		e.recherche = query
	case query == "":
		e.recherche = form
	default:
		e.recherche = query + "&" + form
	}
	soi := ""
	if form == "" {
		soi = d.p.o.Base + "/" + nom
		if query != "" {
			soi += "?" + query
		}
	}
	return d.repondre(v, nom, &e, soi)
}

// recherche is one page being made.
type recherche struct {
	*demande
	v     *image.Vue
	a     *atelier
	e     *etape
	q     annuaire.Question
	tamis []tamis
	page  image.Page
	total int64
}

// repondre reads a search, asks it, and sends the page.
func (d *demande) repondre(v *image.Vue, nom string, e *etape, soi string) error {
	a := d.p.prendre(d.g, v)
	defer d.p.rendre(a)
	if err := d.p.table.Parse(&a.q, nom, fhir.Input{Query: e.recherche, Lenient: e.souple, Now: time.UnixMilli(e.le)}); err != nil {
		return err
	}
	if a.q.Format != "" { // of a form, or of the page before
		f, err := fhir.Negotiate("", a.q.Format)
		if err != nil {
			return err
		}
		d.f = f
	}
	x := recherche{demande: d, v: v, a: a, e: e}
	if err := x.demander(); err != nil {
		return err
	}
	if err := x.ecrire(soi); err != nil {
		return err
	}
	if err := d.tracer("recherche"); err != nil {
		return err
	}
	d.p.envoyer(d.w, d.f, http.StatusOK, a.w.B)
	return nil
}

// demander asks the image.
func (x *recherche) demander() error {
	q := &x.a.q
	if !x.g.Regard().Voit(x.e.nature, annuaire.CheminID) {
		return annuaire.ErrInterdit // their number alone would tell
	}
	t := traduction{g: x.g, q: q}
	k, err := t.critere()
	if err != nil {
		return err
	}
	x.tamis = t.tamis
	if err := x.g.Admet(&annuaire.Question{Nature: x.e.nature, Critere: k}); err != nil {
		return err
	}
	x.q = annuaire.Question{Nature: x.e.nature, Critere: k, Nombre: nombreParDefaut, Curseur: x.e.curseur, Arriere: x.e.arriere}
	if q.Count > 0 {
		x.q.Nombre = q.Count
	}
	if err := x.trier(); err != nil {
		return err
	}
	if x.e.renverse {
		x.q.Inverse = !x.q.Inverse
	}
	compte := q.Count == 0 || q.Summary == fhir.SummaryCount
	if compte {
		x.q.Nombre = 0
	}
	compter := compte || q.Total >= fhir.TotalEstimate || k == nil && q.Total != fhir.TotalNone
	x.q.Compter = compter && len(x.tamis) == 0
	if x.page, err = x.v.Chercher(&x.q); err != nil {
		return err
	}
	x.page.Refs = slices.DeleteFunc(x.page.Refs, func(r image.Ref) bool { return !x.passe(r) })
	if compte {
		x.page.Suivant, x.page.Precedent = nil, nil
	}
	if x.e.renverse {
		slices.Reverse(x.page.Refs)
		x.page.Suivant, x.page.Precedent = x.page.Precedent, x.page.Suivant
	}
	x.total = int64(x.page.Total)
	if compter && len(x.tamis) > 0 {
		if x.total, err = x.compterTamises(); err != nil {
			return err
		}
	}
	if x.total < 0 && len(x.e.curseur) == 0 && x.page.Suivant == nil && x.page.Precedent == nil && len(x.tamis) == 0 && q.Total != fhir.TotalNone {
		x.total = int64(len(x.page.Refs)) // all is in the page
	}
	return nil
}

// tamisesMax is how many records are read one by one to be counted.
const tamisesMax = 200_000

// compterTamises counts what is found and passes the sieve, by reading it.
func (x *recherche) compterTamises() (n int64, err error) {
	q := x.q
	q.Nombre, q.Curseur, q.Arriere, q.Compter = 10_000, nil, false, false
	for lues := 0; ; {
		page, err := x.v.Chercher(&q)
		if err != nil {
			return 0, err
		}
		if lues += len(page.Refs); lues > tamisesMax {
			return 0, annuaire.ErrTropLarge
		}
		for _, r := range page.Refs {
			if x.passe(r) {
				n++
			}
		}
		if page.Suivant == nil {
			return n, nil
		}
		q.Curseur = page.Suivant
	}
}

// trier puts the order that is asked, when the image has it.
func (x *recherche) trier() error {
	l := x.a.q.Sort
	if len(l) == 0 {
		return nil
	}
	dits := make([]int, len(l))
	for i := range l {
		if dits[i] = l[i].Param.ID; l[i].Descending != l[0].Descending {
			return refus(fhir.CodeNotSupported, "_sort", "les ordres demandés ensemble vont dans le même sens")
		}
	}
	x.q.Inverse = l[0].Descending
	switch {
	case slices.Equal(dits, []int{pMaj}):
		x.q.Tri = annuaire.ParMajTri
	case slices.Equal(dits, []int{pFamille}), slices.Equal(dits, []int{pNom}), slices.Equal(dits, []int{pFamille, pPrenom}):
		x.q.Tri = annuaire.ParNomTri
	default:
		return refus(fhir.CodeNotSupported, "_sort", "écrire _lastUpdated, name, family, ou family,given ; précédés de - pour l'ordre inverse")
	}
	return nil
}

// passe tells whether a record that was found satisfies what the image cannot tell.
func (x *recherche) passe(r image.Ref) bool {
	for i := range x.tamis {
		if _, vu := x.a.lire(x.v, r); !vu {
			return false
		}
		if x.a.activite.Sociale != x.tamis[i].social {
			return false
		}
	}
	return true
}
