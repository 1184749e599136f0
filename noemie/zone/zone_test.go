package zone_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/sante"
)

func TestPlier(t *testing.T) {
	for _, c := range []struct {
		in, want string
		ok       bool
	}{
		{"", "", true},
		{"DUPONT", "DUPONT", true},
		{"  Élodie d’Été ", "ELODIE D'ETE", true},
		{"E\u0301LODIE", "ELODIE", true}, // accent written apart
		{"cœur\u00a0ß", "COEUR SS", true},
		{"a\tb", "", false},
		{"a\nb", "", false},
		{"ЖУК", "", false},
		{"\xff", "", false},
		{"🙂", "", false},
	} {
		if got, ok := zone.Plier(c.in); got != c.want || ok != c.ok {
			t.Errorf("Plier(%q) = %q, %v ; attendu %q, %v", c.in, got, ok, c.want, c.ok)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s, ok := zone.Plier(rapid.String().Draw(t, "texte"))
		if encore, ok2 := zone.Plier(s); ok && (!ok2 || encore != s) {
			t.Fatalf("%q plié deux fois donne %q", s, encore)
		}
	})
}

// What is written is read the same, or refused.
func TestAllerRetour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone.Zone{Debut: rapid.IntRange(0, 5).Draw(t, "début"), Longueur: rapid.IntRange(1, 15).Draw(t, "longueur"),
			Nature: rapid.SampledFrom([]zone.Nature{zone.Texte, zone.Numero, zone.Identifiant}).Draw(t, "nature"),
			Mini:   rapid.IntRange(0, 10).Draw(t, "mini"), Obligatoire: rapid.Bool().Draw(t, "obligatoire")}
		v := rapid.OneOf(rapid.String(), rapid.StringMatching(`0{0,4}[0-9]{0,12}`), rapid.StringMatching(`[A-Z0-9 ]{0,16}`)).Draw(t, "valeur")
		e := zone.Ecriture{Interdit: '@'}
		e.Texte(&z, &v)
		if e.Refus() != nil {
			return
		}
		want, _ := zone.Plier(v)
		l := zone.Lecture{S: string(e.B)}
		var lu string
		if l.Texte(&z, &lu); l.Refus() != nil || lu != want {
			t.Fatalf("%q écrit %q lu %q %+v", v, e.B, lu, l.Refus())
		}
	})
}

func TestIdentifiants(t *testing.T) {
	z := zone.Zone{Longueur: 14, Nature: zone.Identifiant, Mini: 9}
	for _, c := range []struct {
		v     string
		motif zone.Motif
	}{
		{"010000024", 0}, {"2A0000014", 0}, {"750000018", 0}, {"12345678901234", 0}, {"", 0},
		{"75000001", zone.Zeros}, {"0750000018", zone.Zeros}, {"123456789012345", zone.Debordement}, {"75-000018", zone.Chiffres},
	} {
		var e zone.Ecriture
		v, lu := c.v, ""
		e.Texte(&z, &v)
		if r := e.Refus(); (r == nil) != (c.motif == 0) || r != nil && (r.Motif != c.motif || r.Longueur != len(c.v)) {
			t.Errorf("%q : %+v", c.v, r)
			continue
		}
		l := zone.Lecture{S: string(e.B)}
		if l.Texte(&z, &lu); c.motif == 0 && lu != c.v {
			t.Errorf("%q écrit %q lu %q", c.v, e.B, lu)
		}
	}
}

func TestJours(t *testing.T) {
	z := zone.Zone{Longueur: 6, Nature: zone.Jour}
	for _, c := range []struct {
		s     string
		want  sante.Jour
		motif zone.Motif
	}{
		{"260301", sante.JourDe(2026, time.March, 1), 0},
		{"800101", sante.JourDe(1980, time.January, 1), 0},
		{"791231", sante.JourDe(2079, time.December, 31), 0},
		{"280229", sante.JourDe(2028, time.February, 29), 0},
		{"000000", 0, 0}, {"      ", 0, 0}, {"", 0, 0},
		{"260229", 0, zone.Date}, {"261301", 0, zone.Date}, {"260100", 0, zone.Date},
		{"26 301", 0, zone.Chiffres}, {"2603", 0, zone.Court},
	} {
		l := zone.Lecture{S: c.s}
		var j sante.Jour
		l.Jour(&z, &j)
		if r := l.Refus(); j != c.want || (r == nil) != (c.motif == 0) || r != nil && r.Motif != c.motif {
			t.Errorf("%q : %v %+v", c.s, j, r)
		}
	}
}

func TestFormule(t *testing.T) {
	for s, want := range map[string]bool{"": false, "DUPONT": false, "A=1": false, "=1": true, "+1": true, "-1": true, "@A": true, "\tA": true} {
		if zone.Formule(s) != want {
			t.Errorf("Formule(%q) = %v", s, !want)
		}
	}
}
