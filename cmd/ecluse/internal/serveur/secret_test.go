package serveur

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/vigietest"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// A secret is whole or is not there, is for its owner only, and is never replaced.
func TestDeposerSecret(t *testing.T) {
	chemin := filepath.Join(t.TempDir(), "neuf", "cle.pem")
	if err := DeposerSecret(chemin, []byte("un")); err != nil {
		t.Fatal(err)
	}
	if err := DeposerSecret(chemin, []byte("deux")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("remplacé : %v", err)
	}
	b, err := os.ReadFile(chemin)
	i, err2 := os.Stat(chemin)
	if err != nil || err2 != nil || string(b) != "un" || i.Mode().Perm() != 0o600 {
		t.Errorf("%q %v, %v, %v", b, i, err, err2)
	}
	if l, err := os.ReadDir(filepath.Dir(chemin)); err != nil || len(l) != 1 {
		t.Errorf("restes : %v, %v", l, err)
	}
	if k, err := secret(chemin + "2"); err != nil || len(k) != 32 {
		t.Errorf("secret neuf : %d octets, %v", len(k), err)
	}
}

// A list whose key is over is still read back: the next one follows it.
func TestListeDUneCleFinie(t *testing.T) {
	ctx := context.Background()
	numero := lireOuEchouer(t, sante.ParseNumeroAMC, "99000101")
	e := &EmetteurDroits{Numero: numero, Parutions: accrstore.NewParutions(bddtest.Ouvrir(t, accrstore.Migrations), "amc-99000101", numero)}
	e.Annonceur = &accreditation.Annonceur{Editions: e.Parutions}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	debut := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	fin := debut.AddDate(2, 0, 0)
	if err := e.Parutions.Inscrire(ctx, accreditation.ClePublique{Kid: "vieille", Usage: droits.PourLAR, Publique: &k.PublicKey, Debut: debut, Fin: fin}); err != nil {
		t.Fatal(err)
	}
	a := fin.Add(-time.Hour)
	cle := accreditation.Cle{Kid: "vieille", Cle: k}
	x := &accreditation.Editeur{Emetteur: numero, Listes: e.Parutions, Horloge: func() time.Time { return a }, Cle: func() accreditation.Cle { return cle }, Cles: e.Cles()}
	if publiee, err := x.Publier(ctx, false); err != nil || !publiee {
		t.Fatal(publiee, err)
	}
	n, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a = fin.AddDate(0, 0, 3)
	cle = accreditation.Cle{Kid: "neuve", Cle: n}
	if err := e.Parutions.Inscrire(ctx, accreditation.ClePublique{Kid: "neuve", Usage: droits.PourLAR, Publique: &n.PublicKey, Debut: fin, Fin: fin.AddDate(2, 0, 0)}); err != nil {
		t.Fatal(err)
	}
	if publiee, err := x.Publier(ctx, false); err != nil || !publiee {
		t.Errorf("après la fin de la clé : %v, %v", publiee, err)
	}
}

