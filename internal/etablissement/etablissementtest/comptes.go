package etablissementtest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// Livres is a store that keeps accounts too.
type Livres interface {
	Magasin
	etablissement.Comptes
}

// Banc is a hospital whose visits live at random, on a store and a clock.
type Banc struct {
	*etablissement.Service
	Assureurs *Assureurs
	Departs   *Departs
	Livres    Livres
	Venues    []string
	horloge   *atomic.Int64
	debut     sante.Jour
	t         testing.TB
	factures  int
	prefixe   string          // of files and invoices
	lots      map[string]bool // acknowledged
}

// NewBanc makes a hospital at an instant.
func NewBanc(t testing.TB, s Livres, instant time.Time) *Banc {
	t.Helper()
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &atomic.Int64{}
	h.Store(instant.UnixMilli())
	jour := sante.JourA(instant, sante.Paris())
	contrats := map[sante.NumeroAMC]calcul.Contrat{}
	for _, n := range amcs {
		contrats[Carte(t, n).NumeroAMC] = Contrat(Euros(t, "40.00"))
	}
	b := &Banc{Assureurs: NewAssureurs(m, jour, contrats), Departs: &Departs{}, Livres: s, horloge: h, debut: jour, t: t, lots: map[string]bool{}, prefixe: "H-"}
	b.Service = &etablissement.Service{Maison: Maison(t), Depot: s, Questions: s, Traces: s, Factures: s, Comptes: s, Depart: b.Departs, AdresseRetour: "https://localhost/roc", Exchange: b.Assureurs,
		Moteur: m, Horloge: func() time.Time { return time.UnixMilli(h.Load()) }, Conventions: conventions(t, jour)}
	return b
}

var amcs = []string{"775671993", "302976568"}

// horsLigne is the insurer that the hospital invoices by convention, by file.
const horsLigne = "434343434"

func conventions(t testing.TB, jour sante.Jour) func() *etablissement.Conventions {
	k := etablissement.Convention{ID: "HL", NumeroAMC: Carte(t, horsLigne).NumeroAMC, Prioritaire: true, Debut: jour - 400, Libelle: "Mutuelle du Gué", Voie: "v",
		TypeContrat: calcul.ContratIndividuel, Responsable: true}
	for _, f := range []calcul.Famille{calcul.FamilleCONS, calcul.FamilleACTE} {
		k.Garanties = append(k.Garanties, calcul.Garantie{Code: "TM-" + string(f), Famille: f, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F01})})
	}
	table := &etablissement.Conventions{Conventions: []etablissement.Convention{k},
		Voies: []etablissement.Voie{{Nom: "v", Transport: etablissement.TransportDepot, Forme: etablissement.FormeDRE, Adresse: horsLigne}}}
	if err := table.Verifier(); err != nil {
		t.Fatal(err)
	}
	return func() *etablissement.Conventions { return table }
}

// Dossiers tells with what the numbers of files and of invoices begin.
func (b *Banc) Dossiers(prefixe string) { b.prefixe = prefixe }

// Avancer moves the clock.
func (b *Banc) Avancer(d time.Duration) { b.horloge.Add(d.Milliseconds()) }

var ordre = etablissement.Ordre{Agent: "agent-7"}

// Engager opens a visit and obtains its guarantee, of so many cents.
func (b *Banc) Engager(depense sante.Montant) (etablissement.Place, error) {
	p, err := b.ouvrir(amcs[len(b.Venues)%2])
	if err != nil {
		return p, err
	}
	if _, err = b.DemanderDroits(context.Background(), p, ordre); err != nil {
		return p, err
	}
	return p, b.Recalculer(p, depense)
}

// Convenir opens a visit and computes its share by convention.
func (b *Banc) Convenir(depense sante.Montant) (etablissement.Place, error) {
	p, err := b.ouvrir(horsLigne)
	if err != nil {
		return p, err
	}
	if _, err = b.ParConvention(context.Background(), p, ordre); err != nil {
		return p, err
	}
	return p, b.Recalculer(p, depense)
}

func (b *Banc) ouvrir(amc string) (etablissement.Place, error) {
	ctx := context.Background()
	d := ACE(b.t, fmt.Sprintf("%s%d", b.prefixe, len(b.Venues)+1))
	d.DateReference = b.debut
	v, err := b.OuvrirVenue(ctx, d)
	if err != nil {
		return etablissement.Place{}, err
	}
	p := etablissement.Place{Venue: v.ID, Rang: 1}
	if _, err = b.AjouterCouverture(ctx, v.ID, ordre, 0, Carte(b.t, amc)); err != nil {
		return p, err
	}
	b.Venues = append(b.Venues, v.ID)
	return p, nil
}

