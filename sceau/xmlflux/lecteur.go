package xmlflux

// Genre is the kind of the current piece. The zero value means that nothing
// was read yet, or that the document was refused.
type Genre uint8

// Kinds of pieces. A self-closing tag gives Debut then Fin.
const (
	Debut   Genre = iota + 1 // start of an element
	Fin                      // end of an element
	Texte                    // character data, never empty
	Termine                  // end of the document
)

// String names the kind.
func (g Genre) String() string {
	return [...]string{"rien", "début", "fin", "texte", "terminé"}[min(g, Termine)]
}

// Limites bounds what is read. Zero fields take the default written beside
// them.
type Limites struct {
	Octets     int // size of the document: 1 MiB
	Profondeur int // nested elements: 64
	Attributs  int // attributes of one element, namespace declarations included: 32
	TailleNom  int // bytes of a qualified name: 128
}

// declarationsEnVue bounds the namespace declarations in scope at one place:
// without it, resolving prefixes of a hostile document would be quadratic.
const declarationsEnVue = 256

// gardeMax is the size above which an internal buffer is not kept for the
// next document.
const gardeMax = 64 << 10

func (l Limites) completes() Limites {
	for _, d := range [...]struct {
		v      *int
		defaut int
	}{{&l.Octets, 1 << 20}, {&l.Profondeur, 64}, {&l.Attributs, 32}, {&l.TailleNom, 128}} {
		if *d.v <= 0 {
			*d.v = d.defaut
		}
	}
	return l
}

type etat uint8

const (
	enProlog    etat = iota // before the root element
	enContenu               // inside it
	enEpilogue              // after it
	enFragment              // before the element asked by Reprendre
	finFragment             // after it
)

// element is an open element.
type element struct {
	nom     []byte
	prefixe int // length of the prefix in nom, 0 without
	espace  []byte
	portee  Portee // declarations in scope outside of the element
}

// Lecteur reads one document. The zero value is ready for Reset.
type Lecteur struct {
	b   []byte
	lim Limites
	err error

	pos        int
	debut, fin int // raw bounds of the current piece
	etat       etat
	genre      Genre
	vide       bool // the current Debut is self-closing: Fin comes next
	fragment   bool // reading one element only, after Reprendre

	nom       []byte // qualified name of the current element
	lgPrefixe int
	espace    []byte
	dehors    Portee // scope around the current element

	pile     []element
	attrs    []Attribut
	liaisons []liaison
	portee   Portee

	texte     []byte
	nu        bool
	tampon    []byte // attribute values or text that had to be rewritten
	tamponURI []byte // namespace names that had to be rewritten
}

// Reset starts reading b, which must not change while it is read.
func (l *Lecteur) Reset(b []byte, lim Limites) {
	if cap(l.liaisons) > gardeMax/64 {
		l.liaisons = nil
	}
	if cap(l.tampon) > gardeMax {
		l.tampon = nil
	}
	*l = Lecteur{
		b: b, lim: lim.completes(),
		pile: l.pile[:0], attrs: l.attrs[:0],
		liaisons: append(l.liaisons[:0], liaison{}),
		tampon:   l.tampon[:0],
	}
	if len(b) > l.lim.Octets {
		l.refuser(MotifTaille, l.lim.Octets, "document plus grand que la limite")
	}
}

// Suivant reads the next piece. After the first error it returns that error
// again; after Termine it returns Termine again.
func (l *Lecteur) Suivant() (Genre, error) {
	if l.err != nil {
		return 0, l.err
	}
	var err error
	if l.vide {
		l.vide = false
		l.debut = l.pos
		l.depiler()
	} else if l.etat == enContenu {
		err = l.contenu()
	} else {
		err = l.horsRacine()
	}
	if err != nil {
		l.genre = 0
		return 0, err
	}
	return l.genre, nil
}

