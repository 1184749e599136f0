package laboratoire

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// One operator holds the rights of an insurer and accredits for another that is silent: it
// publishes its keys and what it revokes once, under its own number, and the services of
// each insurer under that insurer's. A workstation that follows these lists believes both,
// and both end when the operator says so.
func TestOperateurDeDeuxAMC(t *testing.T) {
	q, ctx := nouveauQuartier(t), context.Background()
	c := nouveauComptoir(t, q.Scene)
	p := c.poste(nil)
	c.actualiser(p)
	demande := func(amc string) *droits.DemandeDroits {
		y, k := c.o.assure(amc)
		return c.o.question(y, k)
	}
	marees, moulin := demande(monde.CleMarees), demande(monde.CleMoulin)
	x := q.comptable(monde.CleMarees)
	q.eteindre(monde.CleMoulin)
	ventes := map[string]*droits.Vente{monde.CleMarees: c.vendre(p, marees, visiodroits.Fournis), monde.CleMoulin: c.vendre(p, moulin, visiodroits.Fournis)}
	kids := map[string]bool{}
	for amc, typ := range map[string]droits.TypeAccreditation{monde.CleMarees: droits.Normale, monde.CleMoulin: droits.Depannage} {
		a := ventes[amc].Accreditation
		if x := a.Accreditation(); x.Emetteur().String() != numeroOperateur || x.Type != typ || x.AMC != q.Monde.Assureur(amc).Numero {
			t.Errorf("%s : %+v", amc, x)
		}
		kids[a.Kid()] = true
	}
	if len(kids) != 1 {
		t.Errorf("un opérateur signe sous une clé : %v", kids)
	}
	operateur := q.parties[monde.CleOperateur]
	sous := map[string]*serveur.EmetteurDroits{}
	for _, e := range operateur.Emetteurs {
		sous[e.Numero.String()] = e
	}
	if len(sous) != 2 || len(operateur.Emetteurs) != 2 || sous[numeroOperateur] == nil || sous[q.Monde.Assureur(monde.CleMarees).Numero.String()].Editeur != nil {
		t.Fatalf("numéros sous lesquels l'opérateur publie : %v", sous)
	}
	for _, g := range []visiodroits.Genre{visiodroits.GenreServices, visiodroits.GenreEtat} {
		if _, err := operateur.Kiosque.Courante(ctx, g, visiodroits.Emetteur(q.Monde.Assureur(monde.CleMarees).Numero.String()), q.heure()); err != nil {
			t.Errorf("%s des Marées : %v", g, err)
		}
		if _, err := operateur.Kiosque.Courante(ctx, g, visiodroits.Emetteur(q.Monde.Assureur(monde.CleMoulin).Numero.String()), q.heure()); err == nil {
			t.Errorf("l'opérateur parle pour le Moulin dans sa liste %s", g)
		}
	}

	// It pays for the one of which it holds the rights, and for that one only.
	x.remettre("tenue par l'opérateur", x.facturer("H1", marees, ventes[monde.CleMarees]), droits.FactureAcceptee, visiodroits.Fournis)
	autre := x.facturer("H2", moulin, ventes[monde.CleMoulin])
	autre.NumeroAMC = x.amc.Numero
	x.remettre("de l'autre AMC, sous le même numéro", autre, droits.FactureRefusee, visiodroits.AccreditationInconnue)

	// What it revokes for either is in its one list.
	if _, err := p.Actualiser(ctx); err != nil { // the Moulin's own list is not there
		t.Fatal(err)
	}
	for amc, v := range ventes {
		if x, err := p.AvantFacture(v); err != nil || x.Motif != droits.NonRevoquee {
			t.Errorf("%s, avant : %s, %v", amc, x.Motif, err)
		}
		numero := q.Monde.Assureur(amc).Numero.String()
		vu, err := lancer("droits", "revoquer", "--motif", "ERREUR", "--numero", v.Accreditation.Accreditation().Numero.String(), "--amc", numero,
			"--config", filepath.Join(q.repertoire(monde.CleOperateur), "ecluse.toml"))
		if err != nil || !strings.Contains(vu, "1 accréditation révoquée") {
			t.Fatalf("%s : %s, %v", amc, vu, err)
		}
		if vu, err := lancer("droits", "voir", "--numero", v.Accreditation.Accreditation().Numero.String(), "--amc", q.Monde.Assureur(map[string]string{
			monde.CleMarees: monde.CleMoulin, monde.CleMoulin: monde.CleMarees}[amc]).Numero.String(),
			"--config", filepath.Join(q.repertoire(monde.CleOperateur), "ecluse.toml")); err == nil {
			t.Errorf("l'accréditation de l'une se voit chez l'autre : %s", vu)
		}
	}
	if fait, err := sous[numeroOperateur].Editeur.Publier(ctx, true); err != nil || !fait {
		t.Fatal(fait, err)
	}
	if err := q.attendreLAR(ctx, monde.CleOperateur, numeroOperateur, 2); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	c.avance = 61 * time.Minute
	c.mu.Unlock()
	lectures, err := p.Actualiser(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lectures {
		if l.Genre == "LAR" && l.Emetteur == numeroOperateur && !l.Change {
			t.Errorf("%+v", l)
		}
	}
	for amc, v := range ventes {
		x := v.Accreditation.Accreditation()
		if m, err := p.LAR(x.Emetteur()).Revoquee(x.Numero, v.DateReference+2); err != nil || m != droits.Erreur {
			t.Errorf("%s révoquée : %q, %v", amc, m, err)
		}
		apres := *v
		apres.DateReference += 2
		if d, err := p.AvantFacture(&apres); err != nil || d.Permis || amc == monde.CleMarees && d.Motif != droits.Revoquee {
			t.Errorf("%s révoquée : %s, %v", amc, d.Motif, err)
		}
	}
}
