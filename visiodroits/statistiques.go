package visiodroits

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// CodeVu is any return code that a workstation may have met: of this profile, or
// technical.
type CodeVu string

// Motif is the pattern of the text form.
func (CodeVu) Motif() string { return `[0-9]{3}|[A-Z][0-9]{3}` }

// IDPoste tells a workstation of a professional from his others: drawn at random with its
// file, it names nobody and no machine.
type IDPoste string

// Motif is the pattern of the text form.
func (IDPoste) Motif() string { return `[0-9a-f]{32}` }

// Statistiques are the counters of a day of a professional, on one of his workstations. They
// count, and say nothing of anybody. ref: VISIO §12, §15 // hyp: VISIO-STATISTIQUES
type Statistiques struct {
	_                 struct{}                `doc:"Compteurs d'une journée d'un poste d'un professionnel."`
	Jour              sante.Jour              `fil:"jour" doc:"Jour compté"`
	NumeroFacturation sante.NumeroFacturation `fil:"numeroFacturation" doc:"Professionnel"`
	Poste             IDPoste                 `fil:"poste,opt" doc:"Poste qui compte, parmi ceux du professionnel : un tirage au hasard ; absent s'il n'en a qu'un"`
	Lignes            []LigneStatistique      `fil:"lignes,opt,n=0..500" doc:"Une ligne par AMC, dans l'ordre des numéros"`
}

// LigneStatistique are the counters of one insurer.
type LigneStatistique struct {
	NumeroAMC sante.NumeroAMC `fil:"numeroAMC" doc:"AMC"`
	Totaux
}

// Compte is how often a code was met.
type Compte struct {
	Code   CodeVu `fil:"code" doc:"Code"`
	Nombre int64  `fil:"nombre,min=1,max=1000000000" doc:"Nombre de fois"`
}

// Totaux are the counters themselves. They add up, in any order.
type Totaux struct {
	Codes               []Compte     `fil:"codes,opt,n=0..60" doc:"Demandes de droits, par code obtenu, dans l'ordre des codes"`
	Dementis            []Compte     `fil:"dementis,opt,n=0..60" doc:"Demandes suivies le même jour de droits ouverts pour la même question, par code du premier refus"`
	Accreditations      int64        `fil:"accreditations,opt,min=0,max=1000000000" doc:"Accréditations reçues"`
	Depannages          int64        `fil:"depannages,opt,min=0,max=1000000000" doc:"Dont accréditations de dépannage"`
	Factures            int64        `fil:"factures,opt,min=0,max=1000000000" doc:"Factures en tiers payant complémentaire"`
	FacturesDegradees   int64        `fil:"facturesDegradees,opt,min=0,max=1000000000" doc:"Dont en mode dégradé"`
	FacturesAccreditees int64        `fil:"facturesAccreditees,opt,min=0,max=1000000000" doc:"Dont portant une accréditation"`
	FacturesAvecTrace   int64        `fil:"facturesAvecTrace,opt,min=0,max=1000000000" doc:"Dont celles, accréditées, que le logiciel garde avec le reçu de leur garantie"`
	RejetsAccredites    int64        `fil:"rejetsAccredites,opt,min=0,max=1000000000" doc:"Factures accréditées rejetées ce jour"`
	LARControles        int64        `fil:"larControles,opt,min=0,max=1000000000" doc:"Contrôles d'une accréditation dans une liste de révocation"`
	LARFraiches         int64        `fil:"larFraiches,opt,min=0,max=1000000000" doc:"Dont avec une liste fraîche"`
	CRLControles        int64        `fil:"crlControles,opt,min=0,max=1000000000" doc:"Contrôles d'un certificat dans une liste de révocation"`
	CRLFraiches         int64        `fil:"crlFraiches,opt,min=0,max=1000000000" doc:"Dont avec une liste fraîche"`
	Durees              *Histogramme `fil:"durees,opt" doc:"Durée des demandes de droits, en millisecondes"`
	AgesLAR             *Histogramme `fil:"agesLAR,opt" doc:"Âge de la liste de révocation à chaque contrôle, en heures"`
	DelaisPaiement      *Histogramme `fil:"delaisPaiement,opt" doc:"De la facture au paiement, en jours"`
}

// ErrStatistiques is wrapped by what Valider says.
var ErrStatistiques = errors.New("statistiques incohérentes")

// Valider checks what the schema does not: counters that contradict each other
// would make indicators lie.
func (s *Statistiques) Valider() error {
	if s.Jour.IsZero() {
		return fmt.Errorf("%w : jour absent", ErrStatistiques)
	}
	for i := range s.Lignes {
		l := &s.Lignes[i]
		if i > 0 && s.Lignes[i-1].NumeroAMC.String() >= l.NumeroAMC.String() {
			return fmt.Errorf("%w : ligne %d, AMC en double ou hors de l'ordre", ErrStatistiques, i+1)
		}
		if detail := l.Totaux.incoherence(); detail != "" {
			return fmt.Errorf("%w : ligne %d, %s", ErrStatistiques, i+1, detail)
		}
	}
	return nil
}

func (t *Totaux) incoherence() string {
	switch {
	case !ordonnes(t.Codes) || !ordonnes(t.Dementis):
		return "codes en double ou hors de l'ordre"
	case !inclus(t.Dementis, t.Codes):
		return "plus de démentis que de refus"
	case t.Depannages > t.Accreditations:
		return "plus de dépannages que d'accréditations"
	case t.FacturesDegradees > t.Factures || t.FacturesAccreditees > t.Factures || t.FacturesAvecTrace > t.FacturesAccreditees:
		return "une partie des factures dépasse le tout"
	case t.LARFraiches > t.LARControles || t.CRLFraiches > t.CRLControles:
		return "plus de contrôles frais que de contrôles"
	}
	for _, h := range []struct {
		h *Histogramme
		e Echelle
	}{{t.Durees, EnMillisecondes}, {t.AgesLAR, EnHeures}, {t.DelaisPaiement, EnJours}} {
		if h.h != nil && h.h.Valider(h.e) != nil {
			return ErrHistogramme.Error()
		}
	}
	if t.Durees != nil && t.Durees.Nombre() > somme(t.Codes) {
		return "plus de durées que de demandes"
	}
	return ""
}

