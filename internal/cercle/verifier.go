package cercle

import (
	"time"
)

// Motif is why the circle refuses; the zero value is "not said".
type Motif string

// The reasons of refusal.
const (
	MotifHorsCercle      Motif = "hors-cercle"       // the sealer's structure is unknown to the circle
	MotifIdentifiant     Motif = "identifiant"       // the identifier is not that of the certificate
	MotifPasEncoreAdmis  Motif = "pas-encore-admis"  // admitted later than the instant
	MotifSuspendu        Motif = "suspendu"          // suspended at the instant
	MotifRetire          Motif = "retire"            // left the circle
	MotifNonMandate      Motif = "non-mandate"       // operator without mandate of the AMC at the instant
	MotifCanalHorsCercle Motif = "canal-hors-cercle" // the channel is not an admitted relay or operator
	MotifPortage         Motif = "portage-non-admis" // the relay may not carry for this sealer
)

var fiches = map[Motif]struct{ code, phrase string }{
	MotifHorsCercle:      {"S505", "la structure du certificat de cachet n'est pas dans le cercle de confiance"},
	MotifIdentifiant:     {"S501", "l'identifiant de l'émetteur n'est pas celui de la structure du certificat"},
	MotifPasEncoreAdmis:  {"S505", "la structure n'est pas encore admise à cette date"},
	MotifSuspendu:        {"S505", "la structure est suspendue à cette date"},
	MotifRetire:          {"S505", "la structure a quitté le cercle de confiance"},
	MotifNonMandate:      {"S505", "l'opérateur n'est pas mandaté par cet organisme à cette date"},
	MotifCanalHorsCercle: {"S505", "le canal n'est pas un relais admis dans le cercle de confiance"},
	MotifPortage:         {"S505", "le relais n'est pas admis à porter les messages de cette structure"},
}

// Refus is a refusal of the circle.
type Refus struct {
	Motif     Motif
	Structure string // the structure refused: sealer or channel
}

// Code is the return code of the exchange: S501 or S505. ref: ROC §18
func (r *Refus) Code() string { return fiches[r.Motif].code }

// Phrase tells the refusal in French.
func (r *Refus) Phrase() string { return fiches[r.Motif].phrase }

// Error is the sentence, with the structure concerned.
func (r *Refus) Error() string { return "cercle: " + r.Phrase() + " (structure " + r.Structure + ")" }

// Is makes errors.Is(err, &Refus{Motif: m}) true for any refusal of motif m.
func (r *Refus) Is(cible error) bool {
	c, ok := cible.(*Refus)
	return ok && c.Motif == r.Motif
}

// Question is what a message claims: who holds the channel, who sealed, and in
// whose name.
type Question struct {
	Tenant       string
	Canal        string // structure of the TLS certificate
	Scelleur     string // structure of the cachet certificate
	EmetteurType Role
	EmetteurID   string // canonical form
	A            time.Time
}

// Verifier says whether a sealer may speak for the emitter named in a message, and
// whether the channel may carry it. The error is a *Refus.
// ref: DEC 14, ROC §16.3
func (c *Cercle) Verifier(q Question) error {
	loc, t := c.vue.Load().de(q.Tenant), q.A.UnixMilli()
	scelleur := motDe(q.Scelleur)
	if m := c.emetteur(loc, &q, &scelleur, t); m != "" {
		return &Refus{m, q.Scelleur}
	}
	if q.Canal == q.Scelleur {
		return nil
	}
	if m := loc.canal(motDe(q.Canal), scelleur, t); m != "" {
		return &Refus{m, q.Canal}
	}
	return nil
}

// emetteur checks the sealer against the identifier claimed.
func (c *Cercle) emetteur(loc *locataire, q *Question, scelleur *mot, t int64) Motif {
	p := loc.structures[*scelleur]
	if p == nil {
		return MotifHorsCercle
	}
	id := motDe(q.EmetteurID)
	if l := p.lien(codeRole(q.EmetteurType), &id); l != nil {
		return motifDe(l.frise.a(t))
	}
	if q.EmetteurType != RoleAMC {
		return MotifIdentifiant
	}
	return c.operateur(p, q, t)
}

// operateur lets an operator seal for an AMC while the Annuaire says that it is
// mandated. ref: DEC 14
func (c *Cercle) operateur(p *partenaire, q *Question, t int64) Motif {
	id, ok := p.actif(codeRole(RoleOperateur), t)
	if !ok {
		return MotifIdentifiant
	}
	if c.mandats == nil || !c.mandats.Mandate(q.Tenant, id.String(), q.EmetteurID, q.A) {
		return MotifNonMandate
	}
	return ""
}

// canal checks that whoever holds the connection may carry for the sealer. What is
// said of a sealer by name beats what is said of everyone.
// hyp: OPERATEUR-PORTE an operator carries like a relay, under the same rule of portage.
func (l *locataire) canal(canal, scelleur mot, t int64) Motif {
	p := l.structures[canal]
	_, relais := p.actif(codeRole(RoleRelais), t)
	_, operateur := p.actif(codeRole(RoleOperateur), t)
	if !relais && !operateur {
		return MotifCanalHorsCercle
	}
	nomme, ok := l.portages[clePortage{canal, scelleur}]
	if e := nomme.a(t); !ok || e == "" {
		tous := l.portages[clePortage{canal, motDe(Tous)}]
		if tous.a(t) != EtatAdmis {
			return MotifPortage
		}
	} else if e != EtatAdmis {
		return MotifPortage
	}
	return ""
}

// Relaie says whether the holder of a channel is a relay that may carry what an emitter
// asks without a seal: one of the structures that speak under his identifier, or anyone's
// when the circle knows nobody under it. It proves nothing of who asks: a relay is
// believed when it tells its callers apart. ref: DEC 14, VISIO §9.1
func (c *Cercle) Relaie(tenant, canal string, role Role, identifiant string, a time.Time) bool {
	if (Lien{tenant, canal, role, identifiant}).verifier() != nil {
		return false
	}
	loc, t, relais := c.vue.Load().de(tenant), a.UnixMilli(), motDe(canal)
	cle := cleIdentifiant{codeRole(role), motDe(identifiant)}
	titulaires := loc.identifiants[cle]
	for _, s := range titulaires {
		l := loc.structures[s].lien(cle.role, &cle.identifiant)
		if l.frise.a(t) == EtatAdmis && loc.canal(relais, s, t) == "" {
			return true
		}
	}
	return len(titulaires) == 0 && loc.canal(relais, motDe(Tous), t) == ""
}

func motifDe(e Etat) Motif {
	switch e {
	case EtatAdmis:
		return ""
	case EtatSuspendu:
		return MotifSuspendu
	case EtatRetire:
		return MotifRetire
	}
	return MotifPasEncoreAdmis
}
