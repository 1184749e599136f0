package national

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// interfaceDEssai serves resources page after page, and exports them.
type interfaceDEssai struct {
	mu         sync.Mutex
	ressources []ressourceDEssai
	supprimees []string
	prets      int // polls before the export is ready
	faux       int // added to the counts of the export
	demandes   []string
}

type ressourceDEssai struct {
	type_, id, json string
	maj             time.Time
}

func (s *interfaceDEssai) poser(type_, id, json string, maj time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ressources = slices.DeleteFunc(s.ressources, func(r ressourceDEssai) bool { return r.type_ == type_ && r.id == id })
	s.ressources = append(s.ressources, ressourceDEssai{type_, id, json, maj})
}

func praticienJSON(id, nom string, actif bool) string {
	if !actif {
		return fmt.Sprintf(`{"resourceType":"Practitioner","id":%q,"active":false,"identifier":[{"system":"https://rpps.esante.gouv.fr","value":"9990000%s"}]}`, id, id)
	}
	return fmt.Sprintf(`{"resourceType":"Practitioner","id":%q,"active":true,"identifier":[{"system":"https://rpps.esante.gouv.fr","value":"9990000%s"}],"name":[{"family":%q}]}`, id, id, nom)
}

func (s *interfaceDEssai) servir(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.demandes = append(s.demandes, r.URL.RequestURI())
	chemin := strings.TrimPrefix(r.URL.Path, "/fhir/")
	switch {
	case chemin == "$export":
		s.demanderExport(w, r)
	case chemin == "suivi":
		s.suivre(w, r)
	case strings.HasPrefix(chemin, "sortie/"):
		s.sortie(w, r, strings.TrimPrefix(chemin, "sortie/"))
	default:
		s.page(w, r, chemin)
	}
}

func (s *interfaceDEssai) depuis(t string, depuis time.Time) (l []ressourceDEssai) {
	for _, x := range s.ressources {
		if x.type_ == t && !x.maj.Before(depuis) {
			l = append(l, x)
		}
	}
	return l
}

func (s *interfaceDEssai) page(w http.ResponseWriter, r *http.Request, t string) {
	q := r.URL.Query()
	depuis, _ := time.Parse(time.RFC3339, strings.TrimPrefix(q.Get("_lastUpdated"), "ge"))
	l := s.depuis(t, depuis)
	n, _ := strconv.Atoi(q.Get("_count"))
	a, _ := strconv.Atoi(q.Get("a"))
	b := min(a+n, len(l))
	paquet := map[string]any{"resourceType": "Bundle", "type": "searchset"}
	var entrees []any
	for _, x := range l[a:b] {
		entrees = append(entrees, map[string]any{"resource": json.RawMessage(x.json), "search": map[string]string{"mode": "match"}})
	}
	paquet["entry"] = entrees
	if b < len(l) {
		q.Set("a", strconv.Itoa(b))
		paquet["link"] = []map[string]string{{"relation": "next", "url": "/fhir/" + t + "?" + q.Encode()}}
	}
	w.Header().Set("Content-Type", "application/fhir+json")
	json.NewEncoder(w).Encode(paquet)
}

func (s *interfaceDEssai) demanderExport(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Prefer") != "respond-async" {
		http.Error(w, "asynchrone", 400)
		return
	}
	w.Header().Set("Content-Location", "/fhir/suivi?_since="+r.URL.Query().Get("_since"))
	w.WriteHeader(202)
}

func (s *interfaceDEssai) suivre(w http.ResponseWriter, r *http.Request) {
	if s.prets > 0 {
		s.prets--
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(202)
		return
	}
	since := r.URL.Query().Get("_since")
	depuis, _ := time.Parse(time.RFC3339, since)
	m := map[string]any{"transactionTime": midi.Format(time.RFC3339)}
	var out []any
	for _, t := range typesFHIR {
		if l := s.depuis(t, depuis); len(l) > 0 {
			out = append(out, map[string]any{"type": t, "url": "/fhir/sortie/" + t + "?_since=" + since, "count": len(l) + s.faux})
		}
	}
	m["output"] = out
	if len(s.supprimees) > 0 {
		m["deleted"] = []any{map[string]any{"type": "Bundle", "url": "/fhir/sortie/deleted"}}
	}
	json.NewEncoder(w).Encode(m)
}

