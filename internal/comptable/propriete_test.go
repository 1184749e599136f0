package comptable_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	ct "github.com/ecluse-sante/ecluse/internal/comptable/comptabletest"
	"github.com/ecluse-sante/ecluse/internal/comptable/store"
	"github.com/ecluse-sante/ecluse/sante"
)

// automate makes random operations on a book, and keeps in mind only names.
type automate struct {
	*ct.Banc
	titres   []comptable.CleTitre
	factures []string
	annonces []comptable.CleAnnonce
	lignes   []comptable.IDLigne
	n        int
	coups    int
}

// coup runs an operation; a refusal of the rules is an answer like another.
func (a *automate) coup(t *rapid.T, err error) {
	var d *comptable.Defaut
	if err != nil && !errors.As(err, &d) {
		t.Fatalf("erreur sans phrase : %v", err)
	}
}

func choisir[T any](t *rapid.T, l []T, nom string) (x T) {
	if len(l) == 0 {
		return x
	}
	return rapid.SampledFrom(l).Draw(t, nom)
}

var petit = rapid.Int64Range(1, 12)

// somme draws an amount that others are likely to have too.
func somme(t *rapid.T) sante.Montant { return sante.Montant(100 * petit.Draw(t, "montant")) }

func (a *automate) actions() map[string]func(*rapid.T) {
	o := comptable.Ordre{Agent: "Camille Essai", Raison: "essai"}
	return map[string]func(*rapid.T){
		"émettre": func(t *rapid.T) {
			a.n++
			f := fmt.Sprintf("F%d", a.n)
			a.titres, a.factures = append(a.titres, a.Titre(t, int(petit.Draw(t, "amc"))%3, f, somme(t)).Cle), append(a.factures, f)
		},
		"accuser": func(t *rapid.T) {
			a.coup(t, a.Accuser(ctx, []comptable.AccuseFacture{{Facture: ct.Facture(choisir(t, a.factures, "facture")), Jour: a.Aujourdhui()}}))
		},
		"réduire": func(t *rapid.T) {
			_, err := a.Reduire(ctx, comptable.ReductionTitre{Facture: ct.Facture(choisir(t, a.factures, "facture")), Montant: somme(t) - 100, Cause: comptable.Rejet,
				Origine: fmt.Sprint(petit.Draw(t, "origine")), Jour: a.Aujourdhui()})
			a.coup(t, err)
		},
		"annoncer": func(t *rapid.T) {
			a.n++
			var l []ct.Paye
			for range rapid.IntRange(1, 3).Draw(t, "factures") {
				l = append(l, ct.Paye{Facture: choisir(t, append(a.factures, "PERDUE"), "facture"), Montant: somme(t)})
			}
			a.annonces = append(a.annonces, a.Annoncer(t, int(petit.Draw(t, "amc"))%3, fmt.Sprintf("R%d", a.n), fmt.Sprintf("VIR-%04d", petit.Draw(t, "référence")), l...))
		},
		"recevoir": func(t *rapid.T) {
			l := comptable.LigneReleve{Montant: somme(t), Jour: a.Aujourdhui() - sante.Jour(petit.Draw(t, "retard"))}
			if rapid.Bool().Draw(t, "débit") && petit.Draw(t, "rare") < 3 {
				l.Sens = comptable.Debit
			}
			if rapid.Bool().Draw(t, "avec référence") {
				l.Libelle = fmt.Sprintf("VIR %04d MUTUELLE", petit.Draw(t, "référence"))
			}
			a.lignes = append(a.lignes, a.Recevoir(t, l).ID)
		},
		"payer ce qui est annoncé": func(t *rapid.T) {
			x, err := a.Livres.Annonce(ctx, choisir(t, a.annonces, "annonce"))
			if err != nil || x == nil || x.Reste == 0 {
				return
			}
			l := comptable.LigneReleve{Montant: x.Reste, BoutEnBout: x.Reference}
			if rapid.Bool().Draw(t, "en deux fois") && x.Reste > 100 {
				l.Montant = 100
				a.lignes = append(a.lignes, a.Recevoir(t, comptable.LigneReleve{Montant: x.Reste - 100, BoutEnBout: x.Reference}).ID)
			}
			a.lignes = append(a.lignes, a.Recevoir(t, l).ID)
		},
		"rapprocher": func(t *rapid.T) { a.Epuiser(t) },
		"imputer": func(t *rapid.T) {
			p := comptable.Part{Montant: somme(t), Nature: rapid.SampledFrom([]comptable.Nature{"", comptable.Paiement, comptable.Excedent, comptable.HorsChamp, comptable.Remboursement, comptable.HorsChampD}).Draw(t, "nature")}
			if rapid.Bool().Draw(t, "sur une annonce") {
				p.Annonce, p.Rang = choisir(t, a.annonces, "annonce"), rapid.IntRange(0, 3).Draw(t, "rang")
			}
			if rapid.Bool().Draw(t, "sur un titre") {
				p.Titre = choisir(t, a.titres, "titre")
			}
			_, err := a.Imputer(ctx, o, choisir(t, a.lignes, "ligne"), []comptable.Part{p, p}[:rapid.IntRange(1, 2).Draw(t, "parts")])
			a.coup(t, err)
		},
		"compenser": func(t *rapid.T) {
			_, err := a.Compenser(ctx, o, choisir(t, a.lignes, "crédit"), choisir(t, a.lignes, "débit"), somme(t))
			a.coup(t, err)
		},
		"admettre en non-valeur": func(t *rapid.T) {
			_, err := a.AdmettreEnNonValeur(ctx, o, choisir(t, a.titres, "titre"), somme(t))
			a.coup(t, err)
		},
		"contre-passer": func(t *rapid.T) {
			_, err := a.Contrepasser(ctx, o, rapid.Int64Range(1, int64(3*a.n+3)).Draw(t, "pièce"))
			a.coup(t, err)
		},
		"soumettre": func(t *rapid.T) { a.coup(t, a.Soumettre(ctx, choisir(t, a.lignes, "ligne"))) },
		"avancer":   func(t *rapid.T) { a.Avancer(rapid.IntRange(1, 20).Draw(t, "jours")) },
		"clore": func(t *rapid.T) {
			if petit.Draw(t, "rare") == 1 {
				a.Parametres.Ouverture = a.Aujourdhui()
			}
		},
		"": func(t *rapid.T) {
			if a.coups++; a.coups%4 == 0 {
				a.Juste(t)
			}
		},
	}
}

