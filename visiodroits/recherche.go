package visiodroits

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Recherche is what is known of a card when a service is sought.
type Recherche struct {
	NumeroAMC      sante.NumeroAMC
	TypeConvention string
	CSR            string
	Service        Service
	Date           sante.Jour // of reference; today in Paris when not said
	// Versions are the profiles that the workstation speaks; any when empty.
	Versions []string
}

// ServiceTrouve is a service that may be asked, and how sure that is. A list that
// is stale still gives addresses: asking is the best way to know.
type ServiceTrouve struct {
	EntreeService
	Emetteur    Emetteur  // whose list says so
	NumeroListe int64     // its number
	Fraicheur   Fraicheur // of that list
	Etat        Operation // of the service; "" when nothing fresh says it
}

// Depanneur is the operator that may accredit for the insurer on a day, or "".
func (s *ServiceTrouve) Depanneur(j sante.Jour) Emetteur {
	if m := s.DepannageMandat; m != nil && m.vaut(j) {
		return m.Operateur
	}
	return ""
}

// normaliser writes a question as lists write it: cards and software differ on
// spaces and case, and that must not look like a service that is not open.
func (r Recherche) normaliser(a time.Time) Recherche {
	r.TypeConvention = strings.ToUpper(strings.TrimSpace(r.TypeConvention))
	r.CSR = strings.ToUpper(strings.TrimSpace(r.CSR))
	if r.Date.IsZero() {
		r.Date = sante.JourA(a, sante.Paris())
	}
	return r
}

// rang is how closely an entry matches a card, as the Annuaire does: convention
// then criterion, more literal first; -1 when it does not match. ref: ROC §6.2
func (e *EntreeService) rang(r *Recherche) int {
	switch motif := string(e.CSRMotif); {
	case e.TypeConvention != "" && string(e.TypeConvention) != r.TypeConvention:
		return -1
	case motif != "" && !conforme(motif, r.CSR):
		return -1
	case e.TypeConvention == "":
		return 0
	case motif == "":
		return 1
	case motif == r.CSR:
		return 1000
	default:
		return 2 + strings.IndexByte(motif, '?')
	}
}

// conforme matches a criterion with ? for one character.
func conforme(motif, csr string) bool {
	if len(motif) != len(csr) {
		return false
	}
	for i := range len(motif) {
		if motif[i] != '?' && motif[i] != csr[i] {
			return false
		}
	}
	return true
}

// ligne is an entry and the list in force that holds it.
type ligne struct {
	*EntreeService
	entete    *EnTete
	fraicheur Fraicheur
}

// Service says where to ask a service, at the instant a. The error is a *NonTrouve:
// its code is 200 only when fresh lists, all of them, hold a statement of the
// insurer that it does not open the service. ref: VISIO §5.2, §14
func (c *Classeur) Service(r Recherche, a time.Time) (*ServiceTrouve, error) {
	r = r.normaliser(a)
	lignes, doute := c.lignes(&r, a)
	ici := slices.DeleteFunc(slices.Clone(lignes), func(l ligne) bool {
		return l.Service != r.Service || !l.parle(r.Date) || l.rang(&r) < 0
	})
	if len(ici) == 0 {
		return nil, absence(&r, lignes, doute)
	}
	l, seule := meilleure(ici, &r)
	switch {
	case !seule:
		return nil, &NonTrouve{Situation: RoutageAmbigu}
	case l.Statut == NonOuvert && doute != 0:
		return nil, &NonTrouve{Situation: doute}
	case l.Statut == NonOuvert:
		return nil, &NonTrouve{Situation: NonOuverte}
	}
	return c.disponible(&r, &l, a)
}

// lignes are the entries of an insurer in all lists in force that may speak of it,
// and why these lists do not allow to say that a service is not open; 0 when they do.
func (c *Classeur) lignes(r *Recherche, a time.Time) (l []ligne, doute Situation) {
	amc, attendues, listes := sansZeros(r.NumeroAMC.String()), 0, 0
	for _, reg := range c.services {
		if !reg.attendu.peutParler(amc) {
			continue
		}
		attendues++
		e, f, _ := reg.lire().fraicheur(a)
		switch {
		case f == Incomplete:
			doute = ListeIncomplete
		case f != Fraiche && doute == 0:
			doute = ListePerimee
		}
		if e == nil {
			continue
		}
		listes++
		e.sous(amc, func(x *EntreeService) bool {
			l = append(l, ligne{x, &e.liste.EnTete, f})
			return true
		})
	}
	if listes == 0 && (attendues > 0 || len(c.services) == 0) {
		doute = SansListe
	}
	return l, doute
}

