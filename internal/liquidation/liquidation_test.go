package liquidation_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	lt "github.com/ecluse-sante/ecluse/internal/liquidation/liquidationtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

var (
	midi  = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	jour  = sante.JourA(midi, sante.Paris())
	ctx   = context.Background()
	amc   = lire(sante.ParseNumeroAMC, "775671993")
	es    = lire(sante.ParseFINESS, "750712184")
	autre = lire(sante.ParseFINESS, "690781810")
)

func lire[T any](f func(string) (T, error), s string) T {
	v, err := f(s)
	if err != nil {
		panic(err)
	}
	return v
}

// banc is an insurer with its books, and a hospital that seals.
type banc struct {
	*liquidation.Service
	livres    *lt.Memoire
	garanties *lt.Garanties
	retours   *lt.Retours
	moteur    calcul.Moteur
	id        *sceautest.Identite
	instant   time.Time
	lots      int
}

type tb interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func nouveau(t testing.TB) *banc {
	t.Helper()
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &banc{livres: lt.NewMemoire(), retours: &lt.Retours{}, moteur: m, instant: midi, id: sceautest.New(t, "1"+es.String(), midi),
		garanties: &lt.Garanties{Par: map[roc.NumeroEngagement]*liquidation.Garantie{}, DuContrat: contrat()}}
	b.Service = &liquidation.Service{
		Parametres: liquidation.Parametres{Debitrices: []sante.NumeroAMC{amc}, DelaiPaiement: 12},
		Factures:   b.livres, Garanties: b.garanties, Retours: b.retours, Moteur: m, Horloge: func() time.Time { return b.instant },
		Transaction: func(ctx context.Context, f func(context.Context) error) error { return f(ctx) },
	}
	return b
}

func contrat() calcul.Contrat { return calcul.Responsable100() }

// visite is a question of calculation of n consultations.
func (b *banc) visite(t tb, dossier string, montants ...sante.Montant) *roc.DemandeCalcul {
	t.Helper()
	d := calcul.DossierACE{ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, Parcours: "T"}
	for _, x := range montants {
		d.Actes = append(d.Actes, calcul.Acte{Famille: calcul.FamilleCONS, CodePrestation: "CS", Date: jour, Base: x, Depense: x})
	}
	f, _, err := b.moteur.FactureACE(d)
	if err != nil {
		t.Fatal(err)
	}
	q, err := roc.DemandeDe(roc.Entete{Contexte: roc.ContexteACE, DateReference: jour, PeriodeDebut: jour, PeriodeFin: jour, Discipline: roc.MCO, RangAMC: 1,
		ConsentementInformation: true, Etablissement: roc.Etablissement{FinessJuridique: es, FinessGeo: es, Categorie: roc.EPS},
		Beneficiaire: roc.Beneficiaire{NumeroAdherent: lire(sante.ParseNumeroAdherent, "ADH-00001"), NomNaissance: "FICTIVE", Prenom: "LEA",
			DateNaissance: lire(sante.ParseDateNaissance, "19850312"), RangGemellaire: 1},
		Carte: roc.Carte{NumeroAMC: amc, ModeAcquisition: roc.Saisie}, AMO: roc.AMO{NatureAssurance: f.Nature, ExoTM: f.ExoTM}}, f)
	if err != nil {
		t.Fatal(err)
	}
	q.NumeroFactureES = "F-" + dossier
	return q
}

