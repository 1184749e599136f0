package annuaire

import (
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// Praticien controls a professional. What it returns is valid until the next call.
// ref: RASS §3, §13
func (v *Verificateur) Praticien(p *Praticien) []Constat {
	v.commencer(Praticiens, &p.Entete)
	v.numeroPersonne(p)
	v.code(ListeJ106, "profession", p.Profession.Code)
	v.code(ListeJ89, "categorie", p.Categorie.Code)
	for i := range p.SavoirFaire {
		v.code(ListeJ91, "savoir-faire.type", p.SavoirFaire[i].Type.Code)
		v.code(ListeJ107, "savoir-faire", p.SavoirFaire[i].Savoir.Code)
	}
	for i := range p.Diplomes {
		d := &p.Diplomes[i]
		v.code(ListeJ81, "diplome.type", d.Type.Code)
		v.code(ListeJ105, "diplome", d.Diplome.Code)
		v.code(ListeJ75, "autorisation", d.TypeAutorisation.Code)
		v.code(ListeJ76, "autorisation.discipline", d.Discipline.Code)
	}
	for i := range p.Attributions {
		v.code(ListeJ90, "attribution", p.Attributions[i].Code)
	}
	for i := range p.Langues {
		v.code(ListeJ82, "langue", p.Langues[i].Code)
	}
	v.cartes(p.Cartes)
	v.certificats(p.Certificats)
	v.inscriptions(p.Inscriptions)
	v.etatCivil(&p.EtatCivil)
	v.coordonnees("contact", &p.Contact)
	if !p.Actif && len(p.BAL) > 0 {
		v.constater(DBALInactif, "bal", p.BAL[0].Adresse)
	}
	v.traits(p)
	v.boites(p.BAL, v.titulaire(p))
	return v.constats
}

// numeroPersonne controls the identifiers of a professional. ref: RASS §3.1, §3.3
func (v *Verificateur) numeroPersonne(p *Praticien) {
	if p.Numero == "" {
		v.constater(DIDAbsent, "numero", "")
		return
	}
	v.code(ListeG08, "type-identifiant", p.TypeID)
	if p.IDNat != "" && (len(p.IDNat) != len(p.TypeID)+len(p.Numero) || p.IDNat[:len(p.TypeID)] != p.TypeID || p.IDNat[len(p.TypeID):] != p.Numero) {
		v.constater(DIDPrefixe, "identifiant-national", p.IDNat)
	}
	if !formeNumero(p.TypeID, p.Numero) {
		v.constater(DIDForme, "numero", p.Numero)
		return
	}
	switch p.TypeID {
	case "0", "1":
		v.constater(DADELI, "numero", p.Numero)
	case "8":
		if _, err := sante.ParseRPPS(p.Numero); err != nil {
			v.constater(DRPPSCle, "numero", p.Numero)
		}
	}
}

// formeNumero tells whether a number has the form of its type; a type that is unknown
// has none. ref: RASS §3.1
func formeNumero(typ, n string) bool {
	tete, suite, interne := strings.Cut(n, "/")
	interne = interne && suite != ""
	switch typ {
	case "0":
		return len(n) == 9 && alphanumerique(n)
	case "1":
		return interne && len(tete) == 9
	case "3":
		return interne && len(tete) == 9 && alphanumerique(tete)
	case "4":
		return interne && len(tete) == 9 && decimal(tete)
	case "5":
		return interne && len(tete) == 14 && decimal(tete)
	case "6":
		return interne && decimal(tete)
	case "8":
		return len(n) == 11 && decimal(n)
	}
	return true
}

func alphanumerique(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}

func decimal(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (v *Verificateur) cartes(l []Carte) {
	for i := range l {
		v.code(ListeJ128, "carte.type", l[i].Type.Code)
		v.periode("carte", l[i].Du, l[i].Au)
		v.passe("carte.opposition", l[i].OpposeeLe)
	}
}

func (v *Verificateur) certificats(l []Certificat) {
	for i := range l {
		v.periode("certificat", l[i].Du, l[i].Au)
	}
}

func (v *Verificateur) inscriptions(l []Inscription) {
	for i := range l {
		v.code(ListeJ83, "inscription.autorite", l[i].Autorite.Code)
		v.code(ListeJ85, "inscription.statut", l[i].Statut.Code)
		v.code(ListeJ84, "inscription.departement", l[i].Departement.Code)
		v.periode("inscription", l[i].Du, l[i].Au)
	}
}

func (v *Verificateur) etatCivil(e *EtatCivil) {
	v.code(ListeJ256, "etat-civil.pays", e.PaysNaissance.Code)
	v.passe("etat-civil.naissance", e.Naissance)
	v.passe("etat-civil.deces", e.Deces)
	if e.Deces != 0 && e.Deces < e.Naissance {
		v.constater(DDate, "etat-civil.deces", "décès avant la naissance")
	}
}

// titulaire is who holds the mailboxes of a professional: his number, whatever the
// profession, so that his two professions are one holder.
func (v *Verificateur) titulaire(p *Praticien) uint64 {
	if v.Croisement == nil || len(p.BAL) == 0 {
		return 0
	}
	t := empreinte(espacePorteur, p.Numero)
	v.Croisement.premier(empreinte(espacePorteur, p.ID), t)
	return t
}

// traits compares a professional with those already seen: same civil status, or when
// the birth is unknown same names, profession and postal code, under another number.
// hyp: DOUBLON-TRAITS
func (v *Verificateur) traits(p *Praticien) {
	if v.Croisement == nil || p.Numero == "" {
		return
	}
	h := commencer(espaceTraits)
	switch e := &p.EtatCivil; {
	case e.Naissance != 0 && e.Nom != "":
		h = ajouterPlie(ajouterPlie(ajouter(h, e.Sexe), e.Nom), e.Prenoms)
		h = (h ^ uint64(uint32(e.Naissance))) * fnvPremier
		h = ajouter(h, e.Commune)
	case len(p.Exerce) > 0 && p.Nom != "" && p.Prenom != "":
		h = ajouterPlie(ajouterPlie(ajouter(h, p.Profession.Code), p.Nom), p.Prenom)
		h = ajouter(h, p.Exerce[0].CodePostal)
	default:
		return
	}
	moi := empreinte(espacePorteur, p.Numero)
	if premier, _ := v.Croisement.premier(finir(h), moi); premier != moi {
		v.constater(DDoublon, "identite", p.Numero)
	}
}

// Situation controls what a professional does somewhere.
func (v *Verificateur) Situation(s *Situation) []Constat {
	v.commencer(Situations, &s.Entete)
	v.reference("praticien", Praticiens, s.Praticien)
	v.reference("structure", Structures, s.Structure)
	v.code(ListeJ91, "savoir-faire.type", s.SavoirFaire.Type.Code)
	v.code(ListeJ107, "savoir-faire", s.SavoirFaire.Savoir.Code)
	v.code(ListeJ95, "mode", s.Mode.Code)
	v.code(ListeJ94, "genre", s.Genre.Code)
	v.code(ListeJ108, "fonction", s.Fonction.Code)
	v.code(ListeJ96, "type-liberal", s.TypeLiberal.Code)
	v.code(ListeJ97, "statut-ssa", s.StatutSSA.Code)
	v.code(ListeJ98, "statut-hospitalier", s.StatutHospitalier.Code)
	v.code(ListeJ73, "metier-pharmacien", s.MetierPharmacien.Code)
	v.code(ListeJ130, "convention", s.Convention.Code)
	titulaire := uint64(0)
	if v.Croisement != nil && len(s.BAL) > 0 {
		titulaire = empreinte(espacePorteur, s.Praticien)
		if t, ok := v.Croisement.valeur(titulaire); ok {
			titulaire = t
		}
	}
	v.boites(s.BAL, titulaire)
	return v.constats
}

// Structure controls a structure.
func (v *Verificateur) Structure(s *Structure) []Constat {
	v.commencer(Structures, &s.Entete)
	v.numerosStructure(s)
	v.code(ListeJ101, "secteur", s.Secteur.Code)
	v.code(ListeJ129, "categorie", s.Categorie.Code)
	v.code(ListeJ100, "statut-juridique", s.StatutJuridique.Code)
	v.code(ListeJ162, "sph", s.SPH.Code)
	v.coordonnees("adresse", &s.Adresse)
	v.reference("juridique", Structures, s.Juridique)
	if s.Sorte == SiteGeographique && s.FINESS != "" && s.FINESSJuridique == "" && s.Juridique == "" {
		v.constater(DEGSansEJ, "juridique", s.FINESS)
	}
	if s.Situee && (s.Latitude < -90e6 || s.Latitude > 90e6 || s.Longitude < -180e6 || s.Longitude > 180e6) {
		v.constater(DCoordonnees, "coordonnees", "")
	}
	for i := range s.Membres {
		v.reference("membre", s.Membres[i].Nature, s.Membres[i].ID)
		v.periode("membre", s.Membres[i].Du, s.Membres[i].Au)
	}
	v.certificats(s.Certificats)
	titulaire := uint64(0)
	if v.Croisement != nil {
		v.Croisement.Connaitre(Structures, s.ID)
		titulaire = empreinte(espacePorteur, s.ID)
	}
	v.boites(s.BAL, titulaire)
	return v.constats
}

// numerosStructure controls the identifiers of a structure. ref: RASS §3.2, §3.3
func (v *Verificateur) numerosStructure(s *Structure) {
	v.finess("finess", s.FINESS)
	v.finess("finess-juridique", s.FINESSJuridique)
	if _, err := sante.ParseSIREN(s.SIREN); err != nil && s.SIREN != "" {
		v.constater(DSIRENCle, "siren", s.SIREN)
	}
	if _, err := sante.ParseSIRET(s.SIRET); err != nil && s.SIRET != "" {
		v.constater(DSIRETCle, "siret", s.SIRET)
	}
	if s.IDNat == "" || s.IDNat[0] < '0' || s.IDNat[0] > '9' { // technical ones occur, without a type. ref: RASS §3.2
		return
	}
	v.code(ListeG07, "identifiant-national", s.IDNat[:1])
	propre := ""
	switch s.IDNat[0] {
	case '1':
		if propre = s.FINESS; propre == "" || s.Sorte == EntiteJuridique && s.FINESSJuridique != "" {
			propre = s.FINESSJuridique
		}
	case '2':
		propre = s.SIREN
	case '3':
		propre = s.SIRET
	case '4':
		propre = s.RPPSRang
	}
	if propre != "" && s.IDNat[1:] != propre {
		v.constater(DIDPrefixe, "identifiant-national", s.IDNat)
	}
}

func (v *Verificateur) finess(champ, n string) {
	if n == "" {
		return
	}
	if len(n) != 9 || !alphanumerique(n) {
		v.constater(DIDForme, champ, n)
	} else if _, err := sante.ParseFINESS(n); err != nil {
		v.constater(DFINESSCle, champ, n)
	}
}

// Activite controls an activity.
func (v *Verificateur) Activite(a *Activite) []Constat {
	v.commencer(Activites, &a.Entete)
	v.reference("structure", Structures, a.Structure)
	typ, forme := ListeJ133, ListeJ134
	if a.Sociale {
		typ, forme = ListeJ379, ListeJ138
	}
	v.code(ListeJ132, "modalite", a.Modalite.Code)
	v.code(typ, "type", a.Type.Code)
	v.code(forme, "forme", a.Forme.Code)
	v.code(ListeJ376, "public", a.Public.Code)
	return v.constats
}

// Acces controls an access point. ref: RASS §11
func (v *Verificateur) Acces(a *PointAcces) []Constat {
	v.commencer(Acces, &a.Entete)
	v.reference("organisme", Structures, a.Organisme)
	v.ordre("mandat", a.Mandat.Du, a.Mandat.Au)
	for i := range a.Services {
		v.ordre("service", a.Services[i].Du, a.Services[i].Au)
	}
	return v.constats
}

// Equipement controls an equipment.
func (v *Verificateur) Equipement(e *Equipement) []Constat {
	v.commencer(Equipements, &e.Entete)
	v.reference("structure", Structures, e.Structure)
	v.code(ListeJ135, "type", e.Type.Code)
	return v.constats
}