// PasFraiches are the issuers whose list of services may speak of an insurer, and is not
// fresh at an instant: those to read again when it was sought in vain.
func (c *Classeur) PasFraiches(n sante.NumeroAMC, a time.Time) (l []Emetteur) {
	amc := sansZeros(n.String())
	for _, reg := range c.services {
		if _, f, _ := reg.lire().fraicheur(a); f != Fraiche && reg.attendu.peutParler(amc) {
			l = append(l, reg.attendu.Emetteur)
		}
	}
	return l
}

// meilleure is the entry of the highest rank; seule is false when others of that
// rank say something else.
func meilleure(l []ligne, r *Recherche) (trouvee ligne, seule bool) {
	rang := -1
	for _, x := range l {
		switch n := x.rang(r); {
		case n > rang:
			trouvee, rang, seule = x, n, true
		case n == rang && !x.dit(trouvee.EntreeService):
			seule = false
		case n == rang && x.fraicheur < trouvee.fraicheur:
			trouvee = x
		}
	}
	return trouvee, seule
}

// dit tells whether two entries say the same, whatever they call the insurer.
func (e EntreeService) dit(x *EntreeService) bool {
	e.Libelle = x.Libelle
	return reflect.DeepEqual(&e, x)
}

// absence says why no entry answers to a card. To be named without the service
// means that it is not open only in lists that say they are exhaustive.
func absence(r *Recherche, lignes []ligne, doute Situation) *NonTrouve {
	if doute != 0 {
		return &NonTrouve{Situation: doute}
	}
	nommee, exhaustive, autre := false, true, false
	var fin, debut sante.Jour
	for _, l := range lignes {
		parle := l.parle(r.Date)
		if parle {
			nommee, exhaustive = true, exhaustive && l.entete.Exhaustive
		}
		switch {
		case l.Service != r.Service || l.Statut != Ouvert:
		case parle:
			autre = true
		case l.rang(r) < 0:
		case l.Debut > r.Date && (debut == 0 || l.Debut < debut):
			debut = l.Debut
		case l.Debut <= r.Date:
			fin = max(fin, l.Fin)
		}
	}
	switch {
	case len(lignes) == 0:
		return &NonTrouve{Situation: AMCInconnue}
	case autre:
		return &NonTrouve{Situation: AutreConvention}
	case debut != 0:
		return &NonTrouve{Situation: NonOuverte, Precision: "il ouvrira le " + debut.Francais()}
	case fin != 0:
		return &NonTrouve{Situation: NonOuverte, Precision: "il a fermé le " + fin.Francais()}
	case nommee && exhaustive:
		return &NonTrouve{Situation: NonOuverte, Precision: "sa liste dit tous ses services, et pas celui-ci"}
	}
	return &NonTrouve{Situation: ServiceNonDit}
}

// disponible checks that an open service can be asked at this instant.
func (c *Classeur) disponible(r *Recherche, l *ligne, a time.Time) (*ServiceTrouve, error) {
	s := &ServiceTrouve{EntreeService: *l.EntreeService, Emetteur: l.entete.Emetteur, NumeroListe: l.entete.Numero, Fraicheur: l.fraicheur}
	var reprise time.Time
	s.Etat, reprise = c.operation(l, a)
	switch {
	case len(r.Versions) > 0 && !slices.Contains(r.Versions, s.Version):
		return nil, &NonTrouve{Situation: AutreVersion, Service: s}
	case s.Etat == Arrete:
		return nil, &NonTrouve{Situation: ServiceArrete, Service: s, Reprise: reprise}
	case !ouvertA(s.Horaires, a):
		return nil, &NonTrouve{Situation: HorsHoraires, Service: s, Reprise: prochaineOuverture(s.Horaires, a)}
	}
	return s, nil
}

// operation is the worst state that the fresh list of states of the same issuer
// gives of a service, and when it ends if that is known; "" when it says nothing.
func (c *Classeur) operation(l *ligne, a time.Time) (pire Operation, fin time.Time) {
	amc := l.titre()
	for _, reg := range c.etats {
		if reg.attendu.Emetteur != l.entete.Emetteur {
			continue
		}
		e, f, _ := reg.lire().fraicheur(a)
		if f != Fraiche {
			continue
		}
		for _, cle := range []string{cleEtat(amc, l.Service), cleEtat(amc, ""), cleEtat("", l.Service), cleEtat("", "")} {
			e.sous(cle, func(x *EtatService) bool {
				if o, jusque := x.a(a); gravite(o) > gravite(pire) {
					pire, fin = o, jusque
				}
				return true
			})
		}
	}
	return pire, fin
}

func gravite(o Operation) int { return slices.Index([]Operation{"", Operationnel, Ralenti, Arrete}, o) }
