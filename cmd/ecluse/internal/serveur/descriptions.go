package serveur

import (
	"cmp"
	"net/http"

	"github.com/ecluse-sante/ecluse/internal/gate"
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

func (p *Processus) descriptions() []description {
	f := p.Fichier
	droitsA, tarifA := p.Fichier.PorteOuverte(), tiersAilleurs
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
func (p *Processus) publierDescriptions(mux *http.ServeMux) {
	for _, d := range p.descriptions() {
		gate.Publier(mux, d.norme, d.pub, d.base)
	}
}

// Lien is where a document is read.
type Lien struct {
	Libelle string // what it is, for a person
	Adresse string // in clear, on the address of supervision
}

// LiensDescriptions are where the process publishes them, none when it does not.
func (p *Processus) LiensDescriptions() []Lien {
	ou := p.Fichier.Surveillance.Adresse
	if ou == "" {
		return nil
	}
	var l []Lien
	for _, d := range p.descriptions() {
		racine := "http://" + ou + d.norme.Racine + "/"
		l = append(l, Lien{d.titre + " : à parcourir", racine}, Lien{d.titre + " : WSDL", "http://" + ou + d.norme.CheminSOAP() + "?wsdl"})
		for _, nom := range d.pub.Documents() {
			l = append(l, Lien{d.titre + " : " + nom, racine + nom})
		}
	}
	return l
}
