package front

import (
	"context"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// Exporter makes the exports that are asked, one after the other, until the context
// ends. It is called once; ref: Bulk Data Access 2.0
func (p *Porte) Exporter(ctx context.Context) error {
	x := p.o.Exports
	for {
		t, c, err := x.suivante(ctx)
		if err != nil {
			return err
		}
		if t == nil {
			select {
			case <-ctx.Done():
				return nil
			case <-x.reveil:
			case <-time.After(time.Hour): // to forget the old ones
			}
			continue
		}
		err = p.faire(c, t)
		if err != nil && c.Err() == nil && p.o.Journal != nil {
			p.o.Journal.Error("annuaire: export impossible", "tache", t.ID, "erreur", err)
		}
		if err := x.finir(ctx, t, err); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// export is one being made: of one moment of the directory.
type export struct {
	p          *Porte
	g          *annuaire.Vision
	t          *tache
	v          *image.Vue
	a          *atelier
	c          coupe
	regions    regions
	structures annuaire.Structure
	w          *sortieOuverte
	morts      *sortieOuverte
	absents    []string // IDs of records that are no longer active, not yet written
}

func (p *Porte) faire(ctx context.Context, t *tache) error {
	v := p.depot.Vue()
	defer v.Rendre()
	g, err := t.voir(p.o.Regards)
	if err != nil {
		return err
	}
	a := p.prendre(g, v)
	defer p.rendre(a)
	if g.Regard().Tracee {
		l := make([]Lue, len(t.Types))
		for i, n := range t.Types {
			l[i].Nature = n
		}
		if err := p.tracer(ctx, g, "export", l); err != nil {
			return err
		}
	}
	e := &export{g: g, p: p, t: t, v: v, a: a, c: coupe{entiere: len(t.Elements) == 0, elements: t.Elements}}
	if t.ROR {
		e.regions = lireRegions(regionsCSV)
	}
	x := p.o.Exports
	x.mu.Lock()
	t.VueDu, t.faits, t.total = v.FaiteLe(), 0, 0
	for _, n := range t.Types {
		t.total += int64(v.Nombre(n))
	}
	x.mu.Unlock()
	for _, n := range t.Types {
		if err := e.nature(ctx, n); err != nil {
			e.laisser()
			return err
		}
	}
	return nil
}

// nature writes the files of one nature.
func (e *export) nature(ctx context.Context, n annuaire.Nature) error {
	filtre, err := e.filtre(n)
	if err != nil {
		return err
	}
	if filtre == nil {
		rang := 0
		for r := range e.v.Parcourir(n) {
			if rang++; rang%4096 == 0 {
				if err := e.avancer(ctx, 4096); err != nil {
					return err
				}
			}
			if err := e.fiche(r); err != nil {
				return err
			}
		}
	} else if err := e.filtrees(ctx, n, filtre); err != nil {
		return err
	}
	return e.fermer(n)
}

// avancer tells how far the export is, and stops it when asked.
func (e *export) avancer(ctx context.Context, n int64) error {
	x := e.p.o.Exports
	x.mu.Lock()
	e.t.faits += n
	x.mu.Unlock()
	return ctx.Err()
}

// filtre is what _typeFilter asks of a nature, nil when nothing.
func (e *export) filtre(n annuaire.Nature) (*annuaire.Critere, error) {
	var l []annuaire.Critere
	for _, f := range e.t.Filtres {
		if f.Type != n {
			continue
		}
		var q fhir.Query
		k, err := e.p.filtrer(e.g, &q, f, e.t.CreeLe)
		if err != nil {
			return nil, err
		}
		l = append(l, *k)
	}
	if l == nil {
		return nil, nil
	}
	k := unDe(l)
	return &k, nil
}

// filtrer reads one _typeFilter.
func (p *Porte) filtrer(g *annuaire.Vision, q *fhir.Query, f filtreExport, le time.Time) (*annuaire.Critere, error) {
	if err := p.table.Parse(q, ressource.Nom(f.Type), fhir.Input{Query: f.Recherche, Now: le}); err != nil {
		return nil, err
	}
	t := traduction{g: g, q: q}
	k, err := t.critere()
	if err != nil {
		return nil, err
	}
	if err := g.Admet(&annuaire.Question{Nature: f.Type, Critere: k}); err != nil {
		return nil, err
	}
	if k == nil || len(t.tamis) > 0 || len(q.Includes) > 0 || len(q.Sort) > 0 || q.Count >= 0 {
		return nil, refus(fhir.CodeNotSupported, "_typeFilter", "écrire Ressource?paramètre=valeur, sans ordre, ni nombre, ni inclusion, avec des paramètres que cette vue cherche entièrement")
	}
	return k, nil
}

// filtrees writes what satisfies a filter, page after page.
func (e *export) filtrees(ctx context.Context, n annuaire.Nature, k *annuaire.Critere) error {
	q := annuaire.Question{Nature: n, Critere: k, Nombre: 5000}
	for {
		page, err := e.v.Chercher(&q)
		if err != nil {
			return err
		}
		for _, r := range page.Refs {
			if err := e.fiche(r); err != nil {
				return err
			}
		}
		if err := e.avancer(ctx, int64(len(page.Refs))); err != nil || page.Suivant == nil {
			return err
		}
		q.Curseur = page.Suivant
	}
}

// fiche writes one record, when it is wanted.
func (e *export) fiche(r image.Ref) error {
	if e.t.Depuis > 0 && e.v.Maj(r) < e.t.Depuis {
		return nil
	}
	h, vu := e.a.lire(e.v, r)
	if !vu {
		return nil
	}
	if e.t.ROR {
		e.a.e.Region = e.a.regionDe(e.regions, r.Nature, e.structure)
		if len(e.t.Regions) > 0 && !slices.Contains(e.t.Regions, e.a.e.Region) {
			return nil
		}
	}
	if !h.Actif && e.t.Depuis > 0 {
		return e.absent(r.Nature, h.ID)
	}
	if e.w == nil || e.w.Count() == parFichier {
		if err := e.ouvrir(&e.w, r.Nature, "", &e.t.Sorties); err != nil {
			return err
		}
	}
	return e.w.Line(func(w *fhir.Writer) {
		e.a.w.B = w.B
		e.a.ecrireCoupe(r.Nature, e.c)
		w.B = e.a.w.B
	})
}

func (e *export) structure(id string) *annuaire.Structure {
	r, ok := e.v.ParID(annuaire.Structures, id)
	if !ok {
		return nil
	}
	e.v.Structure(r, &e.structures)
	return &e.structures
}
