package comptabletest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

var ordre = comptable.Ordre{Agent: "Camille Essai", Raison: "courrier de l'AMC"}

func aLaMain(t *testing.T, b, _ *Banc) {
	f1, f2 := b.Titre(t, 1, "F1", 1000), b.Titre(t, 2, "F2", 1000)
	a := b.Annoncer(t, 1, "R1", "VIR-1", Paye{"F1", 700}, Paye{"PERDUE", 50})
	l := b.Recevoir(t, comptable.LigneReleve{Montant: 2000})
	d := b.Recevoir(t, comptable.LigneReleve{Montant: 30, Sens: comptable.Debit})
	for nom, c := range map[string]struct {
		o      comptable.Ordre
		id     comptable.IDLigne
		parts  []comptable.Part
		voulue error
	}{
		"un NIR":              {comptable.Ordre{Agent: "Camille", Raison: "vu avec 2 85 05 2A 006 084"}, l.ID, []comptable.Part{{Titre: f1.Cle, Montant: 1}}, comptable.ErrDonnees},
		"sans nom":            {comptable.Ordre{Raison: "x"}, l.ID, []comptable.Part{{Titre: f1.Cle, Montant: 1}}, comptable.ErrDonnees},
		"sans raison":         {comptable.Ordre{Agent: "x"}, l.ID, []comptable.Part{{Titre: f1.Cle, Montant: 1}}, comptable.ErrDonnees},
		"sans part":           {ordre, l.ID, nil, comptable.ErrDonnees},
		"ligne inconnue":      {ordre, "00", []comptable.Part{{Titre: f1.Cle, Montant: 1}}, comptable.ErrInconnu},
		"titre inconnu":       {ordre, l.ID, []comptable.Part{{Titre: comptable.CleTitre{Exercice: 2026, Numero: 99}, Montant: 1}}, comptable.ErrInconnu},
		"au-delà du titre":    {ordre, l.ID, []comptable.Part{{Titre: f1.Cle, Montant: 600}, {Titre: f1.Cle, Montant: 401}}, comptable.ErrDepassement},
		"au-delà de la ligne": {ordre, l.ID, []comptable.Part{{Nature: comptable.HorsChamp, Montant: 1999}, {Titre: f1.Cle, Montant: 2}}, comptable.ErrDepassement},
		"au-delà annoncé":     {ordre, l.ID, []comptable.Part{{Annonce: a, Rang: 1, Montant: 701}}, comptable.ErrDepassement},
		"négatif":             {ordre, l.ID, []comptable.Part{{Titre: f1.Cle, Montant: -5}}, comptable.ErrDepassement},
		"sans objet":          {ordre, l.ID, []comptable.Part{{Montant: 5}}, comptable.ErrDonnees},
		"facture sans titre":  {ordre, l.ID, []comptable.Part{{Annonce: a, Montant: 750}}, comptable.ErrInconnu},
		"débit qui paie":      {ordre, d.ID, []comptable.Part{{Titre: f1.Cle, Montant: 5}}, comptable.ErrDonnees},
		"nature interdite":    {ordre, l.ID, []comptable.Part{{Nature: comptable.Emission, Montant: 5}}, comptable.ErrDonnees},
	} {
		if _, err := b.Imputer(ctx, c.o, c.id, c.parts); !errors.Is(err, c.voulue) {
			t.Errorf("%s : %v, attendu %v", nom, err, c.voulue)
		}
	}
	p, err := b.Imputer(ctx, ordre, l.ID, []comptable.Part{{Annonce: a, Montant: 700}, {Titre: f2.Cle, Montant: 400},
		{Annonce: a, Rang: 2, Nature: comptable.Excedent, Montant: 50}, {Nature: comptable.HorsChamp, Montant: 100}})
	if err != nil {
		t.Fatal(err)
	}
	lue, err := b.Livres.Piece(ctx, p.Numero)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, lue, cmp.Comparer(func(x, y sante.NumeroAMC) bool { return x == y })); diff != "" {
		t.Errorf("pièce relue : %s", diff)
	}
	reste(t, b, "F1", 300)
	reste(t, b, "F2", 600)
	if x := b.Ligne(t, l.ID); x.Reste != 750 || x.Doute != comptable.PaiementPartiel {
		t.Errorf("ligne %+v", x)
	}
	if _, err := b.Imputer(ctx, ordre, d.ID, []comptable.Part{{Nature: comptable.Remboursement, Montant: 20}, {Nature: comptable.HorsChampD, Montant: 10}}); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Candidats(ctx, l.ID); err != nil || len(c.Citees)+len(c.Egales) != 0 {
		t.Errorf("candidats %+v, %v", c, err)
	}
}

