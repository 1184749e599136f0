package visiodroits_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

var maj = flag.Bool("maj", false, "réécrire les listes de référence")

// The lists as they are on the wire, for those who do not write Go: what is sealed,
// laid out for the eye.
func TestListesDeReference(t *testing.T) {
	exhaustive := tete(41, lundi)
	exhaustive.Exhaustive = true
	services := complete(t, exhaustive,
		entree(t, "99000001", routee("CM", "94???????"), func(e *visiodroits.EntreeService) {
			e.DepannageMandat = &visiodroits.Mandat{Operateur: operateur, Debut: e.Debut}
			e.Horaires = []visiodroits.Horaire{{Jour: 1, De: "08:00", A: "20:00"}}
			e.KidSuivant, e.Operateur = "cle-2027", operateur
		}),
		entree(t, "99000001", service(visiodroits.LAR)), entree(t, "99000002", nonOuvert))
	suite := tete(42, lundi.Add(time.Hour))
	suite.Exhaustive, suite.Effet = true, lundi.Add(20*time.Hour)
	apres := complete(t, suite, entree(t, "99000001", service(visiodroits.LAR)), entree(t, "99000002"))
	j := visiodroits.JWK{Courbe: "P-256", Type: "EC", X: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", Y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"} // ref: RFC 7515 §A.3
	reference(t, "services", services)
	reference(t, "services-partielle", partielle(t, services, apres))
	reference(t, "certificats", complete(t, tete(3, lundi), visiodroits.CleEmetteur{Kid: j.Empreinte(), Titulaire: "99000001",
		Usage: visiodroits.PourAccreditation, JWK: j, Debut: lundi, Fin: lundi.AddDate(1, 0, 0)}))
	reference(t, "nomenclatures", complete(t, tete(5, lundi),
		visiodroits.Terme{Table: visiodroits.TableRejets, Code: "F701", Libelle: visiodroits.AccreditationFausse.Libelle(), Debut: jour},
		visiodroits.Terme{Table: visiodroits.TableFormules, Code: "F03", Libelle: "Pourcentage de la base de remboursement", Debut: jour}))
	etat := tete(977, lundi)
	etat.ProchaineEmission = lundi.Add(10 * time.Minute)
	reference(t, "etat", complete(t, etat, visiodroits.EtatService{Etat: visiodroits.Operationnel},
		visiodroits.EtatService{NumeroAMC: amc(t, "99000001"), Service: visiodroits.TAR, Etat: visiodroits.Ralenti, Depuis: lundi.Add(-time.Hour),
			Fermetures: []visiodroits.Fermeture{{Debut: lundi.Add(12 * time.Hour), Fin: lundi.Add(14 * time.Hour), Motif: "maintenance"}}}))
}

func reference[E visiodroits.Entree[E]](t *testing.T, nom string, l *visiodroits.Liste[E]) {
	t.Helper()
	chemin := filepath.Join("testdata", "listes", nom+".json")
	var b bytes.Buffer
	if err := json.Indent(&b, l.Message(), "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	if *maj {
		if err := os.MkdirAll(filepath.Dir(chemin), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(chemin, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s a changé : go test ./visiodroits -maj, et relire\n%s", chemin, b.Bytes())
	}
	canonique, err := jcs.Canoniser(nil, want, jcs.Limites{})
	if err != nil {
		t.Fatal(err)
	}
	if lue, err := visiodroits.Lire[E](canonique); err != nil || !bytes.Equal(lue.Message(), l.Message()) {
		t.Errorf("%s : %v", chemin, err)
	}
}
