package charger

import (
	"context"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// lireFiches reads records.
func (x *lecteur) lireFiches(ctx context.Context, f *Flux) (lu FluxLu, err error) {
	lu.Nom, lu.Cle, lu.Instant, lu.Portee = f.nom(), f.cle(), f.Instant, Differences
	if len(f.Entieres) > 0 {
		lu.Portee = Entier
	}
	for c, err := range f.Fiches {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return lu, refusFlux(f.nom(), err)
		}
		if err := x.fiche(&c); err != nil {
			return lu, err
		}
		lu.Lignes++
		if x.vp.err != nil || x.vs.err != nil {
			break
		}
	}
	return lu, nil
}

// fiche puts one record in the drawer of what it is about.
func (x *lecteur) fiche(c *annuaire.Changement) error {
	n, e := c.Entete()
	if n == 0 || n > annuaire.Equipements || !idValide(n, e.ID) {
		return &Refus{Motif: MotifFiche}
	}
	cle := e.ID
	if n != annuaire.Praticiens && n != annuaire.Structures {
		cle = x.appartient(n, c)
	}
	x.b = append(append(x.b[:0], cle...), '|')
	x.b = image.Encoder(x.b, c)
	if len(x.b) > morceauMax {
		return &Refus{Motif: MotifFiche, Detail: "fiche de plus d'un mébioctet"}
	}
	v, quoi := &x.vs, [...]etiquette{annuaire.Praticiens: pFichePraticien, annuaire.Situations: pFicheSituation,
		annuaire.Structures: sFicheStructure, annuaire.Activites: sFicheActivite, annuaire.Equipements: sFicheEquipement}[n]
	if n == annuaire.Praticiens || n == annuaire.Situations {
		v = &x.vp
	}
	v.poser(hacher(cle), quoi, 0, x.b)
	return nil
}

// appartient is the identifier of what a record belongs to. One that has ended may not
// say it: it is then that of the record that stands.
func (x *lecteur) appartient(n annuaire.Nature, c *annuaire.Changement) string {
	_, e := c.Entete()
	cle := proprietaire(c)
	if cle != "" || x.vue == nil {
		return cle
	}
	if r, ok := x.vue.ParID(n, e.ID); ok {
		k := x.vue.Lire(r)
		return proprietaire(&k)
	}
	return ""
}

func proprietaire(c *annuaire.Changement) string {
	switch {
	case c.Situation != nil:
		return c.Situation.Praticien
	case c.Activite != nil:
		return c.Activite.Structure
	case c.Equipement != nil:
		return c.Equipement.Structure
	}
	return ""
}

// idValide tells whether a text has the form of an identifier of this nature.
func idValide(n annuaire.Nature, id string) bool {
	return len(id) == longueurID && id[0] == " psoaeb"[n]
}

const longueurID = 17
