package etablissement_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/b2"
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// horsLigne is an insurer that the directory of these tests does not know.
const horsLigne = "99000909"

func garantieF01(f calcul.Famille) calcul.Garantie {
	return calcul.Garantie{Code: "TM-" + string(f), Famille: f, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F01})}
}

func uneConvention(t testing.TB, id, amc, typ, csr, debut, fin string) etablissement.Convention {
	t.Helper()
	k := etablissement.Convention{ID: id, NumeroAMC: et.Carte(t, amc).NumeroAMC, TypeConvention: typ, CSR: csr, Debut: et.Jour(t, debut),
		Libelle: "Mutuelle du Gué", Voie: "v", TypeContrat: calcul.ContratIndividuel, Responsable: true,
		Garanties: []calcul.Garantie{garantieF01(calcul.FamilleCONS), garantieF01(calcul.FamilleACTE)}}
	if fin != "" {
		k.Fin = et.Jour(t, fin)
	}
	return k
}

func uneTable(l ...etablissement.Convention) *etablissement.Conventions {
	return &etablissement.Conventions{Conventions: l, Voies: []etablissement.Voie{{Nom: "v", Transport: etablissement.TransportDepot, Forme: etablissement.FormeB2, Adresse: horsLigne}}}
}

// The table refuses what no rule would choose, and the days that nobody meant to
// leave out.
func TestConventionsTable(t *testing.T) {
	k := func(id, typ, csr, debut, fin string) etablissement.Convention {
		return uneConvention(t, id, horsLigne, typ, csr, debut, fin)
	}
	sansFormule := k("C", "", "", "2026-01-01", "")
	sansFormule.Garanties[0].Formule = calcul.Simple(calcul.Regle{Numero: calcul.F07})
	interrompue := k("B", "CM", "", "2026-09-01", "")
	interrompue.ApresInterruption = true
	for _, c := range []struct {
		nom   string
		table *etablissement.Conventions
		faute string // "" when it is right
	}{
		{"une année après l'autre", uneTable(k("A", "CM", "", "2025-01-01", "2025-12-31"), k("B", "CM", "", "2026-01-01", "")), ""},
		{"deux la même année", uneTable(k("A", "CM", "", "2025-01-01", "2026-01-01"), k("B", "CM", "", "2026-01-01", "")), "ambiguë avec A"},
		{"des jours sans convention", uneTable(k("A", "CM", "", "2025-01-01", "2025-12-31"), k("B", "CM", "", "2026-01-02", "")), "aucune convention entre la fin de A"},
		{"des jours sans convention, voulus", uneTable(k("A", "CM", "", "2025-01-01", "2025-12-31"), interrompue), ""},
		{"plus ou moins précises", uneTable(k("A", "", "", "2026-01-01", ""), k("B", "CM", "", "2026-01-01", ""), k("C", "CM", "66?", "2026-01-01", ""), k("D", "CM", "661", "2026-01-01", "")), ""},
		{"jokers qui se croisent", uneTable(k("A", "CM", "6?1", "2026-01-01", ""), k("B", "CM", "6?2", "2026-01-01", ""), k("C", "CM", "6??", "2026-01-01", "")), "ambiguë avec A"},
		{"jokers sans carte commune", uneTable(k("A", "CM", "6?1", "2026-01-01", ""), k("B", "CM", "6?2", "2026-01-01", "")), ""},
		{"CSR sans type", uneTable(k("A", "", "661", "2026-01-01", "")), "un CSR ne vaut que pour un type"},
		{"fin avant début", uneTable(k("A", "", "", "2026-01-02", "2026-01-01")), "la fin précède le début"},
		{"formule sans paramètre", uneTable(sansFormule), "F07"},
		{"voie absente", &etablissement.Conventions{Conventions: []etablissement.Convention{k("A", "", "", "2026-01-01", "")}}, "aucune voie"},
		{"dossier hors de la racine", &etablissement.Conventions{Voies: []etablissement.Voie{{Nom: "v", Transport: "depot", Forme: "B2", Adresse: "../x"}}}, "nom de dossier"},
		{"B2 par l'échange", &etablissement.Conventions{Voies: []etablissement.Voie{{Nom: "v", Transport: "roc", Forme: "B2"}}}, "la forme est DRE"},
		{"http en clair", &etablissement.Conventions{Voies: []etablissement.Voie{{Nom: "v", Transport: "https", Forme: "B2", Adresse: "http://x"}}}, "adresse https"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			err := c.table.Verifier()
			if c.faute == "" && err != nil || c.faute != "" && (err == nil || !strings.Contains(err.Error(), c.faute)) {
				t.Errorf("%v, want %q", err, c.faute)
			}
		})
	}
}

