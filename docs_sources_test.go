package ecluse_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

var (
	citee    = regexp.MustCompile(`\[(S[0-9]+b?)\]`)
	rangee   = regexp.MustCompile(`(?m)^\| (S[0-9]+b?(?:(?:, | à )S[0-9]+b?)*) \|`)
	uneOuDes = regexp.MustCompile(`(S[0-9]+b?)( à )?`)
)

// Every source that a user may read of in an explanation is told by docs/sources.md.
func TestSources(t *testing.T) {
	dites := map[string]bool{}
	for _, m := range rangee.FindAllStringSubmatch(lire(t, "docs/sources.md"), -1) {
		premier := 0
		for _, s := range uneOuDes.FindAllStringSubmatch(m[1], -1) {
			n, _ := strconv.Atoi(s[1][1:]) // S37b has no number: it begins no range
			for ; premier > 0 && premier < n; premier++ {
				dites[fmt.Sprint("S", premier)] = true
			}
			dites[s[1]] = true
			if premier = 0; s[2] != "" {
				premier = n + 1
			}
		}
	}
	if !dites["S6"] || !dites["S37b"] {
		t.Fatalf("docs/sources.md est mal lu : %v", dites)
	}
	arbre(t, func(chemin string) {
		if ext := filepath.Ext(chemin); ext != ".go" && ext != ".csv" && ext != ".md" {
			return
		}
		for _, m := range citee.FindAllStringSubmatch(lire(t, chemin), -1) {
			if !dites[m[1]] {
				t.Errorf("%s cite [%s], que docs/sources.md ne dit pas", chemin, m[1])
			}
		}
	})
}
