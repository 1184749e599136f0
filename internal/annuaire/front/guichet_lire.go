package front

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// ficheVue is a record as its reader sees it.
type ficheVue struct {
	Profil  string          `json:"profil"`
	Nature  string          `json:"nature"`
	ID      string          `json:"id"`
	Version uint32          `json:"version"`
	Vue     string          `json:"vue"`
	Fiche   json.RawMessage `json:"fiche"`
}

// changeable is a group of fields that one may change oneself.
type changeable struct {
	Nature    string   `json:"nature"`
	Groupe    string   `json:"groupe"`
	Sur       string   `json:"sur"`
	Rubriques []string `json:"rubriques"`
}

type identite struct {
	Profil     string       `json:"profil"`
	Lecteur    string       `json:"lecteur"`
	Famille    string       `json:"famille"`
	Titre      string       `json:"titre"`
	Vue        string       `json:"vue"`
	Tracee     bool         `json:"tracee"`
	Praticiens []string     `json:"praticiens"`
	Structures []string     `json:"structures"`
	Domaines   []string     `json:"domaines"`
	Autorites  []string     `json:"autorites"`
	Change     []changeable `json:"change"`
}

// moi says who one is for the directory, what is his and what he may change himself.
func (x *visite) moi() error {
	if _, err := x.question(); err != nil {
		return err
	}
	a, d := x.v.Acteur(), x.g.o.Demandes.Donnees
	f, _ := d.Regards.Famille(a.Famille)
	m := identite{Profil: ProfilGuichet, Lecteur: a.ID, Famille: a.Famille, Titre: f.Titre, Vue: x.v.Regard().Entete(), Tracee: x.v.Regard().Tracee,
		Praticiens: liste(a.Praticiens), Structures: liste(a.Structures), Domaines: liste(a.Domaines), Autorites: liste(a.Autorites), Change: []changeable{}}
	for _, n := range annuaire.Natures {
		for _, g := range annuaire.Groupes {
			familles, _ := d.Proprietes.De(n, g)
			if !slices.Contains(familles, a.Famille) {
				continue
			}
			c := changeable{Nature: n.String(), Groupe: g.String(), Sur: "ce qui est à vous"}
			if d.Proprietes.Tient(a, g, ficheVide(n), "") { // a record of nobody
				c.Sur = "toute fiche"
			}
			for _, nom := range n.Rubriques() {
				if r, err := n.Rubrique(nom); err == nil && r.Groupe == g {
					c.Rubriques = append(c.Rubriques, nom)
				}
			}
			m.Change = append(m.Change, c)
		}
	}
	return x.repondre(http.StatusOK, "moi", m)
}

// liste is never null.
func liste(l []string) []string { return append([]string{}, l...) }

// designee is the record that an address names, as it is served.
func (x *visite) designee(nature, id string) (*annuaire.Changement, error) {
	n, ok := annuaire.ParseNature(nature)
	if !ok || !fhir.ValidID(id) {
		return nil, annuaire.ErrInconnu
	}
	return x.g.o.Images.Fiche(x.r.Context(), n, id)
}

// fiche shows a record, as it is or as it was.
func (x *visite) fiche() error {
	q, err := x.question("vrai", "connu")
	if err != nil {
		return err
	}
	c, err := x.designee(x.r.PathValue("nature"), x.r.PathValue("id"))
	if err != nil {
		return err
	}
	objet := "fiche"
	if len(q) > 0 {
		objet = "fiche à un jour"
		if c, err = x.alors(c, q["vrai"], q["connu"]); err != nil {
			return err
		}
	}
	f, vue := x.projetee(c)
	if !vue {
		return annuaire.ErrInconnu
	}
	if objet == "fiche" { // a version that is past is no precondition
		x.w.Header().Set("ETag", etiquette(f.Version))
	}
	return x.repondre(http.StatusOK, objet, f)
}

