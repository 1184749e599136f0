package roc

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Services is what a hospital may ask. A Client is one, over the network.
type Services interface {
	Annuaire(ctx context.Context, dossier string, d *DemandeAnnuaire) (*Rendu[ReponseAnnuaire], error)
	IDB(ctx context.Context, dossier string, d *DemandeIDB) (*Rendu[ReponseIDB], error)
	SIM(ctx context.Context, dossier string, d *DemandeCalcul) (*Rendu[ReponseCalcul], error)
	CLC(ctx context.Context, dossier string, d *DemandeCalcul) (*Rendu[ReponseCalcul], error)
	DEL(ctx context.Context, dossier string, c Routage, d *DemandeDEL) (*Rendu[ReponseDEL], error)
	Engagement(ctx context.Context, dossier string, c Routage, d *DemandeEngagement) (*Rendu[ReponseEngagement], error)
	Etat(ctx context.Context, dossier string, c Routage, d *DemandeEtat) (*Rendu[ReponseEtat], error)
}

// Routage is what the directory needs to find an insurer, when the body of the
// question does not say it.
type Routage struct {
	NumeroAMC      sante.NumeroAMC
	TypeConvention string
	CSR            string
	DateReference  sante.Jour
	Domaine        Domaine
}

// Rendu is a verified answer and what proves it.
type Rendu[R any] struct {
	Corps             *R
	Message           *Message[R]
	IDMessage         UUID
	IDEchange         UUID
	Question          []byte // sealed, as sent
	Reponse           []byte // sealed, as received
	EmpreinteQuestion [32]byte
	EmpreinteReponse  [32]byte
	Piece             *sceau.Piece
	Duree             time.Duration
	Repondant         string    // structure that sealed the answer
	Feuille           string    // hash of the leaf that the partner announced
	Chiffre           bool      // bodies were encrypted end to end
	Relais            bool      // the question went through our relay
	Annuaire          Fraicheur // of the address used
}

// Client asks the questions of a hospital. Its fields are set once, before its
// first question; it is safe for concurrent use.
type Client struct {
	Moi           Partie
	Environnement Environnement
	// Cachet gives what seals now; it may change without a restart. Nil asks without a
	// seal, where a profile lets it.
	Cachet func() *sceau.Cachet
	// Juge judges the seals of answers.
	Juge sceau.Juge
	// Transport holds the connections.
	Transport *Transport
	// Registre is written before each question. Nil is refused.
	Registre Registre
	// Horloge tells now.
	Horloge sante.Horloge
	// Face is how questions are written; REST when empty.
	Face sceau.Face
	// Annuaire is where the directory is.
	Annuaires AccesAnnuaire
	// Relais carries the questions to insurers and to third parties, when set; the directory is always
	// asked directly.
	Relais *AccesRelais
	// Confidentialite receives encrypted answers; needed behind a relay, where a
	// question to a recipient that publishes a key is never sent in clear.
	Confidentialite *Confidentialite
	// Resolveur keeps the addresses; made from Annuaires when nil.
	Resolveur *Resolveur
	Delais    Delais
	Log       *slog.Logger
}

// AccesAnnuaire is where the directory is and who it is: an answer sealed by
// another structure is refused.
type AccesAnnuaire struct {
	Adresse   string // https base address
	Partie    Partie
	Structure string
}

// AccesRelais is where our relay is and who it is.
type AccesRelais struct {
	Adresse    string
	Structure  string
	Empreintes []string // of the certificates of its server (see LireEmpreintes); any trusted one when empty
}

// Confidentialite is our key to receive encrypted answers.
type Confidentialite struct {
	Certificat string // base64 DER, given in each question
	Cles       Dechiffreur
}

// Delais are the time-outs of a question. ref: ROC §5.2
type Delais struct {
	Ordinaire  time.Duration // 10 s when zero
	Simulation time.Duration // 15 s when zero
	Essais     int           // times a question is sent, at most; 3 when zero
}

