package preuve

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// The files of an exported journal, beside its tile/ directory.
const (
	FichierPoint  = "checkpoint"
	FichierTraces = "traces.ndjson"
	FichierCle    = "cle.pub"
)

// LigneExport is a line of traces.ndjson. Trace holds the record's own octets.
type LigneExport struct {
	Rang    int64           `json:"rang"`
	Feuille Hash            `json:"feuille"`
	Sel     []byte          `json:"sel,omitempty"`
	Trace   json.RawMessage `json:"trace,omitempty"`
	// Efface: the record was destroyed at its term; its hash stays.
	Efface bool `json:"efface,omitempty"`
}

// ligneMax bounds a line of traces.ndjson.
const ligneMax = 64 << 10

// EcrireLigne writes a line of traces.ndjson.
func EcrireLigne(w io.Writer, l LigneExport) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // the record's octets must stay what was hashed
	return e.Encode(l)
}

// Bilan is what VerifierRepertoire read.
type Bilan struct {
	Point PointControle
	// Feuilles were read, of which Effacees no longer have their record.
	Feuilles, Effacees int64
}

// String is the report for a person.
func (b Bilan) String() string {
	feuilles, effacees := "feuilles vérifiées", "effacées"
	if b.Feuilles < 2 {
		feuilles = "feuille vérifiée"
	}
	if b.Effacees < 2 {
		effacees = "effacée"
	}
	return fmt.Sprintf("Journal %s : %d %s (dont %d %s à leur terme), point de contrôle signé le %s, racine %s.",
		b.Point.Origine, b.Feuilles, feuilles, b.Effacees, effacees, b.Point.Instant.Format("2006-01-02 15:04:05 UTC"), b.Point.Racine)
}

// ErrRepertoire: the exported journal does not hold together.
var ErrRepertoire = errors.New("preuve: journal exporté refusé")

// VerifierRepertoire checks one exported log: the checkpoint is signed by the
// key, each record has its leaf's hash, the ranks follow each other, the leaves
// make every tile, every bundle of entries and the signed root, and cle.pub is the
// key given. The key must come from elsewhere than the directory. Memory does not grow with the journal. chaque, when not nil,
// receives each line once it is checked against its hash; it may stop the
// reading with an error of its own.
func VerifierRepertoire(dir fs.FS, cle Cle, chaque func(LigneExport) error) (Bilan, error) {
	var b Bilan
	brut, err := lireBorne(dir, FichierPoint, pointMax)
	if err != nil {
		return b, fmt.Errorf("%w: %w", ErrRepertoire, err)
	}
	if b.Point, err = OuvrirPointControle(brut, cle); err != nil {
		return b, err
	}
	if err := memeCle(dir, cle); err != nil {
		return b, err
	}
	f, err := dir.Open(FichierTraces)
	if err != nil {
		return b, fmt.Errorf("%w: %w", ErrRepertoire, err)
	}
	defer f.Close()
	bord, err := b.lire(f, dir, chaque)
	if err != nil {
		return b, err
	}
	b.Feuilles = bord.Taille()
	if bord.Taille() != b.Point.Taille {
		return b, fmt.Errorf("%w: %d traces pour %d feuilles signées", ErrRepertoire, bord.Taille(), b.Point.Taille)
	}
	for _, t := range bord.Partielles() {
		if err := memeTuile(dir, t); err != nil {
			return b, err
		}
	}
	if bord.Racine() != b.Point.Racine {
		return b, fmt.Errorf("%w: les traces ne font pas la racine signée", ErrRepertoire)
	}
	return b, nil
}

// memeCle checks that the key beside the journal is the one that was given.
func memeCle(dir fs.FS, cle Cle) error {
	brut, err := lireBorne(dir, FichierCle, cleMax)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRepertoire, err)
	}
	if string(bytes.TrimSpace(brut)) != cle.String() {
		return fmt.Errorf("%w: %s n'est pas la clé donnée pour le vérifier", ErrRepertoire, FichierCle)
	}
	return nil
}

// cleMax bounds a public key in its text form.
const cleMax = 4 << 10

// AjouterEntree appends the entry of a leaf to a bundle: its datum, after its
// length. ref: C2SP tlog-tiles, entry bundles
func AjouterEntree(paquet []byte, h Hash) []byte {
	return append(append(paquet, 0, byte(len(h))), h[:]...)
}

// CheminEntrees is where the bundle that ends with the leaf of a size is.
func CheminEntrees(taille int64) string {
	return CheminTuile("entries", (taille-1)/LargeurTuile, int((taille-1)%LargeurTuile)+1)
}

// memeEntrees compares a bundle to that of the directory.
func memeEntrees(dir fs.FS, taille int64, paquet []byte) error {
	chemin := CheminEntrees(taille)
	b, err := lireBorne(dir, chemin, LargeurTuile*(2+len(Hash{})))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRepertoire, err)
	}
	if !bytes.Equal(b, paquet) {
		return fmt.Errorf("%w: %s diffère des traces", ErrRepertoire, chemin)
	}
	return nil
}

func (b *Bilan) lire(r io.Reader, dir fs.FS, chaque func(LigneExport) error) (*Bord, error) {
	bord := &Bord{}
	var paquet []byte
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 1<<14), ligneMax)
	for s.Scan() {
		var l LigneExport
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%w: ligne %d illisible: %w", ErrRepertoire, bord.Taille()+1, err)
		}
		if err := l.verifier(bord.Taille()); err != nil {
			return nil, err
		}
		if l.Efface {
			b.Effacees++
		}
		var tuiles error
		bord.Ajouter(l.Feuille, func(t Tuile) { tuiles = errors.Join(tuiles, memeTuile(dir, t)) })
		if paquet = AjouterEntree(paquet, l.Feuille); bord.Taille()%LargeurTuile == 0 {
			tuiles = errors.Join(tuiles, memeEntrees(dir, bord.Taille(), paquet))
			paquet = paquet[:0]
		}
		if tuiles != nil {
			return nil, tuiles
		}
		if chaque != nil {
			if err := chaque(l); err != nil {
				return nil, err
			}
		}
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%w: ligne %d: %w", ErrRepertoire, bord.Taille()+1, err)
	}
	if len(paquet) > 0 {
		return bord, memeEntrees(dir, bord.Taille(), paquet)
	}
	return bord, nil
}

func (l LigneExport) verifier(rang int64) error {
	switch {
	case l.Rang != rang:
		return fmt.Errorf("%w: rang %d trouvé, %d attendu", ErrRepertoire, l.Rang, rang)
	case l.Efface && len(l.Sel)+len(l.Trace) > 0:
		return fmt.Errorf("%w: la feuille %d est dite effacée et ne l'est pas", ErrRepertoire, rang)
	case !l.Efface && (len(l.Sel) != TailleSel || Feuille(l.Sel, l.Trace) != l.Feuille):
		return fmt.Errorf("%w: la trace %d n'a pas l'empreinte de sa feuille", ErrRepertoire, rang)
	}
	return nil
}

func memeTuile(dir fs.FS, t Tuile) error {
	b, err := lireBorne(dir, t.Chemin(), LargeurTuile*len(Hash{}))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRepertoire, err)
	}
	if !bytes.Equal(b, t.Octets()) {
		return fmt.Errorf("%w: %s diffère des traces", ErrRepertoire, t.Chemin())
	}
	return nil
}

func lireBorne(dir fs.FS, nom string, max int) ([]byte, error) {
	f, err := dir.Open(nom)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, int64(max)+1))
	if err == nil && len(b) > max {
		err = fmt.Errorf("%s: plus de %d octets", nom, max)
	}
	return b, err
}
