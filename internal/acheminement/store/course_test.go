//go:build race

package store

// sousDetecteur: the race detector is on.
const sousDetecteur = true
