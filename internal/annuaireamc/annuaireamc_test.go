package annuaireamc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc/annuaireamctest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

var jour = sante.JourDe(2026, 3, 2)

func demande(numero, convention, csr string) *roc.DemandeAnnuaire {
	n, _ := sante.ParseNumeroAMC(numero)
	return &roc.DemandeAnnuaire{NumeroAMC: n, TypeConvention: convention, CSR: csr, DateReference: jour, Domaine: roc.HospitalACE}
}

// entree makes an entry whose label is its id, changed by f.
func entree(id string, f func(*annuaireamc.Entree)) annuaireamc.Entree {
	e := annuaireamctest.Entree(id, "99000001")
	e.Libelle = id
	f(&e)
	return e
}

func routee(convention, csr string) func(*annuaireamc.Entree) {
	return func(e *annuaireamc.Entree) { e.TypeConvention, e.CSR = convention, csr }
}

func TestRegleDeConcordance(t *testing.T) {
	tableau := annuaireamc.NewTableau([]annuaireamc.Entree{
		entree("AMC seule", routee("", "")), entree("convention", routee("RO", "")),
		entree("94???????", routee("RO", "94???????")), entree("945??????", routee("RO", "945??????")), entree("exact", routee("RO", "945000001")),
	})
	for _, c := range []struct{ convention, csr, want string }{
		{"", "", "AMC seule"}, {"CM", "945000001", "AMC seule"}, {"RO", "", "convention"}, {"RO", "120000000", "convention"},
		{"RO", "94", "convention"}, {"RO", "941234567", "94???????"}, {"RO", "945234567", "945??????"}, {"RO", "945000001", "exact"},
	} {
		if r := tableau.Resoudre(demande("99000001", c.convention, c.csr)); r.LibelleAMC != c.want {
			t.Errorf("%q %q : %s %q, want %q", c.convention, c.csr, r.CodeRetour, r.LibelleAMC, c.want)
		}
	}
}

func TestCodes(t *testing.T) {
	n2, _ := sante.ParseNumeroAMC("99000002")
	n3, _ := sante.ParseNumeroAMC("99000003")
	base := func(*annuaireamc.Entree) {}
	remplacee := func(par sante.NumeroAMC) func(*annuaireamc.Entree) {
		return func(e *annuaireamc.Entree) { e.Remplacante = par }
	}
	numero := func(n sante.NumeroAMC, f func(*annuaireamc.Entree)) func(*annuaireamc.Entree) {
		return func(e *annuaireamc.Entree) { e.NumeroAMC = n; f(e) }
	}
	for _, c := range []struct {
		nom     string
		entrees []annuaireamc.Entree
		code    roc.Code
		cible   string
	}{
		{"inconnue", nil, roc.AMCInconnue, ""},
		{"connue", []annuaireamc.Entree{entree("a", base)}, roc.Accepte, "99000001"},
		{"pas encore ouverte", []annuaireamc.Entree{entree("a", func(e *annuaireamc.Entree) { e.Debut = jour + 1 })}, roc.AucunService, ""},
		{"fermée la veille", []annuaireamc.Entree{entree("a", func(e *annuaireamc.Entree) { e.Fin = jour - 1 })}, roc.AucunService, ""},
		{"dernier jour", []annuaireamc.Entree{entree("a", func(e *annuaireamc.Entree) { e.Fin = jour })}, roc.Accepte, "99000001"},
		{"autre domaine", []annuaireamc.Entree{entree("a", func(e *annuaireamc.Entree) { e.Domaines = []roc.Domaine{roc.Pharmacie} })}, roc.AucunService, ""},
		{"points fermés", []annuaireamc.Entree{entree("a", func(e *annuaireamc.Entree) { e.Points = e.Points[:1]; e.Points[0].Fin = jour - 1 })}, roc.AucunService, ""},
		{"deux entrées de même rang", []annuaireamc.Entree{entree("a", base), entree("b", base)}, roc.RoutageAmbigu, ""},
		{"deux jokers de même préfixe", []annuaireamc.Entree{entree("a", routee("RO", "94??1")), entree("b", routee("RO", "94?2?"))}, roc.Accepte, "99000001"},
		{"remplacée", []annuaireamc.Entree{entree("a", remplacee(n2)), entree("b", numero(n2, base))}, roc.AMCRemplacee, "99000002"},
		{"remplacée deux fois", []annuaireamc.Entree{entree("a", remplacee(n2)), entree("b", numero(n2, remplacee(n3))), entree("c", numero(n3, base))}, roc.AMCRemplacee, "99000003"},
		{"remplacée en boucle", []annuaireamc.Entree{entree("a", remplacee(n2)), entree("b", numero(n2, func(e *annuaireamc.Entree) { e.Remplacante = mustNumero("99000001") }))}, roc.RoutageAmbigu, ""},
	} {
		d := demande("99000001", "RO", "94921")
		if c.nom == "deux jokers de même préfixe" {
			d.CSR = "94911" // the first only
		}
		r := annuaireamc.NewTableau(c.entrees).Resoudre(d)
		if r.CodeRetour != c.code || r.NumeroAMCCible.String() != c.cible {
			t.Errorf("%s : %s %s, want %s %s", c.nom, r.CodeRetour, r.NumeroAMCCible, c.code, c.cible)
		}
	}
	jokers := annuaireamc.NewTableau([]annuaireamc.Entree{entree("a", routee("RO", "94??1")), entree("b", routee("RO", "94?2?"))})
	if r := jokers.Resoudre(demande("99000001", "RO", "94921")); r.CodeRetour != roc.RoutageAmbigu {
		t.Errorf("jokers ambigus : %s", r.CodeRetour)
	}
}

