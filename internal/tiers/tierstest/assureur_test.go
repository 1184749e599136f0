package tierstest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/officine"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	"github.com/ecluse-sante/ecluse/internal/tiers/tierstest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// assureur is the insurer of a world: the register of what it accredits, and the books of who
// pays, in their own database. The attacker reads it from there.
type assureur struct {
	base     *bdd.Base
	registre *accrstore.Registre
	livre    *offstore.Store
	off      *officine.Service
	numero   sante.NumeroAMC
	id       *sceautest.Identite
	instant  func() time.Time
	grilles  map[int]string // of each person: its portfolio
	factures int            // sent to it
}

func lu[T any](t testing.TB, f func(string) (T, error), s string) T {
	t.Helper()
	v, err := f(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func nouvelAssureur(t *testing.T, p *tierstest.Partie, moteur calcul.Moteur) *assureur {
	t.Helper()
	a := &assureur{base: bddtest.Ouvrir(t, accrstore.Migrations, offstore.Migrations), numero: lu(t, sante.ParseNumeroAMC, "99000001"), instant: p.Instant, grilles: map[int]string{}}
	a.id = sceautest.New(t, "2999000011", scelleA)
	a.registre, a.livre = accrstore.New(a.base, "amc"), offstore.New(a.base, "amc")
	var err error
	if a.off, err = officine.New(officine.Parametres{AMC: a.numero}, officine.Ports{Accreditations: a, Tarifications: auTiers{p.Service}, Livre: a.livre, Caisse: a.livre, Moteur: moteur,
		CleControle: make([]byte, 32), Horloge: a.instant, Transaction: a.livre.Transaction}); err != nil {
		t.Fatal(err)
	}
	return a
}

// scelleA is when the certificate of the test holds; the rules have the clock of the world.
var scelleA = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// auTiers asks the third party of the world about an invoice.
type auTiers struct{ s *tiers.Service }

// Controler implements officine.Tarifications.
func (x auTiers) Controler(ctx context.Context, c *officine.ControleTarification) (bool, error) {
	d := &vd.DemandeControle{}
	var err1, err2, err3 error
	d.NumeroTarification, err1 = vd.ParseNumeroTarification(c.Numero)
	d.Lien, err2 = vd.ParseLien(c.Lien)
	d.Facture, err3 = vd.ParseEmpreinteFacture(c.Facture)
	if err := errors.Join(err1, err2, err3); err != nil {
		return false, err
	}
	for _, m := range c.Montants {
		d.Montants = append(d.Montants, vd.MontantFamille{Famille: m.Famille, Depense: m.Depense, AMO: m.AMO, AMC: m.AMC})
	}
	r, err := x.s.Controler(ctx, d)
	return err == nil && r.Conforme == vd.Oui, err
}

// Accreditation implements officine.Accreditations.
func (a *assureur) Accreditation(ctx context.Context, n droits.NumeroAccreditation) (*officine.Accreditation, error) {
	e, err := a.registre.Emise(ctx, n)
	if errors.Is(err, accreditation.ErrInconnue) {
		return nil, officine.ErrInconnue
	}
	if err != nil {
		return nil, err
	}
	x, err := droits.LireEtendue(e.Conditions)
	if err != nil {
		return nil, err
	}
	x.Debut, x.Fin = e.Debut, e.Fin
	return &officine.Accreditation{Numero: n, AMC: a.numero, Contrat: e.Beneficiaire, Personne: e.Personne, Categorie: e.Categorie, Etendue: *x, Lien: e.Lien}, nil
}

// patient is the person of a passage, as the card tells.
func (x *dossierAMC) patient(t testing.TB) droits.Patient {
	return droits.Patient{NumeroAdherent: lu(t, sante.ParseNumeroAdherent, x.adherent), DateNaissance: lu(t, sante.ParseDateNaissance, "19840212"), RangGemellaire: 1}
}

// accrediter gives rights to the person of a passage, and keeps what an insurer keeps of it.
func (a *assureur) accrediter(ctx context.Context, t testing.TB, x *dossierAMC) {
	t.Helper()
	e := &droits.Etendue{Debut: x.jour - 100, Fin: x.jour + 100, NumeroAMC: a.numero, Type: roc.ContratIndividuel, Responsable: true,
		Garanties: []calcul.Garantie{{Code: "MED", Famille: calcul.FamilleMED, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F01})}}}
	n := lu(t, droits.ParseNumeroAccreditation, x.accreditation)
	p := x.patient(t)
	a.grilles[x.personne] = x.grille
	f := droits.FactureOfficine{Patient: p}
	conditions := *e
	conditions.Debut, conditions.Fin = tierstest.Jour, tierstest.Jour // they are read apart
	if err := a.registre.Garder(ctx, &accreditation.Emise{Numero: n, Beneficiaire: strconv.Itoa(x.personne), Personne: f.Personne().Empreinte(n), Categorie: droits.Pharmacie,
		PS: lu(t, sante.ParseNumeroFacturation, x.officine), Conditions: conditions.JSON(), Debut: e.Debut, Fin: e.Fin, Emission: x.demandeA, Lien: x.lien.String()}); err != nil {
		t.Fatal(err)
	}
}

