package xmlsig

import "fmt"

// Motif is the reason of a refusal. It is an error, for errors.Is.
type Motif string

// Reasons of refusal.
const (
	MotifXML              Motif = "xml"               // not well formed, or beyond a limit: see the *xmlflux.Erreur inside
	MotifStructure        Motif = "structure"         // well formed, but not what the profile asks for
	MotifSOAP             Motif = "soap"              // not a SOAP envelope of an accepted version
	MotifSansSceau        Motif = "sans-sceau"        // no signature
	MotifSceauMultiple    Motif = "sceau-multiple"    // several signatures
	MotifAlgorithme       Motif = "algorithme"        // an algorithm that is not listed
	MotifSHA1             Motif = "sha1"              // SHA-1, refused
	MotifTransformation   Motif = "transformation"    // a transform that is not listed
	MotifReference        Motif = "reference"         // a reference that leads nowhere, twice to the same place, or one too many
	MotifReferenceExterne Motif = "reference-externe" // a reference outside of the document
	MotifIdDouble         Motif = "id-double"         // the same Id twice in the document
	MotifCorpsNonScelle   Motif = "corps-non-scelle"  // the Body, or the root of the file, is not covered
	MotifEmpreinte        Motif = "empreinte"         // a digest differs: the content was altered
	MotifSignature        Motif = "signature"         // the signature value is not that of the key
	MotifCle              Motif = "cle"               // a key too short, of another kind, or unusable
	MotifCertificat       Motif = "certificat"        // no certificate, or unreadable
	MotifXAdES            Motif = "xades"             // signed properties absent though required, or contradicting the signature
	MotifLimite           Motif = "limite"            // more Ids, certificates or tokens than allowed
)

// Error makes a Motif usable as a target of errors.Is.
func (m Motif) Error() string { return "sceau refusé : " + string(m) }

// Erreur says why a seal was refused or could not be made. Its text never
// quotes the content of the document.
type Erreur struct {
	Motif   Motif
	Message string
	Cause   error // what was found below, nil most often
}

// Error gives the reason in French.
func (e *Erreur) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("sceau XML : %s : %v", e.Message, e.Cause)
	}
	return "sceau XML : " + e.Message
}

// Unwrap lets errors.Is and errors.As find the Motif and the cause.
func (e *Erreur) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Motif}
	}
	return []error{e.Motif, e.Cause}
}

func refus(m Motif, message string) error { return &Erreur{Motif: m, Message: message} }

func refusDe(m Motif, message string, cause error) error {
	return &Erreur{Motif: m, Message: message, Cause: cause}
}
