package comptabletest

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/comptable"
)

// An insurer that pays by group may give one reference of transfer to several
// returns, on different days, and to several parts of an invoice. What the returns
// announce is summed.

func retoursDUnVirement(t *testing.T, b, _ *Banc) {
	for _, numero := range []string{"A1", "A2", "A3", "B1", "B2", "C1"} {
		b.Titre(t, 1, numero, 1000)
	}
	// The bank line comes after the two returns.
	b.Annoncer(t, 1, "RA1", "VIR GROUPE A", Paye{"A1", 1000})
	b.Avancer(3)
	b.Annoncer(t, 1, "RA2", "VIR-GROUPE-A", Paye{"A2", 1000}, Paye{"A3", 400})
	b.Avancer(1)
	l := b.Recevoir(t, comptable.LigneReleve{Montant: 2400, BoutEnBout: "VIRGROUPEA"})
	if x := b.Epuiser(t); x.Matchees != 1 || x.Pieces != 1 || x.Montant != 2400 || b.Ligne(t, l.ID).Reste != 0 {
		t.Errorf("après les deux retours : %+v, %s", x, b.Ligne(t, l.ID).Doute)
	}
	reste(t, b, "A1", 0)
	reste(t, b, "A3", 600)
	for _, retour := range []string{"RA1", "RA2"} {
		if a, err := b.Livres.Annonce(ctx, comptable.CleAnnonce{Payeur: AMC(t, 1), Retour: retour}); err != nil || a.Reste != 0 {
			t.Errorf("%s : %+v, %v", retour, a, err)
		}
	}
	// It comes between the two: it waits for the second return, not for a person.
	b.Annoncer(t, 1, "RB1", "VIR-GROUPE-B", Paye{"B1", 1000})
	l = b.Recevoir(t, comptable.LigneReleve{Montant: 1700, BoutEnBout: "VIR-GROUPE-B"})
	b.Epuiser(t)
	if x := b.Ligne(t, l.ID); x.Doute != comptable.MontantDifferent || x.PourPersonne {
		t.Errorf("entre les deux retours : %+v", x)
	}
	b.Avancer(5)
	b.Annoncer(t, 1, "RB2", "VIR-GROUPE-B", Paye{"B2", 700})
	if x := b.Epuiser(t); x.Matchees != 1 || x.Montant != 1700 {
		t.Errorf("au second retour : %+v", x)
	}
	reste(t, b, "B2", 300)
	// The second return pays what remains due of the same invoice.
	b.Annoncer(t, 1, "RC1", "VIR-GROUPE-C", Paye{"C1", 600})
	b.Avancer(1)
	b.Annoncer(t, 1, "RC2", "VIR-GROUPE-C", Paye{"C1", 400})
	b.Recevoir(t, comptable.LigneReleve{Montant: 1000, Libelle: "VIREMENT VIR GROUPE C MUTUELLE"})
	if x := b.Epuiser(t); x.Matchees != 1 || x.Montant != 1000 {
		t.Errorf("deux parts d'une facture : %+v", x)
	}
	reste(t, b, "C1", 0)
}

func virementsDUneReference(t *testing.T, b, _ *Banc) {
	for _, numero := range []string{"A1", "A2", "B1", "B2", "C1", "C2", "C3", "D1", "D2", "D3"} {
		b.Titre(t, 1, numero, 1000)
	}
	// One transfer for each return, of the same amount: none is known before both came.
	b.Annoncer(t, 1, "RA1", "VIR-GROUPE-A", Paye{"A1", 500})
	b.Avancer(2)
	b.Annoncer(t, 1, "RA2", "VIR-GROUPE-A", Paye{"A2", 500})
	b.Recevoir(t, comptable.LigneReleve{Montant: 500, BoutEnBout: "VIR-GROUPE-A"})
	if x := b.Epuiser(t); x.Matchees != 0 {
		t.Errorf("le premier de deux égaux : %+v", x)
	}
	b.Avancer(1)
	b.Recevoir(t, comptable.LigneReleve{Montant: 500, BoutEnBout: "VIR-GROUPE-A"})
	if x := b.Epuiser(t); x.Matchees != 2 || x.Montant != 1000 {
		t.Errorf("deux égaux : %+v", x)
	}
	// The transfer of the first return was matched when the second one comes.
	b.Annoncer(t, 1, "RB1", "VIR-GROUPE-B", Paye{"B1", 500})
	b.Recevoir(t, comptable.LigneReleve{Montant: 500, BoutEnBout: "VIR-GROUPE-B"})
	b.Epuiser(t)
	b.Avancer(2)
	b.Annoncer(t, 1, "RB2", "VIR-GROUPE-B", Paye{"B1", 500}, Paye{"B2", 100})
	b.Recevoir(t, comptable.LigneReleve{Montant: 600, BoutEnBout: "VIR-GROUPE-B"})
	if x := b.Epuiser(t); x.Matchees != 1 || x.Montant != 600 {
		t.Errorf("l'un après l'autre : %+v", x)
	}
	reste(t, b, "B1", 0)
	// A transfer for two returns of three waits; that of the third one, which is
	// alone of its amount, is matched, and what waited no longer has to.
	b.Annoncer(t, 1, "RC1", "VIR-GROUPE-C", Paye{"C1", 500})
	b.Annoncer(t, 1, "RC2", "VIR-GROUPE-C", Paye{"C2", 300})
	b.Annoncer(t, 1, "RC3", "VIR-GROUPE-C", Paye{"C3", 700})
	attend := b.Recevoir(t, comptable.LigneReleve{Montant: 800, BoutEnBout: "VIR-GROUPE-C"})
	if x := b.Epuiser(t); x.Matchees != 0 {
		t.Errorf("deux retours sur trois : %+v", x)
	}
	b.Recevoir(t, comptable.LigneReleve{Montant: 700, BoutEnBout: "VIR-GROUPE-C"})
	if x := b.Epuiser(t); x.Matchees != 2 || x.Montant != 1500 {
		t.Errorf("le troisième, puis les deux autres : %+v, %s", x, b.Ligne(t, attend.ID).Doute)
	}
	reste(t, b, "C2", 700)
	// So it is when a person matched the third one.
	b.Annoncer(t, 1, "RD1", "VIR-GROUPE-D", Paye{"D1", 500})
	b.Annoncer(t, 1, "RD2", "VIR-GROUPE-D", Paye{"D2", 300})
	b.Annoncer(t, 1, "RD3", "VIR-GROUPE-D", Paye{"D3", 700})
	b.Recevoir(t, comptable.LigneReleve{Montant: 800, BoutEnBout: "VIR-GROUPE-D"})
	muette := b.Recevoir(t, comptable.LigneReleve{Montant: 700, BoutEnBout: "RIEN-DE-CONNU"})
	b.Epuiser(t)
	if _, err := b.Imputer(ctx, comptable.Ordre{Agent: "Camille", Raison: "avis papier"}, muette.ID,
		[]comptable.Part{{Annonce: comptable.CleAnnonce{Payeur: AMC(t, 1), Retour: "RD3"}, Montant: 700}}); err != nil {
		t.Fatal(err)
	}
	if x := b.Epuiser(t); x.Matchees != 1 || x.Montant != 800 {
		t.Errorf("après une personne : %+v", x)
	}
	reste(t, b, "D2", 700)
}
