package annuaire

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

// publics are the fields that the public layer leaves, written from the digest and from
// nothing of ours. ref: RASS §6.6
var publics = map[Nature]string{
	Praticiens: `ID Actif Trace.Autorite Trace.Systeme Trace.MajLe Maj Version TypeID Numero IDNat Civilite CiviliteExercice Nom Prenom Profession Categorie
		SavoirFaire.Type SavoirFaire.Savoir Diplomes.Type Diplomes.Diplome Diplomes.TypeAutorisation Diplomes.Discipline
		BAL.Adresse BAL.Type BAL.Rang BAL.Description BAL.Service BAL.Dematerialise
		Cartes.Type Cartes.Numero Cartes.Du Cartes.Au Exerce.CodeCommune Exerce.Commune Exerce.CodePostal`,
	Situations: `ID Actif Trace.Autorite Trace.Systeme Trace.MajLe Maj Version Praticien Structure Mode Genre Fonction SectionPharmacien TypeLiberal StatutSSA
		StatutHospitalier MetierPharmacien BAL.Adresse BAL.Type BAL.Rang BAL.Description BAL.Service BAL.Dematerialise`,
	Structures: `ID Actif Trace.Autorite Trace.Systeme Trace.MajLe Maj Version IDTechnique IDNat FINESS FINESSJuridique SIRET SIREN RPPSRang AncienID
		RaisonSociale Enseigne Sorte Juridique Secteur Categorie StatutJuridique SPH Licence TypeFermeture Latitude Longitude Situee
		Adresse.Destinataire Adresse.PointGeographique Adresse.NumeroVoie Adresse.Indice Adresse.TypeVoie Adresse.LibelleVoie Adresse.Mention
		Adresse.BureauCedex Adresse.CodePostal Adresse.Commune Adresse.Pays Adresse.Departement
		BAL.Adresse BAL.Type BAL.Rang BAL.Description BAL.Service BAL.Dematerialise`,
	Activites:   `ID Actif Trace.Autorite Trace.Systeme Trace.MajLe Maj Version Numero Structure Sociale Modalite Type Forme Public Installees Autorisees`,
	Equipements: `ID Actif Trace.Autorite Trace.Systeme Trace.MajLe Maj Version Numero Structure Type Fabricant Modele Serie Statut`,
}

// inactifs are the fields of a record that is no longer active. ref: RASS §4
var inactifs = map[Nature]string{
	Praticiens:  `ID Trace.Autorite Trace.Systeme Trace.MajLe Maj Version TypeID Numero IDNat`,
	Situations:  `ID Trace.Autorite Trace.Systeme Trace.MajLe Maj Version`,
	Structures:  `ID Trace.Autorite Trace.Systeme Trace.MajLe Maj Version IDTechnique IDNat FINESS FINESSJuridique SIRET SIREN RPPSRang AncienID RaisonSociale Enseigne`,
	Activites:   `ID Trace.Autorite Trace.Systeme Trace.MajLe Maj Version Numero`,
	Equipements: `ID Trace.Autorite Trace.Systeme Trace.MajLe Maj Version Numero`,
}

// remplir sets every field of a record, two elements in every list.
func remplir(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			remplir(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			remplir(v.Index(i))
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(1)
	default:
		v.SetInt(1)
	}
}

// feuilles are the paths of the fields that are not null.
func feuilles(v reflect.Value, chemin string, l map[string]bool) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Code]() {
			if !v.IsZero() {
				l[chemin] = true
			}
			return
		}
		for i := range v.NumField() {
			nom := v.Type().Field(i).Name
			switch {
			case nom == "Entete":
				nom = chemin
			case chemin != "":
				nom = chemin + "." + nom
			}
			feuilles(v.Field(i), nom, l)
		}
	case reflect.Slice:
		for i := range v.Len() {
			feuilles(v.Index(i), chemin, l)
		}
	default:
		if !v.IsZero() {
			l[chemin] = true
		}
	}
}

