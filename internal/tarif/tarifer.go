package tarif

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// SeuilParDefaut is k: no grid that fewer share is priced. ref: DEC 32
const SeuilParDefaut = 20

// Service prices deliveries. It is safe for concurrent use.
type Service struct {
	Tables    func() Tables // those of the moment
	Compteurs Compteurs
	Moteur    calcul.Moteur
	Seuil     int // beneficiaries who share a grid at least; 0: SeuilParDefaut
}

// Tarifer gives the share of the insurer on each line of a delivery. An estimate and a
// commitment are priced the same: it does not know which is asked. Lines that contradict
// themselves are a *roc.Refus, T001. ref: Visiodroits
// §11, DEC 32
func (s *Service) Tarifer(ctx context.Context, d *vd.DemandeGrille) (*vd.ReponseGrille, error) {
	r := &vd.ReponseGrille{Reference: d.Reference}
	var faute *vd.Incoherence
	if err := vd.ControlerLignes(d.Lignes); errors.As(err, &faute) {
		return nil, roc.Refuser(roc.Illisible, faute.Detail)
	}
	t := s.Tables()
	g, ok := t.Grille(d.Grille, d.Jour)
	switch {
	case !ok:
		r.Retour = vd.RetourDe(vd.NonOuvert, "la grille de garanties n'est pas tarifée en ligne à cette date")
		return r, nil
	case g.Effectif < s.seuil(): // ref: DEC 32
		r.Retour = vd.RetourDe(vd.SansDossier, "")
		return r, nil
	}
	for i := range d.Lignes {
		l, err := s.ligne(t, g, d.Jour, &d.Lignes[i])
		var rejet *calcul.Rejet
		if errors.As(err, &rejet) {
			return nil, roc.Refuser(roc.Illisible, rejet.Detail)
		}
		if err != nil {
			return nil, fmt.Errorf("tarif: %w", err)
		}
		r.Lignes = append(r.Lignes, l)
	}
	if err := s.Compteurs.Compter(ctx, d.Jour, d.Grille, 1); err != nil {
		return nil, fmt.Errorf("tarif: compter: %w", err)
	}
	r.Retour = vd.RetourDe(vd.Accepte, "")
	return r, nil
}

// compteConserve is how many days counts are kept.
const compteConserve = 400

// Purger forgets old counts; it is called once a day.
func (s *Service) Purger(ctx context.Context, jour sante.Jour) error {
	if err := s.Compteurs.Purger(ctx, jour-compteConserve); err != nil {
		return fmt.Errorf("tarif: purger: %w", err)
	}
	return nil
}

func (s *Service) seuil() int {
	if s.Seuil > 0 {
		return s.Seuil
	}
	return SeuilParDefaut
}

// ligne is the share of a line: the most precise guarantee that covers it, applied by
// the engine.
func (s *Service) ligne(t Tables, g Grille, jour sante.Jour, l *vd.Ligne) (vd.LigneTarifee, error) {
	p, connu := t.Produit(l.CodeProduit, jour)
	if connu && p.Famille != l.Famille {
		return refuser(l.Rang, "le produit ne se facture pas sous cette famille"), nil
	}
	x, couvert := choisir(g, l, p.Classe)
	if !couvert {
		return refuser(l.Rang, "aucune garantie de la grille ne couvre cette ligne"), nil
	}
	q := x.Garantie
	q.Codes, q.Debut, q.Fin = nil, 0, 0 // judged already
	q.Formule = convenir(t, q.Formule, l, jour)
	r, err := s.Moteur.Calculer(calcul.Contrat{Garanties: []calcul.Garantie{q}}, factureDe(jour, l), nil)
	if err != nil {
		return vd.LigneTarifee{}, err
	}
	c := r.Lignes[0]
	return vd.LigneTarifee{Rang: l.Rang, MontantAMC: c.MontantAMC, Regle: c.Regle, Motif: motif(x, c)}, nil
}

// choisir is the guarantee of a line: one that names the class of its product before
// one that names its prestation, before one of the family. ref: VISIO §5.2
// hyp: TARIF-GARANTIE
func choisir(g Grille, l *vd.Ligne, classe string) (choisie Garantie, ok bool) {
	meilleur := -1
	for _, x := range g.Garanties {
		switch {
		case x.Famille != l.Famille || x.Classe != "" && x.Classe != classe:
		case len(x.Codes) > 0 && !slices.Contains(x.Codes, string(l.CodePrestation)):
		case Precision(x) > meilleur:
			choisie, meilleur, ok = x, Precision(x), true
		}
	}
	return choisie, ok
}

// Precision ranks the guarantees that claim one line: the greatest wins.
func Precision(g Garantie) (n int) {
	if g.Classe != "" {
		n += 2
	}
	if len(g.Codes) > 0 {
		n++
	}
	return n
}

// convenir gives the formulas of a care network the price of the product.
func convenir(t Tables, f calcul.Formule, l *vd.Ligne, jour sante.Jour) calcul.Formule {
	une := func(r calcul.Regle) calcul.Regle {
		if r.Numero != calcul.F11 {
			return r
		}
		m, ok := t.Convenu(r.Reseau, l.CodeProduit, jour)
		if !ok {
			return calcul.Regle{Numero: calcul.F00}
		}
		r.Tarifs = []calcul.TarifConvenu{{Code: l.CodeProduit.String(), Montant: m}}
		return r
	}
	f.Regle = une(f.Regle)
	if f.F != nil && f.G != nil {
		a, b := une(*f.F), une(*f.G)
		f.F, f.G = &a, &b
	}
	return f
}

// factureDe is a line as the engine reads it: an act outside of a stay, of nobody.
func factureDe(jour sante.Jour, l *vd.Ligne) calcul.Facture {
	return calcul.Facture{Type: calcul.FactureDACE, PeriodeDebut: jour, PeriodeFin: jour, Nature: calcul.NatureMaladie, ExoTM: calcul.ExoAucune,
		Lignes: []calcul.Ligne{{Rang: l.Rang, Famille: l.Famille, CodePrestation: string(l.CodePrestation), CodeActe: l.CodeProduit.String(),
			DateDebut: jour, DateFin: jour, Quantite: calcul.Unites(l.Quantite), PrixUnitaire: l.PrixUnitaire,
			MontantDepense: l.MontantDepense, BaseAMO: l.BaseAMO, TauxAMO: l.TauxAMO, MontantAMO: l.MontantAMO}}}
}

func refuser(rang int, pourquoi string) vd.LigneTarifee {
	return vd.LigneTarifee{Rang: rang, Regle: string(calcul.F00), Motif: "Rien n'est pris en charge : " + pourquoi + "."}
}

// motif tells a person why this share. It holds neither product nor amount.
func motif(g Garantie, c calcul.LigneCalculee) string {
	if calcul.NumeroFormule(c.Regle) == calcul.F00 && c.Patient > 0 {
		return "Rien n'est pris en charge : la grille ne prévoit rien, ou le réseau n'a pas de prix pour ce produit."
	}
	s := "Formule " + c.Regle + " : " + g.Formule.Numero.LibellePour(g.Famille)
	switch {
	case c.Patient == 0:
		return s + " ; rien ne reste au patient."
	case c.Motif == calcul.CodePlafond:
		return s + " ; plafond atteint, le reste est au patient."
	}
	return s + " ; le reste est au patient."
}
