package virement

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
)

func lu[T any](t *testing.T, f func(string) (T, error), s string) T {
	t.Helper()
	v, err := f(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func remise(t *testing.T) *officine.Remise {
	jour := lu(t, sante.ParseJour, "2026-11-23")
	r := &officine.Remise{Reglement: jour, Rang: 1, Reference: "FAO009900000120261123-1", Faite: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Execution: jour + 1, Nombre: 2, Total: 1_234_661,
		Virements: []officine.Virement{
			{PS: lu(t, sante.ParseNumeroFacturation, "752000012"), Reference: "FAO009900000120261123752000012", Titulaire: "Pharmacie de l'Écluse & Cie", IBAN: lu(t, sante.ParseIBAN, "FR76 3000 6000 0112 3456 7890 189"), Montant: 1_234_560, Factures: 3},
			{PS: lu(t, sante.ParseNumeroFacturation, "752000020"), Reference: "FAO009900000120261123752000020", Titulaire: "=DUPONT <Éva>", IBAN: lu(t, sante.ParseIBAN, "DE89370400440532013000"), Montant: 101, Factures: 1}}}
	r.Payeur = officine.Payeur{Nom: "Mutuelle du Moulin", IBAN: lu(t, sante.ParseIBAN, "FR7610071750000000000240042")}
	return r
}

// The file read again by the names of its elements says what was given, to the cent.
func TestPain(t *testing.T) {
	r := remise(t)
	var b, encore bytes.Buffer
	if err := errors.Join(Pain(&b, r), Pain(&encore, r)); err != nil || !bytes.Equal(b.Bytes(), encore.Bytes()) {
		t.Fatalf("%v, deux fois le même fichier : %v", err, bytes.Equal(b.Bytes(), encore.Bytes()))
	}
	want := []string{"GrpHdr/MsgId=FAO009900000120261123-1", "GrpHdr/CreDtTm=2026-11-23T10:00:00Z", "GrpHdr/NbOfTxs=2", "GrpHdr/CtrlSum=12346.61", "GrpHdr/InitgPty/Nm=MUTUELLE DU MOULIN",
		"PmtInf/PmtInfId=FAO009900000120261123-1", "PmtInf/PmtMtd=TRF", "PmtInf/NbOfTxs=2", "PmtInf/CtrlSum=12346.61", "PmtInf/PmtTpInf/SvcLvl/Cd=SEPA", "PmtInf/ReqdExctnDt/Dt=2026-11-24",
		"PmtInf/Dbtr/Nm=MUTUELLE DU MOULIN", "PmtInf/DbtrAcct/Id/IBAN=FR7610071750000000000240042", "PmtInf/DbtrAgt/FinInstnId/Othr/Id=NOTPROVIDED", "PmtInf/ChrgBr=SLEV",
		"PmtInf/CdtTrfTxInf/PmtId/EndToEndId=FAO009900000120261123752000012", "PmtInf/CdtTrfTxInf/Amt/InstdAmt=12345.60 EUR", "PmtInf/CdtTrfTxInf/Cdtr/Nm=PHARMACIE DE L'ECLUSE + CIE",
		"PmtInf/CdtTrfTxInf/CdtrAcct/Id/IBAN=FR7630006000011234567890189", "PmtInf/CdtTrfTxInf/RmtInf/Ustrd=TIERS PAYANT MUTUELLE DU MOULIN DU 2026-11-23, FACTURES: 3",
		"PmtInf/CdtTrfTxInf/PmtId/EndToEndId=FAO009900000120261123752000020", "PmtInf/CdtTrfTxInf/Amt/InstdAmt=1.01 EUR", "PmtInf/CdtTrfTxInf/Cdtr/Nm=.DUPONT .EVA.",
		"PmtInf/CdtTrfTxInf/CdtrAcct/Id/IBAN=DE89370400440532013000", "PmtInf/CdtTrfTxInf/RmtInf/Ustrd=TIERS PAYANT MUTUELLE DU MOULIN DU 2026-11-23, FACTURES: 1"}
	if got := feuilles(t, b.Bytes()); !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	schema(t, b.Bytes())
}

// feuilles reads a document without our types: each leaf by its path below the message.
func feuilles(t *testing.T, b []byte) (l []string) {
	d := xml.NewDecoder(bytes.NewReader(b))
	var chemin []string
	texte, devise := "", ""
	for {
		x, err := d.Token()
		if err != nil {
			return l
		}
		switch x := x.(type) {
		case xml.StartElement:
			if x.Name.Space != "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09" {
				t.Fatalf("%+v", x.Name)
			}
			chemin, texte, devise = append(chemin, x.Name.Local), "", ""
			for _, a := range x.Attr {
				if a.Name.Local == "Ccy" {
					devise = " " + a.Value
				}
			}
		case xml.CharData:
			texte += string(x)
		case xml.EndElement:
			if strings.TrimSpace(texte) != "" {
				l = append(l, strings.Join(chemin[2:], "/")+"="+texte+devise)
			}
			chemin, texte = chemin[:len(chemin)-1], ""
		}
	}
}

// schema validates a file against the schema of the banks, where the environment says it: it
// is not ours to carry.
func schema(t *testing.T, b []byte) {
	xsd := os.Getenv("ECLUSE_PAIN_XSD")
	if xsd == "" {
		t.Log("ECLUSE_PAIN_XSD ne dit pas où est le schéma pain.001.001.09 : fichier jugé par sa seule structure")
		return
	}
	chemin := filepath.Join(t.TempDir(), "pain.xml")
	if err := os.WriteFile(chemin, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if dit, err := exec.Command("xmllint", "--noout", "--schema", xsd, chemin).CombinedOutput(); err != nil {
		t.Errorf("%v : %s", err, dit)
	}
}

// What would not be paid to the cent is not written.
func TestPainRefuse(t *testing.T) {
	for nom, x := range map[string]struct {
		changer func(*officine.Remise)
		want    error
	}{
		"sans compte":         {func(r *officine.Remise) { r.Payeur.IBAN = sante.IBAN{} }, officine.ErrPayeur},
		"compte hors SEPA":    {func(r *officine.Remise) { r.Payeur.IBAN = lu(t, sante.ParseIBAN, "TR330006100519786457841326") }, officine.ErrPayeur},
		"nom sans lettre":     {func(r *officine.Remise) { r.Payeur.Nom = "/" }, officine.ErrPayeur},
		"sans nom":            {func(r *officine.Remise) { r.Payeur.Nom = " " }, officine.ErrPayeur},
		"un centime de moins": {func(r *officine.Remise) { r.Total-- }, ErrTotal},
		"un virement de trop": {func(r *officine.Remise) { r.Nombre-- }, ErrTotal},
		"virement nul":        {func(r *officine.Remise) { r.Virements[0].Montant = 0 }, ErrMontant},
		"un milliard":         {func(r *officine.Remise) { r.Virements[0].Montant = 100_000_000_000 }, ErrMontant},
	} {
		r := remise(t)
		x.changer(r)
		if err := Pain(&bytes.Buffer{}, r); !errors.Is(err, x.want) {
			t.Errorf("%s : %v, want %v", nom, err, x.want)
		}
	}
}

// Both tables say the same of each order; a spreadsheet takes no name for a formula.
func TestTables(t *testing.T) {
	r := remise(t)
	var l []Ligne
	for i, v := range r.Virements {
		l = append(l, Ligne{officine.Ordre{Reglement: r.Reglement, PS: v.PS, Reference: v.Reference, Montant: v.Montant, Nombre: v.Factures, Etat: officine.OrdreDonne, Remise: i}, v.Titulaire, v.IBAN})
	}
	var c, j bytes.Buffer
	if err := errors.Join(CSV(&c, l), JSON(&j, l)); err != nil {
		t.Fatal(err)
	}
	x := csv.NewReader(&c)
	x.Comma = ';'
	lignes, err := x.ReadAll()
	if err != nil || len(lignes) != 3 {
		t.Fatalf("%v, %v", lignes, err)
	}
	var d struct{ Virements []map[string]string }
	if err := json.Unmarshal(j.Bytes(), &d); err != nil || len(d.Virements) != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	for i, un := range d.Virements {
		for k, nom := range lignes[0] {
			if got := strings.TrimPrefix(lignes[i+1][k], "'"); got != un[nom] {
				t.Errorf("%s : %q, %q", nom, got, un[nom])
			}
		}
	}
	if un := d.Virements[0]; un["montant"] != "12345.60" || un["iban"] != "FR7630006000011234567890189" || un["remise"] != "" || lignes[2][3] != "'=DUPONT <Éva>" {
		t.Errorf("%v, %v", un, lignes[2])
	}
}
