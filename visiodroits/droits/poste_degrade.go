package droits

import (
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// degrader is the end of a question that nobody answered: earlier rights serve again when
// the rule lets them, the evidence is kept, and the question waits for the link.
// ref: VISIO §8.3
func (x *examen) degrader(e *echec) (*Vente, error) {
	v := x.vente(e.code)
	v.Diagnostic = e.cause
	if e.detail != "" {
		v.Phrase += " : " + e.detail
	}
	t, d := x.p.reutiliser(x.tenus, max(x.jour, x.d.DateReference), x.d.DateReference, v.tolerance)
	if t != nil {
		v.servir(t)
	}
	v.TiersPayant, v.AFaire = d.Permis, d.Phrase
	// A refusal that asking again does not mend: who must, and how.
	if f := visiodroits.SignificationTechnique(e.refus); f.Qui != "" && (f.Reessai == "" || e.refus == roc.Quota) {
		v.QuiAgit, v.AFaire = f.Qui, d.Phrase+" "+f.AFaire
	}
	if v.QuiAgit == "" {
		v.QuiAgit = string(d.QuiAgit)
	}
	v.refus = e.refus
	preuve, err := NouvelleTentative(x.debut, e.hote, e.classe, string(e.code))
	if err != nil { // no server at all is known: nothing was tried, and nothing proves it
		v.TiersPayant, v.AFaire = false, "Le poste ne connaît aucun serveur : rétablir la connexion pour qu'il reçoive ses listes, puis demander de nouveau."
		return v, nil
	}
	if !x.reprise {
		defer x.p.attendreLien()
	}
	return v, x.p.o.Magasin.Ecrire(func(l *Lot) error {
		if x.reprise { // the sale has its evidence already
			return nil
		}
		id, err := l.NoterTentative(preuve)
		if err != nil {
			return err
		}
		if v.TiersPayant {
			v.Degrade = &VenteDegradee{Cause: preuve.Cause, Decision: d, Preuve: TentativeGardee{ID: id, Tentative: preuve}}
		}
		if err := l.GarderAttente(Attente{AMC: x.d.Carte.NumeroAMC, Code: e.code, Depuis: x.debut, Demande: x.d}); err != nil {
			return err
		}
		return x.compter(l, v)
	})
}

// reutiliser chooses the rights that may serve again, those that last longest, and says
// why; nil when none may. A dépannage lives its day, without tolerance: it was itself
// given for want of an answer. hyp: VISIO-DEPANNAGE-SANS-X
func (p *Poste) reutiliser(l []*tenus, facturation, soins sante.Jour, tolerance int) (*tenus, Decision) {
	var choix *tenus
	decision := decider(SansDroits)
	for _, t := range l {
		x := tolerance
		if t.a.a.Type == Depannage {
			x = 0
		}
		d := ReutilisationPermise(t.a.Anterieurs(p.lar(t.a), facturation), facturation, x)
		if d.Permis && soins < t.a.a.DroitsDebut {
			d = decider(HorsPeriode)
		}
		switch {
		case d.Permis && (choix == nil || t.a.a.DroitsFin > choix.a.a.DroitsFin):
			choix, decision = t, d
		case choix == nil && decision.Motif != Revoquee:
			decision = d
		}
	}
	return choix, decision
}

// AvantFacture says whether the sale may be billed now, on the freshest list of revoked
// accreditations that the workstation holds: to be called when the invoice is made.
// ref: VISIO §7 rules 1, 2, 4
func (p *Poste) AvantFacture(v *Vente) (Decision, error) {
	a := p.o.Horloge()
	s := v.Accreditation
	if s.IsZero() {
		return decider(SansDroits), nil
	}
	liste := p.lar(s)
	d := AvantFacture(s, liste, v.DateReference, a)
	switch age := a.Sub(v.Instant); {
	case v.Degrade != nil:
		jour := max(sante.JourA(a, sante.Paris()), v.DateReference)
		x := v.tolerance
		if s.a.Type == Depannage {
			x = 0
		}
		d = ReutilisationPermise(s.Anterieurs(liste, jour), jour, x)
	case !s.a.Couvre(v.DateReference):
		d = decider(HorsPeriode)
	case d.Motif == ListePerimee && v.Code == visiodroits.Inchanges && age >= 0 && age < recente:
		d = decider(Confirmee)
	}
	if liste.Perimee(a) {
		p.reveillerLAR(s.a.Emetteur())
	}
	jour := sante.JourA(a, sante.Paris())
	return d, p.o.Magasin.Ecrire(func(l *Lot) error { return compterLAR(l, jour, v.AMC, liste, a) })
}
