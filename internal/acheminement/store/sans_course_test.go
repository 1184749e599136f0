//go:build !race

package store

// sousDetecteur: the race detector is off.
const sousDetecteur = false