// Sauter reads up to the end of the element whose Debut is the current piece;
// that end becomes the current piece.
func (l *Lecteur) Sauter() error {
	for vers := len(l.pile) - 1; len(l.pile) > vers; {
		if _, err := l.Suivant(); err != nil {
			return err
		}
	}
	return nil
}

// contenu reads one piece inside the root element.
func (l *Lecteur) contenu() error {
	for {
		b, i := l.b, l.pos
		l.debut = i
		if i+1 < len(b) && b[i] == '<' && b[i+1] != '!' && b[i+1] != '?' {
			if b[i+1] == '/' {
				return l.lireFin()
			}
			return l.lireDebut()
		}
		lu, err := l.lireTexte()
		if err != nil || lu {
			l.genre, l.fin = Texte, l.pos
			return err
		}
	}
}

// horsRacine reads what surrounds the root element.
func (l *Lecteur) horsRacine() error {
	if l.etat == finFragment {
		l.genre, l.debut, l.fin = Termine, l.pos, l.pos
		return nil
	}
	if l.etat == enProlog && l.pos == 0 {
		if err := l.lireDeclaration(); err != nil {
			return err
		}
	}
	for {
		l.pos = blancs(l.b, l.pos)
		i, reste := l.pos, l.b[l.pos:]
		switch {
		case len(reste) == 0 && l.etat == enEpilogue:
			l.genre, l.debut, l.fin = Termine, i, i
			return nil
		case len(reste) == 0:
			return l.refuser(MotifRacine, i, "aucun élément racine")
		case reste[0] != '<':
			return l.refuser(MotifRacine, i, "texte hors de l'élément racine")
		case len(reste) == 1:
			return l.refuserFin("une balise")
		case reste[1] == '!' || reste[1] == '?':
			if err := l.lireSpecial(); err != nil {
				return err
			}
		case reste[1] == '/':
			return l.refuser(MotifBalise, i, "balise de fin sans balise de début")
		case l.etat == enEpilogue:
			return l.refuser(MotifRacine, i, "second élément racine")
		default:
			l.debut = i
			return l.lireDebut()
		}
	}
}

// Local is the local name of the current element, at its Debut and its Fin.
func (l *Lecteur) Local() []byte {
	if l.lgPrefixe == 0 {
		return l.nom
	}
	return l.nom[l.lgPrefixe+1:]
}

// Prefixe is the prefix of the current element, empty without one.
func (l *Lecteur) Prefixe() []byte { return l.nom[:l.lgPrefixe] }

// Nom is the qualified name of the current element as it was written.
func (l *Lecteur) Nom() []byte { return l.nom }

// Espace is the namespace name of the current element, empty when it has none.
func (l *Lecteur) Espace() []byte { return l.espace }

// Est tells whether the current element has this expanded name.
func (l *Lecteur) Est(espace, local string) bool {
	return string(l.Local()) == local && string(l.espace) == espace
}

// NbAttributs counts the attributes of the current Debut; namespace
// declarations are not attributes.
func (l *Lecteur) NbAttributs() int { return len(l.attrs) }

// Attribut gives the i-th attribute, in the order of the document.
func (l *Lecteur) Attribut(i int) *Attribut { return &l.attrs[i] }

// Texte is the current text: references replaced, CDATA sections merged, line
// ends normalised.
func (l *Lecteur) Texte() []byte { return l.texte }

// TexteNu tells that the current text holds no character that would have to be
// written as a reference (&, <, > or carriage return).
func (l *Lecteur) TexteNu() bool { return l.nu }

// Profondeur counts the open elements: 1 at the Debut of the root element, 0
// after its Fin.
func (l *Lecteur) Profondeur() int { return len(l.pile) }

// DebutBrut is the offset of the first byte of the current piece.
func (l *Lecteur) DebutBrut() int { return l.debut }

// FinBrut is the offset after the last byte of the current piece. At a Fin it
// is the end of the element. The Fin of a self-closing tag is empty.
func (l *Lecteur) FinBrut() int { return l.fin }