func mustNumero(s string) sante.NumeroAMC {
	n, err := sante.ParseNumeroAMC(s)
	if err != nil {
		panic(err)
	}
	return n
}

// The rule, said again the slow way: try the four levels one after the other.
func TestConcordanceLente(t *testing.T) {
	conventions := []string{"", "RO", "CM"}
	rapid.Check(t, func(t *rapid.T) {
		var entrees []annuaireamc.Entree
		for i := range rapid.IntRange(1, 8).Draw(t, "entrées") {
			c := rapid.SampledFrom(conventions).Draw(t, "convention")
			csr := ""
			if c != "" {
				csr = rapid.StringMatching(`([12?]{3})?`).Draw(t, "motif")
			}
			entrees = append(entrees, entree(string(rune('a'+i)), routee(c, csr)))
		}
		d := demande("99000001", rapid.SampledFrom(conventions).Draw(t, "carte"), rapid.StringMatching(`([12]{3})?`).Draw(t, "csr"))
		want, seule := lente(entrees, d)
		got := annuaireamc.NewTableau(entrees).Resoudre(d)
		switch {
		case want == "" && got.CodeRetour != roc.AucunService,
			want != "" && !seule && got.CodeRetour != roc.RoutageAmbigu,
			want != "" && seule && got.LibelleAMC != want:
			t.Fatalf("%+v : %s %q, want %q seule=%v", d, got.CodeRetour, got.LibelleAMC, want, seule)
		}
	})
}

func lente(entrees []annuaireamc.Entree, d *roc.DemandeAnnuaire) (string, bool) {
	niveaux := []func(e annuaireamc.Entree) bool{
		func(e annuaireamc.Entree) bool { return e.TypeConvention != "" && e.CSR != "" && e.CSR == d.CSR },
	}
	for n := 3; n >= 0; n-- {
		niveaux = append(niveaux, func(e annuaireamc.Entree) bool {
			if e.TypeConvention == "" || !strings.Contains(e.CSR, "?") || len(e.CSR) != len(d.CSR) || strings.IndexByte(e.CSR, '?') != n {
				return false
			}
			for i, c := range e.CSR {
				if c != '?' && byte(c) != d.CSR[i] {
					return false
				}
			}
			return true
		})
	}
	niveaux = append(niveaux,
		func(e annuaireamc.Entree) bool { return e.TypeConvention != "" && e.CSR == "" },
		func(e annuaireamc.Entree) bool { return e.TypeConvention == "" })
	for _, niveau := range niveaux {
		var trouvees []string
		for _, e := range entrees {
			if (e.TypeConvention == "" || e.TypeConvention == d.TypeConvention) && niveau(e) {
				trouvees = append(trouvees, e.Libelle)
			}
		}
		if len(trouvees) > 0 {
			return trouvees[0], len(trouvees) == 1
		}
	}
	return "", false
}

