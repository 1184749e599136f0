package annuaire

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"pgregory.net/rapid"
)

var jourEssai = sante.JourDe(2026, 11, 23)

func donnees(t testing.TB, fichiers map[string]string) *Donnees {
	t.Helper()
	var f fstest.MapFS
	for nom, texte := range fichiers {
		if f == nil {
			f = fstest.MapFS{}
		}
		f[nom] = &fstest.MapFile{Data: []byte(texte)}
	}
	var d *Donnees
	var err error
	if f == nil {
		d, err = Charger(nil)
	} else {
		d, err = Charger(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const enteteDomaines = "domaine;debut;fin;source\n"

func praticienPropre() *Praticien {
	return &Praticien{Entete: Entete{ID: "p1", Actif: true}, TypeID: "8", Numero: "99900112204", IDNat: "899900112204", Nom: "ESSAI", Prenom: "Ève",
		Profession: Code{"10", "Médecin"}, Categorie: Code{"C", "Civil"}, SavoirFaire: []Qualification{{Code{"S", ""}, Code{"SM54", ""}}},
		BAL:    []BAL{{Adresse: "eve.essai@medecin.mssante.invalid", Type: BALPersonnelle}},
		Exerce: []LieuExercice{{"41018", "Blois", "41000"}}}
}

func structurePropre() *Structure {
	return &Structure{Entete: Entete{ID: "s1", Actif: true}, IDNat: "1990000127", FINESS: "990000127", FINESSJuridique: "990000341", SIREN: "999123458",
		Sorte: SiteGeographique, Secteur: Code{"SA01", ""}, Adresse: Coordonnees{CodePostal: "41000", Commune: Code{"41018", "Blois"}}}
}

func codes(l []Constat) string {
	var s []string
	for _, c := range l {
		s = append(s, c.Code.String())
	}
	return strings.Join(s, " ")
}

// Each control is made by one change to a record that has nothing to say, and by nothing
// else; together they make all the codes.
func TestControlesQualite(t *testing.T) {
	d := donnees(t, map[string]string{"domaines.csv": enteteDomaines + "medecin.mssante.invalid;;;essai\nancien.invalid;;2020-01-01;essai\n"})
	p := func(f func(*Praticien)) func(*Verificateur) []Constat {
		return func(v *Verificateur) []Constat { x := praticienPropre(); f(x); return v.Praticien(x) }
	}
	s := func(f func(*Structure)) func(*Verificateur) []Constat {
		return func(v *Verificateur) []Constat { x := structurePropre(); f(x); return v.Structure(x) }
	}
	cas := []struct {
		nom  string
		f    func(*Verificateur) []Constat
		want string
	}{
		{"praticien sans défaut", p(func(*Praticien) {}), ""},
		{"structure sans défaut", s(func(*Structure) {}), ""},
		{"clé RPPS", p(func(p *Praticien) { p.Numero, p.IDNat = "99900112205", "899900112205" }), "D-RPPS-CLE"},
		{"RPPS trop court", p(func(p *Praticien) { p.Numero, p.IDNat = "9990011220", "89990011220" }), "D-ID-FORME"},
		{"RPPS avec le préfixe", p(func(p *Praticien) { p.Numero, p.IDNat = "899900112204", "8899900112204" }), "D-ID-FORME"},
		{"ADELI", p(func(p *Praticien) { p.TypeID, p.Numero, p.IDNat = "0", "99AB12345", "099AB12345" }), "D-ADELI"},
		{"interne au SIRET", p(func(p *Praticien) { p.TypeID, p.Numero, p.IDNat = "5", "99912345800019/12", "599912345800019/12" }), ""},
		{"interne sans numéro", p(func(p *Praticien) { p.TypeID, p.Numero, p.IDNat = "3", "990000127/", "3990000127/" }), "D-ID-FORME"},
		{"type inconnu", p(func(p *Praticien) { p.TypeID, p.IDNat = "7", "799900112204" }), "D-CODE-INCONNU"},
		{"préfixe", p(func(p *Praticien) { p.IDNat = "899900112212" }), "D-ID-PREFIXE"},
		{"préfixe plus court que le type", p(func(p *Praticien) { p.IDNat = "8" }), "D-ID-PREFIXE"},
		{"sans numéro", p(func(p *Praticien) { p.Numero = "" }), "D-ID-ABSENT"},
		{"sans identifiant", p(func(p *Praticien) { p.ID = "" }), "D-ID-ABSENT"},
		{"catégorie inconnue", p(func(p *Praticien) { p.Categorie.Code = "Z" }), "D-CODE-INCONNU"},
		{"catégorie ancienne", p(func(p *Praticien) { p.Categorie.Code = "F" }), ""},
		{"profession d'une liste incomplète", p(func(p *Praticien) { p.Profession.Code = "ZZ" }), ""},
		{"domaine hors liste", p(func(p *Praticien) { p.BAL[0].Adresse = "x@ailleurs.invalid" }), "D-BAL-DOMAINE"},
		{"domaine sorti de la liste", p(func(p *Praticien) { p.BAL[0].Adresse = "x@ancien.invalid" }), "D-BAL-DOMAINE"},
		{"domaine en capitales", p(func(p *Praticien) { p.BAL[0].Adresse = "X@MEDECIN.mssante.INVALID" }), ""},
		{"adresse sans arobase", p(func(p *Praticien) { p.BAL[0].Adresse = "medecin.mssante.invalid" }), "D-BAL-FORME"},
		{"adresse au domaine trop long", p(func(p *Praticien) { p.BAL[0].Adresse = "a@" + strings.Repeat("a.", 200) + "fr" }), "D-BAL-FORME"},
		{"type de boîte", p(func(p *Praticien) { p.BAL[0].Type = "XXX" }), "D-CODE-INCONNU"},
		{"boîte d'un inactif", p(func(p *Praticien) { p.Actif = false }), "D-BAL-INACTIF"},
		{"fin avant le début", p(func(p *Praticien) { p.Du, p.Au = jourEssai-1, jourEssai-2 }), "D-DATE"},
		{"fermeture à venir", p(func(p *Praticien) { p.Au = jourEssai + 100 }), ""},
		{"mise à jour à venir", p(func(p *Praticien) { p.Trace.MajLe = jourEssai + 1 }), "D-DATE"},
		{"mort avant de naître", p(func(p *Praticien) { p.EtatCivil.Naissance, p.EtatCivil.Deces = jourEssai-10, jourEssai-20 }), "D-DATE"},
		{"carte opposée demain", p(func(p *Praticien) { p.Cartes = []Carte{{OpposeeLe: jourEssai + 1}} }), "D-DATE"},
		{"clé FINESS", s(func(s *Structure) { s.FINESS, s.IDNat = "990000128", "1990000128" }), "D-FINESS-CLE"},
		{"FINESS corse", s(func(s *Structure) { s.FINESS, s.IDNat = "2A0000019", "12A0000019" }), ""},
		{"FINESS minuscule", s(func(s *Structure) { s.FINESS, s.IDNat = "99000012a", "199000012a" }), "D-ID-FORME"},
		{"clé SIREN", s(func(s *Structure) { s.SIREN = "999123459" }), "D-SIREN-CLE"},
		{"clé SIRET", s(func(s *Structure) { s.SIRET = "99912345800012" }), "D-SIRET-CLE"},
		{"SIRET de La Poste", s(func(s *Structure) { s.SIRET = "35600000000048" }), ""},
		{"identifiant de structure", s(func(s *Structure) { s.IDNat = "1990000341" }), "D-ID-PREFIXE"},
		{"identifiant technique", s(func(s *Structure) { s.IDNat = "R10100000240453" }), ""},
		{"type de structure", s(func(s *Structure) { s.IDNat = "9990000127" }), "D-CODE-INCONNU"},
		{"site sans entité", s(func(s *Structure) { s.FINESSJuridique = "" }), "D-EG-SANS-EJ"},
		{"cabinet sans entité", s(func(s *Structure) { s.FINESSJuridique, s.FINESS, s.IDNat = "", "", "" }), ""},
		{"code postal", s(func(s *Structure) { s.Adresse.CodePostal = "37000" }), "D-CP-COMMUNE"},
		{"code postal du voisin, connu", s(func(s *Structure) { s.Adresse.CodePostal, s.Adresse.Commune.Code = "33220", "24335" }), ""},
		{"code postal corse", s(func(s *Structure) { s.Adresse.CodePostal, s.Adresse.Commune.Code = "20090", "2A004" }), ""},
		{"code postal d'outre-mer", s(func(s *Structure) { s.Adresse.CodePostal, s.Adresse.Commune.Code = "97110", "97209" }), "D-CP-COMMUNE"},
		{"coordonnées", s(func(s *Structure) { s.Situee, s.Latitude = true, 91_000_000 }), "D-COORDONNEES"},
		{"juridique absente", s(func(s *Structure) { s.Juridique = "absente" }), "D-REF-ORPHELINE"},
		{"situation sans structure", func(v *Verificateur) []Constat {
			return v.Situation(&Situation{Entete: Entete{ID: "x"}, Praticien: "connu", Structure: "absente", Mode: Code{Code: "L"}})
		}, "D-REF-ORPHELINE"},
		{"équipement d'une absente", func(v *Verificateur) []Constat {
			return v.Equipement(&Equipement{Entete: Entete{ID: "x"}, Structure: "absente"})
		}, "D-REF-ORPHELINE"},
		{"activité", func(v *Verificateur) []Constat {
			return v.Activite(&Activite{Entete: Entete{ID: "x"}, Structure: "connu", Type: Code{Code: "04"}})
		}, ""},
		{"accès annoncé", func(v *Verificateur) []Constat {
			return v.Acces(&PointAcces{Entete: Entete{ID: "x", Du: jourEssai + 30}, Organisme: "connu", Services: []ServiceAcces{{Du: jourEssai + 30}}})
		}, ""},
		{"accès d'un organisme absent, aux dates inversées", func(v *Verificateur) []Constat {
			return v.Acces(&PointAcces{Entete: Entete{ID: "x"}, Organisme: "absente", Services: []ServiceAcces{{Du: 2, Au: 1}}})
		}, "D-REF-ORPHELINE D-DATE"},
		{"doublon", func(v *Verificateur) []Constat {
			v.Praticien(praticienPropre())
			p := praticienPropre()
			p.ID, p.Numero, p.IDNat, p.Nom, p.Prenom, p.BAL = "p2", "99900112212", "899900112212", "Essai", "EVE", nil
			return v.Praticien(p)
		}, "D-DOUBLON"},
		{"même état civil, autre numéro", func(v *Verificateur) []Constat {
			ne := func(numero string, jour sante.Jour) []Constat {
				p := praticienPropre()
				p.ID, p.Numero, p.IDNat, p.Nom, p.BAL = numero, numero, "8"+numero, "D'USAGE "+numero, nil
				p.EtatCivil = EtatCivil{Nom: "Essai", Prenoms: "Ève", Sexe: "F", Naissance: jour, Commune: "41018"}
				return v.Praticien(p)
			}
			return slices.Concat(ne("99900112204", 100), ne("99900112212", 101), slices.Clone(ne("99900112220", 100)))
		}, "D-DOUBLON"},
		{"inscription finie avant d'être prise", p(func(p *Praticien) {
			p.Inscriptions = []Inscription{{Du: jourEssai - 1, Au: jourEssai - 2}, {Du: jourEssai - 2, Au: jourEssai - 1}}
		}), "D-DATE"},
		{"certificat fini avant de commencer", p(func(p *Praticien) { p.Certificats = []Certificat{{Du: 20, Au: 10}} }), "D-DATE"},
		{"homonyme d'ailleurs", func(v *Verificateur) []Constat {
			v.Praticien(praticienPropre())
			p := praticienPropre()
			p.ID, p.Numero, p.IDNat, p.Exerce, p.BAL = "p2", "99900112212", "899900112212", []LieuExercice{{CodePostal: "37000"}}, nil
			return v.Praticien(p)
		}, ""},
		{"même personne, autre profession", func(v *Verificateur) []Constat {
			v.Praticien(praticienPropre())
			p := praticienPropre()
			p.ID, p.Profession.Code = "p2", "21"
			return v.Praticien(p)
		}, ""},
		{"boîte de deux titulaires", func(v *Verificateur) []Constat {
			v.Praticien(praticienPropre())
			return v.Structure(&Structure{Entete: Entete{ID: "s2"}, BAL: []BAL{{Adresse: "EVE.essai@medecin.mssante.invalid", Type: BALOrganisation}}})
		}, "D-BAL-DOUBLE"},
		{"boîte redite dans la situation du même", func(v *Verificateur) []Constat {
			p := praticienPropre()
			v.Praticien(p)
			return v.Situation(&Situation{Entete: Entete{ID: "x"}, Praticien: "p1", BAL: p.BAL})
		}, ""},
		{"fichier ancien", func(v *Verificateur) []Constat {
			return v.Source("f.txt", time.Unix(0, 0), time.Unix(36*3600+1, 0))
		}, "D-AGE"},
		{"fichier du jour", func(v *Verificateur) []Constat { return v.Source("f.txt", time.Unix(0, 0), time.Unix(36*3600, 0)) }, ""},
	}
	vus := map[CodeConstat]bool{}
	for _, c := range cas {
		v := d.Verificateur(jourEssai)
		v.Croisement = NouveauCroisement(10)
		v.Croisement.Connaitre(Praticiens, "connu")
		v.Croisement.Connaitre(Praticiens, "p1")
		v.Croisement.Connaitre(Structures, "connu")
		v.References = v.Croisement
		l := c.f(v)
		if got := codes(l); got != c.want {
			t.Errorf("%s : %q, attendu %q", c.nom, got, c.want)
		}
		for _, x := range l {
			vus[x.Code] = true
			if x.Gravite == Refuser != v.Refusee() || (x.Code == DIDAbsent) != v.Refusee() {
				t.Errorf("%s : refusée %t", c.nom, v.Refusee())
			}
		}
	}
	for _, c := range CodesConstat() {
		if !vus[c] {
			t.Errorf("%s n'a pas d'essai", c)
		}
	}
}

// The key of numbers is that of an independent computation, and never refuses.
func TestClesOracle(t *testing.T) {
	d := donnees(t, nil)
	v := d.Verificateur(jourEssai)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.StringMatching(`999[0-9]{8}`).Draw(t, "rpps")
		somme := 0
		for i, c := range []byte(n) { // 11 digits: the even places from the left are doubled
			x := int(c - '0')
			if i%2 == 1 {
				x = x*2/10 + x*2%10
			}
			somme += x
		}
		p := praticienPropre()
		p.Numero, p.IDNat = n, "8"+n
		l := v.Praticien(p)
		if faux := slices.ContainsFunc(l, func(c Constat) bool { return c.Code == DRPPSCle }); faux != (somme%10 != 0) || v.Refusee() {
			t.Fatalf("%s : %s", n, codes(l))
		}
	})
}

// The regular work of a load allocates nothing.
func TestControlesSansAllocation(t *testing.T) {
	v := donnees(t, map[string]string{"domaines.csv": enteteDomaines + "autre.invalid;;;essai\n"}).Verificateur(jourEssai)
	v.Croisement = NouveauCroisement(1000)
	v.References = v.Croisement
	p, s, x := praticienPropre(), structurePropre(), &Situation{Entete: Entete{ID: "x"}, Praticien: "p1", Structure: "absente", Mode: Code{Code: "Q"}}
	p.Numero = "99900112205"
	if n := testing.AllocsPerRun(100, func() { v.Praticien(p); v.Structure(s); v.Situation(x) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if got := codes(v.Situation(x)); got != "D-REF-ORPHELINE D-REF-ORPHELINE D-CODE-INCONNU" {
		t.Error(got)
	}
}

func BenchmarkControles(b *testing.B) {
	v := donnees(b, map[string]string{"domaines.csv": enteteDomaines + "medecin.mssante.invalid;;;essai\n"}).Verificateur(jourEssai)
	v.Croisement = NouveauCroisement(2_000_000)
	v.References = v.Croisement
	p, s, x := praticienPropre(), structurePropre(), &Situation{Entete: Entete{ID: "x"}, Praticien: "p1", Structure: "s1", Mode: Code{Code: "L"}, Genre: Code{Code: "GENR01"}}
	r := new(Releve)
	b.ReportAllocs()
	for b.Loop() {
		r.Noter(Praticiens, v.Praticien(p))
		r.Noter(Structures, v.Structure(s))
		r.Noter(Situations, v.Situation(x))
	}
}

// The table of fingerprints is a map, whatever its size.
func TestEmpreintes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var e empreintes
		m := map[uint64]uint64{}
		for _, c := range rapid.SliceOfN(rapid.Uint64Range(1, 400), 0, 600).Draw(t, "clés") {
			deja, nouveau := e.poser(c<<57|c, c*7) // many share their place
			w, vu := m[c<<57|c]
			if nouveau == vu || vu && deja != w {
				t.Fatalf("%d : %d %t", c, deja, nouveau)
			}
			m[c<<57|c] = c * 7
		}
		for c, w := range m {
			if v, ok := e.lire(c); !ok || v != w {
				t.Fatalf("%d perdu", c)
			}
		}
		if _, ok := e.lire(1 << 40); ok {
			t.Fatal("inconnu trouvé")
		}
	})
}

