// Package laboratoire lays out fictitious parties, plays their stories, and shows what crossed
// their doors.
//
// A Laboratoire has an authority of its own, certificates and configurations for every party of
// the world; Quickstart puts them in one process, Separees in one directory each, Monter runs
// each alone, joined by TLS only, as a Scene. A Recit plays the stories of the world on a scene
// and tells each step: demo_*.go, one file per story. The desk (bureau*.go) shows the steps to
// a visitor and asks his own questions; temoin.go is what both know of an exchange.
//
// Everything goes by the server and by the wire: what the laboratory proves is what serveur
// does.
package laboratoire
