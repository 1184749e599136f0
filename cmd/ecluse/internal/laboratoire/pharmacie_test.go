package laboratoire

import (
	"context"
	"errors"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// auComptoir opens a pharmacy of a laboratory, which read the lists, and gives a patient of an
// insurer and his card. It is closed with the test.
func auComptoir(t *testing.T, s *Scene, de pharmacieLabo) (*pharmacie, droits.Patient, droits.Carte) {
	t.Helper()
	ph, err := ouvrirPharmacie(s, de)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ph.clore(); err != nil {
			t.Error(err)
		}
	})
	if _, err := ph.poste.Actualiser(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, k, err := assureEnVille(s.Monde, monde.CleMoulin, s.Monde.Jour)
	if err != nil {
		t.Fatal(err)
	}
	patient, carte := enVilleDe(s.Monde, p, k)
	return ph, patient, carte
}

// verifierPharmacie bills from another pharmacy of a laboratory: where the lists say, under a
// seal, without the concentrator when it does not answer, once whatever is sent again.
func verifierPharmacie(t *testing.T, s *Scene) {
	t.Helper()
	ctx := context.Background()
	ph, patient, carte := auComptoir(t, s, pharmaciesLabo()[1])
	v, err := ph.poste.Droits(ctx, patient, carte, 0)
	if err != nil || !v.TiersPayant {
		t.Fatalf("droits : %+v, %v", v, err)
	}
	moteur, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	lot := func(numero droits.NumeroFacture) *droits.DemandeFactures {
		f := droits.FactureOfficine{Numero: numero, DateFacture: s.Monde.Jour, PS: ph.ps, Patient: patient,
			Lignes: []droits.LigneOfficine{{Rang: 1, Famille: calcul.FamilleMED, CodePrestation: "PH4", Quantite: calcul.Unites(1), BaseAMO: 12_40, TauxAMO: sante.Pourcent(30),
				PartsOfficine: droits.PartsOfficine{Depense: 12_40, AMO: 3_72}}}}
		v.Facturer(&f)
		if err := f.Calculer(moteur, v.Etendue); err != nil {
			t.Fatal(err)
		}
		return &droits.DemandeFactures{Lot: droits.NouveauLot("L"+numero, s.Monde.Jour, f)}
	}
	envoyer := func(nom string, d *droits.DemandeFactures, want droits.EtatFacture) {
		t.Helper()
		r, err := ph.poste.Factures(ctx, carte, d)
		if err != nil || len(r.Factures) != 1 || r.Factures[0].Etat != want {
			t.Errorf("%s : %+v, %v", nom, r, err)
		}
	}
	d := lot("SAULE1")
	envoyer("la première", d, droits.FactureAcceptee)
	envoyer("le même lot, renvoyé", d, droits.FactureAcceptee)
	suivi, err := ph.poste.Factures(ctx, carte, &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{}})
	if err != nil || len(suivi.Suivi) != 1 {
		t.Errorf("suivi : %+v, %v", suivi, err)
	}

	// An insurer whose lists do not open this service.
	var absent *visiodroits.NonTrouve
	if _, err := ph.poste.Factures(ctx, droits.Carte{NumeroAMC: s.Monde.Assureur(monde.ClePhare).Numero}, d); !errors.As(err, &absent) {
		t.Errorf("service qui n'est pas dans les listes : %v", err)
	}

	// The concentrator no longer answers.
	s.taire(monde.CleRelais)
	if _, err := ph.poste.Factures(ctx, carte, lot("SAULE2")); !errors.Is(err, roc.ErrSansReponse) {
		t.Errorf("concentrateur muet : %v", err)
	}
	ph.options.Repli = true
	if ph.poste, err = droits.NouveauPoste(ph.options); err != nil {
		t.Fatal(err)
	}
	envoyer("sans le concentrateur", lot("SAULE2"), droits.FactureAcceptee)

	ph.options.Cachet = nil
	if ph.poste, err = droits.NouveauPoste(ph.options); err != nil {
		t.Fatal(err)
	}
	if _, err := ph.poste.Factures(ctx, carte, lot("SAULE3")); !errors.Is(err, droits.ErrSansCachet) {
		t.Errorf("sans cachet : %v", err)
	}
	ph.options.Cachet = func() *sceau.Cachet { return nil }
	if ph.poste, err = droits.NouveauPoste(ph.options); err != nil {
		t.Fatal(err)
	}
	if _, err := ph.poste.Factures(ctx, carte, lot("SAULE3")); !errors.Is(err, droits.ErrSansCachet) {
		t.Errorf("cachet absent : %v", err)
	}
}
