// Package certificat says whether an X.509 certificate of the health sector may
// be used for what it is being used for, now, and if not why, in a sentence a
// help desk can read.
//
// A [Magasin] holds the roots we trust, the intermediates we know and the
// revocation lists, as one immutable snapshot that is replaced without a
// restart. [Magasin.Juger] takes a leaf, the chain its holder sent (which may be
// empty: cards often send only the leaf), the [Usage] asked for and an instant.
// It answers with a [Porteur], the few hundred bytes worth keeping of a holder,
// or with a [*Refus] that carries a [Motif] of a closed list.
//
// crypto/x509 builds the chain. What it does not do is done here: key usage
// (Verify never looks at the KeyUsage of a leaf, so a card's signature
// certificate would open a TLS session), revocation and freshness of the lists,
// the gamme (production, test or laboratory) and strength of keys.
//
// The chain of a leaf is built once and kept by the leaf's SHA-256. Dates, trust
// in the root and revocation are read again at every call, so that a message on
// a connection opened an hour ago meets the list loaded a minute ago.
//
// The package writes no log, reads no configuration and starts no goroutine. The
// instant is always an argument.
package certificat
