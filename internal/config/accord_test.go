package config

import (
	"strings"
	"testing"
)

// Files that are good alone may contradict each other: each is told at the line of who is to
// change it.
func TestAccorder(t *testing.T) {
	oui := true
	monter := func() (l []*Fichier, a *AMC, tiers *Tiers, tarif *Tarif, o *AMC) {
		a = &AMC{Numero: "99000001", Identite: Identite{Structure: "2999100001"}, Droits: Droits{Ouvre: &oui, Tiers: TiersAcces{ID: "99009901", Structure: "2999101306"},
			Factures: FacturesVille{Ouvert: true, Delai: 730}, Specifiques: Specifiques{Prestations: []string{"OPT1"}, Seuil: 20},
			Mandats: []MandatDepannage{{Operateur: "88000001", Structure: "2999100209"}}}}
		tiers = &Tiers{ID: "99009901", Identite: Identite{Structure: "2999101306"}, Seuil: 20, Retard: 31, Conserve: 760, Tarification: TarifAcces{ID: "TARIF", Structure: "2999101400"}}
		tarif = &Tarif{ID: "TARIF", Identite: Identite{Structure: "2999101400"}, Seuil: 20}
		o = &AMC{Numero: "99000001", Identite: Identite{Structure: "2999100209"}, Droits: Droits{Ouvre: &oui, Depannage: true, Emetteur: "88000001"}}
		fa, fo := &Fichier{Chemin: "amc.toml"}, &Fichier{Chemin: "operateur.toml"}
		fa.AMC, fo.AMC = []AMC{*a}, []AMC{*o}
		ft, fp := &Fichier{Chemin: "tiers.toml"}, &Fichier{Chemin: "tarif.toml"}
		ft.Tiers, fp.Tarif = tiers, tarif
		return []*Fichier{fp, fa, ft, fo}, &fa.AMC[0], tiers, tarif, &fo.AMC[0]
	}
	if l, _, _, _, _ := monter(); Accorder(l) != nil {
		t.Fatal(Accorder(l))
	}
	for nom, x := range map[string]struct {
		changer func(a *AMC, tiers *Tiers, tarif *Tarif, o *AMC)
		want    string
	}{
		"le tiers oublie trop tôt":  {func(_ *AMC, t *Tiers, _ *Tarif, _ *AMC) { t.Conserve = 730 }, "tiers.toml : tiers.conserve"},
		"jetons refusés":            {func(a *AMC, _ *Tiers, _ *Tarif, _ *AMC) { a.Droits.Specifiques.Seuil = 19 }, "amc.toml : amc[1].droits.specifiques.seuil"},
		"autre tiers":               {func(a *AMC, _ *Tiers, _ *Tarif, _ *AMC) { a.Droits.Tiers.Structure = "2" }, "amc.toml : amc[1].droits.tiers.structure"},
		"grilles refusées":          {func(_ *AMC, _ *Tiers, x *Tarif, _ *AMC) { x.Seuil = 30 }, "tiers.toml : tiers.seuil"},
		"autre tarification":        {func(_ *AMC, _ *Tiers, x *Tarif, _ *AMC) { x.Identite.Structure = "2" }, "tiers.toml : tiers.tarification.structure"},
		"sceau d'un autre":          {func(a *AMC, _ *Tiers, _ *Tarif, _ *AMC) { a.Droits.Mandats[0].Structure = "2" }, "amc.toml : amc[1].droits.mandat[1].structure"},
		"dépanne sans mandat":       {func(a *AMC, _ *Tiers, _ *Tarif, _ *AMC) { a.Droits.Mandats = nil }, "operateur.toml : amc[1].droits.depannage"},
		"dépanne sous un autre nom": {func(_ *AMC, _ *Tiers, _ *Tarif, o *AMC) { o.Droits.Emetteur = "88000002" }, "operateur.toml : amc[1].droits.depannage"},
	} {
		l, a, tiers, tarif, o := monter()
		x.changer(a, tiers, tarif, o)
		if err := Accorder(l); err == nil || strings.Count(err.Error(), "\n") > 0 || !strings.Contains(err.Error(), x.want+" : ") {
			t.Errorf("%s : %v, want %s", nom, err, x.want)
		}
	}
	l, a, tiers, _, _ := monter()
	tiers.Conserve, a.Droits.Factures.Ouvert = 31, false // nobody sends it invoices
	if err := Accorder(l); err != nil {
		t.Error(err)
	}
}
