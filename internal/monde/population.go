package monde

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// fiche is a row of the population: who, born when and where, covered by what.
type fiche struct {
	cle, nom, usage, prenom string
	sexe                    byte
	ne                      string // AAAAMMJJ, as the files have it
	lieu                    string // département of birth, 99 for abroad
	de                      string // Cle of the opener of rights, or "" when it is the patient
	qualite                 string
	contrat                 string // its prefix tells the insurer; "" for none
	note                    string
	autre                   func(a *atelier, p *Patient)
}

// assureurDuContrat tells the insurer of a contract by its prefix.
func assureurDuContrat(contrat string) string {
	return map[string]string{"MB": CleMoulin, "ML": CleMarees, "PE": ClePhare, "VA": CleVerger}[contrat[:2]]
}

// population makes the forty patients.
func (m *Monde) population(a *atelier) {
	for i, f := range a.fiches() {
		p := Patient{
			Cle: f.cle, Note: f.note, IPP: fmt.Sprintf("IPP%06d", 700_001+i*37), PecFJ: calcul.FJAssure,
			AMO: roc.AMO{Regime: "01", Caisse: "990", Centre: "9900", CodeGestion: "10", NatureAssurance: calcul.NatureMaladie, ExoTM: calcul.ExoAucune},
			Personne: Personne{NomNaissance: f.nom, NomUsage: f.usage, Prenom: f.prenom, Sexe: f.sexe, RangGemellaire: 1, Qualite: f.qualite,
				DateNaissance: lire(a, f.ne, sante.ParseDateNaissance), NIR: a.nir(f)},
		}
		p.NIRAssure = p.NIR
		if assure := m.Patient(f.de); assure != nil {
			p.NIRAssure = assure.NIR
		}
		if f.contrat != "" {
			p.Couvertures = []Couverture{a.couverture(m, f, 1, f.contrat)}
		}
		if f.autre != nil {
			f.autre(a, &p)
		}
		m.Patients = append(m.Patients, p)
	}
}

// couverture is the card of a patient, under the number of the opener of rights.
func (a *atelier) couverture(m *Monde, f fiche, rang int, contrat string) Couverture {
	amc := assureurDuContrat(contrat)
	c := Couverture{
		Rang: rang, AMC: amc, Reference: strings.ToUpper(contrat[:2] + "-" + f.cle), ValiditeDebut: a.janvier(0), ValiditeFin: a.janvier(1) - 1,
		IdentiteSure: true, Adhesions: []Adhesion{{Contrat: contrat, Debut: a.janvier(-2)}},
	}
	if assure := m.Patient(f.de); assure != nil {
		c.NumeroAdherent = assure.Couvertures[0].NumeroAdherent
		return c
	}
	c.NumeroAdherent = lire(a, numeroAdherent(amc, len(m.Patients)), sante.ParseNumeroAdherent)
	return c
}

// numeroAdherent is a number in the manner of each insurer.
func numeroAdherent(amc string, n int) string {
	n = (n+1)*7_919 + 1_000_000
	switch amc {
	case CleMoulin:
		return fmt.Sprintf("MB%07d", n)
	case CleMarees:
		return fmt.Sprintf("0099%08d", n)
	case ClePhare:
		return fmt.Sprintf("PE/%07d-A", n)
	}
	return fmt.Sprintf("%013d", 9_900_000_000_000+n)
}

// nir gives the next invented NIR: born where nobody is.
func (a *atelier) nir(f fiche) sante.NIR {
	a.ordre++
	commune := communesMonde + a.ordre%10
	lieu := f.lieu + strconv.Itoa(commune)
	if len(f.lieu) == 3 { // overseas: three characters, then two
		lieu = f.lieu + strconv.Itoa(commune-900)
	}
	an, _ := strconv.Atoi(f.ne[2:4])
	mois, _ := strconv.Atoi(f.ne[4:6])
	if mois < 1 || mois > 12 {
		mois = 20 // month not known
	}
	t := string(treize(f.sexe, an, mois, lieu, 100+a.ordre*7%800))
	return lire(a, t+sante.CleNIR(t), sante.ParseNIR)
}

// ne writes a date of birth days before the day of the world.
func (a *atelier) ne(jours int) string {
	return strings.ReplaceAll((a.jour - sante.Jour(jours)).String(), "-", "")
}

// cleDoublon is who was enrolled twice.
const cleDoublon = "yvette"

// passage is a past visit that ended days before the day of the world.
func (a *atelier) passage(etablissement string, jours, nuits int, total, amc, objet string) Passage {
	fin := a.jour - sante.Jour(jours)
	return Passage{Etablissement: etablissement, Discipline: roc.MCO, Debut: fin - sante.Jour(nuits), Fin: fin,
		Objet: objet, Total: a.montant(total), AMC: a.montant(amc)}
}

// deja is a counter of the year of a day. In January, the past stays shown beside
// it are of the year before: the stories need it all the same.
func deja(j sante.Jour, garantie string, montant sante.Montant, unites int) calcul.Compteurs {
	return calcul.Compteurs{{Garantie: garantie, Periode: strconv.Itoa(j.Annee()), Montant: montant, Unites: calcul.Unites(unites)}}
}
