package https

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/sante"
)

// Accueil is what receives the messages: the room that acts on them, over
// acheminement.Reception.
type Accueil interface {
	// Deja gives the receipt kept for a message that came before.
	Deja(ctx context.Context, a acheminement.Arrivee) (recu []byte, deja bool, err error)
	// Accueillir has the effect of a message once, and gives its receipt. The bytes
	// have the digest announced; they can be read again from their start. A *Refus
	// refuses for good, a *Passager asks to come back, ErrCle is T012.
	Accueillir(ctx context.Context, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) (recu []byte, err error)
}

// Serveur receives messages at one address.
type Serveur struct {
	// Dossier holds the pieces received: a directory of this node, with nothing else.
	Dossier string
	Accueil Accueil
	// Expediteur tells who sends, from the certificate. An error is a 403.
	Expediteur func(*http.Request) (string, error)
	Horloge    sante.Horloge
	// EntierMax bounds a message in one piece. Default: 8 MiB.
	EntierMax int64
	// TailleMax bounds a message. Default: 1 GiB.
	TailleMax int64
	// MorceauMax bounds a piece. Default: 16 MiB.
	MorceauMax int64
	// PartielsMax bounds the uploads under way of one sender. Default: 32.
	PartielsMax int

	verrous verrous
}

// ServeHTTP implements http.Handler.
func (s *Serveur) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	expediteur, err := s.Expediteur(q)
	if err != nil || expediteur == "" {
		refuser(w, http.StatusForbidden, "EXPEDITEUR", 0)
		return
	}
	m, err := lireMessage(q.Header)
	if err != nil {
		refuser(w, http.StatusBadRequest, "ENTETES", 0)
		return
	}
	// Nothing is unpacked here: what would grow is refused as it comes.
	if q.Header.Get("Content-Encoding") != "" {
		refuser(w, http.StatusUnsupportedMediaType, "COMPRESSE", 0)
		return
	}
	a := acheminement.Arrivee{Expediteur: expediteur, Cle: m.cle, Empreinte: m.empreinte, Instant: s.Horloge()}
	switch q.Method {
	case http.MethodPost:
		s.entier(w, q, a, m)
	case http.MethodHead:
		s.ouEnEst(w, q, a)
	case http.MethodPatch:
		s.morceau(w, q, a, m)
	default:
		w.Header().Set("Allow", "POST, HEAD, PATCH")
		refuser(w, http.StatusMethodNotAllowed, "METHODE", 0)
	}
}

// refuser answers with a code that the Client reads.
func refuser(w http.ResponseWriter, statut int, code string, attente time.Duration) {
	if attente > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((attente+time.Second-1)/time.Second)))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(statut)
	corps, _ := json.Marshal(map[string]any{"status": statut, "code": code}) // of a number and a text
	_, _ = w.Write(corps)                                                    // the client is gone
}

// echouer tells an error of the room or of the machine.
func echouer(w http.ResponseWriter, err error) {
	var refus *acheminement.Refus
	var passager *acheminement.Passager
	var grand *http.MaxBytesError
	switch {
	case errors.Is(err, acheminement.ErrCle):
		refuser(w, http.StatusConflict, acheminement.CodeMemeCle, 0)
	case errors.As(err, &refus):
		refuser(w, http.StatusUnprocessableEntity, refus.Code, 0)
	case errors.As(err, &passager):
		refuser(w, http.StatusServiceUnavailable, passager.Code, passager.Attente)
	case errors.Is(err, acheminement.ErrEnvoi):
		refuser(w, http.StatusBadRequest, "ENTETES", 0)
	case errors.As(err, &grand):
		refuser(w, http.StatusRequestEntityTooLarge, "TAILLE", 0)
	default:
		refuser(w, http.StatusInternalServerError, "INTERNE", 0)
	}
}

func donner(w http.ResponseWriter, recu []byte) {
	w.Header().Set("Content-Type", genreEntier)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(recu) // the client is gone
}

// entier receives a message in one piece.
func (s *Serveur) entier(w http.ResponseWriter, q *http.Request, a acheminement.Arrivee, m message) {
	octets, err := io.ReadAll(http.MaxBytesReader(w, q.Body, ouDefaut(s.EntierMax, 8<<20)))
	if err != nil {
		var grand *http.MaxBytesError
		if !errors.As(err, &grand) {
			err = &acheminement.Passager{Code: "INTERROMPU"}
		}
		echouer(w, err)
		return
	}
	if sha256.Sum256(octets) != m.empreinte {
		// Damaged on the way, or by a sender who would damage it again: the tries decide.
		refuser(w, http.StatusServiceUnavailable, "EMPREINTE", 0)
		return
	}
	recu, err := s.Accueil.Accueillir(q.Context(), a, m.genre, bytes.NewReader(octets), int64(len(octets)))
	if err != nil {
		echouer(w, err)
		return
	}
	donner(w, recu)
}

