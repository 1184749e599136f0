package etablissement_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

const (
	amc1 = "775671993"
	amc2 = "302976568"
	amc3 = "77565712"
)

// monde is a hospital, its store and its insurers, at a clock that tests move.
type monde struct {
	*etablissement.Service
	amc     *et.Assureurs
	horloge *atomic.Int64
	departs *et.Departs
}

func nouveau(t testing.TB) *monde {
	t.Helper()
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	contrats := map[sante.NumeroAMC]calcul.Contrat{
		et.Carte(t, amc1).NumeroAMC: et.Contrat(et.Euros(t, "40.00")),
		et.Carte(t, amc2).NumeroAMC: et.Contrat(et.Euros(t, "50.00")),
	}
	k := &monde{amc: et.NewAssureurs(m, et.Jour(t, "2026-05-04"), contrats), horloge: new(atomic.Int64), departs: &et.Departs{}}
	k.horloge.Store(et.Midi.UnixMilli())
	s := et.NewMemoire()
	k.Service = &etablissement.Service{Maison: et.Maison(t), Depot: s, Questions: s, Traces: s, Factures: s, Reserves: s, Depart: k.departs, Exchange: k.amc, Moteur: m, AdresseRetour: "https://es.invalid",
		Horloge: func() time.Time { return time.UnixMilli(k.horloge.Load()) }}
	return k
}

func (k *monde) avancer(d time.Duration) { k.horloge.Add(d.Milliseconds()) }

var ctx = context.Background()

var agent = etablissement.Ordre{Agent: "agent-7"}

// venue opens a visit with these cards, in their order.
func (k *monde) venue(t testing.TB, d etablissement.Dossier, amcs ...string) *etablissement.Venue {
	t.Helper()
	v, err := k.OuvrirVenue(ctx, d)
	for _, a := range amcs {
		if err == nil {
			v, err = k.AjouterCouverture(ctx, v.ID, agent, 0, et.Carte(t, a))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func rang(v *etablissement.Venue, n int) etablissement.Place {
	return etablissement.Place{Venue: v.ID, Rang: n}
}

func (k *monde) droits(t testing.TB, v *etablissement.Venue, n int) *etablissement.Venue {
	t.Helper()
	v, err := k.DemanderDroits(ctx, rang(v, n), agent)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (k *monde) calcul(t testing.TB, v *etablissement.Venue, n int, p etablissement.Passage) *etablissement.Venue {
	t.Helper()
	v, err := k.Calculer(ctx, rang(v, n), agent, p, "")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func attendre(t testing.TB, v *etablissement.Venue, n int, e etablissement.Etat) {
	t.Helper()
	if got := v.Couverture(n).Etat; got != e {
		t.Fatalf("rang %d : %s (%s), want %s", n, got, v.Couverture(n).Code, e)
	}
}

// V01: the consultation of the reference, from the desk to the guarantee, then an
// error is found. ref: ROC §3.1, §19 V01
func TestConsultation(t *testing.T) {
	k := nouveau(t)
	v := k.venue(t, et.ACE(t, "ACE-1"), amc1)
	v = k.droits(t, v, 1)
	attendre(t, v, 1, etablissement.DroitsAccordes)
	if v.Couvertures[0].AMC.Libelle != "Mutuelle fictive "+amc1 {
		t.Errorf("libellé de l'AMC : %q", v.Couvertures[0].AMC.Libelle)
	}
	v = k.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.Engagee)
	r := v.Couvertures[0].Calcul.Reponse
	if r.TotalAMO.String() != "18.55" || r.TotalAMC.String() != "7.95" || r.TotalPatient.String() != "0.00" {
		t.Errorf("parts %s %s %s, want 18.55 7.95 0.00", r.TotalAMO, r.TotalAMC, r.TotalPatient)
	}
	if _, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), ""); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("second calcul d'une venue engagée : %v", err)
	}
	v, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie)
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.Annulee)
	v = k.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.Engagee)
	if n := k.amc.Engages(); n != 1 {
		t.Errorf("%d engagements en cours, want 1", n)
	}
	h, err := k.Moments(ctx, v.ID)
	var etats []etablissement.Etat
	for _, m := range h {
		etats = append(etats, m.Apres)
	}
	want := []etablissement.Etat{"RIGHTS_ASKED", "RIGHTS_OK", "CALC_ASKED", "ENGAGED", "CANCEL_ASKED", "CANCELLED", "CALC_ASKED", "ENGAGED"}
	if err != nil || !slices.Equal(etats, want) {
		t.Errorf("historique %v, %v, want %v", etats, err, want)
	}
}

