package https

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// Client delivers over HTTPS. Its zero value but for Aller is a working default.
type Client struct {
	// Aller makes one request: a transport over mutual TLS. Redirections are not
	// followed.
	Aller http.RoundTripper
	// Seuil is the size above which a message goes by pieces. Default: 8 MiB.
	Seuil int64
	// Morceau is the size of a piece. Default: 4 MiB.
	Morceau int64
	// RecuMax bounds a receipt. Default: 1 MiB.
	RecuMax int64
	// Delai bounds one request. Default: 60 s.
	Delai time.Duration
	// Clair admits http addresses: for tests.
	Clair bool
}

var _ acheminement.Transport = (*Client)(nil)

func ouDefaut[T int64 | time.Duration](v, d T) T {
	if v > 0 {
		return v
	}
	return d
}

// Livrer implements acheminement.Transport.
func (c *Client) Livrer(ctx context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error) {
	u, err := url.Parse(e.Adresse)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(c.Clair && u.Scheme == "http") {
		return acheminement.Recu{}, &acheminement.Refus{Code: "ADRESSE"}
	}
	if e.Taille > ouDefaut(c.Seuil, 8<<20) {
		return c.parMorceaux(ctx, e, contenu)
	}
	r, err := c.demander(ctx, http.MethodPost, e, io.LimitReader(contenu, e.Taille), e.Taille, func(h http.Header) { h.Set("Content-Type", genreEntier) })
	if err != nil {
		return acheminement.Recu{}, err
	}
	return juger(r)
}

// reponse is an answer, read and closed.
type reponse struct {
	statut  int
	entetes http.Header
	corps   []byte
}

// demander makes one request and reads its answer. The error is a *Passager.
func (c *Client) demander(ctx context.Context, methode string, e *acheminement.Envoi, corps io.Reader, taille int64, ajouter func(http.Header)) (*reponse, error) {
	ctx, finir := context.WithTimeout(ctx, ouDefaut(c.Delai, time.Minute))
	defer finir()
	if taille == 0 {
		corps = nil // else the length would be taken for unknown
	}
	req, err := http.NewRequestWithContext(ctx, methode, e.Adresse, corps)
	if err != nil {
		return nil, &acheminement.Refus{Code: "ADRESSE"}
	}
	message{e.Cle, e.Genre, e.Empreinte}.ecrire(req.Header)
	req.ContentLength = taille
	if ajouter != nil {
		ajouter(req.Header)
	}
	rep, err := c.Aller.RoundTrip(req)
	if err != nil {
		return nil, silence(ctx, err)
	}
	defer rep.Body.Close() // read only
	limite := ouDefaut(c.RecuMax, 1<<20)
	octets, err := io.ReadAll(io.LimitReader(rep.Body, limite+1))
	if err != nil {
		return nil, silence(ctx, err)
	}
	if int64(len(octets)) > limite {
		return nil, &acheminement.Passager{Code: "RECU", Cause: fmt.Errorf("reçu de plus de %d octets", limite)}
	}
	return &reponse{rep.StatusCode, rep.Header, octets}, nil
}

func silence(ctx context.Context, err error) error {
	code := "RESEAU"
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		code = acheminement.CodeSilence
	}
	return &acheminement.Passager{Code: code, Cause: err}
}

// juger reads a final answer.
func juger(r *reponse) (acheminement.Recu, error) {
	switch {
	case r.statut >= 200 && r.statut < 300:
		return acheminement.Recu{Octets: r.corps}, nil
	case passe(r.statut):
		return acheminement.Recu{}, &acheminement.Passager{Code: code(r), Attente: attente(r.entetes)}
	}
	return acheminement.Recu{}, &acheminement.Refus{Code: code(r), Octets: r.corps}
}

func passe(statut int) bool {
	switch statut {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusLocked:
		return true
	}
	return statut >= 500 || statut < 200
}

var motifCode = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// code is the "code" of a JSON answer, else the status.
func code(r *reponse) string {
	var corps struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(r.corps, &corps) == nil && motifCode.MatchString(corps.Code) {
		return corps.Code
	}
	return "HTTP_" + strconv.Itoa(r.statut)
}

