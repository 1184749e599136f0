// Package roctest writes and checks golden messages: what the code writes of a situation, on
// both faces, kept in testdata for those who do not write Go.
package roctest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
	"github.com/ecluse-sante/ecluse/trame"
)

// Dore is one message of a situation, on both faces.
type Dore struct {
	Nom  string   // path under the directory of golden messages, without extension
	XML  []byte   // canonical, as the SOAP body holds it
	JSON []byte   // canonical, as the seal of REST covers it
	Code roc.Code // of the answer, for who counts them
	// what reads a file of one face and prints both faces again
	relireXML, relireJSON func([]byte) (x, j []byte, err error)
}

// Dorer ties a message to its plan and its files.
func Dorer[C any](nom, element string, p *trame.Plan[roc.Message[C]], m *roc.Message[C]) Dore {
	imprimer := func(m *roc.Message[C]) ([]byte, []byte) { return p.AppendXML(nil, element, m), p.AppendJSON(nil, m) }
	relire := func(lire func(*roc.Message[C]) error) ([]byte, []byte, error) {
		var lu roc.Message[C]
		err := lire(&lu)
		x, j := imprimer(&lu)
		return x, j, err
	}
	d := Dore{Nom: nom}
	d.XML, d.JSON = imprimer(m)
	d.relireXML = func(b []byte) ([]byte, []byte, error) {
		return relire(func(m *roc.Message[C]) error { return p.DecodeXML(b, element, m) })
	}
	d.relireJSON = func(b []byte) ([]byte, []byte, error) {
		return relire(func(m *roc.Message[C]) error { return p.DecodeJSON(b, m) })
	}
	return d
}

// Paire is a question and its answer. The answer of each face quotes the digest of the
// question on that face.
func Paire[Q, R any](nom string, e *roc.Echange[Q, R], env roc.Enveloppe, q *Q, r *R) []Dore {
	env.Service, env.Sens, env.IDMessage, env.IDEchange = e.Service, roc.Question, UUID(nom+"/question"), UUID(nom+"/échange")
	question := Dorer(nom+".question", e.NomDemande, e.Demande, &roc.Message[Q]{Enveloppe: env, Corps: q})
	m := &roc.Message[R]{Enveloppe: Repondre(env, nom), Corps: r}
	reponse := Dorer(nom+".reponse", e.NomReponse, e.Reponse, m)
	m.Enveloppe.EmpreinteQuestion = sceau.EmpreinteTexte(xmlsig.EmpreinteCorps(question.XML))
	reponse.XML = e.Reponse.AppendXML(nil, e.NomReponse, m)
	m.Enveloppe.EmpreinteQuestion = sceau.EmpreinteTexte(sha256.Sum256(question.JSON))
	reponse.JSON = e.Reponse.AppendJSON(nil, m)
	if c, ok := any(r).(roc.CorpsReponse); ok {
		reponse.Code = c.LeRetour().CodeRetour
	}
	return []Dore{question, reponse}
}

// Refus is a refusal that travels as a fault: it has no answer of its service.
func Refus(nom string, env roc.Enveloppe, c *roc.CorpsRefus) Dore {
	env.Sens, env.IDMessage, env.IDEchange = roc.Question, UUID(nom+"/question"), UUID(nom+"/échange")
	d := Dorer(nom, roc.NomRefus, roc.PlanRefus, &roc.Message[roc.CorpsRefus]{Enveloppe: Repondre(env, nom), Corps: c})
	d.Code = c.CodeRetour
	return d
}

// Repondre is the envelope of an answer: everything in it follows from the question and the
// name.
func Repondre(q roc.Enveloppe, nom string) roc.Enveloppe {
	r := q
	r.Sens, r.IDMessage, r.Horodatage = roc.Reponse, UUID(nom+"/réponse"), q.Horodatage.Add(180*time.Millisecond)
	r.Emetteur, r.Destinataire = q.Destinataire, q.Emetteur
	return r
}

// UUID is drawn from a name, always the same.
func UUID(nom string) (u roc.UUID) {
	d := sha256.Sum256([]byte(nom))
	copy(u[:], d[:])
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u
}

// Ecrire tells whether the test was asked to write golden files again (-update).
func Ecrire() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// Verifier compares each message with its files, reads each face back, prints it again, and
// checks that both faces say the same; a file of no situation is a fault. The files of sauf
// are left alone.
func Verifier(t *testing.T, dossier string, l []Dore, sauf ...string) {
	t.Helper()
	vus := map[string]bool{}
	for i := range l {
		d := &l[i]
		if vus[d.Nom] {
			t.Fatalf("%s : deux situations de ce nom", d.Nom)
		}
		vus[d.Nom] = true
		t.Run(d.Nom, func(t *testing.T) { d.verifier(t, dossier) })
	}
	for _, nom := range Fichiers(t, dossier, sauf...) {
		if base := strings.TrimSuffix(strings.TrimSuffix(nom, ".xml"), ".json"); !vus[base] {
			t.Errorf("%s/%s n'est plus d'aucune situation", dossier, nom)
		}
	}
}

