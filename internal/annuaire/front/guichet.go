package front

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// Guichet is where owners change their records, where others propose changes to them, and
// where they decide. ref: RASS §9
type Guichet struct {
	Demandes *annuaire.Demandes
	Liste    Liste
	// Qui tells what the author of a request sees and who he is; an error refuses him.
	Qui     func(*http.Request) (*annuaire.Vision, error)
	Journal *slog.Logger // of what the operator must know; nil for none
}

// RoutesGuichet are the addresses of the Guichet, under its prefix.
func RoutesGuichet() []Route {
	return []Route{
		{"GET", "/rubriques/{nature}", "Champs d'une nature de fiche que l'on peut demander à changer"},
		{"POST", "/demandes", "Demander des changements d'une fiche : appliqués si l'on en est propriétaire, proposés sinon"},
		{"GET", "/demandes", "Ses demandes, à la suite de apres=NUMÉRO"},
		{"GET", "/demandes/a-decider", "Demandes qui attendent sa décision"},
		{"GET", "/demandes/{numero}", "Une demande que l'on a faite, ou dont on décide"},
		{"POST", "/demandes/{numero}/accepter", "Appliquer une demande dont on décide"},
		{"POST", "/demandes/{numero}/refuser", "Refuser une demande, avec son motif ; retirer la sienne"},
	}
}

// Servir puts the addresses under a prefix of a mux.
func (g *Guichet) Servir(mux *http.ServeMux, prefixe string) {
	for chemin, f := range map[string]func(*guichetDemande) error{
		"GET /rubriques/{nature}":          (*guichetDemande).rubriques,
		"POST /demandes":                   (*guichetDemande).deposer,
		"GET /demandes":                    (*guichetDemande).siennes,
		"GET /demandes/a-decider":          (*guichetDemande).aDecider,
		"GET /demandes/{numero}":           (*guichetDemande).lire,
		"POST /demandes/{numero}/accepter": (*guichetDemande).accepter,
		"POST /demandes/{numero}/refuser":  (*guichetDemande).refuser,
	} {
		methode, reste, _ := strings.Cut(chemin, " ")
		mux.HandleFunc(methode+" "+prefixe+reste, func(w http.ResponseWriter, r *http.Request) { g.servir(w, r, f) })
	}
}

// guichetDemande is one request at the Guichet.
type guichetDemande struct {
	g *Guichet
	w http.ResponseWriter
	r *http.Request
	v *annuaire.Vision
	a *annuaire.Acteur
}

func (g *Guichet) servir(w http.ResponseWriter, r *http.Request, f func(*guichetDemande) error) {
	w.Header()["Cache-Control"] = sansGarde
	v, err := g.Qui(r)
	if err == nil && v.Acteur().ID == "" {
		err = refus(fhir.CodeLogin, "", "s'identifier, par un certificat ou une clé : seul un acteur connu demande un changement")
	}
	if err == nil {
		w.Header()["X-Vue"] = []string{v.Regard().Entete()}
		err = f(&guichetDemande{g, w, r, v, v.Acteur()})
	}
	if err != nil {
		g.refuser(w, err)
	}
}

// refusGuichet are the errors of requests, by the status that says them. ref: RFC 9110 §15.5
var refusGuichet = []struct {
	statut  int
	erreurs []error
}{
	{http.StatusNotFound, []error{annuaire.ErrInconnu, annuaire.ErrSansDemande}},
	{http.StatusForbidden, []error{annuaire.ErrInterdit, annuaire.ErrPasAVous, annuaire.ErrFamille, annuaire.ErrMotif}},
	{http.StatusConflict, []error{annuaire.ErrAncienne, annuaire.ErrDejaDecidee, annuaire.ErrDejaLa}},
	{http.StatusUnprocessableEntity, []error{annuaire.ErrDemande, annuaire.ErrPreuve, annuaire.ErrMotifRefus, annuaire.ErrSansEffet, annuaire.ErrFicheRefusee,
		annuaire.ErrRubrique, annuaire.ErrValeur, annuaire.ErrElement, sante.ErrTexteNIR}},
}

// refuser answers a problem document. ref: RFC 9457
func (g *Guichet) refuser(w http.ResponseWriter, err error) {
	statut, detail := 0, ""
	for _, x := range refusGuichet {
		for _, e := range x.erreurs {
			if statut == 0 && errors.Is(err, e) {
				statut, detail = x.statut, strings.TrimPrefix(err.Error(), "annuaire: ")
			}
		}
	}
	if statut == 0 {
		var issue fhir.Issue
		if statut, issue = fhir.Outcome(err); statut == http.StatusInternalServerError && g.Journal != nil {
			g.Journal.Error("annuaire: demande impossible", "erreur", err)
		}
		detail = issue.Diagnostics
	}
	if statut == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	g.ecrire(w, "application/problem+json", statut, map[string]any{"type": "about:blank", "status": statut, "title": http.StatusText(statut), "detail": detail})
}

