package main

import (
	"cmp"
	"net/http"

	"github.com/ecluse-sante/ecluse/internal/gate"
	pupitrefront "github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// description is what the supervision publishes of a profile, for who writes software: each
// alone, as the exchanges are. ref: DEC 32
type description struct {
	titre string
	norme *roc.Norme
	pub   gate.Publication
	base  string // where the profile is served
}

// tiersAilleurs stands for the third party in a description, when the configuration says none.
const tiersAilleurs = "https://tiers-de-confiance.example"

func (p *processus) descriptions() []description {
	f := p.f
	droitsA, tarifA := p.f.PorteOuverte(), tiersAilleurs
	if f.Ecoute.Ouverte == "" {
		droitsA = f.AdressePublique()
	}
	for i := range f.AMC {
		tarifA = cmp.Or(f.AMC[i].Droits.Tiers.Adresse, tarifA)
	}
	if f.Tiers != nil {
		tarifA = f.AdressePublique()
	}
	return []description{{"L'échange avec les établissements", roc.ROC, roc.Publication, f.AdressePublique()},
		{"Droits en ville", droits.Norme, droits.Publication, droitsA},
		{"Tarification en ligne", tarif.Norme, tarif.Publication, tarifA}}
}

// publierDescriptions serves them in clear, beside the health of the process.
func (p *processus) publierDescriptions(mux *http.ServeMux) {
	for _, d := range p.descriptions() {
		gate.Publier(mux, d.norme, d.pub, d.base)
	}
}

// rubriqueDescriptions tells where a process publishes them, nothing when it does not.
func (p *processus) rubriqueDescriptions() []pupitrefront.Rubrique {
	ou := p.f.Surveillance.Adresse
	if ou == "" {
		return nil
	}
	x := pupitrefront.Rubrique{Titre: "Les descriptions, pour qui écrit un logiciel",
		Paragraphes: []string{"Lisibles sans certificat, chacune à part : ce qui nomme un patient et ce qui est délivré ne se disent jamais dans le même message."}}
	for _, d := range p.descriptions() {
		racine := "http://" + ou + d.norme.Racine + "/"
		x.Liens = append(x.Liens, pupitrefront.Lien{Libelle: d.titre + " : à parcourir", Adresse: racine}, pupitrefront.Lien{Libelle: d.titre + " : WSDL", Adresse: "http://" + ou + d.norme.CheminSOAP() + "?wsdl"})
		for _, nom := range d.pub.Documents() {
			x.Liens = append(x.Liens, pupitrefront.Lien{Libelle: d.titre + " : " + nom, Adresse: racine + nom})
		}
	}
	return []pupitrefront.Rubrique{x}
}
