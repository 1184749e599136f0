package amctest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Suite is what every set of books passes, through the rules and under real
// seals. ouvrir gives books that hold Contrats() and Personnes().
func Suite(t *testing.T, ouvrir func(t *testing.T) Livres) {
	t.Run("IDB", func(t *testing.T) { suiteIDB(t, New(t, ouvrir(t), Reglages())) })
	t.Run("certitude tenue", func(t *testing.T) { suiteCertitude(t, New(t, ouvrir(t), Reglages())) })
	t.Run("CLC", func(t *testing.T) { suiteCLC(t, New(t, ouvrir(t), Reglages())) })
	t.Run("C301", func(t *testing.T) { suiteC301(t, New(t, ouvrir(t), Reglages())) })
	t.Run("DEL", func(t *testing.T) { suiteDEL(t, New(t, ouvrir(t), Reglages())) })
	t.Run("échéance", func(t *testing.T) { suiteEcheance(t, New(t, ouvrir(t), Reglages())) })
	t.Run("SIM", func(t *testing.T) { suiteSIM(t, ouvrir(t)) })
	t.Run("calcul local", func(t *testing.T) { suiteLocal(t, New(t, ouvrir(t), Reglages())) })
	t.Run("une seule garantie locale", func(t *testing.T) { suitePromesse(t, ouvrir(t)) })
	t.Run("garantie locale en course", func(t *testing.T) { suitePromesseCourse(t, New(t, ouvrir(t), Reglages())) })
	t.Run("numéro déjà pris", func(t *testing.T) { suiteNumero(t, ouvrir(t)) })
	t.Run("un seul engagement", func(t *testing.T) { suiteCourse(t, New(t, ouvrir(t), Reglages())) })
	t.Run("plafond en course", func(t *testing.T) { suitePlafond(t, New(t, ouvrir(t), Reglages())) })
	t.Run("facture sans engagement", func(t *testing.T) { suiteFacture(t, New(t, ouvrir(t), Reglages())) })
	t.Run("propriétés", func(t *testing.T) { suiteProprietes(t, New(t, ouvrir(t), Reglages())) })
}

