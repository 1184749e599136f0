package comptabletest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

var ctx = context.Background()

// Suite is what every store must pass. ouvrir gives a store of a tenant.
func Suite(t *testing.T, ouvrir func(tenant string) Livres) {
	for _, c := range []struct {
		nom string
		f   func(t *testing.T, b, autre *Banc)
	}{
		{"un titre émis deux fois n'en fait qu'un", emettre},
		{"une réduction se fait une fois, et pas au-delà", reduire},
		{"une réduction levée rend ce qu'elle a pris, une fois", retablir},
		{"l'échéance est à douze jours de l'accusé", accuser},
		{"une annonce et un virement qui la cite", parReference},
		{"un virement paie plusieurs annonces", plusieursAnnonces},
		{"une annonce est payée par plusieurs virements", plusieursLignes},
		{"un virement couvre des retours de plusieurs jours", retoursDUnVirement},
		{"des virements d'une même référence", virementsDUneReference},
		{"sans référence, le montant puis la date", parMontant},
		{"ce qui est douteux attend", douteux},
		{"le montant seul ne prend pas le virement d'un autre", pasLeSien},
		{"une AMC ne paie pas ce qu'une autre doit", autreAMC},
		{"ce qui arrive après lève le doute", apresCoup},
		{"trop de candidats n'en font aucun", tropDeCandidats},
		{"une ligne s'impute à la main sur plusieurs titres", aLaMain},
		{"une contre-passation rend tout", contrepasser},
		{"un débit reprend un crédit", compenser},
		{"une admission en non-valeur", nonValeur},
		{"la balance à une date, telle qu'on la connaissait", balanceADate},
		{"la balance âgée", balanceAgee},
		{"l'argent venu avant le titre, l'accusé appris après", avantEmission},
		{"les délais", delais},
		{"le schéma refuse ce qui dépasse", schema},
		{"un établissement ne voit pas l'autre", cloison},
		{"un refus ne laisse rien", defaire},
	} {
		t.Run(c.nom, func(t *testing.T) {
			b, autre := Nouveau(ouvrir("es-1-"+c.nom), comptable.Parametres{}), Nouveau(ouvrir("es-2-"+c.nom), comptable.Parametres{})
			c.f(t, b, autre)
			b.Juste(t)
			autre.Juste(t)
		})
	}
}

func attendre(t *testing.T, err, voulue error) {
	t.Helper()
	if !errors.Is(err, voulue) {
		t.Fatalf("erreur %v, attendu %v", err, voulue)
	}
}

func reste(t *testing.T, b *Banc, numero string, voulu sante.Montant) {
	t.Helper()
	if x := b.Lu(t, numero); x.Reste != voulu {
		t.Errorf("reste de %s : %s, attendu %s", numero, x.Reste, voulu)
	}
}

func emettre(t *testing.T, b, _ *Banc) {
	a := b.Titre(t, 1, "F1", 10000)
	if c := b.Titre(t, 1, "F1", 10000); c.Cle != a.Cle {
		t.Errorf("deux titres : %v, %v", a.Cle, c.Cle)
	}
	if c := b.Titre(t, 1, "F2", 500); c.Cle != (comptable.CleTitre{Exercice: 2026, Numero: 2}) {
		t.Errorf("numéro %v", c.Cle)
	}
	_, err := b.Emettre(ctx, []comptable.Emis{{Facture: Facture("F1"), AMC: AMC(t, 1), Montant: 1, Jour: Jour1}})
	attendre(t, err, comptable.ErrDifferent)
	_, err = b.Emettre(ctx, []comptable.Emis{{Facture: Facture("F3"), AMC: AMC(t, 1), Montant: -1, Jour: Jour1}})
	attendre(t, err, comptable.ErrDonnees)
	var beaucoup []comptable.Emis
	for i := range 333 {
		beaucoup = append(beaucoup, comptable.Emis{Facture: Facture(fmt.Sprintf("G%d", i)), AMC: AMC(t, 1), Montant: 10, Jour: Jour1})
	}
	beaucoup = append(beaucoup, beaucoup[0])
	for range 2 {
		l, err := b.Emettre(ctx, beaucoup)
		if err != nil || len(l) != 334 || l[0].Cle != l[333].Cle || l[332].Cle.Numero != 335 {
			t.Fatalf("beaucoup de titres : %v, %d", err, len(l))
		}
	}
	if lu := b.Lu(t, "F1"); lu.Preuve.Feuille != "feuille-F1" || lu.Emis != Jour1 || lu.Lot != "L1" {
		t.Errorf("relu %+v", lu)
	}
}

