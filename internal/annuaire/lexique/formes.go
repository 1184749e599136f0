package lexique

// Formes gives to f each form under which a text is filed: its words, what a hyphen
// or an apostrophe joins written as one word (JEAN-PIERRE also as JEANPIERRE), and
// the particles joined to the word they precede (LE GOFF also as LEGOFF, DE LA TOUR
// also as LATOUR and DELATOUR). A form may come twice. The slice given to f is valid
// during the call. // hyp: MOTS-PLIES
func (m *Mots) Formes(f func(mot []byte)) {
	for i := range m.mots {
		f(m.Mot(i))
	}
	for i := 1; i < len(m.mots); i++ {
		if m.mots[i].Lie && (i+1 == len(m.mots) || !m.mots[i+1].Lie) {
			f(m.joindre(m.chaine(i), i))
		}
		for j := i - 1; j >= 0 && i-j <= 3 && Particule(m.Mot(j)); j-- {
			f(m.joindre(j, i))
		}
	}
}

// Simple tells whether the text is one word, particles aside: DUPONT or LE GOFF, and
// not DUPONT-MARTIN. Who asks for Dupont means him first; see [Source].
func (m *Mots) Simple() bool {
	n := 0
	for i := range m.mots {
		if !Particule(m.Mot(i)) {
			n++
		}
	}
	return n <= 1
}

// chaine is where the run of joined words that ends at i begins.
func (m *Mots) chaine(i int) int {
	for i > 0 && m.mots[i].Lie {
		i--
	}
	return i
}

// joindre writes the words from i to j as one.
func (m *Mots) joindre(i, j int) []byte {
	m.joint = m.joint[:0]
	for ; i <= j; i++ {
		m.joint = append(m.joint, m.Mot(i)...)
	}
	return m.joint[:min(len(m.joint), MotMax)]
}

// Particule tells the small words of a name that an asker often leaves out or glues
// to the next one. // hyp: MOTS-PLIES
func Particule(mot []byte) bool {
	if len(mot) > 4 {
		return false
	}
	switch string(mot) {
	case "D", "DE", "DU", "DES", "L", "LE", "LA", "LES", "ET", "EN", "AUX", "AU", "SUR", "SOUS",
		"VAN", "VON", "DER", "DEN", "TEN", "TER", "ZU", "DI", "DA", "DO", "DOS", "DAS", "DEL",
		"EL", "AL", "BEN", "BIN", "IBN", "ABU", "ABOU", "AIT", "OULD", "Y", "E", "MC", "MAC", "O":
		return true
	}
	return false
}
