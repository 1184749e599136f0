package charger

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/rass"
)

func TestAllerRetour(t *testing.T) {
	f := nouveauMonde(1, 200)
	b := nouveauBanc(t)
	r := b.charger(f.flux())
	v := b.d.Vue()
	defer v.Rendre()
	for _, k := range rass.Fichiers {
		if len(f[k]) == 0 {
			continue
		}
		var w bytes.Buffer
		if _, err := Exporter(context.Background(), v, k, rass.Forme{}, &w); err != nil {
			t.Fatal(err)
		}
		got, want := trier(w.String()), trier(f.contenu(k))
		if got != want {
			g, x := bytes.Split([]byte(got), []byte("\n")), bytes.Split([]byte(want), []byte("\n"))
			t.Errorf("%v : %d lignes rendues, %d lues", k, len(g), len(x))
			for i := range min(len(g), len(x)) {
				if string(g[i]) != string(x[i]) {
					t.Errorf("%v\nrendu %s\nlu    %s", k, g[i], x[i])
					break
				}
			}
		}
	}
	if n := r.Constats[annuaire.DRefOrpheline.String()]; n != 0 {
		t.Errorf("%d références orphelines dans des fichiers qui vont ensemble", n)
	}
}

func TestDeuxFoisLaMemeChose(t *testing.T) {
	f := nouveauMonde(2, 150)
	b := nouveauBanc(t)
	b.charger(f.flux())
	avant := b.etat()
	b.o.Maintenant = midi.AddDate(0, 0, 1)
	r := b.charger(f.flux())
	if !r.Inchange() {
		t.Errorf("le même lot deux fois change quelque chose : %v", r.Mouvements)
	}
	memes(t, avant, b.etat())
}

// What the feeds do not keep, access points of insurers, stays through a first load, a
// difference and a new image.
func TestAccesGardes(t *testing.T) {
	f := nouveauMonde(3, 60)
	b := nouveauBanc(t)
	b.o.AccepteePar = "essai"
	acces := annuaire.PointAcces{Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Acces, "essai"), Actif: true, Version: 4}, Numero: "PA-1", NumeroAMC: "99912345"}
	if err := b.d.Superposer(context.Background(), []annuaire.Changement{{Acces: &acces}}); err != nil {
		t.Fatal(err)
	}
	garde := func(quand string) {
		t.Helper()
		v := b.d.Vue()
		defer v.Rendre()
		r, ok := v.ParID(annuaire.Acces, acces.ID)
		if !ok {
			t.Fatalf("%s : le point d'accès a disparu", quand)
		}
		if k := v.Lire(r).Acces; !k.Actif || k.Version != 4 || k.NumeroAMC != "99912345" {
			t.Errorf("%s : %+v", quand, k)
		}
	}
	b.charger(f.flux())
	garde("premier chargement")
	b.charger(muter(f, 1).flux())
	garde("différence")
	v := b.d.Vue()
	d, err := Comparer(context.Background(), f.flux(), v, b.o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Fermer()
	if err := d.refondre(context.Background(), v, b.d); err != nil {
		t.Fatal(err)
	}
	v.Rendre()
	garde("image neuve")
}

// What an owner's request gave stands against a feed that is older, and yields to one that
// is later.
func TestDemandeTenue(t *testing.T) {
	f := nouveauMonde(3, 30)
	b := nouveauBanc(t)
	b.o.AccepteePar = "essai"
	b.charger(f.flux())
	finess := finessDe(0)
	id := IDStructure("F" + finess)
	nommer := func(nom string, le string) {
		t.Helper()
		v := b.d.Vue()
		r, ok := v.ParID(annuaire.Structures, id)
		if !ok {
			t.Fatal("structure absente")
		}
		s := v.Lire(r).Structure
		j, _ := jourLu(le)
		s.RaisonSociale, s.Version = nom, s.Version+1
		s.Provenances = append(s.Provenances, annuaire.Provenance{Groupe: annuaire.Lieu, Systeme: "DEMANDE", Demande: "D-1", Le: j})
		err := b.d.Superposer(context.Background(), []annuaire.Changement{{Structure: s}})
		v.Rendre()
		if err != nil {
			t.Fatal(err)
		}
	}
	lire := func() string {
		v := b.d.Vue()
		defer v.Rendre()
		r, _ := v.ParID(annuaire.Structures, id)
		return strings.Clone(v.Lire(r).Structure.RaisonSociale)
	}
	nommer("NOM DEMANDÉ", "10/11/2026") // the file says its last update on 1 November
	if r := b.charger(f.flux()); !r.Inchange() || lire() != "NOM DEMANDÉ" {
		t.Errorf("le flux plus ancien a défait la demande : %q, %v", lire(), r.Mouvements)
	}
	for i, l := range f[rass.Structures] {
		if c := strings.Split(l, "|"); c[rass.STFINESS] == finess {
			c[rass.STMaj] = "20/11/2026"
			f[rass.Structures][i] = strings.Join(c, "|")
		}
	}
	b.charger(f.flux())
	if lire() != "MAISON DE SANTE 0" {
		t.Errorf("le flux plus récent n'a pas repris le nom : %q", lire())
	}
	v := b.d.Vue()
	defer v.Rendre()
	r, _ := v.ParID(annuaire.Structures, id)
	if l := demandesDe(v.Lire(r).Structure.Provenances); len(l) != 0 {
		t.Errorf("la demande est encore dite : %v", l)
	}
}