func reduire(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F1", 10000)
	r := comptable.ReductionTitre{Facture: Facture("F1"), Montant: 4000, Cause: comptable.Rejet, Origine: "R1", Jour: Jour1}
	for range 2 {
		if _, err := b.Reduire(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	reste(t, b, "F1", 6000)
	r.Origine, r.Montant = "R2", 6001
	_, err := b.Reduire(ctx, r)
	attendre(t, err, comptable.ErrDepassement)
	r.Montant, r.Cause = 0, comptable.Annulation
	if x, err := b.Reduire(ctx, r); err != nil || x.Reste != 0 || x.Reduit != 10000 {
		t.Errorf("annulation : %+v, %v", x, err)
	}
	r.Facture = Facture("F9")
	_, err = b.Reduire(ctx, r)
	attendre(t, err, comptable.ErrInconnu)
}

func retablir(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F1", 10000)
	r := comptable.ReductionTitre{Facture: Facture("F1"), Cause: comptable.Rejet, Origine: "L1", Jour: Jour1}
	if err := b.Retablir(ctx, r); err != nil {
		t.Fatalf("rien à lever : %v", err)
	}
	if _, err := b.Reduire(ctx, r); err != nil {
		t.Fatal(err)
	}
	reste(t, b, "F1", 0)
	b.Avancer(3)
	for range 2 {
		if err := b.Retablir(ctx, r); err != nil {
			t.Fatal(err)
		}
		reste(t, b, "F1", 10000)
	}
	if x := ligneDe(t, b, Jour1, comptable.SansFin); x.Reste != 10000 || x.Reduit != 0 {
		t.Errorf("au jour de la réduction, telle qu'on la connaît : %+v", x)
	}
	if x := ligneDe(t, b, Jour1, Jour1); x.Reste != 0 || x.Reduit != 10000 {
		t.Errorf("au jour de la réduction, telle qu'on la connaissait : %+v", x)
	}
	// The same origin was heard: it is not done again; another one is.
	if _, err := b.Reduire(ctx, r); err != nil {
		t.Fatal(err)
	}
	reste(t, b, "F1", 10000)
	r.Origine = "R1"
	if _, err := b.Reduire(ctx, r); err != nil {
		t.Fatal(err)
	}
	reste(t, b, "F1", 0)
	r.Facture = Facture("F9")
	attendre(t, b.Retablir(ctx, r), comptable.ErrInconnu)
}

func accuser(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F1", 100)
	for _, j := range []sante.Jour{Jour1 + 1, Jour1 + 5} {
		if err := b.Accuser(ctx, []comptable.AccuseFacture{{Facture: Facture("F1"), Jour: j}}); err != nil {
			t.Fatal(err)
		}
	}
	if x := b.Lu(t, "F1"); x.Accuse != Jour1+1 || x.Echeance != Jour1+13 || x.Connu != Jour1 {
		t.Errorf("dates %+v", x)
	}
	attendre(t, b.Accuser(ctx, []comptable.AccuseFacture{{Facture: Facture("F2"), Jour: Jour1}}), comptable.ErrInconnu)
}

func parReference(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F1", 10000)
	b.Titre(t, 1, "F2", 5000)
	a := b.AnnonceDe(t, 1, "R1", "VIR 2026-05/0042", Paye{"F1", 10000}, Paye{"F2", 3000})
	for range 2 {
		if err := b.AnnoncerPaiement(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	autre := b.AnnonceDe(t, 1, "R1", "VIR 2026-05/0042", Paye{"F1", 10000}, Paye{"F2", 2999})
	attendre(t, b.AnnoncerPaiement(ctx, autre), comptable.ErrDifferent)
	b.Avancer(2)
	l := b.Recevoir(t, comptable.LigneReleve{Montant: 13000, Libelle: "VIREMENT SEPA RECU VIR 2026 05 0042 MUTUELLE"})
	if x := b.Epuiser(t); x.Matchees != 1 || x.Montant != 13000 {
		t.Fatalf("bilan %+v", x)
	}
	reste(t, b, "F1", 0)
	reste(t, b, "F2", 2000)
	p, err := b.Livres.Piece(ctx, 4)
	if err != nil || p.Motif != comptable.ParReference || p.Score != 100 || len(p.Ecritures) != 2 || p.Ecritures[0].Jour != Jour1+2 {
		t.Fatalf("pièce %+v, %v", p, err)
	}
	if x := b.Ligne(t, l.ID); x.Reste != 0 {
		t.Errorf("reste de la ligne %s", x.Reste)
	}
	lue, err := b.Livres.Annonce(ctx, a.Cle)
	if err != nil || lue.Reste != 0 || lue.Factures[1].Reste != 0 || lue.Factures[1].Titres[0].Facture.Numero != "F2" {
		t.Errorf("annonce %+v, %v", lue, err)
	}
}

func plusieursAnnonces(t *testing.T, b, _ *Banc) {
	for i := range 4 {
		b.Titre(t, 1, fmt.Sprintf("F%d", i), 1000)
	}
	b.Annoncer(t, 1, "R1", "VIR-7001", Paye{"F0", 1000}, Paye{"F1", 1000})
	b.Annoncer(t, 1, "R2", "VIR-7001", Paye{"F2", 1000})
	b.Recevoir(t, comptable.LigneReleve{Montant: 3000, BoutEnBout: "VIR-7001"})
	if x := b.Epuiser(t); x.Matchees != 1 || x.Pieces != 1 || x.Montant != 3000 {
		t.Fatalf("bilan %+v", x)
	}
	reste(t, b, "F2", 0)
	reste(t, b, "F3", 1000)
}

func plusieursLignes(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F1", 1000)
	b.Titre(t, 1, "F2", 1000)
	b.Annoncer(t, 1, "R1", "VIR-7001", Paye{"F1", 1000}, Paye{"F2", 1000})
	b.Recevoir(t, comptable.LigneReleve{Montant: 1500, BoutEnBout: "VIR-7001"})
	if x := b.Epuiser(t); x.Matchees != 0 || x.Douteuses != 1 {
		t.Fatalf("bilan %+v", x)
	}
	b.Avancer(1)
	b.Recevoir(t, comptable.LigneReleve{Montant: 500, BoutEnBout: "VIR-7001"})
	if x := b.Epuiser(t); x.Matchees != 2 || x.Montant != 2000 {
		t.Fatalf("bilan %+v", x)
	}
	reste(t, b, "F1", 0)
	reste(t, b, "F2", 0)
}

func parMontant(t *testing.T, b, _ *Banc) {
	for i := range 4 {
		b.Titre(t, 1, fmt.Sprintf("F%d", i), 1000)
	}
	b.Annoncer(t, 1, "R0", "INCONNUE-0", Paye{"F0", 777})
	b.Recevoir(t, comptable.LigneReleve{Montant: 777, Libelle: "VIREMENT"})
	if x := b.Epuiser(t); x.Matchees != 1 {
		t.Fatalf("montant unique : %+v", x)
	}
	b.Annoncer(t, 1, "R1", "INCONNUE-1", Paye{"F1", 500})
	b.Avancer(10)
	b.Annoncer(t, 1, "R2", "INCONNUE-2", Paye{"F2", 500})
	b.Avancer(1)
	l := b.Recevoir(t, comptable.LigneReleve{Montant: 500, Libelle: "VIREMENT"})
	if x := b.Epuiser(t); x.Matchees != 1 {
		t.Fatalf("montant et date : %+v, %s", x, b.Ligne(t, l.ID).Doute)
	}
	reste(t, b, "F1", 1000)
	reste(t, b, "F2", 500)
}

func douteux(t *testing.T, b, _ *Banc) {
	for i := range 6 {
		b.Titre(t, 1, fmt.Sprintf("F%d", i), 1000)
	}
	b.Annoncer(t, 1, "R0", "REF-000", Paye{"F0", 1000})
	b.Annoncer(t, 1, "R1", "REF-001", Paye{"F1", 400})
	b.Annoncer(t, 1, "R2", "REF-002", Paye{"F2", 400})
	b.Annoncer(t, 1, "R3", "REF-003", Paye{"INCONNUE", 310})
	b.Annoncer(t, 1, "R4", "REF-004", Paye{"F3", 1001})
	b.Annoncer(t, 1, "R5", "REF-005", Paye{"F4", 650})
	for _, c := range []struct {
		doute comptable.Doute
		l     comptable.LigneReleve
	}{
		{comptable.MontantDifferent, comptable.LigneReleve{Montant: 999, BoutEnBout: "REF-000"}},
		{comptable.PlusieursAnnonces, comptable.LigneReleve{Montant: 400}},
		{comptable.AnnonceAbsente, comptable.LigneReleve{Montant: 123456}},
		{comptable.TitreAbsent, comptable.LigneReleve{Montant: 310, BoutEnBout: "REF-003"}},
		{comptable.TitreInsuffisant, comptable.LigneReleve{Montant: 1001, BoutEnBout: "REF-004"}},
		{comptable.MouvementDebit, comptable.LigneReleve{Montant: 1000, Sens: comptable.Debit, BoutEnBout: "REF-000"}},
		{comptable.Extourne, comptable.LigneReleve{Montant: 1000, Extourne: true, BoutEnBout: "REF-000"}},
		// Already quoted by a line: the amount alone must not take it.
		{comptable.AnnonceAbsente, comptable.LigneReleve{Montant: 1000}},
	} {
		l := b.Recevoir(t, c.l)
		b.Epuiser(t)
		if x := b.Ligne(t, l.ID); x.Doute != c.doute || x.Reste != x.Montant {
			t.Errorf("%+v : %s, reste %s", c.l, x.Doute, x.Reste)
		}
	}
	// Two lines of one amount, one announce: neither takes it.
	for range 2 {
		b.fichier++
		if _, err := b.Importer(ctx, Lignes(comptable.LigneReleve{Compte: "FR7610071750000000000240042", Jour: Jour1, Sens: comptable.Credit, Montant: 650, Reference: fmt.Sprintf("X%d", b.fichier)},
			comptable.LigneReleve{Compte: "FR7610071750000000000240042", Jour: Jour1, Sens: comptable.Credit, Montant: 650, Reference: "Y"})); err != nil {
			t.Fatal(err)
		}
	}
	if x := b.Epuiser(t); x.Matchees != 0 {
		t.Errorf("lignes concurrentes : %+v", x)
	}
	reste(t, b, "F4", 1000)
}

// pasLeSien is an insurer that announces the payment of its titre and never makes
// it: the transfer of another, of the same amount, must not pay it.
func pasLeSien(t *testing.T, b, _ *Banc) {
	for i, c := range []struct {
		nom     string
		prepare func(m sante.Montant)
		l       comptable.LigneReleve
		doute   comptable.Doute
	}{
		{"l'identification d'un autre virement", nil, comptable.LigneReleve{BoutEnBout: "VIR-HONNETE"}, comptable.ReferenceInconnue},
		{"la référence structurée d'un autre", nil, comptable.LigneReleve{BoutEnBout: "NOTPROVIDED", Remises: []string{"RF18 5390 0754 7034"}}, comptable.ReferenceInconnue},
		{"un autre doit ce montant", func(m sante.Montant) { b.Titre(t, 2, fmt.Sprintf("H%d", m), m) }, comptable.LigneReleve{}, comptable.AutrePayeur},
		{"un autre l'annonce aussi", func(m sante.Montant) {
			b.Titre(t, 2, fmt.Sprintf("H%d", m), m+1)
			b.Annoncer(t, 2, fmt.Sprintf("H%d", m), fmt.Sprintf("HONNETE-%d", m), Paye{fmt.Sprintf("H%d", m), m})
			b.Avancer(5)
			b.Annoncer(t, 1, fmt.Sprintf("RR%d", m), fmt.Sprintf("PROMIS-BIS-%d", m), Paye{fmt.Sprintf("F%d", m), m})
		}, comptable.LigneReleve{}, comptable.AutrePayeur},
		{"un autre l'annonçait il y a longtemps", func(m sante.Montant) {
			b.Titre(t, 2, fmt.Sprintf("H%d", m), m+1)
			a := b.AnnonceDe(t, 2, fmt.Sprintf("H%d", m), fmt.Sprintf("HONNETE-%d", m), Paye{fmt.Sprintf("H%d", m), m})
			a.Comptable -= 60
			if err := b.AnnoncerPaiement(ctx, a); err != nil {
				t.Fatal(err)
			}
		}, comptable.LigneReleve{}, comptable.AutrePayeur},
		{"payé sous un autre nom", nil, comptable.LigneReleve{Contrepartie: "MUTUELLE 2 (FICTIVE)"}, comptable.ContrepartieAutre},
		{"sans rien d'autre", nil, comptable.LigneReleve{BoutEnBout: "NOTPROVIDED", Contrepartie: "mutuelle 1"}, ""},
	} {
		m := sante.Montant(10_000 + 100*i)
		numero := fmt.Sprintf("F%d", m)
		b.Titre(t, 1, numero, m)
		b.Annoncer(t, 1, fmt.Sprintf("R%d", m), fmt.Sprintf("PROMIS-%d", m), Paye{numero, m})
		if c.prepare != nil {
			c.prepare(m)
		}
		c.l.Montant = m
		l := b.Recevoir(t, c.l)
		b.Epuiser(t)
		x := b.Ligne(t, l.ID)
		if x.Doute != c.doute || c.doute != "" && x.Doute.Libelle() == "" {
			t.Errorf("%s : %q (%s)", c.nom, x.Doute, x.Doute.Libelle())
		}
		want := m
		if c.doute == "" {
			want = 0
		}
		reste(t, b, numero, want)
	}
}

func autreAMC(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F1", 5000)
	b.Annoncer(t, 2, "R1", "VIR-AUTRE", Paye{Facture: "F1", Montant: 5000})
	if _, err := b.Importer(ctx, Lignes(comptable.LigneReleve{Compte: "FR7610071750000000000240042", Jour: Jour1, Sens: comptable.Credit, Montant: 5000, BoutEnBout: "VIR-AUTRE"})); err != nil {
		t.Fatal(err)
	}
	if x, err := b.Rapprocher(ctx, 10); err != nil || x.Matchees != 0 || x.Douteuses != 1 {
		t.Errorf("%+v, %v", x, err)
	}
	l, _, err := b.File(ctx, comptable.PlaceFile{}, 10)
	if err != nil || len(l) != 1 || l[0].Doute != comptable.TitreAbsent {
		t.Errorf("%+v, %v", l, err)
	}
	reste(t, b, "F1", 5000)
}

func apresCoup(t *testing.T, b, _ *Banc) {
	b.Recevoir(t, comptable.LigneReleve{Montant: 800, BoutEnBout: "VIR-1000"})
	b.Epuiser(t)
	b.Annoncer(t, 1, "R1", "VIR-1000", Paye{"F1", 800})
	if x := b.Epuiser(t); x.Douteuses != 1 {
		t.Fatalf("titre absent : %+v", x)
	}
	if x, err := b.Rapprocher(ctx, 10); err != nil || x.Examinees != 0 {
		t.Fatalf("examinée deux fois : %+v, %v", x, err)
	}
	b.Titre(t, 1, "F1", 800)
	if x := b.Epuiser(t); x.Matchees != 1 {
		t.Fatalf("bilan %+v", x)
	}
}

// tropDeCandidats holds more announces of an amount than are read: the nearest one
// may be among those left out.
func tropDeCandidats(t *testing.T, b, _ *Banc) {
	b.Avancer(-5)
	for i := range comptable.CandidatsMax {
		b.Annoncer(t, 1, fmt.Sprintf("R%d", i), fmt.Sprintf("REF-%03d", i), Paye{"INCONNUE", 2400})
	}
	b.Avancer(3)
	b.Titre(t, 1, "F1", 2400)
	b.Annoncer(t, 1, "PROCHE", "REF-PROCHE", Paye{"F1", 2400})
	b.Avancer(2)
	l := b.Recevoir(t, comptable.LigneReleve{Montant: 2400})
	if x := b.Epuiser(t); x.Matchees != 0 || b.Ligne(t, l.ID).Doute != comptable.PlusieursAnnonces {
		t.Errorf("%+v, %s", x, b.Ligne(t, l.ID).Doute)
	}
}
