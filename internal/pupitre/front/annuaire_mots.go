package front

import (
	"strconv"
	"time"
)

// milliers writes a number as one reads it in French.
func milliers(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// age says how old something is, in the largest unit that tells.
func age(d time.Duration) string {
	for _, u := range []struct {
		d        time.Duration
		un, plus string
	}{{24 * time.Hour, "un jour", "jours"}, {time.Hour, "une heure", "heures"}, {time.Minute, "une minute", "minutes"}} {
		switch n := int(d / u.d); {
		case n == 1:
			return "il y a " + u.un
		case n > 1:
			return "il y a " + strconv.Itoa(n) + "\u00a0" + u.plus
		}
	}
	return "à l'instant"
}
