// Package gate is the one way in of the exchange.
//
// Every sealed message, of any service and on either face, takes the same eight
// steps, in [Portail.Recevoir]:
//
//	TLS identity → bytes, bounded → seal opened → rule → answer encoded →
//	sealed → written in the journal → sent
//
// A service gives it two codecs and a rule ([Offrir]); the rule receives a
// message whose seal is proved by its type. When the service commits its author
// (a guarantee of payment), the rule, the memory of the message and the leaf of
// the journal are one transaction; otherwise the rule runs first and its rows,
// the memory and the leaf are written together. An exchange that could not be
// written down is not answered. A refusal leaves a leaf too, up to a quota for
// each caller, beyond which he gets neither.
//
// # Replay and repetition
//
// The key of a message is (sealer, service, idMessage). The same key with the
// same content gets the result that was stored, sealed afresh for this question;
// with another content, T012. ref: DEC 13
//
// # Forgetting
//
// Where amounts would name a person, no answer is remembered: a rule that may be run
// again says so in its type ([Rejouable]), and is. A party made by [NewPorteSansTrace]
// keeps nothing at all of what it is asked: steps seven and the memory are not for it.
// ref: DEC 32
//
// # Cards
//
// A profile says which questions a professional seals with his card. They are refused
// when a structure sealed them, and when a relay carries them in clear. ref: DEC 31
//
// # Parties
//
// A process carries many parties ([Porte]), each with its own seal and keys. The
// envelope says for whom a message is.
package gate
