package serveur

import (
	"testing"

	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	gatestore "github.com/ecluse-sante/ecluse/internal/gate/store"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// A message that its schema refuses because it tells of the other side is told T621 or T620,
// on both faces, wherever the member is; a mere mistake is T001. ref: VISIO §10 rule 2, §14
func TestMembresInterdits(t *testing.T) {
	produits := map[gatetest.Membre]bool{
		{"corps", "codeProduit", "3400930000007"}: true, {"corps", "lignes", "x"}: true, {"patient", "cip13", "x"}: true, {"carte", "autre", "3400930000007"}: true,
		{"", "codeProduit", "9900022"}: true, {"enveloppe", "medicament", "x"}: true, {"corps", "autre", "x"}: false, {"", "autre", "x"}: false,
	}
	g := ouvrirGuichetOfficine(t, bddtest.Ouvrir(t, gatestore.Migrations, accrstore.Migrations, offstore.Migrations), sceau.REST)
	b := &gatetest.Brut[droits.DemandeDroits, droits.FournitDroits]{T: t, Echange: droits.EchangeDroits, Juge: g.Magasin, HTTP: g.HTTP(&gatetest.Partie{}), Adresse: g.s.Adresse,
		Code: func(r *droits.FournitDroits) roc.Code { return r.LeCode() }}
	b.Message = func() *roc.Message[droits.DemandeDroits] {
		return &roc.Message[droits.DemandeDroits]{Enveloppe: b.Enveloppe(g.c.Moi, g.cible().Destinataire), Corps: &droits.DemandeDroits{PS: g.ps(), Patient: patientEssai(g),
			Carte: droits.Carte{NumeroAMC: lireOuEchouer(t, sante.ParseNumeroAMC, "99000001")}, DateReference: g.jour(), NiveauService: droits.Base}}
	}
	b.Interdire("T621", produits)
	f := &gatetest.Brut[droits.DemandeFactures, droits.ReponseFactures]{T: t, Echange: droits.EchangeFactures, Juge: g.Magasin, HTTP: g.HTTP(g.pharma), Adresse: g.s.Adresse,
		Cachet: g.pharma.Cachet, Code: func(r *droits.ReponseFactures) roc.Code { return r.LeCode() }}
	numero := g.droits()
	f.Message = func() *roc.Message[droits.DemandeFactures] {
		return &roc.Message[droits.DemandeFactures]{Enveloppe: f.Enveloppe(g.c.Moi, g.cible().Destinataire),
			Corps: &droits.DemandeFactures{Lot: droits.NouveauLot("LX", g.jour(), *g.facture(numero, g.jour()))}}
	}
	f.Interdire("T621", map[gatetest.Membre]bool{{"lot", "codeProduit", "9900022"}: true, {"corps", "autre", "3400930000007"}: true, {"", "cip", "x"}: true,
		{"lot", "quantite", "zz"}: false, {"corps", "autre", "x"}: false})
}
