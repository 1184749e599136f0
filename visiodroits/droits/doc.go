// Package droits is the identity side of the exchange of complementary rights of
// pharmacies and other community professionals: who is covered, until when, and
// the proof that the insurer said so. Nothing here knows what is dispensed.
//
// The insurer (AMC), or its operator, answers for a person's rights with an
// accreditation:
//
//   - [NumeroAccreditation] names it, [Accreditation] says what it covers,
//     [SignerAccreditation] signs it and [VerifierAccreditation] checks it offline
//     with the public keys of the issuers ([Cles]) and nothing else;
//   - [Recu] is the trace that the software prints and stores with the invoice.
//
// What was promised may be withdrawn, by a list of revoked accreditations:
//
//   - [EditeurLAR] makes complete and delta lists for an issuer;
//   - [Revocations] holds those of all issuers for the pharmacy: lists are applied
//     whole or not at all, while others read;
//   - [AvantFacture] says whether an accreditation may be billed now.
//
// When the exchange does not answer, [ReutilisationPermise] says whether earlier
// rights may serve again, and [Tentative] is the evidence of the failed attempt.
//
// [Magasin] keeps all of it in one encrypted file.
//
// [Poste] is all of this for a software, in a page: [Poste.Droits] asks, by the signed
// lists and the links that are left, and gives a [Vente]; [Poste.AvantFacture] looks once
// more; [Poste.Tenir] keeps lists and asks again what waits. See its example.
package droits
