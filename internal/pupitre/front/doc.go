// Package front is the web desk: a few pages in French that show the story step
// by step, and let a visitor of the laboratory send a question of his own.
//
// The pages are made here, from templates and one style sheet in the binary; no
// page needs a script, and the browser is told to run none but that of the directory,
// which suggests words as one types. There is no login:
// the desk answers on loopback only, to the names it listens on, and takes a form
// only from one of its own pages. ref: DEC 39
package front
