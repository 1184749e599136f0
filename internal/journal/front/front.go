// Package front is the journal's door: what a partner needs to check proofs and
// to keep the house's checkpoints. It shows hashes and signatures, never a trace.
package front

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/preuve"
)

// Front serves one tenant's journal.
type Front struct {
	Journal *journal.Journal
	// Erreur receives what the caller is not told; it may be nil.
	Erreur func(ctx context.Context, err error)
}

// Route is one address of the proofs, all read by GET.
type Route struct {
	Chemin string
	Doc    string // a French sentence
	servir func(f Front, w http.ResponseWriter, r *http.Request)
}

// Liste is every address, in the order in which one verifies a journal.
func Liste() []Route {
	return []Route{
		{"/journal/cle", "Clé publique du journal", Front.cle},
		{"/journal/checkpoint", "Dernier point de contrôle signé", Front.point},                                               // ref: C2SP tlog-tiles
		{"/journal/tile/{chemin...}", "Tuile de l'arbre", Front.tuile},                                                        // ref: C2SP tlog-tiles
		{"/journal/preuve/{feuille}", "Preuve qu'une feuille est dans le journal", Front.inclusion},                           // ref: DEC 17
		{"/journal/coherence/{ancienne}", "Preuve que le journal prolonge celui d'une taille plus ancienne", Front.coherence}, // ref: RFC 6962 §2.1.2
	}
}

// Routes serves the addresses.
func (f Front) Routes() http.Handler {
	m := http.NewServeMux()
	for _, x := range Liste() {
		m.HandleFunc("GET "+x.Chemin, func(w http.ResponseWriter, r *http.Request) { x.servir(f, w, r) })
	}
	return m
}

func (f Front) point(w http.ResponseWriter, r *http.Request) {
	p, err := f.Journal.Point(r.Context())
	if err != nil {
		f.refuser(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	texte(w, p.Brut)
}

func (f Front) cle(w http.ResponseWriter, _ *http.Request) {
	texte(w, []byte(f.Journal.Cle().String()+"\n"))
}

func (f Front) tuile(w http.ResponseWriter, r *http.Request) {
	niveau, indice, largeur, err := preuve.ParseCheminTuile(r.PathValue("chemin"))
	if err != nil {
		f.refuser(w, r, journal.ErrAbsent)
		return
	}
	var b []byte
	if niveau == "entries" {
		b, err = f.Journal.Paquet(r.Context(), indice, largeur)
	} else if n, e := strconv.Atoi(niveau); e == nil && n >= 0 && n < 8 {
		b, err = f.Journal.Tuile(r.Context(), n, indice, largeur)
	} else {
		err = journal.ErrAbsent
	}
	if err != nil {
		f.refuser(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Write(b) // the client is gone: nothing left to do
}

func (f Front) inclusion(w http.ResponseWriter, r *http.Request) {
	h, err := preuve.ParseHash(r.PathValue("feuille"))
	if err != nil {
		http.Error(w, "Feuille illisible : attendu 64 chiffres hexadécimaux.", http.StatusBadRequest)
		return
	}
	l, err := f.Journal.Trouver(r.Context(), journal.Critere{Feuille: &h})
	if err == nil && len(l) == 0 {
		err = journal.ErrAbsent
	}
	if err != nil {
		f.refuser(w, r, err)
		return
	}
	i, err := f.Journal.Inclusion(r.Context(), l[0])
	if errors.Is(err, journal.ErrAbsent) {
		// The leaf is written; its checkpoint comes within two seconds.
		w.Header().Set("Retry-After", "1")
		http.Error(w, "Feuille écrite, pas encore signée : redemander dans une seconde.", http.StatusAccepted)
		return
	}
	f.json(w, r, i, err)
}

// Coherence is the answer of /journal/coherence/{taille}.
type Coherence struct {
	Point    string        `json:"pointDeControle"`
	Ancienne int64         `json:"ancienneTaille"`
	Chemin   []preuve.Hash `json:"chemin"`
}

func (f Front) coherence(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(r.PathValue("ancienne"), 10, 64)
	if err != nil || n < 0 {
		http.Error(w, "Taille illisible.", http.StatusBadRequest)
		return
	}
	p, chemin, err := f.Journal.Coherence(r.Context(), n)
	f.json(w, r, Coherence{string(p.Brut), n, chemin}, err)
}

func (f Front) json(w http.ResponseWriter, r *http.Request, v any, err error) {
	if err != nil {
		f.refuser(w, r, err)
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		f.refuser(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(b) // the client is gone: nothing left to do
}

// refuser turns an error into an answer; what is not expected is the operator's.
func (f Front) refuser(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, journal.ErrAbsent):
		http.Error(w, "Introuvable dans ce journal.", http.StatusNotFound)
	case errors.Is(err, preuve.ErrPreuve):
		http.Error(w, "Demande hors de l'arbre signé.", http.StatusBadRequest)
	default:
		if f.Erreur != nil {
			f.Erreur(r.Context(), err)
		}
		http.Error(w, "Erreur interne.", http.StatusInternalServerError)
	}
}

func texte(w http.ResponseWriter, b []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.Write(b) // the client is gone: nothing left to do
}

// Chemin is the address of a leaf's proof.
func Chemin(h preuve.Hash) string { return "/journal/preuve/" + h.Hex() }
