package serveur

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	rassstore "github.com/ecluse-sante/ecluse/internal/annuaire/store"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc/annuaireamctest"
	annuairestore "github.com/ecluse-sante/ecluse/internal/annuaireamc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// montre is a clock that tests set.
type montre struct{ t time.Time }

func (m *montre) lire() time.Time { return m.t }

var midi = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

var codecImage = rassstore.Codec{Version: image.Format, Encoder: image.Encoder, Decoder: image.Decoder}

// depotAMC is the view of the registry of a tenant, with its clock.
func depotAMC(b *bdd.Base, tenant string) (*DepotAMC, *montre) {
	m := &montre{midi}
	return NewDepotAMC(rassstore.New(b, tenant, codecImage), m.lire, slog.New(slog.NewTextHandler(io.Discard, nil))), m
}

func TestDepotAMC(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		un, _ := depotAMC(b, "un")
		autre, _ := depotAMC(b, "autre")
		annuaireamctest.Depot(t, un, autre)
	}, rassstore.Migrations)
}

func publier(t *testing.T, d *DepotAMC, l ...annuaireamc.Entree) {
	t.Helper()
	if err := d.Publier(t.Context(), l); err != nil {
		t.Fatal(err)
	}
}

// structures are the records of insurers and operators, by their number.
func structuresAMC(t *testing.T, d *DepotAMC) map[string]*annuaire.Structure {
	t.Helper()
	l, _, err := d.registre.Courantes(t.Context(), annuaire.Structures)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]*annuaire.Structure{}
	for i := range l {
		s := l[i].Fiche.Structure
		m[s.IDTechnique] = s
	}
	return m
}

// An insurer and its operator are structures, which end with what they answer, come back
// with it, and keep what their director changed.
func TestStructuresDesAMC(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		d, m := depotAMC(b, "t")
		e := annuaireamctest.Entree("a", "99000001")
		e.Mandat = &annuaireamc.Mandat{ID: "OTP1", Libelle: "OPÉRATEUR", Structure: "2999123466", Debut: e.Debut}
		publier(t, d, e)
		s := structuresAMC(t, d)
		if len(s) != 2 || s["99000001"].SIREN != "999123458" || s["OTP1"].RaisonSociale != "OPÉRATEUR" || s["99000001"].Version != 1 {
			t.Fatalf("%+v", s)
		}
		m.t = midi.AddDate(0, 0, 1)
		avant := &annuaire.Changement{Structure: s["99000001"]}
		apres := avant.Cloner()
		x := apres.Structure
		x.Version, x.Maj, x.Enseigne, x.RaisonSociale = 2, m.t.UnixMilli(), "LA BONNE MUTUELLE", "NOM DEMANDÉ"
		x.Provenances = []annuaire.Provenance{{Groupe: annuaire.Lieu, Systeme: "etablissement", Demande: "R1", Le: sante.JourA(m.t, sante.Paris())}}
		if err := d.registre.Appliquer(ctx, avant, &apres, "R1", m.t); err != nil {
			t.Fatal(err)
		}
		m.t = midi.AddDate(0, 0, 2)
		e.Libelle, e.Mandat = "RENOMMÉE", nil
		publier(t, d, e)
		s = structuresAMC(t, d)
		if x := s["99000001"]; x.Enseigne != "LA BONNE MUTUELLE" || x.RaisonSociale != "NOM DEMANDÉ" || !x.Actif {
			t.Errorf("ce que le directeur a changé est perdu : %+v", x)
		}
		if s["OTP1"].Actif {
			t.Error("un opérateur sans mandat est en service")
		}
		if err := d.Retirer(ctx, "a"); err != nil {
			t.Fatal(err)
		}
		if s := structuresAMC(t, d); s["99000001"].Actif {
			t.Error("une AMC sans entrée est en service")
		}
		publier(t, d, e)
		if s := structuresAMC(t, d); !s["99000001"].Actif {
			t.Error("une AMC revenue n'est pas en service")
		}
	}, rassstore.Migrations)
}

// All or none: what cannot be kept takes the rest with it, wherever it is in the order.
func TestPublierToutOuRien(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		d, _ := depotAMC(b, "t")
		c := codecImage
		c.FicheMax = 2000
		d.registre = rassstore.New(b, "t", c)
		for _, lourd := range []int{0, 1, 2} {
			var l []annuaireamc.Entree
			for i, id := range []string{"a", "b", "c"} {
				l = append(l, annuaireamctest.Entree(id, "9900000"+string('1'+rune(i))))
			}
			l[lourd].Points[0].Confidentiel = strings.Repeat("A", 4000)
			if err := d.Publier(t.Context(), l); !errors.Is(err, rassstore.ErrFiche) {
				t.Fatalf("%d : %v", lourd, err)
			}
			if l, n, err := d.Entrees(t.Context()); err != nil || n != 0 || len(l) != 0 || len(structuresAMC(t, d)) != 0 {
				t.Errorf("%d : %d entrées, version %d, %v", lourd, len(l), n, err)
			}
		}
	}, rassstore.Migrations)
}

