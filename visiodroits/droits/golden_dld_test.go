package droits_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/roc/roctest"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
	"github.com/ecluse-sante/ecluse/trame"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// The golden messages of « Demande / Fournit les droits », by situation, on both faces, for
// those who do not write Go. Persons, insurers and the key are fictitious; the key is that
// of testdata/golden.
const dossierDLD = "testdata/dld"

var aLHeure = time.Date(2026, 11, 22, 10, 30, 15, 0, time.UTC)

// deterministe signs the same each time. ref: RFC 6979
type deterministe struct{ *ecdsa.PrivateKey }

func (d deterministe) Sign(_ io.Reader, b []byte, o crypto.SignerOpts) ([]byte, error) {
	return d.PrivateKey.Sign(nil, b, o)
}

// doree is one message of a situation, on both faces.
type doree struct {
	nom                   string
	xml, json             []byte
	relireXML, relireJSON func([]byte) (x, j []byte, err error)
}

func dorer[C any](nom, element string, p *trame.Plan[roc.Message[C]], m *roc.Message[C]) doree {
	imprimer := func(m *roc.Message[C]) ([]byte, []byte) { return p.AppendXML(nil, element, m), p.AppendJSON(nil, m) }
	d := doree{nom: nom}
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

func enveloppeDoree(nom string, sens roc.Sens) roc.Enveloppe {
	uuid := func(s string) (u roc.UUID) {
		d := sha256.Sum256([]byte(s))
		copy(u[:], d[:])
		u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
		return u
	}
	e := roc.Enveloppe{NormeVersion: droits.Norme.Profil, Service: roc.DLD, Sens: sens, IDMessage: uuid(nom + string(sens)), IDEchange: uuid(nom), IDDossierES: "-",
		Horodatage: aLHeure, Emetteur: roc.Partie{Type: roc.PS, ID: "752000012"}, Destinataire: roc.Partie{Type: roc.AMC, ID: mutuelleNo}, Environnement: roc.Test}
	if sens == roc.Reponse {
		e.Emetteur, e.Destinataire, e.Horodatage = e.Destinataire, e.Emetteur, aLHeure.Add(180*time.Millisecond)
	}
	return e
}

// fins are the codes that a recipient may say of rights. 203 and 204 are found by the
// workstation, and no message bears them.
var fins = map[visiodroits.Code]struct {
	nom  string
	etat droits.Etat
}{
	visiodroits.Fournis: {"000-droits-fournis", droits.Ouvert}, visiodroits.Inchanges: {"001-inchanges", droits.NonModifie},
	visiodroits.BeneficiaireInconnu: {"100-beneficiaire-inconnu", droits.Inconnu}, visiodroits.PlusieursTrouves: {"101-plusieurs-beneficiaires", droits.Inconnu},
	visiodroits.IdentiteDiscordante: {"102-identite-discordante", droits.Inconnu}, visiodroits.DroitsFermes: {"110-droits-fermes", droits.Ferme},
	visiodroits.DroitsFuturs: {"111-droits-futurs", droits.Ferme}, visiodroits.TiersPayantRefuse: {"120-tiers-payant-refuse", droits.Ferme},
	visiodroits.CSSParLaCaisse: {"130-css-par-la-caisse", droits.Ferme}, visiodroits.ServiceNonOuvert: {"200-service-non-ouvert", droits.ServiceNonOuvert},
	visiodroits.ServiceIndisponible: {"201-service-indisponible", droits.Indisponible}, visiodroits.OperateurInjoignable: {"202-operateur-injoignable", droits.Indisponible},
	visiodroits.DossierRefuse: {"300-dossier-refuse", droits.Ouvert}, visiodroits.DetailInterdit: {"T621-detail-interdit", droits.Inconnu},
}

func demandeDoree(t *testing.T) *droits.DemandeDroits {
	return &droits.DemandeDroits{PS: droits.Professionnel{NumeroFacturation: obtenirT[sante.NumeroFacturation](t)(sante.ParseNumeroFacturation("752000012")), Categorie: droits.Pharmacie},
		Patient: droits.Patient{NumeroAdherent: obtenirT[sante.NumeroAdherent](t)(sante.ParseNumeroAdherent("MB0012345")),
			DateNaissance: obtenirT[sante.DateNaissance](t)(sante.ParseDateNaissance("19910417")), RangGemellaire: 1},
		Carte: droits.Carte{NumeroAMC: numeroAMC(t, mutuelleNo), TypeConvention: "CM", CSR: "990000101"}, DateReference: sante.JourDe(2026, 11, 22), NiveauService: droits.Base}
}

// fournisDores are rights signed with the known key.
func fournisDores(t *testing.T, d *droits.DemandeDroits, emetteur, numero string, fin sante.Jour) *droits.FournitDroits {
	t.Helper()
	cle := obtenirT[*ecdsa.PrivateKey](t)(ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{1}, 32)))
	n := obtenirT[droits.NumeroAccreditation](t)(droits.ParseNumeroAccreditation(numero + string(sante.CleMod37(numero))))
	e := etendue(t, d.Carte.NumeroAMC, sante.JourDe(2026, 11, 1), fin)
	if emetteur != mutuelleNo {
		e.Operateur = emetteur
	}
	s, err := droits.SignerAccreditation(droits.Accreditation{Numero: n, AMC: e.NumeroAMC, DroitsDebut: e.Debut, DroitsFin: e.Fin, Emission: aLHeure,
		Perimetre: droits.Perimetre{Categorie: string(d.PS.Categorie), Convention: e.Convention}, Garanties: droits.EmpreinteGaranties(e.JSON()),
		Beneficiaire: droits.Personne{NumeroAdherent: d.Patient.NumeroAdherent, DateNaissance: d.Patient.DateNaissance, RangGemellaire: d.Patient.RangGemellaire}.Empreinte(n)}, "golden", deterministe{cle})
	if err != nil {
		t.Fatal(err)
	}
	return &droits.FournitDroits{Retour: visiodroits.RetourDe(visiodroits.Fournis, ""), Etat: droits.Ouvert, Accreditation: s.Jeton(), DateMAJ: aLHeure, Etendue: &e, DureeConservation: 90}
}

