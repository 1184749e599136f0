package front

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// corpsDemande is what POST /v1/demandes takes: fields of a record, or a whole new one.
type corpsDemande struct {
	Nature        annuaire.Nature
	ID            string
	Modifications []annuaire.Modification
	Fiche         json.RawMessage
	Preuve        string
}

// deposer receives a request for change, as it is sent.
func (x *visite) deposer() error {
	var c corpsDemande
	if err := x.corps(&c); err != nil {
		return err
	}
	d := annuaire.Demande{Nature: c.Nature, ID: c.ID, Modifications: c.Modifications, Preuve: c.Preuve}
	if c.Fiche != nil {
		f := ficheVide(c.Nature)
		if f == nil {
			return &formeIllisible{"nature", "la nature de la fiche attendue"}
		}
		if err := lireFiche(c.Fiche, contenuDe(f)); err != nil {
			return err
		}
		return x.creer(d, f)
	}
	return x.demander(d)
}

// creer asks for a new record, under the ID that its source will give it.
func (x *visite) creer(d annuaire.Demande, f *annuaire.Changement) error {
	id, err := x.g.o.Identifier(f)
	switch {
	case err != nil:
		return err
	case id == "":
		return errNature
	}
	_, e := f.Entete()
	if e.ID != "" && e.ID != id || d.ID != "" && d.ID != id {
		return &formeIllisible{"id", "l'identifiant d'une fiche neuve se tire de ses numéros : ne pas le dire"}
	}
	e.ID, d.ID, d.Fiche = id, id, f
	return x.demander(d)
}

// demander gives a request to the rules, if the record has the version that was read.
func (x *visite) demander(d annuaire.Demande) error {
	if x.nature = d.Nature; d.Nature == 0 || !fhir.ValidID(d.ID) {
		return &formeIllisible{"nature, id", "la fiche à changer attendue"}
	}
	if len(d.Modifications) > 0 {
		if r, err := d.Nature.Rubrique(d.Modifications[0].Rubrique); err == nil {
			x.groupe = r.Groupe
		}
	} else if d.Fiche != nil {
		x.groupe = groupeCreateur(d.Nature)
	}
	voulue, exigee := uint32(0), x.r.Header.Get("If-Match") != ""
	if exigee {
		var ok bool
		if voulue, ok = versionDite(x.r.Header.Get("If-Match")); !ok {
			return errIfMatch
		}
	}
	s, a := x.g.o.Demandes, x.v.Acteur()
	var faite *annuaire.Demande
	var constats []annuaire.Constat
	var nonDit error
	err := s.Registre.Transaction(x.r.Context(), func(ctx context.Context) (err error) {
		if exigee {
			if err := x.memeVersion(ctx, &d, voulue); err != nil {
				return err
			}
		}
		faite, constats, err = s.Deposer(ctx, a, x.v, d)
		if nonDit = nil; faite != nil {
			nonDit, err = err, nil // kept, though somebody could not be told
		}
		return err
	})
	if err != nil {
		return err
	}
	if nonDit != nil {
		x.g.avertirExploitant("demande gardée, mais non annoncée", nonDit)
	}
	return x.faite(faite, constats)
}

// memeVersion holds the record and wants the version that was read. ref: RFC 9110 §13.1.1
func (x *visite) memeVersion(ctx context.Context, d *annuaire.Demande, voulue uint32) error {
	s := x.g.o.Demandes
	derniere := uint32(0)
	tenue, err := s.Registre.Verrouiller(ctx, d.Nature, d.ID)
	if err != nil {
		return err
	}
	if tenue != nil {
		derniere = versionDe(tenue)
	}
	servie, err := s.Fiches.Fiche(ctx, d.Nature, d.ID)
	switch {
	case err == nil:
		derniere = max(derniere, versionDe(servie))
	case !errors.Is(err, annuaire.ErrInconnu):
		return err
	}
	if derniere != voulue {
		return errVersion
	}
	return nil
}

