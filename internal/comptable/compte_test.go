package comptable_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	ct "github.com/ecluse-sante/ecluse/internal/comptable/comptabletest"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
)

const (
	sien  = "FR7630006000011234567890189"
	autre = "FR1420041010050500013M02606"
)

// camtDe is a statement of an account, with one entry.
func camtDe(element, compte, jour string) []byte {
	return fmt.Appendf(nil, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Acct><Id>%s</Id></Acct><Ntry><Amt Ccy="EUR">10</Amt>
		<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><AcctSvcrRef>%s</AcctSvcrRef></Ntry></Stmt></BkToCstmrStmt></Document>`,
		strings.ReplaceAll(element, "*", compte), jour, compte[:3]+jour)
}

// The account of a statement is exact, and the hospital's when it says which are.
func TestCompteDuReleve(t *testing.T) {
	const iban, othr = "<IBAN>*</IBAN>", "<Othr><Id>*</Id></Othr>"
	ligne := func(compte string) []byte { return csv(compte + ";04/05/2026;VIR;" + compte + ";;10,00") }
	camt := releve.Camt{}.Lire
	for nom, c := range map[string]struct {
		comptes []string
		contenu []byte
		lire    comptable.Lecture
		code    comptable.CodeRefus
		dit     string // what the refusal says
	}{
		"CSV, aucun compte configuré":    {nil, ligne(sien), releve.CSV{}.Lire, "", ""},
		"CSV, le sien":                   {[]string{autre, sien}, ligne("FR76 3000 6000 0112 3456 7890 189"), releve.CSV{}.Lire, "", ""},
		"CSV, un autre":                  {[]string{autre}, ligne(sien), releve.CSV{}.Lire, comptable.CompteAutre, "…2606"},
		"CSV, clé fausse":                {nil, ligne("FR7630006000011234567890188"), releve.CSV{}.Lire, comptable.IBANRefuse, "clé de contrôle"},
		"CSV, clé fausse d'un configuré": {[]string{"FR7630006000011234567890188"}, ligne("FR7630006000011234567890188"), releve.CSV{}.Lire, comptable.IBANRefuse, "banque"},
		"CSV, trop court":                {nil, ligne("FR76300060000112345678901"), releve.CSV{}.Lire, comptable.IBANRefuse, "27 caractères"},
		"CSV, numéro de la banque":       {nil, ligne("30006000011234567890189"), releve.CSV{}.Lire, "", ""},
		"CSV, le sien sans pays ni clé":  {[]string{sien}, ligne("30006000011234567890189"), releve.CSV{}.Lire, "", ""},
		"CSV, un autre sans pays ni clé": {[]string{sien}, ligne("30006000011234567890188"), releve.CSV{}.Lire, comptable.CompteAutre, "…0189"},
		"CSV, compte donné à l'import":   {[]string{autre}, []byte("Date;Montant\n04/05/2026;10,00\n"), releve.CSV{Compte: sien}.Lire, comptable.CompteAutre, "« comptes »"},
		"camt, le sien":                  {[]string{sien}, camtDe(iban, sien, "2026-05-04"), camt, "", ""},
		"camt, un autre":                 {[]string{autre}, camtDe(iban, sien, "2026-05-04"), camt, comptable.CompteAutre, "exploitant"},
		"camt, clé fausse":               {nil, camtDe(iban, "FR7630006000011234567890188", "2026-05-04"), camt, comptable.IBANRefuse, "banque"},
		"camt, IBAN qui n'en est pas un": {nil, camtDe(iban, "30006000011234567890189", "2026-05-04"), camt, comptable.CompteRefuse, "banque"},
		"camt, IBAN sous un autre nom":   {nil, camtDe(othr, "FR7630006000011234567890188", "2026-05-04"), camt, comptable.IBANRefuse, ""},
		"camt, numéro de la banque":      {[]string{sien}, camtDe(othr, "30006 00001 12345678901 89", "2026-05-04"), camt, "", ""},
	} {
		t.Run(nom, func(t *testing.T) {
			b := livre(t, comptable.Parametres{Comptes: c.comptes})
			r, err := b.Importer(ctx, ct.Fichier("mai", c.contenu, c.lire))
			if c.code == "" {
				if err != nil || r.Nouvelles != 1 {
					t.Errorf("%+v, %v", r, err)
				}
				return
			}
			if err == nil || len(r.Refus) != 1 || r.Refus[0].Code != c.code || !strings.Contains(r.Refus[0].Detail, c.dit) || r.Refus[0].Ligne == 0 {
				t.Fatalf("%s (%q) attendu : %+v, %v", c.code, c.dit, r.Refus, err)
			}
			if strings.Contains(r.Refus[0].Detail, "3456789") {
				t.Errorf("le refus cite le fichier : %s", r.Refus[0].Detail)
			}
			if l, _, err := b.File(ctx, comptable.PlaceFile{}, 10); err != nil || len(l) != 0 {
				t.Errorf("%d lignes chargées, %v", len(l), err)
			}
		})
	}
}

// The refusal of an account is said once; its lines are counted, and left out when
// a person accepts it.
func TestCompteDitUneFois(t *testing.T) {
	b := livre(t, comptable.Parametres{Comptes: []string{sien}, RefusMax: 5})
	var lignes []string
	for i := range 5 {
		lignes = append(lignes, fmt.Sprintf("%s;04/05/2026;VIR;A%d;;10,00", autre, i))
	}
	r, err := b.Importer(ctx, ct.Fichier("mai", csv(append(lignes, sien+";04/05/2026;VIR;B;;7,00")...), releve.CSV{}.Lire))
	if err != nil || r.Refusees != 5 || len(r.Refus) != 1 || r.Refus[0].Ligne != 2 || r.Nouvelles != 1 || r.Credits != 700 {
		t.Errorf("%+v, %v", r, err)
	}
	b.Juste(t)
}

// A bank books nothing in advance; its day is that of Paris, or the hospital's.
func TestJourFutur(t *testing.T) {
	for nom, c := range map[string]struct {
		fuseau  string
		instant time.Time
		jour    string
		refus   bool
	}{
		"aujourd'hui":                     {"Europe/Paris", ct.Midi, "2026-05-04", false},
		"demain":                          {"Europe/Paris", ct.Midi, "2026-05-05", true},
		"demain, à minuit passé à Paris":  {"Europe/Paris", time.Date(2026, 5, 4, 22, 1, 0, 0, time.UTC), "2026-05-05", false},
		"demain, à minuit moins une":      {"Europe/Paris", time.Date(2026, 5, 4, 21, 59, 0, 0, time.UTC), "2026-05-05", true},
		"le jour de Paris, en Martinique": {"America/Martinique", time.Date(2026, 5, 4, 22, 1, 0, 0, time.UTC), "2026-05-05", false},
		"le jour de La Réunion":           {"Indian/Reunion", time.Date(2026, 5, 4, 20, 30, 0, 0, time.UTC), "2026-05-05", false},
		"l'an prochain":                   {"Europe/Paris", ct.Midi, "2027-05-04", true},
	} {
		t.Run(nom, func(t *testing.T) {
			zone, err := time.LoadLocation(c.fuseau)
			if err != nil {
				t.Fatal(err)
			}
			for format, f := range map[string]comptable.Fichier{
				"csv":  ct.Fichier("mai.csv", csv(sien+";"+c.jour+";VIR;A;;10,00"), releve.CSV{}.Lire),
				"camt": ct.Fichier("mai.xml", camtDe("<IBAN>*</IBAN>", sien, c.jour), releve.Camt{}.Lire),
			} {
				b := livre(t, comptable.Parametres{Fuseau: zone})
				b.Instant = c.instant
				r, err := b.Importer(ctx, f)
				if vu := err != nil && len(r.Refus) == 1 && r.Refus[0].Code == comptable.DateFuture && strings.Contains(r.Refus[0].Detail, "heure de ce serveur"); vu != c.refus || err != nil && !vu {
					t.Errorf("%s : %+v, %v", format, r.Refus, err)
				}
			}
		})
	}
}

// A booked entry whose booking day the bank leaves out has its value date, which may be
// to come.
func TestJourDeValeurSeul(t *testing.T) {
	b := livre(t, comptable.Parametres{Fuseau: time.UTC})
	b.Instant = ct.Midi
	texte := bytes.ReplaceAll(camtDe("<IBAN>*</IBAN>", sien, "2026-05-06"), []byte("BookgDt"), []byte("ValDt"))
	if r, err := b.Importer(ctx, ct.Fichier("mai.xml", texte, releve.Camt{}.Lire)); err != nil || len(r.Refus) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
