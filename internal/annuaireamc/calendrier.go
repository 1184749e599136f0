package annuaireamc

import (
	"cmp"
	"crypto/x509"
	"encoding/base64"
	"slices"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Genre is what happens in the directory on a day.
type Genre string

// The kinds of events of the calendar.
const (
	Ouverture    Genre = "OUVERTURE"    // an entry, or one of its services, answers from that day
	Fermeture    Genre = "FERMETURE"    // it answers for the last time on that day
	Remplacement Genre = "REMPLACEMENT" // the insurer is another one's from that day: a merger
	MandatOuvert Genre = "MANDAT_OUVERT"
	MandatClos   Genre = "MANDAT_CLOS"    // last day on which the operator answers
	Certificat   Genre = "CERTIFICAT"     // last day of a certificate of confidentiality
	SansSuite    Genre = "SANS_REPONDANT" // first day on which nobody answers any more
)

// Evenement is a change that the directory announces.
type Evenement struct {
	Le        sante.Jour      `json:"le"`
	Genre     Genre           `json:"genre"`
	NumeroAMC sante.NumeroAMC `json:"numeroAMC"`
	Libelle   string          `json:"libelle"`
	Entree    string          `json:"entree"`
	// Service that changes by itself, not with the entry.
	Service roc.Service `json:"service,omitempty"`
	// Vers is the insurer that replaces, or the operator of a mandate.
	Vers string `json:"vers,omitempty"`
}

// Calendrier lists what begins and what ends from a day to another, both included, in
// their order. ref: RASS §11
func Calendrier(entrees []Entree, du, au sante.Jour) []Evenement {
	c := calendrier{du: du, au: au}
	par := make(map[sante.NumeroAMC][]*Entree)
	for i := range entrees {
		par[entrees[i].NumeroAMC] = append(par[entrees[i].NumeroAMC], &entrees[i])
		c.entree(&entrees[i])
	}
	for _, l := range par {
		c.abandon(l)
	}
	slices.SortFunc(c.l, func(a, b Evenement) int {
		return cmp.Or(cmp.Compare(a.Le, b.Le), cmp.Compare(a.NumeroAMC.String(), b.NumeroAMC.String()), cmp.Compare(a.Entree, b.Entree),
			cmp.Compare(a.Genre, b.Genre), cmp.Compare(a.Service, b.Service))
	})
	return c.l
}

type calendrier struct {
	du, au sante.Jour
	l      []Evenement
}

// ajouter keeps an event of the days asked; day 0 is never.
func (c *calendrier) ajouter(e *Entree, g Genre, le sante.Jour, s roc.Service, vers string) {
	if le != 0 && le >= c.du && le <= c.au {
		c.l = append(c.l, Evenement{Le: le, Genre: g, NumeroAMC: e.NumeroAMC, Libelle: e.Libelle, Entree: e.ID, Service: s, Vers: vers})
	}
}

func (c *calendrier) entree(e *Entree) {
	if e.Remplacante.IsZero() {
		c.ajouter(e, Ouverture, e.Debut, "", "")
	} else {
		c.ajouter(e, Remplacement, e.Debut, "", e.Remplacante.String())
	}
	c.ajouter(e, Fermeture, e.Fin, "", "")
	for i := range e.Points {
		c.point(e, &e.Points[i])
	}
	if m := e.Mandat; m != nil {
		c.ajouter(e, MandatOuvert, m.Debut, "", m.ID)
		c.ajouter(e, MandatClos, m.Fin, "", m.ID)
	}
}

// point tells what a service does while its entry stays open.
func (c *calendrier) point(e *Entree, p *Point) {
	if p.Debut > e.Debut && (e.Fin == 0 || p.Debut <= e.Fin) {
		c.ajouter(e, Ouverture, p.Debut, p.Service, "")
	}
	if p.Fin != 0 && p.Fin >= e.Debut && (e.Fin == 0 || p.Fin < e.Fin) {
		c.ajouter(e, Fermeture, p.Fin, p.Service, "")
	}
	c.ajouter(e, Certificat, finCertificat(p.Confidentiel), p.Service, "")
}

// finCertificat is the last day of a certificate, 0 when there is none that is readable.
func finCertificat(b64 string) sante.Jour {
	if b64 == "" {
		return 0
	}
	der, err := base64.StdEncoding.DecodeString(b64)
	if err != nil {
		return 0
	}
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return 0
	}
	return sante.JourA(x.NotAfter, sante.Paris())
}

// abandon tells the days from which an insurer has no entry at all, nor one that says who
// replaced it.
func (c *calendrier) abandon(l []*Entree) {
	for _, e := range l {
		if e.Fin == 0 || slices.ContainsFunc(l, func(x *Entree) bool { return x.Debut <= e.Fin+1 && (x.Fin == 0 || x.Fin > e.Fin) }) {
			continue
		}
		c.ajouter(e, SansSuite, e.Fin+1, "", "")
		return // the others that end the same day say the same
	}
}
