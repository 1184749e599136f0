package ressource

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// Praticien writes a Practitioner. ref: RASS §6.1
func (e *Ecriture) Praticien(p *annuaire.Praticien) {
	w := e.W
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
		e.identifiant("ADELI", SystemeADELI, p.Numero)
	}
	w.End(a)
	w.Bool("active", p.Actif)
	e.corpsPraticien(p)
	w.End(o)
}

func (e *Ecriture) corpsPraticien(p *annuaire.Praticien) {
	w := e.W
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
		e.concept("", TRELangue, l)
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
func (e *Ecriture) nom(p *annuaire.Praticien) {
	w := e.W
	if p.Nom == "" && p.Prenom == "" && p.Civilite.Code == "" && p.CiviliteExercice.Code == "" {
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
func (e *Ecriture) seul(nom, valeur string) {
	if valeur == "" {
		return
	}
	a := e.W.Array(nom)
	e.W.Item(valeur)
	e.W.End(a)
}

func (e *Ecriture) qualifications(p *annuaire.Praticien) {
	for i := range p.Diplomes {
		if d := &p.Diplomes[i]; !d.Diplome.IsZero() || !d.Type.IsZero() {
			e.qualification(TREDiplome, d.Diplome, TRETypeDiplome, d.Type)
		}
	}
	e.qualification(TREProfession, p.Profession, TRECategorie, p.Categorie)
	for i := range p.SavoirFaire {
		s := &p.SavoirFaire[i]
		e.qualification(TRETypeSavoir, s.Type, TRESavoir(s.Type.Code), s.Savoir)
	}
	for _, a := range p.Attributions {
		e.qualification(TREAttribution, a, "", annuaire.Code{})
	}
}

func (e *Ecriture) qualification(s1 string, c1 annuaire.Code, s2 string, c2 annuaire.Code) {
	w := e.W
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
func (e *Ecriture) autorisations(l []annuaire.Diplome) {
	w := e.W
	for i := range l {
		d := &l[i]
		if d.TypeAutorisation.IsZero() && d.Discipline.IsZero() {
			continue
		}
		m := w.Object("")
		w.String("url", guide+"as-ext-practitioner-authorization")
		a := w.Array("extension")
		e.extensionConcept("type", TRETypeAutor, d.TypeAutorisation)
		e.extensionConcept("field", TREDiscipline, d.Discipline)
		w.End(a)
		w.End(m)
	}
}

func (e *Ecriture) cartes(l []annuaire.Carte) {
	w := e.W
	for i := range l {
		c := &l[i]
		m := w.Object("")
		w.String("url", guide+"as-ext-smartcard")
		a := w.Array("extension")
		e.extensionConcept("type", TRECarte, c.Type)
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

func (e *Ecriture) inscriptions(l []annuaire.Inscription) {
	w := e.W
	for i := range l {
		s := &l[i]
		m := w.Object("")
		w.String("url", guide+"as-ext-registration")
		a := w.Array("extension")
		e.extensionConcept("registeringOrganization", TREAutorite, s.Autorite)
		e.extensionPeriode("period", s.Du, s.Au)
		e.extensionConcept("status", TREStatut, s.Statut)
		e.extensionConcept("hostingDepartment", TREDepartement, s.Departement)
		x := w.Object("")
		w.String("url", "isFirst")
		w.Bool("valueBoolean", s.Premiere)
		w.End(x)
		w.End(a)
		w.End(m)
	}
}
