package droits_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// statistiquesOuvertes is the service of counters of the insurer in the lists.
func statistiquesOuvertes(e *visiodroits.EntreeService) { e.Service = visiodroits.STA }

// lendemain moves the clock to when the counters of today have all left.
func (v *ville) lendemain() {
	apres := (sante.JourA(v.Horloge(), sante.Paris()) + 1).Debut(sante.Paris()).Add(14 * time.Hour)
	v.passer(apres.Sub(v.Horloge()))
}

// passer moves the clock; authorities have published since.
func (v *ville) passer(d time.Duration) {
	v.Avancer(d)
	igctest.Publier(v.t, v.IGC, v.Magasin, v.Horloge())
}

func renvoyer(t *testing.T, p *droits.Poste) []droits.EnvoiCompteurs {
	t.Helper()
	return obtenirT[[]droits.EnvoiCompteurs](t)(p.RenvoyerCompteurs(context.Background()))
}

// The counters of a day leave when it is over, once, for who announces that it takes them;
// what failed leaves again; what moved since replaces.
func TestRenvoyerCompteurs(t *testing.T) {
	v := nouvelleVille(t)
	// Another insurer opens rights at the same address and takes no counters.
	autre := v.entree(func(e *visiodroits.EntreeService) { e.NumeroAMC = numeroAMC(t, autreNo) })
	o := v.options(v.classeur(v.listes(1, v.entree(), v.entree(statistiquesOuvertes), autre)...))
	p := v.poste(o)
	jour := sante.JourA(v.Horloge(), sante.Paris())
	un := v.droits(p, 1)
	v.service.sur(func(q *question) rendu { return q.dit(q.v.mutuelle, visiodroits.ServiceIndisponible) })
	if _, err := p.AvantFacture(un); err != nil {
		t.Fatal(err)
	}
	v.droits(p, 2)
	if err := errors.Join(p.NoterFacture(un, true), p.NoterRejet(numeroAMC(t, autreNo))); err != nil {
		t.Fatal(err)
	}
	if l := renvoyer(t, p); len(l) != 0 {
		t.Fatalf("le jour même : %+v", l)
	}

	// The network is cut, for days: everything is kept.
	v.lendemain()
	v.couper(sansRoute, v.service, v.miroir)
	if l := renvoyer(t, p); len(l) != 1 || !errors.Is(l[0].Erreur, roc.ErrSansReponse) || l[0].Jour != jour {
		t.Fatalf("hors ligne : %+v", l)
	}
	if l := renvoyer(t, p); len(l) != 0 {
		t.Fatalf("réessayé sans attendre : %+v", l)
	}
	for range 3 {
		v.passer(24 * time.Hour)
		if err := p.NoterFacture(un, true); err != nil {
			t.Fatal(err)
		}
		if l := renvoyer(t, p); len(l) != 1 || l[0].Erreur == nil {
			t.Fatalf("hors ligne : %+v", l)
		}
	}

	// It is back: each day leaves once, with what it counted and nothing of another insurer.
	v.couper(nil)
	v.passer(24 * time.Hour)
	if l := renvoyer(t, p); len(l) != 4 || slices.ContainsFunc(l, func(e droits.EnvoiCompteurs) bool { return e.Erreur != nil }) {
		t.Fatalf("au retour : %+v", l)
	}
	recus := v.service.compteurs()
	for _, r := range recus {
		if r.Poste != o.Magasin.Poste() || r.Poste == "" {
			t.Errorf("compteurs du poste %q, le fichier est de %q", r.Poste, o.Magasin.Poste())
		}
	}
	slices.SortFunc(recus, func(a, b visiodroits.Statistiques) int { return int(a.Jour - b.Jour) })
	if len(recus) != 4 || recus[0].Jour != jour || recus[0].NumeroFacturation.String() != "752000012" || len(recus[0].Lignes) != 1 || recus[0].Lignes[0].NumeroAMC != numeroAMC(t, mutuelleNo) {
		t.Fatalf("%+v", recus)
	}
	x := recus[0].Lignes[0].Totaux
	if !slices.Equal(x.Codes, []visiodroits.Compte{{Code: "000", Nombre: 1}, {Code: "201", Nombre: 1}}) || x.Accreditations != 1 || x.Factures != 1 || x.FacturesAvecTrace != 1 ||
		x.LARControles != 1 || x.LARFraiches != 0 || x.CRLControles != 2 || x.CRLFraiches != 2 || x.Durees.Nombre() != 2 {
		t.Errorf("%+v", x)
	}
	v.passer(24 * time.Hour)
	if l := renvoyer(t, v.poste(o)); len(l) != 0 || len(v.service.compteurs()) != 0 { // another process
		t.Errorf("envoyés deux fois : %+v", l)
	}

	// A reject of that day, noted late, makes the day leave again, whole.
	if err := o.Magasin.Compter(jour, numeroAMC(t, mutuelleNo).String()+"_REJET", 1); err != nil {
		t.Fatal(err)
	}
	if l, r := renvoyer(t, p), v.service.compteurs(); len(l) != 1 || l[0].Erreur != nil || len(r) != 1 || r[0].Lignes[0].RejetsAccredites != 1 || r[0].Lignes[0].Factures != 1 {
		t.Errorf("%+v, %+v", l, r)
	}
}

