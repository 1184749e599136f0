// Package front is the local REST interface that the hospital's billing software
// calls: JSON, one secret, loopback by default. A handler decodes, calls one rule
// of package etablissement, and encodes. Addresses carry opaque identifiers only:
// never a name, a NIR or a member number.
package front

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/sante"
)

// AdresseParDefaut is where the interface listens when nothing is said: this
// machine only.
const AdresseParDefaut = "127.0.0.1:8070"

// corpsMax bounds the body of a request.
const corpsMax = 1 << 20

// Options is what the interface needs beside the rules.
type Options struct {
	Jeton   Jeton // required
	Servies etablissement.Servies
	Horloge sante.Horloge
	Journal *slog.Logger // slog.Default() when nil
	TLS     *tls.Config  // nil: in clear, on the loopback only
}

// Front is the interface of one hospital.
type Front struct {
	service *etablissement.Service
	o       Options
	openapi []byte
}

// ErrJeton is returned when the secret of the interface is absent or too short.
var ErrJeton = errors.New("front: secret de l'interface locale absent ou trop court : 32 caractères au moins")

// Jeton is the digest of the secret that the billing software shows.
type Jeton struct {
	empreinte [sha256.Size]byte
	pose      bool
}

// LogValue hides the secret from the logs.
func (Jeton) LogValue() slog.Value { return slog.StringValue("[masqué]") }

// jetonMax bounds a secret.
const jetonMax = 512

// NewJeton keeps a secret of 32 characters at least.
func NewJeton(secret string) (Jeton, error) {
	secret = strings.TrimSpace(secret)
	if len(secret) < 32 || len(secret) > jetonMax {
		return Jeton{}, ErrJeton
	}
	return Jeton{sha256.Sum256([]byte(secret)), true}, nil
}

// LireJeton reads the secret from its file, which only its owner may read.
func LireJeton(chemin string) (Jeton, error) {
	f, err := os.Open(chemin)
	if err != nil {
		return Jeton{}, fmt.Errorf("front: lire le secret de l'interface locale: %w", err)
	}
	defer f.Close()
	i, err := f.Stat()
	if err != nil {
		return Jeton{}, fmt.Errorf("front: lire le secret de l'interface locale: %w", err)
	}
	if i.Mode().Perm()&0o077 != 0 {
		return Jeton{}, errors.New("front: le fichier du secret est lisible par d'autres que son propriétaire (chmod 600)")
	}
	b := make([]byte, jetonMax+2)
	n, _ := f.Read(b) // an empty or short file is refused below
	return NewJeton(string(b[:n]))
}

// admet compares in constant time.
func (j Jeton) admet(autorisation string) bool {
	genre, secret, _ := strings.Cut(autorisation, " ")
	e := sha256.Sum256([]byte(strings.TrimSpace(secret)))
	return subtle.ConstantTimeCompare(e[:], j.empreinte[:]) == 1 && j.pose && strings.EqualFold(genre, "Bearer")
}

// New makes the interface of a hospital.
func New(s *etablissement.Service, o Options) (*Front, error) {
	if !o.Jeton.pose {
		return nil, ErrJeton
	}
	if o.Servies == nil || o.Horloge == nil {
		return nil, errors.New("front: mémoire des requêtes et horloge attendues")
	}
	if o.Journal == nil {
		o.Journal = slog.Default()
	}
	f := &Front{service: s, o: o}
	var err error
	f.openapi, err = OpenAPI()
	return f, err
}

// Handler serves the routes.
func (f *Front) Handler() http.Handler {
	m := http.NewServeMux()
	methodes := map[string][]string{}
	for _, r := range Routes() {
		m.Handle(r.Methode+" "+r.Chemin, f.porte(r))
		methodes[r.Chemin] = append(methodes[r.Chemin], r.Methode)
	}
	for chemin, l := range methodes {
		m.HandleFunc(chemin, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", strings.Join(l, ", "))
			f.refuser(w, r, &probleme{statut: http.StatusMethodNotAllowed, titre: "Méthode refusée", detail: "Méthodes : " + strings.Join(l, ", ") + "."})
		})
	}
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.refuser(w, r, &probleme{statut: http.StatusNotFound, titre: "Adresse inconnue", detail: "Voir /v1/openapi.json."})
	})
	return m
}

