package laboratoire

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// titre is the name of a record already projected, and what goes under it.
func (l *lecture) titre(k *annuaire.Changement) (string, []string) {
	switch {
	case k.Praticien != nil:
		p := k.Praticien
		detail := nonVides(p.Profession.Libelle)
		for i := range p.SavoirFaire {
			detail = append(detail, nonVides(p.SavoirFaire[i].Savoir.Libelle)...)
		}
		return cmp.Or(joindre(" ", p.Nom, p.Prenom), p.Numero, "Un professionnel"), detail
	case k.Situation != nil:
		s := k.Situation
		detail := nonVides(s.Fonction.Libelle, s.Genre.Libelle, s.Mode.Libelle)
		return joindre(", ", l.nom(annuaire.Praticiens, s.Praticien), l.nom(annuaire.Structures, s.Structure)), detail
	case k.Structure != nil:
		s := k.Structure
		return cmp.Or(s.RaisonSociale, s.Enseigne, s.FINESS, s.IDTechnique, "Une structure"), nonVides(s.Secteur.Libelle, s.Categorie.Libelle)
	case k.Activite != nil:
		a := k.Activite
		return cmp.Or(lireCode(a.Type), "Une activité"), nonVides(a.Modalite.Libelle, a.Forme.Libelle)
	case k.Equipement != nil:
		e := k.Equipement
		return cmp.Or(lireCode(e.Type), "Un équipement"), nonVides(e.Fabricant, e.Modele)
	}
	return cmp.Or(k.Acces.Libelle, k.Acces.NumeroAMC, k.Acces.Numero, "Un point d'accès"), nonVides(k.Acces.NumeroAMC)
}

func nonVides(l ...string) (t []string) {
	for _, s := range l {
		if s != "" {
			t = append(t, s)
		}
	}
	return t
}

// nom is what the view lets call a record that another names.
func (l *lecture) nom(n annuaire.Nature, id string) string {
	if id == "" {
		return ""
	}
	r, ok := l.vue.ParID(n, id)
	if !ok {
		return id
	}
	lue := l.vue.Lire(r)
	k := lue.Cloner()
	if !projeter(l.vision, &k) {
		return id
	}
	l.lu(n, id)
	titre, _ := l.titre(&k)
	return titre
}

func (v *valeurs) praticien(p *annuaire.Praticien, c annuaire.Chemin) {
	switch c {
	case annuaire.CheminIdentifiant:
		v.dire("", p.Numero)
		v.dire("identifiant national", p.IDNat)
	case annuaire.CheminNom:
		v.dire("", joindre(" ", p.CiviliteExercice.Libelle, p.Civilite.Libelle, p.Nom, p.Prenom))
	case annuaire.CheminProfession:
		v.code("", p.Profession)
		v.code("catégorie", p.Categorie)
	case annuaire.CheminSavoirFaire:
		for _, q := range p.SavoirFaire {
			v.code(cmp.Or(q.Type.Libelle, q.Type.Code), q.Savoir)
		}
	case annuaire.CheminDiplome:
		for _, d := range p.Diplomes {
			v.code(cmp.Or(d.Type.Libelle, d.Type.Code, "diplôme"), d.Diplome)
			v.dire("autorisation", joindre(", ", lireCode(d.TypeAutorisation), lireCode(d.Discipline)))
		}
	case annuaire.CheminAttribution:
		v.codes(p.Attributions)
	case annuaire.CheminLangue:
		v.codes(p.Langues)
	case annuaire.CheminCarte, annuaire.CheminOpposition:
		v.cartes(p.Cartes, c)
	case annuaire.CheminCertificat:
		v.certificats(p.Certificats)
	case annuaire.CheminInscription:
		for _, i := range p.Inscriptions {
			v.dire(lireCode(i.Autorite), joindre(", ", lireCode(i.Statut), lireCode(i.Departement), periodeDe(i.Du, i.Au)))
		}
	case annuaire.CheminEtatCivil:
		v.etatCivil(&p.EtatCivil)
	case annuaire.CheminContact:
		v.dire("adresse", postale(&p.Contact))
		v.telecom(&p.Contact)
	case annuaire.CheminExerce:
		for _, e := range p.Exerce {
			v.dire("", joindre(" ", e.CodePostal, cmp.Or(e.Commune, e.CodeCommune)))
		}
	default:
		v.boites(p.BAL, c)
	}
}

