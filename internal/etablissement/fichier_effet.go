package etablissement

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// appliquer gives an invoice of a return file the effect of a sealed return, or the
// reason why it has none, and tells what it paid.
func (s *Service) appliquer(ctx context.Context, f *FichierRecu, j *jugement, x *noemie.Facture, par map[string][]*FactureEmise, l *livre, tout *effets) (MotifFichier, sante.Montant, error) {
	emise, motif := choisir(par[x.Numero], x)
	if motif != "" {
		return motif, 0, nil
	}
	d, dite := retourDe(j, x, emise)
	if d.Nature == roc.RetourPaiement && dite.MontantPaye <= 0 {
		return FactureNegative, 0, nil
	}
	if d.Paiement != nil && (d.Paiement.ReferenceVirement == "" || d.Paiement.DateComptable.IsZero()) {
		return FactureSansVirement, 0, nil
	}
	marque := &MarqueRetour{AMC: j.amc.String(), Facture: emise.Numero, Lot: emise.Lot, Nature: d.Nature, Jour: x.Journee.Date,
		Virement: d.virement(), Montant: x.Montant, Fichier: f.Empreinte, Instant: f.Instant}
	if dite, err := s.Fichiers.Dite(ctx, marque); err != nil || dite {
		return FactureDejaDite, 0, err
	}
	m, etat := s.maintenant(), roc.EtatFacture("")
	dit := &signal{f: emise, faire: func(c *Chantier, cv *Couverture) error {
		if cv.Convention == nil && !s.litFichiersDe(j.amc) {
			motif = FactureSansConv
			return errRien
		}
		suivi := cv.nommee(emise.Numero)
		if suivi == nil {
			return errRien // an annulative that was given up: a file has nothing to say of it
		}
		dite.DejaPaye, dite.MontantFacture = suivi.Paye, suivi.Demande // a file does not say it
		if d.Nature == roc.RetourPaiement {
			if dite.Etat = roc.FacturePayee; dite.MontantPaye < suivi.reste() {
				dite.Etat = roc.FactureLiquidee // something is still due
			}
		}
		if err := c.retourner(cv, &d.DemandeRET, dite, m); err != nil {
			c.garder, c.faits = false, nil // whole, or not at all
			return err
		}
		cv.Facture.Preuve, etat = f.preuve(), cv.Facture.Notifiee
		for i := range c.Moments {
			c.Moments[i].Agent = "fichier-" + f.Jeton()
		}
		return nil
	}}
	err := s.signaler(ctx, m, l, dit)
	switch {
	case err != nil:
		return "", 0, err
	case motif != "":
		return motif, 0, nil
	case !dit.fait:
		return FactureInattendue, 0, nil
	}
	tout.ajouter(d, dite)
	tout.jalons = append(tout.jalons, Jalon{Facture: emise.Numero, Annee: emise.Annee, Lot: emise.Lot, Etat: etat, Auteur: j.amc.String(), Code: dite.Code, Instant: m})
	return "", dite.MontantPaye, s.Fichiers.Retenir(ctx, marque)
}

// effets is what some invoices of a file change elsewhere: the payments that they tell
// of, by transfer, and the states that they came to.
type effets struct {
	l      []*roc.DemandeRET
	places [][]int // of the invoices of each
	place  int     // of the invoice being read
	jalons []Jalon
}

func (v *effets) ajouter(d *retourFichier, x *roc.RetourFacture) {
	if d.Paiement == nil {
		return
	}
	for i, r := range v.l {
		if r.Paiement.ReferenceVirement == d.Paiement.ReferenceVirement && r.Paiement.DateComptable == d.Paiement.DateComptable {
			r.Factures = append(r.Factures, *x)
			r.Paiement.Total += x.MontantPaye
			v.places[i] = append(v.places[i], v.place)
			return
		}
	}
	d.Factures, d.Paiement.Total = []roc.RetourFacture{*x}, x.MontantPaye
	v.l, v.places = append(v.l, &d.DemandeRET), append(v.places, []int{v.place})
}

