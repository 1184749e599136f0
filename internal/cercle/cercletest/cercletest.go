// Package cercletest holds a circle in memory for tests, and the suite that every
// depot passes.
package cercletest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/cercle"
)

// Memoire is a cercle.Depot that lasts as long as the process.
type Memoire struct {
	mu    sync.Mutex
	faits []cercle.Fait
}

// Ajouter implements cercle.Depot.
func (m *Memoire) Ajouter(_ context.Context, attendu int64, faits []cercle.Fait) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(faits) == 0 {
		return nil
	}
	if attendu != int64(len(m.faits)) {
		return cercle.ErrVersion
	}
	for _, f := range faits {
		f.Numero = int64(len(m.faits)) + 1
		m.faits = append(m.faits, f)
	}
	return nil
}

// Version implements cercle.Depot.
func (m *Memoire) Version(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int64(len(m.faits)), nil
}

// Faits implements cercle.Depot.
func (m *Memoire) Faits(_ context.Context, apres int64) ([]cercle.Fait, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]cercle.Fait(nil), m.faits[apres:]...), nil
}

var debut = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func lien(tenant string) cercle.Fait {
	return cercle.Fait{Lien: cercle.Lien{Tenant: tenant, Structure: "1990000127", Role: cercle.RoleEtablissement, Identifiant: "990000127"},
		Etat: cercle.EtatAdmis, Effet: debut, Par: "essai", Le: debut}
}

// Depot is the suite that every depot passes. ouvrir gives an empty one.
func Depot(t *testing.T, ouvrir func(t *testing.T) cercle.Depot) {
	t.Run("ajouter et relire", func(t *testing.T) { suiteRelire(t, ouvrir(t)) })
	t.Run("un seul écrivain l'emporte", func(t *testing.T) { suiteCourse(t, ouvrir(t)) })
	t.Run("tous les rôles", func(t *testing.T) { suiteRoles(t, ouvrir(t)) })
	t.Run("dix mille d'un coup", func(t *testing.T) { suiteLot(t, ouvrir(t)) })
	t.Run("deux nœuds", func(t *testing.T) { suiteNoeuds(t, ouvrir(t)) })
}

func suiteRelire(t *testing.T, d cercle.Depot) {
	ctx := context.Background()
	faits := []cercle.Fait{lien("labo"), {Portage: cercle.Portage{Tenant: "labo", Relais: "2999123458", Pour: cercle.Tous},
		Etat: cercle.EtatSuspendu, Effet: debut, Par: "essai", Le: debut}}
	if err := d.Ajouter(ctx, 0, faits); err != nil {
		t.Fatal(err)
	}
	if err := d.Ajouter(ctx, 0, faits[:1]); !errors.Is(err, cercle.ErrVersion) {
		t.Errorf("version dépassée : %v, want ErrVersion", err)
	}
	if n, err := d.Version(ctx); err != nil || n != 2 {
		t.Errorf("version %d, %v ; want 2", n, err)
	}
	faits[0].Numero, faits[1].Numero = 1, 2
	for apres := range int64(3) {
		got, err := d.Faits(ctx, apres)
		if dif := cmp.Diff(faits[apres:], append([]cercle.Fait{}, got...)); err != nil || dif != "" {
			t.Errorf("après %d : %v %s", apres, err, dif)
		}
	}
}

func suiteRoles(t *testing.T, d cercle.Depot) {
	var faits []cercle.Fait
	for i, r := range []cercle.Role{cercle.RoleEtablissement, cercle.RoleAMC, cercle.RoleOperateur, cercle.RoleRelais, cercle.RoleAnnuaire, cercle.RoleProfessionnel, cercle.RoleTiers} {
		f := lien("labo")
		f.Lien.Role, f.Numero = r, int64(i+1)
		faits = append(faits, f)
	}
	if err := d.Ajouter(context.Background(), 0, faits); err != nil {
		t.Fatal(err)
	}
	got, err := d.Faits(context.Background(), 0)
	if dif := cmp.Diff(faits, got); err != nil || dif != "" {
		t.Errorf("%v %s", err, dif)
	}
}

