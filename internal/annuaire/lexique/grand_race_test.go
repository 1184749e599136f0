//go:build race

package lexique

// grandNombre is smaller under the race detector, which makes everything slower.
const grandNombre = 20_000
