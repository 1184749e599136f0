package roc

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// NatureFacture tells a first invoice from its correction. ref: ROC §17.2
type NatureFacture string

// The natures.
const (
	Initiale      NatureFacture = "INITIALE"
	Annulative    NatureFacture = "ANNULATIVE"
	Rectificative NatureFacture = "RECTIFICATIVE"
)

// Codes is the closed list of natures.
func (NatureFacture) Codes() []string { return []string{"INITIALE", "ANNULATIVE", "RECTIFICATIVE"} }

// Fondement is what an invoice relies on. ref: ROC §3.3 rule 1, DEC 24, 28
type Fondement string

// The grounds: an engagement of the insurer, a calculation of the hospital that an
// answer to IDB guaranteed, or a convention without guarantee, for a partner not
// yet on line.
const (
	SurEngagement  Fondement = "ENGAGEMENT"
	SurCalculLocal Fondement = "CALCUL_LOCAL"
	SurConvention  Fondement = "CONVENTION"
)

// Codes is the closed list of grounds.
func (Fondement) Codes() []string { return []string{"ENGAGEMENT", "CALCUL_LOCAL", "CONVENTION"} }

// Facture is an invoice of a hospital to an insurer: what was calculated, word for
// word, and the share asked of each line. ref: ROC §17.2
type Facture struct {
	Numero           string           `fil:"numeroFacture,min=1,max=20" doc:"Numéro de facture, unique pour un FINESS juridique et une année"`
	Nature           NatureFacture    `fil:"nature" doc:"Initiale, annulative ou rectificative"`
	FactureCorrigee  string           `fil:"factureCorrigee,opt,min=1,max=20" doc:"Facture annulée ou rectifiée ; absente d'une facture initiale"`
	Date             sante.Jour       `fil:"dateFacture" doc:"Date de la facture"`
	IDDossierES      string           `fil:"idDossierES,min=1,max=20" doc:"Dossier de l'établissement, celui du calcul"`
	Fondement        Fondement        `fil:"fondement" doc:"Ce sur quoi la facture s'appuie"`
	NumeroEngagement NumeroEngagement `fil:"numeroEngagement,opt" doc:"Engagement de l'AMC, ou garantie du calcul local ; absent d'une facture sur convention"`
	Calcul           DemandeCalcul    `fil:"calcul" doc:"Passage et lignes, tels que calculés"`
	Parts            []PartFacturee   `fil:"parts,n=1..200" doc:"Part demandée pour chaque ligne"`
	Totaux           TotauxFacture    `fil:"totaux" doc:"Totaux de la facture"`
}

// PartFacturee is what is asked of the insurer for a line.
type PartFacturee struct {
	Rang       int            `fil:"rang,min=1,max=200" doc:"Rang de la ligne"`
	Engage     *sante.Montant `fil:"montantAMCEngage,opt" doc:"Part sur laquelle l'AMC s'est engagée"`
	MontantAMC sante.Montant  `fil:"montantAMC" doc:"Part facturée"`
}

// TotauxFacture are the totals of an invoice: what is spent is what all pay.
type TotauxFacture struct {
	Depense     sante.Montant `fil:"depense" doc:"Dépense"`
	AMO         sante.Montant `fil:"amo" doc:"Part de l'assurance obligatoire"`
	AutrePayeur sante.Montant `fil:"autrePayeur,opt" doc:"Part du régime local d'Alsace-Moselle ou de l'État"`
	Rangs       sante.Montant `fil:"rangsInferieurs,opt" doc:"Parts des AMC de rang inférieur"`
	AMC         sante.Montant `fil:"amc" doc:"Part de cette AMC"`
	Patient     sante.Montant `fil:"patient" doc:"Part du patient"`
}

