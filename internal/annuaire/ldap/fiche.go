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
			return true, p.rendre()
		}
	case etapeStructures:
		p.vue.Structure(ref, &s.structure)
		if s.lecteur.Vision.ProjeterStructure(&s.structure) && p.r.Entree().structure(&s.structure) {
			return true, p.rendre()
		}
	case etapeBALPraticiens:
		p.vue.Praticien(ref, &s.praticien)
		if s.lecteur.Vision.ProjeterPraticien(&s.praticien) {
			return p.boites(s.praticien.BAL, &s.praticien.Entete, func(e *Entree) {
				e.Composer(CN, s.praticien.Prenom, s.praticien.Nom)
				if s.praticien.Prenom != "" {
					e.Composer(CN, s.praticien.Nom, s.praticien.Prenom)
				}
			})
		}
	case etapeBALSituations:
		p.vue.Situation(ref, &s.situation)
		if s.lecteur.Vision.ProjeterSituation(&s.situation) {
			return p.boites(s.situation.BAL, &s.situation.Entete, func(*Entree) {})
		}
	case etapeBALStructures:
		p.vue.Structure(ref, &s.structure)
		if s.lecteur.Vision.ProjeterStructure(&s.structure) {
			return p.boites(s.structure.BAL, &s.structure.Entete, func(e *Entree) {
				e.Ajouter(CN, s.structure.RaisonSociale)
				e.AjouterSi(CN, s.structure.Enseigne)
			})
		}
	case etapeAMC:
		p.vue.Acces(ref, &s.acces)
		if s.lecteur.Vision.ProjeterAcces(&s.acces) {
			return p.services(&s.acces)
		}
	}
	return true, true
}

func (p *promenade) rendre() (encore bool) {
	pris, encore := p.r.Rendre()
	if pris {
		p.donnees++
	}
	return encore
}

// boites gives the mailboxes of a record.
func (p *promenade) boites(l []annuaire.BAL, h *annuaire.Entete, noms func(*Entree)) (fini, encore bool) {
	for ; p.sous < len(l); p.sous++ {
		b := &l[p.sous]
		if p.seul != nil && !bytes.EqualFold(p.seul, []byte(b.Adresse)) {
			continue
		}
		e := p.r.Entree()
		e.boite(b, h)
		noms(e)
		if !p.rendre() {
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
		if !p.rendre() {
			return p.sous == len(a.Services)-1, false
		}
	}
	return true, true
}
