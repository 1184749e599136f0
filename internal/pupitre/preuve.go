package pupitre

import (
	"time"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Preuve is what ties an exchange to the journal of a party.
type Preuve struct {
	Journal  string        `json:"journal"`          // origin of the log, as its checkpoint says
	Feuille  preuve.Hash   `json:"feuille"`          // datum that the log holds
	Rang     int64         `json:"rang"`             // from 0
	Taille   int64         `json:"taille"`           // leaves covered by the checkpoint
	Racine   preuve.Hash   `json:"racine"`           // root of the tree
	Instant  time.Time     `json:"instant,omitzero"` // of the checkpoint
	Chemin   []preuve.Hash `json:"chemin"`           // from the leaf to the root
	Verifiee bool          `json:"verifiee"`         // checkpoint signed, leaf included
	Echec    string        `json:"echec,omitempty"`
	Point    []byte        `json:"-"` // signed checkpoint, as published
	Trace    []byte        `json:"-"` // record of the leaf, when shown
}

// PreuveDe checks an inclusion proof with the public key of a journal and tells
// it. When the record and its salt are given, the leaf is computed again from
// them: the proof is then of that record.
func PreuveDe(i preuve.Inclusion, cle preuve.Cle, sel, record []byte) *Preuve {
	p := &Preuve{Feuille: i.Feuille, Rang: i.Rang, Chemin: i.Chemin, Point: []byte(i.Point), Trace: record}
	pc, err := i.Verifier(cle)
	p.Journal, p.Taille, p.Racine, p.Instant = pc.Origine, pc.Taille, pc.Racine, pc.Instant
	switch {
	case err != nil:
		p.Echec = err.Error()
	case record != nil && preuve.Feuille(sel, record) != i.Feuille:
		p.Echec = "la trace montrée n'est pas celle que la feuille scelle"
	default:
		p.Verifiee = true
	}
	return p
}
