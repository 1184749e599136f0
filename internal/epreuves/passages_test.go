//go:build linux

package epreuves

import (
	"fmt"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// assures are the patients of an insurer under a contract, alone on their card,
// with nothing special: any question about them is granted.
func (l *labo) assures(amc, contrat string) (p []*monde.Patient) {
	l.t.Helper()
	for i := range l.monde.Patients {
		x := &l.monde.Patients[i]
		if len(x.Couvertures) != 1 || x.Situation != nil || x.AMO.ExoTM != calcul.ExoAucune || x.AMO.NatureAssurance != calcul.NatureMaladie {
			continue
		}
		c := &x.Couvertures[0]
		if c.AMC == amc && c.IdentiteSure && len(c.Adhesions) == 1 && c.Adhesions[0].Contrat == contrat && c.Adhesions[0].Ouverte(l.monde.Jour) &&
			c.Adhesions[0].Ouverte(l.monde.Jour-30) && len(c.Consomme) == 0 && x.Cle != "yvette" && x.PecFJ == calcul.FJAssure {
			p = append(p, x)
		}
	}
	if len(p) == 0 {
		l.t.Fatalf("aucun patient ordinaire sous %s", contrat)
	}
	return p
}

// sejour is the stay of one night of a patient in a private room, under a dossier
// of its own, and its question: one night of the thirty of the year is counted by
// the contract MB-TRANQUILLE.
func (l *labo) sejour(p *monde.Patient, hopital string, n int) (*monde.Histoire, *monde.Etape) {
	l.t.Helper()
	lieu := l.monde.Etablissement(hopital)
	entree := l.monde.Jour - 3
	h := &monde.Histoire{Cle: "epreuve", Patient: p, Etablissement: lieu, Dossier: fmt.Sprintf("E%07d", n),
		Contexte: roc.ContexteAdmission, Entree: entree, DMT: "181", MT: "03"}
	base, tnjp, chambre := sante.Montant(90_000), sante.Montant(90_000), sante.Montant(7_000)
	d := &calcul.DossierSejour{Sejour: calcul.Sejour{Entree: entree, Sortie: entree + 1, ModeSortie: calcul.SortieDomicile, Discipline: calcul.MCO,
		Categorie: lieu.Categorie, Hospitalisation: calcul.Complete, Tarif: &base, TNJP: &tnjp, ExoTM: p.AMO.ExoTM, Nature: p.AMO.NatureAssurance, PecFJ: p.PecFJ},
		Confort: []calcul.Confort{{Famille: calcul.FamilleCP, Code: "CP", Debut: entree, Fin: entree + 1, Quantite: calcul.Unites(1), Prix: chambre}}}
	return h, &monde.Etape{Service: roc.CLC, Rang: 1, Fait: &monde.Fait{Facture: "F-" + h.Dossier, Sejour: d}}
}

// idb is the question on the rights of a patient.
func (l *labo) idb(p *monde.Patient, hopital string, n int) (dossier string, d *roc.DemandeIDB) {
	h, _ := l.sejour(p, hopital, n)
	return h.Dossier, &roc.DemandeIDB{Entete: l.monde.Entete(h, 1)}
}

// clc is the question of calculation that follows an answer on rights.
func (l *labo) clc(t *testing.T, p *monde.Patient, hopital string, n int, idb *roc.ReponseIDB) (dossier string, d *roc.DemandeCalcul) {
	t.Helper()
	h, e := l.sejour(p, hopital, n)
	d, err := l.monde.Demande(l.moteur, h, e)
	if err != nil {
		t.Fatal(err)
	}
	d.IDReponseIDB = idb.IDReponseIDB
	return h.Dossier, d
}
