// Package image is the directory as it is searched: files mapped in memory, laid over
// one another, that do not change once written.
//
// A [Constructeur] takes records in any order and writes one image: the records of each
// nature, in the order in which answers come, and their indexes, read where they lie. A
// [Depot] is a directory of images: a base, and over it differences, each replacing what
// it holds. What is served at one moment is a [Vue]; a change is one rename of a manifest
// and one swap of a pointer, so that a reader has all of the old or all of the new, and a
// process killed between the two leaves the old.
//
// A search ([Vue.Chercher]) runs on each image, and its answers are merged; a cursor says
// of which Vue it is and where it stands in each image, so that all pages cost the same
// and see the same instant. A question in words ([Vue.Rechercher]) is package lexique's.
//
// Texts that a Vue gives are the octets of the file: who keeps one after [Vue.Rendre]
// copies it first. ref: DEC 36
package image
