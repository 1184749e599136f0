package liquidation_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// annulerDe is the annulative of an invoice, under another number.
func annulerDe(f *roc.Facture, numero string) roc.Facture {
	x := *f
	x.Numero, x.Nature, x.FactureCorrigee = numero, roc.Annulative, f.Numero
	return x
}

// A hospital takes back its own invoice, of the same dossier and on the same
// guarantee, once.
func TestAnnulationDetournee(t *testing.T) {
	b := nouveau(t)
	un, deux := b.engager(t, "D1", false, 3000), b.engager(t, "D2", false, 3000)
	b.envoyer(t, *un, *deux)

	ailleurs := annulerDe(un, "A-AILLEURS")
	ailleurs.IDDossierES = "D2"
	garantie := annulerDe(un, "A-GARANTIE")
	garantie.NumeroEngagement = deux.NumeroEngagement
	b.envoyer(t, ailleurs, garantie)
	for _, n := range []string{ailleurs.Numero, garantie.Numero} {
		if f, err := b.livres.Facture(ctx, es, n); err != nil || f.Etat != liquidation.Rejetee {
			t.Errorf("%s : %+v, %v", n, f, err)
		}
	}
	b.etat(t, un.Numero, liquidation.Liquidee, roc.Accepte)
	for _, f := range []*roc.Facture{un, deux} {
		if g := b.garanties.Par[f.NumeroEngagement]; g.Etat != liquidation.GarantieFacturee {
			t.Errorf("garantie %s", g.Etat)
		}
	}

	b.envoyer(t, annulerDe(un, "A-1"))
	b.envoyer(t, annulerDe(un, "A-2"))
	b.etat(t, "A-1", liquidation.AnnuleeParES, roc.Accepte)
	if f, err := b.livres.Facture(ctx, es, "A-2"); err != nil || f.Etat != liquidation.Rejetee {
		t.Errorf("annulée deux fois : %+v, %v", f, err)
	}
}

// The order of the invoices in a batch changes nothing to what they become: an
// annulation and the invoice that replaces the annulled one may come first.
func TestOrdreDuLot(t *testing.T) {
	b := nouveau(t)
	f := b.engager(t, "D1", false, 3000)
	b.envoyer(t, *f)
	bis := *f
	bis.Numero, bis.Nature, bis.FactureCorrigee = "B-BIS", roc.Rectificative, f.Numero
	if r := b.envoyer(t, bis, annulerDe(f, "A-ANN")); r.CodeRetour != roc.Accepte || r.Total != 0 {
		t.Errorf("accusé %+v", r)
	}
	b.etat(t, f.Numero, liquidation.AnnuleeParES, roc.Accepte)
	b.etat(t, "A-ANN", liquidation.AnnuleeParES, roc.Accepte)
	b.etat(t, bis.Numero, liquidation.Liquidee, roc.Accepte)
	if g := b.garanties.Par[f.NumeroEngagement]; g.Etat != liquidation.GarantieFacturee {
		t.Errorf("garantie %s", g.Etat)
	}
}

// A batch whose acknowledgement was lost is acknowledged again, and counted once.
func TestLotRenvoye(t *testing.T) {
	b := nouveau(t)
	d := roc.NouveauLot("L1", jour, []roc.Facture{*b.engager(t, "D1", false, 3000)})
	un := b.envoyerLot(t, d)
	deux := b.envoyerLot(t, d)
	if deux.CodeRetour != roc.Accepte || deux.Nombre != un.Nombre || deux.Total != un.Total {
		t.Errorf("%+v puis %+v", un, deux)
	}
	if n := len(b.retours.Postes); n != 2 {
		t.Errorf("%d retours", n)
	}
	// What it refused, it refuses again.
	d = roc.NouveauLot("L2", jour, []roc.Facture{d.Factures[0], *b.engager(t, "D2", false, 4000)})
	for range 2 {
		if r := b.envoyerLot(t, d); r.CodeRetour != roc.AvecReserve || r.Nombre != 1 || len(r.Refusees) != 1 || r.Refusees[0].Numero != "F-D1" {
			t.Errorf("accusé %+v", r)
		}
	}
}

// A batch that does not say where its returns go is refused whole: nobody would
// ever hear of its invoices.
func TestSansAdresseRetour(t *testing.T) {
	for _, adresse := range []string{"", "http://es.exemple.fr", "https://", "https://moi:secret@es.exemple.fr", "ftp://es.exemple.fr"} {
		b := nouveau(t)
		d := roc.NouveauLot("L1", jour, []roc.Facture{*b.engager(t, "D1", false, 3000)})
		d.Lot.AdresseRetour = adresse
		if r := b.recevoir(t, d); r.CodeRetour != roc.PiecesManquantes {
			t.Errorf("%q : %s", adresse, r.CodeRetour)
		}
	}
}