func (s *interfaceDEssai) sortie(w http.ResponseWriter, r *http.Request, t string) {
	var b strings.Builder
	if t == "deleted" {
		for _, x := range s.supprimees {
			fmt.Fprintf(&b, `{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE","url":%q}}]}`+"\n", x)
		}
	}
	depuis, _ := time.Parse(time.RFC3339, r.URL.Query().Get("_since"))
	for _, x := range s.depuis(t, depuis) {
		b.WriteString(x.json + "\n")
	}
	w.Header().Set("ETag", `"`+t+strconv.Itoa(b.Len())+`"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(b.String()))
}

func (s *interfaceDEssai) compter(prefixe string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.demandes {
		if strings.HasPrefix(d, prefixe) {
			n++
		}
	}
	return n
}

// garnie is an interface with five professionals and the resources of testdata.
func garnie() *interfaceDEssai {
	s := &interfaceDEssai{}
	for i := range 5 {
		id := fmt.Sprintf("10%d", i)
		s.poser("Practitioner", id, praticienJSON(id, "NOM"+id, true), midi.Add(-48*time.Hour))
	}
	for l := range strings.Lines(string(ressources)) {
		var r ressource
		if json.Unmarshal([]byte(l), &r) == nil {
			s.poser(r.ResourceType, r.ID, strings.TrimSpace(l), midi.Add(-48*time.Hour))
		}
	}
	return s
}

// Both ways by the interface: all at first, then what changed, ended, or was deleted.
func TestInterface(t *testing.T) {
	for _, mode := range []Mode{FHIR, Export} {
		t.Run(string(mode), func(t *testing.T) {
			s := garnie()
			s.prets = 2
			o := nouvelleOrigine(t, s.servir)
			dossier := t.TempDir()
			x := nouvelleTable(t, o.ouvrir(t, mode, dossier, "/fhir"), dossier)
			o.fauter(reponse(429), reponse(500))
			r, err := x.m.Tour(context.Background(), x.o)
			if err != nil {
				t.Fatal(err)
			}
			for n, attendu := range map[annuaire.Nature]int64{annuaire.Praticiens: 6, annuaire.Situations: 1, annuaire.Structures: 1, annuaire.Activites: 1, annuaire.Equipements: 1} {
				if got := r.Mouvements[n].Nouvelles; got != attendu {
					t.Errorf("%v : %d nouvelles, attendu %d (%v)", n, got, attendu, r.Constats)
				}
			}
			p := x.lire(t, annuaire.Praticiens, identifiantDe(annuaire.Praticiens, "3719500")).Praticien
			if len(p.Exerce) != 1 || p.Exerce[0].Commune != "BLOIS" {
				t.Errorf("lieux d'exercice %v", p.Exerce)
			}
			if mode == Export && len(o.attentes) != 4 { // two failures, two polls
				t.Errorf("attentes %v", o.attentes)
			}
			if r, err := x.m.Tour(context.Background(), x.o); err != nil || r != nil && !r.Inchange() {
				t.Fatalf("rien de neuf : %v, %+v", err, r)
			}

			o.heure = midi.Add(24 * time.Hour)
			x.o.Maintenant = o.heure
			s.poser("Practitioner", "101", praticienJSON("101", "CHANGE", true), o.heure.Add(-time.Minute))
			s.poser("Practitioner", "102", praticienJSON("102", "", false), o.heure.Add(-time.Minute))
			s.poser("PractitionerRole", "1578230", `{"resourceType":"PractitionerRole","id":"1578230","active":false}`, o.heure.Add(-time.Minute))
			if mode == Export {
				s.supprimees = []string{"Practitioner/103", "Patient/1", "rien"}
			}
			if r, err = x.m.Tour(context.Background(), x.o); err != nil {
				t.Fatal(err)
			}
			finies := int64(1)
			if mode == Export {
				finies++
			}
			if m := r.Mouvements[annuaire.Praticiens]; m.Finies != finies || m.Nouvelles != 0 {
				t.Errorf("praticiens %+v", m)
			}
			if k := x.lire(t, annuaire.Praticiens, identifiantDe(annuaire.Praticiens, "102")).Praticien; k.Actif || k.Nom != "NOM102" {
				t.Errorf("celui qui a fini : actif %v, nom %q", k.Actif, k.Nom)
			}
			if k := x.lire(t, annuaire.Praticiens, identifiantDe(annuaire.Praticiens, "101")).Praticien; k.Nom != "CHANGE" || k.Version != 2 {
				t.Errorf("celui qui a changé : %q, version %d", k.Nom, k.Version)
			}
			if k := x.lire(t, annuaire.Situations, identifiantDe(annuaire.Situations, "1578230")).Situation; k.Actif || k.Mode.Code != "S" {
				t.Errorf("la situation finie : %+v", k)
			}
			if p := x.lire(t, annuaire.Praticiens, identifiantDe(annuaire.Praticiens, "3719500")).Praticien; len(p.Exerce) != 0 {
				t.Errorf("il exerce encore à %v", p.Exerce)
			}

			// A week later all is read again: what has gone without a word ends.
			o.heure = midi.Add(9 * 24 * time.Hour)
			x.o.Maintenant = o.heure
			s.mu.Lock()
			s.supprimees = nil
			s.ressources = slices.DeleteFunc(s.ressources, func(r ressourceDEssai) bool { return r.id == "104" })
			s.mu.Unlock()
			if _, err = x.m.Tour(context.Background(), x.o); err != nil {
				t.Fatal(err)
			}
			if k := x.lire(t, annuaire.Praticiens, identifiantDe(annuaire.Praticiens, "104")).Praticien; k.Actif {
				t.Error("ce qui n'est plus à la source est encore en vigueur")
			}
		})
	}
}

// A reading that was interrupted goes on from its last page; one whose rest has expired
// begins again.
func TestInterfaceReprise(t *testing.T) {
	s := garnie()
	ctx, arreter := context.WithCancel(context.Background())
	pages := 0
	o := nouvelleOrigine(t, func(w http.ResponseWriter, r *http.Request) {
		if pages++; pages == 4 {
			arreter()
		}
		s.servir(w, r)
	})
	dossier := t.TempDir()
	src := o.ouvrir(t, FHIR, dossier, "/fhir")
	if _, err := src.Lot(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("erreur %v", err)
	}
	l, err := o.ouvrir(t, FHIR, dossier, "/fhir").Lot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range l.Flux[0].Fiches {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 10 {
		t.Errorf("%d ressources, attendu 10", n)
	}
	if n := s.compter("/fhir/Organization"); n != 1 {
		t.Errorf("la page déjà lue a été demandée %d fois", n)
	}

	o.fauter(nil, nil, reponse(410)) // the second page of the professionals
	l, err = o.ouvrir(t, FHIR, t.TempDir(), "/fhir").Lot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	n = 0
	for range l.Flux[0].Fiches {
		n++
	}
	if n != 10 {
		t.Errorf("%d ressources après une suite expirée, attendu 10", n)
	}
}

// A source that lies is left, and what stood is served.
func TestInterfaceRefus(t *testing.T) {
	paquet := func(suite string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"resourceType":"Bundle","link":[{"relation":"next","url":%q}]}`, suite)
		}
	}
	texte := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
	}
	cas := []struct {
		nom   string
		mode  Mode
		faute func(o *origine) []http.HandlerFunc
		err   error
		lente bool
	}{
		{"suite chez un autre", FHIR, func(*origine) []http.HandlerFunc {
			return []http.HandlerFunc{paquet("https://10.0.0.1/fhir/Organization?a=2")}
		}, ErrHote, false},
		{"suite en clair", FHIR, func(*origine) []http.HandlerFunc { return []http.HandlerFunc{paquet("http://127.0.0.1/x")} }, ErrHote, false},
		{"suite qui est la même page", FHIR, func(*origine) []http.HandlerFunc {
			return []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) { paquet(r.URL.RequestURI())(w, r) }}
		}, ErrPages, false},
		{"page qui n'en est pas une", FHIR, func(*origine) []http.HandlerFunc {
			return []http.HandlerFunc{texte("<html>"), texte("<html>"), texte("<html>"), texte("<html>")}
		}, ErrSource, false},
		{"pages coupées sans fin", FHIR, func(*origine) []http.HandlerFunc {
			c := coupe(strings.Repeat("x", 100), 50)
			return []http.HandlerFunc{c, c, c, c}
		}, ErrSource, false},
		{"page octet par octet", FHIR, func(*origine) []http.HandlerFunc {
			goutte := func(w http.ResponseWriter, r *http.Request) {
				for range 400 {
					if _, err := w.Write([]byte(" ")); err != nil || r.Context().Err() != nil {
						return
					}
					w.(http.Flusher).Flush()
					time.Sleep(20 * time.Millisecond)
				}
			}
			return []http.HandlerFunc{goutte, goutte, goutte, goutte}
		}, ErrSource, true},
		{"clé refusée", FHIR, func(*origine) []http.HandlerFunc { return []http.HandlerFunc{reponse(403)} }, ErrRefuse, false},
		{"export sans suivi", Export, func(*origine) []http.HandlerFunc { return []http.HandlerFunc{reponse(202)} }, ErrSource, false},
		{"export non prévu", Export, func(*origine) []http.HandlerFunc { return []http.HandlerFunc{reponse(400)} }, ErrSource, false},
		{"liste illisible", Export, func(*origine) []http.HandlerFunc { return []http.HandlerFunc{nil, texte("{")} }, ErrSource, false},
		{"fichier chez un autre", Export, func(*origine) []http.HandlerFunc {
			return []http.HandlerFunc{nil, texte(`{"output":[{"type":"Device","url":"https://10.0.0.1/x"}]}`)}
		}, ErrHote, false},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			s := garnie()
			o := nouvelleOrigine(t, s.servir)
			dossier := t.TempDir()
			x := nouvelleTable(t, o.ouvrir(t, c.mode, dossier, "/fhir"), dossier)
			if _, err := x.m.Tour(context.Background(), x.o); err != nil {
				t.Fatal(err)
			}
			o.heure = midi.Add(24 * time.Hour)
			o.fauter(c.faute(o)...)
			if i, ok := x.m.source.(*interfaceFHIR); ok && c.lente {
				i.r.a.Delai = 25 * time.Millisecond // and 500 ms for a page
			}
			if _, err := x.m.Tour(context.Background(), x.o); !errors.Is(err, c.err) {
				t.Errorf("erreur %v, attendu %v", err, c.err)
			}
			if n := x.nombre(annuaire.Praticiens); n != 6 {
				t.Errorf("%d praticiens servis", n)
			}
			if f := x.m.Fraicheur(o.heure); f.Echec == "" {
				t.Error("l'échec n'est pas dit")
			}
			o.fauter()
			if i, ok := x.m.source.(*interfaceFHIR); ok {
				i.r.a.Delai = o.acces().Delai
			}
			if _, err := x.m.Tour(context.Background(), x.o); err != nil {
				t.Errorf("le tour suivant : %v", err)
			}
		})
	}
}

