package pupitre_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

var maj = flag.Bool("update", false, "écrire les fichiers de référence")

// histoire is a story without chance: what changes at each run is fixed.
func histoire() []pupitre.Etape {
	scelle := &pupitre.Vu{Face: sceau.SOAP, Garanti: true, Empreinte: "q0NLx5JSh6LQ1b2q", Scelleur: &pupitre.Scelleur{Structure: "1990000101", Organisation: "HOPITAL DES SOURCES"},
		Sceau: &sceau.Rapport{Profil: "WS-Security, XAdES B", Algorithme: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
			References: []sceau.Reference{{Concordante: true}, {Concordante: true}, {Concordante: true}}}}
	refuse := &pupitre.Vu{Face: sceau.REST, Code: roc.SceauInvalide, Echec: "la signature ne vaut pas pour ce contenu"}
	return []pupitre.Etape{
		{Numero: 1, Histoire: "Un séjour", Titre: "Les parts du séjour, et l'engagement de la mutuelle", Service: roc.CLC, Code: roc.AvecReserve,
			Recit:     []string{"À la sortie, l'hôpital des Sources demande à la Mutuelle des Bateliers la part exacte qu'elle paiera, et qu'elle s'y engage. La première mutuelle a déjà dit la sienne."},
			Demandeur: "Hôpital des Sources", Repondant: "Mutuelle des Bateliers", Face: sceau.SOAP, Relais: []string{"OCT-CONFLUENT"}, Chiffre: true,
			Debut: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Duree: 12_400 * time.Microsecond, Ok: true, Attendu: "un engagement", Question: scelle, Reponse: scelle,
			Lignes: []pupitre.LigneParts{
				{Rang: 1, Libelle: "Frais de séjour (GHS)", Parts: pupitre.Parts{Depense: 299200, AMO: 227200, Rangs: []pupitre.Part{{AMC: "99000002", Rang: 1, Montant: 4000}}, AMC: 68000},
					Regle: "F01", Source: "art. R.160-5 CSS", Phrase: "Sur 2 992,00 €, l'assurance maladie paie 2 272,00 €, une autre complémentaire 40,00 € et la vôtre 680,00 €."},
				{Rang: 2, Libelle: "Chambre particulière × 4", Parts: pupitre.Parts{Depense: 26000, AMC: 20000, Patient: 6000}, Regle: "F07", Motif: roc.PlafondAtteint},
			},
			Totaux:     &pupitre.Parts{Depense: 325200, AMO: 227200, Rangs: []pupitre.Part{{AMC: "99000002", Rang: 1, Montant: 4000}}, AMC: 88000, Patient: 6000},
			Engagement: &pupitre.Engagement{Numero: "E0099000001PEC4NFCPKF9G4", Etat: "en cours", Debut: sante.JourDe(2026, 3, 2), Fin: sante.JourDe(2027, 3, 2), Etendue: "partielle"},
			Preuve:     &pupitre.Preuve{Journal: "journal.exemple.invalid", Rang: 4, Taille: 7, Racine: preuve.Hash{1, 2, 3}, Feuille: preuve.Hash{4}, Chemin: []preuve.Hash{{5}}, Verifiee: true},
		},
		{Numero: 2, Histoire: "Ce qui est refusé", Titre: "Un octet changé en chemin", Service: roc.IDB, Code: roc.SceauInvalide, Duree: 840 * time.Millisecond,
			Attendu: "S502", Constate: "000", Question: refuse, Refus: pupitre.ExpliquerRefus(roc.SceauInvalide, "le corps a changé", "Renvoyer la demande.")},
		{Numero: 3, Titre: "Une estimation", Service: roc.SIM, Indicatif: true, Ok: true, Hypotheses: []string{"tarif : grille indicative (2840.00)"},
			Totaux: &pupitre.Parts{Depense: 1000, AMO: 500, Patient: 400}},
	}
}

