package droits

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Recu is the visible trace of the guarantee, which the software prints and stores
// with the invoice. It names nobody. ref: VISIO §15
type Recu struct {
	_           struct{}            `doc:"Trace de la garantie, à garder avec la facture"`
	Numero      NumeroAccreditation `fil:"numeroAccreditation" doc:"Numéro de l'accréditation"`
	Type        TypeAccreditation   `fil:"type" doc:"Normale, ou de dépannage"`
	AMC         sante.NumeroAMC     `fil:"amc" doc:"AMC qui garantit le paiement"`
	LibelleAMC  string              `fil:"libelleAMC,opt,max=60" doc:"Nom de l'AMC"`
	DroitsDebut sante.Jour          `fil:"droitsDebut" doc:"Premier jour de soins garanti"`
	DroitsFin   sante.Jour          `fil:"droitsFin" doc:"Dernier jour de soins garanti"`
	Horodatage  time.Time           `fil:"horodatage" doc:"Instant d'émission de l'accréditation"`
	Empreinte   Empreinte           `fil:"empreinte" doc:"Empreinte de l'accréditation signée"`
}

var planRecu = trame.Pour[Recu](espace)

// ErrRecu is returned for octets that are not a receipt.
var ErrRecu = errors.New("droits: reçu illisible")

// Recu is the trace of the accreditation; libelle is the name of the AMC in the
// list of services, empty when it is not known.
func (s Accreditee) Recu(libelle string) Recu {
	return Recu{Numero: s.a.Numero, Type: s.a.Type, AMC: s.a.AMC, LibelleAMC: libelle, DroitsDebut: s.a.DroitsDebut,
		DroitsFin: s.a.DroitsFin, Horodatage: s.a.Emission, Empreinte: s.Empreinte()}
}

// Octets are the receipt as it is stored: canonical JSON.
func (r *Recu) Octets() []byte { return planRecu.AppendJSON(nil, r) }

// LireRecu reads what Octets wrote, and nothing else.
func LireRecu(b []byte) (*Recu, error) {
	r := &Recu{}
	if err := planRecu.DecodeJSON(b, r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecu, err)
	}
	if r.Type != r.Numero.Type() || !bytes.Equal(r.Octets(), b) {
		return nil, ErrRecu
	}
	return r, nil
}

// Atteste tells whether the receipt is of that accreditation.
func (r *Recu) Atteste(s Accreditee) bool {
	autre := s.Recu(r.LibelleAMC)
	return !s.IsZero() && bytes.Equal(r.Octets(), autre.Octets())
}

// Texte is the receipt for the printer, lines of at most 64 characters.
func (r *Recu) Texte() string {
	var b strings.Builder
	ligne := func(nom, valeur string) { fmt.Fprintf(&b, "%-15s: %s\n", nom, valeur) }
	b.WriteString("GARANTIE DE TIERS PAYANT\n")
	ligne("Accréditation", r.Numero.String())
	if r.Type == Depannage {
		ligne("Type", "dépannage, par l'opérateur "+r.Numero.Emetteur().String())
	} else {
		ligne("Type", "normale")
	}
	ligne("AMC", strings.TrimSpace(r.AMC.String()+" "+tronquer(r.LibelleAMC, 36)))
	ligne("Soins garantis", "du "+r.DroitsDebut.Francais()+" au "+r.DroitsFin.Francais())
	ligne("Donnée le", r.Horodatage.In(sante.Paris()).Format("02/01/2006 à 15:04:05"))
	h := strings.ToUpper(hex.EncodeToString(r.Empreinte[:]))
	ligne("Empreinte", groupes(h[:32]))
	ligne("", groupes(h[32:]))
	return b.String()
}

// groupes parts digits by four, to be compared by eye.
func groupes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s[i:min(i+4, len(s))])
	}
	return b.String()
}

func tronquer(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
