package charge

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// reponseMax bounds an answer.
const reponseChargeMax = 1 << 20

// connexion posts on one kept connection. The answer is good until the next.
type connexionCharge interface {
	poster(corps []byte) (statut int, reponse []byte, err error)
	fermer() error
}

// ligne is HTTP/1.1 on one TLS connection, with as little as can be: the machine
// is shared with the server that is measured.
type ligne struct {
	conn    *tls.Conn
	lecture *bufio.Reader
	tete    []byte
	depart  []byte
	arrivee []byte
}

func (t *terrain) adresse() string { return t.f.Ecoute.Adresse }

// tls is the configuration of a channel; the server is judged as partners do.
func (t *terrain) tls(protocole string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: "localhost", NextProtos: []string{protocole},
		Certificates:       []tls.Certificate{*t.canal},
		InsecureSkipVerify: true, // VerifyConnection does it
		VerifyConnection: func(s tls.ConnectionState) error {
			var chaine [][]byte
			for _, c := range s.PeerCertificates[1:] {
				chaine = append(chaine, c.Raw)
			}
			_, err := t.magasin.Juger(s.PeerCertificates[0].Raw, chaine, certificat.UsageTLSServeur, time.Now())
			return err
		},
	}
}

func (t *terrain) connecter(o *Options) (connexionCharge, error) {
	chemin, genre := o.Service.Chemin(), "application/json"
	if o.Face == sceau.SOAP {
		chemin, genre = roc.CheminSOAP, "application/soap+xml; charset=utf-8"
	}
	if o.HTTP2 {
		h := &http.Transport{TLSClientConfig: t.tls("h2"), ForceAttemptHTTP2: true, MaxConnsPerHost: 1}
		return &flux{h: h, url: "https://" + t.adresse() + chemin, genre: genre}, nil
	}
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", t.adresse(), t.tls("http/1.1"))
	if err != nil {
		return nil, err
	}
	tete := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: ", chemin, t.adresse(), genre)
	return &ligne{conn: c, lecture: bufio.NewReaderSize(c, 32<<10), tete: tete}, nil
}

func (l *ligne) poster(corps []byte) (int, []byte, error) {
	l.depart = append(l.depart[:0], l.tete...)
	l.depart = strconv.AppendInt(l.depart, int64(len(corps)), 10)
	l.depart = append(append(l.depart, "\r\n\r\n"...), corps...)
	l.conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := l.conn.Write(l.depart); err != nil {
		return 0, nil, err
	}
	r, err := http.ReadResponse(l.lecture, nil)
	if err != nil {
		return 0, nil, err
	}
	defer r.Body.Close()
	if r.ContentLength < 0 || r.ContentLength > reponseChargeMax {
		return r.StatusCode, nil, errors.New("réponse sans longueur, ou trop longue")
	}
	if n := int(r.ContentLength); cap(l.arrivee) < n {
		l.arrivee = make([]byte, n)
	}
	l.arrivee = l.arrivee[:r.ContentLength]
	_, err = io.ReadFull(r.Body, l.arrivee)
	return r.StatusCode, l.arrivee, err
}

func (l *ligne) fermer() error { return l.conn.Close() }

// flux is HTTP/2 on one connection.
type flux struct {
	h          *http.Transport
	url, genre string
}

func (f *flux) poster(corps []byte) (int, []byte, error) {
	u, err := url.Parse(f.url)
	if err != nil {
		return 0, nil, err
	}
	r, err := f.h.RoundTrip(&http.Request{Method: http.MethodPost, URL: u, Host: u.Host, Header: http.Header{"Content-Type": {f.genre}},
		Body: io.NopCloser(bytes.NewReader(corps)), ContentLength: int64(len(corps))})
	if err != nil {
		return 0, nil, err
	}
	defer r.Body.Close()
	if r.ProtoMajor != 2 {
		return 0, nil, errors.New("le serveur ne parle pas HTTP/2")
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, reponseChargeMax))
	return r.StatusCode, b, err
}

func (f *flux) fermer() error { f.h.CloseIdleConnections(); return nil }

// tir is one round of questions, on every connection.
type tir struct {
	t       *terrain
	o       *Options
	lire    lecteur
	modeles []modele
	unique  bool // a modele never leaves twice

	suivant *atomic.Int64
	fin     time.Time
	max     int64           // of suivant, 0: none
	offert  []time.Duration // instants of the questions from debut, when the rate is given
	debut   time.Time
	recevez func(i int, r *renduCharge) // nil, or told of each answer
}

// bilan is what a connection has seen.
type bilan struct {
	delais []time.Duration
	codes  map[string]int
	faute  error // the first answer that could not be believed
}

