package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
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
			e = append(e, p.f.Erreur(cle, enFrancais(err)))
		}
	}
	baremes := func(prefixe, dossier string) {
		if _, err := p.moteur(dossier); err != nil {
			e = append(e, p.f.Erreur(prefixe+".baremes", enFrancais(err)))
		}
	}
	identite := func(prefixe string, id *config.Identite) {
		for _, x := range []struct {
			cle   string
			c     config.Cle
			usage certificat.Usage
		}{
			{".identite.cachet", id.Cachet, certificat.UsageCachet}, {".identite.authentification", id.Authentification, certificat.UsageTLSClient},
			{".identite.confidentialite", id.Confidentialite, certificat.UsageConfidentialite}, {".identite.confidentialite-suivante", id.ConfSuivante, certificat.UsageConfidentialite},
		} {
			avant := len(e)
			voir(prefixe+x.cle, x.c)
			if x.c.Certificat == "" || len(e) > avant {
				continue
			}
			if motif := p.impropre(x.c, x.usage, id.Structure); motif != "" {
				e = append(e, p.f.Erreur(prefixe+x.cle+".certificat", motif))
			}
		}
	}
	if _, err := p.bornes(); err != nil {
		e = append(e, p.f.Erreur("vigie.bornes", enFrancais(err)))
	}
	if p.f.SertLEchange() {
		voir("ecoute", config.Cle{Certificat: p.f.Ecoute.Certificat, Cle: p.f.Ecoute.Cle})
	}
	for i := range p.f.AMC {
		prefixe := fmt.Sprintf("amc[%d]", i+1)
		identite(prefixe, &p.f.AMC[i].Identite)
		if _, err := p.reglages(&p.f.AMC[i]); err != nil {
			e = append(e, p.dansReglages(prefixe, err))
		}
		baremes(prefixe, p.f.AMC[i].Baremes)
	}
	for i := range p.f.Etablissements {
		prefixe := fmt.Sprintf("etablissement[%d]", i+1)
		identite(prefixe, &p.f.Etablissements[i].Identite)
		baremes(prefixe, p.f.Etablissements[i].Baremes)
	}
	for i := range p.f.Relais {
		identite(fmt.Sprintf("relais[%d]", i+1), &p.f.Relais[i].Identite)
	}
	if p.f.Annuaire != nil {
		identite("annuaire-amc", &p.f.Annuaire.Identite)
	}
	return errors.Join(e...)
}

// dansReglages is what is wrong with the settings of an insurer: in their own file,
// or the file itself.
func (p *processus) dansReglages(prefixe string, err error) error {
	var x *config.Erreur
	if errors.As(err, &x) && x.Ligne > 0 {
		return err
	}
	return p.f.Erreur(prefixe+".reglages", enFrancais(err))
}

// impropre tells why a certificate cannot be what the configuration makes of it:
// another use, or another structure. Its chain is judged when it serves.
func (p *processus) impropre(c config.Cle, usage certificat.Usage, structure string) string {
	b, err := os.ReadFile(p.f.Resoudre(c.Certificat))
	if err != nil {
		return enFrancais(err)
	}
	x := certificat.Expliquer(b, nil, time.Now())
	attendu := usage.Libelles()[0]
	switch {
	case !slices.Contains(x.Usages, attendu):
		return fmt.Sprintf("%s : il ne peut servir à « %s »", x.Nature, attendu)
	case x.Titulaire.Structure != structure:
		return fmt.Sprintf("certificat de la structure %s, pas de %s", x.Titulaire.Structure, structure)
	}
	return ""
}
