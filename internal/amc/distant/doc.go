// Package distant finds the rights in the insurer's own core system, by a signed
// HTTP call. ref: DEC 25
//
// # The call
//
// POST to the address given, with Content-Type application/json and the header
// Ecluse-Sceau: a detached JWS (JAdES baseline B, RFC 7797) by the insurer's
// service over the body, which is canonical JSON (RFC 8785). Absent keys are left
// out; days are 2026-05-04, a date of birth is not needed.
//
//	{"amc":"775671993","id":"5f0c…","instant":"2026-05-04T08:00:00Z","jour":"2026-05-04",
//	 "numeroAdherent":"ADH0000001","nirBeneficiaire":"…","nirAssure":"…"}
//
// The core system answers 200 and canonical JSON under the same header, sealed by
// its own certificate. empreinteQuestion is the SHA-256 of the body of the call,
// in base64url without padding: an answer serves one call.
//
//	{"beneficiaires":[…],"contrats":[…],"empreinteQuestion":"…"}
//
// beneficiaires holds every person that has the number of adherent, or the NIR of
// the beneficiary, or, when it is absent, the NIR of the opener of rights as his
// own or as that of his opener; with all their adhesions; nobody is an empty
// list. contrats holds the version in force on jour of each contract of these
// adhesions, as far as there is one. Both are in the form of package local:
// fields of amc.Beneficiaire and amc.Contrat.
//
// Any other status, an answer late, too long, ill-formed, or under another seal
// is a failure. After five in a row the system is left alone for ten seconds,
// then tried by one call: meanwhile IDB and SIM answer that it does not reply,
// and CLC goes on, since it lives on what IDB already answered.
//
// Answers are kept in memory for a short time, those that find nobody as well,
// so that the time taken tells nothing. hyp: CACHE-DISTANT
package distant
