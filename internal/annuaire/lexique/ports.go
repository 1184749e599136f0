package lexique

// Champ is the kind of words that a dictionary holds.
type Champ uint8

// The kinds of words of a question put to the directory.
const (
	Nom     Champ = iota // family name; name of a structure when structures are sought
	Prenom               // given name
	Metier               // labels of professions, savoir-faire, categories
	Commune              // place, and postal codes as words
	Lieu                 // name of the structure where a professional works
	nChamps
)

// String is the word that a reader sees.
func (c Champ) String() string {
	if c < nChamps {
		return [...]string{"nom", "prénom", "métier", "commune", "structure"}[c]
	}
	return "?"
}

// Source is one segment of the directory, for the records of one nature, known by
// their ordinals. What it answers stays valid and unchanged during a search.
type Source interface {
	// Lexique is the dictionary of a kind of words, nil when the source has none.
	Lexique(c Champ) *Lexique
	// Postings are the ordinals of the records that bear a word, sorted, without
	// repetition; not copied, not changed.
	Postings(c Champ, mot uint32) []uint32
	// Poids orders records that answer equally well, the greatest first: a name that
	// is [Mots.Simple], then an active mailbox, then a situation. Without the first,
	// those who bear a double name hide those who bear one half of it. Negative: the
	// record must not be answered.
	Poids(ordinal uint32) int
}
