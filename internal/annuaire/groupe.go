package annuaire

import (
	"reflect"
	"slices"
	"strings"
)

// groupePrincipal is the group whose owner makes the records of a nature.
var groupePrincipal = [NombreNatures]Groupe{Praticiens: Identite, Situations: Exercice, Structures: Lieu, Activites: Lieu, Equipements: Lieu, Acces: Raccordement}

// CopierGroupe gives to a record the fields of a group of another of the same nature.
// The numbers, the references and the header but its life are of no group.
func CopierGroupe(dst, src *Changement, g Groupe) {
	n, _ := src.Entete()
	if d, _ := dst.Entete(); d != n {
		return
	}
	if g == groupePrincipal[n] {
		_, e := dst.Entete()
		_, o := src.Entete()
		e.Actif, e.Du, e.Au = o.Actif, o.Du, o.Au
	}
	switch n {
	case Praticiens:
		copierPraticien(dst.Praticien, src.Praticien, g)
	case Situations:
		copierSituation(dst.Situation, src.Situation, g)
	case Structures:
		copierStructure(dst.Structure, src.Structure, g)
	case Activites:
		if d, s := dst.Activite, src.Activite; g == Lieu {
			d.Sociale, d.Modalite, d.Type, d.Forme, d.Public, d.Installees, d.Autorisees = s.Sociale, s.Modalite, s.Type, s.Forme, s.Public, s.Installees, s.Autorisees
		}
	case Equipements:
		if d, s := dst.Equipement, src.Equipement; g == Lieu {
			d.Type, d.Fabricant, d.Modele, d.Serie, d.Statut = s.Type, s.Fabricant, s.Modele, s.Serie, s.Statut
		}
	case Acces:
		if g == Raccordement {
			e, o := dst.Acces.Entete, dst.Acces.Organisme
			numero, amc := dst.Acces.Numero, dst.Acces.NumeroAMC
			*dst.Acces = *src.Acces
			dst.Acces.Entete, dst.Acces.Organisme, dst.Acces.Numero, dst.Acces.NumeroAMC = e, o, numero, amc
		}
	}
}

func copierPraticien(d, s *Praticien, g Groupe) {
	switch g {
	case Identite:
		d.Civilite, d.CiviliteExercice, d.Nom, d.Prenom = s.Civilite, s.CiviliteExercice, s.Nom, s.Prenom
		d.Profession, d.Categorie, d.Inscriptions, d.EtatCivil = s.Profession, s.Categorie, s.Inscriptions, s.EtatCivil
	case Qualites:
		d.SavoirFaire, d.Diplomes, d.Attributions, d.Langues = s.SavoirFaire, s.Diplomes, s.Attributions, s.Langues
	case Contact:
		d.Contact = s.Contact
	case Messagerie:
		d.BAL = s.BAL
	case Cartes:
		d.Cartes, d.Certificats = s.Cartes, s.Certificats
	}
}

func copierSituation(d, s *Situation, g Groupe) {
	switch g {
	case Exercice:
		d.SavoirFaire, d.Mode, d.Genre, d.Fonction, d.SectionPharmacien, d.TypeLiberal = s.SavoirFaire, s.Mode, s.Genre, s.Fonction, s.SectionPharmacien, s.TypeLiberal
		d.StatutSSA, d.StatutHospitalier, d.MetierPharmacien, d.Convention, d.CarteVitale = s.StatutSSA, s.StatutHospitalier, s.MetierPharmacien, s.Convention, s.CarteVitale
	case Messagerie:
		d.BAL = s.BAL
	}
}

func copierStructure(d, s *Structure, g Groupe) {
	switch g {
	case Lieu:
		d.RaisonSociale, d.Enseigne, d.Sorte, d.Secteur, d.Categorie, d.StatutJuridique = s.RaisonSociale, s.Enseigne, s.Sorte, s.Secteur, s.Categorie, s.StatutJuridique
		d.SPH, d.Licence, d.TypeFermeture, d.Adresse, d.Membres = s.SPH, s.Licence, s.TypeFermeture, s.Adresse, s.Membres
	case Localisation:
		d.Latitude, d.Longitude, d.Situee = s.Latitude, s.Longitude, s.Situee
	case Messagerie:
		d.BAL = s.BAL
	case Cartes:
		d.Certificats = s.Certificats
	}
}

// squelette is a record with its numbers, its references and who keeps it alone.
func squelette(c *Changement) (q Changement) {
	switch {
	case c.Praticien != nil:
		p := c.Praticien
		q.Praticien = &Praticien{TypeID: p.TypeID, Numero: p.Numero, IDNat: p.IDNat}
	case c.Situation != nil:
		q.Situation = &Situation{Praticien: c.Situation.Praticien, Structure: c.Situation.Structure}
	case c.Structure != nil:
		s := c.Structure
		q.Structure = &Structure{IDTechnique: s.IDTechnique, IDNat: s.IDNat, FINESS: s.FINESS, FINESSJuridique: s.FINESSJuridique, SIRET: s.SIRET,
			SIREN: s.SIREN, RPPSRang: s.RPPSRang, AncienID: s.AncienID, Juridique: s.Juridique}
	case c.Activite != nil:
		q.Activite = &Activite{Numero: c.Activite.Numero, Structure: c.Activite.Structure}
	case c.Equipement != nil:
		q.Equipement = &Equipement{Numero: c.Equipement.Numero, Structure: c.Equipement.Structure}
	case c.Acces != nil:
		q.Acces = &PointAcces{Numero: c.Acces.Numero, Organisme: c.Acces.Organisme, NumeroAMC: c.Acces.NumeroAMC}
	}
	_, e := q.Entete()
	_, o := c.Entete()
	e.ID, e.Trace = o.ID, o.Trace
	return q
}

// squeletteDe is a whole record without what the directory writes itself: its version,
// the instant of its change, from where it comes, and the places drawn from situations.
func squeletteDe(c *Changement) Changement {
	q := c.Cloner()
	_, e := q.Entete()
	e.Maj, e.Version, e.Provenances = 0, 0, nil
	if q.Praticien != nil {
		q.Praticien.Exerce = nil
	}
	return q
}

// Cloner is a record that shares nothing with this one: neither its lists nor its
// texts, which may alias an image.
func (c *Changement) Cloner() (q Changement) {
	cloner(reflect.ValueOf(&q).Elem(), reflect.ValueOf(c).Elem())
	return q
}

func cloner(dst, src reflect.Value) {
	switch src.Kind() {
	case reflect.Pointer:
		if !src.IsNil() {
			dst.Set(reflect.New(src.Type().Elem()))
			cloner(dst.Elem(), src.Elem())
		}
	case reflect.Struct:
		for i := range src.NumField() {
			cloner(dst.Field(i), src.Field(i))
		}
	case reflect.Slice:
		if src.Type().Elem().Kind() == reflect.Uint8 {
			dst.SetBytes(slices.Clone(src.Bytes()))
			return
		}
		if src.Len() == 0 {
			return
		}
		dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			cloner(dst.Index(i), src.Index(i))
		}
	case reflect.String:
		dst.SetString(strings.Clone(src.String()))
	default:
		dst.Set(src)
	}
}
