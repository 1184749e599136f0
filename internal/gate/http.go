package gate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// EnteteFeuille is the HTTP header that carries the hash of the journal's leaf
// of an exchange. ref: DEC 17
const EnteteFeuille = "Ecluse-Feuille"

// Limites bounds a connection.
type Limites struct {
	Message int           // bytes of a message; 1 MiB when zero
	Lecture time.Duration // to read a whole request; 10 s when zero
	Reponse time.Duration // to answer; 15 s when zero
}

func (l Limites) avecDefauts() Limites {
	if l.Message <= 0 {
		l.Message = 1 << 20
	}
	if l.Lecture <= 0 {
		l.Lecture = 10 * time.Second
	}
	if l.Reponse <= 0 {
		l.Reponse = 15 * time.Second
	}
	return l
}

// Publication gives the documents that describe the services: the WSDL with its
// schemas, the OpenAPI document and the page to browse it.
type Publication interface {
	// Documents names what describes the exchange, beside the WSDL and the page to
	// browse it: each under the root of the profile.
	Documents() []string
	// Document gives a document by its name ("wsdl", "openapi.json", …), for a
	// server whose base address is base.
	Document(nom, base string) (octets []byte, genre string, ok bool)
}

// Routes adds the doors of a profile, and its descriptions when pub is not nil.
// ref: DEC 6
func (p *Portail) Routes(mux *http.ServeMux, n *roc.Norme, l Limites, pub Publication) {
	l = l.avecDefauts()
	if p.lectures == nil {
		p.lectures = &Places{Tous: lecturesAnonymes, ParPair: lecturesParPair}
	}
	for _, s := range n.Services {
		mux.Handle("POST "+n.Chemin(s), p.porteHTTP(l, n, sceau.REST, s))
	}
	mux.Handle("POST "+n.CheminSOAP(), p.porteHTTP(l, n, sceau.SOAP, ""))
	if pub != nil {
		Publier(mux, n, pub, "")
	}
}

// Publier serves the documents that describe a profile at the base address, that of
// the request when it is empty.
func Publier(mux *http.ServeMux, n *roc.Norme, pub Publication, base string) {
	servir := func(w http.ResponseWriter, r *http.Request, nom string) {
		adresse := base
		if adresse == "" {
			adresse = "https://" + r.Host
		}
		b, genre, ok := pub.Document(nom, adresse)
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", genre)
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Write(b)
	}
	mux.HandleFunc("GET "+n.CheminSOAP(), func(w http.ResponseWriter, r *http.Request) { servir(w, r, "wsdl") })
	mux.HandleFunc("GET "+n.Racine+"/{$}", func(w http.ResponseWriter, r *http.Request) { servir(w, r, "") })
	for _, nom := range pub.Documents() { // one by one: a pattern would take the addresses of the services too
		mux.HandleFunc("GET "+n.Racine+"/"+nom, func(w http.ResponseWriter, r *http.Request) { servir(w, r, nom) })
	}
}

func (p *Portail) porteHTTP(l Limites, n *roc.Norme, face sceau.Face, s roc.Service) http.Handler {
	ouverte := face == sceau.SOAP && len(n.Ouverts) > 0 || n.Ouvert(s)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		canal, refus := p.canal(r)
		anonyme := sansCertificat(r)
		if refus != nil && ouverte && anonyme {
			refus = nil // the seal, or the rule, says what is owed
		}
		if !genreAccepte(face, r.Header.Get("Content-Type")) {
			http.Error(w, "type de contenu attendu : "+genre(face), http.StatusUnsupportedMediaType)
			return
		}
		var brut []byte
		var err error
		switch {
		case refus != nil:
		case anonyme && !p.lectures.Entrer(Pair(r)): // hyp: VIGIE-ANONYMES
			tropALaFois(w, 1)
			return
		case anonyme:
			brut, err = lire(w, r, l.Message)
			p.lectures.Sortir(Pair(r))
		default:
			brut, err = lire(w, r, l.Message)
		}
		if err != nil {
			var trop *http.MaxBytesError
			if errors.As(err, &trop) {
				http.Error(w, string(roc.Illisible)+" message de plus de "+strconv.Itoa(l.Message)+" octets", http.StatusRequestEntityTooLarge)
			}
			return // else the connection is gone
		}
		ctx, fin := context.WithTimeout(r.Context(), l.Reponse)
		defer fin()
		d, err := p.Recevoir(ctx, &Arrivee{Canal: canal, Refus: refus, Pair: Pair(r), Anonyme: anonyme, Norme: n, Face: face, Service: s, Brut: brut})
		if errors.Is(err, errTropDeRefus) {
			w.Header().Set("Retry-After", strconv.Itoa(int(contingentReprendre/time.Second)))
			http.Error(w, "trop de demandes refusées de suite", http.StatusTooManyRequests)
			return
		}
		if err != nil {
			// Not written down: not answered. ref: house-style §4
			http.Error(w, "réponse impossible à tracer", http.StatusServiceUnavailable)
			return
		}
		ecrire(w, face, d)
	})
}

