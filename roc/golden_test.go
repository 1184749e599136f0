package roc_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/roc/roctest"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
	"github.com/ecluse-sante/ecluse/trame"
)

var ecrireGolden = flag.Bool("update", false, "write the golden messages of testdata again")

// piece is one message of a situation, on both faces.
type piece struct {
	nom  string // path under testdata, without extension
	xml  []byte // canonical, as the SOAP body holds it
	json []byte // canonical, as the seal of REST covers it
	// relire reads a file of one face and prints both faces again.
	relireXML, relireJSON func([]byte) (x, j []byte, err error)
	code                  roc.Code
}

// dore ties a message to its plan and its files.
func dore[C any](nom, element string, p *trame.Plan[roc.Message[C]], m *roc.Message[C], code roc.Code) piece {
	imprimer := func(m *roc.Message[C]) ([]byte, []byte) {
		return p.AppendXML(nil, element, m), p.AppendJSON(nil, m)
	}
	d := piece{nom: nom, code: code}
	d.xml, d.json = imprimer(m)
	d.relireXML = func(b []byte) ([]byte, []byte, error) {
		var lu roc.Message[C]
		err := p.DecodeXML(b, element, &lu)
		x, j := imprimer(&lu)
		return x, j, err
	}
	d.relireJSON = func(b []byte) ([]byte, []byte, error) {
		var lu roc.Message[C]
		err := p.DecodeJSON(b, &lu)
		x, j := imprimer(&lu)
		return x, j, err
	}
	return d
}

// paire is a question and its answer: two pieces. The answer of each face quotes
// the digest of the question on that face.
func paire[Q, R any, P interface {
	*R
	roc.CorpsReponse
}](nom string, e *roc.Echange[Q, R], a partie, q *Q, r *R) []piece {
	question := roc.Message[Q]{Enveloppe: enveloppe(nom, e.Service, a), Corps: q}
	dq := dore(nom+".question", e.NomDemande, e.Demande, &question, "")
	reponse := roc.Message[R]{Enveloppe: repondre(question.Enveloppe, nom), Corps: r}
	dr := dore(nom+".reponse", e.NomReponse, e.Reponse, &reponse, P(r).LeRetour().CodeRetour)
	return []piece{dq, citer(dr, dq, e.NomReponse, e.Reponse, reponse)}
}

// citer puts in each face of an answer the digest of that face of the question.
func citer[R any](dr, dq piece, element string, p *trame.Plan[roc.Message[R]], m roc.Message[R]) piece {
	m.Enveloppe.EmpreinteQuestion = sceau.EmpreinteTexte(xmlsig.EmpreinteCorps(dq.xml))
	dr.xml = p.AppendXML(nil, element, &m)
	m.Enveloppe.EmpreinteQuestion = sceau.EmpreinteTexte(sha256.Sum256(dq.json))
	dr.json = p.AppendJSON(nil, &m)
	return dr
}

// refusDore is a refusal that travels as a fault: it has no answer of its service.
func refusDore(nom string, c *roc.CorpsRefus) piece {
	a := versMutuelle
	m := roc.Message[roc.CorpsRefus]{Enveloppe: repondre(enveloppe(nom, roc.IDB, a), nom), Corps: c}
	return dore(nom, roc.NomRefus, roc.PlanRefus, &m, c.CodeRetour)
}

// enveloppe is that of a question: everything in it follows from the name.
func enveloppe(nom string, s roc.Service, a partie) roc.Enveloppe {
	return roc.Enveloppe{NormeVersion: roc.Profil, Service: s, Sens: roc.Question, IDMessage: uuidDe(nom + "/question"), IDEchange: uuidDe(nom + "/échange"),
		IDDossierES: "V2026030042", Horodatage: instant, Emetteur: a.de, Destinataire: a.a, Environnement: roc.Test}
}

func repondre(q roc.Enveloppe, nom string) roc.Enveloppe {
	r := q
	r.Sens, r.IDMessage, r.Horodatage = roc.Reponse, uuidDe(nom+"/réponse"), q.Horodatage.Add(180*time.Millisecond)
	r.Emetteur, r.Destinataire = q.Destinataire, q.Emetteur
	return r
}

func uuidDe(nom string) (u roc.UUID) {
	d := sha256.Sum256([]byte(nom))
	copy(u[:], d[:])
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u
}

