//go:build linux

package epreuves

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// jumeler copies a party as a second node: the same keys and the same database on
// "another machine", at addresses of its own.
func (l *labo) jumeler(cle string) *partie {
	l.t.Helper()
	nom := cle + "-2"
	if err := os.CopyFS(filepath.Join(l.dir, nom), os.DirFS(filepath.Join(l.dir, cle))); err != nil {
		l.t.Fatal(err)
	}
	if err := fermerAuxAutres(filepath.Join(l.dir, nom)); err != nil { // CopyFS opens modes to the group
		l.t.Fatal(err)
	}
	p := l.partie(nom)
	b, err := os.ReadFile(filepath.Join(p.dir, "ecluse.toml"))
	if err != nil {
		l.t.Fatal(err)
	}
	adresses := []string{p.f.Ecoute.Adresse, p.f.Surveillance.Adresse}
	if o := p.f.Ecoute.Ouverte; o != "" {
		adresses = append(adresses, o)
	}
	for _, e := range p.f.Etablissements {
		adresses = append(adresses, e.API.Adresse)
	}
	for _, adresse := range adresses {
		b = bytes.ReplaceAll(b, []byte(`"`+adresse+`"`), []byte(`"`+l.portLibre()+`"`))
	}
	if err := os.WriteFile(filepath.Join(p.dir, "ecluse.toml"), b, 0o600); err != nil {
		l.t.Fatal(err)
	}
	p.relire()
	return p
}

// deuxNoeuds starts an insurer on two nodes of one PostgreSQL.
func deuxNoeuds(t *testing.T, regler func(p *partie)) (l *labo, a, b *partie) {
	t.Helper()
	exigerPG(t)
	l = fonder(t, bdd.PostgreSQL)
	a = l.partie(monde.CleMoulin)
	if regler != nil {
		regler(a)
	}
	b = l.jumeler(monde.CleMoulin)
	l.lancer("igc")
	a.lancer()
	b.recevoirCles(a)
	b.lancer()
	return l, a, b
}

