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
	praticien  annuaire.Praticien
	situation  annuaire.Situation
	structure  annuaire.Structure
	activite   annuaire.Activite
	equipement annuaire.Equipement
	acces      annuaire.PointAcces
	mots       lexique.Mots
}

func (g *gabarit) parcourir(n annuaire.Nature, c *codage) {
	switch n {
	case annuaire.Praticiens:
		c.praticien(&g.praticien)
	case annuaire.Situations:
		c.situation(&g.situation)
	case annuaire.Structures:
		c.structure(&g.structure)
	case annuaire.Activites:
		c.activite(&g.activite)
	case annuaire.Equipements:
		c.equipement(&g.equipement)
	case annuaire.Acces:
		c.acces(&g.acces)
	}
}

func (g *gabarit) indexer(n annuaire.Nature, r recueil) {
	x := indexation{r, &g.mots}
	switch n {
	case annuaire.Praticiens:
		x.praticien(&g.praticien)
	case annuaire.Situations:
		x.situation(&g.situation)
	case annuaire.Structures:
		x.structure(&g.structure)
	case annuaire.Activites:
		x.activite(&g.activite)
	case annuaire.Equipements:
		x.equipement(&g.equipement)
	case annuaire.Acces:
		x.acces(&g.acces)
	}
}

func parcourir(c *codage, k *annuaire.Changement) annuaire.Nature {
	switch {
	case k.Praticien != nil:
		c.praticien(k.Praticien)
		return annuaire.Praticiens
	case k.Situation != nil:
		c.situation(k.Situation)
		return annuaire.Situations
	case k.Structure != nil:
		c.structure(k.Structure)
		return annuaire.Structures
	case k.Activite != nil:
		c.activite(k.Activite)
		return annuaire.Activites
	case k.Equipement != nil:
		c.equipement(k.Equipement)
		return annuaire.Equipements
	case k.Acces != nil:
		c.acces(k.Acces)
		return annuaire.Acces
	}
	return 0
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