// Who refuses, or is silent, does not keep the others waiting, nor is asked without pause.
func TestRenvoyerCompteursRefuses(t *testing.T) {
	v := nouvelleVille(t)
	o := v.options(v.classeur(v.listes(1, v.entree(statistiquesOuvertes),
		v.entree(statistiquesOuvertes, func(e *visiodroits.EntreeService) {
			e.NumeroAMC, e.Adresse = numeroAMC(t, autreNo), v.concentrateur.adresse
		}))...))
	p := v.poste(o)
	jour := sante.JourA(v.Horloge(), sante.Paris())
	noter := func() {
		t.Helper()
		if err := errors.Join(p.NoterRejet(numeroAMC(t, mutuelleNo)), p.NoterRejet(numeroAMC(t, autreNo))); err != nil {
			t.Fatal(err)
		}
	}
	noter()
	v.passer(24 * time.Hour)
	noter()
	v.lendemain()
	// The first insurer refuses one of the two days; the second does not answer.
	v.service.surCompteurs(func(q *questionCompteurs) rendu {
		if q.s.Jour == jour {
			return q.refuse(q.v.mutuelle, roc.Illisible)
		}
		return q.retenir(1)
	})
	v.couper(refusee, v.concentrateur)
	dits := func(l []droits.EnvoiCompteurs) (s string) {
		for _, e := range l {
			s += map[bool]string{true: "+", false: "-"}[e.Erreur == nil] + e.AMC.String()[len(e.AMC.String())-3:] + "/" + map[bool]string{true: "1", false: "2"}[e.Jour == jour] + " "
		}
		return strings.TrimSpace(s)
	}
	if got := dits(renvoyer(t, p)); got != "-101/1 -202/1 +101/2" {
		t.Errorf("%s", got)
	}
	if got := dits(renvoyer(t, p)); got != "" {
		t.Errorf("sans attendre : %s", got)
	}
	v.couper(nil)
	v.passer(7 * time.Minute)
	if got := dits(renvoyer(t, p)); got != "-101/1 +202/1 +202/2" {
		t.Errorf("puis : %s", got)
	}
	// An insurer that keeps nothing, or answers anything else, does not have them.
	v.service.surCompteurs(func(q *questionCompteurs) rendu { return q.retenir(0) })
	v.passer(30 * time.Minute)
	if got := dits(renvoyer(t, p)); got != "-101/1" {
		t.Errorf("aucune retenue : %s", got)
	}
	v.service.surCompteurs(nil)
	v.passer(8 * time.Hour)
	if got := dits(renvoyer(t, p)); got != "+101/1" {
		t.Errorf("enfin : %s", got)
	}
}

// Through a concentrator that is cut, counters wait; where the software may, they go on
// without it.
func TestRenvoyerCompteursParOCT(t *testing.T) {
	v := nouvelleVille(t)
	for _, repli := range []bool{false, true} {
		v.couper(nil)
		o := v.options(v.classeur(v.listes(1, v.entree(statistiquesOuvertes))...))
		v.parOCT(&o)
		o.Repli = repli
		p := v.poste(o)
		if err := p.NoterRejet(numeroAMC(t, mutuelleNo)); err != nil {
			t.Fatal(err)
		}
		v.lendemain()
		v.couper(refusee, v.concentrateur)
		l := renvoyer(t, p)
		if len(l) != 1 || (l[0].Erreur == nil) != repli || len(v.service.compteurs()) != map[bool]int{true: 1}[repli] {
			t.Errorf("repli %v : %+v", repli, l)
		}
		v.couper(nil)
		v.passer(time.Hour)
		if l := renvoyer(t, p); len(l) != map[bool]int{false: 1}[repli] || !repli && l[0].Erreur != nil || len(v.concentrateur.compteurs()) != len(l) {
			t.Errorf("repli %v, rétabli : %+v", repli, l)
		}
	}
}
