// Package front is the FHIR door of the directory: it reads what is asked with package
// fhir, turns it into a question of the directory, and writes what is found as the
// resources of the guide of the agency, through the [Regard] of who asks.
//
// A request goes one way: who asks ([Porte.Qui]) → what is asked (fhir.Query) →
// annuaire.Question → image → resources written one after the other in one buffer →
// sent. XML is made from the same buffer. Nothing of a request is kept, but the
// exports, which are files.
//
// # Paging
//
// A link to another page holds all that is needed to go on, encrypted: the search, the
// moment of the directory that it reads, and where it stands. It shows no name, and a
// forged one is refused; one whose moment is no longer kept says to begin again.
// ref: RASS §7.2
package front