func contrepasser(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F1", 1000)
	a := b.Annoncer(t, 1, "R1", "VIR-1000", Paye{"F1", 1000})
	l := b.Recevoir(t, comptable.LigneReleve{Montant: 1000, BoutEnBout: "VIR-1000"})
	b.Epuiser(t)
	reste(t, b, "F1", 0)
	b.Avancer(40)
	p, err := b.Contrepasser(ctx, ordre, 3)
	if err != nil {
		t.Fatal(err)
	}
	if e := p.Ecritures[0]; !e.Contre || e.Jour != Jour1 || p.Connu != Jour1+40 {
		t.Errorf("contre-écriture %+v", e)
	}
	reste(t, b, "F1", 1000)
	if x := b.Ligne(t, l.ID); x.Reste != 1000 || x.Doute != comptable.Defaite {
		t.Errorf("ligne %+v", x)
	}
	if x, err := b.Livres.Annonce(ctx, a); err != nil || x.Reste != 1000 {
		t.Errorf("annonce %+v, %v", x, err)
	}
	if x := b.Epuiser(t); x.Matchees != 0 {
		t.Error("ce qu'une personne a défait s'est refait tout seul")
	}
	_, err = b.Contrepasser(ctx, ordre, 3)
	attendre(t, err, comptable.ErrDejaDefait)
	_, err = b.Contrepasser(ctx, ordre, p.Numero)
	attendre(t, err, comptable.ErrTransition)
	for _, fait := range []int64{1, 2} {
		_, err = b.Contrepasser(ctx, ordre, fait)
		attendre(t, err, comptable.ErrTransition)
	}
	_, err = b.Contrepasser(ctx, ordre, 99)
	attendre(t, err, comptable.ErrInconnu)
	if err := b.Soumettre(ctx, l.ID); err != nil {
		t.Fatal(err)
	}
	if x := b.Epuiser(t); x.Matchees != 1 {
		t.Errorf("rendue à l'automate : %+v", x)
	}
}

func compenser(t *testing.T, b, _ *Banc) {
	c := b.Recevoir(t, comptable.LigneReleve{Montant: 500})
	d := b.Recevoir(t, comptable.LigneReleve{Montant: 500, Sens: comptable.Debit, Extourne: true})
	_, err := b.Compenser(ctx, ordre, d.ID, c.ID, 500)
	attendre(t, err, comptable.ErrDonnees)
	_, err = b.Compenser(ctx, ordre, c.ID, d.ID, 501)
	attendre(t, err, comptable.ErrDepassement)
	p, err := b.Compenser(ctx, ordre, c.ID, d.ID, 500)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l, _, err := b.File(ctx, comptable.PlaceFile{}, 10)
		if err != nil || (len(l) == 0) != (p != nil) {
			t.Fatalf("file %v, %v", l, err)
		}
		if p == nil {
			break
		}
		if _, err := b.Contrepasser(ctx, ordre, p.Numero); err != nil {
			t.Fatal(err)
		}
		p = nil
	}
}

