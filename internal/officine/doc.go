// Package officine is the billing side of who pays the professionals outside the
// hospital: it receives their invoices, controls each against its accreditation, keeps
// the original untouched, enriches it beside, orders transfers, advises the insurer of
// what is debited, and tells each professional what became of his invoices.
// ref: VISIO §4, §13
//
// The path of an invoice, in [Service.Recevoir]:
//
//	envelope and body agree → F701…F711 → what passes is asked to the third party, outside
//	of the transaction → the professional is locked → F701…F711 again → kept with its original
//	→ acknowledged → ordered by [Service.Ordonner] → paid by [Service.Confirmer]
//
// The guarantee: nothing here reads a portfolio. An invoice is judged on what its
// accreditation promised, so that one that passes F701 to F706 cannot be refused because
// rights turned out to be wrong; F707 to F711 still apply. It knows identities and never
// what is dispensed.
package officine
