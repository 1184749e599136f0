// Package monde is the fictitious world of the laboratory: insurers and their
// contracts, an operator, a relay, hospitals, forty patients with their past, the
// stories that the demonstration plays, and as many generated persons as a load
// test asks for. It returns values and texts; it reads and writes nothing.
//
// The world is made for a day ([New]): ages, rights, past stays and stories are
// placed around it, so that a laboratory started any year finds it alive. The
// same day gives the same world, byte for byte.
//
// # Nobody exists
//
// Identifiers are valid, and invented where the real registers have nothing:
//
//   - FINESS 9900…, SIREN and SIRET 9991…, RPPS 9990…, with their Luhn keys
//     (ref: PKI §3); AMC numbers 9900….
//   - NIR whose municipality code exists nowhere: 950 to 989 in the départements
//     of the mainland, where the highest code in use is below 910, 50 to 89 after
//     970 to 978, and country codes from 950 for births abroad. hyp: NIR-INVENTE
//   - Names of structures that nobody bears, with « (fictif) » in what a person
//     reads. hyp: NOMS-INVENTES
//
// Surnames and first names are ordinary ones, drawn or put together: a likeness
// with a living person is chance.
//
// # What comes out, for whom
//
//   - [Monde.Annuaire]: the entries of the directory, one JSON object a line.
//   - [AMC.Reglages] and [Monde.Portefeuille]: the settings (TOML) and the
//     portfolio (one JSON object a line) of an insurer; [Monde.Consommations]: what
//     its members have used of their ceilings.
//   - [Monde.Histoires] and [Monde.Refus]: what the demonstration plays.
//   - [NewGenerateur], [Generer] and [NewCharge]: people and questions by the
//     million, each a pure function of the seed and of a number.
//
// The package imports the shelf only; what it shares with a room it says in that
// room's import format.
package monde
