package calcul

import "github.com/ecluse-sante/ecluse/sante"

// EntreeActe is the "in" of an outpatient act.
type EntreeActe struct {
	BR           *sante.Montant  `json:"br" doc:"Base de remboursement ; depense si elle est absente, 0 pour un FPU ou du confort."`
	Depense      *sante.Montant  `json:"depense" doc:"Montant facturé ; br s'il est absent."`
	Rate         *sante.Taux     `json:"rate" doc:"Taux AMO ; d'après le barème s'il est absent."`
	Date         sante.Jour      `json:"date" doc:"Jour des soins."`
	Heavy        *bool           `json:"heavy" doc:"Acte lourd ; absent, d'après le tarif ou le coefficient si famille est ACTE et rate absent."`
	Famille      Famille         `json:"famille" doc:"CONS (par défaut), ACTE, BIO, MED, DMI, TRSP, FPU, CP, ACC, DIV."`
	CodeActe     string          `json:"codeActe" doc:"Code de l'acte, pour un réseau de soins."`
	Profession   Profession      `json:"profession" doc:"MEDECIN (par défaut), SAGE_FEMME, DENTISTE, AUXILIAIRE."`
	Service      Service         `json:"service" doc:"Médicament : IRREMPLACABLE, MAJEUR (par défaut), MODERE, FAIBLE."`
	Secteur      Secteur         `json:"secteur" doc:"1, 2O (OPTAM), 2, NC : pour les dépassements."`
	Executant    string          `json:"executant" doc:"Qui fait l'acte : les actes d'un même exécutant le même jour s'ajoutent."`
	Exo          ExoTM           `json:"exo" doc:"Justification d'exonération ; 0 par défaut."`
	Nature       NatureAssurance `json:"nature" doc:"Nature d'assurance ; 10 par défaut."`
	Parcours     string          `json:"parcoursSoins" doc:"Code du parcours de soins."`
	HorsParcours bool            `json:"horsParcours" doc:"Hors du parcours de soins coordonnés."`
	Coefficient  Quantite        `json:"coefficient" doc:"Coefficient NGAP."`
	Quantite     Quantite        `json:"quantite" doc:"Nombre d'unités ; 1 par défaut. br et depense sont ceux de toute la ligne."`
	Radiologie   bool            `json:"radiologie" doc:"Acte de radiologie : jamais lourd."`
	CSS          bool            `json:"css" doc:"Complémentaire santé solidaire."`
	AME          bool            `json:"ame" doc:"Aide médicale de l'État, soins urgents, détenus."`
	Financement
}

// SortieActe is the "out" of an act.
type SortieActe struct {
	AMO         sante.Montant   `json:"amo" doc:"Part de l'assurance maladie."`
	TM          sante.Montant   `json:"tm" doc:"Ticket modérateur, nul quand la participation le remplace."`
	PAS         sante.Montant   `json:"pas" doc:"Participation pour acte lourd."`
	RegimeLocal *sante.Montant  `json:"regimeLocal,omitempty" doc:"Part du régime local d'Alsace-Moselle."`
	Etat        *sante.Montant  `json:"etat,omitempty" doc:"Part de l'État (AME et assimilés)."`
	AMC         *sante.Montant  `json:"amc,omitempty" doc:"Part des AMC, si une formule ou un contrat est donné."`
	AMCRangs    []sante.Montant `json:"amcRangs,omitempty" doc:"Part de chaque AMC, s'il y en a plusieurs."`
	Patient     *sante.Montant  `json:"patient,omitempty" doc:"Ce qui reste au patient, hors retenue."`
	Retenue     *sante.Montant  `json:"retenue,omitempty" doc:"Participation ou franchise retenue par la caisse, hors de ces parts ; si famille ou profession est donnée."`
}

