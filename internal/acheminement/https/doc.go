// Package https carries messages over HTTPS, both ways: a Client that delivers
// and a Serveur that receives.
//
// A small message is one POST of its bytes:
//
//	Idempotency-Key: "facture.2026-11-0001"
//	Ecluse-Genre: DRE-ES
//	Repr-Digest: sha-256=:…:
//
// A big one goes by pieces to the same address, so that what a cut connection
// leaves is not sent again: HEAD with the same three fields tells in Upload-Offset
// what is already there, and each PATCH adds a piece at its Upload-Offset, the last
// with Upload-Complete: ?1. Every piece is on the disk before it is acknowledged,
// and the digest announced is verified before the message is handed over. The
// fields and their meaning are those of the draft on resumable uploads; the place
// of an upload is named by its sender, key and digest rather than by an address
// that the server gives, so that a client which lost its memory goes on.
// ref: draft-ietf-httpbis-resumable-upload, RFC 9530, draft-ietf-httpapi-idempotency-key-header
//
// Any 2xx is the receipt. 408, 425, 429 and 5xx may pass, after Retry-After when it
// is said; any other status refuses for good, with the member "code" of a JSON body
// when there is one. hyp: ACH-HTTPS no public text gives the binding of the
// asynchronous service.
package https
