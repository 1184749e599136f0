// Package trame gives one Go struct its two faces on the wire, XML and JSON,
// with the schemas and the documentation of both.
//
// A message is described once, by a struct and its tags:
//
//	type Ligne struct {
//		_       struct{}      `doc:"Une ligne de facture."`
//		Rang    int           `fil:"rang,min=1,max=200" doc:"Rang de la ligne, croissant."`
//		Montant sante.Montant `fil:"montant" doc:"Montant total facturé."`
//		Code    string        `fil:"code,opt,max=7" doc:"Code de l'acte."`
//	}
//
// [Pour] compiles the struct into a [Plan], which writes and reads it. What is
// written is already canonical (exclusive C14N in XML, RFC 8785 in JSON), so
// that what is sealed is what was written. What is read is checked: order and
// number of elements, lengths, codes, bounds, nothing unknown. An [Erreur] tells
// where and why, never what was there.
//
// The tag is `fil:"nom"` followed by options:
//
//	opt         absent when zero (nil pointer, empty slice, zero value)
//	n=1..200    occurrences of a slice (default 0..1000)
//	min=, max=  characters of a text (default 1 to 250), or bounds of an integer
//	choix=a     exactly one of the consecutive fields with the same letter
//
// and `doc:"…"` is a French sentence for the schemas; on a field named _, it
// documents the type. `fil:"-"` leaves a field out. An embedded struct without a
// tag is laid out in place.
//
// A field is a struct, a text (a string type, or a type with UnmarshalText and
// AppendText as those of package sante), a bool, an int, an int64, a time.Time
// (an instant, in milliseconds), a pointer to one of these, a slice of them, an
// [Extension] or an [Opaque]. A slice is the repetition of an element in XML and
// an array in JSON; every other name and every code is the same on both faces.
//
// Abilities are found on the zero value of a text type: Motif() string, the
// regular expression of its form, in the subset that XSD, ECMA 262 and Go share;
// Codes() []string, its closed list, whose labels are read from Libelle() string
// when the type has it. Any named type may have NomSchema() string, its name in
// the schemas when that of the source is taken.
package trame