func suiteIDB(t *testing.T, b *Banc) {
	le := sante.JourA(Instant, sante.Paris())
	rien := func(*roc.Entete) {}
	adherentInconnu := func(e *roc.Entete) { e.Beneficiaire.NumeroAdherent = lire("INCONNU", sante.ParseNumeroAdherent) }
	sansNIR := func(e *roc.Entete) { e.Beneficiaire.NIRBeneficiaire = sante.NIR{} }
	for _, c := range []struct {
		nom, situation string
		changer        func(*roc.Entete)
		code           roc.Code
		statut         roc.StatutDroits
	}{
		{"droits ouverts", "essentiel", rien, roc.Accepte, roc.DroitsOuverts},
		{"nom sans accents, en minuscules", "essentiel", func(e *roc.Entete) { e.Beneficiaire.NomNaissance = "fictif elu b" }, roc.Accepte, roc.DroitsOuverts},
		{"date de naissance lunaire", "lunaire", rien, roc.Accepte, roc.DroitsOuverts},
		{"adhérent mal lu, NIR bon", "essentiel", adherentInconnu, roc.Accepte, roc.DroitsOuverts},
		{"adhérent et naissance faux, NIR et nom bons", "essentiel", func(e *roc.Entete) {
			adherentInconnu(e)
			e.Beneficiaire.DateNaissance = lire("19700116", sante.ParseDateNaissance)
		}, roc.Accepte, roc.DroitsOuverts},
		{"NIR de l'ouvrant droit", "pere", func(e *roc.Entete) {
			adherentInconnu(e)
			e.Beneficiaire.NIRAssure, e.Beneficiaire.NIRBeneficiaire = NIR(20), sante.NIR{}
		}, roc.Accepte, roc.DroitsOuverts},
		{"jumeau du bon rang", "jumeau-2", rien, roc.Accepte, roc.DroitsOuverts},
		{"change de contrat la veille", "change-de-contrat", rien, roc.Accepte, roc.DroitsOuverts},
		{"inconnu", "essentiel", func(e *roc.Entete) { adherentInconnu(e); sansNIR(e) }, roc.BeneficiaireInconnu, roc.DroitInconnu},
		{"inscrit deux fois", "double-1", rien, roc.PlusieursTrouves, roc.DroitInconnu},
		{"autre date de naissance sur la carte", "essentiel", func(e *roc.Entete) {
			e.Beneficiaire.DateNaissance = lire("19700116", sante.ParseDateNaissance)
		}, roc.IdentiteDiscordante, roc.DroitInconnu},
		{"ni le nom ni le prénom", "essentiel", func(e *roc.Entete) {
			sansNIR(e)
			e.Beneficiaire.NomNaissance, e.Beneficiaire.Prenom = "Autre", "Personne"
		}, roc.IdentiteDiscordante, roc.DroitInconnu},
		{"autre NIR certifié", "essentiel", func(e *roc.Entete) { e.Beneficiaire.NIRBeneficiaire = NIR(77) }, roc.IdentiteDiscordante, roc.DroitInconnu},
		{"rang que personne n'a", "jumeau-2", func(e *roc.Entete) { e.Beneficiaire.RangGemellaire = 3 }, roc.RangRequis, roc.DroitInconnu},
		{"prénom du jumeau", "jumeau-2", func(e *roc.Entete) { sansNIR(e); e.Beneficiaire.RangGemellaire = 1 }, roc.RangRequis, roc.DroitInconnu},
		{"radié la veille", "radie", rien, roc.DroitsFermes, roc.DroitsClos},
		{"contrat arrêté", "contrat-fini", rien, roc.DroitsFermes, roc.DroitsClos},
		{"pas encore ouvert", "futur", rien, roc.DroitsFuturs, roc.DroitsClos},
		{"suspendu", "suspendu", rien, roc.DroitsSuspendus, roc.DroitSuspendu},
		{"séjour non couvert", "ace-seul", func(e *roc.Entete) { e.Contexte = roc.ContexteAdmission }, roc.DomaineNonCouvert, roc.DroitsOuverts},
		{"HAD non couverte", "confort", func(e *roc.Entete) { e.Discipline = roc.HAD }, roc.DomaineNonCouvert, roc.DroitsOuverts},
		{"tiers payant refusé ici", "sans-tp", rien, roc.TiersPayantRefuse, roc.DroitsOuverts},
		{"une autre AMC d'abord", "second-rang", rien, roc.AutreAMCDAbord, roc.DroitsOuverts},
		{"au second rang", "second-rang", func(e *roc.Entete) { e.RangAMC = 2 }, roc.Accepte, roc.DroitsOuverts},
		{"CSS de la caisse", "caisse", rien, roc.CSSParLaCaisse, roc.DroitsOuverts},
		{"carte d'une autre AMC", "essentiel", func(e *roc.Entete) { e.Carte.NumeroAMC = AutreAMC }, roc.AMCInconnue, roc.DroitInconnu},
		{"période à l'envers", "essentiel", func(e *roc.Entete) { e.PeriodeDebut, e.PeriodeFin = le, le-1 }, roc.DatesIncoherentes, roc.DroitInconnu},
	} {
		t.Run(c.nom, func(t *testing.T) {
			e := Entete(Situation(c.situation), roc.ContexteACE, le)
			c.changer(&e)
			r := b.DemanderIDB("D1", e)
			if r.CodeRetour != c.code || r.StatutDroits != c.statut {
				t.Errorf("got %s %s, want %s %s", r.CodeRetour, r.StatutDroits, c.code, c.statut)
			}
			if c.statut == roc.DroitsOuverts != (r.IDReponseIDB != "") || c.statut == roc.DroitsOuverts && (r.DroitsDebut > le || r.DroitsFin < le) {
				t.Errorf("référence %q, droits du %s au %s", r.IDReponseIDB, r.DroitsDebut, r.DroitsFin)
			}
			if c.statut == roc.DroitInconnu {
				muet(t, r)
			}
		})
	}
	e := Entete(Situation("essentiel"), roc.ContexteACE, le)
	e.Beneficiaire.Prenom = "Kamille"
	if r := b.DemanderIDB("D1", e); r.IdentiteCorrigee == nil || r.IdentiteCorrigee.Prenom != "Camille" {
		t.Error("identité sûre, prouvée par le NIR : pas corrigée")
	}
	e.Beneficiaire.NIRBeneficiaire = sante.NIR{}
	if r := b.DemanderIDB("D1", e); r.CodeRetour != roc.Accepte || r.IdentiteCorrigee != nil {
		t.Error("identité corrigée sans que l'établissement connaisse le NIR")
	}
	env := Enveloppe(roc.IDB, "D1", Instant)
	env.Emetteur.ID, env.Emetteur.FinessGeo = Clinique.String(), Clinique
	var refus *roc.Refus
	if _, err := Demander(b, roc.EchangeIDB, env, &roc.DemandeIDB{Entete: Entete(Situation("essentiel"), roc.ContexteACE, le)}, b.IDB); !errors.As(err, &refus) || refus.Code != roc.AutreIdentifiant {
		t.Errorf("corps d'un autre établissement: %v", err)
	}
}

