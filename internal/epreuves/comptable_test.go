//go:build linux

package epreuves

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// comptable runs a command on the book of the hospital's comptable, beside its
// server.
func (p *partie) comptable(args ...string) string {
	p.l.t.Helper()
	return p.l.ecluse(p.commande(args...)...)
}

func (p *partie) commande(args ...string) []string {
	return append(append([]string{"comptable"}, args...), "--config", filepath.Join(p.dir, "ecluse.toml"))
}

// importer gives files to the comptable: options come before them.
func (p *partie) importer(fichiers ...string) (string, error) {
	return commander(append(p.commande("importer"), fichiers...)...)
}

// balance is what a partner owes, in cents.
type balance struct {
	Emis, Reduit, Paye, Reste int64
}

func (p *partie) balance(options ...string) balance {
	p.l.t.Helper()
	var b struct{ Total balance }
	if err := json.Unmarshal([]byte(p.comptable(append([]string{"balance", "--json"}, options...)...)), &b); err != nil {
		p.l.t.Fatal(err)
	}
	return b.Total
}

func (p *partie) balancer(want balance) {
	p.l.t.Helper()
	var b balance
	if !jusqua(p.l.t.Context(), 30*time.Second, func() bool { b = p.balance(); return b == want }) {
		p.l.t.Errorf("balance %+v, attendue %+v", b, want)
	}
}