// An estimate is given back like a guarantee: the insurer forgets it, and so does
// the visit. ref: ROC §10
func TestOublierSimulation(t *testing.T) {
	k := nouveau(t)
	v := k.droits(t, k.venue(t, et.Sejour(t, "SEJ-1"), amc1), 1)
	if _, err := k.OublierSimulation(ctx, rang(v, 1), agent, roc.ErreurSaisie); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("sans simulation : %v", err)
	}
	v, err := k.Simuler(ctx, rang(v, 1), agent, et.DixNuits(t))
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.Simulee)
	if v, err = k.OublierSimulation(ctx, rang(v, 1), agent, roc.ErreurSaisie); err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.DroitsAccordes)
	if v.Couvertures[0].Simulation != nil {
		t.Error("la simulation est restée")
	}
	// Once the insurer is bound, the estimate goes and the guarantee stays.
	if v, err = k.Simuler(ctx, rang(v, 1), agent, et.DixNuits(t)); err != nil {
		t.Fatal(err)
	}
	v = k.calcul(t, v, 1, et.DixNuits(t))
	if v, err = k.OublierSimulation(ctx, rang(v, 1), agent, roc.ErreurSaisie); err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.Engagee)
	if v.Couvertures[0].Simulation != nil || k.amc.Engages() != 1 {
		t.Errorf("simulation %v, %d engagements", v.Couvertures[0].Simulation, k.amc.Engages())
	}
}

// V19: two insurers, the second pays on what the first leaves.
// ref: ROC §13.8, §19 V07b, V19
func TestDeuxRangs(t *testing.T) {
	k := nouveau(t)
	v := k.venue(t, et.Sejour(t, "SEJ-1"), amc1, amc2)
	v = k.droits(t, k.droits(t, v, 1), 2)
	v, err := k.Simuler(ctx, rang(v, 1), agent, et.DixNuits(t))
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.Simulee)
	simule := *v.Couvertures[0].Simulation.Reponse.TotalAMC
	if _, err := k.Calculer(ctx, rang(v, 2), agent, et.DixNuits(t), ""); !estCode(err, roc.AutreAMCDAbord) {
		t.Errorf("rang 2 avant le rang 1 : %v", err)
	}
	v = k.calcul(t, v, 1, et.DixNuits(t))
	v = k.calcul(t, v, 2, et.DixNuits(t))
	attendre(t, v, 2, etablissement.Engagee)
	r1, r2 := v.Couvertures[0].Calcul.Reponse, v.Couvertures[1].Calcul.Reponse
	if r1.TotalAMC.String() != "2223.00" || r2.TotalAMC.String() != "300.00" || r2.TotalPatient.String() != "0.00" {
		t.Errorf("parts %s, %s, reste %s, want 2223.00, 300.00, 0.00", r1.TotalAMC, r2.TotalAMC, r2.TotalPatient)
	}
	if simule != *r1.TotalAMC {
		t.Errorf("simulation %s, calcul %s", simule, *r1.TotalAMC)
	}
	if _, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie); !estCode(err, roc.RangIncoherent) {
		t.Errorf("annulation du rang 1 sous le rang 2 : %v", err)
	}
	recu, err := k.Recu(v)
	if err != nil || recu.Indicatif || recu.Totaux.Patient != 0 || recu.Totaux.AMC[0].String() != "2223.00" || recu.Totaux.AMC[1].String() != "300.00" {
		t.Errorf("reçu %+v, %v", recu, err)
	}
	if texte := recu.Texte(); !strings.Contains(texte, r2.NumeroEngagement.String()) || !strings.Contains(texte, "F07") {
		t.Errorf("le reçu ne dit pas l'engagement ou la règle :\n%s", texte)
	}
}

