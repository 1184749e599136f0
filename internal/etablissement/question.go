package etablissement

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/trame"
)

// ErrDejaClose: the question to close has already found its end.
var ErrDejaClose = errors.New("etablissement: question déjà close")

// poser moves a coverage and writes down the question that the move starts, in
// one transaction: nothing is sent before. batir gives the body; e is empty when
// the question moves nothing (SIM).
func (s *Service) poser(ctx context.Context, p Place, o Ordre, service roc.Service, e Evenement,
	batir func(c *Chantier, cv *Couverture) ([]byte, error)) (*Venue, *Question, error) {
	q := &Question{Place: p, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), Service: service}
	v, err := s.changer(ctx, p.Venue, o, func(c *Chantier) (err error) {
		cv, err := c.couverture(p.Rang)
		if err != nil {
			return err
		}
		if q.Corps, err = batir(c, cv); err != nil {
			return err
		}
		q.Posee = s.maintenant()
		q.Essayee = q.Posee
		c.Poser = q
		if e == "" {
			return nil
		}
		cv.Code = ""
		return c.passer(cv, e, Moment{Instant: q.Posee, IDMessage: q.IDMessage, Agent: o.Agent})
	})
	return v, q, err
}

// ecrireCorps writes a body down, and reads it back: what could not be read again
// is refused before anything is asked.
func ecrireCorps[Q any](plan *trame.Plan[Q], d *Q) ([]byte, error) {
	b := plan.AppendJSON(nil, d)
	if err := plan.DecodeJSON(b, new(Q)); err != nil {
		return nil, &Erreur{Sorte: ErrDonnees, Code: roc.Illisible, Detail: err.Error(), Cause: err}
	}
	return b, nil
}

// envoyer sends a question that was written down and concludes it. The agent may
// go away meanwhile: what was asked of an insurer is followed to its end.
func (s *Service) envoyer(ctx context.Context, v *Venue, q *Question) (*Venue, error) {
	ctx = context.WithoutCancel(ctx)
	dossier, suivi := v.Dossier.Numero, roc.Suivi{IDMessage: q.IDMessage, IDEchange: q.IDEchange}
	switch q.Service {
	case roc.IDB:
		return echanger(ctx, s, q, planIDB, func(d *roc.DemandeIDB) (*roc.ReponseIDB, error) {
			suivi.Sujet = d.Sujet()
			return s.Exchange.IDB(ctx, dossier, d, suivi)
		}, s.recevoirIDB)
	case roc.SIM:
		return echanger(ctx, s, q, planCalcul, func(d *roc.DemandeCalcul) (*roc.ReponseCalcul, error) {
			suivi.Sujet = d.Sujet()
			return s.Exchange.SIM(ctx, dossier, d, suivi)
		}, s.recevoirSIM)
	case roc.CLC:
		return echanger(ctx, s, q, planCalcul, func(d *roc.DemandeCalcul) (*roc.ReponseCalcul, error) {
			suivi.Sujet = d.Sujet()
			return s.Exchange.CLC(ctx, dossier, d, suivi)
		}, s.recevoirCLC)
	case roc.DEL:
		return echanger(ctx, s, q, planDEL, func(d *roc.DemandeDEL) (*roc.ReponseDEL, error) {
			return s.Exchange.DEL(ctx, dossier, v.Couverture(q.Rang).destinataire(d), d, suivi)
		}, s.recevoirDEL)
	}
	return nil, refuser(ErrInconnue, "", "Service inattendu.")
}

// echanger reads the body back, sends it and applies what came.
func echanger[Q, R any](ctx context.Context, s *Service, q *Question, plan *trame.Plan[Q],
	appeler func(*Q) (*R, error), recevoir func(*Chantier, *Couverture, *Question, *Q, *R) error) (*Venue, error) {
	d := new(Q)
	if err := plan.DecodeJSON(q.Corps, d); err != nil {
		return nil, &Erreur{Sorte: ErrInconnue, Detail: "La question écrite est illisible.", Cause: err}
	}
	r, err := appeler(d)
	if err != nil {
		return nil, s.echec(ctx, q, err)
	}
	return s.conclure(ctx, q, func(c *Chantier, cv *Couverture) error { return recevoir(c, cv, q, d, r) })
}