// An export that does not have the lines that it says is not used.
func TestExportIncomplet(t *testing.T) {
	s := garnie()
	s.faux = 1
	o := nouvelleOrigine(t, s.servir)
	if _, err := o.ouvrir(t, Export, t.TempDir(), "/fhir").Lot(context.Background()); !errors.Is(err, ErrSource) {
		t.Errorf("erreur %v", err)
	}
}

// One resource that cannot be read is left out; a source of which many cannot is not used.
func TestRessourcesIllisibles(t *testing.T) {
	for bad, refuse := range map[int]bool{1: false, 20: true} {
		s := garnie()
		for i := range bad {
			id := "x" + strconv.Itoa(i)
			s.poser("Device", id, `{"resourceType":"Device","id":"`+id+`","identifier":{}}`, midi)
		}
		o := nouvelleOrigine(t, s.servir)
		dossier := t.TempDir()
		x := nouvelleTable(t, o.ouvrir(t, FHIR, dossier, "/fhir"), dossier)
		if _, err := x.m.Tour(context.Background(), x.o); (err != nil) != refuse {
			t.Errorf("%d ressources illisibles : %v", bad, err)
		}
		if n := x.nombre(annuaire.Praticiens); (n == 0) != refuse {
			t.Errorf("%d ressources illisibles : %d praticiens servis", bad, n)
		}
	}
}