// The end of a key is told at each notice, once, then every day; a key that is put off is
// spoken of no more.
func TestPreavisDeCle(t *testing.T) {
	ctx := context.Background()
	numero := lireOuEchouer(t, sante.ParseNumeroAMC, "99000101")
	debut := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	a := debut
	bornes, err := vigie.LireBornes(strings.NewReader("borne;valeurs;debut;fin;source\nPREAVIS_CLE;1 30 7;2026-01-01;;essai\n"))
	if err != nil {
		t.Fatal(err)
	}
	vus := &vigietest.Evenements{}
	p := &Processus{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Horloge: func() time.Time { return a }, vigie: vigieGate{alertes: vus, bornes: bornes}}
	e := &EmetteurDroits{Numero: numero, Parutions: accrstore.NewParutions(bddtest.Ouvrir(t, accrstore.Migrations), "amc:99000101", numero)}
	e.Annonceur = &accreditation.Annonceur{Editions: e.Parutions}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	e.signent.poser(accreditation.Cle{Kid: "cle-1", Usage: droits.PourLAR, Cle: k})
	fin := debut.AddDate(0, 0, 100)
	if err := e.Parutions.Inscrire(ctx, accreditation.ClePublique{Kid: "cle-1", Usage: droits.PourLAR, Publique: &k.PublicKey, Debut: debut, Fin: fin}); err != nil {
		t.Fatal(err)
	}
	dits := map[string]string{}
	jour := 24 * time.Hour
	total := 0
	for _, x := range []struct {
		nom     string
		a       time.Time
		gravite vigie.Gravite // 0: nothing is said
	}{
		{"cent jours avant", debut, 0},
		{"trente jours et une heure avant", fin.Add(-30*jour - time.Hour), 0},
		{"trente jours avant", fin.Add(-30 * jour), vigie.Attention},
		{"le lendemain", fin.Add(-29 * jour), 0},
		{"sept jours avant", fin.Add(-7 * jour), vigie.Attention},
		{"six jours avant", fin.Add(-6 * jour), 0},
		{"la veille", fin.Add(-jour), vigie.Attention},
		{"une heure avant", fin.Add(-time.Hour), 0},
		{"finie", fin, vigie.Alerte},
		{"finie depuis une heure", fin.Add(time.Hour), 0},
		{"finie depuis un jour", fin.Add(jour), vigie.Alerte},
		{"prolongée", fin.Add(2 * jour), 0},
		{"trente jours avant sa nouvelle fin", fin.Add(70 * jour), vigie.Attention},
	} {
		if a = x.a; x.nom == "prolongée" {
			if err := accreditation.Prolonger(ctx, e.Parutions, "cle-1", fin.Add(100*jour), a); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := p.suivreCles(ctx, e, "amc:99000101", dits); err != nil {
				t.Fatal(err)
			}
		}
		l := vus.Tous()
		nouveaux := l[total:]
		total = len(l)
		switch {
		case x.gravite == 0 && len(nouveaux) > 0, x.gravite != 0 && (len(nouveaux) != 1 || nouveaux[0].Gravite != x.gravite || nouveaux[0].Code != vigie.CleExpire || nouveaux[0].Structure != "99000101"):
			t.Errorf("%s : %+v", x.nom, nouveaux)
		}
		if finie := e.signent.pour("cle-1")().Signe(a) != nil; finie != (x.gravite == vigie.Alerte || x.nom == "finie depuis une heure") {
			t.Errorf("%s : finie %v", x.nom, finie)
		}
	}

	// In other hands, it is that which is told, and not an end that is far.
	if err := accreditation.Compromettre(ctx, e.Parutions, "cle-1", a.Add(-time.Hour), a); err != nil {
		t.Fatal(err)
	}
	if err := p.suivreCles(ctx, e, "amc:99000101", dits); err != nil {
		t.Fatal(err)
	}
	l := vus.Tous()
	if v := l[len(l)-1]; len(l) != total+1 || v.Code != "CLE_EMETTEUR_COMPROMISE" || v.Code.Libelle() == "" || v.Gravite != vigie.Alerte ||
		!strings.Contains(v.Detail, "compromise="+a.Add(-time.Hour).UTC().Format(time.RFC3339)) || strings.Contains(v.Detail, "fin=") {
		t.Errorf("compromise : %+v", v)
	}
}

// A node that has not the secret of the others does not start, and keeps none that it made;
// with theirs it does. One that is lost is replaced once its operator says so.
func TestSecretPartage(t *testing.T) {
	base := bddtest.Ouvrir(t, accrstore.Migrations)
	p := &Processus{Base: base}
	un, deux := filepath.Join(t.TempDir(), "un.secret"), filepath.Join(t.TempDir(), "deux.secret")
	k, err := p.secretPartage("tiers", "tiers", un)
	if err != nil {
		t.Fatal(err)
	}
	if relu, err := p.secretPartage("tiers", "tiers", un); err != nil || string(relu) != string(k) {
		t.Errorf("relu : %v", err)
	}
	if _, err := p.secretPartage("tiers", "tiers", deux); !errors.Is(err, accrstore.ErrAutreSecret) || !strings.Contains(err.Error(), "copier "+deux) {
		t.Errorf("un autre nœud en fait un : %v", err)
	}
	if _, err := os.Stat(deux); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("le secret refusé est gardé : %v", err)
	}
	if _, err := p.secretPartage("autre", "tiers", deux); err != nil {
		t.Errorf("une autre partie : %v", err)
	}
	if _, err := p.secretPartage("tiers", "tiers", deux); !errors.Is(err, accrstore.ErrAutreSecret) {
		t.Errorf("un secret déposé, qui n'est pas le bon : %v", err)
	}
	if _, err := os.Stat(deux); err != nil {
		t.Errorf("un secret déposé est retiré : %v", err)
	}
	if err := os.WriteFile(deux+".perdu", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := p.secretPartage("tiers", "tiers", deux); err != nil {
			t.Errorf("perdu, remplacé : %v", err)
		}
	}
	if _, err := os.Stat(deux + ".perdu"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("dit plus d'une fois : %v", err)
	}
	if _, err := p.secretPartage("tiers", "tiers", un); !errors.Is(err, accrstore.ErrAutreSecret) {
		t.Errorf("l'ancien : %v", err)
	}
}