// engager makes the guarantee of a question, and the invoice that equals it.
func (b *banc) engager(t tb, dossier string, locale bool, montants ...sante.Montant) *roc.Facture {
	t.Helper()
	q := b.visite(t, dossier, montants...)
	r, _, err := roc.Repartir(b.moteur, contrat(), q, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.NumeroEngagement, err = roc.TirerNumeroEngagement(amc, nil); err != nil {
		t.Fatal(err)
	}
	fondement, g := roc.SurEngagement, &liquidation.Garantie{Numero: r.NumeroEngagement, Finess: es, Dossier: dossier, Etat: liquidation.GarantieEngagee,
		PeriodeDebut: jour, PeriodeFin: jour, Debut: jour, Fin: jour + 90, Total: *r.TotalAMC, Lignes: r.Lignes, Locale: locale,
		Patient: q.Beneficiaire.Empreinte(), Calcul: roc.EmpreinteCalcul(q)}
	if locale {
		fondement, g.Total, g.Lignes, g.Calcul = roc.SurCalculLocal, 0, nil, ""
	}
	b.garanties.Par[g.Numero] = g
	f := roc.FactureDe(q, r, fondement)
	f.Date, f.IDDossierES = jour, dossier
	return f
}

// envoyer sends a batch, sealed, as the gate gives it.
func (b *banc) envoyer(t testing.TB, l ...roc.Facture) *roc.ReponseDRE {
	t.Helper()
	b.lots++
	d := roc.NouveauLot(fmt.Sprintf("L%03d", b.lots), jour, l)
	return b.envoyerLot(t, d)
}

func (b *banc) envoyerLot(t testing.TB, d *roc.DemandeDRE) *roc.ReponseDRE {
	t.Helper()
	d.Lot.AdresseRetour = "https://es.exemple.fr"
	return b.recevoir(t, d)
}

func (b *banc) recevoir(t testing.TB, d *roc.DemandeDRE) *roc.ReponseDRE {
	t.Helper()
	m := &roc.Message[roc.DemandeDRE]{Corps: d, Enveloppe: roc.Enveloppe{NormeVersion: roc.Profil, Service: roc.DRE, Sens: roc.Question,
		IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "-", Horodatage: b.instant, Environnement: roc.Test,
		Emetteur: roc.Partie{Type: roc.ES, ID: es.String()}, Destinataire: roc.Partie{Type: roc.AMC, ID: amc.String()}}}
	o := sceautest.OuvrirDe(t, b.id, midi, roc.EchangeDRE.Demande.AppendJSON(nil, m), roc.EchangeDRE.Demande.DecodeJSON)
	r, err := b.Recevoir(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *banc) etat(t tb, numero string, e liquidation.Etat, code roc.Code) *liquidation.Facture {
	t.Helper()
	f, err := b.livres.Facture(ctx, es, numero)
	if err != nil {
		t.Fatal(err)
	}
	if f.Etat != e || f.Code != code {
		t.Errorf("%s : %s %s %s, want %s %s", numero, f.Etat, f.Code, f.Precision, e, code)
	}
	return f
}

// A guarantee invoiced as it is is paid, and told at each step.
func TestFacturePayee(t *testing.T) {
	for _, locale := range []bool{false, true} {
		t.Run(fmt.Sprintf("locale %v", locale), func(t *testing.T) {
			b := nouveau(t)
			f := b.engager(t, "D1", locale, 2650, 5000)
			if r := b.envoyer(t, *f); r.CodeRetour != roc.Accepte || r.Nombre != 1 || r.Total != f.Totaux.AMC {
				t.Fatalf("accusé %+v", r)
			}
			b.etat(t, f.Numero, liquidation.Liquidee, roc.Accepte)
			ordre := liquidation.Ordre{Comptable: jour, Mandatement: jour, Payeur: amc, Reference: "VIR-1", Compte: "0001"}
			if n, err := b.Payer(ctx, ordre, es, 100); err != nil || n != 1 {
				t.Fatalf("%d, %v", n, err)
			}
			b.etat(t, f.Numero, liquidation.Payee, roc.Accepte)
			if g := b.garanties.Par[f.NumeroEngagement]; g.Etat != liquidation.GarantiePayee {
				t.Errorf("garantie %s", g.Etat)
			}
			var natures []roc.NatureRetour
			for _, d := range b.retours.Postes {
				natures = append(natures, d.Nature)
				d.Numero = "R1"
				if err := d.Verifier(); err != nil {
					t.Errorf("%s : %v", d.Nature, err)
				}
			}
			if fmt.Sprint(natures) != "[CONTROLE LIQUIDATION PAIEMENT]" {
				t.Errorf("retours %v", natures)
			}
			if n, err := b.Payer(ctx, ordre, es, 100); err != nil || n != 0 {
				t.Errorf("payée deux fois : %d, %v", n, err)
			}
		})
	}
}

// Each control has its code. ref: ROC §17.2, §18
func TestControles(t *testing.T) {
	for nom, x := range map[string]struct {
		abimer func(b *banc, f *roc.Facture, g *liquidation.Garantie)
		code   roc.Code
	}{
		"engagement inconnu":            {func(b *banc, f *roc.Facture, g *liquidation.Garantie) { delete(b.garanties.Par, g.Numero) }, roc.EngagementInconnu},
		"engagement d'un autre":         {func(_ *banc, _ *roc.Facture, g *liquidation.Garantie) { g.Finess = autre }, roc.EngagementInconnu},
		"engagement d'un autre dossier": {func(_ *banc, _ *roc.Facture, g *liquidation.Garantie) { g.Dossier = "D2" }, roc.EngagementInconnu},
		"calcul local prétendu":         {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) { f.Fondement = roc.SurCalculLocal }, roc.EngagementInconnu},
		"convention prétendue":          {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) { f.Fondement = roc.SurConvention }, roc.Illisible},
		"engagement annulé":             {func(_ *banc, _ *roc.Facture, g *liquidation.Garantie) { g.Etat = liquidation.GarantieAnnulee }, roc.EngagementAnnule},
		"engagement facturé":            {func(_ *banc, _ *roc.Facture, g *liquidation.Garantie) { g.Etat = liquidation.GarantieFacturee }, roc.EngagementFacture},
		"engagement payé":               {func(_ *banc, _ *roc.Facture, g *liquidation.Garantie) { g.Etat = liquidation.GarantiePayee }, roc.EngagementFacture},
		"facturée trop tard":            {func(_ *banc, f *roc.Facture, g *liquidation.Garantie) { g.Fin = jour - 1 }, roc.EngagementExpire},
		"reçue trop tard": {func(b *banc, _ *roc.Facture, g *liquidation.Garantie) {
			g.Fin = jour
			b.instant = midi.Add(24 * time.Hour)
		}, roc.FactureTardive},
		"hors de la période": {func(_ *banc, _ *roc.Facture, g *liquidation.Garantie) { g.PeriodeDebut, g.PeriodeFin = jour+1, jour+2 }, roc.DroitsFermes},
		"un centime de plus": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) {
			f.Calcul.Lignes[0].MontantDepense++
			f.Totaux.Depense++
			f.Parts[0].MontantAMC++
			f.Totaux.AMC++
		}, roc.MontantDifferent},
		"un centime d'une ligne à l'autre": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) {
			f.Parts[0].MontantAMC--
			f.Parts[1].MontantAMC++
			f.Calcul.Lignes[1].MontantDepense++
			f.Totaux.Depense++
			f.Totaux.Patient++
		}, roc.MontantDifferent},
		"un centime de moins": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) {
			f.Parts[0].MontantAMC--
			f.Totaux.AMC--
			f.Totaux.Patient++
		}, roc.MontantDifferent},
		"un autre adhérent": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) {
			f.Calcul.Beneficiaire.NumeroAdherent = lire(sante.ParseNumeroAdherent, "ADH-00002")
		}, roc.IdentiteDiscordante},
		"une autre naissance": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) {
			f.Calcul.Beneficiaire.DateNaissance = lire(sante.ParseDateNaissance, "19850313")
		}, roc.IdentiteDiscordante},
		"le jumeau": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) { f.Calcul.Beneficiaire.RangGemellaire = 2 }, roc.IdentiteDiscordante},
		"un acte pour un autre, au même prix": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) {
			f.Calcul.Lignes[0].CodePrestation = "G"
		}, roc.MontantDifferent},
		"une dépense d'un autre montant": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) {
			f.Calcul.Lignes[0].MontantDepense += 500
			f.Totaux.Depense += 500
			f.Totaux.Patient += 500
		}, roc.MontantDifferent},
		"exonérée après coup": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) { f.Calcul.AMO.ExoTM = calcul.ExoALD }, roc.MontantDifferent},
		"nom corrigé":         {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) { f.Calcul.Beneficiaire.NomUsage = "AUTRE" }, roc.Accepte},
		"total faux":          {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) { f.Totaux.AMC++ }, roc.TotalFaux},
		"part négative":       {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) { f.Parts[0].MontantAMC = -1 }, roc.TotalFaux},
		"une autre AMC": {func(_ *banc, f *roc.Facture, _ *liquidation.Garantie) {
			f.Calcul.Carte.NumeroAMC = lire(sante.ParseNumeroAMC, "302976568")
		}, roc.AMCNonDebitrice},
	} {
		t.Run(nom, func(t *testing.T) {
			b := nouveau(t)
			f := b.engager(t, "D1", false, 3000, 1700)
			x.abimer(b, f, b.garanties.Par[f.NumeroEngagement])
			b.envoyer(t, *f)
			if x.code == roc.Accepte {
				b.etat(t, f.Numero, liquidation.Liquidee, x.code)
				return
			}
			b.etat(t, f.Numero, liquidation.Rejetee, x.code)
			d := b.retours.Postes[len(b.retours.Postes)-1]
			if d.Nature != roc.RetourRejet || d.Factures[0].Code != x.code {
				t.Errorf("retour %s %s", d.Nature, d.Factures[0].Code)
			}
		})
	}
}

