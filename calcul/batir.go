package calcul

import (
	"github.com/ecluse-sante/ecluse/sante"
)

// Confort is a comfort line asked by the patient. ref: ROC §13.11
type Confort struct {
	Famille    Famille // CP, ACC or DIV
	Code       string  // the family when not said
	Debut, Fin sante.Jour
	Quantite   Quantite // days; zero: from Debut to Fin, both included
	Prix       sante.Montant
}

// DossierSejour is what the hospital knows of a stay to be billed.
type DossierSejour struct {
	Sejour
	CodePrestation string // GHS when not said
	Intermediaire  bool   // a billing period that ends before the exit: its last day is the first of the next
	Confort        []Confort
	Honoraires     []Acte // fees beside the stay, in a private clinic. ref: DEC 27
}

// FactureSejour writes the question of calculation of a stay: one line for the
// stay, one for the PAS, one for each price of the daily charge, then comfort and
// fees. The expense is the AMO share + TM or PAS + FJ + comfort. ref: DEC 19
func (m Moteur) FactureSejour(d DossierSejour) (Facture, PrixSejour, error) {
	if d.Tarif == nil {
		return Facture{}, PrixSejour{}, rejeter(CodePrestation, "le tarif du séjour est nécessaire pour le facturer")
	}
	return m.factureSejour(d)
}

// factureSejour accepts a stay without tariff: its AMO share is then zero.
func (m Moteur) factureSejour(d DossierSejour) (Facture, PrixSejour, error) {
	if d.Intermediaire {
		d.ModeSortie = SortieMutation // no exit day. hyp: PERIODE-INTERMEDIAIRE
	}
	p, err := m.Sejour(d.Sejour)
	if err != nil {
		return Facture{}, PrixSejour{}, err
	}
	s, _, err := d.Sejour.completer()
	if err != nil {
		return Facture{}, PrixSejour{}, err
	}
	nuits, anterieurs := p.Nuits, s.JoursAnterieurs
	f := Facture{
		Type: FactureDeSejour, Categorie: s.Categorie, Discipline: s.Discipline, Hospitalisation: s.Hospitalisation,
		PeriodeDebut: s.Entree, PeriodeFin: s.Sortie, DateEntree: s.Entree, DateSortie: s.Sortie, ModeSortie: s.ModeSortie,
		NbNuitees: &nuits, JoursAnterieurs: &anterieurs, Nature: s.Nature, ExoTM: s.ExoTM, PecFJ: s.PecFJ, TauxAMO: &p.TauxAMO,
	}
	switch {
	case d.Intermediaire:
		f.Type, f.ModeSortie = FactureIntermediaire, ""
	case s.Discipline == HAD:
		f.Type = FactureDHAD
	}
	f.Lignes = append(lignesSejour(d, s, p), lignesConfort(d.Confort)...)
	for _, h := range d.Honoraires {
		l, err := m.honoraire(s, h)
		if err != nil {
			return Facture{}, PrixSejour{}, err
		}
		f.Lignes = append(f.Lignes, l)
	}
	return f.numeroter(), p, nil
}

// numeroter gives the lines their ranks and the invoice its totals.
func (f Facture) numeroter() Facture {
	for i := range f.Lignes {
		f.Lignes[i].Rang = i + 1
	}
	t := Totaliser(f.Lignes)
	f.Totaux = &t
	return f
}

