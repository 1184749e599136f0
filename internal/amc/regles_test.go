package amc

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

func jour(t testing.TB, s string) sante.Jour {
	t.Helper()
	if s == "" {
		return 0
	}
	j, err := sante.ParseJour(s)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestDroitsAu(t *testing.T) {
	v := func(debut, fin string) Version {
		return Version{Empreinte: "e", Debut: jour(t, debut), Fin: jour(t, fin)}
	}
	for _, c := range []struct {
		nom                string
		a                  Adhesion
		le, dernier        string
		code               roc.Code
		statut             roc.StatutDroits
		veutDebut, veutFin string
	}{
		{"ouverte, bornée par la certitude", Adhesion{Debut: jour(t, "2025-01-01"), Version: v("2024-01-01", "")}, "2026-05-04", "", roc.Accepte, roc.DroitsOuverts, "2025-01-01", "2026-06-03"},
		{"certitude au-delà de la période demandée", Adhesion{Debut: jour(t, "2025-01-01"), Version: v("2024-01-01", "")}, "2026-05-04", "2026-06-01", roc.Accepte, roc.DroitsOuverts, "2025-01-01", "2026-07-01"},
		{"bornée par l'adhésion", Adhesion{Debut: jour(t, "2025-01-01"), Fin: jour(t, "2026-05-10"), Version: v("2024-01-01", "")}, "2026-05-04", "", roc.Accepte, roc.DroitsOuverts, "2025-01-01", "2026-05-10"},
		{"bornée par la version du contrat", Adhesion{Debut: jour(t, "2025-01-01"), Version: v("2026-01-01", "2026-05-31")}, "2026-05-04", "", roc.Accepte, roc.DroitsOuverts, "2026-01-01", "2026-05-31"},
		{"bornée par une suspension à venir", Adhesion{Debut: jour(t, "2025-01-01"), SuspenduDebut: jour(t, "2026-05-20"), Version: v("2024-01-01", "")}, "2026-05-04", "", roc.Accepte, roc.DroitsOuverts, "2025-01-01", "2026-05-19"},
		{"après une suspension levée", Adhesion{Debut: jour(t, "2025-01-01"), SuspenduDebut: jour(t, "2026-01-01"), SuspenduFin: jour(t, "2026-04-30"), Version: v("2024-01-01", "")}, "2026-05-04", "", roc.Accepte, roc.DroitsOuverts, "2026-05-01", "2026-06-03"},
		{"dernier jour", Adhesion{Debut: jour(t, "2025-01-01"), Fin: jour(t, "2026-05-04"), Version: v("2024-01-01", "")}, "2026-05-04", "", roc.Accepte, roc.DroitsOuverts, "2025-01-01", "2026-05-04"},
		{"lendemain du dernier jour", Adhesion{Debut: jour(t, "2025-01-01"), Fin: jour(t, "2026-05-03"), Version: v("2024-01-01", "")}, "2026-05-04", "", roc.DroitsFermes, roc.DroitsClos, "", ""},
		{"veille du premier jour", Adhesion{Debut: jour(t, "2026-05-05"), Version: v("2024-01-01", "")}, "2026-05-04", "", roc.DroitsFuturs, roc.DroitsClos, "", ""},
		{"suspendue sans terme", Adhesion{Debut: jour(t, "2025-01-01"), SuspenduDebut: jour(t, "2026-05-04"), Version: v("2024-01-01", "")}, "2026-05-04", "", roc.DroitsSuspendus, roc.DroitSuspendu, "", ""},
		{"contrat pas en vigueur", Adhesion{Debut: jour(t, "2025-01-01")}, "2026-05-04", "", roc.DroitsFermes, roc.DroitsClos, "", ""},
	} {
		d := droitsAu([]Adhesion{c.a}, jour(t, c.le), jour(t, c.dernier), 30)
		if d.code != c.code || d.statut != c.statut || d.debut.String() != c.veutDebut || d.fin.String() != c.veutFin {
			t.Errorf("%s: got %s %s du %s au %s, want %s %s du %s au %s", c.nom, d.code, d.statut, d.debut, d.fin, c.code, c.statut, c.veutDebut, c.veutFin)
		}
	}
	if d := droitsAu(nil, 1, 0, 30); d.code != roc.DroitsFermes {
		t.Errorf("sans adhésion: %s", d.code)
	}
}

func TestDeciderAnnulation(t *testing.T) {
	le := jour(t, "2026-05-04")
	for _, c := range []struct {
		nom    string
		e      EngagementGarde
		code   roc.Code
		etat   roc.EtatEngagement
		passer EtatGarde
	}{
		{"en cours, dernier jour", EngagementGarde{Etat: Engage, Fin: le}, roc.Accepte, roc.EtatAnnule, Annule},
		{"échu de la veille", EngagementGarde{Etat: Engage, Fin: le - 1}, roc.EngagementExpire, roc.EtatExpire, Expire},
		{"déjà expiré", EngagementGarde{Etat: Expire}, roc.EngagementExpire, roc.EtatExpire, ""},
		{"déjà annulé", EngagementGarde{Etat: Annule, AnnuleLe: le - 3}, roc.Accepte, roc.EtatDejaAnnule, ""},
		{"facturé", EngagementGarde{Etat: Facture, Fin: le - 1}, roc.EngagementFacture, roc.EtatDejaFacture, ""},
		{"payé en partie", EngagementGarde{Etat: PayeEnPartie}, roc.EngagementFacture, roc.EtatDejaFacture, ""},
		{"payé", EngagementGarde{Etat: Paye}, roc.EngagementFacture, roc.EtatDejaPaye, ""},
		{"rejeté pour de bon", EngagementGarde{Etat: Rejete}, roc.Accepte, roc.EtatAnnule, Annule},
		{"facture annulée", EngagementGarde{Etat: FactureAnnulee}, roc.Accepte, roc.EtatAnnule, Annule},
	} {
		d := deciderAnnulation(&c.e, le)
		if d.reponse.CodeRetour != c.code || d.reponse.EtatEngagement != c.etat || d.passer != c.passer {
			t.Errorf("%s: got %s %s %q, want %s %s %q", c.nom, d.reponse.CodeRetour, d.reponse.EtatEngagement, d.passer, c.code, c.etat, c.passer)
		}
	}
}

func reglages(t testing.TB) Reglages {
	t.Helper()
	n, err := sante.ParseNumeroAMC("775671993")
	if err != nil {
		t.Fatal(err)
	}
	return Reglages{Numero: n, Libelle: "Essai"}
}

func TestReglages(t *testing.T) {
	r, err := reglages(t).Completer()
	if err != nil || r.ValiditeEngagement != 90 || r.ReutilisationIDB != 24 || r.Simulation != SIMFacultative || r.Certitude != 30 {
		t.Errorf("défauts: %+v, %v", r, err)
	}
	for champ, changer := range map[string]func(*Reglages){
		"numero":              func(r *Reglages) { r.Numero = sante.NumeroAMC{} },
		"libelle":             func(r *Reglages) { r.Libelle = strings.Repeat("é", 61) },
		"simulation":          func(r *Reglages) { r.Simulation = "parfois" },
		"validite_engagement": func(r *Reglages) { r.ValiditeEngagement = 29 },
		"reutilisation_idb":   func(r *Reglages) { r.ReutilisationIDB = -1 },
		"fuseau":              func(r *Reglages) { r.Fuseau = "Lune/Mer" },
		"horaires[0]":         func(r *Reglages) { r.Horaires = []Plage{{De: "18:00", A: "08:00"}} },
		"horaires[1]": func(r *Reglages) {
			r.Horaires = []Plage{{De: "08:00", A: "24:00"}, {Jours: []string{"Lundi"}, De: "08:00", A: "09:00"}}
		},
		"fermetures[0]": func(r *Reglages) { r.Fermetures = []Fermeture{{Debut: time.Unix(2, 0), Fin: time.Unix(1, 0)}} },
	} {
		r := reglages(t)
		changer(&r)
		if _, err := r.Completer(); !errors.Is(err, ErrReglages) || !strings.Contains(err.Error(), champ) {
			t.Errorf("%s: %v", champ, err)
		}
	}
}

func TestEtat(t *testing.T) {
	r := reglages(t)
	r.Simulation = SIMFermee
	r.Horaires = []Plage{{Jours: []string{"lundi", "mardi", "mercredi", "jeudi", "vendredi"}, De: "08:00", A: "18:00"}}
	r.Fermetures = []Fermeture{{Debut: time.Date(2026, 5, 5, 6, 0, 0, 0, time.UTC), Fin: time.Date(2026, 5, 5, 10, 0, 0, 0, time.UTC), Services: []roc.Service{roc.CLC}}}
	r, err := r.Completer()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		nom          string
		a            time.Time
		portefeuille bool
		etat         roc.Etat
		idb, clc     roc.Etat
		ouvertureCLC string
	}{
		{"lundi à midi", time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC), true, roc.Operationnel, roc.Operationnel, roc.Operationnel, ""},
		{"lundi à midi, système de l'AMC muet", time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC), false, roc.Degrade, roc.Degrade, roc.Operationnel, ""},
		{"lundi, une minute avant l'ouverture à Paris", time.Date(2026, 5, 4, 5, 59, 0, 0, time.UTC), true, roc.EtatFerme, roc.EtatFerme, roc.EtatFerme, "2026-05-04T06:00:00Z"},
		{"mardi, fermeture annoncée du CLC", time.Date(2026, 5, 5, 7, 0, 0, 0, time.UTC), true, roc.Operationnel, roc.Operationnel, roc.EtatFerme, "2026-05-05T10:00:00Z"},
		{"lundi soir, le CLC ne rouvre que mardi à midi", time.Date(2026, 5, 4, 20, 0, 0, 0, time.UTC), true, roc.EtatFerme, roc.EtatFerme, roc.EtatFerme, "2026-05-05T10:00:00Z"},
		{"vendredi soir", time.Date(2026, 5, 8, 16, 0, 0, 0, time.UTC), true, roc.EtatFerme, roc.EtatFerme, roc.EtatFerme, "2026-05-11T06:00:00Z"},
		{"samedi avant l'heure d'été", time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), true, roc.EtatFerme, roc.EtatFerme, roc.EtatFerme, "2026-03-30T06:00:00Z"},
	} {
		e := etatDesServices(&r, c.a, services, c.portefeuille)
		par := map[roc.Service]roc.EtatService{}
		for _, s := range e.Services {
			par[s.Service] = s
		}
		if e.Etat != c.etat || par[roc.IDB].Etat != c.idb || par[roc.CLC].Etat != c.clc || par[roc.CLC].ProchaineOuverture != c.ouvertureCLC {
			t.Errorf("%s: got %s, IDB %s, CLC %+v", c.nom, e.Etat, par[roc.IDB].Etat, par[roc.CLC])
		}
		if par[roc.SIM].Etat != roc.EtatFerme || par[roc.SIM].ProchaineOuverture != "" {
			t.Errorf("%s: SIM qui n'est pas rendue: %+v", c.nom, par[roc.SIM])
		}
	}
	var refus *roc.Refus
	s := &Service{reglages: r}
	if err := s.verifierOuvert(roc.CLC, time.Date(2026, 5, 5, 7, 0, 0, 0, time.UTC)); !errors.As(err, &refus) || refus.Code != roc.Ferme || refus.Reprise != 3*3600+1 {
		t.Errorf("T010: %v", err)
	}
}
