package charger

import (
	"slices"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// silences goes over what stands and that no line spoke of: it ends what a whole feed no
// longer names, and gives the rest on as it is.
func (w *ouvrier) silences() error {
	if w.vue == nil {
		return nil
	}
	for _, n := range annuaire.Natures {
		for r := range w.vue.Parcourir(n) {
			if w.vus[n].est(r) {
				continue
			}
			if err := w.ctx.Err(); err != nil {
				return err
			}
			if err := w.silence(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// silence makes one record of which nothing was said.
func (w *ouvrier) silence(r image.Ref) error {
	neuf, vieux := w.paire(r)
	pa := w.portees[rass.PersonneActivite] == Entier
	switch {
	case neuf.Praticien != nil:
		p := neuf.Praticien
		w.tairePraticien(p)
		w.achever(&p.Entete, pa && p.Trace.Systeme == systemeRPPS, annuaire.Praticiens)
		tenirDemandes(&neuf, &vieux)
		if !p.Actif {
			p.Exerce = nil
		}
		w.rangerPraticien(p)
	case neuf.Situation != nil:
		s := neuf.Situation
		if w.portees[rass.MSSante] == Entier {
			s.BAL = s.BAL[:0]
		}
		w.achever(&s.Entete, pa && s.Trace.Systeme == systemeRPPS, annuaire.Situations)
		tenirDemandes(&neuf, &vieux)
		w.provenir(&s.Entete, annuaire.Messagerie, systemeMSS, len(s.BAL) > 0)
	case neuf.Structure != nil:
		s := neuf.Structure
		w.taireStructure(s)
		if w.couverte(s) {
			w.finir(&s.Entete)
		}
		tenirDemandes(&neuf, &vieux)
		w.rangerStructure(s)
	case neuf.Activite != nil:
		w.achever(&neuf.Activite.Entete, w.portees[rass.Activites] == Entier && neuf.Activite.Trace.Systeme == systemeFINESS, annuaire.Activites)
		tenirDemandes(&neuf, &vieux)
	case neuf.Equipement != nil:
		w.achever(&neuf.Equipement.Entete, w.portees[rass.Equipements] == Entier && neuf.Equipement.Trace.Systeme == systemeFINESS, annuaire.Equipements)
		tenirDemandes(&neuf, &vieux)
	}
	return w.rendre(w, &neuf, &vieux)
}

// paire reads a record twice: as it becomes, as it stood.
func (w *ouvrier) paire(r image.Ref) (neuf, vieux annuaire.Changement) {
	return w.vue.Lire(r), w.vue.Lire(r)
}

// achever ends a record when the feed that keeps it says all, and does not say it.
func (w *ouvrier) achever(e *annuaire.Entete, fichier bool, n annuaire.Nature) {
	if fichier || w.tout(n) && slices.Contains(w.fiches.Systemes, e.Trace.Systeme) {
		w.finir(e)
	}
}
