package roc

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// reponse is the constraint of the body of an answer.
type reponse[R any] interface {
	*R
	CorpsCode
}

// reponseMax bounds an answer in bytes.
const reponseMax = 1 << 20

// appel is one question on its way, and its answer.
type appel[Q, R any] struct {
	c       *Client
	e       *Echange[Q, R]
	cible   *Cible
	corps   *Q
	message Message[Q]
	depart  Depart
	debut   time.Time
	adresse string
	relaye  bool
	chiffre bool
	code    func(*R) Code
}

// appeler seals a question, sends it, at most as many times as ROC §5.2 allows,
// and checks its answer.
func appeler[Q, R any, P reponse[R]](ctx context.Context, c *Client, e *Echange[Q, R], cible *Cible, dossier string, d *Q, s Suivi) (*Rendu[R], error) {
	if c.Registre == nil {
		return nil, errors.New("roc: client sans registre : une question s'écrit avant de partir")
	}
	a := &appel[Q, R]{c: c, e: e, cible: cible, corps: d, debut: c.Horloge(), code: func(r *R) Code { return P(r).LeCode() }}
	a.adresse, a.relaye = c.envoi(cible)
	if !a.relaye {
		if err := joignable(a.adresse); err != nil {
			return nil, err
		}
	}
	if s.IDMessage.IsZero() {
		s.IDMessage, s.IDEchange = NouvelUUID(), NouvelUUID()
	}
	a.message.Enveloppe = Enveloppe{NormeVersion: e.Norme.Profil, Service: e.Service, Sens: Question, IDMessage: s.IDMessage, IDEchange: s.IDEchange,
		IDDossierES: dossier, Emetteur: c.Moi, Destinataire: cible.Destinataire, Environnement: c.Environnement}
	a.depart = Depart{Service: e.Service, IDMessage: s.IDMessage, IDEchange: s.IDEchange, Dossier: dossier,
		Destinataire: cible.Destinataire, Sujet: s.Sujet, Corps: d}
	ctx, fin := context.WithTimeout(ctx, c.Delais.de(e.Service))
	defer fin()
	return a.essayer(ctx)
}

// essayer sends the question until an answer comes.
func (a *appel[Q, R]) essayer(ctx context.Context) (*Rendu[R], error) {
	for {
		a.depart.Essai++
		rendu, err := a.tenter(ctx)
		if err == nil || a.depart.Essai >= a.c.Delais.essais() || !reessayable(err) {
			return rendu, err
		}
		patienter := attente(err, a.depart.Essai)
		if fin, ok := ctx.Deadline(); ok && time.Until(fin) <= patienter {
			return nil, err // the delay would end first: who asked knows it at once
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(patienter):
		}
	}
}

// reessayable tells whether the same question may be sent again: no answer came,
// or the partner says so. ref: ROC §5.2, §18
func reessayable(err error) bool {
	var r *Refus
	if errors.As(err, &r) {
		return r.Code == DelaiInterne || r.Code == PanneRelais || r.Code == Saturation
	}
	return errors.Is(err, ErrSansReponse)
}

func attente(err error, essai int) time.Duration {
	var r *Refus
	if errors.As(err, &r) && r.Reprise > 0 {
		return time.Duration(r.Reprise) * time.Second
	}
	return time.Duration(essai) * 200 * time.Millisecond
}

// ErrSansReponse is wrapped by the errors of a question that got no answer that
// can be read: nobody knows whether it was received.
var ErrSansReponse = errors.New("roc: pas de réponse")

func (a *appel[Q, R]) tenter(ctx context.Context) (*Rendu[R], error) {
	scelle, err := a.sceller()
	if err != nil {
		return nil, err
	}
	a.depart.Instant, a.depart.Scelle, a.depart.Empreinte = a.message.Enveloppe.Horodatage, scelle.Octets, scelle.Empreinte
	if err := a.c.Registre.Question(ctx, &a.depart); err != nil {
		return nil, fmt.Errorf("écrire la question avant de l'envoyer: %w", err)
	}
	arrivee := Arrivee{Depart: a.depart, Chiffre: a.chiffre}
	rendu, err := a.echanger(ctx, &arrivee)
	arrivee.Instant = a.c.Horloge()
	arrivee.Duree, arrivee.Refus = arrivee.Instant.Sub(a.depart.Instant), err
	var r *Refus
	if errors.As(err, &r) {
		a.imputer(r)
		arrivee.Code = r.Code
	}
	if e := a.c.Registre.Reponse(context.WithoutCancel(ctx), &arrivee); e != nil {
		return nil, errors.Join(err, fmt.Errorf("écrire la réponse: %w", e))
	}
	if rendu != nil {
		rendu.Duree, rendu.Annuaire, rendu.Relais = arrivee.Duree, a.cible.Fraicheur, a.relaye
	}
	return rendu, err
}

