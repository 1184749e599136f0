package serveur

import "testing"

// Nobody owes the properties of baseline B unless the configuration says so.
func TestExigence(t *testing.T) {
	for _, c := range []struct {
		structures []string
		structure  string
		want       bool
	}{
		{nil, "2999100803", false}, {[]string{"2999100803"}, "2999100803", true}, {[]string{"2999100803"}, "2999100407", false},
		{[]string{"*"}, "2999100407", true}, {[]string{"2999100803", "*"}, "2999100407", true}, {[]string{"2999100803"}, "", false},
	} {
		if got := exigence(c.structures)(c.structure); got != c.want {
			t.Errorf("%v de %q : %v", c.structures, c.structure, got)
		}
	}
}
