package laboratoire

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// verifierConteneurs takes the containers of real exchanges out of both journals
// and judges them as ecluse litige does: the messages, their seals and both books
// say the same. One octet changed in a message is seen.
func verifierConteneurs(t *testing.T, s *Scene, r *Recit) {
	t.Helper()
	dir, vus := t.TempDir(), map[sceau.Face]int{}
	for _, x := range r.etapes {
		if x.Service != roc.CLC || x.Question == nil || vus[x.Face] == 2 {
			continue
		}
		vus[x.Face]++
		id := x.Question.Enveloppe().IDMessage.String()
		par, autorites := dossiersDe(t, s, dir, id)
		juge, err := serveur.Verificateur(autorites)
		if err != nil {
			t.Fatal(err)
		}
		a, b := par[preuve.RoleEmetteur], par[preuve.RoleDestinataire]
		c, err := preuve.Litige(a, b, juge)
		if err != nil {
			t.Fatalf("%s : %v", id, err)
		}
		if !c.Accord || c.QuestionEnvoyee != preuve.Prouve || c.ReponseEnvoyee != preuve.Prouve {
			t.Errorf("%s :\n%s", id, c)
		}
		autre := *b.Echange
		autre.Question = bytes.Replace(autre.Question, []byte(id), []byte(roc.NouvelUUID().String()), 1)
		b.Echange = &autre
		if c, err = preuve.Litige(a, b, juge); err != nil || c.Accord {
			t.Errorf("%s : question récrite admise : %v\n%s", id, err, c)
		}
		// A good message, but another one than the journal says.
		autre.Question = autre.Reponse
		if c, err = preuve.Litige(a, b, juge); err != nil || len(c.Faits) == 0 || c.Faits[0].Constatation != preuve.PreuveInvalide {
			t.Errorf("%s : autre message admis : %v\n%s", id, err, c)
		}
	}
	if len(vus) == 0 {
		t.Error("aucun calcul à prouver")
	}
}

// dossiersDe writes and reads again the containers of both sides of an exchange.
func dossiersDe(t *testing.T, s *Scene, dir, id string) (par map[preuve.Role]preuve.Dossier, autorites string) {
	t.Helper()
	ctx := context.Background()
	par = map[preuve.Role]preuve.Dossier{}
	for _, p := range s.parties {
		for tenant, j := range p.Journaux() {
			l, err := j.Trouver(ctx, journal.Critere{IDMessage: id})
			if err != nil {
				t.Fatal(err)
			}
			if len(l) == 0 || l[0].Trace.Role == preuve.RoleRelais {
				continue
			}
			if err := p.Sequenceur.Attendre(ctx, j, l[0].ID); err != nil {
				t.Fatal(err)
			}
			if l, err = j.Trouver(ctx, journal.Critere{ID: l[0].ID}); err != nil || len(l) != 1 {
				t.Fatal(err)
			}
			nom := filepath.Join(dir, serveur.FichierSur(tenant)+"-"+l[0].ID+".asice")
			if err := serveur.EcrirePreuve(ctx, p, j, l[0], nom); err != nil {
				t.Fatalf("%s : %v", tenant, err)
			}
			octets, err := os.ReadFile(nom)
			if err != nil {
				t.Fatal(err)
			}
			x, _, err := preuve.LireASiCE(bytes.NewReader(octets), int64(len(octets)))
			if err != nil {
				t.Fatalf("%s : %v", tenant, err)
			}
			par[l[0].Trace.Role] = preuve.Dossier{Nom: tenant, Cle: j.Cle(), Echange: &x}
			autorites = p.Fichier.Resoudre(p.Fichier.Confiance.Autorites)
		}
	}
	return par, autorites
}
