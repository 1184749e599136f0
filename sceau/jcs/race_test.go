//go:build race

package jcs_test

const raceActif = true
