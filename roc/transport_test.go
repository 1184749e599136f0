package roc_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
)

// The server that a client reaches must be the one that the name, the circle of
// authorities and the directory say.
func TestTransport(t *testing.T) {
	labo := nouveauGuichet(t)
	for nom, x := range map[string]struct {
		bon     bool
		adresse func(string) string
		avant   func(*guichet, string)
	}{
		"sans empreinte annoncée": {true, nil, func(g *guichet, hp string) { g.client.Transport.Epingler(hp, nil) }},
		"empreinte courante":      {true, nil, func(g *guichet, hp string) { g.client.Transport.Epingler(hp, []string{g.epingle}) }},
		"empreinte suivante aussi": {true, nil, func(g *guichet, hp string) {
			g.client.Transport.Epingler(hp, []string{strings.Repeat("0", 64), g.epingle})
		}},
		"autre empreinte": {false, nil, func(g *guichet, hp string) { g.client.Transport.Epingler(hp, []string{strings.Repeat("0", 64)}) }},
		"autre nom":       {false, func(a string) string { return strings.Replace(a, "127.0.0.1", "127.0.0.2", 1) }, nil},
		"serveur révoqué": {false, nil, func(g *guichet, _ string) { g.revoquer(g.serveur) }},
	} {
		t.Run(nom, func(t *testing.T) {
			t.Parallel()
			g := labo.autre(t)
			g.sur(func(int, recu) reponse { return reponse{code: 204} })
			u, err := url.Parse(g.adresse)
			if err != nil {
				t.Fatal(err)
			}
			if x.avant != nil {
				x.avant(g, u.Host)
			}
			adresse := g.adresse
			if x.adresse != nil {
				adresse = x.adresse(adresse)
			}
			if _, err := appeler(g, adresse); (err == nil) != x.bon {
				t.Errorf("%v", err)
			}
		})
	}
}

// A connection that is already open does not outlive what made it good: other
// fingerprints in the directory, or a revocation. ref: DEC 15
func TestTransportConnexionVivante(t *testing.T) {
	labo := nouveauGuichet(t)
	for nom, changer := range map[string]func(*guichet, string){
		"autre empreinte annoncée": func(g *guichet, hp string) { g.client.Transport.Epingler(hp, []string{strings.Repeat("0", 64)}) },
		"serveur révoqué":          func(g *guichet, _ string) { g.revoquer(g.serveur) },
	} {
		t.Run(nom, func(t *testing.T) {
			t.Parallel()
			g := labo.autre(t)
			g.sur(func(int, recu) reponse { return reponse{code: 204} })
			if _, err := appeler(g, g.adresse); err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(g.adresse)
			if err != nil {
				t.Fatal(err)
			}
			changer(g, u.Host)
			_, err = appeler(g, g.adresse)
			var c *certificat.Refus
			if codeDe(err) != roc.CertificatRefuse && !errors.As(err, &c) {
				t.Errorf("%v : refus du certificat attendu", err)
			}
			if n := len(g.questions()); n != 1 {
				t.Errorf("%d questions reçues : la seconde ne devait pas partir", n)
			}
		})
	}
}

func appeler(g *guichet, adresse string) (int, error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, adresse, strings.NewReader("{}"))
	if err != nil {
		return 0, err
	}
	rep, err := g.client.Transport.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	return rep.StatusCode, rep.Body.Close()
}

// A partner that says where it receives is sent nothing elsewhere: neither inside
// our own network, whatever its name resolves to, nor at the server of another.
func TestDestinationDite(t *testing.T) {
	labo := nouveauGuichet(t)
	for nom, x := range map[string]struct {
		serveurs  []string
		publiques bool
		sauf      []netip.Prefix
		bon       bool
	}{
		"son serveur":                  {serveurs: []string{structureTiers, structureMutuelle}, bon: true},
		"le serveur d'un autre":        {serveurs: []string{structureHopital}},
		"une adresse locale":           {serveurs: []string{structureMutuelle}, publiques: true},
		"une adresse locale, permise":  {publiques: true, sauf: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, bon: true},
		"un autre réseau privé permis": {publiques: true, sauf: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}},
	} {
		t.Run(nom, func(t *testing.T) {
			t.Parallel()
			g := labo.autre(t)
			g.sur(func(_ int, q recu) reponse { return g.bonne(q, g.mutuelle.Cachet, nil) })
			if x.publiques {
				g.client.Transport.AdressesPubliques(x.sauf...)
			}
			g.client.Relais, g.client.Delais.Essais = nil, 1
			// A name, which anyone may make resolve to anything.
			adresse := strings.Replace(g.adresse, "127.0.0.1", "localhost", 1)
			_, err := roc.Envoyer(context.Background(), g.client, roc.EchangeEtat, &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: "99000101"},
				Adresse: adresse, Structures: []string{structureMutuelle}, Serveurs: x.serveurs}, "V1", &roc.DemandeEtat{}, roc.Suivi{})
			if (err == nil) != x.bon {
				t.Errorf("%v", err)
			}
			if n := len(g.questions()); (n > 0) != x.bon {
				t.Errorf("%d questions reçues", n)
			}
		})
	}
}