// An authority strikes a professional off, a director ends a situation: a feed that goes on
// naming them does not undo it; what the feed no longer names ends all the same.
func TestRadiationTenue(t *testing.T) {
	f := nouveauMonde(3, 30)
	b := nouveauBanc(t)
	b.o.AccepteePar = "essai"
	b.charger(f.flux())
	jour, _ := jourLu("2026-11-10")
	demander := func(k annuaire.Changement, g annuaire.Groupe) {
		t.Helper()
		_, e := k.Entete()
		e.Version++
		e.Provenances = append(e.Provenances, annuaire.Provenance{Groupe: g, Systeme: "ordre", Demande: "D-2", Le: jour})
		if err := b.d.Superposer(context.Background(), []annuaire.Changement{k}); err != nil {
			t.Fatal(err)
		}
	}
	lire := func(n annuaire.Nature, id string) annuaire.Changement {
		t.Helper()
		v := b.d.Vue()
		defer v.Rendre()
		r, ok := v.ParID(n, id)
		if !ok {
			t.Fatalf("%v %s absent", n, id)
		}
		k := v.Lire(r)
		return k.Cloner()
	}
	radie := IDPraticien("8"+rppsDe(0), "10", "C")
	v := b.d.Vue()
	a := &atelier{vue: v}
	var situation string
	for r := range a.parReference(annuaire.Situations, annuaire.ParPraticien, IDPraticien("8"+rppsDe(1), "21", "C")) {
		situation = strings.Clone(v.ID(r))
	}
	v.Rendre()
	k := lire(annuaire.Praticiens, radie)
	k.Praticien.Actif, k.Praticien.Nom = false, "NOM CORRIGÉ"
	demander(k, annuaire.Identite)
	k = lire(annuaire.Situations, situation)
	k.Situation.Actif = false
	demander(k, annuaire.Exercice)
	for _, jour := range []int{1, 2} {
		b.o.Maintenant = midi.AddDate(0, 0, jour)
		r := b.charger(f.flux())
		if p := lire(annuaire.Praticiens, radie).Praticien; p.Actif || p.Nom != "NOM CORRIGÉ" || len(p.BAL)+len(p.Exerce) == 0 {
			t.Errorf("jour %d, le radié : actif %v, %q", jour, p.Actif, p.Nom)
		}
		if s := lire(annuaire.Situations, situation).Situation; s.Actif {
			t.Errorf("jour %d, la situation close est rouverte", jour)
		}
		if p := lire(annuaire.Praticiens, IDPraticien("8"+rppsDe(1), "21", "C")).Praticien; len(p.Exerce) != 0 {
			t.Errorf("jour %d, il exerce encore à %v", jour, p.Exerce)
		}
		if jour == 2 && !r.Inchange() {
			t.Errorf("la même chose deux fois change : %v", r.Mouvements)
		}
	}
	k = lire(annuaire.Praticiens, radie)
	k.Praticien.Actif = true
	k.Praticien.Provenances = demandesDe(k.Praticien.Provenances)
	k.Praticien.Version++
	if err := b.d.Superposer(context.Background(), []annuaire.Changement{k}); err != nil {
		t.Fatal(err)
	}
	f[rass.PersonneActivite] = slices.DeleteFunc(f[rass.PersonneActivite], func(l string) bool { return strings.Contains(l, rppsDe(0)) })
	b.charger(f.flux())
	if p := lire(annuaire.Praticiens, radie).Praticien; p.Actif {
		t.Error("une demande garde en vigueur ce que le flux ne dit plus")
	}
}
