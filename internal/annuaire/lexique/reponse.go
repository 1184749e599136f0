package lexique

// Demande is a question as a person writes it.
type Demande struct {
	Texte    string
	Nombre   int  // answers wanted, up to [NombreMax]; 0 for 10
	EnFrappe bool // the last word is perhaps not finished
}

// Trouve is a record that answers.
type Trouve struct {
	Source  int // its place among those asked
	Ordinal uint32
	Cout    uint16 // 0 for the nearest
	Poids   int    // as the source said
	par     uint64
	mot     uint16
}

// Par says in which field a word of the question was met and how; false for a word
// that the record does not bear.
func (t Trouve) Par(mot int) (Champ, Classe, bool) {
	x := uint8(t.par >> (8 * mot))
	if mot >= TermesMax || x == 0 {
		return 0, 0, false
	}
	return Champ(x >> 4), Classe(x&15 - 1), true
}

// Avant is the order of answers.
func (t Trouve) Avant(u Trouve) bool {
	if t.Cout != u.Cout {
		return t.Cout < u.Cout
	}
	if t.Poids != u.Poids {
		return t.Poids > u.Poids
	}
	return t.Source < u.Source || t.Source == u.Source && t.Ordinal < u.Ordinal
}

// Reponse is what was found, nearest first. Its slice is valid until the next search.
type Reponse struct {
	Trouves []Trouve
	Mots    int  // words sought, those that [Trouve.Par] numbers
	Partiel bool // others may answer as well: the question is broad, or the work reached its bound
	Ignores int  // words or ends of words left out: the question is too long
	Absents bool // no record bears all the words: these bear all but some
}
