package image

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// The functions below walk one kind of record each, in the order of the file. A
// change in one of them is a change of format: see [Format].

func (c *codage) entete(e *annuaire.Entete) {
	c.chaine(&e.ID)
	c.vrai(&e.Actif)
	c.code(&e.Trace.Autorite)
	c.chaine(&e.Trace.Systeme)
	c.jour(&e.Trace.MajLe)
	c.jour(&e.Du)
	c.jour(&e.Au)
	c.signe(&e.Maj)
	n := uint64(e.Version)
	c.entier(&n)
	e.Version = uint32(n)
	plusieurs(c, &e.Provenances, (*codage).provenance)
}

func (c *codage) provenance(p *annuaire.Provenance) {
	n := uint64(p.Groupe)
	c.entier(&n)
	p.Groupe = annuaire.Groupe(n)
	c.chaine(&p.Systeme)
	c.chaine(&p.Demande)
	c.jour(&p.Le)
}

func (c *codage) praticien(p *annuaire.Praticien) {
	c.entete(&p.Entete)
	c.chaine(&p.Nom)
	c.chaine(&p.Prenom)
	c.chaine(&p.TypeID)
	c.chaine(&p.Numero)
	c.chaine(&p.IDNat)
	c.code(&p.Civilite)
	c.code(&p.CiviliteExercice)
	c.code(&p.Profession)
	c.code(&p.Categorie)
	plusieurs(c, &p.SavoirFaire, (*codage).qualification)
	plusieurs(c, &p.Diplomes, (*codage).diplome)
	plusieurs(c, &p.Attributions, (*codage).code)
	plusieurs(c, &p.Langues, (*codage).code)
	plusieurs(c, &p.BAL, (*codage).bal)
	plusieurs(c, &p.Cartes, (*codage).carte)
	plusieurs(c, &p.Certificats, (*codage).certificat)
	plusieurs(c, &p.Inscriptions, (*codage).inscription)
	c.etatCivil(&p.EtatCivil)
	c.contact(&p.Contact)
	plusieurs(c, &p.Exerce, (*codage).lieu)
}

func (c *codage) qualification(q *annuaire.Qualification) {
	c.code(&q.Type)
	c.code(&q.Savoir)
}

func (c *codage) diplome(d *annuaire.Diplome) {
	c.code(&d.Type)
	c.code(&d.Diplome)
	c.code(&d.TypeAutorisation)
	c.code(&d.Discipline)
}

func (c *codage) bal(b *annuaire.BAL) {
	c.chaine(&b.Adresse)
	c.chaine((*string)(&b.Type))
	c.vrai(&b.ListeRouge)
	n := uint64(b.Rang)
	c.entier(&n)
	b.Rang = uint8(n)
	c.chaine(&b.Description)
	c.chaine(&b.Service)
	c.chaine(&b.Responsable)
	c.chaine(&b.Dematerialise)
}

func (c *codage) carte(k *annuaire.Carte) {
	c.code(&k.Type)
	c.chaine(&k.Numero)
	c.jour(&k.Du)
	c.jour(&k.Au)
	c.jour(&k.OpposeeLe)
}

func (c *codage) certificat(k *annuaire.Certificat) {
	c.chaine(&k.Serie)
	c.chaine(&k.Emetteur)
	c.chaine(&k.Sujet)
	c.jour(&k.Du)
	c.jour(&k.Au)
	c.chaine(&k.Domaine)
	c.chaine(&k.Usage)
	c.octets(&k.DER)
}

func (c *codage) inscription(i *annuaire.Inscription) {
	c.code(&i.Autorite)
	c.code(&i.Statut)
	c.code(&i.Departement)
	c.vrai(&i.Premiere)
	c.jour(&i.Du)
	c.jour(&i.Au)
}

func (c *codage) etatCivil(e *annuaire.EtatCivil) {
	dit := !e.IsZero()
	if c.vrai(&dit); !dit {
		*e = annuaire.EtatCivil{}
		return
	}
	c.chaine(&e.Nom)
	c.chaine(&e.Prenoms)
	c.chaine(&e.Sexe)
	c.jour(&e.Naissance)
	c.chaine(&e.Commune)
	c.chaine(&e.LieuNaissance)
	c.code(&e.PaysNaissance)
	c.jour(&e.Deces)
}

func (c *codage) contact(k *annuaire.Coordonnees) {
	dit := !k.IsZero()
	if c.vrai(&dit); !dit {
		*k = annuaire.Coordonnees{}
		return
	}
	c.chaine(&k.Destinataire)
	c.chaine(&k.PointGeographique)
	c.chaine(&k.NumeroVoie)
	c.chaine(&k.Indice)
	c.code(&k.TypeVoie)
	c.chaine(&k.LibelleVoie)
	c.chaine(&k.Mention)
	c.chaine(&k.BureauCedex)
	c.chaine(&k.CodePostal)
	c.code(&k.Commune)
	c.code(&k.Pays)
	c.chaine(&k.Telephone)
	c.chaine(&k.Telephone2)
	c.chaine(&k.Telecopie)
	c.chaine(&k.Courriel)
	c.code(&k.Departement)
}

