// Package preuve checks, without our server and without trusting it, what a
// house's journal says of an exchange: that this question was received and this
// answer given, at that moment, and that the journal was not rewritten since.
//
// A journal is a tile log (C2SP tlog-tiles, RFC 6962 hashes). For each exchange
// there is one leaf, which covers question and answer:
//
//	record  = the Trace, canonical JSON (RFC 8785)
//	H       = SHA-256("ecluse-journal-feuille/1\n" ‖ salt ‖ record)   what the log holds
//	leaf    = SHA-256(0x00 ‖ H)                                       what the tree hashes
//
// The salt is kept beside the record and destroyed with it at its term: H then
// says nothing any more, and every proof still verifies.
//
// A signed checkpoint ([PointControle], C2SP tlog-checkpoint) fixes the size and
// the root of the tree at an instant. An inclusion proof ties a leaf to it, a
// consistency proof ties two of them together.
//
// From the smallest question to the largest:
//
//   - [OuvrirPointControle], [VerifierInclusion], [VerifierCoherence]: one fact;
//   - [Echange]: one exchange with all its evidence, as JSON or as an ASiC-E
//     container ([Echange.ExporterASiCE], [LireASiCE]);
//   - [VerifierRepertoire]: a whole exported journal;
//   - [Litige]: what two parties' evidence says of one exchange.
//
// Seals are not read here: the caller gives a [VerifierSceau].
package preuve
