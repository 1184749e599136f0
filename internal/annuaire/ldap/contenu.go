package ldap

import (
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// Fonds is the directory behind the door: the image that is served, read through the
// eyes of who asks. It is an [Annuaire].
type Fonds struct {
	Images  Images
	Portier Portier
}

// Images gives the directory at one moment; [image.Depot] does.
type Images interface {
	Vue() *image.Vue
	Reprendre(generation uint64) (*image.Vue, error)
}

// Portier says who shows a proof.
type Portier interface {
	// Reconnaitre judges a proof, the zero one being that of the public. A false one is
	// refused with [Inconnu].
	Reconnaitre(ctx context.Context, p Preuve) (Lecteur, error)
}

// Lecteur is one who was recognised.
type Lecteur struct {
	Qui    string // as [Session.Qui]
	Vision Vision
	Garde  Garde // nil when he is neither counted nor traced
}

// Vision is what a reader sees; annuaire.Vision is one. A projection blanks in a record
// what he does not see, and says false when nothing is left.
type Vision interface {
	// Admet refuses, with an error, to search by what the reader does not see.
	Admet(q *annuaire.Question) error
	ProjeterPraticien(p *annuaire.Praticien) bool
	ProjeterSituation(s *annuaire.Situation) bool
	ProjeterStructure(s *annuaire.Structure) bool
	ProjeterAcces(a *annuaire.PointAcces) bool
}

// Garde counts and traces what a reader asks; [Gardien] is one.
type Garde interface {
	// Entrer begins a search. Who asks too much waits there, or is refused by a [*Refus].
	Entrer(ctx context.Context) error
	// Lire counts a record that was given.
	Lire(id string)
	// Retenue tells whether answers wait for Sortir.
	Retenue() bool
	// Sortir ends a search: objet is what was asked, without the values. On an error
	// nothing is answered.
	Sortir(ctx context.Context, objet string) error
}

// Inconnu refuses a proof, in the same words whatever is wrong with it.
func Inconnu() error { return refuser(IdentifiantsFaux, texteFaux) }

// Lier opens the session of who is recognised.
func (f *Fonds) Lier(ctx context.Context, p Preuve) (Session, error) {
	l, err := f.Portier.Reconnaitre(ctx, p)
	if err != nil {
		return nil, err
	}
	return &seance{images: f.Images, lecteur: l}, nil
}

// seance is a session on the image. It serves one connection: its records are read
// again and again in the same memory.
type seance struct {
	images  Images
	lecteur Lecteur

	praticien annuaire.Praticien
	situation annuaire.Situation
	structure annuaire.Structure
	acces     annuaire.PointAcces
	recherche *lexique.Recherche // made for the first approximate test
}

// Qui is under what name the session acts.
func (s *seance) Qui() string { return s.lecteur.Qui }

// Retenue tells whether the answers of the session are traced.
func (s *seance) Retenue() bool { return s.lecteur.Garde != nil && s.lecteur.Garde.Retenue() }

// Chercher goes through the parts of the tree that the search sees.
func (s *seance) Chercher(ctx context.Context, d *Demande, r Receveur) ([]byte, error) {
	g := s.lecteur.Garde
	if g != nil {
		if err := g.Entrer(ctx); err != nil {
			return nil, err
		}
	}
	l := situer(d.base)
	suite, err := s.promener(ctx, &l, d, r)
	if g == nil {
		return suite, err
	}
	objet := ""
	if s.Retenue() {
		objet = objetDe(&l, d.Filtre)
	}
	if err2 := g.Sortir(ctx, objet); err == nil {
		err = err2
	}
	return suite, err
}

// promener makes the search itself.
func (s *seance) promener(ctx context.Context, l *lieu, d *Demande, r Receveur) ([]byte, error) {
	if l.genre == lieuInconnu {
		return nil, &Refus{Code: ObjetInconnu, Texte: texteInconnu, Connu: l.connu}
	}
	p, err := s.reprendre(d)
	if err != nil {
		return nil, err
	}
	defer p.vue.Rendre()
	p.ctx, p.s, p.d, p.r = ctx, s, d, r
	if l.genre == lieuFiche {
		return nil, p.uneFiche(l)
	}
	return p.parcourir(l)
}

const texteInconnu = "Aucune entrée de ce nom, ou cette vue ne la montre pas."

// refusImage is what an error of the image is for the client.
func refusImage(err error) error {
	switch {
	case errors.Is(err, annuaire.ErrTropLarge), errors.Is(err, annuaire.ErrOperateur):
		return refusLarge
	case errors.Is(err, annuaire.ErrPerime):
		return refusCurseurVieux
	case errors.Is(err, annuaire.ErrCurseur):
		return refusCurseur
	}
	return err
}
