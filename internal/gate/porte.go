package gate

import (
	"sync/atomic"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Porte is one party that the process carries: its name, its seal, its keys and
// the services it offers. ref: DEC 2
type Porte struct {
	Tenant        string
	Moi           roc.Partie
	Environnement roc.Environnement
	// Baseline tells which sealers must use baseline B properties. ref: DEC 10
	Baseline func(structure string) bool

	// sansTrace is of a party that keeps nothing of what it is asked.
	sansTrace bool

	cachet   atomic.Pointer[sceau.Cachet]
	cles     atomic.Pointer[roc.Dechiffreur]
	services map[roc.Service]*Service
}

// NewPorte makes a party that seals with c and offers these services.
func NewPorte(tenant string, moi roc.Partie, env roc.Environnement, c *sceau.Cachet, services ...*Service) *Porte {
	p := &Porte{Tenant: tenant, Moi: moi, Environnement: env, services: make(map[roc.Service]*Service)}
	for _, s := range services {
		p.services[s.nom] = s
	}
	p.cachet.Store(c)
	p.cles.Store(&roc.Dechiffreur{})
	return p
}

// NewPorteSansTrace makes a party that keeps nothing of what it is asked, not even that it
// was: no leaf, no memory, no count, no log line but of who is not admitted. Where a
// delivery is priced, the order of requests alone would tell whose each was. The proof is
// with who asks. It takes nothing but rules that may be run again. ref: DEC 32
func NewPorteSansTrace(tenant string, moi roc.Partie, env roc.Environnement, c *sceau.Cachet, services ...*Rejouable) *Porte {
	p := NewPorte(tenant, moi, env, c)
	p.sansTrace = true
	for _, s := range services {
		p.services[s.s.nom] = s.s
	}
	return p
}

// Cachet is what the party seals with now.
func (p *Porte) Cachet() *sceau.Cachet { return p.cachet.Load() }

// Resceller changes the seal without a restart.
func (p *Porte) Resceller(c *sceau.Cachet) { p.cachet.Store(c) }

// Dechiffrer sets the confidentiality keys, current and next.
func (p *Porte) Dechiffrer(cles roc.Dechiffreur) { p.cles.Store(&cles) }
