package alerte

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/vigie"
)

// facilite is security/authorization messages. ref: RFC 5424 §6.2.1 (10)
const facilite = 10

// Syslog writes events in CEF, framed as RFC 5424 messages, to one destination.
type Syslog struct {
	version string
	hote    string
	pid     string
	ouvrir  func(ctx context.Context) (io.WriteCloser, error)
	cadrer  func(message string) []byte

	sortie io.WriteCloser
}

// ErrDestination refuses an address of another form.
var ErrDestination = errors.New("alerte: destination syslog refusée : attendu udp://hôte:port, tcp://hôte:port, tls://hôte:port ou file:///chemin")

// OuvrirSyslog prepares a writer to udp://, tcp:// or tls://host:port, or to a
// file. Connections are made at the first event, and again after a failure. tls
// is for tls:// only; nil takes the system's authorities. hote is our name in
// messages, version that of the program.
func OuvrirSyslog(adresse, hote, version string, configTLS *tls.Config) (*Syslog, error) {
	u, err := url.Parse(adresse)
	if err != nil {
		return nil, ErrDestination
	}
	s := &Syslog{version: version, hote: nomSyslog(hote), pid: strconv.Itoa(os.Getpid()), cadrer: compter}
	d := &net.Dialer{Timeout: delaiEcriture}
	switch {
	case u.Scheme == "file" && u.Host == "" && u.Path != "":
		s.cadrer = ligne
		s.ouvrir = func(context.Context) (io.WriteCloser, error) {
			return os.OpenFile(u.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
		}
	case u.Port() == "" || u.Path != "":
		return nil, ErrDestination
	case u.Scheme == "udp":
		s.cadrer = datagramme
		s.ouvrir = connecteur(d.DialContext, "udp", u.Host)
	case u.Scheme == "tcp":
		s.ouvrir = connecteur(d.DialContext, "tcp", u.Host)
	case u.Scheme == "tls":
		s.ouvrir = connecteur((&tls.Dialer{NetDialer: d, Config: configTLS}).DialContext, "tcp", u.Host)
	default:
		return nil, ErrDestination
	}
	return s, nil
}

func connecteur(dial func(context.Context, string, string) (net.Conn, error), reseau, adresse string) func(context.Context) (io.WriteCloser, error) {
	return func(ctx context.Context) (io.WriteCloser, error) { return dial(ctx, reseau, adresse) }
}

// Ecrire sends one event. A connection that the other side closed is opened once
// more: the event is then sent again, as syslog has no acknowledgement.
func (s *Syslog) Ecrire(ctx context.Context, e vigie.Evenement) error {
	trame := s.cadrer(s.message(e))
	neuve := s.sortie == nil
	err := s.envoyer(ctx, trame)
	if err != nil && !neuve {
		err = s.envoyer(ctx, trame)
	}
	if err != nil {
		return fmt.Errorf("alerte: écrire au syslog: %w", err)
	}
	return nil
}

func (s *Syslog) envoyer(ctx context.Context, trame []byte) error {
	if s.sortie == nil {
		sortie, err := s.ouvrir(ctx)
		if err != nil {
			return err
		}
		s.sortie = sortie
	}
	if c, ok := s.sortie.(net.Conn); ok {
		if limite, ok := ctx.Deadline(); ok {
			if err := c.SetWriteDeadline(limite); err != nil {
				return errors.Join(err, s.Close())
			}
		}
	}
	if _, err := s.sortie.Write(trame); err != nil {
		return errors.Join(err, s.Close())
	}
	return nil
}

// Close closes the destination; a later event opens it again.
func (s *Syslog) Close() error {
	if s.sortie == nil {
		return nil
	}
	err := s.sortie.Close()
	s.sortie = nil
	return err
}

// message is the event as RFC 5424 has it. No byte order mark before the text:
// collectors look for "CEF:" there. ref: RFC 5424 §6 (MSG-ANY)
func (s *Syslog) message(e vigie.Evenement) string {
	return fmt.Sprintf("<%d>1 %s %s ecluse %s %s - %s", facilite*8+severite(e.Gravite),
		e.Quand.UTC().Format("2006-01-02T15:04:05.000Z"), s.hote, s.pid, identifiant(string(e.Code)), CEF(s.version, e))
}

// severite is the syslog scale, where 2 is critical and 6 informational.
// ref: RFC 5424 §6.2.1
func severite(g vigie.Gravite) int {
	switch {
	case g >= vigie.Critique:
		return 2
	case g >= vigie.Alerte:
		return 3
	case g >= vigie.Attention:
		return 4
	}
	return 6
}

// nomSyslog keeps the printable ASCII of a name; "-" when nothing is left.
func nomSyslog(nom string) string { return imprimable(nom, 255) }

func identifiant(code string) string { return imprimable(code, 32) }

func imprimable(s string, max int) string {
	s = strings.Map(func(r rune) rune {
		if r <= 0x20 || r >= 0x7F {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), max)]
}

// compter frames by length on a stream. ref: RFC 6587 §3.4.1; RFC 5425 §4.3
func compter(message string) []byte { return []byte(strconv.Itoa(len(message)) + " " + message) }

// datagramme is one message a datagram. ref: RFC 5426 §3.1
func datagramme(message string) []byte { return []byte(message) }

func ligne(message string) []byte { return []byte(message + "\n") }
