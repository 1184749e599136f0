package charger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
	"github.com/ecluse-sante/ecluse/sante"
)

// atelier makes records of drawers.
type atelier struct {
	ctx     context.Context
	o       *Options
	jour    sante.Jour
	maj     int64
	vue     *image.Vue // what stands, nil when nothing does
	portees [len(rass.Fichiers) + 1]Portee
	fiches  *Flux // the feed of records, nil when there is none
	reg     *registre
	croises *annuaire.Croisement
	compte  *compte
	vus     [len(annuaire.Natures) + 1]vus

	muMembres sync.Mutex // of what follows
	attendus  table      // persons who belong to a network, by the hash of their number
	membres   map[uint64][]string
	reseaux   []*reseauAttendu
	quittees  quittees

	mu         sync.Mutex // of what follows
	puits      puits
	mouvements [len(annuaire.Natures) + 1]Mouvement
}

// puits is where records go. It is called by one goroutine at a time.
type puits func(k *annuaire.Changement, e etat) error

// etat is what becomes of a record.
type etat uint8

const (
	inchangee etat = iota
	nouvelle
	changee
	finie
)

// vus are the records of what stands that the feeds spoke of.
type vus struct{ segments [][]atomic.Uint64 }

func nouveauxVus(v *image.Vue, n annuaire.Nature) (x vus) {
	if v == nil {
		return x
	}
	var tailles []uint32
	for r := range v.Parcourir(n) {
		for int(r.Segment) >= len(tailles) {
			tailles = append(tailles, 0)
		}
		tailles[r.Segment] = max(tailles[r.Segment], r.Ordinal+1)
	}
	for _, t := range tailles {
		x.segments = append(x.segments, make([]atomic.Uint64, (t+63)/64))
	}
	return x
}

func (x *vus) marquer(r image.Ref) { x.segments[r.Segment][r.Ordinal>>6].Or(1 << (r.Ordinal & 63)) }

func (x *vus) est(r image.Ref) bool {
	return x.segments[r.Segment][r.Ordinal>>6].Load()>>(r.Ordinal&63)&1 == 1
}

// tout tells whether the feed of records says all of a nature.
func (a *atelier) tout(n annuaire.Nature) bool {
	return a.fiches != nil && slices.Contains(a.fiches.Entieres, n)
}

// rendre sets a record beside the one that stands, controls it and gives it on.
func (a *atelier) rendre(w *ouvrier, neuf, vieux *annuaire.Changement) error {
	n, e := neuf.Entete()
	quoi := inchangee
	_, v := vieux.Entete()
	switch {
	case v == nil:
		e.Version, e.Maj, quoi = 1, a.maj, nouvelle
	default:
		e.Version, e.Maj = v.Version, v.Maj
		w.neuf = image.Encoder(w.neuf[:0], neuf)
		w.vieux = image.Encoder(w.vieux[:0], vieux)
		if string(w.neuf) != string(w.vieux) {
			e.Version, e.Maj, quoi = v.Version+1, max(a.maj, v.Maj), changee // a clock that went back hides no change
			if v.Actif && !e.Actif {
				quoi = finie
			}
		}
	}
	if !w.controler(n, neuf) {
		if v == nil {
			return nil
		}
		neuf, quoi = vieux, inchangee // what stood stays
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	m := &a.mouvements[n]
	switch quoi {
	case nouvelle:
		m.Nouvelles++
	case changee:
		m.Changees++
	case finie:
		m.Finies++
	default:
		m.Inchangees++
	}
	return a.puits(neuf, quoi)
}

// ouvrier makes the records of one drawer after another. What it uses is used again.
type ouvrier struct {
	*atelier
	octets         []byte // the drawer: nothing of it is kept after
	texte          string
	pieces         []morceau
	ch             []string
	neuf, vieux    []byte
	devient, etait annuaire.Changement // what is being given on
	ps             []ficheP
	ss             []ficheS
	st             ficheST
	lieux          []annuaire.LieuExercice
	toucher        *versement
	lu             annuaire.Structure
	dependances    []dependance
	controles      *annuaire.Verificateur
	releve         annuaire.Releve
}

func (a *atelier) nouvelOuvrier() *ouvrier {
	w := &ouvrier{atelier: a}
	if a.o.Donnees != nil {
		w.controles = a.o.Donnees.Verificateur(a.jour)
		w.controles.Croisement = a.croises
	}
	return w
}

// controler controls a record, and tells whether it may be kept.
func (w *ouvrier) controler(n annuaire.Nature, k *annuaire.Changement) bool {
	v := w.controles
	if v == nil {
		return true
	}
	var l []annuaire.Constat
	switch {
	case k.Praticien != nil:
		l = v.Praticien(k.Praticien)
	case k.Situation != nil:
		l = v.Situation(k.Situation)
	case k.Structure != nil:
		l = v.Structure(k.Structure)
	case k.Activite != nil:
		l = v.Activite(k.Activite)
	case k.Equipement != nil:
		l = v.Equipement(k.Equipement)
	}
	w.releve.Noter(n, l)
	return !v.Refusee()
}

// vueTexte is the octets as a text, which changes when they do.
func vueTexte(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b))
}

