package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/sante"
)

// verifierComptes controls the books of the hospitals of a story that was played:
// each figure of the desk opens, and everything balances.
func verifierComptes(t *testing.T, s *scene) {
	t.Helper()
	ctx := context.Background()
	paye := int64(0)
	for _, p := range s.parties {
		for _, e := range p.etablissements {
			c, err := e.service.Controler(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.Ecarts {
				t.Errorf("%s : %s", e.nom, c.Ecarts[i].Phrase())
			}
			d, err := e.service.CloreJournee(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			engage, postes := d.Equilibre(sante.NumeroAMC{})
			if engage != postes {
				t.Errorf("%s : %v engagés, %v dans les postes", e.nom, engage, postes)
			}
			for _, x := range d.Chiffres(sante.NumeroAMC{}) {
				if x.Cle == "PAYE" {
					paye += x.Stock.Nombre
				}
			}
			tem := &temoin{hopitaux: map[string]*hopital{e.tenant: {e.tenant, e.nom, p, e, nil}}}
			ouvrirChiffres(t, clotures{tem}, e.tenant)
		}
	}
	if paye == 0 {
		t.Error("aucune facture payée dans les comptes de l'histoire")
	}
}

// ouvrirChiffres follows every figure of the desk to its invoices and their stories.
func ouvrirChiffres(t *testing.T, x clotures, cle string) {
	t.Helper()
	ctx := context.Background()
	j, err := x.Journee(ctx, cle, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range j.AMCs {
		for _, c := range a.Chiffres {
			l, _, err := x.Factures(ctx, cle, pupitre.QuestionCloture{Jour: j.Jour, AMC: a.Numero, Chiffre: c.Cle})
			if err != nil {
				t.Fatal(err)
			}
			var somme pupitre.Somme
			for _, f := range l {
				if !f.Part {
					somme.Nombre++
				}
				somme.Montant += f.Montant
				h, err := x.Facture(ctx, cle, f.Venue, f.Rang)
				// By convention nothing is asked of the insurer, and files are no messages.
				muette := len(h.Messages) == 0 && !strings.HasPrefix(f.Dossier, "D-CONV-")
				if err != nil || len(h.Moments) == 0 || muette {
					t.Errorf("%s %s : histoire vide, %v", c.Cle, f.Dossier, err)
				}
			}
			if somme != c.Stock {
				t.Errorf("%s, %s : %v derrière, %v au chiffre", a.Numero, c.Cle, somme, c.Stock)
			}
		}
	}
}

// The command on a laboratory that has invoiced nothing: the forms of its output,
// its refusals, its control.
func TestCommandeCloture(t *testing.T) {
	dir := t.TempDir()
	if _, err := lancer("quickstart", "--ports-libres", dir); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "ecluse.toml")
	if s, err := lancer("cloture", "--config", config); err != nil || !strings.Contains(s, "les postes font le compte") || strings.Count(s, "journée du") != 3 {
		t.Errorf("texte : %s, %v", s, err)
	}
	if s, err := lancer("cloture", "--config", config, "--format", "json", "--finess", "990001018"); err != nil || !json.Valid([]byte(s)) {
		t.Errorf("json : %s, %v", s, err)
	}
	for _, format := range []string{"csv", "xlsx"} {
		sortie := filepath.Join(dir, "cloture."+format)
		if _, err := lancer("cloture", "--config", config, "--format", format, "--sortie", sortie); err != nil {
			t.Errorf("%s : %v", format, err)
		}
		if i, err := os.Stat(sortie); err != nil || i.Size() == 0 || i.Mode().Perm() != 0o600 {
			t.Errorf("%s : %v, %v", format, i, err)
		}
	}
	sortie := filepath.Join(dir, "sans-format.csv")
	if _, err := lancer("cloture", "--config", config, "--sortie", sortie); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(sortie); err != nil || !strings.Contains(string(b), "ECL_MENTION") {
		t.Errorf("le format de l'extension : %s, %v", b, err)
	}
	if s, err := lancer("cloture", "factures", "--config", config, "--poste", "A_CORRIGER"); err != nil || !strings.Contains(s, "DOSSIER") {
		t.Errorf("factures : %s, %v", s, err)
	}
	if s, err := lancer("cloture", "controler", "--config", config, "--recompter"); err != nil || strings.Count(s, "0 écart") != 3 {
		t.Errorf("contrôle : %s, %v", s, err)
	}
	for _, faux := range [][]string{{"--jour", "hier"}, {"--jour", "2999-01-01"}, {"--format", "zut"}, {"--format", "xlsx"}, {"--finess", "000000000"}} {
		if _, err := lancer(append([]string{"cloture", "--config", config}, faux...)...); err == nil {
			t.Errorf("%v : accepté", faux)
		}
	}
	if l, _ := filepath.Glob(filepath.Join(dir, ".cloture-*")); len(l) > 0 {
		t.Errorf("restes : %v", l)
	}
}

// alertesGardees keeps the events that were raised.
type alertesGardees []vigie.Evenement

func (l *alertesGardees) Signaler(e vigie.Evenement) { *l = append(*l, e) }

// A difference is an event for who watches, and a line of the log for who must act;
// a night without any raises nothing.
func TestDireControle(t *testing.T) {
	var vus alertesGardees
	var journal bytes.Buffer
	p := &processus{log: slog.New(slog.NewTextHandler(&journal, nil)), vigie: vigieGate{alertes: &vus}}
	p.direControle("es-1", &etablissement.Controle{Couvertures: 7})
	if len(vus) != 0 || !strings.Contains(journal.String(), "couvertures=7") {
		t.Errorf("sans écart : %v, %s", vus, &journal)
	}
	p.direControle("es-1", &etablissement.Controle{Couvertures: 7, Differences: 2, Ecarts: []etablissement.Ecart{{Sorte: etablissement.EcartStock, QuiAgit: "l'exploitant", AFaire: "refaire"}}})
	if len(vus) != 1 || vus[0].Code != vigie.ComptesDiscordants || vus[0].Code.Libelle() == "" || vus[0].Tenant != "es-1" || !strings.Contains(vus[0].Detail, "2 écarts") {
		t.Errorf("événements : %+v", vus)
	}
	if !strings.Contains(journal.String(), "l'exploitant") || !strings.Contains(journal.String(), "refaire") {
		t.Errorf("journal : %s", &journal)
	}
}