// ecrire writes a file beside the laboratory.
func (l *labo) ecrire(nom, texte string) string {
	l.t.Helper()
	chemin := filepath.Join(l.t.TempDir(), nom)
	if err := os.WriteFile(chemin, []byte(texte), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return chemin
}

const ibanLabo = "FR7610071750000000000240042"

// camt prints a statement with one entry for each amount, by reference.
func camt(jour string, l ...[2]string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Acct><Id><IBAN>` + ibanLabo + `</IBAN></Id></Acct>`)
	for i, x := range l {
		fmt.Fprintf(&b, `<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><AcctSvcrRef>X%d</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`, x[1], jour, i, x[0])
	}
	return b.String() + `</Stmt></BkToCstmrStmt></Document>`
}

// TestComptable goes from the invoice to the bank: one paid in two parts, one
// rejected, corrected and paid, one taken back. Nothing is paid before the bank says
// so, and the three books agree at the end.
func TestComptable(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		f := facturer(t, m)
		es := f.es
		var ids []string
		var demandes []int64
		for i := range 3 {
			id := f.engagee(9400 + i)
			f.demander(id, "/factures", fmt.Sprintf("FC-%d", i))
			ids = append(ids, id)
		}
		var total int64
		for _, id := range ids {
			s := f.attendre(id, etablissement.Accusee, roc.FactureLiquidee)
			demandes = append(demandes, int64(s.Demande))
			total += int64(s.Demande)
		}
		es.balancer(balance{Emis: total, Reste: total})

		f.factures("payer", "--reference", "VIR-A", "--numero", "FC-0", "--montant", "10.00")
		f.attendre(ids[0], etablissement.PayeePartiellement, "")
		f.factures("payer", "--reference", "VIR-B", "--numero", "FC-0")
		f.attendre(ids[0], etablissement.Payee, roc.FacturePayee)
		f.factures("rejeter", "--numero", "FC-1", "--motif", "F605", "--precision", "bulletin de situation attendu")
		f.attendre(ids[1], etablissement.Rejetee, roc.FactureRejetee)
		es.balancer(balance{Emis: total, Reduit: demandes[1], Reste: total - demandes[1]})
		f.demander(ids[1], "/factures/corrections", "")
		f.demander(ids[1], "/factures", "FC-1-BIS")
		f.attendre(ids[1], etablissement.Accusee, roc.FactureLiquidee)
		f.demander(ids[2], "/factures/annulations", "FC-2-A")
		es.balancer(balance{Emis: total + demandes[1], Reduit: demandes[1] + demandes[2], Reste: demandes[0] + demandes[1]})
		f.factures("payer", "--reference", "VIR-C", "--numero", "FC-1-BIS")
		f.attendre(ids[1], etablissement.Payee, roc.FacturePayee)
		es.balancer(balance{Emis: total + demandes[1], Reduit: demandes[1] + demandes[2], Reste: demandes[0] + demandes[1]})

		jour := sante.JourA(f.maintenant(), sante.Paris())
		euros := func(c int64) string { return sante.Montant(c).String() }
		un := f.ecrire("releve.csv", "Compte;Date;Libellé;Crédit;Débit\n"+ibanLabo+";"+jour.Francais()+";VIR MOULIN VIR A;10,00;\n"+ibanLabo+";"+jour.Francais()+";=CMD|' /C calc'!A0;123,45;\n")
		deux := f.ecrire("releve.xml", camt(jour.String(), [2]string{"VIR-B", euros(demandes[0] - 1000)}, [2]string{"VIR-C", euros(demandes[1])}))
		if s, err := es.importer(un, deux); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
		if s, err := es.importer(un, deux); err != nil || strings.Count(s, "déjà importé") != 2 {
			t.Fatalf("importés deux fois : %v\n%s", err, s)
		}
		var ensemble sync.WaitGroup // beside the server, which matches too
		for range 3 {
			ensemble.Go(func() {
				if s, err := commander(es.commande("rapprocher")...); err != nil {
					t.Errorf("%v\n%s", err, s)
				}
			})
		}
		ensemble.Wait()
		solde := balance{Emis: total + demandes[1], Reduit: demandes[1] + demandes[2], Paye: demandes[0] + demandes[1]}
		es.balancer(solde)
		es.comptable("rapprocher")
		es.balancer(solde)
		f.livresEgaux(solde.Paye)
		es.preuves(jour)
		es.aLaMain()
		es.comptable("verifier")
		if s := es.comptable("titres", "--json"); s != "" {
			t.Errorf("titres non soldés : %s", s)
		}
		if s := es.comptable("delais"); !strings.Contains(s, "12 jours") || !strings.Contains(s, "0 j") {
			t.Errorf("délais : %s", s)
		}
		if s := es.comptable("agee", "--json"); strings.TrimSpace(s) != "[]" {
			t.Errorf("balance âgée : %s", s)
		}
		if b := es.balance("--jour", (jour - 1).String()); b != (balance{}) {
			t.Errorf("la veille : %+v", b)
		}
	})
}

// livresEgaux compares three stores, each read by itself.
func (f *facturation) livresEgaux(paye int64) {
	f.t.Helper()
	amc, es := "amc-"+f.monde.Assureur(monde.CleMoulin).Numero.String(), "es-"+f.g.lieu.Finess.String()
	if n := f.amc.compter(`SELECT COALESCE(SUM(paye), 0) FROM liq_facture WHERE tenant = $1`, amc); int64(n) != paye {
		f.t.Errorf("%d payés selon l'AMC, %d selon le comptable", n, paye)
	}
	if n := f.es.compter(`SELECT COALESCE(SUM(total), 0) FROM cpt_annonce WHERE tenant = $1`, es); int64(n) != paye {
		f.t.Errorf("%d annoncés, %d payés", n, paye)
	}
}

// equilibrerComptable compares the titres with the insurer's own book: one for each
// invoice that asks for something, reduced when it is rejected or taken back, and an
// announce for each payment.
func (f *facturation) equilibrerComptable(amc string) {
	f.t.Helper()
	es := "es-" + f.g.lieu.Finess.String()
	for _, x := range []struct{ quoi, titres, factures string }{
		{"titres", `SELECT COUNT(*) FROM cpt_titre WHERE tenant = $1`, `SELECT COUNT(*) FROM liq_facture WHERE tenant = $1 AND demande > 0`},
		{"sommes des titres", `SELECT COALESCE(SUM(montant), 0) FROM cpt_titre WHERE tenant = $1`, `SELECT COALESCE(SUM(demande), 0) FROM liq_facture WHERE tenant = $1 AND demande > 0`},
		{"sommes réduites", `SELECT COALESCE(SUM(reduit), 0) FROM cpt_titre WHERE tenant = $1`,
			`SELECT COALESCE(SUM(demande), 0) FROM liq_facture WHERE tenant = $1 AND demande > 0 AND etat IN ('REJETE', 'ANNULEE')`},
		{"sommes annoncées", `SELECT COALESCE(SUM(total), 0) FROM cpt_annonce WHERE tenant = $1`, `SELECT COALESCE(SUM(paye), 0) FROM liq_facture WHERE tenant = $1`},
	} {
		if !jusqua(f.ctx, 20*time.Second, func() bool { return f.es.compter(x.titres, es) == f.amc.compter(x.factures, amc) }) {
			f.t.Errorf("%s : %d chez le comptable, %d chez l'AMC", x.quoi, f.es.compter(x.titres, es), f.amc.compter(x.factures, amc))
		}
	}
	f.es.comptable("verifier")
}

// preuves exports the book: each payment has its bank line, its announce, and the
// leaf of the journal of its message; no cell is a formula.
func (p *partie) preuves(jour sante.Jour) {
	t := p.l.t
	t.Helper()
	dir := filepath.Join(t.TempDir(), "export")
	p.comptable("exporter", "--du", jour.String(), "--au", jour.String(), dir)
	payes := 0
	for _, nom := range []string{"balance.csv", "titres.csv", "mouvements.csv"} {
		b, err := os.ReadFile(filepath.Join(dir, nom))
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
		r.Comma = ';'
		l, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range l[1:] {
			champ := map[string]string{}
			for i, nom := range l[0] {
				if champ[nom] = x[i]; x[i] != "" && strings.ContainsAny(x[i][:1], "=+-@") {
					t.Errorf("%s : une formule : %q", nom, x[i])
				}
			}
			message, feuille := champ["message"], champ["feuille"]
			if nom == "mouvements.csv" && champ["nature"] == "PAIEMENT" {
				payes++
				message, feuille = champ["message_annonce"], champ["feuille_annonce"]
				p.attendreJournal()
				if s := p.l.ecluse("journal", "preuve", "--config", filepath.Join(p.dir, "ecluse.toml"), "--message", message, filepath.Join(dir, "preuves")); !strings.Contains(s, "-RET-") {
					t.Errorf("conteneur de %s : %s", message, s)
				}
				if champ["ligne"] == "" || champ["releve"] == "" || champ["motif"] != "REFERENCE" {
					t.Errorf("paiement sans chaîne : %v", champ)
				}
			}
			if nom != "balance.csv" && (len(feuille) != 64 || p.compter(`SELECT COUNT(*) FROM journal_trace WHERE id_message = $1`, message) == 0) {
				t.Errorf("%s : message %q, feuille %q", nom, message, feuille)
			}
		}
	}
	if _, err := commander(p.commande("exporter", "--du", jour.String(), "--au", jour.String(), dir)...); err == nil {
		t.Error("exporté par-dessus un autre export")
	}
	if payes != 3 {
		t.Errorf("%d paiements à l'export", payes)
	}
}

// aLaMain classes the line that nothing explains, then undoes it.
func (p *partie) aLaMain() {
	t := p.l.t
	t.Helper()
	file := func() (l struct {
		ID, Doute string
		Reste     int64
	}) {
		t.Helper()
		s := strings.TrimSpace(p.comptable("file", "--json"))
		if s == "" || strings.Contains(s, "\n") {
			t.Fatalf("file : %q", s)
		}
		if err := json.Unmarshal([]byte(s), &l); err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := file()
	if l.Reste != 12345 || l.Doute != "ANNONCE_ABSENTE" {
		t.Errorf("file : %+v", l)
	}
	if _, err := commander(append(p.commande("affecter", "--ligne", l.ID, "--raison", "essai"), "titre=2026/1:1.00")...); err == nil {
		t.Error("un titre soldé est payé de nouveau")
	}
	s := p.l.ecluse(append(p.commande("affecter", "--ligne", l.ID, "--raison", "loyer de la buvette"), "hors-champ:123.45")...)
	if s := strings.TrimSpace(p.comptable("file", "--json")); s != "" {
		t.Errorf("la ligne attend encore : %s", s)
	}
	var piece int
	if _, err := fmt.Sscanf(s, "affecté : pièce %d,", &piece); err != nil {
		t.Fatalf("%v : %s", err, s)
	}
	p.comptable("defaire", "--piece", fmt.Sprint(piece), "--raison", "erreur")
	if _, err := commander(p.commande("defaire", "--piece", fmt.Sprint(piece), "--raison", "erreur")...); err == nil {
		t.Error("défaite deux fois")
	}
	if l := file(); l.Doute != "RAPPROCHEMENT_DEFAIT" {
		t.Errorf("après la contre-passation : %+v", l)
	}
	if s := p.comptable("regarder", "--ligne", l.ID); !strings.Contains(s, "123,45") {
		t.Errorf("regarder : %s", s)
	}
}

// TestComptableMauvaisFichiers gives the comptable what is no statement: a coded
// refusal, and nothing half loaded.
func TestComptableMauvaisFichiers(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		l := fonder(t, m)
		es := l.partie(monde.CleHopital).config("etablissement.comptable", "octets-max", "200000")
		es.config("etablissement.comptable", "comptes", `["`+ibanLabo+`"]`)
		demain := sante.JourA(l.maintenant().Add(48*time.Hour), sante.Paris()).String()
		bon := camt("2025-05-04", [2]string{"VIR-1", "10.00"}, [2]string{"VIR-2", "20.00"})
		entete := "Compte;Date;Libellé;Crédit;Débit\n"
		ligne := ibanLabo + ";04/05/2025;VIR;10,00;\n"
		var bombe bytes.Buffer
		z := gzip.NewWriter(&bombe)
		z.Write(bytes.Repeat([]byte("0"), 10<<20))
		z.Close()
		for nom, c := range map[string]struct{ texte, code string }{
			"camt coupé":              {bon[:len(bon)*2/3], "FICHIER_TRONQUE"},
			"CSV coupé":               {entete + ligne + ibanLabo + ";04/05", "FICHIER_TRONQUE"},
			"UTF-16":                  {"\xff\xfeC\x00o\x00", "ENCODAGE"},
			"deux encodages":          {entete + ligne + ibanLabo + ";04/05/2025;Mutuelle \u00e9t\u00e9;1,00;\n" + ibanLabo + ";04/05/2025;Mutuelle \xe9t\xe9;1,00;\n", "TROP_DE_REFUS"},
			"rien":                    {"", "FICHIER_VIDE"},
			"des octets":              {strings.Repeat("\x01\x02\x80\n", 500), "ENCODAGE"},
			"du texte":                {"bonjour\n", "COLONNE_ABSENTE"},
			"une archive":             {"PK\x03\x04" + strings.Repeat("\x00", 100), "FICHIER_COMPRESSE"},
			"une bombe":               {bombe.String(), "FICHIER_COMPRESSE"},
			"trop gros":               {entete + strings.Repeat(ligne, 5000), "FICHIER_TROP_GROS"},
			"des entités":             {`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "a">]>` + bon[38:], "DTD"},
			"un autre message":        {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn/></Document>`, "MESSAGE"},
			"un montant en formule":   {entete + ligne + ibanLabo + ";04/05/2025;VIR;=1+1;\n", "MONTANT"},
			"un autre compte":         {strings.Replace(bon, ibanLabo, "FR7630006000011234567890189", 1), "COMPTE_AUTRE"},
			"un IBAN faux":            {strings.Replace(bon, ibanLabo, "FR7610071750000000000240024", 1), "IBAN : "},
			"demain":                  {strings.ReplaceAll(bon, "2025-05-04", demain), "DATE_FUTURE"},
			"une version inconnue":    {strings.Replace(bon, "001.08", "001.99", 1), "001.02 à 001.14"},
			"sans date":               {"Compte;Libellé;Montant\n" + ibanLabo + ";VIR;10,00\n", "jour"},
			"sans compte":             {"Date;Montant\n04/05/2025;10,00\n", "--compte"},
			"MS-DOS":                  {"Compte;Date;Libell\x82;Montant\n" + ibanLabo + ";04/05/2025;\x82t\x82;10,00\n", "iconv"},
			"une ligne sans fin":      {entete + `"` + strings.Repeat("a", 70_000), "LIGNE_TROP_LONGUE"},
			"des balises en désordre": {strings.Replace(bon, "</Stmt>", "</Smtt>", 1), "XML"},
		} {
			t.Run(nom, func(t *testing.T) {
				s, err := es.importer(l.ecrire("releve", c.texte))
				if err == nil || !strings.Contains(s, c.code) {
					t.Errorf("%v, %s attendu :\n%s", err, c.code, s)
				}
			})
		}
		for _, table := range []string{"cpt_ligne", "cpt_piece", "cpt_ecriture", "cpt_releve"} {
			if n := es.compter(`SELECT COUNT(*) FROM ` + table); n != 0 {
				t.Errorf("%s : %d lignes", table, n)
			}
		}
		if s, err := es.importer("--compte", "FR7610071750000000000240024", l.ecrire("releve", "Date;Montant\n04/05/2025;10,00\n")); err == nil || !strings.Contains(err.Error()+s, "clé de contrôle") {
			t.Errorf("--compte inexact : %v, %s", err, s)
		}
		// A good file is imported after all these, from the standard input.
		c := exec.Command(binaire, append(es.commande("importer"), "-")...)
		c.Stdin = strings.NewReader(bon)
		if b, err := c.CombinedOutput(); err != nil || !strings.Contains(string(b), "2 nouvelles") || strings.Contains(string(b), "comparé") {
			t.Errorf("%v : %s", err, b)
		}
		clinique := l.partie(monde.CleClinique)
		if _, err := commander(clinique.commande("balance")...); err == nil || !strings.Contains(err.Error(), "OQN") {
			t.Errorf("une clinique : %v", err)
		}
	})
}

