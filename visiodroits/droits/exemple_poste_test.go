package droits_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// vendre is all that a software does at the counter: it asks, shows what to do, keeps the
// receipt with the invoice, and looks once more before it bills.
func vendre(ctx context.Context, p *droits.Poste, patient droits.Patient, carte droits.Carte) error {
	v, err := p.Droits(ctx, patient, carte, 0) // of today
	if err != nil {
		return err // a question that cannot leave, or a store that fails
	}
	fmt.Println(v.Code, v.Phrase)
	if !v.TiersPayant {
		fmt.Println(v.AFaire)
		return nil
	}
	facture := droits.FactureOfficine{Numero: "F1", DateFacture: v.DateReference, Patient: patient, // and PS; v.Recu.Texte() is for the printer
		Lignes: []droits.LigneOfficine{{Rang: 1, Famille: calcul.FamilleMED, CodePrestation: "PH7", Quantite: calcul.Unites(1), BaseAMO: 1000, TauxAMO: sante.Pourcent(65),
			PartsOfficine: droits.PartsOfficine{Depense: 1000, AMO: 650}}}}
	v.Facturer(&facture)
	if err := facture.Calculer(obtenir(calcul.New(nil)), v.Etendue); err != nil { // the shares, as the insurer will compute them
		return err
	}
	if d, err := p.AvantFacture(v); err != nil || !d.Permis {
		fmt.Println(d.Phrase)
		return err
	}
	fmt.Println("facture sur une accréditation", v.Recu.Type, "en mode dégradé :", facture.Degrade != nil)
	// Then p.GarderLot(carte, droits.NouveauLot("L1", jour, facture)), and p.EnvoyerLot(ctx, "L1") until it is answered.
	return p.NoterFacture(v, true)
}

// The page of an editor: what a workstation is made of, what runs beside it, and a sale. Here
// nothing can be joined, and nobody is known: the example needs no network.
func ExamplePoste() {
	dossier := obtenir(os.MkdirTemp("", "officine"))
	defer os.RemoveAll(dossier)
	magasin := obtenir(droits.OuvrirMagasin(filepath.Join(dossier, "officine.ecluse"), droits.OptionsMagasin{Cle: make([]byte, 32)})) // a key from where secrets are kept
	defer magasin.Fermer()
	confiance := certificat.NouveauMagasin(certificat.Options{}) // then ChargerRepertoire: roots, authorities, lists
	classeur := obtenir(visiodroits.NouveauClasseur(confiance,
		visiodroits.Attendu{Genre: visiodroits.GenreServices, Emetteur: "88000001", Structures: []string{"2999100209"}},
		visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: "88000001", Structures: []string{"2999100209"}},
		// The third party that prices, as the insurer gives it: without its lists, no price.
		visiodroits.Attendu{Genre: visiodroits.GenreServices, Emetteur: "99009901", Structures: []string{"2999101306"}},
		visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: "99009901", Structures: []string{"2999101306"}}))
	transport := roc.NewTransport(nil, confiance, time.Now)
	transport.Composer(func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("câble débranché") })

	p, err := droits.NouveauPoste(droits.OptionsPoste{
		PS:        droits.Professionnel{NumeroFacturation: obtenir(sante.ParseNumeroFacturation("752000012")), Categorie: droits.Pharmacie},
		Juge:      confiance,
		Classeur:  classeur,
		Magasin:   magasin,
		Transport: transport,
		OCT:       &droits.OCT{Adresse: "https://oct.exemple.invalid", Structure: "2999100308"},
		Repli:     true, // without the concentrator, when it does not answer
		Miroirs:   []string{"https://listes.exemple.invalid/v1/droits"},
	})
	if err != nil && !errors.Is(err, droits.ErrListesPerdues) {
		log.Fatal(err)
	}
	ctx, fin := context.WithCancel(context.Background())
	defer fin()
	// go p.Tenir(ctx, noter): lists up to date, questions asked again once the link is back.

	patient := droits.Patient{NumeroAdherent: obtenir(sante.ParseNumeroAdherent("MB0012345")), DateNaissance: obtenir(sante.ParseDateNaissance("19910417")), RangGemellaire: 1}
	if err := vendre(ctx, p, patient, droits.Carte{NumeroAMC: obtenir(sante.ParseNumeroAMC("99000101"))}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 204 Poste hors ligne
	// Aucun droit n'a été obtenu auparavant pour ce bénéficiaire : pas de tiers payant complémentaire sans réponse.
}

// The page of the example works against a service too.
func TestPageDeLEditeur(t *testing.T) {
	v := nouvelleVille(t)
	o := v.options(v.classeur(v.listes(1, v.entree())...))
	p := v.poste(o)
	patient, carte := v.patient(1)
	for _, coupe := range []bool{false, true} {
		if coupe {
			v.couper(refusee, v.service)
		}
		if err := vendre(context.Background(), p, patient, carte); err != nil {
			t.Fatal(err)
		}
	}
	s := obtenirT[*visiodroits.Statistiques](t)(p.Statistiques(sante.JourA(v.Horloge(), sante.Paris()))).Sommer(nil)
	if s.Factures != 2 || s.FacturesDegradees != 1 || s.FacturesAvecTrace != 2 {
		t.Errorf("%+v", s)
	}
}
