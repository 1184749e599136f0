package export

import (
	"context"
	"iter"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// ColonnesChiffres are the columns of the close of a day: a line a figure, then a
// line for each reason. All are ours.
func ColonnesChiffres() []string {
	return []string{"ECL_JOUR", "ECL_FINESS", "ECL_AMC", "ECL_CHIFFRE", "ECL_LIBELLE", "ECL_MOTIF",
		"ECL_FLUX_NOMBRE", "ECL_FLUX_MONTANT", "ECL_STOCK_NOMBRE", "ECL_STOCK_MONTANT", "ECL_MENTION"}
}

// Chiffres gives the lines of the close of a day of a hospital, insurer by insurer.
func Chiffres(j *etablissement.Journee, finess string) Lignes {
	return func(rendre func([]Cellule, error) bool) {
		for _, amc := range j.AMCs() {
			for _, c := range j.Chiffres(amc) {
				ligne := func(motif roc.Code, flux, stock etablissement.Montants) bool {
					return rendre([]Cellule{Jour(j.Jour), Texte(finess), Texte(amc.String()), Texte(c.Cle), Texte(c.Libelle), Texte(string(motif)),
						Entier(flux.Nombre), Montant(flux.Montant), Entier(stock.Nombre), Montant(stock.Montant), mention(c.Mention())}, nil)
				}
				if !ligne("", c.Flux, c.Stock) {
					return
				}
				for _, m := range c.Motifs {
					if !ligne(m.Motif, m.Flux, m.Stock) {
						return
					}
				}
			}
		}
	}
}

// ColonnesFactures are the columns of the invoices behind a figure. Those of the
// PMSI keep their names, as far as a hospital knows them of an invoice to an
// insurer; those that begin with ECL_ are ours. ref: ROC §14.3 // hyp: EXPORT-PMSI
func ColonnesFactures() []string {
	return []string{"ECL_JOUR", "ECL_FINESS", "ECL_AMC", "ECL_CHIFFRE", "ECL_POSTE", "ECL_MOTIF", "ECL_ENTREE", "ECL_NOMBRE", "ECL_MONTANT",
		"ECL_DOSSIER", "ECL_VENUE", "ECL_RANG", "ECL_FACTURE", "ECL_ENGAGEMENT", "ECL_ETAT", "ECL_PAYE_MNT",
		"REM_BAS_MNT", "REM_TAU", "FAC_MNT_TM", "FAC_MNT_FJ", "FAC_18E", "TOT_MNT_AM", "TOT_MNT_AMC", "RAC_MNT_PAT", "FAC_NBR_VEN",
		"CTR_TYP", "FAC_AMC_DT", "PAI_AMC_DT", "VALID_FAC_AMC", "ECL_QUI_AGIT", "ECL_A_FAIRE", "ECL_MENTION"}
}

// mention is what an amount is worth; empty when its insurer guaranteed it. ref: DEC 28
func mention(s string) Cellule {
	if s == "" {
		return Cellule{}
	}
	return Texte(s)
}

// Factures gives the invoices behind a figure, page after page.
func Factures(ctx context.Context, s *etablissement.Service, f etablissement.FiltreFactures, finess string) Lignes {
	return func(rendre func([]Cellule, error) bool) {
		for x, err := range derriere(ctx, s, f) {
			if err != nil {
				rendre(nil, err)
				return
			}
			if !rendre(facture(x, &f, finess), nil) {
				return
			}
		}
	}
}

func derriere(ctx context.Context, s *etablissement.Service, f etablissement.FiltreFactures) iter.Seq2[*etablissement.FactureVue, error] {
	return func(rendre func(*etablissement.FactureVue, error) bool) {
		for {
			l, suite, err := s.FacturesDe(ctx, f, true)
			if err != nil {
				rendre(nil, err)
				return
			}
			for i := range l {
				if !rendre(&l[i], nil) {
					return
				}
			}
			if f.Apres = suite; suite == "" {
				return
			}
		}
	}
}

func facture(x *etablissement.FactureVue, f *etablissement.FiltreFactures, finess string) []Cellule {
	l := []Cellule{Jour(f.Jour), Texte(finess), Texte(x.AMC.String()), Texte(f.Chiffre), Texte(string(x.Poste)), Texte(string(x.Motif)),
		Jour(x.Jour), Entier(int64(x.Nombre)), Montant(x.Montant), Texte(x.Dossier), Texte(x.Venue), Entier(int64(x.Rang)), Texte(x.Facture)}
	cv := x.Couverture
	if cv == nil {
		return append(append(l, make([]Cellule, len(ColonnesFactures())-len(l)-3)...), fin(x)...)
	}
	suivi := cv.Facture
	if suivi == nil {
		suivi = &etablissement.SuiviFacture{}
	}
	engagement, contrat := "", ""
	if cv.Calcul != nil {
		engagement = cv.Calcul.Reponse.NumeroEngagement.String()
	}
	if cv.Droits != nil {
		contrat = string(cv.Droits.Reponse.TypeContrat)
	}
	l = append(l, Texte(engagement), Texte(string(cv.Etat)), Montant(suivi.Paye))
	l = append(l, montants(cv.Calcul)...)
	return append(append(l, Entier(1), Texte(contrat), Jour(suivi.Date), Jour(suivi.Mandatee), Texte(string(suivi.Notifiee))), fin(x)...)
}

// fin is who must act on a late payment and what to do, and what the amount is worth.
func fin(x *etablissement.FactureVue) []Cellule {
	if x.Consigne == nil {
		return []Cellule{{}, {}, mention(x.Mention())}
	}
	return []Cellule{Texte(x.Consigne.QuiAgit), Texte(x.Consigne.AFaire), mention(x.Mention())}
}

// montants are the amounts of the calculation, under the names of the PMSI.
func montants(k *etablissement.Calcul) []Cellule {
	if k == nil {
		return make([]Cellule, 8)
	}
	var base, amo, tm, fj sante.Montant
	var forfait18 int64
	for i := range k.Demande.Lignes {
		x := &k.Demande.Lignes[i]
		base, amo = base+x.BaseAMO, amo+x.MontantAMO
		switch {
		case x.Famille == calcul.FamilleFJ:
			fj += x.MontantDepense
		case x.Famille == calcul.FamillePAS:
			forfait18 = 1
		case x.MontantTM != nil:
			tm += *x.MontantTM
		case x.BaseAMO > 0:
			tm += x.BaseAMO - x.MontantAMO
		}
	}
	l := []Cellule{Montant(base), {}, Montant(tm), Montant(fj), Entier(forfait18), Montant(amo), {}, {}}
	if k.Demande.TauxAMO != nil {
		l[1] = Taux(*k.Demande.TauxAMO)
	}
	if k.Reponse.TotalAMC != nil {
		l[6] = Montant(*k.Reponse.TotalAMC)
	}
	if k.Reponse.TotalPatient != nil {
		l[7] = Montant(*k.Reponse.TotalPatient)
	}
	return l
}