func nonValeur(t *testing.T, b, _ *Banc) {
	f := b.Titre(t, 1, "F1", 1000)
	b.Avancer(5)
	_, err := b.AdmettreEnNonValeur(ctx, ordre, f.Cle, 1001)
	attendre(t, err, comptable.ErrDepassement)
	p, err := b.AdmettreEnNonValeur(ctx, ordre, f.Cle, 400)
	if err != nil {
		t.Fatal(err)
	}
	reste(t, b, "F1", 600)
	if _, err := b.Contrepasser(ctx, ordre, p.Numero); err != nil {
		t.Fatal(err)
	}
	reste(t, b, "F1", 1000)
}

// ligneDe is the balance of the first insurer.
func ligneDe(t *testing.T, b *Banc, jour, connu sante.Jour) comptable.LigneBalance {
	t.Helper()
	x, err := b.Balance(ctx, jour, connu)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range x.Debiteurs {
		if d.AMC == AMC(t, 1) {
			return d
		}
	}
	return comptable.LigneBalance{}
}

func balanceADate(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F1", 1000)
	b.Titre(t, 2, "F2", 77)
	b.Annoncer(t, 1, "R1", "VIR-1000", Paye{"F1", 600})
	b.Avancer(40) // 13 June: the bank told us late of a line of 20 May
	b.Recevoir(t, comptable.LigneReleve{Montant: 600, Jour: Jour1 + 16, BoutEnBout: "VIR-1000"})
	b.Epuiser(t)
	b.Avancer(30)
	if _, err := b.Reduire(ctx, comptable.ReductionTitre{Facture: Facture("F1"), Cause: comptable.Rejet, Origine: "X", Jour: b.Aujourdhui()}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		nom         string
		jour, connu sante.Jour
		reste       sante.Montant
	}{
		{"la veille de l'émission", Jour1 - 1, comptable.SansFin, 0},
		{"le jour de l'émission", Jour1, comptable.SansFin, 1000},
		{"la veille du virement", Jour1 + 15, comptable.SansFin, 1000},
		{"le jour du virement, comme on le sait", Jour1 + 16, comptable.SansFin, 400},
		{"le jour du virement, comme on le savait", Jour1 + 16, Jour1 + 16, 1000},
		{"la veille de l'import, comme on le savait", Jour1 + 39, Jour1 + 39, 1000},
		{"le jour de l'import, comme on le savait", Jour1 + 40, Jour1 + 40, 400},
		{"le jour du virement, connu le mois suivant", Jour1 + 16, Jour1 + 40, 400},
		{"après la réduction", Jour1 + 70, comptable.SansFin, 0},
		{"après la réduction, sans la connaître", Jour1 + 70, Jour1 + 69, 400},
	} {
		if x := ligneDe(t, b, c.jour, c.connu); x.Reste != c.reste || x.Reste != x.Emis-x.Reduit-x.Paye-x.Perdu {
			t.Errorf("%s : %+v, attendu %s", c.nom, x, c.reste)
		}
		agee, err := b.BalanceAgee(ctx, c.jour, c.connu)
		if err != nil {
			t.Fatal(err)
		}
		var total sante.Montant
		for _, l := range agee {
			if l.AMC == AMC(t, 1) {
				total = l.Total()
			}
		}
		if total != c.reste {
			t.Errorf("%s : balance âgée %s, attendu %s", c.nom, total, c.reste)
		}
	}
}

func balanceAgee(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F0", 1)
	for i, avant := range []sante.Jour{12, 13, 42, 43, 72, 73, 102, 103} {
		n := string(rune('A' + i))
		b.Titre(t, 1, n, sante.Montant(10<<i))
		if err := b.Accuser(ctx, []comptable.AccuseFacture{{Facture: Facture(n), Jour: Jour1 - avant}}); err != nil {
			t.Fatal(err)
		}
	}
	l, err := b.BalanceAgee(ctx, Jour1, comptable.SansFin)
	if err != nil || len(l) != 1 {
		t.Fatalf("%v, %v", l, err)
	}
	voulu := comptable.LigneAgee{AMC: AMC(t, 1), Libelle: "Mutuelle 1 (fictive)", Nombre: [5]int{2, 2, 2, 2, 1}, Montants: [5]sante.Montant{11, 60, 240, 960, 1280}}
	if l[0] != voulu {
		t.Errorf("%+v, attendu %+v", l[0], voulu)
	}
}

