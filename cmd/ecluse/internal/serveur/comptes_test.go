package serveur

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/vigie"
)

// alertesGardees keeps the events that were raised.
type alertesGardees []vigie.Evenement

func (l *alertesGardees) Signaler(e vigie.Evenement) { *l = append(*l, e) }

// A difference is an event for who watches, and a line of the log for who must act;
// a night without any raises nothing.
func TestDireControle(t *testing.T) {
	var vus alertesGardees
	var journal bytes.Buffer
	p := &Processus{Log: slog.New(slog.NewTextHandler(&journal, nil)), vigie: vigieGate{alertes: &vus}}
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
