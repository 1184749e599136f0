package charger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// The systems that keep records, as Trace.Systeme says them. ref: RASS §6.5
const (
	systemeRPPS   = "RPPS"
	systemeFINESS = "FINESS"
	systemeMSS    = "MSS"
	systemeIGC    = "IGC"
	systemeReseau = "RESEAU" // ours, for the networks
)

// ficheST is a structure being made: as it becomes and as it stood.
type ficheST struct {
	n, o   annuaire.Structure
	existe bool
}

// structure makes the records of one structure of its pieces.
func (w *ouvrier) structure(id string, l []morceau) error {
	f := &w.st
	f.n = annuaire.Structure{Entete: annuaire.Entete{Provenances: f.n.Provenances[:0]}, Membres: f.n.Membres[:0], BAL: f.n.BAL[:0], Certificats: f.n.Certificats[:0]}
	f.existe = false
	if w.vue != nil {
		if r, ok := w.vue.ParID(annuaire.Structures, id); ok {
			w.vues(annuaire.Structures, r)
			w.vue.Structure(r, &f.o)
			f.existe = true
			copierStructure(&f.n, &f.o)
		}
	}
	f.n.ID = id
	attendu, err := w.composer(f, l)
	if err != nil || f.n.Trace.Systeme == "" {
		return err
	}
	w.situer(f)
	if attendu != nil {
		w.attendre(f, attendu)
		return nil
	}
	return w.rendreStructure(&f.n, f)
}

func (w *ouvrier) rendreStructure(n *annuaire.Structure, f *ficheST) error {
	var vieux annuaire.Changement
	neuf := annuaire.Changement{Structure: n}
	if f.existe {
		vieux.Structure = &f.o
		tenirDemandes(&neuf, &vieux) // members came since
	}
	return w.rendre(w, &neuf, &vieux)
}

// vues marks a record as one that the feeds spoke of.
func (a *atelier) vues(n annuaire.Nature, r image.Ref) { a.vus[n].marquer(r) }

