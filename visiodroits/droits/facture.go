package droits

import (
	"errors"
	"slices"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// EchangeFactures carries the invoices of a professional to who pays them, and what
// became of those sent before. It is always sealed. ref: VISIO §4, §13
var EchangeFactures = roc.NouvelEchange[DemandeFactures, ReponseFactures](Norme, roc.FAO, "Factures")

// DemandeFactures sends a batch of invoices, asks what became of those sent before, or
// both at once. hyp: OFFICINE-MESSAGES
type DemandeFactures struct {
	Lot   *LotOfficine  `fil:"lot,opt" doc:"Lot de factures à recevoir"`
	Suivi *DemandeSuivi `fil:"suivi,opt" doc:"Demande des factures acceptées, refusées et payées"`
}

// LotOfficine is a batch of invoices of one professional.
type LotOfficine struct {
	Numero   NumeroFacture     `fil:"numeroLot" doc:"Numéro du lot, unique pour le professionnel"`
	Date     sante.Jour        `fil:"dateLot" doc:"Date du lot"`
	Nombre   int               `fil:"nombreFactures,min=1,max=500" doc:"Nombre de factures"`
	Total    sante.Montant     `fil:"total" doc:"Somme des parts demandées à l'AMC"`
	Factures []FactureOfficine `fil:"factures,n=1..500" doc:"Factures du lot"`
}

// NumeroFacture is a number that a professional gives, to an invoice or to a batch.
type NumeroFacture string

// Motif is the pattern of the text form: what a NOEMIE return holds too.
func (NumeroFacture) Motif() string { return `[0-9A-Z]{1,15}` }

// DemandeSuivi asks what moved since the last answer.
type DemandeSuivi struct {
	Apres int64         `fil:"apres,opt,min=0,max=1000000000000" doc:"Rang du dernier mouvement lu ; absent : depuis le début"`
	Etats []EtatFacture `fil:"etat,opt,n=0..6" doc:"États voulus ; tous si rien n'est dit"`
}

// FactureOfficine is an invoice: identity, families and codes of prestation, amounts;
// no product. Its accreditation is a text here, so that one false number refuses one
// invoice and not a batch. ref: VISIO §4, §13
type FactureOfficine struct {
	Numero              NumeroFacture        `fil:"numeroFacture" doc:"Numéro de facture, unique pour le professionnel et le jour"`
	DateSoins           sante.Jour           `fil:"dateSoins" doc:"Jour de la délivrance ou des soins"`
	DateFacture         sante.Jour           `fil:"dateFacture" doc:"Jour de la facture"`
	PS                  Professionnel        `fil:"ps" doc:"Professionnel qui facture"`
	Patient             Patient              `fil:"patient" doc:"Patient"`
	NumeroAMC           sante.NumeroAMC      `fil:"numeroAMC" doc:"AMC à qui la part est demandée"`
	Convention          string               `fil:"convention,opt,max=20" doc:"Convention de tiers payant, celle de l'accréditation"`
	NumeroAccreditation string               `fil:"numeroAccreditation,opt,max=40" doc:"Accréditation sur laquelle la facture s'appuie"`
	Jeton               string               `fil:"accreditation,opt,max=4000" doc:"Accréditation signée, quand un opérateur l'a donnée pour l'AMC"`
	Etendue             *Etendue             `fil:"etendue,opt" doc:"Étendue des droits, dont cette accréditation porte l'empreinte"`
	Degrade             *ModeDegrade         `fil:"modeDegrade,opt" doc:"Mode dégradé : les droits d'avant ont servi, faute de réponse"`
	Tarification        *FactureTarification `fil:"tarification,opt" doc:"Prestations tarifées en ligne"`
	Lignes              []LigneOfficine      `fil:"lignes,opt,n=0..80" doc:"Lignes calculées sous les garanties accréditées"`
	Totaux              PartsOfficine        `fil:"totaux" doc:"Totaux de la facture"`
}

// ModeDegrade says why earlier rights served again, and shows the attempt that failed.
// ref: VISIO §8.3
type ModeDegrade struct {
	Cause      CauseDegrade `fil:"causeDegrade" doc:"Où l'échange s'est arrêté"`
	Tentatives []Tentative  `fil:"tentative,opt,n=0..10" doc:"Traces des demandes de droits restées sans réponse"`
}

// FactureTarification is what was priced on line: its number, and amounts by family. What
// was dispensed is said neither here nor anywhere in the invoice. ref: VISIO §10, §11
type FactureTarification struct {
	Numero   string         `fil:"numeroTarification,min=1,max=40" doc:"Numéro de l'engagement de tarification"`
	Montants []PartsFamille `fil:"montants,n=1..13" doc:"Montants, une fois par famille"`
}

// PartsFamille are the amounts of a family of prestations.
type PartsFamille struct {
	Famille calcul.Famille `fil:"famille" doc:"Famille de prestations"`
	PartsOfficine
}

// LigneOfficine is a line of an invoice.
type LigneOfficine struct {
	Rang           int             `fil:"rang,min=1,max=80" doc:"Rang de la ligne, croissant"`
	Famille        calcul.Famille  `fil:"famille" doc:"Famille de prestations"`
	CodePrestation CodePrestation  `fil:"codePrestation" doc:"Code de prestation, jamais celui d'un produit"`
	Quantite       calcul.Quantite `fil:"quantite" doc:"Nombre d'unités"`
	BaseAMO        sante.Montant   `fil:"baseAMO" doc:"Base de remboursement de l'assurance obligatoire"`
	TauxAMO        sante.Taux      `fil:"tauxAMO" doc:"Taux de l'assurance obligatoire"`
	PartsOfficine
}

// CodePrestation is a code of prestation. The code of a product, all in digits, is none.
type CodePrestation string

// Motif is the pattern of the text form.
func (CodePrestation) Motif() string { return `[A-Z][A-Z0-9]{0,4}` }

// PartsOfficine is who pays what. ref: VISIO §11 « AMO + AMC + patient = dépense »
type PartsOfficine struct {
	Depense sante.Montant `fil:"montantDepense" doc:"Dépense"`
	AMO     sante.Montant `fil:"montantAMO" doc:"Part de l'assurance obligatoire"`
	AMC     sante.Montant `fil:"montantAMC" doc:"Part demandée à l'AMC"`
	Patient sante.Montant `fil:"montantPatient" doc:"Part du patient"`
}

// juste tells whether no share is negative and all that is spent is what all pay.
func (p PartsOfficine) juste() bool {
	for _, m := range []sante.Montant{p.Depense, p.AMO, p.AMC, p.Patient} {
		if m < 0 || m > sante.MontantMax {
			return false
		}
	}
	return p.AMO+p.AMC+p.Patient == p.Depense
}

// Plus adds shares up.
func (p PartsOfficine) Plus(x PartsOfficine) PartsOfficine {
	return PartsOfficine{p.Depense + x.Depense, p.AMO + x.AMO, p.AMC + x.AMC, p.Patient + x.Patient}
}

// Errors of an invoice against itself: the texts are shown to people.
var (
	ErrFactureVide   = errors.New("la facture n'a ni ligne, ni montant tarifé")
	ErrFactureRangs  = errors.New("les rangs des lignes ne sont pas croissants, ou une famille tarifée est dite deux fois")
	ErrFactureSommes = errors.New("AMO + AMC + patient ne font pas la dépense, ou un montant est négatif")
	ErrFactureTotaux = errors.New("les totaux ne sont pas la somme des lignes")
	ErrFactureAMO    = errors.New("la part de l'assurance obligatoire n'est pas sa base au taux dit")
	ErrLot           = errors.New("le nombre ou le total du lot n'est pas celui de ses factures")
)

// Sommes adds the lines and what was priced up.
func (f *FactureOfficine) Sommes() (t PartsOfficine) {
	for i := range f.Lignes {
		t = t.Plus(f.Lignes[i].PartsOfficine)
	}
	if f.Tarification != nil {
		for i := range f.Tarification.Montants {
			t = t.Plus(f.Tarification.Montants[i].PartsOfficine)
		}
	}
	return t
}

// Tolerance is what a line may differ by, in cents. ref: VISIO §13 (F707)
const Tolerance sante.Montant = 1

// Coherence checks an invoice against itself, to the cent. The share of the compulsory
// insurer is its base at its rate, within the tolerance: the rest is asked of the AMC.
func (f *FactureOfficine) Coherence() error {
	if len(f.Lignes) == 0 && f.Tarification == nil {
		return ErrFactureVide
	}
	rang := 0
	for i := range f.Lignes {
		l := &f.Lignes[i]
		switch ecart := l.AMO - l.BaseAMO.Part(l.TauxAMO); {
		case l.Rang <= rang:
			return ErrFactureRangs
		case !l.juste() || l.BaseAMO < 0 || l.BaseAMO > sante.MontantMax:
			return ErrFactureSommes
		case ecart > Tolerance || ecart < -Tolerance:
			return ErrFactureAMO // hyp: OFFICINE-PART-AMO
		}
		rang = l.Rang
	}
	if t := f.Tarification; t != nil {
		for i := range t.Montants {
			if !t.Montants[i].juste() {
				return ErrFactureSommes
			}
			for j := range i {
				if t.Montants[i].Famille == t.Montants[j].Famille {
					return ErrFactureRangs
				}
			}
		}
	}
	if f.Totaux != f.Sommes() {
		return ErrFactureTotaux
	}
	return nil
}

// Personne is who the invoice names.
func (f *FactureOfficine) Personne() Personne {
	return Personne{NumeroAdherent: f.Patient.NumeroAdherent, DateNaissance: f.Patient.DateNaissance, RangGemellaire: f.Patient.RangGemellaire}
}

// PorteDelivrance tells whether one of the free fields of the invoice speaks of what was
// dispensed: T621. ref: VISIO §10 (2), §14
func (f *FactureOfficine) PorteDelivrance() bool {
	d := DemandeDroits{PS: f.PS, Patient: f.Patient}
	textes := []string{string(f.Numero), f.Convention, f.NumeroAccreditation}
	if e := f.Etendue; e != nil {
		textes = append(append(textes, e.Specifiques...), e.Operateur, e.Convention)
		for i := range e.Garanties {
			textes = append(append(textes, e.Garanties[i].Codes...), e.Garanties[i].Code)
		}
		for i := range e.Exclusions {
			textes = append(textes, e.Exclusions[i].Code)
		}
	}
	return d.PorteDelivrance() || slices.ContainsFunc(textes, cip13.MatchString)
}

var planFacture = trame.Pour[FactureOfficine](Norme.Espace)

// JSON is the canonical form of the invoice: what is kept of it, untouched, and digested.
func (f *FactureOfficine) JSON() []byte { return planFacture.AppendJSON(nil, f) }

// LireFacture reads what JSON wrote.
func LireFacture(b []byte) (*FactureOfficine, error) {
	f := new(FactureOfficine)
	if err := planFacture.DecodeJSON(b, f); err != nil {
		return nil, err
	}
	return f, nil
}

// NouveauLot gathers invoices in a batch and writes its head.
func NouveauLot(numero NumeroFacture, jour sante.Jour, l ...FactureOfficine) *LotOfficine {
	d := &LotOfficine{Numero: numero, Date: jour, Nombre: len(l), Factures: l}
	for i := range l {
		d.Total += l[i].Totaux.AMC
	}
	return d
}

// Coherence checks a batch against its own head.
func (l *LotOfficine) Coherence() error {
	if x := NouveauLot(l.Numero, l.Date, l.Factures...); x.Nombre != l.Nombre || x.Total != l.Total {
		return ErrLot
	}
	return nil
}

// EtatFacture is where an invoice stands, as its professional reads it.
type EtatFacture string

// The states. ref: VISIO §13
const (
	FactureRecue     EtatFacture = "RECUE"
	FactureEnAttente EtatFacture = "EN_ATTENTE" // the third party could not be asked yet
	FactureAcceptee  EtatFacture = "ACCEPTEE"
	FactureRefusee   EtatFacture = "REFUSEE"
	FactureOrdonnee  EtatFacture = "ORDONNEE" // its transfer is ordered
	FacturePayee     EtatFacture = "PAYEE"    // and accepted again when its transfer comes back
)

// Codes is the closed list of states.
func (EtatFacture) Codes() []string {
	return []string{"RECUE", "EN_ATTENTE", "ACCEPTEE", "REFUSEE", "ORDONNEE", "PAYEE"}
}

// SuiviFacture is what is said of an invoice: by the acknowledgement of its batch, and
// each time that it moves. ref: VISIO §13
type SuiviFacture struct {
	Numero        NumeroFacture    `fil:"numeroFacture" doc:"Numéro de facture"`
	DateFacture   sante.Jour       `fil:"dateFacture" doc:"Jour de la facture"`
	NumeroLot     NumeroFacture    `fil:"numeroLot" doc:"Lot dont elle vient"`
	Mouvement     int64            `fil:"mouvement,opt,min=0,max=1000000000000" doc:"Rang du mouvement, à rappeler dans la demande suivante"`
	Etat          EtatFacture      `fil:"etat" doc:"Où elle en est"`
	Code          visiodroits.Code `fil:"code" doc:"Code du contrôle"`
	Libelle       string           `fil:"libelle,max=250" doc:"Ce que le code signifie"`
	QuiAgit       string           `fil:"quiAgit,opt,max=100" doc:"Qui doit agir"`
	AFaire        string           `fil:"aFaire,opt,max=250" doc:"Que faire maintenant"`
	Precision     string           `fil:"precision,opt,max=500" doc:"Précision pour une personne"`
	Ecarts        []EcartLigne     `fil:"ecarts,opt,n=0..80" doc:"Lignes qui diffèrent, avec les deux montants"`
	MontantAMC    sante.Montant    `fil:"montantAMC" doc:"Part demandée"`
	MontantPaye   sante.Montant    `fil:"montantPaye,opt" doc:"Part payée"`
	ReferenceVire string           `fil:"referenceVirement,opt,max=35" doc:"Référence du virement"`
	DatePaiement  sante.Jour       `fil:"datePaiement,opt" doc:"Jour du virement"`
	Echeance      sante.Jour       `fil:"echeance,opt" doc:"Dernier jour promis pour payer"`
}

// EcartLigne is a line whose amount is not what the accredited guarantees give.
type EcartLigne struct {
	Rang    int           `fil:"rang,min=1,max=80" doc:"Rang de la ligne"`
	Facture sante.Montant `fil:"montantFacture" doc:"Part facturée"`
	Attendu sante.Montant `fil:"montantAttendu" doc:"Part calculée sous les garanties accréditées"`
	Regle   string        `fil:"regle,opt,max=40" doc:"Formule appliquée"`
}

// ReponseFactures acknowledges a batch and tells what moved.
type ReponseFactures struct {
	visiodroits.Retour
	NumeroLot NumeroFacture  `fil:"numeroLot,opt" doc:"Lot reçu"`
	Factures  []SuiviFacture `fil:"factures,opt,n=0..500" doc:"Accusé de chaque facture du lot"`
	Suivi     []SuiviFacture `fil:"suivi,opt,n=0..500" doc:"Factures qui ont bougé depuis la demande précédente, dans l'ordre"`
	Reste     bool           `fil:"reste" doc:"D'autres factures suivent : demander de nouveau après le dernier mouvement"`
}

// Prouve tells whether an attempt that failed explains the mode: of the cause said, on
// the day of the invoice or the day before. ref: VISIO §8.3, §13 (F711)
// hyp: OFFICINE-PREUVE
func (d *ModeDegrade) Prouve(facture sante.Jour) bool {
	return slices.ContainsFunc(d.Tentatives, func(t Tentative) bool {
		cause, ok := CauseDe(t.Code)
		jour := sante.JourA(t.Instant, sante.Paris())
		return ok && cause == t.Cause && cause == d.Cause && (jour == facture || jour == facture-1)
	})
}
