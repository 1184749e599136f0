package annuaire

// The projections blank, in a record that its caller filled for himself, what an actor
// does not see, so that whatever a door writes of it may be read. They are allow-lists:
// a new record is made of what is given, and a field that nobody gives is lost. Slices
// keep their memory, for the next record. They tell false when there is nothing to show.

// ProjeterPraticien keeps of p what the actor sees.
func (v *Vision) ProjeterPraticien(p *Praticien) bool {
	b := v.Praticien(p)
	q := Praticien{Entete: entete(b, &p.Entete),
		SavoirFaire: si(b, CheminSavoirFaire, p.SavoirFaire), Diplomes: si(b, CheminDiplome, p.Diplomes), Attributions: si(b, CheminAttribution, p.Attributions),
		Langues: si(b, CheminLangue, p.Langues), BAL: v.boites(Praticiens, b, p.BAL), Cartes: cartes(b, p.Cartes),
		Certificats: si(b, CheminCertificat, p.Certificats), Inscriptions: si(b, CheminInscription, p.Inscriptions), Exerce: si(b, CheminExerce, p.Exerce)}
	if b.Voit(CheminIdentifiant) {
		q.TypeID, q.Numero, q.IDNat = p.TypeID, p.Numero, p.IDNat
	}
	if b.Voit(CheminNom) {
		q.Civilite, q.CiviliteExercice, q.Nom, q.Prenom = p.Civilite, p.CiviliteExercice, p.Nom, p.Prenom
	}
	if b.Voit(CheminProfession) {
		q.Profession, q.Categorie = p.Profession, p.Categorie
	}
	if b.Voit(CheminEtatCivil) {
		q.EtatCivil = p.EtatCivil
	}
	if b.Voit(CheminContact) {
		q.Contact = p.Contact
	}
	*p = q
	return b.Voit(CheminID)
}

// ProjeterSituation keeps of s what the actor sees.
func (v *Vision) ProjeterSituation(s *Situation) bool {
	b := v.Situation(s)
	q := Situation{Entete: entete(b, &s.Entete), BAL: v.boites(Situations, b, s.BAL)}
	if b.Voit(CheminPraticien) {
		q.Praticien = s.Praticien
	}
	if b.Voit(CheminStructure) {
		q.Structure = s.Structure
	}
	if b.Voit(CheminSpecialite) {
		q.SavoirFaire = s.SavoirFaire
	}
	if b.Voit(CheminRole) {
		q.Mode, q.Genre, q.Fonction, q.SectionPharmacien, q.TypeLiberal = s.Mode, s.Genre, s.Fonction, s.SectionPharmacien, s.TypeLiberal
		q.StatutSSA, q.StatutHospitalier, q.MetierPharmacien = s.StatutSSA, s.StatutHospitalier, s.MetierPharmacien
	}
	if b.Voit(CheminConvention) {
		q.Convention = s.Convention
	}
	if b.Voit(CheminCarteVitale) {
		q.CarteVitale = s.CarteVitale
	}
	*s = q
	return b.Voit(CheminID)
}

// ProjeterStructure keeps of s what the actor sees.
func (v *Vision) ProjeterStructure(s *Structure) bool {
	b := v.Structure(s)
	q := Structure{Entete: entete(b, &s.Entete), Membres: si(b, CheminMembre, s.Membres), BAL: v.boites(Structures, b, s.BAL),
		Certificats: si(b, CheminCertificat, s.Certificats), Adresse: adresse(b, &s.Adresse)}
	if b.Voit(CheminIdentifiant) {
		q.IDTechnique, q.IDNat, q.FINESS, q.FINESSJuridique, q.SIRET, q.SIREN = s.IDTechnique, s.IDNat, s.FINESS, s.FINESSJuridique, s.SIRET, s.SIREN
		q.RPPSRang, q.AncienID = s.RPPSRang, s.AncienID
	}
	if b.Voit(CheminNom) {
		q.RaisonSociale, q.Enseigne = s.RaisonSociale, s.Enseigne
	}
	if b.Voit(CheminRattachement) {
		q.Sorte, q.Juridique = s.Sorte, s.Juridique
	}
	if b.Voit(CheminType) {
		q.Secteur, q.Categorie, q.StatutJuridique, q.SPH, q.TypeFermeture = s.Secteur, s.Categorie, s.StatutJuridique, s.SPH, s.TypeFermeture
	}
	if b.Voit(CheminLicence) {
		q.Licence = s.Licence
	}
	if b.Voit(CheminPosition) {
		q.Latitude, q.Longitude, q.Situee = s.Latitude, s.Longitude, s.Situee
	}
	*s = q
	return b.Voit(CheminID)
}

