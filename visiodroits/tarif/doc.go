// Package tarif is the fine side of a Visiodroits-style exchange: what a pharmacy
// delivers is priced on line, and nobody who prices it can tell for whom.
//
// The workstation was given, with the rights, an opaque [Jeton] made for a trusted
// third party. It exchanges it for a file number ([DemandeDossier]), then sends the
// lines under that number, encrypted for the third party alone
// ([DemandeTarification]). The third party opens them and asks the pricing service
// ([DemandeGrille]) under a one-time reference, with a grid of guarantees that many
// beneficiaries share. What comes back is amounts. ref: VISIO §10, §11, DEC 32
//
// A software editor needs [Poste]: it encrypts a delivery, reads the answer and
// checks its sums.
//
//   - wire types: [DemandeDossier], [DemandeTarification], [DemandeGrille],
//     [DemandeControle] and their answers;
//   - numbers that mean nothing: [NumeroDossier], [NumeroTarification], [Lien],
//     [Reference], [Pseudonyme];
//   - encryption: [Destinataire], [Trousseau];
//   - what may not be said here: [Examiner] and the methods Controler. ref: T620
//
// This is a profile of our own: nothing here claims conformity with a norm.
package tarif
