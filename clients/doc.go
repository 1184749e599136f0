// Package clients holds no code: only the examples for those who do not write
// Go, beside it, and the tests that keep them true. See README.md.
package clients