// EnTeteLot is the head of a batch. ref: ROC §17.2
type EnTeteLot struct {
	Numero        string        `fil:"numeroLot,min=1,max=20" doc:"Numéro du lot, unique pour un FINESS juridique"`
	Date          sante.Jour    `fil:"dateLot" doc:"Date du lot"`
	Nombre        int           `fil:"nombreFactures,min=1,max=1000" doc:"Nombre de factures"`
	Total         sante.Montant `fil:"total" doc:"Somme des parts demandées ; celles d'une annulative se retranchent"`
	Empreinte     string        `fil:"empreinte,min=43,max=43" doc:"SHA-256 des factures, chacune en JSON canonique suivi d'un saut de ligne, en base64url"`
	AdresseRetour string        `fil:"adresseRetour,opt,max=250" doc:"Adresse https où l'établissement reçoit les retours"`
	Compte        string        `fil:"compte,opt,min=5,max=34" doc:"IBAN sur lequel l'établissement est payé, s'il n'est pas connu de l'AMC"`
}

// DemandeDRE is a batch of invoices, from a hospital to an insurer: the body of
// the question of the service DRE. ref: ROC §17.1
type DemandeDRE struct {
	Lot      EnTeteLot `fil:"lot" doc:"En-tête du lot"`
	Factures []Facture `fil:"factures,n=1..1000" doc:"Factures du lot"`
}

// ReponseDRE is the acknowledgement of reception of a batch: it is held, nothing
// is said yet of its invoices. ref: ROC §17.1
type ReponseDRE struct {
	Retour
	NumeroLot string        `fil:"numeroLot,opt,min=1,max=20" doc:"Lot reçu"`
	Nombre    int           `fil:"nombreFactures,opt,min=0,max=1000" doc:"Factures reçues"`
	Total     sante.Montant `fil:"total,opt" doc:"Somme des parts demandées"`
	// Refusees are those that the insurer holds already: nothing more will be said
	// of them.
	Refusees []RetourFacture `fil:"refusees,opt,n=0..1000" doc:"Factures refusées d'emblée, déjà reçues"`
}

var planFacture = trame.Pour[Facture](Espace)

// Contenu is the invoices of a batch in canonical JSON, each followed by a line
// feed, and where each ends: what the digest of the batch covers.
func (d *DemandeDRE) Contenu() (octets []byte, fins []int) {
	fins = make([]int, len(d.Factures))
	for i := range d.Factures {
		octets = planFacture.AppendJSON(octets, &d.Factures[i])
		fins[i] = len(octets)
		octets = append(octets, '\n')
	}
	return octets, fins
}

