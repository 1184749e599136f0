package serveur

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// The transport and the kinds of what is carried by the exchange itself.
const (
	TransportROC = "roc"
	GenreLot     = "DRE"
	GenreRetour  = "RET"
)

// Pli is what the queue keeps of a message: its body, sealed anew at each try
// under the same idMessage, since a seal is good for five minutes. ref: DEC 13
type Pli struct {
	IDMessage roc.UUID        `json:"idMessage"` // the same at each try
	IDEchange roc.UUID        `json:"idEchange"`
	Numero    string          `json:"numero"`            // of the batch or of the return
	Routage   *routagePli     `json:"routage,omitempty"` // how an insurer is found
	Finess    string          `json:"finess,omitempty"`  // of a hospital, and where it listens
	Adresse   string          `json:"adresse,omitempty"`
	Corps     json.RawMessage `json:"corps"` // not sealed
}

// routagePli is roc.Routage, in words.
type routagePli struct {
	NumeroAMC      string `json:"numeroAMC"`
	TypeConvention string `json:"typeConvention,omitempty"`
	CSR            string `json:"csr,omitempty"`
	Domaine        string `json:"domaine"`
	Jour           string `json:"jour"`
}

func (r *routagePli) roc() (roc.Routage, error) {
	x := roc.Routage{TypeConvention: r.TypeConvention, CSR: r.CSR, Domaine: roc.Domaine(r.Domaine)}
	var err error
	if x.NumeroAMC, err = sante.ParseNumeroAMC(r.NumeroAMC); err != nil {
		return x, err
	}
	x.DateReference, err = sante.ParseJour(r.Jour)
	return x, err
}

// poster puts a body on its way, in the transaction of ctx. What goes to a partner
// keeps its order: a correction never overtakes what it corrects, nor a payment the
// one before it.
func poster(ctx context.Context, s *achstore.Store, genre, destinataire string, p *Pli, instant time.Time) error {
	if p.IDEchange = roc.NouvelUUID(); p.IDMessage.IsZero() {
		p.IDMessage = roc.NouvelUUID()
	}
	b, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("poster : %w", err)
	}
	return s.Poster(ctx, &acheminement.Envoi{Destinataire: destinataire, Transport: TransportROC, Genre: genre,
		Ordre: genre + "-" + destinataire, Cle: cleEnvoi(genre, destinataire, p.Numero), Contenu: b, Instant: instant})
}

// cleEnvoi names a batch or a return in the queue.
func cleEnvoi(genre, destinataire, numero string) string {
	return genre + "-" + destinataire + "-" + numero
}

// renvoiMarque stands between the number of a return and how many times it was sent
// anew, in its key: no number of a return has one.
const renvoiMarque = "~"

// porteurROC delivers messages by the exchange: sealed by the party, sent through
// its relay or straight, their answer verified.
type porteurROC struct {
	client *roc.Client
	// hebergeurs are the structures that may receive returns in the place of a
	// hospital, beside itself.
	hebergeurs []string
}

// Livrer implements acheminement.Transport. The receipt is the answer's body; the
// sealed bytes are in the journal.
func (t porteurROC) Livrer(ctx context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error) {
	b, err := io.ReadAll(io.LimitReader(contenu, acheminement.ContenuMax+1))
	if err != nil {
		return acheminement.Recu{}, &acheminement.Passager{Code: acheminement.CodeContenu, Cause: err}
	}
	p := new(Pli)
	if err := json.Unmarshal(b, p); err != nil {
		return acheminement.Recu{}, &acheminement.Refus{Code: acheminement.CodeContenu}
	}
	switch e.Genre {
	case GenreLot:
		return livrer(ctx, t, roc.EchangeDRE, p)
	case GenreRetour:
		return livrer(ctx, t, roc.EchangeRET, p)
	}
	return acheminement.Recu{}, &acheminement.Refus{Code: acheminement.CodeTransport}
}

