package charger

import (
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// code makes a code of two columns that follow each other.
func code(l []string, i int) annuaire.Code { return annuaire.Code{Code: l[i], Libelle: l[i+1]} }

// jourLu reads a day as files write it: 2026-03-01, 01/03/2026, 20260301.
func jourLu(s string) (sante.Jour, bool) {
	switch len(s) {
	case 0:
		return 0, true
	case 8:
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	case 10:
		if s[2] == '/' && s[5] == '/' {
			s = s[6:] + "-" + s[3:5] + "-" + s[:2]
		}
	default:
		if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
			s = s[:10]
		}
	}
	j, err := sante.ParseJour(s)
	return j, err == nil
}

// jour reads a day of a record; one that cannot be read is noted and left aside.
func (w *ouvrier) jourDe(n annuaire.Nature, id, champ, s string) sante.Jour {
	j, ok := jourLu(s)
	if !ok {
		w.compte.fiche(annuaire.DDate, n, id, "", champ, s)
	}
	return j
}

// coordonnee reads degrees written with a point or a comma, in millionths, without
// going through a floating number.
func coordonnee(s string) (int32, bool) {
	signe, vu, decimales := int64(1), false, -1
	var n int64
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case i == 0 && (c == '-' || c == '+'):
			if c == '-' {
				signe = -1
			}
		case (c == '.' || c == ',') && decimales < 0:
			decimales = 0
		case c >= '0' && c <= '9':
			vu = true
			if decimales >= 6 { // beyond a millionth: 10 cm
				continue
			}
			if n = n*10 + int64(c-'0'); n > 1<<40 {
				return 0, false
			}
			if decimales >= 0 {
				decimales++
			}
		default:
			return 0, false
		}
	}
	for decimales = max(decimales, 0); decimales < 6; decimales++ {
		n *= 10
	}
	if !vu || n > 180_000_000 {
		return 0, false
	}
	return int32(signe * n), true
}

// places reads a number of places, 0 when it is not said.
func placesLues(s string) int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return int32(n)
}

// adresse makes an address of the fourteen columns that all files write in one order,
// then the four means to reach, then the department. ref: RASS §5.1 columns 27–46
func adresse(l []string) annuaire.Coordonnees {
	return annuaire.Coordonnees{
		Destinataire: l[0], PointGeographique: l[1], NumeroVoie: l[2], Indice: l[3], TypeVoie: code(l, 4), LibelleVoie: l[6],
		Mention: l[7], BureauCedex: l[8], CodePostal: l[9], Commune: code(l, 10), Pays: code(l, 12),
		Telephone: l[14], Telephone2: l[15], Telecopie: l[16], Courriel: l[17], Departement: code(l, 18),
	}
}

// naissance reads a day of birth: one that cannot be read is noted without being told.
func (w *ouvrier) naissance(id, s string) sante.Jour {
	j, ok := jourLu(s)
	if !ok {
		w.compte.fiche(annuaire.DDate, annuaire.Praticiens, id, "", "naissance", "")
	}
	return j
}
