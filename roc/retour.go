package roc

import (
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
)

// EtatFacture is where an invoice stands in the insurer's books, and what its
// returns notify. ref: ROC §17.6
type EtatFacture string

// The states, in the order of an invoice.
const (
	FactureEnvoyee   EtatFacture = "ENVOYE"
	FactureRecue     EtatFacture = "RECU"
	ControleOK       EtatFacture = "CONTROLE_OK"
	ControleKO       EtatFacture = "CONTROLE_KO"
	FactureLiquidee  EtatFacture = "LIQUIDE"
	FacturePayee     EtatFacture = "PAYE"
	FactureRejetee   EtatFacture = "REJETE"
	FactureAcquittee EtatFacture = "ACQUITTE"
)

// Codes is the closed list of states.
func (EtatFacture) Codes() []string {
	return []string{"ENVOYE", "RECU", "CONTROLE_OK", "CONTROLE_KO", "LIQUIDE", "PAYE", "REJETE", "ACQUITTE"}
}

// NatureRetour is what a return is about. ref: ROC §17.1
type NatureRetour string

// The returns: the report of the controls, the liquidation, the payment (578R
// style) and the reject (908R style).
const (
	RetourControle    NatureRetour = "CONTROLE"
	RetourLiquidation NatureRetour = "LIQUIDATION"
	RetourPaiement    NatureRetour = "PAIEMENT"
	RetourRejet       NatureRetour = "REJET"
)

// Codes is the closed list of returns.
func (NatureRetour) Codes() []string { return []string{"CONTROLE", "LIQUIDATION", "PAIEMENT", "REJET"} }

// DemandeRET is a return of an insurer on invoices: the body of the question of
// the service RET, from the insurer to the hospital. ref: ROC §17.3
type DemandeRET struct {
	Numero   string          `fil:"numeroRetour,min=1,max=20" doc:"Numéro du retour, unique pour une AMC"`
	Nature   NatureRetour    `fil:"nature" doc:"Ce que le retour annonce"`
	Date     sante.Jour      `fil:"dateRetour" doc:"Date du retour"`
	Paiement *Paiement       `fil:"paiement,opt" doc:"Paiement, pour un retour de paiement"`
	Factures []RetourFacture `fil:"factures,n=1..1000" doc:"Ce qui est dit de chaque facture"`
}

// Paiement is a payment batch. ref: ROC §17.3
type Paiement struct {
	DateComptable     sante.Jour      `fil:"dateComptable" doc:"Date comptable"`
	DateMandatement   sante.Jour      `fil:"dateMandatement" doc:"Date de l'ordre de payer"`
	Payeur            sante.NumeroAMC `fil:"payeur" doc:"AMC, ou l'opérateur qui paie pour elle"`
	ReferenceVirement string          `fil:"referenceVirement,min=1,max=35" doc:"Référence portée par le virement"`
	Compte            string          `fil:"finCompte,opt,min=4,max=4" doc:"Quatre derniers caractères du compte crédité"`
	Total             sante.Montant   `fil:"total" doc:"Somme virée"`
	Contact           string          `fil:"contact,opt,max=100" doc:"Qui répond de ce paiement"`
}

// RetourFacture is what a return says of an invoice.
type RetourFacture struct {
	Numero         string        `fil:"numeroFacture,min=1,max=20" doc:"Facture"`
	Lot            string        `fil:"numeroLot,min=1,max=20" doc:"Lot par lequel elle est venue"`
	Etat           EtatFacture   `fil:"etat" doc:"État de la facture après ce retour"`
	Code           Code          `fil:"code" doc:"000, ou pourquoi elle est rejetée ou payée autrement"`
	Precision      string        `fil:"precision,opt,max=500" doc:"Précision pour une personne"`
	MontantFacture sante.Montant `fil:"montantFacture" doc:"Part demandée"`
	MontantPaye    sante.Montant `fil:"montantPaye,opt" doc:"Part payée par ce retour"`
	DejaPaye       sante.Montant `fil:"dejaPaye,opt" doc:"Part payée auparavant"`
	Lignes         []RetourLigne `fil:"lignes,opt,n=0..200" doc:"Lignes dont il y a quelque chose à dire"`
}

