package roc_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
)

// The table of codes holds together: each code once, a family that exists, a
// label for a person, and who acts whenever something must be done.
func TestSignifications(t *testing.T) {
	vus := map[roc.Code]bool{}
	for _, s := range roc.Significations() {
		c := s.Code
		if vus[c] {
			t.Errorf("%s deux fois", c)
		}
		vus[c] = true
		if s.Libelle == "" || len(s.Libelle) > 250 || len(s.Qui) > 100 || len(s.Reessai) > 100 {
			t.Errorf("%s : libellé absent, ou texte plus long que le message ne l'admet", c)
		}
		if !strings.ContainsRune("0TSAIDCPF", rune(c.Famille())) {
			t.Errorf("%s : famille %c", c, c.Famille())
		}
		if c.Accord() != (c.Famille() == '0') {
			t.Errorf("%s : accord %t", c, c.Accord())
		}
		if c.Technique() != (c.Famille() == 'T' || c.Famille() == 'S') {
			t.Errorf("%s : technique %t", c, c.Technique())
		}
		if s.Qui == "" && s.Reessai == "" && c != roc.Accepte {
			t.Errorf("%s : personne n'agit et rien ne se réessaie", c)
		}
		if c.Signification() != s || c.Libelle() != s.Libelle {
			t.Errorf("%s : la recherche donne %+v", c, c.Signification())
		}
	}
	if len(roc.Code("").Codes()) != len(vus) {
		t.Error("la liste fermée du schéma n'est pas celle de la table")
	}
	// ref: ROC §18
	for _, c := range strings.Fields("000 010 T001 T003 T010 T011 T012 T020 T030 S501 S502 S503 S504 S505 S506 A001 A002 A003 A004 I101 I102 I103 I104 " +
		"D201 D202 D203 D204 D205 D206 D207 C301 C302 C303 C304 C305 C310 P401 P402 P403 P410 P411 P412 P413 P414 P415 P420 P421 P422 P430 F601 F602 F603 F604 F605 F606 F610") {
		if !vus[roc.Code(c)] {
			t.Errorf("%s manque", c)
		}
	}
	if s := roc.Code("Z999").Signification(); s != (roc.Signification{}) || roc.Code("").Famille() != 0 {
		t.Errorf("code inconnu : %+v", s)
	}
}

// Every code of the engine is a code of the exchange.
func TestCodesDuMoteur(t *testing.T) {
	for _, c := range []calcul.Code{calcul.CodeTotal, calcul.CodeDates, calcul.CodeNuits, calcul.CodePrestation, calcul.CodeDoublon, calcul.CodeTaux, calcul.CodeFJ, calcul.CodePAS, calcul.CodeRang} {
		if roc.Code(c).Libelle() == "" {
			t.Errorf("%s : inconnu de l'échange", c)
		}
	}
}

func TestRefus(t *testing.T) {
	r := &roc.Refus{Code: roc.SceauInvalide, Detail: "une précision", Cause: io.ErrUnexpectedEOF}
	if got, want := r.Error(), "S502 Sceau invalide : une précision"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(r, io.ErrUnexpectedEOF) {
		t.Error("la cause est perdue")
	}
	if got := roc.Refuser(roc.Quota, "").Error(); got != "S506 Quota dépassé" {
		t.Error(got)
	}
}
