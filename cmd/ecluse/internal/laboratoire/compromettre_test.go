package laboratoire

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// An insurer says by command that the key of its accreditations is in other hands. It signs
// no more by it; the workstation that reads its keys again believes nothing that it signed,
// what it holds neither, without network; the insurer, which knows what it gave, pays what
// was billed in good faith, and refuses a number that it never gave. The key is put aside, the
// server makes another, and rights are given again.
func TestCompromettre(t *testing.T) {
	q, ctx := nouveauQuartier(t), context.Background()
	c := nouveauComptoir(t, q.Scene)
	p := c.poste(nil)
	c.actualiser(p)
	x := q.comptable(monde.CleMoulin)
	y, k := c.o.assure(monde.CleMoulin)
	d := c.o.question(y, k)
	v := c.vendre(p, d, visiodroits.Fournis)
	kid := v.Accreditation.Kid()
	config := []string{"--config", filepath.Join(q.repertoire(monde.CleMoulin), "ecluse.toml")}
	dire := func(args ...string) (string, error) {
		return lancer(append(append([]string{"droits"}, args...), config...)...)
	}
	if vu, err := dire("compromettre", "--cle", kid[:12], "--depuis", (q.jour() + 1).String()); err == nil {
		t.Errorf("depuis demain : %s", vu)
	}
	fichier := filepath.Join(q.repertoire(monde.CleMoulin), "donnees", "accreditation-"+v.Accreditation.Accreditation().AMC.String()+".cle")
	pret := func() (int, string) {
		return q.dit(t, monde.CleMoulin, "/pret")
	}
	if etat, corps := pret(); etat != 200 || corps != "prêt\n" {
		t.Errorf("%d %s", etat, corps)
	}
	if vu, err := dire("compromettre", "--cle", kid[:12]); err != nil || !strings.Contains(vu, "est dite compromise") || !strings.Contains(vu, fichier) {
		t.Fatalf("%v\n%s", err, vu)
	}
	if vu, err := dire("cles"); err != nil || strings.Count(vu, "compromise depuis le") != 1 {
		t.Errorf("%v\n%s", err, vu)
	}
	moulin := q.parties[monde.CleMoulin]
	for _, e := range moulin.Emetteurs {
		moulin.PublierListes(ctx, e)
		var refus *accreditation.CleFinie
		if k := e.Cle(kid); k.Kid == kid && (!errors.As(k.Signe(q.heure()), &refus) || refus.Compromise.IsZero()) {
			t.Error("elle signe encore")
		}
	}
	// What else the node serves is still to be sent to it: it says what pharmacies lack.
	if etat, corps := pret(); etat != 200 || !strings.Contains(corps, accreditation.CodeCleCompromise) || !strings.Contains(corps, kid) || !strings.Contains(corps, fichier) {
		t.Errorf("%d %s", etat, corps)
	}

	// The workstation reads keys again within the hour; then nothing is held of this person.
	c.mu.Lock()
	c.avance = 61 * time.Minute
	c.mu.Unlock()
	if _, err := p.Actualiser(ctx); err != nil {
		t.Fatal(err)
	}
	if r, err := p.Droits(ctx, d.Patient, d.Carte, 0); err != nil || !r.Code.Degrade() || r.TiersPayant || !r.Accreditation.IsZero() {
		t.Errorf("sans réponse, sur une clé compromise : %+v, %v", r, err)
	}

	x.remettre("donnée avant, facturée de bonne foi", x.facturer("K1", d, v), droits.FactureAcceptee, visiodroits.Fournis)
	faux := x.facturer("K2", d, v)
	n, err := droits.TirerNumeroAccreditation(v.Accreditation.Accreditation().AMC, droits.Normale, nil)
	if err != nil {
		t.Fatal(err)
	}
	faux.NumeroAccreditation = n.String()
	x.remettre("forgée sous la clé volée", faux, droits.FactureRefusee, visiodroits.AccreditationInconnue)

	q.eteindre(monde.CleMoulin)
	l, err := filepath.Glob(filepath.Join(q.repertoire(monde.CleMoulin), "donnees", "accreditation-*.cle"))
	if err != nil || len(l) != 1 {
		t.Fatalf("%v, %v", l, err)
	}
	if err := os.Rename(l[0], filepath.Join(t.TempDir(), "volee.cle")); err != nil {
		t.Fatal(err)
	}
	q.rallumer(monde.CleMoulin)
	c.mu.Lock()
	c.avance = 0
	c.mu.Unlock()
	if etat, corps := pret(); etat != 200 || corps != "prêt\n" {
		t.Errorf("avec une clé neuve : %d %s", etat, corps)
	}
	neuve := c.vendre(p, d, visiodroits.Fournis)
	if neuve.Accreditation.Kid() == kid || !neuve.TiersPayant {
		t.Errorf("%+v", neuve)
	}
	x.remettre("sous la clé neuve", x.facturer("K3", d, neuve), droits.FactureAcceptee, visiodroits.Fournis)
}