// ProjeterActivite keeps of a what the actor sees.
func (v *Vision) ProjeterActivite(a *Activite) bool {
	b := v.Activite(a)
	q := Activite{Entete: entete(b, &a.Entete)}
	if b.Voit(CheminIdentifiant) {
		q.Numero = a.Numero
	}
	if b.Voit(CheminStructure) {
		q.Structure = a.Structure
	}
	if b.Voit(CheminActivite) {
		q.Sociale, q.Modalite, q.Type, q.Forme, q.Public = a.Sociale, a.Modalite, a.Type, a.Forme, a.Public
	}
	if b.Voit(CheminCapacite) {
		q.Installees, q.Autorisees = a.Installees, a.Autorisees
	}
	*a = q
	return b.Voit(CheminID)
}

// ProjeterEquipement keeps of e what the actor sees.
func (v *Vision) ProjeterEquipement(e *Equipement) bool {
	b := v.Equipement(e)
	q := Equipement{Entete: entete(b, &e.Entete)}
	if b.Voit(CheminIdentifiant) {
		q.Numero = e.Numero
	}
	if b.Voit(CheminStructure) {
		q.Structure = e.Structure
	}
	if b.Voit(CheminEquipement) {
		q.Type, q.Fabricant, q.Modele, q.Serie, q.Statut = e.Type, e.Fabricant, e.Modele, e.Serie, e.Statut
	}
	*e = q
	return b.Voit(CheminID)
}

// ProjeterAcces keeps of a what the actor sees.
func (v *Vision) ProjeterAcces(a *PointAcces) bool {
	b := v.Acces(a)
	q := PointAcces{Entete: entete(b, &a.Entete), Domaines: si(b, CheminAcces, a.Domaines), Services: si(b, CheminAcces, a.Services)}
	if b.Voit(CheminIdentifiant) {
		q.Numero, q.NumeroAMC = a.Numero, a.NumeroAMC
	}
	if b.Voit(CheminAcces) {
		q.Organisme, q.Convention, q.CSR, q.Remplacante, q.Libelle, q.Signataire = a.Organisme, a.Convention, a.CSR, a.Remplacante, a.Libelle, a.Signataire
		q.Structure, q.Mandat, q.CalculLocal, q.Validite, q.Tolerance = a.Structure, a.Mandat, a.CalculLocal, a.Validite, a.Tolerance
		q.Routage, q.Hote, q.Domaine, q.Aiguillage = a.Routage, a.Hote, a.Domaine, a.Aiguillage
	}
	*a = q
	return b.Voit(CheminID)
}

func entete(b Chemins, e *Entete) Entete {
	q := Entete{Provenances: si(b, CheminProvenance, e.Provenances)}
	if b.Voit(CheminID) {
		q.ID = e.ID
	}
	if b.Voit(CheminActif) {
		q.Actif = e.Actif
	}
	if b.Voit(CheminTrace) {
		q.Trace = e.Trace
	}
	if b.Voit(CheminMaj) {
		q.Maj, q.Version = e.Maj, e.Version
	}
	if b.Voit(CheminPeriode) {
		q.Du, q.Au = e.Du, e.Au
	}
	return q
}

// si is the list when the path is given, and otherwise its memory alone.
func si[T any](b Chemins, c Chemin, l []T) []T {
	if b.Voit(c) {
		return l
	}
	return l[:0]
}

// boites keeps the mailboxes that are given, those of the red list apart.
func (v *Vision) boites(n Nature, b Chemins, l []BAL) []BAL {
	gardees := l[:0]
	for i := range l {
		x := &l[i]
		c := v.boite(n, b, x.Adresse)
		if !c.Voit(CheminBAL) || x.ListeRouge && !c.Voit(CheminListeRouge) {
			continue
		}
		if !c.Voit(CheminResponsable) {
			x.Responsable = ""
		}
		gardees = append(gardees, *x)
	}
	return gardees
}

func cartes(b Chemins, l []Carte) []Carte {
	if !b.Voit(CheminCarte) {
		return l[:0]
	}
	if !b.Voit(CheminOpposition) {
		for i := range l {
			l[i].OpposeeLe = 0
		}
	}
	return l
}

// adresse gives the postal address and the means to reach, each on its own.
func adresse(b Chemins, c *Coordonnees) (q Coordonnees) {
	if b.Voit(CheminAdresse) {
		q = *c
	}
	q.Telephone, q.Telephone2, q.Telecopie, q.Courriel = "", "", "", ""
	if b.Voit(CheminTelecom) {
		q.Telephone, q.Telephone2, q.Telecopie, q.Courriel = c.Telephone, c.Telephone2, c.Telecopie, c.Courriel
	}
	return q
}
