package image

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
	"github.com/ecluse-sante/ecluse/sante"
)

var (
	noms     = []string{"DUPONT", "DURAND", "LE GALL", "LEGALL", "MARTIN", "MARTINEZ", "D'ARC", "ÉLOI", "DUPOND-MORETTI"}
	prenoms  = []string{"Anne", "Jean-Luc", "Élodie", "Zoé"}
	communes = []annuaire.Code{{Code: "41018", Libelle: "Blois"}, {Code: "2A004", Libelle: "Ajaccio"}, {Code: "75056", Libelle: "Paris"}}
	domaines = []string{"chu.mssante.example", "ville.mssante.example"}
)

// fiches draws a directory whose references hold.
func fichesTirees(r *rand.Rand, praticiens int) []annuaire.Changement {
	var l []annuaire.Changement
	entete := func(n annuaire.Nature, i int) annuaire.Entete {
		return annuaire.Entete{ID: annuaire.NouvelID(n, fmt.Sprint(i)), Actif: r.IntN(10) > 0, Version: 1,
			Maj: int64(r.IntN(50)) * 1000, Trace: annuaire.Trace{Systeme: "RPPS", MajLe: sante.Jour(r.IntN(20000))}}
	}
	structures := praticiens/3 + 1
	for i := range structures {
		l = append(l, annuaire.Changement{Structure: &annuaire.Structure{Entete: entete(annuaire.Structures, i),
			RaisonSociale: "CABINET " + noms[r.IntN(len(noms))], Sorte: annuaire.SiteGeographique, FINESS: fmt.Sprint(990000000 + i),
			Adresse: annuaire.Coordonnees{Commune: communes[r.IntN(len(communes))], CodePostal: "41000"},
			Situee:  true, Latitude: 47_000_000 + int32(r.IntN(900_000)), Longitude: 1_000_000 + int32(r.IntN(900_000))}})
	}
	for i := range praticiens {
		c := communes[r.IntN(len(communes))]
		p := &annuaire.Praticien{Entete: entete(annuaire.Praticiens, i), TypeID: "8", Numero: fmt.Sprint(99900000000 + i),
			Nom: noms[r.IntN(len(noms))], Prenom: prenoms[r.IntN(len(prenoms))], Profession: annuaire.Code{Code: "10", Libelle: "Médecin"},
			Exerce: []annuaire.LieuExercice{{CodeCommune: c.Code, Commune: c.Libelle, CodePostal: "41000"}}}
		p.IDNat = "8" + p.Numero
		for range r.IntN(3) {
			p.BAL = append(p.BAL, annuaire.BAL{Adresse: fmt.Sprintf("P%d@%s", r.IntN(1000), domaines[r.IntN(2)]), Type: annuaire.BALPersonnelle})
		}
		l = append(l, annuaire.Changement{Praticien: p})
		l = append(l, annuaire.Changement{Situation: &annuaire.Situation{Entete: entete(annuaire.Situations, i), Praticien: p.ID,
			Structure: annuaire.NouvelID(annuaire.Structures, fmt.Sprint(r.IntN(structures))),
			Fonction:  annuaire.Code{Code: fmt.Sprint("F", r.IntN(4))}}})
	}
	return l
}

func depotVide(t testing.TB) *Depot {
	t.Helper()
	d, err := Ouvrir(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Fermer)
	return d
}

