//go:build linux

package epreuves

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
)

// TestSauvegardeEnService backs the insurer up while it engages itself, loses its
// machine, and restores an empty base of either engine: what had been answered
// before the backup is there, it serves again, and since it is behind what it had
// published its journal goes on in a new log linked to the old. ref: DEC 17, 18
func TestSauvegardeEnService(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		l := fonder(t, bdd.SQLite)
		amc := l.partie(monde.CleMoulin)
		if m == bdd.PostgreSQL {
			exigerPG(t)
		}
		l.lancer("igc", monde.CleMoulin)
		conf := filepath.Join(amc.dir, "ecluse.toml")
		o := l.engager(amc)
		time.Sleep(time.Second)
		avant := o.releve()
		sauvegarde, cles := filepath.Join(l.dir, "base.sauvegarde"), filepath.Join(l.dir, "cles.sauvegarde")
		l.ecluse("sauvegarde", "--config", conf, sauvegarde)
		l.ecluse("journal", "cles", "--config", conf, cles)
		time.Sleep(time.Second)
		o.cesser()
		amc.attendreJournal()
		apres := o.releve()
		amc.tuer()
		if len(avant) < 5 || len(apres) <= len(avant) {
			t.Fatalf("%d engagements avant, %d après : trop peu pour prouver", len(avant), len(apres))
		}

		// The base is lost; keys and witness are of the machine's other disk, and those of
		// rights were copied to the safe.
		coffre := &partie{l: l, nom: "coffre", dir: filepath.Join(l.dir, "coffre")}
		coffre.recevoirCles(amc)
		if err := os.RemoveAll(filepath.Join(amc.dir, "donnees")); err != nil {
			t.Fatal(err)
		}
		if m == bdd.PostgreSQL {
			amc.config("", "base", `"`+adressePG(t)+`"`)
		}
		l.ecluse("restaurer", "--config", conf, sauvegarde)
		l.ecluse("journal", "cles", "--config", conf, "--restaurer", cles)
		if _, err := commander("restaurer", "--config", conf, sauvegarde); err == nil {
			t.Error("une base qui n'est pas vide a été restaurée par-dessus")
		}
		amc.refuserDePartir("signe déjà par une autre clé, que ce nœud n'a pas") // rather than sign by keys that nobody knows
		amc.recevoirCles(coffre)
		amc.lancer()
		livres := amc.engagements(tenantMoulin)
		for dossier, numero := range avant {
			if a := actifs(livres[dossier]); len(a) != 1 || a[0].numero != numero.String() {
				t.Errorf("%s : engagement %s d'avant la sauvegarde, au livre %+v", dossier, numero, a)
			}
		}
		amc.comparerCompteurs(t, tenantMoulin, livres)
		d := l.demandeur(monde.CleHopital, amc, l.monde.Assureur(monde.CleMoulin))
		for dossier, numero := range avant {
			r, err := d.Engagement(context.Background(), dossier, d.routage(), &roc.DemandeEngagement{NumeroEngagement: numero})
			if err != nil || r.Corps.EtatEngagement != roc.EngagementEnCours {
				t.Errorf("%s : %v %+v", dossier, err, r)
			}
			break
		}
		amc.journal(tenantMoulin)
		if n := amc.compter(`SELECT MAX(generation) FROM journal_log WHERE tenant = $1`, tenantMoulin); n != 2 {
			t.Errorf("journal restauré : génération %d, un nouveau journal lié à l'ancien était attendu", n)
		}
		t.Logf("%d engagements avant la sauvegarde, %d à la perte, %d restaurés", len(avant), len(apres), len(livres))
	})
}

// engageur asks calculations without rest.
type engageur struct {
	mu     sync.Mutex
	recus  map[string]roc.NumeroEngagement
	fin    atomic.Bool
	groupe sync.WaitGroup
}

// engager starts four workers that obtain engagements from an insurer.
func (l *labo) engager(amc *partie) *engageur {
	l.t.Helper()
	o := &engageur{recus: map[string]roc.NumeroEngagement{}}
	d := l.demandeur(monde.CleHopital, amc, l.monde.Assureur(monde.CleMoulin))
	p := l.assures(monde.CleMoulin, "MB-TRANQUILLE")
	var n atomic.Int64
	for range 4 {
		o.groupe.Go(func() {
			for !o.fin.Load() {
				i := int(n.Add(1))
				dossier, numero, err := l.obtenir(d, p[i%len(p)], i)
				if err != nil {
					time.Sleep(20 * time.Millisecond)
					continue
				}
				o.mu.Lock()
				o.recus[dossier] = numero
				o.mu.Unlock()
			}
		})
	}
	l.t.Cleanup(o.cesser)
	return o
}

// obtenir asks rights then a calculation.
func (l *labo) obtenir(d *demandeur, p *monde.Patient, n int) (dossier string, numero roc.NumeroEngagement, err error) {
	ctx := context.Background()
	dossier, q := l.idb(p, monde.CleHopital, n)
	r, err := d.IDB(ctx, dossier, q)
	if err != nil {
		return dossier, numero, err
	}
	_, c := l.clc(l.t, p, monde.CleHopital, n, r.Corps)
	k, err := d.CLC(ctx, dossier, c)
	if err != nil {
		return dossier, numero, err
	}
	if !k.Corps.CodeRetour.Accord() {
		return dossier, numero, roc.Refuser(k.Corps.CodeRetour, "")
	}
	return dossier, k.Corps.NumeroEngagement, nil
}

func (o *engageur) releve() map[string]roc.NumeroEngagement {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.recus)
}

func (o *engageur) cesser() {
	o.fin.Store(true)
	o.groupe.Wait()
}
