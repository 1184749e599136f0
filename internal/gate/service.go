package gate

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/trame"
)

// Regle decides the answer to a message whose seal was verified.
type Regle[Q, R any] func(ctx context.Context, q sceau.Opened[roc.Message[Q]]) (*R, error)

// Engageante is a rule that tells, once it has read what it needs, whether its
// answer commits its author. When engager is not nil the answer is what it gives:
// it runs inside the transaction that writes the leaf, perhaps more than once.
type Engageante[Q, R any] func(ctx context.Context, q sceau.Opened[roc.Message[Q]]) (r *R, engager func(ctx context.Context) (*R, error), err error)

// Ouverte is a rule for questions that may come without a seal. Its type says that
// nothing was proved of who asks. ref: VISIO §9.1
type Ouverte[Q, R any] func(ctx context.Context, q sceau.Lue[roc.Message[Q]]) (*R, error)

// Options of a service.
type Options[Q, R any] struct {
	// Engage says that an answer commits its author: the rule runs inside the
	// transaction that writes the leaf.
	Engage bool
	// Sujet names of whom the question is, for the pseudonym of the journal. It is
	// only ever digested.
	Sujet func(*Q) string
	// Interdit gives the answer to a message that its schema refuses, when the reason is that
	// it tells what may not be told there, at whatever place; nil when it is a mere mistake,
	// which is T001. ref: VISIO §10 rule 2
	Interdit func(contenu []byte) *R
	// Engagement is the number of the guarantee that the exchange is about.
	Engagement func(*Q, *R) string
}

// Service is a rule and its codecs, ready to be offered by a Porte.
type Service struct {
	norme   *roc.Norme
	nom     roc.Service
	element string
	passer  func(ctx context.Context, t *transit) error
	typee   any // the *service of its types
}

// Offrir ties a rule to the two faces of its service.
func Offrir[Q, R any, P interface {
	*R
	roc.CorpsCode
}](e *roc.Echange[Q, R], regle Regle[Q, R], o Options[Q, R]) *Service {
	return OffrirEngageante[Q, R, P](e, func(ctx context.Context, q sceau.Opened[roc.Message[Q]]) (*R, func(context.Context) (*R, error), error) {
		r, err := regle(ctx, q)
		return r, nil, err
	}, o)
}

// OffrirEngageante is Offrir for a rule that commits its author sometimes.
func OffrirEngageante[Q, R any, P interface {
	*R
	roc.CorpsCode
}](e *roc.Echange[Q, R], regle Engageante[Q, R], o Options[Q, R]) *Service {
	return offrir[Q, R, P](e, func(ctx context.Context, q sceau.Lue[roc.Message[Q]]) (*R, func(context.Context) (*R, error), error) {
		ouverte, ok := q.Ouverte()
		if !ok {
			return nil, nil, roc.Refuser(roc.SceauInvalide, "le message n'est pas scellé")
		}
		return regle(ctx, ouverte)
	}, o)
}

// OffrirOuverte ties a rule to a service that takes questions without a seal; its
// profile must say so of the service.
func OffrirOuverte[Q, R any, P interface {
	*R
	roc.CorpsCode
}](e *roc.Echange[Q, R], regle Ouverte[Q, R], o Options[Q, R]) *Service {
	return offrir[Q, R, P](e, func(ctx context.Context, q sceau.Lue[roc.Message[Q]]) (*R, func(context.Context) (*R, error), error) {
		r, err := regle(ctx, q)
		return r, nil, err
	}, o)
}

func offrir[Q, R any, P interface {
	*R
	roc.CorpsCode
}](e *roc.Echange[Q, R], regle regleLue[Q, R], o Options[Q, R]) *Service {
	return offert(&service[Q, R]{e: e, regle: regle, o: o, code: func(r *R) roc.Code { return P(r).LeCode() }})
}

func offert[Q, R any](s *service[Q, R]) *Service {
	e := s.e
	return &Service{norme: e.Norme, nom: e.Service, element: e.NomDemande, passer: s.passer, typee: s}
}