// An invoice is that of the hospital that sends it.
func TestFactureDUnAutre(t *testing.T) {
	b := nouveau(t)
	f := b.engager(t, "D1", false, 3000)
	f.Calcul.Etablissement.FinessJuridique = autre
	b.envoyer(t, *f)
	b.etat(t, f.Numero, liquidation.Rejetee, roc.EngagementInconnu)
}

// The limit of a local calculation binds, zero included; without one, nothing does.
func TestMontantMaxLocal(t *testing.T) {
	zero, large := sante.Montant(0), sante.Montant(100_000)
	for nom, x := range map[string]struct {
		max  *sante.Montant
		etat liquidation.Etat
		code roc.Code
	}{
		"sans limite": {nil, liquidation.Liquidee, roc.Accepte},
		"zéro":        {&zero, liquidation.Rejetee, roc.MontantDifferent},
		"au-dessus":   {&large, liquidation.Liquidee, roc.Accepte},
	} {
		t.Run(nom, func(t *testing.T) {
			b := nouveau(t)
			f := b.engager(t, "D1", true, 3000)
			b.garanties.Par[f.NumeroEngagement].Max = x.max
			b.envoyer(t, *f)
			b.etat(t, f.Numero, x.etat, x.code)
		})
	}
}

// A batch whose returns would go inside the insurer's own network is refused whole.
func TestAdresseRetourPrivee(t *testing.T) {
	for adresse, code := range map[string]roc.Code{"https://10.0.0.1": roc.PiecesManquantes, "https://es.exemple.fr": roc.Accepte} {
		b := nouveau(t)
		b.Service.Parametres.Joignable = func(hote string) bool { return hote == "es.exemple.fr" }
		d := roc.NouveauLot("L1", jour, []roc.Facture{*b.engager(t, "D1", false, 3000)})
		d.Lot.AdresseRetour = adresse
		if r := b.recevoir(t, d); r.CodeRetour != code {
			t.Errorf("%s : %s, want %s", adresse, r.CodeRetour, code)
		}
	}
}

// vie keeps what batches went through.
type vie struct{ l []liquidation.Jalon }

func (v *vie) Noter(_ context.Context, l ...liquidation.Jalon) error {
	v.l = append(v.l, l...)
	return nil
}

// A batch is noted once for each state, whatever the number of its invoices, with who
// says so; a return acknowledged ends it when it pays or rejects.
func TestVie(t *testing.T) {
	b, v := nouveau(t), &vie{}
	b.Service.Vie = v
	un, deux, trois := b.engager(t, "D1", false, 3000), b.engager(t, "D2", false, 4000), b.engager(t, "D3", false, 5000)
	trois.Calcul.Beneficiaire.RangGemellaire = 2
	b.envoyer(t, *un, *deux, *trois)
	dire := func() (s []string) {
		for _, j := range v.l {
			s = append(s, fmt.Sprint(j.Lot, " ", j.Etat, " ", j.Auteur, " ", j.Code, " ", !j.IDMessage.IsZero()))
		}
		v.l = nil
		return s
	}
	moi, eux := amc.String(), es.String()
	if got, want := dire(), []string{"L001 ENVOYE " + eux + "  true", "L001 RECU " + moi + "  true", "L001 CONTROLE_OK " + moi + " 000 true",
		"L001 CONTROLE_KO " + moi + " I103 true", "L001 LIQUIDE " + moi + " 000 true", "L001 REJETE " + moi + " I103 true"}; !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if n, err := b.Payer(ctx, liquidation.Ordre{Comptable: jour, Mandatement: jour, Payeur: amc, Reference: "VIR"}, es, 10); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if got, want := dire(), []string{"L001 PAYE " + moi + " 000 false"}; !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	for nature, n := range map[roc.NatureRetour]int{roc.RetourControle: 0, roc.RetourLiquidation: 0, roc.RetourPaiement: 1, roc.RetourRejet: 1} {
		if err := b.Acquitter(ctx, &liquidation.RetourEmis{Finess: es, Numero: "R1", Nature: nature, Code: roc.Accepte, Lots: []string{"L001"}, IDMessage: roc.NouvelUUID()}); err != nil {
			t.Fatal(err)
		}
		if got := dire(); len(got) != n || n == 1 && got[0] != "L001 ACQUITTE "+eux+" 000 true" {
			t.Errorf("%s : %q", nature, got)
		}
	}
	// Each return has its number before it is posted, and each final move its return.
	for _, d := range b.retours.Postes {
		if d.Numero == "" {
			t.Errorf("retour %s sans numéro", d.Nature)
		}
	}
	for _, m := range b.livres.Moments {
		if fin := m.Evenement == liquidation.Payer || m.Evenement == liquidation.Rejeter; fin != (m.Retour != "") {
			t.Errorf("%s %s : retour %q", m.Numero, m.Evenement, m.Retour)
		}
	}
}
