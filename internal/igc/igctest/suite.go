package igctest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc"
)

// Registre is the suite that every registry passes. ouvrir gives an empty one.
func Registre(t *testing.T, ouvrir func(t *testing.T) igc.Registre) {
	for nom, f := range map[string]func(*testing.T, igc.Registre){
		"inscrire et relire":             suiteInscrire,
		"trois mille d'un coup":          suiteLot,
		"tout ou rien":                   suiteToutOuRien,
		"changer d'état":                 suiteEtats,
		"une seule révocation l'emporte": suiteCourse,
		"listes publiées":                suiteListes,
		"filtres":                        suiteFiltres,
	} {
		t.Run(nom, func(t *testing.T) { f(t, ouvrir(t)) })
	}
}

var debutSuite = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func fiche(ac, serie string) igc.Fiche {
	return igc.Fiche{AC: ac, Serie: serie, Profil: igc.ProfilOrgSign, Sujet: "CN=LABO,C=FR", Structure: "1990000127",
		EmpreinteDemande: "d", EmpreinteCert: "c" + serie, EmpreinteCle: "k" + serie, CleServeur: true, Par: "essai", EmisLe: debutSuite,
		Debut: debutSuite, Fin: debutSuite.AddDate(3, 0, 0), DER: []byte{0x30, 0}, Etat: igc.EtatValide}
}

func ecrire(t *testing.T, r igc.Registre, fiches ...igc.Fiche) {
	t.Helper()
	if err := r.Ecrire(context.Background(), fiches); err != nil {
		t.Fatal(err)
	}
}

func suiteInscrire(t *testing.T, r igc.Registre) {
	f := fiche("ACI-EL-ORG", "4a01")
	f.Remplace = "4a00"
	ecrire(t, r, f)
	got, err := r.Fiche(context.Background(), "ACI-EL-ORG", "4a01")
	if d := cmp.Diff(f, got); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	if _, err := r.Fiche(context.Background(), "ACI-EL-PP", "4a01"); !errors.Is(err, igc.ErrInconnu) {
		t.Errorf("même numéro d'une autre autorité : %v, want ErrInconnu", err)
	}
}

func suiteLot(t *testing.T, r igc.Registre) {
	l := make([]igc.Fiche, 3_300)
	for i := range l {
		l[i] = fiche("A", fmt.Sprintf("4a%08x", i))
	}
	ecrire(t, r, l...)
	if got, err := r.Lister(context.Background(), igc.Filtre{Max: 10_000}); err != nil || len(got) != len(l) {
		t.Errorf("%d fiches, %v ; want %d", len(got), err, len(l))
	}
}

func suiteToutOuRien(t *testing.T, r igc.Registre) {
	ecrire(t, r, fiche("A", "4a01"))
	err := r.Ecrire(context.Background(), []igc.Fiche{fiche("A", "4a02"), fiche("A", "4a01")})
	if !errors.Is(err, igc.ErrNumeroPris) {
		t.Errorf("got %v, want ErrNumeroPris", err)
	}
	if _, err := r.Fiche(context.Background(), "A", "4a02"); !errors.Is(err, igc.ErrInconnu) {
		t.Errorf("une moitié de lot a été inscrite : %v", err)
	}
}

func suiteEtats(t *testing.T, r igc.Registre) {
	ctx := context.Background()
	ecrire(t, r, fiche("A", "4a01"), fiche("A", "4a02"), fiche("B", "4a01"))
	le := debutSuite.Add(time.Hour)
	rev := igc.Revocation{Etat: igc.EtatRevoque, Raison: certificat.RaisonCleCompromise, Le: le, Invalide: debutSuite, Par: "essai"}
	valide := []igc.Etat{igc.EtatValide}
	if err := r.Revoquer(ctx, "A", "4a01", valide, rev); err != nil {
		t.Fatal(err)
	}
	if err := r.Revoquer(ctx, "A", "4a01", valide, rev); !errors.Is(err, igc.ErrEtat) {
		t.Errorf("seconde révocation : %v, want ErrEtat", err)
	}
	if err := r.Revoquer(ctx, "A", "4aff", valide, rev); !errors.Is(err, igc.ErrInconnu) {
		t.Errorf("certificat inconnu : %v, want ErrInconnu", err)
	}
	f, err := r.Fiche(ctx, "A", "4a01")
	if d := cmp.Diff(rev, f.Revocation); err != nil || d != "" || f.Etat != igc.EtatRevoque {
		t.Errorf("%v %s %s", err, f.Etat, d)
	}
	for cle, want := range map[string]bool{"k4a01": true, "k4a02": false} {
		if got, err := r.CleCompromise(ctx, cle); err != nil || got != want {
			t.Errorf("CleCompromise(%s) = %v, %v ; want %v", cle, got, err, want)
		}
	}
	for _, c := range []struct {
		nom             string
		depuis, vivants time.Time
		n               int
	}{
		{"depuis toujours", time.Time{}, debutSuite, 1},
		{"à l'instant même", le, debutSuite, 1},
		{"après", le.Add(time.Millisecond), debutSuite, 0},
		{"une fois expiré", time.Time{}, debutSuite.AddDate(4, 0, 0), 0},
	} {
		if l, err := r.Changes(ctx, "A", c.depuis, c.vivants); err != nil || len(l) != c.n {
			t.Errorf("%s : %d changements, %v ; want %d", c.nom, len(l), err, c.n)
		}
	}
}

