package main

import (
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/config"
)

// verifierCles opens each certificate and each key that the configuration names,
// and tells the line of those that do not go together.
func (p *processus) verifierCles() error {
	var e []error
	voir := func(cle string, c config.Cle) {
		if c == (config.Cle{}) {
			return
		}
		if _, _, err := p.lireCle(c); err != nil {
			e = append(e, p.f.Erreur(cle, err.Error()))
		}
	}
	identite := func(prefixe string, id *config.Identite) {
		voir(prefixe+".identite.cachet", id.Cachet)
		voir(prefixe+".identite.authentification", id.Authentification)
		voir(prefixe+".identite.confidentialite", id.Confidentialite)
		voir(prefixe+".identite.confidentialite-suivante", id.ConfSuivante)
	}
	if p.sertLEchange() {
		voir("ecoute", config.Cle{Certificat: p.f.Ecoute.Certificat, Cle: p.f.Ecoute.Cle})
	}
	for i := range p.f.AMC {
		prefixe := fmt.Sprintf("amc[%d]", i+1)
		identite(prefixe, &p.f.AMC[i].Identite)
		if _, err := p.reglages(&p.f.AMC[i]); err != nil {
			e = append(e, p.f.Erreur(prefixe+".reglages", err.Error()))
		}
	}
	for i := range p.f.Etablissements {
		identite(fmt.Sprintf("etablissement[%d]", i+1), &p.f.Etablissements[i].Identite)
	}
	for i := range p.f.Relais {
		identite(fmt.Sprintf("relais[%d]", i+1), &p.f.Relais[i].Identite)
	}
	if p.f.Annuaire != nil {
		identite("annuaire-amc", &p.f.Annuaire.Identite)
	}
	return errors.Join(e...)
}
