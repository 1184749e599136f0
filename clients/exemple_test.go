package clients

import (
	"bytes"
	"encoding/json"
	"flag"
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
// question. The day is written @JOUR@ and the year @ANNEE@.
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
	texte := strings.ReplaceAll(string(b), jour.String(), "@JOUR@")
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
	clc := demande(t, m, &h)
	e.Corps["CLC"] = roc.EchangeCLC.CorpsDemande.AppendJSON(nil, clc)
	clc.NumeroFactureES = ""
	e.Corps["SIM"] = roc.EchangeSIM.CorpsDemande.AppendJSON(nil, clc)
	// numeroEngagement is added by the client, from the answer to CLC.
	e.Corps["DEL"] = json.RawMessage(`{"motif":"ERREUR_SAISIE"}`)
	e.Corps["ENG"] = json.RawMessage(`{}`)
	e.Corps["ETAT"] = roc.EchangeEtat.CorpsDemande.AppendJSON(nil, &roc.DemandeEtat{})
	return e
}

// demande is the first calculation of a story.
func demande(t *testing.T, m *monde.Monde, h *monde.Histoire) *roc.DemandeCalcul {
	t.Helper()
	moteur, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range h.Etapes {
		if e := &h.Etapes[i]; e.Service == roc.CLC {
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
