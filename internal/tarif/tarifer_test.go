package tarif_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/tarif"
	"github.com/ecluse-sante/ecluse/internal/tarif/local"
	"github.com/ecluse-sante/ecluse/internal/tarif/tariftest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

var jour = sante.JourDe(2026, 11, 23)

func service(t testing.TB) (*tarif.Service, *tariftest.Memoire) {
	t.Helper()
	tables, err := local.Charger(local.Exemple())
	if err != nil {
		t.Fatal(err)
	}
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := new(tariftest.Memoire)
	return &tarif.Service{Tables: func() tarif.Tables { return tables }, Compteurs: c, Moteur: m}, c
}

func ligne(t testing.TB, f calcul.Famille, prestation vd.CodePrestation, produit string, quantite int, prix, base sante.Montant, taux int) vd.Ligne {
	t.Helper()
	c, err := vd.ParseCodeProduit(produit)
	if err != nil {
		t.Fatal(err)
	}
	return vd.Ligne{Rang: 1, Famille: f, CodePrestation: prestation, CodeProduit: c, Quantite: quantite, PrixUnitaire: prix, MontantDepense: prix.Fois(quantite),
		BaseAMO: base, TauxAMO: sante.Pourcent(taux), MontantAMO: base.Part(sante.Pourcent(taux))}
}

// Each grid pays what its row says.
func TestTarifer(t *testing.T) {
	s, _ := service(t)
	dmi, med := calcul.FamilleDMI, calcul.FamilleMED
	for _, c := range []struct {
		cas, grille string
		jour        sante.Jour
		l           vd.Ligne
		attendu     sante.Montant
		regle       string
	}{
		{"classe A : tout ce qui reste", "ESSENTIELLE", jour, ligne(t, dmi, "VER", "9900011", 2, 5000, 4800, 60), 10000 - 2880, "F05"},
		{"classe B : 200 % de la base, plafond par unité", "ESSENTIELLE", jour, ligne(t, dmi, "VER", "9900022", 2, 20000, 1000, 60), 2000 - 600, "F09"},
		{"classe B : le plafond par unité mord", "ESSENTIELLE", jour, ligne(t, dmi, "VER", "9900022", 1, 20000, 10000, 60), 7000, "F09"},
		{"classe B : l'ancien plafond", "ESSENTIELLE", sante.JourDe(2026, 6, 30), ligne(t, dmi, "VER", "9900022", 1, 20000, 10000, 60), 6000, "F09"},
		{"monture : le moindre des deux", "ESSENTIELLE", jour, ligne(t, dmi, "MON", "9900033", 1, 12000, 5, 60), 5000, "F12"},
		{"monture bon marché", "ESSENTIELLE", jour, ligne(t, dmi, "MON", "9900033", 1, 3000, 5, 60), 2997, "F12"},
		{"sans classe : ticket modérateur", "ESSENTIELLE", jour, ligne(t, dmi, "PAN", "9900044", 1, 10000, 10000, 60), 4000, "F01"},
		{"produit inconnu : garantie de la famille", "ESSENTIELLE", jour, ligne(t, dmi, "PAN", "9999999", 1, 10000, 10000, 60), 4000, "F01"},
		{"vaccin non remboursé : moitié, plafonnée", "ESSENTIELLE", jour, ligne(t, med, "PHN", "9900055", 1, 7000, 0, 0), 2000, "F06"},
		{"le même, avant d'être de cette classe", "ESSENTIELLE", sante.JourDe(2026, 2, 28), ligne(t, med, "PHN", "9900055", 1, 7000, 0, 0), 0, "F01"},
		{"confort : le plus favorable", "CONFORT", jour, ligne(t, dmi, "VER", "9900022", 1, 20000, 1000, 60), 9000, "F12"},
		{"confort : plafond de ligne", "CONFORT", jour, ligne(t, dmi, "MON", "9900033", 1, 25000, 5, 60), 10000, "F05"},
		{"réseau : prix convenu", "RESEAU-VUE", jour, ligne(t, dmi, "VER", "9900022", 2, 20000, 1000, 60), 16800 - 600, "F11"},
		{"réseau : produit sans prix", "RESEAU-VUE", jour, ligne(t, dmi, "VER", "9900033", 1, 20000, 1000, 60), 0, "F00"},
		{"famille sans garantie", "RESEAU-VUE", jour, ligne(t, med, "PHN", "9999999", 1, 1000, 0, 0), 0, "F00"},
		{"produit d'une autre famille", "ESSENTIELLE", jour, ligne(t, med, "PHN", "9900022", 1, 1000, 0, 0), 0, "F00"},
	} {
		r, err := s.Tarifer(context.Background(), &vd.DemandeGrille{Grille: tariftest.Grille(t, c.grille), Jour: c.jour, Lignes: []vd.Ligne{c.l}})
		if err != nil || !r.Accord() || len(r.Lignes) != 1 {
			t.Errorf("%s : %+v, %v", c.cas, r, err)
			continue
		}
		if x := r.Lignes[0]; x.MontantAMC != c.attendu || x.Regle != c.regle || x.Motif == "" || len(x.Motif) > 250 {
			t.Errorf("%s : %s par %s (%s), attendu %s par %s", c.cas, x.MontantAMC, x.Regle, x.Motif, c.attendu, c.regle)
		}
	}
}

