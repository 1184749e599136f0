package pupitre

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// saisie is a form being checked.
type saisie struct {
	f       *Formulaire
	c       *Choix
	essai   *Essai
	entete  roc.Entete
	erreurs []Erreur
}

func (s *saisie) erreur(champ, message string) {
	s.erreurs = append(s.erreurs, Erreur{champ, message})
}

// lireChamp parses a field that may be empty.
func lireChamp[T any](s *saisie, champ, texte string, parse func(string) (T, error), dst *T) {
	if texte = strings.TrimSpace(texte); texte == "" {
		return
	}
	v, err := parse(texte)
	if err != nil {
		s.erreur(champ, phrase(err.Error()))
		return
	}
	*dst = v
}

// phrase makes a sentence of the text of an error.
func phrase(s string) string { return majuscule(s) + "." }

func majuscule(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

func (s *saisie) partenaires() {
	i := slices.IndexFunc(s.c.Etablissements, func(e ChoixEtablissement) bool { return e.Cle == s.f.Etablissement })
	if i < 0 {
		s.erreur("etablissement", "Choisissez l'établissement qui demande.")
	} else {
		s.essai.Etablissement = s.c.Etablissements[i]
	}
	if s.essai.Face != sceau.SOAP && s.essai.Face != sceau.REST {
		s.erreur("face", "Choisissez SOAP ou REST.")
	}
}

func (s *saisie) question() {
	switch s.essai.Service {
	case roc.IDB, roc.SIM, roc.CLC:
	default:
		s.erreur("service", "Choisissez IDB, SIM ou CLC.")
	}
	if s.f.Passage != string(roc.FactureACE) && s.f.Passage != string(roc.FactureSejour) {
		s.erreur("passage", "Choisissez une consultation externe ou un séjour.")
	}
	s.dates()
	s.patient()
	if len(s.erreurs) > 0 {
		return
	}
	if s.essai.Service == roc.IDB {
		s.essai.IDB = &roc.DemandeIDB{Entete: s.entete}
		return
	}
	s.calcul()
}

func (s *saisie) sejour() bool { return s.f.Passage == string(roc.FactureSejour) }

func (s *saisie) dates() {
	h := &s.entete
	h.Contexte, h.Discipline, h.RangAMC, h.ConsentementInformation = roc.ContexteACE, roc.MCO, 1, true
	h.Etablissement = roc.Etablissement{FinessJuridique: s.essai.Etablissement.FinessJuridique,
		FinessGeo: s.essai.Etablissement.FinessGeo, Categorie: s.essai.Etablissement.Categorie}
	h.DateReference = s.c.Aujourdhui
	lireChamp(s, "date", s.f.Date, sante.ParseJour, &h.DateReference)
	h.PeriodeDebut, h.PeriodeFin = h.DateReference, h.DateReference
	if !s.sejour() {
		return
	}
	h.Contexte, h.PeriodeFin = roc.ContexteAdmission, 0
	lireChamp(s, "sortie", s.f.Sortie, sante.ParseJour, &h.PeriodeFin)
	if h.PeriodeFin < h.DateReference || h.PeriodeFin-h.DateReference > 366 {
		s.erreur("sortie", "Date de sortie attendue, entre l'entrée et un an plus tard.")
	}
	if s.f.Discipline != "" {
		h.Discipline = roc.Discipline(s.f.Discipline)
	}
	if !slices.Contains(h.Discipline.Codes(), string(h.Discipline)) {
		s.erreur("discipline", "Choisissez une discipline de la liste.")
	}
}

func (s *saisie) patient() {
	h, f := &s.entete, s.f
	i := slices.IndexFunc(s.c.Patients, func(p ChoixPatient) bool { return p.Cle == f.Patient })
	switch {
	case i >= 0:
		p := &s.c.Patients[i]
		h.Beneficiaire, h.Carte, h.AMO = p.Beneficiaire, p.Carte, p.AMO
	case f.Patient != "":
		s.erreur("patient", "Choisissez un patient de la liste, ou « aucun ».")
	default:
		s.libre()
	}
	b := &h.Beneficiaire
	lireChamp(s, "numeroAMC", f.NumeroAMC, sante.ParseNumeroAMC, &h.Carte.NumeroAMC)
	lireChamp(s, "numeroAdherent", f.NumeroAdherent, sante.ParseNumeroAdherent, &b.NumeroAdherent)
	lireChamp(s, "nomNaissance", f.NomNaissance, nom(80), &b.NomNaissance)
	lireChamp(s, "prenom", f.Prenom, nom(60), &b.Prenom)
	lireChamp(s, "naissance", f.Naissance, naissance, &b.DateNaissance)
	lireChamp(s, "nature", f.Nature, deListe[roc.NatureAssurance], &h.AMO.NatureAssurance)
	lireChamp(s, "exoTM", f.ExoTM, deListe[roc.ExoTM], &h.AMO.ExoTM)
}

// libre asks for what a patient out of the list must have.
func (s *saisie) libre() {
	for _, x := range []struct{ champ, valeur, message string }{
		{"numeroAMC", s.f.NumeroAMC, "Sans patient de la liste, le numéro d'AMC est nécessaire."},
		{"numeroAdherent", s.f.NumeroAdherent, "Sans patient de la liste, le numéro d'adhérent est nécessaire."},
		{"nomNaissance", s.f.NomNaissance, "Sans patient de la liste, le nom de naissance est nécessaire."},
		{"prenom", s.f.Prenom, "Sans patient de la liste, le prénom est nécessaire."},
		{"naissance", s.f.Naissance, "Sans patient de la liste, la date de naissance est nécessaire."},
	} {
		if strings.TrimSpace(x.valeur) == "" {
			s.erreur(x.champ, x.message)
		}
	}
	h := &s.entete
	h.Beneficiaire.RangGemellaire, h.Carte.ModeAcquisition = 1, roc.Saisie
	h.AMO = roc.AMO{NatureAssurance: calcul.NatureMaladie, ExoTM: calcul.ExoAucune}
}

func nom(max int) func(string) (string, error) {
	return func(t string) (string, error) {
		if len([]rune(t)) > max {
			return "", errors.New("texte de " + strconv.Itoa(max) + " caractères au plus attendu")
		}
		return t, nil
	}
}

// naissance reads 1980-05-17, or the 8 digits of the wire, lunar dates included.
func naissance(t string) (sante.DateNaissance, error) {
	return sante.ParseDateNaissance(strings.ReplaceAll(t, "-", ""))
}

func deListe[C interface {
	~string
	Codes() []string
}](t string) (C, error) {
	if !slices.Contains(C(t).Codes(), t) {
		return "", errors.New("choix de la liste attendu")
	}
	return C(t), nil
}
