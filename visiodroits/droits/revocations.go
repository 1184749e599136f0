package droits

import (
	"bufio"
	"io"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Revocations are the lists of all issuers that a pharmacy holds. Any number of
// goroutines may ask while a list is applied: each sees the list before or the list
// after, whole. The zero value is ready and holds nothing.
type Revocations struct {
	ecriture sync.Mutex
	listes   atomic.Pointer[map[string]*LAR] // by issuer; the map does not change
}

// LAR is the list of an issuer, nil when there is none.
func (r *Revocations) LAR(emetteur sante.NumeroAMC) *LAR {
	m := r.listes.Load()
	if m == nil {
		return nil
	}
	return (*m)[emetteur.Sur10()]
}

// Appliquer reads a list as LireLAR does and puts it in the place of its issuer's.
// A list that is not applied changes nothing.
func (r *Revocations) Appliquer(src io.Reader, o OptionsLAR) (*LAR, error) {
	r.ecriture.Lock()
	defer r.ecriture.Unlock()
	tampon := bufio.NewReaderSize(src, ligneMax)
	e, err := lireEnteteLAR(tampon, o)
	if err != nil {
		return nil, err
	}
	l, err := appliquer(tampon, e, r.LAR(e.Emetteur))
	if err != nil {
		return nil, err
	}
	suite := map[string]*LAR{}
	if m := r.listes.Load(); m != nil {
		suite = maps.Clone(*m)
	}
	suite[e.Emetteur.Sur10()] = l
	r.listes.Store(&suite)
	return l, nil
}

// ecarter drops the lists whose key is no longer believed, and tells whose they were: whoever
// holds a key may have signed any of them, and given it a number that none would follow.
func (r *Revocations) ecarter(cles *Cles) (emetteurs []string) {
	r.ecriture.Lock()
	defer r.ecriture.Unlock()
	m := r.listes.Load()
	if m == nil {
		return nil
	}
	suite := maps.Clone(*m)
	maps.DeleteFunc(suite, func(emetteur string, l *LAR) bool {
		_, err := cles.Publique(l.entete.Emetteur, l.entete.kid, PourLAR, l.entete.Emission)
		if err != nil {
			emetteurs = append(emetteurs, emetteur)
		}
		return err != nil
	})
	if len(emetteurs) > 0 {
		r.listes.Store(&suite)
	}
	return emetteurs
}

// Revoquee gives why an accreditation does not cover a day of care, as LAR.Revoquee
// does on the list of its issuer.
func (r *Revocations) Revoquee(n NumeroAccreditation, soins sante.Jour) (MotifRevocation, error) {
	return r.LAR(n.Emetteur()).Revoquee(n, soins)
}

// recente is how old an accreditation may be to serve without a fresh list.
// ref: VISIO §7 rule 2
const recente = 24 * time.Hour

// AvantFacture says whether an accreditation may be billed now, for a day of care,
// on the freshest list that is held of its issuer, nil when there is none.
// ref: VISIO §7 rules 1, 2, 4
func AvantFacture(s Accreditee, l *LAR, soins sante.Jour, maintenant time.Time) Decision {
	if s.IsZero() {
		return decider(SansDroits)
	}
	if l != nil {
		motif, err := l.Revoquee(s.a.Numero, soins)
		if err == nil && motif != "" {
			return decider(Revoquee)
		}
		if err == nil && !l.Perimee(maintenant) {
			return decider(NonRevoquee)
		}
	}
	if age := maintenant.Sub(s.a.Emission); age < recente && age >= -avanceMax {
		return decider(Recente)
	}
	return decider(ListePerimee)
}
