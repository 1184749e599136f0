// Package ressource writes the records of the directory as the resources of FHIR that
// the guide of the agency describes.
//
// An [Ecriture] appends a record to a buffer, without reflection nor allocation. A record
// is written whole: it is the view of a reader (annuaire.Vision) that blanks before what
// he may not see, and the rights that he has on it choose between the two layers of the
// guide, public and restricted.
package ressource
