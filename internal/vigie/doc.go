// Package vigie watches over who asks: it counts what each sealer does, stops
// those who seem to guess identities, shares the machine between partners when
// too much comes at once, and tells the operator's security tools.
//
// Three parts, used by the gate and by the insurer's service:
//
//   - [Garde] is the guessing rules. Admettre counts a request of a sealer;
//     Tenter reserves an attempt on an adherent and its Conclure says how the
//     identification ended. A sealer whose share of unknown beneficiaries is
//     suspicious, or an adherent number tried too often, gets S506 for a while.
//   - [Admission] is the door under load: so many requests in service, a short
//     queue for each partner, a turn for each. A full queue is answered T030 with
//     a time to wait.
//   - [Evenement] is what security tools receive, through the port [Alertes];
//     package alerte writes them to slog and, in CEF, to syslog.
//
// Counters live in memory, bounded, and are shared between nodes by steps
// through the port [Compteurs], so that sealers seen once cost nothing. What
// identifies a person is kept as a keyed digest only, a [Pseudonyme].
//
// ref: ROC §7.3 rule 5, §16.5; DEC 23, 29
package vigie