type cleDemandeur struct{}

// Demandeur is who the quotas count for the message of a rule: the structure that sealed
// it, or where an unsealed one comes from, as Vigie.Demander takes it. It is "" outside
// of a rule.
func Demandeur(ctx context.Context) string {
	if t, ok := ctx.Value(cleDemandeur{}).(*transit); ok {
		return t.cle.Scelleur
	}
	return ""
}

// regleLue is any rule, as the gate calls it: the seal that a rule asks for was
// checked before.
type regleLue[Q, R any] func(ctx context.Context, q sceau.Lue[roc.Message[Q]]) (r *R, engager func(ctx context.Context) (*R, error), err error)

type service[Q, R any] struct {
	e         *roc.Echange[Q, R]
	regle     regleLue[Q, R]
	o         Options[Q, R]
	code      func(*R) roc.Code
	rejouable bool // no answer is remembered: the rule gives it again
}

// passer takes an opened piece to its sealed and written answer.
func (s *service[Q, R]) passer(ctx context.Context, t *transit) error {
	ctx = context.WithValue(ctx, cleDemandeur{}, t)
	var interdit *R
	q, err := sceau.Lu(t.piece, func(p *sceau.Piece, m *roc.Message[Q]) (err error) {
		interdit, err = s.decoder(p, m, t)
		return err
	})
	if err != nil {
		return err
	}
	s = s.chez(t.porte)
	m := q.Message()
	if interdit != nil {
		s = s.repondant(interdit)
	}
	if s.o.Sujet != nil {
		t.sujet = s.o.Sujet(m.Corps)
	}
	if err := t.controler(ctx); err != nil {
		return err
	}
	if t.empreinte = s.empreinte(m); interdit != nil { // its body is not in m
		t.empreinte = t.piece.Empreinte()
	}
	switch {
	case t.porte.sansTrace:
		return s.refaire(ctx, t, q)
	case s.o.Engage:
		return s.engager(ctx, t, q, func(ctx context.Context) (*R, error) { return s.entiere(ctx, q) })
	}
	return s.repondre(ctx, t, q)
}

// entiere runs a rule to its end, inside a transaction.
func (s *service[Q, R]) entiere(ctx context.Context, q sceau.Lue[roc.Message[Q]]) (*R, error) {
	r, engager, err := s.regle(ctx, q)
	if err != nil || engager == nil {
		return r, err
	}
	return engager(ctx)
}

// chez is the service of the party addressed: s, which read the message, may be
// another party's. A party that does not offer the service is refused by
// controler. ref: DEC 2
func (s *service[Q, R]) chez(porte *Porte) *service[Q, R] {
	if offert, ok := porte.services[s.e.Service]; ok {
		if x, ok := offert.typee.(*service[Q, R]); ok {
			return x
		}
	}
	return s
}

// repondant is the service with an answer that is known already: no rule reads a message
// that its schema refuses.
func (s *service[Q, R]) repondant(r *R) *service[Q, R] {
	x := *s
	x.regle = func(context.Context, sceau.Lue[roc.Message[Q]]) (*R, func(context.Context) (*R, error), error) {
		return r, nil, nil
	}
	x.o = Options[Q, R]{}
	return &x
}

// interdire gives the answer to what the schema of a service refuses with cause, when it is
// because it may not be told there; the envelope is read, and m has an empty body. Without an
// envelope that can be read, nobody is answered but by a refusal, which says why.
func (s *service[Q, R]) interdire(contenu []byte, m *roc.Message[Q], t *transit, cause error) (*R, error) {
	if s.o.Interdit == nil {
		return nil, illisible(cause)
	}
	r := s.o.Interdit(contenu)
	if r == nil {
		return nil, illisible(cause)
	}
	m.Corps, m.CorpsChiffre = new(Q), ""
	if t.env != nil { // an encrypted body, of an envelope that was read
		return r, nil
	}
	x := new(roc.Message[trame.Opaque])
	if err := decoderFace(t.piece, t.norme.Routage(), s.e.NomDemande, x); err != nil {
		return nil, &roc.Refus{Code: roc.Illisible, Detail: string(s.code(r)) + " : un membre qui ne se dit pas dans cet échange, hors du corps", Cause: cause}
	}
	m.Enveloppe = x.Enveloppe
	t.env = &m.Enveloppe
	return r, t.adresser()
}

