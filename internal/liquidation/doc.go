// Package liquidation is the insurer's half of the asynchronous flows: it receives
// batches of invoices, controls each, liquidates and pays, and writes the returns
// that the hospital acknowledges.
//
// A batch is received whole, in the transaction of its sealed message, or refused
// whole; what is then said of each invoice is said by returns. An invoice equal to
// its engagement and received in time is always accepted. ref: ROC §17, DEC 24, 26
package liquidation
