package liquidation_test

import (
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// conventionne is an insurer that pays the hospital of the tests without guarantee.
func conventionne(t *testing.T) *banc {
	b := nouveau(t)
	b.Parametres.Convention = func(f sante.FINESS) bool { return f == es }
	b.Membres = membres{roc.Accepte, contrat()}
	return b
}

func renommer(f *roc.Facture, numero string, nature roc.NatureFacture, corrige string) roc.Facture {
	x := *f
	x.Numero, x.Nature, x.FactureCorrigee = numero, nature, corrige
	return x
}

// The same care is paid once by convention, whatever the number of its invoice, in
// one batch or in two; once taken back or rejected, it may be invoiced again.
func TestConventionEnDouble(t *testing.T) {
	b := conventionne(t)
	f := b.parConvention(t, "DC", 2650, 5000)
	b.envoyer(t, *f, renommer(f, "G-1", roc.Initiale, ""))
	b.envoyer(t, renommer(f, "G-2", roc.Initiale, ""))
	b.etat(t, f.Numero, liquidation.Liquidee, roc.Accepte)
	b.etat(t, "G-1", liquidation.Rejetee, roc.FactureEnDouble)
	b.etat(t, "G-2", liquidation.Rejetee, roc.FactureEnDouble)
	// Another dossier, or another act of the same one, is something else.
	b.envoyer(t, *b.parConvention(t, "DD", 2650, 5000))
	autre := b.parConvention(t, "DC", 2600)
	autre.Numero = "G-3"
	b.envoyer(t, *autre)
	b.etat(t, "F-DD", liquidation.Liquidee, roc.Accepte)
	b.etat(t, "G-3", liquidation.Liquidee, roc.Accepte)
	// Taken back, in the batch that replaces it.
	b.envoyer(t, renommer(f, "G-4", roc.Rectificative, f.Numero), annulerDe(f, "A-1"))
	b.etat(t, "G-4", liquidation.Liquidee, roc.Accepte)
	b.envoyer(t, renommer(f, "G-5", roc.Initiale, ""))
	b.etat(t, "G-5", liquidation.Rejetee, roc.FactureEnDouble)
	// Rejected by a person.
	if err := b.Rejeter(ctx, es, "G-4", roc.PiecesManquantes, ""); err != nil {
		t.Fatal(err)
	}
	b.envoyer(t, renommer(f, "G-6", roc.Rectificative, "G-4"))
	b.etat(t, "G-6", liquidation.Liquidee, roc.Accepte)
}

// An invoice is corrected once, even when the corrections ask for different care; a
// correction of a correction counts.
func TestUneSeuleCorrection(t *testing.T) {
	b := conventionne(t)
	n := sante.Montant(2650)
	soins := func(numero, corrige string) roc.Facture {
		n += 100 // never the same care
		x := b.parConvention(t, "DC", n)
		return renommer(x, numero, roc.Rectificative, corrige)
	}
	f := b.parConvention(t, "DC", n)
	b.envoyer(t, *f)
	rejeter := func(numero string) {
		t.Helper()
		if err := b.Rejeter(ctx, es, numero, roc.PiecesManquantes, ""); err != nil {
			t.Fatal(err)
		}
	}
	rejeter(f.Numero)
	b.envoyer(t, soins("R1", f.Numero), soins("R2", f.Numero))
	b.envoyer(t, soins("R3", f.Numero))
	b.etat(t, "R1", liquidation.Liquidee, roc.Accepte)
	b.etat(t, "R2", liquidation.Rejetee, roc.FactureEnDouble)
	b.etat(t, "R3", liquidation.Rejetee, roc.FactureEnDouble)
	rejeter("R1")
	b.envoyer(t, soins("R4", "R1"))
	b.etat(t, "R4", liquidation.Liquidee, roc.Accepte)
	b.envoyer(t, soins("R5", f.Numero), soins("R6", "R2"), soins("R7", "R1"))
	for _, numero := range []string{"R5", "R6", "R7"} {
		b.etat(t, numero, liquidation.Rejetee, roc.FactureEnDouble)
	}
	b.envoyer(t, soins("R8", "R4"))
	b.etat(t, "R8", liquidation.Rejetee, roc.FactureEnDouble) // R4 was not rejected
}

// On an engagement too, a rejected invoice is corrected once, were it on another
// engagement.
func TestUneSeuleCorrectionEngagee(t *testing.T) {
	b := nouveau(t)
	f, autre := b.engager(t, "D1", false, 3000), b.engager(t, "D1", false, 3100)
	b.envoyer(t, *f)
	if err := b.Rejeter(ctx, es, f.Numero, roc.PiecesManquantes, ""); err != nil {
		t.Fatal(err)
	}
	b.envoyer(t, renommer(f, "R1", roc.Rectificative, f.Numero), renommer(f, "R2", roc.Rectificative, f.Numero), renommer(autre, "R3", roc.Rectificative, f.Numero))
	b.etat(t, "R1", liquidation.Liquidee, roc.Accepte)
	b.etat(t, "R2", liquidation.Rejetee, roc.EngagementFacture)
	b.etat(t, "R3", liquidation.Rejetee, roc.FactureEnDouble)
}

// Care under an engagement is not invoiced by convention, nor the other way round.
func TestConventionSousEngagement(t *testing.T) {
	for _, c := range []struct {
		etat liquidation.EtatGarantie
		code roc.Code
	}{
		{liquidation.GarantieEngagee, roc.EngagementExistant}, {liquidation.GarantieFacturee, roc.EngagementFacture},
		{liquidation.GarantiePayeePart, roc.EngagementFacture}, {liquidation.GarantiePayee, roc.EngagementFacture},
		{liquidation.GarantieRejetee, roc.EngagementExistant}, {liquidation.GarantieRendue, roc.EngagementExistant},
		{liquidation.GarantieAnnulee, roc.Accepte}, {liquidation.GarantieExpiree, roc.Accepte},
	} {
		t.Run(string(c.etat), func(t *testing.T) {
			b := conventionne(t)
			engagee := b.engager(t, "D1", false, 3000)
			g := b.garanties.Par[engagee.NumeroEngagement]
			g.Etat = c.etat
			f := b.parConvention(t, "D1", 3000)
			f.Numero = "C-1"
			b.envoyer(t, *f)
			if c.code == roc.Accepte {
				b.etat(t, "C-1", liquidation.Liquidee, roc.Accepte)
				g.Etat = liquidation.GarantieEngagee // an engagement that came meanwhile
				b.envoyer(t, *engagee)
				b.etat(t, engagee.Numero, liquidation.Rejetee, roc.FactureEnDouble)
				return
			}
			if x := b.etat(t, "C-1", liquidation.Rejetee, c.code); x.Precision == "" {
				t.Error("rien n'est dit")
			}
			for _, ailleurs := range []func(){func() { g.PeriodeDebut, g.PeriodeFin = jour+1, jour+2 }, func() { g.Dossier = "D2" }, func() { g.Finess = autre }} {
				avant := *g
				ailleurs()
				f.Numero += "X"
				b.envoyer(t, *f)
				b.etat(t, f.Numero, liquidation.Liquidee, roc.Accepte)
				*g = avant
				b.envoyer(t, annulerDe(f, "A-"+f.Numero))
			}
		})
	}
}

// A promise of local calculation that nobody invoiced holds its days as long as it
// lives: the refusal says its number, until when, and that the hospital acts. Taken
// back, expired, or merely over, it frees them.
func TestConventionSousPromesse(t *testing.T) {
	for nom, c := range map[string]struct {
		changer func(*liquidation.Garantie)
		code    roc.Code
	}{
		"vivante":               {func(*liquidation.Garantie) {}, roc.EngagementExistant},
		"annulée":               {func(g *liquidation.Garantie) { g.Etat = liquidation.GarantieAnnulee }, roc.Accepte},
		"expirée":               {func(g *liquidation.Garantie) { g.Etat = liquidation.GarantieExpiree }, roc.Accepte},
		"échue, pas encore dit": {func(g *liquidation.Garantie) { g.Fin = jour - 1 }, roc.Accepte},
		"son dernier jour":      {func(g *liquidation.Garantie) { g.Fin = jour }, roc.EngagementExistant},
		"d'autres jours":        {func(g *liquidation.Garantie) { g.PeriodeDebut, g.PeriodeFin = jour+1, jour+9 }, roc.Accepte},
	} {
		t.Run(nom, func(t *testing.T) {
			b := conventionne(t)
			promise := b.engager(t, "D1", true, 3000)
			g := b.garanties.Par[promise.NumeroEngagement]
			c.changer(g)
			f := b.parConvention(t, "D1", 3000)
			f.Numero = "C-1"
			b.envoyer(t, *f)
			if c.code == roc.Accepte {
				b.etat(t, "C-1", liquidation.Liquidee, roc.Accepte)
				return
			}
			x := b.etat(t, "C-1", liquidation.Rejetee, c.code)
			for _, dit := range []string{"calcul local", g.Numero.String(), g.Fin.Francais(), "l'établissement", "DEL"} {
				if !strings.Contains(x.Precision, dit) {
					t.Errorf("« %s » ne dit pas %q", x.Precision, dit)
				}
			}
			g.Etat = liquidation.GarantieAnnulee // the hospital gives it back, and sends its invoice again
			b.envoyer(t, renommer(f, "C-2", roc.Rectificative, "C-1"))
			b.etat(t, "C-2", liquidation.Liquidee, roc.Accepte)
		})
	}
}
