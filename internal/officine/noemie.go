package officine

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Informer writes for the insurer, in the form of a NOEMIE return, the invoices that a run
// ordered: who is paid, under which transfer, each line by its code of prestation, what was
// priced on line by family. The originals are read and not changed. A run tells the same
// whatever its transfers became: the advice of a later one takes off what came back.
// ref: VISIO §13 « informs the AMC in DRE or NOEMIE » // hyp: OFFICINE-NOEMIE
func (s *Service) Informer(ctx context.Context, jour sante.Jour, w io.Writer) error {
	ordres, err := s.Caisse.Ordres(ctx, jour)
	if err != nil {
		return fmt.Errorf("officine: informer l'AMC: %w", err)
	}
	amc := strings.TrimLeft(s.p.AMC.String(), "0") // the form of the file
	x, err := noemie.Ecrire(w, noemie.Entete{TypeEmetteur: "OC", Emetteur: amc, TypeDestinataire: "OC", Destinataire: amc, Creation: jour, Reference: "578R"})
	if err != nil {
		return fmt.Errorf("officine: informer l'AMC: %w", err)
	}
	for i := range ordres {
		if err := s.informer(ctx, x, &ordres[i], amc); err != nil {
			return fmt.Errorf("officine: informer l'AMC: %w", err)
		}
	}
	return x.Fermer()
}

func (s *Service) informer(ctx context.Context, x *noemie.Ecrivain, o *Ordre, amc string) error {
	rangs := o.Rangs // its invoices are under another transfer now, or will be
	if o.Etat != OrdreRendu {
		l, err := s.Livre.DeLOrdre(ctx, o.PS, o.Reference)
		if err != nil {
			return err
		}
		for _, f := range l {
			rangs = append(rangs, f.Rang)
		}
	}
	for _, rang := range rangs {
		f, err := s.Livre.Une(ctx, o.PS, rang)
		if err != nil {
			return err
		}
		lue, err := droits.LireFacture(f.Original)
		if err != nil {
			return err
		}
		n := noemieDe(lue)
		n.Contexte = noemie.Contexte{Destinataire: o.PS.String(), Journee: noemie.Journee{Date: o.Reglement, Virement: o.Reference[:min(len(o.Reference), 32)], VirementSuite: o.Reference[min(len(o.Reference), 32):]}}
		n.Organisme = amc
		if err := x.Facture(n); err != nil {
			return err
		}
	}
	return nil
}

// noemieDe is an invoice as the return tells it.
func noemieDe(f *droits.FactureOfficine) *noemie.Facture {
	n := &noemie.Facture{Numero: string(f.Numero), Origine: noemie.Origine{Date: f.DateFacture}, Montant: f.Totaux.AMC,
		Malade: noemie.Personne{Naissance: f.Patient.DateNaissance.String()[2:], Rang: fmt.Sprint(f.Patient.RangGemellaire)}}
	if !f.Patient.NIR.IsZero() {
		n.Assure.NIR = f.Patient.NIR.String()
	}
	for i := range f.Lignes {
		l := &f.Lignes[i]
		code := string(l.CodePrestation)
		n.Lignes = append(n.Lignes, noemie.Ligne{Numero: l.Rang, Nature: code[:min(len(code), 3)], Complement: code[min(len(code), 3):], Debut: f.DateSoins, Fin: f.DateSoins,
			Quantite: int(l.Quantite+99) / 100, Depense: l.Depense, Base: l.BaseAMO, Taux: int(l.TauxAMO) / 100, PartAMC: l.AMC})
	}
	if t := f.Tarification; t != nil {
		for i := range t.Montants {
			m := &t.Montants[i]
			famille := string(m.Famille)
			n.Lignes = append(n.Lignes, noemie.Ligne{Numero: len(n.Lignes) + 1, Nature: famille[:min(len(famille), 3)], Complement: famille[min(len(famille), 3):],
				Debut: f.DateSoins, Fin: f.DateSoins, Depense: m.Depense, PartAMC: m.AMC})
		}
	}
	return n
}