func (g *Guichet) ecrire(w http.ResponseWriter, genre string, statut int, v any) {
	b, err := json.Marshal(v)
	if err != nil { // what we write is made of texts and numbers
		statut, b = http.StatusInternalServerError, []byte("{}")
	}
	w.Header()["Content-Type"] = []string{genre}
	w.WriteHeader(statut)
	_, _ = w.Write(b) // a client that left is no concern of ours
}

// demandeJSON is a request for change, on the wire.
type demandeJSON struct {
	Numero        string             `json:"numero,omitempty"`
	Nature        string             `json:"nature"`
	Fiche         string             `json:"fiche"`
	Groupe        string             `json:"groupe,omitempty"`
	Modifications []modificationJSON `json:"modifications,omitempty"`
	Preuve        string             `json:"preuve,omitempty"`
	Etat          string             `json:"etat,omitempty"`
	Famille       string             `json:"famille,omitempty"`
	Deposee       string             `json:"deposee,omitempty"`
	Echeance      string             `json:"echeance,omitempty"`
	Motif         string             `json:"motif,omitempty"`
	Decidee       string             `json:"decidee,omitempty"`
	Version       uint32             `json:"version,omitempty"`
	Constats      []constatJSON      `json:"constats,omitempty"`
}

type modificationJSON struct {
	Rubrique string `json:"rubrique"`
	Cle      string `json:"cle,omitempty"`
	Ancien   string `json:"ancien,omitempty"`
	Nouveau  string `json:"nouveau"`
}

type constatJSON struct {
	Code  string `json:"code"`
	Champ string `json:"champ,omitempty"`
	Texte string `json:"texte,omitempty"`
}

func instantJSON(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return string(fhir.AppendInstant(nil, t.UnixMilli()))
}

// enJSON writes a request for who may read it. Who asked and who decided are known by
// their family.
func (x *guichetDemande) enJSON(d *annuaire.Demande, constats []annuaire.Constat) demandeJSON {
	j := demandeJSON{Numero: d.Numero, Nature: d.Nature.String(), Fiche: d.ID, Groupe: d.Groupe.String(), Preuve: d.Preuve, Etat: string(d.Etat), Famille: d.Famille,
		Deposee: instantJSON(d.Deposee), Echeance: instantJSON(d.Echeance), Motif: d.Motif, Decidee: instantJSON(d.Decidee), Version: d.Version}
	for _, m := range d.Modifications {
		j.Modifications = append(j.Modifications, modificationJSON(m))
	}
	donnees := x.g.Demandes.Donnees
	jour := sante.JourA(x.g.Demandes.Horloge(), sante.Paris())
	for _, c := range constats {
		j.Constats = append(j.Constats, constatJSON{c.Code.String(), c.Champ, donnees.Controle(c.Code, jour).Texte})
	}
	return j
}

// corps reads a small JSON of known fields.
func (x *guichetDemande) corps(v any) error {
	if t, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: fhir.CodeNotSupported, Diagnostics: "envoyer du JSON, en application/json"}, HTTP: http.StatusUnsupportedMediaType}
	}
	const max = 64 << 10
	b, err := io.ReadAll(io.LimitReader(x.r.Body, max+1))
	if err != nil {
		return refus(fhir.CodeInvalid, "", "le corps de la demande s'est interrompu : la renvoyer")
	}
	if len(b) > max {
		return errTropGrosGuichet
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil || d.More() {
		return refus(fhir.CodeStructure, "", "le corps n'est pas le JSON attendu : voir la page des routes pour les noms des champs")
	}
	return nil
}

var errTropGrosGuichet = &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: fhir.CodeTooLong, Diagnostics: "le corps dépasse 64 Ko : faire plusieurs demandes"}, HTTP: http.StatusRequestEntityTooLarge}

func (x *guichetDemande) rubriques() error {
	n, ok := annuaire.ParseNature(x.r.PathValue("nature"))
	if !ok {
		return refus(fhir.CodeNotFound, "", "nature inconnue : praticien, situation, structure, activite, equipement ou acces")
	}
	x.g.ecrire(x.w, "application/json", http.StatusOK, map[string]any{"nature": n.String(), "rubriques": n.Rubriques()})
	return nil
}

// deposer takes a request for change: 201 when it is applied, 202 when it waits for who
// decides.
func (x *guichetDemande) deposer() error {
	var j demandeJSON
	if err := x.corps(&j); err != nil {
		return err
	}
	n, ok := annuaire.ParseNature(j.Nature)
	if !ok || j.Numero+j.Groupe+j.Etat+j.Famille+j.Deposee+j.Echeance+j.Motif+j.Decidee != "" || j.Version != 0 || j.Constats != nil {
		return fmt.Errorf("%w : dire la nature, la fiche, les modifications et la preuve, et elles seules", annuaire.ErrDemande)
	}
	d := annuaire.Demande{Nature: n, ID: j.Fiche, Preuve: j.Preuve}
	for _, m := range j.Modifications {
		d.Modifications = append(d.Modifications, annuaire.Modification(m))
	}
	faite, constats, err := x.g.Demandes.Deposer(x.r.Context(), x.a, x.v, d)
	if faite == nil {
		return err
	}
	x.prevenir(err)
	statut := http.StatusCreated
	if faite.Etat == annuaire.Deposee {
		statut = http.StatusAccepted
	}
	x.w.Header()["Location"] = []string{strings.TrimSuffix(x.r.URL.Path, "/") + "/" + faite.Numero}
	x.g.ecrire(x.w, "application/json", statut, x.enJSON(faite, constats))
	return nil
}

