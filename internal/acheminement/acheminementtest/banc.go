package acheminementtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// Midi is when the tests begin.
var Midi = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Horloge is a clock that moves when told.
type Horloge struct {
	mu sync.Mutex
	t  time.Time
}

// NewHorloge gives a clock stopped at Midi.
func NewHorloge() *Horloge { return &Horloge{t: Midi} }

// Lire is a sante.Horloge.
func (h *Horloge) Lire() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.t
}

// Avancer moves the clock, back when d is negative.
func (h *Horloge) Avancer(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.t = h.t.Add(d)
}

// Message makes a small message.
func Message(destinataire, cle, ordre string) *acheminement.Envoi {
	return &acheminement.Envoi{Destinataire: destinataire, Transport: "essai", Adresse: "boite", Genre: "DRE-ES", Cle: cle, Ordre: ordre,
		Contenu: []byte("scellé " + cle), Instant: Midi}
}

// TransportFunc is a function that delivers.
type TransportFunc func(ctx context.Context, e *acheminement.Envoi, contenu []byte) (acheminement.Recu, error)

// Livrer implements acheminement.Transport.
func (f TransportFunc) Livrer(ctx context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error) {
	b, err := io.ReadAll(contenu)
	if err != nil {
		return acheminement.Recu{}, err
	}
	return f(ctx, e, b)
}

// Arrive is one arrival of a message at its partner.
type Arrive struct{ Destinataire, Cle, Ordre, Contenu string }

// Boite is the partners' side in memory: it notes what comes, and gives each key
// its receipt.
type Boite struct {
	mu      sync.Mutex
	arrives []Arrive
}

// Livrer implements acheminement.Transport.
func (b *Boite) Livrer(_ context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error) {
	octets, err := io.ReadAll(contenu)
	if err != nil {
		return acheminement.Recu{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrives = append(b.arrives, Arrive{e.Destinataire, e.Cle, e.Ordre, string(octets)})
	return acheminement.Recu{Octets: []byte("reçu " + e.Cle)}, nil
}

// Arrives gives what came, in order.
func (b *Boite) Arrives() []Arrive {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Arrive(nil), b.arrives...)
}

// Effets gives the keys in the order of their first arrival: what a partner that
// knows a key makes of the deliveries. An error when a key came with other bytes.
func (b *Boite) Effets() ([]Arrive, error) {
	vus := map[string]string{}
	var l []Arrive
	for _, a := range b.Arrives() {
		if connu, deja := vus[a.Cle]; deja && connu != a.Contenu {
			return nil, fmt.Errorf("%s est venu avec d'autres octets", a.Cle)
		} else if !deja {
			vus[a.Cle] = a.Contenu
			l = append(l, a)
		}
	}
	return l, nil
}

// Hostile loses messages, loses receipts, repeats and delays, by chance.
type Hostile struct {
	Vers acheminement.Transport
	mu   sync.Mutex
	Alea *rand.Rand
}

func (h *Hostile) tirer() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.Alea.IntN(10)
}

// Livrer implements acheminement.Transport.
func (h *Hostile) Livrer(ctx context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error) {
	c, ok := contenu.(io.ReadSeeker)
	if !ok {
		return acheminement.Recu{}, errors.New("contenu sans retour en arrière")
	}
	switch h.tirer() {
	case 0, 1: // the message is lost
		return acheminement.Recu{}, &acheminement.Passager{Code: acheminement.CodeSilence}
	case 2, 3: // the receipt is lost
		if _, err := h.Vers.Livrer(ctx, e, c); err != nil {
			return acheminement.Recu{}, err
		}
		return acheminement.Recu{}, &acheminement.Passager{Code: acheminement.CodeSilence}
	case 4: // it comes twice
		if _, err := h.Vers.Livrer(ctx, e, c); err != nil {
			return acheminement.Recu{}, err
		}
		if _, err := c.Seek(0, io.SeekStart); err != nil {
			return acheminement.Recu{}, err
		}
	case 5: // late: others pass
		time.Sleep(time.Millisecond)
	}
	return h.Vers.Livrer(ctx, e, c)
}
