package local

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
)

// lireFormule reads F02 p=50.00, or MAX(…, …) of two of them.
func lireFormule(s string) (calcul.Formule, error) {
	op, reste, compare := strings.Cut(s, "(")
	if !compare {
		r, err := lireRegle(s)
		if err != nil {
			return calcul.Formule{}, err
		}
		return verifiee(calcul.Simple(r))
	}
	a, b, ok := strings.Cut(strings.TrimSuffix(reste, ")"), ",")
	if !ok || !strings.HasSuffix(reste, ")") {
		return calcul.Formule{}, errors.New("formule : MAX(…, …) ou MIN(…, …) attendu")
	}
	f, err := lireRegle(a)
	if err != nil {
		return calcul.Formule{}, err
	}
	g, err := lireRegle(b)
	if err != nil {
		return calcul.Formule{}, err
	}
	return verifiee(calcul.Formule{Regle: calcul.Regle{Numero: calcul.F12}, Op: calcul.Operation(strings.TrimSpace(op)), F: &f, G: &g})
}

// verifiee lets the engine judge a formula; the prices of a network come apart, by day.
func verifiee(f calcul.Formule) (calcul.Formule, error) {
	x := f
	un := []calcul.TarifConvenu{{Code: "X", Montant: 1}}
	for _, r := range []**calcul.Regle{&x.F, &x.G} {
		if *r != nil {
			copie := **r
			copie.Tarifs = un
			*r = &copie
		}
	}
	x.Tarifs = un
	return f, x.Verifier()
}

func lireRegle(s string) (r calcul.Regle, err error) {
	mots := strings.Fields(s)
	if len(mots) == 0 {
		return r, errors.New("formule attendue, comme F02 p=50.00")
	}
	r.Numero = calcul.NumeroFormule(mots[0])
	for _, mot := range mots[1:] {
		nom, valeur, _ := strings.Cut(mot, "=")
		switch nom {
		case "p":
			r.P, err = sante.ParseTaux(valeur)
		case "m":
			r.M, err = sante.ParseMontant(valeur)
		case "reseau":
			r.Reseau = valeur
		default:
			return r, fmt.Errorf("formule : paramètre inconnu « %.10s » (p, m ou reseau)", nom)
		}
		if err != nil {
			return r, fmt.Errorf("formule, %s : %w", nom, err)
		}
	}
	return r, nil
}

// reseauxDe are the care networks that a formula reads.
func reseauxDe(f calcul.Formule) (l []string) {
	for _, r := range []*calcul.Regle{&f.Regle, f.F, f.G} {
		if r != nil && r.Numero == calcul.F11 {
			l = append(l, r.Reseau)
		}
	}
	return l
}
