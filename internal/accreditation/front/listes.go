// Package front offers the questions of rights at the gate, and what an issuer publishes:
// signed lists, through plain HTTP and its caches.
package front

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Publications is what this door asks of who publishes; *visiodroits.Kiosque is
// one. Errors are visiodroits.ErrNonParue, visiodroits.ErrAJour from Depuis, or a
// failure.
type Publications interface {
	// Courante is the list in force at an instant, whole.
	Courante(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur, a time.Time) (visiodroits.Parution, error)
	// Suivante is the next one that waits for its day.
	Suivante(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur, a time.Time) (visiodroits.Parution, error)
	// Numero is a list by its number, whole: its bytes never change.
	Numero(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur, n int64) (visiodroits.Parution, error)
	// Depuis is what changed from a list to the one in force; beside ErrAJour, the
	// Parution says when the next one is due.
	Depuis(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur, base int64, a time.Time) (visiodroits.Parution, error)
}

// Route is one address of what an issuer publishes, read by GET under the root of the
// profile.
type Route struct {
	Chemin string
	Doc    string // a French sentence
}

// Liste is every address of what an issuer publishes. ref: VISIO §7, §12
func Liste() (l []Route) {
	for _, x := range routesListes {
		l = append(l, x.Route)
	}
	return append(l,
		Route{"/lar/{emetteur}/courante", "Dernière liste des accréditations révoquées, entière ; `Ecluse-Numero` dit son numéro"},
		Route{"/lar/{emetteur}/{numero}", "Une de ces listes par son numéro, entière"},
		Route{"/lar/{emetteur}/{numero}/delta", "Ce que celle-là ajoute à la précédente ; 404 s'il faut la prendre entière"})
}

var routesListes = []struct {
	Route
	servir func(s listes, w http.ResponseWriter, r *http.Request)
}{
	{Route{"/listes/{genre}/{emetteur}/courante", "Liste en vigueur d'un émetteur, entière : `services`, `certificats`, `nomenclatures` ou `etat`"}, listes.courante},
	{Route{"/listes/{genre}/{emetteur}/suivante", "La suivante, qui attend sa date d'effet"}, listes.suivante},
	{Route{"/listes/{genre}/{emetteur}/depuis/{numero}", "Ce qui a changé depuis une liste que l'on tient ; 204 si rien"}, listes.depuis},
	{Route{"/listes/{genre}/{emetteur}/{numero}", "Une liste par son numéro : ses octets ne changent jamais"}, listes.numero},
}

// RoutesListes serves signed lists. ref: VISIO §12
func RoutesListes(mux *http.ServeMux, prefixe string, p Publications, horloge func() time.Time) {
	s := listes{p, horloge}
	for _, x := range routesListes {
		mux.HandleFunc("GET "+strings.TrimRight(prefixe, "/")+x.Chemin, func(w http.ResponseWriter, r *http.Request) { x.servir(s, w, r) })
	}
}

type listes struct {
	p       Publications
	horloge func() time.Time
}

// demande is what an address names.
type demande struct {
	genre    visiodroits.Genre
	emetteur visiodroits.Emetteur
	numero   int64 // 0 when the address has none
}

// lire reads an address, which has one writing only: caches must not keep a list
// twice.
func lire(r *http.Request) (d demande, ok bool) {
	genre, emetteur := r.PathValue("genre"), r.PathValue("emetteur")
	if !forme(genre, "abcdefghijklmnopqrstuvwxyz-") || !forme(emetteur, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") {
		return d, false
	}
	d.genre, d.emetteur = visiodroits.Genre(strings.ToUpper(genre)), visiodroits.Emetteur(emetteur)
	if s := r.PathValue("numero"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 || strconv.FormatInt(n, 10) != s {
			return d, false
		}
		d.numero = n
	}
	return d, true
}

func forme(s, alphabet string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, alphabet) == ""
}

func (s listes) courante(w http.ResponseWriter, r *http.Request) {
	a := s.horloge()
	s.rendre(w, r, func(d demande) (visiodroits.Parution, error) {
		return s.p.Courante(r.Context(), d.genre, d.emetteur, a)
	}, false)
}

func (s listes) suivante(w http.ResponseWriter, r *http.Request) {
	a := s.horloge()
	s.rendre(w, r, func(d demande) (visiodroits.Parution, error) {
		return s.p.Suivante(r.Context(), d.genre, d.emetteur, a)
	}, false)
}

func (s listes) depuis(w http.ResponseWriter, r *http.Request) {
	a := s.horloge()
	s.rendre(w, r, func(d demande) (visiodroits.Parution, error) {
		return s.p.Depuis(r.Context(), d.genre, d.emetteur, d.numero, a)
	}, false)
}

func (s listes) numero(w http.ResponseWriter, r *http.Request) {
	s.rendre(w, r, func(d demande) (visiodroits.Parution, error) {
		return s.p.Numero(r.Context(), d.genre, d.emetteur, d.numero)
	}, true)
}

// rendre answers with a list. Conditional requests, HEAD and ranges are those of
// net/http.
func (s listes) rendre(w http.ResponseWriter, r *http.Request, prendre func(demande) (visiodroits.Parution, error), immuable bool) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	d, ok := lire(r)
	p, err := visiodroits.Parution{}, visiodroits.ErrNonParue
	if ok {
		p, err = prendre(d)
	}
	switch {
	case errors.Is(err, visiodroits.ErrNonParue):
		h.Set("Cache-Control", "no-store") // it may be published in a moment
		http.Error(w, "liste non parue", http.StatusNotFound)
		return
	case err != nil && !errors.Is(err, visiodroits.ErrAJour):
		h.Set("Cache-Control", "no-store")
		h.Set("Retry-After", "60")
		http.Error(w, "liste indisponible", http.StatusServiceUnavailable)
		return
	case immuable:
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	default:
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(s.age(d.genre, &p)))
	}
	if p.Suivante {
		h.Set("Link", lienSuivante(r))
	}
	if err != nil { // whoever asks is up to date
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.Set("Content-Type", "application/json")
	h.Set("ETag", `"`+p.Marque+`"`)
	http.ServeContent(w, r, "", p.Emission, bytes.NewReader(p.Octets))
}

// lienSuivante leads to the list that waits for its day, from an address beside it
// or below.
func lienSuivante(r *http.Request) string {
	if r.PathValue("numero") != "" {
		return `<../suivante>; rel="next"`
	}
	return `<suivante>; rel="next"`
}

// age is for how long a cache may answer in our place: a part of the period at
// which the list is read, five minutes at most, and never past its term.
func (s listes) age(g visiodroits.Genre, p *visiodroits.Parution) int {
	reste := min(p.Prochaine.Sub(s.horloge()), g.Lecture()/4, 5*time.Minute)
	return int(max(reste, 0).Seconds())
}
