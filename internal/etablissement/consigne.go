package etablissement

import "github.com/ecluse-sante/ecluse/roc"

// Consigne is an instruction to the agent: what happened, who must act, and what
// to do next, in French. ref: ROC §14.2
type Consigne struct {
	Rang    int      `fil:"rang,opt,min=0,max=3" doc:"Rang de la couverture concernée"`
	Code    roc.Code `fil:"code,opt" doc:"Code de retour"`
	Constat string   `fil:"constat,max=500" doc:"Ce qui est arrivé"`
	QuiAgit string   `fil:"quiAgit,max=100" doc:"Qui doit agir"`
	AFaire  string   `fil:"aFaire,max=500" doc:"Ce qu'il faut faire"`
}

// agent is who acts when the reference names nobody else.
const agent = "l'agent"

// gestes is what to do next for each code of the profile. ref: ROC §18
var gestes = map[roc.Code]string{
	roc.Accepte:      "Continuer.",
	roc.AvecReserve:  "Lire le motif de chaque ligne, puis dire au patient ce qui reste à sa charge.",
	roc.Illisible:    "Ne pas renvoyer la même demande : la transmettre à l'éditeur avec l'identifiant du message.",
	roc.Version:      "Demander à l'éditeur une version du logiciel que l'AMC accepte.",
	roc.Ferme:        "Attendre la réouverture du service ; la question sera envoyée de nouveau.",
	roc.DelaiInterne: "Patienter : la même question sera envoyée de nouveau, sans risque de double engagement.",
	roc.MemeID:       "Ne pas renvoyer : transmettre à l'éditeur avec l'identifiant du message.",
	roc.PanneRelais:  "Patienter : la même question sera envoyée de nouveau. Si cela dure, prévenir le concentrateur.",
	roc.Saturation:   "Patienter : la question sera envoyée de nouveau après le délai indiqué.",
	roc.Interne:      "Patienter : la question sera envoyée de nouveau. Si cela dure, appeler l'AMC avec le numéro de demande.",

	roc.AutreIdentifiant: "Faire vérifier le certificat de l'établissement et le FINESS de la configuration.",
	roc.SceauInvalide:    "Faire vérifier le certificat de cachet de l'établissement.",
	roc.CertificatRefuse: "Faire renouveler le certificat de l'établissement.",
	roc.Rejeu:            "Faire vérifier l'horloge du serveur, puis recommencer.",
	roc.HorsCercle:       "Faire vérifier l'habilitation de l'établissement dans le cercle de confiance ROC.",
	roc.Quota:            "Attendre, puis recommencer ; prévenir le responsable de la sécurité si ce volume est inattendu.",

	roc.AMCInconnue:   "Vérifier le numéro d'AMC sur la carte, corriger la couverture, puis redemander les droits ; si l'AMC n'est pas encore en ligne, recourir à la convention (/conventions).",
	roc.AucunService:  "Vérifier la date et la carte ; à défaut, recourir à la convention (/conventions), sans l'échange en ligne et sans garantie.",
	roc.AMCRemplacee:  "Demander la carte à jour au patient : son AMC a été remplacée.",
	roc.RoutageAmbigu: "Vérifier le type de convention et le CSR de la carte ; s'ils sont justes, signaler à l'association inter-AMC.",

	roc.BeneficiaireInconnu: "Vérifier le numéro d'adhérent, le nom et la date de naissance avec le patient et sa carte, corriger, puis redemander les droits.",
	roc.PlusieursTrouves:    "Compléter l'identité (NIR, rang de naissance), puis redemander les droits.",
	roc.IdentiteDiscordante: "Vérifier que la carte est bien celle du patient et que sa date de naissance est exacte.",
	roc.RangRequis:          "Renseigner le rang de naissance, puis redemander les droits.",

	roc.DroitsFermes:      "Demander au patient une carte en cours de validité ; à défaut, sa part lui est facturée.",
	roc.DroitsSuspendus:   "Inviter le patient à joindre son AMC ; à défaut, sa part lui est facturée.",
	roc.DroitsFuturs:      "Chercher l'AMC précédente du patient pour la date des soins.",
	roc.DomaineNonCouvert: "Dire au patient que son contrat ne couvre pas cette prestation ; sa part lui est facturée.",
	roc.TiersPayantRefuse: "Facturer sa part au patient et lui remettre un justificatif pour son AMC.",
	roc.AutreAMCDAbord:    "Demander au patient la carte de son autre AMC et la mettre au rang 1.",
	roc.CSSParLaCaisse:    "Ne rien demander à l'AMC : la part complémentaire est facturée à la caisse.",

	roc.IDBInconnue:         "Redemander les droits, puis recalculer.",
	roc.EngagementInconnu:   "Vérifier le numéro d'engagement ; l'AMC n'est pas engagée.",
	roc.EngagementExpire:    "Demander un nouveau calcul : l'ancien engagement ne peut plus être facturé.",
	roc.EngagementAnnule:    "Demander un nouveau calcul si une garantie est nécessaire.",
	roc.EngagementFacture:   "Annuler la facture avant de revenir sur l'engagement.",
	roc.SimulationRequise:   "Demander une simulation, puis recalculer.",
	roc.EngagementExistant:  "Annuler l'engagement existant, dont le numéro est rappelé, puis recalculer.",
	roc.TotalFaux:           "Ne pas facturer sur cette base : signaler l'incohérence à l'éditeur, annuler si un numéro a été donné.",
	roc.DatesIncoherentes:   "Corriger les dates de la venue ou des lignes.",
	roc.NuitsFausses:        "Corriger les dates d'entrée et de sortie, ou le nombre de nuits.",
	roc.PrestationInconnue:  "Faire corriger le code de prestation.",
	roc.ForfaitEnDouble:     "Retirer le forfait journalier ou la participation en double.",
	roc.TauxIndetermine:     "Renseigner la nature d'assurance et la justification d'exonération.",
	roc.TauxIncoherent:      "Corriger le taux, l'exonération ou la nature d'assurance.",
	roc.FJIncoherent:        "Corriger le code de prise en charge du forfait journalier, ou la ligne FJ.",
	roc.PASIncoherente:      "Vérifier l'acte lourd : la participation forfaitaire remplace le ticket modérateur.",
	roc.HorsGarantie:        "Dire au patient que cette ligne reste à sa charge.",
	roc.PlafondAtteint:      "Dire au patient que le plafond de son contrat est atteint.",
	roc.NonPrenable:         "Dire au patient qu'aucune complémentaire ne peut rembourser cette somme.",
	roc.RangIncoherent:      "Corriger l'ordre des AMC, ou reprendre dans l'ordre des rangs.",
	roc.MontantDifferent:    "Annuler l'engagement, recalculer, puis facturer au montant engagé.",
	roc.FactureTardive:      "Traiter avec l'AMC : le délai de facturation est dépassé.",
	roc.FactureEnDouble:     "Ne pas renvoyer cette facture.",
	roc.AMCNonDebitrice:     "Vérifier à quelle AMC la facture est due.",
	roc.RecalculDifferent:   "Comparer les deux calculs ligne à ligne : corriger la facture, ou faire corriger l'AMC.",
	roc.PiecesManquantes:    "Joindre les pièces demandées.",
	roc.RejetParFichier:     "Lire le motif que l'AMC donne, corriger ce qu'il vise, puis facturer de nouveau ; sinon l'appeler.",
	roc.CoordonneesBancaire: "Transmettre les coordonnées bancaires de l'établissement à l'AMC.",
}