// composer sets all that the pieces say. What stands and that no piece says is kept
// when its feed is not there, and emptied when its feed is there whole. It returns the
// members who are persons, to be waited for.
func (w *ouvrier) composer(f *ficheST, l []morceau) (attendus []adhesionAttendue, err error) {
	n := &f.n
	w.taireStructure(n)
	pa := choisirActivite(w, l)
	base := w.dire(f, l, pa)
	for _, retraits := range [...]bool{true, false} { // what is taken away as it was, then said as it is
		for i := range l {
			if m := &l[i]; (m.op == byte(rass.Retrait)) == retraits {
				if attendus, err = w.ajouter(f, m, &base, attendus); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := w.rendreDependances(n.ID, n.Trace.Systeme != ""); err != nil {
		return nil, err
	}
	if n.Trace.Systeme == "" {
		w.orphelines(l)
	}
	if f.existe {
		tenirDemandes(&annuaire.Changement{Structure: &f.n}, &annuaire.Changement{Structure: &f.o})
	}
	w.rangerStructure(&f.n)
	return attendus, nil
}

// ajouter adds to a structure what another file says of it.
func (w *ouvrier) ajouter(f *ficheST, m *morceau, base *bool, attendus []adhesionAttendue) ([]adhesionAttendue, error) {
	n := &f.n
	switch m.quoi {
	case sBAL:
		w.balStructure(n, m, *base || f.existe)
		*base = *base || n.Trace.Systeme != ""
	case sCertificat:
		w.ch = couper(w.ch[:0], m.texte(w.texte))
		n.Certificats = w.certificat(n.Certificats, annuaire.Structures, n.ID, w.ch[1:], m.op)
	case sMembre:
		attendus = w.membre(n, m, attendus)
	case sSoin, sEquipement, sFicheActivite, sFicheEquipement:
		return attendus, w.dependre(m, n.ID)
	}
	return attendus, nil
}

// taireStructure empties what a whole feed says alone.
func (a *atelier) taireStructure(n *annuaire.Structure) {
	if a.portees[rass.MSSante] == Entier {
		n.BAL = n.BAL[:0]
	}
	if a.portees[rass.Certificats] == Entier {
		n.Certificats = n.Certificats[:0]
	}
	if a.portees[rass.Membres] == Entier {
		n.Membres = n.Membres[:0]
	}
}

// choisirActivite is the piece of Personne_activite that says what a structure is: when
// its lines differ, the longest, and the first of these.
func choisirActivite(w *ouvrier, l []morceau) (m *morceau) {
	n := 0
	for i := range l {
		if l[i].quoi == sActivite {
			if n++; m == nil || l[i].longueur > m.longueur {
				m = &l[i]
			}
		}
	}
	if n > 1 {
		w.compte.fiche(annuaire.DDoublon, annuaire.Structures, cleDe(m.texte(w.texte)), "", "écritures", "")
	}
	return m
}

// rangerStructure puts lists in an order of their own, and says where they come from.
func (w *ouvrier) rangerStructure(n *annuaire.Structure) {
	rangerBAL(n.BAL)
	slices.SortFunc(n.Certificats, parSerie)
	slices.SortFunc(n.Membres, parMembre)
	w.provenir(&n.Entete, annuaire.Messagerie, systemeMSS, len(n.BAL) > 0 && n.Trace.Systeme != systemeMSS)
	w.provenir(&n.Entete, annuaire.Cartes, systemeIGC, len(n.Certificats) > 0)
	w.provenir(&n.Entete, annuaire.Localisation, systemeFINESS, n.Situee && n.Trace.Systeme != systemeFINESS)
}

func rangerBAL(l []annuaire.BAL) {
	slices.SortFunc(l, func(x, y annuaire.BAL) int {
		return cmp.Or(cmp.Compare(x.Rang, y.Rang), strings.Compare(string(x.Type), string(y.Type)), strings.Compare(x.Adresse, y.Adresse))
	})
}

func parSerie(x, y annuaire.Certificat) int {
	return cmp.Or(strings.Compare(x.Serie, y.Serie), strings.Compare(x.Emetteur, y.Emetteur))
}

func parMembre(x, y annuaire.Adhesion) int {
	return cmp.Or(cmp.Compare(x.Nature, y.Nature), strings.Compare(x.ID, y.ID), strings.Compare(x.Role.Code, y.Role.Code), cmp.Compare(x.Du, y.Du))
}

// situer tells the register where the structure is; those who work there are made
// again when the run does not speak of all of them.
func (w *ouvrier) situer(f *ficheST) {
	l := lieuDe(&f.n)
	w.reg.situer(f.n.ID, l)
	if f.existe && w.vue != nil && w.portees[rass.PersonneActivite] != Entier && !w.tout(annuaire.Situations) && l != lieuDe(&f.o) {
		w.toucherOccupants(f.n.ID)
	}
}

func lieuDe(s *annuaire.Structure) annuaire.LieuExercice {
	return annuaire.LieuExercice{CodeCommune: s.Adresse.Commune.Code, Commune: s.Adresse.Commune.Libelle, CodePostal: s.Adresse.CodePostal}
}

// toucherOccupants puts those who work in a structure among what is to be made again.
func (w *ouvrier) toucherOccupants(id string) {
	var s annuaire.Situation
	var p annuaire.Praticien
	for r := range w.parReference(annuaire.Situations, annuaire.ParStructure, id) {
		w.vue.Situation(r, &s)
		if rp, ok := w.vue.ParID(annuaire.Praticiens, s.Praticien); ok && s.Actif && s.Structure == id {
			w.vue.Praticien(rp, &p)
			cle := p.IDNat
			if w.fiches != nil {
				cle = p.ID
			}
			w.toucher.poser(hacher(cle), pToucher, 0, []byte(cle))
		}
	}
}

func copierStructure(d, s *annuaire.Structure) {
	p, m, b, c := d.Provenances, d.Membres, d.BAL, d.Certificats
	*d = *s
	d.Provenances, d.Membres = append(p[:0], s.Provenances...), append(m[:0], s.Membres...)
	d.BAL, d.Certificats = append(b[:0], s.BAL...), append(c[:0], s.Certificats...)
}
