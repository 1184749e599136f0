package visiodroits

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Attendu is a list that a reader expects: nothing else is kept.
type Attendu struct {
	Genre    Genre
	Emetteur Emetteur
	// Structures are those whose cachet may seal it.
	Structures []string
	// Pour are the insurers of which it may speak, or the holders whose keys it may
	// give; empty for all.
	Pour []Emetteur
}

// Classeur keeps the lists in force. It is safe for concurrent use, and a reader
// never waits: he sees a list whole, before or after a change. It keeps nothing on
// a disk: [Classeur.Pieces] gives what to keep, and Reprendre takes it back.
type Classeur struct {
	juge          sceau.Juge
	services      []*registre[EntreeService]
	certificats   []*registre[CleEmetteur]
	nomenclatures []*registre[Terme]
	etats         []*registre[EtatService]
	tous          []rayonnage
}

// rayonnage is a register, whatever its kind.
type rayonnage interface {
	attend() *Attendu
	deposer(m *morceaux, octets []byte, a time.Time) (Depot, error)
	etat(a time.Time) EtatListe
	pieces() [][]byte
}

// NouveauClasseur makes an empty one for the lists that are expected. The judge
// says which certificates may seal; one that fails softly lets a workstation that
// starts without network take back the lists it had. ref: VISIO §9.3
func NouveauClasseur(j sceau.Juge, attendus ...Attendu) (*Classeur, error) {
	c := &Classeur{juge: j}
	for _, a := range attendus {
		if c.registre(a.Genre, a.Emetteur) != nil || a.Emetteur == "" || len(a.Structures) == 0 {
			return nil, fmt.Errorf("classeur: liste %s de %s en double, sans émetteur ou sans structure", a.Genre, a.Emetteur)
		}
		switch a.Genre {
		case GenreServices:
			ajouter(c, &c.services, a)
		case GenreCertificats:
			ajouter(c, &c.certificats, a)
		case GenreNomenclatures:
			ajouter(c, &c.nomenclatures, a)
		case GenreEtat:
			ajouter(c, &c.etats, a)
		default:
			return nil, fmt.Errorf("classeur: genre de liste %q inconnu", a.Genre)
		}
	}
	return c, nil
}

func ajouter[E Entree[E]](c *Classeur, l *[]*registre[E], a Attendu) {
	r := &registre[E]{attendu: a}
	*l = append(*l, r)
	c.tous = append(c.tous, r)
}

func (c *Classeur) registre(g Genre, e Emetteur) rayonnage {
	for _, r := range c.tous {
		if x := r.attend(); x.Genre == g && x.Emetteur == e {
			return r
		}
	}
	return nil
}

// Depot is what became of a list that was accepted.
type Depot struct {
	EnTete    EnTete
	Inchangee bool // it was known
	AVenir    bool // it is kept for the date of its effect
}

// Deposer reads a sealed list, at the instant a. The list is in force at once, or
// kept for its day; on error, a *RefusListe, what was in force stays. Whoever
// brought it is not trusted. ref: VISIO §7, §12
func (c *Classeur) Deposer(octets []byte, a time.Time) (Depot, error) {
	p, err := c.ouvrir(octets, a)
	if err != nil {
		return Depot{}, err
	}
	return c.ranger(p, octets, nil, a)
}

// ranger gives a list whose seal is good to its register, which must be attendu
// when that is said.
func (c *Classeur) ranger(p *sceau.Piece, octets []byte, attendu rayonnage, a time.Time) (Depot, error) {
	m, err := decouper(p.Contenu())
	if err != nil {
		return Depot{}, err
	}
	h := &m.entete
	r := c.registre(h.Genre, h.Emetteur)
	if r == nil || attendu != nil && r != attendu {
		return Depot{}, refuser(MotifEmetteur, h, "")
	}
	if s := p.Scelleur().Porteur.Structure(); s == "" || !slices.Contains(r.attend().Structures, s) {
		return Depot{}, refuser(MotifEmetteur, h, "scellée par une autre structure")
	}
	return r.deposer(&m, slices.Clone(octets), a)
}

