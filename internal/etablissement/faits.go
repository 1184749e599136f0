package etablissement

import (
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Faits is what was done, from which the lines and the share of the compulsory
// insurance are computed here. ref: ROC §13
type Faits struct {
	Sejour  *FaitsSejour  `fil:"sejour,opt,choix=faits" doc:"Un séjour ; ses dates sont celles du passage"`
	Externe *FaitsExterne `fil:"externe,opt,choix=faits" doc:"Des actes et consultations externes"`
}

// FaitsSejour is what the price of a stay depends on, beside its dates.
type FaitsSejour struct {
	Tarif          sante.Montant  `fil:"tarif" doc:"Tarif national de prestation : GHS, GME, GHT"`
	CodePrestation string         `fil:"codePrestation,opt,max=5" doc:"Code de prestation ; celui de la discipline si rien n'est dit"`
	TNJP           *sante.Montant `fil:"tnjp,opt" doc:"Base journalière du ticket modérateur"`
	JoursFactures  int            `fil:"joursFactures,opt,min=0,max=3660" doc:"Jours d'HAD ou séances"`
	ActeLourd      bool           `fil:"acteLourd,opt" doc:"Un acte lourd a été fait"`
	DateActeLourd  sante.Jour     `fil:"dateActeLourd,opt" doc:"Jour de l'acte lourd ; l'entrée si rien n'est dit"`
	Confort        []FaitConfort  `fil:"confort,opt,n=0..50" doc:"Prestations de confort demandées par le patient"`
	Honoraires     []FaitActe     `fil:"honoraires,opt,n=0..150" doc:"Honoraires des praticiens, en clinique privée"`
}

// FaitConfort is a comfort asked by the patient. ref: ROC §13.11
type FaitConfort struct {
	Famille roc.Famille   `fil:"famille" doc:"CP, ACC ou DIV"`
	Code    string        `fil:"code,opt,max=5" doc:"Code de prestation"`
	Debut   sante.Jour    `fil:"debut" doc:"Premier jour"`
	Fin     sante.Jour    `fil:"fin" doc:"Dernier jour"`
	Nombre  int           `fil:"nombre,opt,min=0,max=9999" doc:"Nombre d'unités ; les jours, du premier au dernier, si rien n'est dit"`
	Prix    sante.Montant `fil:"prix" doc:"Prix d'une unité"`
}

// FaitsExterne is an outpatient visit.
type FaitsExterne struct {
	Urgences     bool       `fil:"urgences,opt" doc:"Passage aux urgences sans hospitalisation"`
	HorsParcours bool       `fil:"horsParcours,opt" doc:"Hors du parcours de soins"`
	Actes        []FaitActe `fil:"actes,n=1..190" doc:"Actes et consultations"`
}

// FaitActe is an act or a consultation.
type FaitActe struct {
	Famille        roc.Famille    `fil:"famille" doc:"Famille de prestations"`
	CodePrestation string         `fil:"codePrestation,opt,max=5" doc:"Code de prestation"`
	CodeActe       string         `fil:"codeActe,opt,max=13" doc:"Code CCAM, LPP ou UCD"`
	Date           sante.Jour     `fil:"date" doc:"Jour"`
	Base           sante.Montant  `fil:"base" doc:"Base de remboursement"`
	Depense        sante.Montant  `fil:"depense" doc:"Montant facturé"`
	Nombre         int            `fil:"nombre,opt,min=0,max=9999" doc:"Nombre d'unités ; une si rien n'est dit"`
	Coefficient    *sante.Taux    `fil:"coefficient,opt" doc:"Coefficient NGAP"`
	Service        calcul.Service `fil:"service,opt" doc:"Classe de remboursement d'un médicament"`
	Executant      *roc.Executant `fil:"executant,opt" doc:"Qui l'a fait"`
	Lourd          *bool          `fil:"lourd,opt" doc:"Acte lourd ou non ; selon le tarif ou le coefficient si rien n'est dit"`
	Radiologie     bool           `fil:"radiologie,opt" doc:"Radiologie : jamais un acte lourd"`
}

// batir completes a question with the lines of what was done.
func batir(m calcul.Moteur, d *roc.DemandeCalcul, f *Faits) error {
	var r calcul.Facture
	var err error
	switch {
	case f.Sejour != nil && d.Sejour == nil:
		return refuser(ErrDonnees, roc.DatesIncoherentes, "Les dates du séjour sont nécessaires pour le calculer.")
	case f.Sejour != nil:
		r, _, err = m.FactureSejour(f.Sejour.dossier(d))
	case f.Externe != nil:
		r, _, err = m.FactureACE(f.Externe.dossier(d))
	}
	if err != nil {
		return rejet(err)
	}
	if d.TauxAMO == nil {
		d.TauxAMO = r.TauxAMO
	}
	if d.CodePecFJ == "" {
		d.CodePecFJ = r.PecFJ
	}
	if d.ParcoursSoins == "" {
		d.ParcoursSoins = r.ParcoursSoins
	}
	lignes, err := roc.LignesDe(r)
	if err != nil {
		return &Erreur{Sorte: ErrDonnees, Code: roc.Illisible, Detail: "Numéro RPPS de l'exécutant refusé.", Cause: err}
	}
	d.Lignes = append(d.Lignes, lignes...)
	return nil
}

func (f *FaitsSejour) dossier(d *roc.DemandeCalcul) calcul.DossierSejour {
	k := calcul.DossierSejour{CodePrestation: f.CodePrestation, Intermediaire: d.TypeFacture == roc.FactureIntermediaire, Sejour: calcul.Sejour{
		Entree: d.Sejour.DateEntree, Sortie: d.Sejour.DateSortie, ModeSortie: d.Sejour.ModeSortie, Discipline: d.Discipline,
		Categorie: d.Etablissement.Categorie, Hospitalisation: d.Sejour.TypeHospi, JoursAnterieurs: d.Sejour.JoursAnterieurs,
		JoursFactures: f.JoursFactures, Tarif: &f.Tarif, TNJP: f.TNJP,
		ExoTM: d.AMO.ExoTM, Nature: d.AMO.NatureAssurance, PecFJ: d.CodePecFJ, ActeLourd: f.ActeLourd, DateActeLourd: f.DateActeLourd,
	}}
	if s := d.Situation; s != nil {
		k.CSS, k.AME = s.CSS, s.AME
	}
	for _, c := range f.Confort {
		k.Confort = append(k.Confort, calcul.Confort{Famille: c.Famille, Code: c.Code, Debut: c.Debut, Fin: c.Fin,
			Quantite: calcul.Unites(c.Nombre), Prix: c.Prix})
	}
	for i := range f.Honoraires {
		k.Honoraires = append(k.Honoraires, f.Honoraires[i].acte())
	}
	return k
}

func (f *FaitsExterne) dossier(d *roc.DemandeCalcul) calcul.DossierACE {
	k := calcul.DossierACE{ExoTM: d.AMO.ExoTM, Nature: d.AMO.NatureAssurance, Parcours: d.ParcoursSoins,
		HorsParcours: f.HorsParcours, Urgences: f.Urgences}
	if s := d.Situation; s != nil {
		k.CSS, k.AME = s.CSS, s.AME
		if s.ALD && f.Urgences {
			k.SituationFPU = calcul.EnALD
		}
	}
	for i := range f.Actes {
		k.Actes = append(k.Actes, f.Actes[i].acte())
	}
	return k
}

func (f *FaitActe) acte() calcul.Acte {
	a := calcul.Acte{Famille: f.Famille, CodePrestation: f.CodePrestation, CodeActe: f.CodeActe, Service: f.Service,
		Date: f.Date, Quantite: calcul.Unites(f.Nombre), Base: f.Base, Depense: f.Depense, Lourd: f.Lourd, Radiologie: f.Radiologie}
	if f.Coefficient != nil {
		a.Coefficient = calcul.Quantite(*f.Coefficient) // both are hundredths
	}
	if e := f.Executant; e != nil {
		a.Profession, a.Secteur, a.Executant = e.Profession, e.Secteur, e.RPPS.String()
	}
	return a
}