// prevenir tells the operator that somebody could not be told.
func (x *guichetDemande) prevenir(err error) {
	if err != nil && x.g.Journal != nil {
		x.g.Journal.Warn("annuaire: avis non remis", "erreur", err)
	}
}

// decide tells whether the actor keeps what a request would change: others of his family
// do not read it.
func (x *guichetDemande) decide(d *annuaire.Demande) (bool, error) {
	p := x.g.Demandes.Donnees.Proprietes
	familles, _ := p.De(d.Nature, d.Groupe)
	if !slices.Contains(familles, x.a.Famille) {
		return false, nil
	}
	fiche := d.Fiche
	if fiche == nil {
		var err error
		if fiche, err = x.g.Demandes.Fiches.Fiche(x.r.Context(), d.Nature, d.ID); err != nil {
			if errors.Is(err, annuaire.ErrInconnu) {
				return false, nil
			}
			return false, err
		}
	}
	for _, m := range d.Modifications {
		if !p.Tient(x.a, d.Groupe, fiche, m.Cle) {
			return false, nil
		}
	}
	return len(d.Modifications) > 0 || p.Tient(x.a, d.Groupe, fiche, ""), nil
}

// lire answers a request to who made it, and to those who may decide of it.
func (x *guichetDemande) lire() error {
	d, err := x.g.Demandes.Registre.Demande(x.r.Context(), x.r.PathValue("numero"))
	if err != nil {
		return err
	}
	if d.Par != x.a.ID {
		if decide, err := x.decide(d); err != nil || !decide {
			return cmp.Or(err, annuaire.ErrSansDemande)
		}
	}
	x.g.ecrire(x.w, "application/json", http.StatusOK, x.enJSON(d, nil))
	return nil
}

// parPage is how many requests a list gives.
const parPage = 50

func (x *guichetDemande) siennes() error {
	l, err := x.g.Liste.DeActeur(x.r.Context(), x.a.ID, x.r.URL.Query().Get("apres"), parPage)
	if err != nil {
		return err
	}
	return x.lister(l)
}

// aDecider lists what waits for a family of the actor, the most urgent first.
func (x *guichetDemande) aDecider() error {
	var apres *annuaire.Demande
	if numero := x.r.URL.Query().Get("apres"); numero != "" {
		d, err := x.g.Demandes.Registre.Demande(x.r.Context(), numero)
		if err != nil {
			return err
		}
		apres = d
	}
	var l []*annuaire.Demande
	for range 20 { // a list is bounded: those of others are passed over
		page, err := x.g.Liste.EnAttente(x.r.Context(), apres, 200)
		if err != nil {
			return err
		}
		for _, d := range page {
			apres = d
			decide, err := x.decide(d)
			if err != nil {
				return err
			}
			if decide {
				l = append(l, d)
			}
			if len(l) == parPage {
				return x.lister(l)
			}
		}
		if len(page) == 0 {
			break
		}
	}
	return x.lister(l)
}

func (x *guichetDemande) lister(l []*annuaire.Demande) error {
	r := make([]demandeJSON, len(l))
	for i, d := range l {
		r[i] = x.enJSON(d, nil)
	}
	x.g.ecrire(x.w, "application/json", http.StatusOK, map[string]any{"demandes": r})
	return nil
}

func (x *guichetDemande) accepter() error {
	d, constats, err := x.g.Demandes.Accepter(x.r.Context(), x.a, x.r.PathValue("numero"))
	return x.decidee(d, constats, err)
}

func (x *guichetDemande) refuser() error {
	var j struct {
		Motif string `json:"motif"`
	}
	if err := x.corps(&j); err != nil {
		return err
	}
	d, err := x.g.Demandes.Refuser(x.r.Context(), x.a, x.r.PathValue("numero"), j.Motif)
	return x.decidee(d, nil, err)
}

// decidee answers a decision; one that was made stands, even when somebody could not be
// told.
func (x *guichetDemande) decidee(d *annuaire.Demande, constats []annuaire.Constat, err error) error {
	if d == nil || errors.Is(err, annuaire.ErrAncienne) {
		return err
	}
	x.prevenir(err)
	x.g.ecrire(x.w, "application/json", http.StatusOK, x.enJSON(d, constats))
	return nil
}