func suiteCourse(t *testing.T, r igc.Registre) {
	ecrire(t, r, fiche("A", "4a01"))
	var ok atomic.Int32
	var attente sync.WaitGroup
	for range 8 {
		attente.Go(func() {
			err := r.Revoquer(context.Background(), "A", "4a01", []igc.Etat{igc.EtatValide},
				igc.Revocation{Etat: igc.EtatRevoque, Le: debutSuite, Par: "essai"})
			if err == nil {
				ok.Add(1)
			} else if !errors.Is(err, igc.ErrEtat) {
				t.Errorf("got %v, want ErrEtat", err)
			}
		})
	}
	attente.Wait()
	if ok.Load() != 1 {
		t.Errorf("%d révocations acceptées, want 1", ok.Load())
	}
}

func suiteListes(t *testing.T, r igc.Registre) {
	ctx := context.Background()
	if _, err := r.DerniereListe(ctx, "A", false); !errors.Is(err, igc.ErrInconnu) {
		t.Errorf("sans liste : %v, want ErrInconnu", err)
	}
	for n := int64(1); n <= 9; n++ {
		l := igc.Liste{AC: "A", Numero: n, Emission: debutSuite.Add(time.Duration(n) * time.Hour), Prochaine: debutSuite.AddDate(0, 0, 7), Nombre: int(n), DER: []byte{byte(n)}}
		if n%2 == 0 {
			l.Base = n - 1
		}
		if err := r.EcrireListe(ctx, l); err != nil {
			t.Fatal(err)
		}
		if got, err := r.DerniereListe(ctx, "A", l.Delta()); err != nil || cmp.Diff(l, got) != "" {
			t.Errorf("%v %s", err, cmp.Diff(l, got))
		}
	}
	for _, n := range []int64{3, 8, 9} {
		if err := r.EcrireListe(ctx, igc.Liste{AC: "A", Numero: n, Emission: debutSuite, Prochaine: debutSuite}); !errors.Is(err, igc.ErrNumeroPris) {
			t.Errorf("numéro %d : %v, want ErrNumeroPris", n, err)
		}
	}
	if err := r.EcrireListe(ctx, igc.Liste{AC: "B", Numero: 1, Emission: debutSuite, Prochaine: debutSuite, DER: []byte{1}}); err != nil {
		t.Errorf("une autre autorité a sa propre suite : %v", err)
	}
}

func suiteFiltres(t *testing.T, r igc.Registre) {
	a, b := fiche("A", "4a01"), fiche("A", "4a02")
	b.Structure, b.Profil, b.EmisLe, b.Fin = "1990000341", igc.ProfilOrgAuth, debutSuite.Add(time.Second), debutSuite.AddDate(0, 0, 10)
	ecrire(t, r, a, b, fiche("B", "4a03"))
	for _, c := range []struct {
		nom string
		f   igc.Filtre
		n   int
	}{
		{"tout", igc.Filtre{}, 3}, {"par autorité", igc.Filtre{AC: "A"}, 2}, {"par structure", igc.Filtre{Structure: "1990000341"}, 1},
		{"par profil", igc.Filtre{Profil: igc.ProfilOrgSign}, 2}, {"par état", igc.Filtre{Etat: igc.EtatRevoque}, 0},
		{"qui expirent", igc.Filtre{ExpireAvant: debutSuite.AddDate(0, 0, 30)}, 1}, {"au plus deux", igc.Filtre{Max: 2}, 2},
	} {
		if l, err := r.Lister(context.Background(), c.f); err != nil || len(l) != c.n {
			t.Errorf("%s : %d fiches, %v ; want %d", c.nom, len(l), err, c.n)
		}
	}
}