func ordonnes(l []Compte) bool {
	for i := 1; i < len(l); i++ {
		if l[i-1].Code >= l[i].Code {
			return false
		}
	}
	return true
}

func inclus(l, dans []Compte) bool {
	for _, c := range l {
		if c.Nombre > compte(dans, func(x CodeVu) bool { return x == c.Code }) {
			return false
		}
	}
	return true
}

func somme(l []Compte) int64 { return compte(l, func(CodeVu) bool { return true }) }

// compte adds the counts of the codes that f chooses.
func compte(l []Compte, f func(CodeVu) bool) (n int64) {
	for _, c := range l {
		if f(c.Code) {
			n += c.Nombre
		}
	}
	return n
}

// compterEncore adds n to the count of a code, in a list of its own.
func compterEncore(l []Compte, code CodeVu, n int64) []Compte {
	i, ici := slices.BinarySearchFunc(l, code, func(c Compte, code CodeVu) int { return strings.Compare(string(c.Code), string(code)) })
	if ici {
		l = slices.Clone(l)
		l[i].Nombre += n
		return l
	}
	return slices.Insert(slices.Clone(l), i, Compte{code, n})
}

// NoterDemande counts a question on rights, by the code obtained and how long it
// took.
func (t *Totaux) NoterDemande(code CodeVu, duree time.Duration) {
	t.Codes = compterEncore(t.Codes, code, 1)
	noter(&t.Durees, EnMillisecondes, duree.Milliseconds())
}

// NoterDementi counts a question that had been refused with a code, and for which
// rights were found open later on the same day.
func (t *Totaux) NoterDementi(premier CodeVu) { t.Dementis = compterEncore(t.Dementis, premier, 1) }

// NoterAgeLAR counts a control in a list of revoked accreditations.
func (t *Totaux) NoterAgeLAR(age time.Duration, fraiche bool) {
	t.LARControles++
	if fraiche {
		t.LARFraiches++
	}
	noter(&t.AgesLAR, EnHeures, int64((age+time.Hour-1)/time.Hour))
}

// NoterPaiement counts a payment, so many days after its invoice.
func (t *Totaux) NoterPaiement(jours int) { noter(&t.DelaisPaiement, EnJours, int64(jours)) }

func noter(h **Histogramme, e Echelle, v int64) {
	n := Histogramme{Echelle: e}
	if *h != nil {
		n = (*h).plus(Histogramme{})
	}
	n.Noter(v)
	*h = &n
}

// Plus adds two counters. It is associative and commutative, and changes neither.
func (t Totaux) Plus(x Totaux) Totaux {
	t.Codes, t.Dementis = joindre(t.Codes, x.Codes), joindre(t.Dementis, x.Dementis)
	for _, p := range []struct{ a, b *int64 }{
		{&t.Accreditations, &x.Accreditations}, {&t.Depannages, &x.Depannages}, {&t.Factures, &x.Factures},
		{&t.FacturesDegradees, &x.FacturesDegradees}, {&t.FacturesAccreditees, &x.FacturesAccreditees},
		{&t.FacturesAvecTrace, &x.FacturesAvecTrace}, {&t.RejetsAccredites, &x.RejetsAccredites},
		{&t.LARControles, &x.LARControles}, {&t.LARFraiches, &x.LARFraiches},
		{&t.CRLControles, &x.CRLControles}, {&t.CRLFraiches, &x.CRLFraiches},
	} {
		*p.a += *p.b
	}
	t.Durees, t.AgesLAR, t.DelaisPaiement = reunir(t.Durees, x.Durees), reunir(t.AgesLAR, x.AgesLAR), reunir(t.DelaisPaiement, x.DelaisPaiement)
	return t
}

func joindre(a, b []Compte) []Compte {
	a = slices.Clone(a)
	for _, c := range b {
		a = compterEncore(a, c.Code, c.Nombre)
	}
	return a
}

func reunir(a, b *Histogramme) *Histogramme {
	switch {
	case a == nil:
		a, b = b, nil
		fallthrough
	case b == nil:
		if a == nil {
			return nil
		}
		n := a.plus(Histogramme{})
		return &n
	}
	n := a.plus(*b)
	return &n
}

// Somme is what several days of several professionals add up to.
type Somme struct {
	Debut, Fin sante.Jour // first and last day; zero when there is none
	Totaux
}

// Plus adds two sums. It is associative and commutative, and changes neither.
func (s Somme) Plus(x Somme) Somme {
	r := Somme{Debut: s.Debut, Fin: max(s.Fin, x.Fin), Totaux: s.Totaux.Plus(x.Totaux)}
	if r.Debut == 0 || x.Debut != 0 && x.Debut < r.Debut {
		r.Debut = x.Debut
	}
	return r
}

// Sommer adds the lines that f chooses of counters that Valider accepted; all of
// them when f is nil.
func (s *Statistiques) Sommer(f func(*LigneStatistique) bool) Somme {
	r := Somme{Debut: s.Jour, Fin: s.Jour}
	for i := range s.Lignes {
		if f == nil || f(&s.Lignes[i]) {
			r.Totaux = r.Totaux.Plus(s.Lignes[i].Totaux)
		}
	}
	return r
}
