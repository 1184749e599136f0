package charger

import (
	"hash/maphash"

	"github.com/ecluse-sante/ecluse/rass"
)

// appendChamps appends the columns of a line from one to another, a bar after each.
func appendChamps(b []byte, l *rass.Ligne, de, a rass.Colonne) []byte {
	for c := de; c <= a; c++ {
		b = append(append(b, l.Champ(c)...), '|')
	}
	return b
}

// appendIDNat appends the national number of a person, made of its parts when the line
// does not have it whole.
func appendIDNat(b []byte, l *rass.Ligne, idNat, sorte, numero rass.Colonne) []byte {
	if x := l.Champ(idNat); len(x) > 0 {
		return append(b, x...)
	}
	if n := l.Champ(numero); len(n) > 0 {
		return append(append(b, l.Champ(sorte)...), n...)
	}
	return b
}

// personne puts the lines of a file about persons: the national number, then all
// columns.
func (x *lecteur) personne(e etiquette, idNat, sorte, numero rass.Colonne, n int) func(*rass.Ligne) error {
	return func(l *rass.Ligne) error {
		x.b = appendIDNat(x.b[:0], l, idNat, sorte, numero)
		if len(x.b) == 0 {
			x.sansNom(l)
			return nil
		}
		h := hacher(x.b)
		x.b = appendChamps(append(x.b, '|'), l, 0, rass.Colonne(n-1))
		x.vp.poser(h, e, byte(l.Operation()), x.b)
		return nil
	}
}

// attacher puts aside the lines that name a structure by a number of any kind.
func (x *lecteur) attacher(e etiquette, n int) func(*rass.Ligne) error {
	return func(l *rass.Ligne) error {
		x.b = appendChamps(x.b[:0], l, 0, rass.Colonne(n-1))
		return x.rattacher.poser(e, byte(l.Operation()), x.b)
	}
}

// duSite puts the lines about what a site has.
func (x *lecteur) duSite(e etiquette, finess, juridique rass.Colonne, n int) func(*rass.Ligne) error {
	return func(l *rass.Ligne) error {
		num := l.Champ(finess)
		if len(num) == 0 {
			num = l.Champ(juridique)
		}
		if len(num) == 0 {
			x.sansNom(l)
			return nil
		}
		id := x.structureID(append(append(x.cle[:0], 'F'), num...))
		x.b = append(append(x.b[:0], id...), '|')
		x.b = appendChamps(x.b, l, 0, rass.Colonne(n-1))
		x.vs.poser(hacher(id), e, byte(l.Operation()), x.b)
		return nil
	}
}

// sansNom counts a line that names nobody.
func (x *lecteur) sansNom(*rass.Ligne) { x.anonymes++ }

// structureID is the identifier made by a key; the lines of one structure often follow
// each other.
func (x *lecteur) structureID(cle []byte) string {
	x.cle = cle
	if len(cle) == 0 {
		return ""
	}
	if x.idEnCle != string(cle) {
		x.idEnCle = string(cle)
		x.id = IDStructure(x.idEnCle)
	}
	return x.id
}

// The person's part of a line of Personne_activite, after the national number.
const (
	qTypeID = 1 + iota
	qNumero
	qCiviliteExercice
	_
	qCivilite
	_
	qNom
	qPrenom
	qProfession
	_
	qCategorie
	_
	qTypeSavoir
	_
	qSavoir
	_
	qMode
	_
	qStructure
	qAutorite
	qSection
	_
	qRole
	_
	qGenre
	_
	qFin
)

// activite cuts a line in two: what the person does, and where.
func (x *lecteur) activite(l *rass.Ligne) error {
	x.b = appendIDNat(x.b[:0], l, rass.PAIDNat, rass.PATypeIdentifiant, rass.PAIdentifiant)
	if len(x.b) == 0 {
		x.sansNom(l)
		return nil
	}
	h := hacher(x.b)
	n := NumerosStructure[[]byte]{FINESS: l.Champ(rass.PAFINESS), FINESSJuridique: l.Champ(rass.PAFINESSJuridique),
		IDTechnique: l.Champ(rass.PAIDTechnique), SIRET: l.Champ(rass.PASIRET), SIREN: l.Champ(rass.PASIREN),
		Raison: l.Champ(rass.PARaisonSociale), CodePostal: l.Champ(rass.PACodePostal), Voie: l.Champ(rass.PALibelleVoie)}
	id := x.structureID(n.AppendCle(x.cle[:0]))
	b := appendChamps(append(x.b, '|'), l, rass.PATypeIdentifiant, rass.PAIdentifiant)
	b = appendChamps(b, l, rass.PACodeCiviliteExercice, rass.PAMode)
	b = append(append(b, id...), '|')
	b = appendChamps(b, l, rass.PAAutorite, rass.PAAutorite)
	b = appendChamps(b, l, rass.PACodeSection, rass.PAGenre)
	x.vp.poser(h, pActivite, byte(l.Operation()), b)
	x.b = b
	if id == "" || l.Operation() == rass.Retrait {
		return nil
	}
	b = append(append(x.b[:0], id...), '|')
	b = appendChamps(b, l, rass.PASIRET, rass.PAAncienID)
	b = appendChamps(b, l, rass.PACodeSecteur, rass.PASecteur)
	x.b = b
	if x.dites.ajouter(maphash.Bytes(x.graine, b)) {
		x.vs.poser(hacher(id), sActivite, 0, b)
	}
	return nil
}

// structureFINESS puts a line of the structures.
func (x *lecteur) structureFINESS(l *rass.Ligne) error {
	n := NumerosStructure[[]byte]{FINESS: l.Champ(rass.STFINESS), FINESSJuridique: l.Champ(rass.STFINESSJuridique),
		IDTechnique: l.Champ(rass.STIDTechnique), SIRET: l.Champ(rass.STSIRET), SIREN: l.Champ(rass.STSIREN),
		Raison: l.Champ(rass.STRaisonSociale), CodePostal: l.Champ(rass.STCodePostal), Voie: l.Champ(rass.STLibelleVoie),
		Juridique: estJuridique(l.Champ(rass.STNature))}
	id := x.structureID(n.AppendCle(x.cle[:0]))
	if id == "" {
		x.sansNom(l)
		return nil
	}
	x.b = append(append(x.b[:0], id...), '|')
	x.b = appendChamps(x.b, l, 0, rass.STNombre-1)
	x.vs.poser(hacher(id), sFINESS, byte(l.Operation()), x.b)
	return nil
}

func (x *lecteur) reseau(l *rass.Ligne) error {
	num := l.Champ(rass.REIdentifiant)
	if len(num) == 0 {
		x.sansNom(l)
		return nil
	}
	id := IDReseau(string(num))
	x.b = append(append(x.b[:0], id...), '|')
	x.b = appendChamps(x.b, l, 0, rass.RENombre-1)
	x.vs.poser(hacher(id), sReseau, byte(l.Operation()), x.b)
	return nil
}

// estJuridique reads the kind of a structure in a file. hyp: CHARGER-NATURE
func estJuridique[T texte](nature T) bool {
	switch string(nature) {
	case "EJ", "LEGAL-ENTITY":
		return true
	}
	return false
}
