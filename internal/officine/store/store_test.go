package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// rendue is a revocation that may be opposed to any care.
type rendue struct{}

func (rendue) Opposable(sante.Jour) bool { return true }

// Each invoice of a batch is judged alone; the batch given again is answered the same.
func TestRecevoir(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		ctx := context.Background()
		bonne, double, cher := b.facture(officine1, "F1", 700), b.facture(officine1, "F1", 500), b.facture(officine1, "F2", 700)
		cher.Lignes[0].AMC, cher.Lignes[0].AMO, cher.Lignes[0].BaseAMO = 900, 500, 1000
		cher.Totaux = cher.Sommes()
		nulle := b.facture(officine1, "F3", 0)
		r := b.envoyer(t, "L1", bonne, double, cher, nulle)
		const want = "F1:ACCEPTEE F1:REFUSEE:F709 F2:REFUSEE:F707 F3:ACCEPTEE "
		if got := etats(r.Factures); got != want || r.NumeroLot != "L1" || r.CodeRetour != visiodroits.Fournis {
			t.Fatalf("%s, want %s", got, want)
		}
		if e := r.Factures[2]; len(e.Ecarts) != 1 || e.Ecarts[0].Attendu != 500 || e.QuiAgit == "" || e.AFaire == "" {
			t.Errorf("%+v", e)
		}
		if e := r.Factures[0].Echeance; e != b.jour()+12 {
			t.Errorf("échéance %s", e)
		}
		if got := etats(b.envoyer(t, "L1", bonne, double, cher, nulle).Factures); got != want {
			t.Errorf("répété : %s", got)
		}
		if r := b.envoyer(t, "L1", bonne); r.CodeRetour != visiodroits.FactureEnDouble || len(r.Factures) != 0 {
			t.Errorf("autre lot sous ce numéro : %+v", r)
		}
		// Refused, it comes again, corrected, under its number; accepted, it does not.
		if got := etats(b.envoyer(t, "L2", b.facture(officine1, "F2", 700), bonne).Factures); got != "F2:ACCEPTEE F1:REFUSEE:F709 " {
			t.Errorf("corrigée : %s", got)
		}
		// The original is as it came; what is known is beside.
		f, err := b.st.Une(ctx, bonne.PS.NumeroFacturation, 1)
		if err != nil || !bytes.Equal(f.Original, bonne.JSON()) || f.Empreinte != sha256.Sum256(bonne.JSON()) {
			t.Fatalf("%+v, %v", f, err)
		}
		if e := f.Enrichissement; e == nil || e.Contrat != "REF-1" || e.Type != droits.Normale || e.DroitsFin != b.jour()+30 || e.Canal != "REST" {
			t.Errorf("%+v", e)
		}
		if f, err := b.st.Une(ctx, bonne.PS.NumeroFacturation, 3); err != nil || f.Enrichissement != nil || f.Code != visiodroits.MontantDifferent {
			t.Errorf("refusée enrichie : %+v, %v", f, err)
		}
		if _, err := base.Ecrivain(ctx).ExecContext(ctx, "UPDATE officine_original SET octets = $1 WHERE rang = 1", []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if _, err := b.st.Une(ctx, bonne.PS.NumeroFacturation, 1); !errors.Is(err, officine.ErrFacture) {
			t.Errorf("original changé : %v", err)
		}
	})
}

// A batch is refused whole when it is not of its sender, or not for this insurer.
func TestLotRefuse(t *testing.T) {
	b := monter(t, bddtestOuvrir(t), nil)
	f := b.facture(officine2, "F1", 100)
	for nom, d := range map[string]*droits.DemandeFactures{
		"rien":              {},
		"d'un autre":        {Lot: droits.NouveauLot("L1", b.jour(), f)},
		"total":             {Lot: &droits.LotOfficine{Numero: "L1", Date: b.jour(), Nombre: 1, Total: 1, Factures: []droits.FactureOfficine{b.facture(officine1, "F1", 100)}}},
		"nombre de trop":    {Lot: &droits.LotOfficine{Numero: "L1", Date: b.jour(), Nombre: 2, Total: 100, Factures: []droits.FactureOfficine{b.facture(officine1, "F1", 100)}}},
		"d'un autre, caché": {Lot: droits.NouveauLot("L1", b.jour(), b.facture(officine1, "F1", 100), f)},
	} {
		var refus *roc.Refus
		if r, err := b.demander(t, officine1, d); !errors.As(err, &refus) {
			t.Errorf("%s : %+v, %v", nom, r, err)
		}
	}
	f = b.facture(officine1, "F1", 100)
	f.Patient.Nom = "MARTIN 3400930000012"
	if r, err := b.demander(t, officine1, &droits.DemandeFactures{Lot: droits.NouveauLot("L1", b.jour(), f)}); err != nil || r.CodeRetour != visiodroits.DetailInterdit {
		t.Errorf("produit : %+v, %v", r, err)
	}
	if r := b.suivre(t, officine1, 0); len(r.Suivi) != 0 {
		t.Errorf("un lot refusé a laissé %s", etats(r.Suivi))
	}
}

