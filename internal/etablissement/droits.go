package etablissement

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// DemanderDroits asks the Annuaire who answers for the card, then the insurer
// whether the patient is covered. ref: ROC §6, §7
func (s *Service) DemanderDroits(ctx context.Context, p Place, o Ordre) (*Venue, error) {
	v, err := s.Depot.Venue(ctx, p.Venue)
	if err != nil {
		return nil, err
	}
	cv := v.Couverture(p.Rang)
	if cv == nil {
		return nil, refuser(ErrInconnue, "", "Aucune couverture à ce rang.")
	}
	if _, err := suivant(cv.Etat, DemanderDroits); err != nil {
		return nil, cv.modifiableOu(DemanderDroits, err)
	}
	amc, err := s.orienter(ctx, v, cv)
	if err != nil {
		return nil, err
	}
	v, q, err := s.poser(ctx, p, o, roc.IDB, DemanderDroits, func(c *Chantier, cv *Couverture) ([]byte, error) {
		cv.AMC = amc
		if cv.Convention != nil { // it came on line: what the table said is over
			cv.Convention, cv.Calcul = nil, nil
		}
		return ecrireCorps(planIDB, &roc.DemandeIDB{Entete: s.entete(c.Venue, cv)})
	})
	if err != nil {
		return nil, err
	}
	return s.envoyer(ctx, v, q)
}

// modifiableOu prefers the reason that a person understands.
func (c *Couverture) modifiableOu(e Evenement, err error) error {
	if m := c.modifiable(); m != nil {
		return m
	}
	return refusEtape(c.Etat, e, err)
}

// orienter asks the Annuaire, and follows a replacement once. ref: ROC §6.2, §18 A003
func (s *Service) orienter(ctx context.Context, v *Venue, cv *Couverture) (Assureur, error) {
	e := s.entete(v, cv)
	d := e.Routage()
	d.NumeroAMC = cv.Attestation.NumeroAMC
	for remplacements := 0; ; remplacements++ {
		k, err := s.Exchange.Annuaire(ctx, d)
		switch {
		case err != nil:
			return Assureur{}, consultationEnEchec(err, "L'Annuaire des AMC ne répond pas ; rien n'a été demandé à l'AMC.")
		case k.CodeRetour == roc.AMCRemplacee && remplacements == 0 && !k.NumeroAMCCible.IsZero():
			d.NumeroAMC = k.NumeroAMCCible
			continue
		case !k.CodeRetour.Accord():
			return Assureur{}, refuser(ErrRefus, k.CodeRetour, k.Precision)
		}
		a := Assureur{Numero: d.NumeroAMC, Libelle: k.LibelleAMC, OffreSIM: k.Le(roc.SIM) != nil,
			CalculLocal: k.CalculLocalAutorise != nil && *k.CalculLocalAutorise, DateReference: d.DateReference}
		return a, nil
	}
}

// recevoirIDB keeps the answer on rights and decides whether they are of use.
func (s *Service) recevoirIDB(c *Chantier, cv *Couverture, q *Question, d *roc.DemandeIDB, r *roc.ReponseIDB) error {
	m := s.maintenant()
	cv.Droits = &Droits{Recue: m, IDMessage: q.IDMessage, Empreinte: empreinteEntete(&d.Entete), Reponse: *r}
	cv.Simulation = nil
	cv.Code = jugerDroits(r, &c.Venue.Dossier)
	e := RefuserDroits
	if cv.Code.Accord() {
		e = AccorderDroits
	}
	return c.passer(cv, e, s.moment(q, cv.Code))
}

