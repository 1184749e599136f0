package laboratoire

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/sante"
)

// titresNatures are the natures as a page names one record.
var titresNatures = map[annuaire.Nature]string{annuaire.Praticiens: "un professionnel", annuaire.Situations: "une situation d'exercice", annuaire.Structures: "une structure",
	annuaire.Activites: "une activité", annuaire.Equipements: "un équipement", annuaire.Acces: "un point d'accès"}

// libellesChemins are the paths as a page names them.
var libellesChemins = map[annuaire.Chemin]string{
	annuaire.CheminID: "Identifiant technique", annuaire.CheminActif: "Active", annuaire.CheminTrace: "Qui la tient", annuaire.CheminMaj: "Dernier changement",
	annuaire.CheminPeriode: "Période", annuaire.CheminProvenance: "D'où viennent ses parties", annuaire.CheminHistorique: "Versions d'avant",
	annuaire.CheminIdentifiant: "Numéros", annuaire.CheminNom: "Nom", annuaire.CheminProfession: "Profession", annuaire.CheminSavoirFaire: "Savoir-faire",
	annuaire.CheminDiplome: "Diplômes et autorisations", annuaire.CheminAttribution: "Attributions particulières", annuaire.CheminLangue: "Langues",
	annuaire.CheminBAL: "Boîtes aux lettres sécurisées", annuaire.CheminListeRouge: "Boîtes en liste rouge", annuaire.CheminResponsable: "Responsables des boîtes",
	annuaire.CheminCarte: "Cartes", annuaire.CheminOpposition: "Oppositions des cartes", annuaire.CheminCertificat: "Certificats", annuaire.CheminInscription: "Inscriptions",
	annuaire.CheminEtatCivil: "État civil", annuaire.CheminContact: "Coordonnées personnelles", annuaire.CheminExerce: "Communes d'exercice",
	annuaire.CheminPraticien: "Professionnel", annuaire.CheminStructure: "Structure", annuaire.CheminRole: "Rôle", annuaire.CheminSpecialite: "Savoir-faire exercé",
	annuaire.CheminConvention: "Conventionnement", annuaire.CheminCarteVitale: "Lit la carte Vitale", annuaire.CheminRattachement: "Rattachement",
	annuaire.CheminType: "Type", annuaire.CheminLicence: "Licence", annuaire.CheminAdresse: "Adresse", annuaire.CheminTelecom: "Téléphone et courriel",
	annuaire.CheminPosition: "Position", annuaire.CheminMembre: "Membres", annuaire.CheminActivite: "Activité", annuaire.CheminCapacite: "Places",
	annuaire.CheminEquipement: "Équipement", annuaire.CheminAcces: "Accès aux services",
}

// ordreChemins are the paths of a nature as a page shows them: what it is before who
// keeps it. The history is a page of its own.
func ordreChemins(n annuaire.Nature) (l []annuaire.Chemin) {
	var apres []annuaire.Chemin
	for _, c := range n.Chemins().Liste() {
		switch {
		case c == annuaire.CheminHistorique:
		case c < annuaire.CheminHistorique:
			apres = append(apres, c)
		default:
			l = append(l, c)
		}
	}
	return append(l, apres...)
}

// champs are the values under a path of a record already projected.
func (l *lecture) champs(k *annuaire.Changement, c annuaire.Chemin) []pupitre.ChampAnnuaire {
	var v valeurs
	if c < annuaire.CheminHistorique {
		_, e := k.Entete()
		v.entete(e, c)
		return v
	}
	switch {
	case k.Praticien != nil:
		v.praticien(k.Praticien, c)
	case k.Situation != nil:
		l.situation(&v, k.Situation, c)
	case k.Structure != nil:
		l.structure(&v, k.Structure, c)
	case k.Activite != nil:
		l.activite(&v, k.Activite, c)
	case k.Equipement != nil:
		l.equipement(&v, k.Equipement, c)
	case k.Acces != nil:
		l.acces(&v, k.Acces, c)
	}
	return v
}

// valeurs are values being gathered.
type valeurs []pupitre.ChampAnnuaire

func (v *valeurs) dire(nom, texte string) {
	if texte != "" {
		*v = append(*v, pupitre.ChampAnnuaire{Nom: nom, Texte: texte})
	}
}

func (v *valeurs) code(nom string, c annuaire.Code) { v.dire(nom, lireCode(c)) }

func (v *valeurs) lien(nom string, n annuaire.Nature, id, texte string) {
	if id != "" {
		*v = append(*v, pupitre.ChampAnnuaire{Nom: nom, Texte: texte, Nature: n.String(), ID: id})
	}
}

