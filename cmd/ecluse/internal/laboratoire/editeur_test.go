package laboratoire

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
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// The page that editors read is the one that runs: from the rights to an invoice that the
// insurer accepts, pricing included, directly and by the concentrator; and it says what to do
// when nothing answers.
func TestPageDUnEditeur(t *testing.T) {
	s, ctx := laboratoireEntier(t), context.Background()
	ph, patient, carte := auComptoir(t, s, pharmaciesLabo()[0])
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
	var l *logiciel
	var apresEngagement func() // once, between the commitment and the invoice
	essayer := func(numero droits.NumeroFacture, relais string) (*droits.FactureOfficine, error) {
		dit.Reset()
		c := clientDeCarte(roc.Test, ph.ps, ph.carte.cachet, ph.carte.auth, s.parties[cleTiers].Magasin)
		defer c.Transport.Fermer()
		c.Registre = &apresPrix{Registre: c.Registre, suite: &apresEngagement}
		if relais != "" {
			c.Relais, c.Confidentialite = &roc.AccesRelais{Adresse: s.adresses[relais], Structure: s.Monde.Relais.IDNat}, ph.conf
		}
		l = &logiciel{poste: ph.poste, classeur: ph.options.Classeur, carte: c, ps: ph.ps, conf: s.conf[cleTiers], dire: func(a ...any) { fmt.Fprintln(&dit, a...) }}
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

	// A number that served already: the batch is refused entier, nothing is said billed, and it waits no more.
	var entier *droits.LotRefuse
	if _, err := essayer("EDITEUR1", ""); !errors.As(err, &entier) || entier.Retour.CodeRetour != visiodroits.FactureEnDouble || entier.Lot.Numero != "LEDITEUR1" {
		t.Errorf("numéro déjà pris : %v, %s", err, &dit)
	}
	gardes := func(want int) []*droits.LotGarde {
		t.Helper()
		g, err := ph.poste.LotsGardes()
		if err != nil || len(g) != want {
			t.Fatalf("lots gardés : %d au lieu de %d, %v", len(g), want, err)
		}
		return g
	}
	gardes(0)

	// Nobody answers the batch: the invoice is not lost, nor billed twice, and the same batch leaves again.
	apresEngagement = func() { ph.couper(true) }
	f, err := essayer("EDITEUR3", "")
	ph.couper(false)
	if !errors.Is(err, roc.ErrSansReponse) || f == nil {
		t.Fatalf("lot sans réponse : %+v, %v", f, err)
	}
	if _, err := essayer("EDITEUR3", ""); !errors.Is(err, droits.ErrLotAttend) {
		t.Errorf("facturée de nouveau pendant que son lot attend : %v", err)
	}
	perdu := &droits.DemandeFactures{Lot: gardes(1)[0].Lot} // received, and its answer lost
	if r, err := ph.poste.Factures(ctx, carte, perdu); err != nil || r.CodeRetour != visiodroits.Fournis {
		t.Fatalf("lot renvoyé : %+v, %v", r, err)
	}
	dit.Reset()
	if err := l.envoyer(ctx, "LEDITEUR3"); err != nil || !strings.Contains(dit.String(), "EDITEUR3 Facture acceptée") {
		t.Errorf("lot renvoyé : %v, %s", err, &dit)
	}
	gardes(0)
	if err := l.envoyer(ctx, "LEDITEUR3"); !errors.Is(err, droits.ErrSansLot) {
		t.Errorf("lot qui a sa réponse : %v", err)
	}
	r, err = ph.poste.Factures(ctx, carte, &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{}})
	if err != nil || len(r.Suivi) != 3 {
		t.Errorf("suivi : %+v, %v", r, err)
	}
	e, err = ph.poste.Statistiques(sante.JourA(ph.horloge(), sante.Paris()))
	if x := e.Sommer(nil); err != nil || x.Factures != 4 || x.FacturesAccreditees != 4 || x.RejetsAccredites != 1 {
		t.Errorf("compteurs : %+v, %v", x, err)
	}

	// The link is cut: earlier rights serve, and nothing is priced.
	ph.couper(true)
	if f, err := essayer("EDITEUR6", ""); err != nil || f != nil || !strings.Contains(dit.String(), string(visiodroits.PosteHorsLigne)) {
		t.Errorf("sans réseau : %+v, %v, %s", f, err, &dit)
	}
	ph.couper(false)

	// The third party falls silent as the invoice leaves: it waits at the insurer, which is no refusal.
	apresEngagement = func() {
		s.taire(cleTiers)
	}
	if f, err := essayer("EDITEUR5", ""); err != nil || f == nil || !strings.Contains(dit.String(), "Facture en attente") {
		t.Errorf("tiers de confiance muet à la facture : %+v, %v, %s", f, err, &dit)
	}
	// Pricing has no degraded mode.
	if f, err := essayer("EDITEUR4", ""); !errors.Is(err, roc.ErrSansReponse) || f != nil {
		t.Errorf("tiers de confiance muet : %+v, %v", f, err)
	}
}

// apresPrix is a registry that has something happen once a delivery is priced and committed.
type apresPrix struct {
	roc.Registre
	suite *func()
	prix  int // the estimate, then the commitment
}

func (r *apresPrix) Reponse(ctx context.Context, a *roc.Arrivee) error {
	if a.Depart.Service == roc.TAR && a.Refus == nil {
		r.prix++
	}
	if f := *r.suite; f != nil && r.prix == 2 {
		*r.suite = nil
		f()
	}
	return r.Registre.Reponse(ctx, a)
}

// docs/editeurs.md shows the page as it runs.
func TestPageMontree(t *testing.T) {
	page, err := os.ReadFile("exemple_editeur_test.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../../../docs/editeurs.md")
	if err != nil {
		t.Fatal(err)
	}
	avant, code, _ := strings.Cut(string(page), "// logiciel is")
	_, client, _ := strings.Cut(avant, "// clientDeCarte")
	if !strings.Contains(string(doc), "```go\n// logiciel is"+code+"```\n") || !strings.Contains(string(doc), "```go\n// clientDeCarte"+strings.TrimSuffix(client, "\n")+"```\n") {
		t.Error("docs/editeurs.md ne montre pas la page telle qu'elle s'exécute : y recopier cmd/ecluse/exemple_editeur_test.go")
	}
	if n := strings.Count(code, "\n"); n > 100 {
		t.Errorf("la page a %d lignes", n)
	}
}