func (c *codage) lieu(l *annuaire.LieuExercice) {
	k := annuaire.Code{Code: l.CodeCommune, Libelle: l.Commune}
	c.code(&k)
	l.CodeCommune, l.Commune = k.Code, k.Libelle
	c.chaine(&l.CodePostal)
}

func (c *codage) situation(s *annuaire.Situation) {
	c.entete(&s.Entete)
	c.chaine(&s.Praticien)
	c.chaine(&s.Structure)
	c.qualification(&s.SavoirFaire)
	c.code(&s.Mode)
	c.code(&s.Genre)
	c.code(&s.Fonction)
	c.code(&s.SectionPharmacien)
	c.code(&s.TypeLiberal)
	c.code(&s.StatutSSA)
	c.code(&s.StatutHospitalier)
	c.code(&s.MetierPharmacien)
	c.code(&s.Convention)
	c.chaine(&s.CarteVitale)
	plusieurs(c, &s.BAL, (*codage).bal)
}

func (c *codage) structure(s *annuaire.Structure) {
	c.entete(&s.Entete)
	c.chaine(&s.RaisonSociale)
	c.chaine(&s.Enseigne)
	c.chaine(&s.IDTechnique)
	c.chaine(&s.IDNat)
	c.chaine(&s.FINESS)
	c.chaine(&s.FINESSJuridique)
	c.chaine(&s.SIRET)
	c.chaine(&s.SIREN)
	c.chaine(&s.RPPSRang)
	c.chaine(&s.AncienID)
	n := uint64(s.Sorte)
	c.entier(&n)
	s.Sorte = annuaire.Sorte(n)
	c.chaine(&s.Juridique)
	c.code(&s.Secteur)
	c.code(&s.Categorie)
	c.code(&s.StatutJuridique)
	c.code(&s.SPH)
	c.chaine(&s.Licence)
	c.code(&s.TypeFermeture)
	c.contact(&s.Adresse)
	c.vrai(&s.Situee)
	c.entier32(&s.Latitude)
	c.entier32(&s.Longitude)
	plusieurs(c, &s.Membres, (*codage).adhesion)
	plusieurs(c, &s.BAL, (*codage).bal)
	plusieurs(c, &s.Certificats, (*codage).certificat)
}

func (c *codage) adhesion(a *annuaire.Adhesion) {
	n := uint64(a.Nature)
	c.entier(&n)
	a.Nature = annuaire.Nature(n)
	c.chaine(&a.ID)
	c.code(&a.Role)
	c.jour(&a.Du)
	c.jour(&a.Au)
}

func (c *codage) activite(a *annuaire.Activite) {
	c.entete(&a.Entete)
	c.chaine(&a.Numero)
	c.chaine(&a.Structure)
	c.vrai(&a.Sociale)
	c.code(&a.Modalite)
	c.code(&a.Type)
	c.code(&a.Forme)
	c.code(&a.Public)
	c.entier32(&a.Installees)
	c.entier32(&a.Autorisees)
}

func (c *codage) equipement(e *annuaire.Equipement) {
	c.entete(&e.Entete)
	c.chaine(&e.Numero)
	c.chaine(&e.Structure)
	c.code(&e.Type)
	c.chaine(&e.Fabricant)
	c.chaine(&e.Modele)
	c.chaine(&e.Serie)
	c.chaine(&e.Statut)
}

func (c *codage) acces(a *annuaire.PointAcces) {
	c.entete(&a.Entete)
	c.chaine(&a.Numero)
	c.chaine(&a.NumeroAMC)
	c.chaine(&a.Organisme)
	c.chaine(&a.Convention)
	c.chaine(&a.CSR)
	plusieurs(c, &a.Domaines, (*codage).chaine)
	c.chaine(&a.Remplacante)
	c.chaine(&a.Libelle)
	c.chaine(&a.Signataire)
	c.chaine(&a.Structure)
	c.chaine(&a.Mandat.ID)
	c.chaine(&a.Mandat.Libelle)
	c.chaine(&a.Mandat.Structure)
	c.jour(&a.Mandat.Du)
	c.jour(&a.Mandat.Au)
	plusieurs(c, &a.Services, (*codage).service)
	c.vrai(&a.CalculLocal)
	c.entier32(&a.Validite)
	c.entier32(&a.Tolerance)
	c.chaine(&a.Routage)
	c.chaine(&a.Hote)
	c.chaine(&a.Domaine)
	c.chaine(&a.Aiguillage)
}

func (c *codage) service(s *annuaire.ServiceAcces) {
	c.chaine(&s.Service)
	c.chaine(&s.Adresse)
	plusieurs(c, &s.Normes, (*codage).chaine)
	c.jour(&s.Du)
	c.jour(&s.Au)
	plusieurs(c, &s.Empreintes, (*codage).chaine)
	c.chaine(&s.Confidentiel)
}
