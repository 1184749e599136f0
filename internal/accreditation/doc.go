// Package accreditation answers, for an insurer or the operator it mandates, who asks
// the rights of a patient in a pharmacy: it gives the extent of the rights and a signed
// accreditation that guarantees payment. It knows identities and never what is dispensed.
// ref: VISIO §5, §6, §10
//
// The path of a question, in [Service.Droits]:
//
//	envelope and body agree → the service is open to that trade → the portfolio finds the
//	person and the rights → unchanged, or a new accreditation signed → kept → answered
//
// An insurer that does not open the service says 200; one that opens it and cannot answer
// now says 201. No other path leads to either. ref: VISIO §14
package accreditation
