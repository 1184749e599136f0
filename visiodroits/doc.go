// Package visiodroits holds what the two sides of the community exchange share,
// pharmacies first: its codes and who must act on each, the signed lists by which
// a workstation knows where services are, whose keys to trust and what words mean,
// and the counters that it sends back.
//
// The exchange has two sides that never meet: the identity of a patient and his
// rights on one, the detail of what is dispensed on the other. Nothing here speaks
// of a patient or of a product, so that both may import it. ref: DEC 32
//
// A list is made with [Complete] and [Partielle], sealed with [Liste.Sceller], put
// on any HTTP server or cache, and read by an [Abonnement], which trusts none of
// them: a [Classeur] verifies the seal, refuses a step back, keeps for its day what
// is to come, and changes all at once or not at all. [Classeur.Service] then says
// where to ask, and says that an insurer does not open a service only when the
// insurer's list said so. [Calculer] turns counters into indicators.
//
// The profile is ours and is named "ecluse-visiodroits/1": the official formats
// are not public, and nothing here claims to conform to the Visiodroits norm.
package visiodroits

// Profil is the name of the wire profile. ref: DEC 6
const Profil = "ecluse-visiodroits/1"

// Espace is the XML namespace of the profile.
const Espace = "urn:x-ecluse:visiodroits:1"
