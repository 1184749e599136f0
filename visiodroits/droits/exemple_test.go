package droits_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// obtenir is for examples: what fails stops them.
func obtenir[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// An insurer accredits, a pharmacy verifies without a network, keeps the proof,
// checks the list of revoked accreditations before it bills, and bills still when
// the exchange does not answer.
func Example() {
	maintenant := time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)
	aujourdhui := sante.JourA(maintenant, sante.Paris())
	amc := obtenir(sante.ParseNumeroAMC("99000101"))
	assure := droits.Personne{NumeroAdherent: obtenir(sante.ParseNumeroAdherent("0012345")),
		DateNaissance: obtenir(sante.ParseDateNaissance("19850199")), RangGemellaire: 1}

	// The insurer, with a key for each purpose.
	signe := obtenir(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	liste := obtenir(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	numero := obtenir(droits.TirerNumeroAccreditation(amc, droits.Normale, nil))
	donnee := obtenir(droits.SignerAccreditation(droits.Accreditation{Numero: numero, AMC: amc,
		DroitsDebut: aujourdhui, DroitsFin: aujourdhui + 30, Emission: maintenant,
		Beneficiaire: assure.Empreinte(numero), Garanties: droits.EmpreinteGaranties([]byte(`[]`))}, "a1", signe))
	editeur := &droits.EditeurLAR{Emetteur: amc, Kid: "l1", Cle: liste}
	publiee, _, err := editeur.Complete(1, maintenant, slices.Values([]droits.EntreeLAR(nil)))
	if err != nil {
		log.Fatal(err)
	}

	// The pharmacy: the public keys come from the list of keys.
	debut := maintenant.AddDate(0, -1, 0)
	cles := obtenir(droits.NouvellesCles([]droits.Cle{
		{Emetteur: amc, Kid: "a1", Usage: droits.PourAccreditation, Publique: &signe.PublicKey, Debut: debut},
		{Emetteur: amc, Kid: "l1", Usage: droits.PourLAR, Publique: &liste.PublicKey, Debut: debut},
	}, nil))
	verifiee := obtenir(droits.VerifierAccreditation(donnee.Jeton(), cles, maintenant))
	a := verifiee.Accreditation()
	fmt.Println("pour cet assuré :", a.Concerne(assure))

	var revocations droits.Revocations
	obtenir(revocations.Appliquer(bytes.NewReader(publiee), droits.OptionsLAR{Cles: cles, Emetteur: amc, Maintenant: maintenant}))
	d := droits.AvantFacture(verifiee, revocations.LAR(amc), aujourdhui, maintenant)
	fmt.Println(d.Permis, d.Motif)

	// One encrypted file keeps all of it.
	dossier := obtenir(os.MkdirTemp("", "officine"))
	defer os.RemoveAll(dossier)
	cle := make([]byte, 32) // from where the software keeps its secrets
	m := obtenir(droits.OuvrirMagasin(filepath.Join(dossier, "officine.ecluse"), droits.OptionsMagasin{Cle: cle}))
	defer m.Fermer()
	if err := m.GarderDroits(assure, droits.DroitsGardes{AMC: amc, Numero: numero, DroitsDebut: a.DroitsDebut, DroitsFin: a.DroitsFin,
		DateMAJ: a.Emission, Octets: []byte(verifiee.Jeton())}); err != nil {
		log.Fatal(err)
	}

	// Five weeks later, the operator does not answer: code 202.
	plusTard := maintenant.AddDate(0, 0, 35)
	trace := obtenir(droits.NouvelleTentative(plusTard, obtenir(droits.HoteDe("https://dld.operateur.example/v1")), droits.ErreurDelai, "202"))
	obtenir(m.NoterTentative(trace))
	jour := sante.JourA(plusTard, sante.Paris())
	gardes := obtenir(m.Droits(assure, amc))
	verifiee = obtenir(droits.VerifierAccreditation(string(gardes.Octets), cles, plusTard))
	d = droits.ReutilisationPermise(verifiee.Anterieurs(revocations.LAR(amc), jour), jour, 15)
	fmt.Println(d.Permis, d.Motif, trace.Cause)
	// Output:
	// pour cet assuré : true
	// true NON_REVOQUEE
	// true DANS_TOLERANCE OTP
}
