package droits

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// sourcesLAR are the lists that a workstation follows: those of the issuers of the rights
// that are kept, and of them only, where the lists of services say. hyp: LAR-ADRESSE
func (p *Poste) sourcesLAR(a time.Time) ([]SourceLAR, error) {
	amcs, err := p.o.Magasin.AMCGardees()
	if err != nil {
		return nil, err
	}
	emetteurs := map[string]bool{}
	for _, n := range amcs {
		emetteurs[n.Sur10()] = true
	}
	jour := sante.JourA(a, sante.Paris())
	lars := map[string]SourceLAR{}
	for s := range p.o.Classeur.Services(a) {
		switch {
		case s.Statut != visiodroits.Ouvert || jour < s.Debut || s.Fin != 0 && jour > s.Fin:
		case s.Service == visiodroits.LAR:
			lars[s.NumeroAMC.Sur10()] = SourceLAR{Emetteur: s.NumeroAMC, Adresses: []string{s.Adresse}}
		case s.Service == visiodroits.DLD && emetteurs[s.NumeroAMC.Sur10()]:
			for _, o := range []visiodroits.Emetteur{s.Operateur, s.Depanneur(jour)} {
				if n, err := sante.ParseNumeroAMC(string(o)); err == nil {
					emetteurs[n.Sur10()] = true
				}
			}
		}
	}
	var l []SourceLAR
	for e := range emetteurs {
		if x, publie := lars[e]; publie {
			l = append(l, x)
		}
	}
	return l, nil
}