// Remettre hands over the batches that leave as files.
func (b *Banc) Remettre() error {
	for _, l := range b.Departs.Remis {
		if b.lots[l.Numero] {
			continue
		}
		if err := b.RecevoirRemise(context.Background(), l.Numero); err != nil {
			return err
		}
		b.lots[l.Numero] = true
	}
	return nil
}

// Recalculer asks for the guarantee of a visit, again if need be.
func (b *Banc) Recalculer(p etablissement.Place, depense sante.Montant) error {
	k := Consultation(b.t)
	a := &k.Faits.Externe.Actes[0]
	a.Date, a.Base, a.Depense = b.debut, depense, depense
	_, err := b.Calculer(context.Background(), p, ordre, k, "")
	return err
}

// Numero draws the number of an invoice.
func (b *Banc) Numero() etablissement.Facturation {
	b.factures++
	return etablissement.Facturation{Numero: fmt.Sprintf("FA-%s%d", b.prefixe, b.factures)}
}

// Recevoir acknowledges the batches posted and not acknowledged yet; the invoices
// for which refuser says a code are refused.
func (b *Banc) Recevoir(refuser func(numero string) roc.Code) error {
	for _, d := range b.Departs.Lots {
		if b.lots[d.Lot.Numero] {
			continue
		}
		r := &roc.ReponseDRE{Retour: roc.RetourDe(roc.Accepte, ""), NumeroLot: d.Lot.Numero}
		for i := range d.Factures {
			if code := refuser(d.Factures[i].Numero); code != "" {
				r.Refusees = append(r.Refusees, roc.RetourFacture{Numero: d.Factures[i].Numero, Lot: d.Lot.Numero, Etat: roc.FactureRejetee, Code: code})
			}
		}
		if err := b.RecevoirAccuse(context.Background(), d.Lot.Numero, r); err != nil {
			return err
		}
		b.lots[d.Lot.Numero] = true
	}
	return nil
}

// Retourner gives a return on an invoice of a visit, sealed as its insurer does.
func (b *Banc) Retourner(p etablissement.Place, nature roc.NatureRetour, etat roc.EtatFacture, code roc.Code, paye sante.Montant) error {
	v, err := b.Livres.Venue(context.Background(), p.Venue)
	if err != nil {
		return err
	}
	cv := v.Couverture(p.Rang)
	f := cv.Facture
	if f == nil {
		return nil
	}
	lot := b.lotDe(f.Numero)
	if lot == "" && !f.Remise.IsZero() {
		lot = f.Lot
	}
	if lot == "" {
		return nil // the insurer has not seen it
	}
	x := roc.RetourFacture{Numero: f.Numero, Lot: lot, Etat: etat, Code: code, MontantFacture: f.Demande, MontantPaye: paye, DejaPaye: f.Paye}
	d := &roc.DemandeRET{Numero: "R1", Date: b.Aujourdhui(), Nature: nature, Factures: []roc.RetourFacture{x}}
	if nature == roc.RetourPaiement {
		d.Paiement = &roc.Paiement{DateComptable: d.Date, DateMandatement: d.Date, Payeur: cv.AMC.Numero, ReferenceVirement: "VIR-1", Total: paye}
	}
	m := &roc.Message[roc.DemandeRET]{Corps: d, Enveloppe: roc.Enveloppe{NormeVersion: roc.Profil, Service: roc.RET, Sens: roc.Question,
		IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "-", Horodatage: b.Horloge(), Environnement: roc.Test,
		Emetteur: roc.Partie{Type: roc.AMC, ID: cv.AMC.Numero.String()}, Destinataire: roc.Partie{Type: roc.ES, ID: "750712184"}}}
	_, err = b.RecevoirRetour(context.Background(), sceautest.Ouvrir(b.t, "1775671993", b.Horloge(), roc.EchangeRET.Demande.AppendJSON(nil, m), roc.EchangeRET.Demande.DecodeJSON))
	return err
}

func (b *Banc) lotDe(numero string) string {
	for _, d := range b.Departs.Lots {
		for i := range d.Factures {
			if d.Factures[i].Numero == numero {
				return d.Lot.Numero
			}
		}
	}
	return ""
}

// permise tells whether an error is only that the act is not possible now.
func permise(err error) error {
	var e *etablissement.Erreur
	if errors.As(err, &e) {
		return nil
	}
	return err
}

