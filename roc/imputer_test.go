package roc_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/roc"
)

// ailleurs replaces the server of a guichet by one whose certificate begins and
// ends when it is said, and that checks its callers as it likes.
func (g *guichet) ailleurs(t *testing.T, debut time.Time, duree time.Duration, changer func(*tls.Config)) {
	t.Helper()
	e, err := g.IGC.Emettre(context.Background(), igc.Demande{Profil: igc.ProfilServSSL, Par: "essai", IP: []net.IP{net.IPv4(127, 0, 0, 1)},
		Debut: debut, Duree: duree, Sujet: igc.Sujet{Organisation: "SERVEUR D'ESSAI", Structure: structureMutuelle, CN: "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	c := &tls.Config{ClientAuth: tls.RequireAnyClientCert,
		Certificates: []tls.Certificate{{Certificate: [][]byte{e.Certificat.Raw, e.Chaine[0]}, PrivateKey: e.Cle}}}
	if changer != nil {
		changer(c)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(g.servir), ErrorLog: log.New(io.Discard, "", 0), TLSConfig: c}
	go s.ServeTLS(l, "", "")
	t.Cleanup(func() { s.Close() })
	d := sha256.Sum256(e.Certificat.Raw)
	g.adresse, g.epingle = "https://"+l.Addr().String(), hex.EncodeToString(d[:])
}

// A certificate that is refused names whose it is and who must act: the partner's
// is not the hospital's. ref: ROC §14.2
func TestQuiAgitSurUnCertificat(t *testing.T) {
	labo := nouveauGuichet(t)
	now := labo.Horloge()
	heure := time.Hour
	const mutuelle = "l'AMC 99000101 ou son opérateur"
	for nom, x := range map[string]struct {
		preparer    func(*testing.T, *guichet)
		qui, detail string
		faire       []string
	}{
		"serveur du partenaire expiré": {func(t *testing.T, g *guichet) { g.ailleurs(t, now.Add(-3*heure), heure, nil) },
			mutuelle, "le certificat du serveur de l'AMC 99000101 est refusé : certificat expiré depuis", []string{"Prévenir l'AMC 99000101", "celui de l'établissement n'est pas en cause", "l'horloge"}},
		"serveur du partenaire pas encore valable": {func(t *testing.T, g *guichet) { g.ailleurs(t, now.Add(3*heure), heure, nil) },
			mutuelle, "pas encore valide", []string{"Prévenir l'AMC 99000101", "l'horloge"}},
		"notre horloge en avance de dix ans": {func(t *testing.T, g *guichet) { g.decaler(t, 10*365*24*heure) },
			"l'exploitant d'Écluse dans l'établissement", "expiré", []string{"Régler l'horloge de ce serveur"}},
		"notre horloge en retard d'un an": {func(t *testing.T, g *guichet) { g.decaler(t, -365*24*heure) },
			"l'exploitant d'Écluse dans l'établissement", "pas encore valide", []string{"Régler l'horloge de ce serveur"}},
		"certificat d'un autre nom": {func(t *testing.T, g *guichet) {
			g.ailleurs(t, now.Add(-heure), 3*heure, nil)
			g.adresse = strings.Replace(g.adresse, "127.0.0.1", "localhost", 1)
		}, mutuelle, "n'est pas au nom de localhost", []string{"Prévenir l'AMC 99000101"}},
		"certificat que l'annuaire n'annonce pas": {func(t *testing.T, g *guichet) { g.epingle = strings.Repeat("0", 64) },
			mutuelle, "ne présente pas un certificat annoncé pour lui, par l'annuaire", []string{"Prévenir l'AMC 99000101"}},
		"notre certificat refusé par le serveur": {func(t *testing.T, g *guichet) {
			g.ailleurs(t, now.Add(-heure), 3*heure, func(c *tls.Config) {
				c.VerifyConnection = func(tls.ConnectionState) error { return errors.New("refusé") }
			})
		}, "l'établissement", "le serveur de l'AMC 99000101 refuse le certificat d'authentification de l'établissement", []string{"certificat d'authentification de l'établissement"}},
		"notre certificat refusé par un serveur TLS 1.2": {func(t *testing.T, g *guichet) {
			g.ailleurs(t, now.Add(-heure), 3*heure, func(c *tls.Config) {
				c.MaxVersion = tls.VersionTLS12
				c.VerifyConnection = func(tls.ConnectionState) error { return errors.New("refusé") }
			})
		}, "l'établissement", "refuse le certificat d'authentification", nil},
		"réponse scellée par un autre": {func(t *testing.T, g *guichet) {
			g.sur(func(_ int, q recu) reponse { return g.bonne(q, g.tiers.Cachet, nil) })
		}, mutuelle, "", []string{"prévenir l'AMC 99000101"}},
		"cachet de la réponse révoqué": {func(t *testing.T, g *guichet) {
			g.sur(func(_ int, q recu) reponse { g.revoquer(g.relais.CachetF); return g.bonne(q, g.relais.Cachet, nil) })
		}, mutuelle, "le certificat de cachet de l'AMC 99000101, sur la réponse, est refusé", []string{"Le certificat de l'établissement n'est pas en cause"}},
	} {
		t.Run(nom, func(t *testing.T) {
			g := labo.autre(t)
			g.sur(func(_ int, q recu) reponse { return g.bonne(q, g.mutuelle.Cachet, nil) })
			x.preparer(t, g)
			var r *roc.Refus
			var err error
			// In TLS 1.3 a server that refuses the client closes while the question leaves:
			// its alert may be lost to the broken connection, and nobody can be blamed.
			for range 10 {
				if _, err = g.demander(context.Background()); errors.As(err, &r) {
					break
				}
			}
			if r == nil {
				t.Fatalf("%v : un refus attendu", err)
			}
			if r.Qui != x.qui || !strings.Contains(r.Detail, x.detail) || strings.Contains(r.Detail, "roc:") || r.Distant {
				t.Errorf("qui agit : %q, want %q\ndétail : %s", r.Qui, x.qui, r.Detail)
			}
			for _, f := range x.faire {
				if !strings.Contains(r.AFaire, f) {
					t.Errorf("à faire : %q, sans %q", r.AFaire, f)
				}
			}
		})
	}
}

// decaler gives the client another clock than the laboratory's.
func (g *guichet) decaler(t *testing.T, d time.Duration) {
	t.Helper()
	h := func() time.Time { return g.Horloge().Add(d) }
	g.client.Horloge = h
	g.client.Transport = roc.NewTransport(func() *tls.Certificate { return g.hopital.Auth }, g.Magasin, h)
}