// faite answers what became of a request: applied, and then served at once, or waiting.
func (x *visite) faite(d *annuaire.Demande, constats []annuaire.Constat) error {
	statut := http.StatusAccepted
	h := x.w.Header()
	h.Set("Location", "/v1/demandes/"+d.Numero)
	if d.Etat == annuaire.Appliquee {
		statut = http.StatusOK
		if d.Fiche != nil {
			statut = http.StatusCreated
		}
		h.Set("ETag", etiquette(d.Version))
		if x.g.o.Servir != nil {
			if err := x.g.o.Servir(x.r.Context()); err != nil { // what follows the store will do it
				x.g.avertirExploitant("changement de l'annuaire gardé, servi plus tard", err)
			}
		}
	}
	r := x.vueDe(d)
	for _, c := range constats {
		r.Constats = append(r.Constats, constatVu{c.Code.String(), c.Champ})
	}
	x.montrer(d.Nature, d.ID)
	return x.repondre(statut, "demande", r)
}

// groupeCreateur is the group whose owner makes records of a nature.
func groupeCreateur(n annuaire.Nature) annuaire.Groupe {
	switch n {
	case annuaire.Praticiens:
		return annuaire.Identite
	case annuaire.Situations:
		return annuaire.Exercice
	case annuaire.Acces:
		return annuaire.Raccordement
	}
	return annuaire.Lieu
}

type constatVu struct {
	Code  string `json:"code"`
	Champ string `json:"champ"`
}

type modificationVue struct {
	Rubrique string `json:"rubrique"`
	Cle      string `json:"cle,omitempty"`
	Ancien   string `json:"ancien"`
	Nouveau  string `json:"nouveau"`
}

// demandeVue is a request as those it concerns read it.
type demandeVue struct {
	Profil        string            `json:"profil"`
	Numero        string            `json:"numero"`
	Etat          string            `json:"etat"`
	Nature        string            `json:"nature"`
	ID            string            `json:"id"`
	Groupe        string            `json:"groupe"`
	Modifications []modificationVue `json:"modifications,omitempty"`
	Fiche         json.RawMessage   `json:"fiche,omitempty"`
	Par           string            `json:"par"`
	Famille       string            `json:"famille"`
	Preuve        string            `json:"preuve,omitempty"`
	Deposee       time.Time         `json:"deposee"`
	QuiDecide     string            `json:"quiDecide,omitempty"`
	Echeance      *time.Time        `json:"echeance,omitempty"`
	ResteJours    *int              `json:"resteJours,omitempty"` // negative when the owner is late
	Decideur      string            `json:"decideur,omitempty"`
	Motif         string            `json:"motif,omitempty"`
	Decidee       *time.Time        `json:"decidee,omitempty"`
	Version       uint32            `json:"version,omitempty"` // of the record, once applied
	Constats      []constatVu       `json:"constats,omitempty"`
	Etapes        []etapeVue        `json:"etapes,omitempty"`
}

type etapeVue struct {
	Instant time.Time `json:"instant"`
	Etat    string    `json:"etat"`
	Acteur  string    `json:"acteur"`
	Motif   string    `json:"motif,omitempty"`
}

func (x *visite) vueDe(d *annuaire.Demande) demandeVue {
	r := demandeVue{Profil: ProfilGuichet, Numero: d.Numero, Etat: string(d.Etat), Nature: d.Nature.String(), ID: d.ID, Groupe: d.Groupe.String(),
		Par: d.Par, Famille: d.Famille, Preuve: d.Preuve, Deposee: d.Deposee.UTC(), Decideur: d.Decideur, Motif: d.Motif, Version: d.Version}
	for _, m := range d.Modifications {
		r.Modifications = append(r.Modifications, modificationVue(m))
	}
	if d.Fiche != nil {
		r.Fiche = ecrireFiche(d.Fiche)
	}
	if d.Etat == annuaire.Deposee {
		e, reste := d.Echeance.UTC(), int(d.Reste(x.g.o.Horloge())/(24*time.Hour))
		r.QuiDecide, r.Echeance, r.ResteJours = x.titulaires(d.Nature, d.Groupe), &e, &reste
	}
	if !d.Decidee.IsZero() {
		t := d.Decidee.UTC()
		r.Decidee = &t
	}
	return r
}