func pleine(n Nature) reflect.Value {
	v := reflect.New([...]reflect.Type{nil, reflect.TypeFor[Praticien](), reflect.TypeFor[Situation](), reflect.TypeFor[Structure](),
		reflect.TypeFor[Activite](), reflect.TypeFor[Equipement](), reflect.TypeFor[PointAcces]()}[n])
	remplir(v.Elem())
	if b := v.Elem().FieldByName("BAL"); b.IsValid() {
		b.Index(1).FieldByName("ListeRouge").SetBool(false)
	}
	return v
}

func projeter(v *Vision, f any) bool {
	switch x := f.(type) {
	case *Praticien:
		return v.ProjeterPraticien(x)
	case *Situation:
		return v.ProjeterSituation(x)
	case *Structure:
		return v.ProjeterStructure(x)
	case *Activite:
		return v.ProjeterActivite(x)
	case *PointAcces:
		return v.ProjeterAcces(x)
	}
	return v.ProjeterEquipement(f.(*Equipement))
}

func restes(f reflect.Value) []string {
	l := map[string]bool{}
	feuilles(f.Elem(), "", l)
	return trie(l)
}

func trie(l map[string]bool) (s []string) {
	for c := range l {
		s = append(s, c)
	}
	slices.Sort(s)
	return s
}

