package etablissement

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/b2"
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// LotB2Max is how many invoices a B2 batch may count. ref: b2, record 6
const LotB2Max = 999

// EnB2 tells whether the invoice leaves in a B2 file: the store then draws its
// Reference.
func (f *FactureEmise) EnB2() bool { return enB2(f.Voie) }

// enB2 tells whether a way writes its invoices as B2.
func enB2(voie string) bool {
	_, reste, _ := strings.Cut(voie, ":")
	return strings.HasPrefix(reste, string(FormeB2)+":")
}

// NumeroLotB2 is the number of a batch in a B2 file, which has three digits: it
// comes round again after 999 batches, and the date of the batch tells them apart.
// hyp: B2-LOT
func NumeroLotB2(numero string) int {
	n, err := strconv.Atoi(numero)
	if err != nil || n < 1 {
		return 1
	}
	return (n-1)%LotB2Max + 1
}

// essayerB2 refuses, before the agent, an invoice that a B2 file cannot hold: it
// would stop its batch.
func essayerB2(f *roc.Facture) error {
	e, err := b2.Ecrire(io.Discard, b2.Fichier{Emetteur: f.Calcul.Etablissement.FinessJuridique.String()})
	if err == nil {
		err = e.Lot(b2.Lot{Etablissement: f.Calcul.Etablissement.FinessJuridique.String(), Numero: 1})
	}
	x, manque := factureB2(f, "999999999")
	if manque != nil {
		return manque
	}
	if err == nil {
		err = e.Facture(x)
	}
	var refus *b2.Erreur
	if errors.As(err, &refus) {
		return &Erreur{Sorte: ErrDonnees, Detail: "La facture ne tient pas dans un fichier B2 : " + refus.Error() + ".", Cause: err, QuiAgit: agent,
			AFaire: "Corriger ce qui est dit, ou choisir une autre forme dans la table des conventions."}
	}
	return err
}

// EcrireB2 writes a batch as a B2 file: the invoices in their order, each under its
// reference. ref: ROC §17.5
func EcrireB2(w io.Writer, m *Maison, lot *LotEmis, factures []roc.Facture, references []string) error {
	jour := sante.JourA(lot.Instant, sante.Paris())
	finess := m.Etablissement.FinessJuridique.String()
	e, err := b2.Ecrire(w, b2.Fichier{Emetteur: finess, TypeDestinataire: "OC", Destinataire: lot.AMC.String(),
		Identification: lot.Numero[max(0, len(lot.Numero)-6):], Creation: jour, Message: "SANS GARANTIE - CONVENTION"})
	if err != nil {
		return err
	}
	if err := e.Lot(b2.Lot{Etablissement: finess, Numero: NumeroLotB2(lot.Numero), RaisonSociale: raison(m.Libelle), Creation: jour}); err != nil {
		return err
	}
	for i := range factures {
		x, err := factureB2(&factures[i], references[i])
		if err == nil {
			err = e.Facture(x)
		}
		if err != nil {
			return err
		}
	}
	return e.Fermer()
}

// fichierB2 is a batch as a B2 file, in memory: a batch is bounded.
func (s *Service) fichierB2(lot *LotEmis, factures []roc.Facture, l []*FactureEmise) ([]byte, error) {
	references := make([]string, len(l))
	for i, f := range l {
		references[i] = f.Reference
	}
	var b bytes.Buffer
	err := EcrireB2(&b, &s.Maison, lot, factures, references)
	return b.Bytes(), err
}

// ExporterB2 writes a batch that left as a B2 file. ErrInconnue when there is no such
// batch; an invoice of a batch that left in another form is named by its own number,
// when B2 can hold it.
func (s *Service) ExporterB2(ctx context.Context, w io.Writer, numero string) error {
	return s.Factures.Ensemble(ctx, func(ctx context.Context) error {
		lot, l, err := s.Factures.Lot(ctx, numero)
		if err != nil {
			return err
		}
		factures, references := make([]roc.Facture, len(l)), make([]string, len(l))
		for i, f := range l {
			if err := planFacture.DecodeJSON(f.Contenu, &factures[i]); err != nil {
				return fmt.Errorf("etablissement: facture gardée illisible: %w", err)
			}
			references[i] = cmp.Or(f.Reference, f.Numero)
		}
		var b bytes.Buffer // the transaction may be run again
		err = EcrireB2(&b, &s.Maison, lot, factures, references)
		var refus *b2.Erreur
		if errors.As(err, &refus) {
			return &Erreur{Sorte: ErrDonnees, Detail: "Le lot ne tient pas dans un fichier B2 : " + refus.Error() + ".", Cause: err, QuiAgit: agent,
				AFaire: "Corriger ce qui est dit, ou choisir une autre forme dans la table des conventions."}
		}
		if err == nil {
			_, err = b.WriteTo(w)
		}
		return err
	})
}