// concernee is a request that the visitor made, or decides of; for anybody else there
// is none.
func (x *visite) concernee(numero string) (*annuaire.Demande, error) {
	s := x.g.o.Demandes
	if len(numero) > 40 {
		return nil, annuaire.ErrSansDemande
	}
	d, err := s.Registre.Demande(x.r.Context(), numero)
	if err != nil {
		return nil, err
	}
	if x.estSienne(d) || x.decide(x.r.Context(), d) {
		x.nature, x.groupe = d.Nature, d.Groupe
		return d, nil
	}
	return nil, annuaire.ErrSansDemande
}

func (x *visite) estSienne(d *annuaire.Demande) bool {
	a := x.v.Acteur()
	return d.Par == a.ID && d.Famille == a.Famille
}

// decide tells whether the visitor decides of a request.
func (x *visite) decide(ctx context.Context, d *annuaire.Demande) bool {
	s := x.g.o.Demandes
	c, err := s.Fiches.Fiche(ctx, d.Nature, d.ID)
	return err == nil && s.Donnees.Droits().Decide(x.v.Acteur(), d, c)
}

// demande shows a request, its steps and the delay that is left.
func (x *visite) demande() error {
	if _, err := x.question(); err != nil {
		return err
	}
	d, err := x.concernee(x.r.PathValue("numero"))
	if err != nil {
		return err
	}
	l, err := x.g.o.Registre.Etapes(x.r.Context(), d.Numero)
	if err != nil {
		return err
	}
	r := x.vueDe(d)
	for _, e := range l {
		r.Etapes = append(r.Etapes, etapeVue{e.Instant.UTC(), string(e.Etat), e.Acteur, e.Motif})
	}
	x.montrer(d.Nature, d.ID)
	return x.repondre(http.StatusOK, "demande", r)
}

// corpsDecision is what a decision takes.
type corpsDecision struct{ Motif string }

func (x *visite) accepter() error {
	d, err := x.concernee(x.r.PathValue("numero"))
	if err == nil {
		err = x.corps(&struct{}{})
	}
	if err != nil {
		return err
	}
	faite, constats, err := x.g.o.Demandes.Accepter(x.r.Context(), x.v.Acteur(), d.Numero)
	return x.decidee(faite, constats, err)
}

func (x *visite) refuser() error { return x.clore(false) }

func (x *visite) retirer() error { return x.clore(true) }

// clore closes a request that waits: refused by the owner, or taken back by who asked.
func (x *visite) clore(reprise bool) error {
	d, err := x.concernee(x.r.PathValue("numero"))
	if err != nil {
		return err
	}
	if reprise && !x.estSienne(d) {
		return annuaire.ErrPasAVous
	}
	var c corpsDecision
	if err := x.corps(&c); err != nil {
		return err
	}
	faite, err := x.g.o.Demandes.Refuser(x.r.Context(), x.v.Acteur(), d.Numero, c.Motif)
	return x.decidee(faite, nil, err)
}

// decidee answers a decision; one that is kept is answered, whoever could not be told.
func (x *visite) decidee(d *annuaire.Demande, constats []annuaire.Constat, err error) error {
	switch {
	case d == nil || errors.Is(err, annuaire.ErrAncienne):
		return err
	case err != nil:
		x.g.avertirExploitant("décision gardée, mais non annoncée", err)
	}
	if d.Etat == annuaire.Appliquee {
		return x.faite(d, constats)
	}
	x.montrer(d.Nature, d.ID)
	return x.repondre(http.StatusOK, "demande", x.vueDe(d))
}

// listeDemandes is a page of requests; Suite is the address of the next one.
type listeDemandes struct {
	Demandes []demandeVue `json:"demandes"`
	Suite    string       `json:"suite,omitempty"`
}