// avantEmission pays a titre with money that came before it was issued, and learns
// late that it was acknowledged.
func avantEmission(t *testing.T, b, _ *Banc) {
	b.Titre(t, 1, "F1", 1000)
	b.Titre(t, 1, "F2", 500)
	b.Annoncer(t, 1, "R1", "VIR-1000", Paye{"F1", 1000})
	b.Recevoir(t, comptable.LigneReleve{Montant: 1000, Jour: Jour1 - 3, BoutEnBout: "VIR-1000"})
	b.Epuiser(t)
	for j := Jour1 - 5; j <= Jour1+1; j++ {
		voulu := sante.Montant(500)
		if j < Jour1 {
			voulu = 0
		}
		if x := ligneDe(t, b, j, comptable.SansFin); x.Reste != voulu || x.Paye > x.Emis {
			t.Errorf("%s : %+v, attendu %s", j, x, voulu)
		}
	}
	b.Avancer(50)
	if err := b.Accuser(ctx, []comptable.AccuseFacture{{Facture: Facture("F2"), Jour: Jour1}}); err != nil {
		t.Fatal(err)
	}
	for connu, tranche := range map[sante.Jour]comptable.Tranche{Jour1 + 49: comptable.NonEchu, Jour1 + 50: comptable.De31a60} {
		if l, err := b.BalanceAgee(ctx, Jour1+50, connu); err != nil || len(l) != 1 || l[0].Montants[tranche] != 500 {
			t.Errorf("connu le %s : %+v, %v", connu, l, err)
		}
	}
}

