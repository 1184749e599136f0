// Package etablissement is the hospital's side of the exchange: the visits of
// its patients (venues), their coverages ranked from 1 to 3 (the image of the
// insurer's card and what the insurer answered), the questions put to the
// insurers, and the guarantees of payment obtained.
//
// The path of a question, in the order of the files:
//
//	venue.go        a visit is opened by the billing software; a card is attached
//	droits.go       rights are asked (Annuaire, then IDB)
//	simulation.go   an estimate for a stay (SIM), never a guarantee
//	calcul.go       the exact share (CLC), or local.go: computed here from the
//	                formulas of a signed IDB answer, within its guarantee
//	annulation.go   a guarantee is given back (DEL)
//	reprise.go      a question whose answer was lost is sent again, the same
//
// Each coverage has a state, and the only moves are those of the table in
// automate.go. A move and the question that it starts are written down together
// before anything is sent; the answer and the move that it ends are written
// together when it comes. What happens between the two, crash included, is
// resolved by sending the same question under the same idMessage: the insurer
// gives the same answer and engages itself once. ref: ROC §3.3, §5.2, DEC 13
//
// What the agent must do is said by a Consigne, what the patient is told by a
// Recu. Rules know neither HTTP nor SQL: see front and store.
package etablissement
