package pupitre_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

func TestLoupe(t *testing.T) {
	m := pupitretest.New(t)
	for _, c := range []struct {
		nom        string
		etape      int
		face       sceau.Face
		question   roc.Code // what its seal deserves
		references int
		mauvais    string // the first check that fails
	}{
		{"JSON scellé", 1, sceau.REST, "", 1, ""},
		{"XML scellé", 5, sceau.SOAP, "", 3, ""},
		{"corps chiffré", 4, sceau.SOAP, "", 3, ""},
		{"un octet changé", 6, sceau.SOAP, roc.SceauInvalide, 3, "empreinte de Body (#ecl-corps)"},
		{"certificat révoqué", 7, sceau.REST, roc.CertificatRefuse, 1, "certificat du scelleur accepté pour un cachet, à cet instant"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			e, _ := m.Etape(c.etape)
			q := e.Question
			if q.Face != c.face || q.Code != c.question || q.Garanti != (c.question == "") {
				t.Errorf("question : face %s, code %q (%s), garanti %v", q.Face, q.Code, q.Echec, q.Garanti)
			}
			if q.Sceau == nil || len(q.Sceau.References) != c.references {
				t.Errorf("sceau %+v, attendu %d références", q.Sceau, c.references)
			}
			i := slices.IndexFunc(q.Controles, func(x pupitre.Controle) bool { return !x.Valide })
			switch {
			case c.mauvais == "" && i >= 0:
				t.Errorf("contrôle refusé : %+v", q.Controles[i])
			case c.mauvais != "" && (i < 0 || q.Controles[i].Nom != c.mauvais):
				t.Errorf("contrôles %+v, premier refus attendu : %s", q.Controles, c.mauvais)
			}
			if q.Enveloppe() == nil || q.Corps() == nil || q.Scelleur == nil || q.Scelleur.Structure == "" {
				t.Errorf("message ou scelleur absent : %+v", q)
			}
			if e.Reponse == nil || !e.Reponse.Garanti || e.Reponse.Scelleur.Structure != "0990000200" {
				t.Errorf("réponse : %+v", e.Reponse)
			}
		})
	}
}

// The altered reference shows the digest of the seal and that of what came.
func TestReferenceAlteree(t *testing.T) {
	e, _ := pupitretest.New(t).Etape(6)
	r := e.Question.Sceau.References[0]
	if r.Concordante || r.Attendue == r.Calculee || r.Attendue == "" || r.Calculee == "" {
		t.Errorf("référence %+v", r)
	}
	if e.Code != roc.SceauInvalide || e.Refus == nil || e.Refus.QuiAgit == "" {
		t.Errorf("étape %s, refus %+v", e.Code, e.Refus)
	}
}

