package releve_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
	"github.com/ecluse-sante/ecluse/sante"
)

func fichier(t testing.TB, nom string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + nom)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCamt(t *testing.T) {
	mai := sante.JourDe(2026, 5, 4)
	iban := "FR7610107001011234567890129"
	x := lire(t, releve.Camt{}.Lire, strings.NewReader(fichier(t, "releve-08.xml")))
	voulues := []comptable.LigneReleve{
		{Place: 1, Compte: iban, Jour: mai, Valeur: mai + 1, Sens: comptable.Credit, Montant: 100000, Reference: "BQ-0001", BoutEnBout: "VIR-2026-0042",
			Remises: []string{"RF18539007547034"}, Libelle: "REGLEMENT R1 MAI 2026", Contrepartie: "MUTUELLE DES ÉCLUSIERS (FICTIVE)"},
		{Place: 2, Compte: iban, Jour: mai, Sens: comptable.Credit, Montant: 30000, Reference: "BQ-0002/1", BoutEnBout: "VIR-A", Libelle: "LOT-7"},
		{Place: 2, Compte: iban, Jour: mai, Sens: comptable.Credit, Montant: 20050, Reference: "BQ-0002/2", BoutEnBout: "VIR-B", Libelle: "LOT-7"},
		{Place: 3, Compte: iban, Jour: mai, Sens: comptable.Debit, Montant: 20000, Extourne: true, Reference: "BQ-0003", Libelle: "RETOUR DE VIREMENT"},
	}
	if diff := cmp.Diff(voulues, x.lignes); diff != "" || x.fin != "" {
		t.Errorf("version 08 : %s, %s", diff, x.fin)
	}
	if diff := cmp.Diff([]string{"4 NON_COMPTABILISEE Sts"}, x.refus); diff != "" {
		t.Errorf("refus : %s", diff)
	}
	x = lire(t, releve.Camt{}.Lire, strings.NewReader(fichier(t, "releve-02.xml")))
	voulues = []comptable.LigneReleve{{Place: 1, Compte: "101070010112345678901", Jour: mai, Sens: comptable.Credit, Montant: 7500, Reference: "BQ-9", BoutEnBout: "NOTPROVIDED",
		Libelle: "A & B", Contrepartie: "MUTUELLE DE L'été"}}
	if diff := cmp.Diff(voulues, x.lignes); diff != "" || x.fin != "" || x.refus != nil {
		t.Errorf("version 02 : %s, %s, %v", diff, x.fin, x.refus)
	}
}

// TestCamtVersions reads one statement in the shape of each version: those of 02, 03,
// 04 and 08 are valid for their published schemas, the others follow the changes that
// we know of. A version whose shape is that of another is read from its example.
func TestCamtVersions(t *testing.T) {
	mai, iban := sante.JourDe(2026, 5, 4), "FR7610107001011234567890129"
	voulues := []comptable.LigneReleve{
		{Place: 1, Compte: iban, Jour: mai, Valeur: mai + 1, Sens: comptable.Credit, Montant: 100000, Reference: "BQ-0001", BoutEnBout: "VIR-2026-0042",
			Remises: []string{"LOT-2026-7", "RF18539007547034"}, Libelle: "REGLEMENT R1 MAI 2026", Contrepartie: "MUTUELLE DES ECLUSIERS (FICTIVE)"},
		{Place: 2, Compte: iban, Jour: mai, Valeur: mai, Sens: comptable.Credit, Montant: 30000, Reference: "BQ-0002/1", BoutEnBout: "VIR-A", Libelle: "LOT-7", Contrepartie: "MUTUELLE BANCAIRE (FICTIVE)"},
		{Place: 2, Compte: iban, Jour: mai, Valeur: mai, Sens: comptable.Credit, Montant: 20050, Reference: "BQ-0002/2", BoutEnBout: "VIR-B", Libelle: "LOT-7"},
		{Place: 3, Compte: iban, Jour: mai, Sens: comptable.Debit, Montant: 20000, Extourne: true, Reference: "BQ-0003", Libelle: "RETOUR DE VIREMENT"},
	}
	for version, exemple := range map[string]string{"02": "02", "03": "04", "04": "04", "05": "04", "06": "06", "07": "08", "08": "08", "09": "08", "10": "10", "11": "12", "12": "12", "13": "12", "14": "12"} {
		t.Run(version, func(t *testing.T) {
			texte := fichier(t, "versions-"+exemple+".xml")
			texte = strings.Replace(texte, "camt.053.001."+exemple, "camt.053.001."+version, 1)
			x := lire(t, releve.Camt{}.Lire, strings.NewReader(texte))
			if diff := cmp.Diff(voulues, x.lignes); diff != "" || x.fin != "" || x.refus != nil {
				t.Errorf("%s, %s, %v", diff, x.fin, x.refus)
			}
		})
	}
	for _, s := range []string{"camt.053.001.15", "camt.053.002.08", "camt.054.001.08"} {
		err := releve.Camt{}.Lire(strings.NewReader(strings.Replace(fichier(t, "versions-08.xml"), "camt.053.001.08", s, 1)), nil, nil)
		if r := comptable.EstRefus(err); r == nil || !strings.Contains(r.Detail, "001.02 à 001.14") || !strings.Contains(r.Detail, "banque") {
			t.Errorf("%s : %v", s, err)
		}
	}
}

