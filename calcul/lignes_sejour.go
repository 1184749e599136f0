package calcul

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
)

// Financement is how the tool is told of the complementary insurers: one formula,
// or whole contracts by rank.
type Financement struct {
	Formula     NumeroFormule  `json:"formula" doc:"Formule de l'AMC, F00 à F12 ; sans formule ni contrat, la part AMC n'est pas calculée."`
	P           sante.Taux     `json:"p" doc:"Pourcentage de la formule."`
	M           sante.Montant  `json:"m" doc:"Montant de la formule, par unité ou par acte."`
	N           int            `json:"n" doc:"Nombre maximal d'unités de la formule."`
	Fenetre     Fenetre        `json:"fenetre" doc:"Période de n : SEJOUR (par défaut) ou ANNEE."`
	Reseau      string         `json:"reseau" doc:"Réseau de soins (F11)."`
	Tarifs      []TarifConvenu `json:"tarifs" doc:"Prix convenus (F11)."`
	Op          Operation      `json:"op" doc:"MAX ou MIN (F12)."`
	F           *regleLue      `json:"f" doc:"Première règle (F12) : un objet, ou un numéro qui prend p, m et n d'ici."`
	G           *regleLue      `json:"g" doc:"Seconde règle (F12) : un objet, ou un numéro qui prend p, m et n d'ici."`
	Responsable *bool          `json:"responsable" doc:"Contrat responsable ; true par défaut. Il couvre FJ, PAS et FPU en entier."`
	Contrats    []Contrat      `json:"contrats" doc:"Contrats des AMC par rang, à la place d'une formule."`
	Compteurs   []Compteurs    `json:"compteurs" doc:"Compteurs déjà consommés, un jeu par contrat."`
}

// regleLue is a rule of F12, by its number alone or whole.
type regleLue struct {
	Regle
	seule bool
}

// UnmarshalJSON reads "F07" or an object.
func (r *regleLue) UnmarshalJSON(b []byte) error {
	if r.seule = len(b) > 0 && b[0] == '"'; r.seule {
		return json.Unmarshal(b, &r.Numero)
	}
	return lireStrict(b, &r.Regle)
}

// regle is a rule of F12 with the parameters of the line when it has none.
func (f Financement) regle(r *regleLue) *Regle {
	if r == nil {
		return nil
	}
	if r.seule {
		g := f.parametres()
		g.Numero = r.Numero
		return &g
	}
	return &r.Regle
}

func (f Financement) parametres() Regle {
	r := Regle{Numero: f.Formula, P: f.P, M: f.M, N: f.N, Fenetre: f.Fenetre, Reseau: f.Reseau, Tarifs: f.Tarifs}
	if r.Fenetre == "" && r.N > 0 {
		r.Fenetre = ParSejour
	}
	return r
}

// contrats makes the contracts by rank, none when nothing was said.
// A stay says its comfort by itself (cp), an act by its formula (confort).
func (f Financement) contrats(css, confort bool, cp ...Garantie) ([]Contrat, error) {
	switch {
	case f.Formula != "" && len(f.Contrats) > 0:
		return nil, rejeter(CodeForme, "« formula » ou « contrats », pas les deux")
	case len(f.Contrats) > 0:
		return f.Contrats, nil
	case f.Formula == "" && (f.P != 0 || f.M != 0 || f.N != 0):
		return nil, rejeter(CodeForme, "« p », « m » et « n » demandent « formula »")
	case f.Formula == "" && css:
		return []Contrat{CSS()}, nil
	case f.Formula == "" && len(cp) == 0:
		return nil, nil
	case f.Formula == "":
		f.Formula = F01
	}
	formule := Formule{Regle: f.parametres(), Op: f.Op, F: f.regle(f.F), G: f.regle(f.G)}
	if err := formule.Verifier(); err != nil {
		return nil, rejeter(CodeForme, "%s", err.Error())
	}
	c := Contrat{Responsable: (f.Responsable == nil || *f.Responsable) && f.Formula != F00, Garanties: cp}
	familles := garantiesTM()
	if confort {
		for _, x := range []Famille{FamilleCP, FamilleACC, FamilleDIV} {
			familles = append(familles, Garantie{Code: string(x), Famille: x})
		}
	}
	for _, g := range familles {
		if !(c.Responsable && g.Famille.forfait()) {
			g.Formule = formule
		}
		c.Garanties = append(c.Garanties, g)
	}
	return []Contrat{c}, nil
}

