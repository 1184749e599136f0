// Package jades seals the JSON face of an exchange: a detached JSON Web Signature
// with the headers of a JAdES baseline B signature, over the canonical bytes made
// by package jcs. Whoever receives the message and the seal knows which structure
// wrote it, when it says so, and that not one byte has changed since.
//
// [Signer] and [Scelleur] make seals, with any crypto.Signer. [Lire] reads one and
// [Sceau.Verifier] checks it with a public key; [Verifier] does both. Whether the
// certificate deserves trust is not judged here: the caller gets it in DER, with
// its chain. [Expliquer] says the same check by check, for people.
//
// [SignerNomme] and [LireNomme] are for what is published and kept by many, who know
// the keys of its issuer by their names: a compact JWS, without a certificate.
//
// [Chiffrer] and [Dechiffrer] hide a body from the relays it crosses (JWE), and
// [Envelopper] and [Engagement] let the readable envelope commit to that body
// without letting a relay guess it.
//
// ref: ETSI TS 119 182-1; RFC 7515; RFC 7516; RFC 7797; PKI §8.5; DEC 10, 12
package jades
