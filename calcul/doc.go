// Package calcul computes who pays what in a French hospital: the compulsory
// insurer (AMO), the complementary insurers (AMC) by rank, and the patient.
//
// Everything is a pure function of values: no clock, no store, no float. A
// [Moteur] holds the effective-dated tables ([bareme.Tables]) and nothing else.
//
//   - [Moteur.Sejour] prices a stay: ticket modérateur, daily charge and their
//     imputation, fixed participation for heavy acts, share of the AMO.
//   - [Moteur.Acte] prices an outpatient act.
//   - [Moteur.FactureSejour] and [Moteur.FactureACE] write the lines that the
//     hospital sends in its question of calculation.
//   - [Moteur.Controler] refuses an incoherent invoice with its P4xx code.
//   - [Moteur.Calculer] gives the share of one AMC on each line, from its
//     contract and the counters already consumed; [Moteur.CalculerRangs] serves
//     several AMC in their order; [Moteur.Simuler] does the same as Calculer on
//     an incomplete invoice and names its hypotheses.
//   - [Moteur.Lignes] is the tool `ecluse calcul`, one JSON object a line.
//
// The insurer and the hospital use the same functions: an IDB answer carries the
// guarantees of the contract ([Garantie]), from which the hospital computes alone
// when the insurer allows it. ref: DEC 24
//
// Every result tells its rule, its source and a sentence in French that a
// patient can be read.
package calcul
