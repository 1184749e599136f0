//go:build linux

package epreuves

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/etablissement/front"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// ecriture is an engagement in the books of the insurer.
type ecriture struct {
	numero, etat, dossier, beneficiaire string
	total                               sante.Montant
	lignes                              []roc.LigneRepondue
}

// lignesAuLivre are the lines of an engagement, as the books hold them.
type lignesAuLivre struct {
	Lignes []roc.LigneRepondue `fil:"lignes,opt,n=0..200"`
}

var planLignes = trame.Pour[lignesAuLivre](espaceLocal)

// engagements reads the books of the insurer, by dossier.
func (p *partie) engagements(tenant string) map[string][]ecriture {
	p.l.t.Helper()
	db := p.ouvrirBase()
	defer db.Close()
	rows, err := db.Query(`SELECT numero, etat, dossier, beneficiaire, total, lignes FROM amc_engagement WHERE tenant = $1 AND genre = 'CLC'`, tenant)
	if err != nil {
		p.l.t.Fatal(err)
	}
	defer rows.Close()
	par := map[string][]ecriture{}
	for rows.Next() {
		var e ecriture
		var total int64
		var lignes string
		if err := rows.Scan(&e.numero, &e.etat, &e.dossier, &e.beneficiaire, &total, &lignes); err != nil {
			p.l.t.Fatal(err)
		}
		e.total = sante.Montant(total)
		var k lignesAuLivre
		if err := planLignes.DecodeJSON([]byte(lignes), &k); err != nil {
			p.l.t.Fatal(err)
		}
		e.lignes = k.Lignes
		par[e.dossier] = append(par[e.dossier], e)
	}
	if err := rows.Err(); err != nil {
		p.l.t.Fatal(err)
	}
	return par
}

// actifs are those that bind the insurer.
func actifs(l []ecriture) (a []ecriture) {
	for _, e := range l {
		if e.etat == "ENGAGE" {
			a = append(a, e)
		}
	}
	return a
}

// comparerLivres holds the books of the hospital, visit by visit, against those
// of the insurer: nothing lost, nothing doubled, the same lines.
func comparerLivres(t *testing.T, venues map[string]*front.VenueVue, livres map[string][]ecriture) (engages int) {
	t.Helper()
	for dossier, v := range venues {
		c := &v.Couvertures[0]
		ici, chez := c.Etat == etablissement.Engagee, actifs(livres[dossier])
		switch {
		case c.Etat.EnAttente():
			t.Errorf("%s : encore en attente (%s)", dossier, c.Etat)
		case !ici && len(chez) > 0:
			t.Errorf("%s : l'établissement en est à %s %s, l'AMC est engagée sous %s", dossier, c.Etat, c.Code, chez[0].numero)
		case ici && len(chez) != 1:
			t.Errorf("%s : engagement %s, que l'AMC tient %d fois", dossier, c.Calcul.Reponse.NumeroEngagement, len(chez))
		case ici:
			engages++
			if n := c.Calcul.Reponse.NumeroEngagement.String(); n != chez[0].numero {
				t.Errorf("%s : engagement %s ici, %s chez l'AMC", dossier, n, chez[0].numero)
			}
			if d := cmp.Diff(c.Calcul.Reponse.Lignes, chez[0].lignes); d != "" {
				t.Errorf("%s : lignes (-établissement +AMC)\n%s", dossier, d)
			}
			if got := c.Calcul.Reponse.TotalAMC; got == nil || *got != chez[0].total {
				t.Errorf("%s : total %v ici, %v chez l'AMC", dossier, got, chez[0].total)
			}
		}
	}
	for dossier, l := range livres {
		if venues[dossier] == nil && len(actifs(l)) > 0 {
			t.Errorf("%s : engagement d'un dossier que l'établissement ne connaît pas", dossier)
		}
	}
	return engages
}

// nuitCP is what the contract MB-TRANQUILLE pays for a night in a private room.
const nuitCP = 5_000

// comparerCompteurs holds the counters of the insurer against its live
// engagements: each night in a private room that it pays is counted once, and
// what is counted is what the engagements say they took.
func (p *partie) comparerCompteurs(t *testing.T, tenant string, livres map[string][]ecriture) {
	t.Helper()
	attendu := map[string]int64{}
	for _, l := range livres {
		for _, e := range actifs(l) {
			for _, x := range e.lignes {
				if x.MontantAMC == nuitCP {
					attendu[e.beneficiaire] += 100
				}
			}
		}
	}
	db := p.ouvrirBase()
	defer db.Close()
	compte := func(table string) map[string]int64 {
		rows, err := db.Query(`SELECT beneficiaire, SUM(unites) FROM `+table+` WHERE tenant = $1 AND garantie = 'CP' GROUP BY beneficiaire`, tenant)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		m := map[string]int64{}
		for rows.Next() {
			var b string
			var n int64
			if err := rows.Scan(&b, &n); err != nil {
				t.Fatal(err)
			}
			m[b] = n
		}
		return m
	}
	compteurs, consommes := compte("amc_compteur"), compte("amc_consommation")
	for b := range livresBeneficiaires(livres) {
		if compteurs[b] != attendu[b] || consommes[b] != attendu[b] {
			t.Errorf("%s : %d unités engagées, compteur %d, consommations %d", b, attendu[b], compteurs[b], consommes[b])
		}
		if attendu[b] > 3000 {
			t.Errorf("%s : plus de 30 nuits engagées (%d)", b, attendu[b])
		}
	}
}