// What cannot be priced is told by its code, and is not counted.
func TestTariferRefuse(t *testing.T) {
	s, compteurs := service(t)
	bonne := ligne(t, calcul.FamilleDMI, "VER", "9900011", 1, 5000, 4800, 60)
	trop := bonne
	trop.MontantAMO = trop.MontantDepense + 1
	for _, c := range []struct {
		cas, grille string
		l           []vd.Ligne
		code        vd.Code
	}{
		{"grille inconnue", "AUCUNE", []vd.Ligne{bonne}, vd.NonOuvert},
		{"grille que trop peu partagent", "RARE", []vd.Ligne{bonne}, vd.SansDossier},
		{"aucune ligne", "CONFORT", nil, "T001"},
		{"part AMO démesurée", "CONFORT", []vd.Ligne{trop}, "T001"},
		{"rangs égaux", "CONFORT", []vd.Ligne{bonne, bonne}, "T001"},
	} {
		r, err := s.Tarifer(context.Background(), &vd.DemandeGrille{Grille: tariftest.Grille(t, c.grille), Jour: jour, Lignes: c.l})
		var refus *roc.Refus
		switch {
		case errors.As(err, &refus):
			if string(refus.Code) != string(c.code) || r != nil {
				t.Errorf("%s : %v", c.cas, err)
			}
		case err != nil || r.CodeRetour != c.code || len(r.Lignes) != 0:
			t.Errorf("%s : %+v, %v", c.cas, r, err)
		}
	}
	if m, err := compteurs.Comptes(context.Background(), jour); err != nil || len(m) != 0 {
		t.Errorf("des refus sont comptés : %v, %v", m, err)
	}
}

// Whatever the lines, the shares add up to the cent, and the reasons say neither product
// nor amount.
func TestTariferPartage(t *testing.T) {
	s, compteurs := service(t)
	produits := []string{"9900011", "9900022", "9900033", "9900044", "9900055", "9999999"}
	n := int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		var l []vd.Ligne
		for i := range rapid.IntRange(1, 8).Draw(rt, "lignes") {
			x := ligne(t, rapid.SampledFrom([]calcul.Famille{calcul.FamilleDMI, calcul.FamilleMED, calcul.FamilleBIO}).Draw(rt, "famille"),
				rapid.SampledFrom([]vd.CodePrestation{"VER", "MON", "PHN"}).Draw(rt, "prestation"), rapid.SampledFrom(produits).Draw(rt, "produit"),
				rapid.IntRange(1, 9).Draw(rt, "quantité"), sante.Montant(rapid.Int64Range(0, 90000).Draw(rt, "prix")), 0, 0)
			x.Rang = i + 1
			x.BaseAMO = sante.Montant(rapid.Int64Range(0, int64(x.MontantDepense)).Draw(rt, "base"))
			x.TauxAMO = sante.Pourcent(rapid.SampledFrom([]int{0, 15, 30, 60, 65, 100}).Draw(rt, "taux"))
			x.MontantAMO = x.BaseAMO.Part(x.TauxAMO)
			l = append(l, x)
		}
		g := tariftest.Grille(t, rapid.SampledFrom([]string{"ESSENTIELLE", "CONFORT", "RESEAU-VUE"}).Draw(rt, "grille"))
		r, err := s.Tarifer(context.Background(), &vd.DemandeGrille{Grille: g, Jour: jour, Lignes: l})
		if err != nil || !r.Accord() {
			rt.Fatalf("%+v, %v", r, err)
		}
		if _, err := vd.Partager(l, r.Lignes); err != nil {
			rt.Fatal(err)
		}
		for i, x := range r.Lignes {
			if strings.Contains(x.Motif, l[i].CodeProduit.String()) || strings.Contains(x.Motif, "€") {
				rt.Fatal(x.Motif)
			}
		}
		n++
	})
	m, err := compteurs.Comptes(context.Background(), jour)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range m {
		n -= x
	}
	if n != 0 {
		t.Errorf("%d tarifications ne sont pas comptées", n)
	}
}
