package amc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// domaineFacture is the domain that a calculation needs.
func domaineFacture(d *roc.DemandeCalcul) string {
	switch {
	case d.TypeFacture == roc.FactureHAD || d.Discipline == roc.HAD:
		return DomaineHAD
	case d.EstSejour():
		return DomaineSejour
	}
	return DomaineACE
}

// exiger tells which mandatory datum a CLC lacks, or nil. What the engine checks
// by itself is left to it. ref: ROC §9.1
func exiger(d *roc.DemandeCalcul) *calcul.Rejet {
	manque := func(c calcul.Code, detail string) *calcul.Rejet { return &calcul.Rejet{Code: c, Detail: detail} }
	switch {
	case d.PeriodeDebut.IsZero() || d.PeriodeFin.IsZero():
		return manque(calcul.CodeDates, "periodeDebut ou periodeFin absente")
	case d.EstSejour() && d.Sejour == nil:
		return manque(calcul.CodeDates, "sejour absent d'une facture de séjour")
	case d.AMO.ExoTM == "":
		return manque(calcul.CodeTauxInconnu, "amo.exoTM absent")
	case d.TauxAMO == nil:
		return manque(calcul.CodeTauxInconnu, "tauxAMO absent")
	case d.EstSejour() && d.CodePecFJ == "":
		return manque(calcul.CodeFJ, "codePecFJ absent d'une facture de séjour")
	case len(d.Lignes) == 0:
		return manque(calcul.CodeTotal, "lignes : au moins une ligne est nécessaire")
	case d.Totaux == nil:
		return manque(calcul.CodeTotal, "totaux absents")
	}
	return nil
}

// base is what a calculation is made from: a contract and the days made certain.
type base struct {
	contrat      *Contrat
	debut, fin   sante.Jour
	rang         int
	beneficiaire string
	version      string
	idb          string
	numeroLocal  roc.NumeroEngagement
}

// calcul is the contract over the days made certain. ref: ROC §9.3 rule 6
func (b *base) calcul() calcul.Contrat {
	c := b.contrat.Calcul()
	c.Debut, c.Fin = b.debut, b.fin
	return c
}

// admettreCalcul tells whether a contract serves a calculation.
func (b *base) admettreCalcul(d *roc.DemandeCalcul) roc.Code {
	debut, fin := d.PeriodeDebut, d.PeriodeFin
	if debut.IsZero() {
		debut = d.DateReference
	}
	if fin.IsZero() {
		fin = max(debut, d.DateReference)
	}
	if fin < b.debut || (!b.fin.IsZero() && debut > b.fin) {
		return roc.DroitsFermes
	}
	return b.contrat.admettre(domaineFacture(d), &d.Entete, b.rang)
}

// baseIDB finds the answer to IDB that a calculation quotes: the same hospital,
// dossier and patient, still of use. The code is Accepte or C301.
// ref: ROC §11.3
func (s *Service) baseIDB(ctx context.Context, q question, d *roc.DemandeCalcul) (*base, roc.Code, error) {
	if d.IDReponseIDB == "" {
		return nil, roc.IDBInconnue, nil
	}
	g, err := s.IDBs.IDB(ctx, q.finess, q.dossier, d.IDReponseIDB)
	if errors.Is(err, ErrIDBInconnue) {
		return nil, roc.IDBInconnue, nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("lire la réponse d'IDB: %w", err)
	}
	if !s.reutilisable(g, &d.Beneficiaire) {
		return nil, roc.IDBInconnue, nil
	}
	c, err := s.Contrats.Contrat(ctx, g.Version)
	if err != nil {
		return nil, "", fmt.Errorf("lire le contrat: %w", err)
	}
	return &base{
		contrat: c, debut: g.Debut, fin: g.Fin, rang: g.Rang,
		beneficiaire: g.Beneficiaire, version: g.Version, idb: g.ID, numeroLocal: g.NumeroLocal,
	}, roc.Accepte, nil
}

// reutilisable tells whether an answer may be quoted: it speaks of the same
// patient, and is recent. Its last day bounds the care, not the day of the
// question: who left the insurer on the 10th is billed on the 12th for the 9th.
// ref: ROC §11.3 // hyp: REUTILISATION-IDB
func (s *Service) reutilisable(g *IDBGardee, b *roc.Beneficiaire) bool {
	vieille := s.Horloge().Sub(g.Instant) > time.Duration(s.reglages.ReutilisationIDB)*time.Hour
	return g.Patient == patient(b) && !vieille
}

// repondreRejet turns a refusal of the engine into an answer, or into a technical
// refusal when the question itself is malformed.
func repondreRejet(err error, caractere roc.Caractere) (*roc.ReponseCalcul, error) {
	var rejet *calcul.Rejet
	if !errors.As(err, &rejet) {
		return nil, fmt.Errorf("calculer: %w", err)
	}
	precision := rejet.Detail
	if rejet.Ligne > 0 {
		precision = fmt.Sprintf("ligne %d : %s", rejet.Ligne, rejet.Detail)
	}
	if code := roc.Code(rejet.Code); code.Technique() {
		return nil, roc.Refuser(code, precision)
	}
	return refusCalcul(roc.Code(rejet.Code), precision, caractere), nil
}

func refusCalcul(c roc.Code, precision string, caractere roc.Caractere) *roc.ReponseCalcul {
	return &roc.ReponseCalcul{Retour: roc.RetourDe(c, precision), Caractere: caractere, Garantie: roc.GarantieAucune}
}
