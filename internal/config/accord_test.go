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
		tiers = &Tiers{ID: "99009901", Identite: Identite{Structure: "2999101306"}, Seuil: 20, Retard: 31, Conserve: 760, Tarification: TarifAcces{ID: "TARIF", Structure: "2999101400"},
			Emetteurs: []EmetteurJetons{{Numero: "99000001", Structure: "2999100001", Listes: []string{"https://amc.exemple.fr:8461/"}}}}
		tarif = &Tarif{ID: "TARIF", Identite: Identite{Structure: "2999101400"}, Seuil: 20}
		o = &AMC{Numero: "99000001", Identite: Identite{Structure: "2999100209"}, Droits: Droits{Ouvre: &oui, Depannage: true, Emetteur: "88000001"}}
		fa, fo := &Fichier{Chemin: "amc.toml"}, &Fichier{Chemin: "operateur.toml"}
		fa.AMC, fo.AMC = []AMC{*a}, []AMC{*o}
		fa.Ecoute.Ouverte, fa.Ecoute.Publiee, fo.Ecoute.Ouverte = "0.0.0.0:8461", "https://amc.exemple.fr:8461", "operateur.exemple.fr:8461"
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

// The third party names who signs the tokens of each insurer: its number, its insurers, its
// seal, and a door where its keys are. A door that nobody here knows may be a relay's.
func TestAccorderEmetteurs(t *testing.T) {
	oui := true
	monter := func() (l []*Fichier, a *AMC, e *EmetteurJetons, relais *Fichier) {
		fa, ft, fr := &Fichier{Chemin: "amc.toml"}, &Fichier{Chemin: "tiers.toml"}, &Fichier{Chemin: "relais.toml"}
		fa.Ecoute.Ouverte, fr.Ecoute.Ouverte = "amc.exemple.fr:443", "relais.exemple.fr:8461"
		fa.AMC = []AMC{{Numero: "99000001", Identite: Identite{Structure: "2999100001"}, Droits: Droits{Ouvre: &oui, Tiers: TiersAcces{ID: "99009901", Structure: "2999101306"},
			Specifiques: Specifiques{Prestations: []string{"OPT1"}, Seuil: 20}}}}
		ft.Tiers = &Tiers{ID: "99009901", Identite: Identite{Structure: "2999101306"}, Seuil: 20, Conserve: 760,
			Emetteurs: []EmetteurJetons{{Numero: "99000002", Structure: "2999100002", Listes: []string{"https://autre.exemple.fr"}},
				{Numero: "99000001", Structure: "2999100001", Listes: []string{"https://AMC.exemple.fr/"}}}}
		return []*Fichier{ft, fr, fa}, &fa.AMC[0], &ft.Tiers.Emetteurs[1], fr
	}
	const un = "tiers.toml : tiers.emetteur"
	for nom, x := range map[string]struct {
		changer func(a *AMC, e *EmetteurJetons, relais *Fichier)
		want    string // "" when nothing is contradicted
	}{
		"d'accord":          {func(*AMC, *EmetteurJetons, *Fichier) {}, ""},
		"personne ne signe": {func(_ *AMC, e *EmetteurJetons, _ *Fichier) { e.Numero = "99000003" }, un + " : "},
		"sans tarification en ligne": {func(a *AMC, e *EmetteurJetons, _ *Fichier) {
			e.Numero, a.Droits.Specifiques.Prestations = "99000003", nil
		}, ""},
		"autre tiers":       {func(a *AMC, e *EmetteurJetons, _ *Fichier) { e.Numero, a.Droits.Tiers.ID = "99000003", "99009902" }, ""},
		"opérateur inconnu": {func(a *AMC, _ *EmetteurJetons, _ *Fichier) { a.Droits.Emetteur = "88000001" }, un + " : "},
		"opérateur": {func(a *AMC, e *EmetteurJetons, _ *Fichier) {
			a.Droits.Emetteur, e.Numero, e.AMC = "88000001", "88000001", []string{"99000002", "0099000001"}
		}, ""},
		"opérateur d'autres": {func(a *AMC, e *EmetteurJetons, _ *Fichier) {
			a.Droits.Emetteur, e.Numero, e.AMC = "88000001", "88000001", []string{"99000002"}
		}, un + "[2].amc : "},
		"opérateur pour lui seul":     {func(a *AMC, e *EmetteurJetons, _ *Fichier) { a.Droits.Emetteur, e.Numero = "88000001", "88000001" }, un + "[2].amc : "},
		"autre sceau":                 {func(_ *AMC, e *EmetteurJetons, _ *Fichier) { e.Structure = "2999100002" }, un + "[2].structure : "},
		"autre porte du même serveur": {func(_ *AMC, e *EmetteurJetons, _ *Fichier) { e.Listes = []string{"https://amc.exemple.fr:8461"} }, un + "[2].listes : "},
		"porte d'un autre":            {func(_ *AMC, e *EmetteurJetons, _ *Fichier) { e.Listes = []string{"https://relais.exemple.fr:8461"} }, un + "[2].listes : "},
		"porte d'un relais": {func(_ *AMC, e *EmetteurJetons, r *Fichier) {
			e.Listes, r.Relais = []string{"https://relais.exemple.fr:8461"}, []Relais{{Sources: []Source{{Emetteur: "99000001"}}}}
		}, ""},
		"relais d'un autre émetteur": {func(_ *AMC, e *EmetteurJetons, r *Fichier) {
			e.Listes, r.Relais = []string{"https://relais.exemple.fr:8461"}, []Relais{{Sources: []Source{{Emetteur: "99000002"}}}}
		}, un + "[2].listes : "},
		"relais d'ailleurs": {func(_ *AMC, e *EmetteurJetons, _ *Fichier) { e.Listes = []string{"https://ailleurs.exemple.fr"} }, ""},
		"une bonne porte suffit": {func(_ *AMC, e *EmetteurJetons, _ *Fichier) {
			e.Listes = append(e.Listes, "https://amc.exemple.fr:8461")
		}, ""},
	} {
		l, a, e, relais := monter()
		x.changer(a, e, relais)
		err := Accorder(l)
		if x.want == "" && err == nil {
			continue
		}
		if err == nil || x.want == "" || strings.Count(err.Error(), "\n") > 0 || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s : %v, want %q", nom, err, x.want)
		}
	}
}
