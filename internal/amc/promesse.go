package amc

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// promettre gives the number of the guarantee of a local calculation, and keeps
// the answer that carries it. The dossier is locked: asked again, the same promise
// keeps its number. g and r are copies, since the transaction may be run again.
// ref: ROC §7.2, DEC 21, DEC 24 // hyp: GARANTIE-LOCALE
func (s *Service) promettre(ctx context.Context, q question, e *roc.Entete, c *Contrat, g IDBGardee, r roc.ReponseIDB) (*roc.ReponseIDB, error) {
	l, err := s.Engagements.Dossier(ctx, q.finess, q.dossier)
	if err != nil {
		return nil, fmt.Errorf("idb: verrouiller le dossier: %w", err)
	}
	for i := range l {
		if l[i].echu(q.aujourdhui) {
			if err := s.expirer(ctx, &l[i]); err != nil {
				return nil, err
			}
		}
	}
	p := peser(l, &g, e, q.aujourdhui)
	if p.engagement == nil && !p.prise {
		if p.engagement, err = s.ouvrirPromesse(ctx, q, c, &g, &p); err != nil {
			return nil, err
		}
	}
	if x := p.engagement; x != nil {
		g.NumeroLocal = x.Numero
		r.GarantieLocale = &roc.GarantieLocale{Numero: x.Numero, Debut: x.PeriodeDebut, Fin: plusTot(x.PeriodeFin, x.Fin), MontantMax: c.MontantMaxLocal}
	}
	return &r, s.garderIDB(ctx, &g)
}

// promesse is what a dossier makes of a request for a guarantee.
type promesse struct {
	engagement *EngagementGarde // already promises it
	prise      bool             // the days asked for are committed otherwise: no guarantee
	remplacees []*EngagementGarde
	debut, fin sante.Jour // what a new guarantee may cover
}

// peser compares what is asked with the live engagements of a dossier. The days
// of care asked for are what counts: a guarantee that covers them, for the same
// person and the same contract, is the one; another on these days is replaced. One
// on other days stays, and a new guarantee stops where it begins.
// ref: DEC 21 // hyp: GARANTIE-LOCALE
func peser(l []EngagementGarde, g *IDBGardee, e *roc.Entete, aujourdhui sante.Jour) promesse {
	p := promesse{debut: g.Debut, fin: g.Fin}
	du, au := joursDemandes(g, e)
	for i := range l {
		x := &l[i]
		switch {
		case !x.vivant(aujourdhui) || !x.chevauche(g.Debut, g.Fin):
		case x.PeriodeFin < du:
			p.debut = max(p.debut, x.PeriodeFin+1)
		case x.PeriodeDebut > au:
			p.fin = min(p.fin, x.PeriodeDebut-1)
		case x.Genre != GarantieLocale || x.Etat != Engage:
			p.prise = true
		case p.engagement == nil && x.promet(g, du, au):
			p.engagement = x
		default:
			p.remplacees = append(p.remplacees, x)
		}
	}
	return p
}

// joursDemandes are the days of care that a hospital asks about, among those made
// certain.
func joursDemandes(g *IDBGardee, e *roc.Entete) (du, au sante.Jour) {
	du, au = e.DateReference, max(e.DateReference, e.PeriodeFin)
	if !e.PeriodeDebut.IsZero() {
		du = min(du, e.PeriodeDebut)
	}
	return max(du, g.Debut), min(au, g.Fin)
}

// promet tells whether a guarantee already says what would be said again, of a
// person whom the hospital names as it did.
func (e *EngagementGarde) promet(g *IDBGardee, du, au sante.Jour) bool {
	return e.Beneficiaire == g.Beneficiaire && e.Version == g.Version && (e.Patient == g.Patient || e.Patient == "") && e.PeriodeDebut <= du && au <= e.PeriodeFin
}

// ouvrirPromesse opens a guarantee of the days made certain, and closes those
// that it replaces.
func (s *Service) ouvrirPromesse(ctx context.Context, q question, c *Contrat, g *IDBGardee, p *promesse) (*EngagementGarde, error) {
	for _, x := range p.remplacees {
		if err := s.Engagements.Passer(ctx, x.Numero, Annule, q.aujourdhui); err != nil {
			return nil, fmt.Errorf("idb: remplacer la garantie d'un calcul local: %w", err)
		}
	}
	x := &EngagementGarde{
		Genre: GarantieLocale, Finess: q.finess, Dossier: q.dossier, PeriodeDebut: p.debut, PeriodeFin: p.fin,
		Etat: Engage, Debut: p.debut, Fin: q.aujourdhui + sante.Jour(s.reglages.ValiditeEngagement),
		IDB: g.ID, Beneficiaire: g.Beneficiaire, Patient: g.Patient, Version: g.Version, Instant: g.Instant, Max: c.MontantMaxLocal,
	}
	return x, s.ouvrir(ctx, x)
}
