package front

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// situation writes a PractitionerRole. ref: RASS §6.2
func (e *ecriture) situation(s *annuaire.Situation) {
	w := e.w
	o := w.Object("")
	e.tete(annuaire.Situations, annuaire.Situations, &s.Entete)
	a := w.Array("extension")
	e.extensionConcept(guide+"as-ext-practitionerrole-contracted", treConvention, s.Convention)
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

func (e *ecriture) corpsSituation(s *annuaire.Situation) {
	w := e.w
	e.periode("period", s.Du, s.Au)
	e.vers("practitioner", annuaire.Praticiens, s.Praticien)
	e.vers("organization", annuaire.Structures, s.Structure)
	a := w.Array("code")
	e.concept("", treGenre, s.Genre)
	e.concept("", treMode, s.Mode)
	e.concept("", treLiberal, s.TypeLiberal)
	e.concept("", treSSA, s.StatutSSA)
	e.concept("", treHospitalier, s.StatutHospitalier)
	e.concept("", treFonction, s.Fonction)
	e.concept("", trePharmacien, s.MetierPharmacien)
	e.concept("", treSection, s.SectionPharmacien)
	w.End(a)
	a = w.Array("specialty")
	if q := &s.SavoirFaire; !q.Savoir.IsZero() {
		m := w.Object("")
		c := w.Array("coding")
		w.Coding("", treTypeSavoir, q.Type.Code, q.Type.Libelle)
		w.Coding("", treSavoir(q.Type.Code), q.Savoir.Code, q.Savoir.Libelle)
		w.End(c)
		w.End(m)
	}
	w.End(a)
	a = w.Array("telecom")
	e.bals(s.BAL)
	w.End(a)
}
