package comptable_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	ct "github.com/ecluse-sante/ecluse/internal/comptable/comptabletest"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
	"github.com/ecluse-sante/ecluse/internal/comptable/store"
	"github.com/ecluse-sante/ecluse/sante"
)

var ctx = context.Background()

func livre(t testing.TB, p comptable.Parametres) *ct.Banc {
	return ct.Nouveau(store.New(bddtest.Ouvrir(t, store.Migrations()), "es"), p)
}

const entete = "Compte;Date;Libellé;Référence;Débit;Crédit\n"

func csv(lignes ...string) []byte {
	return []byte(entete + strings.Join(lignes, "\n") + "\n")
}

func importer(t *testing.T, b *ct.Banc, contenu []byte, voulu comptable.CodeRefus) *comptable.Releve {
	t.Helper()
	r, err := b.Importer(ctx, ct.Fichier("mai.csv", contenu, releve.CSV{}.Lire))
	if x := comptable.EstRefus(err); (x == nil) != (voulu == "") || x != nil && x.Code != voulu {
		t.Fatalf("import : %v, attendu %q", err, voulu)
	}
	return r
}

// The same file, and the same line in another file, count once; identical lines of
// a file are as many.
func TestImportUneFois(t *testing.T) {
	b := livre(t, comptable.Parametres{})
	lundi := csv("FR7610071750000000000240042;04/05/2026;VIR A;BQ1;;10,00", "FR7610071750000000000240042;04/05/2026;SANS REF;;;5,00", "FR7610071750000000000240042;04/05/2026;SANS REF;;;5,00", "FR7610071750000000000240042;04/05/2026;FRAIS;BQ2;1,00;")
	r := importer(t, b, lundi, "")
	if r.Nouvelles != 4 || r.Credits != 2000 || r.Debits != 100 || r.DejaImporte {
		t.Errorf("premier import %+v", r)
	}
	encore := importer(t, b, lundi, "")
	if r.DejaImporte = true; !cmp.Equal(r, encore) {
		t.Errorf("second import : %s", cmp.Diff(r, encore))
	}
	// The week holds the Monday, in another order of columns, and one line more.
	semaine := csv("FR7610071750000000000240042;2026-05-04;SANS REF;;;5", "FR7610071750000000000240042;2026-05-04;VIR A;BQ1;;10", "FR7610071750000000000240042;2026-05-04;SANS REF;;;5", "FR7610071750000000000240042;2026-05-04;SANS REF;;;5", "FR7610071750000000000240042;2026-05-04;FRAIS;BQ2;-1;")
	if r := importer(t, b, semaine, ""); r.Nouvelles != 1 || r.Doublons != 4 || r.Credits != 500 {
		t.Errorf("semaine %+v", r)
	}
	b.Juste(t)
}