func (d *Dore) verifier(t *testing.T, dossier string) {
	x := Comparer(t, filepath.Join(dossier, filepath.FromSlash(d.Nom)+".xml"), aererXML(d.XML))
	j := Comparer(t, filepath.Join(dossier, filepath.FromSlash(d.Nom)+".json"), aererJSON(t, d.JSON))
	xx, xj, err := d.relireXML(x)
	if err != nil {
		t.Fatalf("relire le XML : %v", err)
	}
	jx, jj, err := d.relireJSON(j)
	if err != nil {
		t.Fatalf("relire le JSON : %v", err)
	}
	if !bytes.Equal(xx, d.XML) || !bytes.Equal(jj, d.JSON) {
		t.Error("ce qui est relu ne s'écrit plus de la même façon")
	}
	if a, b := sansEmpreinte(t, xj), sansEmpreinte(t, jj); a != b {
		t.Errorf("les deux faces diffèrent :\n%s", cmp.Diff(a, b))
	}
	if a, b := bytes.Count(xx, []byte("<")), bytes.Count(jx, []byte("<")); a != b {
		t.Errorf("%d et %d balises selon la face lue", a, b)
	}
}

// Comparer checks a file, and writes it first when asked to.
func Comparer(t *testing.T, chemin string, attendu []byte) []byte {
	t.Helper()
	if Ecrire() {
		if err := os.MkdirAll(filepath.Dir(chemin), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(chemin, attendu, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatalf("%v ; pour l'écrire : go test -run Golden -update", err)
	}
	if !bytes.Equal(b, attendu) {
		t.Errorf("%s a changé ; relire, puis go test -run Golden -update\n%s", chemin, cmp.Diff(string(b), string(attendu)))
	}
	return b
}

// Fichiers lists the messages of a directory, below it too, but for the folders of sauf.
func Fichiers(t *testing.T, dossier string, sauf ...string) (l []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dossier), ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		for _, s := range sauf {
			if e.IsDir() && p == s {
				return fs.SkipDir
			}
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

// XSD has XML messages judged by xmllint with a published schema; at least n of them.
func XSD(t *testing.T, schema []byte, n int, messages ...string) {
	t.Helper()
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("xmllint absent")
		}
		t.Skip("xmllint absent")
	}
	if len(messages) < n {
		t.Fatalf("%d messages seulement", len(messages))
	}
	xsd := filepath.Join(t.TempDir(), "schema.xsd")
	if err := os.WriteFile(xsd, schema, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(xmllint, append([]string{"--noout", "--nonet", "--schema", xsd}, messages...)...).CombinedOutput(); err != nil {
		t.Errorf("xmllint : %v\n%s", err, fautes(out))
	}
}

// fautes keeps the lines that tell what is wrong.
func fautes(b []byte) string {
	var l []string
	for s := range strings.Lines(string(b)) {
		if strings.Contains(s, "fails to validate") || strings.Contains(s, "error") {
			l = append(l, s)
		}
	}
	return strings.Join(l, "")
}

// sansEmpreinte is a message without the digest of the question, which depends on the face.
func sansEmpreinte(t *testing.T, j []byte) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(j, &m); err != nil {
		t.Fatal(err)
	}
	delete(m["enveloppe"].(map[string]any), "empreinteQuestion")
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func aererJSON(t *testing.T, j []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, j, "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// aererXML puts each element of canonical XML on its line; those that hold a text keep it.
func aererXML(x []byte) []byte {
	var b bytes.Buffer
	niveau := 0
	for i := 0; i < len(x); {
		fin := i + bytes.IndexByte(x[i:], '>') + 1
		ouvrante := x[i+1] != '/'
		if !ouvrante {
			niveau--
		}
		b.WriteString(strings.Repeat("  ", niveau))
		b.Write(x[i:fin])
		if ouvrante {
			suite := bytes.IndexByte(x[fin:], '<')
			if x[fin+suite+1] == '/' { // a text, or nothing
				fermante := fin + suite + bytes.IndexByte(x[fin+suite:], '>') + 1
				b.Write(x[fin:fermante])
				fin = fermante
			} else {
				niveau++
			}
		}
		b.WriteByte('\n')
		i = fin
	}
	return b.Bytes()
}
