package ressource

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// Activite writes a HealthcareService: an activity of care or a social equipment.
// ref: RASS §6.4
func (e *Ecriture) Activite(s *annuaire.Activite) {
	w := e.W
	o := w.Object("")
	profil := annuaire.Activites
	if s.Sociale {
		profil = sociaux
	}
	e.tete(annuaire.Activites, profil, &s.Entete)
	if s.Sociale {
		a := w.Array("extension")
		e.places(s)
		w.End(a)
	}
	if !s.Sociale || e.restreint() {
		a := w.Array("identifier")
		e.identifiant("", annuaire.SystemeARHGOS, s.Numero)
		w.End(a)
	}
	w.Bool("active", s.Actif)
	e.vers("providedBy", annuaire.Structures, s.Structure)
	e.corpsActivite(s)
	w.End(o)
}

func (e *Ecriture) corpsActivite(s *annuaire.Activite) {
	type_, forme := TREActivite, TREForme
	if s.Sociale {
		type_, forme = TRESociale, TRETypeActivite
	} else {
		e.liste("category", TREModalite, s.Modalite)
	}
	e.liste("type", type_, s.Type)
	if s.Sociale && !s.Public.IsZero() {
		a := e.W.Array("eligibility")
		m := e.W.Object("")
		e.concept("code", TREPublic, s.Public)
		e.W.End(m)
		e.W.End(a)
	}
	e.liste("characteristic", forme, s.Forme)
}

// liste writes an array of one concept.
func (e *Ecriture) liste(nom, systeme string, c annuaire.Code) {
	a := e.W.Array(nom)
	e.concept("", systeme, c)
	e.W.End(a)
}

// places writes how many places are authorised and installed.
func (e *Ecriture) places(s *annuaire.Activite) {
	if s.Autorisees == 0 && s.Installees == 0 {
		return
	}
	w := e.W
	m := w.Object("")
	w.String("url", guide+"as-ext-supported-capacity")
	a := w.Array("extension")
	for _, x := range [...]struct {
		url string
		n   int32
	}{{"capacityAvailable", s.Autorisees}, {"installedCapacity", s.Installees}} {
		if x.n != 0 {
			o := w.Object("")
			w.String("url", x.url)
			w.Int("valueInteger", int64(x.n))
			w.End(o)
		}
	}
	w.End(a)
	w.End(m)
}

// Equipement writes a Device. ref: RASS §6.4
func (e *Ecriture) Equipement(s *annuaire.Equipement) {
	w := e.W
	o := w.Object("")
	e.tete(annuaire.Equipements, annuaire.Equipements, &s.Entete)
	a := w.Array("identifier")
	e.identifiant("", annuaire.SystemeARHGOS, s.Numero)
	w.End(a)
	statut := s.Statut
	if !s.Actif {
		statut = "inactive"
	} else if statut == "" {
		statut = "active"
	}
	w.String("status", statut)
	w.String("manufacturer", s.Fabricant)
	w.String("serialNumber", s.Serie)
	if e.restreint() { // ref: as-dp-device
		w.String("modelNumber", s.Modele)
	}
	e.concept("type", TREEquipement, s.Type)
	e.vers("owner", annuaire.Structures, s.Structure)
	w.End(o)
}
