package charger

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

const (
	nombreTiroirs = 1 << bitsTiroirs
	bitsTiroirs   = 7
	formatTravail = 2 // of the files of work: those of another are not taken up
	tamponTiroir  = 16 << 10
	morceauMax    = 1 << 20 // no line of a feed, and no record, is longer
)

var errTiroir = errors.New("charger: un fichier de travail est abîmé, reprendre le chargement depuis les flux")

// tiroirs are files of work that share out pieces by their hash, so that all the
// pieces of one record are in one drawer that memory can hold.
type tiroirs struct {
	repertoire, nom string
	mu              [nombreTiroirs]sync.Mutex
	fichiers        [nombreTiroirs]*os.File
	tailles         [nombreTiroirs]int64
}

func nouveauxTiroirs(repertoire, nom string) *tiroirs {
	return &tiroirs{repertoire: repertoire, nom: nom}
}

func (t *tiroirs) chemin(i int) string {
	return filepath.Join(t.repertoire, fmt.Sprintf("%s.%03d", t.nom, i))
}

// verser appends to a drawer.
func (t *tiroirs) verser(i int, b []byte) error {
	t.mu[i].Lock()
	defer t.mu[i].Unlock()
	if t.fichiers[i] == nil {
		f, err := os.OpenFile(t.chemin(i), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("charger: %w", err)
		}
		t.fichiers[i] = f
	}
	n, err := t.fichiers[i].Write(b)
	t.tailles[i] += int64(n)
	if err != nil {
		return fmt.Errorf("charger: fichier de travail: %w", err)
	}
	return nil
}

// fermer ends the writing.
func (t *tiroirs) fermer() error {
	var err error
	for i, f := range t.fichiers {
		if f != nil {
			err = errors.Join(err, f.Close())
			t.fichiers[i] = nil
		}
	}
	return err
}

// rouvrir takes drawers that another run wrote, if they have the sizes it said.
func (t *tiroirs) rouvrir(tailles [nombreTiroirs]int64) bool {
	for i, n := range tailles {
		d, err := os.Stat(t.chemin(i))
		if n == 0 && errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil || d.Size() != n {
			return false
		}
	}
	t.tailles = tailles
	return true
}

// lire appends a whole drawer to b.
func (t *tiroirs) lire(b []byte, i int) ([]byte, error) {
	n := t.tailles[i]
	if n == 0 {
		return b, nil
	}
	f, err := os.Open(t.chemin(i))
	if err != nil {
		return b, fmt.Errorf("charger: %w", err)
	}
	defer f.Close()
	d := len(b)
	b = slices.Grow(b, int(n))[:d+int(n)]
	if _, err := io.ReadFull(f, b[d:]); err != nil {
		return b, errTiroir
	}
	return b, nil
}

// versement is what one reader puts in drawers; it is not safe for concurrent use,
// several of them on the same drawers are.
type versement struct {
	t       *tiroirs
	tampons [nombreTiroirs][]byte
	err     error
}

// poser puts a piece: what it is, what it does, and the fields.
func (v *versement) poser(h uint64, e etiquette, op byte, donnees []byte) {
	i := int(h >> (64 - bitsTiroirs))
	b := v.tampons[i]
	if b == nil {
		b = make([]byte, 0, tamponTiroir)
	}
	b = binary.AppendUvarint(b, uint64(len(donnees)))
	b = append(b, byte(e), op)
	b = binary.LittleEndian.AppendUint64(b, h)
	b = append(b, donnees...)
	if len(b) > tamponTiroir-2048 {
		if err := v.t.verser(i, b); err != nil && v.err == nil {
			v.err = err
		}
		b = b[:0]
	}
	v.tampons[i] = b
}

// finir writes what is left.
func (v *versement) finir() error {
	for i, b := range v.tampons {
		if len(b) > 0 && v.err == nil {
			v.err = v.t.verser(i, b)
		}
		v.tampons[i] = nil
	}
	return v.err
}

// morceau is a piece in the text of its drawer.
type morceau struct {
	h        uint64
	debut    uint32
	longueur uint32
	quoi     etiquette
	op       byte
}

func (m *morceau) texte(s string) string { return s[m.debut : m.debut+m.longueur] }

// morceaux cuts a drawer into its pieces.
func morceaux(s string, l []morceau) ([]morceau, error) {
	if int64(len(s)) > 1<<32-1 {
		return l, errTiroir
	}
	for i := 0; i < len(s); {
		n, k := uvarint(s[i:])
		if i += k; k <= 0 || n > morceauMax || uint64(len(s)-i) < 10+n {
			return l, errTiroir
		}
		l = append(l, morceau{h: huit(s, i+2), debut: uint32(i + 10), longueur: uint32(n), quoi: etiquette(s[i]), op: s[i+1]})
		i += 10 + int(n)
	}
	return l, nil
}

func uvarint(s string) (n uint64, k int) {
	for i := 0; i < len(s) && i < binary.MaxVarintLen32; i++ {
		n |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return n, i + 1
		}
	}
	return 0, 0
}

// suite is a file of work that is read once, in the order in which it was written.
type suite struct {
	mu      sync.Mutex
	chemin  string
	f       *os.File
	w       *bufio.Writer
	taille  int64
	attente []byte
}

func (s *suite) poser(e etiquette, op byte, donnees []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.f == nil {
		f, err := os.OpenFile(s.chemin, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("charger: %w", err)
		}
		s.f, s.w = f, bufio.NewWriterSize(f, 256<<10)
	}
	s.attente = append(binary.AppendUvarint(s.attente[:0], uint64(len(donnees))), byte(e), op)
	s.attente = append(s.attente, donnees...)
	s.taille += int64(len(s.attente))
	if _, err := s.w.Write(s.attente); err != nil {
		return fmt.Errorf("charger: fichier de travail: %w", err)
	}
	return nil
}

func (s *suite) fermer() error {
	if s.f == nil {
		return nil
	}
	err := errors.Join(s.w.Flush(), s.f.Close())
	s.f, s.w = nil, nil
	return err
}

// lire gives each piece to f.
func (s *suite) lire(f func(e etiquette, op byte, donnees []byte) error) error {
	if s.taille == 0 {
		return nil
	}
	g, err := os.Open(s.chemin)
	if err != nil {
		return fmt.Errorf("charger: %w", err)
	}
	defer g.Close()
	r := bufio.NewReaderSize(io.LimitReader(g, s.taille), 256<<10)
	var b []byte
	for lu := int64(0); lu < s.taille; {
		n, err := binary.ReadUvarint(r)
		if err != nil || n > morceauMax {
			return errTiroir
		}
		b = append(b[:0], make([]byte, 2+n)...)
		if _, err := io.ReadFull(r, b); err != nil {
			return errTiroir
		}
		lu += int64(len(b)) + int64(longueurUvarint(n))
		if err := f(etiquette(b[0]), b[1], b[2:]); err != nil {
			return err
		}
	}
	return nil
}

func longueurUvarint(n uint64) int {
	var t [binary.MaxVarintLen64]byte
	return binary.PutUvarint(t[:], n)
}
