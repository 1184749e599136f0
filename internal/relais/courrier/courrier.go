// Package courrier sends the messages of a relay to the next step over mutual TLS.
package courrier

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Courrier opens links. Its fields are set once.
type Courrier struct {
	// Transport makes the transport of one link, with the certificate of
	// authentication of the relay. Each link has its own, so that what the
	// directory announces for one server never closes the connections of another.
	Transport func() *roc.Transport
	// Limite bounds an answer in bytes; 1 MiB when zero.
	Limite int
}

// Ouvrir is relais.Courrier.
func (c *Courrier) Ouvrir(adresse string, empreintes []string) relais.Lien {
	l := &Lien{base: strings.TrimSuffix(adresse, "/"), transport: c.Transport(), limite: int64(c.Limite)}
	if l.limite <= 0 {
		l.limite = 1 << 20
	}
	l.transport.UnMessageParConnexion()
	if u, err := url.Parse(adresse); err == nil {
		port := u.Port()
		if port == "" {
			port = "443"
		}
		l.transport.Epingler(net.JoinHostPort(u.Hostname(), port), empreintes)
	}
	return l
}

// resteMax is how many bytes of an answer without a message are read for its connection.
const resteMax = 4 << 10

// Lien is a link to one server.
type Lien struct {
	base      string
	transport *roc.Transport
	limite    int64
}

// Fermer is relais.Lien.
func (l *Lien) Fermer() { l.transport.Fermer() }

// Poster is relais.Lien.
func (l *Lien) Poster(ctx context.Context, e *relais.Envoi) (*relais.Arrivee, error) {
	adresse, genre := l.base+e.Norme.Chemin(e.Service), "application/json"
	if e.Face == sceau.SOAP {
		adresse, genre = l.base+e.Norme.CheminSOAP(), "application/soap+xml"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, adresse, bytes.NewReader(e.Octets))
	if err != nil {
		return nil, fmt.Errorf("%w : %w", relais.ErrInjoignable, err)
	}
	if req.URL.Scheme != "https" {
		return nil, fmt.Errorf("%w : adresse https attendue", relais.ErrInjoignable)
	}
	req.Header.Set("Content-Type", genre+"; charset=utf-8")
	// A message may be sent again on a connection that its server had just closed:
	// idMessage makes a repetition harmless. The header itself is not sent.
	// ref: DEC 13, net/http.Transport
	req.Header["X-Idempotency-Key"] = nil
	rep, err := l.transport.RoundTrip(req)
	if err != nil {
		return nil, classer(ctx, err)
	}
	// What is left of a short answer that is not a message is read too, else its connection
	// would be closed, and the next message would pay a handshake to a server that said that
	// it has too many.
	defer func() {
		if n := rep.ContentLength; n >= 0 && n <= resteMax { // whoever does not say it may never end
			_, _ = io.CopyN(io.Discard, rep.Body, resteMax)
		}
		rep.Body.Close()
	}()
	return l.lire(ctx, rep, genre)
}

func (l *Lien) lire(ctx context.Context, rep *http.Response, genre string) (*relais.Arrivee, error) {
	switch rep.StatusCode {
	case http.StatusRequestEntityTooLarge:
		return nil, relais.ErrTropGrand
	case http.StatusTooManyRequests:
		if !strings.HasPrefix(rep.Header.Get("Content-Type"), genre) { // else it is a sealed S506
			return nil, relais.ErrSature
		}
	}
	if g, _, err := mime.ParseMediaType(rep.Header.Get("Content-Type")); err != nil || g != genre {
		return nil, fmt.Errorf("%w : état HTTP %d", relais.ErrSansMessage, rep.StatusCode)
	}
	octets, err := io.ReadAll(io.LimitReader(rep.Body, l.limite+1))
	switch {
	case err != nil:
		return nil, classer(ctx, err)
	case int64(len(octets)) > l.limite:
		return nil, fmt.Errorf("%w : plus de %d octets", relais.ErrSansMessage, l.limite)
	}
	return &relais.Arrivee{Octets: octets, Feuille: feuille(rep.Header.Get("Ecluse-Feuille")), Attente: attente(rep.Header.Get("Retry-After"))}, nil
}

// classer says why nothing came back.
func classer(ctx context.Context, err error) error {
	var refuse *certificat.Refus
	var epingle *roc.Refus
	var verification *tls.CertificateVerificationError
	var composer *net.OpError
	var reseau net.Error
	pourquoi := relais.ErrInjoignable
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		pourquoi = relais.ErrDelai
	case errors.As(err, &refuse), errors.As(err, &epingle), errors.As(err, &verification):
		pourquoi = relais.ErrCertificat
	case errors.As(err, &composer) && composer.Op == "dial":
	case errors.As(err, &reseau) && reseau.Timeout():
		pourquoi = relais.ErrDelai
	}
	return fmt.Errorf("%w : %w", pourquoi, err)
}

// feuille is the hash of a leaf as a partner announces it, "" when it cannot be one.
func feuille(s string) string {
	if len(s) > 100 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=") != "" {
		return ""
	}
	return s
}

// attente reads a number of seconds, at most a day.
func attente(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return min(n, 86400)
}
