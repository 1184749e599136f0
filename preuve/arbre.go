package preuve

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// HauteurTuile is the number of tree levels in a tile: 256 hashes across.
// ref: C2SP tlog-tiles
const HauteurTuile = 8

// LargeurTuile is the number of hashes of a full tile.
const LargeurTuile = 1 << HauteurTuile

// Tuile is a tile: the hashes of the complete subtrees of one level, from
// Indice × 256. A tile with fewer than 256 hashes is at the right edge.
type Tuile struct {
	Niveau int
	Indice int64
	Hashes []Hash
}

// Octets writes the tile as it is served and stored.
func (t Tuile) Octets() []byte {
	b := make([]byte, 0, len(t.Hashes)*len(Hash{}))
	for _, h := range t.Hashes {
		b = append(b, h[:]...)
	}
	return b
}

// Chemin is the tile's path in a log directory or URL.
func (t Tuile) Chemin() string { return CheminTuile(fmt.Sprint(t.Niveau), t.Indice, len(t.Hashes)) }

// CheminTuile gives the path of a tile of hashes (niveau "0", "1"…) or of an
// entry bundle ("entries"), "tile/0/x001/234.p/7" for instance.
// ref: C2SP tlog-tiles
func CheminTuile(niveau string, indice int64, largeur int) string {
	n := fmt.Sprintf("%03d", indice%1000)
	for indice /= 1000; indice > 0; indice /= 1000 {
		n = fmt.Sprintf("x%03d/%s", indice%1000, n)
	}
	if largeur < LargeurTuile {
		n = fmt.Sprintf("%s.p/%d", n, largeur)
	}
	return "tile/" + niveau + "/" + n
}

// ParseCheminTuile reads what CheminTuile writes, without its "tile/".
func ParseCheminTuile(chemin string) (niveau string, indice int64, largeur int, err error) {
	refus := fmt.Errorf("%w: chemin de tuile %q", ErrPreuve, chemin)
	parts := strings.Split(chemin, "/")
	if len(parts) < 2 || len(parts) > 10 {
		return "", 0, 0, refus
	}
	niveau, parts = parts[0], parts[1:]
	largeur = LargeurTuile
	if n := len(parts); n >= 2 && strings.HasSuffix(parts[n-2], ".p") {
		if _, err := fmt.Sscanf(parts[n-1], "%d", &largeur); err != nil {
			return "", 0, 0, refus
		}
		parts = append(parts[:n-2:n-2], strings.TrimSuffix(parts[n-2], ".p"))
	}
	for _, p := range parts {
		p = strings.TrimPrefix(p, "x")
		if len(p) != 3 || strings.Trim(p, "0123456789") != "" || indice > 1<<40 {
			return "", 0, 0, refus
		}
		indice = indice*1000 + int64(p[0]-'0')*100 + int64(p[1]-'0')*10 + int64(p[2]-'0')
	}
	// Written again, it must be the same text: one tile, one address.
	if largeur < 1 || largeur > LargeurTuile || CheminTuile(niveau, indice, largeur) != "tile/"+chemin {
		return "", 0, 0, refus
	}
	return niveau, indice, largeur, nil
}

// LecteurTuile gives at least the first largeur hashes of a tile, one after the
// other.
type LecteurTuile func(niveau int, indice int64, largeur int) ([]byte, error)

// Bord is the right edge of a growing tree: all it takes to add a leaf and to
// compute the root, whatever the tree's size. The zero value is the empty tree.
type Bord struct {
	taille  int64
	niveaux [][]Hash // the unfinished tile of each level
}

// LireBord reads the edge of a tree of a given size from its tiles.
func LireBord(taille int64, lire LecteurTuile) (*Bord, error) {
	b := &Bord{taille: taille}
	for niveau, n := 0, taille; n > 0; niveau, n = niveau+1, n/LargeurTuile {
		largeur := int(n % LargeurTuile)
		hashes := make([]Hash, 0, LargeurTuile)
		if largeur > 0 {
			octets, err := lire(niveau, n/LargeurTuile, largeur)
			if err != nil {
				return nil, err
			}
			if len(octets) < largeur*len(Hash{}) {
				return nil, fmt.Errorf("%w: tuile %d/%d trop courte", ErrPreuve, niveau, n/LargeurTuile)
			}
			for i := range largeur {
				hashes = append(hashes, Hash(octets[i*len(Hash{}):]))
			}
		}
		b.niveaux = append(b.niveaux, hashes)
	}
	return b, nil
}

// Taille is the number of leaves.
func (b *Bord) Taille() int64 { return b.taille }

// Copie gives an edge that grows apart.
func (b *Bord) Copie() *Bord {
	c := &Bord{taille: b.taille, niveaux: make([][]Hash, len(b.niveaux))}
	for i, n := range b.niveaux {
		c.niveaux[i] = append(make([]Hash, 0, LargeurTuile), n...)
	}
	return c
}

// Ajouter adds the leaf of datum h and gives each tile that it completes.
func (b *Bord) Ajouter(h Hash, pleine func(Tuile)) { b.AjouterHash(HashFeuille(h), pleine) }