// suites are what usually comes next: acts drawn without regard to the state would
// seldom bring a history to its end.
var suites = map[etablissement.Etat][]string{
	etablissement.Engagee:            {"facturer"},
	etablissement.ConventionRetenue:  {"facturer"},
	etablissement.SansEngagement:     {"facturer"},
	etablissement.Facturee:           {"recevoir", "recevoir", "remettre"},
	etablissement.Accusee:            {"payer", "partie", "rejeter", "attendre"},
	etablissement.PayeePartiellement: {"payer", "attendre"},
	etablissement.Rejetee:            {"corriger"},
	etablissement.Corrigee:           {"facturer", "temps"},
}

// Geste plays one act drawn at random on one visit, or lets time pass; what is not
// possible changes nothing.
func (b *Banc) Geste(r *rapid.T) error {
	ctx := context.Background()
	depense := sante.Montant(rapid.IntRange(500, 90000).Draw(r, "depense"))
	if len(b.Venues) == 0 || len(b.Venues) < 8 && rapid.IntRange(0, 5).Draw(r, "nouvelle") == 0 {
		if rapid.IntRange(0, 2).Draw(r, "convention") == 0 {
			_, err := b.Convenir(depense)
			return permise(err)
		}
		_, err := b.Engager(depense)
		return permise(err)
	}
	p := etablissement.Place{Venue: rapid.SampledFrom(b.Venues).Draw(r, "venue"), Rang: 1}
	v, err := b.Livres.Venue(ctx, p.Venue)
	if err != nil {
		return err
	}
	f := v.Couverture(1).Facture
	gestes := []string{"temps", "temps", "annuler", "recalculer", "facturer", "facturer", "lots", "recevoir", "payer", "partie", "rejeter", "rejeter", "corriger", "corriger", "retirer", "expirer", "lacher", "oublier", "remettre", "attendre"}
	if suite := suites[v.Couverture(1).Etat]; suite != nil && rapid.Bool().Draw(r, "suite") {
		gestes = suite
	}
	switch rapid.SampledFrom(gestes).Draw(r, "geste") {
	case "temps":
		b.Avancer(time.Duration(rapid.IntRange(1, 200).Draw(r, "heures")) * time.Hour / 4)
	case "attendre": // past what the insurers have to pay
		b.Avancer(time.Duration(13+rapid.IntRange(0, 5).Draw(r, "jours")) * 24 * time.Hour)
	case "oublier":
		_, err = b.ParConvention(ctx, p, ordre)
	case "remettre":
		if _, err = b.FormerLots(ctx); err == nil {
			err = b.Remettre()
		}
	case "annuler":
		_, err = b.Annuler(ctx, p, ordre, roc.ErreurSaisie)
	case "recalculer":
		err = b.Recalculer(p, depense)
	case "facturer":
		_, err = b.Facturer(ctx, p, ordre, b.Numero())
	case "lots":
		_, err = b.FormerLots(ctx)
	case "recevoir":
		if _, err = b.FormerLots(ctx); err == nil {
			n := rapid.IntRange(0, 3).Draw(r, "refus")
			err = b.Recevoir(func(string) roc.Code {
				if n == 0 {
					return roc.FactureEnDouble
				}
				return ""
			})
		}
	case "payer":
		if f != nil {
			err = b.Retourner(p, roc.RetourPaiement, roc.FacturePayee, roc.Accepte, f.Demande-f.Paye)
		}
	case "partie":
		if f != nil && f.Demande-f.Paye > 1 {
			err = b.Retourner(p, roc.RetourPaiement, roc.FacturePayee, roc.PiecesManquantes, 1+sante.Montant(rapid.IntRange(0, int(f.Demande-f.Paye)-2).Draw(r, "part")))
		}
	case "rejeter":
		err = b.Retourner(p, roc.RetourRejet, roc.FactureRejetee, rapid.SampledFrom([]roc.Code{roc.PiecesManquantes, roc.FactureEnDouble, roc.MontantDifferent}).Draw(r, "motif"), 0)
	case "corriger":
		_, err = b.Corriger(ctx, p, ordre)
	case "retirer":
		_, err = b.AnnulerFacture(ctx, p, ordre, b.Numero())
	case "expirer":
		if rapid.IntRange(0, 2).Draw(r, "trois mois") == 0 {
			b.Avancer(95 * 24 * time.Hour)
		}
		_, err = b.Expirer(ctx)
	case "lacher":
		err = b.Retourner(p, roc.RetourRejet, roc.FactureRejetee, roc.EngagementFacture, 0)
	}
	return permise(err)
}
