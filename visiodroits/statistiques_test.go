package visiodroits_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// A quantile lies where the sorted values put it. The oracle sorts.
func TestQuantile(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		e := rapid.SampledFrom([]visiodroits.Echelle{visiodroits.EnMillisecondes, visiodroits.EnHeures, visiodroits.EnJours}).Draw(r, "échelle")
		valeurs := rapid.SliceOfN(rapid.Int64Range(0, 40_000), 1, 60).Draw(r, "valeurs")
		h := visiodroits.Histogramme{Echelle: e}
		for _, v := range valeurs {
			h.Noter(v)
		}
		if err := h.Valider(e); err != nil || h.Nombre() != int64(len(valeurs)) {
			r.Fatalf("%v, %d", err, h.Nombre())
		}
		p := rapid.IntRange(1, 100).Draw(r, "pour cent")
		slices.Sort(valeurs)
		exact := valeurs[(len(valeurs)*p+99)/100-1]
		q, ok := h.Quantile(p)
		if !ok || exact <= q.Plancher || !q.AuDela && exact > q.Plafond {
			r.Fatalf("%d %% de %v : %+v, want %d", p, valeurs, q, exact)
		}
	})
	if _, ok := (&visiodroits.Histogramme{}).Quantile(50); ok {
		t.Error("un quantile de rien")
	}
}

// Bounds grow, and targets are among them.
func TestBornes(t *testing.T) {
	for _, s := range visiodroits.Echelle("").Codes() {
		b := visiodroits.Echelle(s).Bornes()
		if !slices.IsSorted(b) || len(slices.Compact(slices.Clone(b))) != len(b) || len(b) == 0 || len(b) > 31 {
			t.Errorf("%s : %v", s, b)
		}
	}
	cibles, err := visiodroits.CiblesPubliees()
	if err != nil {
		t.Fatal(err)
	}
	for nom, e := range map[visiodroits.NomIndicateur]visiodroits.Echelle{visiodroits.DureeMediane: visiodroits.EnMillisecondes,
		visiodroits.DureeP95: visiodroits.EnMillisecondes, visiodroits.AgeLARP95: visiodroits.EnHeures} {
		if c := cibles.A(nom, jour); c == nil || !slices.Contains(e.Bornes(), c.Valeur) {
			t.Errorf("%s : %+v n'est pas une borne", nom, c)
		}
	}
}

var plan = trame.Pour[visiodroits.Statistiques](visiodroits.Espace)

// officine is who counts.
var officine = func() sante.NumeroFacturation {
	n, err := sante.ParseNumeroFacturation("990000001")
	if err != nil {
		panic(err)
	}
	return n
}()

// tirer draws a day of counters, as a workstation makes it.
func tirer(r *rapid.T) visiodroits.Statistiques {
	s := visiodroits.Statistiques{Jour: jour + sante.Jour(rapid.IntRange(0, 40).Draw(r, "jour")), NumeroFacturation: officine}
	for _, numero := range []string{"99000001", "99000002"} {
		n, _ := sante.ParseNumeroAMC(numero)
		l := visiodroits.LigneStatistique{NumeroAMC: n}
		for range rapid.IntRange(0, 5).Draw(r, "demandes") {
			code := visiodroits.CodeVu(rapid.SampledFrom([]string{"000", "001", "110", "200", "201", "202", "T020"}).Draw(r, "code"))
			l.NoterDemande(code, time.Duration(rapid.IntRange(0, 40_000).Draw(r, "ms"))*time.Millisecond)
			if code[0] == '2' && rapid.Bool().Draw(r, "démenti") {
				l.NoterDementi(code)
			}
		}
		for range rapid.IntRange(0, 3).Draw(r, "contrôles") {
			l.NoterAgeLAR(time.Duration(rapid.IntRange(-10, 9000).Draw(r, "âge"))*time.Minute, rapid.Bool().Draw(r, "fraîche"))
		}
		for range rapid.IntRange(0, 2).Draw(r, "paiements") {
			l.NoterPaiement(rapid.IntRange(0, 120).Draw(r, "délai"))
		}
		l.Factures = rapid.Int64Range(0, 9).Draw(r, "factures")
		l.FacturesAccreditees = rapid.Int64Range(0, l.Factures).Draw(r, "accréditées")
		l.FacturesDegradees = rapid.Int64Range(0, l.Factures).Draw(r, "dégradées")
		l.FacturesAvecTrace = rapid.Int64Range(0, l.FacturesAccreditees).Draw(r, "trace")
		l.RejetsAccredites = rapid.Int64Range(0, 2).Draw(r, "rejets")
		s.Lignes = append(s.Lignes, l)
	}
	return s
}