func estCode(err error, c roc.Code) bool {
	var e *etablissement.Erreur
	return errors.As(err, &e) && e.Code == c
}

// A lost answer never makes two engagements: the same question leaves again.
// ref: ROC §5.2, DEC 13
func TestReponsePerdue(t *testing.T) {
	for _, c := range []struct {
		nom     string
		relance func(k *monde, v *etablissement.Venue) (*etablissement.Venue, error)
	}{
		{"au redémarrage", func(k *monde, v *etablissement.Venue) (*etablissement.Venue, error) {
			if n, err := k.Reprendre(ctx); n != 1 || err != nil {
				t.Errorf("%d reprises, %v, want 1", n, err)
			}
			return k.Venue(ctx, v.ID)
		}},
		{"par l'agent, même calcul", func(k *monde, v *etablissement.Venue) (*etablissement.Venue, error) {
			return k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), "")
		}},
		{"par l'agent", func(k *monde, v *etablissement.Venue) (*etablissement.Venue, error) {
			return k.Relancer(ctx, rang(v, 1))
		}},
	} {
		t.Run(c.nom, func(t *testing.T) {
			k := nouveau(t)
			v := k.droits(t, k.venue(t, et.ACE(t, "P-1"), amc1), 1)
			k.amc.Regler(func(a *et.Assureurs) { a.Perdre = func(s roc.Service) bool { return s == roc.CLC } })
			if _, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), ""); !errors.Is(err, etablissement.ErrSansReponse) {
				t.Fatalf("réponse perdue : %v", err)
			}
			v, _ = k.Venue(ctx, v.ID)
			attendre(t, v, 1, etablissement.CalculDemande)
			if _, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), ""); !errors.Is(err, etablissement.ErrEnAttente) {
				t.Errorf("recalcul aussitôt : %v", err)
			}
			if n, err := k.Reprendre(ctx); n != 0 || err != nil {
				t.Errorf("reprise aussitôt : %d, %v", n, err)
			}
			k.amc.Regler(func(a *et.Assureurs) { a.Perdre = nil })
			k.avancer(2 * time.Minute)
			v, err := c.relance(k, v)
			if err != nil {
				t.Fatal(err)
			}
			attendre(t, v, 1, etablissement.Engagee)
			if n := k.amc.Engages(); n != 1 {
				t.Errorf("%d engagements, want 1", n)
			}
		})
	}
}

// The lines changed while the answer was lost: the agent is told, and what was
// engaged is what was asked first.
func TestReponsePerdueAutreCalcul(t *testing.T) {
	k := nouveau(t)
	v := k.droits(t, k.venue(t, et.ACE(t, "P-2"), amc1), 1)
	k.amc.Regler(func(a *et.Assureurs) { a.Perdre = func(s roc.Service) bool { return s == roc.CLC } })
	_, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), "")
	if !errors.Is(err, etablissement.ErrSansReponse) {
		t.Fatal(err)
	}
	k.amc.Regler(func(a *et.Assureurs) { a.Perdre = nil })
	k.avancer(2 * time.Minute)
	autre := et.Consultation(t)
	autre.Faits.Externe.Actes[0].Depense = et.Euros(t, "30.00")
	if _, err := k.Calculer(ctx, rang(v, 1), agent, autre, ""); !errors.Is(err, etablissement.ErrVersion) {
		t.Errorf("autre calcul : %v", err)
	}
	v, _ = k.Venue(ctx, v.ID)
	attendre(t, v, 1, etablissement.Engagee)
	if got := v.Couvertures[0].Calcul.Reponse.TotalDepense.String(); got != "26.50" {
		t.Errorf("engagé sur %s, want 26.50", got)
	}
}

