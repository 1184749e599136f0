package front

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// GenreLAR is the type of a list of revoked accreditations on the wire: a signed line,
// then its records.
const GenreLAR = "application/vnd.ecluse.lar"

// Revocations is what the door of the revoked accreditations asks. The error is
// visiodroits.ErrNonParue, or a failure.
type Revocations interface {
	// Dernier is the number of the last list of an issuer. It is asked often, and reads
	// no list.
	Dernier(ctx context.Context, emetteur string) (int64, error)
	// Octets is a list by its number. What is empty was not published in that form.
	Octets(ctx context.Context, emetteur string, n int64, f accreditation.Forme) ([]byte, error)
	// Taille is how many bytes that is, without reading them.
	Taille(ctx context.Context, emetteur string, n int64, f accreditation.Forme) (int, error)
}

// ageLAR is for how long a cache may give the current list in our place.
const ageLAR = 5 * time.Minute

var routesLAR = []struct {
	Route
	servir func(e *etal) http.HandlerFunc
}{
	{Route{"/lar/{emetteur}/courante", "Dernière liste des accréditations révoquées, entière ; `Ecluse-Numero` dit son numéro"}, func(e *etal) http.HandlerFunc { return e.rendreCourante }},
	{Route{"/lar/{emetteur}/{numero}", "Une de ces listes par son numéro, entière"}, func(e *etal) http.HandlerFunc { return e.rendreNumero(accreditation.Entiere) }},
	{Route{"/lar/{emetteur}/{numero}/delta", "Ce que celle-là ajoute à la précédente ; 404 s'il faut la prendre entière"}, func(e *etal) http.HandlerFunc { return e.rendreNumero(accreditation.Delta) }},
}

// RoutesLAR serves the lists of revoked accreditations. ref: VISIO §7, §12
func RoutesLAR(mux *http.ServeMux, prefixe string, p Revocations, horloge func() time.Time) {
	e := nouvelEtal(p, horloge)
	for _, x := range routesLAR {
		servir := x.servir(e)
		mux.HandleFunc("GET "+prefixe+x.Chemin, func(w http.ResponseWriter, r *http.Request) {
			if !forme(r.PathValue("emetteur"), "0123456789") {
				refuserListe(w, visiodroits.ErrNonParue)
				return
			}
			servir(w, r)
		})
	}
}

func (e *etal) rendreCourante(w http.ResponseWriter, r *http.Request) {
	c, err := e.courante(r.Context(), r.PathValue("emetteur"))
	if err != nil {
		refuserListe(w, err)
		return
	}
	w.Header().Set("Ecluse-Numero", strconv.FormatInt(c.numero, 10))
	rendreLAR(w, r, bytes.NewReader(c.octets[accreditation.Entiere]), c.marque, "public, max-age="+strconv.Itoa(int(ageLAR/time.Second)))
}

// rendreNumero gives a list by its number. It never changes: its number is its mark, and
// it is not read for who has it already, or asks how long it is.
func (e *etal) rendreNumero(f accreditation.Forme) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, emetteur := r.PathValue("numero"), r.PathValue("emetteur")
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 || strconv.FormatInt(n, 10) != s { // one writing only, for caches
			refuserListe(w, visiodroits.ErrNonParue)
			return
		}
		marque := string(f) + "-" + s
		var corps io.ReadSeeker
		if r.Method == http.MethodHead || tient(r, marque) {
			var taille int
			taille, err = e.taille(r.Context(), emetteur, n, f)
			corps = sansCorps{io.NewSectionReader(nil, 0, int64(taille))}
			if err == nil && taille == 0 {
				err = visiodroits.ErrNonParue
			}
		} else {
			var b []byte
			b, err = e.octets(r.Context(), emetteur, n, f)
			corps = bytes.NewReader(b)
			if err == nil && len(b) == 0 {
				err = visiodroits.ErrNonParue
			}
		}
		if err != nil {
			refuserListe(w, err)
			return
		}
		rendreLAR(w, r, corps, marque, "public, max-age=31536000, immutable")
	}
}

// tient tells whether who asks says that he has what bears a mark, and nothing else.
func tient(r *http.Request, marque string) bool {
	l := r.Header.Values("If-None-Match")
	return len(l) == 1 && slices.Contains([]string{`"` + marque + `"`, `W/"` + marque + `"`}, strings.TrimSpace(l[0]))
}

// sansCorps has a length, and nobody reads it.
type sansCorps struct{ *io.SectionReader }

// Read is never called for HEAD, nor for who has the list.
func (sansCorps) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func rendreLAR(w http.ResponseWriter, r *http.Request, corps io.ReadSeeker, marque, cache string) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", cache)
	h.Set("Content-Type", GenreLAR)
	h.Set("ETag", `"`+marque+`"`)
	http.ServeContent(w, r, "", time.Time{}, corps)
}

// refuserListe says that a list is not there, or not now.
func refuserListe(w http.ResponseWriter, err error) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store") // it may be published in a moment
	switch {
	case errors.Is(err, visiodroits.ErrNonParue):
		http.Error(w, "liste non parue", http.StatusNotFound)
	case errors.Is(err, errOccupe):
		h.Set("Retry-After", "5")
		http.Error(w, "trop de lectures à la fois", http.StatusServiceUnavailable)
	default:
		h.Set("Retry-After", "60")
		http.Error(w, "liste indisponible", http.StatusServiceUnavailable)
	}
}
