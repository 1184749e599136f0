package accreditation

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// ErrMotif: the reason of a revocation is of no list.
var ErrMotif = errors.New("motif de révocation inconnu : RADIATION, CHANGEMENT_CONTRAT, FRAUDE, ERREUR ou DECES attendu")

func verifierMotif(m droits.MotifRevocation) error {
	for _, c := range m.Codes() {
		if c == string(m) {
			return nil
		}
	}
	return ErrMotif
}

// Revoquer ends one accreditation: false when it was already. ref: VISIO §7
func Revoquer(ctx context.Context, reg Registre, n droits.NumeroAccreditation, r Revocation) (bool, error) {
	if err := verifierMotif(r.Motif); err != nil {
		return false, err
	}
	if _, err := reg.Emise(ctx, n); err != nil {
		return false, err
	}
	return reg.Revoquer(ctx, n, r)
}

// ErrAutreEmetteur: a number is of another issuer, who alone revokes it.
var ErrAutreEmetteur = errors.New("numéro d'un autre émetteur : c'est à lui de le révoquer")

// RevoquerInconnue has the lists tell a number of ours that was never given: who forged it
// holds, or held, a key that signs. Such a number may be dated until the end of a key that
// signs now. False when the lists tell it already. ref: VISIO §7
func RevoquerInconnue(ctx context.Context, reg Registre, n droits.NumeroAccreditation, r Revocation, a time.Time) (bool, error) {
	if err := verifierMotif(r.Motif); err != nil {
		return false, err
	}
	l, err := reg.Emetteurs(ctx)
	if err != nil {
		return false, err
	}
	if !slices.ContainsFunc(l, func(e sante.NumeroAMC) bool { return droits.MemeEmetteur(e, n.Emetteur()) }) {
		return false, ErrAutreEmetteur
	}
	return reg.RevoquerInconnue(ctx, n, droits.FinNormale(a.Add(VieCle), nil), r)
}

// RevoquerBeneficiaire ends those of a person whose rights last beyond the day of
// effect, and tells how many: what was guaranteed before stays so.
func RevoquerBeneficiaire(ctx context.Context, reg Registre, beneficiaire string, r Revocation) (int, error) {
	if err := verifierMotif(r.Motif); err != nil {
		return 0, err
	}
	l, err := reg.DuBeneficiaire(ctx, beneficiaire, r.Effet)
	if err != nil {
		return 0, err
	}
	return revoquerToutes(ctx, reg, l, r)
}

// Editeur publishes the lists of an issuer.
type Editeur struct {
	Emetteur sante.NumeroAMC
	Cle      func() Cle
	Cles     func() *droits.Cles // ours, to read back what we published
	Listes   Listes
	Horloge  sante.Horloge
	// HeureBase is the clock that nodes share, that of their database, with which theirs is
	// compared; not compared when nil, nor when it gives the zero time.
	HeureBase func(ctx context.Context) (time.Time, error)
	// Complete and Delta are how often a list is published when nothing is revoked, and
	// when something is; 24 h and 1 h when zero. ref: VISIO §12
	Complete, Delta time.Duration
	// TailleMax is how many bytes of a list its readers take; droits.TailleLARMax when zero.
	TailleMax int

	verrou sync.Mutex
	vu     int64     // number of the last list, when this node last looked
	quand  time.Time // when that was, by its clock
	avance bool      // that clock is ahead of another node's
	relue  bool      // the key of the last list was looked at, once
}

// avanceHorloge is how far ahead a list may be dated: beyond, no reader takes it.
// ref: VISIO §9.3
const avanceHorloge = 5 * time.Minute

// Errors of clocks, for the operator.
var (
	ErrHorlogeEnAvance = errors.New("l'horloge de ce nœud est en avance sur celle d'un autre, qui a daté la dernière liste : aucune liste de révocation n'est publiée d'ici ; mettre ce nœud à l'heure")
	ErrHorlogeBase     = errors.New("l'horloge de ce nœud avance de plus de cinq minutes sur celle de la base : aucune liste de révocation n'est publiée d'ici, ses lecteurs la refuseraient ; mettre ce nœud, ou la base, à l'heure")
	ErrListeFuture     = errors.New("la dernière liste de révocation était datée de l'avenir : une autre est publiée à sa place, datée de maintenant ; chercher le nœud dont l'horloge est en avance, ou régler celle-ci si elle retarde")
)