func empreinteContenu(octets []byte) string {
	h := sha256.Sum256(octets)
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// NouveauLot gathers invoices in a batch and writes its totals and its digest.
func NouveauLot(numero string, jour sante.Jour, l []Facture) *DemandeDRE {
	d := &DemandeDRE{Lot: EnTeteLot{Numero: numero, Date: jour, Nombre: len(l)}, Factures: l}
	octets, _ := d.Contenu()
	d.Lot.Empreinte = empreinteContenu(octets)
	for i := range l {
		d.Lot.Total += l[i].Demande()
	}
	return d
}

// Demande is what the invoice asks of the insurer; an annulation gives it back.
func (f *Facture) Demande() sante.Montant {
	if f.Nature == Annulative {
		return -f.Totaux.AMC
	}
	return f.Totaux.AMC
}

// Verifier checks a batch against its own head: T001 when it is not what it says
// of itself, P401 when its total is not that of its invoices, F603 when it holds
// the same number twice. Nothing is said of the invoices themselves.
func (d *DemandeDRE) Verifier() error {
	octets, _ := d.Contenu()
	return d.VerifierAvec(octets)
}

// VerifierAvec is Verifier for who has its Contenu already.
func (d *DemandeDRE) VerifierAvec(octets []byte) error {
	if d.Lot.Nombre != len(d.Factures) {
		return Refuser(Illisible, "le nombre de factures du lot n'est pas celui que l'en-tête annonce")
	}
	if d.Lot.Empreinte != empreinteContenu(octets) {
		return Refuser(Illisible, "l'empreinte du lot n'est pas celle de ses factures")
	}
	var total sante.Montant
	numeros := make([]string, len(d.Factures)) // of any year: returns name an invoice by its number and its batch
	for i := range d.Factures {
		total += d.Factures[i].Demande()
		numeros[i] = d.Factures[i].Numero
	}
	if total != d.Lot.Total {
		return Refuser(TotalFaux, "le total du lot n'est pas la somme de ses factures")
	}
	slices.Sort(numeros)
	if len(slices.Compact(numeros)) != len(d.Factures) {
		return Refuser(FactureEnDouble, "deux factures du lot ont le même numéro")
	}
	return nil
}

// Coherence checks an invoice against itself: the parts name each line once, and
// all that is spent is what all pay. The error is a *Refus of code P401, or P430
// when the shares of other insurers have no line.
func (f *Facture) Coherence() error {
	c := &f.Calcul
	if (f.Nature == Initiale) != (f.FactureCorrigee == "") || f.FactureCorrigee == f.Numero {
		return Refuser(Illisible, "une facture initiale n'en corrige aucune, une autre en nomme une")
	}
	if (f.Fondement == SurConvention) != f.NumeroEngagement.IsZero() {
		return Refuser(Illisible, "une facture cite l'engagement sur lequel elle s'appuie, et lui seul")
	}
	if len(f.Parts) != len(c.Lignes) {
		return Refuser(TotalFaux, "les parts ne répondent pas aux lignes")
	}
	for i := range c.Lignes {
		l, p := &c.Lignes[i], &f.Parts[i]
		if p.Rang != l.Rang || i > 0 && l.Rang <= c.Lignes[i-1].Rang {
			return Refuser(TotalFaux, "les parts ne suivent pas l'ordre des lignes")
		}
		if p.MontantAMC < 0 {
			return Refuser(TotalFaux, "une part est négative")
		}
	}
	for _, r := range c.RangsInferieurs {
		for _, m := range r.Montants {
			if !slices.ContainsFunc(c.Lignes, func(l Ligne) bool { return l.Rang == m.Rang }) {
				return Refuser(RangIncoherent, "une AMC de rang inférieur paie une ligne absente")
			}
		}
	}
	if t := f.sommes(); t != f.Totaux || t.Patient < 0 {
		return Refuser(TotalFaux, "les totaux de la facture ne sont pas ceux de ses lignes")
	}
	return nil
}

// sommes adds the lines up; there is a part for each.
func (f *Facture) sommes() (t TotauxFacture) {
	for i := range f.Calcul.Lignes {
		l := &f.Calcul.Lignes[i]
		t.Depense += l.MontantDepense
		t.AMO += l.MontantAMO
		t.AutrePayeur += l.AutrePayeur
		t.AMC += f.Parts[i].MontantAMC
	}
	for _, r := range f.Calcul.RangsInferieurs {
		for _, m := range r.Montants {
			t.Rangs += m.Montant
		}
	}
	t.Patient = t.Depense - t.AMO - t.AutrePayeur - t.Rangs - t.AMC
	return t
}

// FactureDe writes the invoice of what was calculated, at the share that the
// insurer answered; it is the only way to fill one from an engagement, so that
// both are equal to the cent. ref: ROC §3.3 rule 2
func FactureDe(d *DemandeCalcul, r *ReponseCalcul, f Fondement) *Facture {
	x := &Facture{Nature: Initiale, Fondement: f, NumeroEngagement: r.NumeroEngagement, Calcul: *d, Numero: d.NumeroFactureES}
	parts := make(map[int]sante.Montant, len(r.Lignes))
	for _, l := range r.Lignes {
		parts[l.Rang] = l.MontantAMC
	}
	for i := range d.Lignes {
		l := &d.Lignes[i]
		m := parts[l.Rang]
		p := PartFacturee{Rang: l.Rang, MontantAMC: m}
		if f != SurConvention {
			p.Engage = &m
		}
		x.Parts = append(x.Parts, p)
	}
	x.Totaux = x.sommes()
	return x
}
