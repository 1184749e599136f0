package image

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// segment is an image read where it lies. Several Vue share it; the last to leave
// takes its pages away, and its file when another has replaced it.
type segment struct {
	nom     string
	p       *projection
	codes   codesLus
	natures [annuaire.NombreNatures]rayon
	tenants atomic.Int32
	ote     atomic.Bool // its file goes with the last tenant
}

// rayon are the records of one nature and their indexes.
type rayon struct {
	fiches     []byte
	positions  []uint64
	tri        []uint64
	maj        []int64
	majOrdre   []uint32
	empreintes []uint64
	poids      []uint8
	dicos      [annuaire.NombreChamps]*dictionnaire
	haches     [annuaire.NombreChamps]*tableHachee
	lexiques   [annuaire.NombreChamps]*lexique.Lexique
}

func ouvrirSegment(nom string) (*segment, error) {
	f, err := os.Open(nom)
	if err != nil {
		return nil, fmt.Errorf("ouvrir une image: %w", err)
	}
	defer f.Close()
	p, err := projeter(f)
	if err != nil {
		return nil, fmt.Errorf("ouvrir une image: %w", err)
	}
	s := &segment{nom: nom, p: p}
	s.tenants.Store(1)
	if err := s.lire(); err != nil {
		p.fermer()
		return nil, err
	}
	return s, nil
}

func (s *segment) lire() error {
	table, err := lireTable(s.p.b)
	if err != nil {
		return err
	}
	for _, l := range table {
		b := s.p.b[l.Position : l.Position+l.Longueur]
		if l.Nature >= annuaire.NombreNatures || l.Champ >= annuaire.NombreChamps {
			return ErrImage
		}
		if err := s.section(l.cleSection, b); err != nil {
			return err
		}
	}
	for i := range s.natures {
		r := &s.natures[i]
		for ch, l := range r.lexiques {
			// A word has one rank, in the dictionary and for its mistakes.
			if l != nil && (r.dicos[ch] == nil || l.Nombre() != r.dicos[ch].nombre()) {
				return ErrImage
			}
		}
		if !r.entier() {
			return ErrImage
		}
	}
	return nil
}

func (s *segment) section(k cleSection, b []byte) (err error) {
	r := &s.natures[k.Nature]
	switch k.Quoi {
	case secCodes:
		s.codes, err = lireCodes(b)
	case secFiches:
		r.fiches = b
	case secPositions:
		r.positions = vueDe[uint64](b)
	case secTri:
		r.tri = vueDe[uint64](b)
	case secMaj:
		r.maj = vueDe[int64](b)
	case secMajOrdre:
		r.majOrdre = vueDe[uint32](b)
	case secEmpreintes:
		r.empreintes = vueDe[uint64](b)
	case secPoids:
		r.poids = b
	case secTermes:
		var d dictionnaire
		d, err = lireDictionnaire(b)
		r.dicos[k.Champ] = &d
	case secHaches:
		var t tableHachee
		t, err = lireTableHachee(b)
		r.haches[k.Champ] = &t
	case secLexique:
		if r.lexiques[k.Champ], err = lexique.OuvrirSansSomme(b); err != nil {
			err = fmt.Errorf("%w: %w", ErrImage, err)
		}
	}
	return err
}

// entier tells whether the columns of a nature go together.
func (r *rayon) entier() bool {
	n := len(r.tri)
	if n == 0 {
		return len(r.positions) == 0
	}
	return len(r.positions) == n+1 && r.positions[n] == uint64(len(r.fiches)) && len(r.maj) == n &&
		len(r.majOrdre) == n && len(r.empreintes) == n && len(r.poids) == n && r.haches[annuaire.ParID] != nil
}

func (r *rayon) nombre() int { return len(r.tri) }

// fiche gives the octets of a record.
func (r *rayon) fiche(o uint32) []byte {
	if int(o)+1 >= len(r.positions) {
		return nil
	}
	de, a := r.positions[o], r.positions[o+1]
	if de > a || a > uint64(len(r.fiches)) {
		return nil
	}
	return r.fiches[de:a]
}

// id gives the ID of a record, which is its first field.
func (s *segment) id(n annuaire.Nature, o uint32) string {
	c := codage{b: s.natures[n].fiche(o)}
	var id string
	c.chaine(&id)
	return id
}

// parID finds the record of an ID.
func (s *segment) parID(n annuaire.Nature, id string, h uint64) (uint32, bool) {
	t := s.natures[n].haches[annuaire.ParID]
	if t == nil {
		return 0, false
	}
	for _, o := range t.liste(h) {
		if s.id(n, o) == id {
			return o, true
		}
	}
	return 0, false
}

func (s *segment) tenir() { s.tenants.Add(1) }

func (s *segment) rendre() {
	if s.tenants.Add(-1) == 0 {
		s.p.fermer()
		if s.ote.Load() {
			_ = os.Remove(s.nom)
		}
	}
}