// TestGolden compares every golden message with what the code writes, reads each
// face back, prints it again, and checks that both faces say the same.
func TestGolden(t *testing.T) {
	vus := map[string]bool{}
	for _, d := range situations(t) {
		if vus[d.nom] {
			t.Fatalf("%s : deux situations de ce nom", d.nom)
		}
		vus[d.nom] = true
		t.Run(d.nom, func(t *testing.T) {
			x := comparerFichier(t, d.nom+".xml", roctest.AererXML(d.xml))
			j := comparerFichier(t, d.nom+".json", roctest.AererJSON(t, d.json))
			xx, xj, err := d.relireXML(x)
			if err != nil {
				t.Fatalf("relire le XML : %v", err)
			}
			jx, jj, err := d.relireJSON(j)
			if err != nil {
				t.Fatalf("relire le JSON : %v", err)
			}
			if !bytes.Equal(xx, d.xml) || !bytes.Equal(jj, d.json) {
				t.Error("ce qui est relu ne s'écrit plus de la même façon")
			}
			if a, b := roctest.SansEmpreinte(t, xj), roctest.SansEmpreinte(t, jj); a != b {
				t.Errorf("les deux faces diffèrent :\n%s", cmp.Diff(a, b))
			}
			if a, b := strings.Count(string(xx), "<"), strings.Count(string(jx), "<"); a != b {
				t.Errorf("%d et %d balises selon la face lue", a, b)
			}
		})
	}
	for _, nom := range fichiersGolden(t) {
		if base := strings.TrimSuffix(strings.TrimSuffix(nom, ".xml"), ".json"); !vus[base] {
			t.Errorf("testdata/%s n'est plus d'aucune situation", nom)
		}
	}
}

// TestGoldenXSD has every XML message judged by xmllint with the published schema.
func TestGoldenXSD(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		absent(t, "xmllint")
	}
	xsd := filepath.Join(t.TempDir(), "roc.xsd")
	if err := os.WriteFile(xsd, roc.Publication.XSD(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--noout", "--nonet", "--schema", xsd}
	n := 0
	for _, nom := range fichiersGolden(t) {
		if strings.HasSuffix(nom, ".xml") {
			args, n = append(args, filepath.Join("testdata", nom)), n+1
		}
	}
	if n < 60 {
		t.Fatalf("%d messages seulement", n)
	}
	if out, err := exec.Command(xmllint, args...).CombinedOutput(); err != nil {
		t.Errorf("xmllint : %v\n%s", err, garder(out, "fails to validate", "error"))
	}
}

// TestGoldenCodes checks that each code of the profile has its golden message:
// as the answer, or as the reason of a line.
func TestGoldenCodes(t *testing.T) {
	vus := map[roc.Code]bool{}
	for _, d := range situations(t) {
		vus[d.code] = true
		for _, m := range strings.SplitAfter(string(d.json), `"motif":"`)[1:] {
			vus[roc.Code(m[:strings.IndexByte(m, '"')])] = true
		}
	}
	for _, s := range roc.Significations() {
		// The F family belongs to invoices and their returns, which are not messages
		// of the five services. ref: ROC §17
		if s.Code.Famille() != 'F' && !vus[s.Code] {
			t.Errorf("%s (%s) : aucun message d'exemple", s.Code, s.Libelle)
		}
	}
}

func comparerFichier(t *testing.T, nom string, attendu []byte) []byte {
	t.Helper()
	chemin := filepath.Join("testdata", filepath.FromSlash(nom))
	if *ecrireGolden {
		if err := os.MkdirAll(filepath.Dir(chemin), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(chemin, attendu, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatalf("%v ; pour l'écrire : go test ./roc -run Golden -update", err)
	}
	if !bytes.Equal(b, attendu) {
		t.Errorf("%s a changé ; relire, puis go test ./roc -run Golden -update\n%s", nom, cmp.Diff(string(b), string(attendu)))
	}
	return b
}

// fichiersGolden lists the unsealed messages of testdata.
func fichiersGolden(t *testing.T) (l []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("testdata"), ".", func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && slices.Contains([]string{"labo", "scelle", "fuzz"}, p):
			return fs.SkipDir
		}
		if strings.HasSuffix(p, ".xml") || strings.HasSuffix(p, ".json") {
			l = append(l, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// garder keeps the lines that hold one of the words.
func garder(b []byte, mots ...string) string {
	var l []string
	for s := range strings.Lines(string(b)) {
		if slices.ContainsFunc(mots, func(m string) bool { return strings.Contains(s, m) }) {
			l = append(l, s)
		}
	}
	return strings.Join(l, "")
}

func absent(t *testing.T, nom string) {
	t.Helper()
	if os.Getenv("ECLUSE_CI") == "1" {
		t.Fatalf("%s absent", nom)
	}
	t.Skipf("%s absent", nom)
}
