package relais

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Parametres is what a relay is made of.
type Parametres struct {
	Moi      roc.Partie // our name in the chains: type OCT or OTP
	Juge     sceau.Juge // of the seals of answers
	Courrier Courrier
	Annuaire Annuaire // nil when the routes say everything
	Horloge  sante.Horloge
	Log      *slog.Logger // of the links that open and close; nil for none
	Reglages Reglages
}

// Reglages bounds what a relay does; the zero value is a working default.
type Reglages struct {
	// Ordinaire and Simulation are how long an answer is waited for; 9 s and 14 s
	// when zero, under the 10 s and 15 s of hospitals. ref: ROC §5.2
	Ordinaire  time.Duration
	Simulation time.Duration
	// Droits is the same for a question of rights, whose asker waits at a counter; 4 s
	// when zero. ref: VISIO §15 // hyp: RELAIS-DELAIS
	Droits time.Duration
	// Marge is taken off for each relay already crossed, so that the first ones
	// still answer; 500 ms when zero. hyp: RELAIS-DELAIS
	Marge    time.Duration
	Places   int           // messages under way to one server; 64 when zero
	Attente  time.Duration // for such a place; 250 ms when zero
	Echecs   int           // in a row before a server is left alone; 5 when zero
	Repos    time.Duration // before it is tried again; 2 s when zero
	ReposMax time.Duration // at most, after trials that failed; 1 min when zero
	Limite   int           // bytes of an answer; 1 MiB when zero
}