// accorder compares clocks before a list is dated: one that came since this node last looked,
// and is dated well before that, is of a node that has another hour. The one ahead keeps
// silent: what it dated, readers would refuse, and the change lists would lead nowhere.
// It speaks again once set right, or once a list is dated as it would.
func (e *Editeur) accorder(numero int64, emission, maintenant time.Time) error {
	switch {
	case maintenant.Before(e.quand.Add(-avanceHorloge)):
		e.avance = false
	case e.vu != 0 && numero > e.vu:
		e.avance = emission.Before(e.quand.Add(-avanceHorloge))
	}
	e.vu, e.quand = numero, maintenant
	if e.avance {
		return ErrHorlogeEnAvance
	}
	return nil
}

// comparer refuses that a node ahead of the clock that all share dates a list, be it the first
// to do so.
func (e *Editeur) comparer(ctx context.Context, maintenant time.Time) error {
	if e.HeureBase == nil {
		return nil
	}
	h, err := e.HeureBase(ctx)
	if err == nil && !h.IsZero() && maintenant.After(h.Add(avanceHorloge)) {
		err = ErrHorlogeBase
	}
	return err
}

// Errors of a list for the operator: one that is too long for its readers is not published,
// and one that comes near is.
var (
	ErrLARTropLongue   = errors.New("liste des accréditations révoquées plus longue que ce que les lecteurs prennent : elle n'est pas publiée, et les postes ne croiront bientôt plus la précédente")
	ErrLARBienTotPlein = errors.New("liste des accréditations révoquées aux trois quarts de ce que les lecteurs prennent : elle est publiée ; chercher qui en fait donner ou révoquer autant")
)

// jauger tells whether readers take a list.
func (e *Editeur) jauger(octets int) error {
	limite := e.TailleMax
	if limite <= 0 {
		limite = droits.TailleLARMax
	}
	switch {
	case octets > limite:
		return fmt.Errorf("%w (%d octets, %d au plus)", ErrLARTropLongue, octets, limite)
	case octets > limite/4*3:
		return fmt.Errorf("%w (%d octets, %d au plus)", ErrLARBienTotPlein, octets, limite)
	}
	return nil
}

func (e *Editeur) periodes() (complete, delta time.Duration) {
	complete, delta = e.Complete, e.Delta
	if complete <= 0 {
		complete = 24 * time.Hour
	}
	if delta <= 0 {
		delta = time.Hour
	}
	return complete, delta
}

// signeePar tells whether a list is signed by a key. After a change of keys the next list is
// at once under the new one: readers may believe the former no more.
func signeePar(l *droits.LAR, k Cle) bool {
	if l == nil {
		return false
	}
	h := l.Entete()
	return h.Kid() == k.Kid
}

// Publier publishes the next list when it is due, or at once when presser: false when
// there was nothing to do, or another node did it. With true, an error says what the operator
// must know of the list that was published.
func (e *Editeur) Publier(ctx context.Context, presser bool) (bool, error) {
	e.verrou.Lock()
	defer e.verrou.Unlock()
	maintenant := e.Horloge()
	vue, emission, due, err := e.due(ctx, maintenant, presser)
	if err != nil || !due && (e.relue || vue == 0) {
		return false, err
	}
	octets, numero, err := e.Listes.Derniere(ctx)
	if err != nil || numero != vue { // or another node has just published
		return false, enLAR(err)
	}
	var derniere *droits.LAR
	if octets != nil { // at its own date, if it is to come
		o := droits.OptionsLAR{Cles: e.Cles(), Emetteur: e.Emetteur, Maintenant: dernierDe(maintenant, emission)}
		if derniere, err = droits.LireLAR(bytes.NewReader(octets), o, nil); err != nil {
			return false, fmt.Errorf("lar: relire la liste %d: %w", numero, err)
		}
	}
	e.relue = true
	if !due && signeePar(derniere, e.Cle()) {
		return false, nil
	}
	// A list is not dated before the one that it follows, for readers have that one. Nobody
	// has one that is far ahead.
	var dire error
	if emission.After(maintenant.Add(avanceHorloge)) {
		dire = ErrListeFuture
	} else {
		maintenant = dernierDe(maintenant, emission)
	}
	p, err := e.preparer(ctx, derniere, numero+1, maintenant)
	if err != nil {
		return false, enLAR(err)
	}
	plein := e.jauger(len(p.Complete))
	if errors.Is(plein, ErrLARTropLongue) {
		return false, enLAR(plein)
	}
	if err := e.Listes.Publier(ctx, p); err != nil {
		if errors.Is(err, ErrPubliee) {
			err = nil
		}
		return false, enLAR(err)
	}
	e.vu = p.Numero
	return true, enLAR(errors.Join(plein, dire))
}