func (v *valeurs) codes(l []annuaire.Code) {
	for _, c := range l {
		v.code("", c)
	}
}

func (v *valeurs) cartes(l []annuaire.Carte, c annuaire.Chemin) {
	for _, x := range l {
		switch {
		case c == annuaire.CheminCarte:
			v.dire(cmp.Or(lireCode(x.Type), "carte"), joindre(" ", x.Numero, periodeDe(x.Du, x.Au)))
		case x.OpposeeLe != 0:
			v.dire("carte "+x.Numero, "opposée le "+x.OpposeeLe.Francais())
		}
	}
}

func (v *valeurs) etatCivil(e *annuaire.EtatCivil) {
	v.dire("nom de famille", e.Nom)
	v.dire("prénoms", e.Prenoms)
	v.dire("sexe", e.Sexe)
	if e.Naissance != 0 {
		v.dire("naissance", joindre(", ", e.Naissance.Francais(), e.LieuNaissance, e.Commune, lireCode(e.PaysNaissance)))
	}
	if e.Deces != 0 {
		v.dire("décès", e.Deces.Francais())
	}
}

func (l *lecture) situation(v *valeurs, s *annuaire.Situation, c annuaire.Chemin) {
	switch c {
	case annuaire.CheminPraticien:
		v.lien("", annuaire.Praticiens, s.Praticien, l.nom(annuaire.Praticiens, s.Praticien))
	case annuaire.CheminStructure:
		v.lien("", annuaire.Structures, s.Structure, l.nom(annuaire.Structures, s.Structure))
	case annuaire.CheminRole:
		v.code("fonction", s.Fonction)
		v.code("genre", s.Genre)
		v.code("mode", s.Mode)
		v.code("activité libérale", s.TypeLiberal)
		v.code("section du tableau", s.SectionPharmacien)
		v.code("métier", s.MetierPharmacien)
		v.code("statut hospitalier", s.StatutHospitalier)
		v.code("statut au service de santé des armées", s.StatutSSA)
	case annuaire.CheminSpecialite:
		v.code(cmp.Or(s.SavoirFaire.Type.Libelle, s.SavoirFaire.Type.Code), s.SavoirFaire.Savoir)
	case annuaire.CheminConvention:
		v.code("", s.Convention)
	case annuaire.CheminCarteVitale:
		v.dire("", cmp.Or(map[string]string{"O": "oui", "N": "non"}[s.CarteVitale], s.CarteVitale))
	default:
		v.boites(s.BAL, c)
	}
}

var libellesSortes = map[annuaire.Sorte]string{annuaire.SiteGeographique: "établissement géographique", annuaire.EntiteJuridique: "entité juridique",
	annuaire.ReseauDeSante: "réseau de santé", annuaire.OrganismeComplementaire: "organisme complémentaire (AMC)", annuaire.OperateurTiers: "opérateur"}