func parDefaut[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

func (r *Reglages) completer() {
	parDefaut(&r.Ordinaire, 9*time.Second)
	parDefaut(&r.Simulation, 14*time.Second)
	parDefaut(&r.Droits, 4*time.Second)
	parDefaut(&r.Marge, 500*time.Millisecond)
	parDefaut(&r.Places, 64)
	parDefaut(&r.Attente, 250*time.Millisecond)
	parDefaut(&r.Echecs, 5)
	parDefaut(&r.Repos, 2*time.Second)
	parDefaut(&r.ReposMax, time.Minute)
	parDefaut(&r.Limite, 1<<20)
}

// delai is how long the answer to a question is waited for.
func (r *Reglages) delai(q *Question) time.Duration {
	d := r.Ordinaire
	switch q.Enveloppe.Service {
	case roc.SIM:
		d = r.Simulation
	case roc.DLD:
		d = r.Droits
	}
	return max(d-time.Duration(len(q.Chaine.Maillons))*r.Marge, d/4)
}

// Relais carries messages. It is safe for concurrent use.
type Relais struct {
	p        Parametres
	reglages Reglages
	table    atomic.Pointer[table]
	carnet   carnet
}

// New makes a relay with its routes, which may be none when it has a directory.
func New(p Parametres, routes []Route) (*Relais, error) {
	switch {
	case p.Moi.Type != roc.OCT && p.Moi.Type != roc.OTP || p.Moi.ID == "" || len(p.Moi.ID) > 20:
		return nil, errors.New("relais: rôle OCT ou OTP et identifiant de 1 à 20 caractères attendus")
	case p.Juge == nil || p.Courrier == nil || p.Horloge == nil:
		return nil, errors.New("relais: juge, courrier et horloge attendus")
	}
	r := &Relais{p: p, reglages: p.Reglages, carnet: carnet{m: make(map[string]*correspondant)}}
	r.reglages.completer()
	return r, r.Router(routes)
}

// Router replaces the routes, all or none, without a restart.
func (r *Relais) Router(routes []Route) error {
	if r.p.Annuaire == nil {
		for i := range routes {
			if len(routes[i].Structures) == 0 {
				return fmt.Errorf("%w : %s : sans annuaire, la route doit dire quelles structures répondent", ErrRoute, routes[i].Destinataire)
			}
		}
	}
	t, err := newTable(routes)
	if err != nil {
		return err
	}
	r.table.Store(t)
	return nil
}

// Fermer closes the connections that are not in use.
func (r *Relais) Fermer() { r.carnet.fermer() }

// Relayer carries a question to its recipient and brings the answer back. The
// error is a *roc.Refus with a T code, to be sealed in our name. ref: DEC 11
func (r *Relais) Relayer(ctx context.Context, q *Question) (*Reponse, error) {
	// The hospital's patience covers the directory, the place and the answer.
	ctx, annuler := context.WithTimeout(ctx, r.reglages.delai(q))
	defer annuler()
	e, err := r.trouver(ctx, q)
	if err != nil {
		return nil, err
	}
	octets, err := r.ajouter(q.Piece, q.Chaine)
	if err != nil {
		return nil, err
	}
	c := r.prendre(e)
	if c == nil {
		return nil, &roc.Refus{Code: roc.Saturation, Detail: "trop de destinataires à la fois", Reprise: 1}
	}
	essai, attente := c.disjoncteur.passer(r.p.Horloge())
	if attente > 0 {
		r.rendre(c)
		return nil, &roc.Refus{Code: roc.PanneRelais, Detail: "destinataire injoignable depuis peu", Cause: ErrInjoignable, Reprise: int(math.Ceil(attente.Seconds()))}
	}
	if err := c.placer(ctx, r.reglages.Attente); err != nil {
		r.finir(c, essai, sansAvis)
		return nil, err
	}
	x := r.poster(ctx, c, essai, &Envoi{q.Norme, q.Piece.Face(), q.Enveloppe.Service, octets})
	if x == nil {
		return nil, enRefus(ErrAbandon)
	}
	rep, fin, err := r.juger(q, e, x)
	r.finir(c, essai, fin)
	return rep, err
}

// rendu is what a sending gave.
type rendu struct {
	arrivee *Arrivee
	err     error
}

// poster sends a message on, and waits for what comes back as long as its asker does: nil
// when he left, and the link then gives itself back. The sending does not end with him: under
// HTTP/1.1 only the closing of its connection can cancel a message, and the next one would pay
// a handshake. It keeps its place, and has the time that was left, so that askers who give up
// get no more out of the relay than the others; it then says by itself what it learnt of the
// server.
func (r *Relais) poster(ctx context.Context, c *correspondant, essai bool, v *Envoi) *rendu {
	arrive, parti := make(chan *rendu), make(chan struct{})
	terme, _ := ctx.Deadline()
	envoi, annuler := context.WithDeadline(context.WithoutCancel(ctx), terme)
	go func() {
		defer annuler()
		a, err := c.lien.Poster(envoi, v)
		<-c.places
		select {
		case arrive <- &rendu{a, err}:
		case <-parti:
			r.finir(c, essai, avis(err))
		}
	}()
	select {
	case x := <-arrive:
		return x
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		close(parti)
		return nil
	}
	return <-arrive // the time of the sending is over too
}

// finir gives a link back, with how a message ended.
func (r *Relais) finir(c *correspondant, essai bool, fin issue) {
	r.noter(c, essai, fin)
	r.rendre(c)
}

// noter says how a message ended to the link, and to the operator when the link
// opens or closes.
func (r *Relais) noter(c *correspondant, essai bool, fin issue) {
	change, ouvert := c.disjoncteur.noter(r.p.Horloge(), essai, fin)
	switch {
	case !change || r.p.Log == nil:
	case ouvert:
		r.p.Log.Warn("destinataire injoignable : messages refusés sans attendre", "adresse", c.adresse)
	default:
		r.p.Log.Info("destinataire de nouveau joignable", "adresse", c.adresse)
	}
}

// avis is what a sending says of its server, before the answer is read.
func avis(err error) issue {
	switch {
	case err == nil, errors.Is(err, ErrTropGrand), errors.Is(err, ErrSature):
		return sansAvis // it says something of who asks
	}
	return echoue
}

// juger checks what came back.
func (r *Relais) juger(q *Question, e *etape, x *rendu) (*Reponse, issue, error) {
	if x.err != nil {
		return nil, avis(x.err), enRefus(x.err)
	}
	rep, err := r.croire(q, e, x.arrivee)
	if err != nil {
		var suite *refusDuSuivant
		if errors.As(err, &suite) {
			return nil, repondu, suite.refus
		}
		return nil, echoue, &roc.Refus{Code: roc.PanneRelais, Detail: tenir("réponse du destinataire refusée : " + err.Error()), Cause: err}
	}
	return rep, repondu, nil
}

// tenir keeps a detail within what a refusal may carry.
func tenir(s string) string {
	if len(s) > detailMax {
		return strings.ToValidUTF8(s[:detailMax], "")
	}
	return s
}

const detailMax = 400

// enRefus is what the hospital is told when nothing came back.
func enRefus(err error) *roc.Refus {
	switch {
	case errors.Is(err, ErrDelai):
		return &roc.Refus{Code: roc.DelaiInterne, Detail: "le destinataire n'a pas répondu à temps", Cause: err}
	case errors.Is(err, ErrAbandon):
		return &roc.Refus{Code: roc.DelaiInterne, Detail: "demande abandonnée", Cause: err}
	case errors.Is(err, ErrTropGrand):
		return &roc.Refus{Code: roc.Illisible, Detail: "message trop grand pour le destinataire", Cause: err}
	case errors.Is(err, ErrSature):
		return &roc.Refus{Code: roc.Saturation, Detail: "le destinataire refuse trop de messages de cet émetteur", Reprise: 10, Cause: err}
	case errors.Is(err, ErrCertificat):
		return &roc.Refus{Code: roc.PanneRelais, Detail: "certificat du serveur du destinataire refusé", Cause: err}
	case errors.Is(err, ErrSansMessage):
		return &roc.Refus{Code: roc.PanneRelais, Detail: "le destinataire n'a pas rendu de message scellé", Cause: err}
	}
	return &roc.Refus{Code: roc.PanneRelais, Detail: "destinataire injoignable", Cause: err}
}

// ajouter writes the message again with our name at the end of its chain; what is
// sealed keeps its bytes. ref: ROC §5.1, DEC 9
func (r *Relais) ajouter(p *sceau.Piece, c roc.Chaine) ([]byte, error) {
	n := len(c.Maillons)
	if n >= roc.ChaineMax {
		return nil, roc.Refuser(roc.PanneRelais, "trop de relais traversés")
	}
	c.Maillons = append(c.Maillons[:n:n], roc.Maillon{Role: r.p.Moi.Type, ID: r.p.Moi.ID, Horodatage: r.p.Horloge()})
	var chaine []byte
	if p.Face() == sceau.SOAP {
		chaine = roc.PlanChaine.AppendXML(nil, roc.NomChaine, &c)
	} else {
		chaine = roc.PlanChaine.AppendJSON(nil, &c)
	}
	octets, err := p.Enchainer(nil, chaine)
	if err != nil {
		return nil, &roc.Refus{Code: roc.Illisible, Detail: "la liste des relais ne peut pas être complétée", Cause: err}
	}
	return octets, nil
}