func TestMandat(t *testing.T) {
	e := entree("a", func(e *annuaireamc.Entree) {
		e.Mandat = &annuaireamc.Mandat{ID: "OTP1", Structure: "2999123466", Debut: jour, Fin: jour + 10}
	})
	tableau := annuaireamc.NewTableau([]annuaireamc.Entree{e})
	for j, want := range map[sante.Jour]bool{jour - 1: false, jour: true, jour + 10: true, jour + 11: false} {
		if got := tableau.Mandate("2999123466", e.NumeroAMC, j); got != want {
			t.Errorf("mandat au %s : %v", j, got)
		}
	}
	if !tableau.Mandate("OTP1", e.NumeroAMC, jour) || tableau.Mandate("OTP1", e.NumeroAMC, jour-1) {
		t.Error("l'opérateur, nommé par son identifiant")
	}
	if tableau.Mandate("2999000000", e.NumeroAMC, jour) {
		t.Error("un opérateur sans mandat est mandaté")
	}
}

func TestPublier(t *testing.T) {
	ctx := context.Background()
	depot := new(annuaireamctest.Memoire)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := annuaireamc.New(ctx, depot, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	autre, err := annuaireamc.New(ctx, depot, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publier(ctx, []annuaireamc.Entree{entree("a", func(*annuaireamc.Entree) {})}); err != nil {
		t.Fatal(err)
	}
	for nom, e := range map[string]annuaireamc.Entree{
		"même routage": entree("b", func(*annuaireamc.Entree) {}),
		"sans point":   entree("c", func(e *annuaireamc.Entree) { e.NumeroAMC, e.Points = mustNumero("99000009"), nil }),
		"en http":      entree("d", func(e *annuaireamc.Entree) { e.NumeroAMC = mustNumero("99000009"); e.Points[0].Adresse = "http://amc" }),
		"boucle": entree("a", func(e *annuaireamc.Entree) {
			e.Remplacante = mustNumero("99000001")
		}),
	} {
		if err := s.Publier(ctx, []annuaireamc.Entree{e}); !errors.Is(err, annuaireamc.ErrEntree) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	if err := autre.Rafraichir(ctx); err != nil || autre.Tableau().Resoudre(demande("99000001", "", "")).CodeRetour != roc.Accepte {
		t.Errorf("l'autre nœud ne voit pas le changement : %v", err)
	}
	if _, err := s.EntreesAu(ctx, jour); !errors.Is(err, annuaireamc.ErrSansHistoire) {
		t.Errorf("un dépôt sans histoire : %v", err)
	}
	if err := s.Retirer(ctx, "a"); err != nil || s.Tableau().Resoudre(demande("99000001", "", "")).CodeRetour != roc.AMCInconnue {
		t.Errorf("retrait : %v", err)
	}
}

func TestFichier(t *testing.T) {
	var b bytes.Buffer
	if err := annuaireamc.Ecrire(&b, []annuaireamc.Entree{entree("a", func(*annuaireamc.Entree) {})}); err != nil {
		t.Fatal(err)
	}
	b.WriteString("{}\n{\"inconnu\":1}\nbonjour\n")
	l, refus, err := annuaireamc.Lire(&b)
	if err != nil || len(l) != 1 || len(refus) != 3 || refus[0].Ligne != 2 {
		t.Errorf("%d entrées, refus %+v, %v", len(l), refus, err)
	}
}

// An answer comes from memory, beside 500 insurers of 20 entries: the store is not asked.
func BenchmarkResoudre(b *testing.B) {
	var l []annuaireamc.Entree
	for i := range 500 {
		for k := range 20 {
			e := annuaireamctest.Entree(fmt.Sprint(i, "-", k), fmt.Sprint(99_000_000+i))
			e.TypeConvention, e.CSR = "RO", fmt.Sprintf("94%02d?????", k)
			l = append(l, e)
		}
	}
	tableau := annuaireamc.NewTableau(l)
	d := demande("99000250", "RO", "941200001")
	b.ReportAllocs()
	for b.Loop() {
		if r := tableau.Resoudre(d); r.CodeRetour != roc.Accepte {
			b.Fatal(r.CodeRetour)
		}
	}
}
