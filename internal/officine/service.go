package officine

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Ports is what the rules ask of others. Tarifications may be nil: no invoice that quotes
// a pricing is accepted then. Emetteurs too: an accreditation of dépannage is unknown then.
type Ports struct {
	Accreditations Accreditations
	Emetteurs      Emetteurs
	Tarifications  Tarifications
	Livre          Livre
	Caisse         Caisse
	// Comptes may be nil: nothing is given to the bank then, nor any account said.
	Comptes Comptes
	// Tracer writes a gesture in the journal, in the transaction of ctx; nil to keep none.
	Tracer  func(ctx context.Context, g *Geste) error
	Moteur  calcul.Moteur
	Horloge sante.Horloge
	// CleControle is the key of the digests that the third party knows invoices by, 32
	// octets; the same on all nodes. It serves with Tarifications only.
	CleControle []byte
	// Transaction runs f in one transaction, perhaps more than once.
	Transaction func(ctx context.Context, f func(ctx context.Context) error) error
}

// Service pays the invoices of the professionals for one insurer. It is safe for
// concurrent use.
type Service struct {
	Ports
	p Parametres
}

// New makes a service.
func New(p Parametres, x Ports) (*Service, error) {
	switch {
	case p.AMC.IsZero():
		return nil, errors.New("officine : AMC attendue")
	case x.Accreditations == nil || x.Livre == nil || x.Caisse == nil || x.Horloge == nil || x.Transaction == nil || x.Moteur.Tables == nil:
		return nil, errors.New("officine : un port manque")
	case x.Tarifications != nil && len(x.CleControle) != 32:
		return nil, errors.New("officine : clé de contrôle de 32 octets attendue")
	case p.Delai < 0 || p.DelaiTiers < 0 || p.DelaiPaiement < 0 || p.Quota < 0 || p.QuotaDes < 0:
		return nil, errors.New("officine : paramètre négatif")
	}
	p.completer()
	return &Service{x, p}, nil
}

func (s *Service) maintenant() time.Time { return s.Horloge().UTC().Truncate(time.Millisecond) }

// jour is that of an instant for the professionals of the insurer.
func jour(t time.Time) sante.Jour { return sante.JourA(t, sante.Paris()) }

// empreinteControle is what the third party knows an invoice by: it learns neither its
// number nor its professional, and knows the same invoice again. ref: DEC 32
func (s *Service) empreinteControle(f *droits.FactureOfficine) string {
	h := hmac.New(sha256.New, s.CleControle)
	h.Write([]byte(f.PS.NumeroFacturation.String() + "|" + string(f.Numero) + "|" + f.DateFacture.String()))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
