package etablissement

import (
	"slices"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Chiffre is a figure of the close of a day, as a person reads it.
type Chiffre struct {
	Cle     string
	Libelle string
	Flux    Montants // of the day
	Stock   Montants // at its end
	Motifs  []ChiffreMotif
}

// ChiffreMotif is the part of a figure that has one reason.
type ChiffreMotif struct {
	Motif roc.Code
	Flux  Montants
	Stock Montants
}

// chiffres says what each figure adds up. // hyp: CLOTURE-POSTES
var chiffres = []struct {
	cle, libelle string
	postes       []Poste
}{
	{"ENGAGE", "Engagé, à facturer", []Poste{PosteEngage}},
	{"SANS_GARANTIE", "Calculé par convention, sans garantie", []Poste{PosteSansGarantie}},
	{"FACTURE", "Facturé, accusé attendu", []Poste{PosteFacture}},
	{"REMIS", "Remise par fichier, paiement attendu", []Poste{PosteRemis}},
	{"ACCUSE", "Reçu par l'AMC, paiement attendu", []Poste{PosteAccuse}},
	{"RESTE", "Payé en partie, reste attendu", []Poste{PosteReste}},
	{"PAYE", "Payé", []Poste{PostePaye}},
	{"REJETE", "Rejeté", []Poste{PosteRejete}},
	{"RETARD", "En retard de paiement", []Poste{PosteRetard}},
	{ChiffreACorriger, "À corriger ou à renvoyer", []Poste{PosteRejete, PosteCorrige}},
	{"CORRIGE", "Corrigé, à renvoyer", []Poste{PosteCorrige}},
	{"RETIRE", "Facture annulée, garantie à rendre", []Poste{PosteRetire}},
	{"ANNULE", "Garantie annulée", []Poste{PosteAnnule}},
	{"EXPIRE", "Garantie expirée", []Poste{PosteExpire}},
	{"ABANDONNE", "Clos, reste abandonné", []Poste{PosteAbandonne}},
}

// Mention is what a figure is worth, when nobody guaranteed it; "" else.
func (c *Chiffre) Mention() string {
	if c.Cle == string(PosteSansGarantie) {
		return SansGarantie
	}
	return ""
}

// ChiffreACorriger is what the hospital must put right before it is paid.
const ChiffreACorriger = "A_CORRIGER"

// Chiffres lists the figures and their labels, in their order.
func Chiffres() (l []Chiffre) {
	for _, c := range chiffres {
		l = append(l, Chiffre{Cle: c.cle, Libelle: c.libelle})
	}
	return l
}

// PostesDe gives the posts that a figure adds up, nil when there is no such figure.
func PostesDe(cle string) []Poste {
	for _, c := range chiffres {
		if c.cle == cle {
			return c.postes
		}
	}
	return nil
}

// AMCs lists the insurers of a day, in order.
func (j *Journee) AMCs() (l []sante.NumeroAMC) {
	for i := range j.Lignes {
		if n := len(l); n == 0 || l[n-1] != j.Lignes[i].AMC {
			l = append(l, j.Lignes[i].AMC)
		}
	}
	return l
}

// Chiffres gives the figures of an insurer, or of all with the zero number.
func (j *Journee) Chiffres(amc sante.NumeroAMC) (l []Chiffre) {
	for _, c := range chiffres {
		x := Chiffre{Cle: c.cle, Libelle: c.libelle}
		for i := range j.Lignes {
			if g := &j.Lignes[i]; (amc.IsZero() || g.AMC == amc) && slices.Contains(c.postes, g.Poste) {
				flux := g.Entres
				if len(c.postes) > 1 {
					flux = flux.Moins(g.Internes) // it was there already
				}
				x.Flux, x.Stock = x.Flux.Plus(flux), x.Stock.Plus(g.Fin())
				if g.Motif != "" {
					x.ajouter(g, flux)
				}
			}
		}
		l = append(l, x)
	}
	return l
}

func (x *Chiffre) ajouter(g *LigneJournee, flux Montants) {
	i := slices.IndexFunc(x.Motifs, func(m ChiffreMotif) bool { return m.Motif == g.Motif })
	if i < 0 {
		i = len(x.Motifs)
		x.Motifs = append(x.Motifs, ChiffreMotif{Motif: g.Motif})
	}
	x.Motifs[i].Flux, x.Motifs[i].Stock = x.Motifs[i].Flux.Plus(flux), x.Motifs[i].Stock.Plus(g.Fin())
}