// lireCode is the label of a code, and itself when nothing else is said.
func lireCode(c annuaire.Code) string {
	if c.Libelle != "" && c.Code != "" {
		return c.Libelle + " (" + c.Code + ")"
	}
	return cmp.Or(c.Libelle, c.Code)
}

func periodeDe(du, au sante.Jour) string {
	var l []string
	if du != 0 {
		l = append(l, "du "+du.Francais())
	}
	if au != 0 {
		l = append(l, "au "+au.Francais())
	}
	return strings.Join(l, " ")
}

func leJour(j sante.Jour) string {
	if j == 0 {
		return ""
	}
	return "le " + j.Francais()
}

func instantDe(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (v *valeurs) entete(e *annuaire.Entete, c annuaire.Chemin) {
	switch c {
	case annuaire.CheminID:
		v.dire("", e.ID)
	case annuaire.CheminActif:
		v.dire("", map[bool]string{true: "oui", false: "non"}[e.Actif])
	case annuaire.CheminTrace:
		v.code("autorité", e.Trace.Autorite)
		v.dire("système", e.Trace.Systeme)
		v.dire("tenue à jour", leJour(e.Trace.MajLe))
	case annuaire.CheminMaj:
		v.dire("", pupitre.Heure(instantDe(e.Maj)))
		if e.Version > 0 {
			v.dire("version", strconv.Itoa(int(e.Version)))
		}
	case annuaire.CheminPeriode:
		v.dire("", periodeDe(e.Du, e.Au))
	case annuaire.CheminProvenance:
		for _, p := range e.Provenances {
			v.dire(libellesGroupes[p.Groupe], joindre(", ", p.Systeme, precede("demande ", p.Demande), leJour(p.Le)))
		}
	}
}

var libellesGroupes = map[annuaire.Groupe]string{annuaire.Identite: "identité", annuaire.Qualites: "qualités", annuaire.Contact: "coordonnées", annuaire.Messagerie: "boîtes aux lettres",
	annuaire.Cartes: "cartes et certificats", annuaire.Lieu: "structure", annuaire.Exercice: "exercice", annuaire.Localisation: "position", annuaire.Raccordement: "points d'accès"}

// boites are mailboxes: what is given of them under each of their paths.
func (v *valeurs) boites(l []annuaire.BAL, c annuaire.Chemin) {
	for i := range l {
		b := &l[i]
		switch {
		case c == annuaire.CheminResponsable && b.Responsable != "":
			v.dire(b.Adresse, b.Responsable)
		case c == annuaire.CheminListeRouge && b.ListeRouge, c == annuaire.CheminBAL && !b.ListeRouge:
			v.dire(libellesBAL[b.Type], joindre(", ", b.Adresse, b.Service, b.Description, precede("dématérialisation : ", b.Dematerialise)))
		}
	}
}

var libellesBAL = map[annuaire.TypeBAL]string{annuaire.BALPersonnelle: "personnelle", annuaire.BALOrganisation: "d'organisation", annuaire.BALApplicative: "applicative",
	annuaire.BALCabinet: "de cabinet"}

// precede says what a value is, when there is one.
func precede(quoi, s string) string {
	if s == "" {
		return ""
	}
	return quoi + s
}

func (v *valeurs) certificats(l []annuaire.Certificat) {
	for i := range l {
		c := &l[i]
		v.dire("n° "+c.Serie, joindre(", ", c.Sujet, periodeDe(c.Du, c.Au), c.Domaine, c.Usage, precede("émis par ", c.Emetteur)))
	}
}

// postale is an address on one line.
func postale(c *annuaire.Coordonnees) string {
	voie := joindre(" ", c.NumeroVoie, c.Indice, cmp.Or(c.TypeVoie.Libelle, c.TypeVoie.Code), c.LibelleVoie)
	ville := joindre(" ", c.CodePostal, cmp.Or(c.BureauCedex, c.Commune.Libelle, c.Commune.Code))
	if c.BureauCedex != "" && c.BureauCedex[0] >= '0' && c.BureauCedex[0] <= '9' { // the line of the post begins with its code
		ville = c.BureauCedex
	}
	return joindre(", ", c.Destinataire, c.PointGeographique, voie, c.Mention, ville, c.Pays.Libelle)
}

func joindre(par string, l ...string) string {
	var t []string
	for _, s := range l {
		if s != "" {
			t = append(t, s)
		}
	}
	return strings.Join(t, par)
}

func (v *valeurs) telecom(c *annuaire.Coordonnees) {
	v.dire("téléphone", c.Telephone)
	v.dire("téléphone", c.Telephone2)
	v.dire("télécopie", c.Telecopie)
	v.dire("courriel", c.Courriel)
}