func installer(t testing.TB, d *Depot, l []annuaire.Changement) {
	t.Helper()
	nom := d.Nouvelle()
	c, err := Construire(nom)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l {
		if err := c.Ajouter(&l[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Finir(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := d.Installer(nom); err != nil {
		t.Fatal(err)
	}
}

// attendus are the records of a nature that pass, in the order of the image.
func attendus(etat map[string]annuaire.Changement, n annuaire.Nature, passe func(annuaire.Changement) bool) []string {
	type cle struct {
		cle []byte
		id  string
	}
	var l []cle
	for id, k := range etat {
		if m, _ := k.Entete(); m == n && passe(k) {
			l = append(l, cle{cleDeTri(nil, &k), id})
		}
	}
	slices.SortFunc(l, func(a, b cle) int { return bytes.Compare(a.cle, b.cle) })
	ids := make([]string, len(l))
	for i := range l {
		ids[i] = l[i].id
	}
	return ids
}

// pages reads a whole answer page by page, then goes back to its beginning.
func pages(t testing.TB, v *Vue, q annuaire.Question, parPage int) []string {
	t.Helper()
	q.Nombre = parPage
	var avant [][]string
	var l []string
	for {
		p, err := v.Chercher(&q)
		if err != nil {
			t.Fatalf("%+v : %v", q, err)
		}
		var ids []string
		for _, r := range p.Refs {
			ids = append(ids, v.ID(r))
		}
		avant, l = append(avant, ids), append(l, ids...)
		if p.Suivant == nil {
			q.Curseur = p.Precedent
			break
		}
		q.Curseur = p.Suivant
	}
	for i := len(avant) - 2; i >= 0; i-- {
		q.Arriere = true
		p, err := v.Chercher(&q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range p.Refs {
			ids = append(ids, v.ID(r))
		}
		if !slices.Equal(ids, avant[i]) {
			t.Fatalf("page %d en revenant : %v, en allant : %v", i, ids, avant[i])
		}
		if q.Curseur = p.Precedent; (q.Curseur == nil) != (i == 0) {
			t.Fatalf("page %d : début mal dit", i)
		}
	}
	return l
}

func feuille(op annuaire.Operateur, ch annuaire.Champ, v string) *annuaire.Critere {
	return &annuaire.Critere{Op: op, Champ: ch, Valeur: v}
}

// TestRecherches compares each kind of search with what reading every record says,
// over a base and differences, whole and page by page, there and back.
func TestRecherches(t *testing.T) {
	mot := func(s, m string) bool { return slices.Contains(strings.Fields(string(plier(s))), m) }
	praticien := func(f func(p *annuaire.Praticien) bool) func(annuaire.Changement) bool {
		return func(k annuaire.Changement) bool { return f(k.Praticien) }
	}
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "graine"), 1))
		d := depotVide(t)
		etat := map[string]annuaire.Changement{}
		base := fichesTirees(r, rapid.IntRange(0, 120).Draw(rt, "praticiens"))
		installer(t, d, base)
		noter := func(l []annuaire.Changement) {
			for _, k := range l {
				_, e := k.Entete()
				etat[e.ID] = k
			}
		}
		noter(base)
		for range rapid.IntRange(0, 4).Draw(rt, "differences") {
			l := fichesTirees(r, rapid.IntRange(1, 30).Draw(rt, "changes"))
			if err := d.Superposer(context.Background(), l); err != nil {
				rt.Fatal(err)
			}
			noter(l)
		}
		if rapid.Bool().Draw(rt, "réunir") {
			if err := d.Reunir(context.Background()); err != nil {
				rt.Fatal(err)
			}
		}
		v := d.Vue()
		defer v.Rendre()
		structureA := func(id, commune string) bool { return etat[id].Structure.Adresse.Commune.Libelle == commune }
		for _, c := range []struct {
			nom   string
			n     annuaire.Nature
			c     *annuaire.Critere
			passe func(annuaire.Changement) bool
		}{
			{"tous", annuaire.Praticiens, nil, func(annuaire.Changement) bool { return true }},
			{"un mot", annuaire.Praticiens, feuille(annuaire.Egal, annuaire.ParNom, "Dupont"), praticien(func(p *annuaire.Praticien) bool { return mot(p.Nom, "DUPONT") })},
			{"mots joints", annuaire.Praticiens, feuille(annuaire.Egal, annuaire.ParNom, "legall"), praticien(func(p *annuaire.Praticien) bool { return p.Nom == "LE GALL" || p.Nom == "LEGALL" })},
			{"deux mots", annuaire.Praticiens, feuille(annuaire.Prefixe, annuaire.ParNom, "le ga"), praticien(func(p *annuaire.Praticien) bool { return p.Nom == "LE GALL" })},
			{"accents", annuaire.Praticiens, feuille(annuaire.Egal, annuaire.ParNom, "eloi"), praticien(func(p *annuaire.Praticien) bool { return p.Nom == "ÉLOI" })},
			{"exact", annuaire.Praticiens, feuille(annuaire.Exact, annuaire.ParNom, "ELOI"), praticien(func(p *annuaire.Praticien) bool { return false })},
			{"préfixe", annuaire.Praticiens, feuille(annuaire.Prefixe, annuaire.ParNom, "mart"), praticien(func(p *annuaire.Praticien) bool { return strings.HasPrefix(p.Nom, "MART") })},
			{"inclus", annuaire.Praticiens, feuille(annuaire.Contient, annuaire.ParBAL, "@CHU."), praticien(func(p *annuaire.Praticien) bool {
				return slices.ContainsFunc(p.BAL, func(b annuaire.BAL) bool { return strings.Contains(b.Adresse, "@chu.") })
			})},
			{"sans boîte", annuaire.Praticiens, &annuaire.Critere{Op: annuaire.Non, Fils: []annuaire.Critere{*feuille(annuaire.Present, annuaire.ParBAL, "")}}, praticien(func(p *annuaire.Praticien) bool { return len(p.BAL) == 0 })},
			{"et, ou", annuaire.Praticiens, &annuaire.Critere{Op: annuaire.Et, Fils: []annuaire.Critere{
				*feuille(annuaire.Egal, annuaire.ParCommune, "blois"),
				{Op: annuaire.Ou, Fils: []annuaire.Critere{*feuille(annuaire.Egal, annuaire.ParNom, "martin"), *feuille(annuaire.Prefixe, annuaire.ParPrenom, "zo")}}}},
				praticien(func(p *annuaire.Praticien) bool {
					return p.Exerce[0].Commune == "Blois" && (p.Nom == "MARTIN" || p.Prenom == "Zoé")
				})},
			{"changées", annuaire.Praticiens, &annuaire.Critere{Op: annuaire.Entre, Champ: annuaire.ParMaj, De: 10_000, A: 20_000}, praticien(func(p *annuaire.Praticien) bool { return p.Maj >= 10_000 && p.Maj < 20_000 })},
			{"chaîne", annuaire.Situations, &annuaire.Critere{Op: annuaire.Vers, Champ: annuaire.ParStructure, Nature: annuaire.Structures, Fils: []annuaire.Critere{*feuille(annuaire.Egal, annuaire.ParCommune, "paris")}},
				func(k annuaire.Changement) bool { return structureA(k.Situation.Structure, "Paris") }},
			{"depuis", annuaire.Praticiens, &annuaire.Critere{Op: annuaire.Depuis, Champ: annuaire.ParPraticien, Nature: annuaire.Situations, Fils: []annuaire.Critere{*feuille(annuaire.Egal, annuaire.ParFonction, "F2")}},
				func(k annuaire.Changement) bool {
					for _, s := range etat {
						if s.Situation != nil && s.Situation.Praticien == k.Praticien.ID && s.Situation.Fonction.Code == "F2" {
							return true
						}
					}
					return false
				}},
			{"près", annuaire.Structures, &annuaire.Critere{Op: annuaire.Pres, Champ: annuaire.ParLieu, Latitude: 47_300_000, Longitude: 1_400_000, Rayon: 25_000},
				func(k annuaire.Changement) bool {
					return Distance(47_300_000, 1_400_000, k.Structure.Latitude, k.Structure.Longitude) <= 25_000
				}},
		} {
			want := attendus(etat, c.n, c.passe)
			q := annuaire.Question{Nature: c.n, Critere: c.c}
			if got := pages(t, v, q, 7); !slices.Equal(got, want) {
				rt.Fatalf("%s : %d fiches, attendues %d\n%v\n%v", c.nom, len(got), len(want), got, want)
			}
			q.Inverse = true
			got := pages(t, v, q, 5)
			if slices.Reverse(got); !slices.Equal(got, want) {
				rt.Fatalf("%s, à l'envers : %v\n%v", c.nom, got, want)
			}
			q = annuaire.Question{Nature: c.n, Critere: c.c, Tri: annuaire.ParMajTri, Compter: true}
			p, err := v.Chercher(&q)
			if err != nil || p.Total != len(want) {
				rt.Fatalf("%s : total %d, attendu %d (%v)", c.nom, p.Total, len(want), err)
			}
			got = pages(t, v, q, 6)
			if !slices.IsSortedFunc(got, func(a, b string) int {
				ka, kb := etat[a], etat[b]
				_, ea := ka.Entete()
				_, eb := kb.Entete()
				return cmp.Compare(ea.Maj, eb.Maj)
			}) {
				rt.Fatalf("%s : l'ordre des changements n'est pas tenu", c.nom)
			}
			slices.Sort(got)
			if slices.Sort(want); !slices.Equal(got, want) {
				rt.Fatalf("%s, par changement : %v\n%v", c.nom, got, want)
			}
		}
		for id, k := range etat {
			n, _ := k.Entete()
			ref, ok := v.ParID(n, id)
			if !ok {
				rt.Fatalf("%s introuvable", id)
			}
			if diff := gocmp.Diff(k, v.Lire(ref), cmpopts.EquateEmpty()); diff != "" {
				rt.Fatal(diff)
			}
		}
	})
}

