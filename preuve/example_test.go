package preuve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ecluse-sante/ecluse/preuve"
)

var golden = flag.Bool("golden", false, "refaire testdata")

// TestGolden makes testdata again with -golden: a small exported journal of each
// side of an exchange, and the evidence of the insurer. The keys are new each
// time and are not kept.
func TestGolden(t *testing.T) {
	if !*golden {
		t.Skip("seulement avec -golden")
	}
	x := unEchange()
	for nom, tr := range map[string]preuve.Trace{"hopital": x.emetteur, "amc": x.dest} {
		l := nouveauLivre(t, nom)
		for n := range 4 {
			bruit := tr
			bruit.IDMessage = fmt.Sprint("M-1", n)
			l.ajouter(bruit)
		}
		e := l.echange(l.ajouter(tr))
		e.Question, e.Reponse = x.question, x.reponse
		b, err := json.MarshalIndent(e, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		fichiers := map[string][]byte{"../" + nom + "-echange.json": b}
		for chemin, f := range l.repertoire() {
			fichiers[chemin] = f.Data
		}
		for chemin, b := range fichiers {
			chemin = filepath.Join("testdata", nom, chemin)
			if err := os.MkdirAll(filepath.Dir(chemin), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(chemin, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// cleConnue reads the public key that a party once gave us.
func cleConnue(partie string) preuve.Cle {
	b, err := os.ReadFile(filepath.Join("testdata", partie, preuve.FichierCle))
	if err != nil {
		panic(err)
	}
	cle, err := preuve.ParseCle(string(b))
	if err != nil {
		panic(err)
	}
	return cle
}

// Verify the proof of an exchange that a partner handed over, with the public
// key of its journal and nothing else.
func ExampleEchange_Verifier() {
	b, err := os.ReadFile("testdata/amc-echange.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	var e preuve.Echange
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&e); err != nil {
		fmt.Println(err)
		return
	}
	c, err := e.Verifier(cleConnue("amc"), nil) // nil: seals are not looked at
	if err != nil {
		fmt.Println("refusé :", err)
		return
	}
	fmt.Println(c.Trace.Service, c.Trace.IDMessage, c.Trace.Engagement, "au rang", e.Inclusion.Rang, "sur", c.Point.Taille)
	// Output: CLC M-1 ENG-1 au rang 4 sur 5
}

// Verify a whole exported journal.
func ExampleVerifierRepertoire() {
	bilan, err := preuve.VerifierRepertoire(os.DirFS("testdata/hopital"), cleConnue("hopital"), nil)
	if err != nil {
		fmt.Println("refusé :", err)
		return
	}
	fmt.Println(bilan.Feuilles, "feuilles,", bilan.Effacees, "effacée")
	// Output: 5 feuilles, 0 effacée
}

// Compare what two parties prove of one exchange.
func ExampleLitige() {
	var dossiers [2]preuve.Dossier
	for i, partie := range []string{"hopital", "amc"} {
		var err error
		dossiers[i], err = preuve.ChercherDossier(context.Background(), partie, os.DirFS("testdata/"+partie), cleConnue(partie), "M-1")
		if err != nil {
			fmt.Println("refusé :", err)
			return
		}
	}
	c, err := preuve.Litige(dossiers[0], dossiers[1], nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(c)
	// Output:
	// Échange CLC, message M-1, entre hopital (demandeur) et amc (répondant).
	//
	// Ce que les preuves établissent
	//   prouvé      hopital a envoyé la question
	//   prouvé      amc a reçu la question
	//   prouvé      amc a envoyé la réponse
	//   prouvé      hopital a reçu la réponse
	//
	// À savoir
	//   - hopital ne joint pas la question : seule son empreinte parle.
	//   - hopital ne joint pas la réponse : seule son empreinte parle.
	//   - amc ne joint pas la question : seule son empreinte parle.
	//   - amc ne joint pas la réponse : seule son empreinte parle.
	//
	// Chronologie
	//   22/11/2026 10:00:00.000 UTC  hopital dit avoir envoyé la question
	//   22/11/2026 10:00:00.020 UTC  amc dit avoir reçu la question
	//   22/11/2026 10:00:00.030 UTC  amc dit avoir envoyé la réponse
	//   22/11/2026 10:00:00.050 UTC  hopital dit avoir reçu la réponse
	//   22/11/2026 10:00:02.000 UTC  hopital signe le point de contrôle qui couvre sa feuille 4
	//   22/11/2026 10:00:02.000 UTC  amc signe le point de contrôle qui couvre sa feuille 4
	//
	// Les deux journaux sont intacts et disent la même chose.
}
