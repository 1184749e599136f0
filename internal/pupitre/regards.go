package pupitre

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// Regard is what a party had of a fact, from nothing to the most.
type Regard string

// The regards.
const (
	Jamais Regard = "jamais" // nothing that held it came to the party
	Porte  Regard = "scellé" // it carried it, encrypted for another
	Lu     Regard = "lu"     // it could read it in what it received or wrote
	Garde  Regard = "gardé"  // its files hold it, in clear
)

// Regards are what each party had of each fact, side by side.
type Regards struct {
	Parties []string   `json:"parties"`
	Faits   []FaitVu   `json:"faits"`
	cles    [][]string // of facts, then of parties, to ask them by their key
}

// FaitVu is a fact and what each party had of it, in the order of the parties.
type FaitVu struct {
	Nom  string   `json:"nom"`
	Chez []Regard `json:"chez"`
}

// De is what a party had of a fact, by their keys; "" when either was not looked at.
func (r *Regards) De(fait, partie string) Regard {
	i, j := slices.Index(r.cles[0], fait), slices.Index(r.cles[1], partie)
	if i < 0 || j < 0 {
		return ""
	}
	return r.Faits[i].Chez[j]
}

// Regardant is a party whose eyes are borrowed: what crossed it is opened with its keys,
// and with no other.
type Regardant struct {
	Cle, Nom string
	Cles     []jades.Accord // that decrypt what is for it
	// Fichiers are the octets of the files that it keeps; nil when they are not looked at.
	Fichiers func() ([]byte, error)
}

// Fait is something that only some should know: the texts by which it is recognised are
// long enough not to be met by chance.
type Fait struct {
	Cle, Nom string
	Textes   []string
}

// Courrier is what crossed between two parties: a question as received, or an answer as
// sent.
type Courrier struct {
	De, A  string // keys of parties; "" for one that is not looked at
	Octets []byte
}

// Regarder tells what each party had of each fact. Nothing is supposed: the facts are
// looked for in the octets that crossed the party, opened with its own keys.
func Regarder(parties []Regardant, faits []Fait, courriers []Courrier) (*Regards, error) {
	r := &Regards{cles: make([][]string, 2)}
	clairs := map[string][]byte{} // what encrypted texts say, whoever opens them
	for _, f := range faits {
		r.Faits = append(r.Faits, FaitVu{Nom: f.Nom})
		r.cles[0] = append(r.cles[0], f.Cle)
	}
	lectures := make([]*lectureDe, len(parties))
	for i := range parties {
		l := &lectureDe{cles: parties[i].Cles, clairs: clairs}
		for _, c := range courriers {
			if c.De == parties[i].Cle || c.A == parties[i].Cle {
				l.lire(c.Octets, 0)
			}
		}
		lectures[i] = l
	}
	for i, p := range parties {
		r.Parties = append(r.Parties, p.Nom)
		r.cles[1] = append(r.cles[1], p.Cle)
		var garde []byte
		if p.Fichiers != nil {
			var err error
			if garde, err = p.Fichiers(); err != nil {
				return nil, fmt.Errorf("pupitre: fichiers de %s: %w", p.Nom, err)
			}
		}
		for j, f := range faits {
			r.Faits[j].Chez = append(r.Faits[j].Chez, lectures[i].de(f, garde))
		}
	}
	return r, nil
}

// lectureDe is all that a party could read, and what it carried without reading.
type lectureDe struct {
	cles   []jades.Accord
	clairs map[string][]byte
	lus    bytes.Buffer
	fermes []string
}

// compact is a JOSE compact serialisation, signed (three parts) or encrypted (five).
var compact = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,4}`)

// profondeurMax bounds what is within what.
const profondeurMax = 8

func (l *lectureDe) lire(octets []byte, profondeur int) {
	l.lus.Write(octets)
	l.lus.WriteByte('\n')
	if profondeur == profondeurMax {
		return
	}
	for _, j := range compact.FindAll(octets, -1) {
		switch parties := strings.Split(string(j), "."); len(parties) {
		case 3:
			for _, p := range parties[:2] {
				if b, err := base64.RawURLEncoding.DecodeString(p); err == nil {
					l.lire(b, profondeur+1)
				}
			}
		case 5:
			if b := l.ouvrir(string(j)); b != nil {
				l.clairs[string(j)] = b
				l.lire(b, profondeur+1)
			} else {
				l.fermes = append(l.fermes, string(j))
			}
		}
	}
}

func (l *lectureDe) ouvrir(jwe string) []byte {
	for _, k := range l.cles {
		if b, err := jades.Dechiffrer(jwe, k); err == nil {
			return b
		}
	}
	return nil
}

func (l *lectureDe) de(f Fait, garde []byte) Regard {
	switch {
	case f.dans(garde):
		return Garde
	case f.dans(l.lus.Bytes()):
		return Lu
	}
	for _, jwe := range l.fermes {
		if l.scelle(f, jwe, 0) {
			return Porte
		}
	}
	return Jamais
}

// scelle looks for a fact in what somebody else could open, however deep.
func (l *lectureDe) scelle(f Fait, jwe string, profondeur int) bool {
	clair := l.clairs[jwe]
	if clair == nil || profondeur == profondeurMax {
		return false
	}
	autre := lectureDe{clairs: map[string][]byte{}}
	autre.lire(clair, profondeur)
	if f.dans(autre.lus.Bytes()) {
		return true
	}
	return slices.ContainsFunc(autre.fermes, func(x string) bool { return l.scelle(f, x, profondeur+1) })
}

func (f *Fait) dans(b []byte) bool {
	return slices.ContainsFunc(f.Textes, func(s string) bool { return bytes.Contains(b, []byte(s)) })
}

// Legende says what the regards mean.
var Legende = []struct {
	Regard Regard
	Sens   string
}{
	{Garde, "lisible, et en clair dans ses fichiers"}, {Lu, "lisible, et nulle part en clair dans ses fichiers"},
	{Porte, "transporté, chiffré pour un autre"}, {Jamais, "rien de tel ne lui est parvenu"},
}

// regards draws the table, one party a column.
func (n *narrateur) regards(r *Regards) {
	if r == nil {
		return
	}
	const fait, colonne = 28, 10
	ligne := func(titre string, cases []string) {
		var b strings.Builder
		b.WriteString(marge + titre + strings.Repeat(" ", max(1, fait-utf8.RuneCountInString(titre))))
		for _, c := range cases {
			b.WriteString(c + strings.Repeat(" ", max(1, colonne-utf8.RuneCountInString(c))))
		}
		n.ecrire("%s\n", strings.TrimRight(b.String(), " "))
	}
	ligne("Qui a vu quoi", r.Parties)
	for _, f := range r.Faits {
		cases := make([]string, len(f.Chez))
		for i, c := range f.Chez {
			if cases[i] = string(c); c == Jamais {
				cases[i] = "·"
			}
		}
		ligne(f.Nom, cases)
	}
	var l []string
	for _, x := range Legende {
		nom := string(x.Regard)
		if x.Regard == Jamais {
			nom = "·"
		}
		l = append(l, nom+" : "+x.Sens)
	}
	n.paragraphe(marge, marge, strings.Join(l, " ; ")+".")
}
