package pupitretest

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/sante"
)

// Clotures is a hospital of two insurers, on one day, for the pages of the desk.
type Clotures struct{}

// Jour is the day that it closes.
var Jour = sante.JourDe(2026, time.November, 22)

// Choix lists it.
func (Clotures) Choix() []pupitre.ChoixCloture {
	return []pupitre.ChoixCloture{{Cle: "750712184", Nom: "Centre hospitalier des Écluses"}}
}

// Journee is its close: figures, a reason, a control.
func (Clotures) Journee(_ context.Context, cle string, jour sante.Jour) (*pupitre.ClotureJour, error) {
	if cle != "750712184" {
		return nil, pupitre.ErrClotureInconnue
	}
	if jour > Jour {
		return nil, errors.New("ce jour n'est pas encore venu")
	}
	if jour == 0 {
		jour = Jour
	}
	x := pupitre.Somme{Nombre: 12, Montant: 123456}
	c := &pupitre.ClotureJour{Jour: jour, Provisoire: jour == Jour, Delai: 12, Engage: x, Postes: x, Controle: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}
	if jour == Jour {
		c.EnReserve, c.Reserves = 1, []pupitre.ClotureReserve{reserve}
	}
	if jour == Jour-1 {
		c.Postes.Montant, c.Ecarts, c.ARouvrir = 1, 3, 7
	}
	for _, n := range []string{"775671993", "302976568"} {
		c.AMCs = append(c.AMCs, pupitre.ClotureAMC{Numero: n, Chiffres: []pupitre.ClotureChiffre{
			{Cle: "ENGAGE", Libelle: "Engagé, à facturer", Flux: x, Stock: x},
			{Cle: "PAYE", Libelle: "Payé"},
			{Cle: "REJETE", Libelle: "Rejeté", Flux: x, Stock: x, Motifs: []pupitre.ClotureMotif{{Code: "F605", Libelle: "Montant différent de l'engagement", Flux: x, Stock: x}}},
			{Cle: "RETARD", Libelle: "En retard de paiement", Stock: x}}})
	}
	return c, nil
}

var reserve = pupitre.ClotureReserve{Cle: "6b6ad2b3-bda9-4532-8325-271ea86ede55.1", Recue: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), AMC: "775671993",
	Retour: "R-7", Facture: "FA-77", Montant: 795, Constat: "Ce paiement est déjà compté ici", QuiAgit: "le service de facturation", AFaire: "Vérifier à la banque."}

// Factures are two, then one more.
func (Clotures) Factures(_ context.Context, _ string, q pupitre.QuestionCloture) ([]pupitre.ClotureFacture, string, error) {
	if q.Chiffre == "ZUT" {
		return nil, "", errors.New("chiffre inconnu")
	}
	l := []pupitre.ClotureFacture{{Venue: "v1", Rang: 1, Dossier: "ACE-1", Numero: "FA-1", Poste: "Rejeté, à corriger", Motif: q.Motif, Entree: Jour - 3, Montant: 795,
		QuiAgit: "le service de facturation", AFaire: "Demander à l'AMC où en est cette facture."},
		{Venue: "v2", Rang: 2, Dossier: "<script>alert(1)</script>", Poste: "Payé", Entree: Jour, Montant: 100, Part: true}}
	if q.Apres == "" {
		return l, "0.1.v2.2.3", nil
	}
	return l[:1], "", nil
}

// Facture tells the story of one.
func (Clotures) Facture(_ context.Context, _ string, venue string, rang int) (*pupitre.HistoireFacture, error) {
	if venue != "v1" || rang != 1 {
		return nil, pupitre.ErrClotureInconnue
	}
	m := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	return &pupitre.HistoireFacture{Dossier: "ACE-1", AMC: "775671993", Etat: "Facture rejetée", Numero: "FA-1", Lot: "000000001", Engagement: "E0775671993ABCDEFGHJKLM07",
		Demande: 795, Poste: "Rejeté, à corriger", Precision: "une ligne diffère",
		Moments: []pupitre.MomentFacture{{Instant: m, Avant: "Calcul demandé", Apres: "Garantie obtenue", Code: "000", Libelle: "Accepté", Message: "6b6ad2b3-bda9-4532-8325-271ea86ede55"},
			{Instant: m.Add(time.Hour), Avant: "Facture reçue par l'AMC", Apres: "Facture rejetée", Code: "F605", Libelle: "Montant différent de l'engagement"}},
		Reserves:  []pupitre.ClotureReserve{reserve},
		Consignes: []pupitre.ConsigneFacture{{Constat: "Paiement en retard de 3 jours : facture FA-1.", QuiAgit: "le service de facturation", AFaire: "Demander à l'AMC."}},
		Messages:  []pupitre.MessageFacture{{ID: "6b6ad2b3-bda9-4532-8325-271ea86ede55", Service: "CLC", Code: "000", Verdict: "sceau vérifié", Instant: m}}}, nil
}
