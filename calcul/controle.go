package calcul

import (
	"slices"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// Controler lists what makes an invoice incoherent, in the order of the checks;
// nothing when it can be calculated. ref: ROC §18 P401 to P430
func (m Moteur) Controler(f Facture) (r []*Rejet) {
	for _, controle := range []func(Facture) []*Rejet{
		controlerForme, controlerRangs, controlerDates, controlerSommes, m.controlerTaux, controlerPAS, m.controlerPrixPAS, controlerFJ, m.controlerPrixFJ,
	} {
		r = append(r, controle(f)...)
		if len(r) > 0 && r[0].Code == CodeForme {
			return r // the rest would read values that are not there
		}
	}
	return r
}

// codesFermes are the prestation codes of the families that have a closed list;
// the others take any code of 1 to 5 characters. hyp: CODES-PRESTATION
func codesFermes(f Famille) []string {
	switch f {
	case FamilleSEJ:
		return []string{"GHS", "GME", "GMT", "GHT", "PJ", "SE", "EXH", "EXB"}
	case FamilleFJ:
		return []string{"FJ", "FJC", "FJR"}
	case FamillePAS:
		return []string{"PAS", "PAV"}
	case FamilleFPU:
		return []string{"FPU"}
	}
	return nil
}

func controlerForme(f Facture) (r []*Rejet) {
	switch {
	case !connu(f.Type):
		return []*Rejet{rejeter(CodeForme, "type de facture hors de sa liste")}
	case f.Categorie != "" && !connu(f.Categorie) || f.Discipline != "" && !connu(f.Discipline) || f.Hospitalisation != "" && !connu(f.Hospitalisation):
		return []*Rejet{rejeter(CodeForme, "catégorie, discipline ou type d'hospitalisation hors de sa liste")}
	case f.PecFJ != "" && !connu(f.PecFJ) || f.ModeSortie != "" && !f.ModeSortie.lisible():
		return []*Rejet{rejeter(CodeForme, "code de prise en charge ou mode de sortie hors de sa liste")}
	case len(f.Lignes) == 0 || len(f.Lignes) > lignesMax:
		return []*Rejet{rejeter(CodeForme, "1 à %d lignes attendues", lignesMax)}
	}
	avant := 0
	for _, l := range f.Lignes {
		if l.Rang <= avant {
			return []*Rejet{rejeter(CodeForme, "les rangs de lignes doivent être croissants, à partir de 1")}
		}
		avant = l.Rang
		if x := formeLigne(l); x != nil {
			x.Ligne = l.Rang
			r = append(r, x)
		}
	}
	return r
}

func formeLigne(l Ligne) *Rejet {
	for _, m := range []sante.Montant{l.PrixUnitaire, l.MontantDepense, l.BaseAMO, l.MontantAMO, l.AutrePayeur, valeur(l.BaseTM), valeur(l.MontantTM)} {
		if m < 0 || m > sante.MontantMax {
			return rejeter(CodeForme, "montant négatif ou démesuré")
		}
	}
	switch fermes := codesFermes(l.Famille); {
	case !connu(l.Famille):
		return rejeter(CodePrestation, "famille de prestations inconnue")
	case len(l.CodePrestation) < 1 || len(l.CodePrestation) > 5:
		return rejeter(CodePrestation, "code de prestation de 1 à 5 caractères attendu")
	case fermes != nil && !slices.Contains(fermes, l.CodePrestation):
		return rejeter(CodePrestation, "code de prestation inconnu pour la famille %s", l.Famille)
	case l.Quantite < 0 || l.Quantite > QuantiteMax || l.Coefficient < 0 || l.Coefficient > QuantiteMax:
		return rejeter(CodeForme, "quantité négative ou démesurée")
	case l.TauxAMO < 0 || l.TauxAMO > sante.Pourcent(100):
		return rejeter(CodeTaux, "taux AMO au-dessus de 100 %%")
	case l.Secteur != "" && !connu(l.Secteur) || l.Profession != "" && !connu(l.Profession):
		return rejeter(CodeForme, "secteur ou profession hors de sa liste")
	}
	return nil
}

func valeur(m *sante.Montant) sante.Montant {
	if m == nil {
		return 0
	}
	return *m
}

// controlerRangs checks that the lower ranks of each line are 1, 2… without a gap.
func controlerRangs(f Facture) (r []*Rejet) {
	if f.RangAMC < 0 || f.RangAMC > 3 {
		return []*Rejet{rejeter(CodeRang, "rang d'AMC de 1 à 3 attendu")}
	}
	for _, l := range f.Lignes {
		if n := len(l.RangsInferieurs); n != 0 && n != f.rang()-1 {
			r = append(r, surLigneRejet(l, rejeter(CodeRang, "%d rangs inférieurs pour une AMC de rang %d", n, f.rang())))
			continue
		}
		for i, p := range l.RangsInferieurs {
			if p.Rang != i+1 || p.Montant < 0 || p.Montant > sante.MontantMax {
				r = append(r, surLigneRejet(l, rejeter(CodeRang, "rangs inférieurs attendus de 1 à %d, sans trou", f.rang()-1)))
				break
			}
		}
	}
	return r
}

func surLigneRejet(l Ligne, r *Rejet) *Rejet {
	r.Ligne = l.Rang
	return r
}

func controlerDates(f Facture) (r []*Rejet) {
	if f.PeriodeDebut.IsZero() || f.PeriodeFin.IsZero() || f.PeriodeFin < f.PeriodeDebut || f.PeriodeFin-f.PeriodeDebut > nuitsMax {
		r = append(r, rejeter(CodeDates, "période de facturation absente ou à l'envers"))
	}
	for _, l := range f.Lignes {
		switch {
		case l.DateDebut.IsZero() || l.DateFin < l.DateDebut:
			r = append(r, surLigneRejet(l, rejeter(CodeDates, "dates de la ligne absentes ou à l'envers")))
		case len(r) == 0 && (l.DateDebut < f.PeriodeDebut || l.DateFin > f.PeriodeFin):
			r = append(r, surLigneRejet(l, rejeter(CodeDates, "ligne du %s au %s hors de la période", l.DateDebut.Francais(), l.DateFin.Francais())))
		}
	}
	if !f.Type.sejour() {
		return r
	}
	switch {
	case f.DateEntree.IsZero() || f.DateSortie.IsZero():
		r = append(r, rejeter(CodeDates, "dates d'entrée et de sortie attendues pour un séjour"))
	case f.DateSortie < f.DateEntree || f.DateSortie-f.DateEntree > nuitsMax:
		r = append(r, rejeter(CodeDates, "la sortie du %s précède l'entrée du %s", f.DateSortie.Francais(), f.DateEntree.Francais()))
	case f.PeriodeDebut < f.DateEntree || f.PeriodeFin > f.DateSortie:
		r = append(r, rejeter(CodeDates, "la période facturée déborde du séjour"))
	case f.NbNuitees == nil:
		r = append(r, rejeter(CodeNuits, "nombre de nuits attendu pour un séjour"))
	case *f.NbNuitees != int(f.DateSortie-f.DateEntree):
		r = append(r, rejeter(CodeNuits, "%d nuits annoncées, %d d'après les dates", *f.NbNuitees, f.DateSortie-f.DateEntree))
	case f.JoursAnterieurs != nil && *f.JoursAnterieurs < 0:
		r = append(r, rejeter(CodeDates, "jours antérieurs négatifs"))
	}
	return r
}

// controlerSommes checks each line and the announced totals. ref: ROC §9.2, DEC 19
func controlerSommes(f Facture) (r []*Rejet) {
	for _, l := range f.Lignes {
		if l.reste() < 0 {
			r = append(r, surLigneRejet(l, rejeter(CodeTotal, "les parts dépassent la dépense de %s", (-l.reste()).Euros())))
		}
		if l.Famille.forfait() && l.MontantAMO != 0 {
			r = append(r, surLigneRejet(l, rejeter(CodeTotal, "aucune part AMO sur une ligne %s", l.Famille)))
		}
	}
	if f.Totaux == nil {
		return r
	}
	calcules, dits := Totaliser(f.Lignes), *f.Totaux
	for _, t := range []struct {
		nom         string
		dit, calcul sante.Montant
	}{
		{"dépense", dits.Depense, calcules.Depense}, {"AMO", dits.AMO, calcules.AMO},
		{"base AMC", dits.BaseAMC, calcules.BaseAMC}, {"patient avant AMC", dits.PatientAvantAMC, calcules.PatientAvantAMC},
	} {
		if t.dit != t.calcul {
			r = append(r, rejeter(CodeTotal, "total %s de %s, somme des lignes %s", t.nom, t.dit.Euros(), t.calcul.Euros()))
		}
	}
	return r
}

// controlerTaux compares the rates of the lines with what exoTM and nature say.
func (m Moteur) controlerTaux(f Facture) (r []*Rejet) {
	classe, err := Classer(f.ExoTM, f.Nature)
	if rejet, ok := err.(*Rejet); ok {
		return []*Rejet{rejet}
	}
	if f.aPAS() {
		classe = ClasseExoneree
	}
	for _, l := range f.Lignes {
		if l.Famille.forfait() || l.Famille.confort() || l.Famille == FamilleDIV || l.BaseAMO == 0 {
			continue
		}
		attendu, err := m.tauxDeClasse(classe, bareme.AMOSEJ, l.DateDebut)
		libre := classe == ClasseCommune && l.Famille != FamilleSEJ || f.aPAS() && !f.Type.sejour()
		if err == nil && !libre && l.TauxAMO != attendu {
			r = append(r, surLigneRejet(l, rejeter(CodeTaux, "taux AMO de %s, %s attendu pour exoTM %s et nature %s", pourcent(l.TauxAMO), pourcent(attendu), f.ExoTM, f.Nature)))
		}
		if err == nil && f.Type.sejour() && l.Famille == FamilleSEJ && f.TauxAMO != nil && *f.TauxAMO != l.TauxAMO {
			r = append(r, surLigneRejet(l, rejeter(CodeTaux, "taux AMO de la ligne différent de celui de l'en-tête")))
		}
	}
	return r
}
