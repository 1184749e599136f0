//go:build linux

package epreuves

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/monde"
)

// TestArretEnDouceur stops the insurer by SIGTERM in the middle of calculations:
// no message that was taken goes without its answer, the process ends by itself
// in time, and once it runs again the books hold what was answered, and only that.
func TestArretEnDouceur(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		l := fonder(t, m)
		l.lancer("igc", monde.CleMoulin)
		amc := l.partie(monde.CleMoulin)
		d := l.demandeur(monde.CleHopital, amc, l.monde.Assureur(monde.CleMoulin))
		p := l.assures(monde.CleMoulin, "MB-TRANQUILLE")
		ctx := context.Background()
		var mu sync.Mutex
		recus, perdus := map[string]string{}, map[string]error{}
		var fin atomic.Bool
		var n atomic.Int64
		var ouvriers sync.WaitGroup
		for range 12 {
			ouvriers.Go(func() {
				for !fin.Load() {
					i := int(n.Add(1))
					dossier, q := l.idb(p[i%len(p)], monde.CleHopital, i)
					r, err := d.IDB(ctx, dossier, q)
					if err != nil {
						continue
					}
					dossier, c := l.clc(t, p[i%len(p)], monde.CleHopital, i, r.Corps)
					k, err := d.CLC(ctx, dossier, c)
					mu.Lock()
					if err != nil {
						perdus[dossier] = err
					} else if k.Corps.CodeRetour.Accord() {
						recus[dossier] = k.Corps.NumeroEngagement.String()
					}
					mu.Unlock()
				}
			})
		}
		time.Sleep(time.Duration(selon(1500, 6000)) * time.Millisecond)
		debut := time.Now()
		amc.arreter()
		duree := time.Since(debut)
		fin.Store(true)
		ouvriers.Wait()
		if duree > 20*time.Second {
			t.Errorf("arrêt en %s", duree)
		}
		amc.lancer()
		livres := amc.engagements(tenantMoulin)
		for dossier, numero := range recus {
			if a := actifs(livres[dossier]); len(a) != 1 || a[0].numero != numero {
				t.Errorf("%s : engagement %s reçu, au livre %+v", dossier, numero, a)
			}
		}
		for dossier := range livres {
			if recus[dossier] == "" {
				t.Errorf("%s : engagé, et sa réponse s'est perdue pendant l'arrêt (%v)", dossier, perdus[dossier])
			}
		}
		t.Logf("arrêt en %s ; %d engagements reçus, %d CLC non partis", duree.Round(time.Millisecond), len(recus), len(perdus))
		if len(recus) < 10 {
			t.Errorf("%d engagements : trop peu pour prouver", len(recus))
		}
		amc.comparerCompteurs(t, tenantMoulin, livres)
		amc.journal(tenantMoulin)
	})
}

// TestSante reads the endpoints of health: alive and ready while all is well, not
// ready without the revocation lists that judge partners, then silent.
func TestSante(t *testing.T) {
	l := fonder(t, bdd.SQLite)
	l.lancer("igc", monde.CleMoulin)
	amc := l.partie(monde.CleMoulin)
	base := "http://" + amc.f.Surveillance.Adresse
	for _, c := range []struct {
		chemin string
		code   int
	}{{"/vivant", http.StatusOK}, {"/pret", http.StatusOK}, {"/mesures", http.StatusOK}, {"/rien", http.StatusNotFound}} {
		if code, _, err := obtenir(base + c.chemin); err != nil || code != c.code {
			t.Errorf("%s : %d %v, %d attendu", c.chemin, code, err, c.code)
		}
	}
	// Nobody publishes any more, and a day and a half goes by: the lists are out
	// of date. ref: DEC 15
	l.partie("igc").tuer()
	l.regler(40 * time.Hour)
	var code int
	var corps string
	if !jusqua(context.Background(), 10*time.Second, func() bool {
		code, corps, _ = obtenir(base + "/pret")
		return code == http.StatusServiceUnavailable
	}) {
		t.Errorf("listes périmées : /pret répond %d %s", code, corps)
	}
	if code, _, err := obtenir(base + "/vivant"); err != nil || code != http.StatusOK {
		t.Errorf("/vivant : %d %v", code, err)
	}
	l.partie("igc").lancer() // it publishes again when it starts
	amc.arreter()
	if c, err := net.DialTimeout("tcp", amc.f.Surveillance.Adresse, time.Second); err == nil {
		c.Close()
		t.Error("arrêté, il écoute encore")
	}
	amc.lancer()
}
