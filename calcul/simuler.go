package calcul

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// Simuler calculates an invoice that may be incomplete: what is missing is
// supposed, and told. On a complete invoice it gives the amounts of Calculer.
// The counters of the result are to be thrown away. ref: ROC §8, §19.3 property 4
func (m Moteur) Simuler(c Contrat, f Facture, k Compteurs) (Resultat, error) {
	complete, hyp := m.Completer(f)
	r, err := m.Calculer(c, complete, k)
	if err != nil {
		return Resultat{}, err
	}
	r.Hypotheses = hyp
	return r, nil
}

// completeur notes each thing it supposes.
type completeur struct {
	Moteur
	f      Facture
	totaux Totaux // of the lines as received
	hyp    []Hypothese
}

func (c *completeur) supposer(champ, valeur, raison string) {
	c.hyp = append(c.hyp, Hypothese{champ, valeur, raison})
}

// Completer fills what an invoice does not say with the ordinary case, and tells
// each hypothesis. The invoice given is not changed.
func (m Moteur) Completer(f Facture) (Facture, []Hypothese) {
	f.Lignes = append([]Ligne(nil), f.Lignes...)
	c := &completeur{Moteur: m, f: f, totaux: Totaliser(f.Lignes)}
	c.nature()
	c.dates()
	for i := range c.f.Lignes {
		c.ligne(i, &c.f.Lignes[i])
	}
	if len(c.hyp) > 0 && c.f.Totaux != nil {
		t := Totaliser(c.f.Lignes)
		c.f.Totaux = &t // the totals follow what was supposed
	}
	return c.f, c.hyp
}

func (c *completeur) nature() {
	f := &c.f
	if f.Type == "" {
		f.Type = FactureDACE
		for _, l := range f.Lignes {
			if l.Famille == FamilleSEJ || l.Famille == FamilleFJ {
				f.Type = FactureDeSejour
			}
		}
		c.supposer("typeFacture", string(f.Type), "d'après les familles des lignes")
	}
	if f.Nature == "" || f.Nature == NatureNonApplicable {
		f.Nature = NatureMaladie
		c.supposer("natureAssurance", "10", "maladie, le cas ordinaire")
	}
	if f.ExoTM == "" || f.ExoTM == ExoSansObjet {
		f.ExoTM = ExoAucune
		c.supposer("exoTM", "0", "pas d'exonération connue")
	}
	if !f.Type.sejour() {
		return
	}
	if f.PecFJ == "" {
		f.PecFJ = pecParDefaut(f.Nature)
		c.supposer("codePecFJ", string(f.PecFJ), "code attendu pour la nature d'assurance")
	}
	if f.ModeSortie == "" && f.Type != FactureIntermediaire {
		f.ModeSortie = SortieDomicile
		c.supposer("modeSortie", "8", "sortie à domicile")
	}
	if f.JoursAnterieurs == nil {
		zero := 0
		f.JoursAnterieurs = &zero
		c.supposer("joursAnterieursHospitalisation", "0", "pas de séjour contigu connu")
	}
}

// dates fills the period from the stay, the stay from the period, both from the lines.
func (c *completeur) dates() {
	f := &c.f
	debut, fin := f.PeriodeDebut, f.PeriodeFin
	if debut.IsZero() {
		debut = f.DateEntree
	}
	if fin.IsZero() {
		fin = f.DateSortie
	}
	for _, l := range f.Lignes {
		if f.PeriodeDebut.IsZero() && f.DateEntree.IsZero() && !l.DateDebut.IsZero() && (debut.IsZero() || l.DateDebut < debut) {
			debut = l.DateDebut
		}
		if f.PeriodeFin.IsZero() && f.DateSortie.IsZero() && max(l.DateDebut, l.DateFin) > fin {
			fin = max(l.DateDebut, l.DateFin)
		}
	}
	if fin.IsZero() {
		fin = debut
	}
	poser := func(j *sante.Jour, v sante.Jour, champ string) {
		if j.IsZero() && !v.IsZero() {
			*j = v
			c.supposer(champ, v.String(), "d'après les autres dates")
		}
	}
	poser(&f.PeriodeDebut, debut, "periodeDebut")
	poser(&f.PeriodeFin, fin, "periodeFin")
	if !f.Type.sejour() {
		return
	}
	poser(&f.DateEntree, debut, "dateEntree")
	poser(&f.DateSortie, fin, "dateSortie")
	if f.NbNuitees == nil && f.DateSortie >= f.DateEntree {
		n := int(f.DateSortie - f.DateEntree)
		f.NbNuitees = &n
		c.supposer("nbNuitees", fmt.Sprint(n), "d'après les dates")
	}
}

