package front_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
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

// A hospital that stops waiting says nothing against the server.
func TestAbandon(t *testing.T) {
	x := nouveauBanc(t, sceau.REST, relais.Reglages{})
	entre := make(chan struct{})
	adresse, _ := x.faux(t, structureAMC, func(_ http.ResponseWriter, r *http.Request) {
		close(entre)
		<-r.Context().Done()
	})
	c := &courrier.Courrier{Transport: func() *roc.Transport {
		return roc.NewTransport(func() *tls.Certificate { return x.relais.Auth }, x.Magasin, x.Horloge)
	}}
	ctx, annuler := context.WithCancel(context.Background())
	go func() {
		<-entre
		annuler()
	}()
	_, err := c.Ouvrir(adresse, nil).Poster(ctx, &relais.Envoi{Norme: roc.ROC, Face: sceau.SOAP, Service: roc.DEL, Octets: []byte("<a/>")})
	if !errors.Is(err, relais.ErrAbandon) {
		t.Errorf("got %v", err)
	}
}