// A local calculation that the insurer makes otherwise is its own reject, with
// both computations. ref: DEC 24
func TestRecalcul(t *testing.T) {
	b := nouveau(t)
	f := b.engager(t, "D1", true, 3000)
	f.Parts[0].MontantAMC, f.Totaux.AMC, f.Totaux.Patient = 800, 800, 100
	b.envoyer(t, *f)
	x := b.etat(t, f.Numero, liquidation.Rejetee, roc.RecalculDifferent)
	if len(x.Lignes) != 1 || x.Lignes[0].Facture != 800 || *x.Lignes[0].Attendu != 900 {
		t.Errorf("lignes %+v", x.Lignes)
	}
	if g := b.garanties.Par[f.NumeroEngagement]; g.Etat != liquidation.GarantieEngagee {
		t.Errorf("une facture refusée a pris sa garantie : %s", g.Etat)
	}
}

// An invoice that equals its engagement and arrives in time is always accepted.
func TestToujoursAcceptee(t *testing.T) {
	b := nouveau(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		montants := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) sante.Montant {
			return sante.Montant(rapid.IntRange(1, 100_000).Draw(t, "centimes"))
		}), 1, 12).Draw(r, "montants")
		f := b.engager(r, fmt.Sprintf("D%d", n), rapid.Bool().Draw(r, "locale"), montants...)
		if f.Totaux.AMC == 0 {
			return // nothing is engaged, nothing is invoiced
		}
		b.garanties.Par[f.NumeroEngagement].Fin = jour + sante.Jour(rapid.IntRange(0, 90).Draw(r, "reste"))
		b.envoyer(t, *f)
		b.etat(r, f.Numero, liquidation.Liquidee, roc.Accepte)
	})
}