// The address of a service at a date of care, before and after it moved, was withdrawn,
// or was merged into another; a clock that goes back hides no change.
func TestAdresseALaDateDesSoins(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		d, m := depotAMC(b, "t")
		jour := func(n int) sante.Jour { return sante.JourA(midi.AddDate(0, 0, n), sante.Paris()) }
		e := annuaireamctest.Entree("a", "99000001")
		publier(t, d, e)
		m.t = midi.AddDate(0, 0, 10)
		e.Points[0].Adresse = "https://nouvelle.test:8443"
		publier(t, d, e)
		m.t = midi.AddDate(0, 0, 9) // goes back
		e.Validite = 60
		publier(t, d, e)
		m.t = midi.AddDate(0, 0, 20)
		if err := d.Retirer(ctx, "a"); err != nil {
			t.Fatal(err)
		}
		q := &roc.DemandeAnnuaire{NumeroAMC: e.NumeroAMC, Domaine: roc.HospitalACE, Services: []roc.Service{roc.IDB}}
		for _, c := range []struct {
			le      sante.Jour
			connu   time.Time
			adresse string
		}{
			{jour(0), m.t, "https://amc.test:8443"}, {jour(8), m.t, "https://amc.test:8443"}, {jour(15), m.t, "https://nouvelle.test:8443"},
			{jour(20), m.t, ""}, {jour(20), m.t.Add(-time.Hour), "https://nouvelle.test:8443"}, {jour(15), midi.AddDate(0, 0, 5), "https://amc.test:8443"},
			{jour(0), midi.AddDate(0, 0, -1), ""}, {sante.JourDe(2024, 12, 31), m.t, ""},
		} {
			l, err := d.EntreesAu(ctx, c.le, c.connu)
			if err != nil {
				t.Fatal(err)
			}
			q.DateReference = c.le
			r, adresse := annuaireamc.NewTableau(l).Resoudre(q), ""
			if len(r.Points) > 0 {
				adresse = r.Points[0].Adresse
			}
			if adresse != c.adresse {
				t.Errorf("soins du %s, connu le %s : %q, want %q", c.le, c.connu, adresse, c.adresse)
			}
		}
		v, err := d.registre.Versions(ctx, annuaire.Acces, idAcces("a"), 100, 100)
		if err != nil || len(v) != 3 || v[0].Acces.Version != 3 {
			t.Errorf("%d versions gardées, %v", len(v), err)
		}
	}, rassstore.Migrations)
}

