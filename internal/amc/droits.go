package amc

import (
	"slices"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Domains of the perimeter of a contract. ref: ROC §7.2
const (
	DomaineACE          = "ACE"
	DomaineSejour       = "SEJOUR"
	DomaineCP           = "CP"
	DomaineAccompagnant = "ACCOMPAGNANT"
	DomaineHAD          = "HAD"
)

// Domains outside the hospital: the trades of the professionals. ref: VISIO §5.1
const (
	DomainePharmacie   = "PHAR"
	DomaineLaboratoire = "LABO"
	DomaineOptique     = "OPTI"
	DomaineAudio       = "AUDIO"
	DomaineAuxiliaire  = "AUXM"
)

var domaines = []string{DomaineACE, DomaineSejour, DomaineCP, DomaineAccompagnant, DomaineHAD,
	DomainePharmacie, DomaineLaboratoire, DomaineOptique, DomaineAudio, DomaineAuxiliaire}

// domaineDe is the domain that a question needs.
func domaineDe(e *roc.Entete) string {
	switch {
	case e.Discipline == roc.HAD:
		return DomaineHAD
	case e.Contexte.Sejour():
		return DomaineSejour
	}
	return DomaineACE
}

// droits is what a portfolio says of the rights of a person at a day.
type droits struct {
	code    roc.Code // Accepte, D201, D202 or D203
	statut  roc.StatutDroits
	debut   sante.Jour // certainty period, both included, when code is Accepte
	fin     sante.Jour
	contrat string
	version Version
}

// droitsAu finds the adhesion of a day and the period for which the insurer is
// certain of it: inside the adhesion and the version of its contract, before a
// suspension, and at most certitude days after the last day asked for.
// ref: ROC §7.2, §18 // hyp: CERTITUDE
func droitsAu(adhesions []Adhesion, jour, dernier sante.Jour, certitude int) droits {
	for i := range adhesions {
		a := &adhesions[i]
		if !couvre(a.Debut, a.Fin, jour) {
			continue
		}
		if a.suspendue(jour) {
			return droits{code: roc.DroitsSuspendus, statut: roc.DroitSuspendu}
		}
		if a.Version.Empreinte == "" {
			continue // a contract that is not in force that day opens no right
		}
		d := droits{code: roc.Accepte, statut: roc.DroitsOuverts, contrat: a.Contrat, version: a.Version}
		d.debut = max(a.Debut, a.Version.Debut)
		if !a.SuspenduFin.IsZero() && a.SuspenduFin < jour {
			d.debut = max(d.debut, a.SuspenduFin+1)
		}
		d.fin = plusTot(a.Fin, a.Version.Fin)
		if a.SuspenduDebut > jour {
			d.fin = plusTot(d.fin, a.SuspenduDebut-1)
		}
		d.fin = plusTot(d.fin, max(jour, dernier)+sante.Jour(certitude))
		return d
	}
	futurs := len(adhesions) > 0 && !slices.ContainsFunc(adhesions, func(a Adhesion) bool { return a.Debut <= jour })
	if futurs {
		return droits{code: roc.DroitsFuturs, statut: roc.DroitsClos}
	}
	return droits{code: roc.DroitsFermes, statut: roc.DroitsClos}
}

// admettre tells whether a contract serves a domain in a hospital: perimeter,
// tiers payant, rank of this insurer for the person, CSS. ref: ROC §18
func (c *Contrat) admettre(domaine string, e *roc.Entete, rang int) roc.Code {
	switch {
	case c.CSSParLaCaisse:
		return roc.CSSParLaCaisse
	case !c.couvre(domaine):
		return roc.DomaineNonCouvert
	case c.SansTiersPayant || slices.Contains(c.EtablissementsExclus, e.Etablissement.FinessJuridique):
		return roc.TiersPayantRefuse
	case rang > e.RangAMC:
		return roc.AutreAMCDAbord
	}
	return roc.Accepte
}

// informer writes the rights of an open coverage. ref: ROC §7.2
func informer(c *Contrat, b *Beneficiaire, e *roc.Entete, d droits, local bool) *roc.ReponseIDB {
	code := c.admettre(domaineDe(e), e, b.Rang)
	tiersPayant := code != roc.TiersPayantRefuse && code != roc.CSSParLaCaisse
	responsable := c.Responsable
	r := &roc.ReponseIDB{
		Retour: roc.RetourDe(code, ""), StatutDroits: roc.DroitsOuverts,
		DroitsDebut: d.debut, DroitsFin: d.fin, TiersPayantAutorise: &tiersPayant,
		Perimetre: c.perimetre(), ContratResponsable: &responsable, TypeContrat: c.Type, ModeCalcul: roc.CalculCLC,
		AutresAMC: b.autresAMC(), MessageAgent: c.MessageAgent, MessagePatient: c.MessagePatient,
	}
	if local && c.ModeCalcul != roc.CalculCLC {
		r.ModeCalcul = c.ModeCalcul
		r.Formules, r.Exclusions = c.Garanties, c.Exclusions
	}
	return r
}
