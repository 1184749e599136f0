package droits

// MotifDecision is why a rule of this package allows or refuses.
type MotifDecision string

// Reasons of AvantFacture and of ReutilisationPermise.
const (
	NonRevoquee   MotifDecision = "NON_REVOQUEE"
	Recente       MotifDecision = "ACCREDITATION_RECENTE"
	ListePerimee  MotifDecision = "LISTE_PERIMEE"
	Revoquee      MotifDecision = "REVOQUEE"
	DroitsOuverts MotifDecision = "DROITS_OUVERTS"
	DansTolerance MotifDecision = "DANS_TOLERANCE"
	HorsTolerance MotifDecision = "HORS_TOLERANCE"
	SansDroits    MotifDecision = "SANS_DROITS"
	Confirmee     MotifDecision = "CONFIRMEE"
	HorsPeriode   MotifDecision = "HORS_PERIODE"
)

// QuiAgit is who must act after a decision. The zero value is nobody.
type QuiAgit string

// Who acts.
const (
	AgitLogiciel   QuiAgit = "logiciel"
	AgitPharmacien QuiAgit = "pharmacien"
)

// Decision is what a rule answers, with its reason and a sentence for the counter.
type Decision struct {
	Permis  bool
	Motif   MotifDecision
	Phrase  string // in French
	QuiAgit QuiAgit
}

// decisions say all that there is to say of each reason.
var decisions = map[MotifDecision]Decision{
	NonRevoquee:   {Permis: true, Phrase: "L'accréditation n'est pas révoquée : la facture est garantie."},
	Recente:       {Permis: true, Phrase: "La liste de révocation est trop ancienne, mais l'accréditation a moins de 24 heures : la facture est garantie.", QuiAgit: AgitLogiciel},
	ListePerimee:  {Phrase: "La liste de révocation est trop ancienne : redemander les droits avant de facturer.", QuiAgit: AgitLogiciel},
	Revoquee:      {Phrase: "L'accréditation est révoquée : redemander les droits ; sans réponse, ne pas appliquer le tiers payant complémentaire.", QuiAgit: AgitPharmacien},
	DroitsOuverts: {Permis: true, Phrase: "Les droits obtenus auparavant sont encore ouverts : facturer en mode dégradé avec leur accréditation, et redemander les droits au retour du réseau.", QuiAgit: AgitLogiciel},
	DansTolerance: {Permis: true, Phrase: "Les droits sont finis depuis moins de jours que l'AMC n'en tolère : facturer en mode dégradé avec leur accréditation, et redemander les droits au retour du réseau.", QuiAgit: AgitLogiciel},
	HorsTolerance: {Phrase: "Les droits sont finis depuis trop de jours pour cette AMC : pas de tiers payant complémentaire sans nouvelle réponse.", QuiAgit: AgitPharmacien},
	Confirmee:     {Permis: true, Phrase: "La liste de révocation est trop ancienne, mais l'AMC a confirmé ces droits depuis moins de 24 heures : la facture est garantie.", QuiAgit: AgitLogiciel},
	HorsPeriode:   {Phrase: "Les soins sont hors de la période des droits : demander les droits à la date des soins.", QuiAgit: AgitPharmacien},
	SansDroits:    {Phrase: "Aucun droit n'a été obtenu auparavant pour ce bénéficiaire : pas de tiers payant complémentaire sans réponse.", QuiAgit: AgitPharmacien},
}

func decider(m MotifDecision) Decision {
	d := decisions[m]
	d.Motif = m
	return d
}
