package certificat

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ErrInchange is what a Source answers when the list is the one already held.
var ErrInchange = errors.New("certificat: liste inchangée")

// Source gets the bytes of a list at an address. marque is what it answered with
// the last list of that address ("" the first time); ErrInchange says that
// nothing changed since. It bounds what it reads.
type Source interface {
	CRL(ctx context.Context, adresse, marque string) (der []byte, nouvelle string, err error)
}

// Actualiseur re-fetches the lists of a store before they go stale. The loop that
// calls it, its period and its jitter are the caller's. Addresses come from
// Adresses and from the distribution points of the intermediates of the store;
// those of leaves are not followed, since a leaf comes from outside.
// ref: PKI §6.4 (1, 3)
type Actualiseur struct {
	Magasin  *Magasin
	Source   Source
	Adresses []string      // full lists and deltas, in that order
	Periode  time.Duration // between two readings of one address; 0 is one hour
	// Repertoire is the trust directory where accepted lists are written, see
	// GarderCRL; "" for memory only.
	Repertoire string

	mu    sync.Mutex
	etats map[string]*etatAdresse
}

type etatAdresse struct {
	essai  time.Time
	marque string
	liste  *Liste // last one accepted from this address
}

// ResultatCRL is what one address gave.
type ResultatCRL struct {
	Adresse  string
	Liste    *Liste // nil when unchanged or refused
	Erreur   error  // nil when unchanged
	Ecriture error  // the list serves but could not be written; tried again at the next call
}

// ActualiserCRL reads the addresses that are due at the instant a and loads what
// they gave. A failure leaves the list known before and is told; it is retried at
// the next call.
func (x *Actualiseur) ActualiserCRL(ctx context.Context, a time.Time) []ResultatCRL {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.etats == nil {
		x.etats = map[string]*etatAdresse{}
	}
	periode := x.Periode
	if periode <= 0 {
		periode = time.Hour
	}
	var l []ResultatCRL
	for _, adr := range x.aLire() {
		e := x.etats[adr]
		if e == nil {
			e = &etatAdresse{}
			x.etats[adr] = e
		}
		r, lue := ResultatCRL{Adresse: adr}, false
		if e.essai.IsZero() || !a.Before(e.essai.Add(periode)) {
			r, lue = x.lireUne(ctx, adr, e), true
			if r.Erreur == nil {
				e.essai = a
			}
		}
		r.Ecriture = x.garder(e.liste)
		if lue || r.Ecriture != nil {
			l = append(l, r)
		}
	}
	return l
}

// garder writes a list at each call: what a failure, a full disk or another
// process undid is done again.
func (x *Actualiseur) garder(l *Liste) error {
	if x.Repertoire == "" || l == nil {
		return nil
	}
	return x.Magasin.GarderCRL(x.Repertoire, l)
}

func (x *Actualiseur) aLire() []string {
	l := slices.Clone(x.Adresses)
	for _, c := range x.Magasin.Intermediaires() {
		for _, p := range append(slices.Clone(c.CRLDistributionPoints), pointsDelta(c)...) {
			if !slices.Contains(l, p) {
				l = append(l, p)
			}
		}
	}
	return l
}

func (x *Actualiseur) lireUne(ctx context.Context, adr string, e *etatAdresse) ResultatCRL {
	der, marque, err := x.Source.CRL(ctx, adr, e.marque)
	if errors.Is(err, ErrInchange) {
		return ResultatCRL{Adresse: adr}
	}
	if err != nil {
		return ResultatCRL{Adresse: adr, Erreur: err}
	}
	l, err := x.Magasin.AjouterCRL(der)
	if err != nil {
		return ResultatCRL{Adresse: adr, Erreur: err}
	}
	e.marque, e.liste = marque, l
	return ResultatCRL{Adresse: adr, Liste: l}
}

// pointsDelta reads the http addresses of FreshestCRL. ref: RFC 5280 §4.2.1.15
func pointsDelta(c *x509.Certificate) []string {
	for _, e := range c.Extensions {
		if e.Id.Equal(oidFraiche) {
			return lirePoints(e.Value)
		}
	}
	return nil
}

