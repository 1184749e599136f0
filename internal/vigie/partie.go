package vigie

import (
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// The methods of part are called with its lock held.

// emetteur gives the counters of a sealer, new ones if it was not seen lately.
func (p *part) emetteur(g *Garde, k cle) *emetteur {
	return p.emetteurs.obtenir(k, func(k cle, e *emetteur) {
		if e.sale {
			p.laisser(g.ajoutsEmetteur(k, e))
		}
	})
}

func (p *part) adherent(g *Garde, k cle) *adherent {
	return p.adherents.obtenir(k, func(k cle, a *adherent) {
		if a.sale {
			p.laisser(g.ajoutsAdherent(k, a))
		}
	})
}

// laisser keeps for the next sharing what a forgotten subject had not shared.
func (p *part) laisser(envois []envoi) {
	for _, e := range envois {
		if len(p.restes) < restesMax {
			p.restes = append(p.restes, e.ajout)
		}
	}
}

// restesMax bounds what is kept while the store does not answer.
const restesMax = 4096

func (p *part) salir(sale *bool, s sujet) {
	if !*sale {
		*sale = true
		p.sales = append(p.sales, s)
	}
}

func (p *part) liberer(k cle) {
	if a := p.adherents.chercher(k); a != nil && a.enCours > 0 {
		a.enCours--
	}
}

// bloque is the refusal of a subject now stopped, or nil.
func (p *part) bloque(s sujet, instant time.Time) *Refus {
	jusqua, ok := p.bloques[s]
	if !ok || !instant.Before(jusqua) {
		return nil
	}
	raison := "trop de personnes inconnues dans les questions d’un émetteur"
	switch _, v := separer(s.cle.sujet); v {
	case Factures:
		raison = "trop de personnes inconnues dans les factures sans engagement d’un émetteur"
	case Droits:
		raison = "trop de personnes inconnues dans les demandes de droits d’un émetteur"
	case relayees:
		raison = "trop de personnes inconnues dans les demandes sans sceau qu’un relais apporte"
	}
	if s.genre == Echecs {
		raison = "trop d’essais sur un même adhérent"
	}
	return refuser(roc.Quota, raison, jusqua.Sub(instant))
}

// bloquer stops a subject and says whether it was not already stopped.
func (p *part) bloquer(g *Garde, s sujet, depuis, jusqua time.Time) bool {
	if p.bloque(s, depuis) != nil {
		return false
	}
	p.retenir(g, s, jusqua)
	p.nouveaux = append(p.nouveaux, Blocage{Tenant: s.cle.tenant, Genre: s.genre, Sujet: s.cle.sujet, Depuis: depuis, Jusqua: jusqua})
	return true
}

// retenir keeps a blockage; when there are too many, the one that ends first
// gives its place. It says whether something changed.
func (p *part) retenir(g *Garde, s sujet, jusqua time.Time) bool {
	if _, deja := p.bloques[s]; !deja && len(p.bloques) >= max(g.p.Memoire/parts, 1) {
		var premier sujet
		var quand time.Time
		for autre, fin := range p.bloques {
			if quand.IsZero() || fin.Before(quand) {
				premier, quand = autre, fin
			}
		}
		delete(p.bloques, premier)
	}
	if !p.bloques[s].Before(jusqua) {
		return false
	}
	p.bloques[s] = jusqua
	return true
}

// effacer disregards what made a subject be stopped, once it is.
func (p *part) effacer(s sujet) {
	if s.genre == Echecs {
		if a := p.adherents.chercher(s.cle); a != nil {
			a.echecs.effacer()
		}
		return
	}
	if e := p.emetteurs.chercher(s.cle); e != nil {
		e.identifications.effacer()
		e.suspectes.effacer()
	}
}