// delaiConclure bounds the writing of an answer.
const delaiConclure = 30 * time.Second

// conclure closes a question and applies its end, once: when another node, or
// another try, did it before, the visit is read as it is.
func (s *Service) conclure(ctx context.Context, q *Question, f func(*Chantier, *Couverture) error) (*Venue, error) {
	ctx, annuler := context.WithTimeout(context.WithoutCancel(ctx), delaiConclure)
	defer annuler()
	v, err := s.Depot.Changer(ctx, q.Venue, func(c *Chantier) error {
		cv, err := c.couverture(q.Rang)
		if err != nil {
			return err
		}
		c.Venue.Modifiee = s.maintenant()
		c.Clore = &Cloture{IDMessage: q.IDMessage}
		if err := f(c, cv); err != nil {
			return err
		}
		c.Clore.Code = cv.Code
		return nil
	})
	if errors.Is(err, ErrDejaClose) || errors.Is(err, ErrTransition) && s.dejaClose(ctx, q) {
		return s.Depot.Venue(ctx, q.Venue)
	}
	return v, err
}

// dejaClose tells whether a question found its end meanwhile: the move that its
// answer asks for was then made, and cannot be made twice.
func (s *Service) dejaClose(ctx context.Context, q *Question) bool {
	ouverte, err := s.Questions.EnCours(ctx, q.Place)
	return estSorte(err, ErrInconnue) || err == nil && ouverte.IDMessage != q.IDMessage
}

// definitif tells whether a refusal ends the question: the insurer said it under
// its seal and the same message would be refused again, or no way leads to it. A
// refusal found here, such as an answer whose seal is altered, ends nothing: the
// insurer may have engaged itself. ref: DEC 9, ROC §16.1 R3-1
func definitif(r *roc.Refus) bool {
	return r.Code.Famille() == 'A' || r.Distant && (!r.Code.Technique() || r.Code.Signification().Reessai == "")
}

// echec decides what an absence of answer means: a definitive refusal ends the
// question, anything else leaves it open, to be sent again the same.
// ref: ROC §5.2, DEC 13
func (s *Service) echec(ctx context.Context, q *Question, cause error) error {
	var r *roc.Refus
	if !errors.As(cause, &r) {
		return &Erreur{Sorte: ErrSansReponse, Detail: "L'AMC n'a pas répondu. La même question sera envoyée de nouveau.", Cause: cause}
	}
	if !definitif(r) {
		return refusDe(ErrSansReponse, r, "Pas de réponse sûre"+precision(r.Detail)+". La même question sera envoyée de nouveau.", cause)
	}
	_, err := s.conclure(ctx, q, func(c *Chantier, cv *Couverture) error {
		cv.Code = r.Code
		m := Moment{Instant: s.maintenant(), Code: r.Code, IDMessage: q.IDMessage}
		switch q.Service {
		case roc.IDB:
			return c.passer(cv, RefuserDroits, m)
		case roc.CLC:
			return c.passer(cv, RefuserCalcul, m)
		}
		return nil // SIM moved nothing; after DEL the engagement is still in doubt
	})
	if err != nil {
		return err
	}
	return refusDe(ErrRefus, r, r.Detail, cause)
}

// precision puts a detail after a sentence, when there is one.
func precision(detail string) string {
	if detail == "" {
		return ""
	}
	return " : " + strings.TrimSuffix(detail, ".")
}

// moment is the trace of an answer.
func (s *Service) moment(q *Question, code roc.Code) Moment {
	return Moment{Instant: s.maintenant(), Code: code, IDMessage: q.IDMessage}
}
