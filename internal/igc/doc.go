// Package igc is the laboratory's public key infrastructure: a look-alike of the
// hierarchy of the sector, whose certificates have the same names, profiles and
// traps, and can never be taken for real ones. The word LABO is in every subject
// and issuer, policies are under the example arc 2.999, and every address leads
// to the local installation.
//
// Vocabulary: an [AC] is an authority, root or intermediate; a [Profil] says what
// a certificate is for; a [Demande] becomes an [Emission] and leaves a [Fiche] in
// the [Registre]; a [Liste] is a published revocation list.
//
// The path of an issuance, after boulder's: the request is checked, the template
// is built from the profile, signed once with a throwaway key, parsed again and
// linted; only then is it signed for real, and the two must be the same to the
// byte but for the signature. The fiche is written before the certificate is
// given to anyone.
//
// The rules know neither files nor SQL: [Registre] and [Coffre] are in local/
// (a directory) and store/ (a database); the lists are served by front/.
package igc
