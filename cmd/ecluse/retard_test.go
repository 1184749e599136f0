package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement/export"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// The list of late payments says once what to do of them all; a list without any says
// nothing of it. The close of the day sends there.
func TestDireRetards(t *testing.T) {
	n := len(export.ColonnesFactures())
	lignes := func(qui, faire string) export.Lignes {
		return func(rendre func([]export.Cellule, error) bool) {
			for range 2 {
				l := make([]export.Cellule, n)
				l[12], l[n-3], l[n-2] = export.Texte("FA-1"), export.Texte(qui), export.Texte(faire)
				if !rendre(l, nil) {
					return
				}
			}
		}
	}
	var b bytes.Buffer
	if err := direFactures(&b, lignes("le service de facturation", "Demander à l'AMC.")); err != nil || strings.Count(b.String(), "Demander à l'AMC.") != 1 ||
		strings.Count(b.String(), "le service de facturation") != 3 || !strings.Contains(b.String(), "ecluse envois suivre") {
		t.Errorf("%v\n%s", err, b.String())
	}
	b.Reset()
	if err := direFactures(&b, lignes("", "")); err != nil || strings.Contains(b.String(), "que faire") {
		t.Errorf("%v\n%s", err, b.String())
	}
	amc := et.Carte(t, "775671993").NumeroAMC
	j := &etablissement.Journee{Jour: et.Jour(t, "2026-05-20"), Delai: 12, Reserves: 2, Lignes: []etablissement.LigneJournee{
		{CleCompteur: etablissement.CleCompteur{AMC: amc, Poste: etablissement.PosteRetard}, Ouverture: etablissement.Montants{Nombre: 3, Montant: 795}}}}
	b.Reset()
	if err := direJournee(&b, "CH", j, map[sante.NumeroAMC]string{}); err != nil || !strings.Contains(b.String(), "3 factures en retard de paiement : « ecluse cloture factures --poste RETARD »") ||
		!strings.Contains(b.String(), "2 retours de factures d'AMC sans effet") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// An insurer reads of which invoices an acknowledgement is under reserve, without what
// a partner should not have written.
func TestSuiteSousReserve(t *testing.T) {
	r := &liquidation.RetourEmis{Numero: "R1", Acquitte: et.Midi, Code: roc.AvecReserve, Precision: precisionSure("sans effet ici : FA-1 (inconnue)\x1b[2J")}
	etat, suite, err := suiteDuRetour(t.Context(), nil, r)
	if err != nil || etat != "sous réserve" || !strings.Contains(suite, "FA-1 (inconnue)") || strings.Contains(suite, "\x1b") {
		t.Errorf("%s, %q, %v", etat, suite, err)
	}
	if s := precisionSure("NIR 155087505601268"); s != "" {
		t.Errorf("gardée : %q", s)
	}
}
