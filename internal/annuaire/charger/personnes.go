package charger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// ficheP is a professional being made: as he becomes and as he stood.
type ficheP struct {
	n, o    annuaire.Praticien
	existe  bool
	dit     bool // by a line of Personne_activite that stands
	retiree bool // by one that is taken away
	double  bool // its lines do not agree
}

// ficheS is a situation being made.
type ficheS struct {
	n, o    annuaire.Situation
	existe  bool
	dit     bool
	retiree bool
	p       int // of its professional
}

// personne makes the records of one person of the pieces that name him.
func (w *ouvrier) personne(cle string, l []morceau) error {
	w.ps, w.ss = w.ps[:0], w.ss[:0]
	if l[0].quoi == pFichePraticien || l[0].quoi == pFicheSituation || w.fiches != nil {
		return w.personneFiches(cle, l)
	}
	if w.vue != nil && w.mouvements[annuaire.Praticiens].Avant > 0 {
		w.reprendrePersonne(cle)
	}
	for i := range l {
		if m := &l[i]; m.quoi == pActivite {
			w.activitePersonne(cle, m)
		}
	}
	w.trancher()
	if len(w.ps) == 0 {
		w.personneInconnue(cle, l)
		return nil
	}
	// One order, whatever made the records: what is given to "the first" goes to the same.
	w.ordonner()
	for i := range w.ps {
		w.tairePraticien(&w.ps[i].n)
	}
	for i := range w.ss {
		if w.portees[rass.MSSante] == Entier {
			w.ss[i].n.BAL = w.ss[i].n.BAL[:0]
		}
	}
	w.deplacerBoites()
	for _, retraits := range [...]bool{true, false} { // what is taken away as it was, then said as it is
		for i := range l {
			if (l[i].op == byte(rass.Retrait)) == retraits {
				w.completer(&l[i])
			}
		}
	}
	return w.rendrePersonne(cle)
}

// deplacerBoites gives the mailboxes of a situation that ends to another of the same
// professional in the same structure, else to himself: their file did not say that they
// close.
func (w *ouvrier) deplacerBoites() {
	for i := range w.ss {
		f := &w.ss[i]
		if !f.existe || f.n.Actif || !f.o.Actif || len(f.n.BAL) == 0 {
			continue
		}
		for _, b := range f.n.BAL {
			if s := w.situationA(f.p, f.n.Structure, f.n.SavoirFaire.Savoir.Code); s >= 0 {
				w.ss[s].n.BAL, _ = ajouterBAL(w.ss[s].n.BAL, b, true)
			} else {
				w.ps[f.p].n.BAL, _ = ajouterBAL(w.ps[f.p].n.BAL, b, true)
			}
		}
		f.n.BAL = f.n.BAL[:0]
	}
}

// ordonner sorts professionals and situations by their identifiers.
func (w *ouvrier) ordonner() {
	for i := range w.ss {
		w.ss[i].n.Praticien = w.ps[w.ss[i].p].n.ID
	}
	slices.SortFunc(w.ps, func(x, y ficheP) int { return strings.Compare(x.n.ID, y.n.ID) })
	slices.SortFunc(w.ss, func(x, y ficheS) int { return strings.Compare(x.n.ID, y.n.ID) })
	for i := range w.ss {
		w.ss[i].p = w.rangDe(w.ss[i].n.Praticien)
	}
}

func (w *ouvrier) rangDe(praticien string) int {
	return slices.IndexFunc(w.ps, func(f ficheP) bool { return f.n.ID == praticien })
}

// nouvelleP gives a place for a professional, whose lists are used again.
func (w *ouvrier) nouvelleP(id string) *ficheP {
	if len(w.ps) < cap(w.ps) {
		w.ps = w.ps[:len(w.ps)+1]
	} else {
		w.ps = append(w.ps, ficheP{})
	}
	f := &w.ps[len(w.ps)-1]
	f.existe, f.dit, f.retiree, f.double = false, false, false, false
	viderPraticien(&f.n)
	if w.vue != nil {
		if r, ok := w.vue.ParID(annuaire.Praticiens, id); ok {
			w.vues(annuaire.Praticiens, r)
			w.vue.Praticien(r, &f.o)
			f.existe = true
			copierPraticien(&f.n, &f.o)
		}
	}
	f.n.ID = id
	return f
}

