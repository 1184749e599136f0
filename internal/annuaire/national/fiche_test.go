package national

import (
	"bytes"
	_ "embed"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/sante"
)

//go:embed testdata/ressources.ndjson
var ressources []byte

func jourDe(s string) sante.Jour {
	j, err := sante.ParseJour(s)
	if err != nil {
		panic(err)
	}
	return j
}

// The resources of the guide become the records that they say.
func TestLire(t *testing.T) {
	site, personne := identifiantDe(annuaire.Structures, "158480"), identifiantDe(annuaire.Praticiens, "3719500")
	attendues := []annuaire.Changement{
		{Structure: &annuaire.Structure{
			Entete: annuaire.Entete{ID: site, Actif: true, Du: jourDe("2001-02-03"),
				Trace: annuaire.Trace{Autorite: annuaire.Code{Code: "FINESS"}, Systeme: "FINESS", MajLe: jourDe("2026-11-01")}},
			IDNat: "1990000127", FINESS: "990000127", SIREN: "999123458", SIRET: "99912345800011",
			RaisonSociale: "CENTRE HOSPITALIER FICTIF", Enseigne: "CH FICTIF", Sorte: annuaire.SiteGeographique,
			Juridique: identifiantDe(annuaire.Structures, "158000"), Secteur: annuaire.Code{Code: "SA01", Libelle: "Etablissement public de santé"},
			Categorie: annuaire.Code{Code: "355"}, Licence: "99#001",
			Adresse: annuaire.Coordonnees{NumeroVoie: "12", Indice: "BIS", TypeVoie: annuaire.Code{Code: "RUE", Libelle: "RUE"}, LibelleVoie: "DES LILAS",
				CodePostal: "41000", Commune: annuaire.Code{Code: "41018", Libelle: "BLOIS"}, Pays: annuaire.Code{Code: "99100"}, Telephone: "0299000000"},
			Latitude: 47586100, Longitude: -1335900, Situee: true,
			BAL: []annuaire.BAL{{Adresse: "accueil@fictif.mssante.example", Type: "ORG", Service: "Accueil"}}}},
		{Praticien: &annuaire.Praticien{
			Entete: annuaire.Entete{ID: personne, Actif: true, Trace: annuaire.Trace{Systeme: "RPPS"}},
			TypeID: "8", Numero: "99900112204", IDNat: "899900112204", Nom: "FICTIF", Prenom: "Zoé",
			Civilite: annuaire.Code{Code: "MME"}, CiviliteExercice: annuaire.Code{Code: "DR"},
			Profession: annuaire.Code{Code: "10", Libelle: "Médecin"}, Categorie: annuaire.Code{Code: "C"},
			SavoirFaire: []annuaire.Qualification{{Type: annuaire.Code{Code: "S"}, Savoir: annuaire.Code{Code: "SM04"}}},
			Diplomes: []annuaire.Diplome{{Type: annuaire.Code{Code: "DE"}, Diplome: annuaire.Code{Code: "DE01"}},
				{TypeAutorisation: annuaire.Code{Code: "AUT1"}, Discipline: annuaire.Code{Code: "DISC1"}}},
			BAL:    []annuaire.BAL{{Adresse: "zoe.fictif@medecin.mssante.example", Type: "PER", Rang: 1}},
			Cartes: []annuaire.Carte{{Type: annuaire.Code{Code: "CPS"}, Numero: "8025000001", Du: jourDe("2025-01-01"), Au: jourDe("2028-01-01")}}}},
		{Situation: &annuaire.Situation{
			Entete:    annuaire.Entete{ID: identifiantDe(annuaire.Situations, "1578230"), Actif: true, Trace: annuaire.Trace{Systeme: "FHIR"}},
			Praticien: personne, Structure: site, Genre: annuaire.Code{Code: "GENR01"}, Mode: annuaire.Code{Code: "S"}, Fonction: annuaire.Code{Code: "FON-AU"}}},
		{Activite: &annuaire.Activite{
			Entete: annuaire.Entete{ID: identifiantDe(annuaire.Activites, "77001"), Actif: true, Trace: annuaire.Trace{Systeme: "FHIR"}},
			Numero: "24-001", Structure: site, Modalite: annuaire.Code{Code: "09"}, Type: annuaire.Code{Code: "04", Libelle: "Psychiatrie"}, Forme: annuaire.Code{Code: "01"}}},
		{Equipement: &annuaire.Equipement{
			Entete: annuaire.Entete{ID: identifiantDe(annuaire.Equipements, "191"), Actif: true, Trace: annuaire.Trace{Systeme: "FHIR"}},
			Numero: "24-EML-1", Structure: site, Type: annuaire.Code{Code: "05602", Libelle: "Scanner"}, Fabricant: "FABRICANT FICTIF", Serie: "S1", Statut: "active"}},
	}
	lignes := bytes.Split(bytes.TrimSpace(ressources), []byte("\n"))
	if len(lignes) != len(attendues) {
		t.Fatalf("%d ressources, %d attendues", len(lignes), len(attendues))
	}
	for i, l := range lignes {
		k, err := Lire(l)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(attendues[i], k); d != "" {
			t.Errorf("ressource %d : %s", i, d)
		}
	}
}

