package image

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// releve collects what the records of one nature are found by, for some fields, in
// the order of the image; then writes an index for each.
type releve struct {
	champs [annuaire.NombreChamps]*index
	ord    uint32
}

// index is one field as it is collected: pairs of a term and a record for a
// dictionary, pairs of 64 bits and a record for hashes.
type index struct {
	numeros map[string]uint32
	termes  []string
	dernier []uint32 // of each term: the last record that had it, plus one
	comptes []uint32
	quoi    []uint32 // number of a term
	ords    []uint32
	haches  []paire
	rangs   []uint32 // the terms, once sorted
}

func nouveauReleve(champs []annuaire.Champ) *releve {
	r := &releve{}
	for _, ch := range champs {
		r.champs[ch] = &index{}
		if genres[ch] != parHachage {
			r.champs[ch].numeros = map[string]uint32{}
		}
	}
	return r
}

func (r *releve) cle(ch annuaire.Champ, v string) {
	x := r.champs[ch]
	if x == nil {
		return
	}
	n, ok := x.numeros[v]
	if !ok {
		n = uint32(len(x.termes))
		v = strings.Clone(v)
		x.numeros[v] = n
		x.termes = append(x.termes, v)
		x.dernier = append(x.dernier, 0)
		x.comptes = append(x.comptes, 0)
	}
	if x.dernier[n] == r.ord+1 {
		return
	}
	x.dernier[n] = r.ord + 1
	x.comptes[n]++
	x.quoi = append(x.quoi, n)
	x.ords = append(x.ords, r.ord)
}

func (r *releve) hache(ch annuaire.Champ, h uint64) {
	if x := r.champs[ch]; x != nil {
		x.haches = append(x.haches, paire{h, r.ord})
	}
}

// relever reads every record once.
func (r *releve) relever(ctx context.Context, n annuaire.Nature, t fichesTriees, codes codes) error {
	var g gabarit
	for i := range t.ordre {
		if i%65536 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		c := codage{b: t.fiche(i), codes: codes}
		k := g.lire(n, &c)
		if c.faux {
			return fmt.Errorf("%w: %s %d", ErrFiche, n, i)
		}
		r.ord = uint32(i)
		g.indexer(k, r)
	}
	return nil
}

// ecrire writes the indexes, one at a time whoever else writes.
func (r *releve) ecrire(e *ecrivain, un *sync.Mutex, n annuaire.Nature) error {
	for ch := range annuaire.NombreChamps {
		x := r.champs[ch]
		if x == nil {
			continue
		}
		k := cleSection{Quoi: secTermes, Nature: n, Champ: ch}
		var parts [][]byte
		if genres[ch] == parHachage {
			k.Quoi = secHaches
			parts = x.tableHachee()
			if ch == annuaire.ParID && x.double() {
				return ErrDouble
			}
		} else {
			parts = x.dictionnaire()
		}
		mots, err := x.lexique(indexMots(ch))
		if err != nil {
			return err
		}
		un.Lock()
		e.section(k, parts...)
		if mots != nil {
			e.section(cleSection{Quoi: secLexique, Nature: n, Champ: ch}, mots)
		}
		un.Unlock()
		r.champs[ch] = nil
	}
	return nil
}

// dictionnaire sorts the terms, and gathers the records of each: how many terms and
// postings, where each term ends, where its postings begin, the terms, the postings.
func (x *index) dictionnaire() [][]byte {
	rangs := make([]uint32, len(x.termes))
	x.rangs = rangs
	for i := range rangs {
		rangs[i] = uint32(i)
	}
	slices.SortFunc(rangs, func(a, b uint32) int { return strings.Compare(x.termes[a], x.termes[b]) })
	fins := make([]uint32, len(rangs))
	debuts := make([]uint32, len(rangs)+1)
	place := make([]uint32, len(rangs))
	var textes []byte
	for i, n := range rangs {
		textes = append(textes, x.termes[n]...)
		fins[i] = uint32(len(textes))
		place[n] = debuts[i]
		debuts[i+1] = debuts[i] + x.comptes[n]
	}
	postes := make([]uint32, len(x.ords))
	for i, n := range x.quoi {
		postes[place[n]] = x.ords[i]
		place[n]++
	}
	for len(textes)%4 != 0 {
		textes = append(textes, 0)
	}
	return [][]byte{octetsDe([]uint64{uint64(len(fins)), uint64(len(postes))}), octetsDe(fins), octetsDe(debuts), textes, octetsDe(postes)}
}

// indexMots says how the words of a field are sought besides whole and begun.
func indexMots(ch annuaire.Champ) lexique.Index {
	switch {
	case ch == annuaire.ParBAL:
		return lexique.Index{Trigrammes: true}
	case ch == annuaire.ParNom, ch == annuaire.ParPrenom:
		return lexique.Index{Fautes: true, Sons: true, Trigrammes: true}
	case ch == annuaire.ParVille, ch == annuaire.ParMetier:
		return lexique.Index{Fautes: true, Sons: true}
	}
	return lexique.Index{}
}

// lexique makes the dictionary of what words may be mistaken for, nil when the field
// has none. The terms are sorted by then: their ranks are those of the dictionary.
func (x *index) lexique(i lexique.Index) ([]byte, error) {
	if i == (lexique.Index{}) || len(x.termes) == 0 {
		return nil, nil
	}
	return lexique.Batir(func(un func([]byte, uint32) bool) {
		for _, n := range x.rangs {
			if !un([]byte(x.termes[n]), x.comptes[n]) {
				return
			}
		}
	}, i)
}

// paquetHache is how many values stand in a bucket, on average.
const paquetHache = 4

// tableHachee sorts the values: how many, how many buckets, where each bucket begins,
// the values, the records.
func (x *index) tableHachee() [][]byte {
	trierPaires(x.haches, parValeur)
	x.haches = slices.Compact(x.haches)
	bits := 0
	for len(x.haches)>>bits > paquetHache {
		bits++
	}
	paquets := make([]uint32, 1<<bits+1)
	valeurs := make([]uint64, len(x.haches))
	ords := make([]uint32, len(x.haches))
	for i, p := range x.haches {
		valeurs[i], ords[i] = p.cle, p.valeur
		paquets[paquet(p.cle, bits)+1] = uint32(i + 1)
	}
	for i := 1; i < len(paquets); i++ {
		paquets[i] = max(paquets[i], paquets[i-1])
	}
	return [][]byte{octetsDe([]uint64{uint64(len(valeurs)), uint64(bits)}), octetsDe(valeurs), octetsDe(paquets), octetsDe(ords)}
}

func paquet(h uint64, bits int) uint64 {
	if bits == 0 {
		return 0
	}
	return h >> (64 - bits)
}

// double tells whether two records have one value; the table is sorted.
func (x *index) double() bool {
	for i := 1; i < len(x.haches); i++ {
		if x.haches[i].cle == x.haches[i-1].cle {
			return true
		}
	}
	return false
}
