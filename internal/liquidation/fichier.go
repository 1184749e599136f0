package liquidation

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// ErrSansFichier: a return has no NOEMIE form, by its nature or by what it says: it is
// not sent by file.
var ErrSansFichier = errors.New("liquidation: ce retour n'a pas de forme NOEMIE")

// numeroNoemie is how many characters an invoice number may have there.
const numeroNoemie = 15

// EcrireNoemie writes a payment or a rejection as a NOEMIE-style file, for a hospital
// that asked for files. Nobody seals it: the hospital says so in its evidence. An
// invoice is written without lines, as its total. ref: ROC §17.3, §17.4 // hyp: NOEMIE-RETOUR
func EcrireNoemie(w io.Writer, amc sante.NumeroAMC, finess sante.FINESS, d *roc.DemandeRET) error {
	reference := map[roc.NatureRetour]string{roc.RetourPaiement: "578R", roc.RetourRejet: "908R"}[d.Nature]
	if reference == "" {
		return ErrSansFichier
	}
	e, err := noemie.Ecrire(w, noemie.Entete{TypeEmetteur: "OC", Emetteur: amc.String(), TypeDestinataire: "TE", Destinataire: finess.String(),
		Fichier: d.Numero[max(0, len(d.Numero)-6):], Creation: d.Date, Reference: reference})
	if err != nil {
		return sansForme(err)
	}
	for i := range d.Factures {
		x := factureNoemie(d, &d.Factures[i], finess)
		if len(x.Numero) > numeroNoemie {
			return fmt.Errorf("%w : numéro de facture de plus de %d caractères", ErrSansFichier, numeroNoemie)
		}
		if plie, ok := zone.Plier(x.Numero); !ok || plie != x.Numero {
			return fmt.Errorf("%w : le numéro d'une facture n'y garderait pas ses caractères", ErrSansFichier)
		}
		if err := e.Facture(x); err != nil {
			return sansForme(err)
		}
	}
	return e.Fermer()
}

// sansForme tells what the format itself refuses, which goes sealed, from a failure.
func sansForme(err error) error {
	var refus *noemie.Erreur
	if errors.As(err, &refus) {
		return fmt.Errorf("%w : %w", ErrSansFichier, err)
	}
	return fmt.Errorf("liquidation: écrire un fichier: %w", err)
}

func factureNoemie(d *roc.DemandeRET, f *roc.RetourFacture, finess sante.FINESS) *noemie.Facture {
	x := &noemie.Facture{Numero: f.Numero, Montant: f.MontantPaye}
	x.Destinataire, x.Journee.Date = finess.String(), d.Date
	if p := d.Paiement; p != nil {
		x.Journee = noemie.Journee{Date: p.DateComptable, Virement: p.ReferenceVirement[:min(len(p.ReferenceVirement), 32)], Payeur: p.Payeur.String()}
		if len(p.ReferenceVirement) > 32 {
			x.Journee.VirementSuite = p.ReferenceVirement[32:]
		}
	}
	x.Origine = noemie.Origine{Forme: "D", Lot: noemie.Lot{Date: d.Date, Numero: numeroLot(f.Lot)}}
	if d.Nature == roc.RetourRejet {
		x.Montant = f.MontantFacture
	}
	if f.Code != roc.Accepte {
		libelle := []rune(f.Code.Libelle())
		x.Rejets = []noemie.Rejet{{Code: string(f.Code), Libelle: string(libelle[:min(len(libelle), 78)]), Portee: "F", Part: "C"}}
	}
	return x
}

// numeroLot is the number of a batch on three digits, as its hospital folds it.
// hyp: B2-LOT
func numeroLot(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 1
	}
	return (n-1)%999 + 1
}

// SansGarantie labels, in the lists of the insurer, what it never guaranteed.
const SansGarantie = "par convention, sans garantie"

// Mention tells what an invoice rests on, when it is not a guarantee.
func (f *Facture) Mention() string {
	if f.Garantie.IsZero() {
		return SansGarantie
	}
	return ""
}
