package clients

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

var actualiser = flag.Bool("update", false, "écrit exemple.json d'après le monde fictif")

// exemple is what the example clients say: who asks whom, and the body of each
// question. Days are written from today, as @JOUR@ or @JOUR-8@, and the year of a
// card @ANNEE@.
type exemple struct {
	Emetteur json.RawMessage            `json:"emetteur"`
	Annuaire json.RawMessage            `json:"annuaire"`
	AMC      json.RawMessage            `json:"amc"`
	Dossier  string                     `json:"dossier"`
	Corps    map[string]json.RawMessage `json:"corps"`
}

// The bodies that the example clients send are those of the fictitious world: a
// change of the world that would break the examples is seen here.
func TestExempleSuitLeMonde(t *testing.T) {
	jour := sante.JourDe(2026, time.November, 22)
	b := append(indenter(t, ecrireExemple(t, jour)), '\n')
	texte := relatif(string(b), jour)
	texte = strings.NewReplacer(`"2026-01-01"`, `"@ANNEE@-01-01"`, `"2026-12-31"`, `"@ANNEE@-12-31"`).Replace(texte)
	if *actualiser {
		if err := os.WriteFile("exemple.json", []byte(texte), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("exemple.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != texte {
		t.Error("exemple.json n'est plus celui du monde fictif : go test ./clients -update, puis relire la différence")
	}
}

// relatif writes the days around one from it.
func relatif(texte string, jour sante.Jour) string {
	for d := sante.Jour(-10); d <= 10; d++ {
		place := "@JOUR@"
		if d != 0 {
			place = fmt.Sprintf("@JOUR%+d@", d)
		}
		texte = strings.ReplaceAll(texte, (jour + d).String(), place)
	}
	return texte
}

func ecrireExemple(t *testing.T, jour sante.Jour) exemple {
	t.Helper()
	m, err := monde.New(jour)
	if err != nil {
		t.Fatal(err)
	}
	histoires, err := m.Histoires()
	if err != nil {
		t.Fatal(err)
	}
	h := histoires[0] // the outpatient visit of the public hospital
	amc := m.Assureur(h.Patient.Couverture(1).AMC)
	partie := trame.Pour[roc.Partie](roc.Espace)
	e := exemple{Dossier: "EXEMPLE-0001", Corps: map[string]json.RawMessage{}}
	e.Emetteur = partie.AppendJSON(nil, &roc.Partie{Type: roc.ES, ID: h.Etablissement.Identifiant, FinessGeo: h.Etablissement.FinessGeo, Libelle: "CH de l'exemple"})
	e.Annuaire = partie.AppendJSON(nil, &roc.Partie{Type: roc.Annuaire, ID: m.Gestionnaire.Identifiant})
	e.AMC = partie.AppendJSON(nil, &roc.Partie{Type: roc.AMC, ID: amc.Identifiant})
	carte := m.Carte(h.Patient.Couverture(1))
	e.Corps["ANN"] = roc.EchangeAnnuaire.CorpsDemande.AppendJSON(nil, &roc.DemandeAnnuaire{
		NumeroAMC: carte.NumeroAMC, TypeConvention: carte.TypeConvention, CSR: carte.CSR, DateReference: jour, Domaine: roc.HospitalACE})
	e.Corps["IDB"] = roc.EchangeIDB.CorpsDemande.AppendJSON(nil, &roc.DemandeIDB{Entete: m.Entete(&h, 1)})
	e.Corps["CLC"] = roc.EchangeCLC.CorpsDemande.AppendJSON(nil, demande(t, m, &h, roc.CLC))
	// The stay at the same hospital, of another patient of the same insurer: SIM is for stays.
	sejour := histoires[1]
	if m.Assureur(sejour.Patient.Couverture(1).AMC) != amc || sejour.Etablissement != h.Etablissement {
		t.Fatal("le séjour de l'exemple n'est plus chez la même AMC ou le même établissement")
	}
	e.Corps["SIM"] = roc.EchangeSIM.CorpsDemande.AppendJSON(nil, demande(t, m, &sejour, roc.SIM))
	// numeroEngagement is added by the client, from the answer to CLC.
	e.Corps["DEL"] = json.RawMessage(`{"motif":"ERREUR_SAISIE"}`)
	e.Corps["ENG"] = json.RawMessage(`{}`)
	e.Corps["ETAT"] = roc.EchangeEtat.CorpsDemande.AppendJSON(nil, &roc.DemandeEtat{})
	return e
}

// demande is the first question of a story to a service that calculates.
func demande(t *testing.T, m *monde.Monde, h *monde.Histoire, s roc.Service) *roc.DemandeCalcul {
	t.Helper()
	moteur, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range h.Etapes {
		if e := &h.Etapes[i]; e.Service == s {
			d, err := m.Demande(moteur, h, e)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	t.Fatal("l'histoire n'a pas de calcul")
	return nil
}

func indenter(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
