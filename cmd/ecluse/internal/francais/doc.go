// Package francais is what a person reads of an error: in French, without the names of our
// packages, and with what to do next when it is known.
package francais