// Refusals that end the question, and those that leave it open.
func TestRefus(t *testing.T) {
	for _, c := range []struct {
		nom   string
		err   error
		sorte error
		etat  etablissement.Etat
	}{
		{"notre sceau refusé par l'AMC", &roc.Refus{Code: roc.SceauInvalide, Distant: true}, etablissement.ErrRefus, etablissement.CalculRefuse},
		{"hors du cercle, selon l'AMC", &roc.Refus{Code: roc.HorsCercle, Distant: true}, etablissement.ErrRefus, etablissement.CalculRefuse},
		{"saturation, selon l'AMC", &roc.Refus{Code: roc.Saturation, Distant: true}, etablissement.ErrSansReponse, etablissement.CalculDemande},
		{"réponse au sceau altéré", roc.Refuser(roc.SceauInvalide, ""), etablissement.ErrSansReponse, etablissement.CalculDemande},
		{"réponse d'une autre structure", roc.Refuser(roc.AutreIdentifiant, ""), etablissement.ErrSansReponse, etablissement.CalculDemande},
		{"aucun service", roc.Refuser(roc.AucunService, ""), etablissement.ErrRefus, etablissement.CalculRefuse},
		{"relais en panne", roc.Refuser(roc.PanneRelais, ""), etablissement.ErrSansReponse, etablissement.CalculDemande},
		{"saturation", roc.Refuser(roc.Saturation, ""), etablissement.ErrSansReponse, etablissement.CalculDemande},
		{"silence", errors.New("délai dépassé"), etablissement.ErrSansReponse, etablissement.CalculDemande},
	} {
		t.Run(c.nom, func(t *testing.T) {
			k := nouveau(t)
			v := k.droits(t, k.venue(t, et.ACE(t, "R-1"), amc1), 1)
			k.amc.Regler(func(a *et.Assureurs) { a.Refuser = func(roc.Service) error { return c.err } })
			_, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), "")
			if !errors.Is(err, c.sorte) {
				t.Fatalf("%v, want %v", err, c.sorte)
			}
			v, _ = k.Venue(ctx, v.ID)
			attendre(t, v, 1, c.etat)
			if c.etat.EnAttente() {
				return
			}
			if len(v.Consignes()) == 0 {
				t.Error("aucune consigne")
			}
			k.amc.Regler(func(a *et.Assureurs) { a.Refuser = nil })
			attendre(t, k.calcul(t, v, 1, et.Consultation(t)), 1, etablissement.Engagee)
		})
	}
}