func (k *monde) tenir(t testing.TB, table *etablissement.Conventions) {
	t.Helper()
	if err := table.Verifier(); err != nil {
		t.Fatal(err)
	}
	k.Conventions = func() *etablissement.Conventions { return table }
}

// dossierNIR is an outpatient visit whose patient has a NIR: a B2 file needs it.
func dossierNIR(t testing.TB, numero string) etablissement.Dossier {
	t.Helper()
	d := et.ACE(t, numero)
	n, err := sante.ParseNIR("155087505601268")
	if err != nil {
		t.Fatal(err)
	}
	d.Patient.NIRAssure = n
	return d
}

// convenue is a visit whose share is computed by convention.
func (k *monde) convenue(t testing.TB, dossier string) *etablissement.Venue {
	t.Helper()
	v := k.venue(t, dossierNIR(t, dossier), horsLigne)
	v, err := k.ParConvention(ctx, rang(v, 1), agent)
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.ConventionRetenue)
	return k.calcul(t, v, 1, et.Consultation(t))
}

// A share by convention has no engagement, says so everywhere, and is invoiced as
// such.
func TestParConvention(t *testing.T) {
	k := nouveau(t)
	k.tenir(t, uneTable(uneConvention(t, "GUE", horsLigne, "", "", "2026-01-01", "")))
	v := k.convenue(t, "C-1")
	attendre(t, v, 1, etablissement.SansEngagement)
	cv := v.Couvertures[0]
	if r := cv.Calcul.Reponse; !r.NumeroEngagement.IsZero() || r.Garantie != roc.GarantieAucune || r.TotalAMC.String() != "7.95" {
		t.Errorf("réponse %+v", r)
	}
	recu, err := k.Recu(v)
	if err != nil || !recu.Indicatif || !strings.Contains(recu.Texte(), etablissement.SansGarantie) {
		t.Errorf("reçu : %v", err)
	}
	dite := false
	for _, c := range v.Consignes() {
		dite = dite || strings.Contains(c.Constat, etablissement.SansGarantie)
	}
	if !dite || !strings.Contains(strings.ToLower(cv.Etat.Libelle()), "sans garantie") {
		t.Error("l'étiquette manque à l'agent")
	}
	if _, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("annuler un engagement qui n'existe pas : %v", err)
	}
	v = k.facturee(t, v, "F-C-1")
	if f := v.Couvertures[0].Facture; f.Mention != etablissement.SansGarantie {
		t.Errorf("mention %q", f.Mention)
	}
	if _, err := k.FormerLots(ctx); err != nil {
		t.Fatal(err)
	}
	if len(k.departs.Lots) != 0 || len(k.departs.Fichiers) != 1 {
		t.Fatalf("%d lots scellés, %d fichiers", len(k.departs.Lots), len(k.departs.Fichiers))
	}
	b, err := b2.Verifier(bytes.NewReader(k.departs.Fichiers[0]))
	if err != nil || b.Factures != 1 || b.AMC.String() != "7.95" || b.Fichier.Destinataire != horsLigne {
		t.Errorf("%+v, %v", b, err)
	}
}

