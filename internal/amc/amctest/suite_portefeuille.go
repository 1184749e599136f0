package amctest

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Portefeuille is the suite that every portfolio passes. ouvrir gives one that
// holds Contrats() and Personnes(), with the contracts it refers to.
func Portefeuille(t *testing.T, ouvrir func(t *testing.T) (amc.Portefeuille, amc.Contrats)) {
	p, contrats := ouvrir(t)
	ctx := context.Background()
	le := sante.JourA(Instant, sante.Paris())
	references := func(t *testing.T, c amc.Critere) []string {
		t.Helper()
		l, err := p.Chercher(ctx, &c, le)
		if err != nil {
			t.Fatal(err)
		}
		var r []string
		for _, b := range l {
			r = append(r, b.Reference)
		}
		slices.Sort(r)
		return r
	}
	pere := Situation("pere")
	inconnu := lire("INCONNU", sante.ParseNumeroAdherent)
	for _, c := range []struct {
		nom     string
		critere amc.Critere
		veut    []string
	}{
		{"par adhérent, seul", amc.Critere{NumeroAdherent: Situation("essentiel").NumeroAdherent}, []string{"essentiel"}},
		{"par adhérent, toute la famille", amc.Critere{NumeroAdherent: pere.NumeroAdherent}, []string{"jumeau-1", "jumeau-2", "pere"}},
		{"par NIR du bénéficiaire", amc.Critere{NumeroAdherent: inconnu, NIRBeneficiaire: NIR(22)}, []string{"jumeau-2"}},
		{"par NIR de l'ouvrant droit, lui compris", amc.Critere{NumeroAdherent: inconnu, NIRAssure: NIR(20)}, []string{"jumeau-1", "jumeau-2", "pere"}},
		{"par deux clés, une fois chacun", amc.Critere{NumeroAdherent: pere.NumeroAdherent, NIRBeneficiaire: NIR(22)}, []string{"jumeau-1", "jumeau-2", "pere"}},
		{"inconnu", amc.Critere{NumeroAdherent: inconnu, NIRBeneficiaire: NIR(99)}, nil},
		{"inconnu, sans NIR", amc.Critere{NumeroAdherent: inconnu}, nil},
	} {
		t.Run(c.nom, func(t *testing.T) {
			if diff := cmp.Diff(c.veut, references(t, c.critere)); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("tout ce qui est su", func(t *testing.T) {
		for _, veut := range Personnes() {
			l, err := p.Chercher(ctx, &amc.Critere{NumeroAdherent: veut.NumeroAdherent}, le)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(l, func(b amc.Beneficiaire) bool { return b.Reference == veut.Reference })
			if i < 0 {
				t.Errorf("%s: absent", veut.Reference)
				continue
			}
			if diff := cmp.Diff(veut, l[i], comparer, cmpopts.IgnoreFields(amc.Adhesion{}, "Version")); diff != "" {
				t.Errorf("%s: %s", veut.Reference, diff)
			}
			versions(t, contrats, l[i], le)
		}
	})
}

// comparer compares identifiers by their text.
var comparer = cmp.Options{
	cmp.Comparer(func(a, b sante.NumeroAdherent) bool { return a == b }), cmp.Comparer(func(a, b sante.NIR) bool { return a == b }),
	cmp.Comparer(func(a, b sante.DateNaissance) bool { return a == b }), cmp.Comparer(func(a, b sante.NumeroAMC) bool { return a == b }),
	cmp.Comparer(func(a, b sante.FINESS) bool { return a == b }), cmpopts.EquateEmpty(),
}

// versions checks that each adhesion has the version of its contract of the day,
// when there is one, and that its text can be had.
func versions(t *testing.T, contrats amc.Contrats, b amc.Beneficiaire, le sante.Jour) {
	t.Helper()
	for _, a := range b.Adhesions {
		i := slices.IndexFunc(Contrats(), func(c amc.Contrat) bool {
			return c.Numero == a.Contrat && c.Debut <= le && (c.Fin.IsZero() || c.Fin >= le)
		})
		if i < 0 {
			if a.Version.Empreinte != "" {
				t.Errorf("%s: version d'un contrat qui n'est pas en vigueur", b.Reference)
			}
			continue
		}
		c, err := contrats.Contrat(context.Background(), a.Version.Empreinte)
		if err != nil {
			t.Errorf("%s: %v", b.Reference, err)
			continue
		}
		if diff := cmp.Diff(Contrats()[i], *c, comparer); diff != "" || a.Version.Debut != c.Debut || a.Version.Fin != c.Fin {
			t.Errorf("%s: %v %s", b.Reference, a.Version, diff)
		}
	}
}