// What is shown of a message is all of what JSON says of it, and nothing else:
// the standard library's reader is the judge.
func TestArbreComplet(t *testing.T) {
	m := pupitretest.New(t)
	for _, e := range m.Etapes() {
		for _, v := range []*pupitre.Vu{e.Question, e.Reponse} {
			if v.Face != sceau.REST {
				continue
			}
			var x struct{ Message map[string]any }
			d := json.NewDecoder(bytes.NewReader(v.Brut))
			d.UseNumber()
			if err := d.Decode(&x); err != nil {
				t.Fatal(err)
			}
			var want, got []string
			aplatir(x.Message, "", &want)
			for i := range v.Decode {
				for _, f := range v.Decode[i].Feuilles() {
					got = append(got, f.Chemin+" = "+f.Valeur)
					if f.Sens == "" && !strings.HasPrefix(f.Chemin, "corps.formules") {
						t.Errorf("%s sans documentation", f.Chemin)
					}
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("étape %d : -JSON +arbre\n%s", e.Numero, d)
			}
		}
	}
}

func aplatir(v any, chemin string, l *[]string) {
	switch x := v.(type) {
	case map[string]any:
		for k, y := range x {
			aplatir(y, strings.TrimPrefix(chemin+"."+k, "."), l)
		}
	case []any:
		for i, y := range x {
			aplatir(y, fmt.Sprintf("%s[%d]", chemin, i+1), l)
		}
	default:
		*l = append(*l, fmt.Sprint(chemin, " = ", x))
	}
}

// An exchange of the past is shown long after: the revocation lists of its day are
// no more, and its seal is as good as it was.
func TestLoupeDuPasse(t *testing.T) {
	m := pupitretest.New(t)
	e, _ := m.Etape(1)
	plusTard := m.Instant.Add(6 * time.Hour)
	m.Relister(plusTard.Add(-time.Hour))
	if v := m.Loupe.Voir(e.Question.Brut, e.Face, e.Debut); v.Code != roc.CertificatRefuse {
		t.Fatalf("sans dire quand : %q, la liste de ce jour n'est plus là", v.Code)
	}
	passe := *m.Loupe
	passe.Lu = plusTard
	v := passe.Voir(e.Question.Brut, e.Face, e.Debut)
	if !v.Garanti || v.Code != "" {
		t.Errorf("message du passé : %q %s", v.Code, v.Echec)
	}
	for _, x := range v.Controles {
		if !x.Valide {
			t.Errorf("contrôle %+v", x)
		}
	}
	if i := slices.IndexFunc(v.Scelleur.Explication.Verdicts, func(x certificat.VerdictExplique) bool { return x.Accepte }); i < 0 {
		t.Errorf("le certificat ne peut plus servir à rien : %+v", v.Scelleur.Explication.Verdicts)
	}
	faux := []byte(strings.NewReplacer(`"IDB"`, `"IDA"`, `>IDB<`, `>IDA<`).Replace(string(e.Question.Brut)))
	if v := passe.Voir(faux, e.Face, e.Debut); v.Garanti {
		t.Error("un message altéré passe")
	}
}

// A body encrypted for another is not shown; the one that we wrote is.
func TestCorpsChiffre(t *testing.T) {
	m := pupitretest.New(t)
	e, _ := m.Etape(4)
	if !e.Chiffre || !e.Question.Chiffre || !e.Question.Clair || len(e.Relais) != 1 {
		t.Fatalf("étape %+v", e.Question)
	}
	aveugle := &pupitre.Loupe{Magasin: m.Loupe.Magasin}
	v := aveugle.Voir(e.Question.Brut, sceau.SOAP, e.Debut)
	if !v.Garanti || !v.Chiffre || v.Clair || v.Corps() != nil {
		t.Errorf("sans la clé : garanti %v, chiffré %v, clair %v", v.Garanti, v.Chiffre, v.Clair)
	}
	v = aveugle.VoirClair(e.Question.Brut, sceau.SOAP, e.Debut, e.Question.Corps())
	n := v.Decode[len(v.Decode)-1]
	if !v.Clair || n.Chemin != "corps" || !strings.HasPrefix(n.Enfants[0].Chemin, "corps.") {
		t.Errorf("avec le corps que nous avons écrit : %+v", n)
	}
}

func TestLoupeIllisible(t *testing.T) {
	m := pupitretest.New(t)
	bon, _ := m.Etape(1)
	for _, c := range []struct {
		nom, brut string
		code      roc.Code
	}{
		{"vide", "", roc.Illisible}, {"texte", "bonjour", roc.Illisible}, {"JSON sans message", `{}`, roc.Illisible},
		{"JSON coupé", string(bon.Question.Brut[:400]), roc.Illisible}, {"XML quelconque", "<a/>", roc.Illisible},
		{"enveloppe sans sceau", `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>`, roc.SceauInvalide},
		{"DTD", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, roc.Illisible},
	} {
		t.Run(c.nom, func(t *testing.T) {
			v := m.Loupe.Voir([]byte(c.brut), pupitre.FaceDe([]byte(c.brut)), m.Instant)
			if v.Garanti || v.Code != c.code || v.Illisible == "" || len(v.Controles) == 0 || v.Controles[0].Valide {
				t.Errorf("%+v", v)
			}
		})
	}
}

func FuzzLoupe(f *testing.F) {
	m := pupitretest.New(f)
	for _, e := range m.Etapes() {
		f.Add(e.Question.Brut)
		f.Add(e.Reponse.Brut)
	}
	bons := map[string]bool{}
	for _, e := range m.Etapes() {
		bons[e.Question.Empreinte], bons[e.Reponse.Empreinte] = true, true
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v := m.Loupe.Voir(b, pupitre.FaceDe(b), m.Instant)
		if v.Garanti && (v.Empreinte == "" || !bons[v.Empreinte]) {
			t.Errorf("garanti sans avoir été scellé : %q", b)
		}
		if v.Garanti != (v.Code == "") {
			t.Errorf("garanti %v et code %q", v.Garanti, v.Code)
		}
	})
}