// sansCertificat tells a connection that shows no certificate from one whose
// certificate is refused.
func sansCertificat(r *http.Request) bool { return r.TLS != nil && len(r.TLS.PeerCertificates) == 0 }

// Pair is the address of who holds the connection, its network of 64 bits in IPv6.
func Pair(r *http.Request) string { return reseau(r.RemoteAddr) }

func reseau(adresse string) string {
	a, err := netip.ParseAddrPort(adresse)
	if err != nil {
		return "?"
	}
	ip := a.Addr().Unmap()
	if ip.Is6() {
		if n, err := ip.WithZone("").Prefix(64); err == nil {
			return n.String()
		}
	}
	return ip.String()
}

// canal judges again, for this message, who holds the connection. ref: DEC 15
func (p *Portail) canal(r *http.Request) (certificat.Verdict, error) {
	c, _ := r.Context().Value(cleConnexion{}).(*connexion)
	if c == nil || r.TLS == nil {
		return certificat.Verdict{}, roc.Refuser(roc.CertificatRefuse, "connexion sans certificat")
	}
	if porteur := c.porteur.Load(); porteur != nil {
		if v, err := p.Juge.Rejuger(nil, porteur, certificat.UsageTLSClient, p.Horloge()); err == nil {
			return v, nil
		}
		// Another chain may hold where this one ended: a renewed authority.
	}
	v, err := p.jugerCanal(r.TLS.PeerCertificates)
	if err == nil {
		c.porteur.Store(v.Porteur)
	}
	return v, err
}

func (p *Portail) jugerCanal(pairs []*x509.Certificate) (certificat.Verdict, error) {
	if len(pairs) == 0 {
		return certificat.Verdict{}, roc.Refuser(roc.CertificatRefuse, "certificat de client absent")
	}
	chaine := make([][]byte, 0, len(pairs)-1)
	for _, c := range pairs[1:] {
		chaine = append(chaine, c.Raw)
	}
	return p.Ouvreur.Juge.Juger(pairs[0].Raw, chaine, certificat.UsageTLSClient, p.Horloge())
}

// promisMax is how many bytes are set aside on the word of a Content-Length; more
// is found as it comes.
const promisMax = 32 << 10

// lecturesAnonymes is how many messages are read at once from those who show no
// certificate, and to one address: they are read before admission, and each may take its
// time.
const (
	lecturesAnonymes = 128
	lecturesParPair  = 32
)

// tropALaFois says when to come back, in seconds.
func tropALaFois(w http.ResponseWriter, attendre int) {
	w.Header().Set("Retry-After", strconv.Itoa(max(attendre, 1)))
	http.Error(w, "trop de demandes à la fois", http.StatusServiceUnavailable)
}

func lire(w http.ResponseWriter, r *http.Request, limite int) ([]byte, error) {
	corps := http.MaxBytesReader(w, r.Body, int64(limite))
	if n := r.ContentLength; n > 0 && n <= promisMax && n <= int64(limite) {
		b := make([]byte, n)
		_, err := io.ReadFull(corps, b)
		return b, err
	}
	return io.ReadAll(corps)
}

func genre(f sceau.Face) string {
	if f == sceau.SOAP {
		return "application/soap+xml; charset=utf-8"
	}
	return "application/json"
}

func genreAccepte(f sceau.Face, contenu string) bool {
	g, _, err := mime.ParseMediaType(contenu)
	if err != nil {
		return false
	}
	attendu, _, _ := strings.Cut(genre(f), ";")
	return g == attendu
}

func ecrire(w http.ResponseWriter, f sceau.Face, d Depart) {
	h := w.Header()
	h.Set("Content-Type", genre(f))
	if d.Feuille != "" {
		h.Set(EnteteFeuille, d.Feuille)
	}
	h.Set("Content-Length", strconv.Itoa(len(d.Octets)))
	if d.Attendre > 0 {
		h.Set("Retry-After", strconv.Itoa(d.Attendre))
	}
	w.WriteHeader(statut(f, d))
	w.Write(d.Octets)
}