// facturer sends the invoice of a passage: it is controlled, by the third party too.
func (a *assureur) facturer(ctx context.Context, t testing.TB, x *dossierAMC) {
	t.Helper()
	a.factures++
	f := droits.FactureOfficine{Numero: droits.NumeroFacture(fmt.Sprint("F", a.factures)), DateSoins: x.jour, DateFacture: x.jour, NumeroAMC: a.numero, NumeroAccreditation: x.accreditation,
		PS: droits.Professionnel{NumeroFacturation: lu(t, sante.ParseNumeroFacturation, x.officine), Categorie: droits.Pharmacie}, Patient: x.patient(t),
		Tarification: &droits.FactureTarification{Numero: x.tarification.String()}}
	for _, m := range x.montants {
		f.Tarification.Montants = append(f.Tarification.Montants, droits.PartsFamille{Famille: m.Famille,
			PartsOfficine: droits.PartsOfficine{Depense: m.Depense, AMO: m.AMO, AMC: m.AMC, Patient: m.Depense - m.AMO - m.AMC}})
	}
	f.Totaux = f.Sommes()
	m := &roc.Message[droits.DemandeFactures]{Corps: &droits.DemandeFactures{Lot: droits.NouveauLot(f.Numero, x.jour, f)},
		Enveloppe: roc.Enveloppe{NormeVersion: droits.Norme.Profil, Service: roc.FAO, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "1",
			Horodatage: scelleA, Environnement: roc.Test, Emetteur: roc.Partie{Type: roc.PS, ID: x.officine}, Destinataire: roc.Partie{Type: roc.AMC, ID: a.numero.String()}}}
	_, engager, err := a.off.Recevoir(ctx, sceautest.OuvrirDe(t, a.id, scelleA, droits.EchangeFactures.Demande.AppendJSON(nil, m), droits.EchangeFactures.Demande.DecodeJSON))
	if err != nil {
		t.Fatal(err)
	}
	err = a.livre.Transaction(ctx, func(ctx context.Context) error {
		r, err := engager(ctx)
		if err == nil && (len(r.Factures) != 1 || r.Factures[0].Code != visiodroits.Fournis || r.Factures[0].Etat != droits.FactureAcceptee) {
			err = fmt.Errorf("la facture d'un engagement : %+v", r)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lire is all that the tables of the insurer tell of each passage: what was accredited, and
// the invoice that came with it.
func (a *assureur) lire(t *testing.T) (l []dossierAMC) {
	t.Helper()
	ctx := context.Background()
	factures := map[string]*officine.Facture{}
	for _, r := range unes(t, a.base, `SELECT ps, rang FROM officine_facture`) {
		f, err := a.livre.Une(ctx, lu(t, sante.ParseNumeroFacturation, texteDe(r[0])), r[1].(int64))
		if err != nil {
			t.Fatal(err)
		}
		lue, err := droits.LireFacture(f.Original)
		if err != nil {
			t.Fatal(err)
		}
		factures[lue.NumeroAccreditation] = f
	}
	for _, r := range unes(t, a.base, `SELECT numero, beneficiaire, ps, lien, emission FROM accreditation_emise ORDER BY emission, numero`) {
		personne, err := strconv.Atoi(texteDe(r[1]))
		if err != nil {
			t.Fatal(err)
		}
		x := dossierAMC{personne: personne, grille: a.grilles[personne], accreditation: texteDe(r[0]), officine: texteDe(r[2]), lien: lu(t, vd.ParseLien, texteDe(r[3])),
			demandeA: time.UnixMilli(r[4].(int64)).UTC()}
		if f := factures[x.accreditation]; f != nil {
			lue, err := droits.LireFacture(f.Original)
			if err != nil {
				t.Fatal(err)
			}
			x.facture, x.factureA, x.jour, x.adherent = true, f.Recue, f.DateSoins, lue.Patient.NumeroAdherent.String()
			x.tarification = lu(t, vd.ParseNumeroTarification, lue.Tarification.Numero)
			for _, m := range lue.Tarification.Montants {
				x.montants = append(x.montants, vd.MontantFamille{Famille: m.Famille, Depense: m.Depense, AMO: m.AMO, AMC: m.AMC})
			}
		}
		l = append(l, x)
	}
	return l
}

// verifierLu: the tables tell of each passage at least what the world did.
func verifierLu(t *testing.T, joues, lus []dossierAMC) {
	t.Helper()
	if len(joues) != len(lus) {
		t.Fatalf("%d passages, %d lus chez l'AMC", len(joues), len(lus))
	}
	par := map[string]dossierAMC{}
	for _, x := range lus {
		par[x.accreditation] = x
	}
	for _, x := range joues {
		y := par[x.accreditation]
		if y.personne != x.personne || y.grille != x.grille || y.officine != x.officine || y.lien != x.lien || !y.demandeA.Equal(x.demandeA) || y.facture != x.facture {
			t.Fatalf("joué %+v, lu %+v", x, y)
		}
		if x.facture && (y.tarification != x.tarification || !slices.Equal(y.montants, x.montants) || y.jour != x.jour || y.adherent != x.adherent) {
			t.Fatalf("joué %+v, lu %+v", x, y)
		}
	}
}