// situationsDLD are all the golden messages.
func situationsDLD(t *testing.T) (l []doree) {
	ajouter := func(nom string, d *droits.DemandeDroits, f *droits.FournitDroits) {
		q := dorer(nom+".question", droits.EchangeDroits.NomDemande, droits.EchangeDroits.Demande, &roc.Message[droits.DemandeDroits]{Enveloppe: enveloppeDoree(nom, roc.Question), Corps: d})
		m := &roc.Message[droits.FournitDroits]{Enveloppe: enveloppeDoree(nom, roc.Reponse), Corps: f}
		m.Enveloppe.EmpreinteQuestion = sceau.EmpreinteTexte(xmlsig.EmpreinteCorps(q.xml))
		r := dorer(nom+".reponse", droits.EchangeDroits.NomReponse, droits.EchangeDroits.Reponse, m)
		m.Enveloppe.EmpreinteQuestion = sceau.EmpreinteTexte(sha256.Sum256(q.json))
		r.json = droits.EchangeDroits.Reponse.AppendJSON(nil, m)
		l = append(l, q, r)
	}
	bons := func(d *droits.DemandeDroits) *droits.FournitDroits {
		return fournisDores(t, d, mutuelleNo, "A0099000101N0123456789AB", sante.JourDe(2026, 12, 31))
	}
	for code, x := range fins {
		d := demandeDoree(t)
		f := &droits.FournitDroits{}
		switch code {
		case visiodroits.Fournis:
			f = bons(d)
		case visiodroits.DossierRefuse:
			d.NiveauService, d.PrestationsSpecifiques = droits.Valorisation, true
			f = bons(d)
		case visiodroits.Inchanges:
			k := bons(d)
			d.DroitsConnus = &droits.Connus{NumeroAccreditation: obtenirT[droits.NumeroAccreditation](t)(droits.ParseNumeroAccreditation("A0099000101N0123456789AB" + string(sante.CleMod37("A0099000101N0123456789AB")))), DateMAJ: k.DateMAJ}
			f.DateMAJ = k.DateMAJ
		case visiodroits.DetailInterdit:
			d.Patient.Nom = "3400930000120"
		}
		f.Retour, f.Etat = visiodroits.RetourDe(code, ""), x.etat
		ajouter(x.nom, d, f)
	}
	d := demandeDoree(t)
	ajouter("000-depannage-par-l-operateur", d, fournisDores(t, d, operateurNo, "A0088000001D0123456789AB", sante.JourDe(2026, 11, 23)))
	d = demandeDoree(t)
	d.Patient.Nom, d.Patient.Prenom, d.Patient.RangGemellaire = "LE GALL", "INES", 2
	ajouter("000-jumelle-de-rang-2", d, bons(d))
	d = demandeDoree(t)
	d.Patient.DateNaissance = obtenirT[sante.DateNaissance](t)(sante.ParseDateNaissance("19721901"))
	ajouter("000-date-de-naissance-lunaire", d, bons(d))
	d = demandeDoree(t)
	d.PS.Categorie = droits.Laboratoire
	ajouter("000-laboratoire", d, bons(d))
	for _, c := range []roc.Code{roc.Illisible, roc.Version, roc.Ferme, roc.DelaiInterne, roc.MemeID, roc.PanneRelais, roc.Saturation, roc.Interne, roc.Rejeu, roc.Quota} {
		m := &roc.Message[roc.CorpsRefus]{Enveloppe: enveloppeDoree("refus-"+string(c), roc.Reponse), Corps: &roc.CorpsRefus{Retour: roc.RetourDe(c, ""), NumeroDemande: "K7Q2MZ4WX8TB"}}
		l = append(l, dorer("refus-"+string(c), roc.NomRefus, roc.PlanRefus, m))
	}
	return l
}