func (c *completeur) ligne(i int, l *Ligne) {
	nom := func(champ string) string { return fmt.Sprintf("lignes[%d].%s", i+1, champ) }
	if l.Rang == 0 {
		l.Rang = i + 1
	}
	if l.CodePrestation == "" {
		l.CodePrestation = codeParDefaut(l.Famille)
		c.supposer(nom("codePrestation"), l.CodePrestation, "code ordinaire de la famille")
	}
	if l.DateDebut.IsZero() {
		l.DateDebut = c.f.PeriodeDebut
		c.supposer(nom("dateDebut"), l.DateDebut.String(), "début de la période")
	}
	if l.DateFin.IsZero() {
		l.DateFin = l.DateDebut
		if l.Famille == FamilleSEJ {
			l.DateFin = c.f.PeriodeFin
		}
		c.supposer(nom("dateFin"), l.DateFin.String(), "d'après le début de la ligne")
	}
	if l.Quantite == 0 {
		l.Quantite = Unites(1)
		if l.Famille == FamilleFJ && l.DateFin >= l.DateDebut {
			l.Quantite = Unites(int(l.DateFin-l.DateDebut) + 1)
		}
		c.supposer(nom("quantite"), l.Quantite.String(), "quantité ordinaire")
	}
	if t := c.f.Totaux; t == nil || *t != c.totaux {
		c.montants(l, nom) // totals that agree tell that a zero is meant
	}
}

// montants fills the money of a line: the expense from the unit price, the rate
// and the share of the AMO from the tables.
func (c *completeur) montants(l *Ligne, nom func(string) string) {
	if l.MontantDepense == 0 && l.PrixUnitaire > 0 && l.PrixUnitaire <= sante.MontantMax && l.Quantite > 0 && l.Quantite <= QuantiteMax {
		l.MontantDepense = l.Quantite.de(l.PrixUnitaire)
		c.supposer(nom("montantDepense"), l.MontantDepense.String(), "prix unitaire par la quantité")
	}
	if l.BaseAMO <= 0 || l.BaseAMO > sante.MontantMax || l.Famille.forfait() || l.Famille.confort() {
		return
	}
	if l.TauxAMO == 0 && l.MontantAMO == 0 {
		taux, err := c.tauxSuppose(*l)
		if err != nil {
			return // Calculer refuses the line with its reason
		}
		l.TauxAMO = taux
		c.supposer(nom("tauxAMO"), taux.String(), "barème")
	}
	if l.MontantAMO == 0 && l.TauxAMO > 0 && l.TauxAMO <= sante.Pourcent(100) {
		l.MontantAMO = min(l.BaseAMO.Part(l.TauxAMO), max(0, l.MontantDepense))
		c.supposer(nom("montantAMO"), l.MontantAMO.String(), "base par le taux")
	}
}

func (c *completeur) tauxSuppose(l Ligne) (sante.Taux, error) {
	if l.Famille == FamilleSEJ {
		classe, err := Classer(c.f.ExoTM, c.f.Nature)
		if err == nil && c.f.aPAS() {
			classe = ClasseExoneree
		}
		if err != nil {
			return 0, err
		}
		return c.tauxDeClasse(classe, bareme.AMOSEJ, l.DateDebut)
	}
	a := Acte{Famille: l.Famille, Profession: ouDefaut(l.Profession, Medecin), ExoTM: c.f.ExoTM, Nature: c.f.Nature, Parcours: c.f.ParcoursSoins, Date: l.DateDebut, Service: Majeur}
	taux, _, err := c.tauxActe(a, false)
	return taux, err
}