func TestDroits(t *testing.T) {
	non := false
	for _, c := range []struct {
		nom       string
		retoucher func(*roc.ReponseIDB)
		code      roc.Code
	}{
		{"droits fermés", func(r *roc.ReponseIDB) { r.Retour, r.StatutDroits = roc.RetourDe(roc.DroitsFermes, ""), roc.DroitsClos }, roc.DroitsFermes},
		{"fermés sous un code d'accord", func(r *roc.ReponseIDB) { r.StatutDroits = roc.DroitsClos }, roc.DroitsFermes},
		{"hors de la période de certitude", func(r *roc.ReponseIDB) { r.DroitsFin = r.DroitsDebut + 1 }, roc.DroitsFermes},
		{"droits à venir", func(r *roc.ReponseIDB) { r.DroitsDebut = r.DroitsFin }, roc.DroitsFuturs},
		{"tiers payant refusé", func(r *roc.ReponseIDB) { r.TiersPayantAutorise = &non }, roc.TiersPayantRefuse},
		{"domaine exclu", func(r *roc.ReponseIDB) { r.Perimetre = []roc.Perimetre{{Domaine: "ACE"}} }, roc.DomaineNonCouvert},
		{"réponse sans référence", func(r *roc.ReponseIDB) { r.IDReponseIDB = "" }, roc.Illisible},
	} {
		t.Run(c.nom, func(t *testing.T) {
			k := nouveau(t)
			k.amc.Regler(func(a *et.Assureurs) { a.Retoucher = c.retoucher })
			v := k.droits(t, k.venue(t, et.ACE(t, "D-1"), amc1), 1)
			attendre(t, v, 1, etablissement.DroitsRefuses)
			if v.Couvertures[0].Code != c.code {
				t.Errorf("code %s, want %s", v.Couvertures[0].Code, c.code)
			}
			if _, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), ""); err == nil {
				t.Error("calcul sans droits")
			}
			if l := v.Consignes(); len(l) == 0 || l[0].Code != c.code || l[0].AFaire == "" {
				t.Errorf("consignes %+v", l)
			}
		})
	}
}

// A003 is followed by the software, once; the card stays what it shows.
func TestAMCRemplacee(t *testing.T) {
	k := nouveau(t)
	ancienne, nouvelle := et.Carte(t, amc3), et.Carte(t, amc1).NumeroAMC
	k.amc.Regler(func(a *et.Assureurs) {
		a.Remplacees = map[sante.NumeroAMC]sante.NumeroAMC{ancienne.NumeroAMC: nouvelle}
	})
	v := k.droits(t, k.venue(t, et.ACE(t, "A-1"), amc3), 1)
	attendre(t, v, 1, etablissement.DroitsAccordes)
	if cv := v.Couvertures[0]; cv.AMC.Numero != nouvelle || cv.Attestation.NumeroAMC != ancienne.NumeroAMC {
		t.Errorf("AMC %s, carte %s", cv.AMC.Numero, cv.Attestation.NumeroAMC)
	}
	inconnue := k.venue(t, et.ACE(t, "A-2"), "99999999")
	if _, err := k.DemanderDroits(ctx, rang(inconnue, 1), agent); !estCode(err, roc.AMCInconnue) {
		t.Errorf("AMC inconnue : %v", err)
	}
}

// Rights that have aged, or were asked with other data, are asked again first.
func TestDroitsRafraichis(t *testing.T) {
	k := nouveau(t)
	v := k.droits(t, k.venue(t, et.ACE(t, "F-1"), amc1), 1)
	premiere := v.Couvertures[0].Droits.Reponse.IDReponseIDB
	k.avancer(25 * time.Hour)
	v = k.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.Engagee)
	if v.Couvertures[0].Calcul.Demande.IDReponseIDB == premiere {
		t.Error("calcul sur des droits de la veille")
	}

	v = k.droits(t, k.venue(t, et.ACE(t, "F-2"), amc1), 1)
	d := et.ACE(t, "F-2")
	d.Patient.Prenom = "Zélie"
	v, err := k.ModifierVenue(ctx, v.ID, agent, d)
	if err != nil {
		t.Fatal(err)
	}
	v = k.calcul(t, v, 1, et.Consultation(t))
	if got := v.Couvertures[0].Calcul.Demande.Beneficiaire.Prenom; got != "ZELIE" {
		t.Errorf("calcul sous le prénom %q", got)
	}
	if _, err := k.ModifierVenue(ctx, v.ID, agent, d); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("venue modifiée sous engagement : %v", err)
	}
}

// C301: the software asks the rights again and calculates, by itself.
func TestIDBOubliee(t *testing.T) {
	k := nouveau(t)
	v := k.droits(t, k.venue(t, et.ACE(t, "O-1"), amc1), 1)
	k.amc.Oublier()
	v = k.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.Engagee)
	if want := []roc.Service{roc.IDB, roc.CLC, roc.IDB, roc.CLC}; !slices.Equal(k.amc.Recues, want) {
		t.Errorf("questions %v, want %v", k.amc.Recues, want)
	}
}

