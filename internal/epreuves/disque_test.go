//go:build linux

package epreuves

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
)

// surPetitDisque puts the directory of a party on a file system of its own, small.
func (p *partie) surPetitDisque(t *testing.T, octets string) {
	t.Helper()
	copie := p.dir + ".copie"
	if err := os.CopyFS(copie, os.DirFS(p.dir)); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", p.dir, "tmpfs", 0, "mode=0700,size="+octets); err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatalf("disque plein : monter un tmpfs : %v (droits de root attendus en CI)", err)
		}
		t.Skipf("disque plein : monter un tmpfs : %v (demande les droits de root)", err)
	}
	t.Cleanup(func() {
		if p.cmd != nil && !p.fini() {
			p.tuer()
		}
		if err := syscall.Unmount(p.dir, 0); err != nil {
			t.Errorf("démonter : %v", err)
		}
	})
	if err := os.CopyFS(p.dir, os.DirFS(copie)); err != nil {
		t.Fatal(err)
	}
	if err := fermerAuxAutres(p.dir); err != nil {
		t.Fatal(err)
	}
}

// fermerAuxAutres gives back their modes to the secrets of a copied directory.
func fermerAuxAutres(dir string) error {
	return filepath.WalkDir(dir, func(chemin string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chmod(chemin, 0o600)
		}
		return err
	})
}

// TestDisquePlein fills the disk of the insurer with engagements, to the last
// octet: every question is then answered by a code or by nothing, the process
// lives, what it had answered is in its books; and once there is room again it
// serves, and its journal verifies.
func TestDisquePlein(t *testing.T) {
	l := fonder(t, bdd.SQLite)
	amc := l.partie(monde.CleMoulin)
	amc.surPetitDisque(t, "14m")
	leste := filepath.Join(amc.dir, "leste")
	if err := os.WriteFile(leste, make([]byte, 7<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	l.lancer("igc", monde.CleMoulin)
	d := l.demandeur(monde.CleHopital, amc, l.monde.Assureur(monde.CleMoulin))
	p := l.assures(monde.CleMoulin, "MB-TRANQUILLE")
	recus := map[string]roc.NumeroEngagement{}
	suite, refus, codes := 0, 0, map[roc.Code]int{}
	for i := 1; refus < 40; i++ {
		if i > 5000 {
			t.Fatal("le disque ne se remplit pas")
		}
		dossier, numero, err := l.obtenir(d, p[i%len(p)], i)
		if err == nil {
			recus[dossier] = numero
			continue
		}
		refus++
		codes[codeDe(err)]++
		if c := codeDe(err); c == "" && !errors.Is(err, roc.ErrSansReponse) || c != "" && !c.Technique() {
			t.Errorf("disque plein : %v", err)
		}
		suite = i
		amc.vivante()
	}
	t.Logf("%d engagements, puis disque plein : %v", len(recus), codes)
	if code, _, err := obtenir("http://" + amc.f.Surveillance.Adresse + "/vivant"); err != nil || code != 200 {
		t.Errorf("/vivant : %d %v", code, err)
	}
	if err := os.Remove(leste); err != nil {
		t.Fatal(err)
	}
	var err error
	if !jusqua(context.Background(), 15*time.Second, func() bool { err = d.etat(context.Background()); return err == nil }) {
		t.Fatalf("de la place de nouveau : %v\n%s", err, amc.queue(2000))
	}
	for i := range 20 {
		n := suite + 1 + i
		dossier, numero, err := l.obtenir(d, p[n%len(p)], n)
		if err != nil {
			t.Fatalf("de la place de nouveau : %v", err)
		}
		recus[dossier] = numero
	}
	livres := amc.engagements(tenantMoulin)
	for dossier, numero := range recus {
		if a := actifs(livres[dossier]); len(a) != 1 || a[0].numero != numero.String() {
			t.Errorf("%s : engagement %s reçu, au livre %+v", dossier, numero, a)
		}
	}
	if len(livres) != len(recus) {
		t.Errorf("%d engagements au livre, %d reçus", len(livres), len(recus))
	}
	amc.comparerCompteurs(t, tenantMoulin, livres)
	amc.journal(tenantMoulin)
}