// RetourLigne is what a return says of a line: why it is refused, or the two
// calculations when the insurer's differs. ref: DEC 24
type RetourLigne struct {
	Rang    int            `fil:"rang,min=1,max=200" doc:"Rang de la ligne"`
	Code    Code           `fil:"code,opt" doc:"Pourquoi la part diffère"`
	Facture sante.Montant  `fil:"montantFacture" doc:"Part demandée"`
	Attendu *sante.Montant `fil:"montantAttendu,opt" doc:"Part que l'AMC calcule, ou sur laquelle elle s'est engagée"`
	Paye    *sante.Montant `fil:"montantPaye,opt" doc:"Part payée"`
	Regle   string         `fil:"regle,opt,max=60" doc:"Formule de l'AMC"`
}

// ReponseRET is the acknowledgement of a return by the hospital: it frees the
// insurer of any later malfunction. ref: ROC §17.1
type ReponseRET struct {
	Retour
	NumeroRetour string `fil:"numeroRetour,opt,min=1,max=20" doc:"Retour reçu"`
	Connues      int    `fil:"facturesConnues,opt,min=0,max=1000" doc:"Factures du retour que l'établissement connaît"`
}

// etats are the states that each return may announce: a payment of a part leaves
// its invoice liquidated. ref: ROC §17.1, §17.6
func (n NatureRetour) etats() []EtatFacture {
	switch n {
	case RetourControle:
		return []EtatFacture{ControleOK, ControleKO}
	case RetourLiquidation:
		return []EtatFacture{FactureLiquidee}
	case RetourPaiement:
		return []EtatFacture{FacturePayee, FactureLiquidee}
	case RetourRejet:
		return []EtatFacture{FactureRejetee}
	}
	return nil
}

// Verifier checks a return against itself: a payment has its total and pays each of
// its invoices something, a reject has a reason, an invoice is told once, and in a
// state that this return may announce. The error is a *Refus.
func (d *DemandeRET) Verifier() error {
	if (d.Nature == RetourPaiement) != (d.Paiement != nil) {
		return Refuser(Illisible, "un retour de paiement porte un paiement, et lui seul")
	}
	var total sante.Montant
	etats, dites := d.Nature.etats(), make(map[[2]string]bool, len(d.Factures))
	for i := range d.Factures {
		f := &d.Factures[i]
		if err := f.verifier(d.Nature, etats); err != nil {
			return err
		}
		une := [2]string{f.Numero, f.Lot}
		if dites[une] {
			return Refuser(Illisible, "une facture est dite deux fois dans le retour")
		}
		dites[une] = true
		if total += f.MontantPaye; total < 0 {
			return Refuser(TotalFaux, "la somme payée dépasse ce qu'un montant peut dire")
		}
	}
	if d.Paiement != nil && total != d.Paiement.Total {
		return Refuser(TotalFaux, "le total du paiement n'est pas la somme de ses factures")
	}
	return nil
}

// verifier checks what is said of one invoice.
func (f *RetourFacture) verifier(n NatureRetour, etats []EtatFacture) error {
	switch {
	case !slices.Contains(etats, f.Etat):
		return Refuser(Illisible, "un retour de cette nature n'annonce pas cet état d'une facture")
	case f.MontantFacture < 0 || f.MontantPaye < 0 || f.DejaPaye < 0:
		return Refuser(TotalFaux, "un montant négatif")
	case n == RetourPaiement && f.MontantPaye == 0:
		return Refuser(TotalFaux, "un paiement qui ne paie rien")
	case n != RetourPaiement && f.MontantPaye != 0:
		return Refuser(TotalFaux, "un montant payé hors d'un retour de paiement")
	case n == RetourRejet && f.Code.Accord():
		return Refuser(Illisible, "un rejet sans motif")
	}
	for i := range f.Lignes {
		if l := &f.Lignes[i]; l.Facture < 0 || l.Paye != nil && *l.Paye < 0 {
			return Refuser(TotalFaux, "un montant négatif")
		}
	}
	return nil
}
