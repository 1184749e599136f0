package https

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Offert is a file that waits for a partner.
type Offert struct {
	Nom       string    `json:"nom"`
	Genre     string    `json:"genre"`
	Empreinte string    `json:"empreinte"` // SHA-256, hexadecimal
	Taille    int64     `json:"taille"`
	Depose    time.Time `json:"depose"`
}

// offertsMax bounds a list.
const offertsMax = 1000

// motifOffert is the name of a dropped file: key, digest, genre. ref: depot
var motifOffert = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._~-]{0,127})\.([0-9a-f]{64})\.([A-Za-z0-9][A-Za-z0-9_-]{0,31})$`)

// Retrait lets partners fetch what was dropped for them: the list of their files
// at its address, a file under its name, in parts when a first answer was cut
// (Range). ref: RFC 9110 §14
type Retrait struct {
	// Racine has one folder a partner.
	Racine string
	// Partenaire tells whose files are asked for. An error is a 403.
	Partenaire func(*http.Request) (string, error)
	// Nom is the file asked for, "" for the list.
	Nom func(*http.Request) string
	// Retire is told of each file fetched whole, at once or in parts that follow.
	Retire func(ctx context.Context, partenaire, nom string, taille int64) error

	servis servis
}

// ServeHTTP implements http.Handler.
func (s *Retrait) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.Method != http.MethodGet && q.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuser(w, http.StatusMethodNotAllowed, "METHODE", 0)
		return
	}
	partenaire, err := s.Partenaire(q)
	if err != nil || !filepath.IsLocal(partenaire) || strings.HasPrefix(partenaire, ".") {
		refuser(w, http.StatusForbidden, "PARTENAIRE", 0)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	racine, err := os.OpenRoot(filepath.Join(s.Racine, partenaire))
	if errors.Is(err, fs.ErrNotExist) {
		s.absent(w, q)
		return
	}
	if err != nil {
		refuser(w, http.StatusInternalServerError, "INTERNE", 0)
		return
	}
	defer racine.Close() // a directory, read only
	if nom := s.Nom(q); nom != "" {
		s.donner(w, q, racine, partenaire, nom)
		return
	}
	s.lister(w, racine)
}

// absent answers for a partner for whom nothing was ever dropped.
func (s *Retrait) absent(w http.ResponseWriter, q *http.Request) {
	if s.Nom(q) != "" {
		refuser(w, http.StatusNotFound, "INCONNU", 0)
		return
	}
	ecrireJSON(w, []Offert{})
}

func ecrireJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client is gone
}

func (s *Retrait) lister(w http.ResponseWriter, r *os.Root) {
	d, err := r.Open(".")
	if err != nil {
		refuser(w, http.StatusInternalServerError, "INTERNE", 0)
		return
	}
	defer d.Close() // read only
	l := []Offert{}
	for len(l) < offertsMax {
		entrees, err := d.ReadDir(256)
		for _, x := range entrees {
			if o, ok := offert(x); ok && len(l) < offertsMax {
				l = append(l, o)
			}
		}
		if err != nil { // the end, or what could be read of it
			break
		}
	}
	slices.SortFunc(l, func(a, b Offert) int { return a.Depose.Compare(b.Depose)*2 + strings.Compare(a.Nom, b.Nom) })
	ecrireJSON(w, l)
}

func offert(x fs.DirEntry) (Offert, bool) {
	m := motifOffert.FindStringSubmatch(x.Name())
	if m == nil || !x.Type().IsRegular() {
		return Offert{}, false
	}
	i, err := x.Info()
	if err != nil {
		return Offert{}, false
	}
	return Offert{Nom: x.Name(), Genre: m[3], Empreinte: m[2], Taille: i.Size(), Depose: i.ModTime().UTC().Truncate(time.Second)}, true
}

func (s *Retrait) donner(w http.ResponseWriter, q *http.Request, r *os.Root, partenaire, nom string) {
	m := motifOffert.FindStringSubmatch(nom)
	if m == nil {
		refuser(w, http.StatusNotFound, "INCONNU", 0)
		return
	}
	f, err := r.Open(nom)
	if err != nil {
		refuser(w, http.StatusNotFound, "INCONNU", 0)
		return
	}
	defer f.Close() // read only
	i, err := f.Stat()
	if err != nil || !i.Mode().IsRegular() {
		refuser(w, http.StatusNotFound, "INCONNU", 0)
		return
	}
	h := w.Header()
	h.Set("ETag", `"`+m[2]+`"`)
	h.Set("Content-Type", genreEntier)
	if b, err := hex.DecodeString(m[2]); err == nil {
		h.Set(enteteEmpreinte, champEmpreinte(b))
	}
	c := &comptage{ResponseWriter: w}
	http.ServeContent(c, q, "", time.Time{}, f)
	debut, n, ok := c.etendue()
	if q.Method == http.MethodGet && s.Retire != nil && ok && s.servis.noter(partenaire+"/"+nom, debut, n, i.Size()) {
		// What the partner has, it has: a failure to write it down changes nothing to it.
		_ = s.Retire(context.WithoutCancel(q.Context()), partenaire, nom, i.Size())
	}
}

// comptage counts what an answer carried.
type comptage struct {
	http.ResponseWriter
	statut int
	n      int64
}

func (c *comptage) WriteHeader(statut int) {
	c.statut = statut
	c.ResponseWriter.WriteHeader(statut)
}

func (c *comptage) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.n += int64(n)
	return n, err
}
