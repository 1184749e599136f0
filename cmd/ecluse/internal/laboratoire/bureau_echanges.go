package laboratoire

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
)

// echanges is the pupitre.Source of a laboratory server: the messages that its
// hospitals keep, those of their visits and those of the trials. They outlive the
// process, and so do their numbers: the rank of a message among all.
type echanges struct {
	*temoin
	log *slog.Logger

	mu   sync.Mutex
	lues map[cleEchange]pupitre.Etape // opening seals is slow
}

// cleEchange names what is shown of a message; an answer that comes changes it.
type cleEchange struct {
	hopital  string
	message  roc.UUID
	emission int
	repondue int64
}

const (
	// echangesMontres bounds the page: the last messages of the laboratory.
	echangesMontres = 100
	// delaiPreuve bounds the search of a proof, which a leaf may have to wait for.
	delaiPreuve = 3 * time.Second
	delaiLire   = 5 * time.Second
)

// unEchange is a message of a hospital and its number.
type unEchange struct {
	numero  int
	hopital string
	etablissement.Message
}

// derniers lists the last messages of the laboratory, in the order they left.
func (x *echanges) derniers(ctx context.Context) []unEchange {
	var l []unEchange
	total := 0
	for _, cle := range cles(x.hopitaux) {
		m, n, err := x.hopitaux[cle].e.Store.Recents(ctx, echangesMontres)
		if err != nil {
			x.log.Error("échanges du bureau non lus", "etablissement", cle, "erreur", err)
			continue
		}
		for i := range m {
			l = append(l, unEchange{hopital: cle, Message: m[i]})
		}
		total += n
	}
	slices.SortStableFunc(l, func(a, b unEchange) int { return a.Posee.Compare(b.Posee) })
	l = l[max(0, len(l)-echangesMontres):]
	for i := range l {
		l[i].numero = total - len(l) + i + 1
	}
	return l
}

// Etapes tells the last exchanges, a file at a time, the file last spoken of first.
func (x *echanges) Etapes() []pupitre.Etape {
	ctx, fin := context.WithTimeout(context.Background(), delaiLire)
	defer fin()
	l := x.derniers(ctx)
	var etapes []pupitre.Etape
	derniere := map[string]int{}
	for i := range l {
		e := x.raconter(&l[i])
		derniere[e.Histoire] = e.Numero
		etapes = append(etapes, e)
	}
	slices.SortStableFunc(etapes, func(a, b pupitre.Etape) int { return derniere[b.Histoire] - derniere[a.Histoire] })
	return etapes
}

// Etape tells one exchange, with its proof.
func (x *echanges) Etape(n int) (pupitre.Etape, bool) {
	ctx, fin := context.WithTimeout(context.Background(), delaiLire)
	defer fin()
	for _, m := range x.derniers(ctx) {
		if m.numero != n {
			continue
		}
		e := x.raconter(&m)
		ctx, fin := context.WithTimeout(ctx, delaiPreuve)
		defer fin()
		if err := x.prouverUne(ctx, m.hopital, &e); err != nil {
			e.Preuve = &pupitre.Preuve{Echec: francais.Traduire(err)}
		}
		return e, true
	}
	return pupitre.Etape{}, false
}

// numeroDe is the number of the exchange that a trial has just made, 0 when it is
// not kept.
func (x *echanges) numeroDe(ctx context.Context, message roc.UUID) int {
	n := 0
	for _, m := range x.derniers(ctx) {
		if m.IDMessage == message {
			n = m.numero
		}
	}
	return n
}

// raconter tells an exchange, without its proof.
func (x *echanges) raconter(m *unEchange) pupitre.Etape {
	k := cleEchange{m.hopital, m.IDMessage, m.Emission, m.Repondue.UnixMilli()}
	x.mu.Lock()
	e, deja := x.lues[k]
	x.mu.Unlock()
	if !deja {
		e = *x.exchangePasse(m.hopital, x.histoireDe(m), arriveeDe(&m.Message))
		e.Titre, e.Libre, e.Ok, e.Attendu = titreDe(&m.Message), true, true, ""
		x.mu.Lock()
		if len(x.lues) > 10*echangesMontres || x.lues == nil {
			x.lues = map[cleEchange]pupitre.Etape{}
		}
		x.lues[k] = e
		x.mu.Unlock()
	}
	e.Numero = m.numero
	return e
}

// prefixeEssai begins the file numbers of the trials.
const prefixeEssai = "ESSAI-"

func (x *echanges) histoireDe(m *unEchange) string {
	if strings.HasPrefix(m.Dossier, prefixeEssai) {
		return histoireEssai
	}
	return "Dossier " + m.Dossier + ", " + x.hopitaux[m.hopital].nom
}

// titres says what each service asks.
var titres = map[roc.Service]string{
	roc.ANN: "Où joindre l'AMC (annuaire)", roc.IDB: "Demande de droits (IDB)", roc.SIM: "Simulation (SIM)", roc.CLC: "Calcul et garantie (CLC)",
	roc.DEL: "Annulation (DEL)", roc.ENG: "État d'un engagement (ENG)", roc.ETAT: "État d'un service (ETAT)",
}

func titreDe(m *etablissement.Message) string {
	titre := titres[m.Service]
	if m.Emission > 1 {
		titre += ", renvoyée"
	}
	if n, ok := strings.CutPrefix(m.Dossier, prefixeEssai); ok {
		titre += ", essai " + n
	}
	return titre
}

var (
	errAttendue = errors.New("aucune réponse n'est encore arrivée")
	errMuette   = errors.New("aucune réponse n'est arrivée ; la question est restée écrite et peut être renvoyée")
)

// arriveeDe is how an exchange ended, as the hospital wrote it.
func arriveeDe(m *etablissement.Message) *roc.Arrivee {
	a := &roc.Arrivee{Instant: m.Repondue, Code: m.Code, Depart: roc.Depart{Service: m.Service, IDMessage: m.IDMessage, IDEchange: m.IDEchange,
		Dossier: m.Dossier, Instant: m.Posee, Essai: m.Emission, Scelle: m.Question, Destinataire: roc.Partie{Type: roc.AMC, ID: m.Destinataire}}}
	if m.Service == roc.ANN {
		a.Depart.Destinataire.Type = roc.Annuaire
	}
	if m.Repondue.IsZero() {
		a.Refus = errAttendue
		return a
	}
	a.Duree = m.Repondue.Sub(m.Posee)
	if len(m.Reponse) > 0 {
		a.Scelle = m.Reponse
	}
	switch {
	case m.Verdict == etablissement.VerdictCru:
	case m.Code != "":
		a.Refus = &roc.Refus{Code: m.Code, Distant: m.Verdict == etablissement.VerdictRefuse}
	default:
		a.Refus = errMuette
	}
	return a
}

// envoyeurEssais is the pupitre.Envoyeur of a laboratory server: what it asks is
// kept by the hospital, and read again from there.
type envoyeurEssais struct {
	essais
	x *echanges
}

// Envoyer asks the question of a trial, and gives the number under which it is kept.
func (v *envoyeurEssais) Envoyer(ctx context.Context, e *pupitre.Essai) (pupitre.Etape, error) {
	etape, err := v.essais.Envoyer(ctx, e)
	if env := etape.Question.Enveloppe(); err == nil && e.Brut == nil && env != nil {
		etape.Numero = v.x.numeroDe(ctx, env.IDMessage)
	}
	return etape, err
}
