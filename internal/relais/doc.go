// Package relais carries sealed messages between hospitals and insurers: the work
// of a concentrator (OCT) or of an operator (OTP).
//
// A relay reads the envelope, finds where the recipient is, adds its name to the
// chain of relays, which no seal covers, and sends the rest byte for byte. The
// answer comes back the same way, once the relay knows that it answers that very
// question and that who sealed it may. It cannot read a body that was encrypted
// end to end, and keeps nothing of any body. ref: ROC §2, §5.1, DEC 9, 11, 12
//
// The path of a message here, in [Relais.Relayer]:
//
//	next step found (routes, else the directory) → our name added → a place and a
//	working link to that step → sent → answer opened, checked → our name added
//
// What a relay refuses, it refuses with a T code that the gate seals in its name.
// A refusal by a further relay is said again in ours, since the hospital knows no
// relay but its own.
package relais
