package etablissement

import (
	"slices"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Passage is what the billing software submits to a calculation: the lines with
// the share of the compulsory insurance, or the facts from which they are
// computed here. ref: ROC §9.1
type Passage struct {
	TypeFacture     roc.TypeFacture `fil:"typeFacture" doc:"Nature du passage"`
	NumeroFactureES string          `fil:"numeroFactureES,opt,max=20" doc:"Numéro de facture de l'établissement"`
	TauxAMO         *sante.Taux     `fil:"tauxAMO,opt" doc:"Taux de l'assurance obligatoire ; déduit de la nature d'assurance et de l'exonération si rien n'est dit"`
	CodePecFJ       roc.CodePecFJ   `fil:"codePecFJ,opt" doc:"Prise en charge du forfait journalier"`
	ParcoursSoins   string          `fil:"parcoursSoins,opt,max=1" doc:"Parcours de soins : T, D, U, H, S"`
	Situation       *roc.Situation  `fil:"situation,opt" doc:"Situation du patient"`
	Sejour          *roc.Sejour     `fil:"sejour,opt" doc:"Données du séjour"`
	Lignes          []roc.Ligne     `fil:"lignes,opt,n=0..200" doc:"Lignes, avec les parts de l'assurance obligatoire"`
	Faits           *Faits          `fil:"faits,opt" doc:"Ce qui a été fait, quand les lignes sont à calculer"`
	Depense         *sante.Montant  `fil:"depense,opt" doc:"Dépense totale selon le logiciel de facturation, vérifiée"`
}

// demander builds the question of a calculation for a coverage; choisi gives what
// to quote of each lower rank.
func (s *Service) demander(v *Venue, cv *Couverture, p *Passage, choisi func(*Couverture) *Calcul) (*roc.DemandeCalcul, error) {
	d := &roc.DemandeCalcul{
		Entete: s.entete(v, cv), NumeroFactureES: p.NumeroFactureES, TypeFacture: p.TypeFacture, TauxAMO: p.TauxAMO,
		CodePecFJ: p.CodePecFJ, ParcoursSoins: p.ParcoursSoins, Situation: p.Situation, Sejour: p.Sejour, Lignes: p.Lignes,
	}
	if cv.Droits != nil {
		d.IDReponseIDB = cv.Droits.Reponse.IDReponseIDB
	}
	if p.Faits != nil {
		if len(p.Lignes) > 0 {
			return nil, refuser(ErrDonnees, roc.Illisible, "Donner les lignes ou les faits, pas les deux.")
		}
		if err := batir(s.Moteur, d, p.Faits); err != nil {
			return nil, err
		}
	}
	if (cv.Droits != nil || cv.Convention != nil) && !veutActes(s.formules(v, cv)) {
		d.Lignes = sansActes(d.Lignes)
	}
	if d.PeriodeFin.IsZero() {
		d.PeriodeFin = finDe(d)
	}
	if err := citer(v, d, choisi); err != nil {
		return nil, err
	}
	return d, additionner(d, p.Depense)
}

// entete is what every question says of the patient and of his coverage. The
// card carries the number of the insurer that answers, when another has
// replaced that of the card. hyp: CARTE-REMPLACEE
func (s *Service) entete(v *Venue, cv *Couverture) roc.Entete {
	d, a := &v.Dossier, &cv.Attestation
	amc := cv.AMC.Numero
	if amc.IsZero() {
		amc = a.NumeroAMC
	}
	site := s.Maison.Etablissement
	site.FinessGeo = d.FinessGeo
	return roc.Entete{
		Contexte: d.Contexte, DateReference: d.DateReference, PeriodeDebut: d.PeriodeDebut, PeriodeFin: d.PeriodeFin,
		Etablissement: site, Discipline: d.Discipline, DMT: d.DMT, MT: d.MT,
		Beneficiaire: roc.Beneficiaire{
			NumeroAdherent: a.NumeroAdherent, NIRAssure: d.Patient.NIRAssure, NIRBeneficiaire: d.Patient.NIRBeneficiaire,
			NomNaissance: sante.Plier(d.Patient.NomNaissance), NomUsage: sante.Plier(d.Patient.NomUsage), // ref: ROC §7.1
			Prenom: sante.Plier(d.Patient.Prenom), DateNaissance: d.Patient.DateNaissance,
			RangGemellaire: d.Patient.RangGemellaire, Qualite: d.Patient.Qualite,
		},
		Carte: roc.Carte{NumeroAMC: amc, TypeConvention: a.TypeConvention, CSR: a.CSR,
			ValiditeDebut: a.ValiditeDebut, ValiditeFin: a.ValiditeFin, ModeAcquisition: a.ModeAcquisition},
		RangAMC: cv.Rang, AMO: d.AMO, ConsentementInformation: d.Information,
	}
}

// finDe is the last day of what is calculated, when the visit did not say it.
func finDe(d *roc.DemandeCalcul) sante.Jour {
	if d.Sejour != nil {
		return d.Sejour.DateSortie
	}
	fin := d.PeriodeDebut
	for i := range d.Lignes {
		fin = max(fin, d.Lignes[i].DateFin)
	}
	return fin
}

// additionner writes the totals: they are the sums of the lines by construction,
// and the expense is what the billing software announced. ref: ROC §9.1
func additionner(d *roc.DemandeCalcul, annonce *sante.Montant) (err error) {
	if len(d.Lignes) == 0 {
		return nil
	}
	if d.Totaux, err = totaliser(d); err != nil {
		return err
	}
	if annonce != nil && *annonce != d.Totaux.Depense {
		return refuser(ErrDonnees, roc.TotalFaux, "La dépense annoncée n'est pas la somme des lignes.")
	}
	if d.TauxAMO == nil {
		d.TauxAMO = tauxDe(d)
	}
	return nil
}

// veutActes tells whether a contract needs the codes of the acts: only the tariff
// of a care network reads them. An insurer that says no formula may need them.
// ref: ROC §9.1 codeActe, data minimisation // hyp: CODE-ACTE
func veutActes(formules []roc.Formule) bool {
	return len(formules) == 0 || slices.ContainsFunc(formules, func(g roc.Formule) bool {
		return slices.ContainsFunc([]*calcul.Formule{&g.Formule, g.HorsOptam}, reseau)
	})
}

func reseau(f *calcul.Formule) bool {
	return f != nil && (f.Numero == calcul.F11 || f.F != nil && f.F.Numero == calcul.F11 || f.G != nil && f.G.Numero == calcul.F11)
}

func sansActes(lignes []roc.Ligne) []roc.Ligne {
	l := slices.Clone(lignes)
	for i := range l {
		l[i].CodeActe = ""
	}
	return l
}

// tauxDe is the rate of the compulsory insurance when the billing software does
// not say it: that of the stay, or of the first line that has a base.
func tauxDe(d *roc.DemandeCalcul) *sante.Taux {
	for i := range d.Lignes {
		if l := &d.Lignes[i]; l.BaseAMO != 0 && (!d.EstSejour() || l.Famille == calcul.FamilleSEJ) {
			t := l.TauxAMO
			return &t
		}
	}
	return nil
}

// citer quotes what the lower ranks pay; chosen gives the result to quote of a
// rank, nil when it pays nothing. ref: ROC §13.8
func citer(v *Venue, d *roc.DemandeCalcul, choisi func(*Couverture) *Calcul) error {
	d.RangsInferieurs = nil
	for _, cv := range v.Couvertures {
		if cv.Rang >= d.RangAMC {
			continue
		}
		r, err := citation(cv, d, choisi(cv))
		if err != nil {
			return err
		}
		d.RangsInferieurs = append(d.RangsInferieurs, r)
	}
	return nil
}

// citation quotes one rank, line by line: its lines must be those of the question.
func citation(cv *Couverture, d *roc.DemandeCalcul, k *Calcul) (roc.RangInferieur, error) {
	r := roc.RangInferieur{Rang: cv.Rang, NumeroAMC: cv.Attestation.NumeroAMC}
	if !cv.AMC.Numero.IsZero() {
		r.NumeroAMC = cv.AMC.Numero
	}
	parts := map[int]sante.Montant{}
	if k != nil {
		if !memesLignes(k.Demande.Lignes, d.Lignes) {
			return r, refuser(ErrDonnees, roc.RangIncoherent,
				"Les lignes ne sont pas celles sur lesquelles l'AMC de rang inférieur s'est prononcée.")
		}
		for _, l := range k.Reponse.Lignes {
			parts[l.Rang] = l.MontantAMC
		}
	}
	for i := range d.Lignes {
		r.Montants = append(r.Montants, roc.MontantDeLigne{Rang: d.Lignes[i].Rang, Montant: parts[d.Lignes[i].Rang]})
	}
	return r, nil
}

// memesLignes compares what all insurers of a visit must see alike.
func memesLignes(a, b []roc.Ligne) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Rang != b[i].Rang || a[i].CodePrestation != b[i].CodePrestation || a[i].DateDebut != b[i].DateDebut ||
			a[i].MontantDepense != b[i].MontantDepense || a[i].MontantAMO != b[i].MontantAMO {
			return false
		}
	}
	return true
}

// The bodies as they are written down before they are sent.
var (
	planIDB    = trame.Pour[roc.DemandeIDB](roc.Espace)
	planCalcul = trame.Pour[roc.DemandeCalcul](roc.Espace)
	planDEL    = trame.Pour[roc.DemandeDEL](roc.Espace)
	planLot    = trame.Pour[roc.DemandeDRE](roc.Espace)
)