// jugerDroits is the code under which an answer on rights is filed: that of the
// insurer, or the reason why open rights are of no use to this visit.
func jugerDroits(r *roc.ReponseIDB, d *Dossier) roc.Code {
	switch {
	case !r.CodeRetour.Accord():
		return r.CodeRetour
	case r.StatutDroits != roc.DroitsOuverts:
		return map[roc.StatutDroits]roc.Code{roc.DroitSuspendu: roc.DroitsSuspendus, roc.DroitInconnu: roc.BeneficiaireInconnu,
			roc.DroitsClos: roc.DroitsFermes}[r.StatutDroits]
	case r.IDReponseIDB == "" || r.DroitsDebut.IsZero() || r.DroitsFin.IsZero() || r.ModeCalcul == "":
		return roc.Illisible // open rights without their mandatory elements. ref: ROC §7.2
	case d.DateReference < r.DroitsDebut:
		return roc.DroitsFuturs
	case d.DateReference > r.DroitsFin:
		return roc.DroitsFermes
	case r.TiersPayantAutorise != nil && !*r.TiersPayantAutorise:
		return roc.TiersPayantRefuse
	case !couvre(r.Perimetre, d):
		return roc.DomaineNonCouvert
	}
	return r.CodeRetour
}

// couvre tells whether the insurer did not exclude the kind of the visit.
func couvre(l []roc.Perimetre, d *Dossier) bool {
	genre := "ACE"
	switch {
	case d.Discipline == "HAD":
		genre = "HAD"
	case d.Contexte.Sejour():
		genre = "SEJOUR"
	}
	for _, p := range l {
		if p.Domaine == genre {
			return p.Couvert
		}
	}
	return true
}

// empreinteEntete recognises rights asked with the same data.
func empreinteEntete(e *roc.Entete) string {
	d := sha256.Sum256(planIDB.AppendJSON(nil, &roc.DemandeIDB{Entete: *e}))
	return base64.RawURLEncoding.EncodeToString(d[:])
}

// droitsValables tells why the rights in hand cannot serve a calculation, or nil.
// On line, they are reused for 24 hours; here, as long as the guarantee lasts.
// ref: ROC §11.3
func (s *Service) droitsValables(v *Venue, cv *Couverture, local bool) error {
	const redemander = " Demander les droits de nouveau."
	switch d := cv.Droits; {
	case d == nil || !cv.Code.Accord() && cv.Etat == DroitsRefuses:
		return refuser(ErrDroits, roc.IDBInconnue, "Aucun droit ouvert pour cette couverture."+redemander)
	case jugerDroits(&d.Reponse, &v.Dossier) != d.Reponse.CodeRetour:
		return refuser(ErrDroits, jugerDroits(&d.Reponse, &v.Dossier), "Les droits ne couvrent pas cette venue.")
	case d.Empreinte != empreinteEntete(ref(s.entete(v, cv))):
		return refuser(ErrDroits, roc.IDBInconnue, "La venue ou la carte a changé depuis la réponse sur les droits."+redemander)
	case !local && s.maintenant().Sub(d.Recue) > s.ageDroits():
		return refuser(ErrDroits, roc.IDBInconnue, "La réponse sur les droits date de plus de 24 heures."+redemander)
	}
	return nil
}

func ref[T any](v T) *T { return &v }

// TrancherIdentite is the agent's word on the identity that the insurer is sure
// of: the visit changes only if he accepts. ref: ROC §7.2
func (s *Service) TrancherIdentite(ctx context.Context, p Place, o Ordre, suite SuiteIdentite) (*Venue, error) {
	return s.changer(ctx, p.Venue, o, func(c *Chantier) error {
		cv, err := c.couverture(p.Rang)
		if err != nil {
			return err
		}
		if cv.Droits == nil || cv.Droits.Reponse.IdentiteCorrigee == nil || cv.Droits.Identite != "" {
			return refuser(ErrTransition, "", "L'AMC n'a proposé aucune correction d'identité, ou l'agent a déjà tranché.")
		}
		cv.Droits.Identite = suite
		if suite == IdentiteRefusee {
			return nil
		}
		for _, autre := range c.Venue.Couvertures {
			if err := autre.modifiable(); err != nil {
				return err
			}
		}
		i, pat := cv.Droits.Reponse.IdentiteCorrigee, &c.Venue.Dossier.Patient
		pat.NomNaissance, pat.Prenom, pat.DateNaissance, pat.RangGemellaire = i.Nom, i.Prenom, i.DateNaissance, i.RangGemellaire
		if sante.Plier(pat.NomNaissance) == "" || sante.Plier(pat.Prenom) == "" {
			return refuser(ErrDonnees, roc.Illisible, "L'identité proposée est incomplète.")
		}
		return nil
	})
}