func vision(t testing.TB, d *Donnees, a *Acteur) *Vision {
	t.Helper()
	v, err := d.Regards.Vision(a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The public view gives the fields of the official public layer, all of them and no
// other; the portal of the patients the same without mailboxes. ref: RASS §6.6
func TestVuePublique(t *testing.T) {
	d := donnees(t, nil)
	for _, n := range Natures {
		f := pleine(n)
		for _, l := range listesRouges(f) {
			l[0].ListeRouge, l[1].ListeRouge = true, false
			l[0].Adresse, l[1].Adresse = "rouge", "noire"
		}
		if vu := projeter(vision(t, d, &Acteur{Famille: "anonyme"}), f.Interface()); vu != (publics[n] != "") {
			t.Errorf("%s vu %t", n, vu)
		}
		want := strings.Fields(publics[n])
		slices.Sort(want)
		if got := restes(f); !slices.Equal(got, want) {
			t.Errorf("%s : %v\nattendu %v", n, got, want)
		}
		for _, l := range listesRouges(f) {
			if len(l) != 1 || l[0].Adresse != "noire" {
				t.Errorf("%s : %d boîtes", n, len(l))
			}
		}
		f = pleine(n)
		projeter(vision(t, d, &Acteur{Famille: "patient"}), f.Interface())
		want = slices.DeleteFunc(want, func(s string) bool { return strings.HasPrefix(s, "BAL.") })
		if got := restes(f); !slices.Equal(got, want) {
			t.Errorf("%s, patient : %v", n, got)
		}
		f = pleine(n)
		f.Elem().FieldByName("Actif").SetBool(false)
		projeter(vision(t, d, &Acteur{Famille: "anonyme"}), f.Interface())
		want = strings.Fields(inactifs[n])
		slices.Sort(want)
		if got := restes(f); !slices.Equal(got, want) {
			t.Errorf("%s inactif : %v", n, got)
		}
	}
}

func listesRouges(f reflect.Value) [][]BAL {
	if b := f.Elem().FieldByName("BAL"); b.IsValid() {
		return [][]BAL{b.Interface().([]BAL)}
	}
	return nil
}

// Each view × nature × path: what is left of a full record whose fields are all set is
// what the paths of the view say, and no field escapes the paths.
func TestVuesNaturesChemins(t *testing.T) {
	d := donnees(t, nil)
	parChemin := map[Nature]map[Chemin][]string{} // fields that each path gives, alone
	for _, n := range Natures {
		parChemin[n] = map[Chemin][]string{}
		vus := map[string]bool{}
		for _, c := range n.Chemins().Liste() {
			f := pleine(n)
			seul := &Vision{regard: &Regard{}, acteur: &Acteur{}}
			seul.actives[n] = Chemins(0).Avec(c)
			if c == CheminListeRouge || c == CheminResponsable {
				seul.actives[n] |= 1 << CheminBAL
			}
			if c == CheminOpposition {
				seul.actives[n] |= 1 << CheminCarte
			}
			projeter(seul, f.Interface())
			parChemin[n][c] = restes(f)
			for _, x := range parChemin[n][c] {
				vus[x] = true
			}
			if len(parChemin[n][c]) == 0 && c != CheminHistorique {
				t.Errorf("%s.%s ne donne rien", n, c)
			}
		}
		tous := restes(pleine(n))
		for _, x := range tous {
			if !vus[x] {
				t.Errorf("%s.%s n'est d'aucun chemin", n, x)
			}
		}
		rien := pleine(n)
		if projeter(&Vision{regard: &Regard{}, acteur: &Acteur{}}, rien.Interface()) || len(restes(rien)) != 0 {
			t.Errorf("%s : sans droit, %v", n, restes(rien))
		}
	}
	for _, nom := range d.Regards.Noms() {
		r, _ := d.Regards.Regard(nom)
		for _, n := range Natures {
			f := pleine(n)
			v := &Vision{regard: r, acteur: &Acteur{}, actives: r.actives, inactives: r.inactives}
			projeter(v, f.Interface())
			want := map[string]bool{}
			for _, c := range n.Chemins().Liste() {
				if !r.Voit(n, c) {
					continue
				}
				for _, x := range parChemin[n][c] {
					want[x] = true
				}
			}
			if got := restes(f); !slices.Equal(got, trie(want)) {
				t.Errorf("%s, %s : %v\nattendu %v", nom, n, got, trie(want))
			}
		}
	}
}

// What is one's own is seen by oneself, and by nobody of another scope.
func TestLignes(t *testing.T) {
	d := donnees(t, nil)
	p := func() *Praticien {
		return &Praticien{Entete: Entete{ID: "p1", Actif: true, Trace: Trace{Autorite: Code{Code: "ORDRE-1"}}}, Contact: Coordonnees{Telephone: "0199000000"},
			EtatCivil: EtatCivil{Nom: "X"}, Inscriptions: make([]Inscription, 1),
			BAL: []BAL{{Adresse: "a@un.invalid", Responsable: "R"}, {Adresse: "b@UN.invalid", ListeRouge: true, Responsable: "R"}, {Adresse: "c@deux.invalid", ListeRouge: true, Responsable: "R"}}}
	}
	for _, c := range []struct {
		nom  string
		a    Acteur
		want string // contact, civil status, registrations, mailboxes with their responsible
	}{
		{"anonyme", Acteur{Famille: "anonyme"}, "false false 0 a@un.invalid"},
		{"patient", Acteur{Famille: "patient"}, "false false 0 "},
		{"lui-même", Acteur{Famille: "professionnel", Praticiens: []string{"p0", "p1"}}, "true true 1 a@un.invalid:R b@UN.invalid:R c@deux.invalid:R"},
		{"un confrère", Acteur{Famille: "professionnel", Praticiens: []string{"p2"}}, "false false 0 a@un.invalid"},
		{"l'opérateur du premier", Acteur{Famille: "operateur-mssante", Domaines: []string{"Un.invalid"}}, "false false 0 a@un.invalid:R b@UN.invalid:R"},
		{"un autre opérateur", Acteur{Famille: "operateur-mssante", Domaines: []string{"n.invalid"}}, "false false 0 a@un.invalid"},
		{"son autorité", Acteur{Famille: "autorite", Autorites: []string{"ORDRE-1"}}, "true true 1 a@un.invalid"},
		{"une autre autorité", Acteur{Famille: "autorite", Autorites: []string{"ORDRE-2"}}, "false false 0 a@un.invalid"},
		{"une autorité sans code", Acteur{Famille: "autorite", Autorites: []string{""}}, "false false 0 a@un.invalid"},
		{"son directeur", Acteur{Famille: "etablissement", Agents: func(p string) bool { return p == "p1" }}, "false false 0 a@un.invalid b@UN.invalid c@deux.invalid"},
		{"un autre directeur", Acteur{Famille: "etablissement", Agents: func(p string) bool { return false }}, "false false 0 a@un.invalid"},
		{"un anonyme qui se dit lui", Acteur{Famille: "anonyme", Praticiens: []string{"p1"}, Domaines: []string{"un.invalid"}, Autorites: []string{"ORDRE-1"}}, "false false 0 a@un.invalid"},
		{"le ministère", Acteur{Famille: "ministere", Motif: "comptes"}, "false true 1 a@un.invalid"},
	} {
		x := p()
		vision(t, d, &c.a).ProjeterPraticien(x)
		var boites []string
		for _, b := range x.BAL {
			boites = append(boites, b.Adresse+strings.TrimSuffix(":"+b.Responsable, ":"))
		}
		if got := fmt.Sprintf("%t %t %d %s", !x.Contact.IsZero(), !x.EtatCivil.IsZero(), len(x.Inscriptions), strings.Join(boites, " ")); got != c.want {
			t.Errorf("%s : %q, attendu %q", c.nom, got, c.want)
		}
	}
	directeur := vision(t, d, &Acteur{Famille: "etablissement", Structures: []string{"ej"}})
	for nom, want := range map[string]bool{"ej": true, "autre": false} {
		site := &Structure{Entete: Entete{ID: "eg", Actif: true}, Juridique: nom}
		s := &Situation{Entete: Entete{ID: "s", Actif: true}, Structure: nom}
		a := &Activite{Entete: Entete{ID: "a", Actif: true}, Structure: nom}
		e := &Equipement{Entete: Entete{ID: "e", Actif: true}, Structure: nom}
		if directeur.Structure(site).Voit(CheminCertificat) != want || directeur.Situation(s).Voit(CheminConvention) != want ||
			directeur.Activite(a).Voit(CheminPeriode) != want || directeur.Equipement(e).Voit(CheminPeriode) != want {
			t.Errorf("structure %s", nom)
		}
	}
}

// A restricted reading has a purpose; a family that nobody declared has no view.
func TestVisionRefusee(t *testing.T) {
	d := donnees(t, nil)
	for _, f := range d.Regards.Familles() {
		r, _ := d.Regards.Regard(d.Regards.familles[f].Regard)
		_, err := d.Regards.Vision(&Acteur{Famille: f, Motif: " "})
		if want := r.Tracee; errors.Is(err, ErrMotif) != want {
			t.Errorf("%s : %v", f, err)
		}
	}
	if _, err := d.Regards.Vision(&Acteur{Famille: "pirate"}); !errors.Is(err, ErrFamille) {
		t.Error(err)
	}
}

// Nobody searches by what he does not see, however deep it is asked.
func TestAdmet(t *testing.T) {
	d := donnees(t, nil)
	serie := Critere{Op: Egal, Champ: ParSerie, Valeur: "1"}
	bal := Critere{Op: Prefixe, Champ: ParBAL, Valeur: "a"}
	parNom := Critere{Op: Vers, Champ: ParPraticien, Nature: Praticiens, Fils: []Critere{{Op: Egal, Champ: ParNom, Valeur: "x"}}}
	for _, c := range []struct {
		famille string
		q       Question
		want    bool
	}{
		{"anonyme", Question{Nature: Praticiens}, true},
		{"anonyme", Question{Nature: Praticiens, Critere: &bal}, true},
		{"patient", Question{Nature: Praticiens, Critere: &bal}, false},
		{"patient", Question{Nature: Praticiens, Critere: &Critere{Op: Et, Fils: []Critere{{Op: Non, Fils: []Critere{bal}}}}}, false},
		{"anonyme", Question{Nature: Praticiens, Critere: &serie}, false},
		{"ministere", Question{Nature: Praticiens, Critere: &serie}, true},
		{"professionnel", Question{Nature: Praticiens, Critere: &serie}, false},
		{"anonyme", Question{Nature: Situations, Critere: &parNom}, true},
		{"anonyme", Question{Nature: Situations, Critere: &Critere{Op: Vers, Champ: ParPraticien, Nature: Praticiens, Fils: []Critere{serie}}}, false},
		{"anonyme", Question{Nature: Situations, Critere: &Critere{Op: Egal, Champ: ParSavoir, Valeur: "SM54"}}, false},
		{"anonyme", Question{Nature: Structures, Critere: &Critere{Op: Depuis, Champ: ParStructure, Nature: Situations, Fils: []Critere{parNom}}}, true},
		{"anonyme", Question{Nature: Structures, Critere: &Critere{Op: Egal, Champ: ParMembre, Valeur: "x"}}, false},
		{"professionnel", Question{Nature: Structures, Critere: &Critere{Op: Egal, Champ: ParMembre, Valeur: "x"}}, true},
		{"anonyme", Question{Nature: Equipements, Critere: &Critere{Op: Egal, Champ: ParLicence, Valeur: "x"}}, false},
	} {
		if err := vision(t, d, &Acteur{Famille: c.famille, Motif: "m"}).Admet(&c.q); (err == nil) != c.want {
			t.Errorf("%s, %+v : %v", c.famille, c.q.Critere, err)
		}
	}
	profond := Critere{Op: Egal, Champ: ParNom}
	for range 100 {
		profond = Critere{Op: Non, Fils: []Critere{profond}}
	}
	if err := vision(t, d, &Acteur{Famille: "anonyme"}).Admet(&Question{Nature: Praticiens, Critere: &profond}); !errors.Is(err, ErrTropLarge) {
		t.Error(err)
	}
}

// A larger view never gives less than its base, and an explanation says what is done.
func TestExpliquer(t *testing.T) {
	d := donnees(t, nil)
	for _, nom := range d.Regards.Familles() {
		f, _ := d.Regards.Famille(nom)
		r, _ := d.Regards.Regard(f.Regard)
		for _, n := range Natures {
			if b, ok := d.Regards.Regard(r.Base); ok && b.actives[n]&^r.actives[n] != 0 {
				t.Errorf("%s donne moins que %s", r.Nom, b.Nom)
			}
			for c := range nombreChemins {
				e, err := d.Expliquer(nom, n, c)
				if err != nil {
					t.Fatal(err)
				}
				s := e.String()
				switch {
				case e.Donne != r.Voit(n, c):
					t.Errorf("%s %s.%s : donné %t", nom, n, c, e.Donne)
				case !n.Chemins().Voit(c) && !strings.Contains(s, "n'a pas de « "+c.String()):
					t.Errorf("%s %s.%s : %s", nom, n, c, s)
				case n.Chemins().Voit(c) && !strings.Contains(s, "Qui peut changer ce regard : l"):
					t.Errorf("%s %s.%s : %s", nom, n, c, s)
				case e.Donne && !strings.Contains(s, "regards.csv:"):
					t.Errorf("%s %s.%s : %s", nom, n, c, s)
				}
			}
		}
	}
	e, _ := d.Expliquer("patient", Praticiens, CheminBAL)
	for _, want := range []string{"V0P/1", "praticien.bal : refusé", "V0/1 (données publiques), de toute fiche active", "l'agence", "opérateur de messagerie, des boîtes de ses domaines ; une proposition reçoit sa réponse en 8 jours"} {
		if !strings.Contains(e.String(), want) {
			t.Errorf("%q absent de :\n%s", want, e)
		}
	}
	e, _ = d.Expliquer("professionnel", Praticiens, CheminEtatCivil)
	if s := e.String(); !strings.Contains(s, "donné de ce qui lui revient") || !strings.Contains(s, "F420") {
		t.Error(s)
	}
}

// What is asked about is read back, and a mistake says what there is.
func TestParseQuoi(t *testing.T) {
	for _, n := range Natures {
		for _, c := range n.Chemins().Liste() {
			if a, b, err := ParseQuoi(n.String() + "." + c.String()); err != nil || a != n || b != c {
				t.Errorf("%s.%s : %v", n, c, err)
			}
		}
	}
	for s, want := range map[string]string{"": "natures : praticien", "praticien": "chemins d'une fiche praticien : id", "activite.nom": "activite : id", "x.y": "natures"} {
		if _, _, err := ParseQuoi(s); !errors.Is(err, ErrQuoi) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q : %v", s, err)
		}
	}
}

// The rights of a record are asked without allocation, and projecting keeps the memory
// of the record.
func TestProjeterSansAllocation(t *testing.T) {
	v := vision(t, donnees(t, nil), &Acteur{Famille: "operateur-mssante", Domaines: []string{"un.invalid"}})
	var p Praticien
	boites, cartes := make([]BAL, 0, 4), make([]Carte, 0, 4)
	if n := testing.AllocsPerRun(100, func() {
		p = Praticien{Entete: Entete{ID: "p", Actif: true}, BAL: append(boites, BAL{Adresse: "a@un.invalid", ListeRouge: true}, BAL{Adresse: "a@deux.invalid", ListeRouge: true}), Cartes: append(cartes, Carte{Numero: "1"})}
		v.ProjeterPraticien(&p)
	}); n != 0 || len(p.BAL) != 1 || cap(p.BAL) != 4 || cap(p.Cartes) != 4 {
		t.Errorf("%v allocations, %d boîtes", n, len(p.BAL))
	}
}

func BenchmarkProjeter(b *testing.B) {
	v := vision(b, donnees(b, nil), &Acteur{Famille: "anonyme"})
	modele := pleine(Praticiens).Interface().(*Praticien)
	b.ReportAllocs()
	for b.Loop() {
		p := *modele
		v.ProjeterPraticien(&p)
	}
}

// Tables that say nonsense are refused with their line; a table of the operator replaces
// a whole view.
func TestRegardsTables(t *testing.T) {
	tete := "regard;nature;lignes;chemins;source\n"
	d := donnees(t, map[string]string{"regards.csv": tete + "V0P;praticien;actives;id;essai\n"})
	if r, _ := d.Regards.Regard("V0"); r.Voit(Praticiens, CheminNom) || !r.Voit(Praticiens, CheminID) || !r.Voit(Praticiens, CheminBAL) {
		t.Error("surcharge de V0P")
	}
	vues := "regard;version;base;portee;tracee;titre;habilitation;qui;source\n"
	for nom, texte := range map[string]string{
		"chemin":         tete + "V1;praticien;actives;id mot-de-passe;x\n",
		"d'une autre":    tete + "V1;activite;actives;etat-civil;x\n",
		"sans portée":    tete + "V0;praticien;siennes;id;x\n",
		"lignes":         tete + "V0;praticien;toutes;id;x\n",
		"nature":         tete + "V0;praticienne;actives;id;x\n",
		"regard":         tete + "V9;praticien;actives;id;x\n",
		"base en boucle": vues + "V0P;1;V6;;non;t;h;q;x\n",
		"version":        vues + "V0P;0;;;non;t;h;q;x\n",
	} {
		fichier := "regards.csv"
		if strings.HasPrefix(texte, vues) {
			fichier = "vues.csv"
		}
		var e *ErreurDonnees
		if _, err := Charger(fstest.MapFS{fichier: {Data: []byte(texte)}}); !errors.As(err, &e) || e.Fichier != fichier {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// Paths are words that are read back, and sets of them are sets.
func TestChemins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SliceOf(rapid.IntRange(0, int(nombreChemins)-1)).Draw(t, "chemins")
		var b Chemins
		m := map[Chemin]bool{}
		for _, x := range l {
			b = b.Avec(Chemin(x))
			m[Chemin(x)] = true
		}
		for c := range nombreChemins {
			d, ok := ParseChemin(c.String())
			if b.Voit(c) != m[c] || !ok || d != c {
				t.Fatalf("%s", c)
			}
		}
		if len(b.Liste()) != len(m) {
			t.Fatal("liste")
		}
	})
}
