package depot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/acheminementtest"
	"github.com/google/go-cmp/cmp"
)

var ctx = context.Background()

type banc struct {
	*testing.T
	racine, dossier string
	depot           *Depot
	guetteur        *Guetteur
	effets          []string
	echec           error
}

func monter(t *testing.T) *banc {
	b := &banc{T: t, racine: t.TempDir()}
	b.dossier = filepath.Join(b.racine, "A1")
	if err := os.Mkdir(b.dossier, 0o700); err != nil {
		t.Fatal(err)
	}
	m := acheminementtest.NewMemoire("A1")
	b.depot = &Depot{Racine: b.racine}
	b.guetteur = &Guetteur{Dossier: b.dossier, Expediteur: "750712184", Horloge: acheminementtest.NewHorloge().Lire, TailleMax: 1000,
		Accueil: func(ctx context.Context, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) error {
			octets, err := io.ReadAll(contenu)
			if err != nil || int64(len(octets)) != taille {
				return errors.Join(err, errors.New("taille"))
			}
			_, err = m.Recevoir(ctx, a, func(context.Context) ([]byte, error) {
				if b.echec != nil {
					return nil, b.echec
				}
				b.effets = append(b.effets, genre+" "+a.Cle+" "+string(octets))
				return nil, nil
			})
			return err
		}}
	return b
}

func (b *banc) envoi(cle, contenu string) *acheminement.Envoi {
	b.Helper()
	e := acheminementtest.Message("A1", cle, "")
	e.Adresse, e.Contenu = "A1", []byte(contenu)
	if err := e.Preparer(); err != nil {
		b.Fatal(err)
	}
	return e
}

func (b *banc) livrer(e *acheminement.Envoi) error {
	_, err := b.depot.Livrer(ctx, e, bytes.NewReader(e.Contenu))
	return err
}

func (b *banc) tour(want int) {
	b.Helper()
	if n, err := b.guetteur.Tour(ctx); err != nil || n != want {
		b.Errorf("%d fichiers pris, %v, want %d", n, err, want)
	}
}

func (b *banc) fichiers(sous string) (l []string) {
	b.Helper()
	d, err := os.ReadDir(filepath.Join(b.dossier, sous))
	if err != nil && !os.IsNotExist(err) {
		b.Fatal(err)
	}
	for _, x := range d {
		if !x.IsDir() {
			l = append(l, x.Name())
		}
	}
	return l
}

func (b *banc) poser(nom, contenu string) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(b.dossier, nom), []byte(contenu), 0o600); err != nil {
		b.Fatal(err)
	}
}

func (b *banc) motif(nom, want string) {
	b.Helper()
	c, err := os.ReadFile(filepath.Join(b.dossier, refuses, nom+".motif"))
	if err != nil || strings.TrimSpace(string(c)) != want {
		b.Errorf("motif %q, %v, want %s", c, err, want)
	}
}

func nomDe(e *acheminement.Envoi) string { return nom{e.Cle, e.Genre, e.Empreinte}.String() }

func TestDeposerPrendre(t *testing.T) {
	b := monter(t)
	e := b.envoi("facture.2026-1", "scellé")
	for range 2 { // the outcome of the first was lost
		if err := b.livrer(e); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{nomDe(e)}, b.fichiers("")); d != "" {
		t.Error(d)
	}
	b.tour(1)
	if err := b.livrer(e); err != nil { // a third, after it was taken
		t.Fatal(err)
	}
	b.tour(1)
	b.tour(0)
	if d := cmp.Diff([]string{"DRE-ES facture.2026-1 scellé"}, b.effets); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{nomDe(e)}, b.fichiers(traites)); d != "" {
		t.Error(d)
	}
}

