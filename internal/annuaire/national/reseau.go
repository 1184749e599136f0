package national

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// Acces says how a source is joined. The zero value joins nothing.
type Acces struct {
	Hotes      []string       // allowed, with the port when it is not 443
	Permis     []netip.Prefix // private addresses that are allowed all the same: a laboratory
	TLS        *tls.Config    // nil: the roots of the machine
	FichierCle string         // path of the key, empty for none; read at each use
	Delai      time.Duration  // for an answer, or for its next byte; 0: 30 s
	Essais     int            // of one request; 0: 6
	ParMinute  int            // requests; 0: 600, under the 1,000 seen as the cap
	// Dormir waits, time being passed in; nil: a timer.
	Dormir func(context.Context, time.Duration) error
	// Maintenant tells the time; nil: time.Now.
	Maintenant func() time.Time
}

const (
	delaiDefaut     = 30 * time.Second // ref: RASS §7.1
	essaisDefaut    = 6
	parMinuteDefaut = 600
	attenteMin      = time.Second
	attenteMax      = 2 * time.Minute
	redirectionsMax = 3
)

// reseau sends requests to a source.
type reseau struct {
	a       Acces
	client  *http.Client
	dernier time.Time
}

func nouveauReseau(a Acces) *reseau {
	if a.Delai <= 0 {
		a.Delai = delaiDefaut
	}
	if a.Essais <= 0 {
		a.Essais = essaisDefaut
	}
	if a.ParMinute <= 0 {
		a.ParMinute = parMinuteDefaut
	}
	if a.Maintenant == nil {
		a.Maintenant = time.Now
	}
	if a.Dormir == nil {
		a.Dormir = dormir
	}
	r := &reseau{a: a}
	d := &net.Dialer{Timeout: 10 * time.Second, Control: r.refuserPrivee}
	r.client = &http.Client{
		Transport: &http.Transport{DialContext: d.DialContext, TLSClientConfig: a.TLS, TLSHandshakeTimeout: 10 * time.Second,
			ResponseHeaderTimeout: a.Delai, MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 2, IdleConnTimeout: 90 * time.Second,
			DisableCompression: true, ForceAttemptHTTP2: true},
		CheckRedirect: r.rediriger,
	}
	return r
}

func dormir(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// refuserPrivee looks at the address really dialled, after name resolution.
func (r *reseau) refuserPrivee(_, adresse string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(adresse)
	if err != nil || !roc.AdressePublique(ap.Addr(), r.a.Permis...) {
		return fmt.Errorf("%w : adresse privée ou locale", ErrHote)
	}
	return nil
}

// rediriger follows a redirection to an allowed host alone, and leaves the key behind
// when the host is another.
func (r *reseau) rediriger(q *http.Request, vus []*http.Request) error {
	if len(vus) > redirectionsMax {
		return fmt.Errorf("%w : trop de redirections", ErrSource)
	}
	if q.URL.Host != vus[0].URL.Host {
		q.Header.Del(enteteCle)
	}
	return r.permise(q.URL)
}

// permise tells whether an address may be joined.
func (r *reseau) permise(u *url.URL) error {
	if u.Scheme != "https" || u.User != nil || !slices.Contains(r.a.Hotes, u.Host) {
		return fmt.Errorf("%w : hôte %q", ErrHote, u.Host)
	}
	return nil
}

const enteteCle = "ESANTE-API-KEY"

// cle reads the key, whose file may be replaced while the program runs.
func (r *reseau) cle() (string, error) {
	if r.a.FichierCle == "" {
		return "", nil
	}
	f, err := os.Open(r.a.FichierCle)
	if err != nil {
		return "", ErrCle
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4097))
	k := strings.TrimSpace(string(b))
	if err != nil || k == "" || len(b) > 4096 || strings.ContainsAny(k, "\r\n\x00") {
		return "", ErrCle
	}
	return k, nil
}

// demander sends a GET until it is answered, and gives an answer whose status is one of
// those accepted. A 410 is errExpire, a 401 or 403 ErrRefuse. The body gives up when the
// next byte is too long to come.
func (r *reseau) demander(ctx context.Context, adresse string, entetes map[string]string, acceptes ...int) (*http.Response, error) {
	u, err := url.Parse(adresse)
	if err != nil {
		return nil, fmt.Errorf("%w : adresse illisible", ErrHote)
	}
	if err := r.permise(u); err != nil {
		return nil, err
	}
	for essai := 1; ; essai++ {
		rep, attente, err := r.essayer(ctx, u, entetes, acceptes)
		if err == nil {
			return rep, nil
		}
		if attente < 0 || essai >= r.a.Essais || ctx.Err() != nil {
			return nil, err
		}
		if attente == 0 {
			attente = recul(essai)
		}
		if e := r.a.Dormir(ctx, attente); e != nil {
			return nil, errors.Join(err, e)
		}
	}
}

