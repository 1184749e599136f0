// Package fhir is the machinery of a FHIR R4 server that knows no resource: what a
// search asks, how an answer is framed, and its two forms, JSON and XML.
//
// A [Table] says which resources there are and which parameters each takes.
// [Table.Parse] turns the text of a search, in an address or in a form, into a
// [Query]: criteria with their chain, their modifier and their values already cut,
// unescaped and bounded. What it refuses is an [*Error], which carries the code of an
// OperationOutcome, a status of HTTP and a French sentence that says what to change;
// it never quotes what was received, which may name a person.
//
// A [Writer] appends JSON to a slice, in the order in which it is called, and leaves
// out what is empty. [AppendXML] turns a resource of JSON into XML. [Bundle],
// [AppendOutcome], [NDJSON] and [Table.AppendCapability] frame what a server answers;
// [Select] keeps of a resource the elements that were asked.
//
// Nothing here logs, reads a clock or keeps anything between two calls.
package fhir
