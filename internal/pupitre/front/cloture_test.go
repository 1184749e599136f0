package front_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
)

var pagesCloture = []string{"/cloture", "/cloture?etablissement=750712184&jour=2026-11-21",
	"/cloture/factures?etablissement=750712184&jour=2026-11-22&amc=775671993&chiffre=REJETE&motif=F605",
	"/cloture/factures?jour=2026-11-22&amc=775671993&chiffre=REJETE&sens=flux&apres=0.1.v2.2.3", "/cloture/facture/v1/1?etablissement=750712184"}

func bancCloture(t *testing.T) *banc {
	m := pupitretest.New(t)
	return &banc{t: t, h: front.New(m, nil, front.Options{Adresses: []string{hote}, Clotures: pupitretest.Clotures{}})}
}

// The close of the day, to the invoices behind a figure, to one of them.
func TestCloture(t *testing.T) {
	b := bancCloture(t)
	for i, attendus := range [][]string{
		{"Clôture du 22/11/2026", "pas finie", "les comptes sont justes", "1\u202f234,56", "AMC 302976568", "F605", "FA-77", "le service de facturation", "Vérifier à la banque", "/cloture/factures?amc=775671993&amp;chiffre=RETARD", `aria-current="page">Clôture`},
		{"Clôture du 21/11/2026", "arrêtée", "ne font pas la somme", "3 écarts", "Le lendemain", "encore à compter : 7"},
		{"Rejeté", "motif F605", "ACE-1", "&lt;script&gt;", "une part", "Les suivantes", "apres=0.1.v2.2.3", "/cloture/facture/v1/1?etablissement=750712184"},
		{"ce qui y est entré", "FA-1", "où en est cette facture"},
		{"Facture FA-1", "Garantie obtenue", "F605", "6b6ad2b3-bda9-4532-8325-271ea86ede55", "une ligne diffère", "000000001", "R-7", "déjà compté ici", "en retard de 3 jours"},
	} {
		page := b.lire(pagesCloture[i], http.StatusOK)
		verifierHTML(t, page)
		for _, a := range attendus {
			if !strings.Contains(page, a) {
				t.Errorf("%s : sans %q", pagesCloture[i], a)
			}
		}
		if strings.Contains(page, "<script") {
			t.Errorf("%s : script dans la page", pagesCloture[i])
		}
	}
	if p := b.lire(pagesCloture[3], http.StatusOK); strings.Contains(p, "Les suivantes") {
		t.Error("la dernière page a une suite")
	}
}

func TestClotureRefusee(t *testing.T) {
	b := bancCloture(t)
	for chemin, etat := range map[string]int{"/cloture?jour=hier": 400, "/cloture?jour=2026-11-23": 400, "/cloture?etablissement=autre": 404,
		"/cloture/factures?amc=1&chiffre=ZUT": 400, "/cloture/facture/v1/2": 404, "/cloture/facture/v1/x": 404, "/cloture/facture/v1": 404} {
		verifierHTML(t, b.lire(chemin, etat))
	}
	sans := nouveauBanc(t)
	if strings.Contains(sans.lire("/", 200), `href="/cloture"`) {
		t.Error("la clôture est proposée sans livre")
	}
	sans.lire("/cloture", http.StatusNotFound)
}