// An invoice is held once, whatever batch brings it; a batch is held once.
func TestDoublons(t *testing.T) {
	b := nouveau(t)
	un, deux := b.engager(t, "D1", false, 3000), b.engager(t, "D2", false, 4000)
	b.envoyer(t, *un)
	r := b.envoyer(t, *un, *deux)
	if r.CodeRetour != roc.AvecReserve || r.Nombre != 1 || r.Total != deux.Totaux.AMC || len(r.Refusees) != 1 || r.Refusees[0].Code != roc.FactureEnDouble {
		t.Errorf("accusé %+v", r)
	}
	if r := b.envoyerLot(t, roc.NouveauLot("L001", jour, []roc.Facture{*deux})); r.CodeRetour != roc.FactureEnDouble {
		t.Errorf("même lot : %s", r.CodeRetour)
	}
	if r := b.envoyer(t, *deux, *deux); r.CodeRetour != roc.FactureEnDouble {
		t.Errorf("deux fois la même dans un lot : %s", r.CodeRetour)
	}
	// Two invoices of one engagement: the first takes it.
	encore := *deux
	encore.Numero = "F-D2-BIS"
	b.envoyer(t, encore)
	b.etat(t, un.Numero, liquidation.Liquidee, roc.Accepte)
	b.etat(t, deux.Numero, liquidation.Liquidee, roc.Accepte)
	b.etat(t, encore.Numero, liquidation.Rejetee, roc.EngagementFacture)
}

// A batch that is not what it says of itself is refused whole.
func TestLotFaux(t *testing.T) {
	for nom, x := range map[string]struct {
		abimer func(*roc.DemandeDRE)
		code   roc.Code
	}{
		"nombre":    {func(d *roc.DemandeDRE) { d.Lot.Nombre++ }, roc.Illisible},
		"total":     {func(d *roc.DemandeDRE) { d.Lot.Total++ }, roc.TotalFaux},
		"empreinte": {func(d *roc.DemandeDRE) { d.Factures[0].IDDossierES = "D9" }, roc.Illisible},
	} {
		t.Run(nom, func(t *testing.T) {
			b := nouveau(t)
			d := roc.NouveauLot("L1", jour, []roc.Facture{*b.engager(t, "D1", false, 3000)})
			x.abimer(d)
			if r := b.envoyerLot(t, d); r.CodeRetour != x.code {
				t.Errorf("%s, want %s", r.CodeRetour, x.code)
			}
			if _, err := b.livres.Facture(ctx, es, d.Factures[0].Numero); !errors.Is(err, liquidation.ErrFactureInconnue) {
				t.Errorf("une facture du lot refusé est au livre : %v", err)
			}
		})
	}
}