// muet checks that a refusal says nothing but its code. ref: ROC §7.3 rules 2, 4
func muet(t *testing.T, r *roc.ReponseIDB) {
	t.Helper()
	vide := roc.ReponseIDB{Retour: roc.RetourDe(r.CodeRetour, ""), StatutDroits: roc.DroitInconnu}
	if got, want := fmt.Sprintf("%+v", *r), fmt.Sprintf("%+v", vide); got != want {
		t.Error("un refus d'identification en dit trop")
	}
}

// The insurer stands by the certainty that it gave, after the person left.
func suiteCertitude(t *testing.T, b *Banc) {
	le := sante.JourA(Instant, sante.Paris())
	p := Situation("bientot-radie")
	d := Sejour(b.Moteur, p, 3, 0)
	r := b.DemanderIDB("D1", d.Entete)
	if r.DroitsFin != Jour("2026-05-10") {
		t.Errorf("certitude jusqu'au %s, la fin de l'adhésion attendue", r.DroitsFin)
	}
	d.IDReponseIDB = r.IDReponseIDB
	b.Avancer(6 * 24 * time.Hour) // 10 May: certain still
	if r := b.DemanderIDB("D2", Entete(p, roc.ContexteACE, le+7)); r.CodeRetour != roc.DroitsFermes {
		t.Errorf("dossier sans certitude: %s", r.CodeRetour)
	}
	if r := Poser(b, roc.EchangeCLC, "D1", d, b.CLC); r.CodeRetour != roc.IDBInconnue {
		t.Errorf("IDB de six jours: %s", r.CodeRetour)
	}
	if r := b.DemanderCLC("D1", d); r.CodeRetour != roc.Accepte || r.NumeroEngagement.IsZero() {
		t.Errorf("CLC dans la certitude: %s", r.CodeRetour)
	}
	// Billed after the person left, for care before.
	b.Avancer(3 * 24 * time.Hour)
	tard := Consultation(p)
	if r := b.DemanderCLC("D3", tard); r.CodeRetour != roc.Accepte {
		t.Errorf("CLC après la radiation, de soins d'avant: %s", r.CodeRetour)
	}
	b.Citer("D4", tard)
	tard.PeriodeDebut, tard.PeriodeFin = Jour("2026-05-11"), Jour("2026-05-11")
	if r := Poser(b, roc.EchangeCLC, "D4", tard, b.CLC); r.CodeRetour != roc.DroitsFermes {
		t.Errorf("CLC de soins d'après la radiation: %s", r.CodeRetour)
	}
}

