package annuaire

import (
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// Liste is a value set that the directory's codes belong to. ref: RASS §12
type Liste uint8

// The lists, by the names of the value sets.
const (
	ListeG07 Liste = 1 + iota // type of the identifier of a structure
	ListeG08                  // type of the identifier of a person
	ListeJ73
	ListeJ75
	ListeJ76
	ListeJ81
	ListeJ82
	ListeJ83
	ListeJ84
	ListeJ85
	ListeJ89
	ListeJ90
	ListeJ91
	ListeJ94
	ListeJ95
	ListeJ96
	ListeJ97
	ListeJ98
	ListeJ100
	ListeJ101
	ListeJ103
	ListeJ105
	ListeJ106
	ListeJ107
	ListeJ108
	ListeJ128
	ListeJ129
	ListeJ130
	ListeJ132
	ListeJ133
	ListeJ134
	ListeJ135
	ListeJ138
	ListeJ139
	ListeJ162
	ListeJ256
	ListeJ258
	ListeJ376
	ListeJ379
	nombreListes
)

var nomsListes = [nombreListes]string{"", "G07", "G08", "J73", "J75", "J76", "J81", "J82", "J83", "J84", "J85", "J89", "J90", "J91", "J94", "J95",
	"J96", "J97", "J98", "J100", "J101", "J103", "J105", "J106", "J107", "J108", "J128", "J129", "J130", "J132", "J133", "J134", "J135", "J138",
	"J139", "J162", "J256", "J258", "J376", "J379"}

// String is the short name of the list: "J106".
func (l Liste) String() string {
	if l < nombreListes {
		return nomsListes[l]
	}
	return ""
}

// ParseListe reads the short name of a list.
func ParseListe(s string) (Liste, bool) {
	for l := ListeG07; l < nombreListes; l++ {
		if nomsListes[l] == s {
			return l, true
		}
	}
	return 0, false
}

// Listes are the codes of the value sets, dated. A list that is not said to be whole
// judges no code: a table half known would warn of every record.
type Listes struct {
	codes    [nombreListes]map[string][]codeDate
	entieres [nombreListes]bool
}

type codeDate struct {
	periode
	libelle string
}

// entiere is the code of the row that says that a list is whole.
const entiere = "*"

func lireListes(s *sources) *Listes {
	l := new(Listes)
	for _, r := range s.lire("codes.csv", "liste", "code", "libelle", "debut", "fin", "source") {
		t, ok := ParseListe(r.champs[0])
		if !ok || r.champs[1] == "" {
			r.faute("liste inconnue ou code vide : attendu une liste du RASS (J106, G08…) et un code")
			continue
		}
		if r.champs[1] == entiere {
			l.entieres[t] = true
			continue
		}
		if l.codes[t] == nil {
			l.codes[t] = make(map[string][]codeDate)
		}
		l.codes[t][r.champs[1]] = append(l.codes[t][r.champs[1]], codeDate{r.jours(r.champs[3], r.champs[4]), r.champs[2]})
	}
	for t := range l.entieres {
		if l.entieres[t] && len(l.codes[t]) == 0 {
			s.fautes = append(s.fautes, &ErreurDonnees{"codes.csv", 0, "liste dite entière et sans aucun code : " + nomsListes[t]})
		}
	}
	return l
}

// Entiere tells whether the list is known whole, and so judges codes.
func (l *Listes) Entiere(t Liste) bool { return l.entieres[t] }

// Connu tells whether a code is, or ever was, in a list; true when the list is not
// known whole.
func (l *Listes) Connu(t Liste, code string) bool {
	if !l.entieres[t] {
		return true
	}
	_, ok := l.codes[t][code]
	return ok
}

// Libelle is the label of a code on a day, false when the list does not have it then.
func (l *Listes) Libelle(t Liste, code string, jour sante.Jour) (string, bool) {
	for _, c := range l.codes[t][code] {
		if c.contient(jour) {
			return c.libelle, true
		}
	}
	return "", false
}

// communes say which communes a postal code serves.
type communes struct {
	par    map[string][]string
	entier bool // a postal code that is there serves these and no other
}

func lireCommunes(s *sources) communes {
	l := communes{par: map[string][]string{}}
	for _, r := range s.lire("communes.csv", "code_postal", "insee", "source") {
		switch {
		case r.champs[0] == entiere && r.champs[1] == "entiere":
			l.entier = true
		case len(r.champs[0]) != 5 || len(r.champs[1]) != 5:
			r.faute("code postal et code commune de 5 caractères attendus")
		default:
			l.par[r.champs[0]] = append(l.par[r.champs[0]], r.champs[1])
		}
	}
	return l
}

// vont tells whether a postal code and a commune go together: as the table says of
// this postal code, else by their department. What is not of five characters is not
// judged here. hyp: CP-COMMUNE
func (l communes) vont(cp, insee string) bool {
	if len(cp) != 5 || len(insee) != 5 {
		return true
	}
	connues := l.par[cp]
	for _, c := range connues {
		if c == insee {
			return true
		}
	}
	switch {
	case l.entier && len(connues) > 0:
		return false
	case cp[:2] == "20": // Corsica: 2A and 2B, 20 before 1976
		return insee[0] == '2' && (insee[1] == 'A' || insee[1] == 'B' || insee[1] == '0')
	case cp[:2] == "97" || cp[:2] == "98":
		return cp[:3] == insee[:3]
	}
	return cp[:2] == insee[:2]
}

// Domaines is the white list of mail domains.
type Domaines interface {
	// Admis tells whether a domain, in lower case, is in the list on a day.
	Admis(domaine []byte, jour sante.Jour) bool
}

// listeBlanche is the white list as data.
type listeBlanche map[string][]periode

// Admis implements Domaines.
func (l listeBlanche) Admis(domaine []byte, jour sante.Jour) bool {
	for _, p := range l[string(domaine)] {
		if p.contient(jour) {
			return true
		}
	}
	return false
}

func lireDomaines(s *sources) listeBlanche {
	l := listeBlanche{}
	for _, r := range s.lire("domaines.csv", "domaine", "debut", "fin", "source") {
		d := strings.ToLower(r.champs[0])
		if d == "" || strings.ContainsAny(d, "@ ") {
			r.faute("nom de domaine attendu")
			continue
		}
		l[d] = append(l[d], r.jours(r.champs[1], r.champs[2]))
	}
	return l
}
