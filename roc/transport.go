package roc

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Transport speaks to partners over mutual TLS. The server's certificate is
// judged by the trust store (chain, key usage, revocation, name) and, when the
// Annuaire gave fingerprints, must be one of them. Questions that expect other
// fingerprints share no connection, even to one server.
type Transport struct {
	juge      sceau.Juge
	horloge   sante.Horloge
	client    func() *tls.Certificate
	composeur net.Dialer

	mu       sync.RWMutex
	epingles map[string][]string        // host:port → SHA-256 of the leaf, hexadecimal
	voies    map[string]*http.Transport // by fingerprints expected
}

// voiesMax bounds the sets of fingerprints in use; beyond, all are left.
const voiesMax = 1024

// NewTransport makes a transport that shows a certificate of authentication,
// read again for each connection so that it can change without a restart.
func NewTransport(client func() *tls.Certificate, j sceau.Juge, h sante.Horloge) *Transport {
	return &Transport{juge: j, horloge: h, client: client, epingles: make(map[string][]string), voies: make(map[string]*http.Transport),
		composeur: net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}} // ref: ROC §5.2
}

// voie gives the connections whose servers showed these fingerprints.
func (t *Transport) voie(epingles []string) *http.Transport {
	k := strings.Join(epingles, "|")
	t.mu.RLock()
	v := t.voies[k]
	t.mu.RUnlock()
	if v != nil {
		return v
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if v = t.voies[k]; v != nil {
		return v
	}
	if len(t.voies) >= voiesMax {
		t.fermer()
		clear(t.voies)
	}
	v = t.nouvelleVoie(slices.Clone(epingles))
	t.voies[k] = v
	return v
}

func (t *Transport) nouvelleVoie(epingles []string) *http.Transport {
	return &http.Transport{
		ForceAttemptHTTP2: true, MaxIdleConns: 512, MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second,
		ResponseHeaderTimeout: 15 * time.Second, MaxResponseHeaderBytes: 32 << 10,
		DialTLSContext: func(ctx context.Context, reseau, adresse string) (net.Conn, error) {
			c, err := t.composeur.DialContext(ctx, reseau, adresse)
			if err != nil {
				return nil, err
			}
			s := tls.Client(c, t.config(adresse, epingles))
			ctx, fin := context.WithTimeout(ctx, 5*time.Second)
			defer fin()
			if err := s.HandshakeContext(ctx); err != nil {
				c.Close()
				return nil, err
			}
			return s, nil
		},
	}
}

// config verifies the server by ourselves: crypto/x509 looks neither at the key
// usage nor at revocation. ref: PKI §7
func (t *Transport) config(adresse string, epingles []string) *tls.Config {
	hote, _, _ := net.SplitHostPort(adresse)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: hote, NextProtos: []string{"h2", "http/1.1"},
		InsecureSkipVerify: true, // VerifyConnection does it, and more
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return t.client(), nil
		},
		VerifyConnection: func(s tls.ConnectionState) error { return t.verifier(hote, epingles, s) },
	}
}

func (t *Transport) verifier(hote string, epingles []string, s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return fmt.Errorf("roc: serveur sans certificat")
	}
	feuille := s.PeerCertificates[0]
	chaine := make([][]byte, 0, len(s.PeerCertificates)-1)
	for _, c := range s.PeerCertificates[1:] {
		chaine = append(chaine, c.Raw)
	}
	if _, err := t.juge.Juger(feuille.Raw, chaine, certificat.UsageTLSServeur, t.horloge()); err != nil {
		return fmt.Errorf("roc: certificat du serveur: %w", err)
	}
	if err := feuille.VerifyHostname(hote); err != nil {
		return &Refus{Code: CertificatRefuse, Detail: "le certificat du serveur n'est pas au nom de " + hote, Cause: err}
	}
	d := sha256.Sum256(feuille.Raw)
	if len(epingles) > 0 && !slices.Contains(epingles, hex.EncodeToString(d[:])) {
		return Refuser(CertificatRefuse, "le serveur ne présente pas le certificat que l'annuaire annonce")
	}
	return nil
}

type cleEpingles struct{}

// avecEpingles gives the fingerprints that the server of one question must show.
// Several insurers may share a server: what the directory says of one is nothing
// to the others.
func avecEpingles(ctx context.Context, empreintes []string) context.Context {
	return context.WithValue(ctx, cleEpingles{}, empreintes)
}

// epinglesDe are the fingerprints of the question of ctx, else of the address.
func (t *Transport) epinglesDe(ctx context.Context, hotePort string) []string {
	if l, ok := ctx.Value(cleEpingles{}).([]string); ok {
		return l
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.epingles[hotePort]
}

// Epingler sets the fingerprints that a server must show, for the requests that do
// not say which; connections open to it with others serve no more.
func (t *Transport) Epingler(hotePort string, empreintes []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.epingles[hotePort] = empreintes
}

// RoundTrip sends one request. It makes a Transport an http.RoundTripper. The
// certificate of a connection that was already open is judged again before
// anything is sent on it: revoked since, it is closed. ref: DEC 15
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	epingles := t.epinglesDe(r.Context(), hotePort(r.URL))
	var refus atomic.Pointer[error]
	trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if err := t.rejuger(r.URL.Hostname(), epingles, i); err != nil {
			refus.Store(&err)
		}
	}}
	rep, err := t.voie(epingles).RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if e := refus.Load(); err != nil && e != nil {
		return nil, *e
	}
	return rep, err
}

func hotePort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// rejuger closes a connection whose server is no longer good. The request then
// fails, or goes on a new connection whose handshake judges for itself.
func (t *Transport) rejuger(hote string, epingles []string, i httptrace.GotConnInfo) error {
	s, ok := i.Conn.(*tls.Conn)
	if !ok || !i.Reused {
		return nil
	}
	err := t.verifier(hote, epingles, s.ConnectionState())
	if err != nil {
		s.Close()
	}
	return err
}

// Fermer closes the connections that are not in use.
func (t *Transport) Fermer() {
	t.mu.RLock()
	defer t.mu.RUnlock()
	t.fermer()
}

func (t *Transport) fermer() {
	for _, v := range t.voies {
		v.CloseIdleConnections()
	}
}
