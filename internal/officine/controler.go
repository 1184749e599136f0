package officine

import (
	"crypto/subtle"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Constat is what the controls say of an invoice.
type Constat struct {
	Code       visiodroits.Code // 000 when it is accepted
	Precision  string
	Ecarts     []droits.EcartLigne // both amounts, for F707
	Accreditee bool                // F701 to F706 passed: its rights are guaranteed
	EnAttente  bool                // the third party, the insurer or a list must answer first
	// Above the quota of degraded invoices, of the month of the invoice and of the month of
	// its reception.
	Alerte, AlerteRecus bool
}

// Accord tells whether the invoice is accepted, at once or later.
func (c Constat) Accord() bool { return c.Code == visiodroits.Fournis }

// Avis is what the third party said of an invoice.
type Avis int

// The answers. The zero value is "not asked".
const (
	PasDemande Avis = iota
	Oui
	Non
	Muet
)

// Piece is an invoice under control, with all that it is judged on. Nothing in it tells
// what the rights of the person are now.
type Piece struct {
	Facture       *droits.FactureOfficine
	Recue         sante.Jour     // day of its reception
	Accreditation *Accreditation // nil when unknown
	// Attente is why the accreditation cannot be judged yet: the lists of who signed it are
	// not held. "" when it can be.
	Attente string
	// Motif is why an accreditation that was signed is not believed; "" when nothing more
	// than the code is to be told.
	Motif  string
	Avis   Avis
	Double bool // the books hold it already
	// Counted before it: the invoices dated of its month, which the professional chooses, and
	// those received in the month when it is.
	Mois, Recus Mois
}

// Parametres are the settings of who pays. The zero value of each is a working default,
// but for AMC.
type Parametres struct {
	AMC sante.NumeroAMC
	// Anciens are the numbers of insurers that it replaced, still on some cards.
	Anciens []sante.NumeroAMC
	// Tolerance is the X of the insurer on a day of care: how many days after the end of
	// rights the degraded mode holds; 0 when nil. ref: VISIO §8.2
	Tolerance func(soins sante.Jour) int
	// VieNormale is how many days after its issue a normal accreditation that no register
	// here knows guarantees care, by the day of issue; PremiereVue how many after the end of
	// the key that signed it one that no invoice quoted yet is believed, by that day. 400 and
	// 180 when nil, and for a day when they give 0. hyp: OFFICINE-SANS-REGISTRE
	VieNormale, PremiereVue func(sante.Jour) int
	// Delai is how many days after the care an invoice may arrive; 730 when zero.
	// hyp: OFFICINE-DELAI
	Delai int
	// DelaiPaiement is the promise, in calendar days from the reception; 12 when zero.
	// hyp: OFFICINE-PAIEMENT
	DelaiPaiement int
	// DelaiTiers is how long the third party has to answer about the invoices of a batch; a
	// second and a half when zero. The answer to who sends it waits no longer.
	DelaiTiers time.Duration
	// Quota is the share of degraded invoices of a professional in a month above which an
	// alert is raised; 10 % when zero. ref: VISIO §8.3
	Quota sante.Taux
	// QuotaDes is how many invoices of the month the quota is judged from; 20 when zero.
	// hyp: OFFICINE-QUOTA
	QuotaDes int64
	// RefuserAuDela refuses what is above the quota instead of raising an alert alone.
	RefuserAuDela bool
}

func (p *Parametres) completer() {
	for v, d := range map[*int]int{&p.Delai: 730, &p.DelaiPaiement: 12} {
		if *v == 0 {
			*v = d
		}
	}
	if p.DelaiTiers == 0 {
		p.DelaiTiers = 1500 * time.Millisecond
	}
	if p.Quota == 0 {
		p.Quota = sante.Pourcent(10)
	}
	if p.QuotaDes == 0 {
		p.QuotaDes = 20
	}
	if p.Tolerance == nil {
		p.Tolerance = func(sante.Jour) int { return 0 }
	}
}

// premiereVue is PremiereVue on a day.
func (p *Parametres) premiereVue(fin sante.Jour) int {
	if p.PremiereVue != nil {
		if n := p.PremiereVue(fin); n > 0 {
			return n
		}
	}
	return 180
}

// repond tells whether the number of a card is that of the insurer.
func (p *Parametres) repond(n sante.NumeroAMC) bool {
	return droits.MemeEmetteur(n, p.AMC) || slices.ContainsFunc(p.Anciens, func(x sante.NumeroAMC) bool { return droits.MemeEmetteur(n, x) })
}

// juge is an invoice under control.
type juge struct {
	*Parametres
	*Piece
	moteur calcul.Moteur
	n      droits.NumeroAccreditation // once F701 passed
	c      *Constat
}

// controle is one of them.
type controle struct {
	code    visiodroits.Code
	faillit func(j *juge) (precision string, faute bool)
}

// attend tells whether a control waits: it looks at an accreditation that cannot be judged
// yet.
func (k *controle) attend(x *Piece) bool {
	return x.Attente != "" && k.code >= visiodroits.AccreditationInconnue && k.code <= visiodroits.TarificationFausse
}

// controles are those of the reference, in its order: the first that fails tells the
// code. Each says what to tell the professional. ref: VISIO §13
var controles = []controle{
	{visiodroits.AccreditationFausse, (*juge).numeroFaux},
	{visiodroits.AccreditationInconnue, (*juge).inconnue},
	{visiodroits.AutreBeneficiaire, (*juge).autrePersonne},
	{visiodroits.AutreCategorie, (*juge).autreMetier},
	{visiodroits.HorsDroits, (*juge).horsDroits},
	{visiodroits.AccreditationRevoquee, (*juge).revoquee},
	{visiodroits.MontantDifferent, (*juge).montants},
	{visiodroits.TarificationFausse, (*juge).tarification},
	{visiodroits.FactureEnDouble, (*juge).double},
	{visiodroits.FactureTardive, (*juge).tardive},
	{visiodroits.DegradeSansPreuve, (*juge).sansPreuve},
}

// dernierDesDroits is the last of the controls that look at rights: what passes it is
// paid, whatever the rights turn out to be. ref: VISIO §13
const dernierDesDroits = visiodroits.AccreditationRevoquee

// Controler judges an invoice. It is a function of what it is given, and of nothing else.
func (p Parametres) Controler(m calcul.Moteur, x *Piece) Constat {
	p.completer()
	c := Constat{Code: visiodroits.Fournis}
	j := &juge{Parametres: &p, Piece: x, moteur: m, c: &c}
	for _, k := range controles {
		if k.attend(x) {
			c.EnAttente, c.Precision = true, x.Attente
			continue
		}
		if precision, faute := k.faillit(j); faute {
			c.Code, c.Precision, c.EnAttente = k.code, precision, false
			return c
		}
		if k.code == dernierDesDroits {
			c.Accreditee = true
		}
	}
	c.Ecarts = nil
	return c
}

// F701
func (j *juge) numeroFaux() (string, bool) {
	var err error
	j.n, err = droits.ParseNumeroAccreditation(j.Facture.NumeroAccreditation)
	return "", err != nil
}

// F702
func (j *juge) inconnue() (string, bool) {
	a := j.Accreditation
	return j.Motif, a == nil || a.Numero != j.n || !droits.MemeEmetteur(a.AMC, j.AMC) || !j.repond(j.Facture.NumeroAMC)
}

// F703
func (j *juge) autrePersonne() (string, bool) {
	e := j.Facture.Personne().Empreinte(j.n)
	return "", subtle.ConstantTimeCompare(e[:], j.Accreditation.Personne[:]) != 1
}

// F704
func (j *juge) autreMetier() (string, bool) {
	return "", j.Facture.PS.Categorie != j.Accreditation.Categorie || j.Facture.Convention != j.Accreditation.Convention
}

// F705: the day of care is within the rights, or the degraded rule holds on the day of
// the invoice. ref: VISIO §8.3 // hyp: OFFICINE-JOUR-DEGRADE
func (j *juge) horsDroits() (string, bool) {
	f, e := j.Facture, &j.Accreditation.Etendue
	switch {
	case f.DateSoins > f.DateFacture:
		return "les soins suivent la facture", true
	case f.DateFacture > j.Recue+1:
		return "la facture est datée d'un jour à venir", true
	case f.DateSoins < e.Debut:
		return "les droits commencent le " + e.Debut.Francais(), true
	case f.DateSoins <= e.Fin:
		return "", false
	case f.Degrade == nil:
		return "les droits finissent le " + e.Fin.Francais(), true
	}
	tolerance := j.Tolerance(f.DateSoins)
	if j.n.Type() == droits.Depannage { // it was itself given for want of an answer. hyp: VISIO-DEPANNAGE-SANS-X
		tolerance = 0
	}
	d := droits.ReutilisationPermise(&droits.Anterieurs{DroitsFin: e.Fin}, f.DateFacture, tolerance)
	if d.Permis {
		return "", false
	}
	return d.Phrase, true
}

// F706
func (j *juge) revoquee() (string, bool) {
	r := j.Accreditation.Revocation
	return "", r != nil && r.Opposable(j.Facture.DateSoins)
}

// F708: what was priced on line is what the third party knows. The degraded mode does not
// exist for it. ref: VISIO §8.3, §13
func (j *juge) tarification() (string, bool) {
	t := j.Facture.Tarification
	switch {
	case t == nil:
		return "", false
	case j.Facture.Degrade != nil:
		return "le mode dégradé n'existe pas pour la tarification en ligne", true
	case j.Accreditation.Lien == "":
		return "l'accréditation n'a ouvert aucun dossier de tarification", true
	case j.Avis == Muet || j.Avis == PasDemande:
		j.c.EnAttente, j.c.Precision = true, "le tiers de confiance n'a pas encore répondu sur la tarification"
		return "", false
	}
	return "", j.Avis != Oui
}

// F709
func (j *juge) double() (string, bool) { return "", j.Double }

// F710: it came too late, or later than what it relies on can be checked.
// ref: VISIO §7 rule 6, §13 // hyp: OFFICINE-DELAI
func (j *juge) tardive() (string, bool) {
	a := j.Accreditation
	if a != nil && a.DeListe && (droits.EntreeLAR{DroitsFin: a.Etendue.Fin}).Abandonnable(j.Recue) {
		return "plus d'un an après des droits donnés par un opérateur, leur révocation ne se lit plus", true
	}
	return "", j.Recue-j.Facture.DateSoins > sante.Jour(j.Delai)
}

// F711: the degraded mode shows the attempt that failed, and stays within its quota.
// ref: VISIO §8.3
func (j *juge) sansPreuve() (string, bool) {
	d := j.Facture.Degrade
	if d == nil {
		return "", false
	}
	if !d.Prouve(j.Facture.DateFacture) {
		return "aucune trace d'une tentative restée sans réponse ce jour-là, à la cause dite", true
	}
	j.c.Alerte, j.c.AlerteRecus = j.depasse(j.Mois), j.depasse(j.Recus)
	if !j.c.Alerte && !j.c.AlerteRecus {
		return "", false
	}
	return "trop de factures en mode dégradé ce mois-ci", j.RefuserAuDela
}

// depasse tells whether one degraded invoice more passes the quota of a month.
func (p *Parametres) depasse(m Mois) bool {
	n, sur := m.Degradees+1, m.Factures+1
	return sur >= p.QuotaDes && n*int64(sante.Pourcent(100)) > int64(p.Quota)*sur
}
