package serveur

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/internal/config"
)

// Verifier checks what a configuration that was read needs to be opened.
func Verifier(f *config.Fichier) error {
	p := &Processus{Fichier: f}
	if err := p.verifierCles(); err != nil {
		return err
	}
	for i := range f.Etablissements {
		if _, err := p.conventions(&f.Etablissements[i]); err != nil {
			return err
		}
	}
	return nil
}

// verifierCles opens each certificate and each key that the configuration names,
// and tells the line of those that do not go together.
func (p *Processus) verifierCles() error {
	var e []error
	voir := func(cle string, c config.Cle) {
		if c == (config.Cle{}) {
			return
		}
		if _, _, err := p.lireCle(c); err != nil {
			e = append(e, p.Fichier.Erreur(cle, francais.Traduire(err)))
		}
	}
	baremes := func(prefixe, dossier string) {
		if _, err := p.Moteur(dossier); err != nil {
			e = append(e, p.Fichier.Erreur(prefixe+".baremes", francais.Traduire(err)))
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
				e = append(e, p.Fichier.Erreur(prefixe+x.cle+".certificat", motif))
			}
		}
	}
	if _, err := p.bornes(); err != nil {
		e = append(e, p.Fichier.Erreur("vigie.bornes", francais.Traduire(err)))
	}
	if p.Fichier.SertLEchange() {
		voir("ecoute", config.Cle{Certificat: p.Fichier.Ecoute.Certificat, Cle: p.Fichier.Ecoute.Cle})
	}
	for i := range p.Fichier.AMC {
		prefixe := fmt.Sprintf("amc[%d]", i+1)
		identite(prefixe, &p.Fichier.AMC[i].Identite)
		if _, err := p.Reglages(&p.Fichier.AMC[i]); err != nil {
			e = append(e, p.dansReglages(prefixe, err))
		}
		baremes(prefixe, p.Fichier.AMC[i].Baremes)
	}
	for i := range p.Fichier.Etablissements {
		prefixe := fmt.Sprintf("etablissement[%d]", i+1)
		identite(prefixe, &p.Fichier.Etablissements[i].Identite)
		baremes(prefixe, p.Fichier.Etablissements[i].Baremes)
	}
	for i := range p.Fichier.Relais {
		identite(fmt.Sprintf("relais[%d]", i+1), &p.Fichier.Relais[i].Identite)
	}
	if p.Fichier.Annuaire != nil {
		identite("annuaire-amc", &p.Fichier.Annuaire.Identite)
	}
	return errors.Join(e...)
}

// dansReglages is what is wrong with the settings of an insurer: in their own file,
// or the file itself.
func (p *Processus) dansReglages(prefixe string, err error) error {
	var x *config.Erreur
	if errors.As(err, &x) && x.Ligne > 0 {
		return err
	}
	return p.Fichier.Erreur(prefixe+".reglages", francais.Traduire(err))
}

// impropre tells why a certificate cannot be what the configuration makes of it:
// another use, or another structure. Its chain is judged when it serves.
func (p *Processus) impropre(c config.Cle, usage certificat.Usage, structure string) string {
	b, err := os.ReadFile(p.Fichier.Resoudre(c.Certificat))
	if err != nil {
		return francais.Traduire(err)
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