func (e EntreeActe) acte(o OptionsLignes) (Acte, []Hypothese) {
	var hyp []Hypothese
	if e.Date.IsZero() {
		e.Date = o.Jour
		if e.Rate == nil || e.Heavy != nil && *e.Heavy {
			hyp = append(hyp, Hypothese{"date", o.Jour.String(), "date des soins absente : barème le plus récent"})
		}
	}
	a := Acte{
		Famille: e.Famille, CodeActe: e.CodeActe, Profession: e.Profession, Service: e.Service, Secteur: e.Secteur, Executant: e.Executant,
		Date: e.Date, Quantite: e.Quantite, Coefficient: e.Coefficient, Taux: e.Rate, ExoTM: e.Exo, Nature: e.Nature,
		Parcours: e.Parcours, HorsParcours: e.HorsParcours, Lourd: e.Heavy, Radiologie: e.Radiologie, CSS: e.CSS, AME: e.AME,
		Base: valeur(e.BR), Depense: valeur(e.Depense),
	}
	if a.HorsParcours && a.Parcours == "" {
		a.Parcours = "S"
	}
	if e.BR == nil {
		a.Base = a.Depense
	}
	if e.Depense == nil {
		a.Depense = a.Base
	}
	return a, hyp
}

func (m Moteur) ligneDunActe(e EntreeActe, o OptionsLignes) (reponseCalcul, error) {
	if e.BR == nil && e.Depense == nil && e.Famille != FamilleFPU {
		return reponseCalcul{}, rejeter(CodeForme, "« br » ou « depense » attendu")
	}
	a, hyp := e.acte(o)
	p, err := m.Acte(a)
	if err != nil {
		return reponseCalcul{}, err
	}
	out := SortieActe{AMO: p.AMO, TM: p.TM, PAS: p.PAS}
	if p.PAS > 0 {
		out.TM = 0
	}
	switch p.Payeur {
	case PayeurRegimeLocal:
		out.RegimeLocal = &p.AutrePayeur
	case PayeurEtat:
		out.Etat = &p.AutrePayeur
	}
	if e.Famille != "" || e.Profession != "" {
		out.Retenue = &p.Retenue
	}
	rep := reponseCalcul{etapes: p.Etapes, hypotheses: append(hyp, p.Hypotheses...)}
	contrats, err := e.contrats(e.CSS, true)
	if err == nil && len(contrats) > 0 {
		err = m.financerActe(contrats, a, p, e.Compteurs, &out, &rep)
	}
	rep.out = out
	return rep, err
}

// financerActe computes the AMC on the act as one line: the participation of a
// heavy act is in its TM, so that the formula sees br − amo. ref: ROC §12, V04
func (m Moteur) financerActe(contrats []Contrat, a Acte, p PrixActe, k []Compteurs, out *SortieActe, rep *reponseCalcul) error {
	a, err := a.completer()
	if err != nil {
		return err
	}
	l := ligneActe(a, p)
	if a.Famille == FamilleFPU {
		l = ligneForfait(FamilleFPU, "FPU", a.Date, a.Date, p.Depense)
		l.AutrePayeur = p.AutrePayeur
	}
	f := Facture{Type: FactureDACE, PeriodeDebut: a.Date, PeriodeFin: a.Date, Nature: a.Nature, ExoTM: a.ExoTM, ParcoursSoins: a.Parcours, Lignes: []Ligne{l}}
	t, err := m.parts(contrats, f.numeroter(), k, rep)
	out.AMC, out.Patient = &t.amc, &t.patient
	if len(contrats) > 1 {
		out.AMCRangs = t.rangs
	}
	return err
}

// EntreeACE is the "in" of an outpatient visit of several acts.
type EntreeACE struct {
	Actes        []EntreeActe    `json:"actes" doc:"Actes de la visite ; leurs exo, nature et parcours sont ceux de la visite."`
	Exo          ExoTM           `json:"exo" doc:"Justification d'exonération ; 0 par défaut."`
	Nature       NatureAssurance `json:"nature" doc:"Nature d'assurance ; 10 par défaut."`
	Parcours     string          `json:"parcoursSoins" doc:"Code du parcours de soins."`
	HorsParcours bool            `json:"horsParcours" doc:"Hors du parcours de soins coordonnés."`
	Urgences     bool            `json:"urgences" doc:"Passage aux urgences sans hospitalisation : le FPU remplace le ticket modérateur."`
	SituationFPU Situation       `json:"situationFPU" doc:"ORDINAIRE, ALD, MATERNITE, NOUVEAU_NE, CSS, AT_MP, INVALIDITE ; d'après exo, nature et css si absente."`
	CSS          bool            `json:"css" doc:"Complémentaire santé solidaire."`
	AME          bool            `json:"ame" doc:"Aide médicale de l'État, soins urgents, détenus."`
	Financement
}

