// Package xmlflux reads an XML document piece by piece, exactly as it was
// received, without building a tree and without allocating memory once warm.
//
// It exists because what is sealed must be read the way it was sealed: the
// same bytes feed the canonical form (package xmlsig) and the message codec.
// encoding/xml loses prefixes and offsets, and forgives too much.
//
// What is accepted is deliberately narrow: UTF-8 only, no DTD, no processing
// instruction besides the XML declaration, the five predefined entities and
// character references only, namespaces resolved and checked. Limits on size,
// depth, attributes and names are checked before anything is stored. Comments
// are skipped, and the text on both sides of one is delivered as a single
// piece: nobody can cut a value in two with a comment.
//
// A [Lecteur] is reused from one document to the next with [Lecteur.Reset].
// Slices it returns point into the document or into its own buffers and are
// valid until the next call of [Lecteur.Suivant], [Lecteur.Sauter],
// [Lecteur.Reprendre] or Reset.
package xmlflux