// TestRechercher: a question in words finds people by name, trade and town, with mistakes,
// in the base and in what was laid over it; those who left are not answered.
func TestRechercher(t *testing.T) {
	d := depotVide(t)
	r := rand.New(rand.NewPCG(21, 22))
	l := fichesTirees(r, 200)
	cible := func(i int, nom, prenom, metier, commune string, actif bool) annuaire.Changement {
		return annuaire.Changement{Praticien: &annuaire.Praticien{Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Praticiens, fmt.Sprint("cible", i)), Actif: actif},
			Nom: nom, Prenom: prenom, Profession: annuaire.Code{Code: "10", Libelle: "Médecin"},
			SavoirFaire: []annuaire.Qualification{{Savoir: annuaire.Code{Code: "SM04", Libelle: metier}}},
			Exerce:      []annuaire.LieuExercice{{Commune: commune, CodePostal: "41000"}}}}
	}
	l = append(l, cible(1, "DUPONT", "Anne", "Cardiologie et maladies vasculaires", "Blois", true), cible(2, "DUPONT", "Zoé", "Cardiologie et maladies vasculaires", "Blois", false))
	installer(t, d, l)
	if err := d.Superposer(context.Background(), []annuaire.Changement{cible(3, "DUPOND", "Jean", "Cardiologie et maladies vasculaires", "Blois", true)}); err != nil {
		t.Fatal(err)
	}
	v := d.Vue()
	defer v.Rendre()
	rech := lexique.NouvelleRecherche(nil)
	for _, c := range []struct {
		question string
		premiers []int
	}{
		{"dupont cardio blois", []int{1, 3}},
		{"dupotn cardio blois", []int{1}},
		{"cardiologue 41000 dupond", []int{3}},
		{"Anne Dupont cardiologie", []int{1}},
	} {
		rep := v.Rechercher(rech, annuaire.Praticiens, lexique.Demande{Texte: c.question})
		for i, n := range c.premiers {
			if i >= len(rep.Trouves) || v.ID(rep.Trouves[i].Ref) != annuaire.NouvelID(annuaire.Praticiens, fmt.Sprint("cible", n)) {
				t.Errorf("%q : n° %d attendu en place %d parmi %d", c.question, n, i+1, len(rep.Trouves))
			}
		}
		for _, x := range rep.Trouves {
			if v.ID(x.Ref) == annuaire.NouvelID(annuaire.Praticiens, "cible2") {
				t.Errorf("%q : répond par qui n'exerce plus", c.question)
			}
		}
	}
}

