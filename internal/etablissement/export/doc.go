// Package export writes the close of a day for other programs: one line a figure
// or one line an invoice, in CSV, in XLSX or in JSON, as it comes, whatever their
// number. Fields that hospitals report already keep the names of the PMSI; those
// that are ours begin with ECL_. ref: ROC §14.3
package export
