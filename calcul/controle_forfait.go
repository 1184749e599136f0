package calcul

import (
	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// controlerPAS: one participation a stay, one a consultation, never with a ticket
// modérateur, never for a person exempted otherwise. ref: ROC §13.6, P411, P415
func controlerPAS(f Facture) (r []*Rejet) {
	if !f.aPAS() {
		return nil
	}
	type consultation struct {
		executant string
		jour      sante.Jour
	}
	vues := map[consultation]bool{}
	for _, l := range f.Lignes {
		cle := consultation{}
		if !f.Type.sejour() {
			cle = consultation{l.Executant, l.DateDebut}
		}
		switch {
		case l.Famille == FamillePAS && vues[cle]:
			r = append(r, surLigneRejet(l, rejeter(CodeDoublon, "une seule participation pour acte lourd par séjour ou par consultation")))
		case l.Famille == FamillePAS && !lourd(true, f.ExoTM, f.Nature):
			r = append(r, surLigneRejet(l, rejeter(CodePAS, "participation pour acte lourd avec exoTM %s et nature %s, qui en dispensent", f.ExoTM, f.Nature)))
		case l.Famille == FamillePAS && !f.acteLourd(l):
			r = append(r, surLigneRejet(l, rejeter(CodePAS, "participation sans acte lourd à la même date")))
		case l.Famille == FamilleSEJ && l.opposable() > 0 && f.Type.sejour():
			r = append(r, surLigneRejet(l, rejeter(CodePAS, "ticket modérateur et participation pour acte lourd ensemble")))
		}
		if l.Famille == FamillePAS {
			vues[cle] = true
		}
	}
	return r
}

// acteLourd tells whether a line can justify a participation: the stay itself, or
// an act of the same professional the same day, at 100 %.
func (f Facture) acteLourd(pas Ligne) bool {
	for _, l := range f.Lignes {
		sejour := f.Type.sejour() && l.Famille == FamilleSEJ
		acte := l.Famille == FamilleACTE && l.DateDebut == pas.DateDebut && l.Executant == pas.Executant
		if (sejour || acte) && l.TauxAMO == sante.Pourcent(100) {
			return true
		}
	}
	return false
}

func (m Moteur) controlerPrixPAS(f Facture) (r []*Rejet) {
	for _, l := range f.Lignes {
		if l.Famille != FamillePAS {
			continue
		}
		v, err := m.Tables.At(bareme.PASMontant, l.DateDebut)
		if err == nil && !v.Incertain && l.MontantDepense > v.Montant() {
			r = append(r, surLigneRejet(l, rejeter(CodePAS, "participation de %s, %s au barème", l.MontantDepense.Euros(), v.Montant().Euros())))
		}
	}
	return r
}

// controlerFJ: no daily charge for who is exempted, none twice for a day, none on
// the exit day of a transfer or a death. ref: ROC §13.4, P411, P414
func controlerFJ(f Facture) (r []*Rejet) {
	s := Sejour{Entree: f.DateEntree, Sortie: f.DateSortie, Discipline: f.Discipline, Hospitalisation: f.Hospitalisation, ModeSortie: ouDefaut(f.ModeSortie, SortieDomicile)}
	dernier := f.DateSortie
	if !s.ModeSortie.jourDeSortieDu() || f.Type == FactureIntermediaire && f.ModeSortie == "" {
		dernier--
	}
	var faites []Ligne
	for _, l := range f.Lignes {
		if l.Famille != FamilleFJ {
			continue
		}
		x := controlerLigneFJ(f, s, l, dernier)
		for _, avant := range faites {
			if x == nil && l.DateDebut <= avant.DateFin && avant.DateDebut <= l.DateFin {
				x = rejeter(CodeDoublon, "forfait journalier déjà facturé ligne %d pour les mêmes jours", avant.Rang)
			}
		}
		if x != nil {
			r = append(r, surLigneRejet(l, x))
		}
		faites = append(faites, l)
	}
	return r
}

func controlerLigneFJ(f Facture, s Sejour, l Ligne, dernier sante.Jour) *Rejet {
	switch {
	case !f.Type.sejour() || s.sansForfait():
		return rejeter(CodeFJ, "pas de forfait journalier pour ce type de prise en charge")
	case f.PecFJ == "":
		return rejeter(CodeFJ, "code de prise en charge du forfait journalier absent")
	case f.PecFJ == FJRegime:
		return rejeter(CodeFJ, "forfait journalier facturé avec le code R, qui en dispense")
	case f.PecFJ == FJLocal && l.AutrePayeur != l.MontantDepense:
		return rejeter(CodeFJ, "forfait journalier laissé à l'assuré avec le code L : le régime local le paie")
	case l.DateFin > dernier || l.DateDebut < f.DateEntree:
		return rejeter(CodeFJ, "forfait journalier au-delà des jours dus pour le mode de sortie %s", s.ModeSortie)
	case l.Quantite != Unites(int(l.DateFin-l.DateDebut)+1):
		return rejeter(CodeFJ, "%s forfaits pour %s", l.Quantite, jours(int(l.DateFin-l.DateDebut)+1))
	}
	return nil
}

// controlerPrixFJ compares each daily charge with the tables, day by day.
func (m Moteur) controlerPrixFJ(f Facture) (r []*Rejet) {
	for _, l := range f.Lignes {
		if l.Famille != FamilleFJ {
			continue
		}
		periodes, err := m.Tables.Periodes(cleFJ(f.Discipline), l.DateDebut, l.DateFin)
		if rejet, ok := enRejet(err).(*Rejet); ok {
			r = append(r, surLigneRejet(l, rejet))
			continue
		}
		var du sante.Montant
		for _, p := range periodes {
			du += p.Valeur.Montant().Fois(p.Jours())
		}
		if x := m.forfaitCompris(f, l); x != nil {
			r = append(r, surLigneRejet(l, x))
		}
		if l.MontantDepense != du {
			r = append(r, surLigneRejet(l, rejeter(CodeFJ, "forfait journalier de %s, %s au barème pour ces jours", l.MontantDepense.Euros(), du.Euros())))
		}
	}
	return r
}

// forfaitCompris refuses the daily charge of a day that a billed TM already
// holds: only the days after the thirtieth and the exit day are added to it.
// ref: ROC §13.5
func (m Moteur) forfaitCompris(f Facture, l Ligne) *Rejet {
	var tm sante.Montant
	for _, x := range f.Lignes {
		if x.Famille == FamilleSEJ {
			tm += x.opposable()
		}
	}
	v, err := m.Tables.At(bareme.TMJours, f.DateEntree)
	if tm == 0 || err != nil || f.JoursAnterieurs == nil {
		return nil
	}
	restants := max(0, v.Entier()-*f.JoursAnterieurs)
	if premier := min(f.DateSortie, f.DateEntree+sante.Jour(restants)); l.DateDebut < premier {
		return rejeter(CodeFJ, "forfait journalier avant le %s compris dans le ticket modérateur", premier.Francais())
	}
	return nil
}
