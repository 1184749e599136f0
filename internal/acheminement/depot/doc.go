// Package depot carries messages through a folder that two parties share: a
// mounted disk, an SFTP area, a key carried by hand. A Depot drops, a Guetteur
// takes.
//
// A message is a file named key.digest.genre, the digest being the SHA-256 of its
// bytes in hexadecimal. It is written aside under a name that begins with a dot,
// made durable, then given its name in one move: a reader never sees half of it.
// The Guetteur moves what it took to traites/ and what it refused to refuses/,
// beside a file .motif that holds the code (a file whose name says nothing is
// refused, or taken once it no longer changes: see Guetteur.Libre); it may be stopped anywhere, since a
// file taken twice has its effect once (acheminement.Reception).
//
// There is no receipt on this way: a message is delivered once it is dropped, and
// the partner acknowledges it by a message of its own. hyp: ACH-DEPOT
package depot