func (w *ouvrier) nouvelleS(id string, p int) *ficheS {
	if len(w.ss) < cap(w.ss) {
		w.ss = w.ss[:len(w.ss)+1]
	} else {
		w.ss = append(w.ss, ficheS{})
	}
	f := &w.ss[len(w.ss)-1]
	f.existe, f.dit, f.retiree, f.p = false, false, false, p
	f.n = annuaire.Situation{Entete: annuaire.Entete{Provenances: f.n.Provenances[:0]}, BAL: f.n.BAL[:0]}
	if w.vue != nil {
		if r, ok := w.vue.ParID(annuaire.Situations, id); ok {
			w.vues(annuaire.Situations, r)
			w.vue.Situation(r, &f.o)
			f.existe = true
			copierSituation(&f.n, &f.o)
		}
	}
	f.n.ID = id
	return f
}

// reprendrePersonne takes all that stands of a person.
func (w *ouvrier) reprendrePersonne(idNat string) {
	for r := range w.parIdentifiant(idNat) {
		f := w.nouvelleP(strings.Clone(w.vue.ID(r)))
		if f.n.IDNat != idNat { // the number of another, in another system
			w.ps = w.ps[:len(w.ps)-1]
		}
	}
	for i := range w.ps {
		w.reprendreSituations(i)
	}
}

func (w *ouvrier) reprendreSituations(p int) {
	for r := range w.parReference(annuaire.Situations, annuaire.ParPraticien, w.ps[p].n.ID) {
		if f := w.nouvelleS(w.vue.ID(r), p); f.n.Praticien != w.ps[p].n.ID { // found by a hash alone
			w.ss = w.ss[:len(w.ss)-1]
		}
	}
}

// activitePersonne reads the person's part of a line of Personne_activite.
func (w *ouvrier) activitePersonne(idNat string, m *morceau) {
	w.ch = couper(w.ch[:0], m.texte(w.texte))
	x := w.ch
	p := w.deProfession(x[qProfession], x[qCategorie])
	if p < 0 {
		w.nouvelleP(IDPraticien(idNat, x[qProfession], x[qCategorie]))
		p = len(w.ps) - 1
	}
	f := &w.ps[p]
	if m.op == byte(rass.Retrait) {
		f.retiree = true
	} else {
		w.identite(f, idNat, x)
	}
	w.situation(p, x, m.op)
}

// deProfession finds the record of a person in a profession, -1 for none.
func (w *ouvrier) deProfession(profession, categorie string) int {
	for i := range w.ps {
		n := &w.ps[i].n
		if n.Profession.Code == profession && ClePraticien("", n.Profession.Code, n.Categorie.Code) == ClePraticien("", profession, categorie) {
			return i
		}
	}
	return -1
}

// identite sets who the person is. The first of his lines, in their order, says it.
func (w *ouvrier) identite(f *ficheP, idNat string, x []string) {
	if f.dit {
		n := &f.n
		f.double = f.double || !tenu(&f.o.Entete, annuaire.Identite, 0) && (n.Nom != x[qNom] || n.Prenom != x[qPrenom] ||
			n.Civilite.Code != x[qCivilite] || n.CiviliteExercice.Code != x[qCiviliteExercice])
		return
	}
	f.dit = true
	n := &f.n
	w.raviver(&n.Entete)
	n.TypeID, n.Numero, n.IDNat = x[qTypeID], x[qNumero], idNat
	n.Trace.Systeme, n.Trace.Autorite = systemeRPPS, autorite(x[qAutorite], 0)
	n.Profession, n.Categorie = code(x, qProfession), code(x, qCategorie)
	if f.existe && tenu(&f.o.Entete, annuaire.Identite, 0) {
		return
	}
	n.CiviliteExercice, n.Civilite = code(x, qCiviliteExercice), code(x, qCivilite)
	n.Nom, n.Prenom = x[qNom], x[qPrenom]
}

// autorite reads the authority of a line. It may be three, of the person, of his
// profession, of the activity: the one of this rank is kept as the code, and all as the
// label. ref: RASS §5.5 // hyp: CHARGER-AUTORITE
func autorite(s string, rang int) annuaire.Code {
	if strings.Count(s, "/") != 2 {
		return annuaire.Code{Code: s}
	}
	reste := s
	for range rang {
		_, reste, _ = strings.Cut(reste, "/")
	}
	c, _, _ := strings.Cut(reste, "/")
	return annuaire.Code{Code: c, Libelle: s}
}

