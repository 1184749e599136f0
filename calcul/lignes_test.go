package calcul

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func moteur(t testing.TB) Moteur {
	t.Helper()
	m, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// verifierFichier runs the tool on a file of objects that carry what is expected.
func verifierFichier(t *testing.T, nom string, lignes int) {
	t.Helper()
	b, err := os.ReadFile(nom)
	if err != nil {
		t.Fatal(err)
	}
	var sortie bytes.Buffer
	bilan, err := moteur(t).Lignes(bytes.NewReader(b), &sortie, OptionsLignes{Verifier: true, Expliquer: true})
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(sortie.String()) {
		var r struct {
			ID       string
			Conforme *bool
			Ecarts   json.RawMessage
			Error    *ErreurLigne
		}
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatal(err)
		}
		if r.Conforme == nil || !*r.Conforme {
			t.Errorf("%s: écarts %s, erreur %+v", r.ID, r.Ecarts, r.Error)
		}
	}
	if bilan.Lues != lignes || bilan.Ecarts != 0 || bilan.Erreurs != 0 {
		t.Errorf("%s: %+v, want %d lines without a difference", nom, bilan, lignes)
	}
}

// The machine-readable subset of ROC §19.2, word for word.
func TestROC192(t *testing.T) { verifierFichier(t, "testdata/roc-19.2.jsonl", 11) }

// Every vector of ROC §19 that the tool can be told.
func TestROC19(t *testing.T) { verifierFichier(t, "testdata/roc-19.jsonl", 46) }

// Cases beside the vectors, worked by hand.
func TestAutres(t *testing.T) { verifierFichier(t, "testdata/autres.jsonl", 79) }

// A rate in scientific notation, which no schema can tell from another number, is
// refused: digits are read, never a float.
func TestTauxEnNotationScientifique(t *testing.T) {
	var sortie bytes.Buffer
	ligne := `{"id":1,"kind":"acte","in":{"br":"30.00","rate":7e1}}`
	if _, err := moteur(t).Lignes(strings.NewReader(ligne), &sortie, OptionsLignes{}); err != nil || !strings.Contains(sortie.String(), `"code":"T001"`) {
		t.Errorf("%s, %v", sortie.String(), err)
	}
}