// A rejected invoice is corrected by another that names it; an invoice taken back
// before it is paid gives its guarantee back.
func TestCorrections(t *testing.T) {
	b := nouveau(t)
	f := b.engager(t, "D1", false, 3000)
	b.envoyer(t, *f)
	if err := b.Rejeter(ctx, es, f.Numero, roc.PiecesManquantes, "feuille de soins attendue"); err != nil {
		t.Fatal(err)
	}
	b.etat(t, f.Numero, liquidation.Rejetee, roc.PiecesManquantes)
	bis := *f
	bis.Numero, bis.Nature = "F-D1-BIS", roc.Initiale
	b.envoyer(t, bis)
	b.etat(t, bis.Numero, liquidation.Rejetee, roc.EngagementFacture)
	ter := *f
	ter.Numero, ter.Nature, ter.FactureCorrigee = "F-D1-TER", roc.Rectificative, f.Numero
	b.envoyer(t, ter)
	b.etat(t, ter.Numero, liquidation.Liquidee, roc.Accepte)

	annule := ter
	annule.Numero, annule.Nature, annule.FactureCorrigee = "F-D1-ANN", roc.Annulative, ter.Numero
	if r := b.envoyer(t, annule); r.Total != -ter.Totaux.AMC {
		t.Errorf("total du lot %s", r.Total)
	}
	b.etat(t, annule.Numero, liquidation.AnnuleeParES, roc.Accepte)
	b.etat(t, ter.Numero, liquidation.AnnuleeParES, roc.Accepte)
	if g := b.garanties.Par[f.NumeroEngagement]; g.Etat != liquidation.GarantieRendue {
		t.Errorf("garantie %s", g.Etat)
	}
}

// An invoice paid in two parts is paid once.
func TestDeuxParts(t *testing.T) {
	b := nouveau(t)
	f := b.engager(t, "D1", false, 10000)
	b.envoyer(t, *f)
	ordre := func(reference string) liquidation.Ordre {
		return liquidation.Ordre{Comptable: jour, Mandatement: jour, Payeur: amc, Reference: reference}
	}
	payer := func(reference string, m sante.Montant) error {
		return b.Regler(ctx, ordre(reference), es,
			map[string]liquidation.Part{f.Numero: {Montant: m, Code: roc.PiecesManquantes}})
	}
	if err := payer("VIR-1", f.Totaux.AMC+1); err == nil {
		t.Error("payée plus que due")
	}
	if err := payer("VIR-1", 1000); err != nil {
		t.Fatal(err)
	}
	b.etat(t, f.Numero, liquidation.PayeePartie, roc.PiecesManquantes)
	// The same order again, or another under its reference, pays nothing.
	for _, m := range []sante.Montant{1000, 500} {
		if err := payer("VIR-1", m); !errors.Is(err, liquidation.ErrDejaVire) {
			t.Errorf("%s de nouveau : %v", m, err)
		}
	}
	if err := b.Solder(ctx, ordre("VIR-1"), es, f.Numero); !errors.Is(err, liquidation.ErrDejaVire) {
		t.Errorf("le solde sous la même référence : %v", err)
	}
	if x := b.etat(t, f.Numero, liquidation.PayeePartie, roc.PiecesManquantes); x.Paye != 1000 {
		t.Errorf("payé %s", x.Paye)
	}
	if err := payer("VIR-2", f.Totaux.AMC-1000); err != nil {
		t.Fatal(err)
	}
	x := b.etat(t, f.Numero, liquidation.Payee, roc.Accepte)
	if x.Paye != f.Totaux.AMC {
		t.Errorf("payé %s", x.Paye)
	}
	if err := payer("VIR-3", 1); err == nil {
		t.Error("payée deux fois")
	}
}

// An invoice and its annulation may come in one batch, in any order of numbers.
func TestAnnuleeDansSonLot(t *testing.T) {
	b := nouveau(t)
	f := b.engager(t, "D1", false, 3000)
	annule := *f
	annule.Numero, annule.Nature, annule.FactureCorrigee = "A-ANN", roc.Annulative, f.Numero
	if r := b.envoyer(t, *f, annule); r.CodeRetour != roc.Accepte || r.Total != 0 {
		t.Errorf("accusé %+v", r)
	}
	b.etat(t, f.Numero, liquidation.AnnuleeParES, roc.Accepte)
	b.etat(t, annule.Numero, liquidation.AnnuleeParES, roc.Accepte)
	if g := b.garanties.Par[f.NumeroEngagement]; g.Etat != liquidation.GarantieRendue {
		t.Errorf("garantie %s", g.Etat)
	}
	if n, err := b.Payer(ctx, liquidation.Ordre{Reference: "VIR"}, es, 10); n != 0 || err != nil {
		t.Errorf("%d factures payées, %v", n, err)
	}
}
