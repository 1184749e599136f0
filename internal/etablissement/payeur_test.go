package etablissement_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// annuaireDit is a directory that says one thing of every insurer.
type annuaireDit struct {
	operateur *roc.Operateur
	err       error
}

func (a annuaireDit) Operateur(context.Context, sante.NumeroAMC, sante.Jour) (*roc.Operateur, error) {
	return a.operateur, a.err
}

// Who is said to pay is the insurer that seals the return, or the operator that the
// directory says it mandates, at that day; anything else files nothing.
func TestPayeur(t *testing.T) {
	autre := et.Carte(t, amc2).NumeroAMC
	jour := et.Jour(t, "2026-05-04")
	mandat := func(id string, debut, fin sante.Jour) etablissement.Mandats {
		return annuaireDit{operateur: &roc.Operateur{ID: id, Structure: "2999123466", MandatDebut: debut, MandatFin: fin}}
	}
	for nom, x := range map[string]struct {
		mandats etablissement.Mandats
		code    roc.Code // of the refusal
	}{
		"sans annuaire":      {nil, roc.AutreIdentifiant},
		"aucun opérateur":    {annuaireDit{}, roc.AutreIdentifiant},
		"un autre opérateur": {mandat("99000404", jour-10, 0), roc.AutreIdentifiant},
		"mandat échu":        {mandat(autre.String(), jour-10, jour-1), roc.AutreIdentifiant},
		"mandat à venir":     {mandat(autre.String(), jour+1, 0), roc.AutreIdentifiant},
		"annuaire muet":      {annuaireDit{err: errors.New("muet")}, roc.DelaiInterne},
		"opérateur mandaté":  {mandat(autre.String(), jour-10, jour), ""},
		"mandaté sans terme": {mandat(autre.String(), jour, 0), ""},
	} {
		t.Run(nom, func(t *testing.T) {
			k := nouveau(t)
			k.Mandats = x.mandats
			v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
			d := k.partir(t)
			k.accuser(t, d, roc.Accepte)
			total := d.Factures[0].Totaux.AMC
			p := payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0))
			p.Paiement.Payeur = autre
			r, err := k.RecevoirRetour(ctx, k.ouvrir(t, amc1, p))
			if x.code == "" {
				if err != nil || r.Connues != 1 {
					t.Fatalf("%+v, %v", r, err)
				}
				k.lire(t, v, etablissement.Payee, total)
				return
			}
			var refus *roc.Refus
			if !errors.As(err, &refus) || refus.Code != x.code {
				t.Errorf("%v, %s attendu", err, x.code)
			}
			k.lire(t, v, etablissement.Accusee, 0)
		})
	}
}
