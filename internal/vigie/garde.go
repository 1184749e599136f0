package vigie

import (
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// parts cuts the memory so that cores seldom wait for each other.
const parts = 16

// Garde applies the guessing rules. It is safe for concurrent use. Instants are
// given by the caller, who has one clock for the whole request.
type Garde struct {
	p         Parametres
	compteurs Compteurs
	alertes   Alertes
	graine    maphash.Seed
	parts     [parts]part

	vidage sync.Mutex // one Vider at a time
	lu     time.Time  // blockages of the other nodes are known until then
	purge  time.Time
}

// part is a sixteenth of what is known.
type part struct {
	sync.Mutex
	emetteurs table[emetteur]
	adherents table[adherent]
	bloques   map[sujet]time.Time // until when
	sales     []sujet             // have something to share
	restes    []Ajout             // left by those who were forgotten
	nouveaux  []Blocage           // to tell the other nodes
}

// sujet is who can be stopped: Suspectes for a sealer, Echecs for an adherent, or
// for one sealer on one adherent.
type sujet struct {
	genre Genre
	cle   cle
}

type emetteur struct {
	debit, identifications, suspectes glissant
	jour                              glissant
	dit                               uint32 // window for which DebitDepasse, or QuotaDuJour, was said
	veilleLue                         bool   // jour knows what was shared of the day before
	sale                              bool
}

type adherent struct {
	echecs  glissant
	enCours uint32 // attempts reserved and not concluded
	sale    bool
}

// NewGarde makes a guard. Without compteurs it counts for this node alone.
func NewGarde(p Parametres, compteurs Compteurs, alertes Alertes) *Garde {
	g := &Garde{p: p.avecDefauts(), compteurs: compteurs, alertes: alertes, graine: maphash.MakeSeed()}
	for i := range g.parts {
		taille := max(g.p.Memoire/parts, 1)
		g.parts[i].emetteurs = newTable[emetteur](taille)
		g.parts[i].adherents = newTable[adherent](taille)
		g.parts[i].bloques = map[sujet]time.Time{}
	}
	return g
}

func (g *Garde) part(k cle) *part {
	return &g.parts[maphash.Comparable(g.graine, k)%parts]
}

// Voie is what persons are looked for by. A sealer has a share of unknown persons by
// each, which stops that one alone: a batch with bad identities leaves the admission
// desk of its hospital served, and guesses at the desk do not spoil the invoices.
// hyp: VIGIE-FACTURE
type Voie string

// The ways.
const (
	Questions Voie = ""         // IDB, SIM, CLC
	Factures  Voie = "factures" // invoices without engagement
	Droits    Voie = "droits"   // rights asked outside the hospital, whose asker may be proved by nothing
	// relayees is what one relay carries without a seal, its callers together: it names
	// them, and proves nothing of them. hyp: VIGIE-RELAIS
	relayees Voie = "relais"
	// duJour is rights asked in a day, under the name of who is counted by day.
	duJour Voie = "jour"
)

// ParRelais stands between a relay and the caller that it names, in the name of who asks
// without a seal. No structure has it in its name.
const ParRelais = ">"

// canalDe is who is proved of who asks: a sealer, an address, or the relay that names its
// caller.
func canalDe(demandeur string) (canal string, relaye bool) {
	canal, _, relaye = strings.Cut(demandeur, ParRelais)
	return canal, relaye
}

// de is under what name a sealer is counted for a way.
func (v Voie) de(structure string) string {
	if v == Questions {
		return structure
	}
	return structure + " " + string(v)
}

// separer is a sealer and a way, from the name that de made.
func separer(sujet string) (structure string, v Voie) {
	structure, suite, _ := strings.Cut(sujet, " ")
	return structure, Voie(suite)
}

// dite is a way in the detail of an event, nothing for the ordinary one.
func (v Voie) dite() string {
	if v == Questions {
		return ""
	}
	return " voie=" + string(v)
}

// Admettre counts a request of a sealer by a way and says whether to serve it: nil, or
// a *Refus with S506. The sealer is counted, whatever the channel; of what a relay
// carries without a seal, both the caller that it names and the relay are. ref: DEC 23
func (g *Garde) Admettre(tenant, structure string, v Voie, instant time.Time) error {
	if refus := g.compter(tenant, structure, v, instant); refus != nil {
		return refus
	}
	if canal, relaye := canalDe(structure); relaye {
		if refus := g.compter(tenant, canal, relayees, instant); refus != nil {
			return refus
		}
	}
	return nil
}

// compter counts a request for one name.
func (g *Garde) compter(tenant, structure string, v Voie, instant time.Time) *Refus {
	if v != Questions {
		if refus := g.arrete(sujet{Suspectes, cle{tenant, v.de(structure)}}, instant); refus != nil {
			return refus
		}
	}
	k, limite := cle{tenant, structure}, g.p.DebitParMinute
	switch v {
	case Droits:
		k.sujet, limite = v.de(structure), g.p.DroitsParMinute
	case relayees:
		k.sujet, limite = v.de(structure), g.p.RelaisParMinute
	}
	p := g.part(k)
	p.Lock()
	refus, dire := g.admettre(p, k, v, limite, instant)
	p.Unlock()
	if dire {
		g.signaler(instant, Attention, DebitDepasse, cle{tenant, structure}, fmt.Sprintf("limite=%d/min", limite)+v.dite())
	}
	return refus
}

// unJour is the period of the daily quota: it slides, so that nobody gets two at midnight.
// hyp: VIGIE-JOUR
const unJour = 24 * time.Hour

// AdmettreDuJour counts one of the rights that a professional asks in a day, and says
// whether to serve it: nil, or a *Refus with S506. ref: VISIO §9.3
func (g *Garde) AdmettreDuJour(tenant, professionnel string, limite int, instant time.Time) error {
	k := cle{tenant, duJour.de(professionnel)}
	p := g.part(k)
	p.Lock()
	refus, dire := g.compterDuJour(p, k, limite, instant)
	p.Unlock()
	if dire {
		g.signaler(instant, Alerte, QuotaDuJour, cle{tenant, professionnel}, fmt.Sprintf("limite=%d/jour", limite))
	}
	if refus != nil {
		return refus
	}
	return nil
}

func (g *Garde) compterDuJour(p *part, k cle, limite int, instant time.Time) (refus *Refus, dire bool) {
	e := p.emetteur(g, k)
	fenetre := fenetreDe(instant, unJour)
	e.jour.avancer(fenetre)
	if e.jour.estimer(instant, unJour) >= int64(limite) {
		dire = e.dit != fenetre
		e.dit = fenetre
		return refuser(roc.Quota, "plus de demandes de droits qu’un professionnel n’en pose en un jour", time.Hour), dire
	}
	e.jour.delta++
	if e.jour.delta >= uint32(g.p.Pas) {
		p.salir(&e.sale, sujet{Suspectes, k})
	}
	return nil, false
}

// arrete is the refusal of a subject now stopped, or nil.
func (g *Garde) arrete(s sujet, instant time.Time) *Refus {
	p := g.part(s.cle)
	p.Lock()
	defer p.Unlock()
	return p.bloque(s, instant)
}

func (g *Garde) admettre(p *part, k cle, v Voie, limite int, instant time.Time) (refus *Refus, dire bool) {
	if v == Questions {
		if refus := p.bloque(sujet{Suspectes, k}, instant); refus != nil {
			return refus, false
		}
	}
	e := p.emetteur(g, k)
	fenetre := fenetreDe(instant, time.Minute)
	e.debit.avancer(fenetre)
	if e.debit.estimer(instant, time.Minute) >= int64(limite) {
		dire = e.dit != fenetre
		e.dit = fenetre
		raison := "débit d’un émetteur au-delà de sa limite"
		if v == relayees {
			raison = "débit des demandes sans sceau d’un relais au-delà de sa limite"
		}
		return refuser(roc.Quota, raison, time.Minute/4), dire
	}
	e.debit.delta++
	if e.debit.delta >= uint32(g.p.Pas) {
		p.salir(&e.sale, sujet{Suspectes, k})
	}
	return nil, false
}

// Tentative is an identification under way. It must end with Conclure or Rendre.
type Tentative struct {
	g         *Garde
	structure cle  // the sealer, by the way
	relais    cle  // the relay that names him, without sujet when none does
	adherent  cle  // without sujet: no adherent named
	couple    cle  // the sealer on this adherent
	commune   bool // counts for all the sealers too
	finie     bool
}

// coupleDe names the attempts of one sealer on one adherent.
func coupleDe(adherent cle, structure string) cle {
	return cle{adherent.tenant, adherent.sujet + " " + structure}
}

// Tenter reserves an attempt on an adherent, so that attempts made at once count
// before they fail. A sealer has its own count, which stops it alone; the count of
// all takes only a part of each, so that one sealer never stops the others by
// itself; attempts count whatever the way. All that a relay names share its own count:
// it could name another at each attempt. The error is a *Refus with S506. A zero
// pseudonym reserves nothing, but its Conclure counts for the sealer.
// ref: DEC 23 // hyp: VIGIE-COUPLE
func (g *Garde) Tenter(tenant, structure string, v Voie, a Pseudonyme, instant time.Time) (*Tentative, error) {
	t := &Tentative{g: g, structure: cle{tenant, v.de(structure)}, adherent: cle{tenant: tenant}}
	canal, relaye := canalDe(structure)
	if relaye {
		t.relais = cle{tenant, relayees.de(canal)}
	}
	if a == (Pseudonyme{}) {
		return t, nil
	}
	t.adherent.sujet = a.String()
	t.couple = coupleDe(t.adherent, canal)
	rang, refus := g.reserver(t.couple, true, instant)
	if refus != nil {
		return nil, refus
	}
	t.commune = rang < g.p.partEmetteur()
	if _, refus := g.reserver(t.adherent, t.commune, instant); refus != nil {
		g.liberer(t.couple)
		return nil, refus
	}
	return t, nil
}

// reserver takes an attempt, and tells how many came before it; without compter it
// only looks whether the subject is stopped.
func (g *Garde) reserver(k cle, compter bool, instant time.Time) (int, *Refus) {
	p := g.part(k)
	p.Lock()
	defer p.Unlock()
	if refus := p.bloque(sujet{Echecs, k}, instant); refus != nil || !compter {
		return 0, refus
	}
	ad := p.adherent(g, k)
	ad.echecs.avancer(fenetreDe(instant, g.p.FenetreEssais))
	avant := ad.echecs.estimer(instant, g.p.FenetreEssais) + int64(ad.enCours)
	if avant >= int64(g.p.EssaisAdherent) {
		return 0, refuser(roc.Quota, "trop d’essais sur un même adhérent", time.Minute)
	}
	ad.enCours++
	return int(avant), nil
}

func (g *Garde) liberer(k cle) {
	p := g.part(k)
	p.Lock()
	defer p.Unlock()
	p.liberer(k)
}

// Rendre gives the attempt back without counting it: the request ended before
// the identification, or Conclure was already called.
func (t *Tentative) Rendre() {
	if t.finie {
		return
	}
	t.finie = true
	if t.adherent.sujet == "" {
		return
	}
	t.g.liberer(t.couple)
	if t.commune {
		t.g.liberer(t.adherent)
	}
}

// Conclure counts how the identification ended. Technical and security codes say
// nothing of an identification and count for nothing.
func (t *Tentative) Conclure(code roc.Code, instant time.Time) {
	if t.finie || strings.HasPrefix(string(code), "T") || strings.HasPrefix(string(code), "S") {
		t.Rendre()
		return
	}
	t.finie = true
	echec := suspect(code)
	t.g.conclureEmetteur(t.structure, echec, instant)
	if t.relais.sujet != "" {
		t.g.conclureEmetteur(t.relais, echec, instant)
	}
	if t.adherent.sujet != "" {
		t.g.conclureAdherent(t.structure, t.couple, echec, instant)
		if t.commune {
			t.g.conclureAdherent(t.structure, t.adherent, echec, instant)
		}
	}
}

// suspect tells the codes of an identification that fails. ref: DEC 23
func suspect(c roc.Code) bool {
	return c == roc.BeneficiaireInconnu || c == roc.PlusieursTrouves || c == roc.IdentiteDiscordante
}

func (g *Garde) conclureEmetteur(k cle, echec bool, instant time.Time) {
	p := g.part(k)
	p.Lock()
	e := p.emetteur(g, k)
	fenetre := fenetreDe(instant, g.p.Fenetre)
	e.identifications.avancer(fenetre)
	e.suspectes.avancer(fenetre)
	e.identifications.delta++
	if echec {
		e.suspectes.delta++
	}
	if echec || e.identifications.delta >= uint32(g.p.Pas) {
		p.salir(&e.sale, sujet{Suspectes, k})
	}
	detail, bloque := g.juger(p, k, e, instant)
	p.Unlock()
	if bloque {
		g.signalerPart(instant, k, detail)
	}
}

// juger stops a sealer whose share of suspicious identifications is too high.
// ref: ROC §7.3 rule 5
// hyp: VIGIE-PART the share is of identifications, not of all requests, so that
// questions of another kind do not dilute it; a blockage lasts one whole period.
func (g *Garde) juger(p *part, k cle, e *emetteur, instant time.Time) (detail string, bloque bool) {
	total := e.identifications.estimer(instant, g.p.Fenetre)
	suspectes := e.suspectes.estimer(instant, g.p.Fenetre)
	if total < int64(g.p.suspectesMin(k)) || suspectes*100 <= total*int64(g.p.SuspectesPourCent) {
		return "", false
	}
	if !p.bloquer(g, sujet{Suspectes, k}, instant, instant.Add(g.p.Fenetre)) {
		return "", false
	}
	p.effacer(sujet{Suspectes, k})
	return fmt.Sprintf("identifications=%d suspectes=%d periode=%s", total, suspectes, g.p.Fenetre), true
}

// signalerPart tells that a sealer is stopped, and by which way it asked.
func (g *Garde) signalerPart(instant time.Time, k cle, detail string) {
	structure, v := separer(k.sujet)
	g.signaler(instant, Alerte, IdentificationSuspecte, cle{k.tenant, structure}, detail+v.dite())
}

func (g *Garde) conclureAdherent(structure, k cle, echec bool, instant time.Time) {
	p := g.part(k)
	p.Lock()
	p.liberer(k)
	bloque := false
	if echec {
		a := p.adherent(g, k)
		a.echecs.avancer(fenetreDe(instant, g.p.FenetreEssais))
		a.echecs.delta++
		p.salir(&a.sale, sujet{Echecs, k})
		bloque = g.jugerAdherent(p, k, a, instant)
	}
	p.Unlock()
	if bloque {
		structure.sujet, _ = separer(structure.sujet)
		g.signaler(instant, Alerte, EssaisSurAdherent, structure, g.detailAdherent(k))
	}
}

func (g *Garde) jugerAdherent(p *part, k cle, a *adherent, instant time.Time) bool {
	s := sujet{Echecs, k}
	if a.echecs.estimer(instant, g.p.FenetreEssais) < int64(g.p.EssaisAdherent) ||
		!p.bloquer(g, s, instant, instant.Add(g.p.FenetreEssais)) {
		return false
	}
	p.effacer(s)
	return true
}

// detailAdherent says for whom an adherent is closed: the sealer alone, or all.
func (g *Garde) detailAdherent(k cle) string {
	adherent, _, couple := strings.Cut(k.sujet, " ")
	portee := "tous"
	if couple {
		portee = "emetteur"
	}
	return fmt.Sprintf("adherent=%s essais=%d periode=%s portee=%s", adherent, g.p.EssaisAdherent, g.p.FenetreEssais, portee)
}

// Suivis is the count of sealers and adherents in memory, for supervision.
func (g *Garde) Suivis() (n int) {
	for i := range g.parts {
		p := &g.parts[i]
		p.Lock()
		n += len(p.emetteurs.index) + len(p.adherents.index)
		p.Unlock()
	}
	return n
}

func (g *Garde) signaler(instant time.Time, grav Gravite, code CodeEvenement, k cle, detail string) {
	if g.alertes != nil {
		g.alertes.Signaler(Evenement{Quand: instant, Gravite: grav, Code: code, Tenant: k.tenant, Structure: k.sujet, Detail: detail})
	}
}