// aToutJour checks every titre, and every debtor, at several days as known at
// several others: never below zero, and the aged balance is the balance.
func (a *automate) aToutJour(t *rapid.T) {
	j := rapid.Custom(func(t *rapid.T) sante.Jour {
		return ct.Jour1 - 20 + sante.Jour(rapid.IntRange(0, int(a.Aujourdhui()-ct.Jour1)+40).Draw(t, "jour"))
	})
	for range 8 {
		jour, connu := j.Draw(t, "au"), comptable.SansFin
		if rapid.Bool().Draw(t, "connu alors") {
			connu = j.Draw(t, "connu")
		}
		b, err := a.Balance(ctx, jour, connu)
		if err != nil {
			t.Fatal(err)
		}
		agee, err := a.BalanceAgee(ctx, jour, connu)
		if err != nil {
			t.Fatal(err)
		}
		restes := map[sante.NumeroAMC]sante.Montant{}
		for i := range agee {
			restes[agee[i].AMC] = agee[i].Total()
		}
		for _, d := range b.Debiteurs {
			if d.Reste < 0 || d.Reste != restes[d.AMC] || d.Reste != d.Emis-d.Reduit-d.Paye-d.Perdu {
				t.Fatalf("au %s connu le %s : %+v, balance âgée %s", jour, connu, d, restes[d.AMC])
			}
		}
		p := comptable.Periode{Du: jour + 1, Au: jour + 1, Connu: connu}
		if err := a.Livres.TitresPeriode(ctx, p, func(x *comptable.TitrePeriode) error {
			if x.Ouverture < 0 || x.Cloture < 0 {
				t.Fatalf("au %s connu le %s, un titre sous zéro : %+v", jour, connu, x)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever is done, and in whatever order: the book balances, nothing is matched
// beyond its amount, and every titre is at or above zero at every day.
func TestInvariants(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, base *bdd.Base) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			a := &automate{Banc: ct.Nouveau(store.New(base, fmt.Sprintf("es-%d", n)), comptable.Parametres{})}
			t.Repeat(a.actions())
			a.Juste(t)
			a.aToutJour(t)
		})
	}, store.Migrations())
}

