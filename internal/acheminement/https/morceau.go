package https

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// piece is what the fields of a PATCH say of it.
type piece struct {
	offset, taille, longueur int64
	dernier                  bool
}

func (s *Serveur) lirePiece(q *http.Request) (p piece, err error) {
	var e1, e2 error
	p.offset, e1 = lireNombre(q.Header.Get(enteteOffset))
	p.taille, e2 = lireNombre(q.Header.Get(enteteTaille))
	p.longueur, p.dernier = q.ContentLength, q.Header.Get(enteteComplet) == "?1"
	if e1 != nil || e2 != nil || p.longueur < 0 || q.Header.Get("Content-Type") != genreMorceau ||
		p.offset+p.longueur > p.taille || p.dernier != (p.offset+p.longueur == p.taille) {
		return p, errEntetes
	}
	return p, nil
}

// chemin is the file of an upload: nobody but its sender names it.
func (s *Serveur) chemin(a acheminement.Arrivee) string {
	qui := sha256.Sum256([]byte(a.Expediteur))
	quoi := sha256.Sum256(append([]byte(a.Cle+"\n"), a.Empreinte[:]...))
	return filepath.Join(s.Dossier, hex.EncodeToString(qui[:16]), hex.EncodeToString(quoi[:]))
}

// taille is the size of an upload, -1 when there is none.
func (s *Serveur) taille(chemin string) (int64, error) {
	i, err := os.Stat(chemin)
	if errors.Is(err, fs.ErrNotExist) {
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	return i.Size(), nil
}

// errOffset: the piece does not begin where the upload ends.
type errOffset struct{ ici int64 }

// Error gives the place.
func (e *errOffset) Error() string { return fmt.Sprintf("https: %d octets reçus", e.ici) }

// ajouter writes a piece at the end of an upload; what it returns is on the disk,
// and so is what came before the connection was cut.
func (s *Serveur) ajouter(chemin string, p piece, corps io.Reader) (n int64, err error) {
	ici, err := s.taille(chemin)
	if err != nil {
		return 0, err
	}
	if p.offset != max(ici, 0) {
		return 0, &errOffset{max(ici, 0)}
	}
	if ici < 0 {
		if err := s.admettre(filepath.Dir(chemin)); err != nil {
			return 0, err
		}
	}
	f, err := os.OpenFile(chemin, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	ecrits, err := io.Copy(f, io.LimitReader(corps, p.longueur))
	if err == nil && ecrits < p.longueur {
		err = io.ErrUnexpectedEOF
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = &acheminement.Passager{Code: "INTERROMPU"}
	}
	if e := errors.Join(f.Sync(), f.Close()); e != nil {
		err = e
	}
	if err == nil && ici < 0 {
		err = synchroniser(filepath.Dir(chemin))
	}
	return p.offset + ecrits, err
}

// admettre makes the directory of a sender, and bounds what he leaves in it.
func (s *Serveur) admettre(dossier string) error {
	if err := os.MkdirAll(dossier, 0o700); err != nil {
		return err
	}
	l, err := os.ReadDir(dossier)
	if err != nil {
		return err
	}
	borne := s.PartielsMax
	if borne <= 0 {
		borne = 32
	}
	if len(l) >= borne {
		return &acheminement.Passager{Code: "PARTIELS", Attente: time.Minute}
	}
	return nil
}

func synchroniser(dossier string) error {
	d, err := os.Open(dossier)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Purger removes the uploads left for longer than age, by the clock of the files,
// and tells how many.
func (s *Serveur) Purger(age time.Duration) (n int, err error) {
	err = filepath.WalkDir(s.Dossier, func(chemin string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		i, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || time.Since(i.ModTime()) < age || !s.verrous.prendre(chemin) {
			return err
		}
		defer s.verrous.rendre(chemin)
		n++
		return os.Remove(chemin)
	})
	return n, err
}

// verrous are the uploads being written.
type verrous struct {
	mu   sync.Mutex
	pris map[string]bool
}

func (v *verrous) prendre(s string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.pris[s] {
		return false
	}
	if v.pris == nil {
		v.pris = map[string]bool{}
	}
	v.pris[s] = true
	return true
}

func (v *verrous) rendre(s string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.pris, s)
}