// TestImageAbimee spoils octets of a small image, one at a time: it is refused or
// read without a panic, and Verifier sees all that is not padding.
func TestImageAbimee(t *testing.T) {
	d := depotVide(t)
	installer(t, d, fichesTirees(rand.New(rand.NewPCG(1, 2)), 4))
	v := d.Vue()
	b, err := os.ReadFile(v.segments[0].nom)
	if v.Rendre(); err != nil {
		t.Fatal(err)
	}
	nom := filepath.Join(t.TempDir(), "abimee")
	vus := 0
	for i := 0; i < len(b); i += 7 {
		c := bytes.Clone(b)
		c[i] ^= 0x5a
		if err := os.WriteFile(nom, c, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Verifier(nom); err != nil {
			if !errors.Is(err, ErrImage) {
				t.Fatalf("octet %d : %v", i, err)
			}
			vus++
		}
		s, err := ouvrirSegment(nom)
		if err != nil {
			continue
		}
		w := nouvelleVue(1, []*segment{s}, time.Time{}, nil)
		for _, n := range annuaire.Natures {
			for r := range w.Parcourir(n) {
				_ = w.Lire(r)
			}
			_, _ = w.Chercher(&annuaire.Question{Nature: n, Nombre: 10, Compter: true, Critere: feuille(annuaire.Prefixe, annuaire.ParNom, "d")})
		}
		w.Rendre()
	}
	if vus < len(b)/7*9/10 {
		t.Errorf("%d octets sur %d sont protégés", vus, len(b)/7)
	}
}

// TestCurseurs: a cursor is of one Vue; it holds while the Vue is kept, and is told
// from one that is forged.
func TestCurseurs(t *testing.T) {
	maintenant := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	d, err := Ouvrir(t.TempDir(), Options{Horloge: func() time.Time { return maintenant }})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Fermer()
	r := rand.New(rand.NewPCG(3, 4))
	installer(t, d, fichesTirees(r, 50))
	v := d.Vue()
	q := annuaire.Question{Nature: annuaire.Praticiens, Nombre: 10}
	p, err := v.Chercher(&q)
	v.Rendre()
	if err != nil || len(p.Refs) != 10 {
		t.Fatalf("%d fiches, %v", len(p.Refs), err)
	}
	if err := d.Superposer(context.Background(), fichesTirees(r, 50)); err != nil {
		t.Fatal(err)
	}
	g, err := GenerationDe(p.Suivant)
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.Reprendre(g)
	if err != nil {
		t.Fatal(err)
	}
	q.Curseur = p.Suivant
	if _, err := w.Chercher(&q); err != nil {
		t.Error(err)
	}
	w.Rendre()
	v = d.Vue()
	defer v.Rendre()
	if _, err := v.Chercher(&q); !errors.Is(err, annuaire.ErrPerime) {
		t.Errorf("un curseur d'une autre vue : %v", err)
	}
	for i := range p.Suivant {
		q.Curseur = bytes.Clone(p.Suivant)
		q.Curseur[i] ^= 0xff
		if _, err := v.Chercher(&q); err == nil {
			t.Errorf("octet %d forgé, accepté", i)
		}
	}
	maintenant = maintenant.Add(time.Hour)
	if err := d.Superposer(context.Background(), fichesTirees(r, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reprendre(g); !errors.Is(err, annuaire.ErrPerime) {
		t.Errorf("une heure après : %v", err)
	}
}

// TestReouvrir: what was laid is there after a restart, and what an interrupted change
// left is gone.
func TestReouvrir(t *testing.T) {
	rep := t.TempDir()
	d, err := Ouvrir(rep, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 6))
	installer(t, d, fichesTirees(r, 40))
	for range 5 {
		if err := d.Superposer(context.Background(), fichesTirees(r, 5)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(d.Rattraper(context.Background(), nil, 17), d.Rattraper(context.Background(), nil, 3)); err != nil {
		t.Fatal(err)
	}
	v := d.Vue()
	avant, g := v.Nombre(annuaire.Praticiens), v.Generation()
	if v.Rendre(); avant != 40 {
		t.Fatalf("%d praticiens", avant)
	}
	d.Fermer()
	for _, n := range []string{"base-1-1" + extension, ".image-x", ".manifeste-y"} {
		n = filepath.Join(rep, n)
		if err := errors.Join(os.WriteFile(n, []byte("coupé"), 0o600), os.Chtimes(n, time.Time{}, time.Now().Add(-2*ageReste))); err != nil {
			t.Fatal(err)
		}
	}
	if d, err = Ouvrir(rep, Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Fermer()
	v = d.Vue()
	defer v.Rendre()
	if d.Marque() != 17 {
		t.Errorf("marque %d", d.Marque())
	}
	if v.Nombre(annuaire.Praticiens) != avant || v.Generation() != g {
		t.Errorf("rouvert : %d praticiens, génération %d", v.Nombre(annuaire.Praticiens), v.Generation())
	}
	l, _ := os.ReadDir(rep)
	if len(l) != len(v.segments)+2 {
		t.Errorf("%d fichiers pour %d images", len(l), len(v.segments))
	}
}

// TestDeuxProcessus: what one process lays is served by the other, and neither takes
// back what the other laid.
func TestDeuxProcessus(t *testing.T) {
	rep := t.TempDir()
	var d [2]*Depot
	for i := range d {
		var err error
		if d[i], err = Ouvrir(rep, Options{}); err != nil {
			t.Fatal(err)
		}
		defer d[i].Fermer()
	}
	etat := map[string]bool{}
	r := rand.New(rand.NewPCG(11, 12))
	for i := range 12 {
		l := []annuaire.Changement{fichesTirees(r, 1)[0]}
		l[0].Structure.ID = annuaire.NouvelID(annuaire.Structures, fmt.Sprint(i))
		etat[l[0].Structure.ID] = true
		if err := d[i%2].Superposer(context.Background(), l); err != nil {
			t.Fatal(err)
		}
	}
	ctx, fini := context.WithCancel(context.Background())
	go d[0].Suivre(ctx, time.Millisecond, func(err error) { t.Error(err) })
	for i := range d {
		limite := time.Now().Add(10 * time.Second)
		for {
			v := d[i].Vue()
			n := v.Nombre(annuaire.Structures)
			v.Rendre()
			if n == len(etat) {
				break
			}
			if time.Now().After(limite) {
				t.Fatalf("processus %d : %d structures sur %d", i, n, len(etat))
			}
			time.Sleep(time.Millisecond)
		}
	}
	fini()
}

// TestReserver: one run works on a directory at a time, whatever the process.
func TestReserver(t *testing.T) {
	d := depotVide(t)
	liberer, err := d.Reserver()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reserver(); !errors.Is(err, ErrOccupe) {
		t.Errorf("deux chargements à la fois : %v", err)
	}
	liberer()
	liberer, err = d.Reserver()
	if err != nil {
		t.Fatal(err)
	}
	liberer()
}

// TestMarqueManquee: a mark whose difference could not be laid is not noted, even by the
// changes that come after: a restart asks for it again.
func TestMarqueManquee(t *testing.T) {
	rep := t.TempDir()
	d, err := Ouvrir(rep, Options{})
	if err != nil {
		t.Fatal(err)
	}
	sansID := []annuaire.Changement{{Structure: &annuaire.Structure{}}}
	if err := d.Rattraper(context.Background(), sansID, 9); !errors.Is(err, ErrFiche) {
		t.Fatalf("une fiche sans identifiant : %v", err)
	}
	if err := d.Superposer(context.Background(), fichesTirees(rand.New(rand.NewPCG(1, 1)), 2)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if d.Marque() != 0 {
			t.Errorf("marque %d", d.Marque())
		}
		d.Fermer()
		if d, err = Ouvrir(rep, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	d.Fermer()
}

// TestSouvenirsBornes: what a Vue keeps is bounded in octets, whoever asks.
func TestSouvenirsBornes(t *testing.T) {
	var m memoire
	for i := range 100 {
		m.garder(fmt.Sprint(i), i, memoireMax/10)
	}
	if m.garder("trop", 0, memoireMax); m.octets > memoireMax || len(m.tenus) != len(m.ordre) || len(m.tenus) > 10 || len(m.tenus) < 8 {
		t.Errorf("%d souvenirs, %d octets", len(m.tenus), m.octets)
	}
	if _, ok := m.chercher("99"); !ok {
		t.Error("le dernier est oublié")
	}
	if m.vider(); m.octets != 0 {
		t.Error("rien ne devait rester")
	}
}

// TestDouble: one ID given twice is refused, and nothing is left in place.
func TestDouble(t *testing.T) {
	d := depotVide(t)
	c, err := Construire(d.Nouvelle())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Structure(&annuaire.Structure{Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Structures, "1")}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Finir(context.Background()); !errors.Is(err, ErrDouble) {
		t.Errorf("deux fois le même identifiant : %v", err)
	}
	if l, _ := filepath.Glob(filepath.Join(d.repertoire, "*.image*")); len(l) != 0 {
		t.Errorf("%d fichiers restent", len(l))
	}
}

// TestEncoder: a record written whole comes back, and its digest follows what it says.
func TestEncoder(t *testing.T) {
	for _, k := range fichesTirees(rand.New(rand.NewPCG(7, 8)), 20) {
		lu, err := Decoder(Encoder(nil, &k))
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(k, lu, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		avant, _ := Empreinte(&k, nil)
		_, e := k.Entete()
		e.Maj, e.Version = 1, 2
		if h, _ := Empreinte(&k, nil); h != avant {
			t.Error("l'empreinte suit la version")
		}
		e.Actif = !e.Actif
		if h, _ := Empreinte(&k, nil); h == avant {
			t.Error("l'empreinte ne suit pas ce que dit la fiche")
		}
	}
}

func FuzzDecoder(f *testing.F) {
	for _, k := range fichesTirees(rand.New(rand.NewPCG(9, 10)), 3) {
		f.Add(Encoder(nil, &k))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := Decoder(b)
		if err != nil {
			return
		}
		b2 := Encoder(nil, &k)
		k2, err := Decoder(b2)
		if err != nil {
			t.Fatal(err)
		}
		if b3 := Encoder(nil, &k2); !bytes.Equal(b2, b3) {
			t.Fatal("relu autrement")
		}
	})
}
