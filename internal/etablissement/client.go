package etablissement

import (
	"context"

	"github.com/ecluse-sante/ecluse/roc"
)

// ParClient puts the questions of a hospital through its client of the exchange.
func ParClient(c *roc.Client) Exchange { return parClient{c} }

type parClient struct{ c *roc.Client }

func (p parClient) Annuaire(ctx context.Context, r roc.Routage) (*roc.ReponseAnnuaire, error) {
	k, _, err := p.c.Resoudre(ctx, r)
	return k, err
}

func (p parClient) IDB(ctx context.Context, dossier string, d *roc.DemandeIDB, s roc.Suivi) (*roc.ReponseIDB, error) {
	return corps(roc.Reprendre(ctx, p.c, roc.EchangeIDB, d.Routage(), dossier, d, s))
}

func (p parClient) SIM(ctx context.Context, dossier string, d *roc.DemandeCalcul, s roc.Suivi) (*roc.ReponseCalcul, error) {
	return corps(roc.Reprendre(ctx, p.c, roc.EchangeSIM, d.Routage(), dossier, d, s))
}

func (p parClient) CLC(ctx context.Context, dossier string, d *roc.DemandeCalcul, s roc.Suivi) (*roc.ReponseCalcul, error) {
	return corps(roc.Reprendre(ctx, p.c, roc.EchangeCLC, d.Routage(), dossier, d, s))
}

func (p parClient) DEL(ctx context.Context, dossier string, r roc.Routage, d *roc.DemandeDEL, s roc.Suivi) (*roc.ReponseDEL, error) {
	return corps(roc.Reprendre(ctx, p.c, roc.EchangeDEL, r, dossier, d, s))
}

func (p parClient) Engagement(ctx context.Context, dossier string, r roc.Routage, d *roc.DemandeEngagement) (*roc.ReponseEngagement, error) {
	return corps(p.c.Engagement(ctx, dossier, r, d))
}

func corps[R any](r *roc.Rendu[R], err error) (*R, error) {
	if err != nil {
		return nil, err
	}
	return r.Corps, nil
}