// C306: the software asks the estimate that the insurer wants first, by itself.
func TestSimulationRequise(t *testing.T) {
	k := nouveau(t)
	k.amc.Regler(func(a *et.Assureurs) { a.ExigerSIM = true })
	v := k.calcul(t, k.droits(t, k.venue(t, et.Sejour(t, "SR-1"), amc1), 1), 1, et.DixNuits(t))
	attendre(t, v, 1, etablissement.Engagee)
	if want := []roc.Service{roc.IDB, roc.CLC, roc.SIM, roc.CLC}; !slices.Equal(k.amc.Recues, want) {
		t.Errorf("questions %v, want %v", k.amc.Recues, want)
	}
}

// The codes of the acts leave only when the contract reads them. ref: ROC §9.1
func TestCodeActe(t *testing.T) {
	for _, c := range []struct {
		nom  string
		r    calcul.Regle
		want string
	}{
		{"ticket modérateur", calcul.Regle{Numero: calcul.F01}, ""},
		{"réseau de soins", calcul.Regle{Numero: calcul.F11, Reseau: "R1", Tarifs: []calcul.TarifConvenu{{Code: "HBLD038", Montant: 1000}}}, "HBLD038"},
	} {
		k := nouveau(t)
		k.amc.Regler(func(a *et.Assureurs) {
			a.Contrats[et.Carte(t, amc1).NumeroAMC] = calcul.Contrat{Garanties: []calcul.Garantie{
				{Code: "ACTE", Famille: calcul.FamilleACTE, Formule: calcul.Simple(c.r)}}}
		})
		p := et.Consultation(t)
		p.Faits.Externe.Actes[0].Famille, p.Faits.Externe.Actes[0].CodeActe = calcul.FamilleACTE, "HBLD038"
		v := k.calcul(t, k.droits(t, k.venue(t, et.ACE(t, "CA-1"), amc1), 1), 1, p)
		if got := v.Couvertures[0].Calcul.Demande.Lignes[0].CodeActe; got != c.want {
			t.Errorf("%s : code d'acte %q, want %q", c.nom, got, c.want)
		}
	}
}

// Many agents at once on one visit: one engagement, and each of them is told.
func TestAgentsSimultanes(t *testing.T) {
	k := nouveau(t)
	v := k.droits(t, k.venue(t, et.ACE(t, "S-1"), amc1), 1)
	var tous sync.WaitGroup
	var faits, autres atomic.Int32
	for range 8 {
		tous.Go(func() {
			switch _, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), ""); {
			case err == nil:
				faits.Add(1)
			case errors.Is(err, etablissement.ErrEnAttente), errors.Is(err, etablissement.ErrTransition):
				autres.Add(1)
			default:
				t.Errorf("calcul : %v", err)
			}
		})
	}
	tous.Wait()
	if faits.Load() != 1 || autres.Load() != 7 || k.amc.Engages() != 1 {
		t.Errorf("%d calculs, %d refus, %d engagements", faits.Load(), autres.Load(), k.amc.Engages())
	}
}