// What a workstation counts is coherent, travels unchanged on both faces, and adds
// up in any order; adding changes nothing of what is added.
func TestSommes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var sommes [3]visiodroits.Somme
		for i := range sommes {
			s := tirer(r)
			if err := s.Valider(); err != nil {
				r.Fatal(err)
			}
			if err := plan.Verify(&s); err != nil {
				r.Fatal(err)
			}
			var lue visiodroits.Statistiques
			if err := plan.DecodeJSON(plan.AppendJSON(nil, &s), &lue); err != nil {
				r.Fatal(err)
			}
			if d := cmp.Diff(s, lue, comparaison); d != "" {
				r.Fatal(d)
			}
			sommes[i] = s.Sommer(nil)
			une := s.Sommer(func(l *visiodroits.LigneStatistique) bool { return l.NumeroAMC.String() == "99000001" })
			autre := s.Sommer(func(l *visiodroits.LigneStatistique) bool { return l.NumeroAMC.String() != "99000001" })
			if d := cmp.Diff(sommes[i], une.Plus(autre), comparaison); d != "" {
				r.Fatal(d)
			}
		}
		a, b, c := sommes[0], sommes[1], sommes[2]
		avant := [3]string{texte(a), texte(b), texte(c)}
		gauche, droite := a.Plus(b).Plus(c), a.Plus(b.Plus(c))
		if d := cmp.Diff(gauche, droite, comparaison) + cmp.Diff(a.Plus(b), b.Plus(a), comparaison) + cmp.Diff(a, a.Plus(visiodroits.Somme{}), comparaison) +
			cmp.Diff(a, visiodroits.Somme{}.Plus(a), comparaison); d != "" {
			r.Fatal(d)
		}
		for _, x := range []visiodroits.Somme{gauche.Plus(a), a, b} { // copies
			x.NoterDemande("000", time.Second)
			x.NoterDementi("201")
			x.NoterPaiement(3)
		}
		if avant != [3]string{texte(a), texte(b), texte(c)} {
			r.Fatal("une addition a changé ce qu'elle ajoute")
		}
	})
}

var comparaison = cmp.Options{cmp.Comparer(func(a, b sante.NumeroAMC) bool { return a == b }), cmp.Comparer(func(a, b sante.NumeroFacturation) bool { return a == b })}

func texte(s visiodroits.Somme) string {
	x := visiodroits.Statistiques{Jour: jour, NumeroFacturation: officine, Lignes: []visiodroits.LigneStatistique{{Totaux: s.Totaux}}}
	return string(plan.AppendJSON(nil, &x))
}

