package front

import (
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// The short ways below each make one [annuaire.Demande], as POST /v1/demandes would:
// they decide nothing, the rules do.

// changer is a request on fields of a record, each written as it is given.
func (x *visite) changer(n annuaire.Nature, id, preuve string, l []annuaire.Modification) error {
	return x.demander(annuaire.Demande{Nature: n, ID: id, Preuve: preuve, Modifications: l})
}

func vaut(rubrique, cle, nouveau string) annuaire.Modification {
	return annuaire.Modification{Rubrique: rubrique, Cle: cle, Nouveau: nouveau}
}

// corpsContact is the whole contact of a professional; what is not said is emptied.
type corpsContact struct {
	Destinataire, PointGeographique, NumeroVoie, Indice, TypeVoie, Voie, Mention, BureauCedex string
	CodePostal, Commune, CommuneLibelle, Pays, Departement                                    string
	Telephone, Telephone2, Telecopie, Courriel                                                string
	Preuve                                                                                    string
}

func (x *visite) contact() error {
	var c corpsContact
	if err := x.corps(&c); err != nil {
		return err
	}
	return x.changer(annuaire.Praticiens, x.r.PathValue("id"), c.Preuve, []annuaire.Modification{
		vaut("contact.destinataire", "", c.Destinataire), vaut("contact.point-geographique", "", c.PointGeographique),
		vaut("contact.numero-voie", "", c.NumeroVoie), vaut("contact.indice", "", c.Indice), vaut("contact.type-voie", "", c.TypeVoie),
		vaut("contact.voie", "", c.Voie), vaut("contact.mention", "", c.Mention), vaut("contact.bureau-cedex", "", c.BureauCedex),
		vaut("contact.code-postal", "", c.CodePostal), vaut("contact.commune", "", c.Commune), vaut("contact.commune.libelle", "", c.CommuneLibelle),
		vaut("contact.pays", "", c.Pays), vaut("contact.departement", "", c.Departement), vaut("contact.telephone", "", c.Telephone),
		vaut("contact.telephone-2", "", c.Telephone2), vaut("contact.telecopie", "", c.Telecopie), vaut("contact.courriel", "", c.Courriel),
	})
}

// corpsFin is an end: from which day, and on what it rests.
type corpsFin struct {
	Jour   sante.Jour
	Preuve string
	// Autorite and Statut, for a striking-off: the registration that ends with it.
	Autorite, Statut string
}

// jourDeFin is the day of an end, today when it is not said: a record that is no longer
// active cannot end later.
func (x *visite) jourDeFin(j sante.Jour) (string, error) {
	aujourdhui := sante.JourA(x.g.o.Horloge(), sante.Paris())
	switch {
	case j == 0:
		j = aujourdhui
	case j > aujourdhui:
		return "", errFutur
	}
	return j.String(), nil
}

// radier is a striking-off: the professional is no longer active, from a day; so is his
// registration at an authority, when it is said. ref: RASS §9
func (x *visite) radier() error {
	var c corpsFin
	if err := x.corps(&c); err != nil {
		return err
	}
	jour, err := x.jourDeFin(c.Jour)
	if err != nil {
		return err
	}
	l := []annuaire.Modification{vaut("actif", "", "non"), vaut("au", "", jour)}
	if c.Autorite != "" {
		if c.Statut != "" {
			l = append(l, vaut("inscription", c.Autorite, c.Statut))
		}
		l = append(l, vaut("inscription.au", c.Autorite, jour))
	}
	return x.changer(annuaire.Praticiens, x.r.PathValue("id"), c.Preuve, l)
}

// corpsBoite is a whole mailbox, and the record that holds it when the address is new or
// held by several.
type corpsBoite struct {
	Nature                                           annuaire.Nature
	ID                                               string
	Type                                             string
	ListeRouge                                       bool
	Rang                                             uint8
	Description, Service, Responsable, Dematerialise string
	Preuve                                           string
}

func (x *visite) publierBoite() error {
	var c corpsBoite
	if err := x.corps(&c); err != nil {
		return err
	}
	adresse := x.r.PathValue("adresse")
	n, id, err := x.porteur(adresse, c.Nature, c.ID)
	if err != nil {
		return err
	}
	rouge := "non"
	if c.ListeRouge {
		rouge = "oui"
	}
	return x.changer(n, id, c.Preuve, []annuaire.Modification{
		vaut("bal", adresse, c.Type), vaut("bal.liste-rouge", adresse, rouge), vaut("bal.rang", adresse, strconv.Itoa(int(c.Rang))),
		vaut("bal.description", adresse, c.Description), vaut("bal.service", adresse, c.Service),
		vaut("bal.responsable", adresse, c.Responsable), vaut("bal.dematerialise", adresse, c.Dematerialise),
	})
}

func (x *visite) retirerBoite() error {
	q, err := x.question("nature", "id", "preuve")
	if err != nil {
		return err
	}
	nature, ok := annuaire.ParseNature(q["nature"])
	if !ok && q["nature"] != "" {
		return &formeIllisible{"nature", "praticien, situation ou structure attendu"}
	}
	adresse := x.r.PathValue("adresse")
	n, id, err := x.porteur(adresse, nature, q["id"])
	if err != nil {
		return err
	}
	return x.changer(n, id, q["preuve"], []annuaire.Modification{vaut("bal", adresse, "")})
}

// porteurs are the natures that hold mailboxes.
var porteurs = [...]annuaire.Nature{annuaire.Praticiens, annuaire.Situations, annuaire.Structures}

// porteur is the record that holds a mailbox: the one that is said, or the only one where
// the visitor sees it.
func (x *visite) porteur(adresse string, n annuaire.Nature, id string) (annuaire.Nature, string, error) {
	if n != 0 && id != "" {
		return n, id, nil
	}
	trouvees := 0
	v := x.g.o.Images.Vue()
	defer v.Rendre()
	for _, nature := range porteurs {
		p, err := v.Chercher(&annuaire.Question{Nature: nature, Nombre: 2, Critere: &annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParBAL, Valeur: adresse}})
		if err != nil {
			return 0, "", err
		}
		for _, r := range p.Refs {
			lue := v.Lire(r)
			c := lue.Cloner()
			if !projeter(x.v, &c) || !detient(&c, adresse) {
				continue
			}
			_, e := c.Entete()
			n, id = nature, e.ID
			trouvees++
		}
	}
	if trouvees != 1 {
		return 0, "", errPlusieur
	}
	return n, id, nil
}