// The taker dies after the effect and before the move.
func TestMortAvantDeRanger(t *testing.T) {
	b := monter(t)
	e := b.envoi("m", "scellé")
	if err := b.livrer(e); err != nil {
		t.Fatal(err)
	}
	accueil := b.guetteur.Accueil
	b.guetteur.Accueil = func(ctx context.Context, a acheminement.Arrivee, genre string, c io.ReadSeeker, n int64) error {
		if err := accueil(ctx, a, genre, c, n); err != nil {
			t.Error(err)
		}
		return errors.New("mort ici")
	}
	if _, err := b.guetteur.Tour(ctx); err == nil {
		t.Error("le tour devait échouer")
	}
	b.guetteur.Accueil = accueil
	b.tour(1)
	if len(b.effets) != 1 || len(b.fichiers(traites)) != 1 {
		t.Errorf("effets %v, traités %v", b.effets, b.fichiers(traites))
	}
}

func TestRefuser(t *testing.T) {
	b := monter(t)
	bon, autre := b.envoi("m", "scellé"), b.envoi("m", "un autre")
	if err := b.livrer(bon); err != nil {
		t.Fatal(err)
	}
	b.tour(1)
	if err := b.livrer(autre); err != nil {
		t.Fatal(err)
	}
	b.tour(1)
	b.motif(nomDe(autre), "T012")
	b.echec = &acheminement.Refus{Code: "F601"}
	e := b.envoi("n", "x")
	if err := b.livrer(e); err != nil {
		t.Fatal(err)
	}
	b.tour(1)
	b.motif(nomDe(e), "F601")
	b.echec = errors.New("base pleine")
	if err := b.livrer(b.envoi("o", "y")); err != nil {
		t.Fatal(err)
	}
	if n, err := b.guetteur.Tour(ctx); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
	b.echec = nil
	b.tour(1)
	if want := []string{"DRE-ES m scellé", "DRE-ES o y"}; !slices.Equal(b.effets, want) {
		t.Errorf("effets %v, want %v", b.effets, want)
	}
}

// What a partner drops by other means is taken when it is whole, and refused when
// it no longer changes.
func TestFichiersFautifs(t *testing.T) {
	b := monter(t)
	e := b.envoi("m", "scellé en entier")
	b.poser(nomDe(e), "scellé en")
	b.poser("lisez-moi.txt", "bonjour")
	b.poser(".depot-abc", "brouillon")
	grand := sha256.Sum256(make([]byte, 1001))
	b.poser(nom{"grand", "LOT", grand}.String(), string(make([]byte, 1001)))
	if err := os.Symlink("/etc/passwd", filepath.Join(b.dossier, nomDe(b.envoi("lien", "x")))); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(b.dossier, "un-dossier"), 0o700); err != nil {
		t.Fatal(err)
	}
	b.tour(1)
	b.motif(nom{"grand", "LOT", grand}.String(), "TAILLE")
	b.poser(nomDe(e), "scellé en entier")
	b.tour(2)
	b.motif("lisez-moi.txt", "NOM")
	b.poser(nomDe(b.envoi("tronque", "entier")), "ent")
	b.tour(0)
	b.tour(1)
	b.motif(nomDe(b.envoi("tronque", "entier")), "EMPREINTE")
	if d := cmp.Diff([]string{"DRE-ES m scellé en entier"}, b.effets); d != "" {
		t.Error(d)
	}
	long := strings.Repeat("x", 255)
	b.poser(long, "")
	b.tour(0)
	b.tour(1)
	if !slices.Contains(b.fichiers(refuses), long) {
		t.Error("un nom long reste")
	}
}

