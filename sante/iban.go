package sante

import (
	"errors"
	"strings"
)

// Errors of ParseIBAN: what is wrong, never the value received.
var (
	ErrIBANForme    = errors.New("IBAN illisible : deux lettres de pays et deux chiffres sont attendus, puis des lettres et des chiffres seulement")
	ErrIBANLongueur = errors.New("IBAN trop court ou trop long pour son pays (27 caractères en France)")
	ErrIBANCle      = errors.New("IBAN inexact : sa clé de contrôle ne va pas avec ses autres caractères")
)

// IBAN is an international bank account number. It never shows itself in a log.
type IBAN struct{ secret }

// Masque shows the country, the key and the last four characters: enough for who knows the
// account to know it again.
func (n IBAN) Masque() string {
	if n.IsZero() {
		return ""
	}
	return n.s[:4] + " … " + n.s[len(n.s)-4:]
}

// SEPA tells whether the account is in a country of the single euro payments area.
// ref: EPC 409-09
func (n IBAN) SEPA() bool { return !n.IsZero() && longueursIBAN[n.s[:2]] != 0 }

// longueursIBAN are those of the countries of the single euro payments area; of
// another country, only the bounds of the standard are checked. ref: ISO 13616 // hyp: COMPTE-LOCAL
var longueursIBAN = map[string]int{"AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27,
	"GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15,
	"PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22}

// ParseIBAN checks an IBAN: its letters and digits, the length of its country, and
// its ISO 7064 MOD 97-10 key. Spaces are left out, as it is printed by groups of
// four. ref: ISO 13616
func ParseIBAN(s string) (IBAN, error) {
	s = strings.ReplaceAll(s, " ", "")
	if len(s) < 4 || !majuscules(s[:2]) || !numerique(s[2:4]) {
		return IBAN{}, ErrIBANForme
	}
	// The key is the rest of a division by 97, of a number whose letters are 10 to 35.
	reste := 0
	for i := range len(s) {
		v := rang37(s[(i+4)%len(s)])
		switch {
		case v < 0:
			return IBAN{}, ErrIBANForme
		case v > 9:
			reste = (reste*100 + v) % 97
		default:
			reste = (reste*10 + v) % 97
		}
	}
	switch n := longueursIBAN[s[:2]]; {
	case n != 0 && len(s) != n, len(s) < 15, len(s) > 34:
		return IBAN{}, ErrIBANLongueur
	case reste != 1:
		return IBAN{}, ErrIBANCle
	}
	return IBAN{secret{texte{s}}}, nil
}

// UnmarshalText reads the number as ParseIBAN does.
func (n *IBAN) UnmarshalText(b []byte) (err error) { *n, err = ParseIBAN(string(b)); return err }

// Motif is the pattern of the text form.
func (IBAN) Motif() string { return `[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}` }

func majuscules(s string) bool { return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" }