// ErrAdresse: the secret must not cross a network in clear.
var ErrAdresse = errors.New("front: sans TLS, l'interface locale n'écoute que sur cette machine (127.0.0.1 ou ::1)")

// Serveur makes an HTTP server fit for the interface; its caller makes it listen.
// Without Options.TLS the address must be of the loopback.
func (f *Front) Serveur(adresse string) (*http.Server, error) {
	if adresse == "" {
		adresse = AdresseParDefaut
	}
	hote, _, err := net.SplitHostPort(adresse)
	if err != nil {
		return nil, fmt.Errorf("front: adresse de l'interface locale: %w", err)
	}
	if ip := net.ParseIP(hote); f.o.TLS == nil && hote != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, ErrAdresse
	}
	return &http.Server{Addr: adresse, Handler: f.Handler(), TLSConfig: f.o.TLS, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: 90 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}, nil
}

// porte is what every request goes through: the secret, the size, the media
// type, and the answer of a request already served.
func (f *Front) porte(r Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if !r.Libre && !f.o.Jeton.admet(q.Header.Get("Authorization")) {
			h.Set("WWW-Authenticate", "Bearer")
			f.refuser(w, q, &probleme{statut: http.StatusUnauthorized, titre: "Secret absent ou faux",
				detail: "Présenter le secret de l'interface locale : Authorization: Bearer …",
				qui:    "l'exploitant d'Écluse et celui du logiciel de facturation", aFaire: "Donner au logiciel le secret du fichier que nomme la configuration (api.jeton)."})
			return
		}
		corps, p := lireCorps(w, q, r)
		if p != nil {
			f.refuser(w, q, p)
			return
		}
		d := &demande{Request: q, corps: corps}
		rep, err := f.servirUneFois(r, d)
		if err != nil {
			f.refuser(w, q, err)
			return
		}
		rep.ecrire(w)
	})
}

// servirUneFois serves a request, or gives the answer that it was given before.
// A route that asks nobody is served in one transaction with the answer kept
// under its key: whatever dies, the same key never acts twice. A question to an
// insurer is written down before it leaves, and the states of the visit refuse a
// second one; its key only spares the asking.
func (f *Front) servirUneFois(r Route, d *demande) (rep *reponse, err error) {
	cle := d.Header.Get("Idempotency-Key")
	if cle == "" || d.Method != http.MethodPost {
		return r.servir(f, d)
	}
	if len(cle) > 100 || !imprimable(cle) {
		return nil, &probleme{statut: http.StatusBadRequest, titre: "Clé d'idempotence illisible", detail: "Idempotency-Key : 1 à 100 caractères imprimables."}
	}
	if !r.Interroge {
		err = f.o.Servies.Ensemble(d.Context(), func(ctx context.Context) (err error) {
			rep, err = f.parCle(r, &demande{Request: d.WithContext(ctx), corps: d.corps}, cle)
			return err
		})
		return rep, err
	}
	return f.parCle(r, d, cle)
}

// parCle claims the key, serves the request and keeps its answer.
func (f *Front) parCle(r Route, d *demande, cle string) (*reponse, error) {
	deja, err := f.o.Servies.Commencer(d.Context(), cle, d.empreinte(), f.o.Horloge())
	if err != nil {
		return nil, err
	}
	if deja != nil {
		return reponseDe(deja), nil
	}
	rep, err := r.servir(f, d)
	if err != nil {
		if r.Interroge { // elsewhere, undoing the transaction frees the key
			err = errors.Join(err, f.o.Servies.Abandonner(context.WithoutCancel(d.Context()), cle))
		}
		return nil, err
	}
	return rep, f.o.Servies.Finir(context.WithoutCancel(d.Context()), cle, rep.servie())
}

func imprimable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