func suiteCLC(t *testing.T, b *Banc) {
	d := Sejour(b.Moteur, Situation("essentiel"), 10, 0)
	r := b.DemanderCLC("D1", d)
	if r.CodeRetour != roc.Accepte || r.Garantie != roc.GarantieTotale || r.TotalAMC == nil || *r.TotalAMC != Montant("1823.00") {
		t.Fatalf("V07b: %+v", r.Retour)
	}
	if r.EngagementFin-r.EngagementDebut != 90 || r.Caractere != roc.Engagement {
		t.Errorf("engagement du %s au %s", r.EngagementDebut, r.EngagementFin)
	}
	encore := b.DemanderCLC("D1", d)
	if encore.CodeRetour != roc.EngagementExistant || encore.NumeroEngagement != r.NumeroEngagement || len(encore.Lignes) > 0 {
		t.Errorf("même dossier, même période: %s %s", encore.CodeRetour, encore.NumeroEngagement)
	}
	chevauche := Sejour(b.Moteur, Situation("essentiel"), 1, 0)
	if x := b.DemanderCLC("D1", chevauche); x.CodeRetour != roc.EngagementExistant {
		t.Errorf("période qui chevauche: %s", x.CodeRetour)
	}
	if x := b.DemanderCLC("D2", chevauche); x.CodeRetour != roc.Accepte {
		t.Errorf("autre dossier: %s", x.CodeRetour)
	}
	consulter := func(env roc.Enveloppe) *roc.ReponseEngagement {
		x, err := Demander(b, roc.EchangeEngagement, env, &roc.DemandeEngagement{NumeroEngagement: r.NumeroEngagement}, b.Service.Engagement)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	if x := consulter(Enveloppe(roc.ENG, "autre", Instant)); x.EtatEngagement != roc.EngagementEnCours || *x.TotalAMC != *r.TotalAMC || len(x.Lignes) != len(r.Lignes) {
		t.Errorf("consultation: %+v", x)
	}
	ailleurs := Enveloppe(roc.ENG, "D1", Instant)
	ailleurs.Emetteur.ID, ailleurs.Emetteur.FinessGeo = Clinique.String(), Clinique
	if x := consulter(ailleurs); x.CodeRetour != roc.EngagementInconnu || x.TotalAMC != nil || x.IDDossier != "" {
		t.Errorf("consultation par un autre établissement: %+v", x)
	}
	suiteCLCRefus(t, b)
}

func suiteCLCRefus(t *testing.T, b *Banc) {
	for _, c := range []struct {
		nom     string
		changer func(*roc.DemandeCalcul)
		code    roc.Code
	}{
		{"période absente", func(d *roc.DemandeCalcul) { d.PeriodeFin = 0 }, roc.DatesIncoherentes},
		{"séjour absent", func(d *roc.DemandeCalcul) { d.Sejour = nil }, roc.DatesIncoherentes},
		{"nuits fausses", func(d *roc.DemandeCalcul) { d.Sejour.NbNuitees++ }, roc.NuitsFausses},
		{"exonération absente", func(d *roc.DemandeCalcul) { d.AMO.ExoTM = "" }, roc.TauxIndetermine},
		{"taux absent", func(d *roc.DemandeCalcul) { d.TauxAMO = nil }, roc.TauxIndetermine},
		{"code de prise en charge du FJ absent", func(d *roc.DemandeCalcul) { d.CodePecFJ = "" }, roc.FJIncoherent},
		{"sans ligne", func(d *roc.DemandeCalcul) { d.Lignes = nil }, roc.TotalFaux},
		{"sans totaux", func(d *roc.DemandeCalcul) { d.Totaux = nil }, roc.TotalFaux},
		{"total faux d'un centime", func(d *roc.DemandeCalcul) { d.Totaux.Depense++ }, roc.TotalFaux},
		{"trou dans les rangs", func(d *roc.DemandeCalcul) { d.RangAMC = 2 }, roc.RangIncoherent},
		{"rang inférieur à lui-même", func(d *roc.DemandeCalcul) {
			d.RangAMC = 2
			d.RangsInferieurs = []roc.RangInferieur{{Rang: 1, NumeroAMC: NumeroAMC, Montants: []roc.MontantDeLigne{{Rang: 1, Montant: 100}}}}
		}, roc.RangIncoherent},
		{"part d'une ligne inconnue", func(d *roc.DemandeCalcul) {
			d.RangAMC = 2
			d.RangsInferieurs = []roc.RangInferieur{{Rang: 1, NumeroAMC: AutreAMC, Montants: []roc.MontantDeLigne{{Rang: 77, Montant: 100}}}}
		}, roc.RangIncoherent},
		{"soins avant les droits", func(d *roc.DemandeCalcul) { d.PeriodeDebut, d.PeriodeFin = Jour("2024-01-01"), Jour("2024-01-02") }, roc.DroitsFermes},
	} {
		t.Run(c.nom, func(t *testing.T) {
			d := Sejour(b.Moteur, Situation("essentiel"), 4, 0)
			b.Citer("DR", d)
			c.changer(d)
			r := Poser(b, roc.EchangeCLC, "DR", d, b.CLC)
			if r.CodeRetour != c.code || !r.NumeroEngagement.IsZero() {
				t.Errorf("got %s (%s), want %s", r.CodeRetour, r.Precision, c.code)
			}
		})
	}
	t.Run("rien à payer", func(t *testing.T) {
		d := Consultation(Situation("confort"))
		d.RangAMC = 2
		d.RangsInferieurs = []roc.RangInferieur{{Rang: 1, NumeroAMC: AutreAMC, Montants: []roc.MontantDeLigne{{Rang: 1, Montant: Montant("7.95")}}}}
		r := b.DemanderCLC("DZ", d)
		if !r.CodeRetour.Accord() || r.Garantie != roc.GarantieAucune || !r.NumeroEngagement.IsZero() || *r.TotalRangs != Montant("7.95") {
			t.Errorf("%s %s %s", r.CodeRetour, r.Garantie, r.NumeroEngagement)
		}
	})
}

func suiteC301(t *testing.T, b *Banc) {
	p := Situation("essentiel")
	d := Consultation(p)
	cite := func(dossier string, changer func(*roc.DemandeCalcul)) *roc.ReponseCalcul {
		c := *d
		changer(&c)
		return Poser(b, roc.EchangeCLC, dossier, &c, b.CLC)
	}
	b.Citer("D1", d)
	for _, c := range []struct {
		nom, dossier string
		changer      func(*roc.DemandeCalcul)
	}{
		{"absente", "D1", func(d *roc.DemandeCalcul) { d.IDReponseIDB = "" }},
		{"inventée", "D1", func(d *roc.DemandeCalcul) { d.IDReponseIDB = "IAAAAAAAAAAAAAAAA" }},
		{"d'un autre dossier", "D2", func(*roc.DemandeCalcul) {}},
		{"d'un autre patient", "D1", func(d *roc.DemandeCalcul) {
			d.Beneficiaire.NumeroAdherent = Situation("confort").NumeroAdherent
		}},
	} {
		if r := cite(c.dossier, c.changer); r.CodeRetour != roc.IDBInconnue {
			t.Errorf("référence %s: %s", c.nom, r.CodeRetour)
		}
	}
	env := Enveloppe(roc.CLC, "D1", Instant)
	env.Emetteur.ID, env.Emetteur.FinessGeo = Clinique.String(), Clinique
	c := *d
	c.Etablissement.FinessJuridique, c.Etablissement.FinessGeo = Clinique, Clinique
	if r, err := Demander(b, roc.EchangeCLC, env, &c, b.CLC); err != nil || r.CodeRetour != roc.IDBInconnue {
		t.Errorf("référence d'un autre établissement: %v", err)
	}
	b.Avancer(24*time.Hour + time.Second)
	if r := cite("D1", func(*roc.DemandeCalcul) {}); r.CodeRetour != roc.IDBInconnue {
		t.Errorf("référence de plus de 24 h: %s", r.CodeRetour)
	}
}

func suiteDEL(t *testing.T, b *Banc) {
	ctx := b.t.Context()
	p := Situation("confort")
	d := Sejour(b.Moteur, p, 3, 3)
	r := b.DemanderCLC("D1", d)
	if len(r.PlafondsConsommes) == 0 {
		t.Fatalf("aucun plafond consommé: %+v", r.Retour)
	}
	if x := b.DemanderDEL("D2", r.NumeroEngagement); x.CodeRetour != roc.EngagementInconnu || x.EtatEngagement != roc.EngagementPasTrouve {
		t.Errorf("d'un autre dossier: %s %s", x.CodeRetour, x.EtatEngagement)
	}
	if x := b.DemanderDEL("D1", r.NumeroEngagement); x.CodeRetour != roc.Accepte || x.EtatEngagement != roc.EtatAnnule || x.DateAnnulation.IsZero() {
		t.Errorf("première fois: %s %s", x.CodeRetour, x.EtatEngagement)
	}
	b.Avancer(48 * time.Hour)
	if x := b.DemanderDEL("D1", r.NumeroEngagement); x.CodeRetour != roc.Accepte || x.EtatEngagement != roc.EtatDejaAnnule || x.DateAnnulation != sante.JourA(Instant, sante.Paris()) {
		t.Errorf("seconde fois: %s %s %s", x.CodeRetour, x.EtatEngagement, x.DateAnnulation)
	}
	if l, err := b.Ports.Compteurs.Lire(ctx, p.Reference); err != nil || len(l) != 0 {
		t.Errorf("compteurs après DEL: %v %v", l, err)
	}
	neuf := b.DemanderCLC("D1", d)
	if neuf.NumeroEngagement.IsZero() || neuf.NumeroEngagement == r.NumeroEngagement {
		t.Errorf("nouveau CLC: %s %s", neuf.CodeRetour, neuf.NumeroEngagement)
	}
	for _, c := range []struct {
		etat amc.EtatGarde
		code roc.Code
		veut roc.EtatEngagement
	}{
		{amc.Facture, roc.EngagementFacture, roc.EtatDejaFacture}, {amc.PayeEnPartie, roc.EngagementFacture, roc.EtatDejaFacture},
		{amc.Paye, roc.EngagementFacture, roc.EtatDejaPaye}, {amc.Rejete, roc.Accepte, roc.EtatAnnule}, {amc.FactureAnnulee, roc.Accepte, roc.EtatAnnule},
	} {
		err := b.Grouper(ctx, func(ctx context.Context) error {
			return b.Ports.Engagements.Passer(ctx, neuf.NumeroEngagement, c.etat, 0)
		})
		if err != nil {
			t.Fatal(err)
		}
		if x := b.DemanderDEL("D1", neuf.NumeroEngagement); x.CodeRetour != c.code || x.EtatEngagement != c.veut {
			t.Errorf("%s: got %s %s, want %s %s", c.etat, x.CodeRetour, x.EtatEngagement, c.code, c.veut)
		}
	}
	inconnu, _ := roc.TirerNumeroEngagement(NumeroAMC, nil)
	if x := b.DemanderDEL("D1", inconnu); x.CodeRetour != roc.EngagementInconnu {
		t.Errorf("inconnu: %s", x.CodeRetour)
	}
}

func suiteEcheance(t *testing.T, b *Banc) {
	p := Situation("confort")
	premier := b.DemanderCLC("D1", Sejour(b.Moteur, p, 3, 3))
	second := b.DemanderCLC("D2", Sejour(b.Moteur, Situation("essentiel"), 3, 0))
	b.Avancer(90 * 24 * time.Hour)
	expirer := func() (n int) {
		err := b.Grouper(b.t.Context(), func(ctx context.Context) (err error) { n, err = b.Expirer(ctx, 10); return err })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := expirer(); n != 0 {
		t.Errorf("dernier jour: %d expirés", n)
	}
	b.Avancer(24 * time.Hour)
	if x := b.DemanderDEL("D2", second.NumeroEngagement); x.CodeRetour != roc.EngagementExpire || x.EtatEngagement != roc.EtatExpire {
		t.Errorf("DEL après l'échéance: %s %s", x.CodeRetour, x.EtatEngagement)
	}
	b.Avancer(24 * time.Hour)
	if n := expirer(); n != 1 {
		t.Errorf("lendemain: %d expirés, 1 attendu", n)
	}
	if l, err := b.Ports.Compteurs.Lire(b.t.Context(), p.Reference); err != nil || len(l) != 0 {
		t.Errorf("compteurs d'un engagement expiré: %v %v", l, err)
	}
	x := Poser(b, roc.EchangeEngagement, "D1", &roc.DemandeEngagement{NumeroEngagement: premier.NumeroEngagement}, b.Service.Engagement)
	if x.EtatEngagement != roc.EtatExpire {
		t.Errorf("consultation: %s", x.EtatEngagement)
	}
}

// Many callers, one dossier: one engagement, and its number for the others. The
// dossier is new, then known: an engine locks these in two ways.
func suiteCourse(t *testing.T, b *Banc) {
	d := Sejour(b.Moteur, Situation("essentiel"), 3, 0)
	for range 3 {
		b.Citer("D1", d)
		if n := course(t, b, d); !n.IsZero() {
			b.DemanderDEL("D1", n)
		}
	}
}

func course(t *testing.T, b *Banc, d *roc.DemandeCalcul) (numero roc.NumeroEngagement) {
	const appels = 24
	question := Sceller(b, roc.EchangeCLC, Enveloppe(roc.CLC, "D1", Instant), d)
	reponses := make([]*roc.ReponseCalcul, appels)
	var fin sync.WaitGroup
	for i := range appels {
		fin.Go(func() {
			err := b.Grouper(b.t.Context(), func(ctx context.Context) (err error) {
				reponses[i], err = b.CLC(ctx, question)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	fin.Wait()
	engages, numeros := 0, map[string]bool{}
	for _, r := range reponses {
		if r == nil {
			continue
		}
		if r.CodeRetour == roc.Accepte {
			engages++
			numero = r.NumeroEngagement
		} else if r.CodeRetour != roc.EngagementExistant {
			t.Errorf("got %s, want 000 or C310", r.CodeRetour)
		}
		numeros[r.NumeroEngagement.String()] = true
	}
	if engages != 1 || len(numeros) != 1 {
		t.Errorf("%d engagements sous %d numéros, un seul attendu", engages, len(numeros))
	}
	return numero
}

// Many stays of one person at once never take more days than her contract gives.
func suitePlafond(t *testing.T, b *Banc) {
	p := Situation("confort")
	const sejours = 8 // of 3 days each at 50,00 €, for 10 days a year
	var fin sync.WaitGroup
	var verrou sync.Mutex
	var total sante.Montant
	numeros := map[string]roc.NumeroEngagement{}
	for i := range sejours {
		dossier := fmt.Sprintf("D%d", i)
		d := Sejour(b.Moteur, p, 3, 3)
		b.Citer(dossier, d)
		question := Sceller(b, roc.EchangeCLC, Enveloppe(roc.CLC, dossier, Instant), d)
		fin.Go(func() {
			var r *roc.ReponseCalcul
			err := b.Grouper(b.t.Context(), func(ctx context.Context) (err error) { r, err = b.CLC(ctx, question); return err })
			if err != nil {
				t.Error(err)
				return
			}
			verrou.Lock()
			defer verrou.Unlock()
			numeros[dossier] = r.NumeroEngagement
			for j, l := range r.Lignes {
				if d.Lignes[j].Famille == "CP" {
					total += l.MontantAMC
				}
			}
		})
	}
	fin.Wait()
	if total != Montant("500.00") {
		t.Errorf("chambre particulière: %s engagés, 500.00 au plus et possibles", total)
	}
	for dossier, n := range numeros {
		b.DemanderDEL(dossier, n)
	}
	if l, err := b.Ports.Compteurs.Lire(b.t.Context(), p.Reference); err != nil || len(l) != 0 {
		t.Errorf("compteurs après tous les DEL: %v %v", l, err)
	}
}
