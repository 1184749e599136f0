// Package charger turns feeds into the records of the directory: it reads the
// extraction files of the national directory, joins their lines, controls what they
// say, compares it with what stands, and gives either a new image or a difference.
//
// # The path of a line
//
// A line is read once and put, cut down to what is of use, in one of the drawers of
// its side, on disk: that of the person, that of the structure, or both (lire.go,
// tiroirs.go). What refers to a structure by a number of another kind is turned into
// its identifier once all structures are known (rattacher.go). Drawers are then taken
// one by one: the lines of one structure (structures.go), of one person
// (personnes.go), are sorted, so that neither their order in the files nor how the
// files are cut changes anything, and become records. Each is controlled and set
// beside the one that stands (rapprocher.go). Memory is that of two drawers and of
// two numbers per structure, whatever the files.
//
// # What a file says by its silence
//
// A whole file speaks of all that is its own: what it no longer says has ended. A file
// of differences speaks of its lines alone. A file that is not in the run says
// nothing, and what came from it stays. Nothing is deleted: what ends is no longer
// Actif and keeps its identifiers. ref: RASS §§4, 5.6
//
// # Guards
//
// A feed that shrinks, or a difference that touches too many records, is refused
// until someone accepts it by name (garde.go). Until the switch, which is one, what
// stood is served.
package charger
