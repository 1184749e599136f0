// Package local brings the portfolio of an insurer into its own tables, and out
// of them.
//
// # JSON
//
// One object a line, a contract or a person:
//
//	{"contrat":{"numero":"ESSENTIEL","debut":"2025-01-01","type":"INDIV","responsable":true,"modeCalcul":"CLC",
//	  "perimetre":[{"domaine":"ACE","couvert":true}],
//	  "garanties":[{"code":"CONS","famille":"CONS","formule":{"numero":"F01"}}]}}
//	{"beneficiaire":{"reference":"P1","numeroAdherent":"ADH1","nomNaissance":"FICTIF","prenom":"Camille",
//	  "dateNaissance":"19700115","rangGemellaire":1,"adhesions":[{"contrat":"ESSENTIEL","debut":"2025-01-01"}]}}
//
// The fields are those of amc.Contrat and of amc.Beneficiaire. [Exporter] writes
// what [Importeur.JSON] reads.
//
// # CSV
//
// Persons only, separated by ';', UTF-8, one row for each adhesion, the rows of a
// person following each other and saying the same of him. The first line names
// the columns, in any order:
//
//	reference;numeroAdherent;nomNaissance;prenom;dateNaissance;contrat;debut
//
// and, when wanted, nir, nirAssure, nomUsage, rangGemellaire (1), identiteSure
// (oui, non), rang, autreAMC1, autreRang1, autreAMC2, autreRang2, fin,
// suspenduDebut, suspenduFin. Days are 2026-05-04, the date of birth 19700115. A
// value may stand between quotes and holds no line break.
//
// # What is refused
//
// A line that is wrong is refused alone, with its number, its field and a reason
// that never holds the value; a person is refused whole with any of his lines.
// The others are written by transactions of a few hundred. Importing a file again
// changes nothing.
package local
