package calcul

import (
	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// DossierACE is what the hospital knows of an outpatient visit to be billed.
type DossierACE struct {
	ExoTM        ExoTM
	Nature       NatureAssurance
	Parcours     string
	HorsParcours bool // with no code: S is written
	CSS, AME     bool
	Urgences     bool      // emergency passage without admission: FPU instead of TM
	SituationFPU Situation // from the codes when not said
	Actes        []Acte    // their exoTM, nature and path are those of the visit
}

// consultation groups the acts that add up to the threshold: one person, one day.
type consultation struct {
	executant string
	jour      sante.Jour
}

// FactureACE writes the question of calculation of an outpatient visit. Acts of
// one practitioner in one consultation add up to the threshold of the PAS, which
// is due once and taken from the dearest. ref: ROC §§13.1, 13.6, 13.7, V05
func (m Moteur) FactureACE(d DossierACE) (Facture, []Etape, error) {
	d.ExoTM, d.Nature = ouDefaut(d.ExoTM, ExoAucune), ouDefaut(d.Nature, NatureMaladie)
	if d.HorsParcours && d.Parcours == "" {
		d.Parcours = "S"
	}
	if len(d.Actes) == 0 || len(d.Actes) > lignesMax {
		return Facture{}, nil, rejeter(CodeForme, "1 à %d actes attendus", lignesMax)
	}
	actes := make([]Acte, len(d.Actes))
	for i, a := range d.Actes {
		a.ExoTM, a.Nature, a.Parcours, a.CSS, a.AME = d.ExoTM, d.Nature, d.Parcours, d.CSS, d.AME
		var err error
		if actes[i], err = a.completer(); err != nil {
			return Facture{}, nil, surLigne(i+1, err)
		}
	}
	f := Facture{Type: FactureDACE, Nature: d.Nature, ExoTM: d.ExoTM, ParcoursSoins: d.Parcours, PeriodeDebut: actes[0].Date, PeriodeFin: actes[0].Date}
	for _, a := range actes {
		f.PeriodeDebut, f.PeriodeFin = min(f.PeriodeDebut, a.Date), max(f.PeriodeFin, a.Date)
	}
	lignes, etapes, err := m.lignesACE(d, actes)
	if d.Urgences {
		f.Type = FactureDUrgences
	}
	f.Lignes = lignes
	return f.numeroter(), etapes, err
}

// lignesACE prices each act. In an emergency passage the AMO pays the acts whole
// and the FPU comes beside them. hyp: FPU-EN-PLUS
func (m Moteur) lignesACE(d DossierACE, actes []Acte) (lignes []Ligne, etapes []Etape, err error) {
	porteurs, lourdes, err := m.consultationsLourdes(d, actes)
	if err != nil {
		return nil, nil, err
	}
	for i, a := range actes {
		groupe := consultation{a.Executant, a.Date}
		if d.Urgences || lourdes[groupe] && cumulable(a) {
			cent := sante.Pourcent(100)
			a.Taux = &cent
		}
		p, err := m.prixActe(a, false)
		if err != nil {
			return nil, nil, surLigne(i+1, err)
		}
		etapes = append(etapes, p.Etapes...)
		l := ligneActe(a, p)
		if porteur, ok := porteurs[groupe]; ok && porteur == i {
			pas, etape, err := m.participation(a, p)
			if err != nil {
				return nil, nil, surLigne(i+1, err)
			}
			l.MontantAMO -= pas.MontantDepense
			l.MontantDepense -= pas.MontantDepense
			lignes, etapes = append(lignes, l, pas), append(etapes, etape)
			continue
		}
		lignes = append(lignes, l)
	}
	if d.Urgences {
		l, etape, err := m.ligneFPU(d, actes)
		if err != nil {
			return nil, nil, err
		}
		if l.MontantDepense > 0 {
			lignes = append(lignes, l)
		}
		etapes = append(etapes, etape)
	}
	return lignes, etapes, nil
}

// cumulable tells whether an act counts towards the threshold: radiology and
// biology never do. ref: ROC §13.6
func cumulable(a Acte) bool { return a.Famille == FamilleACTE && !a.Radiologie }

// consultationsLourdes finds the consultations that reach the threshold, and the
// act of each that bears the participation: the one of the highest base.
func (m Moteur) consultationsLourdes(d DossierACE, actes []Acte) (porteurs map[consultation]int, lourdes map[consultation]bool, err error) {
	porteurs, lourdes = map[consultation]int{}, map[consultation]bool{}
	if d.Urgences {
		return porteurs, lourdes, nil
	}
	bases, coefs, force := map[consultation]sante.Montant{}, map[consultation]Quantite{}, map[consultation]bool{}
	dernier := map[consultation]int{}
	for i, a := range actes {
		if !cumulable(a) {
			continue
		}
		g := consultation{a.Executant, a.Date}
		bases[g] += a.Base
		coefs[g] += a.Coefficient
		force[g] = force[g] || a.Lourd != nil && *a.Lourd
		if j, ok := dernier[g]; !ok || a.Base > actes[j].Base {
			dernier[g] = i
		}
	}
	for g, i := range dernier {
		atteint, err := m.seuilAtteint(bases[g], coefs[g], g.jour)
		if err != nil {
			return nil, nil, surLigne(i+1, err)
		}
		if lourd(atteint || force[g], d.ExoTM, d.Nature) {
			porteurs[g], lourdes[g] = i, true
		}
	}
	return porteurs, lourdes, nil
}

// participation is the line of the PAS of a consultation.
func (m Moteur) participation(a Acte, p PrixActe) (Ligne, Etape, error) {
	v, err := m.Tables.At(bareme.PASMontant, a.Date)
	if err != nil {
		return Ligne{}, Etape{}, enRejet(err)
	}
	l := ligneForfait(FamillePAS, "PAS", a.Date, a.Date, min(v.Montant(), p.AMO))
	l.Executant = a.Executant
	if a.AME || a.Nature == NatureLocal { // hyp: LOCAL-AMBULATOIRE
		l.AutrePayeur = l.MontantDepense
	}
	source, prudence := sources("ROC §13.6", v)
	return l, Etape{
		Objet: "Participation pour acte lourd", Montant: l.MontantDepense, Source: source, Prudence: prudence,
		Regle:  "une participation par consultation, les actes d'un même praticien s'ajoutant",
		Phrase: "Un acte important a été réalisé : une participation unique de " + l.MontantDepense.Euros() + " remplace le ticket modérateur.",
	}, nil
}

func (m Moteur) ligneFPU(d DossierACE, actes []Acte) (Ligne, Etape, error) {
	s := d.SituationFPU
	if s == "" {
		s = situation(d.ExoTM, d.Nature, d.CSS)
	}
	jour := actes[0].Date
	montant, etape, err := m.FPU(s, jour)
	l := ligneForfait(FamilleFPU, "FPU", jour, jour, montant)
	if d.AME {
		l.AutrePayeur = montant
	}
	return l, etape, err
}