// A professional reads what moved since the last time, and only his.
func TestSuivi(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		ctx := context.Background()
		b.envoyer(t, "L1", b.facture(officine1, "F1", 100), b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 200))
		b.envoyer(t, "L1", b.facture(officine2, "G1", 300))
		r := b.suivre(t, officine1, 0)
		if got := etats(r.Suivi); got != "F1:ACCEPTEE F1:REFUSEE:F709 F2:ACCEPTEE " || r.Reste {
			t.Fatal(got)
		}
		dernier := r.Suivi[2].Mouvement
		if got := etats(b.suivre(t, officine1, 0, droits.FactureRefusee).Suivi); got != "F1:REFUSEE:F709 " {
			t.Error(got)
		}
		if r := b.suivre(t, officine1, dernier); len(r.Suivi) != 0 {
			t.Errorf("rien n'a bougé : %s", etats(r.Suivi))
		}
		if _, err := b.s.Ordonner(ctx, b.jour()); err != nil {
			t.Fatal(err)
		}
		r = b.suivre(t, officine1, dernier)
		if got := etats(r.Suivi); got != "F1:ORDONNEE F2:ORDONNEE " || r.Suivi[0].ReferenceVire == "" {
			t.Error(got)
		}
		ps := lu(t, sante.ParseNumeroFacturation, officine1)
		b.passer(1)
		if err := b.s.Confirmer(ctx, b.jour()-1, ps, b.jour()); err != nil {
			t.Fatal(err)
		}
		r = b.suivre(t, officine1, r.Suivi[1].Mouvement)
		if got := etats(r.Suivi); got != "F1:PAYEE F2:PAYEE " || r.Suivi[1].MontantPaye != 200 || r.Suivi[1].DatePaiement != b.jour() {
			t.Errorf("%s %+v", got, r.Suivi)
		}
		if got := etats(b.suivre(t, officine2, 0).Suivi); got != "G1:ORDONNEE " {
			t.Errorf("l'autre : %s", got)
		}
		// A batch and a question at once: the answer tells both.
		r, err := b.demander(t, officine2, &droits.DemandeFactures{Lot: droits.NouveauLot("L2", b.jour(), b.facture(officine2, "G2", 1)), Suivi: &droits.DemandeSuivi{}})
		if err != nil || etats(r.Factures) != "G2:ACCEPTEE " || etats(r.Suivi) != "G1:ORDONNEE G2:ACCEPTEE " {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// F708 is asked of the third party, outside; when it is silent the invoice waits, and no
// other question is needed to settle it.
func TestTiersDeConfiance(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		ctx := context.Background()
		b.tiers.muet = true
		f, mauvaise := b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 100)
		tarifer(&f)
		tarifer(&mauvaise)
		mauvaise.Patient.RangGemellaire = 2
		if got := etats(b.envoyer(t, "L1", f, mauvaise).Factures); got != "F1:EN_ATTENTE F2:REFUSEE:F703 " {
			t.Fatal(got)
		}
		if len(b.tiers.demandes) != 1 { // what is refused for its rights is not asked about
			t.Fatalf("%d questions", len(b.tiers.demandes))
		}
		q := b.tiers.demandes[0]
		if q.Lien != "lien-1" || q.Numero != "T1" || len(q.Facture) != 43 || len(q.Montants) != 1 || q.Montants[0].AMC != 8000 {
			t.Errorf("%+v", q)
		}
		if n, err := b.s.Trancher(ctx, 100); err != nil || n != 0 {
			t.Errorf("%d tranchées, %v", n, err)
		}
		if r, err := b.s.Ordonner(ctx, b.jour()-1); err != nil || r.Ordres != 0 {
			t.Errorf("une facture en attente est payée : %+v, %v", r, err)
		}
		b.tiers.muet = false
		b.accreditation(&f).Etendue.Garanties[0].Formule.Regle.Numero = "F01"
		if n, err := b.s.Trancher(ctx, 100); err != nil || n != 1 {
			t.Fatalf("%d tranchées, %v", n, err)
		}
		if b.tiers.demandes[2].Facture != q.Facture {
			t.Error("la même facture a une autre empreinte")
		}
		if n, err := b.s.Trancher(ctx, 100); err != nil || n != 0 {
			t.Errorf("%d tranchées deux fois, %v", n, err)
		}
		b.tiers.oui = false
		non := b.facture(officine1, "F3", 100)
		tarifer(&non)
		b.envoyer(t, "L2", non)
		r := b.suivre(t, officine1, 0)
		if got := etats(r.Suivi); got != "F2:REFUSEE:F703 F1:ACCEPTEE F3:REFUSEE:F708 " {
			t.Error(got)
		}
		x, err := b.st.Une(ctx, f.PS.NumeroFacturation, 1)
		if err != nil || x.Enrichissement == nil || x.Enrichissement.Canal != "REST" || !bytes.Equal(x.Original, f.JSON()) {
			t.Errorf("%+v, %v", x, err)
		}
	})
}

