package gate

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/trame"
)

// relayer carries a message that is for another: its seal and its sender are
// checked as for any, its content is not read, and the leaf is written before the
// answer goes on. It returns false when the message is for a party of ours, or for one
// that is silent and that we answer for.
func (t *transit) relayer(ctx context.Context) (bool, error) {
	p := t.portail
	if p.Relais == nil {
		return false, nil
	}
	m, err := t.lireRoutage()
	if err != nil {
		return false, err
	}
	if p.porte(m.Enveloppe.Destinataire) != nil {
		return false, nil
	}
	t.env, t.porte = &m.Enveloppe, p.Defaut
	t.chiffre = m.CorpsChiffre != ""
	t.cle = Cle{p.Defaut.Tenant, t.demandeur(p.Defaut.Tenant), t.env.Service, t.env.IDMessage}
	if err := t.admettre(ctx); err != nil {
		return true, err
	}
	r, err := p.Relais.Relayer(ctx, &Passage{Norme: t.norme, Face: t.arrivee.Face, Brut: t.arrivee.Brut, Piece: t.piece,
		Enveloppe: t.env, Chaine: t.chaine, Recu: t.recu})
	if err != nil {
		t.secours = t.secourable(err)
		return t.secours == nil, err
	}
	if err := p.Journal.Preparer(ctx, t.cle.Tenant, r.Piece.Scelleur()); err != nil {
		return true, fmt.Errorf("déposer les preuves du sceau: %w", err)
	}
	t.code, t.relaye = r.Code, r
	t.scelle = sceau.Scelle{Octets: r.Octets, Empreinte: r.Piece.Empreinte()}
	return true, p.Base.Grouper(ctx, func(ctx context.Context) error { return t.tracer(ctx) })
}

func (t *transit) lireRoutage() (*roc.Message[trame.Opaque], error) {
	p, plan, m := t.piece, t.norme.Routage(), new(roc.Message[trame.Opaque])
	var err error
	if p.Face() == sceau.REST {
		err = plan.DecodeJSON(p.Contenu(), m)
	} else {
		nom := p.Element()
		err = p.XML(func(l *xmlflux.Lecteur) error { return plan.LireXML(l, nom, m) }, nom)
	}
	return m, illisible(err)
}

// admettre checks what a relay must know of a message: version, environment,
// instant, who seals as whom on which channel, quotas.
func (t *transit) admettre(ctx context.Context) error {
	env := t.env
	if err := t.profil(); err != nil {
		return err
	}
	if env.Sens != roc.Question || t.arrivee.Face == sceau.REST && env.Service != t.arrivee.Service {
		return roc.Refuser(roc.Illisible, "enveloppe : une question du service appelé est attendue")
	}
	if err := t.lireChaine(); err != nil {
		return err
	}
	if len(t.chaine.Maillons) >= roc.ChaineMax {
		return roc.Refuser(roc.PanneRelais, "trop de relais traversés")
	}
	for _, m := range t.chaine.Maillons {
		if m.ID == t.porte.Moi.ID {
			return roc.Refuser(roc.PanneRelais, fmt.Sprintf("boucle : le message est déjà passé par %s", m.ID))
		}
	}
	return t.autoriser(ctx)
}