// dire tells the comptable of the payments, and notes the states: the n-th reading of
// a file names its own.
func (v *effets) dire(ctx context.Context, s *Service, f *FichierRecu, amc sante.NumeroAMC, n int) error {
	for i, r := range v.l {
		r.Numero = f.Jeton()[:10] + "-" + strconv.FormatInt(int64(n), 36) + "-" + strconv.FormatInt(int64(i), 36)
		var refus *roc.Refus
		if err := s.annoncer(ctx, amc.String(), roc.UUID{}, r); errors.As(err, &refus) {
			return &annonceRefusee{v.places[i], err}
		} else if err != nil {
			return fmt.Errorf("etablissement: annoncer le paiement d'un fichier: %w", err)
		}
	}
	return s.noter(ctx, v.jalons...)
}

// retourFichier is a return as the rules read it.
type retourFichier struct{ roc.DemandeRET }

func (d *retourFichier) virement() string {
	if d.Paiement == nil {
		return ""
	}
	return d.Paiement.ReferenceVirement
}

// retourDe reads an invoice of a file as a return says it. A payment file may
// reject: an invoice for nothing, with a reason, is a rejection. hyp: NOEMIE-RETOUR
func retourDe(j *jugement, x *noemie.Facture, emise *FactureEmise) (*retourFichier, *roc.RetourFacture) {
	dite := &roc.RetourFacture{Numero: emise.Numero, Lot: emise.Lot, Code: roc.Accepte}
	d := &retourFichier{roc.DemandeRET{Nature: roc.RetourPaiement, Date: x.Journee.Date}}
	code, precision := motifDuRejet(x.Rejets)
	dite.Precision = precision
	if j.entete.Rejets() || x.Montant == 0 && len(x.Rejets) > 0 {
		d.Nature, dite.Etat, dite.Code = roc.RetourRejet, roc.FactureRejetee, code
		return d, dite
	}
	reference := strings.TrimSpace(x.Journee.Virement + x.Journee.VirementSuite)
	d.Paiement = &roc.Paiement{DateComptable: x.Journee.Date, DateMandatement: x.Journee.Date, Payeur: j.amc,
		ReferenceVirement: reference[:min(len(reference), 35)], Total: x.Montant}
	dite.Etat, dite.MontantPaye = roc.FacturePayee, x.Montant
	if len(x.Rejets) > 0 {
		dite.Code = code // paid otherwise, and why
	}
	return d, dite
}

// motifDuRejet reads the reason of a rejection: a code of the profile stands; that
// of another list is told as it came.
func motifDuRejet(l []noemie.Rejet) (roc.Code, string) {
	if len(l) == 0 {
		return roc.RejetParFichier, "rejet sans motif"
	}
	r := &l[0]
	precision := neutre(strings.TrimSpace(r.Libelle))
	if c := strings.TrimSpace(r.Code); connu(c) {
		return roc.Code(c), precision
	}
	return roc.RejetParFichier, strings.TrimSuffix("motif de l'AMC "+strings.TrimSpace(r.Code)+" : "+precision, " : ")
}

// choisir finds the invoice that a file names: by its batch, then by its amount,
// when its number does not suffice.
func choisir(l []*FactureEmise, x *noemie.Facture) (*FactureEmise, MotifFichier) {
	if len(l) > 1 {
		l = filtrer(l, func(f *FactureEmise) bool {
			n := x.Origine.Lot.Numero
			if n == 0 {
				n = x.Lot.Numero
			}
			return n == NumeroLotB2(f.Lot)
		})
	}
	if len(l) > 1 {
		l = filtrer(l, func(f *FactureEmise) bool { return x.Origine.Date != 0 && x.Origine.Date.Annee() == f.Annee })
	}
	switch len(l) {
	case 0:
		return nil, FactureInconnue
	case 1:
		return l[0], ""
	}
	return nil, FactureAmbigue
}

// filtrer keeps what passes, or all when nothing does.
func filtrer(l []*FactureEmise, f func(*FactureEmise) bool) []*FactureEmise {
	var gardees []*FactureEmise
	for _, x := range l {
		if f(x) {
			gardees = append(gardees, x)
		}
	}
	if len(gardees) == 0 {
		return l
	}
	return gardees
}
