// Package front serves what anyone may read of the laboratory's authorities:
// their certificates and their revocation lists.
package front

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/igc"
)

// Autorites is what the front asks of the room; *igc.IGC is one.
type Autorites interface {
	ACs() []igc.AC
	ListeCourante(ctx context.Context, ac string, delta bool) (igc.Liste, error)
	RepondreOCSP(ctx context.Context, requete []byte, a time.Time) []byte
}

// Routes is the list of the addresses written in certificates, in the order of
// PKI §6.2. horloge dates the cache's lifetime.
func Routes(mux *http.ServeMux, prefixe string, a Autorites, horloge func() time.Time) {
	s := serveur{a, horloge}
	prefixe = strings.TrimRight(prefixe, "/")
	mux.HandleFunc("GET "+prefixe+"/crl/{fichier}", s.crl) // ref: RFC 5280 §4.2.1.13
	mux.HandleFunc("GET "+prefixe+"/ac/{fichier}", s.ac)   // ref: RFC 5280 §4.2.2.1
	mux.HandleFunc("POST "+prefixe+"/ocsp", s.ocspPost)    // ref: RFC 6960 appendix A.1
	mux.HandleFunc("GET "+prefixe+"/ocsp/{requete...}", s.ocspGet)
	mux.HandleFunc("GET "+prefixe+"/racines.pem", s.pem(true))    // for trust stores
	mux.HandleFunc("GET "+prefixe+"/autorites.pem", s.pem(false)) // intermediates
}

type serveur struct {
	a       Autorites
	horloge func() time.Time
}

func (s serveur) crl(w http.ResponseWriter, r *http.Request) {
	nom, ok := strings.CutSuffix(r.PathValue("fichier"), ".crl")
	ac, delta := strings.CutSuffix(nom, "-delta")
	if !ok || !s.connue(ac) {
		http.NotFound(w, r)
		return
	}
	l, err := s.a.ListeCourante(r.Context(), ac, delta)
	if errors.Is(err, igc.ErrInconnu) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, "liste de révocation indisponible", http.StatusServiceUnavailable)
		return
	}
	// A cache must not outlive the list, nor hide a revocation for long.
	age := min(max(int(l.Prochaine.Sub(s.horloge()).Seconds()), 0), 300)
	w.Header().Set("Cache-Control", "max-age="+strconv.Itoa(age))
	servir(w, r, "application/pkix-crl", l.DER, l.Emission)
}

// connue keeps the registry from being asked about names nobody has.
func (s serveur) connue(ac string) bool {
	for _, a := range s.a.ACs() {
		if a.Nom == ac {
			return true
		}
	}
	return false
}

func (s serveur) ac(w http.ResponseWriter, r *http.Request) {
	nom, ok := strings.CutSuffix(r.PathValue("fichier"), ".cer")
	for _, a := range s.a.ACs() {
		if ok && a.Nom == nom {
			servir(w, r, "application/pkix-cert", a.Certificat.Raw, a.Certificat.NotBefore)
			return
		}
	}
	http.NotFound(w, r)
}

func (s serveur) pem(racines bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		var recente time.Time
		for _, a := range s.a.ACs() {
			if (a.Parent == "") == racines {
				pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: a.Certificat.Raw}) // a bytes.Buffer does not fail
				if a.Certificat.NotBefore.After(recente) {
					recente = a.Certificat.NotBefore
				}
			}
		}
		servir(w, r, "application/x-pem-file", b.Bytes(), recente)
	}
}

func (s serveur) ocspPost(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<10))
	if err != nil {
		http.Error(w, "requête OCSP de plus de 4 Kio", http.StatusRequestEntityTooLarge)
		return
	}
	s.ocsp(w, r, b)
}

// ocspGet reads the request in the address. ref: RFC 5019 §5
func (s serveur) ocspGet(w http.ResponseWriter, r *http.Request) {
	b, err := base64.StdEncoding.DecodeString(r.PathValue("requete"))
	if err != nil || len(b) > 255 {
		http.Error(w, "requête OCSP illisible", http.StatusBadRequest)
		return
	}
	s.ocsp(w, r, b)
}

func (s serveur) ocsp(w http.ResponseWriter, r *http.Request, requete []byte) {
	w.Header().Set("Content-Type", "application/ocsp-response")
	w.Header().Set("Cache-Control", "no-store") // a suspension is to be seen at once
	w.Write(s.a.RepondreOCSP(r.Context(), requete, s.horloge()))
}

// servir answers with an ETag and leaves conditional requests to net/http.
func servir(w http.ResponseWriter, r *http.Request, genre string, b []byte, date time.Time) {
	e := sha256.Sum256(b)
	w.Header().Set("Content-Type", genre)
	w.Header().Set("ETag", `"`+hex.EncodeToString(e[:16])+`"`)
	http.ServeContent(w, r, "", date, bytes.NewReader(b))
}
