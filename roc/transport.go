package roc

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
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
	juge       sceau.Juge
	horloge    sante.Horloge
	client     func() *tls.Certificate
	composeur  net.Dialer
	composer   func(ctx context.Context, reseau, adresse string) (net.Conn, error) // nil: composeur
	protocoles []string

	mu       sync.RWMutex
	epingles map[string][]string        // host:port → SHA-256 of the leaf, hexadecimal
	voies    map[string]*http.Transport // by what is expected of the server
}

// ErrEmpreinte is the cause of the refusal of a server whose certificate is good, and not
// one that was announced: it was renewed since, or another stands in its place.
var ErrEmpreinte = errors.New("roc: certificat de serveur qui n'est pas annoncé")

// voiesMax bounds the sets of fingerprints in use; beyond, all are left.
const voiesMax = 1024

// NewTransport makes a transport that shows a certificate of authentication,
// read again for each connection so that it can change without a restart. When client
// is nil, or gives nil, none is shown: the base level of the community exchange.
func NewTransport(client func() *tls.Certificate, j sceau.Juge, h sante.Horloge) *Transport {
	return &Transport{juge: j, horloge: h, client: client, epingles: make(map[string][]string), voies: make(map[string]*http.Transport),
		protocoles: []string{"h2", "http/1.1"},
		composeur:  net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}} // ref: ROC §5.2
}

// AdressesPubliques makes a transport that opens no connection to the machine
// itself nor to a private network, but those of sauf, whatever a name resolves to
// at that moment: partners say where they receive. It is called before the first
// question.
func (t *Transport) AdressesPubliques(sauf ...netip.Prefix) {
	t.composeur.Control = func(_, adresse string, _ syscall.RawConn) error { return refuserPrivee(adresse, sauf) }
}

// UnMessageParConnexion makes a transport speak HTTP/1.1: each connection carries one message
// at a time, and is kept for the next. Between two servers that talk all day a message then
// waits for one or two tenths of a millisecond less; a workstation, which opens few connections and
// whose card signs each, stays with HTTP/2. It is called before the first question.
func (t *Transport) UnMessageParConnexion() { t.protocoles = []string{"http/1.1"} }

// SansCertificat is a transport that judges servers and opens connections as t does, and shows
// nobody a certificate: to read what is published for all.
func (t *Transport) SansCertificat() *Transport {
	n := NewTransport(nil, t.juge, t.horloge)
	n.composer, n.protocoles = t.joindre, t.protocoles
	return n
}

// Composer makes a transport open its connections with f: through what stands between
// the workstation and the outside. It is called before the first question.
func (t *Transport) Composer(f func(ctx context.Context, reseau, adresse string) (net.Conn, error)) {
	t.composer = f
}

func (t *Transport) joindre(ctx context.Context, reseau, adresse string) (net.Conn, error) {
	if t.composer != nil {
		return t.composer(ctx, reseau, adresse)
	}
	return t.composeur.DialContext(ctx, reseau, adresse)
}

// Joindre tells whether something listens at an https or http address: it opens a connection
// and leaves it, without a word. The error is that of the network.
func (t *Transport) Joindre(ctx context.Context, adresse string) error {
	u, err := url.Parse(adresse)
	if err != nil || u.Host == "" {
		return fmt.Errorf("roc: adresse à joindre illisible")
	}
	port := hotePort(u)
	if u.Scheme == "http" && u.Port() == "" {
		port = net.JoinHostPort(u.Hostname(), "80")
	}
	c, err := t.joindre(ctx, "tcp", port)
	if err != nil {
		return err
	}
	return c.Close()
}

// refuserPrivee looks at the address really dialled, after name resolution.
func refuserPrivee(adresse string, sauf []netip.Prefix) error {
	ap, err := netip.ParseAddrPort(adresse)
	if err != nil {
		return &Refus{Code: PanneRelais, Detail: "adresse illisible", Cause: err}
	}
	if !AdressePublique(ap.Addr(), sauf...) {
		return Refuser(PanneRelais, "le nom mène à une adresse privée ou locale, où rien n'est envoyé")
	}
	return nil
}