// What was accepted is paid, though everything is revoked since and its rights were wrong.
func TestGarantieAuPaiement(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		ctx := context.Background()
		b.tiers.muet = true
		f, g := b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 100)
		tarifer(&g)
		if got := etats(b.envoyer(t, "L1", f, g).Factures); got != "F1:ACCEPTEE F2:EN_ATTENTE " {
			t.Fatal(got)
		}
		a := b.accreditation(&f)
		a.Revocation, a.Etendue.Fin, a.Etendue.Garanties = rendue{}, b.jour()-50, nil
		delete(b.r, lu(t, droits.ParseNumeroAccreditation, f.NumeroAccreditation))
		r, err := b.s.Ordonner(ctx, b.jour())
		if err != nil || r.Total != 100 {
			t.Fatalf("%+v, %v", r, err)
		}
		ps := f.PS.NumeroFacturation
		if err := b.s.Confirmer(ctx, b.jour(), ps, b.jour()); err != nil {
			t.Fatal(err)
		}
		if got := etats(b.suivre(t, officine1, 0, droits.FacturePayee).Suivi); got != "F1:PAYEE " {
			t.Error(got)
		}
	})
}

// The quota of degraded invoices raises an alert that is kept.
func TestAlerte(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, func(p *officine.Parametres) {
			p.QuotaDes, p.Tolerance = 4, func(sante.Jour) int { return 15 }
		})
		var l []droits.FactureOfficine
		for _, n := range []string{"F1", "F2", "F3", "F4"} {
			l = append(l, b.facture(officine1, n, 100))
		}
		essai, err := droits.NouvelleTentative(b.instant, lu(t, droits.ParseHote, "amc.invalid"), droits.ErreurDelai, "201")
		if err != nil {
			t.Fatal(err)
		}
		l[3].Degrade = &droits.ModeDegrade{Cause: droits.CauseAMC, Tentatives: []droits.Tentative{essai}}
		b.accreditation(&l[3]).Etendue.Fin = b.jour() - 14
		if got := etats(b.envoyer(t, "L1", l...).Factures); got != "F1:ACCEPTEE F2:ACCEPTEE F3:ACCEPTEE F4:ACCEPTEE " {
			t.Fatal(got)
		}
		a, err := b.st.Alertes(context.Background())
		if err != nil || len(a) != 1 || a[0].Compte != (officine.Mois{Factures: 4, Degradees: 1}) || a[0].Mois != "2026-11" || a[0].PS.String() != officine1 {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

// The insurer reads each payment in a NOEMIE return, to the cent.
func TestInformer(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		ctx := context.Background()
		f := b.facture(officine1, "F000000417", 123)
		tarifer(&f)
		b.envoyer(t, "L1", f, b.facture(officine1, "418", 77))
		b.envoyer(t, "L1", b.facture(officine2, "G1", 300))
		r, err := b.s.Ordonner(ctx, b.jour())
		if err != nil {
			t.Fatal(err)
		}
		var sortie bytes.Buffer
		if err := b.s.Informer(ctx, b.jour(), &sortie); err != nil {
			t.Fatal(err)
		}
		avant := sortie.String()
		lecture, err := noemie.Lire(&sortie, noemie.Limites{})
		if err != nil {
			t.Fatal(err)
		}
		for {
			n, err := lecture.Suivante()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if n.Numero == "F000000417" && (len(n.Lignes) != 2 || n.Lignes[1].PartAMC != 8000 || n.Lignes[1].Nature != "DMI" || n.Lignes[0].Nature != "PH7" || n.Destinataire != officine1 ||
				n.Malade.Naissance != "840212" || n.Journee.Virement+n.Journee.VirementSuite != "FAO009900000120261123"+officine1) {
				t.Errorf("%+v", n)
			}
		}
		if x := lecture.Bilan(); !x.Complet || x.Factures != 3 || x.Montant != r.Total {
			t.Errorf("%+v, want %s", x, r.Total)
		}
		// A transfer came back: what the run told stands, and its invoices are told again when
		// they are paid again.
		ps := lu(t, sante.ParseNumeroFacturation, officine1)
		if err := b.s.Confirmer(ctx, b.jour(), ps, b.jour()); err != nil {
			t.Fatal(err)
		}
		if err := b.s.Rejeter(ctx, b.jour(), ps, officine.Retour{Le: b.jour(), Motif: "AC04"}); err != nil {
			t.Fatal(err)
		}
		var apres bytes.Buffer
		if err := b.s.Informer(ctx, b.jour(), &apres); err != nil || apres.String() != avant {
			t.Errorf("ce que le règlement avait dit n'est plus dit : %v\n%s", err, apres.String())
		}
	})
}

