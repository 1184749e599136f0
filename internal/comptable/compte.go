package comptable

import (
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// compteInexact refuses an IBAN whose length or key is wrong; a number that begins
// with a digit is what the bank says. hyp: COMPTE-LOCAL
func compteInexact(s string) *Refus {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return nil
	}
	if _, err := sante.ParseIBAN(s); err != nil {
		return &Refus{Code: IBANRefuse, Champ: "compte", Detail: "Le compte du relevé a un " + err.Error() +
			". Demander à la banque un relevé exact ; si ce compte a été saisi à la main (colonne du compte, « --compte »), le recopier."}
	}
	return nil
}

// memeCompte compares two accounts: a French IBAN is also known by what follows its
// key, as banks wrote it before.
func memeCompte(a, b string) bool {
	sansCle := func(s string) string {
		if strings.HasPrefix(s, "FR") && len(s) > 4 {
			return s[4:]
		}
		return s
	}
	return a == b || sansCle(a) == sansCle(b)
}

// refuserCompte refuses the account of a line that is inexact, or is not one of
// the hospital's.
func (p Parametres) refuserCompte(compte string) *Refus {
	if r := compteInexact(compte); r != nil {
		return r
	}
	if len(p.Comptes) == 0 || slices.ContainsFunc(p.Comptes, func(c string) bool { return memeCompte(c, compte) }) {
		return nil
	}
	return &Refus{Code: CompteAutre, Champ: "compte", Detail: "Le relevé est d'un autre compte que ceux de l'établissement (" + finsDe(p.Comptes) +
		"). Donner le relevé du bon compte ; si celui-ci est aussi à l'établissement, l'exploitant l'ajoute à la clé « comptes » de [etablissement.comptable]."}
}

// finsDe shows the last characters of the first accounts.
func finsDe(comptes []string) string {
	var l []string
	for _, c := range comptes[:min(len(comptes), 5)] {
		l = append(l, "…"+c[max(0, len(c)-4):])
	}
	if len(comptes) > 5 {
		l = append(l, "…")
	}
	return strings.Join(l, ", ")
}

// admission judges the lines of a file once they are read. It is made once for the
// two readings of the file: midnight does not part them.
type admission struct {
	p       Parametres
	jour    sante.Jour        // the last one that a bank may have booked
	comptes map[string]*Refus // refusals told, by account; nil for one that is admitted
}

// admission opens the judgement of a file. A bank books on the day of Paris, which
// may be tomorrow overseas. hyp: JOUR-BANQUE
func (s *Service) admission(p Parametres) *admission {
	maintenant := s.Horloge()
	return &admission{p: p, jour: max(sante.JourA(maintenant, p.Fuseau), sante.JourA(maintenant, sante.Paris())), comptes: map[string]*Refus{}}
}

// comptesMax bounds the accounts of a file whose judgement is kept.
const comptesMax = 1000

// refuser gives the refusal of a line, nil when it is admitted, and whether it was
// told already: that of an account is told once, at its first line.
func (a *admission) refuser(l *LigneReleve) (r *Refus, redite bool) {
	r, vu := a.comptes[l.Compte]
	switch {
	case r != nil:
		return r, true
	case !vu:
		if r = a.p.refuserCompte(l.Compte); r != nil {
			r.Ligne = l.Place
		}
		if len(a.comptes) < comptesMax {
			a.comptes[l.Compte] = r
		}
	}
	if r == nil && l.Jour > a.jour && !l.JourDeduit {
		r = &Refus{Code: DateFuture, Ligne: l.Place, Champ: "date", Detail: "La ligne est datée d'après aujourd'hui (" + a.jour.Francais() +
			") : une banque ne comptabilise pas d'avance. Vérifier le relevé auprès d'elle, ou l'heure de ce serveur."}
	}
	return r, false
}
