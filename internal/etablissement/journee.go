package etablissement

import (
	"context"

	"github.com/ecluse-sante/ecluse/sante"
)

// LigneJournee is a counter of a day: what was there, what came, what left.
type LigneJournee struct {
	CleCompteur
	Ouverture, Entres, Sortis Montants
	// Internes is the part of Entres that left a post of a figure which adds up
	// several: for that figure it is no flow.
	Internes Montants
}

// Fin is what stands in the post at the end of the day.
func (l *LigneJournee) Fin() Montants { return l.Ouverture.Plus(l.Entres).Moins(l.Sortis) }

// Journee is the close of a day.
type Journee struct {
	Jour       sante.Jour
	Provisoire bool // the day is not over
	Delai      int  // days promised to pay
	// ARouvrir counts the coverages of before accounts were kept that are not
	// counted yet.
	ARouvrir int64
	// Reserves counts what returns said without effect and waits for a person now,
	// whatever the day.
	Reserves int64
	Lignes   []LigneJournee
	Controle Controle // the last one; its Instant is zero when there was none
}

// Origines tells apart what an insurer, or all with the zero number, were ever
// engaged for, and what was computed by convention, without any guarantee.
func (j *Journee) Origines(amc sante.NumeroAMC) (engage, sansGarantie Montants) {
	for i := range j.Lignes {
		switch g := &j.Lignes[i]; {
		case !amc.IsZero() && g.AMC != amc:
		case g.Poste == PosteOrigine:
			engage = engage.Moins(g.Fin())
		case g.Poste == PosteOrigineSans:
			sansGarantie = sansGarantie.Moins(g.Fin())
		}
	}
	return engage, sansGarantie
}

// Equilibre is the double entry of an insurer, or of all with the zero number: what
// ever came from the origins, and where it stands. They are equal, by construction.
func (j *Journee) Equilibre(amc sante.NumeroAMC) (engage, postes Montants) {
	for i := range j.Lignes {
		g := &j.Lignes[i]
		switch {
		case !amc.IsZero() && g.AMC != amc || g.Poste == PosteRetard:
		case g.Poste.Exterieur():
			engage = engage.Moins(g.Fin())
		default:
			postes = postes.Plus(g.Fin())
		}
	}
	return engage, postes
}

// NomsAMC gives the names of the insurers of a day, as far as they are known.
func (s *Service) NomsAMC(ctx context.Context, j *Journee) (map[sante.NumeroAMC]string, error) {
	return s.Comptes.NomsAMC(ctx, j.AMCs())
}

func (s *Service) delaiPaiement() int {
	if s.DelaiPaiement > 0 {
		return s.DelaiPaiement
	}
	return 12
}

// Aujourdhui is the day where the hospital is.
func (s *Service) Aujourdhui() sante.Jour {
	return sante.JourA(s.maintenant(), s.Maison.Etablissement.FinessGeo.Fuseau())
}

// errJour: a day is not over as long as it has not begun.
var errJourFutur = refuser(ErrDonnees, "", "Ce jour n'est pas encore venu.")

// CloreJournee gives the close of a day, that of today with the zero day.
func (s *Service) CloreJournee(ctx context.Context, jour sante.Jour) (*Journee, error) {
	if jour.IsZero() {
		jour = s.Aujourdhui()
	}
	if jour > s.Aujourdhui() {
		return nil, errJourFutur
	}
	j, err := s.Comptes.Journee(ctx, jour, s.delaiPaiement())
	if err != nil {
		return nil, err
	}
	j.Provisoire = jour == s.Aujourdhui()
	if s.Reserves != nil {
		j.Reserves, err = s.Reserves.CompterReserves(ctx)
	}
	return j, err
}
