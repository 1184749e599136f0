// Package journal is the house's evidence: for each exchange one leaf, written
// before the answer leaves, that covers the question and the answer.
//
// The path of a leaf:
//
//  1. Ecrire, in the transaction of the business write when there is one (DEC
//     17): a row with the leaf's hash H = SHA-256(domain ‖ salt ‖ record), the
//     salt and the record encrypted, the sealed messages encrypted beside. The
//     hash is returned at once, to be carried by the answer.
//  2. The Sequenceur, one in the whole house thanks to a lease in the database,
//     gives the rows their ranks. Ranks, tiles of the Merkle tree and the new
//     signed checkpoint are one transaction: a crash leaves all or nothing, so
//     that no leaf is lost or doubled.
//  3. Proofs are read from tiles by any node, and checked outside the house with
//     the public package preuve.
//
// The row is the truth, the tree its proof: Reconstruire makes the tiles again
// from the rows, and refuses a result that differs from the signed checkpoint.
//
// # Tenants
//
// A Journal belongs to one tenant: its own log, name, signing key and content
// keys. Nothing of one can be read through the Journal of another.
//
// # Erasure, and copies of the database
//
// Salt, record and messages are encrypted (AES-256-GCM) under a key for each
// tenant, month and class of retention, itself wrapped by a master key that
// lives in a file, outside the database. Effacer destroys the key of a month
// whose last day is past its term, then empties the rows. The hashes stay in
// the tree: every other proof still verifies, and the erased leaf's hash no
// longer says anything, for lack of its salt.
//
// Copies are covered because the table of the keys (TableCles) is kept out of
// backups: a backup restored after an erasure holds ciphertext nobody can open.
// Keys are saved apart by SauvegarderCles, in one small file written over at
// each backup: keeping its older versions would undo the erasure.
//
// # A restore behind what was published
//
// The last checkpoint shown to anyone is also kept in a small file, the Temoin.
// When the database comes back older than it, going on would fork the log. The
// house then opens a new log (origin /2, /3…), whose checkpoints name the end
// of the abandoned one.
package journal