// C310: the number of an engagement that we had lost lets it be cancelled.
func TestEngagementExistant(t *testing.T) {
	k := nouveau(t)
	v := k.calcul(t, k.droits(t, k.venue(t, et.ACE(t, "X-1"), amc1), 1), 1, et.Consultation(t))
	perdu := v.Couvertures[0].Calcul.Reponse.NumeroEngagement
	neuf := nouveau(t) // a hospital restored without this visit
	neuf.Exchange, neuf.amc = k.amc, k.amc
	v = neuf.droits(t, neuf.venue(t, et.ACE(t, "X-1"), amc1), 1)
	v = neuf.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.CalculRefuse)
	if v.Couvertures[0].Code != roc.EngagementExistant || v.Couvertures[0].Calcul.Reponse.NumeroEngagement != perdu {
		t.Fatalf("code %s", v.Couvertures[0].Code)
	}
	if k := v.Consignes(); len(k) == 0 || !strings.Contains(k[0].Constat, perdu.String()) {
		t.Errorf("l'engagement existant n'est pas rappelé : %+v", k)
	}
	v, err := neuf.Annuler(ctx, rang(v, 1), agent, roc.Doublon)
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.Annulee)
	attendre(t, neuf.calcul(t, v, 1, et.Consultation(t)), 1, etablissement.Engagee)
	if n := k.amc.Engages(); n != 1 {
		t.Errorf("%d engagements, want 1", n)
	}
}

// An insurer that commits to shares that do not add up: nothing to invoice, and
// what it committed can be cancelled.
func TestReponseFausse(t *testing.T) {
	for nom, fausser := range map[string]func(*roc.ReponseCalcul){
		"total faux":        func(r *roc.ReponseCalcul) { *r.TotalAMC++ },
		"plus que le reste": func(r *roc.ReponseCalcul) { r.Lignes[0].MontantAMC += 100; *r.TotalAMC += 100; *r.TotalPatient -= 100 },
		"ligne manquante":   func(r *roc.ReponseCalcul) { r.Lignes = nil },
		"ligne en double":   func(r *roc.ReponseCalcul) { r.Lignes = append(r.Lignes, r.Lignes[0]) },
		"indicatif":         func(r *roc.ReponseCalcul) { r.Caractere = roc.Indicatif },
	} {
		t.Run(nom, func(t *testing.T) {
			k := nouveau(t)
			k.amc.Regler(func(a *et.Assureurs) { a.Fausser = fausser })
			v := k.calcul(t, k.droits(t, k.venue(t, et.ACE(t, "Z-1"), amc1), 1), 1, et.Consultation(t))
			attendre(t, v, 1, etablissement.CalculRefuse)
			v, err := k.Annuler(ctx, rang(v, 1), agent, roc.AutreMotif)
			if err != nil {
				t.Fatal(err)
			}
			attendre(t, v, 1, etablissement.Annulee)
			if n := k.amc.Engages(); n != 0 {
				t.Errorf("%d engagements, want 0", n)
			}
		})
	}
}

// The day to invoice is that of the site of care, its last day included.
func TestExpiration(t *testing.T) {
	k := nouveau(t)
	v := k.calcul(t, k.droits(t, k.venue(t, et.ACE(t, "E-1"), amc1), 1), 1, et.Consultation(t))
	fin := v.Couvertures[0].Echeance().Debut(sante.Paris())
	for _, c := range []struct {
		a    time.Time
		want int
	}{{fin.Add(23 * time.Hour), 0}, {fin.Add(24 * time.Hour), 1}, {fin.Add(25 * time.Hour), 0}} {
		k.horloge.Store(c.a.UnixMilli())
		if n, err := k.Expirer(ctx); n != c.want || err != nil {
			t.Errorf("à %s : %d expirés, %v, want %d", c.a, n, err, c.want)
		}
	}
	autre := nouveau(t) // Expirer does not pass: the reading sees it
	w := autre.calcul(t, autre.droits(t, autre.venue(t, et.ACE(t, "E-2"), amc1), 1), 1, et.Consultation(t))
	autre.horloge.Store(fin.Add(24 * time.Hour).UnixMilli())
	if w, _ = autre.Venue(ctx, w.ID); w.Couvertures[0].Etat != etablissement.Expiree {
		t.Errorf("lue %s après l'échéance", w.Couvertures[0].Etat)
	}
	v, _ = k.Venue(ctx, v.ID)
	attendre(t, v, 1, etablissement.Expiree)
	k.amc.Regler(func(a *et.Assureurs) { // the insurer let it expire too
		for n := range a.Engagements {
			a.Engagements[n] = false
		}
	})
	attendre(t, k.calcul(t, v, 1, et.Consultation(t)), 1, etablissement.Engagee)
}