// What is no resource of the directory is refused, whatever it holds.
func TestLireRefuse(t *testing.T) {
	for nom, s := range map[string]string{
		"vide": "", "texte": "bonjour", "tableau": "[]", "sans identifiant": `{"resourceType":"Practitioner"}`,
		"autre ressource": `{"resourceType":"Patient","id":"1"}`, "identifiant trop long": `{"resourceType":"Device","id":"` + string(bytes.Repeat([]byte("1"), 65)) + `"}`,
		"code qui n'est pas une liste": `{"resourceType":"PractitionerRole","id":"1","code":{}}`, "trop grosse": `{"resourceType":"Device","id":"1","x":"` + string(bytes.Repeat([]byte("x"), ressourceMax)) + `"}`,
		"imbriquée": `{"resourceType":"Device","id":"1","extension":` + string(bytes.Repeat([]byte(`[{"extension":`), 20000)),
	} {
		if _, err := Lire([]byte(s)); err == nil {
			t.Errorf("%s : lue", nom)
		}
	}
}

// An identifier of ours is kept: a mirror of a node has those of the node.
func TestIdentifiantDe(t *testing.T) {
	notre := annuaire.NouvelID(annuaire.Praticiens, "essai")
	if got := identifiantDe(annuaire.Praticiens, notre); got != notre {
		t.Errorf("%s est devenu %s", notre, got)
	}
	autre := identifiantDe(annuaire.Structures, notre)
	if autre == notre || autre[0] != 'o' {
		t.Errorf("l'identifiant d'une autre nature a été gardé : %s", autre)
	}
	if identifiantDe(annuaire.Praticiens, "1") == identifiantDe(annuaire.Praticiens, "2") {
		t.Error("deux identifiants se confondent")
	}
}

// Whatever is read makes a record that an image can hold and give back.
func FuzzLire(f *testing.F) {
	for _, l := range bytes.Split(bytes.TrimSpace(ressources), []byte("\n")) {
		f.Add(l)
	}
	f.Add([]byte(`{"resourceType":"Organization","id":"1","name":[],"type":{},"address":[{"_line":[null]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := Lire(b)
		if err != nil {
			return
		}
		n, e := k.Entete()
		if n == 0 || len(e.ID) != 17 {
			t.Fatalf("fiche sans identifiant : %v %q", n, e.ID)
		}
		ecrite := image.Encoder(nil, &k)
		relue, err := image.Decoder(ecrite)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(image.Encoder(nil, &relue), ecrite) {
			t.Error("la fiche relue n'est pas celle qui a été écrite")
		}
	})
}