// TestGoldenDLD compares every message with what the code writes, reads each face back,
// prints it again, and checks that both faces say the same.
func TestGoldenDLD(t *testing.T) {
	vus := map[string]bool{}
	for _, d := range situationsDLD(t) {
		vus[d.nom] = true
		x, j := comparerDore(t, d.nom+".xml", roctest.AererXML(d.xml)), comparerDore(t, d.nom+".json", roctest.AererJSON(t, d.json))
		xx, xj, err := d.relireXML(x)
		if err != nil {
			t.Fatalf("%s : relire le XML : %v", d.nom, err)
		}
		jx, jj, err := d.relireJSON(j)
		if err != nil {
			t.Fatalf("%s : relire le JSON : %v", d.nom, err)
		}
		if !bytes.Equal(xx, d.xml) || !bytes.Equal(jj, d.json) {
			t.Errorf("%s : ce qui est relu ne s'écrit plus de la même façon", d.nom)
		}
		if a, b := roctest.SansEmpreinte(t, xj), roctest.SansEmpreinte(t, jj); a != b || bytes.Count(xx, []byte("<")) != bytes.Count(jx, []byte("<")) {
			t.Errorf("%s : les deux faces diffèrent :\n%s", d.nom, cmp.Diff(a, b))
		}
	}
	fichiers, err := os.ReadDir(dossierDLD)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fichiers {
		if base := strings.TrimSuffix(strings.TrimSuffix(f.Name(), ".xml"), ".json"); !vus[base] {
			t.Errorf("%s/%s n'est plus d'aucune situation", dossierDLD, f.Name())
		}
	}
}

// Each code of rights has its message, and those that no message may bear have none.
func TestGoldenDLDCodes(t *testing.T) {
	for _, s := range visiodroits.Significations() {
		_, la := fins[s.Code]
		want := len(s.Code) == 3 && s.Code != visiodroits.OCTInjoignable && s.Code != visiodroits.PosteHorsLigne || s.Code == visiodroits.DetailInterdit
		if la != want {
			t.Errorf("%s : message d'exemple %v, want %v", s.Code, la, want)
		}
	}
}

// TestGoldenDLDXSD has every XML message judged by xmllint with the published schema.
func TestGoldenDLDXSD(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("xmllint absent")
		}
		t.Skip("xmllint absent")
	}
	for _, x := range []struct {
		motif  string
		schema []byte
		nombre int
	}{{"[0T]*.xml", droits.Publication.XSD(), 10}, {"[1-3]*.xml", droits.Publication.XSD(), 20}, {"refus-*.xml", roc.Publication.XSD(), 10}} { // all profiles share refusals
		xsd := filepath.Join(t.TempDir(), "schema.xsd")
		if err := os.WriteFile(xsd, x.schema, 0o600); err != nil {
			t.Fatal(err)
		}
		messages, err := filepath.Glob(filepath.Join(dossierDLD, x.motif))
		if err != nil || len(messages) < x.nombre {
			t.Fatalf("%s : %d messages, %v", x.motif, len(messages), err)
		}
		if out, err := exec.Command(xmllint, append([]string{"--noout", "--nonet", "--schema", xsd}, messages...)...).CombinedOutput(); err != nil {
			t.Errorf("xmllint : %v\n%s", err, out)
		}
	}
}

func comparerDore(t *testing.T, nom string, attendu []byte) []byte {
	t.Helper()
	chemin := filepath.Join(dossierDLD, nom)
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.MkdirAll(dossierDLD, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(chemin, attendu, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatalf("%v ; pour l'écrire : go test ./visiodroits/droits -run GoldenDLD -update", err)
	}
	if !bytes.Equal(b, attendu) {
		t.Errorf("%s a changé ; relire, puis go test ./visiodroits/droits -run GoldenDLD -update\n%s", nom, cmp.Diff(string(b), string(attendu)))
	}
	return b
}
