// Package annuaire is the national directory of health (RASS): who exists, where
// each works, in which structure, with which mailboxes, cards and certificates.
//
// Five natures of records: a [Praticien] is a person in one profession, a
// [Situation] is what he does in one place, a [Structure] is a legal entity, a site
// or a network, an [Activite] and an [Equipement] belong to a structure. Mailboxes,
// cards and certificates are part of the record that holds them. A record says who
// keeps it, from which feed it came and when; nothing is deleted: a record that ends
// is no longer Actif and keeps its identifiers. ref: RASS §4
//
// # The path of a record
//
// Feeds (charger) and owners' changes (store) become a difference; a difference
// becomes a small image (image) laid over those that stand, in one switch of a
// pointer; doors (front, ldap) ask the image with a [Question], and project what
// they find through a [Regard], which holds the paths that this reader may see.
//
// # Numbers that are wrong
//
// Identifiers are texts here, not the checked types of package sante: a national
// directory holds historic numbers whose key is wrong, and one that refuses them is
// worse than one that flags them. The controls say what is wrong, with a code.
// ref: RASS §3.3
package annuaire