// recevoirCles gives a second node the keys that the first made when it started.
func (p *partie) recevoirCles(premier *partie) {
	t := p.l.t
	t.Helper()
	if err := os.MkdirAll(filepath.Join(p.dir, "donnees"), 0o700); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, motif := range []string{"*.cle", "*.secret"} {
		l, err := filepath.Glob(filepath.Join(premier.dir, "donnees", motif))
		if err != nil {
			t.Fatal(err)
		}
		for _, chemin := range l {
			b, err := os.ReadFile(chemin)
			if err == nil {
				err = os.WriteFile(filepath.Join(p.dir, "donnees", filepath.Base(chemin)), b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	if n == 0 {
		t.Fatalf("%s n'a fait aucune clé", premier.nom)
	}
}

// ensemble runs two questions at once.
func ensemble(f, g func()) {
	var w sync.WaitGroup
	w.Go(f)
	w.Go(g)
	w.Wait()
}

// TestDeuxNoeudsUnMessage gives the same message to both nodes at once: one
// engagement, one result. ref: DEC 13
func TestDeuxNoeudsUnMessage(t *testing.T) {
	l, a, b := deuxNoeuds(t, nil)
	moulin := l.monde.Assureur(monde.CleMoulin)
	da, db := l.demandeur(monde.CleHopital, a, moulin), l.demandeur(monde.CleHopital, b, moulin)
	p := l.assures(monde.CleMoulin, "MB-TRANQUILLE")
	ctx := context.Background()
	numeros := map[string]bool{}
	for i := range selon(25, 400) {
		dossier, q := l.idb(p[i%len(p)], monde.CleHopital, i)
		r, err := da.IDB(ctx, dossier, q)
		if err != nil {
			t.Fatal(err)
		}
		_, c := l.clc(t, p[i%len(p)], monde.CleHopital, i, r.Corps)
		id := roc.Suivi{IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID()}
		var x, y *roc.Rendu[roc.ReponseCalcul]
		var ex, ey error
		demander := func(d *demandeur) (*roc.Rendu[roc.ReponseCalcul], error) {
			return roc.Reprendre[roc.DemandeCalcul, roc.ReponseCalcul](ctx, d.Client, roc.EchangeCLC, c.Entete.Routage(), dossier, c, id)
		}
		ensemble(func() { x, ex = demander(da) }, func() { y, ey = demander(db) })
		if ex != nil || ey != nil {
			t.Fatalf("%v ; %v", ex, ey)
		}
		n, m := x.Corps.NumeroEngagement.String(), y.Corps.NumeroEngagement.String()
		if n != m || n == "" || x.Corps.CodeRetour != y.Corps.CodeRetour || numeros[n] {
			t.Fatalf("%s %q d'un côté, %s %q de l'autre", x.Corps.CodeRetour, n, y.Corps.CodeRetour, m)
		}
		numeros[n] = true
	}
	livres := a.engagements(tenantMoulin)
	for dossier, l := range livres {
		if len(l) != 1 {
			t.Errorf("%s : %d engagements", dossier, len(l))
		}
	}
	a.comparerCompteurs(t, tenantMoulin, livres)
	a.journal(tenantMoulin)
}

// TestDeuxNoeudsUnDossier asks two calculations of one dossier at once, one on
// each node: one engages, the other is given its number with C310. ref: DEC 21
func TestDeuxNoeudsUnDossier(t *testing.T) {
	l, a, b := deuxNoeuds(t, nil)
	moulin := l.monde.Assureur(monde.CleMoulin)
	da, db := l.demandeur(monde.CleHopital, a, moulin), l.demandeur(monde.CleHopital, b, moulin)
	p := l.assures(monde.CleMoulin, "MB-TRANQUILLE")
	ctx := context.Background()
	for i := range selon(25, 400) {
		dossier, q := l.idb(p[i%len(p)], monde.CleHopital, i)
		r, err := db.IDB(ctx, dossier, q)
		if err != nil {
			t.Fatal(err)
		}
		_, c := l.clc(t, p[i%len(p)], monde.CleHopital, i, r.Corps)
		var x, y *roc.Rendu[roc.ReponseCalcul]
		var ex, ey error
		ensemble(func() { x, ex = da.CLC(ctx, dossier, c) }, func() { y, ey = db.CLC(ctx, dossier, c) })
		if ex != nil || ey != nil {
			t.Fatalf("%v ; %v", ex, ey)
		}
		refus := 0
		for _, k := range []*roc.ReponseCalcul{x.Corps, y.Corps} {
			if k.CodeRetour == roc.EngagementExistant {
				refus++
			} else if !k.CodeRetour.Accord() {
				t.Errorf("%s : %s", dossier, k.CodeRetour)
			}
		}
		if refus != 1 || x.Corps.NumeroEngagement != y.Corps.NumeroEngagement {
			t.Errorf("%s : %s %s et %s %s", dossier, x.Corps.CodeRetour, x.Corps.NumeroEngagement, y.Corps.CodeRetour, y.Corps.NumeroEngagement)
		}
	}
	livres := a.engagements(tenantMoulin)
	for dossier, l := range livres {
		if len(l) != 1 {
			t.Errorf("%s : %d engagements", dossier, len(l))
		}
	}
	a.comparerCompteurs(t, tenantMoulin, livres)
	a.journal(tenantMoulin)
}

// TestDeuxNoeudsUnMort kills each node in turn: the other ranks and signs the
// leaves of both within seconds, and the journal holds together. ref: DEC 17
func TestDeuxNoeudsUnMort(t *testing.T) {
	l, a, b := deuxNoeuds(t, nil)
	moulin := l.monde.Assureur(monde.CleMoulin)
	ctx := context.Background()
	for range selon(2, 10) {
		for _, paire := range [][2]*partie{{a, b}, {b, a}} {
			mort, vif := paire[0], paire[1]
			dm, dv := l.demandeur(monde.CleHopital, mort, moulin), l.demandeur(monde.CleHopital, vif, moulin)
			for range 5 {
				if err := dm.etat(ctx); err != nil {
					t.Fatal(err)
				}
			}
			mort.tuer() // often before its leaves are ranked
			debut := time.Now()
			if err := dv.etat(ctx); err != nil {
				t.Fatal(err)
			}
			if !jusqua(ctx, 10*time.Second, func() bool {
				return vif.compter(`SELECT COUNT(*) FROM journal_trace WHERE rang IS NULL`) == 0
			}) {
				t.Fatalf("%s mort, %s ne reprend pas le journal", mort.nom, vif.nom)
			}
			t.Logf("%s mort : journal repris en %s", mort.nom, time.Since(debut).Round(time.Millisecond))
			mort.lancer()
		}
	}
	a.journal(tenantMoulin)
	b.journal(tenantMoulin)
}

// TestDeuxNoeudsQuotas shares what a sealer spends between the nodes. ref: DEC 23
func TestDeuxNoeudsQuotas(t *testing.T) {
	const limite = 100
	l, a, b := deuxNoeuds(t, func(p *partie) { p.config("vigie", "par-minute", fmt.Sprint(limite)) })
	moulin := l.monde.Assureur(monde.CleMoulin)
	da, db := l.demandeur(monde.CleHopital, a, moulin), l.demandeur(monde.CleHopital, b, moulin)
	p := l.assures(monde.CleMoulin, "MB-TRANQUILLE")[0]
	ctx := context.Background()
	// Half of the guesses on each node: neither alone has enough to stop him.
	for i := range 60 {
		dossier, q := l.idb(p, monde.CleHopital, i)
		n, err := sante.ParseNumeroAdherent(fmt.Sprintf("MB%07d", 9_000_000+i))
		if err != nil {
			t.Fatal(err)
		}
		q.Beneficiaire.NumeroAdherent, q.Beneficiaire.NIRBeneficiaire, q.Beneficiaire.NIRAssure = n, sante.NIR{}, sante.NIR{}
		d := []*demandeur{da, db}[i%2]
		if _, err := d.IDB(ctx, dossier, q); err != nil && codeDe(err) != roc.Quota {
			t.Fatal(err)
		}
	}
	for nom, d := range map[string]*demandeur{"premier": da, "second": db} {
		if !jusqua(ctx, 5*time.Second, func() bool { return codeDe(d.etat(ctx)) == roc.Quota }) {
			t.Errorf("%s nœud : l'émetteur qui devine est encore servi", nom)
		}
	}
	ea, eb := l.demandeur(monde.CleNonLucratif, a, moulin), l.demandeur(monde.CleNonLucratif, b, moulin)
	attendreMinute()
	servies := 0
	for i := range 3 * limite {
		if [](*demandeur){ea, eb}[i%2].etat(ctx) == nil {
			servies++
		}
		if i%20 == 19 {
			time.Sleep(150 * time.Millisecond) // nodes share about once a second
		}
	}
	t.Logf("%d questions servies par deux nœuds, pour une limite de %d", servies, limite)
	// ref: vigie.Parametres.Pas, 20 a node, and what a second lets through
	if servies < limite || servies > limite+2*20+40 {
		t.Errorf("%d questions servies, %d environ attendues", servies, limite)
	}
}

// attendreMinute waits for a minute that begins: quotas count by the minute.
func attendreMinute() {
	if s := time.Now().Second(); s > 40 {
		time.Sleep(time.Duration(61-s) * time.Second)
	}
}

// TestDeuxNoeudsSuspension suspends a partner by command: both nodes refuse it
// within two seconds, and serve it again once it is taken back.
func TestDeuxNoeudsSuspension(t *testing.T) {
	l, a, b := deuxNoeuds(t, nil)
	moulin := l.monde.Assureur(monde.CleMoulin)
	ctx := context.Background()
	e := l.monde.Etablissement(monde.CleHopital)
	commande := func(verbe string) {
		l.ecluse("partenaire", verbe, "--config", filepath.Join(a.dir, "ecluse.toml"), "--structure", e.IDNat, "--role", "ETABLISSEMENT",
			"--identifiant", e.Identifiant)
	}
	ds := []*demandeur{l.demandeur(monde.CleHopital, a, moulin), l.demandeur(monde.CleHopital, b, moulin)}
	attendre := func(code roc.Code) {
		debut := time.Now()
		for _, d := range ds {
			var err error
			if !jusqua(ctx, 2*time.Second, func() bool { err = d.etat(ctx); return codeDe(err) == code }) {
				t.Errorf("après %s : %v, %s attendu", time.Since(debut), err, code)
			}
		}
		t.Logf("%s sur les deux nœuds en %s", code, time.Since(debut).Round(time.Millisecond))
	}
	attendre(roc.Accepte)
	commande("suspendre")
	attendre(roc.HorsCercle)
	commande("reprendre")
	attendre(roc.Accepte)
}
