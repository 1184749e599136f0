package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/annuairetest"
)

// A restricted reading leaves a trace with its purpose; the others leave none. Who read a
// record is found, and an old trace is forgotten.
func TestConsultations(t *testing.T) {
	d, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		public, err := d.Regards.Vision(&annuaire.Acteur{Famille: "anonyme", ID: "x"})
		if err != nil {
			t.Fatal(err)
		}
		if _, oui, err := public.Consultation("fhir", "praticien/p1", 1, nil, annuairetest.Instant); oui || err != nil {
			t.Errorf("lecture publique tracée, %v", err)
		}
		v, err := d.Regards.Vision(&annuaire.Acteur{Famille: "ministere", ID: "dgos", Motif: strings.Repeat("é", 2000)})
		if err != nil {
			t.Fatal(err)
		}
		var faites []annuaire.Consultation
		p1, p2 := annuaire.FicheLue{Nature: annuaire.Praticiens, ID: "p1"}, annuaire.FicheLue{Nature: annuaire.Praticiens, ID: "p2"}
		fiches := [][]annuaire.FicheLue{{p1}, {p2}, {p1, p2, p1}, make([]annuaire.FicheLue, 5000)}
		for i, objet := range []string{"lire", "chercher family", "lire", strings.Repeat("o", 500)} {
			c, oui, err := v.Consultation("fhir", objet, i, fiches[i], annuairetest.Instant.Add(time.Duration(i/2)*time.Minute))
			if !oui || err != nil || len([]rune(c.Motif)) != 1000 || len(c.Objet) > 200 || len(c.Fiches) > 1000 {
				t.Fatalf("%+v, %v", c, err)
			}
			faites = append(faites, c)
		}
		if err := s.Tracer(ctx, faites...); err != nil {
			t.Fatal(err)
		}
		if err := s.Tracer(ctx, faites[0]); err == nil {
			t.Error("la même trace deux fois")
		}
		var lues []annuaire.Consultation
		for apres := (*annuaire.Consultation)(nil); ; {
			l, err := s.Consultations(ctx, annuairetest.Instant, apres, 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(l) == 0 {
				break
			}
			lues = append(lues, l...)
			apres = &lues[len(lues)-1]
		}
		if len(lues) != 4 || lues[0].Regard != "V5/1" || lues[0].Lecteur != "dgos" || lues[3].Instant != annuairetest.Instant.Add(time.Minute) {
			t.Errorf("%d lues", len(lues))
		}
		if l, err := s.ConsultationsDe(ctx, annuaire.Praticiens, "p1", 10); err != nil || len(l) != 2 || l[0].Numero != faites[2].Numero || l[1].Numero != faites[0].Numero || l[1].Motif != faites[0].Motif {
			t.Errorf("%+v, %v", l, err)
		}
		if err := s.PurgerConsultations(ctx, annuairetest.Instant.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if l, err := s.Consultations(ctx, time.Time{}, nil, 10); err != nil || len(l) != 2 {
			t.Errorf("%d, %v", len(l), err)
		}
		if l, err := s.ConsultationsDe(ctx, annuaire.Praticiens, "p1", 10); err != nil || len(l) != 1 {
			t.Errorf("%d, %v", len(l), err)
		}
		if l, err := s.ConsultationsDe(ctx, annuaire.Structures, "p1", 10); err != nil || len(l) != 0 {
			t.Errorf("une structure du même nom : %d, %v", len(l), err)
		}
	})
}
