package ldap

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

var update = flag.Bool("update", false, "réécrit les fichiers de référence")

// Each nature of records, whole, as an entry: the reference is read by eye when it changes.
func TestLDIF(t *testing.T) {
	entete := func(n annuaire.Nature) annuaire.Entete {
		return annuaire.Entete{ID: annuaire.NouvelID(n, "modèle"), Actif: true, Maj: 1_790_000_000_123}
	}
	l := []annuaire.Changement{
		{Praticien: &annuaire.Praticien{Entete: entete(annuaire.Praticiens), TypeID: "8", Numero: "99900112204", IDNat: "899900112204", Nom: "LE GALL", Prenom: "Hélène",
			Profession: annuaire.Code{Code: "10", Libelle: "Médecin"}, Categorie: annuaire.Code{Code: "C", Libelle: "Civil"},
			SavoirFaire: []annuaire.Qualification{{Savoir: annuaire.Code{Code: "SM04", Libelle: "Cardiologie"}}, {Savoir: annuaire.Code{Code: "SM04", Libelle: "Cardiologie"}}},
			Exerce:      []annuaire.LieuExercice{{CodeCommune: "41018", Commune: "Blois", CodePostal: "41000"}, {CodeCommune: "41018", Commune: "Blois", CodePostal: "41000"}},
			Cartes:      []annuaire.Carte{{Numero: "2800000001"}}, Certificats: []annuaire.Certificat{{Serie: "1", DER: []byte{0x30, 3, 2, 1, 1}}},
			BAL: []annuaire.BAL{{Adresse: "helene.legall@chu.mssante.exemple", Type: annuaire.BALPersonnelle, Description: "secrétariat", Service: "Cardiologie"}}}},
		{Structure: &annuaire.Structure{Entete: entete(annuaire.Structures), IDNat: "1990000127", FINESS: "990000127", FINESSJuridique: "990000341", SIRET: "99912345800001", SIREN: "999123458",
			RaisonSociale: "CH de la Combe, site nord", Enseigne: "La Combe", Sorte: annuaire.SiteGeographique, Secteur: annuaire.Code{Code: "SA01", Libelle: "Établissement public de santé"},
			Categorie: annuaire.Code{Code: "355"}, BAL: []annuaire.BAL{{Adresse: "accueil@chu.mssante.exemple", Type: annuaire.BALOrganisation}},
			Adresse: annuaire.Coordonnees{Destinataire: "Bureau $ et \\ compte", PointGeographique: "Bâtiment 2", NumeroVoie: "3", Indice: "bis", TypeVoie: annuaire.Code{Libelle: "rue"},
				LibelleVoie: "de l'Écluse", Mention: "BP 7", CodePostal: "41000", Commune: annuaire.Code{Code: "41018", Libelle: "Blois"}, Pays: annuaire.Code{Libelle: "France"}}}},
		{Acces: &annuaire.PointAcces{Entete: entete(annuaire.Acces), NumeroAMC: "99000101", Libelle: "Mutuelle fictive", Convention: "CM", CSR: "94???????", Domaines: []string{"HOSP-ACE", "HOSP-SEJ"},
			Services: []annuaire.ServiceAcces{{Service: "IDB", Adresse: "https://amc.exemple/idb", Du: sante.JourDe(2026, 1, 1), Au: sante.JourDe(2027, 12, 31), Empreintes: []string{"ab12"}},
				{Service: "CLC", Adresse: "https://amc.exemple/clc"}}}},
	}
	f := &Fonds{Images: enImage(t, l), Portier: familles{regards(t)}}
	var b bytes.Buffer
	for _, famille := range []string{"psc", "amc"} {
		b.WriteString("# " + famille + "\n")
		if err := f.EcrireLDIF(context.Background(), &b, ouvrirSeance(t, f, famille).lecteur.Vision); err != nil {
			t.Fatal(err)
		}
	}
	const reference = "testdata/arbre.ldif"
	if *update {
		if err := os.WriteFile(reference, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	attendu, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), attendu) {
		t.Errorf("le LDIF n'est plus celui de %s (make golden, puis relire) :\n%s", reference, b.Bytes())
	}
}
