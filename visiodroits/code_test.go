package visiodroits_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Each code is pinned: whether it gives rights, whether it permits the degraded
// mode, whether asking again can help. ref: VISIO §14
func TestCodes(t *testing.T) {
	attendus := []struct {
		code                     visiodroits.Code
		accord, degrade, reessai bool
	}{
		{"000", true, false, false}, {"001", true, false, false},
		{"100", false, false, false}, {"101", false, false, true}, {"102", false, false, false},
		{"110", false, false, false}, {"111", false, false, false}, {"120", false, false, false}, {"130", false, false, false},
		{"200", false, false, false}, // never the degraded mode
		{"201", false, true, true}, {"202", false, true, true}, {"203", false, true, true}, {"204", false, true, true},
		{"300", false, false, false},
		{"T611", false, false, true}, {"T620", false, false, false}, {"T621", false, false, false}, {"T630", false, false, true}, {"T631", false, false, true},
		{"F701", false, false, false}, {"F702", false, false, false}, {"F703", false, false, false}, {"F704", false, false, false},
		{"F705", false, false, false}, {"F706", false, false, false}, {"F707", false, false, false}, {"F708", false, false, false},
		{"F709", false, false, false}, {"F710", false, false, false}, {"F711", false, false, true},
	}
	table := visiodroits.Significations()
	if len(table) != len(attendus) {
		t.Fatalf("%d codes, want %d", len(table), len(attendus))
	}
	for i, a := range attendus {
		s := a.code.Signification()
		if table[i].Code != a.code || s != table[i] {
			t.Errorf("rang %d : %s, want %s", i, table[i].Code, a.code)
		}
		if a.code.Accord() != a.accord || a.code.Degrade() != a.degrade || (s.Reessai != "") != a.reessai {
			t.Errorf("%s : accord %t, dégradé %t, réessai %q", a.code, a.code.Accord(), a.code.Degrade(), s.Reessai)
		}
		if s.Libelle == "" || len(s.Libelle) > 250 || a.code.Libelle() != s.Libelle {
			t.Errorf("%s : libellé %q", a.code, s.Libelle)
		}
		if !strings.HasSuffix(s.AFaire, ".") || strings.Count(s.AFaire, ". ") != 0 || len(s.AFaire) > 250 {
			t.Errorf("%s : une phrase attendue, %q", a.code, s.AFaire)
		}
		if c := string(a.code); c[0] >= '2' && c[0] <= '9' && a.degrade && !strings.Contains(s.AFaire, "mode dégradé") {
			t.Errorf("%s : ce qu'il faut faire ne dit pas le mode dégradé", a.code)
		}
	}
	if x := visiodroits.ServiceNonOuvert.Signification().AFaire; strings.Contains(x, "dégradé") {
		t.Errorf("200 : %q", x)
	}
}

func TestCodeTexte(t *testing.T) {
	for _, s := range visiodroits.Code("").Codes() {
		b, err := json.Marshal(visiodroits.Code(s))
		var lu visiodroits.Code
		if err != nil || json.Unmarshal(b, &lu) != nil || string(lu) != s || lu.String() != s {
			t.Errorf("%s : %s, %v", s, b, err)
		}
	}
	for _, s := range []string{"202 ", "0", "205", "F700", "F712", "T610", "S501", "é"} {
		if c, err := visiodroits.ParseCode(s); !errors.Is(err, visiodroits.ErrCode) || c != "" {
			t.Errorf("%q : %q, %v", s, c, err)
		}
		var c visiodroits.Code
		if err := c.UnmarshalText([]byte(s)); !errors.Is(err, visiodroits.ErrCode) {
			t.Errorf("%q : %v", s, err)
		}
	}
	c := visiodroits.Fournis
	if err := c.UnmarshalText(nil); err != nil || c != "" {
		t.Errorf("vide : %q, %v", c, err)
	}
	if s := visiodroits.Code("999").Signification(); s != (visiodroits.Signification{}) {
		t.Errorf("inconnu : %+v", s)
	}
}