// statut is the HTTP status of an answer. A fault is 400 or 500 in SOAP 1.2; in
// REST it tells a little more. ref: SOAP 1.2 part 2 §7.5.2.2
func statut(f sceau.Face, d Depart) int {
	switch {
	case !d.Refus:
		return http.StatusOK
	case f == sceau.SOAP && DuDemandeur(d.Code):
		return http.StatusBadRequest
	case f == sceau.SOAP:
		return http.StatusInternalServerError
	}
	if s, ok := statuts[d.Code]; ok {
		return s
	}
	return http.StatusForbidden
}

var statuts = map[roc.Code]int{
	roc.Illisible: http.StatusBadRequest, roc.Version: http.StatusBadRequest, roc.Ferme: http.StatusServiceUnavailable,
	roc.DelaiInterne: http.StatusGatewayTimeout, roc.MemeID: http.StatusConflict, roc.PanneRelais: http.StatusBadGateway,
	roc.Saturation: http.StatusServiceUnavailable, roc.Interne: http.StatusInternalServerError, roc.Quota: http.StatusTooManyRequests,
}

type cleConnexion struct{}

// connexion remembers who a connection was judged to be held by.
type connexion struct {
	porteur atomic.Pointer[certificat.Porteur]
}

// Reserver lets in the holders of a channel that is judged good now, and nobody
// else: TLS lets the holders of refused certificates finish their handshake, for
// the exchange alone. They wait for their turn as for a question. ref: DEC 29
func (p *Portail) Reserver(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := p.canal(r)
		if err != nil {
			http.Error(w, "certificat refusé", http.StatusForbidden)
			return
		}
		sortir, err := p.Vigie.Entrer(r.Context(), structure(v))
		if err != nil {
			tropALaFois(w, enRefus(err).Reprise)
			return
		}
		defer sortir()
		h.ServeHTTP(w, r)
	})
}

// TLS is the configuration of a listener: mutual authentication, the channel
// judged by us at the handshake and again for each message. A holder of our
// authorities whose certificate is refused (expired, revoked, wrong usage) may
// finish the handshake: its message is not read, and gets S503 with the reason.
// autorites are announced to callers. ref: PKI §7
func (p *Portail) TLS(serveur func() *tls.Certificate, autorites *x509.CertPool) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		ClientAuth: tls.RequireAnyClientCert,
		ClientCAs:  autorites,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return serveur(), nil
		},
		VerifyConnection: func(s tls.ConnectionState) error {
			_, err := p.jugerCanal(s.PeerCertificates)
			var r *certificat.Refus
			if errors.As(err, &r) && connu(r.Motif) {
				return nil
			}
			return err
		},
	}
}

// TLSOuvert is the configuration of a listener where a certificate may be shown and is
// not asked for: the base level of the community exchange, whose questions may come
// without a seal. What is shown is judged as on the other. ref: VISIO §9.1, DEC 31
func (p *Portail) TLSOuvert(serveur func() *tls.Certificate, autorites *x509.CertPool) *tls.Config {
	t := p.TLS(serveur, autorites)
	t.ClientAuth = tls.RequestClientCert
	juger := t.VerifyConnection
	t.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return nil
		}
		return juger(s)
	}
	return t
}

// Serveur is an HTTP server of the exchange, with every limit set.
func (p *Portail) Serveur(l Limites, h http.Handler, t *tls.Config) *http.Server {
	l = l.avecDefauts()
	return &http.Server{
		Handler: p.rattraper(EnFrancais(h)), TLSConfig: t,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: l.Lecture, WriteTimeout: l.Lecture + l.Reponse + 5*time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		// Bodies are read before admission: what one connection may hold is bounded.
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 100},
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, cleConnexion{}, &connexion{})
		},
	}
}

// rattraper closes the connection of a page that panics, as net/http does, and tells the
// operator: what net/http writes of it is drowned among the handshakes that fail.
func (p *Portail) rattraper(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			e := recover()
			if e == nil {
				return
			}
			if e != http.ErrAbortHandler {
				p.Log.Error("page en panique", "chemin", r.Pattern, "panique", fmt.Sprint(e), "pile", string(debug.Stack()))
			}
			panic(http.ErrAbortHandler)
		}()
		h.ServeHTTP(w, r)
	})
}

// connu tells whether a refused certificate is at least one of our authorities'.
func connu(m certificat.Motif) bool {
	switch m {
	case certificat.MotifExpire, certificat.MotifPasEncoreValide, certificat.MotifMauvaisUsage, certificat.MotifMauvaisEKU,
		certificat.MotifRevoque, certificat.MotifAutoriteRevoquee, certificat.MotifGamme, certificat.MotifGammeTest,
		certificat.MotifListePerimee, certificat.MotifListeAbsente:
		return true
	}
	return false
}