// alors is the record as it was true on a day, by what was known at an instant.
func (x *visite) alors(c *annuaire.Changement, vrai, connu string) (*annuaire.Changement, error) {
	if err := x.passe(c); err != nil {
		return nil, err
	}
	maintenant := x.g.o.Horloge()
	jour, instant := sante.JourA(maintenant, sante.Paris()), maintenant
	if vrai != "" {
		j, err := sante.ParseJour(vrai)
		if err != nil {
			return nil, &formeIllisible{"vrai", "un jour comme 2026-03-01 attendu"}
		}
		jour = j
	}
	if connu != "" {
		t, err := time.Parse(time.RFC3339, connu)
		if err != nil {
			return nil, &formeIllisible{"connu", "un instant comme 2026-03-01T10:30:00Z attendu"}
		}
		instant = t
	}
	return annuaire.AuJour(x.r.Context(), x.g.o.Historique, c, jour, instant)
}

// passe tells whether one may read the past of a record.
func (x *visite) passe(c *annuaire.Changement) error {
	vus := x.v.De(c)
	switch {
	case !vus.Voit(annuaire.CheminID):
		return annuaire.ErrInconnu
	case !vus.Voit(annuaire.CheminHistorique):
		return annuaire.ErrInterdit
	case x.g.o.Historique == nil:
		return errSansPass
	}
	return nil
}

// versions shows the versions of a record, the latest first.
func (x *visite) versions() error {
	q, err := x.question("avant", "nombre")
	if err != nil {
		return err
	}
	c, err := x.designee(x.r.PathValue("nature"), x.r.PathValue("id"))
	if err == nil {
		err = x.passe(c)
	}
	if err != nil {
		return err
	}
	nombre, err := nombreDe(q["nombre"])
	if err != nil {
		return err
	}
	n, e := c.Entete()
	avant := e.Version + 1
	if s := q["avant"]; s != "" {
		v, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			return &formeIllisible{"avant", "le numéro d'une version attendu"}
		}
		avant = uint32(v)
	}
	l, err := x.g.o.Historique.Versions(x.r.Context(), n, e.ID, min(avant, e.Version), nombre+1)
	if err != nil {
		return err
	}
	if avant > e.Version { // the image has the last one
		l = slices.Insert(l, 0, *c)
	}
	r := struct {
		Profil   string     `json:"profil"`
		Versions []ficheVue `json:"versions"`
		Suite    string     `json:"suite,omitempty"`
	}{Profil: ProfilGuichet, Versions: []ficheVue{}}
	for i := range l[:min(len(l), nombre)] {
		if f, vue := x.projetee(&l[i]); vue {
			r.Versions = append(r.Versions, f)
		}
	}
	if len(l) > nombre {
		r.Suite = "/v1/fiches/" + n.String() + "/" + e.ID + "/versions?avant=" + strconv.FormatUint(uint64(versionDe(&l[nombre-1])), 10) + "&nombre=" + strconv.Itoa(nombre)
	}
	return x.repondre(http.StatusOK, "versions", r)
}

// projetee is what the reader sees of a record, which is blanked of the rest.
func (x *visite) projetee(c *annuaire.Changement) (ficheVue, bool) {
	version := versionDe(c)
	if !projeter(x.v, c) {
		return ficheVue{}, false
	}
	n, e := c.Entete()
	x.montrer(n, e.ID)
	return ficheVue{Profil: ProfilGuichet, Nature: n.String(), ID: e.ID, Version: version, Vue: x.v.Regard().Entete(), Fiche: ecrireFiche(c)}, true
}

// projeter blanks what a reader does not see of a record, and tells whether he sees it.
func projeter(v *annuaire.Vision, c *annuaire.Changement) bool {
	switch {
	case c.Praticien != nil:
		return v.ProjeterPraticien(c.Praticien)
	case c.Situation != nil:
		return v.ProjeterSituation(c.Situation)
	case c.Structure != nil:
		return v.ProjeterStructure(c.Structure)
	case c.Activite != nil:
		return v.ProjeterActivite(c.Activite)
	case c.Equipement != nil:
		return v.ProjeterEquipement(c.Equipement)
	case c.Acces != nil:
		return v.ProjeterAcces(c.Acces)
	}
	return false
}
