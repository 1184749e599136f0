// Package ressource writes the records of the directory as the resources of FHIR that
// the guide of the agency describes, and reads them back: what the FHIR door sends, and
// what a mirror of another directory receives.
//
// An [Ecriture] appends a record to a buffer, without reflection nor allocation: a
// record is written whole, and it is the view of a reader (annuaire.Vision) that blanks
// before what he may not see. [Lire] makes a record of a resource; what the guide has
// and the model has not is left out.
package ressource
