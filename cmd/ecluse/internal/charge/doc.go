// Package charge measures a server of the laboratory under load: sealed questions, all
// different, made before the clock starts, each answer verified.
//
// laboratoire.go makes or finds the server, questions.go the questions, tir.go sends them on
// few connections, mesure.go counts, rapport.go tells. Options says what is measured and bounds
// it.
package charge
