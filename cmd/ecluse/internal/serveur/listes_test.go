package serveur_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/laboratoire"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
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
	var journal journalEcrit
	a := time.Now()
	p, err := serveur.Ouvrir(context.Background(), unLaboratoire(t), serveur.Options{Log: slog.New(slog.NewTextHandler(&journal, nil)), Bureau: laboratoire.Bureau, Horloge: func() time.Time { return a }})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Fermer()
	panne := errors.New("base muette")
	numero, err := sante.ParseNumeroAMC("99000101")
	if err != nil {
		t.Fatal(err)
	}
	e := &serveur.EmetteurDroits{Numero: numero, Annonceur: &accreditation.Annonceur{Editions: editionsEnPanne{panne: &panne}, Horloge: p.Horloge}}
	p.Emetteurs = append(p.Emetteurs, e)
	tour := func() string {
		avant := len(journal.String())
		p.PublierListes(context.Background(), e)
		return journal.String()[avant:]
	}
	mesure := func() (n float64) {
		t.Helper()
		w := httptest.NewRecorder()
		p.Mesures(w, nil)
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
	e.Annonceur.Services = func() []visiodroits.EntreeService { return nil }
	if s := tour(); s != "" || mesure() != 0 {
		t.Errorf("panne finie : %q, %v", s, mesure())
	}
}
