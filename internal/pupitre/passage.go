package pupitre

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// calcul writes the question of a SIM or of a CLC: the engine prices the lines
// at the tariffs of the day, as a hospital's billing software would.
func (s *saisie) calcul() {
	facture := s.factureACE
	if s.sejour() {
		facture = s.factureSejour
	}
	f, err := facture()
	var r *calcul.Rejet
	switch {
	case errors.As(err, &r):
		s.erreur(s.champDesLignes(), "Le calcul refuse ce passage : "+r.Error()+".")
	case err != nil:
		s.erreur(s.champDesLignes(), phrase(err.Error()))
	}
	d, err := roc.DemandeDe(s.entete, f)
	if err != nil {
		s.erreur(s.champDesLignes(), phrase(err.Error()))
	}
	lireChamp(s, "idReponseIDB", s.f.IDReponseIDB, reference, &d.IDReponseIDB)
	if len(s.erreurs) > 0 {
		return
	}
	if d.Sejour != nil {
		d.Sejour.ModeEntree = "8" // from home
	}
	s.essai.Calcul = d
}

func (s *saisie) champDesLignes() string {
	if s.sejour() {
		return "tarif"
	}
	return "depense0"
}

func reference(t string) (string, error) {
	if len(t) < 12 || len(t) > 30 {
		return "", errors.New("référence d'IDB attendue : 12 à 30 caractères")
	}
	return t, nil
}

func (s *saisie) factureACE() (calcul.Facture, error) {
	d := calcul.DossierACE{ExoTM: s.entete.AMO.ExoTM, Nature: s.entete.AMO.NatureAssurance}
	for i, x := range s.f.Actes {
		if strings.TrimSpace(x.Base+x.Depense) == "" {
			continue
		}
		a := calcul.Acte{Date: s.entete.DateReference, CodePrestation: strings.ToUpper(strings.TrimSpace(x.Code))}
		n := fmt.Sprint(i)
		lireChamp(s, "famille"+n, x.Famille, deListe[calcul.Famille], &a.Famille)
		lireChamp(s, "base"+n, x.Base, montant, &a.Base)
		a.Depense = a.Base
		lireChamp(s, "depense"+n, x.Depense, montant, &a.Depense)
		if a.Base == 0 && strings.TrimSpace(x.Base) == "" {
			a.Base = a.Depense
		}
		if len(a.CodePrestation) > 5 {
			s.erreur("code"+n, "Code de prestation de 5 caractères au plus attendu.")
		}
		d.Actes = append(d.Actes, a)
	}
	if len(d.Actes) == 0 {
		return calcul.Facture{}, errors.New("au moins un acte est nécessaire, avec son montant")
	}
	if len(s.erreurs) > 0 {
		return calcul.Facture{}, nil
	}
	f, _, err := s.c.Moteur.FactureACE(d)
	return f, err
}

func (s *saisie) factureSejour() (calcul.Facture, error) {
	h := &s.entete
	var tarif, chambre sante.Montant
	lireChamp(s, "tarif", s.f.Tarif, montant, &tarif)
	lireChamp(s, "chambre", s.f.Chambre, montant, &chambre)
	if tarif == 0 {
		return calcul.Facture{}, errors.New("le tarif du séjour est nécessaire")
	}
	d := calcul.DossierSejour{Sejour: calcul.Sejour{
		Entree: h.DateReference, Sortie: h.PeriodeFin, ModeSortie: calcul.SortieDomicile, Discipline: h.Discipline,
		Categorie: h.Etablissement.Categorie, ExoTM: h.AMO.ExoTM, Nature: h.AMO.NatureAssurance, Tarif: &tarif,
	}}
	if chambre > 0 && h.PeriodeFin > h.DateReference {
		d.Confort = []calcul.Confort{{Famille: calcul.FamilleCP, Debut: h.DateReference, Fin: h.PeriodeFin - 1, Prix: chambre}}
	}
	f, _, err := s.c.Moteur.FactureSejour(d)
	return f, err
}

var errMontant = errors.New("montant en euros attendu, comme 30 ou 30,50")

// montant reads 30, 30,5 or 1 820.00.
func montant(t string) (sante.Montant, error) {
	t = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "€", "", ",", ".").Replace(t)
	entier, cents, _ := strings.Cut(t, ".")
	if len(cents) > 2 {
		return 0, errMontant
	}
	m, err := sante.ParseMontant(entier + "." + (cents + "00")[:2])
	if err != nil || m < 0 {
		return 0, errMontant
	}
	return m, nil
}