// detient tells whether a record, as it is seen, holds a mailbox.
func detient(c *annuaire.Changement, adresse string) bool {
	var l []annuaire.BAL
	switch {
	case c.Praticien != nil:
		l = c.Praticien.BAL
	case c.Situation != nil:
		l = c.Situation.BAL
	case c.Structure != nil:
		l = c.Structure.BAL
	}
	for i := range l {
		if strings.EqualFold(l[i].Adresse, adresse) {
			return true
		}
	}
	return false
}

// corpsAgent says what a professional does in a structure, by codes.
type corpsAgent struct {
	Praticien, Mode, Genre, Fonction, SectionPharmacien, TypeLiberal string
	StatutHospitalier, MetierPharmacien                              string
	TypeSavoirFaire, SavoirFaire                                     string
	Du                                                               sante.Jour
	Preuve                                                           string
}

// engager makes a situation of a professional in a structure. ref: RASS §9
func (x *visite) engager() error {
	var c corpsAgent
	if err := x.corpsFiche(&c); err != nil {
		return err
	}
	jour := sante.JourA(x.g.o.Horloge(), sante.Paris())
	code := func(l annuaire.Liste, s string) annuaire.Code {
		libelle := ""
		if s != "" && l != 0 {
			libelle, _ = x.g.o.Demandes.Donnees.Listes.Libelle(l, s, jour)
		}
		return annuaire.Code{Code: s, Libelle: libelle}
	}
	s := &annuaire.Situation{Praticien: c.Praticien, Structure: x.r.PathValue("id"),
		Mode: code(annuaire.ListeJ95, c.Mode), Genre: code(annuaire.ListeJ94, c.Genre), Fonction: code(annuaire.ListeJ108, c.Fonction),
		SectionPharmacien: code(0, c.SectionPharmacien), TypeLiberal: code(annuaire.ListeJ96, c.TypeLiberal),
		StatutHospitalier: code(annuaire.ListeJ98, c.StatutHospitalier), MetierPharmacien: code(annuaire.ListeJ73, c.MetierPharmacien),
		SavoirFaire: annuaire.Qualification{Type: code(annuaire.ListeJ91, c.TypeSavoirFaire), Savoir: code(annuaire.ListeJ107, c.SavoirFaire)}}
	s.Actif, s.Du = true, c.Du
	return x.creer(annuaire.Demande{Nature: annuaire.Situations, Preuve: c.Preuve}, &annuaire.Changement{Situation: s})
}

// finir ends a situation of a structure.
func (x *visite) finir() error {
	c, err := x.designee("situation", x.r.PathValue("situation"))
	if err != nil {
		return err
	}
	if vus := x.v.De(c); !vus.Voit(annuaire.CheminStructure) || c.Situation.Structure != x.r.PathValue("id") {
		return errAilleurs
	}
	var f struct {
		Jour   sante.Jour
		Preuve string
	}
	if err := x.corps(&f); err != nil {
		return err
	}
	jour, err := x.jourDeFin(f.Jour)
	if err != nil {
		return err
	}
	return x.changer(annuaire.Situations, c.Situation.ID, f.Preuve, []annuaire.Modification{vaut("actif", "", "non"), vaut("au", "", jour)})
}