// recul is how long to wait after a failure: twice as long each time, with a part of
// chance so that mirrors do not come back together.
func recul(essai int) time.Duration {
	d := min(attenteMin<<min(essai-1, 10), attenteMax)
	return d/2 + rand.N(d/2+1)
}

// essayer sends one request. attente is negative when it is useless to try again, zero
// when the source does not say how long to wait.
func (r *reseau) essayer(ctx context.Context, u *url.URL, entetes map[string]string, acceptes []int) (_ *http.Response, attente time.Duration, err error) {
	if err := r.cadencer(ctx); err != nil {
		return nil, -1, err
	}
	cle, err := r.cle()
	if err != nil {
		return nil, -1, err
	}
	c, arreter := context.WithCancel(ctx)
	q, err := http.NewRequestWithContext(c, http.MethodGet, u.String(), nil)
	if err != nil {
		arreter()
		return nil, -1, fmt.Errorf("%w : adresse illisible", ErrHote)
	}
	for k, v := range entetes {
		q.Header.Set(k, v)
	}
	if cle != "" {
		q.Header.Set(enteteCle, cle)
	}
	rep, err := r.client.Do(q)
	if err != nil {
		arreter()
		if errors.Is(err, ErrHote) || errors.Is(err, ErrSource) {
			return nil, -1, sansAdresse(err)
		}
		return nil, 0, fmt.Errorf("%w : %w", ErrSource, sansAdresse(err))
	}
	if slices.Contains(acceptes, rep.StatusCode) {
		rep.Body = &corps{ReadCloser: rep.Body, delai: r.a.Delai, arreter: arreter, t: time.AfterFunc(r.a.Delai, arreter)}
		return rep, 0, nil
	}
	rep.Body.Close()
	arreter()
	return nil, r.suite(rep), statut(rep.StatusCode)
}

// sansAdresse is an error of the client without the address that it was for.
func sansAdresse(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func statut(n int) error {
	switch n {
	case http.StatusGone:
		return errExpire
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w (réponse %d)", ErrRefuse, n)
	}
	return fmt.Errorf("%w (réponse %d)", ErrSource, n)
}

// suite is how long to wait before the next attempt, negative when there is none.
func (r *reseau) suite(rep *http.Response) time.Duration {
	if rep.StatusCode != http.StatusTooManyRequests && rep.StatusCode != http.StatusRequestTimeout && rep.StatusCode < 500 {
		return -1
	}
	return r.attendue(rep)
}

// attendue reads Retry-After, bounded; zero when it is not said.
func (r *reseau) attendue(rep *http.Response) time.Duration {
	s := rep.Header.Get("Retry-After")
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return min(time.Duration(min(n, 3600))*time.Second, attenteMax)
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(0, min(t.Sub(r.a.Maintenant()), attenteMax))
	}
	return 0
}

// cadencer keeps requests apart.
func (r *reseau) cadencer(ctx context.Context) error {
	pas := time.Minute / time.Duration(r.a.ParMinute)
	if d := pas - r.a.Maintenant().Sub(r.dernier); d > 0 && d <= pas {
		if err := r.a.Dormir(ctx, d); err != nil {
			return err
		}
	}
	r.dernier = r.a.Maintenant()
	return ctx.Err()
}

// corps is the body of an answer, given up when its next byte is too long to come.
type corps struct {
	io.ReadCloser
	delai   time.Duration
	arreter context.CancelFunc
	t       *time.Timer
}

func (c *corps) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.t.Reset(c.delai)
	return n, err
}

func (c *corps) Close() error {
	c.t.Stop()
	err := c.ReadCloser.Close()
	c.arreter()
	return err
}

// lireBorne reads a body to its end, of at most max bytes.
func lireBorne(r io.Reader, max int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, max+1))
	if err != nil {
		return nil, fmt.Errorf("%w : %w", ErrSource, err)
	}
	if int64(len(b)) > max {
		return nil, ErrTaille
	}
	return b, nil
}
