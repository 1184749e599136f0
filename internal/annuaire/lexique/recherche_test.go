package lexique

import "testing"

// At least 95 of 100 persons are found by a question with a typing mistake in their
// name. ref: DEC 36
func TestRappelQuestion(t *testing.T) { rappel(t, petitMonde(), 3000) }