// EntreeSejour is the "in" of a stay.
type EntreeSejour struct {
	Nights          *int                `json:"nights" doc:"Nombre de nuits ; d'après entry et exitDate s'il est absent."`
	Entry           sante.Jour          `json:"entry" doc:"Jour d'entrée."`
	ExitDate        sante.Jour          `json:"exitDate" doc:"Jour de sortie."`
	Date            sante.Jour          `json:"date" doc:"Jour d'entrée, autre nom de entry."`
	Exit            ModeSortie          `json:"exit" doc:"Mode de sortie : 0 transfert pour un acte, 6 mutation, 7 transfert, 8 domicile (par défaut), 9 décès."`
	Discipline      Discipline          `json:"discipline" doc:"MCO (par défaut), ODO, SMR, PSY, HAD."`
	Categorie       Categorie           `json:"categorie" doc:"EPS (par défaut), PNL, HIA, OQN (clinique : ticket modérateur sur ghs)."`
	Hospitalisation TypeHospitalisation `json:"typeHospitalisation" doc:"1 complète (par défaut), 2 jour, 3 nuit, 4 séances."`
	PriorDays       int                 `json:"priorDays" doc:"Jours des séjours contigus précédents, pour la limite de trente jours."`
	Days            int                 `json:"days" doc:"Jours facturés, en HAD ou en hospitalisation partielle ; les nuits par défaut."`
	TNJP            *sante.Montant      `json:"tnjp" doc:"Base journalière du ticket modérateur ; la grille illustrative si absente."`
	TMRate          *sante.Taux         `json:"tmRate" doc:"Taux du ticket modérateur ; 20 par défaut, 10 avec exo 9, 0 si exonéré."`
	Coefficient     *sante.Taux         `json:"coefficient" doc:"Coefficient de transition, en pour cent de la grille."`
	GHS             *sante.Montant      `json:"ghs" doc:"Tarif du séjour (GHS, GME, GHT) ; sans lui la part AMO n'est pas calculée."`
	Exo             ExoTM               `json:"exo" doc:"Justification d'exonération (exoTM) ; absente : refus P412."`
	Nature          NatureAssurance     `json:"nature" doc:"Nature d'assurance ; absente : refus P412."`
	PecFJ           PecFJ               `json:"pecFJ" doc:"Forfait journalier : A assuré, R exempté, L régime local, X inconnu ; selon nature si absent."`
	Heavy           bool                `json:"heavy" doc:"Acte lourd : la participation forfaitaire remplace le ticket modérateur."`
	HeavyDate       sante.Jour          `json:"heavyDate" doc:"Jour de l'acte lourd ; l'entrée par défaut."`
	CSS             bool                `json:"css" doc:"Complémentaire santé solidaire : elle paie la participation."`
	AME             bool                `json:"ame" doc:"Aide médicale de l'État, soins urgents, détenus : rien pour le patient."`
	CP              *sante.Montant      `json:"cp" doc:"Chambre particulière, prix par jour."`
	CPDays          *int                `json:"cpDays" doc:"Jours de chambre particulière ; les nuits par défaut."`
	CPAMC           sante.Montant       `json:"cpAMC" doc:"Ce que l'AMC paie par jour de chambre particulière."`
	CPAMCDays       int                 `json:"cpAMCDays" doc:"Nombre maximal de jours payés par l'AMC."`
	Honoraires      []EntreeHonoraire   `json:"honoraires" doc:"Honoraires facturés à côté du séjour, en clinique."`
	ExitDayCompared *bool               `json:"exitDayInComparison" doc:"Comparer le ticket modérateur au forfait journalier, jour de sortie compris ; selon le barème (false) si absent."`
	PASDeduite      *bool               `json:"pasDeducted" doc:"Déduire la participation de la part AMO du séjour ; selon le barème (true) si absent."`
	Financement
}

// EntreeHonoraire is a fee billed beside a stay in a private clinic. ref: DEC 27
type EntreeHonoraire struct {
	BR       sante.Montant `json:"br" doc:"Base de remboursement."`
	Depense  sante.Montant `json:"depense" doc:"Honoraires facturés ; br s'ils sont absents."`
	Date     sante.Jour    `json:"date" doc:"Jour de l'acte ; l'entrée par défaut."`
	CodeActe string        `json:"codeActe" doc:"Code de l'acte."`
	Secteur  Secteur       `json:"secteur" doc:"1, 2O (OPTAM), 2, NC."`
}

