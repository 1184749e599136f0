package fhir

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// say writes what was read, so that a table can hold it.
func say(q *Query) string {
	var l []string
	for _, c := range q.Criteria {
		var b strings.Builder
		for _, h := range c.Path {
			if h.Reverse {
				fmt.Fprintf(&b, "<%s.%s ", h.Type.Name, h.Param.Name)
			} else {
				fmt.Fprintf(&b, "%s>%s ", h.Param.Name, h.Type.Name)
			}
		}
		b.WriteString(c.Param.Name)
		for i, m := range modifierNames {
			if c.Modifier == 1<<i {
				b.WriteString(":" + m)
			}
		}
		if c.Modifier == Missing {
			fmt.Fprintf(&b, " %t", c.Absent)
		}
		for _, v := range c.Values {
			b.WriteString(" [")
			if v.HasSystem || v.System != "" {
				b.WriteString(v.System + "|")
			}
			if v.Type != "" {
				b.WriteString(v.Type + "/")
			}
			b.WriteString(v.Text)
			switch c.Param.Kind {
			case KindDate:
				fmt.Fprintf(&b, "%s %s..%s", prefixNames[v.Prefix], AppendInstant(nil, v.Lower), AppendInstant(nil, v.Upper))
			case KindNear:
				fmt.Fprintf(&b, "%d %d %d", v.Latitude, v.Longitude, v.Radius)
			}
			b.WriteString("]")
		}
		l = append(l, b.String())
	}
	return strings.Join(l, " & ")
}

