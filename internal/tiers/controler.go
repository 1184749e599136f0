package tiers

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Controler answers whether an invoice says what was committed: this number, this link,
// these amounts by family, and no other invoice before. The same invoice may be asked
// about again. Whatever is wrong, the answer, the work and the one statement are the
// same. Who may ask is judged before. ref: VISIO §13 F708, DEC 32
// hyp: TIERS-CONTROLE
func (s *Service) Controler(ctx context.Context, d *vd.DemandeControle) (*vd.ReponseControle, error) {
	l := slices.Clone(d.Montants)
	slices.SortFunc(l, func(a, b vd.MontantFamille) int { return cmp.Compare(a.Famille, b.Famille) })
	ok, err := s.Depot.Confirmer(ctx, sceller(s.Cles.numero, d.NumeroTarification.String()),
		s.empreinte(d.NumeroTarification, d.Lien, l),
		sceller(s.Cles.facture, d.NumeroTarification.String(), d.Facture.String()))
	if err != nil {
		return nil, fmt.Errorf("tiers: contrôler une facture: %w", err)
	}
	r := &vd.ReponseControle{Retour: vd.RetourDe(vd.Accepte, ""), Conforme: vd.Non}
	if ok {
		r.Conforme = vd.Oui
	}
	return r, nil
}

// Purger forgets what is over. It is called once a day.
func (s *Service) Purger(ctx context.Context) error {
	p, jour := s.Parametres.completer(), s.jour()
	if err := s.Depot.Purger(ctx, jour, jour-sante.Jour(p.Conserve)); err != nil {
		return fmt.Errorf("tiers: purger: %w", err)
	}
	return nil
}
