package roc

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
)

// Facture is the question of calculation as the engine reads it. The error is a
// *calcul.Rejet: ranks that do not follow each other, amounts of a line that is
// not there.
func (d *DemandeCalcul) Facture() (calcul.Facture, error) {
	f := calcul.Facture{
		Type: d.TypeFacture, Categorie: d.Etablissement.Categorie, Discipline: d.Discipline,
		PeriodeDebut: d.PeriodeDebut, PeriodeFin: d.PeriodeFin,
		Nature: d.AMO.NatureAssurance, ExoTM: d.AMO.ExoTM, TauxAMO: d.TauxAMO, PecFJ: d.CodePecFJ,
		ParcoursSoins: d.ParcoursSoins, RangAMC: d.RangAMC, Lignes: make([]calcul.Ligne, len(d.Lignes)),
	}
	if s := d.Sejour; s != nil {
		f.DateEntree, f.DateSortie, f.ModeSortie, f.Hospitalisation = s.DateEntree, s.DateSortie, s.ModeSortie, s.TypeHospi
		nuits, jours := s.NbNuitees, s.JoursAnterieurs
		f.NbNuitees, f.JoursAnterieurs = &nuits, &jours
	}
	if t := d.Totaux; t != nil {
		f.Totaux = &calcul.Totaux{Depense: t.Depense, AMO: t.AMO, BaseAMC: t.BaseAMC, PatientAvantAMC: t.PatientAvantAMC}
	}
	for i := range d.Lignes {
		f.Lignes[i] = d.Lignes[i].calcul()
	}
	return f, d.poserRangs(f.Lignes)
}

func (l *Ligne) calcul() calcul.Ligne {
	c := calcul.Ligne{
		Rang: l.Rang, Famille: l.Famille, CodePrestation: l.CodePrestation, CodeActe: l.CodeActe,
		DateDebut: l.DateDebut, DateFin: l.DateFin, Quantite: calcul.Unites(l.Quantite),
		PrixUnitaire: l.PrixUnitaire, MontantDepense: l.MontantDepense,
		BaseAMO: l.BaseAMO, TauxAMO: l.TauxAMO, MontantAMO: l.MontantAMO, BaseTM: l.BaseTM, MontantTM: l.MontantTM,
		AutrePayeur: l.AutrePayeur,
	}
	if l.Coefficient != nil {
		c.Coefficient = calcul.Quantite(*l.Coefficient) // both are hundredths
	}
	if e := l.Executant; e != nil {
		c.Secteur, c.Profession, c.Executant = e.Secteur, e.Profession, e.RPPS.String()
	}
	return c
}

// poserRangs gives each line the shares of the insurers before this one, whose
// ranks are 1, 2… without a gap. ref: ROC §13.8
func (d *DemandeCalcul) poserRangs(lignes []calcul.Ligne) error {
	refuser := func(format string, a ...any) error {
		return &calcul.Rejet{Code: calcul.CodeRang, Detail: fmt.Sprintf(format, a...)}
	}
	if len(d.RangsInferieurs) != d.RangAMC-1 {
		return refuser("%d AMC de rang inférieur annoncées pour une AMC de rang %d", len(d.RangsInferieurs), d.RangAMC)
	}
	for i, r := range d.RangsInferieurs {
		if r.Rang != i+1 {
			return refuser("rangs inférieurs attendus de 1 à %d, sans trou", d.RangAMC-1)
		}
		if r.NumeroAMC == d.Carte.NumeroAMC {
			return refuser("la même AMC à deux rangs")
		}
		parts := make(map[int]sante.Montant, len(r.Montants))
		for _, m := range r.Montants {
			if _, double := parts[m.Rang]; double || m.Montant < 0 {
				return refuser("rang %d : ligne %d dite deux fois, ou montant négatif", r.Rang, m.Rang)
			}
			parts[m.Rang] = m.Montant
		}
		for j := range lignes {
			lignes[j].RangsInferieurs = append(lignes[j].RangsInferieurs, calcul.PartRang{Rang: r.Rang, Montant: parts[lignes[j].Rang]})
			delete(parts, lignes[j].Rang)
		}
		if len(parts) > 0 {
			return refuser("rang %d : montant d'une ligne absente de la demande", r.Rang)
		}
	}
	return nil
}

// Contrat is the contract that an answer to IDB lets the hospital compute from.
// ref: DEC 24
func (r *ReponseIDB) Contrat() calcul.Contrat {
	return calcul.Contrat{
		Type: calcul.TypeContrat(r.TypeContrat), Responsable: r.ContratResponsable != nil && *r.ContratResponsable,
		Debut: r.DroitsDebut, Fin: r.DroitsFin, Garanties: r.Formules, Exclusions: r.Exclusions,
	}
}

// Repartir computes the share of an insurer on each line, exactly: the insurer
// for a CLC and the hospital for a local calculation do the same. It gives the
// answer without its number, and what is taken from the counters. The error is a
// *calcul.Rejet when the question is at fault. ref: ROC §9.2, DEC 24
func Repartir(m calcul.Moteur, c calcul.Contrat, d *DemandeCalcul, k calcul.Compteurs) (*ReponseCalcul, []calcul.Compteur, error) {
	f, err := d.Facture()
	if err != nil {
		return nil, nil, err
	}
	r, err := m.Calculer(c, f, k)
	if err != nil {
		return nil, nil, err
	}
	var pris []calcul.Compteur
	for _, x := range r.Consommations {
		if x.Montant != 0 || x.Unites != 0 {
			pris = append(pris, x.Compteur)
		}
	}
	return reponseDe(&r), pris, nil
}