// ouEnEst tells how many bytes of a message are here. A key that served for other
// bytes is refused with the first piece, whose answer has a body to say it.
func (s *Serveur) ouEnEst(w http.ResponseWriter, q *http.Request, a acheminement.Arrivee) {
	w.Header().Set("Cache-Control", "no-store")
	_, deja, err := s.Accueil.Deja(q.Context(), a)
	if deja && err == nil {
		w.Header().Set(enteteComplet, booleen(true))
		w.WriteHeader(http.StatusNoContent)
		return
	}
	n := int64(-1)
	if err == nil {
		n, err = s.taille(s.chemin(a))
	} else if errors.Is(err, acheminement.ErrCle) {
		err = nil
	}
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if n < 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set(enteteOffset, strconv.FormatInt(n, 10))
	w.WriteHeader(http.StatusNoContent)
}

// morceau receives a piece, and the message with the last.
func (s *Serveur) morceau(w http.ResponseWriter, q *http.Request, a acheminement.Arrivee, m message) {
	p, err := s.lirePiece(q)
	if err != nil {
		refuser(w, http.StatusBadRequest, "ENTETES", 0)
		return
	}
	if p.taille > ouDefaut(s.TailleMax, 1<<30) || q.ContentLength > ouDefaut(s.MorceauMax, 16<<20) {
		refuser(w, http.StatusRequestEntityTooLarge, "TAILLE", 0)
		return
	}
	// Read what is left of a piece refused, or the client would see its connection
	// cut and not the answer.
	defer io.Copy(io.Discard, io.LimitReader(q.Body, p.longueur))
	if recu, deja, err := s.Accueil.Deja(q.Context(), a); deja || err != nil {
		s.dejaVenu(w, a, recu, err)
		return
	}
	chemin := s.chemin(a)
	if !s.verrous.prendre(chemin) {
		refuser(w, http.StatusLocked, "EN_COURS", time.Second)
		return
	}
	defer s.verrous.rendre(chemin)
	n, err := s.ajouter(chemin, p, q.Body)
	var ecart *errOffset
	switch {
	case errors.As(err, &ecart):
		w.Header().Set(enteteOffset, strconv.FormatInt(ecart.ici, 10))
		refuser(w, http.StatusConflict, "OFFSET", 0)
	case err != nil:
		echouer(w, err)
	case !p.dernier:
		w.Header().Set(enteteOffset, strconv.FormatInt(n, 10))
		w.WriteHeader(http.StatusNoContent)
	default:
		s.remettre(w, q, a, m, chemin)
	}
}

// dejaVenu answers for a message whose effect is already had: its receipt was lost.
func (s *Serveur) dejaVenu(w http.ResponseWriter, a acheminement.Arrivee, recu []byte, err error) {
	if err != nil {
		echouer(w, err)
		return
	}
	if chemin := s.chemin(a); s.verrous.prendre(chemin) {
		_ = os.Remove(chemin) // else Purger will
		s.verrous.rendre(chemin)
	}
	donner(w, recu)
}

// remettre hands over a whole message, once its digest is verified.
func (s *Serveur) remettre(w http.ResponseWriter, q *http.Request, a acheminement.Arrivee, m message, chemin string) {
	f, err := os.Open(chemin)
	if err != nil {
		echouer(w, err)
		return
	}
	defer f.Close() // read only
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err == nil && [32]byte(h.Sum(nil)) != m.empreinte {
		// The pieces do not make the message: all is to be sent again.
		if err = os.Remove(chemin); err == nil {
			err = &acheminement.Passager{Code: "EMPREINTE"}
		}
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		echouer(w, err)
		return
	}
	recu, err := s.Accueil.Accueillir(q.Context(), a, m.genre, f, n)
	var refus *acheminement.Refus
	if err == nil || errors.As(err, &refus) || errors.Is(err, acheminement.ErrCle) {
		_ = os.Remove(chemin) // else Purger will
	}
	if err != nil {
		echouer(w, err)
		return
	}
	donner(w, recu)
}
