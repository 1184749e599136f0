package pupitre

import (
	"cmp"
	"errors"
	"strconv"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// DeArrivee fills a step from what a roc.Registre was told of an exchange: both
// sealed messages, opened again, the code, the time, the mode of transport, and
// from the bodies the shares and the engagement. question is the body that was
// asked, in clear; it may be nil. What the caller wants told otherwise, he sets
// afterwards.
func (e *Etape) DeArrivee(l *Loupe, a *roc.Arrivee, question any) {
	face := FaceDe(a.Depart.Scelle)
	e.Service, e.Face, e.Chiffre, e.Code = a.Depart.Service, face, a.Chiffre, a.Code
	e.Debut, e.Duree = a.Depart.Instant, a.Duree
	e.Question = l.VoirClair(a.Depart.Scelle, face, a.Depart.Instant, question)
	if a.Scelle != nil {
		e.Reponse = l.Voir(a.Scelle, face, a.Instant)
	}
	for _, m := range a.Relais {
		e.Relais = append(e.Relais, m.ID)
	}
	if a.Refus != nil { // nothing is taken from an answer that was not believed
		e.Refuse(a.Refus, "")
		return
	}
	e.tirer(question)
}

// DeRendu is DeArrivee for who holds a verified answer.
func DeRendu[R any](e *Etape, l *Loupe, r *roc.Rendu[R], question any) {
	envoi := r.Message.Enveloppe.Horodatage.Add(-r.Duree)
	face := FaceDe(r.Question)
	e.Service, e.Face, e.Chiffre, e.Duree = r.Message.Enveloppe.Service, face, r.Chiffre, r.Duree
	if e.Debut.IsZero() {
		e.Debut = envoi
	}
	e.Question = l.VoirClair(r.Question, face, r.Message.Enveloppe.Horodatage, question)
	e.Reponse = l.VoirClair(r.Reponse, face, r.Message.Enveloppe.Horodatage, r.Corps)
	switch {
	case r.Annuaire.Perime:
		e.Annuaire = "adresse gardée depuis le " + Heure(r.Annuaire.Lue) + " : l'annuaire ne répond pas"
	case r.Annuaire.Cache:
		e.Annuaire = "adresse gardée depuis le " + Heure(r.Annuaire.Lue)
	}
	for _, m := range e.Reponse.Relais {
		e.Relais = append(e.Relais, m.ID)
	}
	if !e.Reponse.Garanti {
		return
	}
	if rep, ok := any(r.Corps).(roc.CorpsReponse); ok {
		e.retour(rep.LeRetour())
	}
	e.corps(question, any(r.Corps))
}

// tirer takes what the messages say.
func (e *Etape) tirer(question any) {
	if question == nil {
		question = e.Question.Corps()
	}
	if !e.Reponse.fiable() {
		return
	}
	if r := e.Reponse.Retour(); r != nil {
		e.retour(r)
	}
	e.corps(question, e.Reponse.Corps())
}

func (v *Vu) fiable() bool { return v != nil && v.Garanti }

func (e *Etape) retour(r *roc.Retour) {
	e.Code, e.Precision = r.CodeRetour, r.Precision
	e.Refus = ExpliquerRefus(r.CodeRetour, r.Precision, "")
}

func (e *Etape) corps(question, reponse any) {
	switch r := reponse.(type) {
	case *roc.ReponseCalcul:
		e.Indicatif, e.Hypotheses = r.Caractere == roc.Indicatif, r.Hypotheses
		if q, ok := question.(*roc.DemandeCalcul); ok {
			e.Lignes, e.Totaux = Lignes(q, r), Totaux(r, q)
		}
		if !r.NumeroEngagement.IsZero() {
			e.Engagement = &Engagement{Numero: r.NumeroEngagement.String(), Etat: "en cours", Debut: r.EngagementDebut, Fin: r.EngagementFin,
				Etendue: etendue(r.Garantie)}
		}
	case *roc.ReponseIDB:
		if g := r.GarantieLocale; g != nil {
			e.Engagement = &Engagement{Numero: g.Numero.String(), Etat: "garantie d'un calcul local", Debut: g.Debut, Fin: g.Fin}
		}
	case *roc.ReponseDEL:
		if q, ok := question.(*roc.DemandeDEL); ok && !q.NumeroEngagement.IsZero() {
			e.Engagement = &Engagement{Numero: q.NumeroEngagement.String(), Etat: etatEngagement(r.EtatEngagement)}
		}
	case *roc.ReponseEngagement:
		if q, ok := question.(*roc.DemandeEngagement); ok {
			e.Engagement = &Engagement{Numero: q.NumeroEngagement.String(), Etat: etatEngagement(r.EtatEngagement), Debut: r.EngagementDebut, Fin: r.EngagementFin}
		}
	}
}

func etendue(g roc.Garantie) string {
	switch g {
	case roc.GarantieTotale:
		return "totale"
	case roc.GarantiePartielle:
		return "partielle"
	case roc.GarantieAucune:
		return "aucune part"
	}
	return ""
}

func etatEngagement(e roc.EtatEngagement) string {
	switch e {
	case roc.EngagementEnCours:
		return "en cours"
	case roc.EtatAnnule:
		return "annulé"
	case roc.EtatDejaAnnule:
		return "déjà annulé"
	case roc.EtatDejaFacture:
		return "déjà facturé"
	case roc.EtatDejaPaye:
		return "déjà payé"
	case roc.EtatExpire:
		return "expiré"
	}
	return "inconnu"
}

// Refuse tells that the exchange ended with an error: a *roc.Refus gives its
// code, any other error that no answer came. queFaire may be empty.
func (e *Etape) Refuse(err error, queFaire string) {
	var r *roc.Refus
	if !errors.As(err, &r) {
		e.Refus = &Refus{Libelle: "Aucune réponse", Detail: err.Error(), QueFaire: queFaire}
		return
	}
	e.Code, e.Precision = r.Code, r.Detail
	e.Refus = ExpliquerRefus(r.Code, r.Detail, cmp.Or(queFaire, r.AFaire))
	if e.Refus != nil && r.Qui != "" {
		e.Refus.QuiAgit = r.Qui
	}
	if e.Refus != nil && r.Reprise > 0 {
		e.Refus.Reessai = "dans " + strconv.Itoa(r.Reprise) + " s"
	}
}

// faceDe is the face of a step, that of its question when not said.
func (e *Etape) faceDe() sceau.Face {
	if e.Face == "" && e.Question != nil {
		return e.Question.Face
	}
	return e.Face
}