// Estimer is Repartir for a SIM: what is missing is supposed and told. On a
// complete question it gives the same amounts. ref: ROC §8, §19.3 property 4
func Estimer(m calcul.Moteur, c calcul.Contrat, d *DemandeCalcul, k calcul.Compteurs) (*ReponseCalcul, error) {
	q := *d
	var hypotheses []calcul.Hypothese
	if q.RangAMC > 1 && len(q.RangsInferieurs) == 0 {
		q.RangAMC = 1
		hypotheses = append(hypotheses, calcul.Hypothese{Champ: "rangsInferieurs", Valeur: "0.00", Raison: "parts des AMC précédentes inconnues, supposées nulles"})
	}
	f, err := q.Facture()
	if err != nil {
		return nil, err
	}
	if len(f.Lignes) == 0 {
		var h []calcul.Hypothese
		if f, h, err = sejourOrdinaire(m, f); err != nil {
			return nil, err
		}
		hypotheses = append(hypotheses, h...)
	}
	var r calcul.Resultat
	if len(f.Lignes) > 0 {
		if r, err = m.Simuler(c, f, k); err != nil {
			return nil, err
		}
	}
	r.Hypotheses = append(hypotheses, r.Hypotheses...)
	if n := len(r.Hypotheses); n > hypothesesMax {
		autres := calcul.Hypothese{Champ: "autres", Valeur: fmt.Sprint(n - hypothesesMax + 1), Raison: "hypothèses de moindre effet, non citées"}
		r.Hypotheses = append(r.Hypotheses[:hypothesesMax-1:hypothesesMax-1], autres)
	}
	return reponseDe(&r), nil
}

// hypothesesMax is how many an answer may carry.
const hypothesesMax = 60

// sejourOrdinaire supposes the lines of a stay of which nothing is known but its
// dates, at the daily base of the illustrative grid. The share of the AMO is not
// known: the base of the ticket modérateur stands for the tariff. No line comes
// out when even that is not enough.
func sejourOrdinaire(m calcul.Moteur, f calcul.Facture) (calcul.Facture, []calcul.Hypothese, error) {
	f, h := m.Completer(f)
	inconnu := calcul.Hypothese{Champ: "lignes", Valeur: "aucune", Raison: "données insuffisantes pour estimer ce passage"}
	if f.JoursAnterieurs == nil {
		return f, append(h, inconnu), nil // not a stay
	}
	s := calcul.Sejour{
		Entree: f.DateEntree, Sortie: f.DateSortie, ModeSortie: f.ModeSortie, Discipline: f.Discipline, Categorie: f.Categorie,
		Hospitalisation: f.Hospitalisation, ExoTM: f.ExoTM, Nature: f.Nature, PecFJ: f.PecFJ, JoursAnterieurs: *f.JoursAnterieurs,
	}
	prix, err := m.Sejour(s)
	if err != nil {
		return f, append(h, inconnu), nil
	}
	s.Tarif = &prix.BaseTM
	g, _, err := m.FactureSejour(calcul.DossierSejour{Sejour: s})
	g.Type, g.RangAMC = f.Type, f.RangAMC
	h = append(h, calcul.Hypothese{Champ: "lignes", Valeur: fmt.Sprint(len(g.Lignes)), Raison: "séjour ordinaire, sans option ; part de l'AMO et tarif indicatifs"})
	return g, append(h, prix.Hypotheses...), err
}

// reponseDe writes a result as an answer. The code is 010 when a line has a
// reason. The guarantee is none when the insurer pays nothing, whole when nothing
// is left to the patient. hyp: GARANTIE-ETENDUE
func reponseDe(r *calcul.Resultat) *ReponseCalcul {
	code, garantie := Accepte, GarantiePartielle
	rep := &ReponseCalcul{
		Lignes: make([]LigneRepondue, len(r.Lignes)), TotalDepense: &r.TotalDepense, TotalAMO: &r.TotalAMO,
		TotalAMC: &r.TotalAMC, TotalPatient: &r.TotalPatient,
	}
	for i, l := range r.Lignes {
		patient := l.Patient
		rep.Lignes[i] = LigneRepondue{
			Rang: l.Rang, MontantAMC: l.MontantAMC, MontantPatient: &patient,
			Regle: couper(l.Regle, 60), Motif: Code(l.Motif), Explication: couper(l.Etape.Phrase, 500),
		}
		if l.Motif != "" {
			code = AvecReserve
		}
	}
	if r.TotalRangsInferieur != 0 {
		rep.TotalRangs = &r.TotalRangsInferieur
	}
	if r.TotalAutrePayeur != 0 {
		rep.TotalAutrePayeur = &r.TotalAutrePayeur
	}
	switch {
	case r.TotalAMC == 0:
		garantie = GarantieAucune
	case r.TotalPatient == 0:
		garantie = GarantieTotale
	}
	rep.Retour, rep.Garantie = RetourDe(code, ""), garantie
	for _, x := range r.Consommations {
		rep.PlafondsConsommes = append(rep.PlafondsConsommes, plafonds(x)...)
	}
	for _, h := range r.Hypotheses {
		rep.Hypotheses = append(rep.Hypotheses, couper(h.Champ+" : "+h.Raison+" ("+h.Valeur+")", 250))
	}
	return rep
}

// plafonds tells a counter in money, in units, or both.
func plafonds(x calcul.Consommation) (l []PlafondConsomme) {
	if x.Restant != nil {
		l = append(l, PlafondConsomme{Garantie: x.Garantie, Consomme: x.Montant.String(), Restant: x.Restant.String()})
	}
	if x.RestantUnites != nil {
		l = append(l, PlafondConsomme{Garantie: x.Garantie + " (unités)", Consomme: x.Unites.String(), Restant: x.RestantUnites.String()})
	}
	return l
}

// couper keeps the first n characters of a text.
func couper(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