// The decision is a function of what is open: what it matches adds up, by its
// reason, and no match is made when two answers are as good.
func TestDecider(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &comptable.LigneReleve{ID: "moi", Sens: comptable.Credit, Montant: somme(t), Jour: ct.Jour1}
		l.Reste = l.Montant
		annonce := func(m sante.Montant, n int) *comptable.Annonce {
			return &comptable.Annonce{Cle: comptable.CleAnnonce{Retour: fmt.Sprint(n)}, Reference: "VIR-1000", Reste: m, Comptable: ct.Jour1 + sante.Jour(rapid.IntRange(-6, 6).Draw(t, "écart"))}
		}
		var c comptable.Candidats
		for i := range rapid.IntRange(0, 3).Draw(t, "citées") {
			c.Citees = append(c.Citees, annonce(somme(t), i))
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "égales") {
			a := annonce(l.Reste, i)
			a.Cle.Payeur = ct.AMC(t, rapid.IntRange(1, 5).Draw(t, "payeur")/5)
			c.Egales = append(c.Egales, a)
		}
		l.BoutEnBout = rapid.SampledFrom([]string{"", "", "NOTPROVIDED", "AUTRE-1"}).Draw(t, "bout en bout")
		l.Contrepartie = rapid.SampledFrom([]string{"", "MUTUELLE DE L'ETE", "AUTRE MUTUELLE"}).Draw(t, "contrepartie")
		c.Debiteur = rapid.SampledFrom([]string{"", "Mutuelle de l'Été (fictive)"}).Draw(t, "débiteur")
		c.Autre = rapid.IntRange(0, 4).Draw(t, "autre") == 0
		for i := range rapid.IntRange(0, 2).Draw(t, "autres lignes") {
			x := &comptable.LigneReleve{ID: comptable.IDLigne(fmt.Sprint(i)), Jour: ct.Jour1 + sante.Jour(rapid.IntRange(-6, 6).Draw(t, "jour")), Reste: somme(t)}
			c.Soeurs = append(c.Soeurs, x)
			y := *x
			y.Reste = l.Reste
			c.Rivales = append(c.Rivales, &y)
		}
		d := comptable.Decider(l, c, comptable.Parametres{})
		if (d.Doute == "") == (d.Motif == "") {
			t.Fatalf("ni l'un ni l'autre : %+v", d)
		}
		if d.Doute != "" {
			if len(d.Annonces)+len(d.Lignes) > 0 {
				t.Fatalf("douteux, et rapproché : %+v", d)
			}
			return
		}
		var recu, annonces sante.Montant
		for _, x := range d.Lignes {
			recu += x.Reste
		}
		for _, x := range d.Annonces {
			annonces += x.Reste
		}
		if recu != annonces || d.Lignes[0] != l || d.Motif.Score() == 0 {
			t.Fatalf("reçu %s, annoncé %s : %+v", recu, annonces, d)
		}
		if len(c.Citees) > 0 != (d.Motif == comptable.ParReference || d.Motif == comptable.ParReferences) {
			t.Fatalf("la référence d'abord : %+v", d)
		}
		if seul := d.Motif == comptable.ParMontant || d.Motif == comptable.ParMontantEtDate; seul && (c.Autre || l.BoutEnBout == "AUTRE-1" || c.Debiteur != "" && l.Contrepartie == "AUTRE MUTUELLE" ||
			slices.ContainsFunc(c.Egales, func(a *comptable.Annonce) bool { return a.Cle.Payeur != d.Annonces[0].Cle.Payeur })) {
			t.Fatalf("le montant seul prend ce qu'un autre a pu payer : %+v", d)
		}
		if d.Motif == comptable.ParMontant && (len(c.Egales) != 1 || len(c.Rivales) > 0) {
			t.Fatalf("le montant n'était pas seul : %+v", d)
		}
		if d.Motif == comptable.ParMontantEtDate {
			for _, a := range c.Egales {
				if a != d.Annonces[0] && loin(a, l) <= loin(d.Annonces[0], l) {
					t.Fatalf("une autre annonce est aussi proche : %+v", d)
				}
			}
		}
	})
}

func loin(a *comptable.Annonce, l *comptable.LigneReleve) sante.Jour {
	return max(a.Comptable-l.Jour, l.Jour-a.Comptable)
}