// SortieSejour is the "out" of a stay.
type SortieSejour struct {
	TM            sante.Montant   `json:"tm" doc:"Ticket modérateur calculé, même quand le forfait journalier le remplace."`
	FJBilled      sante.Montant   `json:"fjBilled" doc:"Forfait journalier facturé en plus, ou à la place, du ticket modérateur."`
	PAS           sante.Montant   `json:"pas" doc:"Participation pour acte lourd."`
	Participation sante.Montant   `json:"participation" doc:"Ce que doit le côté patient, complémentaire comprise, hors confort."`
	AMO           *sante.Montant  `json:"amo,omitempty" doc:"Part de l'assurance maladie, si ghs est donné."`
	AMOHonoraires *sante.Montant  `json:"amoHonoraires,omitempty" doc:"Part de l'assurance maladie sur les honoraires."`
	RegimeLocal   *sante.Montant  `json:"regimeLocal,omitempty" doc:"Part du régime local d'Alsace-Moselle."`
	Etat          *sante.Montant  `json:"etat,omitempty" doc:"Part de l'État (AME et assimilés)."`
	AMC           *sante.Montant  `json:"amc,omitempty" doc:"Part des AMC, si une formule ou un contrat est donné."`
	AMCRangs      []sante.Montant `json:"amcRangs,omitempty" doc:"Part de chaque AMC, s'il y en a plusieurs."`
	Patient       *sante.Montant  `json:"patient,omitempty" doc:"Ce qui reste au patient, confort compris."`
}

// sejour makes the stay of an input; a missing date is supposed.
func (e EntreeSejour) sejour(o OptionsLignes) (Sejour, []Hypothese, error) {
	if !e.Date.IsZero() && !e.Entry.IsZero() && e.Date != e.Entry {
		return Sejour{}, nil, rejeter(CodeDates, "date et entry sont le même jour, ou l'un des deux est absent")
	}
	if e.Entry.IsZero() {
		e.Entry = e.Date
	}
	if e.Nights != nil && (*e.Nights < 0 || *e.Nights > nuitsMax) {
		return Sejour{}, nil, rejeter(CodeDates, "nombre de nuits négatif ou démesuré")
	}
	if e.Nights == nil && e.Discipline == HAD && e.Days > 0 && e.ExitDate.IsZero() {
		e.Nights = &e.Days
	}
	hyp := e.situer(o)
	if e.Nights == nil && e.ExitDate.IsZero() {
		return Sejour{}, nil, rejeter(CodeDates, "nights ou exitDate attendu")
	}
	if e.ExitDate.IsZero() {
		e.ExitDate = e.Entry + sante.Jour(*e.Nights)
	}
	if e.Nights != nil && e.ExitDate >= e.Entry && int(e.ExitDate-e.Entry) != *e.Nights {
		return Sejour{}, nil, rejeter(CodeNuits, "%d nuits annoncées, %d d'après les dates", *e.Nights, e.ExitDate-e.Entry)
	}
	return Sejour{
		Entree: e.Entry, Sortie: e.ExitDate, ModeSortie: e.Exit, Discipline: e.Discipline, Categorie: e.Categorie,
		Hospitalisation: e.Hospitalisation, JoursAnterieurs: e.PriorDays, JoursFactures: e.Days, Tarif: e.GHS, TNJP: e.TNJP,
		TauxTM: e.TMRate, Coefficient: e.Coefficient, ExoTM: e.Exo, Nature: e.Nature, PecFJ: e.PecFJ,
		ActeLourd: e.Heavy, DateActeLourd: e.HeavyDate, CSS: e.CSS, AME: e.AME,
		ExitDayCompared: e.ExitDayCompared, PASDeduite: e.PASDeduite,
	}, hyp, nil
}

// situer finds the entry from the exit, or supposes it.
func (e *EntreeSejour) situer(o OptionsLignes) []Hypothese {
	switch {
	case !e.Entry.IsZero():
	case !e.ExitDate.IsZero() && e.Nights != nil:
		e.Entry = e.ExitDate - sante.Jour(*e.Nights)
	case e.ExitDate.IsZero():
		e.Entry = o.Jour
		return []Hypothese{{"date", o.Jour.String(), "date d'entrée absente : barème le plus récent"}}
	}
	return nil
}