func (d Delais) de(s Service) time.Duration {
	switch {
	case s == SIM && d.Simulation > 0:
		return d.Simulation
	case s == SIM:
		return 15 * time.Second
	case d.Ordinaire > 0:
		return d.Ordinaire
	}
	return 10 * time.Second
}

func (d Delais) essais() int {
	if d.Essais > 0 {
		return d.Essais
	}
	return 3
}

// Cible is who a question is for and where he is.
type Cible struct {
	Destinataire Partie
	Adresse      string   // https base address
	Structures   []string // those whose seal is his, or his mandated operator's
	Empreintes   []string // of the server's certificate
	Serveurs     []string // structures of whom the server may be; any that is trusted when empty
	CleConf      string   // certificate of confidentiality, base64 DER
	Fraicheur    Fraicheur
}

// Annuaire asks the directory itself, without the cache.
func (c *Client) Annuaire(ctx context.Context, dossier string, d *DemandeAnnuaire) (*Rendu[ReponseAnnuaire], error) {
	cible := Cible{Destinataire: c.Annuaires.Partie, Adresse: c.Annuaires.Adresse, Structures: []string{c.Annuaires.Structure}}
	return appeler(ctx, c, EchangeAnnuaire, &cible, dossier, d, Suivi{})
}

// IDB asks the rights of a beneficiary.
func (c *Client) IDB(ctx context.Context, dossier string, d *DemandeIDB) (*Rendu[ReponseIDB], error) {
	return trouver(ctx, c, EchangeIDB, d.Entete.Routage(), dossier, d, d.Sujet())
}

// SIM asks an estimate.
func (c *Client) SIM(ctx context.Context, dossier string, d *DemandeCalcul) (*Rendu[ReponseCalcul], error) {
	return trouver(ctx, c, EchangeSIM, d.Entete.Routage(), dossier, d, d.Sujet())
}

// CLC asks the exact share and the guarantee of payment.
func (c *Client) CLC(ctx context.Context, dossier string, d *DemandeCalcul) (*Rendu[ReponseCalcul], error) {
	return trouver(ctx, c, EchangeCLC, d.Entete.Routage(), dossier, d, d.Sujet())
}

// DEL cancels an engagement.
func (c *Client) DEL(ctx context.Context, dossier string, r Routage, d *DemandeDEL) (*Rendu[ReponseDEL], error) {
	return trouver(ctx, c, EchangeDEL, r, dossier, d, "")
}

// Engagement consults an engagement.
func (c *Client) Engagement(ctx context.Context, dossier string, r Routage, d *DemandeEngagement) (*Rendu[ReponseEngagement], error) {
	return trouver(ctx, c, EchangeEngagement, r, dossier, d, "")
}

// Etat asks the state of an insurer.
func (c *Client) Etat(ctx context.Context, dossier string, r Routage, d *DemandeEtat) (*Rendu[ReponseEtat], error) {
	return trouver(ctx, c, EchangeEtat, r, dossier, d, "")
}

// Routage is what the directory needs to find the insurer of a question.
func (e *Entete) Routage() Routage {
	r := Routage{NumeroAMC: e.Carte.NumeroAMC, TypeConvention: e.Carte.TypeConvention, CSR: e.Carte.CSR,
		DateReference: e.DateReference, Domaine: HospitalACE}
	if e.Contexte.Sejour() {
		r.Domaine = HospitalSejour
	}
	return r
}

// Sujet names of whom a question is, for quotas and pseudonyms: it is only ever
// digested. ref: ROC §16.4
func (e *Entete) Sujet() string {
	return e.Carte.NumeroAMC.String() + "|" + e.Beneficiaire.NumeroAdherent.String() + "|" + e.Beneficiaire.DateNaissance.String()
}

// Reprendre asks again a question whose answer was lost, with the same
// idMessage: the partner gives the same result. ref: ROC §5.2, DEC 13
func Reprendre[Q, R any, P reponse[R]](ctx context.Context, c *Client, e *Echange[Q, R], r Routage, dossier string, d *Q, s Suivi) (*Rendu[R], error) {
	cible, err := c.cible(ctx, e.Service, r)
	if err != nil {
		return nil, err
	}
	return appeler[Q, R, P](ctx, c, e, cible, dossier, d, s)
}

