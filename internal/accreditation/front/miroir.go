package front

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Source is an issuer whose lists are given again.
type Source struct {
	Emetteur string
	Adresse  string // https base of its open door
}

const (
	// fraicheurMiroir is for how long a copy is given without asking its issuer whether
	// it holds: that much is added to what caches are told.
	fraicheurMiroir = 2 * time.Second
	// amontMax is how many lists are asked at once to one issuer; attenteAmont is how long
	// one waits for a place, and delaiAmont for a list.
	amontMax     = 8
	attenteAmont = time.Second
	delaiAmont   = 20 * time.Second
	// secoursMax is how long one waits for an issuer to begin its answer when a copy may be given in its place,
	// and repriseAmont for how long it is then given without asking.
	secoursMax   = 3 * time.Second
	repriseAmont = 10 * time.Second
	// copieMax bounds a list, and copiesMax those of one issuer that are kept.
	copieMax  = droits.TailleLARMax
	copiesMax = 64 << 20
)

// Miroir gives the signed lists of other issuers as they come, and leaves everything else
// to h: a reader believes their seals, not who hands them over. Whoever asks the same
// list at the same moment is given one copy, asked once; an issuer is never told who asks.
// racine is where both sides publish. ref: VISIO §12
func Miroir(h http.Handler, racine string, sources []Source, t http.RoundTripper, log *slog.Logger, horloge func() time.Time) (http.Handler, error) {
	portes := map[string]*reflet{}
	for _, s := range sources {
		u, err := url.Parse(s.Adresse)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("source %s : adresse https attendue, sans identifiant ni paramètre", s.Emetteur)
		}
		if !forme(s.Emetteur, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") || portes[s.Emetteur] != nil {
			return nil, fmt.Errorf("source %q : numéro d'émetteur attendu, une seule fois", s.Emetteur)
		}
		portes[s.Emetteur] = &reflet{amont: u, transport: t, log: log, horloge: horloge, places: make(chan struct{}, amontMax), copies: map[string]*copie{}}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := portes[emetteurDe(r, racine)]; p != nil {
			p.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	}), nil
}

// emetteurDe is the issuer whose list a request asks, "" when it asks something else.
func emetteurDe(r *http.Request, racine string) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	p, ok := strings.CutPrefix(r.URL.EscapedPath(), racine+"/")
	l := strings.Split(p, "/")
	switch {
	case !ok:
	case l[0] == "listes" && (len(l) == 4 && slices.Contains(ordinaires, l[3]) || len(l) == 4 && numeroListe(l[3]) || len(l) == 5 && l[3] == "depuis" && numeroListe(l[4])):
		return l[2]
	case l[0] == "lar" && (len(l) == 3 && (l[2] == "courante" || numeroListe(l[2])) || len(l) == 4 && numeroListe(l[2]) && l[3] == "delta"):
		return l[1]
	}
	return ""
}

// ordinaires are the lists that have a name in place of a number.
var ordinaires = []string{"courante", "suivante"}

func numeroListe(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == s
}

// reflet gives the lists of one issuer.
type reflet struct {
	amont     *url.URL
	transport http.RoundTripper
	log       *slog.Logger
	horloge   func() time.Time
	places    chan struct{}
	vol       singleflight.Group

	mu     sync.Mutex
	copies map[string]*copie
	taille int
}

// copie is an answer of an issuer; it is never changed.
type copie struct {
	statut  int
	entetes http.Header
	octets  []byte
	lue     time.Time     // when it was last asked for
	age     time.Duration // that it had then, in the caches that stand between
	terme   time.Time     // of the list, as it says; zero when it does not
	muet    time.Time     // when its issuer was last asked in vain, since lue; zero when it was not
}

// gardes are the headers given again.
var gardes = []string{"Cache-Control", "Content-Type", "Ecluse-Numero", "Etag", "Last-Modified", "Link", "Retry-After", "X-Content-Type-Options"}

// admis are the answers given again; no other is of a list.
var admis = []int{http.StatusOK, http.StatusNoContent, http.StatusNotFound, http.StatusServiceUnavailable}

// poids is what a copy takes in memory, about.
func (c *copie) poids() int { return len(c.octets) + 4096 }

// ServeHTTP gives a list, whole, in part, or says that it did not change.
func (x *reflet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := x.obtenir(r.Context(), r.URL.EscapedPath())
	switch {
	case errors.Is(err, errOccupe):
		refuserListe(w, err)
		return
	case err != nil:
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Retry-After", "60")
		http.Error(w, "émetteur injoignable", http.StatusBadGateway)
		return
	}
	h := w.Header()
	for nom, v := range c.entetes {
		h[nom] = v
	}
	if !c.muet.IsZero() { // ref: RFC 9111 §5.2.2.4, RFC 7234 §5.5
		h.Set("Cache-Control", "no-cache")
		h.Set("Warning", `111 - "Revalidation Failed"`)
	}
	if age := int((c.age + x.horloge().Sub(c.lue)) / time.Second); age > 0 {
		h.Set("Age", strconv.Itoa(age))
	}
	if c.statut != http.StatusOK {
		w.WriteHeader(c.statut)
		if r.Method != http.MethodHead {
			w.Write(c.octets) // the reader has gone when it fails
		}
		return
	}
	emission, _ := http.ParseTime(c.entetes.Get("Last-Modified")) // zero: not said
	http.ServeContent(w, r, "", emission, bytes.NewReader(c.octets))
}

