package droits_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/roc/roctest"
	"github.com/ecluse-sante/ecluse/sante"
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

// enveloppeDoree is that of a question of a pharmacy, but for what follows from its name.
func enveloppeDoree() roc.Enveloppe {
	return roc.Enveloppe{NormeVersion: droits.Norme.Profil, Service: roc.DLD, IDDossierES: "-", Horodatage: aLHeure, Environnement: roc.Test,
		Emetteur: roc.Partie{Type: roc.PS, ID: "752000012"}, Destinataire: roc.Partie{Type: roc.AMC, ID: mutuelleNo}}
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
func situationsDLD(t *testing.T) (l []roctest.Dore) {
	ajouter := func(nom string, d *droits.DemandeDroits, f *droits.FournitDroits) {
		l = append(l, roctest.Paire(nom, droits.EchangeDroits, enveloppeDoree(), d, f)...)
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
		l = append(l, roctest.Refus("refus-"+string(c), enveloppeDoree(), &roc.CorpsRefus{Retour: droits.Norme.RetourDe(roc.DLD, c, ""), NumeroDemande: "K7Q2MZ4WX8TB"}))
	}
	return l
}

// TestGoldenDLD compares every message with what the code writes, on both faces.
func TestGoldenDLD(t *testing.T) { roctest.Verifier(t, dossierDLD, situationsDLD(t)) }

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
	for _, x := range []struct {
		motif  string
		schema []byte
		nombre int
	}{{"[0T]*.xml", droits.Publication.XSD(), 10}, {"[1-3]*.xml", droits.Publication.XSD(), 20}, {"refus-*.xml", roc.Publication.XSD(), 10}} { // all profiles share refusals
		messages, err := filepath.Glob(filepath.Join(dossierDLD, x.motif))
		if err != nil {
			t.Fatal(err)
		}
		roctest.XSD(t, x.schema, x.nombre, messages...)
	}
}
