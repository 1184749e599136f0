package front

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

func TestLire(t *testing.T) {
	p := porte(t, depot(t, fiches()))
	adresse := "/Practitioner/" + nomme("p1")[0]
	w := demander(t, p, "", adresse)
	if w.Code != 200 || w.Header().Get("Etag") != `W/"2"` || w.Header().Get("X-Vue") != "V0/1" || w.Header().Get("Last-Modified") != "Sun, 22 Nov 2026 10:00:00 GMT" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := demander(t, p, "", adresse, "If-None-Match", `W/"2"`); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := demander(t, p, "", adresse+"/_history/2"); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = demander(t, p, "", adresse, "Accept", "application/fhir+xml")
	if w.Header().Get("Content-Type") != "application/fhir+xml; charset=utf-8" || !strings.HasPrefix(w.Body.String(), `<Practitioner xmlns="http://hl7.org/fhir">`) {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	for q, attendu := range map[string]string{"?_elements=name": "id meta name resourceType", "?_summary=true": "active id identifier meta name resourceType telecom", "?_summary=text": "id meta resourceType"} {
		var v map[string]any
		if err := json.Unmarshal(demander(t, p, "", adresse+q).Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		var l []string
		for k := range v {
			l = append(l, k)
		}
		slices.Sort(l)
		if got := strings.Join(l, " "); got != attendu {
			t.Errorf("%s : %s", q, got)
		}
		if fmt.Sprint(v["meta"].(map[string]any)["tag"]) != "[map[code:SUBSETTED system:http://terminology.hl7.org/CodeSystem/v3-ObservationValue]]" {
			t.Errorf("%s : %v", q, v["meta"])
		}
	}
	w = demander(t, p, "", "/metadata?_format=xml")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `<searchRevInclude value="PractitionerRole:practitioner"/>`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// passe keeps versions as a store would.
type passe []annuaire.Changement

func (p passe) Versions(_ context.Context, n annuaire.Nature, id string, avant uint32, max int) (l []annuaire.Changement, err error) {
	for _, k := range p {
		if m, e := k.Entete(); m == n && e.ID == id && e.Version < avant && len(l) < max {
			l = append(l, k)
		}
	}
	return l, nil
}

func TestHistorique(t *testing.T) {
	f := fiches()
	actuel := f[5].Praticien
	actuel.Version = 4
	var h passe
	for v := uint32(3); v > 0; v-- {
		ancien := *actuel
		ancien.Version, ancien.Nom, ancien.Maj = v, fmt.Sprint("ANCIEN", v), actuel.Maj-int64(4-v)*1000
		h = append(h, annuaire.Changement{Praticien: &ancien})
	}
	p := porte(t, depot(t, f), func(o *Options) { o.Historique = h })
	adresse := "/Practitioner/" + actuel.ID
	if w := demander(t, p, "", adresse+"/_history"); w.Code != 403 {
		t.Errorf("le public lit le passé : %d", w.Code)
	}
	if w := demander(t, p, "V5", adresse+"/_history/2"); w.Code != 200 || !strings.Contains(w.Body.String(), "ANCIEN2") || w.Header().Get("Etag") != `W/"2"` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := demander(t, p, "V5", adresse+"/_history/9"); w.Code != 404 {
		t.Errorf("%d", w.Code)
	}
	var versions []string
	for suite := adresse + "/_history?_count=3"; suite != ""; {
		w := demander(t, p, "V5", suite)
		l := lireLot(t, w)
		for _, e := range l.Entry {
			versions = append(versions, fmt.Sprint(e.Resource["meta"].(map[string]any)["versionId"]))
		}
		suite = l.lien("next")
	}
	if got := strings.Join(versions, " "); got != "4 3 2 1" {
		t.Errorf("got %s", got)
	}
	l := lireLot(t, demander(t, p, "V5", adresse+"/_history?_since=2026-11-22T09:59:58.500Z"))
	if len(l.Entry) != 2 {
		t.Errorf("%d versions depuis", len(l.Entry))
	}
}

// Each record that is shown is counted, for the quotas of who reads it.
func TestCompteDesFiches(t *testing.T) {
	vues := map[string]int{}
	p := porte(t, depot(t, foule(10)), func(o *Options) {
		o.Compter = func(r *http.Request) func(string) {
			return func(id string) { vues[r.Header.Get("Essai-Vue")+" "+id]++ }
		}
	})
	demander(t, p, "V1", "/PractitionerRole?practitioner="+nomme("p1")[0]+"&_include=*")
	demander(t, p, "V1", "/Practitioner/"+nomme("p1")[0])
	demander(t, p, "", "/Practitioner?family=foule&_summary=count")
	if len(vues) != 4 || vues["V1 "+nomme("p1")[0]] != 2 {
		t.Errorf("%v", vues)
	}
}

// A view that is traced keeps what it showed before it shows it, or shows nothing.
// ref: RASS §8
func TestTraces(t *testing.T) {
	n := &traces{}
	p := porte(t, depot(t, fiches()), func(o *Options) { o.Traces = n })
	demander(t, p, "", "/Practitioner?family=leger")
	if len(n.l) != 0 {
		t.Errorf("le public est tracé : %+v", n.l)
	}
	demander(t, p, "V5", "/PractitionerRole?role=S&_include=*")
	demander(t, p, "V5", "/Practitioner/"+nomme("p1")[0])
	if len(n.l) != 2 || n.l[0].Motif != "essai" || n.l[0].Regard != "V5/1" || n.l[0].Operation != "recherche" || len(n.l[0].Lues) != 3 || n.l[1].Lues[0].ID != nomme("p1")[0] {
		t.Errorf("%+v", n.l)
	}
	n.panne = errors.New("disque plein")
	if w := demander(t, p, "V5", "/Practitioner/"+nomme("p1")[0]); w.Code != 503 || strings.Contains(w.Body.String(), "1980") || strings.Contains(w.Body.String(), "disque") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	p = porte(t, depot(t, fiches()), func(o *Options) { o.Traces = nil })
	if w := demander(t, p, "V5", "/Practitioner"); w.Code != 503 {
		t.Errorf("%d", w.Code)
	}
}