// What is counted for the indicators of the reference.
func TestIndicateurs(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		ctx := context.Background()
		double, etranger := b.facture(officine1, "F1", 100), b.facture(officine1, "F3", 100)
		etranger.Patient.RangGemellaire = 2
		b.envoyer(t, "L1", b.facture(officine1, "F1", 100), double, b.facture(officine1, "F2", 100), etranger)
		if _, err := b.s.Ordonner(ctx, b.jour()); err != nil {
			t.Fatal(err)
		}
		lundi := b.jour()
		b.passer(4)
		if err := b.s.Confirmer(ctx, lundi, double.PS.NumeroFacturation, b.jour()); err != nil {
			t.Fatal(err)
		}
		s, err := b.s.Indicateurs(ctx, lundi-1, lundi+10)
		if err != nil || s.Factures != 4 || s.FacturesAccreditees != 3 || s.RejetsAccredites != 1 || s.DelaisPaiement.Nombre() != 2 {
			t.Fatalf("%+v, %v", s, err)
		}
		for _, i := range visiodroits.Calculer(s, nil) {
			if i.Nom == visiodroits.DelaiP95 && i.Valeur != 5 || i.Nom == visiodroits.RejetsAccredites && i.Valeur != 1 {
				t.Errorf("%+v", i)
			}
		}
		if s, err := b.s.Indicateurs(ctx, lundi+1, lundi+3); err != nil || s.Factures != 0 || s.DelaisPaiement.Nombre() != 0 {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// One tenant never sees another.
func TestLocataires(t *testing.T) {
	base := bddtestOuvrir(t)
	b := monter(t, base, nil)
	b.envoyer(t, "L1", b.facture(officine1, "F1", 100))
	autre := poser(t, base, "autre", registre{}, b.tiers, b.id, b.instant, nil)
	if r := autre.suivre(t, officine1, 0); len(r.Suivi) != 0 {
		t.Error(etats(r.Suivi))
	}
	if r, err := autre.s.Ordonner(context.Background(), b.jour()); err != nil || r.Total != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if got := etats(autre.envoyer(t, "L1", autre.facture(officine1, "F1", 100)).Factures); got != "F1:ACCEPTEE " {
		t.Error(got)
	}
}

// What is over is forgotten with its original, but never so soon that a copy would be paid.
func TestPurger(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, func(p *officine.Parametres) { p.Delai = 60 })
		ctx := context.Background()
		payee, refusee, due := b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 100), b.facture(officine2, "F3", 100)
		refusee.Patient.RangGemellaire = 2
		b.envoyer(t, "L1", payee, refusee)
		if _, err := b.s.Ordonner(ctx, b.jour()); err != nil {
			t.Fatal(err)
		}
		if err := b.s.Confirmer(ctx, b.jour(), payee.PS.NumeroFacturation, b.jour()); err != nil {
			t.Fatal(err)
		}
		b.envoyer(t, "L1", due)
		b.instant = b.instant.AddDate(0, 0, 60)
		if n, err := b.s.Purger(ctx, 1, 10); err != nil || n != 0 {
			t.Errorf("%d oubliées avant la fin du délai, %v", n, err)
		}
		if got := etats(b.envoyer(t, "L2", payee).Factures); got != "F1:REFUSEE:F709 " {
			t.Errorf("dernier jour du délai : %s", got)
		}
		b.instant = b.instant.AddDate(0, 0, 1)
		if n, err := b.s.Purger(ctx, 1, 2); err != nil || n != 2 {
			t.Errorf("%d oubliées, %v", n, err)
		}
		if n, err := b.s.Purger(ctx, 1, 2); err != nil || n != 1 {
			t.Errorf("%d oubliées, %v", n, err)
		}
		if got := etats(b.envoyer(t, "L3", payee).Factures); got != "F1:REFUSEE:F710 " {
			t.Errorf("oubliée, puis renvoyée : %s", got)
		}
		var n int
		if err := base.Lecteur(ctx).QueryRowContext(ctx, "SELECT count(*) FROM officine_original").Scan(&n); err != nil || n != 2 {
			t.Errorf("%d originaux, %v", n, err)
		}
		if got := etats(b.suivre(t, officine2, 0).Suivi); got != "F3:ACCEPTEE " {
			t.Errorf("une facture due est oubliée : %s", got)
		}
	})
}