// TestComptableMortSubite kills an import at any moment: all of its lines are there,
// or none, and the next import completes it once.
func TestComptableMortSubite(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		h := hasard(t)
		l := fonder(t, m)
		es := l.partie(monde.CleHopital)
		const n = 5000
		var b strings.Builder
		b.WriteString("Compte;Date;Libellé;Crédit;Débit\n")
		for i := range n {
			fmt.Fprintf(&b, "%s;04/05/2025;VIR %d;%d,00;\n", ibanLabo, i, 1+i%90)
		}
		fichier := l.ecrire("releve.csv", b.String())
		es.comptable("balance") // the base is there
		for range selon(4, 20) {
			c := exec.Command(binaire, append(es.commande("importer"), fichier)...)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(h.IntN(700)) * time.Millisecond)
			c.Process.Kill()
			c.Wait()
			if k := es.compter(`SELECT COUNT(*) FROM cpt_ligne`); k != 0 && k != n {
				t.Errorf("%d lignes sur %d", k, n)
			}
		}
		if s, err := es.importer(fichier); err != nil {
			t.Fatalf("%v : %s", err, s)
		}
		if k := es.compter(`SELECT COUNT(*) FROM cpt_ligne`); k != n {
			t.Errorf("%d lignes sur %d", k, n)
		}
		es.comptable("verifier")
	})
}