// demandes lists those of the visitor and those he decides of, each page by page.
func (x *visite) demandes() error {
	q, err := x.question("liste", "apres", "nombre")
	if err != nil {
		return err
	}
	nombre, err := nombreDe(q["nombre"])
	if err != nil {
		return err
	}
	r := struct {
		Profil   string         `json:"profil"`
		Miennes  *listeDemandes `json:"miennes,omitempty"`
		ADecider *listeDemandes `json:"aDecider,omitempty"`
	}{Profil: ProfilGuichet}
	liste := q["liste"]
	if liste != "" && liste != "miennes" && liste != "a-decider" || liste == "" && q["apres"] != "" {
		return &formeIllisible{"liste", "miennes ou a-decider attendu"}
	}
	if liste != "a-decider" {
		if r.Miennes, err = x.miennes(q["apres"], nombre); err != nil {
			return err
		}
	}
	if liste != "miennes" {
		if r.ADecider, err = x.aDecider(q["apres"], nombre); err != nil {
			return err
		}
	}
	return x.repondre(http.StatusOK, "demandes", r)
}

func (x *visite) miennes(apres string, nombre int) (*listeDemandes, error) {
	l, err := x.g.o.Registre.DeActeur(x.r.Context(), x.v.Acteur().ID, apres, nombre)
	if err != nil {
		return nil, err
	}
	r := &listeDemandes{Demandes: []demandeVue{}}
	for _, d := range l {
		if x.estSienne(d) {
			x.montrer(d.Nature, d.ID)
			r.Demandes = append(r.Demandes, x.vueDe(d))
		}
	}
	if len(l) == nombre {
		r.Suite = "/v1/demandes?liste=miennes&nombre=" + strconv.Itoa(nombre) + "&apres=" + l[len(l)-1].Numero
	}
	return r, nil
}

// attenteMax bounds the requests that one page looks at; its Suite goes on, even when
// nothing was found.
const attenteMax = 1000

func (x *visite) aDecider(apres string, nombre int) (*listeDemandes, error) {
	dernier, err := repere(apres)
	if err != nil {
		return nil, err
	}
	ctx, s := x.r.Context(), x.g.o.Demandes
	r := &listeDemandes{Demandes: []demandeVue{}}
	for vues := 0; vues < attenteMax; {
		l, err := x.g.o.Registre.EnAttente(ctx, dernier, 200)
		if err != nil {
			return nil, err
		}
		for _, d := range l {
			dernier = d
			if vues++; !x.tientPeutEtre(s.Donnees, d) || !x.decide(ctx, d) {
				continue
			}
			x.montrer(d.Nature, d.ID)
			if r.Demandes = append(r.Demandes, x.vueDe(d)); len(r.Demandes) == nombre {
				r.Suite = suiteADecider(d, nombre)
				return r, nil
			}
		}
		if len(l) < 200 {
			return r, nil
		}
	}
	r.Suite = suiteADecider(dernier, nombre)
	return r, nil
}

// tientPeutEtre tells whether the visitor's family keeps the fields of some records.
func (x *visite) tientPeutEtre(d *annuaire.Donnees, q *annuaire.Demande) bool {
	familles, _ := d.Proprietes.De(q.Nature, q.Groupe)
	for _, f := range familles {
		if f == x.v.Acteur().Famille {
			return true
		}
	}
	return false
}

func suiteADecider(d *annuaire.Demande, nombre int) string {
	return "/v1/demandes?liste=a-decider&nombre=" + strconv.Itoa(nombre) + "&apres=" + strconv.FormatInt(d.Echeance.UnixMilli(), 10) + "." + d.Numero
}

// repere reads where a list of requests that wait goes on.
func repere(s string) (*annuaire.Demande, error) {
	if s == "" {
		return nil, nil
	}
	for i := range s {
		if s[i] != '.' {
			continue
		}
		if ms, err := strconv.ParseInt(s[:i], 10, 64); err == nil {
			return &annuaire.Demande{Echeance: time.UnixMilli(ms), Numero: s[i+1:]}, nil
		}
	}
	return nil, &formeIllisible{"apres", "recopier la suite que donne la page d'avant"}
}