// Guarantees that nobody can compute, or a third party that never answers: a person may
// pay what waits, once. A silence is waited for once in a batch.
func TestAccorder(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		ctx := context.Background()
		b.tiers.muet = true
		f, g, h := b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 100), b.facture(officine1, "F3", 100)
		tarifer(&f)
		tarifer(&g)
		b.accreditation(&h).Etendue.Garanties[0].Formule = calcul.Formule{}
		if got := etats(b.envoyer(t, "L1", f, g, h).Factures); got != "F1:EN_ATTENTE F2:EN_ATTENTE F3:EN_ATTENTE " {
			t.Fatal(got)
		}
		if len(b.tiers.demandes) != 1 {
			t.Errorf("un tiers muet est attendu %d fois", len(b.tiers.demandes))
		}
		b.tiers.muet = false
		if n, err := b.s.Trancher(ctx, 10); err != nil || n != 2 {
			t.Errorf("%d tranchées, %v", n, err)
		}
		ps := f.PS.NumeroFacturation
		for _, motif := range []string{"", "  ", "deux\nlignes", strings.Repeat("x", 201)} {
			if err := b.s.Accorder(ctx, ps, 3, motif); !errors.Is(err, officine.ErrMotif) {
				t.Errorf("motif %q : %v", motif, err)
			}
		}
		if err := b.s.Accorder(ctx, ps, 3, "barème corrigé depuis"); err != nil {
			t.Fatal(err)
		}
		if l, err := b.st.Decisions(ctx, ps); err != nil || len(l) != 1 || l[3] != "barème corrigé depuis" {
			t.Errorf("décisions : %v, %v", l, err)
		}
		if err := b.s.Accorder(ctx, ps, 3, "encore"); !errors.Is(err, officine.ErrPasEnAttente) {
			t.Errorf("accordée deux fois : %v", err)
		}
		if r, err := b.s.Ordonner(ctx, b.jour()); err != nil || r.Total != 300+2*8000 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// What moved is read by pages, in order and without a hole.
func TestSuiviParPages(t *testing.T) {
	b := monter(t, bddtestOuvrir(t), nil)
	for lot := range 2 {
		var l []droits.FactureOfficine
		for i := range 300 {
			l = append(l, b.facture(officine1, fmt.Sprintf("F%dX%d", lot, i), 1))
		}
		b.envoyer(t, fmt.Sprintf("L%d", lot), l...)
	}
	apres, vues := int64(0), 0
	for {
		r := b.suivre(t, officine1, apres)
		for _, f := range r.Suivi {
			if f.Mouvement != apres+1 {
				t.Fatalf("mouvement %d après %d", f.Mouvement, apres)
			}
			apres = f.Mouvement
			vues++
		}
		if !r.Reste {
			break
		}
	}
	if vues != 600 {
		t.Errorf("%d factures", vues)
	}
}