// An insurer that is on line is asked, and what it refuses no convention gives.
func TestConventionPasPourUneAMCEnLigne(t *testing.T) {
	k := nouveau(t)
	k.tenir(t, uneTable(uneConvention(t, "X", amc1, "", "", "2026-01-01", "")))
	v := k.venue(t, et.ACE(t, "C-2"), amc1)
	if _, err := k.ParConvention(ctx, rang(v, 1), agent); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("AMC en ligne : %v", err)
	}
	v = k.droits(t, v, 1)
	if _, err := k.ParConvention(ctx, rang(v, 1), agent); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("droits ouverts : %v", err)
	}
	autre := k.venue(t, et.ACE(t, "C-3"), horsLigne)
	if _, err := k.ParConvention(ctx, rang(autre, 1), agent); !estCode(err, roc.AucunService) {
		t.Errorf("sans convention : %v", err)
	}
	prioritaire := uneConvention(t, "X", amc1, "", "", "2026-01-01", "")
	prioritaire.Prioritaire = true
	k.tenir(t, uneTable(prioritaire))
	v = k.venue(t, dossierNIR(t, "C-4"), amc1)
	v, err := k.ParConvention(ctx, rang(v, 1), agent)
	if err != nil {
		t.Fatal(err)
	}
	// The partner comes on line: what was computed by convention is dropped.
	v = k.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.SansEngagement)
	v = k.droits(t, v, 1)
	if cv := v.Couvertures[0]; cv.Etat != etablissement.DroitsAccordes || cv.Convention != nil || cv.Calcul != nil {
		t.Errorf("%+v", cv)
	}
}

// What a share was computed from changes: it is dropped, never invoiced as it was.
func TestConventionPerimee(t *testing.T) {
	k := nouveau(t)
	k.tenir(t, uneTable(uneConvention(t, "GUE", horsLigne, "", "", "2026-01-01", "")))
	v := k.convenue(t, "C-5")
	d := v.Dossier
	d.DMT = "170"
	v, err := k.ModifierVenue(ctx, v.ID, agent, d)
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.ConventionRetenue)
	if _, err := k.Facturer(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "F"}); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("facturée quand même : %v", err)
	}
	// The first rank computes again: the second, by convention, was computed on it.
	v = k.venue(t, dossierNIR(t, "C-6"), amc1, horsLigne)
	v = k.calcul(t, k.droits(t, v, 1), 1, et.Consultation(t))
	if v, err = k.ParConvention(ctx, rang(v, 2), agent); err != nil {
		t.Fatal(err)
	}
	v = k.calcul(t, v, 2, et.Consultation(t))
	attendre(t, v, 2, etablissement.SansEngagement)
	if v, err = k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Facturer(ctx, rang(v, 2), agent, etablissement.Facturation{Numero: "F"}); !estCode(err, roc.AutreAMCDAbord) {
		t.Errorf("facturée sur un rang annulé : %v", err)
	}
	v = k.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 2, etablissement.ConventionRetenue)
}

