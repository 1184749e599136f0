// Package sceau seals the messages of the exchange and opens them.
//
// A message has one of two faces. In SOAP its seal is a WS-Security X.509
// signature over the Body; in REST it is a detached JWS with JAdES headers over
// the canonical JSON of the message. On both, the seal covers envelope and body,
// is made by the initial emitter, and stays the same whatever relays carry it.
// ref: DEC 9, 10
//
// Opening goes one way: [Ouvreur.SOAP] or [Ouvreur.REST] checks the seal and
// judges the certificate, and gives a [Piece], the very bytes that were signed;
// [Open] decodes these bytes, and only these, into an [Opened] message. A rule
// that asks for an Opened message cannot be called with one that nobody verified.
package sceau