// SortieACE is the "out" of an outpatient visit.
type SortieACE struct {
	Depense     sante.Montant   `json:"depense" doc:"Dépense totale."`
	AMO         sante.Montant   `json:"amo" doc:"Part de l'assurance maladie."`
	PAS         sante.Montant   `json:"pas" doc:"Participations pour actes lourds."`
	FPU         sante.Montant   `json:"fpu" doc:"Forfait patient urgences."`
	AutrePayeur *sante.Montant  `json:"autrePayeur,omitempty" doc:"Part du régime local ou de l'État."`
	AMC         *sante.Montant  `json:"amc,omitempty" doc:"Part des AMC, si une formule ou un contrat est donné."`
	AMCRangs    []sante.Montant `json:"amcRangs,omitempty" doc:"Part de chaque AMC, s'il y en a plusieurs."`
	Patient     *sante.Montant  `json:"patient,omitempty" doc:"Ce qui reste au patient."`
}

func (m Moteur) ligneACE(e EntreeACE, o OptionsLignes) (reponseCalcul, error) {
	d := DossierACE{ExoTM: e.Exo, Nature: e.Nature, Parcours: e.Parcours, HorsParcours: e.HorsParcours, CSS: e.CSS, AME: e.AME, Urgences: e.Urgences, SituationFPU: e.SituationFPU}
	var rep reponseCalcul
	for i, x := range e.Actes {
		if x.BR == nil && x.Depense == nil {
			return rep, rejeter(CodeForme, "« actes[%d] » : br ou depense attendu", i)
		}
		if len(x.Contrats) > 0 || x.Formula != "" || x.Exo != "" || x.Nature != "" || x.Parcours != "" || x.HorsParcours {
			return rep, rejeter(CodeForme, "« actes[%d] » : exo, nature, parcours, formule et contrats se disent pour la visite", i)
		}
		a, hyp := x.acte(o)
		d.Actes, rep.hypotheses = append(d.Actes, a), append(rep.hypotheses, hyp...)
	}
	f, etapes, err := m.FactureACE(d)
	if err != nil {
		return rep, err
	}
	rep.etapes = etapes
	out := SortieACE{Depense: f.Totaux.Depense, AMO: f.Totaux.AMO}
	var autre sante.Montant
	for _, l := range f.Lignes {
		autre += l.AutrePayeur
		switch l.Famille {
		case FamillePAS:
			out.PAS += l.MontantDepense
		case FamilleFPU:
			out.FPU += l.MontantDepense
		}
	}
	if autre > 0 {
		out.AutrePayeur = &autre
	}
	contrats, err := e.contrats(e.CSS, true)
	if err == nil && len(contrats) > 0 {
		var t partsAMC
		t, err = m.parts(contrats, f, e.Compteurs, &rep)
		out.AMC, out.Patient = &t.amc, &t.patient
		if len(contrats) > 1 {
			out.AMCRangs = t.rangs
		}
	}
	rep.out = out
	return rep, err
}

// EntreeFacture is the "in" of a whole invoice.
type EntreeFacture struct {
	Facture    Facture     `json:"facture" doc:"Question de calcul : en-tête et lignes."`
	Contrats   []Contrat   `json:"contrats" doc:"Contrats des AMC par rang."`
	Compteurs  []Compteurs `json:"compteurs" doc:"Compteurs déjà consommés, un jeu par contrat."`
	Simulation bool        `json:"simulation" doc:"Supposer ce qui manque au lieu de refuser ; une seule AMC."`
}

// SortieFacture is the "out" of an invoice.
type SortieFacture struct {
	Totaux Totaux     `json:"totaux" doc:"Totaux des lignes."`
	Rangs  []Resultat `json:"rangs" doc:"Résultat de chaque AMC."`
}

func (m Moteur) ligneFacture(e EntreeFacture) (rep reponseCalcul, err error) {
	if len(e.Contrats) == 0 {
		return rep, rejeter(CodeForme, "« contrats » : au moins un attendu")
	}
	f := e.Facture
	if e.Simulation {
		f, rep.hypotheses = m.Completer(f)
	}
	t, err := m.parts(e.Contrats, f, e.Compteurs, &rep)
	rep.out = SortieFacture{Totaux: Totaliser(f.Lignes), Rangs: t.resultats}
	return rep, err
}