// tiennentEnB2 is how many invoices, from the first on, one B2 batch can hold: its
// totals have a width too.
func tiennentEnB2(l []roc.Facture) int {
	finess := l[0].Calcul.Etablissement.FinessJuridique.String()
	e, err := b2.Ecrire(io.Discard, b2.Fichier{Emetteur: finess})
	if err == nil {
		err = e.Lot(b2.Lot{Etablissement: finess, Numero: 1})
	}
	for i := range l {
		x, refus := factureB2(&l[i], "999999999")
		if err = errors.Join(err, refus); err == nil {
			err = e.Facture(x)
		}
		if err != nil {
			return max(i, 1) // what a single one cannot is told when it is written
		}
	}
	return len(l)
}

// raison folds and bounds the name of a hospital.
func raison(s string) string {
	p, ok := zone.Plier(s)
	if !ok {
		return "" // the FINESS says who it is
	}
	return strings.TrimSpace(p[:min(len(p), 40)])
}

// operations tells what an invoice is. hyp: B2-OPERATION
var operations = map[roc.NatureFacture]string{roc.Initiale: "", roc.Annulative: "A", roc.Rectificative: "R"}

// factureB2 is an invoice in the records of B2. What has no room there, as the
// shares of lower ranks, is not said. hyp: B2-FAMILLES
func factureB2(f *roc.Facture, reference string) (*b2.Facture, error) {
	c := &f.Calcul
	nir := c.Beneficiaire.NIRAssure
	if nir.IsZero() {
		nir = c.Beneficiaire.NIRBeneficiaire
	}
	if nir.IsZero() {
		return nil, errSansNIR
	}
	naissance := c.Beneficiaire.DateNaissance.String()
	x := &b2.Facture{NIR: nir.String(), Numero: reference, NatureOperation: operations[f.Nature], Regime: c.AMO.Regime, Caisse: c.AMO.Caisse, Centre: c.AMO.Centre,
		NatureAssurance: string(c.AMO.NatureAssurance), Exoneration: string(c.AMO.ExoTM), Naissance: naissance[max(0, len(naissance)-6):],
		RangNaissance: strconv.Itoa(c.Beneficiaire.RangGemellaire), DateEntree: c.PeriodeDebut, DateSortie: c.PeriodeFin,
		TypeContrat: c.Carte.TypeConvention, AMC: c.Carte.NumeroAMC.String()}
	if len(f.IDDossierES) <= 9 {
		x.Entree = f.IDDossierES
	}
	if n := c.Beneficiaire.NIRBeneficiaire; !n.IsZero() && n != nir {
		x.Suite = &b2.Suite{NIRIndividuel: n.String()}
	}
	for i := range c.Lignes {
		if err := ligneB2(x, c, &c.Lignes[i], f.Parts[i].MontantAMC); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// actes are the families that a hospital writes as acts, the others as services.
var actes = map[calcul.Famille]bool{calcul.FamilleACTE: true, calcul.FamilleCONS: true, calcul.FamilleBIO: true}

func ligneB2(x *b2.Facture, c *roc.DemandeCalcul, l *roc.Ligne, amc sante.Montant) error {
	if l.TauxAMO%100 != 0 {
		return refuser(ErrDonnees, roc.TauxIncoherent, "Un fichier B2 dit le taux en pour cent entiers.")
	}
	taux := int(l.TauxAMO / 100)
	code := l.CodePrestation
	if code == "" {
		code = string(l.Famille)
	}
	if !actes[l.Famille] {
		x.Prestations = append(x.Prestations, b2.Prestation{ModeTraitement: c.MT, Discipline: c.DMT, Debut: l.DateDebut, Fin: l.DateFin, Code: code,
			Quantite: l.Quantite, Exoneration: string(c.AMO.ExoTM), PecFJ: pecFJ(c, l), PrixUnitaire: l.PrixUnitaire, Base: l.BaseAMO, Taux: taux,
			MontantAMO: l.MontantAMO, Depense: l.MontantDepense, MontantAMC: amc})
		return nil
	}
	a := b2.Acte{ModeTraitement: c.MT, Discipline: c.DMT, Exoneration: string(c.AMO.ExoTM), Date: l.DateDebut, Code: code, Quantite: l.Quantite,
		PrixUnitaire: l.PrixUnitaire, Base: l.BaseAMO, Taux: taux, MontantAMO: l.MontantAMO, Honoraires: l.MontantDepense, MontantAMC: amc}
	if l.Coefficient != nil {
		a.Coefficient = int(*l.Coefficient)
	}
	if len(l.CodeActe) == 7 {
		a.CCAM = []b2.CCAM{{Code: l.CodeActe, Seance: l.DateDebut}}
	}
	x.Actes = append(x.Actes, a)
	return nil
}

func pecFJ(c *roc.DemandeCalcul, l *roc.Ligne) string {
	if l.Famille == calcul.FamilleFJ {
		return string(c.CodePecFJ)
	}
	return ""
}
