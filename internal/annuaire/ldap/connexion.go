package ldap

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// connexion is one client. One goroutine reads, answers and writes; another reads
// ahead while an operation is long (file.go).
type connexion struct {
	s       *Serveur
	brut    net.Conn
	flux    net.Conn  // brut, or the TLS over it
	tls     *tls.Conn // nil in clear
	r       *bufio.Reader
	w       ecrit
	adresse netip.Addr
	fin     context.Context // ends with the connection
	couper  func()
	file    *file        // nil until an operation was long
	limite  atomic.Int64 // instant after which the connection is cut, in nanoseconds

	session Session
	lieeLe  time.Time // when the session was opened, for one that was bound
	echecs  int
	op      operation
	q       recherche
}

const tailleTampon = 4 << 10

func nouvelleConnexion(s *Serveur, n net.Conn, a netip.Addr) *connexion {
	c := &connexion{s: s, brut: n, flux: n, adresse: a}
	fin, annuler := context.WithCancel(context.Background())
	c.fin, c.couper = fin, func() { annuler(); _ = n.Close() }
	c.op.c = c
	return c
}

// servir is the life of a connection.
func (c *connexion) servir(chiffre bool) {
	defer c.couper()
	defer func() {
		if x := recover(); x != nil {
			c.s.Journal.Error("LDAP : arrêt d'une connexion", "panique", x, "pile", string(debug.Stack()))
		}
	}()
	if chiffre && c.poignee() != nil {
		return
	}
	if c.r == nil {
		c.r = bufio.NewReaderSize(c.flux, tailleTampon)
	}
	for {
		b, err := c.lire()
		if err == nil {
			err = c.traiter(b)
		}
		if err != nil {
			c.adieu(err)
			return
		}
	}
}

// accorder gives the client so long before he is cut.
func (c *connexion) accorder(d time.Duration) { c.limite.Store(time.Now().Add(d).UnixNano()) }

// poignee opens TLS over the connection.
func (c *connexion) poignee() error {
	c.accorder(c.s.bornes.Poignee)
	t := tls.Server(c.brut, c.s.TLS)
	if err := t.HandshakeContext(c.fin); err != nil {
		return err
	}
	c.tls, c.flux = t, t
	c.r = bufio.NewReaderSize(t, tailleTampon)
	return nil
}

// lire gives the next message. What was answered is sent before one waits, and not
// while the client's next question is already there: who asks in bursts is answered
// in bursts.
func (c *connexion) lire() ([]byte, error) {
	if c.file != nil {
		return c.file.suivant(c)
	}
	if !c.prete() {
		if err := c.envoyer(); err != nil {
			return nil, err
		}
	}
	c.accorder(c.s.bornes.Inactif)
	if c.s.arret.Load() {
		return nil, refusArret
	}
	return trame(c.r, c.s.bornes.Message, func() {
		if !c.prete() {
			c.accorder(c.s.bornes.Lecture)
		}
	})
}

// prete tells whether a whole message is in memory.
func (c *connexion) prete() bool {
	b, _ := c.r.Peek(c.r.Buffered())
	entete, longueur, ok := tete(b)
	return ok && entete > 0 && len(b)-entete >= longueur
}

// envoyer writes what was answered so far.
func (c *connexion) envoyer() error {
	if len(c.w.b) == 0 {
		return nil
	}
	c.accorder(c.s.bornes.Ecriture)
	_, err := c.flux.Write(c.w.b)
	c.w.b, c.op.debut = c.w.b[:0], 0
	if cap(c.w.b) > 64<<10 { // one long answer does not hold its memory for ever
		c.w.b = nil
	}
	return err
}

// errPartir ends a connection without a word.
var errPartir = errors.New("ldap: le client s'en va")

// traiter answers one message. An error ends the connection.
func (c *connexion) traiter(b []byte) error {
	m, ok := lireMessage(b)
	if !ok || m.id == 0 {
		return errBER
	}
	switch m.op {
	case opDelier:
		return errPartir
	case opAbandonner: // of an operation that is over, or none
		return nil
	}
	if !c.lieeLe.IsZero() && c.session != nil && m.op != opLier && time.Since(c.lieeLe) > c.s.bornes.Session {
		return refusSession
	}
	tag, ok := reponseDe(m.op)
	if !ok {
		return errBER
	}
	if c.tls == nil && m.op != opEtendre && m.op != opChercher && m.op != opLier {
		c.conclure(m.id, tag, refusClair)
		return nil
	}
	switch m.op {
	case opLier:
		return c.lier(m)
	case opChercher:
		return c.chercher(m)
	case opComparer:
		return c.comparer(m)
	case opEtendre:
		return c.etendre(m)
	}
	c.conclure(m.id, tag, refusLectureSeule)
	return nil
}

// conclure writes the end of an operation; nil is a success.
func (c *connexion) conclure(id int32, tag byte, r *Refus) {
	m, o := c.resultat(id, tag, r)
	c.w.fermer(o)
	c.w.fermer(m)
}

// resultat begins the end of an operation, what some add being still to come.
func (c *connexion) resultat(id int32, tag byte, r *Refus) (m, o int) {
	w := &c.w
	m = w.ouvrir(tagSequence)
	w.entier(tagEntier, id)
	o = w.ouvrir(tag)
	if r == nil {
		r = &Refus{}
	}
	w.entier(tagEnumere, int32(r.Code))
	w.texte(tagOctets, r.Connu)
	w.texte(tagOctets, r.Texte)
	return m, o
}

// adieu tells the client why he is left, when there is something to tell.
// ref: RFC 4511 §4.4.1
func (c *connexion) adieu(err error) {
	var r *Refus
	switch {
	case errors.Is(err, errPartir), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
	case errors.Is(err, errBER):
		r = refusMal
	case errors.Is(err, errTaille):
		r = refusLong
	case errors.Is(err, os.ErrDeadlineExceeded) && c.s.arret.Load():
		r = refusArret
	case errors.Is(err, os.ErrDeadlineExceeded):
		r = refusInactif
	default:
		errors.As(err, &r)
	}
	if r == nil {
		return
	}
	w := &c.w
	m, o := c.resultat(0, reponseEtendre, r)
	w.texte(0x8a, oidDeconnexion)
	w.fermer(o)
	w.fermer(m)
	_ = c.brut.SetDeadline(time.Now().Add(time.Second))
	_, _ = c.flux.Write(w.b)
	if c.tls != nil {
		_ = c.tls.CloseWrite()
	}
}