// attente reads Retry-After: seconds, or a date that the server's own Date makes
// a duration, so that two clocks that disagree do no harm. ref: RFC 9110 §10.2.3
func attente(h http.Header) time.Duration {
	s := h.Get("Retry-After")
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return time.Duration(max(n, 0)) * time.Second
	}
	quand, err := http.ParseTime(s)
	ici, err2 := http.ParseTime(h.Get("Date"))
	if err != nil || err2 != nil {
		return 0
	}
	return max(quand.Sub(ici), 0)
}

// reprisesMax bounds how often client and server may disagree on an offset.
const reprisesMax = 3

// parMorceaux sends what the server has not yet.
func (c *Client) parMorceaux(ctx context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error) {
	flux := &flux{r: contenu}
	debut, err := c.interroger(ctx, e)
	if err != nil {
		return acheminement.Recu{}, err
	}
	for offset, reprises := debut, 0; ; {
		if err := flux.aller(offset); err != nil {
			return acheminement.Recu{}, &acheminement.Passager{Code: acheminement.CodeContenu, Cause: err}
		}
		n := min(ouDefaut(c.Morceau, 4<<20), e.Taille-offset)
		dernier := offset+n == e.Taille
		r, err := c.demander(ctx, http.MethodPatch, e, io.LimitReader(flux, n), n, func(h http.Header) {
			h.Set("Content-Type", genreMorceau)
			h.Set(enteteOffset, strconv.FormatInt(offset, 10))
			h.Set(enteteTaille, strconv.FormatInt(e.Taille, 10))
			h.Set(enteteComplet, booleen(dernier))
		})
		if err != nil {
			return acheminement.Recu{}, avance(err, offset > debut)
		}
		suite, err := lireNombre(r.entetes.Get(enteteOffset))
		suivi := err == nil && suite <= e.Taille
		switch {
		case r.statut == http.StatusNoContent && suivi && suite == offset+n && !dernier:
			offset = suite
		case r.statut == http.StatusConflict && suivi:
			if reprises++; suite == offset || reprises > reprisesMax {
				// Two servers that do not share what they received, for instance.
				return acheminement.Recu{}, &acheminement.Passager{Code: "OFFSET"}
			}
			offset = suite
		default:
			return juger(r)
		}
	}
}

// avance notes that pieces arrived before the network failed. What the server says
// counts as a try: it may say it for ever.
func avance(err error, oui bool) error {
	var p *acheminement.Passager
	if oui && errors.As(err, &p) {
		q := *p
		q.Avance = true
		return &q
	}
	return err
}

// interroger asks what the server already has.
func (c *Client) interroger(ctx context.Context, e *acheminement.Envoi) (int64, error) {
	r, err := c.demander(ctx, http.MethodHead, e, nil, 0, nil)
	if err != nil {
		return 0, err
	}
	if r.statut == http.StatusNotFound {
		return 0, nil
	}
	if r.statut != http.StatusNoContent && r.statut != http.StatusOK {
		_, err := juger(r)
		return 0, err
	}
	if r.entetes.Get(enteteComplet) == booleen(true) {
		return e.Taille, nil // its receipt was lost: an empty last piece asks for it
	}
	n, err := lireNombre(r.entetes.Get(enteteOffset))
	if err != nil || n > e.Taille {
		return 0, &acheminement.Passager{Code: "OFFSET", Cause: err}
	}
	return n, nil
}

// flux is the bytes of a message, gone over forward, and back when they can be.
type flux struct {
	r   io.Reader
	lus int64
}

func (f *flux) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	f.lus += int64(n)
	return n, err
}

func (f *flux) aller(offset int64) error {
	if s, ok := f.r.(io.Seeker); ok {
		if _, err := s.Seek(offset, io.SeekStart); err != nil {
			return err
		}
		f.lus = offset
		return nil
	}
	if offset < f.lus {
		return errors.New("https: contenu sans retour en arrière")
	}
	_, err := io.Copy(io.Discard, io.LimitReader(f, offset-f.lus))
	if err == nil && f.lus < offset {
		return io.ErrUnexpectedEOF
	}
	return err
}
