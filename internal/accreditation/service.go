package accreditation

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Reglages are what an issuer decides. The zero value of each is a working default, but
// for Emetteur and AMC.
type Reglages struct {
	Emetteur   sante.NumeroAMC    // who signs: the insurer, or its operator
	AMC        sante.NumeroAMC    // who pays
	Anciens    []sante.NumeroAMC  // of insurers that it replaced, still on some cards
	Operateur  string             // identifier of the operator, when it is one who answers
	Categories []droits.Categorie // trades that the service is open to; all when empty
	Convention string
	// Depannage makes accreditations of dépannage, whose life is short.
	// ref: VISIO §8.2
	Depannage bool
	// VieNormale is how many days after its issue a normal accreditation that an operator
	// gives lives, by the day of issue, as droits.FinNormale says: who pays may be without
	// this register. hyp: OFFICINE-SANS-REGISTRE
	VieNormale func(sante.Jour) int
	// Renouveler is how many days before the end of the rights known by a workstation a
	// new accreditation is given though nothing moved; 7 when zero. hyp: VISIO-RENOUVELER
	Renouveler int
	// Passe and Futur are how far from today a day of delivery may be; 365 and 1 when
	// zero. hyp: VISIO-DATE
	Passe, Futur int
	Conservation int // days during which a workstation keeps the rights; not said when zero
	// Envois are the days of counters that a sender may send on one day, EnvoisSansSceau
	// those that all may send together without a seal; 50 and 20000 when zero.
	// hyp: VISIO-ENVOIS
	Envois, EnvoisSansSceau int
}

// Ports is what the rules ask of others. Dossiers may be nil.
type Ports struct {
	Portefeuille Portefeuille
	Registre     Registre
	Compteurs    Compteurs
	Dossiers     Dossiers
	Cle          func() Cle
	// Demandeur is who the guessing rules count for the question of ctx: who sealed it,
	// or where it comes from.
	Demandeur func(ctx context.Context) string
	Horloge   sante.Horloge
	Alea      io.Reader // of the numbers; nil: crypto/rand
}

// Service answers for one issuer and one insurer. It is safe for concurrent use.
type Service struct {
	Ports
	r Reglages
}

// New makes a service.
func New(r Reglages, p Ports) (*Service, error) {
	switch {
	case r.Emetteur.IsZero() || r.AMC.IsZero():
		return nil, errors.New("accréditation : émetteur et AMC attendus")
	case p.Portefeuille == nil || p.Registre == nil || p.Compteurs == nil || p.Cle == nil || p.Demandeur == nil || p.Horloge == nil:
		return nil, errors.New("accréditation : un port manque")
	case r.Depannage && r.Emetteur == r.AMC:
		return nil, errors.New("accréditation : le dépannage est donné par un opérateur, pas par l'AMC")
	case r.Renouveler < 0 || r.Passe < 0 || r.Futur < 0 || r.Conservation < 0 || r.Envois < 0 || r.EnvoisSansSceau < 0:
		return nil, errors.New("accréditation : durée ou nombre négatif")
	}
	for v, d := range map[*int]int{&r.Renouveler: 7, &r.Passe: 365, &r.Futur: 1, &r.Envois: 50, &r.EnvoisSansSceau: 20_000} {
		if *v == 0 {
			*v = d
		}
	}
	return &Service{p, r}, nil
}

// Depanne tells whether the service only answers while the insurer is silent.
func (s *Service) Depanne() bool { return s.r.Depannage }

func (r *Reglages) sert(c droits.Categorie) bool {
	return len(r.Categories) == 0 || slices.Contains(r.Categories, c)
}

// repond tells whether the number of a card is that of the insurer.
func (r *Reglages) repond(n sante.NumeroAMC) bool {
	return droits.MemeEmetteur(n, r.AMC) || slices.ContainsFunc(r.Anciens, func(x sante.NumeroAMC) bool { return droits.MemeEmetteur(n, x) })
}

func (r *Reglages) typeEmis() droits.TypeAccreditation {
	if r.Depannage {
		return droits.Depannage
	}
	return droits.Normale
}