// situation sets what the line says that the person does. A line that says only who he
// is makes none.
func (w *ouvrier) situation(p int, x []string, op byte) {
	n := annuaire.Situation{Praticien: w.ps[p].n.ID, Structure: x[qStructure],
		SavoirFaire: annuaire.Qualification{Type: code(x, qTypeSavoir), Savoir: code(x, qSavoir)},
		Mode:        code(x, qMode), Genre: code(x, qGenre), Fonction: code(x, qRole), SectionPharmacien: code(x, qSection)}
	if n.Structure == "" && n.Mode.IsZero() && n.Genre.IsZero() && n.Fonction.IsZero() && n.SectionPharmacien.IsZero() && n.SavoirFaire == (annuaire.Qualification{}) {
		return
	}
	id := IDSituation(&n)
	i := slices.IndexFunc(w.ss, func(f ficheS) bool { return f.n.ID == id })
	if i < 0 {
		w.nouvelleS(id, p)
		i = len(w.ss) - 1
	}
	f := &w.ss[i]
	switch {
	case op == byte(rass.Retrait):
		f.retiree = true
		return
	case f.dit:
		w.compte.fiche(annuaire.DDoublon, annuaire.Situations, id, x[qAutorite], "activité", "")
		return
	}
	f.dit, f.p = true, p
	w.raviver(&f.n.Entete)
	d := &f.n
	d.Trace.Systeme, d.Trace.Autorite = systemeRPPS, autorite(x[qAutorite], 2)
	d.Praticien, d.Structure = n.Praticien, n.Structure
	d.SavoirFaire, d.Mode, d.Genre, d.Fonction, d.SectionPharmacien = n.SavoirFaire, n.Mode, n.Genre, n.Fonction, n.SectionPharmacien
}

// trancher ends what was taken away and not said again and, when the file is whole,
// what it does not say.
func (w *ouvrier) trancher() {
	tout := w.portees[rass.PersonneActivite] == Entier
	for i := 0; i < len(w.ss); i++ {
		f := &w.ss[i]
		switch {
		case tout && !f.dit && f.n.Trace.Systeme == systemeRPPS:
			w.finir(&f.n.Entete)
		case f.retiree && !f.dit && f.existe:
			w.finir(&f.n.Entete)
		case f.retiree && !f.dit: // nothing of it stood
			w.ss = slices.Delete(w.ss, i, i+1)
			i--
		}
	}
	for i := 0; i < len(w.ps); i++ {
		f := &w.ps[i]
		if f.double {
			w.compte.fiche(annuaire.DDoublon, annuaire.Praticiens, f.n.ID, f.n.Trace.Autorite.Code, "identité", "")
		}
		if tout && !f.dit && f.n.Trace.Systeme == systemeRPPS {
			w.finir(&f.n.Entete)
		}
		if !f.retiree || f.dit {
			continue
		}
		if !f.existe {
			w.ps = slices.Delete(w.ps, i, i+1)
			for k := range w.ss {
				if w.ss[k].p > i {
					w.ss[k].p--
				}
			}
			i--
		} else if !slices.ContainsFunc(w.ss, func(s ficheS) bool { return s.p == i && s.n.Actif }) {
			w.finir(&f.n.Entete)
		}
	}
}

// personneInconnue counts the pieces of a person whom nobody knows.
func (w *ouvrier) personneInconnue(cle string, l []morceau) {
	for i := range l {
		if m := &l[i]; m.quoi != pToucher && m.quoi != pActivite && m.op != byte(rass.Retrait) {
			w.compte.fiche(annuaire.DRefOrpheline, annuaire.Praticiens, "", "", "professionnel", cle)
		}
	}
}

// tairePraticien empties what a whole feed says alone.
func (a *atelier) tairePraticien(n *annuaire.Praticien) {
	if a.portees[rass.SavoirFaire] == Entier {
		n.SavoirFaire = n.SavoirFaire[:0]
	}
	if a.portees[rass.Diplomes] == Entier {
		n.Diplomes = n.Diplomes[:0]
	}
	if a.portees[rass.MSSante] == Entier {
		n.BAL = n.BAL[:0]
	}
	if a.portees[rass.Porteurs] == Entier {
		n.Cartes = n.Cartes[:0]
	}
	if a.portees[rass.Certificats] == Entier {
		n.Certificats = n.Certificats[:0]
	}
	if a.portees[rass.ProSanteConnect] == Entier {
		n.EtatCivil = annuaire.EtatCivil{}
		if !tenu(&n.Entete, annuaire.Contact, 0) {
			n.Contact = annuaire.Coordonnees{}
		}
	}
}

// rendrePersonne finishes the records of a person and gives them on.
func (w *ouvrier) rendrePersonne(cle string) error {
	w.presenter(cle)
	for i := range w.ps {
		f := &w.ps[i]
		w.rangerPraticien(f)
		w.exercer(i)
		var vieux annuaire.Changement
		if f.existe {
			vieux.Praticien = &f.o
		}
		if err := w.rendre(w, &annuaire.Changement{Praticien: &f.n}, &vieux); err != nil {
			return err
		}
	}
	for i := range w.ss {
		f := &w.ss[i]
		if f.existe && tenu(&f.o.Entete, annuaire.Messagerie, 0) {
			f.n.BAL = append(f.n.BAL[:0], f.o.BAL...)
		}
		w.quitter(f)
		if f.n.Structure != "" && !w.existe(f.n.Structure) {
			w.compte.fiche(annuaire.DRefOrpheline, annuaire.Situations, f.n.ID, f.n.Trace.Autorite.Code, "structure", f.n.Structure)
		}
		rangerBAL(f.n.BAL)
		w.provenir(&f.n.Entete, annuaire.Messagerie, systemeMSS, len(f.n.BAL) > 0)
		var vieux annuaire.Changement
		if f.existe {
			vieux.Situation = &f.o
		}
		if err := w.rendre(w, &annuaire.Changement{Situation: &f.n}, &vieux); err != nil {
			return err
		}
	}
	return nil
}

