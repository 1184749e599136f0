package front

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/trame"
)

// demande is a request whose body was read.
type demande struct {
	*http.Request
	corps []byte
}

func (d *demande) empreinte() string {
	e := sha256.Sum256(bytes.Join([][]byte{[]byte(d.Method), []byte(d.URL.RequestURI()), d.corps}, []byte{0}))
	return hex.EncodeToString(e[:])
}

// lireCorps reads the body of a request that has one, within its bound.
func lireCorps(w http.ResponseWriter, q *http.Request, r Route) ([]byte, error) {
	if r.Corps == nil {
		return nil, nil
	}
	attendu := "application/json"
	if r.Fusion {
		attendu = "application/merge-patch+json"
	}
	genre, _, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if err != nil || genre != attendu && genre != "application/json" {
		return nil, &probleme{statut: http.StatusUnsupportedMediaType, titre: "Genre de contenu refusé", detail: "Content-Type attendu : " + attendu + "."}
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, q.Body, corpsMax))
	var trop *http.MaxBytesError
	if errors.As(err, &trop) {
		return nil, &probleme{statut: http.StatusRequestEntityTooLarge, titre: "Requête trop longue", detail: "1 Mio au plus."}
	}
	if err != nil {
		return nil, &probleme{statut: http.StatusBadRequest, titre: "Requête interrompue", detail: "Le corps n'a pas pu être lu."}
	}
	return b, nil
}

// decoder reads the body of a request.
func decoder[T any](d *demande, plan *trame.Plan[T]) (*T, error) {
	v := new(T)
	if err := plan.DecodeJSON(d.corps, v); err != nil {
		return nil, err
	}
	return v, nil
}

// agentMax bounds the pseudonym of an agent.
const agentMax = 40

// ordre reads who asks and which version he saw: If-Match holds the ETag of the
// visit. exige tells whether it must be there.
func (d *demande) ordre(exige bool) (etablissement.Ordre, error) {
	o := etablissement.Ordre{Agent: d.Header.Get("Ecluse-Agent")}
	if len(o.Agent) > agentMax || !imprimable(o.Agent) {
		return o, &probleme{statut: http.StatusBadRequest, titre: "Agent illisible", detail: "Ecluse-Agent : un pseudonyme de 40 caractères au plus."}
	}
	s := d.Header.Get("If-Match")
	if s == "" || s == "*" {
		if exige && s == "" {
			return o, &probleme{statut: http.StatusPreconditionRequired, titre: "Version attendue", detail: "Rappeler l'ETag de la venue dans If-Match."}
		}
		return o, nil
	}
	n, err := strconv.ParseInt(strings.Trim(s, `"`), 10, 64)
	if err != nil || n <= 0 {
		return o, &probleme{statut: http.StatusPreconditionFailed, titre: "Version inconnue", detail: "If-Match n'est pas un ETag de cette interface."}
	}
	o.Version = n
	return o, nil
}

// reponse is what a request is answered.
type reponse struct {
	statut  int
	entetes map[string]string
	corps   []byte
}

func (r *reponse) ecrire(w http.ResponseWriter) {
	for k, v := range r.entetes {
		w.Header().Set(k, v)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.corps)))
	w.WriteHeader(r.statut)
	w.Write(r.corps) // the caller has gone when it fails
}

// servie is the answer as it is kept.
func (r *reponse) servie() etablissement.Servie {
	var lignes []string
	for k, v := range r.entetes {
		lignes = append(lignes, k+": "+v)
	}
	sort.Strings(lignes)
	return etablissement.Servie{Statut: r.statut, Entetes: strings.Join(lignes, "\n"), Corps: r.corps}
}

// reponseDe gives an answer again, and says so.
func reponseDe(s *etablissement.Servie) *reponse {
	r := &reponse{statut: s.Statut, corps: s.Corps, entetes: map[string]string{"Idempotency-Replayed": "true"}}
	for l := range strings.SplitSeq(s.Entetes, "\n") {
		if k, v, ok := strings.Cut(l, ": "); ok {
			r.entetes[k] = v
		}
	}
	return r
}

// json answers a body of a plan.
func json[T any](statut int, plan *trame.Plan[T], v *T) *reponse {
	return &reponse{statut: statut, corps: plan.AppendJSON(nil, v), entetes: map[string]string{"Content-Type": "application/json"}}
}

// venue answers a visit with its version.
func (f *Front) venue(statut int, v *etablissement.Venue) *reponse {
	r := json(statut, planVenue, f.vueVenue(v))
	r.entetes["ETag"] = `"` + strconv.FormatInt(v.Version, 10) + `"`
	r.entetes["Last-Modified"] = v.Modifiee.UTC().Format(http.TimeFormat)
	return r
}

// instantParam reads an instant of the query.
func instantParam(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, &probleme{statut: http.StatusBadRequest, titre: "Paramètre illisible", detail: "avant : un instant comme 2026-05-04T10:00:00.000Z."}
	}
	return t, nil
}
