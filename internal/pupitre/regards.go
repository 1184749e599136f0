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
	Parties []string `json:"parties"`
	Faits   []FaitVu `json:"faits"`
	// Fichiers tells that files were looked at too.
	Fichiers       bool     `json:"fichiers,omitempty"`
	faits, parties []string // their keys, in the same order
}

// FaitVu is a fact and what each party had of it, in the order of the parties.
type FaitVu struct {
	Nom  string   `json:"nom"`
	Chez []Regard `json:"chez"`
}

// De is what a party had of a fact, by their keys; "" when either was not looked at.
func (r *Regards) De(fait, partie string) Regard {
	i, j := slices.Index(r.faits, fait), slices.Index(r.parties, partie)
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
// looked for in the octets that crossed the party, opened with its own keys. What it
// encrypted itself, it knows: an encrypted text that it sends, and that never came to it,
// now or among avant, is its own.
func Regarder(parties []Regardant, faits []Fait, courriers, avant []Courrier) (*Regards, error) {
	r := &Regards{}
	for _, f := range faits {
		r.Faits = append(r.Faits, FaitVu{Nom: f.Nom})
		r.faits = append(r.faits, f.Cle)
	}
	x := &examenDeRegards{clairs: map[string][]byte{}, courriers: slices.Concat(avant, courriers)}
	var toutes []jades.Accord
	for i := range parties {
		toutes = append(toutes, parties[i].Cles...)
	}
	for _, c := range x.courriers {
		x.ouvrirTout(c.Octets, toutes, 0)
	}
	for i := range parties {
		p := &parties[i]
		r.Parties = append(r.Parties, p.Nom)
		r.parties = append(r.parties, p.Cle)
		l := &lectureDe{examenDeRegards: x, cles: p.Cles, venus: x.venus(p)}
		for _, c := range courriers {
			if c.De == p.Cle || c.A == p.Cle {
				l.lire(c.Octets, c.De == p.Cle, 0)
			}
		}
		var garde []byte
		if p.Fichiers != nil {
			var err error
			r.Fichiers = true
			if garde, err = p.Fichiers(); err != nil {
				return nil, fmt.Errorf("pupitre: fichiers de %s: %w", p.Nom, err)
			}
		}
		for j := range faits {
			r.Faits[j].Chez = append(r.Faits[j].Chez, l.de(&faits[j], garde))
		}
	}
	return r, nil
}

// SansVides leaves out the facts that nobody had.
func (r *Regards) SansVides() *Regards {
	n := &Regards{Parties: r.Parties, Fichiers: r.Fichiers, parties: r.parties}
	for i, f := range r.Faits {
		if slices.ContainsFunc(f.Chez, func(x Regard) bool { return x != Jamais }) {
			n.Faits, n.faits = append(n.Faits, f), append(n.faits, r.faits[i])
		}
	}
	return n
}

// examenDeRegards is what is common to all parties: what encrypted texts say, whoever
// opens them.
type examenDeRegards struct {
	clairs    map[string][]byte
	courriers []Courrier
}

func (x *examenDeRegards) ouvrirTout(octets []byte, cles []jades.Accord, profondeur int) {
	deplier(octets, nil, func(jwe string) {
		if b := ouvrir(jwe, cles); b != nil && profondeur < profondeurMax {
			x.clairs[jwe] = b
			x.ouvrirTout(b, cles, profondeur+1)
		}
	})
}

// venus are the encrypted texts that came to a party, within what it could open too.
func (x *examenDeRegards) venus(p *Regardant) map[string]bool {
	m := map[string]bool{}
	var noter func(octets []byte)
	noter = func(octets []byte) {
		deplier(octets, nil, func(jwe string) {
			if m[jwe] {
				return
			}
			m[jwe] = true
			if b := ouvrir(jwe, p.Cles); b != nil {
				noter(b)
			}
		})
	}
	for _, c := range x.courriers {
		if c.A == p.Cle {
			noter(c.Octets)
		}
	}
	return m
}

func ouvrir(jwe string, cles []jades.Accord) []byte {
	for _, k := range cles {
		if b, err := jades.Dechiffrer(jwe, k); err == nil {
			return b
		}
	}
	return nil
}

// compact is a JOSE compact serialisation, signed (three parts) or encrypted (five).
var compact = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,4}`)

// certificatPorte is a certificate in base64: its names are readable by whoever carries it.
var certificatPorte = regexp.MustCompile(`MI[A-Za-z0-9+/]{200,}={0,2}`)

// profondeurMax bounds what is within what.
const profondeurMax = 8

// deplier gives all that is readable without a key, and the encrypted texts within.
func deplier(octets []byte, clair func([]byte), ferme func(jwe string)) {
	dire := func(b []byte) {
		if clair != nil {
			clair(b)
		}
	}
	dire(octets)
	for _, d := range certificatPorte.FindAll(octets, -1) {
		if b, err := base64.StdEncoding.DecodeString(string(d)); err == nil {
			dire(b)
		}
	}
	for _, j := range compact.FindAll(octets, -1) {
		switch parties := strings.Split(string(j), "."); len(parties) {
		case 3:
			for _, p := range parties[:2] {
				if b, err := base64.RawURLEncoding.DecodeString(p); err == nil && len(b) < len(octets) {
					deplier(b, clair, ferme)
				}
			}
		case 5:
			ferme(string(j))
		}
	}
}

// lectureDe is all that a party could read, and what it carried without reading.
type lectureDe struct {
	*examenDeRegards
	cles   []jades.Accord
	venus  map[string]bool
	lus    bytes.Buffer
	fermes []string
}

// lire reads what a party received, or wrote.
func (l *lectureDe) lire(octets []byte, ecrit bool, profondeur int) {
	deplier(octets, func(b []byte) { l.lus.Write(b); l.lus.WriteByte('\n') }, func(jwe string) {
		b := ouvrir(jwe, l.cles)
		if b == nil && ecrit && !l.venus[jwe] {
			b = l.clairs[jwe]
		}
		if b == nil || profondeur == profondeurMax {
			l.fermes = append(l.fermes, jwe)
			return
		}
		l.lire(b, ecrit, profondeur+1)
	})
}

func (l *lectureDe) de(f *Fait, garde []byte) Regard {
	switch {
	case f.dans(garde):
		return Garde
	case f.dans(l.lus.Bytes()):
		return Lu
	}
	if slices.ContainsFunc(l.fermes, func(jwe string) bool { return l.scelle(f, jwe, 0) }) {
		return Porte
	}
	return Jamais
}

// scelle looks for a fact in what somebody else could open, however deep.
func (x *examenDeRegards) scelle(f *Fait, jwe string, profondeur int) (oui bool) {
	if b := x.clairs[jwe]; b != nil && profondeur < profondeurMax {
		deplier(b, func(b []byte) { oui = oui || f.dans(b) }, func(dedans string) { oui = oui || x.scelle(f, dedans, profondeur+1) })
	}
	return oui
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
	const fait, colonne = 32, 10
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
	if !r.Fichiers { // the legend is told once, with the whole
		return
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