// sceller writes and seals the question, anew for each attempt. ref: DEC 13
func (a *appel[Q, R]) sceller() (sceau.Scelle, error) {
	m, c := &a.message, a.c
	m.Enveloppe.Horodatage = c.Horloge()
	m.Corps, m.CorpsChiffre = a.corps, ""
	// ref: DEC 12
	if a.relaye && a.cible.CleConf != "" && c.Cachet != nil {
		if err := a.chiffrer(); err != nil {
			return sceau.Scelle{}, err
		}
	}
	if c.Cachet == nil {
		return a.nu()
	}
	if c.Face == sceau.SOAP {
		return c.Cachet().SOAP(a.e.Demande.AppendXML(nil, a.e.NomDemande, m), nil, m.Enveloppe.Horodatage)
	}
	return c.Cachet().REST(a.e.Demande.AppendJSON(nil, m), nil, m.Enveloppe.Horodatage)
}

// nu writes a question that nobody seals, where the profile lets it.
func (a *appel[Q, R]) nu() (sceau.Scelle, error) {
	switch {
	case !a.e.Norme.Ouvert(a.e.Service):
		return sceau.Scelle{}, errors.New("roc: client sans cachet : ce service demande une question scellée")
	case a.c.Face == sceau.SOAP:
		return sceau.Envelopper(sceau.SOAP, a.e.Demande.AppendXML(nil, a.e.NomDemande, &a.message), nil), nil
	}
	return sceau.Envelopper(sceau.REST, a.e.Demande.AppendJSON(nil, &a.message), nil), nil
}

func (a *appel[Q, R]) chiffrer() error {
	if a.c.Confidentialite == nil {
		return fmt.Errorf("%w : le destinataire reçoit des corps chiffrés, et ce client n'a pas de clé pour la réponse (Client.Confidentialite)", ErrConfidentiel)
	}
	conf, der, err := ParseConfidentiel(a.cible.CleConf)
	if err != nil {
		return err
	}
	v, err := a.c.Juge.Juger(der, nil, certificat.UsageConfidentialite, a.c.Horloge())
	de, qui := a.destinataire()
	if c := (*certificat.Refus)(nil); errors.As(err, &c) {
		return a.certificatRefuse("le certificat de confidentialité "+de+" est refusé", qui, c, err)
	}
	if err != nil || !slices.Contains(a.cible.Structures, v.Porteur.Structure()) {
		return &Refus{Code: CertificatRefuse, Detail: "le certificat de confidentialité publié pour ce destinataire n'est pas le sien", Cause: err,
			Qui: qui, AFaire: "Prévenir " + qui + " : le certificat de l'établissement n'est pas en cause."}
	}
	a.message.CorpsChiffre, a.message.Enveloppe.EmpreinteCorps, err = conf.Chiffrer(a.e.CorpsDemande.AppendJSON(nil, a.corps))
	a.message.Corps, a.message.Enveloppe.CleReponse, a.chiffre = nil, a.c.Confidentialite.Certificat, true
	return err
}

func (a *appel[Q, R]) url() (adresse, genre string) {
	base := strings.TrimSuffix(a.adresse, "/")
	if a.c.Face == sceau.SOAP {
		return base + a.e.Norme.CheminSOAP(), "application/soap+xml; charset=utf-8"
	}
	return base + a.e.Norme.Chemin(a.e.Service), "application/json"
}

// echanger sends the sealed bytes and checks what comes back.
func (a *appel[Q, R]) echanger(ctx context.Context, arr *Arrivee) (*Rendu[R], error) {
	adresse, genre := a.url()
	switch {
	case !a.relaye:
		ctx = avecAttendu(ctx, attendu{a.cible.Empreintes, a.cible.Serveurs})
	case len(a.c.Relais.Empreintes) > 0:
		l, err := LireEmpreintes(a.c.Relais.Empreintes)
		if err != nil {
			return nil, err
		}
		ctx = avecAttendu(ctx, attendu{epingles: l})
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, adresse, bytes.NewReader(a.depart.Scelle))
	if err != nil {
		return nil, fmt.Errorf("roc: %w", err)
	}
	req.Header.Set("Content-Type", genre)
	rep, err := a.c.Transport.RoundTrip(req)
	if err != nil {
		return nil, a.sansReponse(err)
	}
	defer rep.Body.Close()
	brut, err := io.ReadAll(io.LimitReader(rep.Body, reponseMax+1))
	if err != nil {
		return nil, a.sansReponse(err)
	}
	attendu, _, _ := strings.Cut(genre, ";")
	if len(brut) > reponseMax || !strings.HasPrefix(rep.Header.Get("Content-Type"), attendu) {
		return nil, fmt.Errorf("%w : état HTTP %d sans message scellé", ErrSansReponse, rep.StatusCode)
	}
	arr.Scelle, arr.Feuille = brut, feuille(rep.Header.Get("Ecluse-Feuille"))
	return a.lire(brut, arr)
}

