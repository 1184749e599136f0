package front

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Whatever is asked, of whatever address, the answer is one resource of JSON, with a
// status that is not an internal error.
func FuzzPorte(f *testing.F) {
	for _, s := range []string{"Practitioner?family=a&_include=*", "PractitionerRole?organization.partof.name=a&_revinclude=*&_sort=-_lastUpdated", "Organization?near=47|1|900|km&type:not=|,a|b",
		"Practitioner/p1/_history/2?_count=a", "_page?id=AAAA", "metadata", "HealthcareService?_profile=x&active:missing=true&_summary=count", "Device?_elements=a,b&_total=estimate",
		"Practitioner/$rechercher?texte=%F0%9F%98%80+a", "$export?_type=Device&_typeFilter=Device?x", "Practitioner?_has:PractitionerRole:practitioner:_id=a&identifier:of-type=a|b|c", "Endpoint?organization:identifier=a|"} {
		f.Add(s)
	}
	d := depot(f, fiches())
	p := porte(f, d)
	f.Fuzz(func(t *testing.T, s string) {
		u, err := url.Parse("/fhir/" + s)
		if err != nil || u.Path == "" || u.Host != "" || u.Scheme != "" {
			return
		}
		for _, vue := range []string{"", "V1", "V5"} {
			r := &http.Request{Method: "GET", URL: u, Header: http.Header{"Essai-Vue": {vue}}, Host: "x"}
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r.WithContext(context.Background()))
			if w.Code >= 500 || !json.Valid(w.Body.Bytes()) && w.Body.Len() > 0 && w.Header().Get("Content-Type") == typeJSON[0] {
				t.Fatalf("%s %s : %d %s", vue, u, w.Code, w.Body)
			}
		}
	})
}

// A link that is opened is one that was sealed, the same.
func FuzzScelleur(f *testing.F) {
	s, err := nouveauScelleur(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	un, err := s.sceller(&etape{nature: 1, recherche: "a=b"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("a=b", []byte{1}, uint64(3), int64(4), true, un)
	f.Fuzz(func(t *testing.T, recherche string, curseur []byte, generation uint64, le int64, b bool, forge string) {
		e := etape{nature: 3, recherche: recherche, souple: b, le: le, generation: generation, arriere: !b, renverse: b, curseur: curseur}
		if lien, err := s.sceller(&e); err == nil {
			lu, err := s.ouvrir(lien)
			if err != nil || fmt.Sprint(*lu) != fmt.Sprint(e) {
				t.Fatalf("%v %+v %+v", err, lu, e)
			}
		}
		if _, err := s.ouvrir(forge); err != nil && err != annuaire.ErrCurseur {
			t.Fatal(err)
		}
	})
}

// Many read at once while the directory changes: each answer is of one moment.
func TestEnsemble(t *testing.T) {
	d := depot(t, foule(60))
	p := porte(t, d)
	var attente sync.WaitGroup
	fini := make(chan struct{})
	for range 4 {
		attente.Go(func() {
			for {
				select {
				case <-fini:
					return
				default:
				}
				w := demander(t, p, "V1", "/PractitionerRole?role=L&_count=20&_include=*&_total=accurate")
				var l lot
				if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != 200 || l.Total == nil || (*l.Total-61)%3 != 0 {
					t.Errorf("%d %v %v", w.Code, l.Total, err)
					return
				}
				for suite := l.lien("next"); suite != ""; {
					if w = demander(t, p, "V1", suite); w.Code != 200 {
						t.Errorf("%d %s", w.Code, w.Body)
						return
					}
					l = lot{}
					if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil {
						t.Error(err)
						return
					}
					suite = l.lien("next")
				}
			}
		})
	}
	debut := len(foule(0))
	for i := range 8 { // three situations more each time
		if err := d.Superposer(context.Background(), foule(60 + 3*i + 3)[debut+2*(60+3*i):]); err != nil {
			t.Error(err)
		}
	}
	close(fini)
	attente.Wait()
}
