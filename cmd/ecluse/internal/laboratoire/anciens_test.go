package laboratoire

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// An insurer that moves to the number of an operator, then back, goes on publishing what is
// revoked of the accreditations that it gave under the other, until nobody bills on them.
func TestAncienEmetteur(t *testing.T) {
	q, ctx := nouveauQuartier(t), context.Background()
	const autre = "99009777"
	propre := q.Monde.Assureur(monde.CleMoulin).Numero.String()
	o := &officine{t, q.Scene}
	y, k := o.assure(monde.CleMoulin)
	donnee := func() droits.NumeroAccreditation {
		t.Helper()
		r, err := o.demander(o.client(sceau.REST, ""), monde.CleMoulin, o.question(y, k))
		if err != nil || r.Corps.CodeRetour != visiodroits.Fournis {
			t.Fatalf("%+v, %v", corps(r), err)
		}
		signe, err := jades.LireNomme(r.Corps.Accreditation, 8<<10)
		if err != nil {
			t.Fatal(err)
		}
		var a struct{ Numero droits.NumeroAccreditation }
		if err := json.Unmarshal(signe.Contenu, &a); err != nil {
			t.Fatal(err)
		}
		return a.Numero
	}
	emetteur := func(numero string) *serveur.EmetteurDroits {
		for _, e := range q.parties[monde.CleMoulin].Emetteurs {
			if e.Numero.String() == numero && e.Editeur != nil {
				return e
			}
		}
		return nil
	}
	revoquer := func(n droits.NumeroAccreditation, numero string) {
		t.Helper()
		vu, err := lancer("droits", "revoquer", "--motif", "ERREUR", "--numero", n.String(), "--config", filepath.Join(q.repertoire(monde.CleMoulin), "ecluse.toml"))
		if err != nil {
			t.Fatalf("%s, %v", vu, err)
		}
		e := emetteur(numero)
		if e == nil {
			t.Fatalf("plus rien ne paraît sous %s", numero)
		}
		if fait, err := e.Editeur.Publier(ctx, true); err != nil || !fait {
			t.Fatal(fait, err)
		}
		octets, _, err := e.Parutions.Derniere(ctx)
		if err != nil {
			t.Fatal(err)
		}
		l, err := droits.LireLAR(bytes.NewReader(octets), droits.OptionsLAR{Cles: e.Cles()(), Emetteur: e.Numero, Maintenant: q.heure()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := l.Revoquee(n, q.jour()+10); err != nil || m != droits.Erreur {
			t.Errorf("sous %s : %q, %v", numero, m, err)
		}
		if err := q.attendreLAR(ctx, monde.CleMoulin, numero, l.Entete().Numero); err != nil {
			t.Error(err)
		}
	}
	premiere := donnee()
	q.changer(monde.CleMoulin, func(c *config.Config) { c.AMC[0].Droits.Emetteur = autre })
	revoquer(premiere, propre)
	// The former number gives nothing more: its key ends soon, and is still in sight.
	cles := func() map[string][]string {
		t.Helper()
		vu, err := lancer("droits", "cles", "--config", filepath.Join(q.repertoire(monde.CleMoulin), "ecluse.toml"))
		if err != nil {
			t.Fatalf("%s, %v", vu, err)
		}
		par := map[string][]string{}
		for _, l := range strings.Split(vu, "\n") {
			if x := strings.Fields(l); len(x) > 5 && x[1] == string(droits.PourAccreditation) {
				par[x[0]] = x
			}
		}
		return par
	}
	fin := func(l []string) sante.Jour {
		t.Helper()
		if len(l) < 5 {
			t.Fatalf("clé absente : %v", cles())
		}
		d, err := time.Parse("02/01/2006", l[4])
		if err != nil {
			t.Fatal(err)
		}
		return sante.JourA(d, time.UTC)
	}
	if f := fin(cles()[propre]); f > q.jour()+1 {
		t.Errorf("l'ancienne clé signe jusqu'au %s", f)
	}
	seconde := donnee()
	if seconde.Emetteur().String() != autre {
		t.Fatalf("%s", seconde)
	}
	q.changer(monde.CleMoulin, func(c *config.Config) { c.AMC[0].Droits.Emetteur = "" })
	revoquer(seconde, autre)
	troisieme := donnee()
	if l := cles(); fin(l[propre]) < q.jour()+700 || fin(l[autre]) > q.jour()+1 {
		t.Errorf("revenue : %v", l)
	}
	ancienne := cles()[autre][2]
	if vu, err := lancer("droits", "compromettre", "--cle", ancienne, "--config", filepath.Join(q.repertoire(monde.CleMoulin), "ecluse.toml")); err != nil || !strings.Contains(vu, "est dite compromise") {
		t.Errorf("ancienne clé : %v, %s", err, vu)
	}
	if l := cles()[autre]; !slices.Contains(l, "compromise") {
		t.Errorf("ancienne clé : %v", l)
	}
	revoquer(troisieme, propre)
	q.changer(monde.CleMoulin, func(c *config.Config) { ferme := false; c.AMC[0].Droits = config.Droits{Ouvre: &ferme} })
	for _, n := range []string{propre, autre} {
		if emetteur(n) == nil {
			t.Errorf("droits fermés : plus rien ne paraît sous %s", n)
		}
	}
}