// A partner who knows nothing of our names drops as he likes: a file that grows is left
// alone, one that no longer changes is taken, once, and another month's of the same name
// too.
func TestNomLibre(t *testing.T) {
	b := monter(t)
	b.guetteur.Libre = "NOEMIE"
	b.poser("retour.noe", "début")
	b.tour(0)
	b.poser("retour.noe", "début et fin") // still being written
	b.tour(0)
	b.tour(1)
	b.poser("copie du retour.noe", "début et fin") // the same bytes: the same message
	b.tour(0)
	b.tour(1)
	b.poser("retour.noe", "mois suivant")
	b.tour(0)
	b.tour(1)
	if len(b.effets) != 2 || !strings.HasPrefix(b.effets[0], "NOEMIE libre-") || !strings.HasSuffix(b.effets[0], " début et fin") || !strings.HasSuffix(b.effets[1], " mois suivant") {
		t.Errorf("effets %q", b.effets)
	}
	if l := b.fichiers(traites); len(l) != 3 {
		t.Errorf("rangés : %q", l)
	}
	b.echec = &acheminement.Refus{Code: "FIC-01"}
	b.poser("mauvais.noe", "ordures")
	b.tour(0)
	b.tour(1)
	b.motif("mauvais.noe", "FIC-01")
}

func TestDeposerRefuse(t *testing.T) {
	b := monter(t)
	for _, a := range []string{"", "..", "../A1", "/tmp", ".cache", "A1/../../x"} {
		e := b.envoi("m", "x")
		e.Adresse = a
		var r *acheminement.Refus
		if err := b.livrer(e); !errors.As(err, &r) || r.Code != "ADRESSE" {
			t.Errorf("%q : %v", a, err)
		}
	}
	var p *acheminement.Passager
	e := b.envoi("m", "x")
	e.Adresse = "absent"
	if err := b.livrer(e); !errors.As(err, &p) {
		t.Errorf("dossier absent : %v", err)
	}
	if err := os.Symlink(os.TempDir(), filepath.Join(b.racine, "dehors")); err != nil {
		t.Fatal(err)
	}
	if e.Adresse = "dehors"; !errors.As(b.livrer(e), &p) {
		t.Error("un lien mène hors de la racine")
	}
	e = b.envoi("m", "juste")
	if _, err := b.depot.Livrer(ctx, e, strings.NewReader("fauxx")); !errors.As(err, &p) {
		t.Errorf("octets faux : %v", err)
	}
	fini, finir := context.WithCancel(ctx)
	finir()
	if _, err := b.depot.Livrer(fini, e, strings.NewReader("juste")); !errors.As(err, &p) {
		t.Errorf("arrêt : %v", err)
	}
	if l := b.fichiers(""); len(l) != 0 {
		t.Errorf("restent %v", l)
	}
}

func TestLots(t *testing.T) {
	b := monter(t)
	b.guetteur.LotMax = 10
	for i := range 25 {
		if err := b.livrer(b.envoi(fmt.Sprint("m", i), "x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{10, 10, 5, 0} {
		b.tour(n)
	}
	if len(b.effets) != 25 {
		t.Errorf("%d effets", len(b.effets))
	}
}

func TestTourner(t *testing.T) {
	b := monter(t)
	fait := make(chan struct{})
	accueil := b.guetteur.Accueil
	b.guetteur.Accueil = func(ctx context.Context, a acheminement.Arrivee, g string, c io.ReadSeeker, n int64) error {
		defer close(fait)
		return accueil(ctx, a, g, c, n)
	}
	marche, arreter := context.WithTimeout(ctx, 10*time.Second)
	fin := make(chan struct{})
	go func() {
		b.guetteur.Tourner(marche, time.Millisecond, func(err error) { t.Error(err) })
		close(fin)
	}()
	if err := b.livrer(b.envoi("m", "x")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-fait:
	case <-marche.Done():
		t.Error("rien n'est pris")
	}
	arreter()
	<-fin
}

func FuzzNom(f *testing.F) {
	f.Add(nom{"facture.2026-1", "DRE-ES", [32]byte{1}}.String())
	f.Add("../x." + strings.Repeat("00", 32) + ".A")
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := lireNom(s)
		if !ok {
			return
		}
		if n.String() != s || strings.ContainsAny(s, "/\\\x00") || strings.HasPrefix(s, ".") || len(s) > 240 {
			t.Errorf("%q lu %v", s, n)
		}
	})
}
