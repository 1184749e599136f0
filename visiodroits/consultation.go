package visiodroits

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// attente is what the servers ask of who reads them.
type attente struct {
	fraiche   time.Duration // Cache-Control: the answer will not change for so long
	reprendre time.Duration // Retry-After
}

func (w *attente) fusionner(x *attente) {
	w.fraiche, w.reprendre = x.fraiche, max(w.reprendre, x.reprendre)
}

// consultation is the reading of one list at one mirror.
type consultation struct {
	x        *Abonnement
	s        *Suivi
	base     string
	a        time.Time
	attente  attente
	suivante bool // the mirror says that a list waits for its day

	revalider bool
}

// lire asks what changed since the list held, or the whole list when there is none
// or when that does not do, then the list that waits for its day.
func (c *consultation) lire(ctx context.Context) error {
	numero, _ := c.s.Rayon.Situation(c.a)
	err := errIntrouvable
	if numero > 0 {
		err = c.prendre(ctx, "/depuis/"+strconv.FormatInt(numero, 10))
	}
	if errors.Is(err, errIntrouvable) || errors.Is(err, ErrDemanderComplete) {
		err = c.prendre(ctx, "/courante")
	}
	if err != nil || !c.suivante {
		return err
	}
	if err := c.prendre(ctx, "/suivante"); err != nil && !errors.Is(err, errIntrouvable) {
		return err
	}
	return nil
}

// errIntrouvable is the answer of a mirror that does not have what was asked.
var errIntrouvable = errors.New("liste absente de ce miroir")

// prendre reads an address and gives the list to whoever checks it. What was not
// taken is asked anew the next time, whatever its mark.
func (c *consultation) prendre(ctx context.Context, chemin string) error {
	octets, marque, err := c.demander(ctx, c.base+chemin)
	if err != nil || octets == nil {
		return err
	}
	if err := c.s.Rayon.Deposer(octets, c.a); err != nil {
		return err
	}
	c.x.marquer(c.base+chemin, marque)
	return nil
}

// demander asks an address; no bytes and no error means that nothing changed.
func (c *consultation) demander(ctx context.Context, adresse string) (octets []byte, marque string, err error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, adresse, nil)
	if err != nil {
		return nil, "", fmt.Errorf("adresse de miroir inutilisable: %w", err)
	}
	if m := c.x.marque(adresse); m != "" && !strings.Contains(adresse, "/depuis/") {
		q.Header.Set("If-None-Match", m)
	}
	q.Header.Set("Accept", "application/json")
	if c.revalider {
		q.Header.Set("Cache-Control", "no-cache") // ref: RFC 9111 §5.2.1.4
	}
	r, err := c.x.client().Do(q)
	if err != nil {
		return nil, "", err
	}
	defer r.Body.Close()
	c.lireEntetes(r)
	switch r.StatusCode {
	case http.StatusOK:
		octets, err = c.corps(r)
		return octets, r.Header.Get("ETag"), err
	case http.StatusNoContent, http.StatusNotModified:
		return nil, "", nil
	case http.StatusNotFound, http.StatusGone:
		return nil, "", errIntrouvable
	}
	return nil, "", fmt.Errorf("réponse HTTP %d", r.StatusCode)
}

// corps reads the answer, bounded once decompressed.
func (c *consultation) corps(r *http.Response) ([]byte, error) {
	limite := c.s.Max
	if limite <= 0 {
		limite = TailleMax
	}
	if r.ContentLength > limite {
		return nil, &RefusListe{Motif: MotifTaille}
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, limite+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("lire la liste: %w", err)
	case int64(len(b)) > limite:
		return nil, &RefusListe{Motif: MotifTaille}
	case len(b) == 0:
		return nil, &RefusListe{Motif: MotifIllisible, Detail: "réponse vide"}
	}
	return b, nil
}

// lireEntetes keeps how long the answer is fresh, when to come back, and whether a
// list waits for its day. Nothing of it decides what is believed. ref: RFC 9111 §4.2
func (c *consultation) lireEntetes(r *http.Response) {
	c.attente.reprendre = max(c.attente.reprendre, retryAfter(r.Header.Get("Retry-After"), c.a))
	if r.StatusCode == http.StatusOK || r.StatusCode == http.StatusNoContent || r.StatusCode == http.StatusNotModified {
		c.attente.fraiche = maxAge(r.Header)
	}
	for _, l := range r.Header.Values("Link") {
		c.suivante = c.suivante || strings.Contains(l, `rel="next"`)
	}
}

// maxAge is what is left of the freshness of an answer. ref: RFC 9111 §4.2.1, §4.2.3
func maxAge(h http.Header) time.Duration {
	var d time.Duration
	for mot := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		nom, valeur, _ := strings.Cut(strings.TrimSpace(strings.ToLower(mot)), "=")
		switch nom {
		case "no-cache", "no-store":
			return 0
		case "max-age":
			d = secondes(strings.Trim(valeur, `"`))
		}
	}
	return max(0, d-secondes(h.Get("Age")))
}

func retryAfter(s string, a time.Time) time.Duration {
	if t, err := http.ParseTime(s); err == nil {
		return max(0, t.Sub(a))
	}
	return secondes(s)
}

// secondes reads a count of seconds, at most a year; 0 for anything else.
func secondes(s string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 32)
	if err != nil {
		return 0
	}
	return time.Duration(min(n, 366*24*3600)) * time.Second
}

func (x *Abonnement) client() *http.Client {
	if x.HTTP != nil {
		return x.HTTP
	}
	return &http.Client{Timeout: 30 * time.Second}
}

func (x *Abonnement) marque(adresse string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.marques[adresse]
}

func (x *Abonnement) marquer(adresse, marque string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if marque == "" || len(marque) > 200 || strings.Contains(adresse, "/depuis/") {
		delete(x.marques, adresse)
		return
	}
	x.marques[adresse] = marque
}
