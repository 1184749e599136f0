package gate

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Portail is the door of a process: it opens what comes and finds the party it
// is for.
type Portail struct {
	Ouvreur sceau.Ouvreur
	Juge    Rejuge
	Cercle  Cercle
	Vigie   Vigie
	Memoire Memoire
	Journal Journal
	Base    Transactions
	Horloge sante.Horloge
	Log     *slog.Logger
	// Defaut seals the refusals of messages for nobody here, and speaks for the
	// relay when there is one.
	Defaut *Porte
	// Relais carries the messages that are for others; nil when there is none.
	Relais Relayeur

	mu       sync.RWMutex
	portes   map[destination]*Porte
	secours  map[destination]*Porte
	recents  recents
	refuses  contingent
	lectures *Places // of messages of those who show no certificate
}

// Rejuge judges channels: again for each message, on living and resumed
// connections too. ref: DEC 15
type Rejuge interface {
	Rejuger(pol *certificat.Politique, p *certificat.Porteur, usage certificat.Usage, a time.Time) (certificat.Verdict, error)
}

type destination struct {
	genre roc.TypePartie
	id    string
}

// Ouvrir adds or replaces a party.
func (p *Portail) Ouvrir(porte *Porte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.portes == nil {
		p.portes = make(map[destination]*Porte)
	}
	p.portes[destination{porte.Moi.Type, porte.Moi.ID}] = porte
	if p.Defaut == nil {
		p.Defaut = porte
	}
}

// Secourir adds a door that answers for a party which we relay to, when that party is
// silent, under its mandate: with its own seal, for the services that it offers. The
// party must not be served here. ref: VISIO §8.2
func (p *Portail) Secourir(porte *Porte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.secours == nil {
		p.secours = make(map[destination]*Porte)
	}
	p.secours[destination{porte.Moi.Type, porte.Moi.ID}] = porte
}

// ErrMuet is wrapped by the error of a Relayeur when the recipient did not answer: it was
// not reached, or not in time.
var ErrMuet = errors.New("gate: destinataire muet")

// secourable is the door that answers a message whose recipient is silent, or nil.
func (t *transit) secourable(err error) *Porte {
	if !errors.Is(err, ErrMuet) {
		return nil
	}
	p := t.portail
	p.mu.RLock()
	defer p.mu.RUnlock()
	porte := p.secours[destination{t.env.Destinataire.Type, t.env.Destinataire.ID}]
	if porte == nil || porte.services[t.env.Service] == nil || porte.services[t.env.Service].norme != t.norme {
		return nil
	}
	return porte
}

func (p *Portail) porte(d roc.Partie) *Porte {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.portes[destination{d.Type, d.ID}]
}

// Arrivee is a message as it came.
type Arrivee struct {
	Canal   certificat.Verdict // who holds the connection, judged for this message
	Refus   error              // why the channel was refused; the message is then not opened, nor kept
	Pair    string             // address of who holds the connection, for the quotas of those who show no certificate
	Anonyme bool               // no certificate was shown
	Norme   *roc.Norme         // profile of the door; ROC when nil
	Face    sceau.Face
	Service roc.Service // what the address says; "" in SOAP, where the element says it
	Brut    []byte
}

// Depart is what leaves.
type Depart struct {
	Octets   []byte
	Code     roc.Code
	Refus    bool   // a technical or security refusal
	Feuille  string // hash of the leaf that covers question and answer
	Attendre int    // seconds before trying again, 0 when not said
}

// transit is one message on its way.
type transit struct {
	portail *Portail
	porte   *Porte
	secours *Porte // answers for a silent recipient; nil when nobody does
	arrivee *Arrivee
	norme   *roc.Norme
	piece   *sceau.Piece
	env     *roc.Enveloppe
	chaine  roc.Chaine
	recu    time.Time
	cle     Cle
	sujet   string
	admis   bool // emitter, seal and channel were found good

	empreinte  [32]byte
	chiffre    bool
	repetition bool

	code       roc.Code
	detail     string
	engagement string
	numero     string
	scelle     sceau.Scelle
	feuille    string
	relaye     *Retour // what a relay brought back; nil when we answered
}

