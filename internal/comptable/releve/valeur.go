package releve

import (
	"errors"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// jour reads a day written 2026-03-01 or, as in France, 01/03/2026 (also with
// points or hyphens). A year of two digits is refused.
func jour(s string) (sante.Jour, bool) {
	if len(s) == 10 && (s[2] == '/' || s[2] == '.' || s[2] == '-') && s[5] == s[2] {
		s = s[6:] + "-" + s[3:5] + "-" + s[:2]
	}
	j, err := sante.ParseJour(s)
	return j, err == nil && j.Annee() >= 1990
}

// montant reads an amount with a decimal comma or point, its thousands apart or
// not, with a sign or not. "1,234" and "1.234" are refused: they may be either.
func montant(s string) (sante.Montant, bool) {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(s), "€"), "EUR"))
	negatif := strings.HasPrefix(s, "-") || strings.HasPrefix(s, "−")
	s = strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(s, "-"), "−"), "+"), " \u00a0\u202f")
	virgule := strings.LastIndexAny(s, ",.")
	entiers, decimales := s, ""
	if virgule >= 0 {
		entiers, decimales = s[:virgule], s[virgule+1:]
		if len(decimales) == 0 || len(decimales) > 2 {
			return 0, false
		}
	}
	entiers, ok := milliers(entiers)
	if !ok || len(entiers) == 0 || len(entiers) > 10 || !chiffres(decimales) {
		return 0, false
	}
	entiers = strings.TrimLeft(entiers, "0")
	if entiers == "" {
		entiers = "0"
	}
	m, err := sante.ParseMontant(entiers + "." + (decimales + "00")[:2])
	if negatif {
		m = -m
	}
	return m, err == nil
}

// milliers takes off what parts the thousands, which must be groups of three and
// the same throughout.
func milliers(s string) (string, bool) {
	if chiffres(s) {
		return s, true
	}
	for _, sep := range []string{" ", "\u00a0", "\u202f", ".", ",", "'"} {
		groupes := strings.Split(s, sep)
		bon := len(groupes) > 1 && len(groupes[0]) > 0 && len(groupes[0]) <= 3 && chiffres(groupes[0])
		for _, g := range groupes[1:] {
			bon = bon && len(g) == 3 && chiffres(g)
		}
		if bon {
			return strings.Join(groupes, ""), true
		}
	}
	return "", false
}

func chiffres(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// compte keeps of an account its letters and digits, in capitals.
func compte(s string) (string, bool) {
	s = strings.ToUpper(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "\u00a0", ""))
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return "", false
		}
	}
	return s, len(s) >= 4 && len(s) <= 34
}

// VerifierCompte tells what is wrong with the account that a person gives for a file
// which does not say it: the length or the key of an IBAN, or what is no account.
func VerifierCompte(s string) error {
	c, ok := compte(s)
	if !ok {
		return errors.New("numéro de compte attendu : un IBAN, ou de 4 à 34 lettres et chiffres")
	}
	if c[0] <= '9' {
		return nil
	}
	_, err := sante.ParseIBAN(c)
	return err
}

// Bounds of what is kept of a line, in bytes.
const (
	referenceMax = 70
	libelleMax   = 1000
)

// couper bounds a label, between two letters.
func couper(s string) string {
	if len(s) <= libelleMax {
		return s
	}
	n := libelleMax
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
