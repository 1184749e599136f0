package monde

import (
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Refus is a question that must be refused, and with which code. One of Annuaire
// and IDB is said. The refusals of the seal and of the channel (revoked
// certificate, altered seal, replay, foreign relay) are made by who sends.
type Refus struct {
	Cle           string
	Titre         string // in French
	Code          roc.Code
	Etablissement *Etablissement
	Dossier       string
	Annuaire      *roc.DemandeAnnuaire
	IDB           *roc.DemandeIDB
}

// Refus lists the refusals that the world can show, by family of codes: I, D, A.
// ref: ROC §7.3, §18
func (m *Monde) Refus() ([]Refus, error) {
	a := &atelier{jour: m.Jour}
	l := append(m.refusIdentite(a), m.refusDroits()...)
	l = append(l, m.refusAnnuaire(a)...)
	for i := range l {
		l[i].Dossier = "R" + compact(m.Jour) + string(rune('A'+i))
	}
	if len(a.fautes) > 0 {
		return nil, a.fautes[0]
	}
	return l, nil
}

// refusIDB is a question on the rights of a patient at the public hospital, which
// changer makes refusable.
func (m *Monde) refusIDB(cle, titre string, code roc.Code, patient string, changer func(*roc.Entete)) Refus {
	h := Histoire{Patient: m.Patient(patient), Etablissement: m.Etablissement(CleHopital), Contexte: roc.ContexteACE, Entree: m.Jour, DMT: "900", MT: "07"}
	e := m.Entete(&h, 1)
	if changer != nil {
		changer(&e)
	}
	r := Refus{Cle: cle, Titre: titre, Code: code, Etablissement: h.Etablissement, IDB: &roc.DemandeIDB{Entete: e}}
	if e.Etablissement.FinessJuridique != h.Etablissement.Finess {
		r.Etablissement = m.Etablissement(CleClinique)
	}
	return r
}

func (m *Monde) refusIdentite(a *atelier) []Refus {
	autre := m.Patient("erwan")
	naissance := func(e *roc.Entete) { e.Beneficiaire.DateNaissance = autre.DateNaissance }
	inconnu := func(e *roc.Entete) {
		e.Beneficiaire.NumeroAdherent = lire(a, "MB9999999", sante.ParseNumeroAdherent)
		e.Beneficiaire.NIRAssure, e.Beneficiaire.NIRBeneficiaire = sante.NIR{}, sante.NIR{}
		e.Beneficiaire.NomNaissance, e.Beneficiaire.NomUsage, e.Beneficiaire.Prenom = "PERSONNE", "", "ULYSSE"
	}
	rang := func(e *roc.Entete) { e.Beneficiaire.RangGemellaire, e.Beneficiaire.NIRBeneficiaire = 3, sante.NIR{} }
	return []Refus{
		m.refusIDB("carte-empruntee", "La carte est bonne, la date de naissance est celle d'un autre", roc.IdentiteDiscordante, "marcel", naissance),
		m.refusIDB("inconnu", "Personne de ce nom ni de ce numéro", roc.BeneficiaireInconnu, "marcel", inconnu),
		m.refusIDB("inscrit-deux-fois", "La même personne est inscrite deux fois", roc.PlusieursTrouves, cleDoublon, nil),
		m.refusIDB("rang-de-naissance", "Des jumelles : il faut le rang de naissance", roc.RangRequis, "ines", rang),
	}
}

func (m *Monde) refusDroits() []Refus {
	clinique := func(e *roc.Entete) { e.Etablissement = m.Etablissement(CleClinique).Roc() }
	second := m.Patient("genevieve").Couverture(2)
	surPremier := func(e *roc.Entete) {
		e.Carte, e.Beneficiaire.NumeroAdherent = m.Carte(second), second.NumeroAdherent
	}
	return []Refus{
		m.refusIDB("droits-fermes", "Les droits sont fermés depuis un mois", roc.DroitsFermes, "pascal", nil),
		m.refusIDB("droits-suspendus", "Les droits sont suspendus", roc.DroitsSuspendus, "nadege", nil),
		m.refusIDB("droits-futurs", "Les droits ne sont pas encore ouverts", roc.DroitsFuturs, "julien", nil),
		m.refusIDB("domaine", "Le contrat ne couvre pas les soins externes", roc.DomaineNonCouvert, "roland", nil),
		m.refusIDB("sans-tiers-payant", "Pas de tiers payant dans cet établissement", roc.TiersPayantRefuse, "corinne", clinique),
		m.refusIDB("rang-deux", "Une autre AMC passe avant celle-ci", roc.AutreAMCDAbord, "genevieve", surPremier),
		m.refusIDB("css-caisse", "La CSS est gérée par la caisse", roc.CSSParLaCaisse, "dimitri", nil),
	}
}

func (m *Monde) refusAnnuaire(a *atelier) []Refus {
	demande := func(cle, titre string, code roc.Code, numero, convention, csr string) Refus {
		return Refus{Cle: cle, Titre: titre, Code: code, Etablissement: m.Etablissement(CleHopital), Annuaire: &roc.DemandeAnnuaire{
			NumeroAMC: a.amc(numero), TypeConvention: convention, CSR: csr, DateReference: m.Jour, Domaine: roc.HospitalACE}}
	}
	return []Refus{
		demande("amc-inconnue", "Cette AMC n'est pas dans l'Annuaire", roc.AMCInconnue, NumeroInconnu, "", ""),
		demande("amc-fermee", "Plus aucun service à cette date", roc.AucunService, NumeroFerme, "", ""),
		demande("amc-remplacee", "Cette AMC a été reprise par une autre", roc.AMCRemplacee, NumeroRemplace, "", ""),
		demande("routage-ambigu", "Deux entrées de l'Annuaire se valent", roc.RoutageAmbigu, NumeroAmbigu, "CM", "661"),
	}
}