// decoderFace reads signed bytes by a plan, on the face on which they came.
func decoderFace[T any](p *sceau.Piece, plan *trame.Plan[T], element string, m *T) error {
	if p.Face() == sceau.REST {
		return plan.DecodeJSON(p.Contenu(), m)
	}
	return p.XML(func(l *xmlflux.Lecteur) error { return plan.LireXML(l, element, m) }, element)
}

// decoder reads the signed bytes, and the body when it is encrypted for us. What it gives is
// the answer to a message that tells what may not be told.
func (s *service[Q, R]) decoder(p *sceau.Piece, m *roc.Message[Q], t *transit) (*R, error) {
	if err := decoderFace(p, s.e.Demande, s.e.NomDemande, m); err != nil {
		return s.interdire(p.Contenu(), m, t, err)
	}
	t.env = &m.Enveloppe
	if err := t.adresser(); err != nil {
		return nil, err
	}
	if m.Corps != nil {
		return nil, nil
	}
	if !t.piece.Scellee() {
		return nil, roc.Refuser(roc.Illisible, "un corps chiffré se scelle")
	}
	t.chiffre = true
	clair, err := t.porte.cles.Load().Corps(m.CorpsChiffre, &m.Enveloppe)
	if err != nil {
		return nil, err
	}
	m.Corps = new(Q)
	if err := s.e.CorpsDemande.DecodeJSON(clair, m.Corps); err != nil {
		return s.interdire(slices.Concat([]byte(`{"corps":`), clair, []byte("}")), m, t, err)
	}
	return nil, nil
}

// empreinte is the fingerprint of a question: the same on both faces, without
// its instant nor its encryption. ref: DEC 13
func (s *service[Q, R]) empreinte(m *roc.Message[Q]) [32]byte {
	nu := *m
	nu.Enveloppe.Horodatage = time.Time{}
	nu.Enveloppe.EmpreinteCorps, nu.Enveloppe.CleReponse = "", ""
	nu.CorpsChiffre = ""
	b := tampons.Get().(*[]byte)
	defer tampons.Put(b)
	*b = s.e.Demande.AppendJSON((*b)[:0], &nu)
	return sha256.Sum256(*b)
}

// repondre runs a rule outside of any transaction, then writes memory, leaf and
// the rows of the rule together. A rule that turns out to commit its author ends
// inside the transaction.
func (s *service[Q, R]) repondre(ctx context.Context, t *transit, q sceau.Lue[roc.Message[Q]]) error {
	p := t.portail
	if p.recents.vu(t.cle) {
		if deja, err := t.retrouver(ctx); err != nil {
			return err
		} else if deja != nil {
			return s.repeter(ctx, t, q, *deja)
		}
	}
	ctxLot, verser := p.Base.Lot(ctx)
	r, engager, err := s.regle(ctxLot, q)
	if err != nil {
		return err
	}
	if engager != nil {
		return s.engager(ctx, t, q, func(ctx context.Context) (*R, error) {
			if err := verser(ctx); err != nil {
				return nil, err
			}
			return engager(ctx)
		})
	}
	if err := s.sceller(t, q.Message(), r); err != nil {
		return err
	}
	if err := s.ecrire(ctxLot, t, r); err != nil {
		return err
	}
	err = verser(ctx)
	if p.Memoire.EstDoublon(err) {
		return s.doublon(ctx, t, q)
	}
	return err
}

