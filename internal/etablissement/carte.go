package etablissement

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// datamatrixMax bounds what is read from a card.
const datamatrixMax = 120

// LireDatamatrix reads the block of an insurer's card, in our test layout
// 01|numeroAMC|typeConv|CSR|numeroAdherent|AAAAMMJJ|AAAAMMJJ|crc16, where the
// check is CRC-16/CCITT-FALSE, four capital hexadecimal digits, of all that
// precedes its separator. ref: ROC §15.6 // hyp: DATAMATRIX-CRC
func LireDatamatrix(s string) (Attestation, error) {
	const forme = "Code de la carte illisible : le lire de nouveau, ou saisir la carte."
	refus := func(precision string) (Attestation, error) {
		return Attestation{}, &Erreur{Sorte: ErrDonnees, Code: roc.Illisible, Detail: forme + " " + precision}
	}
	if len(s) > datamatrixMax {
		return refus("Trop long.")
	}
	champs := strings.Split(s, "|")
	if len(champs) != 8 || champs[0] != "01" {
		return refus("Huit zones attendues, dont la première est 01.")
	}
	corps := s[:strings.LastIndexByte(s, '|')]
	if fmt.Sprintf("%04X", crc16(corps)) != champs[7] {
		return refus("La somme de contrôle est fausse.")
	}
	a := Attestation{TypeConvention: champs[2], CSR: champs[3], ModeAcquisition: roc.Datamatrix}
	var err error
	if a.NumeroAMC, err = sante.ParseNumeroAMC(champs[1]); err != nil {
		return refus("Zone 2 : " + err.Error() + ".")
	}
	if a.NumeroAdherent, err = sante.ParseNumeroAdherent(champs[4]); err != nil {
		return refus("Zone 5 : " + err.Error() + ".")
	}
	for i, j := range []*sante.Jour{&a.ValiditeDebut, &a.ValiditeFin} {
		if *j, err = jourCompact(champs[5+i]); err != nil {
			return refus("Zone " + strconv.Itoa(6+i) + " : " + err.Error() + ".")
		}
	}
	return a, a.verifier()
}

// EcrireDatamatrix writes the block that LireDatamatrix reads.
func EcrireDatamatrix(a Attestation) string {
	compact := func(j sante.Jour) string { return strings.ReplaceAll(j.String(), "-", "") }
	corps := strings.Join([]string{"01", a.NumeroAMC.String(), a.TypeConvention, a.CSR,
		a.NumeroAdherent.String(), compact(a.ValiditeDebut), compact(a.ValiditeFin)}, "|")
	return fmt.Sprintf("%s|%04X", corps, crc16(corps))
}

func jourCompact(s string) (sante.Jour, error) {
	if len(s) != 8 {
		return 0, sante.ErrJour
	}
	return sante.ParseJour(s[:4] + "-" + s[4:6] + "-" + s[6:])
}

// crc16 is CRC-16/CCITT-FALSE: polynomial 0x1021, first value 0xFFFF.
func crc16(s string) uint16 {
	c := uint16(0xFFFF)
	for i := range len(s) {
		c ^= uint16(s[i]) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ 0x1021
			} else {
				c <<= 1
			}
		}
	}
	return c
}

// verifier checks what one field alone cannot say.
func (a *Attestation) verifier() error {
	switch {
	case a.NumeroAMC.IsZero() || a.NumeroAdherent.IsZero():
		return refuser(ErrDonnees, roc.Illisible, "Le numéro d'AMC et le numéro d'adhérent sont obligatoires.")
	case !graphique(a.TypeConvention, 2) || !graphique(a.CSR, 15):
		return refuser(ErrDonnees, roc.Illisible, "Le type de convention et le CSR sont des lettres et des chiffres, comme sur la carte.")
	case !a.ValiditeDebut.IsZero() && !a.ValiditeFin.IsZero() && a.ValiditeFin < a.ValiditeDebut:
		return refuser(ErrDonnees, roc.DatesIncoherentes, "La carte finit avant d'avoir commencé.")
	case strings.Contains(a.NumeroAdherent.String(), "|"):
		return refuser(ErrDonnees, roc.Illisible, "Le numéro d'adhérent ne contient pas de barre verticale.")
	}
	return nil
}

func graphique(s string, max int) bool {
	if len(s) > max {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}
