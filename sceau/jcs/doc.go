// Package jcs writes JSON in the one form in which it is sealed: the JSON
// Canonicalization Scheme of RFC 8785. Two programs that hold the same data
// obtain the same bytes, so that a seal made by one is verified by the other
// whatever the order of members, the spaces or the writing of numbers.
//
// The reader is strict, because a seal must not cover a text that two programs
// would understand differently: bounded size and depth, valid UTF-8, no lone
// surrogate, no member twice, nothing after the value. [Lecteur] is that reader,
// usable alone to decode; [Canoniser] writes the canonical form with it.
//
// A number is an IEEE 754 double, as the RFC has it: 9007199254740993 and
// 9007199254740992 have the same canonical form. Whoever verifies a seal must
// read the canonical bytes, or keep to integers that a double holds exactly;
// amounts travel as strings.
package jcs
