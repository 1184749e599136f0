package calcul

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// Acte is what the price of an outpatient line depends on.
type Acte struct {
	Famille        Famille    // CONS when not said
	CodePrestation string     // the family when not said
	CodeActe       string     // CCAM, LPP, UCD
	Profession     Profession // doctor when not said
	Service        Service    // class of a medicine; Majeur when not said
	Executant      string     // who does it: acts of one person in one consultation add up
	Secteur        Secteur
	Date           sante.Jour
	Quantite       Quantite      // one when zero
	Coefficient    Quantite      // NGAP
	Base           sante.Montant // base of reimbursement of the whole line
	Depense        sante.Montant // what is charged for the whole line
	Taux           *sante.Taux   // rate of the AMO; nil: derived
	ExoTM          ExoTM         // no exemption when not said
	Nature         NatureAssurance
	Parcours       string // code of the care path
	HorsParcours   bool   // outside the path, whatever the code
	Lourd          *bool  // heavy act; nil: by tariff or coefficient, for an ACTE whose rate is derived
	Radiologie     bool   // radiology is never heavy
	CSS, AME       bool
}

// PrixActe is the price of an outpatient line for each party, before any AMC.
type PrixActe struct {
	TauxAMO     sante.Taux
	Base        sante.Montant // no more than the expense
	Depense     sante.Montant
	AMO         sante.Montant
	TM          sante.Montant // zero when the PAS replaces it
	PAS         sante.Montant
	Surcharge   sante.Montant // part of the TM due to being outside the care path
	AutrePayeur sante.Montant
	Payeur      Payeur
	Retenue     sante.Montant // withheld by the caisse, outside these shares
	Etapes      []Etape
	Hypotheses  []Hypothese
}

// Reste is what is left to the AMC and the patient.
func (p PrixActe) Reste() sante.Montant { return p.Depense - p.AMO - p.AutrePayeur }

func (a Acte) completer() (Acte, error) {
	a.Famille, a.Profession = ouDefaut(a.Famille, FamilleCONS), ouDefaut(a.Profession, Medecin)
	a.ExoTM, a.Nature = ouDefaut(a.ExoTM, ExoAucune), ouDefaut(a.Nature, NatureMaladie)
	if a.Famille == FamilleMED {
		a.Service = ouDefaut(a.Service, Majeur)
	}
	if a.CodePrestation == "" {
		a.CodePrestation = codeParDefaut(a.Famille)
	}
	if a.Quantite == 0 {
		a.Quantite = Unites(1)
	}
	switch {
	case a.Famille == FamilleSEJ || a.Famille == FamilleFJ || a.Famille == FamillePAS:
		return a, rejeter(CodePrestation, "un séjour se calcule avec ses dates, pas comme un acte")
	case !connu(a.Famille) || !connu(a.Profession) || a.Service != "" && !connu(a.Service):
		return a, rejeter(CodePrestation, "famille, profession ou classe de médicament hors de sa liste")
	case a.Base < 0 || a.Depense < 0:
		return a, rejeter(CodeForme, "montant négatif")
	case a.Taux != nil && *a.Taux > sante.Pourcent(100):
		return a, rejeter(CodeTaux, "taux AMO au-dessus de 100 %%")
	}
	return a, nil
}

// detail is what the rate depends on inside the family.
func (a Acte) detail() string {
	switch {
	case a.Famille == FamilleMED:
		return string(a.Service)
	case a.Famille.medical():
		return string(a.Profession)
	}
	return ""
}

// Acte prices an outpatient line. Its errors are *Rejet. ref: ROC §§13.1, 13.2, 13.6
func (m Moteur) Acte(a Acte) (PrixActe, error) {
	a, err := a.completer()
	if err != nil {
		return PrixActe{}, err
	}
	if a.Famille == FamilleFPU {
		return m.passageUrgences(a)
	}
	heavy, err := m.acteLourd(a)
	if err != nil {
		return PrixActe{}, err
	}
	return m.prixActe(a, heavy)
}

// prixActe prices a line knowing whether the fixed participation falls on it.
func (m Moteur) prixActe(a Acte, heavy bool) (PrixActe, error) {
	p := PrixActe{Depense: a.Depense, Base: min(a.Base, a.Depense)} // hyp: BASE-DEPENSE
	if a.Famille.confort() || a.Famille == FamilleDIV {
		p.Base = 0 // ref: ROC §13.11
	}
	taux, valeurs, err := m.tauxActe(a, heavy)
	if err != nil {
		return PrixActe{}, err
	}
	p.TauxAMO, p.AMO = taux, p.Base.Part(taux)
	p.TM = p.Base - p.AMO // ref: ROC §13.2
	if p.Surcharge, err = m.surchargeActe(a, p); err != nil {
		return PrixActe{}, err
	}
	if heavy {
		v, err := m.Tables.At(bareme.PASMontant, a.Date)
		if err != nil {
			return PrixActe{}, enRejet(err)
		}
		valeurs = append(valeurs, v)
		p.PAS = min(v.Montant(), p.Base)
		p.AMO = p.Base - p.PAS
	}
	source, prudence := sources("ROC §13.1, §13.2", valeurs...)
	p.Etapes = append(p.Etapes, Etape{Objet: "Part de l'assurance maladie", Montant: p.AMO, Regle: regleActe(p), Source: source, Prudence: prudence, Phrase: phraseActe(p)})
	if err := m.payeurActe(a, heavy, &p); err != nil {
		return PrixActe{}, err
	}
	return m.retenir(a, p), nil
}

