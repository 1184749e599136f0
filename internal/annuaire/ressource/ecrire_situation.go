package ressource

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// Situation writes a PractitionerRole. ref: RASS §6.2
func (e *Ecriture) Situation(s *annuaire.Situation) {
	w := e.W
	o := w.Object("")
	e.tete(annuaire.Situations, annuaire.Situations, &s.Entete)
	a := w.Array("extension")
	e.extensionConcept(guide+"as-ext-practitionerrole-contracted", TREConvention, s.Convention)
	if s.CarteVitale == "O" || s.CarteVitale == "N" {
		x := w.Object("")
		w.String("url", guide+"as-ext-practitionerrole-vitale-accepted")
		w.Bool("valueBoolean", s.CarteVitale == "O")
		w.End(x)
	}
	w.End(a)
	a = w.Array("identifier")
	m := w.Object("")
	w.String("system", annuaire.SystemeRPPS)
	w.String("value", s.ID) // hyp: FHIR-ID-SITUATION
	w.End(m)
	w.End(a)
	w.Bool("active", s.Actif)
	e.corpsSituation(s)
	w.End(o)
}

func (e *Ecriture) corpsSituation(s *annuaire.Situation) {
	w := e.W
	e.periode("period", s.Du, s.Au)
	e.vers("practitioner", annuaire.Praticiens, s.Praticien)
	e.vers("organization", annuaire.Structures, s.Structure)
	a := w.Array("code")
	e.concept("", TREGenre, s.Genre)
	e.concept("", TREMode, s.Mode)
	e.concept("", TRELiberal, s.TypeLiberal)
	e.concept("", TRESSA, s.StatutSSA)
	e.concept("", TREHospitalier, s.StatutHospitalier)
	e.concept("", TREFonction, s.Fonction)
	e.concept("", TREPharmacien, s.MetierPharmacien)
	e.concept("", TRESection, s.SectionPharmacien)
	w.End(a)
	a = w.Array("specialty")
	if q := &s.SavoirFaire; !q.Savoir.IsZero() {
		m := w.Object("")
		c := w.Array("coding")
		w.Coding("", TRETypeSavoir, q.Type.Code, q.Type.Libelle)
		w.Coding("", TRESavoir(q.Type.Code), q.Savoir.Code, q.Savoir.Libelle)
		w.End(c)
		w.End(m)
	}
	w.End(a)
	a = w.Array("telecom")
	e.bals(s.BAL)
	w.End(a)
}