// The table grows without losing anything.
func TestEmpreintesGrandir(t *testing.T) {
	c := NouveauCroisement(1)
	for i := range 50_000 {
		if c.Existe(Structures, fmt.Sprint(i)) {
			t.Fatalf("%d déjà là", i)
		}
		c.Connaitre(Structures, fmt.Sprint(i))
	}
	for i := range 50_000 {
		if !c.Existe(Structures, fmt.Sprint(i)) || c.Existe(Praticiens, fmt.Sprint(i)) {
			t.Fatalf("%d", i)
		}
	}
}

// Names that Plier makes equal, once without their spaces, have the same fingerprint.
func TestTraitsPlies(t *testing.T) {
	h := func(s string) uint64 { return finir(ajouterPlie(commencer(espaceTraits), s)) }
	for _, c := range [][2]string{{"Éloïse", "ELOISE"}, {"D'Arc", "d’arc"}, {"LE GOFF", "Le-Goff"}, {"Ève", "E\u0300ve"}} {
		if h(c[0]) != h(c[1]) {
			t.Errorf("%q et %q diffèrent", c[0], c[1])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		lettres := rapid.StringOfN(rapid.RuneFrom([]rune("aàâäbcçéèêëfgîïôöùûüÿÉÈÀ -'zZ")), 0, 20, -1)
		a, b := lettres.Draw(t, "a"), lettres.Draw(t, "b")
		nu := func(s string) string { return strings.ReplaceAll(sante.Plier(s), " ", "") }
		if (nu(a) == nu(b)) != (h(a) == h(b)) {
			t.Fatalf("%q %q", a, b)
		}
	})
}

