package droits

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Magasin is what the software of a pharmacy keeps: rights and their
// accreditations, lists of revoked accreditations, lists of services, evidence of
// failed attempts, counters, batches of invoices that wait. All is in one file, encrypted (AES-256-GCM), that no
// name can be looked for in. Each write is on the disk when it returns, takes effect
// whole or not at all, and costs what it writes, whatever the store holds. One
// process at a time has it open, and only once; its methods may be called at the same time.
type Magasin struct {
	verrou       sync.RWMutex
	lar          sync.Mutex // one list is applied at a time
	c            *coffre
	tenu         io.Closer // the lock of the file
	clePersonnes []byte
	poste        visiodroits.IDPoste
}

// OptionsMagasin are how a store is opened.
type OptionsMagasin struct {
	Cle []byte // 32 octets, kept by the caller where secrets are kept
	// Repere is what Magasin.Repere gave, kept elsewhere than in the file: an older
	// copy of the file, or no file, is refused. "" does not look.
	Repere string

	disque disque // nil: that of the machine
}

// OuvrirMagasin opens the store of that path, and makes it when there is none. What
// a process killed in a write left is cleaned. An altered file, the key of another,
// a file of a later version are refused: ErrMagasinAltere, ErrCleMagasin,
// ErrVersionMagasin. The file is of one opening at a time, which a lock beside it keeps
// (<chemin>.verrou, let go of at the end of the process whatever ends it): the second is
// refused, ErrMagasinTenu. Each workstation of a pharmacy has a file of its own.
func OuvrirMagasin(chemin string, o OptionsMagasin) (*Magasin, error) {
	if len(o.Cle) != longueurCle {
		return nil, fmt.Errorf("%w : 32 octets attendus", ErrCleMagasin)
	}
	if o.disque == nil {
		o.disque = disqueReel{}
	}
	r, err := lireRepere(o.Repere)
	if err != nil {
		return nil, err
	}
	tenu, err := tenir(chemin + suffixeVerrou)
	if err != nil {
		return nil, fmt.Errorf("ouvrir le magasin: %w", err)
	}
	c, err := ouvrirCoffre(o.disque, chemin, o.Cle, r)
	if err != nil {
		return nil, errors.Join(err, tenu.Close())
	}
	return &Magasin{c: c, tenu: tenu, clePersonnes: deriver(o.Cle, c.g.id[:], "personnes"),
		poste: visiodroits.IDPoste(hex.EncodeToString(deriver(o.Cle, c.g.id[:], "poste")[:16]))}, nil
}

// Fermer closes the file. What was written stays.
func (m *Magasin) Fermer() error {
	m.verrou.Lock()
	defer m.verrou.Unlock()
	if m.tenu == nil {
		return nil
	}
	err := errors.Join(m.c.fermer(), m.tenu.Close())
	m.tenu = nil
	return err
}

// Poste tells the workstation of this file from the others of its pharmacy: a digest of what
// was drawn when the file was made, that says nothing of its key.
func (m *Magasin) Poste() visiodroits.IDPoste { return m.poste }

// Repere is the present moment of the store, for OptionsMagasin.Repere.
func (m *Magasin) Repere() string {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	return repere{m.c.g.numero, m.c.rang, m.c.chaine}.String()
}

// Ecrire does several writes as one: on the disk together, or not at all when f or
// the disk fails.
func (m *Magasin) Ecrire(f func(*Lot) error) error {
	m.verrou.Lock()
	defer m.verrou.Unlock()
	l := &Lot{m: m, places: map[string]int{}}
	if err := f(l); err != nil {
		return err
	}
	return m.c.ecrire(l.ops)
}

// Lot are writes that will be done together. It serves inside of Ecrire only.
type Lot struct {
	m      *Magasin
	ops    []operation
	places map[string]int // of the last operation on each entry
}

// poser writes over what the lot did to that entry before.
func (l *Lot) poser(o operation) {
	if i, ok := l.places[o.cle]; ok {
		l.ops[i] = o
		return
	}
	l.places[o.cle] = len(l.ops)
	l.ops = append(l.ops, o)
}

// champs are those of an entry as the lot leaves it.
func (l *Lot) champs(cle string) ([]byte, bool) {
	if i, ok := l.places[cle]; ok {
		return l.ops[i].champs, !l.ops[i].retrait
	}
	if f := l.m.c.fiches[cle]; f != nil {
		return f.champs, true
	}
	return nil, false
}

// retirer takes an entry out, if it is there.
func (l *Lot) retirer(cle string) {
	if _, ok := l.champs(cle); ok {
		l.poser(operation{cle: cle, retrait: true})
	}
}

// The first letter of the key of an entry is its kind.
const (
	deDroits     = "d"
	deLAR        = "l"
	deListe      = "s"
	deTentative  = "t"
	deCompteur   = "c"
	deAttente    = "q"
	deEnvoi      = "e"
	deLot        = "f"
	gardeTraces  = 400 // days that counters and evidence are kept at most. hyp: MAGASIN-GARDE
	nomEntreeMax = 64
)