// AdressePublique tells whether an address is neither of the machine itself nor of a
// private network, but those of sauf.
func AdressePublique(ip netip.Addr, sauf ...netip.Prefix) bool {
	ip = ip.Unmap().WithZone("")
	for _, r := range sauf {
		if r.Contains(ip) {
			return true
		}
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !horsInternet(ip)
}

// horsInternet tells the ranges that look public and are not: shared by operators,
// made of another address, kept for tests. ref: RFC 6890
func horsInternet(ip netip.Addr) bool {
	for _, r := range reserves {
		if r.Contains(ip) {
			return true
		}
	}
	return false
}

var reserves = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

// attendu is what the certificate of a server must be, beside good: one of these
// fingerprints, of one of these structures; anything when empty.
type attendu struct{ epingles, structures []string }

func (a attendu) cle() string {
	return strings.Join(a.epingles, "|") + "/" + strings.Join(a.structures, "|")
}

// voie gives the connections whose servers showed what was expected.
func (t *Transport) voie(a attendu) *http.Transport {
	k := a.cle()
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
	v = t.nouvelleVoie(attendu{slices.Clone(a.epingles), slices.Clone(a.structures)})
	t.voies[k] = v
	return v
}

func (t *Transport) nouvelleVoie(a attendu) *http.Transport {
	s := &sessions{}
	return &http.Transport{
		ForceAttemptHTTP2: slices.Contains(t.protocoles, "h2"), MaxIdleConns: 512, MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second,
		ResponseHeaderTimeout: 15 * time.Second, MaxResponseHeaderBytes: 32 << 10,
		DialContext: t.joindre, // of plain addresses, where lists may be read
		DialTLSContext: func(ctx context.Context, reseau, adresse string) (net.Conn, error) {
			c, err := t.joindre(ctx, reseau, adresse)
			if err != nil {
				return nil, err
			}
			config, r := t.config(adresse, a), &reprise{s: s, adresse: adresse, client: t.client}
			config.ClientSessionCache = r
			montrer := config.GetClientCertificate
			config.GetClientCertificate = func(i *tls.CertificateRequestInfo) (*tls.Certificate, error) {
				c, err := montrer(i)
				r.feuille = feuilleDe(c)
				return c, err
			}
			x := tls.Client(c, config)
			ctx, fin := context.WithTimeout(ctx, 5*time.Second)
			defer fin()
			if err := x.HandshakeContext(ctx); err != nil {
				c.Close()
				return nil, err
			}
			return x, nil
		},
	}
}

// sessions keep what resumes a connection that was cut: the key of the certificate, which
// a card is slow to use, serves once. A session speaks for the certificate that opened it,
// and for no other. ref: VISIO §9.2, PKI §7
type sessions struct {
	mu  sync.Mutex
	par map[string]session // by address: crypto/tls knows the name of a server, not its port
}

type session struct {
	etat    *tls.ClientSessionState
	feuille []byte // certificate shown
}

// sessionsMax bounds the servers whose session is kept.
const sessionsMax = 64

// reprise is the sessions as one connection sees them: a tls.ClientSessionCache.
type reprise struct {
	s       *sessions
	adresse string
	client  func() *tls.Certificate
	feuille []byte // certificate shown on this connection
}

func feuilleDe(c *tls.Certificate) []byte {
	if c == nil || len(c.Certificate) == 0 {
		return nil
	}
	return c.Certificate[0]
}

// Get is tls.ClientSessionCache.
func (r *reprise) Get(string) (*tls.ClientSessionState, bool) {
	r.s.mu.Lock()
	x, ok := r.s.par[r.adresse]
	r.s.mu.Unlock()
	if !ok {
		return nil, false
	}
	if r.client != nil && !bytes.Equal(x.feuille, feuilleDe(r.client())) {
		return nil, false
	}
	r.feuille = x.feuille
	return x.etat, true
}

// Put is tls.ClientSessionCache.
func (r *reprise) Put(_ string, e *tls.ClientSessionState) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if e == nil {
		delete(r.s.par, r.adresse)
		return
	}
	if r.s.par == nil || len(r.s.par) >= sessionsMax {
		r.s.par = make(map[string]session)
	}
	r.s.par[r.adresse] = session{e, r.feuille}
}

