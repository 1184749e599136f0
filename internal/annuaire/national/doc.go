// Package national follows the national directory where it is: by its public extraction
// files, by its FHIR interface page after page, or by a bulk export. One word of the
// configuration chooses ([Ouvrir]); all three give feeds to the loader.
//
// A [Miroir] does one round at a time: what is new at the source becomes a difference
// over what stands, and what was applied is written down, so that a round that is
// interrupted, or refused, is taken up and not begun again. It says how old what it
// serves is: a source that no longer publishes is an alert, not a silence.
//
// Nothing is trusted on the way: hosts are those of the configuration, addresses are
// never private unless it says so, whatever a redirection or a link of a page says;
// sizes, pages, attempts and times are bounded. ref: RASS §§5, 6, 7
package national