func regleActe(p PrixActe) string {
	if p.PAS > 0 {
		return fmt.Sprintf("100 %% de %s, moins la participation de %s", p.Base.Euros(), p.PAS.Euros())
	}
	return fmt.Sprintf("%s de %s", pourcent(p.TauxAMO), p.Base.Euros())
}

func phraseActe(p PrixActe) string {
	s := fmt.Sprintf("Sur %s, l'assurance maladie paie %s", p.Depense.Euros(), p.AMO.Euros())
	if p.PAS > 0 {
		s += fmt.Sprintf(" ; pour un acte important, une participation de %s remplace le ticket modérateur", p.PAS.Euros())
	} else if p.TM > 0 {
		s += fmt.Sprintf(" ; le ticket modérateur est de %s", p.TM.Euros())
	}
	if p.Depense > p.Base {
		s += fmt.Sprintf(" ; le dépassement est de %s", (p.Depense - p.Base).Euros())
	}
	return s + "."
}

// payeurActe gives to the local scheme or to the State what they pay. The local
// scheme completes the AMO up to its rate, in the path; it pays the PAS.
// ref: ROC §13.1, §13.9 // hyp: LOCAL-AMBULATOIRE
func (m Moteur) payeurActe(a Acte, heavy bool, p *PrixActe) error {
	switch {
	case a.AME:
		p.AutrePayeur, p.Payeur = p.Base-p.AMO, PayeurEtat
	case a.Nature == NatureLocal && heavy:
		p.AutrePayeur, p.Payeur = p.PAS, PayeurRegimeLocal
	case a.Nature == NatureLocal && p.TM > 0 && p.Surcharge == 0:
		v, err := m.Tables.At(bareme.LocalAmbulatoire, a.Date)
		if err != nil {
			return enRejet(err)
		}
		p.AutrePayeur, p.Payeur = max(0, p.Base.Part(v.Taux())-p.AMO), PayeurRegimeLocal
	}
	if p.AutrePayeur == 0 {
		p.Payeur = ""
		return nil
	}
	qui := map[Payeur]string{PayeurRegimeLocal: "Le régime local d'Alsace-Moselle", PayeurEtat: "L'aide médicale de l'État"}[p.Payeur]
	p.Etapes = append(p.Etapes, Etape{Objet: "Autre payeur", Montant: p.AutrePayeur, Regle: "substitution de payeur", Source: "ROC §13.1, §13.9", Phrase: fmt.Sprintf("%s paie %s.", qui, p.AutrePayeur.Euros())})
	if p.PAS == 0 {
		p.TM -= p.AutrePayeur
	}
	return nil
}

// retenir tells what the caisse withholds on its reimbursements: it is in no
// share and in no AMC. ref: ROC §13.10
func (m Moteur) retenir(a Acte, p PrixActe) PrixActe {
	cle := ""
	switch {
	case a.CSS || a.AME || a.Nature == NatureMaternite || a.ExoTM == ExoPrevention || a.Date.IsZero():
		return p
	case a.Profession == Auxiliaire:
		cle = bareme.Franchise + "AUXILIAIRE"
	case a.Famille == FamilleMED || a.Famille == FamilleTRSP:
		cle = bareme.Franchise + string(a.Famille)
	case a.Profession == Medecin && p.PAS == 0 && (a.Famille.medical() || a.Famille == FamilleBIO):
		cle = bareme.PF
	}
	v, err := m.Tables.At(cle, a.Date)
	if err != nil {
		return p // no withholding is tabled: it is only told, never paid here
	}
	p.Retenue = min(a.Quantite.de(v.Montant()), p.AMO)
	source, prudence := sources("ROC §13.10", v)
	p.Etapes = append(p.Etapes, Etape{Objet: "Retenue de la caisse", Montant: p.Retenue, Regle: "jamais remboursée par un contrat responsable", Source: source, Prudence: prudence, Phrase: fmt.Sprintf("La caisse retiendra %s sur ses remboursements ; ni l'hôpital ni la complémentaire ne le facturent.", p.Retenue.Euros())})
	return p
}

// codeParDefaut is the prestation code of a family whose line has none.
func codeParDefaut(f Famille) string {
	switch f {
	case FamilleSEJ:
		return "GHS"
	case FamilleCONS:
		return "CS"
	case FamilleTRSP:
		return "TRSP"
	}
	return string(f)
}
