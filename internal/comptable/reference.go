package comptable

import (
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// Bounds of a reference that identifies: shorter, it would be found anywhere.
// hyp: REFERENCE-VIREMENT
const (
	referenceMin = 4
	referenceMax = 35
)

// Normaliser keeps of a reference its ASCII letters, in capitals, and its digits:
// banks and insurers cut, space and punctuate it differently. hyp: REFERENCE-VIREMENT
func Normaliser(s string) string {
	b := make([]byte, 0, min(len(s), 64))
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9' || c >= 'A' && c <= 'Z':
			b = append(b, c)
		case c >= 'a' && c <= 'z':
			b = append(b, c-'a'+'A')
		}
	}
	return string(b)
}

// nonFourni is what ISO 20022 writes in place of an end-to-end identification.
const nonFourni = "NOTPROVIDED"

// citeAilleurs tells whether a payer put in a field made for it what identifies a
// transfer. When no announce has it, the transfer is another one.
func citeAilleurs(l *LigneReleve) bool {
	for _, x := range append([]string{l.BoutEnBout}, l.Remises...) {
		if n := Normaliser(x); len(n) >= referenceMin && n != nonFourni {
			return true
		}
	}
	return false
}

// memeNom tells whether two names may be of one: equal, or one within the other,
// without case, accents or punctuation. One that is not known is any.
func memeNom(a, b string) bool {
	a, b = Normaliser(sante.Plier(a)), Normaliser(sante.Plier(b))
	return a == "" || b == "" || strings.Contains(a, b) || strings.Contains(b, a)
}

// References gives what a line may quote, normalised: in one list what its payer
// put in a field made for it, in the other the reference of the bank and each run of
// words of its label.
func References(l *LigneReleve) (dites, possibles []string) {
	vues := map[string]bool{nonFourni: true}
	ajouter := func(l []string, s string) []string {
		if len(s) < referenceMin || len(s) > referenceMax || vues[s] {
			return l
		}
		vues[s] = true
		return append(l, s)
	}
	for _, x := range append([]string{l.BoutEnBout}, l.Remises...) {
		dites = ajouter(dites, Normaliser(x))
	}
	// Many banks put there, in a CSV statement, what who pays had said; others a
	// number of their own, that no announce has. hyp: REFERENCE-VIREMENT
	possibles = ajouter(possibles, Normaliser(l.Reference))
	for _, r := range suites(l.Libelle) {
		possibles = ajouter(possibles, r)
	}
	return dites, possibles
}

// Bounds of the reading of a label.
const (
	motsMax   = 48
	suitesMax = 400
)

// suites gives the runs of consecutive words that may be a reference.
func suites(libelle string) (l []string) {
	mots := strings.FieldsFunc(libelle, func(r rune) bool {
		return r <= ' ' || r == '/' || r == ',' || r == ';' || r == ':' || r == '+' || r == '|'
	})
	if len(mots) > motsMax {
		mots = mots[:motsMax]
	}
	for i := range mots {
		suite := ""
		for _, m := range mots[i:] {
			if suite += Normaliser(m); len(suite) > referenceMax || len(l) == suitesMax {
				break
			}
			l = append(l, suite)
		}
	}
	return l
}