func TestStatistiquesRefusees(t *testing.T) {
	base := func() visiodroits.Statistiques {
		l := visiodroits.LigneStatistique{NumeroAMC: amc(t, "99000001"), Totaux: visiodroits.Totaux{Factures: 2, FacturesAccreditees: 1, Accreditations: 1}}
		l.NoterDemande("201", time.Second)
		return visiodroits.Statistiques{Jour: jour, NumeroFacturation: officine, Lignes: []visiodroits.LigneStatistique{l}}
	}
	if s := base(); s.Valider() != nil {
		t.Fatal(s.Valider())
	}
	for nom, f := range map[string]func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique){
		"sans jour":     func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) { s.Jour = 0 },
		"AMC en double": func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) { s.Lignes = append(s.Lignes, *l) },
		"codes en double": func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) {
			l.Codes = append(l.Codes, l.Codes[0])
		},
		"démenti inventé": func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) { l.NoterDementi("200") },
		"démentis": func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) {
			l.NoterDementi("201")
			l.NoterDementi("201")
		},
		"dépannages":     func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) { l.Depannages = 2 },
		"dégradées":      func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) { l.FacturesDegradees = 3 },
		"trace":          func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) { l.FacturesAvecTrace = 2 },
		"LAR":            func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) { l.LARFraiches = 1 },
		"durées de trop": func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) { l.Durees.Noter(1) },
		"autre échelle": func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) {
			l.Durees.Echelle = visiodroits.EnJours
		},
		"casiers manquants": func(s *visiodroits.Statistiques, l *visiodroits.LigneStatistique) {
			l.Durees.Casiers = l.Durees.Casiers[1:]
		},
	} {
		s := base()
		f(&s, &s.Lignes[0])
		if err := s.Valider(); !errors.Is(err, visiodroits.ErrStatistiques) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// Each indicator, on figures that one can count by hand. ref: VISIO §15
func TestIndicateurs(t *testing.T) {
	var x visiodroits.Totaux
	for _, c := range []struct {
		code visiodroits.CodeVu
		n    int
		ms   int
	}{{"000", 10, 400}, {"001", 3, 80}, {"110", 2, 900}, {"200", 4, 20}, {"201", 2, 3000}, {"202", 1, 5001}, {"T020", 2, 800}} {
		for range c.n {
			x.NoterDemande(c.code, time.Duration(c.ms)*time.Millisecond)
		}
	}
	x.NoterDementi("201")
	x.NoterDementi("202")
	x.NoterDementi("200")
	x.Accreditations, x.Depannages = 10, 1
	x.Factures, x.FacturesDegradees, x.FacturesAccreditees, x.FacturesAvecTrace, x.RejetsAccredites = 30, 3, 9, 8, 1
	x.CRLControles, x.CRLFraiches = 3, 3
	x.NoterAgeLAR(90*time.Minute, true)
	x.NoterAgeLAR(200*time.Hour, false)
	for _, j := range []int{7, 9, 12} {
		x.NoterPaiement(j)
	}
	cibles, err := visiodroits.CiblesPubliees()
	if err != nil {
		t.Fatal(err)
	}
	want := map[visiodroits.NomIndicateur]struct {
		valeur, nombre, sur int64
		verdict             visiodroits.Verdict
		auDela              bool
	}{
		visiodroits.TauxReussite:     {7500, 15, 20, visiodroits.SansCible, false}, // 24 asked, 4 of them 200
		visiodroits.FauxNegatifs:     {833, 2, 24, visiodroits.SansCible, false},
		visiodroits.FauxNonOuvert:    {2500, 1, 4, visiodroits.Manquee, false},
		visiodroits.DureeMediane:     {500, 0, 24, visiodroits.Tenue, false},
		visiodroits.DureeP95:         {3000, 0, 24, visiodroits.Tenue, false},
		visiodroits.PartDegrade:      {1000, 3, 30, visiodroits.Tenue, false},
		visiodroits.PartDepannage:    {1000, 1, 10, visiodroits.SansCible, false},
		visiodroits.AgeLARMedian:     {2, 0, 2, visiodroits.SansCible, false},
		visiodroits.AgeLARP95:        {168, 0, 2, visiodroits.Manquee, true},
		visiodroits.RejetsAccredites: {1, 1, 9, visiodroits.Manquee, false},
		visiodroits.DelaiMedian:      {10, 0, 3, visiodroits.SansCible, false},
		visiodroits.DelaiP95:         {12, 0, 3, visiodroits.SansCible, false},
		visiodroits.FraicheurCRL:     {10000, 3, 3, visiodroits.SansCible, false},
		visiodroits.FraicheurLAR:     {5000, 1, 2, visiodroits.SansCible, false},
		visiodroits.TraceVisible:     {8889, 8, 9, visiodroits.Manquee, false},
	}
	l := visiodroits.Calculer(&visiodroits.Somme{Debut: jour, Fin: jour, Totaux: x}, cibles)
	if len(l) != len(want) {
		t.Fatalf("%d indicateurs, want %d", len(l), len(want))
	}
	for _, i := range l {
		w := want[i.Nom]
		if i.Valeur != w.valeur || i.Nombre != w.nombre || i.Sur != w.sur || i.Verdict != w.verdict || i.AuDela != w.auDela || i.Libelle == "" {
			t.Errorf("%+v, want %+v", i, w)
		}
	}
	for _, i := range visiodroits.Calculer(&visiodroits.Somme{Debut: jour, Fin: jour}, cibles) {
		if i.Sur != 0 || i.Verdict != visiodroits.SansMesure && i.Verdict != visiodroits.SansCible {
			t.Errorf("sans mesure : %+v", i)
		}
	}
}

// A rate just short of its target is not rounded up to it.
func TestVerdictExact(t *testing.T) {
	cibles, err := visiodroits.CiblesPubliees()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range visiodroits.Calculer(&visiodroits.Somme{Fin: jour, Totaux: visiodroits.Totaux{Factures: 1_000_000, FacturesAccreditees: 1_000_000,
		FacturesAvecTrace: 999_999, FacturesDegradees: 100_001}}, cibles) {
		if i.Nom == visiodroits.TraceVisible && (i.Valeur != 10_000 || i.Verdict != visiodroits.Manquee) {
			t.Errorf("%+v", i)
		}
		if i.Nom == visiodroits.PartDegrade && (i.Valeur != 1_000 || i.Verdict != visiodroits.Manquee) {
			t.Errorf("%+v", i)
		}
	}
	autres, err := visiodroits.LireCibles(strings.NewReader("indicateur;sens;valeur;debut;fin;source\nDUREE_P95;MAX;2500;2026-01-01;;essai\n"))
	if err != nil {
		t.Fatal(err)
	}
	var x visiodroits.Totaux
	x.NoterDemande("000", 2700*time.Millisecond) // between 2000 and 3000: nobody knows
	for _, i := range visiodroits.Calculer(&visiodroits.Somme{Fin: jour, Totaux: x}, autres) {
		if i.Nom == visiodroits.DureeP95 && i.Verdict != visiodroits.Indeterminee {
			t.Errorf("%+v", i)
		}
	}
}

func TestCibles(t *testing.T) {
	const tete = "indicateur;sens;valeur;debut;fin;source\n"
	l, err := visiodroits.LireCibles(strings.NewReader("# commentaire\n" + tete + "TRACE_VISIBLE;MIN;90;2026-01-01;2026-06-30;a\nTRACE_VISIBLE;MIN;99.5;2026-07-01;;b\n"))
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range map[string]int64{"2025-12-31": 0, "2026-01-01": 9000, "2026-06-30": 9000, "2026-07-01": 9950, "2030-01-01": 9950} {
		d, _ := sante.ParseJour(j)
		if c := l.A(visiodroits.TraceVisible, d); c == nil && want != 0 || c != nil && c.Valeur != want {
			t.Errorf("%s : %+v, want %d", j, c, want)
		}
	}
	for nom, s := range map[string]string{
		"vide": "", "sans en-tête": "TRACE_VISIBLE;MIN;90;2026-01-01;;a\n", "indicateur": tete + "AUTRE;MIN;90;2026-01-01;;a\n",
		"sens": tete + "TRACE_VISIBLE;EGAL;90;2026-01-01;;a\n", "taux": tete + "TRACE_VISIBLE;MIN;100.01;2026-01-01;;a\n", "entier": tete + "DUREE_P95;MAX;1.5;2026-01-01;;a\n",
		"début": tete + "DUREE_P95;MAX;1;;;a\n", "fin": tete + "DUREE_P95;MAX;1;2026-01-02;2026-01-01;a\n", "champs": tete + "DUREE_P95;MAX;1;2026-01-02\n",
		"deux le même jour": tete + "DUREE_P95;MAX;1;2026-01-01;;a\nDUREE_P95;MAX;2;2026-05-01;;a\n", "énorme": tete + strings.Repeat("#\n", 1<<20),
	} {
		if _, err := visiodroits.LireCibles(strings.NewReader(s)); !errors.Is(err, visiodroits.ErrCibles) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

func FuzzLireCibles(f *testing.F) {
	f.Add([]byte("indicateur;sens;valeur;debut;fin;source\nDUREE_P95;MAX;1;2026-01-01;;a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := visiodroits.LireCibles(bytes.NewReader(b))
		if err != nil && l != nil {
			t.Fatal(l)
		}
		for i := range l {
			if c := l.A(l[i].Indicateur, l[i].Debut); c == nil || *c != l[i] {
				t.Fatalf("%+v n'est pas sa propre cible", l[i])
			}
		}
	})
}
