//go:build linux

package epreuves

import (
	"context"
	"fmt"
	"net/http/httptrace"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
)

// revoquer revokes the certificate that a key of a party goes with, by command
// beside the running authority.
func (l *labo) revoquer(p *partie, c config.Cle) {
	l.t.Helper()
	f := lirePaire(l.t, p, c).Leaf
	l.ecluse("igc", "revoquer", "--config", filepath.Join(l.dir, "igc", "ecluse.toml"), "--autorite", "ACI-EL-ORG",
		"--serie", fmt.Sprintf("%x", f.SerialNumber), "--raison", "1")
}

// TestRevocationEnPleineConnexion revokes a certificate of a hospital while its
// connection lives: once the list is read, the next message on that same
// connection gets S503. ref: DEC 15
func TestRevocationEnPleineConnexion(t *testing.T) {
	for nom, cle := range map[string]func(*config.Identite) config.Cle{
		"authentification": func(i *config.Identite) config.Cle { return i.Authentification },
		"cachet":           func(i *config.Identite) config.Cle { return i.Cachet },
	} {
		t.Run(nom, func(t *testing.T) {
			l := fonder(t, bdd.SQLite)
			l.partie(monde.CleMoulin).config("confiance", "actualiser", `"1s"`)
			l.lancer("igc", monde.CleMoulin)
			amc, es := l.partie(monde.CleMoulin), l.partie(monde.CleHopital)
			d := l.demandeur(monde.CleHopital, amc, l.monde.Assureur(monde.CleMoulin))
			autre := l.demandeur(monde.CleNonLucratif, amc, l.monde.Assureur(monde.CleMoulin))
			var neuves atomic.Int64
			ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
				if !i.Reused {
					neuves.Add(1)
				}
			}})
			if err := d.etat(ctx); err != nil {
				t.Fatal(err)
			}
			l.revoquer(es, cle(&es.f.Etablissements[0].Identite))
			var err error
			jusqua(ctx, 15*time.Second, func() bool { err = d.etat(ctx); return err != nil })
			if codeDe(err) != roc.CertificatRefuse {
				t.Fatalf("après la révocation : %v, %s attendu", err, roc.CertificatRefuse)
			}
			if n := neuves.Load(); n != 1 {
				t.Errorf("%d connexions : le refus devait venir sur la première", n)
			}
			if err := autre.etat(context.Background()); err != nil {
				t.Errorf("un autre établissement : %v", err)
			}
		})
	}
}