func (l *lecture) structure(v *valeurs, s *annuaire.Structure, c annuaire.Chemin) {
	switch c {
	case annuaire.CheminIdentifiant:
		for _, x := range []struct{ nom, numero string }{{"FINESS", s.FINESS}, {"FINESS juridique", s.FINESSJuridique}, {"SIRET", s.SIRET}, {"SIREN", s.SIREN},
			{"rang RPPS", s.RPPSRang}, {"identifiant national", s.IDNat}, {"identifiant des fichiers", s.IDTechnique}, {"ancien identifiant", s.AncienID}} {
			v.dire(x.nom, x.numero)
		}
	case annuaire.CheminNom:
		v.dire("", s.RaisonSociale)
		v.dire("enseigne", s.Enseigne)
	case annuaire.CheminRattachement:
		v.dire("", libellesSortes[s.Sorte])
		v.lien("entité juridique", annuaire.Structures, s.Juridique, l.nom(annuaire.Structures, s.Juridique))
	case annuaire.CheminType:
		v.code("secteur", s.Secteur)
		v.code("catégorie", s.Categorie)
		v.code("statut juridique", s.StatutJuridique)
		v.code("service public hospitalier", s.SPH)
		v.code("fermeture", s.TypeFermeture)
	case annuaire.CheminLicence:
		v.dire("", s.Licence)
	case annuaire.CheminAdresse:
		v.dire("", postale(&s.Adresse))
	case annuaire.CheminTelecom:
		v.telecom(&s.Adresse)
	case annuaire.CheminPosition:
		if s.Situee {
			v.dire("", strings.ReplaceAll(fmt.Sprintf("%.6f ; %.6f", float64(s.Latitude)/1e6, float64(s.Longitude)/1e6), ".", ","))
		}
	case annuaire.CheminMembre:
		l.membres(v, s.Membres)
	case annuaire.CheminCertificat:
		v.certificats(s.Certificats)
	default:
		v.boites(s.BAL, c)
	}
}

func (l *lecture) membres(v *valeurs, membres []annuaire.Adhesion) {
	for i, m := range membres {
		if i == autourMax {
			v.dire("", fmt.Sprintf("et %d autres", len(membres)-i))
			return
		}
		v.lien(lireCode(m.Role), m.Nature, m.ID, joindre(" ", l.nom(m.Nature, m.ID), periodeDe(m.Du, m.Au)))
	}
}

func (l *lecture) activite(v *valeurs, a *annuaire.Activite, c annuaire.Chemin) {
	switch c {
	case annuaire.CheminIdentifiant:
		v.dire("", a.Numero)
	case annuaire.CheminStructure:
		v.lien("", annuaire.Structures, a.Structure, l.nom(annuaire.Structures, a.Structure))
	case annuaire.CheminActivite:
		v.code("type", a.Type)
		v.code("modalité", a.Modalite)
		v.code("forme", a.Forme)
		v.code("public", a.Public)
	case annuaire.CheminCapacite:
		if a.Installees != 0 || a.Autorisees != 0 {
			v.dire("installées", strconv.Itoa(int(a.Installees)))
			v.dire("autorisées", strconv.Itoa(int(a.Autorisees)))
		}
	}
}

func (l *lecture) equipement(v *valeurs, e *annuaire.Equipement, c annuaire.Chemin) {
	switch c {
	case annuaire.CheminIdentifiant:
		v.dire("", e.Numero)
	case annuaire.CheminStructure:
		v.lien("", annuaire.Structures, e.Structure, l.nom(annuaire.Structures, e.Structure))
	case annuaire.CheminEquipement:
		v.code("type", e.Type)
		v.dire("fabricant", e.Fabricant)
		v.dire("modèle", e.Modele)
		v.dire("numéro de série", e.Serie)
		v.dire("statut", e.Statut)
	}
}

func (l *lecture) acces(v *valeurs, a *annuaire.PointAcces, c annuaire.Chemin) {
	switch c {
	case annuaire.CheminIdentifiant:
		v.dire("AMC", a.NumeroAMC)
		v.dire("numéro", a.Numero)
	case annuaire.CheminAcces:
		v.lien("organisme", annuaire.Structures, a.Organisme, l.nom(annuaire.Structures, a.Organisme))
		v.dire("convention", a.Convention)
		v.dire("CSR", a.CSR)
		v.dire("domaines", strings.Join(a.Domaines, ", "))
		v.dire("remplacée par l'AMC", a.Remplacante)
		v.dire("signataire", a.Signataire)
		v.dire("routage", joindre(" ", a.Routage, a.Hote, a.Domaine, a.Aiguillage))
		v.lien("répond pour elle", annuaire.Structures, a.Structure, l.nom(annuaire.Structures, a.Structure))
		v.dire("mandat", joindre(" ", a.Mandat.Libelle, periodeDe(a.Mandat.Du, a.Mandat.Au)))
		for i := range a.Services {
			s := &a.Services[i]
			v.dire(s.Service, joindre(" ", s.Adresse, periodeDe(s.Du, s.Au)))
		}
	}
}
