package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/acheminementtest"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

var ctx = context.Background()

// anciens writes n messages already delivered, of as many partners and Ordres as
// a year makes; or, to be tried in an hour, for a partner of whom nothing is due.
func anciens(t testing.TB, b *bdd.Base, tenant string, n int, etat acheminement.Etat) {
	t.Helper()
	tard := int64(0)
	if etat == acheminement.Pret {
		tard = acheminementtest.Midi.Add(time.Hour).UnixMilli()
	}
	_, err := b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO ach_envoi (tenant, cle, destinataire, transport, adresse, genre, ordre, numero, reference,
			taille, empreinte, origine, etat, echeance, pose, bail, essais, code, poste, fini)
		WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < `+fmt.Sprint(n)+`)
		SELECT $1, 'ancien.' || i, CASE WHEN CAST($4 AS BIGINT) > 0 THEN 'A6' ELSE 'A' || (i % 300) END, 'essai', 'boite', 'DRE-ES', 'F' || i, 1, '', 100, $2, $2,
			$3, i + CAST($4 AS BIGINT), i, 1, 0, '', i, CASE WHEN CAST($4 AS BIGINT) > 0 THEN 0 ELSE i END FROM k`,
		tenant, make([]byte, 32), string(etat), tard)
	if err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Looking and taking read the index of what is due, whatever was delivered.
func TestPlans(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		anciens(t, b, "T", 20000, acheminement.Livre)
		if _, err := b.Ecrivain(ctx).ExecContext(ctx, `ANALYZE`); err != nil {
			t.Fatal(err)
		}
		prendre, args := prendreSQLite, []any{"T", "A1", 5, 8, 100, 9}
		if b.Moteur() == bdd.PostgreSQL {
			prendre, args = prendrePostgres, []any{"T", `[{"d":"A1","n":9}]`, 5, 8, 100}
		}
		for nom, c := range map[string]struct {
			texte string
			args  []any
		}{
			"dus":     {lireDus, []any{"T", 5}},
			"prendre": {prendre, args},
			"purger":  {`DELETE FROM ach_envoi WHERE tenant = $1 AND cle IN ` + aPurger, []any{"T", 5, 10}},
		} {
			plan := bddtest.Expliquer(t, b, c.texte, c.args...)
			index := map[bool]string{true: "ach_envoi_pret", false: "ach_envoi_fini"}[nom != "purger"]
			if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan on ach_envoi") || strings.Contains(plan, "SCAN ach_envoi") || strings.Contains(plan, "SCAN e") {
				t.Errorf("%s :\n%s", nom, plan)
			}
		}
	}, Migrations())
}

// The time of a look and a take is that of what is due: 200 000 messages delivered
// before cost nothing more than 10.
func TestCoutConstant(t *testing.T) {
	if testing.Short() || sousDetecteur {
		t.Skip("200 000 lignes : ni en -short ni sous le détecteur de courses, qui ralentit SQLite vingt fois")
	}
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		anciens(t, b, "peu", 10, acheminement.Livre)
		anciens(t, b, "beaucoup", 200000, acheminement.Livre)
		// The queue of a neighbour who takes nothing is full.
		anciens(t, b, "voisin", 20000, acheminement.Pret)
		peu, beaucoup, voisin := cout(t, New(b, "peu")), cout(t, New(b, "beaucoup")), cout(t, New(b, "voisin"))
		t.Logf("regarder et prendre 8 envois : %s après 10 livrés, %s après 200 000, %s à côté d'une file de 20 000", peu, beaucoup, voisin)
		if max(beaucoup, voisin) > 3*peu+time.Millisecond {
			t.Errorf("%s après 10 livrés, %s après 200 000, %s à côté d'une file de 20 000", peu, beaucoup, voisin)
		}
	}, Migrations())
}

// cout is the median time of a look and a take.
func cout(t *testing.T, s *Store) time.Duration {
	t.Helper()
	var l []time.Duration
	for i := range 41 {
		var lot []*acheminement.Envoi
		for k := range 8 {
			lot = append(lot, acheminementtest.Message("A7", fmt.Sprintf("n%d.%d", i, k), ""))
		}
		if err := s.Poster(ctx, lot...); err != nil {
			t.Fatal(err)
		}
		debut := time.Now()
		dus, err := s.Dus(ctx, acheminementtest.Midi)
		if err != nil || len(dus) != 1 {
			t.Fatalf("dus %v, %v", dus, err)
		}
		pris, err := s.Prendre(ctx, []acheminement.Part{{Destinataire: "A7", N: 8}}, acheminementtest.Midi, time.Hour)
		if err != nil || len(pris) != 8 {
			t.Fatalf("pris %d, %v", len(pris), err)
		}
		l = append(l, time.Since(debut))
		for _, p := range pris {
			i := &acheminement.Issue{Cle: p.Cle, Bail: p.Bail, Sort: acheminement.Acquis, Instant: acheminementtest.Midi, Echeance: acheminementtest.Midi}
			if err := s.Conclure(ctx, i, func(context.Context) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.Sort(l)
	return l[len(l)/2]
}

// What a dead letter holds back is found by what it speaks of, however many others were
// put aside.
func TestPlanDetour(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		s := New(b, "T")
		if _, err := b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO ach_sujet (tenant, ordre, sujet, numero, cle)
			WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 20000) SELECT 'T', 'F', 'f' || i, i / 10, 'm' || (i / 10) FROM k`); err != nil {
			t.Fatal(err)
		}
		anciens(t, b, "T", 20000, acheminement.Retenu)
		if _, err := b.Ecrivain(ctx).ExecContext(ctx, `ANALYZE`); err != nil {
			t.Fatal(err)
		}
		for nom, c := range map[string]struct {
			texte string
			args  []any
		}{
			"devance":  {s.devanceParmi(2), []any{"T", "F", 9, "f1", "f2"}},
			"libérer":  {libererRetenus, []any{"T", "m1", 5}},
			"retenus":  {compterRetenus, []any{"T", "m1", 10}},
			"derrière": {premierDevant, []any{"T", "m1"}},
		} {
			if plan := bddtest.Expliquer(t, b, c.texte, c.args...); strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "SCAN a") || strings.Contains(plan, "SCAN d") || strings.Contains(plan, "SCAN e") || strings.Contains(plan, "SCAN x") {
				t.Errorf("%s :\n%s", nom, plan)
			}
		}
	}, Migrations())
}