// epuise: there is no question left.
func (x *tir) prendre() (int, bool) {
	i := x.suivant.Add(1) - 1
	switch {
	case x.max > 0 && i >= x.max, x.unique && i >= int64(len(x.modeles)), x.offert != nil && i >= int64(len(x.offert)):
		return 0, false
	case x.offert == nil && !x.fin.IsZero() && !time.Now().Before(x.fin):
		x.suivant.Add(-1)
		return 0, false
	}
	return int(i), true
}

// tirer runs the round and gathers what was seen.
func (x *tir) tirer(ctx context.Context, connexions []connexionCharge) *bilan {
	bilans := make([]*bilan, len(connexions))
	var fin sync.WaitGroup
	for i, c := range connexions {
		bilans[i] = &bilan{codes: map[string]int{}}
		fin.Go(func() { x.suite(ctx, c, bilans[i], uint64(i)) })
	}
	fin.Wait()
	somme := &bilan{codes: map[string]int{}}
	for _, b := range bilans {
		somme.delais = append(somme.delais, b.delais...)
		for c, n := range b.codes {
			somme.codes[c] += n
		}
		if somme.faute == nil {
			somme.faute = b.faute
		}
	}
	return somme
}

func (x *tir) suite(ctx context.Context, c connexionCharge, b *bilan, rang uint64) {
	var graine [32]byte
	copy(graine[:], fmt.Sprintf("%d/%d", time.Now().UnixNano(), rang))
	h := rand.NewChaCha8(graine)
	o := sceau.Ouvreur{Juge: x.t.magasin, Limite: reponseChargeMax, Relais: roc.BlocChaine}
	v := envoi{chaine: chainePassage(x.t.relais, x.o.Face)}
	for ctx.Err() == nil {
		i, encore := x.prendre()
		if !encore {
			return
		}
		debut := time.Now()
		if x.offert != nil {
			debut = x.debut.Add(x.offert[i]) // what waits for a connection waits too
			time.Sleep(time.Until(debut))
		}
		r, err := x.echanger(&o, c, &v, i, h)
		if err != nil {
			b.codes["erreur"]++
			if b.faute == nil {
				b.faute = err
			}
			var reseau net.Error
			if errors.As(err, &reseau) || errors.Is(err, io.EOF) {
				return // the connection is gone
			}
			continue
		}
		b.delais = append(b.delais, time.Since(debut))
		b.codes[string(r.code)]++
		if x.recevez != nil {
			x.recevez(i, &r)
		}
	}
}

// echanger sends a question and checks its answer: the seal, who made it, and
// that it answers this very question.
func (x *tir) echanger(o *sceau.Ouvreur, c connexionCharge, v *envoi, i int, h *rand.ChaCha8) (renduCharge, error) {
	m := &x.modeles[i%len(x.modeles)]
	if err := v.preparer(m, x.t.emetteurs[m.emetteur].cachet, x.o.Face, i/len(x.modeles), h); err != nil {
		return renduCharge{}, err
	}
	statut, brut, err := c.poster(v.scelle.Octets)
	if err != nil {
		return renduCharge{}, err
	}
	ouvrir := o.REST
	if x.o.Face == sceau.SOAP {
		ouvrir = o.SOAP
	}
	p, err := ouvrir(brut, time.Now())
	if err != nil {
		return renduCharge{}, fmt.Errorf("état HTTP %d, réponse sans sceau valable : %w", statut, err)
	}
	lire := x.lire
	if statut != http.StatusOK {
		lire = lireRefusCharge
	}
	r, err := lire(p)
	if err != nil {
		return r, err
	}
	if err := x.controler(p, v, r.enveloppe); err != nil {
		return r, fmt.Errorf("%w (code %s %s)", err, r.code, r.precision)
	}
	return r, nil
}

func (x *tir) controler(p *sceau.Piece, v *envoi, e *roc.Enveloppe) error {
	switch {
	case p.Scelleur().Porteur.Structure() != x.t.structure:
		return errors.New("réponse scellée par une autre structure que l'AMC")
	case e.EmpreinteQuestion != sceau.EmpreinteTexte(v.scelle.Empreinte) || e.Sens != roc.Reponse:
		return errors.New("réponse à une autre question")
	case e.IDEchange != v.echange && e.Emetteur.ID != "":
		return errors.New("réponse d'un autre échange")
	}
	return nil
}

// arrivees draws the instants of questions at a mean rate: gaps are exponential,
// as those of callers who do not know each other.
func arrivees(debit float64, duree time.Duration) []time.Duration {
	h := rand.New(rand.NewPCG(graineCharge, uint64(debit)))
	var l []time.Duration
	for t := 0.0; ; {
		t += h.ExpFloat64() / debit
		d := time.Duration(t * float64(time.Second))
		if d >= duree {
			return l
		}
		l = append(l, d)
	}
}