func lignesSejour(d DossierSejour, s Sejour, p PrixSejour) []Ligne {
	tm, base, tarif := p.TMFacture, p.BaseTM, valeur(s.Tarif)
	sejour := Ligne{
		Famille: FamilleSEJ, CodePrestation: ouSinon(d.CodePrestation, codeSejour(s)), DateDebut: s.Entree, DateFin: s.Sortie,
		Quantite: Unites(1), PrixUnitaire: tarif, MontantDepense: p.AMO + tm, BaseAMO: tarif, TauxAMO: p.TauxAMO, MontantAMO: p.AMO,
		BaseTM: &base, MontantTM: &tm,
	}
	lignes := []Ligne{sejour}
	if p.Lourd { // even at zero, it tells why the AMO pays the whole
		lignes = append(lignes, ligneForfait(FamillePAS, "PAS", s.DateActeLourd, s.DateActeLourd, p.PAS))
	}
	for _, x := range p.FJLignes {
		lignes = append(lignes, ligneForfait(FamilleFJ, "FJ", x.Debut, x.Fin, x.Prix))
	}
	if p.Payeur != "" {
		for i, l := range lignes {
			lignes[i].AutrePayeur = l.MontantDepense - l.MontantAMO
			if l.Famille != FamilleFJ {
				lignes[i].AutrePayeur = lignes[i].AutrePayeur.Part(p.PartAutre)
			}
		}
	}
	return lignes
}

// codeSejour is the prestation code of the tariff of a discipline. ref: ROC §13.3
func codeSejour(s Sejour) string {
	switch s.Discipline {
	case SMR:
		return "GME"
	case HAD:
		return "GHT"
	case PSY:
		return "PJ"
	}
	return "GHS"
}

func ligneForfait(f Famille, code string, debut, fin sante.Jour, prix sante.Montant) Ligne {
	n := int(fin-debut) + 1
	return Ligne{Famille: f, CodePrestation: code, DateDebut: debut, DateFin: fin, Quantite: Unites(n), PrixUnitaire: prix, MontantDepense: prix.Fois(n)}
}

func lignesConfort(c []Confort) (lignes []Ligne) {
	for _, x := range c {
		q := x.Quantite
		if q == 0 {
			q = Unites(int(x.Fin-x.Debut) + 1)
		}
		lignes = append(lignes, Ligne{
			Famille: x.Famille, CodePrestation: ouSinon(x.Code, codeParDefaut(x.Famille)), DateDebut: x.Debut, DateFin: x.Fin,
			Quantite: q, PrixUnitaire: x.Prix, MontantDepense: q.de(x.Prix),
		})
	}
	return lignes
}

// honoraire is a fee billed beside a stay: at the rate of the stay, heavy acts
// being already in its participation. hyp: HONORAIRES-CLINIQUE
func (m Moteur) honoraire(s Sejour, a Acte) (Ligne, error) {
	a.ExoTM, a.Nature = s.ExoTM, s.Nature
	if lourd(s.ActeLourd, s.ExoTM, s.Nature) {
		cent := sante.Pourcent(100)
		a.Taux, a.ExoTM = &cent, ExoAucune
	} else if a.Taux == nil {
		taux, err := m.TauxSejour(s.ExoTM, s.Nature, s.Entree)
		if err != nil {
			return Ligne{}, err
		}
		a.Taux = &taux
	}
	non := false
	a.Lourd = &non
	if s.ExoTM == ExoActeCCAM || s.ExoTM == ExoActeAncien {
		a.ExoTM = ExoAucune
	}
	a, err := a.completer()
	if err != nil {
		return Ligne{}, err
	}
	p, err := m.prixActe(a, false)
	if err != nil {
		return Ligne{}, err
	}
	return ligneActe(a, p), nil
}

// ligneActe writes the line of an act priced alone.
func ligneActe(a Acte, p PrixActe) Ligne {
	l := Ligne{
		Famille: a.Famille, CodePrestation: a.CodePrestation, CodeActe: a.CodeActe, DateDebut: a.Date, DateFin: a.Date,
		Quantite: a.Quantite, Coefficient: a.Coefficient, PrixUnitaire: p.Depense, MontantDepense: p.Depense,
		BaseAMO: p.Base, TauxAMO: p.TauxAMO, MontantAMO: p.AMO, AutrePayeur: p.AutrePayeur,
		Secteur: a.Secteur, Profession: a.Profession, Executant: a.Executant,
	}
	if u := Unites(1); a.Quantite != u && a.Quantite > 0 {
		l.PrixUnitaire = sante.Montant((int64(p.Depense)*100 + int64(a.Quantite)/2) / int64(a.Quantite))
	}
	return l
}
