package front_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/internal/relais/courrier"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Whatever a server does of a message, the courier says which it was.
func TestLien(t *testing.T) {
	x := nouveauBanc(t, sceau.REST, relais.Reglages{})
	c := &courrier.Courrier{Limite: 1000, Transport: func() *roc.Transport {
		return roc.NewTransport(func() *tls.Certificate { return x.relais.Auth }, x.Magasin, x.Horloge)
	}}
	json := func(statut int, corps string, entetes ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for i := 0; i < len(entetes); i += 2 {
				w.Header().Set(entetes[i], entetes[i+1])
			}
			w.WriteHeader(statut)
			io.WriteString(w, corps)
		}
	}
	var gerer atomic.Pointer[http.HandlerFunc]
	adresse, epingle := x.faux(t, structureAMC, func(w http.ResponseWriter, r *http.Request) { (*gerer.Load())(w, r) })
	ferme, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ferme.Close()
	for _, cas := range []struct {
		nom     string
		gerer   http.HandlerFunc
		adresse string
		epingle string
		want    error
		rendu   relais.Arrivee
	}{
		{"réponse", json(200, "{}", "Ecluse-Feuille", "ab+/-_9=", "Retry-After", "12"), adresse, epingle, nil, relais.Arrivee{Octets: []byte("{}"), Feuille: "ab+/-_9=", Attente: 12}},
		{"refus scellé", json(503, "{}"), adresse + "/", epingle, nil, relais.Arrivee{Octets: []byte("{}")}},
		{"feuille qui n'en est pas une", json(200, "{}", "Ecluse-Feuille", "<script>", "Retry-After", "demain"), adresse, epingle, nil, relais.Arrivee{Octets: []byte("{}")}},
		{"attente d'un siècle", json(200, "{}", "Ecluse-Feuille", strings.Repeat("a", 101), "Retry-After", "3000000000"), adresse, "", nil, relais.Arrivee{Octets: []byte("{}"), Attente: 86400}},
		{"trop long", json(200, strings.Repeat("a", 1001)), adresse, epingle, relais.ErrSansMessage, relais.Arrivee{}},
		{"texte", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "non", 500) }, adresse, epingle, relais.ErrSansMessage, relais.Arrivee{}},
		{"message trop grand", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "non", http.StatusRequestEntityTooLarge) }, adresse, epingle, relais.ErrTropGrand, relais.Arrivee{}},
		{"émetteur écarté", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "non", http.StatusTooManyRequests) }, adresse, epingle, relais.ErrSature, relais.Arrivee{}},
		{"quota scellé", json(429, "{}"), adresse, epingle, nil, relais.Arrivee{Octets: []byte("{}")}},
		{"connexion coupée", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, adresse, epingle, relais.ErrInjoignable, relais.Arrivee{}},
		{"réponse coupée", func(w http.ResponseWriter, _ *http.Request) {
			json(200, "{")(w, nil)
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, adresse, epingle, relais.ErrInjoignable, relais.Arrivee{}},
		{"silence", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, adresse, epingle, relais.ErrDelai, relais.Arrivee{}},
		{"goutte à goutte", func(w http.ResponseWriter, r *http.Request) {
			json(200, "{")(w, r)
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // whoever returns here ends his answer as if it were whole
		}, adresse, epingle, relais.ErrDelai, relais.Arrivee{}},
		{"autre certificat", json(200, "{}"), adresse, strings.Repeat("ab", 32), relais.ErrCertificat, relais.Arrivee{}},
		{"personne", nil, "https://" + ferme.Addr().String(), "", relais.ErrInjoignable, relais.Arrivee{}},
		{"http", nil, "http://127.0.0.1", "", relais.ErrInjoignable, relais.Arrivee{}},
		{"adresse illisible", nil, "https://[", "", relais.ErrInjoignable, relais.Arrivee{}},
	} {
		t.Run(cas.nom, func(t *testing.T) {
			gerer.Store(&cas.gerer)
			var epingles []string
			if cas.epingle != "" {
				epingles = []string{cas.epingle}
			}
			l := c.Ouvrir(cas.adresse, epingles)
			defer l.Fermer()
			ctx, fin := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer fin()
			a, err := l.Poster(ctx, &relais.Envoi{Norme: roc.ROC, Face: sceau.REST, Service: roc.DEL, Octets: []byte("{}")})
			switch {
			case !errors.Is(err, cas.want):
				t.Fatalf("got %v, want %v", err, cas.want)
			case err == nil && (string(a.Octets) != string(cas.rendu.Octets) || a.Feuille != cas.rendu.Feuille || a.Attente != cas.rendu.Attente):
				t.Errorf("got %+v, want %+v", a, cas.rendu)
			}
		})
	}
}

// Neither askers that give up, nor a server that says « trop » without a sealed message, make
// the relay open another connection: a handshake for each message is what a server that is
// late can least afford.
func TestConnexionGardee(t *testing.T) {
	for nom, c := range map[string]struct {
		abandon bool
		statut  int
	}{"demandeurs partis": {true, 200}, "trop de messages": {false, http.StatusTooManyRequests}, "trop grand": {false, http.StatusRequestEntityTooLarge},
		"réponse sans sceau": {false, http.StatusServiceUnavailable}} {
		t.Run(nom, func(t *testing.T) {
			x := nouveauBanc(t, sceau.REST, relais.Reglages{Places: 1, Attente: 5 * time.Second, Echecs: 1000})
			x.clair = true
			x.client.Delais.Essais = 1
			entre, parti := make(chan struct{}), make(chan struct{})
			var messages atomic.Int64
			var mu sync.Mutex
			connexions := map[string]bool{}
			adresse, epingle := x.faux(t, structureAMC, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				connexions[r.RemoteAddr] = true
				mu.Unlock()
				messages.Add(1)
				if c.abandon {
					entre <- struct{}{}
					<-parti
				}
				http.Error(w, "non", c.statut)
			})
			if err := x.relais.r.Router([]relais.Route{{Destinataire: mutuelle.ID, Adresse: adresse, Empreintes: []string{epingle}, Structures: []string{structureAMC}}}); err != nil {
				t.Fatal(err)
			}
			const n = 8
			for range n {
				ctx, partir := context.WithCancel(context.Background())
				if c.abandon {
					go func() {
						<-entre
						partir()
					}()
				}
				if _, err := x.client.DEL(ctx, dossier, routage(), &roc.DemandeDEL{IDSimulation: "SIMULATION-01", Motif: roc.Doublon}); err == nil {
					t.Error("réponse sans sceau acceptée")
				}
				partir()
				if c.abandon {
					parti <- struct{}{}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if messages.Load() != n || len(connexions) != 1 {
				t.Errorf("%d connexions pour %d messages, une attendue pour %d", len(connexions), messages.Load(), n)
			}
		})
	}
}
