// Package virement writes the transfers of a run for who makes them: the file of the bank,
// ISO 20022 pain.001.001.09 in the form of the SEPA credit transfer (EPC 132-08), and a table
// for the books. These files have whole accounts: who writes them keeps them closed.
package virement

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
)

// Errors of a file.
var (
	// ErrTotal: the transfers of a file do not make its total.
	ErrTotal = errors.New("virement : les virements de la remise n'en font pas le total")
	// ErrMontant: a transfer is of less than a cent, or of a billion euros or more.
	ErrMontant = errors.New("virement : de 0,01 à 999 999 999,99 € attendus par virement")
)

// montantMax is the most that one transfer may be. ref: EPC 132-08, AT-T002
const montantMax sante.Montant = 99_999_999_999

// espace is the name space of the file. hyp: OFFICINE-VIREMENTS
const espace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

type document struct {
	XMLName xml.Name `xml:"Document"`
	Espace  string   `xml:"xmlns,attr"`
	Ordre   struct {
		Entete   entete   `xml:"GrpHdr"`
		Paiement paiement `xml:"PmtInf"`
	} `xml:"CstmrCdtTrfInitn"`
}

type entete struct {
	Reference string `xml:"MsgId"`
	Faite     string `xml:"CreDtTm"`
	Nombre    int    `xml:"NbOfTxs"`
	Total     string `xml:"CtrlSum"`
	Emetteur  string `xml:"InitgPty>Nm"`
}

type paiement struct {
	Reference string       `xml:"PmtInfId"`
	Methode   string       `xml:"PmtMtd"`
	Nombre    int          `xml:"NbOfTxs"`
	Total     string       `xml:"CtrlSum"`
	Service   string       `xml:"PmtTpInf>SvcLvl>Cd"`
	Execution string       `xml:"ReqdExctnDt>Dt"`
	Payeur    string       `xml:"Dbtr>Nm"`
	Compte    string       `xml:"DbtrAcct>Id>IBAN"`
	Banque    string       `xml:"DbtrAgt>FinInstnId>Othr>Id"`
	Frais     string       `xml:"ChrgBr"`
	Virements []unVirement `xml:"CdtTrfTxInf"`
}

type unVirement struct {
	Reference string  `xml:"PmtId>EndToEndId"`
	Montant   montant `xml:"Amt>InstdAmt"`
	Titulaire string  `xml:"Cdtr>Nm"`
	Compte    string  `xml:"CdtrAcct>Id>IBAN"`
	Libelle   string  `xml:"RmtInf>Ustrd"`
}

type montant struct {
	Devise string `xml:"Ccy,attr"`
	Valeur string `xml:",chardata"`
}

// Pain writes a file of transfers. The same file gives the same octets. // ref: ISO 20022 pain.001
func Pain(w io.Writer, r *officine.Remise) error {
	p := &r.Payeur
	if err := p.Verifier(); err != nil {
		return err
	}
	d := document{Espace: espace}
	total := r.Total.String()
	d.Ordre.Entete = entete{Reference: r.Reference, Faite: r.Faite.UTC().Format(time.RFC3339), Nombre: r.Nombre, Total: total, Emetteur: officine.NomBancaire(p.Nom, officine.TitulaireMax)}
	x := &d.Ordre.Paiement
	*x = paiement{Reference: r.Reference, Methode: "TRF", Nombre: r.Nombre, Total: total, Service: "SEPA", Execution: r.Execution.String(),
		Payeur: d.Ordre.Entete.Emetteur, Compte: p.IBAN.String(), Banque: "NOTPROVIDED", Frais: "SLEV"}
	var somme sante.Montant
	for i := range r.Virements {
		v := &r.Virements[i]
		if v.Montant < 1 || v.Montant > montantMax {
			return ErrMontant
		}
		somme += v.Montant
		x.Virements = append(x.Virements, unVirement{Reference: v.Reference, Montant: montant{"EUR", v.Montant.String()}, Titulaire: officine.NomBancaire(v.Titulaire, officine.TitulaireMax),
			Compte: v.IBAN.String(), Libelle: fmt.Sprintf("TIERS PAYANT %s DU %s, FACTURES: %d", officine.NomBancaire(p.Nom, 40), r.Reglement, v.Factures)})
	}
	if somme != r.Total || len(r.Virements) != r.Nombre {
		return ErrTotal
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(&d); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
