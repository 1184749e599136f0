package preuve

// Inclusion is the proof that a leaf is in a journal: as JSON, it is what the
// address /journal/preuve/… answers.
type Inclusion struct {
	// Point is the signed checkpoint, as published.
	Point string `json:"pointDeControle"`
	// Rang is the leaf's, from 0.
	Rang int64 `json:"rang"`
	// Feuille is the datum H.
	Feuille Hash `json:"feuille"`
	// Chemin is the audit path, from the leaf to the root.
	Chemin []Hash `json:"chemin"`
}

// Verifier checks the checkpoint's signature and the proof, and gives the
// checkpoint.
func (i Inclusion) Verifier(cle Cle, cosignataires ...Cle) (PointControle, error) {
	p, err := OuvrirPointControle([]byte(i.Point), cle, cosignataires...)
	if err != nil {
		return p, err
	}
	return p, VerifierInclusion(p, i.Rang, i.Feuille, i.Chemin)
}