var tampons = sync.Pool{New: func() any { b := make([]byte, 0, 8192); return &b }}

// Recevoir takes a message through the eight steps. The error means that nothing
// may be answered: the refusal could not be written down, or is one too many.
func (p *Portail) Recevoir(ctx context.Context, a *Arrivee) (Depart, error) {
	t := &transit{portail: p, arrivee: a, norme: a.Norme, recu: p.Horloge(), porte: p.Defaut}
	if t.norme == nil {
		t.norme = roc.ROC
	}
	err := t.passer(ctx)
	if err == nil {
		d := Depart{Octets: t.scelle.Octets, Code: t.code, Feuille: t.feuille}
		if r := t.relaye; r != nil {
			d.Refus, d.Feuille, d.Attendre = r.Refus, r.Feuille, r.Attente
		}
		return d, nil
	}
	if err := t.contenir(); err != nil {
		return Depart{}, err
	}
	return t.refuser(ctx, err)
}

// contenir counts a refusal against who asked.
func (t *transit) contenir() error {
	k := cleContingent{canal: t.canal()}
	if t.piece != nil && t.piece.Scellee() {
		k.scelleur = structure(t.piece.Scelleur())
	}
	var admis, premier bool
	switch {
	case !t.arrivee.Anonyme:
		admis, premier = t.portail.refuses.admettre(k, t.recu)
	case k.scelleur != "":
		admis, premier = t.portail.refuses.admettre(cleContingent{scelleur: k.scelleur}, t.recu)
	default:
		admis, premier = t.portail.refuses.admettreAnonyme(k.canal, t.recu)
	}
	if admis {
		return nil
	}
	if premier {
		t.portail.Log.Warn("trop de refus de suite : ni scellés ni journalisés", "canal", k.canal, "structure", k.scelleur)
	}
	return errTropDeRefus
}

func (t *transit) passer(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panique: %v", r)
		}
	}()
	p := t.portail
	if t.arrivee.Refus != nil {
		return t.arrivee.Refus
	}
	entrer := p.Vigie.Entrer
	if t.arrivee.Anonyme {
		entrer = p.Vigie.EntrerAnonyme
	}
	sortir, err := entrer(ctx, t.canal())
	if err != nil {
		return err
	}
	defer sortir()
	if t.piece, err = t.ouvrir(); err != nil {
		return err
	}
	if fait, err := t.relayer(ctx); fait || err != nil && t.secours == nil {
		return err
	}
	s, err := t.service()
	if err != nil {
		return err
	}
	return s.passer(ctx, t)
}

// canal is who holds the connection: a structure, or the address of who shows no
// certificate.
func (t *transit) canal() string {
	if s := structure(t.arrivee.Canal); s != "" || t.arrivee.Pair == "" {
		return s
	}
	return "@" + t.arrivee.Pair
}

// ouvrir opens the message. One without a seal is read where the profile has such
// questions, and nowhere else; the seal of a card too.
func (t *transit) ouvrir() (*sceau.Piece, error) {
	o := t.portail.Ouvreur
	o.Personnes = len(t.norme.Cartes) > 0
	if len(t.norme.Ouverts) > 0 {
		p, err := o.Lire(t.arrivee.Face, t.arrivee.Brut, t.recu)
		if err == nil && !p.Scellee() && t.arrivee.Face == sceau.REST && !t.norme.Ouvert(t.arrivee.Service) {
			return nil, errSansSceau()
		}
		return p, err
	}
	if t.arrivee.Face == sceau.REST {
		return o.REST(t.arrivee.Brut, t.recu)
	}
	return o.SOAP(t.arrivee.Brut, t.recu)
}