// The status of an entry is a text until 001.06, then a choice.
func TestCamtStatut(t *testing.T) {
	for _, s := range []string{"<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>", "<Sts>\n <Cd> BOOK </Cd>\n</Sts>"} {
		texte := strings.ReplaceAll(fichier(t, "versions-06.xml"), "<Sts>BOOK</Sts>", s)
		if x := lire(t, releve.Camt{}.Lire, strings.NewReader(texte)); len(x.lignes) != 4 || x.refus != nil {
			t.Errorf("%s : %d lignes, %v", s, len(x.lignes), x.refus)
		}
	}
	texte := strings.Replace(fichier(t, "versions-06.xml"), "<Sts>BOOK</Sts>", "<Sts>PDNG</Sts>", 1)
	if x := lire(t, releve.Camt{}.Lire, strings.NewReader(texte)); len(x.refus) != 1 || x.refus[0] != "1 NON_COMPTABILISEE Sts" {
		t.Errorf("en attente : %v, %s", x.refus, x.fin)
	}
}

func TestCamtRefuse(t *testing.T) {
	bon := fichier(t, "releve-08.xml")
	changer := func(avant, apres string) string {
		if !strings.Contains(bon, avant) {
			t.Fatalf("%q absent", avant)
		}
		return strings.Replace(bon, avant, apres, 1)
	}
	const dtd = `<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>`
	for nom, c := range map[string]struct {
		texte string
		fin   comptable.CodeRefus
		refus string // first line refused, when the file goes on
	}{
		"DTD":                          {texte: dtd + strings.SplitN(bon, "?>", 2)[1], fin: comptable.DTDRefusee},
		"DTD et entité":                {texte: dtd + "<Document>&b;</Document>", fin: comptable.DTDRefusee},
		"entité inconnue":              {texte: changer("MAI 2026", "&b;"), fin: comptable.XMLRefuse},
		"autre message":                {texte: changer("camt.053.001.08", "camt.052.001.08"), fin: comptable.MessageRefuse},
		"version à venir":              {texte: changer("camt.053.001.08", "camt.053.001.15"), fin: comptable.VersionRefusee},
		"version d'avant":              {texte: changer("camt.053.001.08", "camt.053.001.01"), fin: comptable.VersionRefusee},
		"version mal écrite":           {texte: changer("camt.053.001.08", "camt.053.001.8"), fin: comptable.VersionRefusee},
		"version signée":               {texte: changer("camt.053.001.08", "camt.053.001.+8"), fin: comptable.VersionRefusee},
		"sans espace de noms":          {texte: changer(` xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"`, ""), fin: comptable.MessageRefuse},
		"coupé":                        {texte: bon[:len(bon)-200], fin: comptable.FichierTronque},
		"coupé entre deux balises":     {texte: strings.TrimSuffix(strings.TrimSpace(bon), "</Document>"), fin: comptable.FichierTronque},
		"balises croisées":             {texte: changer("</AcctSvcrRef>", "</AcctRef>"), fin: comptable.XMLRefuse},
		"deux racines":                 {texte: bon + "<Document/>", fin: comptable.XMLRefuse},
		"octet faux":                   {texte: changer("MAI 2026", "MAI \xff"), fin: comptable.Encodage},
		"encodage inconnu":             {texte: changer("UTF-8", "UTF-7"), fin: comptable.Encodage},
		"nombre d'écritures":           {texte: changer("<NbOfNtries>4<", "<NbOfNtries>5<"), fin: comptable.NombreFaux},
		"solde de clôture":             {texte: changer(">1400.5<", ">1400.51<"), fin: comptable.SoldeFaux},
		"sans relevé":                  {texte: `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt/></Document>`, fin: comptable.FichierVide},
		"profondeur":                   {texte: changer("MAI 2026", strings.Repeat("<a>", 40)), fin: comptable.XMLRefuse},
		"texte énorme":                 {texte: changer("MAI 2026", strings.Repeat("x", 1<<20)), fin: comptable.TexteTropLong},
		"archive":                      {texte: "PK\x03\x04", fin: comptable.FichierCompresse},
		"un CSV":                       {texte: "Date;Montant\n", fin: comptable.FichierTronque},
		"montant illisible":            {texte: changer(`<Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>`, `<Amt Ccy="EUR">1e3</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>`), refus: "1 MONTANT Amt"},
		"trois décimales":              {texte: changer(`<Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>`, `<Amt Ccy="EUR">1000.001</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>`), refus: "1 MONTANT Amt"},
		"autre monnaie":                {texte: changer(`<Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>`, `<Amt Ccy="CHF">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>`), refus: "1 DEVISE Amt"},
		"sens":                         {texte: changer("<CdtDbtInd>DBIT</CdtDbtInd><RvslInd>", "<CdtDbtInd>debit</CdtDbtInd><RvslInd>"), refus: "3 SENS CdtDbtInd"},
		"jour":                         {texte: changer("<BookgDt><Dt>2026-05-04</Dt></BookgDt><AcctSvcrRef>BQ-0003", "<BookgDt><Dt>2026-02-30</Dt></BookgDt><AcctSvcrRef>BQ-0003"), refus: "3 DATE BookgDt"},
		"détails qui ne font pas tout": {texte: changer(">200.50<", ">200.49<"), refus: "2 DETAILS TxDtls"},
	} {
		t.Run(nom, func(t *testing.T) {
			x := lire(t, releve.Camt{}.Lire, strings.NewReader(c.texte))
			if x.fin != c.fin || c.refus != "" && (len(x.refus) == 0 || x.refus[0] != c.refus) {
				t.Errorf("fin %q, refus %v, attendu %q %q", x.fin, x.refus, c.fin, c.refus)
			}
		})
	}
}

