package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Bounds of what a return carries, as its wire form says. ref: ROC §17.3
const (
	referenceMax = 35
	finCompte    = 4
	precisionMax = 500
)

// verifierOrdre checks the bank order of a payment: what its return could not carry is
// refused with the name of its option.
func verifierOrdre(c *cli.Command) error {
	if r := c.String("reference"); len(r) < 1 || len(r) > referenceMax || strings.TrimSpace(r) != r || !imprimable(r) {
		return fmt.Errorf("--reference : de 1 à %d caractères imprimables attendus, sans accent ni espace au bord", referenceMax)
	}
	if k := c.String("compte"); k != "" && (len(k) != finCompte || strings.Contains(k, " ") || !imprimable(k)) {
		return fmt.Errorf("--compte : les %d derniers caractères du compte sont attendus", finCompte)
	}
	if sante.ContientNIR(c.String("reference")) {
		return fmt.Errorf("--reference : %w", sante.ErrTexteNIR)
	}
	if c.String("montant") != "" {
		if _, err := montantVerse(c); err != nil {
			return err
		}
	}
	return verifierMotif(c)
}

// verifierMotif checks the reason of a reject, or of a part that waits.
func verifierMotif(c *cli.Command) error {
	k := roc.Code(c.String("motif"))
	if k.Libelle() != "" && k.Famille() == 'F' {
		return nil
	}
	var connus []string
	for _, s := range roc.Significations() {
		if s.Code.Famille() == 'F' {
			connus = append(connus, string(s.Code))
		}
	}
	slices.Sort(connus)
	return fmt.Errorf("--motif : un code F du profil est attendu : %s", strings.Join(connus, ", "))
}

// verifierRejet checks what a reject says.
func verifierRejet(c *cli.Command) error {
	p := c.String("precision")
	switch {
	case !utf8.ValidString(p) || utf8.RuneCountInString(p) > precisionMax:
		return fmt.Errorf("--precision : %d caractères au plus", precisionMax)
	case sante.ContientNIR(p):
		return fmt.Errorf("--precision : %w", sante.ErrTexteNIR)
	}
	return verifierMotif(c)
}

// montantVerse reads the part that is paid of an invoice.
func montantVerse(c *cli.Command) (sante.Montant, error) {
	m, err := sante.ParseMontant(c.String("montant"))
	if err == nil && m <= 0 {
		err = errors.New("plus de zéro attendu")
	}
	if err != nil {
		return 0, fmt.Errorf("--montant : %w", err)
	}
	return m, nil
}

func imprimable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