func lirePoints(der []byte) []string {
	var l []string
	s, suite := cryptobyte.String(der), cryptobyte.String(nil)
	if !s.ReadASN1(&suite, cbasn1.SEQUENCE) {
		return nil
	}
	for !suite.Empty() && len(l) < 8 {
		var point, nom, complet cryptobyte.String
		var present bool
		if !suite.ReadASN1(&point, cbasn1.SEQUENCE) {
			return l
		}
		if !point.ReadOptionalASN1(&nom, &present, cbasn1.Tag(0).Constructed().ContextSpecific()) || !present ||
			!nom.ReadASN1(&complet, cbasn1.Tag(0).Constructed().ContextSpecific()) {
			continue
		}
		for !complet.Empty() {
			var v cryptobyte.String
			var tag cbasn1.Tag
			if !complet.ReadAnyASN1(&v, &tag) {
				break
			}
			if tag == cbasn1.Tag(6).ContextSpecific() {
				l = append(l, string(v))
			}
		}
	}
	return l
}

// SourceHTTP is the Source that reads over HTTP. It goes to listed hosts only,
// never to a private address unless told so, whatever a name or a redirect says.
type SourceHTTP struct {
	client *http.Client
	hotes  []string
	max    int64
}

// OptionsHTTP sets a SourceHTTP.
type OptionsHTTP struct {
	Hotes           []string      // allowed hosts, with port when it is not the scheme's; empty allows none
	AdressesPrivees bool          // loopback and private networks too: laboratories
	Max             int64         // bytes of one list; 0 is 64 MiB
	Delai           time.Duration // of one reading; 0 is 30 s
}

// NouvelleSourceHTTP makes a Source that reads over HTTP. ref: PKI §6.4 (3)
func NouvelleSourceHTTP(o OptionsHTTP) *SourceHTTP {
	if o.Max <= 0 || o.Max > maxListe {
		o.Max = maxListe
	}
	if o.Delai <= 0 {
		o.Delai = 30 * time.Second
	}
	d := &net.Dialer{Timeout: 10 * time.Second}
	if !o.AdressesPrivees {
		d.Control = refuserPrivee
	}
	s := &SourceHTTP{hotes: o.Hotes, max: o.Max}
	s.client = &http.Client{
		Timeout: o.Delai,
		Transport: &http.Transport{DialContext: d.DialContext, TLSHandshakeTimeout: 10 * time.Second,
			MaxResponseHeaderBytes: 16 << 10, MaxIdleConns: 4, IdleConnTimeout: 10 * time.Second},
		CheckRedirect: func(r *http.Request, vus []*http.Request) error {
			if len(vus) > 3 {
				return errors.New("certificat: trop de redirections")
			}
			return s.permise(r.URL)
		},
	}
	return s
}

// refuserPrivee looks at the address really dialled, after name resolution.
func refuserPrivee(_, adresse string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(adresse)
	if err != nil {
		return fmt.Errorf("certificat: adresse %w", err)
	}
	ip := ap.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || reseauPartage.Contains(ip) {
		return fmt.Errorf("certificat: adresse privée refusée pour une liste de révocation : %s", ip)
	}
	return nil
}

// reseauPartage is the shared address space of operators. ref: RFC 6598
var reseauPartage = netip.MustParsePrefix("100.64.0.0/10")

func (s *SourceHTTP) permise(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("certificat: schéma %q refusé pour une liste de révocation", u.Scheme)
	}
	if !slices.Contains(s.hotes, u.Host) {
		return fmt.Errorf("certificat: hôte %q absent de la liste des hôtes permis", u.Host)
	}
	return nil
}

// CRL implements Source; marque is the ETag.
func (s *SourceHTTP) CRL(ctx context.Context, adresse, marque string) ([]byte, string, error) {
	u, err := url.Parse(adresse)
	if err != nil {
		return nil, "", fmt.Errorf("certificat: adresse de liste : %w", err)
	}
	if err := s.permise(u); err != nil {
		return nil, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, "", fmt.Errorf("certificat: %w", err)
	}
	if marque != "" {
		req.Header.Set("If-None-Match", marque)
	}
	rep, err := s.client.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("certificat: lecture de liste : %w", err)
	}
	defer rep.Body.Close()
	switch rep.StatusCode {
	case http.StatusNotModified:
		return nil, marque, ErrInchange
	case http.StatusOK:
	default:
		return nil, "", fmt.Errorf("certificat: lecture de liste : réponse %d", rep.StatusCode)
	}
	b, err := io.ReadAll(io.LimitReader(rep.Body, s.max+1))
	if err != nil {
		return nil, "", fmt.Errorf("certificat: lecture de liste : %w", err)
	}
	if int64(len(b)) > s.max {
		return nil, "", &Refus{Motif: MotifTropGros, Detail: fmt.Sprintf("liste de plus de %d octets", s.max)}
	}
	if l := Extraire(b, "X509 CRL"); len(l) > 0 {
		b = l[0]
	}
	return b, rep.Header.Get("ETag"), nil
}