// Our examples are XML for others too.
func TestCamtOracle(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("xmllint absent")
		}
		t.Skip("xmllint absent")
	}
	for _, nom := range []string{"releve-02.xml", "releve-08.xml", "versions-02.xml", "versions-04.xml", "versions-06.xml", "versions-08.xml", "versions-10.xml", "versions-12.xml"} {
		sortie, err := exec.Command("xmllint", "--noout", "testdata/"+nom).CombinedOutput()
		if err != nil {
			t.Errorf("%s : %s", nom, sortie)
		}
	}
}

func FuzzCamt(f *testing.F) {
	for _, nom := range []string{"releve-02.xml", "releve-08.xml", "versions-02.xml", "versions-04.xml", "versions-06.xml", "versions-08.xml", "versions-10.xml", "versions-12.xml"} {
		f.Add([]byte(fichier(f, nom)))
	}
	f.Add([]byte(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Ntry/></Stmt></BkToCstmrStmt></Document>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		x := lire(t, releve.Camt{}.Lire, bytes.NewReader(b))
		saines(t, x)
		if y := lire(t, releve.Camt{}.Lire, &unParUn{bytes.NewReader(b)}); cmp.Diff(x.lignes, y.lignes) != "" || x.fin != y.fin {
			t.Errorf("la lecture dépend de la taille des morceaux : %q, %q", x.fin, y.fin)
		}
	})
}

func BenchmarkCamt(b *testing.B) {
	tout := fichier(b, "releve-08.xml")
	debut, fin := strings.Index(tout, "<Ntry>"), strings.Index(tout, "</Stmt>")
	entrees := strings.Repeat(tout[debut:fin], 2000)
	texte := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Acct><Id><IBAN>FR7610107001011234567890129</IBAN></Id></Acct>` + entrees + `</Stmt></BkToCstmrStmt></Document>`
	b.SetBytes(int64(len(texte)))
	b.ReportAllocs()
	for b.Loop() {
		if err := (releve.Camt{}).Lire(strings.NewReader(texte), func(*comptable.LigneReleve) error { return nil }, func(*comptable.Refus) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