func delais(t *testing.T, b, _ *Banc) {
	b.Parametres.Penalite = 1000 // 10 % a year
	for i := range 10 {
		n := string(rune('A' + i))
		b.Titre(t, 1, n, 36500)
		if err := b.Accuser(ctx, []comptable.AccuseFacture{{Facture: Facture(n), Jour: Jour1}}); err != nil {
			t.Fatal(err)
		}
	}
	b.Titre(t, 1, "SANS", 100)
	b.Recevoir(t, comptable.LigneReleve{Montant: 1})
	for i := range 10 {
		b.Avancer(2)
		n := string(rune('A' + i))
		l := b.Recevoir(t, comptable.LigneReleve{Montant: 36500})
		if _, err := b.Imputer(ctx, ordre, l.ID, []comptable.Part{{Titre: b.Lu(t, n).Cle, Montant: 36500}}); err != nil {
			t.Fatal(err)
		}
	}
	l := b.Recevoir(t, comptable.LigneReleve{Montant: 100, Jour: Jour1 + 3})
	p, err := b.Imputer(ctx, ordre, l.ID, []comptable.Part{{Titre: b.Lu(t, "SANS").Cle, Montant: 100}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := b.Delais(ctx, Jour1, Jour1+40)
	if err != nil || len(d) != 1 {
		t.Fatalf("%v, %v", d, err)
	}
	// Delays 2, 4 … 20: four beyond 12, by 2, 4, 6 and 8 days of 0,10 € each.
	voulu := comptable.Delais{AMC: AMC(t, 1), Libelle: "Mutuelle 1 (fictive)", Nombre: 11, Montant: 365100, SansAccuse: 1, Mediane: 10, P90: 18, Retards: 4,
		MontantTard: 4 * 36500, PartTard: 4000, Penalites: 200}
	if d[0] != voulu {
		t.Errorf("%+v, attendu %+v", d[0], voulu)
	}
	if _, err := b.Contrepasser(ctx, ordre, p.Numero); err != nil {
		t.Fatal(err)
	}
	if d, err = b.Delais(ctx, Jour1, Jour1+40); err != nil || d[0].SansAccuse != 0 || d[0].Nombre != 10 {
		t.Errorf("paiement défait : %+v, %v", d, err)
	}
}

// schema writes pieces that the rules would have refused.
func schema(t *testing.T, b, _ *Banc) {
	f := b.Titre(t, 1, "F1", 1000)
	a := b.Annoncer(t, 1, "R1", "VIR-1000", Paye{"F1", 500})
	l := b.Recevoir(t, comptable.LigneReleve{Montant: 700})
	for nom, e := range map[string]comptable.Ecriture{
		"au-delà du titre":                  {Nature: comptable.NonValeur, AMC: f.AMC, Titre: f.Cle, Montant: 1001},
		"au-delà de la ligne":               {Nature: comptable.Paiement, AMC: f.AMC, Titre: f.Cle, Ligne: l.ID, Encaisse: Jour1, Montant: 701},
		"au-delà de l'annonce":              {Nature: comptable.Paiement, AMC: f.AMC, Titre: f.Cle, Ligne: l.ID, Annonce: a, Rang: 1, Encaisse: Jour1, Montant: 501},
		"contre-passation de rien":          {Nature: comptable.NonValeur, Contre: true, AMC: f.AMC, Titre: f.Cle, Montant: 1},
		"contre-passation au-delà de ligne": {Nature: comptable.HorsChamp, Contre: true, Ligne: l.ID, Montant: 1},
		"ligne inconnue":                    {Nature: comptable.HorsChamp, Ligne: "00", Montant: 1},
		"montant négatif":                   {Nature: comptable.NonValeur, AMC: f.AMC, Titre: f.Cle, Montant: -1},
	} {
		e.Jour = Jour1
		err := b.Livres.Transaction(ctx, func(ctx context.Context) error {
			if err := b.Livres.Prendre(ctx); err != nil {
				return err
			}
			return b.Livres.Ecrire(ctx, &comptable.Piece{Motif: comptable.AlaMain, Instant: b.Instant, Connu: Jour1, Ecritures: []comptable.Ecriture{e}})
		})
		if err == nil {
			t.Errorf("%s : écrite", nom)
		}
		b.Juste(t)
	}
}

func cloison(t *testing.T, b, autre *Banc) {
	b.Titre(t, 1, "F1", 1000)
	b.Annoncer(t, 1, "R1", "VIR-1000", Paye{"F1", 1000})
	autre.Recevoir(t, comptable.LigneReleve{Montant: 1000, BoutEnBout: "VIR-1000"})
	if x := autre.Epuiser(t); x.Matchees != 0 {
		t.Error("un établissement a payé l'autre")
	}
	if m, err := autre.Livres.ParFacture(ctx, []comptable.CleFacture{Facture("F1")}); err != nil || len(m) != 0 {
		t.Errorf("titre de l'autre : %v, %v", m, err)
	}
	if l, _, err := b.File(ctx, comptable.PlaceFile{}, 10); err != nil || len(l) != 0 {
		t.Errorf("lignes de l'autre : %v, %v", l, err)
	}
	if x := ligneDe(t, autre, comptable.SansFin, comptable.SansFin); x != (comptable.LigneBalance{}) {
		t.Errorf("balance de l'autre : %+v", x)
	}
	if x := autre.Titre(t, 1, "F1", 5); x.Cle.Numero != 1 {
		t.Errorf("numéro %v", x.Cle)
	}
}

func defaire(t *testing.T, b, _ *Banc) {
	rate := errors.New("raté")
	err := b.Livres.Transaction(ctx, func(ctx context.Context) error {
		if _, err := b.Emettre(ctx, []comptable.Emis{{Facture: Facture("F1"), AMC: AMC(t, 1), Montant: 10, Jour: Jour1}}); err != nil {
			return err
		}
		return rate
	})
	attendre(t, err, rate)
	if x := b.Titre(t, 1, "F2", 10); x.Cle.Numero != 1 {
		t.Errorf("numéro perdu : %v", x.Cle)
	}
	if err := b.Livres.Prendre(ctx); err == nil {
		t.Error("livre pris hors d'une transaction")
	}
}