func (m Moteur) ligneSejour(e EntreeSejour, o OptionsLignes) (reponseCalcul, error) {
	s, hyp, err := e.sejour(o)
	if err != nil {
		return reponseCalcul{}, err
	}
	d := DossierSejour{Sejour: s, Confort: e.confort(s), Honoraires: e.honoraires(s)}
	f, p, err := m.factureSejour(d)
	if err != nil {
		return reponseCalcul{}, err
	}
	out := SortieSejour{TM: p.TM, FJBilled: p.FJFacture, PAS: p.PAS, Participation: p.Participation}
	if p.AMOConnue {
		out.AMO = &p.AMO
	}
	if len(e.Honoraires) > 0 {
		honoraires := f.Totaux.AMO - p.AMO
		out.AMOHonoraires = &honoraires
	}
	switch p.Payeur {
	case PayeurRegimeLocal:
		out.RegimeLocal, out.FJBilled = &p.AutrePayeur, 0
	case PayeurEtat:
		out.Etat = &p.AutrePayeur
	}
	rep := reponseCalcul{etapes: p.Etapes, hypotheses: append(hyp, p.Hypotheses...)}
	contrats, err := e.contrats(e.CSS, false, e.garantieCP()...)
	if err == nil && len(contrats) > 0 {
		err = m.financer(contrats, f, e.Compteurs, &out, &rep)
	}
	rep.out = out
	return rep, err
}

// financer fills the shares of the AMC and of the patient.
func (m Moteur) financer(contrats []Contrat, f Facture, k []Compteurs, out *SortieSejour, rep *reponseCalcul) error {
	t, err := m.parts(contrats, f, k, rep)
	out.AMC, out.Patient = &t.amc, &t.patient
	if len(contrats) > 1 {
		out.AMCRangs = t.rangs
	}
	return err
}

// partsAMC are the totals of the insurers of an invoice.
type partsAMC struct {
	amc, patient sante.Montant
	rangs        []sante.Montant
	resultats    []Resultat
}

func (m Moteur) parts(contrats []Contrat, f Facture, k []Compteurs, rep *reponseCalcul) (t partsAMC, err error) {
	t.resultats, err = m.CalculerRangs(contrats, f, k)
	if err != nil {
		return t, err
	}
	for _, r := range t.resultats {
		t.amc += r.TotalAMC
		t.patient = r.TotalPatient
		t.rangs = append(t.rangs, r.TotalAMC)
		for _, l := range r.Lignes {
			rep.etapes = append(rep.etapes, l.Etape)
		}
	}
	return t, nil
}

func (e EntreeSejour) confort(s Sejour) []Confort {
	if e.CP == nil {
		return nil
	}
	n := int(s.Sortie - s.Entree)
	if e.CPDays != nil {
		n = *e.CPDays
	}
	return []Confort{{Famille: FamilleCP, Debut: s.Entree, Fin: s.Sortie, Quantite: Unites(max(n, 1)), Prix: *e.CP}}
}

func (e EntreeSejour) honoraires(s Sejour) (actes []Acte) {
	for _, h := range e.Honoraires {
		a := Acte{Famille: FamilleACTE, CodeActe: h.CodeActe, Date: h.Date, Base: h.BR, Depense: h.Depense, Secteur: h.Secteur}
		if a.Date.IsZero() {
			a.Date = s.Entree
		}
		if a.Depense == 0 {
			a.Depense = a.Base
		}
		actes = append(actes, a)
	}
	return actes
}

func (e EntreeSejour) garantieCP() []Garantie {
	switch {
	case e.CPAMC <= 0:
		return nil
	case e.CPAMCDays > 0:
		return []Garantie{{Code: "CP", Famille: FamilleCP, Formule: Simple(Regle{Numero: F08, M: e.CPAMC, N: e.CPAMCDays, Fenetre: ParSejour})}}
	}
	return []Garantie{{Code: "CP", Famille: FamilleCP, Formule: Simple(Regle{Numero: F07, M: e.CPAMC})}}
}

func tries(m map[string]json.RawMessage) []string { return slices.Sorted(maps.Keys(m)) }

func ouNull(b json.RawMessage) json.RawMessage {
	if b == nil {
		return json.RawMessage("null")
	}
	return b
}

// memeJSON compares two values apart from their spaces.
func memeJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, ouNull(b)) != nil {
		return false
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}