// A clock that was ahead does not hide what changes until it is right again, and one
// that went back asks for everything.
func TestHorlogeDeTravers(t *testing.T) {
	s := garnie()
	o := nouvelleOrigine(t, s.servir)
	dossier := t.TempDir()
	src := o.ouvrir(t, FHIR, dossier, "/fhir").(*interfaceFHIR)
	src.r.a.Maintenant = func() time.Time { return midi.Add(72 * time.Hour) } // ours is three days ahead
	x := nouvelleTable(t, src, dossier)
	if _, err := x.m.Tour(context.Background(), x.o); err != nil {
		t.Fatal(err)
	}
	s.poser("Practitioner", "101", praticienJSON("101", "CHANGE", true), midi.Add(time.Minute))
	src.r.a.Maintenant = func() time.Time { return midi.Add(2 * time.Minute) }
	if _, err := x.m.Tour(context.Background(), x.o); err != nil {
		t.Fatal(err)
	}
	if k := x.lire(t, annuaire.Praticiens, identifiantDe(annuaire.Praticiens, "101")).Praticien; k.Nom != "CHANGE" {
		t.Error("ce qui a changé est manqué")
	}
	for nom, c := range map[string]struct {
		e      etatInterface
		entier bool
	}{
		"jamais lu":              {etatInterface{}, true},
		"lu hier":                {etatInterface{Depuis: midi.Add(-24 * time.Hour), Entier: midi.Add(-48 * time.Hour)}, false},
		"tout lu il y a 8 jours": {etatInterface{Depuis: midi.Add(-24 * time.Hour), Entier: midi.Add(-8 * 24 * time.Hour)}, true},
		"lu demain":              {etatInterface{Depuis: midi.Add(24 * time.Hour), Entier: midi.Add(-time.Hour)}, true},
		"tout lu demain":         {etatInterface{Depuis: midi, Entier: midi.Add(24 * time.Hour)}, true},
	} {
		if got := c.e.depuis(midi, 7*24*time.Hour).IsZero(); got != c.entier {
			t.Errorf("%s : tout relire %v, attendu %v", nom, got, c.entier)
		}
	}
}
