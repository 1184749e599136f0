package ldap

import (
	"bytes"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// fiche gives the entries of one record, from the one where the search stands. fini
// tells whether the last one given was the last of the record.
func (p *promenade) fiche(e etape, ref image.Ref) (fini, encore bool) {
	p.vues++
	s := p.s
	switch e {
	case etapePersonnes:
		p.vue.Praticien(ref, &s.praticien)
		if s.lecteur.Vision.ProjeterPraticien(&s.praticien) && p.r.Entree().personne(&s.praticien) {
			return true, p.rendre(s.praticien.ID)
		}
	case etapeStructures:
		p.vue.Structure(ref, &s.structure)
		if s.lecteur.Vision.ProjeterStructure(&s.structure) && p.r.Entree().structure(&s.structure) {
			return true, p.rendre(s.structure.ID)
		}
	case etapeBALPraticiens:
		p.vue.Praticien(ref, &s.praticien)
		if s.lecteur.Vision.ProjeterPraticien(&s.praticien) {
			return p.boites(e, s.praticien.BAL, &s.praticien.Entete)
		}
	case etapeBALSituations:
		p.vue.Situation(ref, &s.situation)
		if s.lecteur.Vision.ProjeterSituation(&s.situation) {
			return p.boites(e, s.situation.BAL, &s.situation.Entete)
		}
	case etapeBALStructures:
		p.vue.Structure(ref, &s.structure)
		if s.lecteur.Vision.ProjeterStructure(&s.structure) {
			return p.boites(e, s.structure.BAL, &s.structure.Entete)
		}
	case etapeAMC:
		p.vue.Acces(ref, &s.acces)
		if s.lecteur.Vision.ProjeterAcces(&s.acces) {
			return p.services(&s.acces)
		}
	}
	return true, true
}

// rendre hands over an entry of a record, and counts it when it is part of the answer.
func (p *promenade) rendre(id string) (encore bool) {
	pris, encore := p.r.Rendre()
	if g := p.s.lecteur.Garde; pris && g != nil {
		g.Lire(id)
	}
	return encore
}

// boites gives the mailboxes of a record, with the names of who holds them.
func (p *promenade) boites(de etape, l []annuaire.BAL, h *annuaire.Entete) (fini, encore bool) {
	for ; p.sous < len(l); p.sous++ {
		b := &l[p.sous]
		if p.seul != nil && !bytes.EqualFold(p.seul, []byte(b.Adresse)) {
			continue
		}
		e := p.r.Entree()
		e.boite(b, h)
		switch de {
		case etapeBALPraticiens:
			e.nomsComplets(&p.s.praticien)
		case etapeBALStructures:
			e.nomsDeStructure(CN, &p.s.structure)
		}
		if !p.rendre(h.ID) {
			return p.sous == len(l)-1, false
		}
	}
	return true, true
}

// services gives the access points of an insurer, one for each service.
func (p *promenade) services(a *annuaire.PointAcces) (fini, encore bool) {
	for ; p.sous < len(a.Services); p.sous++ {
		x := &a.Services[p.sous]
		if p.seul != nil && !bytes.EqualFold(p.seul, []byte(x.Service)) {
			continue
		}
		p.r.Entree().service(a, x)
		if !p.rendre(a.ID) {
			return p.sous == len(a.Services)-1, false
		}
	}
	return true, true
}