// A Releve counts what several goroutines found, keeps so many, and writes what one
// responsible may correct, without formulas.
func TestReleve(t *testing.T) {
	d := donnees(t, nil)
	tous := &Releve{Max: 3}
	for i := range 2 {
		v, r := d.Verificateur(jourEssai), &Releve{Max: 3}
		for j := range 4 {
			p := praticienPropre()
			p.ID, p.Numero, p.IDNat = fmt.Sprint("p", i, j), "=A1", "8=A1"
			r.Noter(Praticiens, v.Praticien(p))
		}
		x := praticienPropre()
		x.ID, x.BAL[0].Adresse = "", "illisible"
		r.Noter(Praticiens, v.Praticien(x))
		tous.Ajouter(r)
	}
	if tous.Lues(Praticiens) != 10 || tous.Refusees() != 2 || tous.Compte(DIDForme) != 8 || len(tous.Echantillon(DIDForme)) != 3 || len(tous.Comptes()) != 3 {
		t.Errorf("%+v", tous.Comptes())
	}
	var b bytes.Buffer
	if err := tous.EcrireCSV(&b, d, jourEssai, "autorite"); err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(&b)
	r.Comma = ';'
	l, err := r.ReadAll()
	if err != nil || len(l) != 1+2+3 {
		t.Fatalf("%d lignes, %v", len(l), err)
	}
	for _, x := range l[1:] {
		if x[2] != "autorite" || x[0] == "D-ID-FORME" && x[7] != "'=A1" || !strings.Contains(x[8], "autorité") {
			t.Errorf("%q", x)
		}
	}
}

