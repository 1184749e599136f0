package front

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// activite writes a HealthcareService: an activity of care or a social equipment.
// ref: RASS §6.4
func (e *ecriture) activite(s *annuaire.Activite) {
	w := e.w
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

func (e *ecriture) corpsActivite(s *annuaire.Activite) {
	type_, forme := treActivite, treForme
	if s.Sociale {
		type_, forme = treSociale, treTypeActivite
	} else {
		e.liste("category", treModalite, s.Modalite)
	}
	e.liste("type", type_, s.Type)
	if s.Sociale && !s.Public.IsZero() {
		a := e.w.Array("eligibility")
		m := e.w.Object("")
		e.concept("code", trePublic, s.Public)
		e.w.End(m)
		e.w.End(a)
	}
	e.liste("characteristic", forme, s.Forme)
}

// liste writes an array of one concept.
func (e *ecriture) liste(nom, systeme string, c annuaire.Code) {
	a := e.w.Array(nom)
	e.concept("", systeme, c)
	e.w.End(a)
}

// places writes how many places are authorised and installed.
func (e *ecriture) places(s *annuaire.Activite) {
	if s.Autorisees == 0 && s.Installees == 0 {
		return
	}
	w := e.w
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

// equipement writes a Device. ref: RASS §6.4
func (e *ecriture) equipement(s *annuaire.Equipement) {
	w := e.w
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
	e.concept("type", treEquipement, s.Type)
	e.vers("owner", annuaire.Structures, s.Structure)
	w.End(o)
}
