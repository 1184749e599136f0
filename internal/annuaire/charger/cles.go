package charger

import (
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// texte is a field of a file, or of a record.
type texte interface{ ~string | ~[]byte }

// ClePraticien is what makes the identifier of a professional: the national number and
// the profession. One who is registered in the same profession under another category
// than civil (a military doctor, a student) is another record, as at the source.
// hyp: CHARGER-CLES
func ClePraticien(idNat, profession, categorie string) string {
	cle := idNat + "|" + profession
	if categorie != "" && categorie != "C" {
		cle += "|" + categorie
	}
	return cle
}

// IDPraticien is the identifier of a professional.
func IDPraticien(idNat, profession, categorie string) string {
	return annuaire.NouvelID(annuaire.Praticiens, ClePraticien(idNat, profession, categorie))
}

// NumerosStructure are the numbers by which a file names a structure.
type NumerosStructure[T texte] struct {
	FINESS, FINESSJuridique, IDTechnique, SIRET, SIREN T
	Juridique                                          bool // a legal entity: its own number is FINESSJuridique
	// Raison, CodePostal and Voie stand for the number of a structure that has none.
	Raison, CodePostal, Voie T
}

// AppendCle appends the key of a structure: its FINESS, else the technical identifier
// that the files give it, else its SIRET or SIREN, else its name and place; nothing
// when nothing is said. The prefix is that of the technical identifiers met in the
// files, so that "F" and a FINESS is the same structure whoever says it.
// hyp: CHARGER-CLES
func (n *NumerosStructure[T]) AppendCle(b []byte) []byte {
	switch {
	case n.Juridique && len(n.FINESSJuridique) > 0:
		b = append(append(b, 'F'), n.FINESSJuridique...)
	case len(n.FINESS) > 0:
		b = append(append(b, 'F'), n.FINESS...)
	case len(n.IDTechnique) > 0:
		b = append(b, n.IDTechnique...)
	case len(n.SIRET) > 0:
		b = append(append(b, 'C'), n.SIRET...)
	case len(n.SIREN) > 0:
		b = append(append(b, 'S'), n.SIREN...)
	case len(n.Raison) > 0:
		b = append(append(b, "R|"...), n.Raison...)
		b = append(append(b, '|'), n.CodePostal...)
		b = append(append(b, '|'), n.Voie...)
	}
	return b
}

// IDStructure is the identifier of a structure by one of its numbers, as
// [NumerosStructure] makes keys.
func IDStructure(cle string) string { return annuaire.NouvelID(annuaire.Structures, cle) }

// IDReseau is the identifier of a network of care.
func IDReseau(identifiant string) string {
	return annuaire.NouvelID(annuaire.Structures, "N|"+identifiant)
}

// IDSituation is the identifier of a situation: who, where, and all that tells one of
// his activities there from another.
func IDSituation(s *annuaire.Situation) string {
	var t [256]byte
	b := t[:0]
	for _, x := range [...]string{s.Praticien, s.Structure, s.SavoirFaire.Type.Code, s.SavoirFaire.Savoir.Code,
		s.Mode.Code, s.SectionPharmacien.Code, s.Fonction.Code, s.Genre.Code} {
		b = append(append(b, x...), '|')
	}
	return annuaire.NouvelID(annuaire.Situations, string(b))
}

// appendCleParType appends the key that a kind of number makes, as the files of
// mailboxes, certificates and members write kinds: by a digit of TRE_G07 or by a word.
// The number may carry its own digit first. hyp: CHARGER-CLES
func appendCleParType[T texte](b []byte, sorte, numero T) []byte {
	nu := func(n int) T {
		if len(numero) == n+1 {
			return numero[1:]
		}
		return numero
	}
	switch string(sorte) {
	case "1", "FINESS", "FINEG", "FINEJ":
		return append(append(b, 'F'), nu(9)...)
	case "2", "SIREN":
		return append(append(b, 'S'), nu(9)...)
	case "3", "SIRET":
		return append(append(b, 'C'), nu(14)...)
	}
	return append(b, numero...)
}
