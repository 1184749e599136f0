package visiodroits

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/ecluse-sante/ecluse/trame"
)

// Genre is what a list is about. ref: VISIO §12
type Genre string

// The kinds of lists.
const (
	GenreServices      Genre = "SERVICES"      // where to ask, per insurer
	GenreCertificats   Genre = "CERTIFICATS"   // public keys of issuers and of the third party
	GenreNomenclatures Genre = "NOMENCLATURES" // families, formulas, reject codes
	GenreEtat          Genre = "ETAT"          // operational state and planned closures
)

// Codes is the closed list of kinds.
func (Genre) Codes() []string { return []string{"SERVICES", "CERTIFICATS", "NOMENCLATURES", "ETAT"} }

// Periode is how often a list of this kind is published, when nothing changes before.
// ref: VISIO §12
func (g Genre) Periode() time.Duration {
	switch g {
	case GenreCertificats:
		return 7 * 24 * time.Hour
	case GenreEtat:
		return 5 * time.Minute
	}
	return 24 * time.Hour
}

// Lecture is how often a list of this kind is read: what is published daily and on
// change is asked for hourly, which costs a cache nothing; so are keys, for one that is in
// other hands is told at once. // hyp: VISIO-LECTURE
func (g Genre) Lecture() time.Duration {
	switch g {
	case GenreNomenclatures:
		return 24 * time.Hour
	case GenreEtat:
		return 5 * time.Minute
	}
	return time.Hour
}

// Emetteur is who publishes a list, or holds a key: the number of an insurer, of
// an operator, or a name given by agreement. It is part of addresses.
type Emetteur string

// Motif is the pattern of the text form.
func (Emetteur) Motif() string { return `[0-9A-Za-z-]{1,20}` }

// Bounds of a list. ref: VISIO §12
const (
	TailleMax  = 16 << 20 // bytes of a sealed list
	EntreesMax = 20_000   // entries of a list
	numeroMax  = 1<<53 - 1
	cleMax     = 100 // bytes of the key of an entry
)

// EnTete says which list it is and when it holds. ref: VISIO §12 // hyp: VISIO-LISTES
type EnTete struct {
	_                 struct{}  `doc:"En-tête d'une liste d'administration signée."`
	Profil            string    `fil:"profil,max=40" doc:"Nom du profil"`
	Genre             Genre     `fil:"genre" doc:"Ce dont parle la liste"`
	Emetteur          Emetteur  `fil:"emetteur,max=20" doc:"Qui la publie"`
	Numero            int64     `fil:"numero,min=1" doc:"Numéro, croissant pour un émetteur et un genre"`
	DateEmission      time.Time `fil:"dateEmission" doc:"Quand elle a été faite"`
	Effet             time.Time `fil:"effet" doc:"À partir de quand elle s'applique"`
	ProchaineEmission time.Time `fil:"prochaineEmission" doc:"Quand la suivante est due : après, elle n'est plus fraîche"`
	Base              int64     `fil:"base,opt,min=1" doc:"Liste partielle : numéro de la liste à laquelle elle s'ajoute"`
	Exhaustive        bool      `fil:"exhaustive,opt" doc:"La liste dit tous les services de chaque AMC qu'elle nomme : un service absent n'est pas ouvert"`
	Nombre            int       `fil:"nombre,min=0,max=20000" doc:"Nombre d'entrées de la liste complète à ce numéro"`
	Empreinte         string    `fil:"empreinte,min=43,max=43" doc:"SHA-256 des entrées de la liste complète à ce numéro, en base64url"`
}

// Partielle tells whether the list only says what changes.
func (h *EnTete) Partielle() bool { return h.Base != 0 }

// memeEdition tells whether two headers are of one state of a list, whichever way
// it travelled.
func (h EnTete) memeEdition(x EnTete) bool { h.Base, x.Base = 0, 0; return h == x }

// Entree is what a list is made of: [EntreeService], [CleEmetteur], [Terme] or
// [EtatService].
type Entree[E any] interface {
	// Cle names the entry in its list.
	Cle() string
	// Valider says why the entry by itself cannot be published.
	Valider() error

	genre() Genre
	titre() string // what it is looked up by
	plan() *trame.Plan[E]
}

// ensemblier is an entry with rules that bear on all entries of a list together.
type ensemblier[E any] interface {
	ensemble([]E) error
}

var (
	_ Entree[EntreeService] = EntreeService{}
	_ Entree[CleEmetteur]   = CleEmetteur{}
	_ Entree[Terme]         = Terme{}
	_ Entree[EtatService]   = EtatService{}

	_ ensemblier[EntreeService] = EntreeService{}
	_ ensemblier[CleEmetteur]   = CleEmetteur{}
)

// Liste is one edition of a list. A complete one has all entries; a partial one
// those that are new or changed, and the keys of those that go. Entries are in the
// order of their keys.
type Liste[E Entree[E]] struct {
	EnTete   EnTete
	Entrees  []E
	Retraits []string
}

// ErrListe is wrapped by the errors of a list that cannot be made.
var ErrListe = errors.New("liste d'administration impossible")