// A B2 file names the insured by his NIR: it is asked when the convention is resorted to
// and when the share is computed, not only when it is invoiced. Supplied afterwards, it
// undoes nothing of what was computed or engaged, and the invoice says it.
func TestConventionSansNIR(t *testing.T) {
	table := uneTable(uneConvention(t, "GUE", horsLigne, "", "", "2026-01-01", ""))
	nir := dossierNIR(t, "X").Patient.NIRAssure
	sansNIR := func(t *testing.T, err error) {
		t.Helper()
		var e *etablissement.Erreur
		if !errors.As(err, &e) || !errors.Is(err, etablissement.ErrDonnees) || e.Code != roc.Illisible || !strings.Contains(e.Detail, "NIR") || !strings.Contains(e.AFaire, "nirAssure") || e.QuiAgit != "l'agent" {
			t.Fatalf("%v, want un refus qui demande le NIR", err)
		}
	}
	completer := func(t *testing.T, k *monde, v *etablissement.Venue, changer func(*etablissement.Dossier)) (*etablissement.Venue, error) {
		t.Helper()
		d := v.Dossier
		d.Patient.NIRAssure = nir
		if changer != nil {
			changer(&d)
		}
		return k.ModifierVenue(ctx, v.ID, agent, d)
	}
	t.Run("au recours", func(t *testing.T) {
		k := nouveau(t)
		k.tenir(t, table)
		v := k.venue(t, et.ACE(t, "C-1"), horsLigne)
		_, err := k.ParConvention(ctx, rang(v, 1), agent)
		sansNIR(t, err)
		if v, err = completer(t, k, v, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := k.ParConvention(ctx, rang(v, 1), agent); err != nil {
			t.Error(err)
		}
	})
	t.Run("après le calcul", func(t *testing.T) {
		k := nouveau(t)
		dre := *table
		dre.Voies = []etablissement.Voie{{Nom: "v", Transport: etablissement.TransportDepot, Forme: etablissement.FormeDRE, Adresse: horsLigne}}
		k.tenir(t, &dre)
		v := k.venue(t, et.ACE(t, "C-2"), amc1, horsLigne)
		v = k.calcul(t, k.droits(t, v, 1), 1, et.Consultation(t))
		v, err := k.ParConvention(ctx, rang(v, 2), agent)
		if err != nil {
			t.Fatal(err)
		}
		k.tenir(t, table) // its way becomes a B2 file
		_, err = k.Calculer(ctx, rang(v, 2), agent, et.Consultation(t), "")
		sansNIR(t, err)
		k.tenir(t, &dre)
		v = k.calcul(t, v, 2, et.Consultation(t))
		avant := *v.Couvertures[1].Calcul
		if _, err := completer(t, k, v, func(d *etablissement.Dossier) { d.DMT = "172" }); !estCode(err, roc.EngagementExistant) {
			t.Errorf("plus que le NIR, une AMC engagée : %v", err)
		}
		if v, err = completer(t, k, v, nil); err != nil {
			t.Fatal(err)
		}
		attendre(t, v, 1, etablissement.Engagee)
		attendre(t, v, 2, etablissement.SansEngagement)
		if c := v.Couvertures[1].Calcul; !c.Fait.Equal(avant.Fait) || *c.Reponse.TotalAMC != *avant.Reponse.TotalAMC || c.Demande.Beneficiaire.NIRAssure != nir {
			t.Errorf("calcul changé : %+v", c.Demande.Beneficiaire)
		}
		if !v.Couvertures[0].Calcul.Demande.Beneficiaire.NIRAssure.IsZero() {
			t.Error("la question de l'AMC engagée a changé")
		}
		d := v.Dossier
		d.Patient.NIRAssure = sante.NIR{}
		if _, err := k.ModifierVenue(ctx, v.ID, agent, d); !estCode(err, roc.EngagementExistant) {
			t.Errorf("NIR retiré : %v", err)
		}
	})
	t.Run("calculée avant qu'il soit demandé, puis facturée", func(t *testing.T) {
		k := nouveau(t)
		k.tenir(t, table)
		v := k.convenue(t, "C-3")
		// As the visits of before were kept: computed without it.
		_, err := k.Depot.Changer(ctx, v.ID, func(c *etablissement.Chantier) error {
			x := *c.Venue.Couvertures[0].Calcul
			x.Demande.Beneficiaire.NIRAssure, c.Venue.Dossier.Patient.NIRAssure = sante.NIR{}, sante.NIR{}
			c.Venue.Couvertures[0].Calcul = &x
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Facturer(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "F-3"})
		sansNIR(t, err)
		if v, err = k.Venue(ctx, v.ID); err != nil {
			t.Fatal(err)
		}
		if v, err = completer(t, k, v, nil); err != nil {
			t.Fatal(err)
		}
		attendre(t, v, 1, etablissement.SansEngagement)
		k.facturee(t, v, "F-3")
	})
}
