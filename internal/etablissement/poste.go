package etablissement

import (
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Poste is where the money of a coverage stands. Money never appears nor vanishes:
// every movement leaves one post and enters another, and the two origins are the
// other side of what was engaged, and of what was computed by convention without
// any guarantee. So, whatever happens, the posts add up to what came from the
// origins. // hyp: CLOTURE-POSTES
type Poste string

// The posts, in the order of an invoice's life.
const (
	PosteOrigine Poste = "ORIGINE" // the other side of every engagement
	// PosteOrigineSans is the other side of what nobody ever guaranteed. ref: DEC 28
	PosteOrigineSans  Poste = "ORIGINE_SANS"
	PosteSansGarantie Poste = "SANS_GARANTIE" // computed by convention, to be invoiced
	PosteEngage       Poste = "ENGAGE"        // guaranteed, to be invoiced
	PosteFacture      Poste = "FACTURE"       // invoiced, not acknowledged yet
	PosteRemis        Poste = "REMIS"         // handed over as a file, payment awaited
	PosteAccuse       Poste = "ACCUSE"        // acknowledged, payment awaited
	PosteReste        Poste = "RESTE"         // paid in part: what is still awaited
	PostePaye         Poste = "PAYE"          // paid
	PosteRejete       Poste = "REJETE"        // rejected for a reason, to be corrected
	PosteCorrige      Poste = "CORRIGE"       // corrected, to be sent again
	PosteRetire       Poste = "RETIRE"        // invoice taken back, guarantee to be given back
	PosteAnnule       Poste = "ANNULE"        // guarantee given back
	PosteExpire       Poste = "EXPIRE"        // never invoiced in time
	PosteAbandonne    Poste = "ABANDONNE"     // closed unpaid
	// PosteRetard counts apart what stands in Remis, Accuse and Reste for longer than
	// promised; it is not one more place for the money.
	PosteRetard Poste = "RETARD"
)

var libellesPoste = []struct {
	poste   Poste
	libelle string
}{
	{PosteOrigine, "Origine des engagements"},
	{PosteOrigineSans, "Origine des calculs par convention"},
	{PosteEngage, "Engagé, à facturer"},
	{PosteSansGarantie, "Calculé par convention, sans garantie"},
	{PosteFacture, "Facturé, accusé attendu"},
	{PosteRemis, "Remise par fichier, paiement attendu"},
	{PosteAccuse, "Reçu par l'AMC, paiement attendu"},
	{PosteReste, "Payé en partie, reste attendu"},
	{PostePaye, "Payé"},
	{PosteRejete, "Rejeté, à corriger"},
	{PosteCorrige, "Corrigé, à renvoyer"},
	{PosteRetire, "Facture annulée, garantie à rendre"},
	{PosteAnnule, "Garantie annulée"},
	{PosteExpire, "Garantie expirée"},
	{PosteAbandonne, "Clos, reste abandonné"},
	{PosteRetard, "En retard de paiement"},
}

// Codes is the closed list of posts.
func (Poste) Codes() []string {
	l := make([]string, len(libellesPoste))
	for i, p := range libellesPoste {
		l[i] = string(p.poste)
	}
	return l
}

// Libelle is the French label of the post.
func (p Poste) Libelle() string {
	for _, l := range libellesPoste {
		if l.poste == p {
			return l.libelle
		}
	}
	return ""
}

// Exterieur tells whether it is an origin: money that is there is in no post.
func (p Poste) Exterieur() bool { return p == PosteOrigine || p == PosteOrigineSans }

// final tells whether money stays there for ever.
func (p Poste) final() bool {
	return p.Exterieur() || p == PostePaye || p == PosteAnnule || p == PosteExpire || p == PosteAbandonne
}

// Attend tells whether a payment is awaited there, of an invoice that its insurer
// holds.
func (p Poste) Attend() bool { return p == PosteRemis || p == PosteAccuse || p == PosteReste }

// Compte is the account of a coverage: where the money of its last engagement
// stands. It is kept with the coverage and moved with its state.
type Compte struct {
	N       int             `fil:"n" doc:"Écritures passées"`
	AMC     sante.NumeroAMC `fil:"amc" doc:"AMC engagée"`
	Poste   Poste           `fil:"poste" doc:"Où est l'argent"`
	Motif   roc.Code        `fil:"motif,opt" doc:"Pourquoi il est rejeté"`
	Montant sante.Montant   `fil:"montant" doc:"Ce qui s'y trouve"`
	Paye    sante.Montant   `fil:"paye,opt" doc:"Ce qui a déjà été payé"`
	Accuse  sante.Jour      `fil:"accuse,opt" doc:"Jour de l'accusé de réception de la facture, ou de sa remise par fichier"`
	// SansGarantie: it came from PosteOrigineSans.
	SansGarantie bool `fil:"sansGarantie,opt" doc:"Calculée par convention : l'AMC n'a rien garanti"`
}

// origine is where its money came from.
func (k *Compte) origine() Poste {
	if k.SansGarantie {
		return PosteOrigineSans
	}
	return PosteOrigine
}

// Ecriture is one line of the double entry: an amount that leaves a post for
// another, on a day. It stands in its post until another line takes it away.
type Ecriture struct {
	Place
	N            int // in the coverage, from one on
	AMC          sante.NumeroAMC
	Poste        Poste
	Motif        roc.Code
	Origine      Poste // the post left
	OrigineMotif roc.Code
	Nombre       int // 1; 0 for a part that leaves the rest behind
	Montant      sante.Montant
	Jour         sante.Jour // at the site of care. ref: DEC 5 // hyp: CLOTURE-FUSEAU
	Accuse       sante.Jour // day of the acknowledgement of the invoice, or of its handing over, if any
	Facture      string     // number of the invoice, if any
	Evenement    Evenement
	Code         roc.Code
	Instant      time.Time
}

// cible is where the money of a coverage must stand.
type cible struct {
	poste  Poste
	motif  roc.Code
	reste  sante.Montant // in the post
	paye   sante.Montant // paid already
	accuse sante.Jour
}

// postes says in which post each state keeps the money. A state that is not there
// leaves it where it is. ref: ROC §3.3
var postes = map[Etat]Poste{
	Engagee: PosteEngage, SansEngagement: PosteSansGarantie, Facturee: PosteFacture, Accusee: PosteAccuse, Payee: PostePaye, PayeePartiellement: PosteReste,
	Rejetee: PosteRejete, Corrigee: PosteCorrige, FactureAnnulee: PosteRetire,
	Annulee: PosteAnnule, Expiree: PosteExpire, Close: PosteAbandonne,
}

// poste is the post of the state of a coverage; false when it has none.
func (c *Couverture) poste() (Poste, bool) {
	p, dit := postes[c.Etat]
	if f := c.suivie(); p == PosteFacture && f != nil && !f.Remise.IsZero() {
		p = PosteRemis
	}
	return p, dit
}

// promesse is the instant from which the insurer's promise to pay runs: nobody
// acknowledges a file, which it holds once handed over. // hyp: REMISE-DELAI
func (f *SuiviFacture) promesse() time.Time {
	if !f.Remise.IsZero() && (f.Accusee.IsZero() || f.Remise.Before(f.Accusee)) {
		return f.Remise
	}
	return f.Accusee
}

// suivie is the invoice that counts: the one that another takes back, while the
// insurer has not let it go.
func (c *Couverture) suivie() *SuiviFacture {
	if c.FactureAvant != nil && (c.Facture == nil || c.Facture.Nature == roc.Annulative) {
		return c.FactureAvant
	}
	return c.Facture
}

// engage is the amount of the engagement.
func (c *Couverture) engage() sante.Montant {
	if c.Calcul == nil || c.Calcul.Reponse.TotalAMC == nil {
		return 0
	}
	return *c.Calcul.Reponse.TotalAMC
}

// cible gives where the money of a coverage must stand, and false when nothing is
// engaged.
func (c *Couverture) cible(fuseau *time.Location) (t cible, tenue bool) {
	poste, dit := c.poste()
	k := c.Compte
	ouvert := k != nil && !k.Poste.final()
	if !dit && ouvert && k.Poste == PosteSansGarantie {
		// What was computed is forgotten: it bound nobody.
		return cible{poste: k.origine(), reste: k.Montant}, true
	}
	if !dit || !ouvert && poste.final() && poste != PostePaye || k != nil && k.Poste.final() && poste.final() {
		return t, false
	}
	t.poste = poste
	total := c.engage()
	if ouvert && c.Etat != Engagee && c.Etat != SansEngagement {
		total = k.Montant + k.Paye // what was engaged, whatever is calculated since
	}
	if t.reste = total; poste.Attend() || poste == PosteAbandonne {
		if f := c.suivie(); f != nil && f.Nature != roc.Annulative {
			t.paye, t.reste = f.Paye, total-f.Paye
		}
	}
	switch f := c.suivie(); {
	case poste == PosteRejete:
		t.motif = c.Code
	case poste == PostePaye:
		t.reste, t.paye = 0, total
	case poste.Attend() && f != nil && !f.promesse().IsZero():
		t.accuse = sante.JourA(f.promesse(), fuseau)
	}
	return t, true
}

// debitrice is who is engaged: the insurer that answered, else that of the card.
func (c *Couverture) debitrice() sante.NumeroAMC {
	if !c.AMC.Numero.IsZero() {
		return c.AMC.Numero
	}
	return c.Attestation.NumeroAMC
}

// porter moves the money of a coverage where its state says, and writes the lines.
func (c *Chantier) porter(cv *Couverture, m Moment) {
	t, tenue := cv.cible(c.Venue.fuseau())
	if !tenue {
		return
	}
	k := cv.Compte
	if k == nil || k.Poste.final() {
		n := 0
		if k != nil {
			n = k.N
		}
		k = &Compte{N: n, AMC: cv.debitrice(), Montant: t.reste + t.paye, SansGarantie: cv.Convention != nil}
		k.Poste = k.origine()
	} else {
		x := *k
		k = &x
	}
	cv.Compte = k
	if ecart := t.reste + t.paye - k.Montant - k.Paye; ecart != 0 {
		c.ecrire(cv, m, k.origine(), "", k.Poste, k.Motif, 0, ecart, k.Accuse)
		k.Montant += ecart
	}
	verse := t.paye - k.Paye
	if k.Poste == t.poste && k.Motif == t.motif && verse == 0 {
		return
	}
	// Entering a post where payment is awaited, the line says since when; leaving
	// one, it says since when it was.
	accuse := k.Accuse
	if t.poste.Attend() {
		accuse = t.accuse
	}
	avant, motif := k.Poste, k.Motif
	if t.poste == PostePaye {
		c.ecrire(cv, m, avant, motif, PostePaye, "", 1, verse, accuse)
	} else {
		c.ecrire(cv, m, avant, motif, t.poste, t.motif, 1, t.reste, accuse)
		if verse != 0 {
			c.ecrire(cv, m, avant, motif, PostePaye, "", 0, verse, accuse)
		}
	}
	k.Poste, k.Motif, k.Montant, k.Paye, k.Accuse = t.poste, t.motif, t.reste, t.paye, t.accuse
}

func (c *Chantier) ecrire(cv *Couverture, m Moment, avant Poste, avantMotif roc.Code, apres Poste, motif roc.Code, n int, montant sante.Montant, accuse sante.Jour) {
	cv.Compte.N++
	e := Ecriture{Place: Place{c.Venue.ID, cv.Rang}, N: cv.Compte.N, AMC: cv.Compte.AMC, Poste: apres, Motif: motif, Origine: avant, OrigineMotif: avantMotif,
		Nombre: n, Montant: montant, Jour: sante.JourA(m.Instant, c.Venue.fuseau()), Accuse: accuse, Evenement: m.Evenement, Code: m.Code, Instant: m.Instant}
	if f := cv.suivie(); f != nil {
		e.Facture = f.Numero
	}
	c.Ecritures = append(c.Ecritures, e)
}