// The identity that the insurer corrects changes nothing before the agent's word.
func TestIdentiteCorrigee(t *testing.T) {
	naissance := et.Patient(t).DateNaissance
	for _, c := range []struct {
		suite etablissement.SuiteIdentite
		want  string
	}{{etablissement.IdentiteAcceptee, "MARTINEZ"}, {etablissement.IdentiteRefusee, "Martinez-Fictif"}} {
		k := nouveau(t)
		k.amc.Regler(func(a *et.Assureurs) {
			a.Retoucher = func(r *roc.ReponseIDB) {
				r.IdentiteCorrigee = &roc.IdentiteCorrigee{Nom: "MARTINEZ", Prenom: "ZOE", DateNaissance: naissance, RangGemellaire: 1}
			}
		})
		v := k.droits(t, k.venue(t, et.ACE(t, "I-1"), amc1), 1)
		if v.Dossier.Patient.NomNaissance != "Martinez-Fictif" || len(v.Consignes()) == 0 {
			t.Error("identité changée sans l'agent, ou agent non prévenu")
		}
		v, err := k.TrancherIdentite(ctx, rang(v, 1), agent, c.suite)
		if err != nil || v.Dossier.Patient.NomNaissance != c.want {
			t.Errorf("%s : %q, %v, want %q", c.suite, v.Dossier.Patient.NomNaissance, err, c.want)
		}
		if _, err := k.TrancherIdentite(ctx, rang(v, 1), agent, c.suite); !errors.Is(err, etablissement.ErrTransition) {
			t.Errorf("tranché deux fois : %v", err)
		}
	}
}

func TestVersionEtRangs(t *testing.T) {
	k := nouveau(t)
	v := k.venue(t, et.ACE(t, "V-1"), amc1)
	if _, err := k.ModifierVenue(ctx, v.ID, etablissement.Ordre{Version: v.Version - 1}, et.ACE(t, "V-1")); !errors.Is(err, etablissement.ErrVersion) {
		t.Errorf("version dépassée : %v", err)
	}
	if _, err := k.AjouterCouverture(ctx, v.ID, agent, 3, et.Carte(t, amc2)); !estCode(err, roc.RangIncoherent) {
		t.Errorf("trou dans les rangs : %v", err)
	}
	if _, err := k.Simuler(ctx, rang(v, 1), agent, et.Consultation(t)); err == nil {
		t.Error("simulation d'une consultation externe") // ref: ROC §3.1
	}
	if _, err := k.Annuler(ctx, rang(v, 1), agent, roc.AutreMotif); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("annulation sans engagement : %v", err)
	}
	if _, err := k.Consulter(ctx, rang(v, 1)); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("consultation sans engagement : %v", err)
	}
	long := k.venue(t, func() etablissement.Dossier {
		d := et.ACE(t, "V-2")
		d.Patient.NomNaissance = strings.Repeat("œ", 80) // 160 letters once folded
		return d
	}(), amc1)
	if _, err := k.DemanderDroits(ctx, rang(long, 1), agent); !estCode(err, roc.Illisible) {
		t.Errorf("nom trop long une fois plié : %v", err)
	}
	if v, _ := k.Venue(ctx, long.ID); v.Couvertures[0].Etat != etablissement.Nouvelle {
		t.Errorf("une question illisible a été posée : %s", v.Couvertures[0].Etat)
	}
	d := et.ACE(t, "V-1")
	d.PeriodeDebut, d.PeriodeFin = d.DateReference+2, d.DateReference+1
	if _, err := k.OuvrirVenue(ctx, d); !estCode(err, roc.DatesIncoherentes) {
		t.Errorf("période à l'envers : %v", err)
	}
}
