// Package xmlsig seals XML messages and opens seals: exclusive canonical form,
// XML signatures, the WS-Security header of SOAP messages, and the XAdES
// baseline B properties (who signed, when, what).
//
// # Opening
//
// [VerifierSOAP] reads a SOAP envelope once, from the first byte to the last,
// and returns the canonical bytes of the Body that was digested, with the
// certificate that sealed it. Read the message from these bytes only: there is
// no way back to bytes that were not sealed, and so nothing to gain by moving
// signed elements about (signature wrapping). The Body is the child of the
// Envelope, found by its place; that its Id is the one signed is checked after.
//
// What is verified here is integrity: these bytes were sealed by the private
// key of this certificate. Whether the certificate is to be trusted, by whom
// it was issued, whether it is revoked, and whose it is, are judged elsewhere
// with [Resultat.Certificat]. [Options.Cle] lets a caller with many partners
// keep parsed keys by certificate.
//
// [VerifierDocument] does the same for a file sealed by an enveloped signature.
//
// # Sealing
//
// [SignerSOAP] writes a whole envelope around a message already in canonical
// form; every sealed part is written canonically, so that the digests are
// computed on the very bytes that leave. [SignerDocument] adds an enveloped
// signature to a file. A key is any crypto.Signer.
//
// # What is refused
//
// SHA-1 (with its own reason, for clients that still use it by default),
// algorithms and transforms that are not listed, references outside of the
// document, more than ten references, an Id given twice, DTDs, processing
// instructions, and all that package xmlflux refuses. ref: DEC 9, DEC 10, PKI §8.4
package xmlsig
