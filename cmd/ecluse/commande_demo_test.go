package main

import (
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDemoAppels runs the commands that the demonstration shows, as they are
// written, from the sources.
func TestDemoAppels(t *testing.T) {
	if testing.Short() {
		t.Skip("démonstration entière")
	}
	for _, outil := range []string{"bash", "curl", "python3"} {
		if _, err := exec.LookPath(outil); err != nil {
			if os.Getenv("ECLUSE_CI") == "1" {
				t.Fatal(err)
			}
			t.Skip(outil + " absent")
		}
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() + "/un labo" // a name that a shell would cut
	var sortie tampon
	c := exec.Command(executable, "demo", "--dir", dir)
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), enSession+"=1", "NO_COLOR=1"), &sortie, &sortie
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Errorf("la démonstration : %v", err)
		}
	}()
	const derniere = "clients/curl/parcours.sh\n"
	for limite := time.Now().Add(60 * time.Second); !strings.HasSuffix(sortie.String(), derniere); {
		if time.Now().After(limite) {
			t.Fatalf("rien à appeler :\n%s", sortie.String())
		}
		time.Sleep(50 * time.Millisecond)
	}
	attendu := map[string]string{
		"Lister les venues": `"venues":[`, "Sa description": `"openapi"`, "Une question REST, scellée et envoyée": `"codeRetour":"000"`,
		"La même en SOAP": "<codeRetour>000</codeRetour>", "La description SOAP": "definitions>", "La description REST": `"openapi"`,
		"Chez l'AMC, ce qui est payé": "PAYE", "Chez l'établissement, la journée par AMC": "99000101", "Chez le comptable, ce que chacun doit encore": "99000101",
		"Ce que personne n'a pu livrer": "QUI AGIT",
		"Les factures d'une pharmacie":  "FVILLE2", "Les clés qui signent, jusqu'à quand": "en vigueur", "Ce que les postes en disent": "journée de poste",
		"IDB, CLC puis DEL, avec curl (bash, python3)": "état de l'engagement : ANNULE",
	}
	commandes := commandesMontrees(sortie.String())
	if len(commandes) != len(attendu) {
		t.Errorf("%d commandes montrées, %d attendues", len(commandes), len(attendu))
	}
	liens := regexp.MustCompile(`(?m)^  .+ : (http://\S+/v1/(?:roc|droits|tarif)/\S*)$`).FindAllStringSubmatch(sortie.String(), -1)
	if len(liens) != 15 {
		t.Errorf("%d descriptions montrées", len(liens))
	}
	for _, l := range liens {
		r, err := http.Get(l[1])
		if err != nil {
			t.Fatal(err)
		}
		if r.Body.Close(); r.StatusCode != http.StatusOK {
			t.Errorf("%s : %s", l[1], r.Status)
		}
	}
	for titre, commande := range commandes {
		x := exec.Command("bash", "-c", "set -o pipefail\n"+commande)
		x.Dir, x.Env = "../..", append(os.Environ(), enSession+"=1")
		b, err := x.CombinedOutput()
		if veut := attendu[titre]; err != nil || veut == "" || !strings.Contains(string(b), veut) || strings.Contains(string(b), "not ok") {
			t.Errorf("%s : %v, « %s » attendu\n%s\n%.2000s", titre, err, veut, commande, b)
		}
	}
}

// commandesMontrees reads the commands at the end of the demonstration, by what is
// said above each.
func commandesMontrees(sortie string) map[string]string {
	_, fin, _ := strings.Cut(sortie, "Le bureau :")
	m, titre := map[string]string{}, ""
	for l := range strings.Lines(fin) {
		switch s, indente := strings.CutPrefix(l, "  "); {
		case strings.HasPrefix(l, "  # "):
			titre = strings.TrimSpace(l[4:])
		case !indente: // another heading
			titre = ""
		case titre != "":
			m[titre] += s
		case !indente && strings.TrimSpace(l) != "": // another part
			titre = ""
		}
	}
	return m
}