// engager runs a rule that commits its author inside the transaction that
// remembers the message and writes the leaf. A message that this node has not seen
// lately is not searched for first: if it was answered all the same, its key
// undoes the rule, and a rule that refuses may have been run already.
func (s *service[Q, R]) engager(ctx context.Context, t *transit, q sceau.Lue[roc.Message[Q]], regle func(context.Context) (*R, error)) error {
	p := t.portail
	vu := p.recents.vu(t.cle)
	var deja *Traite
	err := p.Base.Grouper(ctx, func(ctx context.Context) (err error) {
		deja = nil
		if vu {
			if deja, err = t.retrouver(ctx); deja != nil || err != nil {
				return err
			}
		}
		r, err := regle(ctx)
		if err != nil {
			return err
		}
		if err := s.sceller(t, q.Message(), r); err != nil {
			return err
		}
		return s.ecrire(ctx, t, r)
	})
	switch {
	case p.Memoire.EstDoublon(err):
		return s.doublon(ctx, t, q)
	case err != nil && !vu:
		if d, e := t.retrouver(ctx); e == nil && d != nil {
			return s.repeter(ctx, t, q, *d)
		}
	case err == nil && deja != nil:
		return s.repeter(ctx, t, q, *deja)
	}
	return err
}

// retrouver gives what was answered to the message in transit, nil when nothing was.
func (t *transit) retrouver(ctx context.Context) (*Traite, error) {
	d, err := t.portail.Memoire.Retrouver(ctx, t.cle)
	switch {
	case errors.Is(err, ErrInconnu):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("retrouver le message: %w", err)
	}
	return &d, nil
}

// ecrire leaves memory and leaf for the end of the transaction.
func (s *service[Q, R]) ecrire(ctx context.Context, t *transit, r *R) error {
	corps := []byte{}
	if !s.rejouable {
		corps = s.e.CorpsReponse.AppendJSON(nil, r)
	}
	err := t.portail.Memoire.Retenir(ctx, t.cle, Traite{t.empreinte, corps, t.code, t.recu})
	if err != nil {
		return err
	}
	return t.tracer(ctx)
}

// doublon answers a message that another node, or another connection, answered
// at the same moment.
func (s *service[Q, R]) doublon(ctx context.Context, t *transit, q sceau.Lue[roc.Message[Q]]) error {
	deja, err := t.portail.Memoire.Retrouver(ctx, t.cle)
	if err != nil {
		return fmt.Errorf("retrouver le message: %w", err)
	}
	return s.repeter(ctx, t, q, deja)
}

// repeter gives the stored result again, sealed for this question. ref: DEC 13
func (s *service[Q, R]) repeter(ctx context.Context, t *transit, q sceau.Lue[roc.Message[Q]], deja Traite) error {
	if deja.Empreinte != t.empreinte {
		return roc.Refuser(roc.MemeID, "")
	}
	if s.rejouable {
		t.repetition = true
		return s.refaire(ctx, t, q)
	}
	r := new(R)
	if err := s.e.CorpsReponse.DecodeJSON(deja.Corps, r); err != nil {
		return fmt.Errorf("relire la réponse gardée: %w", err)
	}
	t.repetition = true
	if err := s.sceller(t, q.Message(), r); err != nil {
		return err
	}
	return t.tracer(ctx)
}

// sceller encodes and seals the answer to q.
func (s *service[Q, R]) sceller(t *transit, q *roc.Message[Q], r *R) error {
	m := roc.Message[R]{Enveloppe: t.enveloppeReponse(), Corps: r}
	if t.chiffre {
		var err error
		if m.CorpsChiffre, m.Enveloppe.EmpreinteCorps, err = t.chiffrer(s.e.CorpsReponse.AppendJSON(nil, r)); err != nil {
			return err
		}
		m.Corps = nil
	}
	t.code = s.code(r)
	if s.o.Engagement != nil {
		t.engagement = s.o.Engagement(q.Corps, r)
	}
	return t.apposer(func(b []byte) []byte {
		if t.arrivee.Face == sceau.REST {
			return s.e.Reponse.AppendJSON(b, &m)
		}
		return s.e.Reponse.AppendXML(b, s.e.NomReponse, &m)
	})
}