// ouvrir checks the seal of a list, which no relay may have touched.
func (c *Classeur) ouvrir(octets []byte, a time.Time) (*sceau.Piece, error) {
	if len(octets) > TailleMax {
		return nil, &RefusListe{Motif: MotifTaille}
	}
	o := sceau.Ouvreur{Juge: c.juge, Baseline: true, Limite: TailleMax}
	p, err := o.REST(octets, a)
	var cert *certificat.Refus
	switch {
	case errors.As(err, &cert):
		return nil, &RefusListe{Motif: MotifCertificat, Cause: err}
	case errors.Is(err, sceau.ErrForme):
		return nil, &RefusListe{Motif: MotifIllisible, Cause: err}
	case err != nil:
		return nil, &RefusListe{Motif: MotifSceau, Cause: err}
	case p.Chaine() != nil:
		return nil, &RefusListe{Motif: MotifIllisible, Detail: "une liste ne porte pas de relais"}
	}
	return p, nil
}

// Reprendre takes back what Pieces gave, after a restart. The error joins the
// refusals; a piece that time has passed is not one.
func (c *Classeur) Reprendre(pieces [][]byte, a time.Time) error {
	var refus []error
	for _, p := range pieces {
		_, err := c.Deposer(p, a)
		var r *RefusListe
		if err != nil && !(errors.As(err, &r) && r.Motif == MotifRecul) {
			refus = append(refus, err)
		}
	}
	return errors.Join(refus...)
}

// Pieces are the sealed bytes of all that is kept, in the order in which Reprendre
// takes them back. Do not write in them.
func (c *Classeur) Pieces() [][]byte {
	var l [][]byte
	for _, r := range c.tous {
		l = append(l, r.pieces()...)
	}
	return l
}

// PiecesDe are the pieces of one list: what to keep anew when it alone changed.
func (c *Classeur) PiecesDe(g Genre, e Emetteur) [][]byte {
	if r := c.registre(g, e); r != nil {
		return r.pieces()
	}
	return nil
}

// Etats tells of each list expected which is in force at an instant, and whether
// it may still be relied on.
func (c *Classeur) Etats(a time.Time) []EtatListe {
	l := make([]EtatListe, len(c.tous))
	for i, r := range c.tous {
		l[i] = r.etat(a)
	}
	return l
}

// EtatListe is what a reader has of a list. ref: VISIO §15 (freshness)
type EtatListe struct {
	Genre             Genre
	Emetteur          Emetteur
	Fraicheur         Fraicheur
	Numero            int64 // 0 when there is none in force
	DateEmission      time.Time
	ProchaineEmission time.Time
	Lue               time.Time   // when it was accepted
	Plus              int64       // the highest number that its issuer sealed, as far as known
	AVenir            []EnTete    // kept for their date
	Refus             *RefusListe // why the last list of that issuer was refused, nil after a good one
}

// Age is how old the list in force is; 0 without any.
func (e *EtatListe) Age(a time.Time) time.Duration {
	if e.Numero == 0 {
		return 0
	}
	return a.Sub(e.DateEmission)
}

// Fraicheur is whether a list may be relied on. The zero value is "not said".
type Fraicheur uint8

// The degrees, from the best.
const (
	Fraiche    Fraicheur = iota + 1 // the next one is not due yet
	EnRetard                        // the next one is due, for less than a day
	Perimee                         // it is due for longer
	Incomplete                      // the issuer has published one that could not be taken
	Douteuse                        // the clock of the workstation is before the list
	Absente                         // there is none
)

// margePeremption is how long after its term a list is stale, and no longer late:
// as for lists of revoked accreditations. ref: VISIO §7 (2)
const margePeremption = 24 * time.Hour

var fraicheurs = [...]string{"non dite", "à jour", "en retard", "périmée", "dépassée par une liste que le poste n'a pas pu prendre",
	"plus récente que l'horloge du poste", "absente"}

// String is the degree in French.
func (f Fraicheur) String() string {
	if int(f) < len(fraicheurs) {
		return fraicheurs[f]
	}
	return fraicheurs[0]
}

// ecartHorloge is how far in the future a list may be dated. ref: ROC §16.3
const ecartHorloge = 300 * time.Second

// fraicheur is that of a list in force, plus being the highest number known to be
// sealed by its issuer.
func fraicheur(h *EnTete, plus int64, a time.Time) Fraicheur {
	switch {
	case h == nil:
		return Absente
	case h.DateEmission.Sub(a) > ecartHorloge:
		return Douteuse
	case plus > h.Numero:
		return Incomplete
	case a.After(h.ProchaineEmission.Add(margePeremption)):
		return Perimee
	case a.After(h.ProchaineEmission):
		return EnRetard
	}
	return Fraiche
}