// Complete makes a complete list. Of the header the caller gives Emetteur, Numero,
// DateEmission, ProchaineEmission, Exhaustive, and Effet when it is not at once.
func Complete[E Entree[E]](h EnTete, entrees []E) (*Liste[E], error) {
	var zero E
	l := &Liste[E]{EnTete: h, Entrees: slices.Clone(entrees)}
	l.EnTete.Profil, l.EnTete.Genre, l.EnTete.Base = Profil, zero.genre(), 0
	if h.Effet.IsZero() {
		l.EnTete.Effet = h.DateEmission
	}
	for _, t := range []*time.Time{&l.EnTete.DateEmission, &l.EnTete.Effet, &l.EnTete.ProchaineEmission} {
		*t = t.UTC().Truncate(time.Millisecond)
	}
	slices.SortFunc(l.Entrees, func(a, b E) int { return strings.Compare(a.Cle(), b.Cle()) })
	if err := verifierEntrees(l.Entrees); err != nil {
		return nil, err
	}
	l.EnTete.Nombre, l.EnTete.Empreinte = len(l.Entrees), empreinte(l.Entrees)
	if err := planEnTete.Verify(&l.EnTete); err != nil {
		return nil, fmt.Errorf("%w : en-tête : %w", ErrListe, err)
	}
	if detail := l.EnTete.incoherence(); detail != "" {
		return nil, fmt.Errorf("%w : %s", ErrListe, detail)
	}
	return l, nil
}

// verifierEntrees checks the entries that an issuer is about to publish: each by
// itself, then together.
func verifierEntrees[E Entree[E]](l []E) error {
	if len(l) > EntreesMax {
		return fmt.Errorf("%w : plus de %d entrées", ErrListe, EntreesMax)
	}
	for i, e := range l {
		err := e.plan().Verify(&e)
		if err == nil {
			err = e.Valider()
		}
		if err != nil {
			return fmt.Errorf("%w : entrée %s : %w", ErrListe, e.Cle(), err)
		}
		if i > 0 && l[i-1].Cle() == e.Cle() {
			return fmt.Errorf("%w : entrée %s en double", ErrListe, e.Cle())
		}
	}
	var zero E
	if x, ok := any(zero).(ensemblier[E]); ok {
		if err := x.ensemble(l); err != nil {
			return fmt.Errorf("%w : %w", ErrListe, err)
		}
	}
	return nil
}

// incoherence says what is wrong between the dates of a header, "" when nothing is.
func (h *EnTete) incoherence() string {
	switch {
	case h.Profil != Profil:
		return "profil inconnu"
	case h.Numero > numeroMax:
		return "numéro trop grand"
	case h.Base >= h.Numero:
		return "liste partielle dont la base ne la précède pas"
	case h.Effet.Before(h.DateEmission):
		return "date d'effet antérieure à l'émission"
	case !h.ProchaineEmission.After(h.DateEmission):
		return "prochaine émission qui ne suit pas l'émission"
	}
	return ""
}

// conforme checks that the entries are those that the header announces.
func (l *Liste[E]) conforme(h *EnTete) error {
	if len(l.Entrees) != h.Nombre || empreinte(l.Entrees) != h.Empreinte {
		return refuser(MotifEmpreinte, h, "")
	}
	return nil
}

// empreinte is the SHA-256 of the canonical JSON array of the entries.
func empreinte[E Entree[E]](l []E) string {
	s := sha256.New()
	var b []byte
	for i := range l {
		b = append(b[:0], '[')
		if i > 0 {
			b[0] = ','
		}
		b = l[i].plan().AppendJSON(b, &l[i])
		s.Write(b)
	}
	if len(l) == 0 {
		s.Write([]byte{'['})
	}
	s.Write([]byte{']'})
	return base64.RawURLEncoding.EncodeToString(s.Sum(nil))
}

// Message is the canonical JSON of the list: what its issuer seals.
func (l *Liste[E]) Message() []byte {
	b := append([]byte(nil), `{"entete":`...)
	b = append(planEnTete.AppendJSON(b, &l.EnTete), `,"entrees":[`...)
	for i := range l.Entrees {
		if i > 0 {
			b = append(b, ',')
		}
		b = l.Entrees[i].plan().AppendJSON(b, &l.Entrees[i])
	}
	b = append(b, ']')
	if len(l.Retraits) > 0 {
		b = append(b, `,"retraits":[`...)
		for i, cle := range l.Retraits {
			if i > 0 {
				b = append(b, ',')
			}
			b = jcs.AppendChaine(b, []byte(cle))
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// Sceller seals the list with the cachet of its issuer, as a REST message is: a
// detached JWS with JAdES B headers over canonical JSON. ref: DEC 10
func (l *Liste[E]) Sceller(c *sceau.Cachet) ([]byte, error) {
	s, err := c.REST(l.Message(), nil, l.EnTete.DateEmission)
	if err != nil {
		return nil, fmt.Errorf("sceller une liste: %w", err)
	}
	if len(s.Octets) > TailleMax {
		return nil, fmt.Errorf("%w : plus de %d octets", ErrListe, TailleMax)
	}
	return s.Octets, nil
}