// ConsigneDe is the instruction of a code.
func ConsigneDe(code roc.Code, precision string) Consigne {
	s := code.Signification()
	c := Consigne{Code: code, Constat: s.Libelle, QuiAgit: s.Qui, AFaire: gestes[code]}
	if precision != "" {
		c.Constat += " : " + precision
	}
	if c.QuiAgit == "" {
		c.QuiAgit = agent
	}
	return c
}

// Consignes lists what is to be done on a visit, by rank.
func (v *Venue) Consignes() []Consigne {
	var l []Consigne
	for _, cv := range v.Couvertures {
		for _, c := range cv.consignes(v) {
			c.Rang = cv.Rang
			l = append(l, c)
		}
	}
	return l
}

func (c *Couverture) consignes(v *Venue) (l []Consigne) {
	if c.Code != "" && !(c.Code == roc.Accepte) {
		l = append(l, ConsigneDe(c.Code, c.precision()).avecNumero(c).parConvention(c))
	}
	if c.Etat.EnAttente() && c.Code == "" {
		l = append(l, Consigne{Constat: "La réponse de l'AMC est attendue.", QuiAgit: "le logiciel",
			AFaire: "Rien : la question sera envoyée de nouveau, la même, si la réponse s'est perdue."})
	}
	if d := c.Droits; d != nil {
		l = append(l, d.consignes(v)...)
	}
	if k := c.Convention; k != nil && c.Etat != Close {
		l = append(l, Consigne{Constat: "Couverture « " + k.Libelle + " » " + SansGarantie + " : l'AMC n'est pas en ligne.", QuiAgit: agent,
			AFaire: "Dire au patient que la part de son AMC n'est pas garantie : si elle ne la paie pas, elle lui sera demandée."}) // ref: DEC 28
	}
	if c.Simulation != nil && c.Simulation.Local && c.Etat == Simulee {
		l = append(l, Consigne{Constat: "Calcul local sans garantie de paiement.", QuiAgit: agent,
			AFaire: "Prévenir le patient que la part de son AMC n'est pas garantie ; demander un calcul en ligne si l'AMC l'offre."}) // ref: DEC 28
	}
	return l
}

