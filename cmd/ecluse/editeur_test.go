package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// The page that editors read is the one that runs: from the rights to an invoice that the
// insurer accepts, pricing included, directly and by the concentrator; and it says what to do
// when nothing answers.
func TestPageDUnEditeur(t *testing.T) {
	s, ctx := laboratoireEntier(t), context.Background()
	ph, err := ouvrirPharmacie(s, pharmaciesLabo()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := ph.clore(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := ph.poste.Actualiser(ctx); err != nil {
		t.Fatal(err)
	}
	p, k, err := assureEnVille(s.monde, monde.CleMoulin, s.monde.Jour)
	if err != nil {
		t.Fatal(err)
	}
	patient, carte := enVilleDe(s.monde, p, k)
	for fin := time.Now().Add(delaiFlux); ; time.Sleep(50 * time.Millisecond) { // the insurer reads the lists of the third party
		v, err := ph.poste.DroitsEtDossier(ctx, patient, carte, 0)
		if err != nil || v.JetonDossier != "" || v.Code != visiodroits.DossierRefuse || time.Now().After(fin) {
			break
		}
	}
	lignes, err := verres()
	if err != nil {
		t.Fatal(err)
	}
	var dit strings.Builder
	essayer := func(numero droits.NumeroFacture, relais string) (*droits.FactureOfficine, error) {
		dit.Reset()
		c := ph.parCarte(sceau.REST, relais)
		c.Registre = sansMemoire{}
		l := &logiciel{poste: ph.poste, classeur: ph.options.Classeur, carte: c, ps: ph.ps, conf: s.conf[cleTiers], dire: func(a ...any) { fmt.Fprintln(&dit, a...) }}
		return l.delivrer(ctx, numero, patient, carte, lignes)
	}
	for numero, relais := range map[droits.NumeroFacture]string{"EDITEUR1": "", "EDITEUR2": monde.CleRelais} {
		f, err := essayer(numero, relais)
		if err != nil || f == nil {
			t.Fatalf("%s : %v, %s", numero, err, &dit)
		}
		if tot := f.Totaux; tot.Depense != lignes[0].MontantDepense+lignes[1].MontantDepense || tot.AMC == 0 || tot.AMO+tot.AMC+tot.Patient != tot.Depense {
			t.Errorf("%s : %+v", numero, tot)
		}
		if _, err := tarif.ParseNumeroTarification(f.Tarification.Numero); err != nil {
			t.Errorf("%s : %v", numero, err)
		}
		if !strings.Contains(dit.String(), "devis : reste à payer "+f.Totaux.Patient.Euros()) {
			t.Errorf("%s : le devis et l'engagement diffèrent : %s", numero, &dit)
		}
	}
	r, err := ph.poste.Factures(ctx, carte, &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{}})
	if err != nil || len(r.Suivi) != 2 {
		t.Errorf("suivi : %+v, %v", r, err)
	}
	e, err := ph.poste.Statistiques(sante.JourA(ph.horloge(), sante.Paris()))
	if err != nil || e.Sommer(nil).Factures != 2 {
		t.Errorf("compteurs : %+v, %v", e, err)
	}

	// The link is cut: earlier rights serve, and nothing is priced.
	ph.couper(true)
	if f, err := essayer("EDITEUR3", ""); err != nil || f != nil || !strings.Contains(dit.String(), string(visiodroits.PosteHorsLigne)) {
		t.Errorf("sans réseau : %+v, %v, %s", f, err, &dit)
	}
	ph.couper(false)
	for _, e := range s.parties[cleTiers].ecoutes { // pricing has no degraded mode
		e.serveur.Close()
	}
	if f, err := essayer("EDITEUR4", ""); !errors.Is(err, roc.ErrSansReponse) || f != nil {
		t.Errorf("tiers de confiance muet : %+v, %v", f, err)
	}
}

// docs/editeurs.md shows the page as it runs.
func TestPageMontree(t *testing.T) {
	page, err := os.ReadFile("exemple_editeur_test.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/editeurs.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(page), "// logiciel is")
	if !strings.Contains(string(doc), "```go\n// logiciel is"+code+"```\n") {
		t.Error("docs/editeurs.md ne montre pas la page telle qu'elle s'exécute : y recopier cmd/ecluse/exemple_editeur_test.go")
	}
	if n := strings.Count(code, "\n"); n > 100 {
		t.Errorf("la page a %d lignes", n)
	}
}