// service finds which service a piece is for, among those of every party: the
// envelope is read by the codec of that service.
func (t *transit) service() (*Service, error) {
	p := t.portail
	if t.secours != nil {
		return t.secours.services[t.env.Service], nil
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	element := t.piece.Element()
	for _, porte := range p.portes {
		for _, s := range porte.services {
			if s.norme != t.norme {
				continue
			}
			if t.arrivee.Face == sceau.REST && s.nom == t.arrivee.Service || t.arrivee.Face == sceau.SOAP && s.element == element {
				return s, nil
			}
		}
	}
	return nil, roc.Refuser(roc.Illisible, "service inconnu ici")
}

// adresser finds the party that the message is for.
func (t *transit) adresser() error {
	porte := t.portail.porte(t.env.Destinataire)
	if t.secours != nil {
		porte = t.secours
	}
	if porte == nil {
		return roc.Refuser(roc.PanneRelais, "destinataire qui n'est pas servi ici")
	}
	t.porte = porte
	t.cle = Cle{porte.Tenant, t.demandeur(porte.Tenant), t.env.Service, t.env.IDMessage}
	return nil
}

// demandeur is who is counted for a message: the structure that sealed it, else the
// channel that it came by. Whoever asks without a seal writes his emitter himself, and
// would be somebody else at each question: the name tells two questions of one channel
// apart for a relay alone, which the circle lets speak for that emitter. hyp: VIGIE-RELAIS
func (t *transit) demandeur(tenant string) string {
	if t.piece.Scellee() {
		return structure(t.piece.Scelleur())
	}
	canal := structure(t.arrivee.Canal)
	if canal == "" || !t.portail.Cercle.Relaie(tenant, canal, t.env.Emetteur, t.recu) {
		return t.canal()
	}
	return canal + ParRelais + t.env.Emetteur.ID
}

func errSansSceau() error { return roc.Refuser(roc.SceauInvalide, "le message n'est pas scellé") }

// controler checks the envelope once its seal is known to be good: version,
// environment, instant, who seals as whom on which channel, quotas.
func (t *transit) controler(ctx context.Context) error {
	if err := t.profil(); err != nil {
		return err
	}
	if t.env.Sens != roc.Question {
		return roc.Refuser(roc.Illisible, "enveloppe : une question est attendue")
	}
	s, ok := t.porte.services[t.env.Service]
	switch {
	case !ok || s.norme != t.norme:
		return roc.Refuser(roc.Illisible, "service que ce destinataire n'offre pas")
	case t.arrivee.Face == sceau.REST && t.env.Service != t.arrivee.Service,
		t.arrivee.Face == sceau.SOAP && t.piece.Element() != s.element:
		return roc.Refuser(roc.Illisible, "le service de l'enveloppe n'est pas celui qui est appelé")
	}
	if err := t.lireChaine(); err != nil {
		return err
	}
	return t.autoriser(ctx)
}

// profil checks the version and the environment. ref: ROC §5.1, DEC 6
func (t *transit) profil() error {
	if !t.norme.Est(t.env.NormeVersion) {
		return roc.Refuser(roc.Version, "profil pris en charge : "+t.norme.Profil)
	}
	if t.env.Environnement != t.porte.Environnement {
		return roc.Refuser(roc.HorsCercle, "message d'un autre environnement (production, test, recette) que ce service")
	}
	return nil
}

// autoriser checks the instant, who seals as whom, who carries, and the quotas.
// ref: ROC §16.3, DEC 13, 14, 23
func (t *transit) autoriser(ctx context.Context) error {
	p, env := t.portail, t.env
	if d := t.recu.Sub(env.Horodatage); d > roc.TolereHorloge || d < -roc.TolereHorloge {
		return roc.Refuser(roc.Rejeu, "horodatage à plus de 300 secondes de notre horloge")
	}
	canal, ouvert := structure(t.arrivee.Canal), t.norme.Ouvert(env.Service)
	switch {
	case canal == "" && !ouvert:
		return roc.Refuser(roc.CertificatRefuse, "certificat de client absent")
	case !t.piece.Scellee() && !ouvert:
		return errSansSceau()
	case !t.piece.Scellee():
		return t.compter(ctx)
	}
	if err := t.nature(); err != nil {
		return err
	}
	if err := p.Cercle.Scelle(t.cle.Tenant, t.cle.Scelleur, env.Emetteur, t.recu); err != nil {
		return err
	}
	if canal != t.cle.Scelleur && !t.chiffre && t.norme.Carte(env.Service) {
		return roc.Refuser(roc.Illisible, "corps en clair : à travers un relais, cette question se chiffre pour son destinataire")
	}
	if canal == t.cle.Scelleur || canal == "" {
		return t.compter(ctx) // who may ask without a seal loses nothing by sealing
	}
	if err := p.Cercle.Porte(t.cle.Tenant, canal, t.cle.Scelleur, env.Emetteur, t.recu); err != nil {
		if _, e := p.Memoire.Retrouver(ctx, t.cle); e == nil {
			return roc.Refuser(roc.Rejeu, "message déjà reçu, présenté par un canal qui n'y a pas droit")
		}
		return err
	}
	return t.compter(ctx)
}

// nature checks that a card sealed what a card must seal, and a structure the rest: a
// relay that seals in the place of a professional is seen here. ref: DEC 31
func (t *transit) nature() error {
	carte := t.piece.Scelleur().Porteur.Personne()
	switch {
	case t.norme.Carte(t.env.Service) && !carte:
		return roc.Refuser(roc.CertificatRefuse, "cette question se scelle par la carte du professionnel, et non par un cachet de structure")
	case carte && !t.norme.Carte(t.env.Service):
		return roc.Refuser(roc.CertificatRefuse, "cette question se scelle par le cachet d'une structure, et non par une carte")
	}
	return nil
}

// compter asks the baseline properties of those who owe them, counts the question
// and files what judged its seal.
func (t *transit) compter(ctx context.Context) error {
	p := t.portail
	if t.piece.Scellee() && t.porte.Baseline != nil && t.porte.Baseline(t.cle.Scelleur) && !strings.HasSuffix(t.piece.Rapport().Profil, "AdES B") {
		return &roc.Refus{Code: roc.SceauInvalide, Detail: sceau.ErrBaseline.Error()}
	}
	t.admis = true
	if t.porte.sansTrace {
		return nil // a count by minute would tell when
	}
	qui, emetteur := t.cle.Scelleur, ""
	if t.piece.Scellee() {
		emetteur = string(t.env.Emetteur.Type) + "-" + t.env.Emetteur.ID
	}
	if t.norme.Carte(t.env.Service) {
		qui = emetteur // whoever of the pharmacy holds the card
	}
	if err := p.Vigie.Demander(ctx, t.cle.Tenant, qui, emetteur, t.env.Service); err != nil {
		return err
	}
	if err := p.Journal.Preparer(ctx, t.cle.Tenant, t.piece.Scelleur()); err != nil {
		return fmt.Errorf("déposer les preuves du sceau: %w", err)
	}
	return nil
}

func (t *transit) lireChaine() (err error) {
	t.chaine, err = roc.LireChaine(t.piece)
	return illisible(err)
}

// enveloppeReponse is the envelope of the answer to the question in transit.
func (t *transit) enveloppeReponse() roc.Enveloppe {
	env := roc.Enveloppe{
		NormeVersion: t.norme.Profil, Sens: roc.Reponse, IDMessage: roc.NouvelUUID(),
		Horodatage: t.portail.Horloge(), Emetteur: t.porte.Moi, Environnement: t.porte.Environnement,
	}
	if t.piece != nil {
		env.EmpreinteQuestion = sceau.EmpreinteTexte(t.piece.Empreinte())
	}
	if q := t.env; q != nil {
		env.Service, env.IDEchange, env.IDDossierES, env.Destinataire = q.Service, q.IDEchange, q.IDDossierES, q.Emetteur
	}
	return env
}

// chiffrer encrypts the body of the answer for who asked.
func (t *transit) chiffrer(corps []byte) (jwe, engagement string, err error) {
	c, der, err := roc.ParseConfidentiel(t.env.CleReponse)
	if err != nil {
		return "", "", roc.Refuser(roc.Illisible, "corps chiffré sans certificat de confidentialité pour la réponse")
	}
	v, err := t.portail.Ouvreur.Juge.Juger(der, nil, certificat.UsageConfidentialite, t.recu)
	if err != nil || !t.sienne(v) {
		return "", "", &roc.Refus{Code: roc.CertificatRefuse, Detail: "certificat de confidentialité refusé pour la réponse", Cause: err}
	}
	return c.Chiffrer(corps)
}

// sienne tells whether a certificate of confidentiality is of who asks: of who sealed, or,
// when a card did, of a structure that speaks for the same professional.
func (t *transit) sienne(v certificat.Verdict) bool {
	s := structure(v)
	if s == t.cle.Scelleur {
		return true
	}
	return t.norme.Carte(t.env.Service) && t.portail.Cercle.Scelle(t.cle.Tenant, s, t.env.Emetteur, t.recu) == nil
}

// apposer encodes the message with ecrire and seals it.
func (t *transit) apposer(ecrire func(b []byte) []byte) (err error) {
	b := tampons.Get().(*[]byte)
	defer tampons.Put(b)
	*b = ecrire((*b)[:0])
	if t.arrivee.Face == sceau.REST {
		t.scelle, err = t.porte.Cachet().REST(*b, nil, t.portail.Horloge())
	} else {
		t.scelle, err = t.porte.Cachet().SOAP(*b, nil, t.portail.Horloge())
	}
	if err != nil {
		return fmt.Errorf("sceller la réponse: %w", err)
	}
	return nil
}

// tracer writes the leaf of the exchange.
func (t *transit) tracer(ctx context.Context) (err error) {
	if t.porte.sansTrace {
		return nil
	}
	tr := Trace{
		Tenant: t.cle.Tenant, Service: t.arrivee.Service, Face: t.arrivee.Face,
		Canal: t.arrivee.Canal, Chaine: t.chaine.Maillons, Recu: t.recu,
		Duree: t.portail.Horloge().Sub(t.recu), Code: t.code, Detail: t.detail,
		Repetition: t.repetition, Chiffre: t.chiffre, Engagement: t.engagement, Sujet: t.sujet,
		Question: t.arrivee.Brut, Reponse: t.scelle.Octets, EmpreinteR: t.scelle.Empreinte, NumeroDemande: t.numero,
	}
	if tr.Tenant == "" {
		tr.Tenant = t.porte.Tenant
	}
	if t.piece != nil {
		tr.Scelleur, tr.EmpreinteQ = t.piece.Scelleur(), t.piece.Empreinte()
	}
	if r := t.relaye; r != nil {
		tr.Relaye, tr.SceauReponse = true, r.Piece.Scelleur()
	}
	if e := t.env; e != nil {
		tr.Service, tr.IDMessage, tr.IDEchange = e.Service, e.IDMessage, e.IDEchange
		tr.Emetteur, tr.Destinataire, tr.Emis = e.Emetteur, e.Destinataire, e.Horodatage
	}
	t.feuille, err = t.portail.Journal.Ecrire(ctx, &tr)
	if err != nil {
		return fmt.Errorf("écrire au journal: %w", err)
	}
	return nil
}

// structure is the structure of a holder, or the national identifier of a professional
// who shows his card; "" when nobody was judged good.
func structure(v certificat.Verdict) string {
	if v.Porteur == nil {
		return ""
	}
	return v.Porteur.Titulaire()
}

func illisible(err error) error {
	if err == nil {
		return nil
	}
	return &roc.Refus{Code: roc.Illisible, Detail: enClair(err), Cause: err}
}

// numeroDemande names an incident for the operator and the partner.
func numeroDemande() string {
	var b [10]byte
	rand.Read(b[:])
	return base32.StdEncoding.EncodeToString(b[:])
}
