package droits

import (
	"github.com/ecluse-sante/ecluse/calcul"
)

// Calcul is the invoice as the engine computes it under the guarantees of an
// accreditation: the workstation fills its shares from it, and who pays computes them
// again. In degraded mode after the end of the rights, the old guarantees are those of
// their last day. ref: VISIO §8.3 // hyp: OFFICINE-JOUR-DEGRADE
func (f *FactureOfficine) Calcul(e *Etendue) calcul.Facture {
	jour := min(f.DateSoins, e.Fin)
	q := calcul.Facture{Type: calcul.FactureDACE, PeriodeDebut: jour, PeriodeFin: jour, Nature: calcul.NatureMaladie, ExoTM: calcul.ExoAucune}
	for i := range f.Lignes {
		l := &f.Lignes[i]
		q.Lignes = append(q.Lignes, calcul.Ligne{Rang: l.Rang, Famille: l.Famille, CodePrestation: string(l.CodePrestation),
			DateDebut: jour, DateFin: jour, Quantite: l.Quantite, MontantDepense: l.Depense, BaseAMO: l.BaseAMO, TauxAMO: l.TauxAMO, MontantAMO: l.AMO})
	}
	return q
}

// Calculer fills the share of the insurer and that of the patient in each line, then the
// totals. The expense and the share of the compulsory insurance are the caller's. Ceilings
// over a period count within the invoice only. The error is a *calcul.Rejet when the lines
// are at fault. hyp: OFFICINE-COMPTEURS
func (f *FactureOfficine) Calculer(m calcul.Moteur, e *Etendue) error {
	if len(f.Lignes) > 0 {
		r, err := m.Calculer(e.Contrat(), f.Calcul(e), nil)
		if err != nil {
			return err
		}
		for i := range f.Lignes { // the engine answers every line, in order
			p := &f.Lignes[i].PartsOfficine
			p.AMC = r.Lignes[i].MontantAMC
			p.Patient = p.Depense - p.AMO - p.AMC
		}
	}
	f.Totaux = f.Sommes()
	return nil
}
