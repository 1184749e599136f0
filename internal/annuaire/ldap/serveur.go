package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Serveur answers LDAP. Its fields are set before it listens and not changed after.
type Serveur struct {
	Annuaire Annuaire
	// TLS is required. It asks for a client certificate without demanding one
	// (tls.RequestClientCert) when SASL EXTERNAL is served.
	TLS    *tls.Config
	Bornes Bornes
	// Cle signs the cursors of pages: 32 bytes, the same on every node.
	Cle     []byte
	Journal *slog.Logger

	arret     atomic.Bool
	mu        sync.Mutex
	ecoutes   map[net.Listener]bool
	ouvertes  map[*connexion]bool
	adresses  map[netip.Addr]int
	essais    essais
	en        sync.WaitGroup
	veille    sync.Once
	finVeille chan struct{}
	bornes    Bornes
}

// ErrFerme is what the listening functions return after Fermer.
var ErrFerme = errors.New("ldap: serveur fermé")

// EcouterTLS serves LDAPS on a listener, until Fermer.
func (s *Serveur) EcouterTLS(l net.Listener) error { return s.ecouter(l, true) }

// Ecouter serves LDAP in clear, where StartTLS comes before all else: without it one
// reads the root entry and nothing more.
func (s *Serveur) Ecouter(l net.Listener) error { return s.ecouter(l, false) }

func (s *Serveur) ecouter(l net.Listener, chiffre bool) error {
	if s.TLS == nil || len(s.Cle) < 32 {
		return errors.New("ldap: il faut une configuration TLS et une clé de 32 octets pour les repères de page")
	}
	if !s.inscrire(l) {
		return ErrFerme
	}
	defer s.desinscrire(l)
	for pause := time.Duration(0); ; {
		n, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			s.accueillir(n, chiffre)
		case s.arret.Load():
			return ErrFerme
		case errors.Is(err, net.ErrClosed):
			return err
		default: // out of descriptors, most often: it passes
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.Journal.Warn("LDAP : connexion perdue à l'accueil", "erreur", err)
			time.Sleep(pause)
		}
	}
}

func (s *Serveur) inscrire(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.arret.Load() {
		return false
	}
	if s.ecoutes == nil {
		s.ecoutes, s.ouvertes, s.adresses = map[net.Listener]bool{}, map[*connexion]bool{}, map[netip.Addr]int{}
		s.bornes = s.Bornes.avecDefauts()
	}
	s.ecoutes[l] = true
	s.veille.Do(func() {
		s.finVeille = make(chan struct{})
		go s.veiller(min(time.Second, s.bornes.Inactif/4, s.bornes.Lecture/4))
	})
	return true
}

func (s *Serveur) desinscrire(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ecoutes, l)
	_ = l.Close()
}

// accueillir starts a connection, or closes it at once when there are too many.
func (s *Serveur) accueillir(n net.Conn, chiffre bool) {
	adresse := adresseDe(n)
	c := nouvelleConnexion(s, n, adresse)
	s.mu.Lock()
	if s.arret.Load() || len(s.ouvertes) >= s.bornes.Connexions || s.adresses[adresse] >= s.bornes.ParAdresse {
		s.mu.Unlock()
		_ = n.Close()
		return
	}
	s.ouvertes[c] = true
	s.adresses[adresse]++
	s.en.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.oublier(c)
		c.servir(chiffre)
	}()
}

func (s *Serveur) oublier(c *connexion) {
	s.mu.Lock()
	delete(s.ouvertes, c)
	if s.adresses[c.adresse]--; s.adresses[c.adresse] == 0 {
		delete(s.adresses, c.adresse)
	}
	s.mu.Unlock()
	s.en.Done()
}

func adresseDe(n net.Conn) netip.Addr {
	a, err := netip.ParseAddrPort(n.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap()
}

// veiller closes the connections whose client is silent, or too slow: one goroutine
// for all, rather than a timer armed for each message.
func (s *Serveur) veiller(pas time.Duration) {
	t := time.NewTicker(pas)
	defer t.Stop()
	for {
		select {
		case <-s.finVeille:
			return
		case <-t.C:
		}
		maintenant := time.Now()
		s.mu.Lock()
		for c := range s.ouvertes {
			if l := c.limite.Load(); l != 0 && l < maintenant.UnixNano() {
				_ = c.brut.SetDeadline(maintenant)
			}
		}
		s.mu.Unlock()
	}
}

// Fermer stops listening, lets each connection end what it answers, and tells it to
// come back. When the context ends first, what is left is cut.
func (s *Serveur) Fermer(ctx context.Context) error {
	s.mu.Lock()
	premier := !s.arret.Swap(true)
	for l := range s.ecoutes {
		_ = l.Close()
	}
	for c := range s.ouvertes {
		_ = c.brut.SetReadDeadline(time.Now())
	}
	if premier && s.finVeille != nil {
		close(s.finVeille)
	}
	s.mu.Unlock()
	fini := make(chan struct{})
	go func() { s.en.Wait(); close(fini) }()
	select {
	case <-fini:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	for c := range s.ouvertes {
		c.couper()
	}
	s.mu.Unlock()
	<-fini
	return ctx.Err()
}