// feuille is the hash of a leaf as a partner announces it, "" when it cannot be
// one: nothing seals this header.
func feuille(s string) string {
	if len(s) > 100 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=") != "" {
		return ""
	}
	return s
}

// lire opens an answer: its seal, who made it, what question it answers.
func (a *appel[Q, R]) lire(brut []byte, arr *Arrivee) (*Rendu[R], error) {
	o := sceau.Ouvreur{Juge: a.c.Juge, Limite: reponseMax, Relais: BlocChaine}
	ouvrir := o.REST
	if a.c.Face == sceau.SOAP {
		ouvrir = o.SOAP
	}
	p, err := ouvrir(brut, a.c.Horloge())
	if err != nil {
		return nil, a.refusDeReponse(err)
	}
	arr.Scelleur, arr.Empreinte = p.Scelleur(), p.Empreinte()
	if refus := lireRefus(p); refus != nil {
		return nil, a.refus(p, refus)
	}
	ouvert, err := sceau.Open(p, func(p *sceau.Piece, m *Message[R]) error { return a.decoder(p, m) })
	if err != nil {
		return nil, err
	}
	m := ouvert.Message()
	if err := a.controler(p, &m.Enveloppe); err != nil {
		return nil, err
	}
	if chaine, err := LireChaine(p); err == nil {
		arr.Relais = chaine.Maillons
	}
	arr.Code = a.code(m.Corps)
	arr.Engagement = cmp.Or(engagementDe(m.Corps), engagementDe(a.corps))
	return &Rendu[R]{Corps: m.Corps, Message: m, IDMessage: a.depart.IDMessage, IDEchange: a.depart.IDEchange,
		Question: a.depart.Scelle, Reponse: brut, EmpreinteQuestion: a.depart.Empreinte, EmpreinteReponse: p.Empreinte(),
		Piece: p, Repondant: p.Scelleur().Porteur.Structure(), Feuille: arr.Feuille, Chiffre: a.chiffre}, nil
}

// engagementDe is the number of the guarantee that a body is about, or "".
func engagementDe(corps any) string {
	if n, ok := corps.(interface{ LEngagement() string }); ok {
		return n.LEngagement()
	}
	return ""
}

func (a *appel[Q, R]) decoder(p *sceau.Piece, m *Message[R]) error {
	var err error
	if p.Face() == sceau.REST {
		err = a.e.Reponse.DecodeJSON(p.Contenu(), m)
	} else {
		err = p.XML(func(l *xmlflux.Lecteur) error { return a.e.Reponse.LireXML(l, a.e.NomReponse, m) }, a.e.NomReponse)
	}
	if err != nil {
		return &Refus{Code: Illisible, Detail: "réponse illisible : " + err.Error(), Cause: err}
	}
	if m.Corps != nil {
		if a.chiffre {
			return Refuser(SceauInvalide, "réponse en clair à une question chiffrée")
		}
		return nil
	}
	if a.c.Confidentialite == nil {
		return Refuser(Illisible, "réponse chiffrée que nous ne pouvons pas lire")
	}
	clair, err := a.c.Confidentialite.Cles.Corps(m.CorpsChiffre, &m.Enveloppe)
	if err != nil {
		return err
	}
	m.Corps = new(R)
	if err := a.e.CorpsReponse.DecodeJSON(clair, m.Corps); err != nil {
		return &Refus{Code: Illisible, Detail: "réponse illisible : " + err.Error(), Cause: err}
	}
	return nil
}

