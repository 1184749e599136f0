package vigie_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/vigietest"
	"github.com/google/go-cmp/cmp"
)

func noeud(c vigie.Compteurs) (*vigie.Garde, *vigietest.Evenements) {
	ev := &vigietest.Evenements{}
	return vigie.NewGarde(vigie.Parametres{}, c, ev), ev
}

func vider(t *testing.T, quand time.Time, noeuds ...*vigie.Garde) {
	t.Helper()
	for _, n := range noeuds {
		if err := n.Vider(context.Background(), quand); err != nil {
			t.Fatal(err)
		}
	}
}

// Forty guesses on one node, forty on the other: neither sees fifty, both stop.
func TestDeuxNoeuds(t *testing.T) {
	c := vigietest.NewCompteurs()
	n1, ev1 := noeud(c)
	n2, ev2 := noeud(c)
	for i := range 40 {
		identifier(t, n1, "amc", "ES1", pseudonyme(i), "I101", a(1))
		identifier(t, n2, "amc", "ES1", pseudonyme(100+i), "I101", a(1))
	}
	for i, n := range []*vigie.Garde{n1, n2} {
		if err := n.Admettre("amc", "ES1", vigie.Questions, a(1)); err != nil {
			t.Fatalf("nœud %d, avant partage: %v", i+1, err)
		}
	}
	vider(t, a(1.1), n1, n2, n1)
	for i, n := range []*vigie.Garde{n1, n2} {
		if err := n.Admettre("amc", "ES1", vigie.Questions, a(1.2)); !errors.Is(err, vigie.ErrQuota) {
			t.Errorf("nœud %d: got %v, want S506", i+1, err)
		}
	}
	if d := cmp.Diff([]string{"IDENTIFICATION_SUSPECTE amc ES1"}, append(codes(ev1), codes(ev2)...)); d != "" {
		t.Error(d)
	}
}

func TestEssaisSurDeuxNoeuds(t *testing.T) {
	c := vigietest.NewCompteurs()
	n1, _ := noeud(c)
	n2, _ := noeud(c)
	for i := range 5 {
		identifier(t, n1, "amc", fmt.Sprint("A", i), pseudonyme(1), "I103", a(1))
		identifier(t, n2, "amc", fmt.Sprint("B", i), pseudonyme(1), "I103", a(1))
	}
	vider(t, a(1.1), n1, n2, n1)
	for i, n := range []*vigie.Garde{n1, n2} {
		if _, err := n.Tenter("amc", "C", vigie.Questions, pseudonyme(1), a(1.2)); !errors.Is(err, vigie.ErrQuota) {
			t.Errorf("nœud %d: got %v, want S506", i+1, err)
		}
	}
}

// One sealer that fails on a node is stopped on both, alone, and its event names it.
func TestEssaisDUnSeulAilleurs(t *testing.T) {
	c := vigietest.NewCompteurs()
	n1, ev1 := noeud(c)
	n2, ev2 := noeud(c)
	for range 10 {
		identifier(t, n1, "amc", "ES1", pseudonyme(1), "I103", a(1))
	}
	vider(t, a(1.1), n1, n2, n1)
	for i, n := range []*vigie.Garde{n1, n2} {
		if _, err := n.Tenter("amc", "ES1", vigie.Questions, pseudonyme(1), a(1.2)); !errors.Is(err, vigie.ErrQuota) {
			t.Errorf("nœud %d: got %v, want S506", i+1, err)
		}
		if err := identifier(t, n, "amc", "ES2", pseudonyme(1), "000", a(1.2)); err != nil {
			t.Errorf("nœud %d, un autre émetteur: %v", i+1, err)
		}
	}
	if d := cmp.Diff([]string{"ESSAIS_ADHERENT amc ES1"}, append(codes(ev1), codes(ev2)...)); d != "" {
		t.Error(d)
	}
}