// A finding in a log says neither who nor what.
func TestConstatSansNom(t *testing.T) {
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("constat", "constat", Constat{Code: DDoublon, ID: "secret-1", Valeur: "secret-2", Autorite: "a", Champ: "identite", Nature: Praticiens})
	if s := b.String(); strings.Contains(s, "secret") || !strings.Contains(s, "D-DOUBLON") {
		t.Error(s)
	}
}

// Data of the operator lie over ours, key by key; mistakes are told by file and line.
func TestDonnees(t *testing.T) {
	tete := "liste;code;libelle;debut;fin;source\n"
	d := donnees(t, map[string]string{"codes.csv": tete + "J95;*;entière;;;x\nJ95;L;Libéral;2020-01-01;2020-12-31;x\n"})
	if d.Listes.Connu(ListeJ95, "S") || !d.Listes.Connu(ListeJ95, "L") || d.Listes.Connu(ListeJ89, "Z") || !d.Listes.Connu(ListeJ106, "quelconque") {
		t.Error("surcharge")
	}
	if _, ok := d.Listes.Libelle(ListeJ95, "L", jourEssai); ok {
		t.Error("code terminé donné en vigueur")
	}
	if s, ok := d.Listes.Libelle(ListeJ95, "L", sante.JourDe(2020, 12, 31)); !ok || s != "Libéral" {
		t.Error("code du dernier jour")
	}
	controles := "code;gravite;debut;fin;responsable;seuil;texte;source\n"
	d = donnees(t, map[string]string{"controles.csv": controles + "D-RPPS-CLE;ignorer;;2026-11-22;autorite;;x;x\nD-RPPS-CLE;refuser;2026-11-23;;autorite;;x;x\n"})
	for j, want := range map[sante.Jour]Gravite{jourEssai - 1: Ignorer, jourEssai: Refuser} {
		v, p := d.Verificateur(j), praticienPropre()
		p.Numero, p.IDNat = "99900112205", "899900112205"
		if l := v.Praticien(p); v.Refusee() != (want == Refuser) || len(l) != int(want/Refuser) {
			t.Errorf("%s : %s", j, codes(l))
		}
	}
	for nom, texte := range map[string]string{
		"codes.csv":     tete + "J999;A;;;;\n",
		"communes.csv":  "code_postal;insee;source\n1;2;x\n",
		"controles.csv": controles + "D-RPPS-CLE;peut-être;;;a;;x;x\n",
		"domaines.csv":  "domaine;debut\n",
	} {
		_, err := Charger(fstest.MapFS{nom: {Data: []byte(texte)}})
		var e *ErreurDonnees
		if !errors.As(err, &e) || e.Fichier != nom || e.Ligne == 0 {
			t.Errorf("%s : %v", nom, err)
		}
	}
	if _, err := Charger(fstest.MapFS{"codes.csv": {Data: []byte(tete + "J95;*;;;;\n")}}); err == nil {
		t.Error("liste entière et vide admise")
	}
	if _, err := Charger(fstest.MapFS{"codes.csv": {Data: bytes.Repeat([]byte{'a'}, fichierMax+1)}}); err == nil {
		t.Error("fichier sans borne")
	}
}

// Any file of data is read or refused, without a panic.
func FuzzDonnees(f *testing.F) {
	f.Add("codes.csv", "liste;code;libelle;debut;fin;source\nJ95;L;x;2020-01-01;;y\n")
	f.Add("domaines.csv", enteteDomaines+"\"a\n")
	f.Fuzz(func(t *testing.T, nom, texte string) {
		if !strings.HasSuffix(nom, ".csv") || strings.ContainsAny(nom, "/\\\x00") {
			return
		}
		d, err := Charger(fstest.MapFS{nom: {Data: []byte(texte)}})
		if (d == nil) == (err == nil) {
			t.Fatal("ni l'un ni l'autre")
		}
	})
}
