package charger

import (
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

func viderPraticien(p *annuaire.Praticien) {
	var zero annuaire.Praticien
	copierPraticien(p, &zero)
}

// copierPraticien copies a professional, in the lists that d has.
func copierPraticien(d, s *annuaire.Praticien) {
	v := *d
	*d = *s
	d.Provenances = append(v.Provenances[:0], s.Provenances...)
	d.SavoirFaire = append(v.SavoirFaire[:0], s.SavoirFaire...)
	d.Diplomes = append(v.Diplomes[:0], s.Diplomes...)
	d.Attributions = append(v.Attributions[:0], s.Attributions...)
	d.Langues = append(v.Langues[:0], s.Langues...)
	d.BAL = append(v.BAL[:0], s.BAL...)
	d.Cartes = append(v.Cartes[:0], s.Cartes...)
	d.Certificats = append(v.Certificats[:0], s.Certificats...)
	d.Inscriptions = append(v.Inscriptions[:0], s.Inscriptions...)
	d.Exerce = append(v.Exerce[:0], s.Exerce...)
}

func copierSituation(d, s *annuaire.Situation) {
	p, b := d.Provenances, d.BAL
	*d = *s
	d.Provenances, d.BAL = append(p[:0], s.Provenances...), append(b[:0], s.BAL...)
}

// personneFiches takes the records of a person that come whole.
func (w *ouvrier) personneFiches(id string, l []morceau) error {
	if w.vue != nil && !w.tout(annuaire.Situations) {
		if r, ok := w.vue.ParID(annuaire.Praticiens, id); ok {
			w.nouvelleP(strings.Clone(w.vue.ID(r)))
			w.reprendreSituations(0)
		}
	}
	for i := range l {
		m := &l[i]
		s := m.texte(w.texte)
		if m.quoi == pToucher {
			continue
		}
		k, err := image.Decoder([]byte(s[len(id)+1:]))
		if err != nil {
			return &Refus{Motif: MotifFiche}
		}
		if k.Praticien != nil {
			w.fichePraticien(k.Praticien)
		} else if k.Situation != nil {
			w.ficheSituation(k.Situation)
		}
	}
	for i := range w.ss {
		w.ss[i].p = w.rangDe(w.ss[i].n.Praticien)
	}
	return w.rendrePersonne(id)
}

// fichePraticien takes a professional whole. One that has ended says little: what it was
// is kept.
func (w *ouvrier) fichePraticien(k *annuaire.Praticien) {
	i := w.rangDe(k.ID)
	if i < 0 {
		w.nouvelleP(k.ID)
		i = len(w.ps) - 1
	}
	f := &w.ps[i]
	switch {
	case !k.Actif && f.existe:
		w.finir(&f.n.Entete)
	case !k.Actif && k.IDNat == "": // nothing of it stood
		w.ps = slices.Delete(w.ps, i, i+1)
	default:
		demandes := demandesDe(f.n.Provenances)
		copierPraticien(&f.n, k)
		f.n.Provenances = append(f.n.Provenances, demandes...)
	}
}

func (w *ouvrier) ficheSituation(k *annuaire.Situation) {
	i := slices.IndexFunc(w.ss, func(f ficheS) bool { return f.n.ID == k.ID })
	if i < 0 {
		w.nouvelleS(k.ID, -1)
		i = len(w.ss) - 1
	}
	f := &w.ss[i]
	switch {
	case !k.Actif && f.existe:
		w.finir(&f.n.Entete)
	case !k.Actif && k.Praticien == "":
		w.ss = slices.Delete(w.ss, i, i+1)
	default:
		demandes := demandesDe(f.n.Provenances)
		copierSituation(&f.n, k)
		f.n.Provenances = append(f.n.Provenances, demandes...)
	}
}

// demandesDe are the groups of fields that owners' requests gave.
func demandesDe(l []annuaire.Provenance) (r []annuaire.Provenance) {
	for _, p := range l {
		if p.Demande != "" {
			r = append(r, p)
		}
	}
	return r
}
