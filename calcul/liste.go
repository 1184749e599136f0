package calcul

// entree is a code of a closed list and its label, in French.
type entree struct{ code, libelle string }

// codifie is a type of codes: it knows its list.
type codifie interface {
	~string
	liste() []entree
}

func codesDe(l []entree) []string {
	codes := make([]string, len(l))
	for i, e := range l {
		codes[i] = e.code
	}
	return codes
}

func libelleDe(l []entree, code string) string {
	for _, e := range l {
		if e.code == code {
			return e.libelle
		}
	}
	return ""
}

// connu tells whether a code is of its list; "not said" is not.
func connu[C codifie](c C) bool { return libelleDe(c.liste(), string(c)) != "" }

// ouDefaut is the code, or the default when it is not said.
func ouDefaut[C codifie](c, defaut C) C {
	if c == "" {
		return defaut
	}
	return c
}
