package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/journal"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// paieur is an insurer of the laboratory whose books have one accepted invoice for each of
// three professionals, paid by commands.
type paieur struct {
	t      *testing.T
	dir    string
	chemin string // of its configuration
	jour   sante.Jour
	tout   strings.Builder // whatever was shown
}

const paieurAMC, paieurPS1, paieurPS2, paieurPS3 = "99000404", "752000012", "752000020", "752000038"

func nouveauPaieur(t *testing.T) *paieur {
	t.Helper()
	x := &paieur{t: t, dir: t.TempDir(), jour: sante.JourA(time.Now(), sante.Paris()) - 1}
	if _, err := lancer("quickstart", "--ports-libres", x.dir); err != nil {
		t.Fatal(err)
	}
	x.chemin = filepath.Join(x.dir, "ecluse.toml")
	x.ouvrir(func(p *serveur.Processus) {
		livre := offstore.New(p.Base, serveur.TenantAMC(paieurAMC))
		err := livre.Transaction(context.Background(), func(ctx context.Context) error {
			for i, ps := range []string{paieurPS1, paieurPS2, paieurPS3} {
				n, err := sante.ParseNumeroFacturation(ps)
				if err != nil {
					t.Fatal(err)
				}
				if err := livre.Verrouiller(ctx, n); err != nil {
					return err
				}
				if err := livre.Inserer(ctx, []*off.Facture{{PS: n, Numero: "F1", DateFacture: x.jour, DateSoins: x.jour, Lot: "L1", Recue: time.Now(), Etat: droits.FactureAcceptee,
					Code: "000", Accreditee: true, Demande: sante.Montant(1005 + i), Echeance: x.jour + 12, Original: []byte("{}")}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	return x
}

// ecluse runs a command of the accountant: what it says holds each text that is expected.
func (x *paieur) ecluse(ok bool, attendus []string, args ...string) {
	x.t.Helper()
	r := racine()
	var b bytes.Buffer
	r.Writer, r.ErrWriter = &b, &b
	err := r.Run(context.Background(), append(append([]string{"ecluse", "officines"}, args...), "--config", x.chemin, "--amc", paieurAMC))
	s := strings.ReplaceAll(b.String(), "\u00a0", " ")
	if err != nil {
		s += err.Error()
	}
	x.tout.WriteString(s)
	for _, a := range attendus {
		if !strings.Contains(s, a) {
			x.t.Errorf("%v : sans %q :\n%s", args, a, s)
		}
	}
	if ok != (err == nil) {
		x.t.Fatalf("%v : %s", args, s)
	}
}

func (x *paieur) ecrire(nom, texte string) string {
	x.t.Helper()
	f := filepath.Join(x.dir, nom)
	if err := os.WriteFile(f, []byte(texte), 0o600); err != nil {
		x.t.Fatal(err)
	}
	return f
}

func (x *paieur) ouvrir(f func(p *serveur.Processus)) {
	x.t.Helper()
	fichier, err := config.Lire(x.chemin)
	if err != nil {
		x.t.Fatal(err)
	}
	p, err := serveur.OuvrirPourCommande(context.Background(), fichier)
	if err != nil {
		x.t.Fatal(err)
	}
	defer p.Fermer()
	f(p)
}

// reference is that of a file of the run of a day, or of a transfer with its professional.
func (x *paieur) reference(jour sante.Jour) string {
	return "FAO" + "0099000404" + strings.ReplaceAll(jour.String(), "-", "")
}

// An accountant of the insurer pays pharmacies by commands alone: what would be paid, the
// accounts, the file of the bank, what the bank did of each transfer, and one that came back
// after it was made. No account is in what is shown, nor in the base, nor in the journal.
func TestVirementsVille(t *testing.T) {
	b := nouveauPaieur(t)
	const amc, iban1, iban2 = paieurAMC, "FR7630006000011234567890189", "DE89370400440532013000"
	const ps1, ps2, ps3 = paieurPS1, paieurPS2, paieurPS3
	dir, chemin, jour, ecluse, ecrire, ouvrir, tout := b.dir, b.chemin, b.jour, b.ecluse, b.ecrire, b.ouvrir, &b.tout
	ref := b.reference(jour)
	j := "--jour=" + jour.String()
	ecluse(true, []string{"Aucun compte"}, "comptes", "lister")
	ecluse(true, []string{"752000012      1         10,05 €  manque", "3 virements, pour 3 factures : 30,18 € ordonnés", "Rien n'est fait"}, "regler", "--montrer")
	ecluse(false, []string{"ligne 3 : 752000020 : IBAN inexact", "ligne 4 : numéro de facturation attendu", "ligne 5 : 3 champs attendus", "4 lignes refusées ; 1 faite"}, "comptes", "importer",
		ecrire("comptes.csv", "ps;titulaire;iban\n"+ps1+";Pharmacie du Pont;FR76 3000 6000 0112 3456 7890 189\n"+ps2+";Pharmacie;DE89370400440532013001\nzut;x;"+iban2+"\n"+ps2+";x\n"+ps2+";;"+iban2+"\n"))
	ecluse(true, []string{"FR76 … 0189", "manque"}, "regler", "--montrer")
	ecluse(true, []string{"3 virements, 3 factures ; 30,18 € ordonnés", "aucune"}, "regler", j)
	ecluse(true, []string{"0 virement, pour 0 facture"}, "regler", "--montrer")
	pain := filepath.Join(dir, "pain.xml")
	config1, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(config1, []byte("compte = \"FR")) {
		t.Fatal("le laboratoire ne dit pas le compte de l'AMC")
	}
	ecluse(true, []string{"remise " + ref + "-1, 1 virement, 10,05 €", ps2 + " : aucun compte n'est dit, son virement de 10,06 € attend"}, "virements", j, "--sortie", pain)
	premier, err := os.ReadFile(pain)
	if err != nil || !bytes.Contains(premier, []byte(iban1)) || !bytes.Contains(premier, []byte("<EndToEndId>"+ref+ps1+"</EndToEndId>")) {
		t.Fatalf("%s, %v", premier, err)
	}
	if x, err := os.Stat(pain); err != nil || x.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", x.Mode(), err)
	}
	ecluse(false, []string{"existe déjà : rien n'est remis"}, "virements", j, "--sortie", pain)
	ecluse(true, []string{"remise " + ref + "-1"}, "virements", j, "--remise", "1", "--sortie", pain+".2")
	if encore, err := os.ReadFile(pain + ".2"); err != nil || !bytes.Equal(encore, premier) {
		t.Errorf("le fichier récrit n'est pas le même : %v", err)
	}
	ecluse(true, []string{"2 comptes notés"}, "comptes", "importer", ecrire("suite.csv", "ps;titulaire;iban\n"+ps2+";Pharmacie;"+iban2+"\n"+ps3+";Pharmacie;"+iban2+"\n"))
	ecluse(true, []string{"remise " + ref + "-2, 2 virements, 20,13 €"}, "virements", j, "--sortie", filepath.Join(dir, "pain2.xml"))
	ecluse(false, []string{"aucun virement n'est à remettre"}, "virements", j, "--sortie", filepath.Join(dir, "pain3.xml"))
	ecluse(true, []string{"3 virements"}, "virements", j, "--format", "csv", "--sortie", filepath.Join(dir, "v.csv"))
	if x, err := os.ReadFile(filepath.Join(dir, "v.csv")); err != nil || strings.Count(string(x), iban2) != 2 || !strings.Contains(string(x), ";10.05;1;ORDONNE;1;") {
		t.Errorf("%s, %v", x, err)
	}
	ecluse(true, nil, "virements", j, "--format", "json", "--sortie", filepath.Join(dir, "v.json"))
	banque := ecrire("banque.csv", "reference;etat;jour;motif\n"+ref+ps1+";PAYE;"+(jour+1).String()+";\n"+ref+ps2+";RENDU;"+(jour+1).String()+";AC01\nFAO1;PAYE;"+jour.String()+";\n"+ref+ps3+";PERDU;"+jour.String()+";\n")
	for range 2 { // said again, the same
		ecluse(false, []string{"ligne 4 : référence inconnue", "ligne 5 : " + ref + ps3 + " : état PAYE ou RENDU attendu", "2 lignes refusées ; 2 faites"}, "pointer", banque)
	}
	ecluse(false, []string{"--tous"}, "confirmer", j)
	ecluse(false, []string{"aucun virement n'attend"}, "confirmer", j, "--tous", "--sauf", ps3)
	ecluse(true, []string{"1 virement fait, 10,07 €"}, "confirmer", j, "--tous")
	ecluse(true, []string{"Factures en mode dégradé        0 %     3    TENUE", "Factures accréditées rejetées   0       3    TENUE", "Délai de paiement, 95e centile  1 j     2"}, "indicateurs")
	ecluse(false, []string{"ne se rend pas sans motif"}, "rendre", j, "--ps", ps1)
	ecluse(true, []string{"Virement rendu"}, "rendre", j, "--ps", ps1, "--motif", "AC04 compte clos", "--par", "mdupont")
	ecluse(true, []string{"AC04 compte clos", "RENDU"}, "regler", j)
	ecluse(true, []string{"2 virements, pour 2 factures : 20,11 € ordonnés, 20,11 € rendus par la banque, 0,00 € prélevés"}, "regler", "--montrer")
	ecluse(true, []string{"Compte oublié"}, "comptes", "oublier", "--ps", ps2)
	ecluse(false, []string{"aucun compte"}, "comptes", "oublier", "--ps", ps2)

	ouvrir(func(p *serveur.Processus) {
		ctx := context.Background()
		jr := p.Journaux()[serveur.TenantAMC(amc)]
		natures := map[string]int{}
		for _, id := range []string{"compte-" + ps1, "compte-" + ps2, "compte-" + ps3, "virement-" + ref + ps1, "virement-" + ref + ps2} {
			l, err := jr.Trouver(ctx, journal.Critere{IDMessage: id})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range l {
				c, err := jr.LireContenu(ctx, e)
				if err != nil || !strings.Contains(string(c.Question), `"ps":"7520000`) {
					t.Fatalf("%s, %v", c.Question, err)
				}
				natures[e.Trace.CodeRetour]++
				tout.Write(c.Question)
			}
		}
		if !strings.Contains(tout.String(), `"avant":"PAYE","detail":"AC04 compte clos","par":"mdupont"`) {
			t.Error("le journal ne dit pas qui, ni pourquoi")
		}
		if natures["RENDU"] != 2 || natures["COMPTE"] != 3 || natures["COMPTE_OUBLI"] != 1 {
			t.Errorf("%v", natures)
		}
	})
	for _, n := range []string{iban1, iban2, "DE89370400440532013001"} {
		if strings.Contains(tout.String(), n) {
			t.Errorf("un compte entier est montré, ou dans le journal : %s", n)
		}
	}
	bases, err := filepath.Glob(filepath.Join(dir, "donnees", "*"))
	if err != nil || len(bases) == 0 {
		t.Fatal(bases, err)
	}
	for _, f := range bases {
		if x, err := os.ReadFile(f); err == nil && bytes.Contains(x, []byte(iban1)) {
			t.Errorf("%s : compte en clair", f)
		}
	}
}

// What the bank was never given is not noted as paid with the rest of its run: who was paid
// otherwise is told one by one. A run that is in no file at all was paid by the table.
func TestConfirmerSansRemise(t *testing.T) {
	b := nouveauPaieur(t)
	j, ref, aujourdhui := "--jour="+b.jour.String(), b.reference(b.jour), (b.jour + 1).String()
	b.ecluse(true, []string{"1 compte noté"}, "comptes", "importer", b.ecrire("comptes.csv", "ps;titulaire;iban\n"+paieurPS1+";Pharmacie;FR7630006000011234567890189\n"))
	b.ecluse(true, nil, "regler", j)
	b.ecluse(true, []string{"1 virement, 10,05 €"}, "virements", j, "--sortie", filepath.Join(b.dir, "pain.xml"))
	const laisses = "dans aucun fichier de la banque"
	b.ecluse(true, []string{"1 virement fait, 10,05 €", "2 virements laissés, " + laisses, "« ecluse officines virements --jour " + b.jour.String()}, "confirmer", j, "--tous")
	b.ecluse(false, []string{"2 virements laissés, " + laisses}, "confirmer", j, "--tous")
	b.ecluse(false, []string{"ligne 2 : " + ref + paieurPS2 + " : ce virement n'est " + laisses, "confirmer --ps"}, "pointer", b.ecrire("banque.csv", "reference;etat;jour;motif\n"+ref+paieurPS2+";PAYE;"+aujourdhui+";\n"))
	b.ecluse(true, []string{"2 comptes notés"}, "comptes", "importer",
		b.ecrire("suite.csv", "ps;titulaire;iban\n"+paieurPS2+";Pharmacie;DE89370400440532013000\n"+paieurPS3+";Pharmacie;DE89370400440532013000\n"))
	b.ecluse(true, []string{"Virement fait"}, "confirmer", j, "--ps", paieurPS3) // paid by a cheque, say
	b.ecluse(true, []string{"remise " + ref + "-2, 1 virement, 10,06 €"}, "virements", j, "--sortie", filepath.Join(b.dir, "pain2.xml"))
	b.ecluse(true, []string{"1 virement fait, 10,06 €"}, "confirmer", j, "--tous")

	b = nouveauPaieur(t)
	j = "--jour=" + b.jour.String()
	b.ecluse(true, nil, "regler", j)
	b.ecluse(true, []string{"1 virement pointé"}, "pointer", b.ecrire("banque.csv", "reference;etat;jour;motif\n"+b.reference(b.jour)+paieurPS2+";PAYE;"+aujourdhui+";\n"))
	b.ecluse(true, []string{"2 virements faits, 20,12 €"}, "confirmer", j, "--tous")
}

// A mistyped day gives an advice that only looks: nobody is paid by following it.
func TestConseilSansPayer(t *testing.T) {
	b := nouveauPaieur(t)
	conseil := regexp.MustCompile("« ecluse officines ([^»]*) »")
	autre := "--jour=" + (b.jour - 5).String()
	for _, args := range [][]string{{"confirmer", autre, "--ps", paieurPS1}, {"confirmer", autre, "--tous"}, {"rendre", autre, "--ps", paieurPS1}, {"virements", autre, "--sortie", filepath.Join(b.dir, "pain.xml")}} {
		b.tout.Reset()
		b.ecluse(false, nil, args...)
		m := conseil.FindStringSubmatch(b.tout.String())
		if m == nil {
			t.Fatalf("%v : aucun conseil : %s", args, &b.tout)
		}
		b.ecluse(true, []string{"Aucun règlement le " + (b.jour - 5).Francais()}, strings.Fields(m[1])...)
		b.ecluse(true, []string{"3 virements, pour 3 factures"}, "regler", "--montrer")
	}
	j := "--jour=" + b.jour.String()
	b.ecluse(true, nil, "regler", j)
	b.tout.Reset()
	b.ecluse(true, []string{"ORDONNE", "3 virements, 3 factures ; 30,18 € ordonnés"}, "regler", j)
	fait := b.tout.String()
	b.tout.Reset()
	b.ecluse(true, nil, "regler", "--montrer", j)
	if vu := b.tout.String(); vu != fait {
		t.Errorf("montré :\n%s\nfait :\n%s", vu, fait)
	}
	for _, le := range []string{"2062-01-01", (b.jour - 1).String(), (b.jour + 2).String()} {
		b.ecluse(false, []string{"jour inexact : du jour du règlement, le " + b.jour.Francais()}, "confirmer", j, "--tous", "--le", le)
		b.ecluse(false, []string{"jour inexact"}, "rendre", j, "--ps", paieurPS1, "--le", le)
	}
}

// A day that is gone is asked of no bank; a file that came too late is asked for another day,
// and one is never made by a rank that is mistyped.
func TestExecutionVirements(t *testing.T) {
	b := nouveauPaieur(t)
	j, ref, demain := "--jour="+b.jour.String(), b.reference(b.jour), (b.jour + 2).String()
	pain := func(nom string) string { return filepath.Join(b.dir, nom) }
	lire := func(nom string) string {
		t.Helper()
		x, err := os.ReadFile(pain(nom))
		if err != nil {
			t.Fatal(err)
		}
		return string(x)
	}
	b.ecluse(true, nil, "comptes", "importer", b.ecrire("comptes.csv", "ps;titulaire;iban\n"+paieurPS1+";Pharmacie;FR7630006000011234567890189\n"))
	b.ecluse(true, nil, "regler", j)
	for _, le := range []string{"2020-01-01", b.jour.String(), "2062-01-01"} {
		b.ecluse(false, []string{"--execution : jour attendu, d'aujourd'hui à 60 jours d'ici"}, "virements", j, "--execution", le, "--sortie", pain("1.xml"))
	}
	for _, rang := range []string{"0", "-1"} {
		b.ecluse(false, []string{"--remise"}, "virements", j, "--remise="+rang, "--sortie", pain("1.xml"))
	}
	b.ecluse(false, []string{"aucun fichier 1 au règlement du " + b.jour.Francais()}, "virements", j, "--remise=1", "--sortie", pain("1.xml"))
	b.ecluse(true, []string{"remise " + ref + "-1, 1 virement"}, "virements", j, "--sortie", pain("1.xml"))
	b.ouvrir(func(p *serveur.Processus) { // the file stayed on a desk
		if _, err := p.Base.Ecrivain(context.Background()).ExecContext(context.Background(), `UPDATE officine_remise SET execution = $1`, b.jour.String()); err != nil {
			t.Fatal(err)
		}
	})
	b.ecluse(true, []string{"le jour demandé à la banque, le " + b.jour.Francais() + ", est passé", "--execution"}, "virements", j, "--remise=1", "--sortie", pain("2.xml"))
	b.ecluse(true, []string{"remise " + ref + "-1, 1 virement"}, "virements", j, "--remise=1", "--execution", demain, "--sortie", pain("3.xml"))
	if tard, autre := lire("2.xml"), lire("3.xml"); strings.Replace(tard, "<Dt>"+b.jour.String(), "<Dt>"+demain, 1) != autre || tard == autre {
		t.Errorf("%s\n%s", tard, autre)
	}
	b.ecluse(true, nil, "confirmer", j, "--ps", paieurPS1)
	b.ecluse(false, []string{"déjà fait ou rendu"}, "virements", j, "--remise=1", "--execution", demain, "--sortie", pain("4.xml"))
	b.ecluse(true, nil, "virements", j, "--remise=1", "--sortie", pain("4.xml"))
	if lire("4.xml") != lire("3.xml") {
		t.Error("le fichier récrit n'est pas le même")
	}
}

// What a bank would refuse is refused with its true cause, at its line: the file is from a
// spreadsheet, and each line stands alone.
func TestComptesImporter(t *testing.T) {
	b := nouveauPaieur(t)
	const fr, turc = "FR7630006000011234567890189", "TR330006100519786457841326"
	importer := func(ok bool, attendus []string, texte string) {
		t.Helper()
		b.ecluse(ok, attendus, "comptes", "importer", b.ecrire("comptes.csv", texte))
	}
	importer(false, []string{"ligne 2 : 752000012 : titulaire", "ligne 3 : 752000012 : ce compte est hors de l'espace SEPA", "ligne 4 : texte illisible : fichier en UTF-8 attendu",
		"ligne 5 : guillemet mal placé", "ligne 6 : guillemet mal placé", "ligne 7 : 3 champs attendus", "ligne 9 : 752000012 : titulaire", "7 lignes refusées ; 1 faite"},
		"ps;titulaire;iban\r\n"+paieurPS1+";/;"+fr+"\r\n"+paieurPS1+";Pharmacie;"+turc+"\r\n"+paieurPS1+";Pharmacie de l'\xc9cluse;"+fr+"\r\n"+
			paieurPS1+";Pharmacie \"X\";"+fr+"\r\n"+paieurPS1+";\"Pharmacie;"+fr+"\r\n"+paieurPS1+";"+fr+"\r\n"+paieurPS2+";Pharmacie du Pont;"+fr+"\r\n"+paieurPS1+";日本;"+fr)
	b.tout.Reset()
	b.ecluse(true, []string{"Pharmacie du Pont"}, "comptes", "lister")
	if strings.Contains(b.tout.String(), paieurPS1) {
		t.Errorf("%s", &b.tout)
	}
	importer(true, []string{"2 comptes notés"}, "\ufeffPS;Titulaire;IBAN\n"+paieurPS1+";\"Pharmacie \"\"X\"\"\";"+fr+"\n\n"+paieurPS3+";Pharmacie de l'Écluse;"+fr+"\n")
	b.ecluse(true, []string{"Pharmacie \"X\"", "Pharmacie de l'Écluse"}, "comptes", "lister")
	importer(false, []string{"les titres de la première ligne"}, "")
	importer(false, []string{"16 Mio au plus"}, "ps;titulaire;iban\n"+strings.Repeat("\n", tableauMax))
	b.ecluse(true, nil, "regler", "--jour", b.jour.String())
	ref := b.reference(b.jour) + paieurPS1
	b.ecluse(false, []string{"ligne 2 : texte illisible : fichier en UTF-8 attendu"}, "pointer", b.ecrire("banque.csv", "reference;etat;jour;motif\n"+ref+";RENDU;"+b.jour.String()+";rejet\xe9\n"))
}