func TestParse(t *testing.T) {
	tb := table(t)
	for _, c := range []struct{ name, resource, query, want string }{
		{"rien", "Practitioner", "", ""},
		{"un texte", "Practitioner", "family=Dupont", "family [Dupont]"},
		{"accents et blancs", "Practitioner", "family=L%C3%A9ger+du%20Bois", "family [Léger du Bois]"},
		{"ou, et", "Practitioner", "family=a,b&family=c", "family [a] [b] & family [c]"},
		{"échappements", "Practitioner", `family=a\,b\|c\$d\\,e`, `family [a,b|c$d\] [e]`},
		{"barre oblique seule", "Practitioner", `family=a\b`, `family [a\b]`},
		{"modificateurs", "Practitioner", "family:exact=a&name:contains=b&active:missing=true", "family:exact [a] & name:contains [b] & active:missing true"},
		{"jeton", "Practitioner", "identifier=1", "identifier [1]"},
		{"système et code", "Practitioner", "identifier=https%3A%2F%2Frpps.esante.gouv.fr%7C99900112204", "identifier [https://rpps.esante.gouv.fr|99900112204]"},
		{"sans système", "Practitioner", "identifier=|1", "identifier [|1]"},
		{"tout un système", "Practitioner", "identifier=urn:x|", "identifier [urn:x|]"},
		{"type d'identifiant", "Practitioner", "identifier:of-type=http://t|RPPS|999", "identifier:of-type [http://t|RPPS/999]"},
		{"non", "Practitioner", "qualification-code:not=10", "qualification-code:not [10]"},
		{"référence", "PractitionerRole", "practitioner=p1", "practitioner [p1]"},
		{"référence typée", "PractitionerRole", "practitioner=Practitioner/p1", "practitioner [Practitioner/p1]"},
		{"modificateur de type", "PractitionerRole", "any:Organization=s1", "any [Organization/s1]"},
		{"adresse d'ici", "PractitionerRole", "practitioner=https://annuaire.example/fhir/Practitioner/p1", "practitioner [Practitioner/p1]"},
		{"adresse d'ailleurs", "PractitionerRole", "practitioner=https://autre/Practitioner/p1", "practitioner [https://autre|Practitioner/p1]"},
		{"identifiant d'une référence", "PractitionerRole", "practitioner:identifier=urn:x|1", "practitioner:identifier [urn:x|1]"},
		{"chaîne", "PractitionerRole", "practitioner.name:exact=a", "practitioner>Practitioner name:exact [a]"},
		{"chaîne typée", "PractitionerRole", "practitioner:Practitioner.name=a", "practitioner>Practitioner name [a]"},
		{"chaîne double", "PractitionerRole", "organization.partof.name=a", "organization>Organization partof>Organization name [a]"},
		{"chaîne devinée", "PractitionerRole", "any.family=a", "any>Practitioner family [a]"},
		{"chaîne et inverse", "PractitionerRole", "practitioner._has:PractitionerRole:practitioner:active=true", "practitioner>Practitioner <PractitionerRole.practitioner active [true]"},
		{"inverse", "Practitioner", "_has:PractitionerRole:practitioner:organization=s1", "<PractitionerRole.practitioner organization [s1]"},
		{"inverse et chaîne", "Practitioner", "_has:PractitionerRole:practitioner:organization.name:contains=a", "<PractitionerRole.practitioner organization>Organization name:contains [a]"},
		{"inverse double", "Organization", "_has:PractitionerRole:organization:practitioner._has:PractitionerRole:practitioner:active=true", "<PractitionerRole.organization practitioner>Practitioner <PractitionerRole.practitioner active [true]"},
		{"année", "Practitioner", "_lastUpdated=2026", "_lastUpdated [eq 2026-01-01T00:00:00.000Z..2027-01-01T00:00:00.000Z]"},
		{"mois", "Practitioner", "_lastUpdated=ge2026-12", "_lastUpdated [ge 2026-12-01T00:00:00.000Z..2027-01-01T00:00:00.000Z]"},
		{"jour", "Practitioner", "_lastUpdated=lt2024-02-29", "_lastUpdated [lt 2024-02-29T00:00:00.000Z..2024-03-01T00:00:00.000Z]"},
		{"minute et fuseau", "Practitioner", "_lastUpdated=2026-11-23T10:30%2B01:00", "_lastUpdated [eq 2026-11-23T09:30:00.000Z..2026-11-23T09:31:00.000Z]"},
		{"fuseau mal encodé", "Practitioner", "_lastUpdated=2026-11-23T10:30+01:00", "_lastUpdated [eq 2026-11-23T09:30:00.000Z..2026-11-23T09:31:00.000Z]"},
		{"seconde", "Practitioner", "_lastUpdated=sa2026-11-23T10:30:05Z", "_lastUpdated [sa 2026-11-23T10:30:05.000Z..2026-11-23T10:30:06.000Z]"},
		{"fraction", "Practitioner", "_lastUpdated=2026-11-23T10:30:05.12Z", "_lastUpdated [eq 2026-11-23T10:30:05.120Z..2026-11-23T10:30:05.130Z]"},
		{"à peu près", "Practitioner", "_lastUpdated=ap2026-11-13T10:00:00Z", "_lastUpdated [ap 2026-11-12T10:00:00.000Z..2026-11-14T10:00:01.000Z]"},
		{"près de", "Organization", "near=48.85|-2.35|10|km", "near [48850000 -2350000 10000]"},
		{"près de, sans distance", "Organization", "near=48.85|2.35", "near [48850000 2350000 50000]"},
		{"mètres", "Organization", "near=48.85|2.35|500|m", "near [48850000 2350000 500]"},
		{"adresse de profil", "Practitioner", "_profile=http://p|1.0,http://q", "_profile [http://p|1.0] [http://q]"},
		{"sans valeur", "Practitioner", "family=&&name=a", "name [a]"},
	} {
		var q Query
		if err := tb.Parse(&q, c.resource, Input{Query: c.query, Now: now}); err != nil || say(&q) != c.want {
			t.Errorf("%s :\ngot  %s (%v)\nwant %s", c.name, say(&q), err, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tb := table(t)
	long := strings.Repeat("x", 5000)
	for _, c := range []struct {
		name, resource, query string
		code                  IssueCode
		param, says           string
	}{
		{"ressource inconnue", "Patient", "", CodeNotSupported, "", "metadata"},
		{"faute de frappe", "Practitioner", "famly=Secret", CodeNotSupported, "", "est-ce family ?"},
		{"paramètre inconnu", "Practitioner", "birthdate=1970", CodeNotSupported, "", "/metadata"},
		{"deux fois", "Practitioner", "_count=1&_count=2", CodeInvalid, "_count", "deux fois"},
		{"modificateur inconnu", "Practitioner", "family:sounds=Secret", CodeNotSupported, "family", ":missing, :exact, :contains"},
		{"modificateur d'un autre type", "PractitionerRole", "practitioner:exact=Secret", CodeNotSupported, "practitioner", ":Practitioner"},
		{"type qui n'est pas visé", "PractitionerRole", "practitioner:Organization=s", CodeNotSupported, "practitioner", ":Practitioner"},
		{"pourcent coupé", "Practitioner", "family=a&name=%4", CodeInvalid, "", "n° 2"},
		{"pas de l'UTF-8", "Practitioner", "family=%FF", CodeInvalid, "", "UTF-8"},
		{"caractère de commande", "Practitioner", "family=a%00", CodeInvalid, "", "commande"},
		{"chaîne trop longue", "PractitionerRole", "organization.partof.partof.partof.name=a", CodeTooCostly, "", "3 références"},
		{"inverses emboîtés", "Organization", strings.Repeat("_has:Organization:partof:", 40) + "name=a", CodeTooCostly, "", "3 références"},
		{"inverse incomplet", "Practitioner", "_has:PractitionerRole=a", CodeInvalid, "_has", "_has:Ressource"},
		{"inverse seul", "Practitioner", "_has=a", CodeInvalid, "_has", "_has:Ressource"},
		{"inverse d'une autre", "Organization", "_has:PractitionerRole:practitioner:active=true", CodeNotSupported, "_has", "ne désigne pas"},
		{"inverse inconnu", "Organization", "_has:PractitionerRole:organisation:active=true", CodeNotSupported, "", "est-ce organization ?"},
		{"chaîne sur un texte", "Practitioner", "family.x=a", CodeInvalid, "family", "pas une référence"},
		{"chaîne ambiguë", "PractitionerRole", "any.name=a", CodeInvalid, "any", "dire laquelle"},
		{"chaîne vers rien", "PractitionerRole", "any.zzz=a", CodeNotSupported, "any", "aucune des ressources"},
		{"date", "Practitioner", "_lastUpdated=23/11/2026", CodeValue, "_lastUpdated", "écrire une date"},
		{"30 février", "Practitioner", "_lastUpdated=2026-02-30", CodeValue, "_lastUpdated", "écrire une date"},
		{"préfixe", "Practitioner", "_lastUpdated=zz2026", CodeValue, "_lastUpdated", "le préfixe"},
		{"absent ni vrai ni faux", "Practitioner", "active:missing=oui", CodeValue, "active", "true ou false"},
		{"valeur vide", "Practitioner", "family=a,,b", CodeValue, "family", "vide"},
		{"blancs", "Practitioner", "family=%20", CodeValue, "family", "vide"},
		{"jeton à trois parties", "Practitioner", "identifier=a|b|c", CodeValue, "identifier", "système|code"},
		{"jeton vide", "Practitioner", "identifier=|", CodeValue, "identifier", "système|code"},
		{"référence d'un autre type", "PractitionerRole", "practitioner=Organization/1", CodeValue, "practitioner", "vise Practitioner"},
		{"référence mal formée", "PractitionerRole", "practitioner=a%20b", CodeValue, "practitioner", "identifiant"},
		{"coordonnées", "Organization", "near=91|0", CodeValue, "near", "degrés"},
		{"coordonnées en NaN", "Organization", "near=NaN|0", CodeValue, "near", "degrés"},
		{"au-delà de 1000 km", "Organization", "near=48|2|1001|km", CodeValue, "near", "degrés"},
		{"trop long", "Practitioner", "family=" + long, CodeTooLong, "", "4096"},
		{"recherche trop longue", "Practitioner", strings.Repeat("family="+long[:4000]+"&", 5), CodeTooLong, "", "16384"},
		{"trop de paramètres", "Practitioner", strings.Repeat("family=a&", 65), CodeTooCostly, "", "64"},
		{"trop de valeurs", "Practitioner", "family=" + strings.Repeat("a,", 256) + "a", CodeTooCostly, "family", "256"},
		{"ordre", "Practitioner", "_sort=active", CodeNotSupported, "_sort", "_lastUpdated, family, name"},
		{"total", "Practitioner", "_total=oui", CodeValue, "_total", "none, estimate, accurate"},
		{"résumé", "Practitioner", "_summary=", CodeValue, "", ""},
		{"éléments", "Practitioner", "_elements=a/b", CodeValue, "_elements", "premier niveau"},
		{"inclusion", "PractitionerRole", "_include=PractitionerRole:any", CodeNotSupported, "_include", "PractitionerRole:practitioner"},
		{"inclusion vers une autre", "PractitionerRole", "_include=PractitionerRole:practitioner:Organization", CodeNotSupported, "_include", "écrire"},
		{"inclusion, modificateur", "PractitionerRole", "_include:exact=*", CodeNotSupported, "_include", ":iterate"},
		{"trop d'inclusions", "PractitionerRole", strings.Repeat("_include=*&", 17), CodeTooCostly, "_include", "16"},
		{"nombre", "Practitioner", "_count=-1", CodeValue, "_count", "entier"},
		{"modificateur d'un résultat", "Practitioner", "_sort:exact=name", CodeInvalid, "_sort", "modificateur"},
	} {
		var q Query
		err := tb.Parse(&q, c.resource, Input{Query: c.query, Now: now})
		if c.says == "" { // no value: nothing is asked
			if err != nil {
				t.Errorf("%s : %v", c.name, err)
			}
			continue
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Code != c.code || e.Param != c.param || !strings.Contains(e.Diagnostics, c.says) || strings.Contains(e.Error(), "Secret") {
			t.Errorf("%s : got %v, want %s %s %q", c.name, err, c.code, c.param, c.says)
		}
	}
}

func TestParseResult(t *testing.T) {
	var q Query
	err := table(t).Parse(&q, "PractitionerRole", Input{
		Query: "_count=1000&_total=accurate&_summary=data&_format=application/fhir+json&_pretty=true&_sort=-_lastUpdated&_elements=active,PractitionerRole.code,active",
		Form:  "_include=PractitionerRole:practitioner&_include:iterate=Organization:partof:Organization&_revinclude=*&active=true", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if q.Count != 200 || q.Total != TotalAccurate || q.Summary != SummaryData || q.Format != "application/fhir json" || fmt.Sprint(q.Elements) != "[active code]" {
		t.Errorf("got %+v", q)
	}
	if len(q.Sort) != 1 || q.Sort[0].Param.ID != 2 || !q.Sort[0].Descending || say(&q) != "active [true]" {
		t.Errorf("got %+v", q.Sort)
	}
	if len(q.Includes) != 3 || q.Includes[0].Param.Name != "practitioner" || !q.Includes[1].Iterate || q.Includes[1].Target != "Organization" || !q.Includes[2].Reverse || q.Includes[2].Source != nil {
		t.Errorf("got %+v", q.Includes)
	}
	if f, err := Negotiate("", q.Format); f != JSON || err != nil {
		t.Errorf("got %v, %v", f, err)
	}
}

func TestParseLenient(t *testing.T) {
	var q Query
	err := table(t).Parse(&q, "Practitioner", Input{Query: "famly=a&_sort=active,name&_include=Zzz:b&family=b&_has:PractitionerRole:organisation:active=true", Lenient: true, Now: now})
	if err != nil || say(&q) != "family [b]" || len(q.Ignored) != 4 || len(q.Sort) != 1 {
		t.Fatalf("got %s, %d ignored, %v", say(&q), len(q.Ignored), err)
	}
	if err := table(t).Parse(&q, "Practitioner", Input{Query: "family:sounds=a", Lenient: true}); err == nil {
		t.Error("un modificateur inconnu est refusé même ainsi")
	}
}

// A Query that is read into again holds nothing of what it held.
func TestParseAgain(t *testing.T) {
	tb, q := table(t), Query{}
	for range 2 {
		if err := tb.Parse(&q, "Practitioner", Input{Query: "family=a,b&_has:PractitionerRole:practitioner:active=true&_count=2&_summary=true"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := tb.Parse(&q, "Practitioner", Input{Query: "name=c"}); err != nil || say(&q) != "name [c]" || q.Count != -1 || q.Summary != SummaryFalse {
		t.Errorf("got %s %+v", say(&q), q)
	}
	in := Input{Query: "identifier=https://rpps.esante.gouv.fr|99900112204&_count=1"}
	if n := testing.AllocsPerRun(100, func() { _ = tb.Parse(&q, "Practitioner", in) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// The interval that a prefix accepts, from the table of the text.
// ref: FHIR R4 search §3.1.1.4.6
func TestRange(t *testing.T) {
	in := func(v Value, at int64) bool {
		from, to, outside := v.Range()
		return (at >= from && at < to) != outside
	}
	for p, want := range map[Prefix]string{Eq: " x ", Ne: "x x", Gt: "  x", Lt: "x  ", Ge: " xx", Le: "xx ", Sa: "  x", Eb: "x  "} {
		for i, at := range []int64{99, 150, 200} {
			if got := in(Value{Prefix: p, Lower: 100, Upper: 200}, at); got != (want[i] == 'x') {
				t.Errorf("%s %d : %t", prefixNames[p], at, got)
			}
		}
	}
}
