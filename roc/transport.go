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
	"sync"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Transport speaks to partners over mutual TLS. The server's certificate is
// judged by the trust store (chain, key usage, revocation, name) and, when the
// Annuaire gave fingerprints, must be one of them.
type Transport struct {
	juge    sceau.Juge
	horloge sante.Horloge
	http    *http.Transport

	mu       sync.RWMutex
	epingles map[string][]string // host:port → SHA-256 of the leaf, hexadecimal
}

// NewTransport makes a transport that shows a certificate of authentication,
// read again for each connection so that it can change without a restart.
func NewTransport(client func() *tls.Certificate, j sceau.Juge, h sante.Horloge) *Transport {
	t := &Transport{juge: j, horloge: h, epingles: make(map[string][]string)}
	composeur := &net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second} // ref: ROC §5.2
	t.http = &http.Transport{
		ForceAttemptHTTP2: true, MaxIdleConns: 512, MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second,
		ResponseHeaderTimeout: 15 * time.Second, MaxResponseHeaderBytes: 32 << 10,
		DialTLSContext: func(ctx context.Context, reseau, adresse string) (net.Conn, error) {
			c, err := composeur.DialContext(ctx, reseau, adresse)
			if err != nil {
				return nil, err
			}
			s := tls.Client(c, t.config(adresse, client))
			ctx, fin := context.WithTimeout(ctx, 5*time.Second)
			defer fin()
			if err := s.HandshakeContext(ctx); err != nil {
				c.Close()
				return nil, err
			}
			return s, nil
		},
	}
	return t
}

// config verifies the server by ourselves: crypto/x509 looks neither at the key
// usage nor at revocation. ref: PKI §7
func (t *Transport) config(adresse string, client func() *tls.Certificate) *tls.Config {
	hote, _, _ := net.SplitHostPort(adresse)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: hote, NextProtos: []string{"h2", "http/1.1"},
		InsecureSkipVerify: true, // VerifyConnection does it, and more
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return client(), nil
		},
		VerifyConnection: func(s tls.ConnectionState) error { return t.verifier(adresse, hote, s) },
	}
}

func (t *Transport) verifier(adresse, hote string, s tls.ConnectionState) error {
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
		return fmt.Errorf("roc: certificat du serveur: %w", err)
	}
	t.mu.RLock()
	epingles := t.epingles[adresse]
	t.mu.RUnlock()
	d := sha256.Sum256(feuille.Raw)
	if len(epingles) > 0 && !slices.Contains(epingles, hex.EncodeToString(d[:])) {
		return Refuser(CertificatRefuse, "le serveur ne présente pas le certificat que l'annuaire annonce")
	}
	return nil
}

// Epingler sets the fingerprints that a server must show; connections already
// open to it with other fingerprints are closed.
func (t *Transport) Epingler(hotePort string, empreintes []string) {
	t.mu.Lock()
	change := !slices.Equal(t.epingles[hotePort], empreintes)
	t.epingles[hotePort] = empreintes
	t.mu.Unlock()
	if change {
		t.http.CloseIdleConnections()
	}
}

// RoundTrip sends one request. It makes a Transport an http.RoundTripper. The
// certificate of a connection that was already open is judged again before
// anything is sent on it: revoked since, or no longer announced, it is closed.
// ref: DEC 15
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var refus atomic.Pointer[error]
	trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if err := t.rejuger(r.URL, i); err != nil {
			refus.Store(&err)
		}
	}}
	rep, err := t.http.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if e := refus.Load(); err != nil && e != nil {
		return nil, *e
	}
	return rep, err
}

// rejuger closes a connection whose server is no longer good. The request then
// fails, or goes on a new connection whose handshake judges for itself.
func (t *Transport) rejuger(u *url.URL, i httptrace.GotConnInfo) error {
	s, ok := i.Conn.(*tls.Conn)
	if !ok || !i.Reused {
		return nil
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	err := t.verifier(net.JoinHostPort(u.Hostname(), port), u.Hostname(), s.ConnectionState())
	if err != nil {
		s.Close()
	}
	return err
}

// Fermer closes the connections that are not in use.
func (t *Transport) Fermer() { t.http.CloseIdleConnections() }