// AjouterHash adds a leaf by its leaf hash. pleine may be nil; the tile it
// receives is its own to keep.
func (b *Bord) AjouterHash(f Hash, pleine func(Tuile)) {
	b.taille++
	n := b.taille
	for niveau := 0; ; niveau++ {
		if niveau == len(b.niveaux) {
			b.niveaux = append(b.niveaux, make([]Hash, 0, LargeurTuile))
		}
		tuile := append(b.niveaux[niveau], f)
		b.niveaux[niveau] = tuile
		if len(tuile) < LargeurTuile {
			return
		}
		n /= LargeurTuile
		f = racineTuile(tuile)
		b.niveaux[niveau] = make([]Hash, 0, LargeurTuile)
		if pleine != nil {
			pleine(Tuile{Niveau: niveau, Indice: n - 1, Hashes: tuile})
		}
	}
}

// racineTuile hashes a full tile up to its root.
func racineTuile(hashes []Hash) Hash {
	var l [LargeurTuile]tlog.Hash
	for i, h := range hashes {
		l[i] = tlog.Hash(h)
	}
	for n := len(l) / 2; n > 0; n /= 2 {
		for i := range n {
			l[i] = tlog.NodeHash(l[2*i], l[2*i+1])
		}
	}
	return Hash(l[0])
}

// Partielles gives the unfinished tiles.
func (b *Bord) Partielles() []Tuile {
	var l []Tuile
	for niveau, n := 0, b.taille; niveau < len(b.niveaux); niveau, n = niveau+1, n/LargeurTuile {
		if len(b.niveaux[niveau]) > 0 {
			l = append(l, Tuile{Niveau: niveau, Indice: n / LargeurTuile, Hashes: b.niveaux[niveau]})
		}
	}
	return l
}

// Racine computes the root.
func (b *Bord) Racine() Hash {
	r, err := tlog.TreeHash(b.taille, tlog.HashReaderFunc(func(indices []int64) ([]tlog.Hash, error) {
		return lireHashes(indices, func(niveau int, indice int64, _ int) ([]byte, error) {
			if niveau >= len(b.niveaux) {
				return nil, fmt.Errorf("%w: bord sans niveau %d", ErrPreuve, niveau)
			}
			return Tuile{Hashes: b.niveaux[niveau]}.Octets(), nil
		})
	}))
	if err != nil {
		// The edge holds, by construction, every subtree that the root needs.
		return Hash{}
	}
	return Hash(r)
}

// lireHashes finds the tree's hashes in tiles, each read once.
func lireHashes(indices []int64, lire LecteurTuile) ([]tlog.Hash, error) {
	type cle struct {
		niveau int
		indice int64
	}
	vues := make(map[cle][]byte)
	hashes := make([]tlog.Hash, len(indices))
	for i, x := range indices {
		t := tlog.TileForIndex(HauteurTuile, x)
		octets := vues[cle{t.L, t.N}]
		if len(octets) < t.W*tlog.HashSize {
			var err error
			if octets, err = lire(t.L, t.N, t.W); err != nil {
				return nil, err
			}
			if len(octets) < t.W*tlog.HashSize {
				return nil, fmt.Errorf("%w: tuile %d/%d trop courte", ErrPreuve, t.L, t.N)
			}
			vues[cle{t.L, t.N}] = octets
		}
		h, err := tlog.HashFromTile(t, octets[:t.W*tlog.HashSize], x)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPreuve, err)
		}
		hashes[i] = h
	}
	return hashes, nil
}

func lecteurHashes(lire LecteurTuile) tlog.HashReader {
	return tlog.HashReaderFunc(func(indices []int64) ([]tlog.Hash, error) { return lireHashes(indices, lire) })
}

// ProuverInclusion reads from tiles the proof that leaf rang is in the tree of
// the given size. A wrong tile gives a proof that does not verify.
func ProuverInclusion(taille, rang int64, lire LecteurTuile) ([]Hash, error) {
	if rang < 0 || rang >= taille {
		return nil, fmt.Errorf("%w: rang %d hors de l'arbre de taille %d", ErrPreuve, rang, taille)
	}
	p, err := tlog.ProveRecord(taille, rang, lecteurHashes(lire))
	if err != nil {
		return nil, err
	}
	return deTlog(p), nil
}

// ProuverCoherence reads from tiles the proof that the tree of size ancienne is
// the beginning of the tree of size nouvelle.
func ProuverCoherence(nouvelle, ancienne int64, lire LecteurTuile) ([]Hash, error) {
	if ancienne < 0 || ancienne > nouvelle {
		return nil, fmt.Errorf("%w: tailles %d et %d", ErrPreuve, ancienne, nouvelle)
	}
	if ancienne == 0 || ancienne == nouvelle {
		return nil, nil
	}
	p, err := tlog.ProveTree(nouvelle, ancienne, lecteurHashes(lire))
	if err != nil {
		return nil, err
	}
	return deTlog(p), nil
}

// RacineDe computes the root of the tree of a given size from its tiles.
func RacineDe(taille int64, lire LecteurTuile) (Hash, error) {
	h, err := tlog.TreeHash(taille, lecteurHashes(lire))
	return Hash(h), err
}
