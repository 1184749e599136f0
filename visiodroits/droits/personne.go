package droits

import (
	"crypto/hmac"
	"crypto/sha256"
	"log/slog"
	"strconv"

	"github.com/ecluse-sante/ecluse/sante"
)

// Personne is who rights are asked for, as an AMC knows its beneficiaries: the
// number of adherent, the date and the rank of birth. ref: VISIO §5.1
type Personne struct {
	NumeroAdherent sante.NumeroAdherent
	DateNaissance  sante.DateNaissance
	RangGemellaire int
}

// LogValue hides the person from the logs.
func (Personne) LogValue() slog.Value { return slog.StringValue("[masqué]") }

// complete tells whether the three parts were said.
func (p Personne) complete() bool {
	return !p.NumeroAdherent.IsZero() && !p.DateNaissance.IsZero() && p.RangGemellaire >= 1 && p.RangGemellaire <= 9
}

// condense is the keyed digest of the person. The date has eight digits and the
// rank one: a number of adherent that holds the separator is not taken for another.
func (p Personne) condense(cle []byte) Empreinte {
	h := hmac.New(sha256.New, cle)
	b := make([]byte, 0, 64)
	b = append(append(b, p.NumeroAdherent.String()...), '|')
	b = append(append(b, p.DateNaissance.String()...), '|')
	h.Write(strconv.AppendInt(b, int64(p.RangGemellaire), 10))
	return Empreinte(h.Sum(nil))
}

// Empreinte is what an accreditation carries of its beneficiary. The number of the
// accreditation is the key: two accreditations of a person do not resemble each
// other, and who has not the number learns nothing. Who has it and guesses the
// person can confirm the guess. ref: VISIO §6 // hyp: EMPREINTE-BENEFICIAIRE
func (p Personne) Empreinte(n NumeroAccreditation) Empreinte {
	return p.condense([]byte(n.s))
}