// avecNumero recalls the engagement that stands in the way.
func (k Consigne) avecNumero(c *Couverture) Consigne {
	if n := c.numeroEngagement(); k.Code == roc.EngagementExistant && !n.IsZero() {
		k.Constat += " : n° " + n.String()
	}
	return k
}

// parConvention tells what to do of an invoice without guarantee whose care its insurer
// guarantees otherwise: there is no engagement here to cancel.
func (k Consigne) parConvention(c *Couverture) Consigne {
	if k.Code == roc.EngagementExistant && c.Convention != nil && c.Etat == Rejetee {
		k.AFaire = "Facturer ces soins sur le numéro que l'AMC rappelle, là où il a été obtenu, et clore ici ; ou annuler cet engagement (/annulations), ou attendre qu'il expire, puis corriger et renvoyer cette facture."
	}
	return k
}

func (c *Couverture) precision() string {
	switch c.Etat {
	case DroitsRefuses:
		if c.Droits != nil && c.Droits.Reponse.CodeRetour == c.Code {
			return c.Droits.Reponse.Precision
		}
	case Rejetee:
		if c.Facture != nil {
			return c.Facture.Precision
		}
	case CalculRefuse, Engagee:
		if c.Calcul != nil && c.Calcul.Reponse.CodeRetour == c.Code {
			return c.Calcul.Reponse.Precision
		}
	}
	return ""
}

// consignes tells what the answer on rights asks of the agent.
func (d *Droits) consignes(v *Venue) (l []Consigne) {
	r := &d.Reponse
	if r.IdentiteCorrigee != nil && d.Identite == "" {
		l = append(l, Consigne{Constat: "L'AMC propose une identité différente.", QuiAgit: agent,
			AFaire: "La vérifier avec le patient, puis l'accepter ou la refuser. Rien n'est changé d'ici là."})
	}
	if r.MessageAgent != "" {
		l = append(l, Consigne{Constat: "Message de l'AMC : " + r.MessageAgent, QuiAgit: agent, AFaire: "En tenir compte."})
	}
	for _, a := range r.AutresAMC {
		if !v.connait(a) {
			l = append(l, Consigne{Constat: "L'AMC en connaît une autre, " + a.NumeroAMC.String() + ", au rang " + string(rune('0'+a.Rang)) + ".",
				QuiAgit: agent, AFaire: "Demander sa carte au patient et l'ajouter à la venue, dans l'ordre des rangs."})
		}
	}
	return l
}

func (v *Venue) connait(a roc.AutreAMC) bool {
	for _, cv := range v.Couvertures {
		if cv.Attestation.NumeroAMC == a.NumeroAMC || cv.AMC.Numero == a.NumeroAMC {
			return true
		}
	}
	return false
}
