package calcul

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// Situation is what the amount of the FPU depends on.
type Situation string

// Situations of the FPU table.
const (
	Ordinaire    Situation = "ORDINAIRE"
	EnALD        Situation = "ALD"
	Maternite    Situation = "MATERNITE"
	NouveauNe    Situation = "NOUVEAU_NE"
	EnCSS        Situation = "CSS"
	AccidentMP   Situation = "AT_MP"
	EnInvalidite Situation = "INVALIDITE"
)

var listeSituation = []entree{
	{"ORDINAIRE", "situation ordinaire"},
	{"ALD", "affection de longue durée"},
	{"MATERNITE", "maternité"},
	{"NOUVEAU_NE", "nouveau-né ou soins particuliers"},
	{"CSS", "complémentaire santé solidaire"},
	{"AT_MP", "accident du travail ou maladie professionnelle"},
	{"INVALIDITE", "assuré exonéré"},
}

// Codes is the closed list.
func (Situation) Codes() []string { return codesDe(listeSituation) }

// Libelle is the meaning of the code, in French.
func (s Situation) Libelle() string { return libelleDe(listeSituation, string(s)) }

func (Situation) liste() []entree { return listeSituation }

// situation is the row of the FPU table of a person, from the codes of the
// invoice. ref: ROC §13.7 // hyp: FPU-CATEGORIE
func situation(exo ExoTM, n NatureAssurance, css bool) Situation {
	switch {
	case css:
		return EnCSS
	case n == NatureMaternite:
		return Maternite
	case n == NatureAccident:
		return AccidentMP
	case exo == ExoALD:
		return EnALD
	case exo == ExoSoinsSpeciaux:
		return NouveauNe
	case exo == ExoAssure:
		return EnInvalidite
	}
	return Ordinaire
}

// FPU is the charge of an emergency passage without admission. ref: ROC §13.7
func (m Moteur) FPU(s Situation, j sante.Jour) (sante.Montant, Etape, error) {
	if !connu(s) {
		return 0, Etape{}, rejeter(CodeForme, "situation du forfait patient urgences hors de sa liste")
	}
	categorie, err := m.Tables.At(bareme.FPUCategorie+string(s), j)
	if err != nil {
		return 0, Etape{}, enRejet(err)
	}
	valeurs := []bareme.Valeur{categorie}
	var montant sante.Montant
	if categorie.Texte() != bareme.Exo {
		cle := bareme.FPUNormal
		if categorie.Texte() == bareme.Reduit {
			cle = bareme.FPUReduit
		}
		v, err := m.Tables.At(cle, j)
		if err != nil {
			return 0, Etape{}, enRejet(err)
		}
		montant, valeurs = v.Montant(), append(valeurs, v)
	}
	source, prudence := sources("ROC §13.7", valeurs...)
	return montant, Etape{
		Objet: "Forfait patient urgences", Montant: montant, Source: source, Prudence: prudence,
		Regle:  fmt.Sprintf("%s : %s", s.Libelle(), categorie.Texte()),
		Phrase: fmt.Sprintf("Pour un passage aux urgences sans hospitalisation, le forfait est de %s.", montant.Euros()),
	}, nil
}

// passageUrgences is the line of the FPU alone: no share of the AMO.
func (m Moteur) passageUrgences(a Acte) (PrixActe, error) {
	if _, err := Classer(a.ExoTM, a.Nature); err != nil {
		return PrixActe{}, err
	}
	montant, etape, err := m.FPU(situation(a.ExoTM, a.Nature, a.CSS), a.Date)
	if err != nil {
		return PrixActe{}, err
	}
	if a.Depense != 0 && a.Depense != montant {
		return PrixActe{}, rejeter(CodeTotal, "forfait patient urgences de %s, %s au barème", a.Depense.Euros(), montant.Euros())
	}
	p := PrixActe{Depense: montant, TM: montant, Etapes: []Etape{etape}}
	if a.AME {
		p.AutrePayeur, p.Payeur, p.TM = montant, PayeurEtat, 0
	}
	return p, nil
}
