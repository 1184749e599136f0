package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/sante"
)

// TestParts reads the parts that a person writes.
func TestParts(t *testing.T) {
	amc, err := sante.ParseNumeroAMC("99000101")
	if err != nil {
		t.Fatal(err)
	}
	cle := comptable.CleAnnonce{Payeur: amc, Retour: "R:1"}
	for texte, want := range map[string]comptable.Part{
		"annonce=99000101/R:1:12.30":   {Nature: comptable.Paiement, Annonce: cle, Montant: 1230},
		"annonce=99000101/R:1#2:12.30": {Nature: comptable.Paiement, Annonce: cle, Rang: 2, Montant: 1230},
		"titre=2026/12:1.00":           {Nature: comptable.Paiement, Titre: comptable.CleTitre{Exercice: 2026, Numero: 12}, Montant: 100},
		"hors-champ:1.00":              {Nature: comptable.HorsChamp, Montant: 100},
		"debit-hors-champ:1.00":        {Nature: comptable.HorsChampD, Montant: 100},
	} {
		if p, err := partDite(texte); err != nil || p != want {
			t.Errorf("%s : %+v, %v", texte, p, err)
		}
	}
	for _, texte := range []string{"", "titre", "titre=2026/12", "titre=2026/12:un", "titre=12:1.00", "titre:1.00", "excedent=X:1.00", "annonce=X/R:1.00", "annonce=99000101:1.00", "annonce=99000101/R#0:1.00", "loyer:1.00"} {
		if p, err := partDite(texte); err == nil {
			t.Errorf("%q admise : %+v", texte, p)
		}
	}
}

// TestFormatReleve tells the two formats apart by what a file holds.
func TestFormatReleve(t *testing.T) {
	for texte, want := range map[string]string{"<Document/>": "camt", "\ufeff \r\n<?xml": "camt", "Date;Montant\n": "csv", "": "csv", "\x00\x01": "csv"} {
		if f, err := formatReleve(strings.NewReader(texte)); f != want || err != nil {
			t.Errorf("%q : %s, %v", texte, f, err)
		}
	}
}

// TestColonnes names each column that a configuration may name.
func TestColonnes(t *testing.T) {
	for _, role := range config.RolesColonne() {
		if k := colonnesDe([]string{role + "=X"}); cmp.Equal(k, releve.ColonnesUsuelles()) {
			t.Errorf("%s ne change rien", role)
		}
	}
}
