// Package serveur makes a server from a configuration: it is where the rooms meet.
//
// Ouvrir reads what the file asks for and opens it in a fixed order, a list in processus.go:
// the database, the authorities, the circle, the journal, the exchange, then each party that
// the file names. Servir answers until it is told to stop; Fermer lets go of everything.
// OuvrirPourCommande opens the same books for one command, without any door.
//
// One file per room gives the room what it asks of others: amc.go, etablissement.go,
// officine.go, tarif.go… adapter_*.go are what the gate asks; flux_*.go are what leaves a party
// and comes to another after the answer, by the queue or by files. A room that is added has its
// file here, its commands in cmd/ecluse, its story in the laboratory.
//
// It is the only package that knows both the identity of patients and what is delivered to
// them, as it opens the doors of both: it joins them nowhere. ref: house-style §4
package serveur
