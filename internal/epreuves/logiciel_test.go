//go:build linux

package epreuves

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/etablissement/front"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/trame"
)

const espaceLocal = "urn:x-ecluse:local:1"

var (
	planDossier    = trame.Pour[etablissement.Dossier](espaceLocal)
	planCouverture = trame.Pour[front.CouvertureDemande](espaceLocal)
	planCalcul     = trame.Pour[front.CalculDemande](espaceLocal)
	planVenues     = trame.Pour[front.VenuesVue](espaceLocal)
	planVenue      = trame.Pour[front.VenueVue](espaceLocal)
	planEngagement = trame.Pour[roc.ReponseEngagement](espaceLocal)
)

// logiciel is the billing software of a hospital: all it knows is the local
// interface.
type logiciel struct {
	l      *labo
	base   string
	jeton  string
	lieu   *monde.Etablissement
	client *http.Client
}

func (p *partie) logiciel() *logiciel {
	p.l.t.Helper()
	c := &p.f.Etablissements[0]
	b, err := os.ReadFile(p.f.Resoudre(c.API.Jeton))
	if err != nil {
		p.l.t.Fatal(err)
	}
	return &logiciel{l: p.l, base: "http://" + c.API.Adresse, jeton: strings.TrimSpace(string(b)), lieu: p.l.monde.Etablissement(p.nom),
		client: &http.Client{Timeout: 40 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
}

// echec is an answer of the interface that is no success.
type echec struct {
	statut int
	code   string
	corps  string
}

func (e *echec) Error() string { return fmt.Sprintf("%d %s %s", e.statut, e.code, e.corps) }

// appeler sends a request; the error is an *echec when there was an answer.
func (g *logiciel) appeler(ctx context.Context, methode, chemin, cle string, corps []byte) ([]byte, error) {
	q, err := http.NewRequestWithContext(ctx, methode, g.base+chemin, bytes.NewReader(corps))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Authorization", "Bearer "+g.jeton)
	q.Header.Set("Content-Type", "application/json")
	if cle != "" {
		q.Header.Set("Idempotency-Key", cle)
	}
	r, err := g.client.Do(q)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return nil, err
	}
	if r.StatusCode >= 300 {
		var p struct{ Code string }
		json.Unmarshal(b, &p)
		return b, &echec{r.StatusCode, p.Code, string(b)}
	}
	return b, nil
}

func (g *logiciel) venue(ctx context.Context, methode, chemin string, corps []byte) (*front.VenueVue, error) {
	b, err := g.appeler(ctx, methode, chemin, "", corps)
	if err != nil {
		return nil, err
	}
	v := new(front.VenueVue)
	return v, planVenue.DecodeJSON(b, v)
}

// ouvrir opens a visit with the card of the patient. Said twice under one
// Idempotency-Key, it is opened once.
func (g *logiciel) ouvrir(ctx context.Context, h *monde.Histoire) (id string, err error) {
	m := g.l.monde
	e := m.Entete(h, 1)
	b := e.Beneficiaire
	d := etablissement.Dossier{Numero: h.Dossier, FinessGeo: e.Etablissement.FinessGeo, Contexte: h.Contexte, DateReference: h.Entree,
		PeriodeDebut: h.Entree, Discipline: e.Discipline, DMT: h.DMT, MT: h.MT, AMO: e.AMO, Information: true,
		Patient: etablissement.Patient{IPP: h.Patient.IPP, NIRAssure: b.NIRAssure, NIRBeneficiaire: b.NIRBeneficiaire, NomNaissance: b.NomNaissance,
			NomUsage: b.NomUsage, Prenom: b.Prenom, DateNaissance: b.DateNaissance, RangGemellaire: b.RangGemellaire, Qualite: b.Qualite}}
	v := new(front.VenueVue)
	rep, err := g.appeler(ctx, "POST", "/v1/venues", "ouvrir-"+h.Dossier, planDossier.AppendJSON(nil, &d))
	if err == nil {
		err = planVenue.DecodeJSON(rep, v)
	} else if dit(err, "doublon") { // it died once the visit was open: find it
		v, err = g.trouver(ctx, h.Dossier)
	}
	if err != nil || len(v.Couvertures) > 0 {
		return v.ID, err
	}
	k := m.Carte(&h.Patient.Couvertures[0])
	c := front.CouvertureDemande{Rang: 1, Carte: &etablissement.Attestation{NumeroAMC: k.NumeroAMC, TypeConvention: k.TypeConvention, CSR: k.CSR,
		NumeroAdherent: h.Patient.Couvertures[0].NumeroAdherent, ValiditeDebut: k.ValiditeDebut, ValiditeFin: k.ValiditeFin, ModeAcquisition: k.ModeAcquisition}}
	_, err = g.appeler(ctx, "POST", "/v1/venues/"+v.ID+"/couvertures", "couvrir-"+h.Dossier, planCouverture.AppendJSON(nil, &c))
	if dit(err, "donnees") { // it died once the card was there
		err = nil
	}
	return v.ID, err
}

// dit tells whether the interface refused for a kind of reason.
func dit(err error, sorte string) bool {
	var e *echec
	return errors.As(err, &e) && strings.Contains(e.corps, `"urn:x-ecluse:probleme:`+sorte+`"`)
}

// trouver finds the visit of a dossier.
func (g *logiciel) trouver(ctx context.Context, dossier string) (*front.VenueVue, error) {
	b, err := g.appeler(ctx, "GET", "/v1/venues?dossier="+dossier, "", nil)
	if err != nil {
		return new(front.VenueVue), err
	}
	l := new(front.VenuesVue)
	if err := planVenues.DecodeJSON(b, l); err != nil || len(l.Venues) != 1 {
		return new(front.VenueVue), fmt.Errorf("%d venues de %s : %w", len(l.Venues), dossier, err)
	}
	return g.lire(ctx, l.Venues[0].ID)
}

var rang1 = []byte(`{"rang":1}`)

func (g *logiciel) lire(ctx context.Context, id string) (*front.VenueVue, error) {
	return g.venue(ctx, "GET", "/v1/venues/"+id, nil)
}

func (g *logiciel) droits(ctx context.Context, id string) (*front.VenueVue, error) {
	return g.venue(ctx, "POST", "/v1/venues/"+id+"/droits", rang1)
}

func (g *logiciel) reprendre(ctx context.Context, id string) (*front.VenueVue, error) {
	return g.venue(ctx, "POST", "/v1/venues/"+id+"/reprises", rang1)
}

func (g *logiciel) annuler(ctx context.Context, id string) (*front.VenueVue, error) {
	return g.venue(ctx, "POST", "/v1/venues/"+id+"/annulations", []byte(`{"rang":1,"motif":"`+string(roc.Doublon)+`"}`))
}

func (g *logiciel) calculer(ctx context.Context, id string, h *monde.Histoire, e *monde.Etape) (*front.VenueVue, error) {
	d, err := g.l.monde.Demande(g.l.moteur, h, e)
	if err != nil {
		return nil, err
	}
	c := front.CalculDemande{Rang: 1, Passage: etablissement.Passage{TypeFacture: d.TypeFacture, NumeroFactureES: d.NumeroFactureES, TauxAMO: d.TauxAMO,
		CodePecFJ: d.CodePecFJ, ParcoursSoins: d.ParcoursSoins, Situation: d.Situation, Sejour: d.Sejour, Lignes: d.Lignes}}
	return g.venue(ctx, "POST", "/v1/venues/"+id+"/calculs", planCalcul.AppendJSON(nil, &c))
}

// engagement asks the insurer what it knows of the engagement of a visit.
func (g *logiciel) engagement(ctx context.Context, id string) (*roc.ReponseEngagement, error) {
	b, err := g.appeler(ctx, "GET", "/v1/venues/"+id+"/engagements/1", "", nil)
	if err != nil {
		return nil, err
	}
	r := new(roc.ReponseEngagement)
	return r, planEngagement.DecodeJSON(b, r)
}
