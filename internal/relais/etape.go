package relais

import (
	"context"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// etape is where a message goes next, and who may answer it.
type etape struct {
	adresse    string
	empreintes []string
	structures []string // of the recipient and of its mandated operator
	relais     []string // of the further relay
	ambigu     bool     // the directory says several addresses
}

// trouver finds the next step of a message: the routes first, then the directory.
func (r *Relais) trouver(ctx context.Context, q *Question) (*etape, error) {
	d := q.Enveloppe.Destinataire
	numero, err := sante.ParseNumeroAMC(d.ID)
	if d.Type != roc.AMC && d.Type != roc.Tiers || err != nil {
		return nil, roc.Refuser(roc.PanneRelais, "un relais ne porte que vers une AMC ou un tiers de confiance")
	}
	route := r.table.Load().trouver(d.ID)
	if route != nil && len(route.Structures) > 0 {
		return route.etape(route.Structures), nil
	}
	if r.p.Annuaire == nil || d.Type == roc.Tiers {
		return nil, roc.Refuser(roc.PanneRelais, "aucune route vers ce destinataire")
	}
	e, err := r.demander(ctx, numero, q)
	switch {
	case err != nil:
		return nil, err
	case route != nil:
		return route.etape(e.structures), nil
	case e.ambigu:
		return nil, roc.Refuser(roc.PanneRelais, "adresse différente selon le domaine de soins : le relais a besoin d'une route")
	}
	return e, nil
}

func (r *Route) etape(structures []string) *etape {
	return &etape{adresse: r.Adresse, empreintes: r.Empreintes, structures: structures, relais: r.Relais}
}

// demander asks the directory. The envelope says neither the convention, nor the
// domain, nor the day of care: each domain is asked for the day of the passage,
// without a convention, and they must agree on the address.
// hyp: RELAIS-ROUTAGE an insurer whose address depends on the convention, or on
// the domain for one service, needs a route in the relay's table.
func (r *Relais) demander(ctx context.Context, numero sante.NumeroAMC, q *Question) (*etape, error) {
	// Several messages may wait for one answer of the directory: a hospital that
	// hangs up must not end it for the others.
	ctx, fin := context.WithTimeout(context.WithoutCancel(ctx), r.reglages.delai(q))
	defer fin()
	jour := sante.JourA(q.Recu, sante.Paris())
	var e *etape
	refus := roc.Refuser(roc.PanneRelais, "destinataire sans service ouvert à l'annuaire")
	for _, domaine := range q.Norme.Domaines {
		rep, _, err := r.p.Annuaire.Resoudre(ctx, &roc.DemandeAnnuaire{NumeroAMC: numero, DateReference: jour, Domaine: domaine})
		if err != nil {
			return nil, &roc.Refus{Code: roc.PanneRelais, Detail: "annuaire injoignable ou refusé", Cause: err}
		}
		if !rep.CodeRetour.Accord() {
			refus.Detail = "annuaire : " + string(rep.CodeRetour) + " " + rep.CodeRetour.Libelle()
			continue
		}
		p := rep.Acces(q.Enveloppe.Service)
		if p == nil || rep.NumeroAMCCible != numero || jour < p.OuvertureDebut || p.OuvertureFin != 0 && jour > p.OuvertureFin {
			continue
		}
		e = e.joindre(&etape{adresse: p.Adresse, empreintes: p.CertificatEmpreinte, structures: structures(rep, jour)})
	}
	if e == nil {
		return nil, refus
	}
	return e, nil
}

// joindre adds what the directory says of another domain.
func (e *etape) joindre(autre *etape) *etape {
	if e == nil {
		return autre
	}
	return &etape{
		adresse: e.adresse, empreintes: union(e.empreintes, autre.empreintes), structures: union(e.structures, autre.structures),
		ambigu: e.ambigu || strings.TrimSuffix(e.adresse, "/") != strings.TrimSuffix(autre.adresse, "/"),
	}
}

// structures are those whose seal is the insurer's: an operator's is good while
// the directory says it is mandated. ref: DEC 14
func structures(rep *roc.ReponseAnnuaire, jour sante.Jour) []string {
	var l []string
	if rep.Structure != "" {
		l = append(l, rep.Structure)
	}
	if o := rep.Operateur; o != nil && jour >= o.MandatDebut && (o.MandatFin == 0 || jour <= o.MandatFin) {
		l = append(l, o.Structure)
	}
	return l
}

func union(a, b []string) []string {
	if slices.Equal(a, b) {
		return a
	}
	l := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(l, s) {
			l = append(l, s)
		}
	}
	return l
}
