package etablissement

import (
	"errors"
	"strings"
	"testing"
)

// The check value of CRC-16/CCITT-FALSE is public: 0x29B1 for "123456789".
func TestCRC16(t *testing.T) {
	if got := crc16("123456789"); got != 0x29B1 {
		t.Errorf("%04X, want 29B1", got)
	}
}

const carteFictive = "01|775671993|RO|94|FICTIF-001|20260101|20261231|"

func TestLireDatamatrix(t *testing.T) {
	avec := func(corps string) string { return corps + ecrireCRC(strings.TrimSuffix(corps, "|")) }
	for _, c := range []struct {
		nom, s string
		ok     bool
	}{
		{"carte lue", avec(carteFictive), true},
		{"sans convention ni CSR", avec("01|775671993|||FICTIF-001|20260101|20261231|"), true},
		{"somme fausse", carteFictive + "0000", false},
		{"somme en minuscules", strings.ToLower(avec(carteFictive)), false},
		{"autre version", avec("02|775671993|RO|94|FICTIF-001|20260101|20261231|"), false},
		{"zone manquante", avec("01|775671993|RO|94|FICTIF-001|20260101|"), false},
		{"AMC trop courte", avec("01|7756|RO|94|FICTIF-001|20260101|20261231|"), false},
		{"adhérent vide", avec("01|775671993|RO|94||20260101|20261231|"), false},
		{"jour qui n'existe pas", avec("01|775671993|RO|94|FICTIF-001|20260230|20261231|"), false},
		{"fin avant début", avec("01|775671993|RO|94|FICTIF-001|20261231|20260101|"), false},
		{"convention trop longue", avec("01|775671993|ROC|94|FICTIF-001|20260101|20261231|"), false},
		{"trop long", avec("01|775671993|RO|94|" + strings.Repeat("F", 200) + "|20260101|20261231|"), false},
		{"vide", "", false},
	} {
		a, err := LireDatamatrix(c.s)
		if (err == nil) != c.ok {
			t.Errorf("%s : %v", c.nom, err)
		}
		if err != nil && !errors.Is(err, ErrDonnees) {
			t.Errorf("%s : %v n'est pas un refus de données", c.nom, err)
		}
		if err != nil && strings.Contains(err.Error(), "FICTIF") {
			t.Errorf("%s : l'erreur dit le numéro d'adhérent", c.nom)
		}
		if c.ok && EcrireDatamatrix(a) != c.s {
			t.Errorf("%s : relu %q", c.nom, EcrireDatamatrix(a))
		}
	}
}

func ecrireCRC(s string) string {
	const chiffres = "0123456789ABCDEF"
	c := crc16(s)
	return string([]byte{chiffres[c>>12], chiffres[c>>8&15], chiffres[c>>4&15], chiffres[c&15]})
}

func FuzzLireDatamatrix(f *testing.F) {
	f.Add(carteFictive + ecrireCRC(strings.TrimSuffix(carteFictive, "|")))
	f.Add("01|||||||")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := LireDatamatrix(s)
		if err == nil && EcrireDatamatrix(a) != s {
			t.Errorf("%q relu %q", s, EcrireDatamatrix(a))
		}
	})
}