func suiteCourse(t *testing.T, d cercle.Depot) {
	var ok atomic.Int32
	var attente sync.WaitGroup
	for range 8 {
		attente.Go(func() {
			err := d.Ajouter(context.Background(), 0, []cercle.Fait{lien("labo")})
			if err == nil {
				ok.Add(1)
			} else if !errors.Is(err, cercle.ErrVersion) {
				t.Errorf("got %v, want ErrVersion", err)
			}
		})
	}
	attente.Wait()
	if ok.Load() != 1 {
		t.Errorf("%d ajouts acceptés, want 1", ok.Load())
	}
}

func suiteLot(t *testing.T, d cercle.Depot) {
	ctx := context.Background()
	c, err := cercle.Ouvrir(ctx, d, nil, func() time.Time { return debut })
	if err != nil {
		t.Fatal(err)
	}
	liens := make([]cercle.Lien, 10_000)
	for i := range liens {
		n := strconv.Itoa(100_000_000 + i)
		liens[i] = cercle.Lien{Tenant: "labo", Structure: "S" + n, Role: cercle.RoleAMC, Identifiant: n}
	}
	if err := c.Admettre(ctx, liens, cercle.Periode{Du: debut}, "essai"); err != nil {
		t.Fatal(err)
	}
	if err := c.Admettre(ctx, liens, cercle.Periode{Du: debut}, "essai"); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Version(ctx); err != nil || n != 10_000 {
		t.Errorf("version %d, %v ; want 10000 : ce qui est admis n'est pas écrit deux fois", n, err)
	}
	if l := c.Lister("labo", debut); len(l) != len(liens) || l[9_999].Etat != cercle.EtatAdmis {
		t.Errorf("%d liens, want %d", len(l), len(liens))
	}
}

// suiteNoeuds: of nodes that give one identifier to different structures at the
// same moment, one wins; a suspension decided on one is seen by the others.
func suiteNoeuds(t *testing.T, d cercle.Depot) {
	ctx := context.Background()
	var noeuds []*cercle.Cercle
	for range 4 {
		c, err := cercle.Ouvrir(ctx, d, nil, func() time.Time { return debut })
		if err != nil {
			t.Fatal(err)
		}
		noeuds = append(noeuds, c)
	}
	var attente sync.WaitGroup
	var ok atomic.Int32
	for i, c := range noeuds {
		attente.Go(func() {
			l := lien("labo").Lien
			l.Structure = []string{"1990000127", "1990000341", "2999123458", "399912345800013"}[i]
			switch err := c.Admettre(ctx, []cercle.Lien{l}, cercle.Periode{Du: debut}, "essai"); {
			case err == nil:
				ok.Add(1)
			case !errors.Is(err, cercle.ErrDejaTenu):
				t.Errorf("got %v, want ErrDejaTenu", err)
			}
		})
	}
	attente.Wait()
	if ok.Load() != 1 {
		t.Fatalf("%d structures tiennent le même identifiant, want 1", ok.Load())
	}
	if err := noeuds[0].Rafraichir(ctx); err != nil {
		t.Fatal(err)
	}
	l := noeuds[0].Lister("labo", debut)[0].Lien
	if err := noeuds[0].Suspendre(ctx, l, debut, "essai"); err != nil {
		t.Fatal(err)
	}
	q := cercle.Question{Tenant: "labo", Canal: l.Structure, Scelleur: l.Structure, EmetteurType: l.Role, EmetteurID: l.Identifiant, A: debut}
	if err := noeuds[3].Rafraichir(ctx); err != nil {
		t.Fatal(err)
	}
	if err := noeuds[3].Verifier(q); !errors.Is(err, &cercle.Refus{Motif: cercle.MotifSuspendu}) {
		t.Errorf("l'autre nœud répond %v, want suspendu", err)
	}
}