func TestNarration(t *testing.T) {
	var b bytes.Buffer
	if err := pupitre.EcrireHistoire(&b, "Un séjour à l'hôpital", false); err != nil {
		t.Fatal(err)
	}
	for _, e := range histoire() {
		if err := pupitre.EcrireTexte(&b, e, false); err != nil {
			t.Fatal(err)
		}
	}
	const fichier = "testdata/narration.txt"
	if *maj {
		if err := os.WriteFile(fichier, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(fichier)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("-attendu +obtenu (-update pour le reprendre)\n%s", d)
	}
}

// No line passes the width, colours change nothing but colours, and what a
// message says never reaches the terminal as an order.
func TestNarrationTerminal(t *testing.T) {
	etapes := append(pupitretest.New(t).Etapes(), histoire()...)
	nombreux := histoire()[0]
	nombreux.Lignes = []pupitre.LigneParts{{Rang: 1, Libelle: "Frais de séjour d'un nom qui n'en finit pas, vraiment pas, dans un service à rallonge", Parts: pupitre.Parts{
		Depense: 10_000_000, AMO: 6_000_000, AutrePayeur: 1_000_000, Rangs: []pupitre.Part{{Rang: 1, Montant: 1_000_000}, {Rang: 2, Montant: 500_000}}, AMC: 1_000_000, Patient: 500_000}}}
	nombreux.Totaux = &nombreux.Lignes[0].Parts
	etapes = append(etapes, nombreux)
	etapes[0].Titre, etapes[0].Recit = "Titre \x1b[2J\x07 piégé", []string{"\u202eà l'envers\u0085", strings.Repeat("mot ", 80)}
	for _, e := range etapes {
		var nu, peint bytes.Buffer
		if err := pupitre.EcrireTexte(&nu, e, false); err != nil {
			t.Fatal(err)
		}
		if err := pupitre.EcrireTexte(&peint, e, true); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(nu.String(), "\x1b\x07\u0085\u202e") {
			t.Errorf("étape %d : caractère de commande\n%q", e.Numero, nu.String())
		}
		for l := range strings.Lines(nu.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(l, "\n")); n > pupitre.Largeur {
				t.Errorf("étape %d : %d colonnes : %s", e.Numero, n, l)
			}
			if strings.TrimRight(l, " \n") != strings.TrimSuffix(l, "\n") {
				t.Errorf("étape %d : blancs en fin de ligne : %q", e.Numero, l)
			}
		}
		decape := peint.String()
		for _, c := range []string{"0", "1", "2", "31", "32", "36"} {
			decape = strings.ReplaceAll(decape, "\x1b["+c+"m", "")
		}
		if decape == peint.String() || decape != nu.String() {
			t.Errorf("étape %d : la couleur change le texte\n%s", e.Numero, cmp.Diff(nu.String(), decape))
		}
	}
}

func TestJSON(t *testing.T) {
	for i, want := range []map[string]any{
		{"etape": 1.0, "service": "CLC", "code": "010", "ms": 12.4, "ok": true, "face": "SOAP", "chiffre": true},
		{"etape": 2.0, "service": "IDB", "code": "S502", "ms": 840.0, "ok": false, "constate": "000"},
		{"etape": 3.0, "service": "SIM", "code": "", "ms": 0.0, "ok": false, "constate": "totaux : les parts font 9,00\u00a0€ pour une dépense de 10,00\u00a0€"},
	} {
		var b bytes.Buffer
		if err := pupitre.EcrireJSON(&b, histoire()[i]); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n"); n != 1 || !strings.HasSuffix(b.String(), "\n") {
			t.Errorf("étape %d : %d lignes", i+1, n)
		}
		var got map[string]any
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		for k, v := range want {
			if d := cmp.Diff(v, got[k]); d != "" {
				t.Errorf("étape %d, %s : %s", i+1, k, d)
			}
		}
	}
}

// The nested objects keep the names that a program reads.
func TestJSONDetail(t *testing.T) {
	var b bytes.Buffer
	if err := pupitre.EcrireJSON(&b, histoire()[0]); err != nil {
		t.Fatal(err)
	}
	var x struct {
		Engagement struct{ Numero, Debut, Fin string }
		Parts      map[string]any
		Lignes     []map[string]any
		Sceau      struct {
			Question, Reponse struct {
				Valide     bool
				References int
				Structure  string
			}
		}
		Preuve struct {
			Verifiee     bool
			Rang, Taille int64
			Racine       string
		}
	}
	if err := json.Unmarshal(b.Bytes(), &x); err != nil {
		t.Fatal(err)
	}
	if x.Engagement.Numero != "E0099000001PEC4NFCPKF9G4" || x.Engagement.Fin != "2027-03-02" || !x.Sceau.Reponse.Valide || x.Sceau.Question.References != 3 ||
		!x.Preuve.Verifiee || x.Preuve.Taille != 7 || x.Preuve.Racine == "" || len(x.Lignes) != 2 {
		t.Errorf("%+v", x)
	}
	for k, v := range map[string]any{"depense": "3252.00", "amo": "2272.00", "amc": "880.00", "patient": "60.00", "autrePayeur": "0.00"} {
		if x.Parts[k] != v {
			t.Errorf("parts.%s = %v, attendu %v", k, x.Parts[k], v)
		}
	}
	for k, v := range map[string]any{"rang": 1.0, "depense": "2992.00", "regle": "F01", "source": "art. R.160-5 CSS"} {
		if x.Lignes[0][k] != v {
			t.Errorf("lignes[0].%s = %v, attendu %v", k, x.Lignes[0][k], v)
		}
	}
}

func TestBilan(t *testing.T) {
	tenues, duree := pupitre.Bilan(histoire())
	if tenues != 1 || duree != 852_400*time.Microsecond {
		t.Errorf("got %d, %s", tenues, duree)
	}
}