// presenter gives a person's records to the network that waits for him.
func (w *ouvrier) presenter(cle string) {
	if w.attendus.n == 0 {
		return
	}
	h := hacher(cle)
	if _, ok := w.attendus.trouver(h); !ok {
		return
	}
	w.muMembres.Lock()
	defer w.muMembres.Unlock()
	for i := range w.ps {
		w.membres[h] = append(w.membres[h], strings.Clone(w.ps[i].n.ID))
	}
}

// rangerPraticien puts lists in an order of their own, and says where they come from.
func (w *ouvrier) rangerPraticien(f *ficheP) {
	n := &f.n
	if f.existe {
		w.garderDemandes(f)
	}
	slices.SortFunc(n.SavoirFaire, func(x, y annuaire.Qualification) int {
		return cmp.Or(comparerCodes(x.Type, y.Type), comparerCodes(x.Savoir, y.Savoir))
	})
	slices.SortFunc(n.Diplomes, func(x, y annuaire.Diplome) int {
		return cmp.Or(comparerCodes(x.Type, y.Type), comparerCodes(x.Diplome, y.Diplome),
			comparerCodes(x.TypeAutorisation, y.TypeAutorisation), comparerCodes(x.Discipline, y.Discipline))
	})
	rangerBAL(n.BAL)
	slices.SortFunc(n.Cartes, func(x, y annuaire.Carte) int {
		return cmp.Or(comparerCodes(x.Type, y.Type), strings.Compare(x.Numero, y.Numero))
	})
	slices.SortFunc(n.Certificats, parSerie)
	w.provenir(&n.Entete, annuaire.Messagerie, systemeMSS, len(n.BAL) > 0)
	w.provenir(&n.Entete, annuaire.Cartes, systemeIGC, len(n.Cartes)+len(n.Certificats) > 0)
}

// garderDemandes keeps what the owner's requests gave.
func (w *ouvrier) garderDemandes(f *ficheP) {
	n, o := &f.n, &f.o
	if tenu(&o.Entete, annuaire.Qualites, 0) {
		n.SavoirFaire, n.Diplomes = append(n.SavoirFaire[:0], o.SavoirFaire...), append(n.Diplomes[:0], o.Diplomes...)
	}
	if tenu(&o.Entete, annuaire.Contact, 0) {
		n.Contact = o.Contact
	}
	if tenu(&o.Entete, annuaire.Messagerie, 0) {
		n.BAL = append(n.BAL[:0], o.BAL...)
	}
}

func comparerCodes(x, y annuaire.Code) int {
	return cmp.Or(strings.Compare(x.Code, y.Code), strings.Compare(x.Libelle, y.Libelle))
}

// exercer draws the places where a professional works from his situations in force.
func (w *ouvrier) exercer(p int) {
	n := &w.ps[p].n
	w.lieux = w.lieux[:0]
	for i := range w.ss {
		s := &w.ss[i].n
		if w.ss[i].p != p || !s.Actif || !s.EnVigueur(w.jour) || s.Structure == "" {
			continue
		}
		if l := w.lieuStructure(s.Structure); l != (annuaire.LieuExercice{}) && !slices.Contains(w.lieux, l) {
			w.lieux = append(w.lieux, l)
		}
	}
	slices.SortFunc(w.lieux, func(x, y annuaire.LieuExercice) int {
		return cmp.Or(strings.Compare(x.CodePostal, y.CodePostal), strings.Compare(x.CodeCommune, y.CodeCommune), strings.Compare(x.Commune, y.Commune))
	})
	n.Exerce = append(n.Exerce[:0], w.lieux...)
}

// lieuStructure is where a structure is, in the feeds or as it stands.
func (w *ouvrier) lieuStructure(id string) annuaire.LieuExercice {
	if l, ok := w.reg.lieu(id); ok {
		return l
	}
	if w.vue != nil {
		if r, ok := w.vue.ParID(annuaire.Structures, id); ok {
			w.vue.Structure(r, &w.lu)
			return lieuDe(&w.lu)
		}
	}
	return annuaire.LieuExercice{}
}

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