func livrer[Q, R any, P interface {
	*R
	roc.CorpsReponse
}](ctx context.Context, t porteurROC, e *roc.Echange[Q, R], p *Pli) (acheminement.Recu, error) {
	d := new(Q)
	if err := e.CorpsDemande.DecodeJSON(p.Corps, d); err != nil {
		return acheminement.Recu{}, &acheminement.Refus{Code: string(roc.Illisible)}
	}
	suivi := roc.Suivi{IDMessage: p.IDMessage, IDEchange: p.IDEchange}
	var r *roc.Rendu[R]
	var err error
	if p.Routage != nil {
		var routage roc.Routage
		if routage, err = p.Routage.roc(); err != nil {
			return acheminement.Recu{}, &acheminement.Refus{Code: string(roc.Illisible)}
		}
		r, err = roc.Reprendre[Q, R, P](ctx, t.client, e, routage, p.Numero, d, suivi)
	} else {
		// The address is what the hospital said: its own server must be there.
		lui := structureES(p.Finess)
		r, err = roc.Envoyer[Q, R, P](ctx, t.client, e, &roc.Cible{Destinataire: roc.Partie{Type: roc.ES, ID: p.Finess}, Adresse: p.Adresse,
			Structures: []string{lui}, Serveurs: append([]string{lui}, t.hebergeurs...)}, p.Numero, d, suivi)
	}
	if err != nil {
		return acheminement.Recu{}, echecROC(err)
	}
	return acheminement.Recu{Octets: e.CorpsReponse.AppendJSON(nil, r.Corps)}, nil
}

// structureES is the national identifier of a hospital's structure: 1, and its
// FINESS. ref: PKI §4
func structureES(finess string) string { return "1" + finess }

// echecROC tells a refusal for good from a failure that may pass. A seal refused
// here, or a silence, ends nothing: the partner may have taken the message.
func echecROC(err error) error {
	var r *roc.Refus
	if !errors.As(err, &r) {
		return &acheminement.Passager{Code: acheminement.CodeSilence, Cause: err}
	}
	// A clock set right again makes the same message good: it is sealed at each try.
	// hyp: HORLOGE-ENVOI
	if r.Distant && r.Code != roc.Rejeu && (!r.Code.Technique() || r.Code.Signification().Reessai == "") || r.Code.Famille() == 'A' {
		return &acheminement.Refus{Code: string(r.Code)}
	}
	return &acheminement.Passager{Code: string(r.Code), Attente: time.Duration(r.Reprise) * time.Second, Cause: err}
}

// acheminer opens the queue of a party, runs it, and forgets what has left as long
// as answers on rights are kept. suite is told of each outcome, in the transaction
// that writes it.
func (p *Processus) acheminer(tenant string, f *config.Fichiers, porteur porteurROC, suite acheminement.Suite) *fluxSortant {
	st := achstore.New(p.Base, tenant)
	t := acheminement.NewTournee(acheminement.Options{File: st, Transports: p.transports(tenant, f, porteur),
		Suite: suite, Sujets: sujetsROC{}, Horloge: p.Horloge, Journal: p.Log.With("locataire", tenant)})
	p.taches = append(p.taches, t.Tourner)
	p.tache(10*time.Minute, func(ctx context.Context) {
		err := p.parLots(ctx, func(ctx context.Context) (int64, error) {
			return st.Purger(ctx, p.Horloge().Add(-p.Fichier.Conservation.Droits.Duration()), lotEntretien)
		})
		if err == nil { // what invoices went through is kept as they are
			err = p.parLots(ctx, func(ctx context.Context) (int64, error) {
				return st.OublierJalons(ctx, p.Horloge().Add(-p.Fichier.Conservation.Engagements.Duration()), lotEntretien)
			})
		}
		if err != nil {
			p.Log.Warn("entretien interrompu", "locataire", tenant, "tache", "envois", "erreur", err)
		}
	})
	return &fluxSortant{st, t}
}

// fluxSortant is the queue of a party.
type fluxSortant struct {
	file    *achstore.Store
	tournee *acheminement.Tournee
}

// Reveiller sends what waits at a hospital now, without waiting for the beat of its server.
func (e *PartieEtablissement) Reveiller() { e.flux.tournee.Reveiller() }

// Reveiller sends what waits at an insurer now, without waiting for the beat of its server.
func (a *PartieAMC) Reveiller() { a.flux.tournee.Reveiller() }
