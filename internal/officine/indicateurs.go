package officine

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Indicateurs are what who pays counts of the invoices received, and of those paid, from a
// day to another: what [visiodroits.Calculer] makes indicators of. Whether the software of
// the professional shows the trace of the guarantee is not known here. ref: VISIO §15
func (s *Service) Indicateurs(ctx context.Context, debut, fin sante.Jour) (*visiodroits.Somme, error) {
	c, err := s.Livre.Compter(ctx, debut, fin)
	if err != nil {
		return nil, fmt.Errorf("officine: compter: %w", err)
	}
	delais := &visiodroits.Histogramme{Echelle: visiodroits.EnJours}
	for jours, n := range c.Delais {
		for range n {
			delais.Noter(jours)
		}
	}
	return &visiodroits.Somme{Debut: debut, Fin: fin, Totaux: visiodroits.Totaux{Factures: c.Factures, FacturesDegradees: c.Degradees,
		FacturesAccreditees: c.Accreditees, RejetsAccredites: c.Rejets, DelaisPaiement: delais}}, nil
}
