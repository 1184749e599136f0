package visiodroits

// Categorie is the trade of a health professional: the one list of both profiles.
// ref: VISIO §5.1
type Categorie string

// The trades.
const (
	Pharmacie   Categorie = "PHAR"
	Laboratoire Categorie = "LABO"
	Opticien    Categorie = "OPTI"
	Audio       Categorie = "AUDIO"
	Auxiliaire  Categorie = "AUXM"
	AutreMetier Categorie = "AUTR"
)

// Codes is the closed list of trades.
func (Categorie) Codes() []string { return []string{"PHAR", "LABO", "OPTI", "AUDIO", "AUXM", "AUTR"} }

// Libelle is the trade in French.
func (c Categorie) Libelle() string {
	switch c {
	case Pharmacie:
		return "pharmacie"
	case Laboratoire:
		return "laboratoire de biologie"
	case Opticien:
		return "opticien"
	case Audio:
		return "audioprothésiste"
	case Auxiliaire:
		return "auxiliaire médical"
	}
	return "autre profession"
}
