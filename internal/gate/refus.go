package gate

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// enRefus is the one table from an error to what the other party is told. What
// is not in it is an internal error. ref: ROC §18
func enRefus(err error) *roc.Refus {
	var r *roc.Refus
	var c *certificat.Refus
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &c):
		return &roc.Refus{Code: roc.CertificatRefuse, Detail: enClair(c), Cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &roc.Refus{Code: roc.DelaiInterne, Cause: err}
	case errors.Is(err, sceau.ErrForme):
		return &roc.Refus{Code: roc.Illisible, Detail: enClair(err), Cause: err}
	case errors.Is(err, sceau.ErrPerime):
		return &roc.Refus{Code: roc.Rejeu, Detail: enClair(err), Cause: err}
	case sceau.EstSceau(err):
		return &roc.Refus{Code: roc.SceauInvalide, Detail: enClair(err), Cause: err}
	}
	return &roc.Refus{Code: roc.Interne, Cause: err}
}

// enClair is what an error tells the other party: without the name of the package
// that made it.
func enClair(err error) string {
	texte := err.Error()
	for _, paquet := range [...]string{"certificat: ", "jades: ", "trame: ", "sceau: "} {
		if reste, ok := strings.CutPrefix(texte, paquet); ok {
			return reste
		}
	}
	return texte
}

// refuser seals and writes down a technical or security refusal.
func (t *transit) refuser(ctx context.Context, cause error) (Depart, error) {
	r := enRefus(cause)
	t.code, t.detail, t.numero = r.Code, r.Detail, numeroDemande()
	t.repetition, t.engagement, t.relaye = false, "", nil
	t.pressentir()
	t.signaler(ctx, r)
	r = t.auNomDuRelais(r)
	service := t.arrivee.Service
	if t.env != nil {
		service = t.env.Service
	}
	m := roc.Message[roc.CorpsRefus]{Enveloppe: t.enveloppeReponse(), Corps: &roc.CorpsRefus{
		Retour: t.norme.RetourDe(service, r.Code, r.Detail), NumeroDemande: t.numero, ReprendreApres: r.Reprise,
	}}
	t.completer(&m.Enveloppe)
	if err := t.apposer(func(b []byte) []byte {
		if t.arrivee.Face == sceau.REST {
			return roc.PlanRefus.AppendJSON(b, &m)
		}
		return appendFaute(b, r.Code, &m)
	}); err != nil {
		return Depart{}, err
	}
	ctx = context.WithoutCancel(ctx)
	err := t.portail.Base.Grouper(ctx, func(ctx context.Context) error { return t.tracer(ctx) })
	if err != nil {
		t.portail.Log.Error("refus non écrit au journal : rien n'est répondu", "demande", t.numero, "code", r.Code, "erreur", err)
		return Depart{}, err
	}
	return Depart{Octets: t.scelle.Octets, Code: r.Code, Refus: true, Feuille: t.feuille, Attendre: r.Reprise}, nil
}

// auNomDuRelais turns a security refusal of a message that is for another into
// the one kind of refusal that a relay may make, the reason in its detail. The
// journal and the watch keep the code of the reason. ref: DEC 11
func (t *transit) auNomDuRelais(r *roc.Refus) *roc.Refus {
	pourAutrui := t.portail.Relais != nil && (t.env == nil && t.porte == t.portail.Defaut || t.env != nil && t.portail.porte(t.env.Destinataire) == nil)
	if !pourAutrui || r.Code.Famille() == 'T' {
		return r
	}
	detail := "refusé par le relais : " + string(r.Code) + " " + r.Code.Libelle()
	if r.Detail != "" {
		detail += " : " + r.Detail
	}
	return &roc.Refus{Code: roc.PanneRelais, Detail: detail, Cause: r.Cause}
}

// completer fills what the envelope of a refusal must say when the question
// could not be read.
func (t *transit) completer(e *roc.Enveloppe) {
	if t.env != nil {
		return
	}
	e.Service, e.IDEchange, e.IDDossierES = t.arrivee.Service, roc.NouvelUUID(), "-"
	if e.Service == "" {
		e.Service = roc.ETAT
	}
	e.Destinataire = roc.Partie{Type: roc.ES, ID: "-"}
}

func (t *transit) signaler(ctx context.Context, r *roc.Refus) {
	if t.porte.sansTrace && t.admis {
		if r.Code == roc.Interne { // someone must act; nothing tells of what question
			t.portail.Log.Error("une question n'a pas abouti", "service", t.env.Service)
		}
		return
	}
	p, detail := t.portail, r.Detail
	qui := enJournal(t.arrivee.Canal)
	if t.piece != nil && t.piece.Scellee() {
		qui = enJournal(t.piece.Scelleur())
	}
	// A certificate that is refused names nobody: its number is what there is to look for.
	var c *certificat.Refus
	if errors.As(r.Cause, &c) && c.Serie != "" {
		detail += " (certificat n° " + c.Serie + ")"
	}
	if r.Code.Famille() == 'S' {
		p.Vigie.Signaler(ctx, t.porte.Tenant, qui, r.Code, detail)
	}
	niveau := slog.LevelInfo
	if r.Code == roc.Interne {
		niveau = slog.LevelError
	}
	p.Log.Log(ctx, niveau, "refus", "demande", t.numero, "code", r.Code, "structure", qui, "cause", r.Cause)
}

// enJournal names a holder for the operator: a structure, or the certificate of a card,
// since a log names no person.
func enJournal(v certificat.Verdict) string {
	if v.Porteur != nil && v.Porteur.Personne() {
		return "carte n° " + v.Porteur.Serie()
	}
	return structure(v)
}

// appendFaute writes a SOAP 1.2 fault, in exclusive canonical form inside a Body
// whose prefix is soap.
func appendFaute(b []byte, c roc.Code, m *roc.Message[roc.CorpsRefus]) []byte {
	origine := "Sender"
	if !DuDemandeur(c) {
		origine = "Receiver"
	}
	b = append(b, "<soap:Fault><soap:Code><soap:Value>soap:"+origine+"</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang=\"fr\">"...)
	b = append(b, string(c)+" "+c.Libelle()...)
	b = append(b, "</soap:Text></soap:Reason><soap:Detail>"...)
	b = roc.PlanRefus.AppendXML(b, roc.NomRefus, m)
	return append(b, "</soap:Detail></soap:Fault>"...)
}

// DuDemandeur tells whether a refusal is for the one who asked to mend.
func DuDemandeur(c roc.Code) bool {
	switch c {
	case roc.Ferme, roc.DelaiInterne, roc.PanneRelais, roc.Saturation, roc.Interne:
		return false
	}
	return true
}
