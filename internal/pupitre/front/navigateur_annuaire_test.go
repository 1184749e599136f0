package front_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
)

// touche presses a key as a person does.
func (n *navigateur) touche(nom string, code int) {
	n.t.Helper()
	for _, genre := range []string{"rawKeyDown", "keyUp"} {
		n.appeler("Input.dispatchKeyEvent", map[string]any{"type": genre, "key": nom, "code": nom, "windowsVirtualKeyCode": code}, nil)
	}
}

// jusque waits for a fact of the page.
func (n *navigateur) jusque(expression, attendu string) {
	n.t.Helper()
	vu := ""
	for fin := time.Now().Add(5 * time.Second); time.Now().Before(fin); time.Sleep(20 * time.Millisecond) {
		if vu = n.evaluer(expression); vu == attendu {
			return
		}
	}
	n.t.Errorf("%s = %q, attendu %q", expression, vu, attendu)
}

const (
	etatCombo = `(() => { const q = document.getElementById("q"), a = q.getAttribute("aria-activedescendant");
  return [q.getAttribute("role"), q.getAttribute("aria-expanded"), document.querySelectorAll("#propositions [role=option]").length,
    a ? document.getElementById(a).getAttribute("aria-selected") : "", q.value].join("|") })()`
	// petites lists what a finger cannot touch: under 24 px. ref: WCAG 2.2 §2.5.8
	petites = `[...document.querySelectorAll("main button, main select, main input, .onglets a, #propositions li")]
  .filter(e => e.offsetParent && e.type !== "hidden" && e.getBoundingClientRect().height < 24).map(e => e.outerHTML.slice(0, 60)).join(" ")`
)

// The pages of the directory fit a phone and a page zoomed twice; suggestions come to the
// keyboard, are taken, and are left.
func TestNavigateurAnnuaire(t *testing.T) {
	n := nouveauNavigateur(t)
	a := new(pupitretest.Annuaire)
	s := httptest.NewUnstartedServer(nil)
	s.Config.Handler = front.New(pupitretest.New(t), nil, front.Options{Adresses: []string{s.Listener.Addr().String()}, Annuaire: a})
	s.Start()
	defer s.Close()
	for _, c := range []struct {
		nom, chemin string
		largeur     int
		sombre      bool
	}{
		{"annuaire-320", "/annuaire?q=fictif", 320, false}, {"annuaire-640", "/annuaire?q=fictif", 640, false}, {"annuaire-1280", "/annuaire?q=fictif&quoi=structures", 1280, false},
		{"annuaire-sombre-390", "/annuaire?q=fictif", 390, true}, {"annuaire-fiche-320", "/annuaire/praticien/p1", 320, false}, {"annuaire-fiche-640", "/annuaire/praticien/p1?famille=ministere", 640, true},
		{"annuaire-versions-320", "/annuaire/praticien/p1/versions?famille=ministere", 320, false}, {"annuaire-pourquoi-320", "/pourquoi/praticien/etat-civil", 320, false},
	} {
		n.ouvrir(s.URL+c.chemin, c.largeur, c.sombre)
		n.evaluer(`document.querySelectorAll("details").forEach(d => d.open = true)`)
		for quoi, expression := range map[string]string{"déborde en largeur": debordement, "sans nom accessible": sansNom, "trop petits": petites} {
			if l := n.evaluer(expression); l != "" {
				t.Errorf("%s : %s : %s", c.nom, quoi, l)
			}
		}
		n.capturer(c.nom)
	}
	n.combo(s.URL, a)
	if len(n.plaintes) > 0 {
		t.Errorf("le navigateur se plaint :\n%s", strings.Join(n.plaintes, "\n"))
	}
	n.sansScript(s.URL)
}

func (n *navigateur) combo(url string, a *pupitretest.Annuaire) {
	n.t.Helper()
	n.ouvrir(url+"/annuaire", 390, false)
	n.evaluer(`document.getElementById("q").focus()`)
	avant := len(a.Questions())
	for _, c := range "fict" {
		n.appeler("Input.insertText", map[string]any{"text": string(c)}, nil)
	}
	n.jusque(etatCombo, "combobox|true|2||fict")
	if l := a.Questions()[avant:]; len(l) > 2 || l[len(l)-1].Texte != "fict" {
		n.t.Errorf("questions pendant la frappe : %v", l)
	}
	n.capturer("annuaire-propositions-390")
	if l := n.evaluer(petites); l != "" {
		n.t.Errorf("trop petits : %s", l)
	}
	n.touche("ArrowDown", 40)
	n.jusque(etatCombo, "combobox|true|2|true|fictif")
	n.touche("ArrowDown", 40)
	n.jusque(etatCombo, "combobox|true|2|true|fictive")
	n.touche("ArrowDown", 40) // back to what was typed
	n.jusque(etatCombo, "combobox|true|2||fict")
	n.touche("ArrowUp", 38)
	n.jusque(etatCombo, "combobox|true|2|true|fictive")
	n.touche("Escape", 27)
	n.jusque(etatCombo, "combobox|false|0||fict")
	n.touche("ArrowDown", 40) // asks again
	n.jusque(etatCombo, "combobox|true|2||fict")
	n.touche("ArrowDown", 40)
	n.touche("Enter", 13) // takes, and does not send
	n.jusque(etatCombo, "combobox|false|0||fictif ")
	n.jusque(`document.activeElement.id + " " + location.search`, "q ")
	if dit := n.evaluer(`document.querySelector(".combo [role=status]").textContent`); !strings.Contains(dit, "2 propositions") {
		n.t.Errorf("dit au lecteur d'écran : %q", dit)
	}
	n.evaluer(`document.querySelector("form.recherche").requestSubmit()`)
	n.attendre()
	n.jusque(`document.querySelectorAll(".trouves > li").length`, "1")
}

// sansScript sends the form with scripts turned off.
func (n *navigateur) sansScript(url string) {
	n.t.Helper()
	n.appeler("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	n.ouvrir(url+"/annuaire", 390, false)
	n.evaluer(`document.getElementById("q").value = "fictif"; document.querySelector("form.recherche button").click()`)
	n.attendre()
	n.jusque(`document.querySelectorAll(".trouves > li").length + " " + document.getElementById("q").getAttribute("role")`, "1 null")
}