func livresBeneficiaires(livres map[string][]ecriture) map[string]bool {
	m := map[string]bool{}
	for _, l := range livres {
		for _, e := range l {
			m[e.beneficiaire] = true
		}
	}
	return m
}

// attendreJournal waits until every leaf is under a signed checkpoint.
func (p *partie) attendreJournal() {
	p.l.t.Helper()
	db := p.ouvrirBase()
	defer db.Close()
	var n int
	for limite := time.Now().Add(20 * time.Second); time.Now().Before(limite); time.Sleep(50 * time.Millisecond) {
		if err := db.QueryRow(`SELECT COUNT(*) FROM journal_trace WHERE rang IS NULL`).Scan(&n); err != nil {
			p.l.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	p.l.t.Errorf("%s : %d feuilles toujours sans rang", p.nom, n)
}

// journal verifies the journal of a tenant while it runs, with the command that
// reads all, exports it, verifies the copy with the public key alone, and gives
// its traces.
func (p *partie) journal(tenant string) []preuve.Trace {
	p.l.t.Helper()
	p.attendreJournal()
	p.l.ecluse("journal", "verifier", "--config", filepath.Join(p.dir, "ecluse.toml"))
	sortie := filepath.Join(p.l.t.TempDir(), "export")
	p.l.ecluse("journal", "exporter", "--config", filepath.Join(p.dir, "ecluse.toml"), "--locataire", tenant, sortie)
	b, err := os.ReadFile(filepath.Join(p.dir, "journal", tenant+".publique"))
	if err != nil {
		p.l.t.Fatal(err)
	}
	cle, err := preuve.ParseCle(strings.TrimSpace(string(b)))
	if err != nil {
		p.l.t.Fatal(err)
	}
	var l []preuve.Trace
	vues := map[preuve.Hash]bool{}
	for n := 1; ; n++ {
		dir := filepath.Join(sortie, tenant, fmt.Sprint(n))
		if _, err := os.Stat(dir); err != nil {
			break
		}
		_, err := preuve.VerifierRepertoire(os.DirFS(dir), cle, func(x preuve.LigneExport) error {
			var tr preuve.Trace
			if vues[x.Feuille] && n == 1 {
				p.l.t.Errorf("%s : feuille %s deux fois", tenant, x.Feuille.Hex())
			}
			vues[x.Feuille] = true
			l = append(l, tr)
			return json.Unmarshal(x.Trace, &l[len(l)-1])
		})
		if err != nil {
			p.l.t.Errorf("%s : %v", tenant, err)
		}
	}
	return l
}

// comparerJournaux pairs the leaves of a service in both journals: each answer
// that the hospital holds is a leaf of the insurer with the same digests, and
// each message that the insurer answered is one that the hospital wrote down.
func comparerJournaux(t *testing.T, service roc.Service, es, amc []preuve.Trace) (paires int) {
	t.Helper()
	type cle struct{ question, reponse string }
	chez, messages := map[cle]preuve.Trace{}, map[string]bool{}
	for _, x := range amc {
		if x.Service == string(service) {
			chez[cle{x.EmpreinteQuestion, x.EmpreinteReponse}] = x
		}
	}
	for _, x := range es {
		if x.Service != string(service) {
			continue
		}
		messages[x.IDMessage] = true
		if x.VerdictReponse != preuve.VerdictValide {
			continue // lost on the way: nothing to pair
		}
		y, ok := chez[cle{x.EmpreinteQuestion, x.EmpreinteReponse}]
		if !ok {
			t.Errorf("%s %s : réponse que l'établissement tient, et qui n'est pas au journal de l'AMC", service, x.IDMessage)
			continue
		}
		if y.IDMessage != x.IDMessage || y.CodeRetour != x.CodeRetour || y.Engagement != x.Engagement {
			t.Errorf("%s %s : les feuilles diffèrent : établissement %s %s %q, AMC %s %s %q", service, x.IDMessage,
				x.IDMessage, x.CodeRetour, x.Engagement, y.IDMessage, y.CodeRetour, y.Engagement)
		}
		paires++
	}
	for _, y := range chez {
		if !messages[y.IDMessage] {
			t.Errorf("%s %s : au journal de l'AMC et pas à celui de l'établissement", service, y.IDMessage)
		}
	}
	return paires
}
