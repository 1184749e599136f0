package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/sante"
)

// A list tells its total, what is late, and that it is cut.
func TestDireLivre(t *testing.T) {
	var b bytes.Buffer
	jour := et.Jour(t, "2026-05-20")
	l := []*liquidation.Facture{{Numero: "F-1", Etat: liquidation.Liquidee, Demande: 1000, Echeance: jour - 1},
		{Numero: "F-2", Etat: liquidation.PayeePartie, Demande: 1000, Paye: 250, Echeance: jour},
		{Numero: "F-3", Etat: liquidation.Payee, Demande: 500, Paye: 500, Echeance: jour - 9}}
	c := &cli.Command{Writer: &b}
	if err := direLivre(c, l, jour); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); !strings.Contains(s, "3 factures : "+sante.Montant(2500).Euros()+" demandés, "+sante.Montant(750).Euros()+" payés ; 1 en retard.") ||
		strings.Count(s, "en retard") != 2 || strings.Contains(s, "coupée") {
		t.Error(s)
	}
	for len(l) <= facturesListees {
		l = append(l, l[2])
	}
	b.Reset()
	if err := direLivre(c, l, jour); err != nil || !strings.Contains(b.String(), "Liste coupée") || !strings.Contains(b.String(), "1000 factures") {
		t.Error(err, "liste non dite coupée")
	}
}

// An unreadable return is its writer's to mend.
func TestQuiAgitRetourIllisible(t *testing.T) {
	if s := quiAgitEnvoi(serveur.GenreRetour, "T001"); !strings.Contains(s, "l'exploitant d'Écluse") || strings.Contains(s, "établissement") {
		t.Error(s)
	}
	if s := quiAgitEnvoi(serveur.GenreLot, "T001"); !strings.Contains(s, "l'éditeur du logiciel de l'établissement") {
		t.Error(s)
	}
}
