// Package ldap is the LDAP door of the directory: what mail clients, hospitals'
// software and operators ask by LDAP v3, over TLS, and read only.
//
// The tree is o=annuaire,c=fr with ou=personnes, ou=structures, ou=bal and ou=amc.
// Without a bind one has the public view; a password over TLS, or a client
// certificate (SASL EXTERNAL), opens more. ref: RASS §10, RFC 4510
//
// # The path of a question
//
// A [Serveur] reads one bounded message (message.go), and decodes it in place: the
// filter becomes a flat list of tests with their values already folded (filtre.go),
// the attributes asked for become a set of bits (selection.go). The [Session] that
// the bind opened ([Annuaire], in ports.go) finds entries; each is put in one
// [Entree], reused, and written straight in the buffer that goes to the wire
// (entree.go, ecrit.go). Nothing is allocated for an entry.
//
// What stands behind the port is in the same package, in its own files: arbre.go
// says which records lie where, plan.go turns a filter into what the image can
// search, entrees.go turns a record into an entry.
//
// # One connection
//
// Operations are answered in the order they came. While one is long, a second
// goroutine reads what follows, so that it can be abandoned; what it reads waits,
// sixteen messages at most, and then the client waits. Everything has a bound
// ([Bornes]): the size of a message, the depth of a filter, the entries of an
// answer, the silence of a client.
package ldap
