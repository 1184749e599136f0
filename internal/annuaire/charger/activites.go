package charger

import (
	"encoding/base64"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// derDe reads a certificate written in base 64, nil when it is not one.
func derDe(s string) []byte {
	if s == "" || len(s) > 16<<10 {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}

// IDActivite is the identifier of an activity of a structure: by its number, else by
// all that it is.
func IDActivite(structure string, a *annuaire.Activite) string {
	cle := structure + "|" + a.Numero
	if a.Numero == "" {
		cle += "|" + a.Type.Code + "|" + a.Modalite.Code + "|" + a.Forme.Code + "|" + a.Public.Code
	}
	return annuaire.NouvelID(annuaire.Activites, cle)
}

// IDEquipement is the identifier of an equipment of a structure.
func IDEquipement(structure string, e *annuaire.Equipement) string {
	cle := structure + "|" + e.Numero
	if e.Numero == "" {
		cle += "|" + e.Type.Code + "|" + e.Serie
	}
	return annuaire.NouvelID(annuaire.Equipements, cle)
}

// dependance is an activity or an equipment of a structure, being made. These are few:
// each is in a place of its own.
type dependance struct {
	n     annuaire.Changement
	dit   bool // by a line that stands; else by one that is taken away
	fiche bool // it came whole
}

// dependre makes what a piece says that a structure has.
func (w *ouvrier) dependre(m *morceau, structure string) error {
	var k annuaire.Changement
	var err error
	switch m.quoi {
	case sFicheActivite, sFicheEquipement:
		s := m.texte(w.texte)
		if k, err = image.Decoder([]byte(s[len(cleDe(s))+1:])); err != nil {
			return &Refus{Motif: MotifFiche}
		}
	case sSoin:
		k.Activite = w.soin(m, structure)
	default:
		k.Equipement = w.equipement(m, structure)
	}
	_, e := k.Entete()
	dit, fiche := m.op != byte(rass.Retrait), m.quoi == sFicheActivite || m.quoi == sFicheEquipement
	for i := range w.dependances {
		d := &w.dependances[i]
		if _, x := d.n.Entete(); x.ID != e.ID {
			continue
		}
		if d.dit && dit {
			w.compte.fiche(annuaire.DDoublon, annuaire.Structures, structure, e.Trace.Autorite.Code, "activité ou équipement", "")
		} else if dit {
			d.n, d.dit = k, true
		}
		return nil
	}
	w.dependances = append(w.dependances, dependance{k, dit, fiche})
	return nil
}

// rendreDependances gives on what a structure has; what has no structure is left out
// and told.
func (w *ouvrier) rendreDependances(structure string, connue bool) error {
	defer func() { w.dependances = w.dependances[:0] }()
	for i := range w.dependances {
		d := &w.dependances[i]
		n, e := d.n.Entete()
		if !connue {
			if d.dit {
				w.compte.fiche(annuaire.DRefOrpheline, n, e.ID, e.Trace.Autorite.Code, "structure", structure)
			}
			continue
		}
		var vieux annuaire.Changement
		if w.vue != nil {
			if r, ok := w.vue.ParID(n, e.ID); ok {
				w.vues(n, r)
				vieux = w.vue.Lire(r)
			}
		}
		if !d.dit || d.fiche && !e.Actif {
			if d.dit && vieux == (annuaire.Changement{}) && proprietaire(&d.n) != "" {
				if err := w.rendre(w, &d.n, &vieux); err != nil {
					return err
				}
				continue
			}
			if vieux == (annuaire.Changement{}) {
				continue
			}
			d.n = dupliquer(vieux)
			_, e = d.n.Entete()
			w.finir(e)
		}
		tenirDemandes(&d.n, &vieux)
		if err := w.rendre(w, &d.n, &vieux); err != nil {
			return err
		}
	}
	return nil
}

// dupliquer copies the record of an activity or of an equipment.
func dupliquer(k annuaire.Changement) annuaire.Changement {
	if k.Activite != nil {
		a := *k.Activite
		return annuaire.Changement{Activite: &a}
	}
	e := *k.Equipement
	return annuaire.Changement{Equipement: &e}
}

// soin makes an activity of a line. hyp: CHARGER-NATURE
func (w *ouvrier) soin(m *morceau, structure string) *annuaire.Activite {
	w.ch = couper(w.ch[:0], m.texte(w.texte))
	x := w.ch[1:]
	a := &annuaire.Activite{Numero: x[rass.ACNumero], Structure: structure, Sociale: strings.HasPrefix(strings.ToUpper(x[rass.ACNature]), "SOCIAL"),
		Type: code(x, int(rass.ACCodeActivite)), Modalite: code(x, int(rass.ACCodeModalite)), Forme: code(x, int(rass.ACCodeForme)),
		Public: code(x, int(rass.ACCodePublic)), Autorisees: placesLues(x[rass.ACAutorisees]), Installees: placesLues(x[rass.ACInstallees])}
	a.ID = IDActivite(structure, a)
	w.dater(&a.Entete, annuaire.Activites, x[rass.ACOuverture:])
	return a
}

// equipement makes an equipment of a line.
func (w *ouvrier) equipement(m *morceau, structure string) *annuaire.Equipement {
	w.ch = couper(w.ch[:0], m.texte(w.texte))
	x := w.ch[1:]
	e := &annuaire.Equipement{Numero: x[rass.EQNumero], Structure: structure, Type: code(x, int(rass.EQCodeEquipement)),
		Fabricant: x[rass.EQFabricant], Modele: x[rass.EQModele], Serie: x[rass.EQSerie], Statut: x[rass.EQStatut]}
	e.ID = IDEquipement(structure, e)
	w.dater(&e.Entete, annuaire.Equipements, x[rass.EQOuverture:])
	return e
}

// dater sets what the last columns of both files say: opening, closing, last update,
// authority.
func (w *ouvrier) dater(e *annuaire.Entete, n annuaire.Nature, x []string) {
	e.Du = w.jourDe(n, e.ID, "ouverture", x[0])
	e.Au = w.jourDe(n, e.ID, "fermeture", x[1])
	e.Trace = annuaire.Trace{Systeme: systemeFINESS, MajLe: w.jourDe(n, e.ID, "maj", x[2]), Autorite: annuaire.Code{Code: x[3]}}
	e.Actif = e.Au == 0 || e.Au >= w.jour
}
