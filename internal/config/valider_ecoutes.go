package config

import (
	"fmt"
	"strings"
)

// ecoutes checks that no two listeners of the file are given one address: the second would
// not start.
func (f *Fichier) ecoutes(e *[]error) {
	prises := map[string]string{}
	prendre := func(cle, adresse string) {
		switch autre := prises[adresse]; {
		case adresse == "" || strings.HasSuffix(adresse, ":0"): // a free one
		case autre != "":
			*e = append(*e, f.Erreur(cle, fmt.Sprintf("%s est déjà l'adresse de %s", adresse, autre)))
		default:
			prises[adresse] = cle
		}
	}
	if f.SertLEchange() {
		prendre("ecoute.adresse", f.Ecoute.Adresse)
	}
	prendre("ecoute.ouverte", f.Ecoute.Ouverte)
	prendre("surveillance.adresse", f.Surveillance.Adresse)
	prendre("bureau.adresse", f.Bureau.Adresse)
	for i := range f.Etablissements {
		prendre(fmt.Sprintf("etablissement[%d].api.adresse", i+1), f.Etablissements[i].API.Adresse)
	}
	if f.Tiers != nil {
		prendre("tiers.listes", f.Tiers.Listes)
	}
	if a := f.AnnuaireSante; a != nil {
		prendre("annuaire-sante.adresse", a.Ecoute)
		prendre("annuaire-sante.ldaps", a.LDAPS)
		prendre("annuaire-sante.ldap", a.LDAP)
	}
	if f.IGC != nil {
		prendre("igc.adresse", f.IGC.Adresse)
	}
}
