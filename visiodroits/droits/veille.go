package droits

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// OptionsVeille are what the lists of others are followed with. Classeur, Magasin and
// Horloge are needed.
type OptionsVeille struct {
	Classeur *visiodroits.Classeur // the lists expected
	Magasin  *Magasin              // keeps them
	// Miroirs are the base addresses where they are published. MiroirsDe are those of the lists
	// of one issuer, in their place.
	Miroirs   []string
	MiroirsDe map[visiodroits.Emetteur][]string
	HTTP      *http.Client // reads them
	// Periode between two readings of each; that of its kind when zero.
	Periode time.Duration
	// Cadence is that of visiodroits.Suivi: for who reads on behalf of strangers.
	Cadence time.Duration
	// LAR tells whose revoked accreditations are followed at an instant; nobody's when nil.
	LAR func(a time.Time) ([]SourceLAR, error)
	// Mandats are known otherwise than by lists: those that an insurer gave.
	Mandats []Mandat
	Horloge sante.Horloge
}

// Veille keeps up to date the signed lists of others, and keeps them through a restart: a
// workstation has one, and so has an insurer that must believe what its operator signs.
// It is safe for concurrent use. ref: VISIO §7, §12
type Veille struct {
	o          OptionsVeille
	abonnement *visiodroits.Abonnement
	rev        *Revocations
	reveil     reveil

	verrou sync.Mutex
	cles   *Cles
	vues   string // of which lists cles are
	lars   map[string]*suiviLAR
	gardes map[string]string // digest of each list, as the store has it
}

// NouvelleVeille takes back the lists that the store has. It is usable when the error only
// wraps ErrListesPerdues: which lists are no longer believed, until Actualiser asks them
// again.
func NouvelleVeille(o OptionsVeille) (*Veille, error) {
	if o.Classeur == nil || o.Magasin == nil || o.Horloge == nil {
		return nil, errors.New("droits: une veille a un classeur, un magasin et une horloge")
	}
	suivis := o.Classeur.Suivis()
	for i := range suivis {
		suivis[i].Miroirs, suivis[i].Periode, suivis[i].Cadence = o.MiroirsDe[suivis[i].Emetteur], o.Periode, o.Cadence
	}
	v := &Veille{o: o, lars: map[string]*suiviLAR{}, gardes: map[string]string{},
		abonnement: &visiodroits.Abonnement{Miroirs: o.Miroirs, Suivis: suivis, HTTP: o.HTTP}}
	return v, v.reprendre()
}

// LAR is the list of revoked accreditations of an issuer, nil when none is held.
func (v *Veille) LAR(emetteur sante.NumeroAMC) *LAR { return v.rev.LAR(emetteur) }

// ErrListesPerdues is wrapped by why lists that the store had are no longer believed.
var ErrListesPerdues = errors.New("droits: des listes gardées ne sont plus crues : les demander de nouveau")

// nomListe is that of the pieces of a list in the store.
func nomListe(s visiodroits.Suivi) string {
	return strings.ToLower(string(s.Genre)) + "/" + string(s.Emetteur)
}

// reprendre takes back the lists of the store, then the revoked accreditations, which are
// verified with the keys of those lists.
func (v *Veille) reprendre() error {
	var perdues error
	a := v.o.Horloge()
	for _, s := range v.abonnement.Suivis {
		octets, _, err := v.o.Magasin.Liste(nomListe(s))
		if err != nil {
			return err
		}
		pieces, err := separer(octets)
		if err == nil {
			err = v.o.Classeur.Reprendre(pieces, a)
		}
		perdues = errors.Join(perdues, err)
		v.gardes[nomListe(s)] = somme256(octets)
	}
	cles, err := v.Cles()
	if err != nil {
		return err
	}
	v.rev, err = v.o.Magasin.Revocations(cles, a)
	if perdues = errors.Join(perdues, err); perdues != nil {
		return fmt.Errorf("%w : %w", ErrListesPerdues, perdues)
	}
	return nil
}

// garderListes keeps the lists that changed since they were last kept.
func (v *Veille) garderListes() error {
	for _, s := range v.abonnement.Suivis {
		nom := nomListe(s)
		octets := joindrePieces(v.o.Classeur.PiecesDe(s.Genre, s.Emetteur))
		d := somme256(octets)
		v.verrou.Lock()
		deja := len(octets) == 0 || v.gardes[nom] == d
		v.verrou.Unlock()
		if deja {
			continue
		}
		_, n, err := v.o.Magasin.Liste(nom)
		if err == nil {
			err = v.o.Magasin.GarderListe(nom, n+1, octets)
		}
		if err != nil {
			return err
		}
		v.verrou.Lock()
		v.gardes[nom] = d
		v.verrou.Unlock()
	}
	return nil
}

func somme256(b []byte) string { d := sha256.Sum256(b); return string(d[:]) }

// joindrePieces writes pieces one after the other, each with its length.
func joindrePieces(l [][]byte) (b []byte) {
	for _, x := range l {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(x))), x...)
	}
	return b
}

func separer(b []byte) (l [][]byte, err error) {
	for len(b) > 0 {
		if len(b) < 4 || int(binary.BigEndian.Uint32(b)) > len(b)-4 {
			return nil, ErrMagasinAltere
		}
		n := 4 + int(binary.BigEndian.Uint32(b))
		l, b = append(l, b[4:n]), b[n:]
	}
	return l, nil
}

// Cles are the keys and mandates of the lists in force. Lists of revoked accreditations whose
// key they no longer give are dropped.
func (v *Veille) Cles() (*Cles, error) {
	a := v.o.Horloge()
	vues := ""
	for _, e := range v.o.Classeur.Etats(a) {
		vues += fmt.Sprint(e.Numero, " ")
	}
	v.verrou.Lock()
	defer v.verrou.Unlock()
	if v.cles != nil && v.vues == vues {
		return v.cles, nil
	}
	c, err := ClesDe(v.o.Classeur, a, v.o.Mandats...)
	if err != nil {
		return nil, fmt.Errorf("clés des listes: %w", err)
	}
	v.cles, v.vues = c, vues
	if v.rev != nil { // nil while the lists of the store are taken back
		for _, e := range v.rev.ecarter(c) {
			if s := v.lars[e]; s != nil {
				s.prochain = time.Time{}
			}
		}
	}
	return c, nil
}

// Relire reads a list at once, for something says that it is no longer the last; false when
// it is the same.
func (v *Veille) Relire(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur) (bool, error) {
	l, _, err := v.Demander(ctx, g, e)
	return l.Change, err
}

// Demander is Relire that tells what the reading gave; lue is false when the list was read
// just before, or is being read: what it says now is then not known.
func (v *Veille) Demander(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur) (l visiodroits.Lecture, lue bool, err error) {
	if l, lue = v.abonnement.Relire(ctx, g, e, v.o.Horloge()); l.Change {
		err = v.garderListes()
	}
	return l, lue, err
}

// Actualiser reads the lists that are due, keeps them, then the lists of revoked
// accreditations. What each reading gave is told; the error is of the store.
func (v *Veille) Actualiser(ctx context.Context) ([]visiodroits.Lecture, error) {
	a := v.o.Horloge()
	l := v.abonnement.Actualiser(ctx, a)
	if err := v.garderListes(); err != nil {
		return l, err
	}
	if _, err := v.Cles(); err != nil { // a key that is taken back takes what it signed with it
		return l, err
	}
	lars, err := v.dues(a)
	for _, s := range lars {
		l = append(l, v.lireLAR(ctx, s, a))
	}
	return l, err
}
