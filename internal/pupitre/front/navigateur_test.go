package front_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
)

// navigateur is a Chromium without a window, spoken to by its debugging pipe.
type navigateur struct {
	t        *testing.T
	ecrire   *os.File
	lire     *bufio.Reader
	numero   int
	session  string
	plaintes []string // console errors, refused resources
}

// message is what the pipe carries.
type message struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     json.RawMessage `json:"error,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
}

// chromium finds the browser; in CI its absence is a failure.
func chromium(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("navigateur : sauté par -short")
	}
	for _, nom := range []string{"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"} {
		if _, err := os.Stat(nom); err == nil {
			return nom
		}
	}
	if os.Getenv("ECLUSE_CI") == "1" {
		t.Fatal("chromium absent")
	}
	t.Skip("chromium absent")
	return ""
}

func nouveauNavigateur(t *testing.T) *navigateur {
	t.Helper()
	entree, ecrire, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	lire, sortie, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(chromium(t), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--no-first-run", "--disable-background-networking", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{entree, sortie}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	entree.Close()
	sortie.Close()
	n := &navigateur{t: t, ecrire: ecrire, lire: bufio.NewReaderSize(lire, 1<<20)}
	t.Cleanup(func() {
		n.envoyer("Browser.close", nil)
		attendre := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		attendre.Stop()
		ecrire.Close()
		lire.Close()
	})
	_ = lire.SetReadDeadline(time.Now().Add(90 * time.Second))
	var cible struct{ TargetID string }
	n.appeler("Target.createTarget", map[string]any{"url": "about:blank"}, &cible)
	var s struct{ SessionID string }
	n.appeler("Target.attachToTarget", map[string]any{"targetId": cible.TargetID, "flatten": true}, &s)
	n.session = s.SessionID
	for _, domaine := range []string{"Page", "Log", "Runtime"} {
		n.appeler(domaine+".enable", nil, nil)
	}
	return n
}

func (n *navigateur) envoyer(methode string, params any) int {
	n.numero++
	m := message{ID: n.numero, Method: methode, SessionID: n.session}
	if params != nil {
		m.Params, _ = json.Marshal(params)
	}
	b, err := json.Marshal(m)
	if err != nil {
		n.t.Fatal(err)
	}
	_, _ = n.ecrire.Write(append(b, 0)) // a dead browser is seen when reading
	return n.numero
}

// suivant reads a message, and keeps what the browser complains of.
func (n *navigateur) suivant() message {
	n.t.Helper()
	b, err := n.lire.ReadBytes(0)
	if err != nil {
		n.t.Fatalf("chromium : %v", err)
	}
	var m message
	if err := json.Unmarshal(b[:len(b)-1], &m); err != nil {
		n.t.Fatal(err)
	}
	if m.Method == "Log.entryAdded" || m.Method == "Runtime.consoleAPICalled" || m.Method == "Runtime.exceptionThrown" {
		n.plaintes = append(n.plaintes, string(m.Params))
	}
	return m
}

func (n *navigateur) appeler(methode string, params, resultat any) {
	n.t.Helper()
	id := n.envoyer(methode, params)
	for {
		m := n.suivant()
		if m.ID != id {
			continue
		}
		if m.Error != nil {
			n.t.Fatalf("%s : %s", methode, m.Error)
		}
		if resultat != nil {
			if err := json.Unmarshal(m.Result, resultat); err != nil {
				n.t.Fatal(err)
			}
		}
		return
	}
}

// attendre reads until a page is loaded.
func (n *navigateur) attendre() {
	n.t.Helper()
	for n.suivant().Method != "Page.loadEventFired" {
	}
}

func (n *navigateur) ouvrir(url string, largeur int, sombre bool) {
	n.t.Helper()
	theme := "light"
	if sombre {
		theme = "dark"
	}
	n.appeler("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": theme}}}, nil)
	n.appeler("Emulation.setDeviceMetricsOverride", map[string]any{"width": largeur, "height": 844, "deviceScaleFactor": 1, "mobile": largeur < 600}, nil)
	n.envoyer("Page.navigate", map[string]any{"url": url})
	n.attendre()
}

// evaluer runs an expression as a person with the developer tools would: pages
// themselves run no script.
func (n *navigateur) evaluer(expression string) string {
	n.t.Helper()
	var r struct {
		Result struct{ Value any }
	}
	n.appeler("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &r)
	return fmt.Sprint(r.Result.Value)
}

func (n *navigateur) capturer(nom string) {
	n.t.Helper()
	dir := os.Getenv("ECLUSE_CAPTURES") // to be looked at: whole pages
	var r struct{ Data string }
	n.appeler("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": dir != ""}, &r)
	if dir == "" {
		dir = n.t.TempDir()
	}
	b, err := base64.StdEncoding.DecodeString(r.Data)
	if err != nil || len(b) < 5000 {
		n.t.Fatalf("capture de %s : %d octets, %v", nom, len(b), err)
	}
	if err := os.WriteFile(filepath.Join(dir, nom+".png"), b, 0o600); err != nil {
		n.t.Fatal(err)
	}
}

// debordement lists what is wider than the page.
const debordement = `(() => {
  const l = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= l) return "";
  return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > l + 1)
    .slice(0, 5).map(e => e.tagName + "." + e.className).join(" ") || "page";
})()`

func TestNavigateur(t *testing.T) {
	n := nouveauNavigateur(t)
	m := pupitretest.New(t)
	s := httptest.NewUnstartedServer(nil)
	s.Config.Handler = front.New(m, &pupitretest.Envoyeur{M: m}, front.Options{Adresses: []string{s.Listener.Addr().String()}, Clotures: pupitretest.Clotures{}})
	s.Start()
	defer s.Close()
	for _, c := range []struct {
		nom, chemin string
		largeur     int
		sombre      bool
	}{
		{"histoire-390", "/", 390, false}, {"histoire-1280", "/", 1280, false}, {"histoire-sombre-390", "/", 390, true},
		{"clc-390", "/etape/5", 390, false}, {"clc-1280", "/etape/5", 1280, false}, {"altere-1280", "/etape/6", 1280, false},
		{"altere-sombre-390", "/etape/6", 390, true}, {"recu-390", "/etape/5/recu", 390, false},
		{"essayer-390", "/essayer", 390, false}, {"essayer-1280", "/essayer?exemple=sejour", 1280, false},
		{"brut-390", "/essayer/brut?etape=1", 390, false}, {"petit-320", "/etape/4", 320, false},
		{"cloture-390", "/cloture", 390, false}, {"cloture-1280", "/cloture", 1280, false}, {"cloture-sombre-320", "/cloture?jour=2026-11-21", 320, true},
		{"cloture-factures-390", "/cloture/factures?jour=2026-11-22&amc=775671993&chiffre=REJETE&motif=F605", 390, false},
		{"cloture-facture-390", "/cloture/facture/v1/1", 390, false},
	} {
		n.ouvrir(s.URL+c.chemin, c.largeur, c.sombre)
		n.evaluer(`document.querySelectorAll("details").forEach(d => { d.defaultOpen = d.open; d.open = true })`)
		if trop := n.evaluer(debordement); trop != "" {
			t.Errorf("%s : déborde en largeur : %s", c.nom, trop)
		}
		if noms := n.evaluer(sansNom); noms != "" {
			t.Errorf("%s : sans nom accessible : %s", c.nom, noms)
		}
		n.evaluer(`document.querySelectorAll("details").forEach(d => d.open = d.defaultOpen)`)
		n.capturer(c.nom)
	}
	n.essai(s)
	if len(n.plaintes) > 0 {
		t.Errorf("le navigateur se plaint :\n%s", strings.Join(n.plaintes, "\n"))
	}
	n.faute(s)
}

// sansNom lists fields without a label, and regions that the keyboard reaches
// without being told what they are.
const sansNom = `[...document.querySelectorAll("input:not([type=hidden]),select,textarea,[tabindex='0']")]
  .filter(e => !(e.labels && e.labels.length) && !e.getAttribute("aria-label")).map(e => e.outerHTML.slice(0, 80)).join(" ")`

// essai fills the form and sends it as a visitor does: the browser says by
// itself where the form comes from.
func (n *navigateur) essai(s *httptest.Server) {
	n.t.Helper()
	n.ouvrir(s.URL+"/essayer", 390, false)
	n.evaluer(`document.querySelector("form.formulaire button").click()`)
	n.attendre()
	if chemin := n.evaluer("location.pathname"); chemin != "/essai/1" {
		n.t.Errorf("après l'envoi : %s, attendu /essai/1 (%s)", chemin, n.evaluer("document.title"))
	}
	n.capturer("essai-390")
	r, err := http.Get(s.URL + "/essai/1")
	if err != nil || r.StatusCode != http.StatusOK {
		n.t.Errorf("/essai/1 : %v %v", r, err)
	}
	r.Body.Close()
}

// faute sends a form that is shown again; the browser notes the 422.
func (n *navigateur) faute(s *httptest.Server) {
	n.t.Helper()
	n.ouvrir(s.URL+"/essayer", 390, false)
	n.evaluer(`document.getElementById("base0").value = "trente"; document.querySelector("form.formulaire button").click()`)
	n.attendre()
	if faute := n.evaluer(`document.querySelector("#erreurs a").getAttribute("href") + " " + document.getElementById("base0").value`); faute != "#base0 trente" {
		n.t.Errorf("faute : %s", faute)
	}
	n.capturer("faute-390")
}