// What an earlier version of the program kept is in the national directory once this one
// starts, on both engines, and is not read again.
func TestReprise(t *testing.T) {
	for _, moteur := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(moteur), func(t *testing.T) {
			ctx := context.Background()
			adresse := bddtest.Adresse(t, moteur)
			texte, err := fs.ReadFile(annuairestore.Migrations.FS, "migrations/0500_annuaire.sql")
			if err != nil {
				t.Fatal(err)
			}
			ancienne := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, bdd.Migrations{FS: fstest.MapFS{"0500_annuaire.sql": {Data: texte}}})
			a, c := annuaireamctest.Entree("a", "99000001"), annuaireamctest.Entree("c", "99000002")
			a.Remplacante, c.Mandat = c.NumeroAMC, &annuaireamc.Mandat{ID: "OTP1", Structure: "2999123466", Debut: c.Debut}
			for _, e := range []annuaireamc.Entree{c, a} {
				contenu, err := json.Marshal(&e)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := ancienne.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO annuaire_entree (tenant, id, contenu) VALUES ($1, $2, $3)`, TenantAnnuaire, e.ID, contenu); err != nil {
					t.Fatal(err)
				}
			}
			var journal bytes.Buffer
			p := &Processus{Base: bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, annuairestore.Migrations, rassstore.Migrations), Horloge: (&montre{midi}).lire,
				Log: slog.New(slog.NewTextHandler(&journal, nil))}
			s, err := p.ouvrirAnnuaire(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var avant, apres bytes.Buffer
			if err := errors.Join(annuaireamc.Ecrire(&avant, []annuaireamc.Entree{a, c}), annuaireamc.Ecrire(&apres, s.Entrees())); err != nil || avant.String() != apres.String() {
				t.Errorf("%v\n%s\n%s", err, avant.String(), apres.String())
			}
			if !strings.Contains(journal.String(), "entrees=2") {
				t.Errorf("journal : %s", journal.String())
			}
			if err := s.Retirer(ctx, "a"); err != nil {
				t.Fatal(err)
			}
			if s, err = p.ouvrirAnnuaire(ctx); err != nil || len(s.Entrees()) != 1 {
				t.Errorf("au démarrage suivant : %d entrées, %v", len(s.Entrees()), err)
			}
		})
	}
}

// A point that its owner broke at another door stays as it last was good, and the others
// are served; one that never was good is not.
func TestPointAbime(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		d, m := depotAMC(b, "t")
		var journal bytes.Buffer
		d.log = slog.New(slog.NewTextHandler(&journal, nil))
		a, bonne := annuaireamctest.Entree("a", "99000001"), annuaireamctest.Entree("b", "99000002")
		publier(t, d, a, bonne)
		avant, err := d.registre.Verrouiller(ctx, annuaire.Acces, idAcces("a"))
		if err != nil {
			t.Fatal(err)
		}
		apres := avant.Cloner()
		apres.Acces.Version, apres.Acces.Maj, apres.Acces.Services[0].Adresse = 2, m.t.UnixMilli()+1, "http://abime"
		if err := d.registre.Appliquer(ctx, avant, &apres, "R1", m.t); err != nil {
			t.Fatal(err)
		}
		neuve := apres.Cloner()
		neuve.Acces.ID, neuve.Acces.Numero, neuve.Acces.Version, neuve.Acces.NumeroAMC = idAcces("n"), "n", 1, "pas un numéro"
		if err := d.registre.Appliquer(ctx, nil, &neuve, "R2", m.t); err != nil {
			t.Fatal(err)
		}
		l, _, err := d.Entrees(ctx)
		if err != nil || len(l) != 2 || l[0].Points[0].Adresse != a.Points[0].Adresse || l[1].ID != "b" {
			t.Fatalf("%+v, %v", l, err)
		}
		if !strings.Contains(journal.String(), "servie=1") || !strings.Contains(journal.String(), "entree=n") {
			t.Errorf("journal : %s", journal.String())
		}
		publier(t, d, a) // its owner corrects it
		if l, _, err = d.Entrees(ctx); err != nil || len(l) != 2 {
			t.Errorf("%d, %v", len(l), err)
		}
	}, rassstore.Migrations)
}

// What changes elsewhere in the national directory does not make the directory of insurers
// read its entries again; what another node publishes does.
func TestVersionDesSeulsAcces(t *testing.T) {
	for _, moteur := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(moteur), func(t *testing.T) {
			ctx, adresse := context.Background(), bddtest.Adresse(t, moteur)
			un, _ := depotAMC(bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, rassstore.Migrations), "t")
			deux, _ := depotAMC(bddtest.OuvrirAdresse(t, adresse, bdd.Options{}), "t")
			publier(t, un, annuaireamctest.Entree("a", "99000001"))
			n, err := deux.Version(ctx)
			if m, e := un.Version(ctx); n == 0 || n != m || err != nil || e != nil {
				t.Fatalf("%d et %d, %v, %v", n, m, err, e)
			}
			p := &annuaire.Changement{Praticien: &annuaire.Praticien{Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Praticiens, "x"), Version: 1, Maj: 1}, Numero: "99900112204"}}
			if err := un.registre.Appliquer(ctx, nil, p, "R1", midi); err != nil {
				t.Fatal(err)
			}
			if m, err := deux.Version(ctx); m != n || err != nil {
				t.Errorf("un professionnel change la version : %d, %v", m, err)
			}
			if err := un.Retirer(ctx, "a"); err != nil {
				t.Fatal(err)
			}
			if m, err := deux.Version(ctx); m <= n || err != nil {
				t.Errorf("un retrait ne change pas la version : %d, %v", m, err)
			}
		})
	}
}

// plusieurs are entries of n insurers.
func plusieursAMC(n int) (l []annuaireamc.Entree) {
	for i := range n {
		l = append(l, annuaireamctest.Entree(fmt.Sprint("e", i), fmt.Sprint(99_000_000+i)))
	}
	return l
}

// What a node asks each second, beside 500 insurers.
func BenchmarkVersionAMC(b *testing.B) {
	ctx := context.Background()
	d, _ := depotAMC(bddtest.Ouvrir(b, rassstore.Migrations), "t")
	if err := d.Publier(ctx, plusieursAMC(500)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.Version(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// What a node does after a change, and what one insurer's publication costs, beside 500.
func BenchmarkEntreesAMC(b *testing.B) {
	ctx := context.Background()
	d, _ := depotAMC(bddtest.Ouvrir(b, rassstore.Migrations), "t")
	l := plusieursAMC(500)
	if err := d.Publier(ctx, l); err != nil {
		b.Fatal(err)
	}
	b.Run("relire", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := d.Entrees(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("publier une", func(b *testing.B) {
		for i := 1; b.Loop(); i++ {
			l[7].Validite = i % 3600
			if err := d.Publier(ctx, l[7:8]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
