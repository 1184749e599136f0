package serveur

import (
	"context"
	"net/http"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
	"github.com/ecluse-sante/ecluse/internal/annuaire/front"
	rassstore "github.com/ecluse-sante/ecluse/internal/annuaire/store"
)

// guichet is the desk where owners change their records.
func (a *AnnuaireSante) guichet() (http.Handler, error) {
	g, err := front.NouveauGuichet(front.OptionsGuichet{Images: a.Images, Demandes: a.Demandes, Registre: registreGuichet{a.Registre}, Historique: a.Registre,
		Traceur: a.Registre, Qui: a.lecteurs.qui, Compter: a.lecteurs.compter, Identifier: identifierFiche, Servir: a.servirMouvements, Horloge: a.p.Horloge, Journal: a.p.Log})
	if err != nil {
		return nil, err
	}
	return a.lecteurs.garder(g), nil
}

// servirMouvements lays at once over the images what owners changed, on any node, without
// waiting for the next look at the store.
func (a *AnnuaireSante) servirMouvements(ctx context.Context) error {
	for {
		l, err := a.Registre.Depuis(ctx, a.Images.Marque())
		if err != nil || len(l) == 0 {
			return err
		}
		fiches, seq := rassstore.Dernieres(l)
		if err := a.poserMouvements(ctx, fiches, seq); err != nil {
			return err
		}
	}
}

// identifierFiche is the ID of a record to be made, the same that a feed gives it; "" when
// its nature comes by feeds alone.
func identifierFiche(c *annuaire.Changement) (string, error) {
	switch {
	case c.Praticien != nil:
		p := c.Praticien
		if p.IDNat == "" {
			return "", nil
		}
		return charger.IDPraticien(p.IDNat, p.Profession.Code, p.Categorie.Code), nil
	case c.Situation != nil:
		return charger.IDSituation(c.Situation), nil
	case c.Structure != nil:
		s := c.Structure
		n := charger.NumerosStructure[string]{FINESS: s.FINESS, FINESSJuridique: s.FINESSJuridique, IDTechnique: s.IDTechnique, SIRET: s.SIRET, SIREN: s.SIREN,
			Juridique: s.Sorte == annuaire.EntiteJuridique}
		if cle := n.AppendCle(nil); len(cle) > 0 {
			return charger.IDStructure(string(cle)), nil
		}
	}
	return "", nil
}

// registreGuichet gives the desk the requests that the store keeps.
type registreGuichet struct{ *rassstore.Store }

// Etapes implements front.RegistreGuichet.
func (r registreGuichet) Etapes(ctx context.Context, numero string) ([]front.Etape, error) {
	l, err := r.Traces(ctx, numero)
	if err != nil {
		return nil, err
	}
	e := make([]front.Etape, len(l))
	for i, t := range l {
		e[i] = front.Etape(t)
	}
	return e, nil
}