// cleConnue tells whether a key is of a kind and of a length that we write.
func cleConnue(cle string) bool {
	if cle == "" {
		return false
	}
	n := len(cle) - 1
	switch cle[:1] {
	case deDroits, deAttente:
		return n == len(Empreinte{})
	case deLAR:
		return n == 10+20
	case deListe:
		return n >= 1 && n <= nomEntreeMax
	case deTentative:
		return n == 16+16
	case deLot:
		return n >= 1 && n <= 15
	case deCompteur, deEnvoi:
		return n > 11 && n <= 11+nomEntreeMax
	}
	return false
}

// DroitsGardes are the rights of a beneficiary at an AMC, as they were supplied.
type DroitsGardes struct {
	_            struct{}            `doc:"Ce que le magasin sait de droits sans les lire"`
	AMC          sante.NumeroAMC     `fil:"amc" doc:"AMC"`
	Numero       NumeroAccreditation `fil:"numero" doc:"Accréditation"`
	DroitsDebut  sante.Jour          `fil:"debut" doc:"Premier jour des droits"`
	DroitsFin    sante.Jour          `fil:"fin" doc:"Dernier jour des droits"`
	GarderJusque sante.Jour          `fil:"garder" doc:"Dernier jour où ils peuvent servir : après, Purger les efface"`
	DateMAJ      time.Time           `fil:"maj" doc:"Mise à jour par l'AMC"`
	Octets       []byte              `fil:"-"` // as they were signed
}

var planDroits = trame.Pour[DroitsGardes](espace)

// ErrDroits is returned for rights that are not fit to be kept.
var ErrDroits = errors.New("droits: droits incomplets, ou personne incomplète")

// cle of the rights of a person at an AMC: a keyed digest, no name.
func (m *Magasin) cle(p Personne, amc sante.NumeroAMC) string {
	e := p.condense(append([]byte(amc.Sur10()), m.clePersonnes...))
	return deDroits + string(e[:])
}

// GarderDroits keeps rights in the place of those that the person had at that AMC.
func (l *Lot) GarderDroits(p Personne, d DroitsGardes) error {
	d.DateMAJ = d.DateMAJ.UTC().Truncate(time.Millisecond)
	if d.GarderJusque < d.DroitsFin {
		d.GarderJusque = d.DroitsFin
	}
	if !p.complete() || len(d.Octets) == 0 || d.Numero.IsZero() || d.AMC.IsZero() || d.DroitsFin < d.DroitsDebut || d.DateMAJ.IsZero() {
		return ErrDroits
	}
	if err := planDroits.Verify(&d); err != nil {
		return fmt.Errorf("%w: %w", ErrDroits, err)
	}
	l.poser(operation{cle: l.m.cle(p, d.AMC), champs: planDroits.AppendJSON(nil, &d), corps: d.Octets})
	return nil
}

// RetirerDroits takes out the rights of a person at an AMC.
func (l *Lot) RetirerDroits(p Personne, amc sante.NumeroAMC) { l.retirer(l.m.cle(p, amc)) }

// GarderDroits is Lot.GarderDroits alone.
func (m *Magasin) GarderDroits(p Personne, d DroitsGardes) error {
	return m.Ecrire(func(l *Lot) error { return l.GarderDroits(p, d) })
}

// Droits are those of a person at an AMC, nil when none are kept.
func (m *Magasin) Droits(p Personne, amc sante.NumeroAMC) (*DroitsGardes, error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	cle := m.cle(p, amc)
	octets, err := m.c.corps(cle)
	if err != nil || octets == nil {
		return nil, err
	}
	d := &DroitsGardes{}
	if err := planDroits.DecodeJSON(m.c.fiches[cle].champs, d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMagasinAltere, err)
	}
	d.Octets = octets
	return d, nil
}

// Purger takes out the rights whose time is over at a day, counters that were sent and
// are older than 31 days, counters and evidence older than 400, and makes the file anew, so that nothing of them is left in
// it. It returns how many entries went.
func (m *Magasin) Purger(jour sante.Jour) (int, error) {
	m.verrou.Lock()
	defer m.verrou.Unlock()
	l := &Lot{m: m, places: map[string]int{}}
	for cle, f := range m.c.fiches {
		fini, err := finie(cle, f.champs, jour)
		if err != nil {
			return 0, err
		}
		if fini || m.c.envoyee(cle, jour) {
			l.retirer(cle)
		}
	}
	if len(l.ops) == 0 {
		return 0, nil
	}
	if err := m.c.ecrire(l.ops); err != nil {
		return 0, err
	}
	return len(l.ops), m.c.compacter()
}

// finie tells whether an entry has no use any more at a day.
func finie(cle string, champs []byte, jour sante.Jour) (bool, error) {
	switch cle[:1] {
	case deDroits:
		var d DroitsGardes
		if err := planDroits.DecodeJSON(champs, &d); err != nil {
			return false, fmt.Errorf("%w: %w", ErrMagasinAltere, err)
		}
		return d.GarderJusque < jour, nil
	case deAttente:
		var x Attente
		if err := planAttente.DecodeJSON(champs, &x); err != nil {
			return false, fmt.Errorf("%w: %w", ErrMagasinAltere, err)
		}
		return sante.JourA(x.Depuis, sante.Paris()) < jour-gardeAttentes, nil
	case deTentative:
		t, err := LireTentative(champs)
		return sante.JourA(t.Instant, sante.Paris()) < jour-gardeTraces, err
	case deCompteur, deEnvoi:
		j, err := sante.ParseJour(cle[1:11])
		return j < jour-gardeTraces, err
	}
	return false, nil
}