// A camt.053 goes through the whole path.
func TestImportCamt(t *testing.T) {
	b := livre(t, comptable.Parametres{})
	b.Titre(t, 1, "F1", 100000)
	b.Annoncer(t, 1, "R1", "VIR 2026 0042", ct.Paye{Facture: "F1", Montant: 100000})
	var contenu bytes.Buffer
	contenu.WriteString(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Acct><Id><IBAN>FR7610071750000000000240042</IBAN></Id></Acct><Ntry><Amt Ccy="EUR">1000</Amt>
		<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-05-04</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>VIR-2026/0042</EndToEndId></Refs></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`)
	if r, err := b.Importer(ctx, ct.Fichier("mai.xml", contenu.Bytes(), releve.Camt{}.Lire)); err != nil || r.Nouvelles != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if x := b.Epuiser(t); x.Matchees != 1 || b.Lu(t, "F1").Reste != 0 {
		t.Errorf("%+v", x)
	}
	b.Juste(t)
}

// A bad file leaves nothing.
func TestImportRefuse(t *testing.T) {
	b := livre(t, comptable.Parametres{OctetsMax: 4096, LignesMax: 10})
	bonne := "FR7610071750000000000240042;04/05/2026;VIR;%s;;10,00"
	var onze []string
	for i := range 11 {
		onze = append(onze, fmt.Sprintf(bonne, fmt.Sprint(i)))
	}
	mauvaise := csv(fmt.Sprintf(bonne, "A"), "FR7610071750000000000240042;04/05/2026;VIR;B;;abc", fmt.Sprintf(bonne, "C"))
	for nom, c := range map[string]struct {
		contenu []byte
		code    comptable.CodeRefus
	}{
		"vide":            {nil, comptable.FichierVide},
		"en-tête seul":    {csv(), comptable.FichierVide},
		"archive":         {[]byte("PK\x03\x04 abc"), comptable.FichierCompresse},
		"ligne refusée":   {mauvaise, comptable.TropDeRefus},
		"trop gros":       {append(csv(fmt.Sprintf(bonne, "A")), bytes.Repeat([]byte("\n"), 5000)...), comptable.FichierTropGros},
		"trop de lignes":  {csv(onze...), comptable.TropDeLignes},
		"coupé à la fin":  {append(csv(fmt.Sprintf(bonne, "A")), "FR7610071750000000000240042;04/05"...), comptable.FichierTronque},
		"latin et UTF-8":  {append(csv(fmt.Sprintf(bonne, "é")), "FR7610071750000000000240042;04/05/2026;\xe9;;;1,00"...), comptable.TropDeRefus},
		"un classeur xls": {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), comptable.FichierCompresse},
	} {
		t.Run(nom, func(t *testing.T) {
			importer(t, b, c.contenu, c.code)
			if l, _, err := b.File(ctx, comptable.PlaceFile{}, 10); err != nil || len(l) != 0 {
				t.Fatalf("%d lignes à moitié chargées, %v", len(l), err)
			}
		})
	}
	b.Parametres.RefusMax = 1
	r := importer(t, b, mauvaise, "")
	voulu := []comptable.Refus{{Code: comptable.MontantRefuse, Ligne: 3, Champ: "crédit", Detail: "Montant attendu, comme 1234,56."}}
	if r.Nouvelles != 2 || r.Refusees != 1 || cmp.Diff(voulu, r.Refus) != "" {
		t.Errorf("%+v", r)
	}
}

// A file that changes between its two readings is refused.
func TestImportChange(t *testing.T) {
	b := livre(t, comptable.Parametres{})
	f := ct.Fichier("mai.csv", nil, releve.CSV{}.Lire)
	f.Source = &changeant{contenus: [][]byte{csv("FR7610071750000000000240042;04/05/2026;VIR;A;;10,00"), csv("FR7610071750000000000240042;04/05/2026;VIR;A;;99,00")}}
	_, err := b.Importer(ctx, f)
	if x := comptable.EstRefus(err); x == nil || x.Code != comptable.FichierChange {
		t.Errorf("%v", err)
	}
	if l, _, _ := b.File(ctx, comptable.PlaceFile{}, 10); len(l) != 0 {
		t.Error("chargé quand même")
	}
}

type changeant struct {
	contenus [][]byte
	r        *bytes.Reader
}

func (c *changeant) Read(b []byte) (int, error) { return c.r.Read(b) }

func (c *changeant) Seek(int64, int) (int64, error) {
	c.r = bytes.NewReader(c.contenus[0])
	if len(c.contenus) > 1 {
		c.contenus = c.contenus[1:]
	}
	return 0, nil
}

// Nothing is dated in closed accounts, and no titre is below zero at any day.
func TestComptesClos(t *testing.T) {
	b := livre(t, comptable.Parametres{})
	b.Titre(t, 1, "F1", 1000)
	b.Annoncer(t, 1, "R1", "VIR-1000", ct.Paye{Facture: "F1", Montant: 1000})
	b.Recevoir(t, comptable.LigneReleve{Montant: 1000, BoutEnBout: "VIR-1000"})
	b.Epuiser(t)
	avant, err := b.Balance(ctx, ct.Jour1+30, comptable.SansFin)
	if err != nil {
		t.Fatal(err)
	}
	b.Parametres.Ouverture = ct.Jour1 + 31
	b.Avancer(40)
	p, err := b.Contrepasser(ctx, comptable.Ordre{Agent: "Camille", Raison: "erreur"}, 3)
	if err != nil || p.Ecritures[0].Jour != ct.Jour1+31 {
		t.Fatalf("%+v, %v", p, err)
	}
	b.Recevoir(t, comptable.LigneReleve{Montant: 300, Jour: ct.Jour1 + 2})
	apres, err := b.Balance(ctx, ct.Jour1+30, comptable.SansFin)
	if err != nil || cmp.Diff(avant.Total, apres.Total, cmp.Comparer(func(x, y sante.NumeroAMC) bool { return x == y })) != "" {
		t.Errorf("les comptes clos ont changé : %+v, %+v, %v", avant.Total, apres.Total, err)
	}
	b.Juste(t)
}

func TestReferences(t *testing.T) {
	dites, possibles := comptable.References(&comptable.LigneReleve{BoutEnBout: "NOTPROVIDED", Remises: []string{"vir 2026/05-0042", "A1"}, Libelle: "VIR SEPA MUT-12 34 X"})
	if diff := cmp.Diff([]string{"VIR2026050042"}, dites); diff != "" {
		t.Error(diff)
	}
	for _, x := range []string{"SEPA", "MUT12", "MUT1234", "VIRSEPAMUT1234X", "34X"} {
		if vu := strings.Contains(" "+strings.Join(possibles, " ")+" ", " "+x+" "); vu != (len(x) >= 4) {
			t.Errorf("%s : %v", x, vu)
		}
	}
	_, possibles = comptable.References(&comptable.LigneReleve{Libelle: strings.Repeat("a ", 10_000)})
	if len(possibles) > 100 {
		t.Errorf("%d références possibles", len(possibles))
	}
}

// An error has a sentence for a person, and quotes nothing of the file.
func TestErreurs(t *testing.T) {
	r := &comptable.Refus{Code: comptable.DateRefusee, Ligne: 3, Champ: "date", Detail: "Date attendue."}
	if got := r.Error(); got != "comptable: fichier refusé : DATE, ligne 3, date : Date attendue." {
		t.Error(got)
	}
	b := livre(t, comptable.Parametres{RefusMax: 0})
	rapport, err := b.Importer(ctx, ct.Fichier("x.csv", csv("FR7610071750000000000240042;04/05/2026;MONSIEUR SECRET;S;;SECRET"), releve.CSV{}.Lire))
	if err == nil || strings.Contains(fmt.Sprint(err, rapport.Refus), "SECRET") {
		t.Errorf("%v %v", err, rapport.Refus)
	}
}

// Two nodes on one PostgreSQL match the same lines at once, while invoices go on
// being issued: each line is matched once, and the book balances.
func TestDeuxNoeuds(t *testing.T) {
	adresse := bddtest.Adresse(t, bdd.PostgreSQL)
	var noeuds [2]*ct.Banc
	for i := range noeuds {
		noeuds[i] = ct.Nouveau(store.New(bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, store.Migrations()), "es"), comptable.Parametres{})
	}
	const n = 120
	var lignes []comptable.LigneReleve
	for i := range n {
		numero, ref := fmt.Sprintf("F%d", i), fmt.Sprintf("VIR-%05d", i/2)
		noeuds[0].Titre(t, i%3, numero, 1000)
		noeuds[0].Annoncer(t, i%3, numero, ref, ct.Paye{Facture: numero, Montant: 1000})
		lignes = append(lignes, comptable.LigneReleve{Compte: "FR7610071750000000000240042", Jour: ct.Jour1, Sens: comptable.Credit, Montant: 1000, BoutEnBout: ref, Reference: numero})
	}
	if _, err := noeuds[0].Importer(ctx, ct.Lignes(lignes...)); err != nil {
		t.Fatal(err)
	}
	type fin struct {
		matchees int
		err      error
	}
	fins := make(chan fin)
	for k := range 4 {
		go func() {
			var f fin
			for f.err == nil {
				var x comptable.Bilan
				if x, f.err = noeuds[k%2].Rapprocher(ctx, 7); x.Examinees == 0 {
					break
				}
				f.matchees += x.Matchees
			}
			fins <- f
		}()
	}
	go func() {
		var f fin
		for i := range 40 {
			_, f.err = noeuds[i%2].Emettre(ctx, []comptable.Emis{{Facture: ct.Facture(fmt.Sprintf("G%d", i/2)), AMC: noeuds[0].Lu(t, "F1").AMC, Montant: 10, Jour: ct.Jour1}})
			if f.err != nil {
				break
			}
		}
		fins <- f
	}()
	total := 0
	for range 5 {
		f := <-fins
		if f.err != nil {
			t.Error(f.err)
		}
		total += f.matchees
	}
	if total += noeuds[1].Epuiser(t).Matchees; total != n {
		t.Errorf("%d lignes rapprochées sur %d", total, n)
	}
	noeuds[0].Juste(t)
	b, err := noeuds[1].Balance(ctx, comptable.SansFin, comptable.SansFin)
	if err != nil || b.Total.Paye != n*1000 || b.Total.Reste != 200 {
		t.Errorf("%+v, %v", b.Total, err)
	}
}
