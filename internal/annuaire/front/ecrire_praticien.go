package front

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// praticien writes a Practitioner. ref: RASS §6.1
func (e *ecriture) praticien(p *annuaire.Praticien) {
	w := e.w
	o := w.Object("")
	e.tete(annuaire.Praticiens, annuaire.Praticiens, &p.Entete)
	a := w.Array("extension")
	e.inscriptions(p.Inscriptions)
	e.autorisations(p.Diplomes)
	e.cartes(p.Cartes)
	e.certificats(p.Certificats)
	w.End(a)
	a = w.Array("identifier")
	e.identifiant("IDNPS", annuaire.SystemeIDNatPS, p.IDNat)
	switch p.TypeID {
	case "8":
		e.identifiant("RPPS", annuaire.SystemeRPPS, p.Numero)
	case "0":
		e.identifiant("ADELI", systemeADELI, p.Numero)
	}
	w.End(a)
	w.Bool("active", p.Actif)
	e.corpsPraticien(p)
	w.End(o)
}

func (e *ecriture) corpsPraticien(p *annuaire.Praticien) {
	w := e.w
	e.nom(p)
	a := w.Array("telecom")
	e.bals(p.BAL)
	e.coordonnees(&p.Contact)
	w.End(a)
	a = w.Array("address")
	e.adresse(&p.Contact, false, 0, 0)
	w.End(a)
	w.String("gender", genre(p.EtatCivil.Sexe))
	e.jour("birthDate", p.EtatCivil.Naissance)
	a = w.Array("qualification")
	e.qualifications(p)
	w.End(a)
	a = w.Array("communication")
	for _, l := range p.Langues {
		e.concept("", treLangue, l)
	}
	w.End(a)
}

func genre(sexe string) string {
	switch sexe {
	case "":
		return ""
	case "M", "1":
		return "male"
	case "F", "2":
		return "female"
	}
	return "unknown"
}

// nom writes the name in practice. ref: RASS §6.1
func (e *ecriture) nom(p *annuaire.Praticien) {
	w := e.w
	if p.Nom == "" && p.Prenom == "" {
		return
	}
	l := w.Array("name")
	m := w.Object("")
	w.String("use", "usual")
	w.String("family", p.Nom)
	e.seul("given", p.Prenom)
	e.seul("prefix", p.Civilite.Code)
	e.seul("suffix", p.CiviliteExercice.Code)
	w.End(m)
	w.End(l)
}

// seul writes an array of one text.
func (e *ecriture) seul(nom, valeur string) {
	if valeur == "" {
		return
	}
	a := e.w.Array(nom)
	e.w.Item(valeur)
	e.w.End(a)
}

func (e *ecriture) qualifications(p *annuaire.Praticien) {
	for i := range p.Diplomes {
		if d := &p.Diplomes[i]; !d.Diplome.IsZero() || !d.Type.IsZero() {
			e.qualification(treDiplome, d.Diplome, treTypeDiplome, d.Type)
		}
	}
	e.qualification(treProfession, p.Profession, treCategorie, p.Categorie)
	for i := range p.SavoirFaire {
		s := &p.SavoirFaire[i]
		e.qualification(treTypeSavoir, s.Type, treSavoir(s.Type.Code), s.Savoir)
	}
	for _, a := range p.Attributions {
		e.qualification(treAttribution, a, "", annuaire.Code{})
	}
}

func (e *ecriture) qualification(s1 string, c1 annuaire.Code, s2 string, c2 annuaire.Code) {
	w := e.w
	m := w.Object("")
	c := w.Object("code")
	a := w.Array("coding")
	w.Coding("", s1, c1.Code, c1.Libelle)
	w.Coding("", s2, c2.Code, c2.Libelle)
	w.End(a)
	w.End(c)
	w.End(m)
}

// autorisations writes the authorisations to practise. ref: RASS §6.1
func (e *ecriture) autorisations(l []annuaire.Diplome) {
	w := e.w
	for i := range l {
		d := &l[i]
		if d.TypeAutorisation.IsZero() && d.Discipline.IsZero() {
			continue
		}
		m := w.Object("")
		w.String("url", guide+"as-ext-practitioner-authorization")
		a := w.Array("extension")
		e.extensionConcept("type", treTypeAutor, d.TypeAutorisation)
		e.extensionConcept("field", treDiscipline, d.Discipline)
		w.End(a)
		w.End(m)
	}
}

func (e *ecriture) cartes(l []annuaire.Carte) {
	w := e.w
	for i := range l {
		c := &l[i]
		m := w.Object("")
		w.String("url", guide+"as-ext-smartcard")
		a := w.Array("extension")
		e.extensionConcept("type", treCarte, c.Type)
		e.extension("number", "valueString", c.Numero)
		e.extensionPeriode("period", c.Du, c.Au)
		if c.OpposeeLe != 0 {
			x := w.Object("")
			w.String("url", "oppositionDate")
			e.jour("valueDateTime", c.OpposeeLe)
			w.End(x)
		}
		w.End(a)
		w.End(m)
	}
}

func (e *ecriture) inscriptions(l []annuaire.Inscription) {
	w := e.w
	for i := range l {
		s := &l[i]
		m := w.Object("")
		w.String("url", guide+"as-ext-registration")
		a := w.Array("extension")
		e.extensionConcept("registeringOrganization", treAutorite, s.Autorite)
		e.extensionPeriode("period", s.Du, s.Au)
		e.extensionConcept("status", treStatut, s.Statut)
		e.extensionConcept("hostingDepartment", treDepartement, s.Departement)
		x := w.Object("")
		w.String("url", "isFirst")
		w.Bool("valueBoolean", s.Premiere)
		w.End(x)
		w.End(a)
		w.End(m)
	}
}
