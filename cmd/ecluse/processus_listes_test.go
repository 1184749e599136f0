package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// editionsEnPanne are kept in a base that does not answer, for as long as panne says.
type editionsEnPanne struct {
	accreditation.Editions
	panne *error
}

func (e editionsEnPanne) Cles(context.Context, time.Time) ([]accreditation.ClePublique, error) {
	return nil, *e.panne
}

// Lists that are not published are an error, told at once and each hour, and counted until
// they are.
func TestListesNonPubliees(t *testing.T) {
	t.Parallel()
	var journal tampon
	a := time.Now()
	p, err := ouvrir(context.Background(), laboratoireSeul(t), options{log: slog.New(slog.NewTextHandler(&journal, nil)), horloge: func() time.Time { return a }})
	if err != nil {
		t.Fatal(err)
	}
	defer p.fermer()
	panne := errors.New("base muette")
	numero := lireOuEchouer(t, sante.ParseNumeroAMC, "99000101")
	e := &emetteurDroits{numero: numero, annonceur: &accreditation.Annonceur{Editions: editionsEnPanne{panne: &panne}, Horloge: p.horloge}}
	p.emetteurs = append(p.emetteurs, e)
	tour := func() string {
		avant := len(journal.String())
		p.publierListes(context.Background(), e)
		return journal.String()[avant:]
	}
	mesure := func() (n float64) {
		t.Helper()
		w := httptest.NewRecorder()
		p.direMesures(w, nil)
		var m map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		n, ok := m["emetteursSansListes"].(float64)
		if !ok {
			t.Fatalf("%s", w.Body)
		}
		return n
	}
	if s := tour(); !strings.Contains(s, "level=ERROR") || !strings.Contains(s, "listes non publiées") || !strings.Contains(s, "base muette") || mesure() != 1 {
		t.Errorf("%s, %v", s, mesure())
	}
	a = a.Add(10 * time.Second)
	if s := tour(); s != "" || mesure() != 1 {
		t.Errorf("dit deux fois : %s", s)
	}
	a = a.Add(time.Hour)
	if s := tour(); !strings.Contains(s, "level=ERROR") {
		t.Errorf("une heure après : %q", s)
	}
	panne = errors.New("autre panne")
	if s := tour(); !strings.Contains(s, "autre panne") {
		t.Errorf("autre panne : %q", s)
	}
	panne = nil
	e.annonceur.Services = func() []visiodroits.EntreeService { return nil }
	if s := tour(); s != "" || mesure() != 0 {
		t.Errorf("panne finie : %q, %v", s, mesure())
	}
}
