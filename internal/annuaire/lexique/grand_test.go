//go:build !race

package lexique

// grandNombre is how many names the tests of the great dictionary have. ref: DEC 36
const grandNombre = 400_000