// Envoyer puts a question to a party whose place is known, without the directory.
func Envoyer[Q, R any, P reponse[R]](ctx context.Context, c *Client, e *Echange[Q, R], cible *Cible, dossier string, d *Q, s Suivi) (*Rendu[R], error) {
	return appeler[Q, R, P](ctx, c, e, cible, dossier, d, s)
}

// Suivi names a question that was already asked; the zero value is a new one.
type Suivi struct {
	IDMessage UUID
	IDEchange UUID
	Sujet     string
}

func trouver[Q, R any, P reponse[R]](ctx context.Context, c *Client, e *Echange[Q, R], r Routage, dossier string, d *Q, sujet string) (*Rendu[R], error) {
	return Reprendre[Q, R, P](ctx, c, e, r, dossier, d, Suivi{Sujet: sujet})
}

// cible finds the insurer of a question through the directory.
func (c *Client) cible(ctx context.Context, s Service, r Routage) (*Cible, error) {
	rep, f, err := c.Resoudre(ctx, r)
	if err != nil {
		return nil, err
	}
	if !rep.CodeRetour.Accord() {
		return nil, Refuser(rep.CodeRetour, rep.Precision)
	}
	p := rep.Acces(s)
	if p == nil || r.DateReference < p.OuvertureDebut || (p.OuvertureFin != 0 && r.DateReference > p.OuvertureFin) {
		return nil, Refuser(AucunService, "")
	}
	cible := &Cible{Destinataire: Partie{Type: AMC, ID: rep.NumeroAMCCible.String()}, Adresse: p.Adresse,
		Empreintes: p.CertificatEmpreinte, CleConf: p.CleConfidentialite, Fraicheur: f}
	if rep.Structure != "" {
		cible.Structures = append(cible.Structures, rep.Structure)
	}
	// An operator's seal is good while the directory says it is mandated. ref: DEC 14
	jour := sante.JourA(c.Horloge(), sante.Paris())
	if o := rep.Operateur; o != nil && jour >= o.MandatDebut && (o.MandatFin == 0 || jour <= o.MandatFin) {
		cible.Structures = append(cible.Structures, o.Structure)
	}
	return cible, nil
}

// Resoudre asks the directory through the cache.
func (c *Client) Resoudre(ctx context.Context, r Routage) (*ReponseAnnuaire, Fraicheur, error) {
	if c.Resolveur == nil {
		return nil, Fraicheur{}, errors.New("roc: client sans résolveur d'annuaire : voir NewResolveur")
	}
	return c.Resolveur.Resoudre(ctx, &DemandeAnnuaire{NumeroAMC: r.NumeroAMC, TypeConvention: r.TypeConvention,
		CSR: r.CSR, DateReference: r.DateReference, Domaine: r.Domaine})
}

// NewResolveur makes the resolver of a client: it asks the client's directory.
func (c *Client) NewResolveur(cache CacheAnnuaire) *Resolveur {
	return &Resolveur{Horloge: c.Horloge, Cache: cache, Demander: func(ctx context.Context, d *DemandeAnnuaire) (*ReponseAnnuaire, error) {
		r, err := c.Annuaire(ctx, "-", d)
		if err != nil {
			return nil, err
		}
		return r.Corps, nil
	}}
}

// envoi is where a question really goes.
func (c *Client) envoi(cible *Cible) (adresse string, relaye bool) {
	if c.Relais != nil && (cible.Destinataire.Type == AMC || cible.Destinataire.Type == Tiers) {
		return c.Relais.Adresse, true
	}
	return cible.Adresse, false
}

// joignable checks an address before a question is written for it.
func joignable(adresse string) error {
	u, err := url.Parse(adresse)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return Refuser(PanneRelais, "adresse https attendue")
	}
	return nil
}
