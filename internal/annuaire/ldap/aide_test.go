package ldap

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/go-ldap/ldap/v3"
)

// memoire is a directory of a few entries in memory, that looks at each of them: the
// door is tried with it, without an image.
type memoire struct {
	entrees []fausse
	liens   atomic.Int32
	lent    time.Duration // before each entry
	prises  atomic.Int32  // entries handed over
}

type fausse struct {
	rdn, parent string
	attrs       [][2]string
}

func (e *fausse) mettre(x *Entree) {
	for _, a := range e.attrs {
		x.Ajouter(parNom[minuscule(a[0])], a[1])
	}
	i := strings.IndexByte(e.rdn, '=')
	x.Nommer(parNom[minuscule(e.rdn[:i])], e.rdn[i+1:], e.parent)
}

var (
	nomBon    = "uid=operateur,o=annuaire,c=fr"
	motDePass = "un mot de passe de laboratoire"
)

func (m *memoire) Lier(_ context.Context, p Preuve) (Session, error) {
	m.liens.Add(1)
	switch {
	case len(p.Certificats) > 0:
		return session{m, "dn:" + p.Certificats[0].Subject.String()}, nil
	case p.Nom == nomBon && string(p.MotDePasse) == motDePass:
		return session{m, "dn:" + p.Nom}, nil
	case p.Nom == "" && len(p.MotDePasse) == 0:
		return session{m, ""}, nil
	case p.Nom == "uid=panne":
		return nil, errors.New("le secret 1234 est là")
	}
	return nil, refuser(IdentifiantsFaux, texteFaux)
}

type session struct {
	m   *memoire
	qui string
}

func (s session) Qui() string   { return s.qui }
func (s session) Retenue() bool { return false }

// Chercher knows two scopes, below the root (any) and an entry by its name.
func (s session) Chercher(ctx context.Context, d *Demande, r Receveur) ([]byte, error) {
	depart := 0
	if d.Curseur != nil {
		n, err := strconv.Atoi(string(d.Curseur))
		if err != nil {
			return nil, err
		}
		depart = n
	}
	for i := depart; i < len(s.m.entrees); i++ {
		if s.m.lent > 0 {
			time.Sleep(s.m.lent)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x := r.Entree()
		s.m.entrees[i].mettre(x)
		if d.Portee == Base && !strings.EqualFold(string(x.nom), string(d.nomBase)) {
			continue
		}
		s.m.prises.Add(1)
		if _, encore := r.Rendre(); !encore {
			if i+1 == len(s.m.entrees) {
				return nil, nil
			}
			return strconv.AppendInt(nil, int64(i+1), 10), nil
		}
	}
	return nil, nil
}

// petit is a directory of n fictitious people.
func petit(n int) *memoire {
	m := &memoire{}
	for i := range n {
		nom := [...]string{"LE GALL", "DUPONT", "O'BRIEN", "MARTIN-ROY", "ÇELIK"}[i%5]
		prenom := [...]string{"Hélène", "Jean", "Zoé"}[i%3]
		m.entrees = append(m.entrees, fausse{fmt.Sprint("x-fiche=p", i), "ou=personnes," + racine, [][2]string{
			{"objectClass", "top"}, {"objectClass", "inetOrgPerson"}, {"x-fiche", fmt.Sprint("p", i)}, {"uid", fmt.Sprint(899900000000 + i)},
			{"cn", prenom + " " + nom}, {"sn", nom}, {"givenName", prenom}, {"mail", fmt.Sprintf("%d@ville%d.mssante.exemple", i, i%4)},
			{"title", "Médecin"}, {"modifyTimestamp", fmt.Sprintf("202610%02d000000Z", 1+i%28)},
		}})
	}
	return m
}

// Certificates of a trial.
func paire(t testing.TB, cn string) tls.Certificate {
	t.Helper()
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	g := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: cn}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, g, g, cle.Public(), cle)
	if err != nil {
		t.Fatal(err)
	}
	f, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: cle, Leaf: f}
}

// scene is a server that listens, in TLS and in clear.
type scene struct {
	*Serveur
	tls, clair string
	ca         *x509.CertPool
	cert       tls.Certificate
}

func ouvrirScene(t testing.TB, a Annuaire, b Bornes) *scene {
	t.Helper()
	cert := paire(t, "annuaire de laboratoire")
	s := &scene{cert: cert, ca: x509.NewCertPool(), Serveur: &Serveur{
		Annuaire: a, Bornes: b, Cle: []byte("une cle de trente-deux octets !!"), Journal: slog.New(slog.NewTextHandler(io.Discard, nil)),
		TLS: &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12},
	}}
	s.ca.AddCert(cert.Leaf)
	fin := make(chan error, 2)
	ecouter := func(f func(net.Listener) error) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() { fin <- f(l) }()
		return l.Addr().String()
	}
	s.tls, s.clair = ecouter(s.EcouterTLS), ecouter(s.Ecouter)
	t.Cleanup(func() {
		ctx, annuler := context.WithTimeout(context.Background(), 5*time.Second)
		defer annuler()
		if err := s.Fermer(ctx); err != nil {
			t.Errorf("fermeture : %v", err)
		}
		for range 2 {
			if err := <-fin; !errors.Is(err, ErrFerme) {
				t.Errorf("écoute : %v", err)
			}
		}
	})
	return s
}

func (s *scene) client(certs ...tls.Certificate) *tls.Config {
	return &tls.Config{RootCAs: s.ca, ServerName: "localhost", Certificates: certs}
}

// appeler opens a connection of go-ldap over TLS.
func (s *scene) appeler(t testing.TB, certs ...tls.Certificate) *client.Conn {
	t.Helper()
	c, err := client.DialURL("ldaps://"+s.tls, client.DialWithTLSConfig(s.client(certs...)))
	if err != nil {
		t.Fatal(err)
	}
	c.SetTimeout(10 * time.Second)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// brut opens a bare connection over TLS.
func (s *scene) brut(t testing.TB) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", s.tls, s.client())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

func outil(t *testing.T, nom string) string {
	t.Helper()
	chemin, err := exec.LookPath(nom)
	if err != nil {
		absent(t, nom)
	}
	return chemin
}

// codeDe is the result that go-ldap read.
func codeDe(err error) Code {
	var e *client.Error
	switch {
	case err == nil:
		return Succes
	case errors.As(err, &e):
		return Code(e.ResultCode)
	}
	return -1
}