// config verifies the server by ourselves: crypto/x509 looks neither at the key
// usage nor at revocation. ref: PKI §7
func (t *Transport) config(adresse string, a attendu) *tls.Config {
	hote, _, _ := net.SplitHostPort(adresse)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: hote, NextProtos: t.protocoles,
		InsecureSkipVerify: true, // VerifyConnection does it, and more
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if t.client != nil {
				if c := t.client(); c != nil {
					return c, nil
				}
			}
			return &tls.Certificate{}, nil
		},
		VerifyConnection: func(s tls.ConnectionState) error { return t.verifier(hote, a, s) },
	}
}

func (t *Transport) verifier(hote string, a attendu, s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return fmt.Errorf("roc: serveur sans certificat")
	}
	feuille := s.PeerCertificates[0]
	chaine := make([][]byte, 0, len(s.PeerCertificates)-1)
	for _, c := range s.PeerCertificates[1:] {
		chaine = append(chaine, c.Raw)
	}
	v, err := t.juge.Juger(feuille.Raw, chaine, certificat.UsageTLSServeur, t.horloge())
	if err != nil {
		return fmt.Errorf("roc: certificat du serveur: %w", err)
	}
	if err := feuille.VerifyHostname(hote); err != nil {
		return &Refus{Code: CertificatRefuse, Detail: "le certificat du serveur n'est pas au nom de " + hote, Cause: err}
	}
	d := sha256.Sum256(feuille.Raw)
	if len(a.structures) > 0 && (v.Porteur == nil || !slices.Contains(a.structures, v.Porteur.Structure())) {
		return Refuser(CertificatRefuse, "le serveur joint à cette adresse n'est pas celui du destinataire")
	}
	if len(a.epingles) > 0 && !slices.Contains(a.epingles, hex.EncodeToString(d[:])) {
		return &Refus{Code: CertificatRefuse, Detail: "le serveur ne présente pas un certificat annoncé pour lui, par l'annuaire ou la liste des services", Cause: ErrEmpreinte}
	}
	return nil
}

// LireEmpreintes gives fingerprints as they are compared: SHA-256 in lower-case hexadecimal. The
// capitals and colons that openssl prints are taken; what is not a fingerprint is an error, for
// no server would ever show it.
func LireEmpreintes(l []string) ([]string, error) {
	var lues []string
	for _, s := range l {
		x := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), ":", ""))
		if d, err := hex.DecodeString(x); err != nil || len(d) != sha256.Size {
			return nil, fmt.Errorf("roc: empreinte de certificat %q : 64 chiffres hexadécimaux attendus, ceux de « openssl x509 -noout -fingerprint -sha256 »", s)
		}
		lues = append(lues, x)
	}
	return lues, nil
}

type cleAttendu struct{}

// avecAttendu tells what the server of one question must show. Several insurers may
// share a server: what the directory says of one is nothing to the others.
func avecAttendu(ctx context.Context, a attendu) context.Context {
	return context.WithValue(ctx, cleAttendu{}, a)
}

// attenduDe is what the question of ctx expects, else what its address does.
func (t *Transport) attenduDe(ctx context.Context, hotePort string) attendu {
	if a, ok := ctx.Value(cleAttendu{}).(attendu); ok {
		return a
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return attendu{epingles: t.epingles[hotePort]}
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
	a := t.attenduDe(r.Context(), hotePort(r.URL))
	var refus atomic.Pointer[error]
	trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if err := t.rejuger(r.URL.Hostname(), a, i); err != nil {
			refus.Store(&err)
		}
	}}
	rep, err := t.voie(a).RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
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
func (t *Transport) rejuger(hote string, a attendu, i httptrace.GotConnInfo) error {
	s, ok := i.Conn.(*tls.Conn)
	if !ok || !i.Reused {
		return nil
	}
	err := t.verifier(hote, a, s.ConnectionState())
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