// A restart frees no one.
func TestRedemarrage(t *testing.T) {
	c := vigietest.NewCompteurs()
	n1, _ := noeud(c)
	for i := range 50 {
		identifier(t, n1, "amc", "ES1", pseudonyme(i), "I101", a(1))
	}
	vider(t, a(1), n1)
	n2, ev := noeud(c)
	vider(t, a(5), n2)
	if err := n2.Admettre("amc", "ES1", vigie.Questions, a(5)); !errors.Is(err, vigie.ErrQuota) {
		t.Errorf("got %v, want S506", err)
	}
	vider(t, a(17), n2)
	if err := n2.Admettre("amc", "ES1", vigie.Questions, a(17)); err != nil {
		t.Errorf("fenêtre passée: %v", err)
	}
	if len(ev.Tous()) != 0 {
		t.Errorf("l’événement est redit: %v", codes(ev))
	}
}

// Twenty thousand sealers seen once share nothing; one who insists, by steps.
func TestPartageParPas(t *testing.T) {
	c := vigietest.NewCompteurs()
	n, _ := noeud(c)
	for i := range 20_000 {
		identifier(t, n, "amc", fmt.Sprint("ES", i), pseudonyme(i), "000", a(1))
	}
	vider(t, a(1), n)
	if got := c.Lignes(); got != 0 {
		t.Errorf("got %d lignes pour des émetteurs vus une fois", got)
	}
	for i := range 19 {
		identifier(t, n, "amc", "ES1", pseudonyme(i), "000", a(1))
	}
	vider(t, a(1), n)
	if got := c.Lignes(); got != 2 { // requests, identifications
		t.Errorf("got %d lignes au vingtième, want 2", got)
	}
	vider(t, a(1), n)
	if got := c.Lignes(); got != 2 {
		t.Errorf("got %d lignes, rien de nouveau", got)
	}
}

// While the store is away counting goes on, and nothing is lost after.
func TestMagasinEnPanne(t *testing.T) {
	c := vigietest.NewCompteurs()
	n1, ev := noeud(c)
	n2, _ := noeud(c)
	panne := errors.New("magasin absent")
	c.EnPanne(panne)
	for i := range 60 {
		identifier(t, n1, "amc", "ES1", pseudonyme(i), "I101", a(1))
	}
	if err := n1.Vider(context.Background(), a(1)); !errors.Is(err, panne) {
		t.Fatalf("got %v, want %v", err, panne)
	}
	if err := n1.Admettre("amc", "ES1", vigie.Questions, a(1)); !errors.Is(err, vigie.ErrQuota) || len(ev.Tous()) != 1 {
		t.Errorf("pendant la panne: got %v, %v", err, codes(ev))
	}
	c.EnPanne(nil)
	vider(t, a(2), n2) // learns nothing yet
	vider(t, a(3), n1)
	vider(t, a(3.1), n2)
	if err := n2.Admettre("amc", "ES1", vigie.Questions, a(3.1)); !errors.Is(err, vigie.ErrQuota) {
		t.Errorf("l’autre nœud n’a rien su: %v", err)
	}
	totaux, err := c.Ajouter(context.Background(), []vigie.Ajout{{Tenant: "amc", Genre: vigie.Suspectes, Sujet: "ES1", Debut: debut}})
	if err != nil || totaux[0] != 50 { // the 50th stopped it: the ten others were refused
		t.Errorf("got %v, %v, want 50", totaux, err)
	}
}

func TestTourner(t *testing.T) {
	c := vigietest.NewCompteurs()
	n, _ := noeud(c)
	ctx, arreter := context.WithCancel(context.Background())
	fini := make(chan struct{})
	go func() {
		n.Tourner(ctx, time.Hour, func() time.Time { return a(1) }, func(err error) { t.Error(err) })
		close(fini)
	}()
	identifier(t, n, "amc", "ES1", pseudonyme(1), "I101", a(1))
	arreter()
	<-fini
	if got := c.Lignes(); got != 4 { // identifications, suspicious ones, the adherent by this sealer and by all
		t.Errorf("got %d lignes à l’arrêt, want 4", got)
	}
}