// obtenir gives the copy of a list, asked to its issuer unless it just was.
func (x *reflet) obtenir(ctx context.Context, chemin string) (*copie, error) {
	if c := x.tenue(chemin); x.fraiche(c) {
		return c, nil
	}
	v := x.vol.DoChan(chemin, func() (any, error) {
		if c := x.tenue(chemin); x.fraiche(c) { // asked while we came
			return c, nil
		}
		attente := time.NewTimer(attenteAmont)
		defer attente.Stop()
		select {
		case x.places <- struct{}{}:
		case <-attente.C:
			return nil, errOccupe
		}
		defer func() { <-x.places }()
		secours, delai := x.secours(chemin), delaiAmont
		if secours != nil {
			delai = secoursMax
		}
		ctx, fin := context.WithTimeout(context.WithoutCancel(ctx), delaiAmont)
		defer fin()
		c, err := x.demander(ctx, chemin, x.tenue(chemin), time.AfterFunc(delai, fin))
		if err == nil && c.statut == http.StatusServiceUnavailable && secours != nil {
			err = errors.New("réponse 503")
		}
		if err != nil {
			x.log.Warn("liste d'un autre émetteur injoignable", "adresse", x.amont.Host, "erreur", err, "copie donnée à sa place", secours != nil)
			if secours == nil {
				return nil, err
			}
			c = secours
		}
		x.garder(chemin, c)
		return c, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-v:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*copie), nil
	}
}

func (x *reflet) tenue(chemin string) *copie {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.copies[chemin]
}

// secours is the copy that is held of a list, to be given while its issuer is down: until the
// end that the list itself announces, past which no reader takes it. nil without any.
func (x *reflet) secours(chemin string) *copie {
	c, a := x.tenue(chemin), x.horloge()
	if c == nil || !a.Before(c.terme) {
		return nil
	}
	s := *c
	s.muet = a
	return &s
}

// termeDe is when the next list is due, as a list or its head says; zero when it does not. It
// only tells how long a copy is worth giving: its readers judge it.
func termeDe(octets []byte) (t time.Time) {
	if _, tete, ok := bytes.Cut(octets[:min(len(octets), teteMax)], []byte(".")); ok && octets[0] != '{' { // the head of a list of revocations is a JWS
		contenu, _, _ := bytes.Cut(tete, []byte("."))
		octets, _ = base64.RawURLEncoding.AppendDecode(nil, contenu)
	}
	_, suite, _ := bytes.Cut(octets[:min(len(octets), teteMax)], []byte(`"prochaineEmission":"`))
	dit, _, _ := bytes.Cut(suite, []byte(`"`))
	t, _ = time.Parse(time.RFC3339, string(dit))
	return t
}

// teteMax is where a list has told its dates, in octets.
const teteMax = 8 << 10

func (x *reflet) fraiche(c *copie) bool {
	if c == nil {
		return false
	}
	if depuis := x.horloge().Sub(c.muet); !c.muet.IsZero() && depuis >= 0 && depuis < repriseAmont {
		return x.horloge().Before(c.terme)
	}
	age := x.horloge().Sub(c.lue)
	return age >= 0 && (age < fraicheurMiroir || strings.Contains(c.entetes.Get("Cache-Control"), "immutable"))
}

// demander asks an issuer for a list, or whether the copy that we hold is still the one. The
// wait ends with patience unless the answer begins.
func (x *reflet) demander(ctx context.Context, chemin string, tenue *copie, patience *time.Timer) (*copie, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(x.amont.String(), "/")+chemin, nil)
	if err != nil {
		return nil, err
	}
	if tenue != nil {
		q.Header.Set("If-None-Match", tenue.entetes.Get("Etag"))
	}
	lue := x.horloge()
	r, err := x.transport.RoundTrip(q)
	patience.Stop()
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	var age time.Duration
	if s, err := strconv.Atoi(r.Header.Get("Age")); err == nil && s > 0 {
		age = time.Duration(s) * time.Second
	}
	if tenue != nil && r.StatusCode == http.StatusNotModified {
		return &copie{statut: tenue.statut, entetes: tenue.entetes, octets: tenue.octets, lue: lue, age: age, terme: tenue.terme}, nil
	}
	if !slices.Contains(admis, r.StatusCode) {
		return nil, fmt.Errorf("réponse %s", r.Status)
	}
	c := &copie{statut: r.StatusCode, entetes: http.Header{}, lue: lue, age: age}
	for _, nom := range gardes {
		if v := r.Header.Values(nom); len(v) > 0 {
			c.entetes[nom] = v
		}
	}
	if c.octets, err = io.ReadAll(io.LimitReader(r.Body, copieMax+1)); err != nil {
		return nil, err
	}
	if len(c.octets) > copieMax {
		return nil, fmt.Errorf("liste de plus de %d octets", copieMax)
	}
	c.terme = termeDe(c.octets)
	return c, nil
}

// garder keeps a list that has a mark; the copies last heard of leave their place. What is
// not published, or not now, is asked again each time.
func (x *reflet) garder(chemin string, c *copie) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if avant := x.copies[chemin]; avant != nil {
		x.taille -= avant.poids()
		delete(x.copies, chemin)
	}
	if c.statut != http.StatusOK || c.entetes.Get("Etag") == "" {
		return
	}
	x.copies[chemin] = c
	x.taille += c.poids()
	for x.taille > copiesMax {
		ancien := ""
		for k, autre := range x.copies {
			if k != chemin && (ancien == "" || autre.lue.Before(x.copies[ancien].lue)) {
				ancien = k
			}
		}
		x.taille -= x.copies[ancien].poids()
		delete(x.copies, ancien)
	}
}