func dernierDe(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// due tells whether the next list must be published now, and the number and the instant of
// the last one.
func (e *Editeur) due(ctx context.Context, maintenant time.Time, presser bool) (numero int64, emission time.Time, due bool, err error) {
	if numero, emission, err = e.Listes.Parution(ctx); err != nil {
		return 0, emission, false, enLAR(err)
	}
	if err := e.accorder(numero, emission, maintenant); err != nil {
		return numero, emission, false, enLAR(err)
	}
	if err := e.comparer(ctx, maintenant); err != nil {
		return numero, emission, false, enLAR(err)
	}
	complete, delta := e.periodes()
	age := maintenant.Sub(emission)
	if numero == 0 || age >= complete || age < -avanceHorloge {
		return numero, emission, true, nil
	}
	n, err := e.Listes.Attente(ctx)
	return numero, emission, n > 0 && (presser || age >= delta), enLAR(err)
}

func enLAR(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("lar: %w", err)
}

// selDe is the salt of a series of lists: that of the last one, drawn for the first.
func selDe(derniere *droits.LAR) (s droits.Sel, err error) {
	if derniere != nil {
		return derniere.Entete().Sel, nil
	}
	_, err = rand.Read(s[:])
	return s, err
}

func (e *Editeur) preparer(ctx context.Context, derniere *droits.LAR, numero int64, maintenant time.Time) (*Publication, error) {
	p := &Publication{Numero: numero, Jour: sante.JourA(maintenant, sante.Paris()), Emission: maintenant}
	var entrees, ajouts []droits.EntreeLAR
	err := e.Listes.Revoquees(ctx, p.Jour, func(x droits.EntreeLAR) error {
		if x.Publication.IsZero() || x.Publication > p.Jour { // told in time, or by a list that nobody could take
			p.Nouvelles = append(p.Nouvelles, x.Numero)
			x.Publication = p.Jour
			ajouts = append(ajouts, x)
		}
		entrees = append(entrees, x)
		return nil
	})
	if err != nil {
		return nil, err
	}
	complete, _ := e.periodes()
	cle := e.Cle()
	if err := cle.Signe(maintenant); err != nil {
		return nil, err
	}
	sel, err := selDe(derniere)
	if err != nil {
		return nil, err
	}
	ed := &droits.EditeurLAR{Emetteur: e.Emetteur, Sel: sel, Kid: cle.Kid, Cle: cle.Cle, Duree: complete}
	var tenue *droits.LAR
	if p.Complete, tenue, err = ed.Complete(numero, maintenant, func(yield func(droits.EntreeLAR) bool) {
		for _, x := range entrees {
			if !yield(x) {
				return
			}
		}
	}); err != nil {
		return nil, err
	}
	// A change that only adds is made from the list before; one that also drops ended
	// entries is fetched whole.
	if derniere != nil && !derniere.Entete().Emission.After(maintenant) && tenue.Nombre() == derniere.Nombre()+len(ajouts) {
		p.Delta, _, err = ed.Delta(derniere, maintenant, ajouts, nil)
	}
	return p, err
}