// controler checks that an answer is of the recipient and to our question.
// ref: ROC §16.3, DEC 11, 14
func (a *appel[Q, R]) controler(p *sceau.Piece, e *Enveloppe) error {
	structure := p.Scelleur().Porteur.Structure()
	switch {
	case !slices.Contains(a.cible.Structures, structure):
		return Refuser(AutreIdentifiant, "réponse scellée par une structure qui n'est ni le destinataire ni son opérateur mandaté")
	case e.Emetteur.Type != a.cible.Destinataire.Type || e.Emetteur.ID != a.cible.Destinataire.ID:
		return Refuser(AutreIdentifiant, "réponse d'une autre partie que le destinataire")
	case e.EmpreinteQuestion != sceau.EmpreinteTexte(a.depart.Empreinte) || e.IDEchange != a.depart.IDEchange || e.Sens != Reponse || e.Service != a.e.Service:
		return Refuser(SceauInvalide, "réponse à une autre question")
	case e.Environnement != a.c.Environnement:
		return Refuser(HorsCercle, "réponse d'un autre environnement")
	}
	if d := a.c.Horloge().Sub(e.Horodatage); d > TolereHorloge || d < -TolereHorloge {
		return Refuser(Rejeu, "réponse dont l'horodatage est à plus de 300 secondes de notre horloge")
	}
	return nil
}

// refus checks who refuses: the recipient may refuse anything, a relay only for
// technical reasons. ref: DEC 11
func (a *appel[Q, R]) refus(p *sceau.Piece, m *Message[CorpsRefus]) error {
	structure, code := p.Scelleur().Porteur.Structure(), m.Corps.CodeRetour
	relais := a.relaye && structure == a.c.Relais.Structure
	if !slices.Contains(a.cible.Structures, structure) && !relais {
		return Refuser(AutreIdentifiant, "refus scellé par une structure qui n'est ni le destinataire, ni son opérateur, ni notre relais ; il annonce "+string(code)+" "+code.Libelle())
	}
	if !slices.Contains(a.cible.Structures, structure) && code.Famille() != 'T' {
		return Refuser(AutreIdentifiant, "un relais ne peut refuser que pour une raison technique")
	}
	if err := a.notre(&m.Enveloppe); err != nil {
		return err
	}
	detail := m.Corps.Precision
	if m.Corps.NumeroDemande != "" {
		detail = strings.TrimSpace(detail + " (demande " + m.Corps.NumeroDemande + ")")
	}
	return &Refus{Code: code, Detail: detail, Reprise: m.Corps.ReprendreApres, Distant: true, Structure: structure}
}

// notre checks that a refusal is of our question. One that could not be read is
// refused without its digest: such a refusal, kept by who carries it, would serve
// against any question, and is good for its time and its environment only.
func (a *appel[Q, R]) notre(e *Enveloppe) error {
	switch d := a.c.Horloge().Sub(e.Horodatage); {
	case e.Sens != Reponse, e.EmpreinteQuestion != "" && e.EmpreinteQuestion != sceau.EmpreinteTexte(a.depart.Empreinte):
		return Refuser(SceauInvalide, "refus d'une autre question")
	case e.EmpreinteQuestion != "":
		return nil
	case e.Environnement != a.c.Environnement:
		return Refuser(HorsCercle, "refus d'un autre environnement")
	case d > TolereHorloge || d < -TolereHorloge:
		return Refuser(Rejeu, "refus dont l'horodatage est à plus de 300 secondes de notre horloge")
	}
	return nil
}

// lireRefus gives the technical refusal that a piece holds, or nil.
func lireRefus(p *sceau.Piece) *Message[CorpsRefus] {
	m := new(Message[CorpsRefus])
	var err error
	switch {
	case p.Face() == sceau.SOAP && p.Element() == "Fault":
		err = p.XML(func(l *xmlflux.Lecteur) error { return PlanRefus.LireXML(l, NomRefus, m) }, "Fault", "Detail", NomRefus)
	case p.Face() == sceau.REST:
		err = PlanRefus.DecodeJSON(p.Contenu(), m)
	default:
		return nil
	}
	if err != nil || m.Corps == nil || !m.Corps.CodeRetour.Technique() {
		return nil
	}
	return m
}

// refusDeReponse is why an answer was not believed.
func (a *appel[Q, R]) refusDeReponse(err error) error {
	var c *certificat.Refus
	switch {
	case errors.As(err, &c):
		de, qui := a.destinataire()
		return a.certificatRefuse("le certificat de cachet "+de+", sur la réponse, est refusé", qui, c, err)
	case errors.Is(err, sceau.ErrForme):
		return fmt.Errorf("%w : %w", ErrSansReponse, err)
	case errors.Is(err, sceau.ErrPerime):
		return &Refus{Code: Rejeu, Detail: "réponse : " + err.Error(), Cause: err}
	}
	return &Refus{Code: SceauInvalide, Detail: "réponse : " + err.Error(), Cause: err}
}
