package image

import (
	"errors"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// ErrFiche says that octets are not a record of this format.
var ErrFiche = errors.New("annuaire: ces octets ne sont pas une fiche de ce format")

// gabarit has the place of one record of each nature, reused from one to the next.
type gabarit struct {
	places [annuaire.NombreNatures]annuaire.Changement
	mots   lexique.Mots
}

// lire reads a record in its place.
func (g *gabarit) lire(n annuaire.Nature, c *codage) *annuaire.Changement {
	k := &g.places[n]
	if m, _ := k.Entete(); m == 0 {
		*k, _ = vierge(n)
	}
	parcourir(c, k)
	return k
}

// indexer gives what a record is found by.
func (g *gabarit) indexer(k *annuaire.Changement, r recueil) {
	x := indexation{r, &g.mots}
	switch {
	case k.Praticien != nil:
		x.praticien(k.Praticien)
	case k.Situation != nil:
		x.situation(k.Situation)
	case k.Structure != nil:
		x.structure(k.Structure)
	case k.Activite != nil:
		x.activite(k.Activite)
	case k.Equipement != nil:
		x.equipement(k.Equipement)
	case k.Acces != nil:
		x.acces(k.Acces)
	}
}

// parcourir walks the record that k holds.
func parcourir(c *codage, k *annuaire.Changement) {
	switch {
	case k.Praticien != nil:
		c.praticien(k.Praticien)
	case k.Situation != nil:
		c.situation(k.Situation)
	case k.Structure != nil:
		c.structure(k.Structure)
	case k.Activite != nil:
		c.activite(k.Activite)
	case k.Equipement != nil:
		c.equipement(k.Equipement)
	case k.Acces != nil:
		c.acces(k.Acces)
	}
}

// cleDeTri is where a record stands in the image: the name, then the first name, of
// people; the name of structures; then the ID, which no other record has.
func cleDeTri(b []byte, k *annuaire.Changement) []byte {
	_, e := k.Entete()
	switch {
	case k.Praticien != nil:
		b = append(append(b, plier(k.Praticien.Nom)...), 1)
		b = append(append(b, plier(k.Praticien.Prenom)...), 1)
	case k.Structure != nil:
		b = append(append(b, plier(k.Structure.RaisonSociale)...), 1)
	}
	return append(b, e.ID[min(1, len(e.ID)):]...)
}

func plier(s string) []byte { return lexique.Plier(make([]byte, 0, 64), s) }

// Encoder appends a record to b, whole, so that Decoder gives it back without the
// image: what the history keeps.
func Encoder(b []byte, k *annuaire.Changement) []byte {
	n, _ := k.Entete()
	c := codage{ecrit: true, b: append(b, Format, byte(n))}
	parcourir(&c, k)
	return c.b
}

// Decoder reads what Encoder wrote. The texts of the record alias b.
func Decoder(b []byte) (annuaire.Changement, error) {
	if len(b) < 2 || b[0] != Format {
		return annuaire.Changement{}, ErrFiche
	}
	k, ok := vierge(annuaire.Nature(b[1]))
	if !ok {
		return annuaire.Changement{}, ErrFiche
	}
	c := codage{b: b[2:]}
	parcourir(&c, &k)
	if c.faux || c.i != len(c.b) {
		return annuaire.Changement{}, ErrFiche
	}
	return k, nil
}

// vierge gives the place of one record.
func vierge(n annuaire.Nature) (k annuaire.Changement, ok bool) {
	switch n {
	case annuaire.Praticiens:
		k.Praticien = new(annuaire.Praticien)
	case annuaire.Situations:
		k.Situation = new(annuaire.Situation)
	case annuaire.Structures:
		k.Structure = new(annuaire.Structure)
	case annuaire.Activites:
		k.Activite = new(annuaire.Activite)
	case annuaire.Equipements:
		k.Equipement = new(annuaire.Equipement)
	case annuaire.Acces:
		k.Acces = new(annuaire.PointAcces)
	default:
		return k, false
	}
	return k, true
}

// Empreinte is a digest of what a record says, without when it was said (Maj) nor
// how many times it changed (Version): two records of one ID with one digest are the
// same record. scratch is reused when it is large enough.
func Empreinte(k *annuaire.Changement, scratch []byte) (uint64, []byte) {
	_, e := k.Entete()
	maj, version := e.Maj, e.Version
	e.Maj, e.Version = 0, 0
	c := codage{ecrit: true, b: scratch[:0]}
	parcourir(&c, k)
	e.Maj, e.Version = maj, version
	return hacher(texte(c.b)), c.b
}