// groupes gives, drawer by drawer, the pieces of each key in an order that does not
// depend on that of the files. Two workers at most hold a drawer each.
func (a *atelier) groupes(t []*tiroirs, f func(w *ouvrier, cle string, l []morceau) error, toucher *tiroirs) error {
	var suivant atomic.Int32
	erreurs := make(chan error, a.o.ouvriers())
	for range a.o.ouvriers() {
		go func() {
			w := a.nouvelOuvrier()
			if toucher != nil {
				w.toucher = &versement{t: toucher}
			}
			erreurs <- func() error {
				defer w.compte.ajouter(&w.releve) // before the error is given: counts are read then
				for i := int(suivant.Add(1)) - 1; i < nombreTiroirs; i = int(suivant.Add(1)) - 1 {
					if err := w.tiroir(t, i, f); err != nil {
						return err
					}
				}
				if toucher != nil {
					return w.toucher.finir()
				}
				return nil
			}()
		}()
	}
	var err error
	for range a.o.ouvriers() {
		if e := <-erreurs; e != nil {
			err = errors.Join(err, e)
			suivant.Store(nombreTiroirs) // the others stop
		}
	}
	return err
}

// tiroir gives the pieces of the i-th drawers, key by key.
func (w *ouvrier) tiroir(t []*tiroirs, i int, f func(w *ouvrier, cle string, l []morceau) error) error {
	var err error
	w.octets = w.octets[:0]
	for _, x := range t {
		if w.octets, err = x.lire(w.octets, i); err != nil {
			return err
		}
	}
	s := vueTexte(w.octets)
	w.texte = s
	if w.pieces, err = morceaux(s, w.pieces[:0]); err != nil {
		return err
	}
	l := w.pieces
	slices.SortFunc(l, func(x, y morceau) int {
		if x.h != y.h {
			return cmp.Compare(x.h, y.h)
		}
		tx, ty := x.texte(s), y.texte(s)
		if c := strings.Compare(cleDe(tx), cleDe(ty)); c != 0 {
			return c
		}
		if x.quoi != y.quoi {
			return cmp.Compare(x.quoi, y.quoi)
		}
		return strings.Compare(tx, ty)
	})
	for d := 0; d < len(l); {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		cle := cleDe(l[d].texte(s))
		k := d + 1
		for k < len(l) && l[k].h == l[d].h && cleDe(l[k].texte(s)) == cle {
			k++
		}
		if err := f(w, cle, l[d:k]); err != nil {
			return err
		}
		d = k
	}
	return nil
}

// cleDe is the first field of a piece.
func cleDe(s string) string {
	if i := strings.IndexByte(s, '|'); i >= 0 {
		return s[:i]
	}
	return s
}
