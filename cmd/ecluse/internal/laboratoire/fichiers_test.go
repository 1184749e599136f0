package laboratoire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/depot"
	"github.com/ecluse-sante/ecluse/internal/acheminement/https"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Where partners find the files of a party, and where it puts those that it read.
const (
	racineFichiers = "/v1/fichiers/"
	dossierLus     = "traites"
)

// clientDe shows the certificate of a party of the laboratory.
func clientDe(t *testing.T, p *serveur.Processus, id *config.Identite) *https.Client {
	t.Helper()
	auth, _, err := serveur.LireCle(p.Fichier, id.Authentification)
	if err != nil {
		t.Fatal(err)
	}
	transport := roc.NewTransport(func() *tls.Certificate { return auth }, p.Magasin, p.Horloge)
	t.Cleanup(transport.Fermer)
	return &https.Client{Aller: transport, Seuil: 100, Morceau: 150} // by pieces
}

// The files of a party are fetched and handed over by mutual TLS, each by whom the
// circle admits, and what is bad is refused with its code.
func TestFichiersParHTTPS(t *testing.T) {
	s, ctx := laboratoireEntier(t), context.Background()
	r, err := Conter(s, func(e pupitre.Etape) {
		if !e.Tient() {
			t.Errorf("%s : %s", e.Titre, e.Constate)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.convenir(ctx); err != nil {
		t.Fatal(err)
	}
	hopital, moulin, clinique := s.parties[monde.CleHopital], s.parties[monde.CleMoulin], s.parties[monde.CleClinique]
	e := hopital.Etablissements[0]
	base := s.adresses[monde.CleHopital] + racineFichiers + serveur.FichierSur(e.Tenant)
	partenaire := clientDe(t, moulin, &moulin.Fichier.AMC[0].Identite)
	var refus *acheminement.Refus
	if _, err := partenaire.Lister(ctx, base+"/envois/"+amcHorsLigne); !errors.As(err, &refus) || refus.Code != "PARTENAIRE" {
		t.Fatalf("les fichiers d'une AMC pour laquelle il ne parle pas : %v", err)
	}
	// The structure is admitted for the insurer that is not on line.
	lien := cercle.Lien{Tenant: e.Tenant, Structure: moulin.Fichier.AMC[0].Identite.Structure, Role: cercle.RoleAMC, Identifiant: amcHorsLigne}
	if err := hopital.Cercle.Admettre(ctx, []cercle.Lien{lien}, cercle.Periode{Du: hopital.Horloge().Add(-time.Minute)}, "essai"); err != nil {
		t.Fatal(err)
	}
	l, err := partenaire.Lister(ctx, base+"/envois/"+amcHorsLigne)
	if err != nil || len(l) != 1 || l[0].Genre != serveur.GenreB2 {
		t.Fatalf("%+v, %v", l, err)
	}
	chemin, err := partenaire.Retirer(ctx, base+"/envois/"+amcHorsLigne, l[0], t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var retires []acheminement.Retrait
	for fin := time.Now().Add(delaiFlux); err == nil && len(retires) == 0 && time.Now().Before(fin); time.Sleep(time.Millisecond) {
		retires, err = achstore.New(hopital.Base, e.Tenant).Retraits(ctx) // noted once the last byte is sent
	}
	if err != nil || len(retires) != 1 || retires[0].Partenaire != amcHorsLigne || retires[0].Nom != filepath.Base(chemin) {
		t.Errorf("retraits %+v, %v", retires, err)
	}
	deposer := func(c *https.Client, cle string, b []byte) ([]byte, error) {
		r, err := c.Livrer(ctx, &acheminement.Envoi{Adresse: base + "/recus", Genre: serveur.GenreNoemie, Cle: cle, Taille: int64(len(b)), Empreinte: sha256.Sum256(b)}, bytes.NewReader(b))
		return r.Octets, err
	}
	dir := filepath.Join(e.Guichet.Dossier, serveur.DossierRecus, amcHorsLigne, dossierLus)
	fichiers, err := filepath.Glob(filepath.Join(dir, "retour-417.*"))
	if err != nil || len(fichiers) != 1 {
		t.Fatalf("%v, %v", fichiers, err)
	}
	lu, err := os.ReadFile(fichiers[0])
	if err != nil {
		t.Fatal(err)
	}
	recu, err := deposer(partenaire, "retour-encore", lu)
	var x struct {
		DejaLu bool   `json:"dejaLu"`
		Preuve string `json:"preuve"`
	}
	if err != nil || json.Unmarshal(recu, &x) != nil || !x.DejaLu || x.Preuve != etablissement.NonScelle {
		t.Errorf("le même retour, par HTTPS : %s, %v", recu, err)
	}
	for nom, b := range map[string][]byte{"tronque": lu[:len(lu)-100], "ordures": bytes.Repeat([]byte("ordures "), 5000), "comprime": append([]byte("\x1f\x8b\x08"), lu...)} {
		if _, err := deposer(partenaire, nom, b); !errors.As(err, &refus) || refus.Code != string(etablissement.FichierForme) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	if _, err := deposer(clientDe(t, clinique, &clinique.Fichier.Etablissements[0].Identite), "clinique", lu); !errors.As(err, &refus) || refus.Code != "HTTP_403" {
		t.Errorf("déposé par qui n'est pas une AMC : %v", err)
	}
	t.Run("par l'échange", func(t *testing.T) { conventionParLEchange(t, r) })
	t.Run("B2 par HTTPS", func(t *testing.T) { b2ParHTTPS(t, r, chemin) })
	tronque := lu[:len(lu)-60] // and by the drop folder: put aside, with its code beside
	envoi := &acheminement.Envoi{Adresse: amcHorsLigne, Genre: serveur.GenreNoemie, Cle: "tronque", Taille: int64(len(tronque)), Empreinte: sha256.Sum256(tronque)}
	if _, err := (&depot.Depot{Racine: filepath.Join(e.Guichet.Dossier, serveur.DossierRecus)}).Livrer(ctx, envoi, bytes.NewReader(tronque)); err != nil {
		t.Fatal(err)
	}
	if err := e.Guichet.Relever(ctx); err != nil {
		t.Fatal(err)
	}
	motifs, err := filepath.Glob(filepath.Join(e.Guichet.Dossier, serveur.DossierRecus, amcHorsLigne, "refuses", "tronque.*.motif"))
	if err != nil || len(motifs) != 1 {
		t.Fatalf("%v, %v", motifs, err)
	}
	if b, err := os.ReadFile(motifs[0]); err != nil || strings.TrimSpace(string(b)) != string(etablissement.FichierForme) {
		t.Errorf("%s, %v", b, err)
	}
	oublierFichiers(t, e.Guichet, chemin)
	traces, err := e.Store.ListerFichiers(ctx, "", 20)
	refuses := 0
	for _, f := range traces {
		if f.Etat == etablissement.FichierRefuse {
			refuses++
		}
	}
	if err != nil || refuses != 4 {
		t.Errorf("%d refus gardés, %v", refuses, err)
	}
}

// conventionParLEchange invoices an insurer that takes sealed batches and answers
// nothing else yet: it controls the rights of what it never guaranteed, and pays.
func conventionParLEchange(t *testing.T, r *Recit) {
	ctx := context.Background()
	m := r.temoin.monde
	p, assureur := m.Patient("solene"), m.Assureur(monde.CleMoulin)
	e, moulin := r.parties[monde.CleHopital].Etablissements[0], r.parties[monde.CleMoulin].AMC[0]
	table, err := serveur.LireConventions(filepath.Join(r.repertoire(monde.CleHopital), "conventions-"+e.Maison.Etablissement.FinessJuridique.String()+".toml"))
	if err != nil {
		t.Fatal(err)
	}
	k := &table.Conventions[0]
	k.NumeroAMC, k.TypeConvention, k.CSR, k.Prioritaire = assureur.Numero, "", "", true
	table.Voies[0] = etablissement.Voie{Nom: k.Voie, Transport: etablissement.TransportROC, Forme: etablissement.FormeDRE}
	if err := table.Verifier(); err != nil {
		t.Fatal(err)
	}
	e.Service.Conventions = func() *etablissement.Conventions { return table }
	admis := false
	moulin.Liquidation.Parametres.Convention = func(sante.FINESS) bool { return admis }
	jour := sante.JourA(r.temoin.horloge(), sante.Paris())
	c, carte := p.Couverture(1), m.Carte(p.Couverture(1))
	v, err := e.Service.OuvrirVenue(ctx, etablissement.Dossier{Numero: "D-CONV-2", Contexte: roc.ContexteACE, DateReference: jour, Discipline: roc.MCO, AMO: p.AMO, Information: true,
		Patient: etablissement.Patient{NomNaissance: p.NomNaissance, Prenom: p.Prenom, DateNaissance: p.DateNaissance, RangGemellaire: p.RangGemellaire}})
	ordre := etablissement.Ordre{Agent: agent}
	if err == nil {
		v, err = e.Service.AjouterCouverture(ctx, v.ID, ordre, 1, etablissement.Attestation{NumeroAMC: carte.NumeroAMC, TypeConvention: carte.TypeConvention, CSR: carte.CSR,
			NumeroAdherent: c.NumeroAdherent, ModeAcquisition: carte.ModeAcquisition})
	}
	x := &creance{h: &monde.Histoire{Titre: "essai", Etablissement: m.Etablissement(monde.CleHopital)}, es: e, rang: 1, amc: moulin}
	if err == nil {
		x.venue = v.ID
		_, err = e.Service.ParConvention(ctx, x.place(), ordre)
	}
	for i, attendu := range []struct {
		etat     etablissement.Etat
		notifiee roc.EtatFacture
	}{{etablissement.Rejetee, roc.FactureRejetee}, {etablissement.Accusee, roc.FactureLiquidee}} {
		if err == nil {
			_, err = e.Service.Calculer(ctx, x.place(), ordre, visiteHorsLigne(jour), "")
		}
		if err == nil {
			err = r.facturerUne(ctx, x, []string{"F-CONV-2", "F-CONV-2-R"}[i])
		}
		if err == nil {
			err = r.envoyerLots(ctx)
		}
		if err == nil {
			err = r.suivre(ctx, x, "par convention", attendu.etat, attendu.notifiee)
		}
		if err != nil {
			t.Fatal(err)
		}
		if etape := r.etapes[len(r.etapes)-1]; !etape.Ok {
			t.Fatalf("%s : %v", etape.Constate, etape.Recit)
		}
		admis = true // the insurer signs the convention: the rectification is accepted
	}
	finess := e.Maison.Etablissement.FinessJuridique
	f, err := moulin.Liquidation.Factures.Facture(ctx, finess, "F-CONV-2-R")
	if err != nil || f.Mention() != etablissement.SansGarantie || f.Demande != 2523 {
		t.Errorf("%+v, %v", f, err)
	}
	// The hospital asked for files: the payment is one, that it fetches.
	moulin.RendreParFichier(finess)
	if err := moulin.Liquidation.Solder(ctx, r.ordre(x, "F"), finess, "F-CONV-2-R"); err != nil {
		t.Fatal(err)
	}
	hopital := r.parties[monde.CleHopital]
	client := clientDe(t, hopital, &hopital.Fichier.Etablissements[0].Identite)
	adresse := r.adresses[monde.CleMoulin] + racineFichiers + serveur.FichierSur(moulin.Tenant) + "/envois/" + finess.String()
	var l []https.Offert
	for fin := time.Now().Add(delaiFlux); len(l) == 0 && time.Now().Before(fin); time.Sleep(10 * time.Millisecond) {
		moulin.Reveiller()
		if l, err = client.Lister(ctx, adresse); err != nil {
			t.Fatal(err)
		}
	}
	if len(l) != 1 || l[0].Genre != serveur.GenreNoemie {
		t.Fatalf("%+v", l)
	}
	chemin, err := client.Retirer(ctx, adresse, l[0], t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	commande, _, err := hopital.ServiceRetours(&hopital.Fichier.Etablissements[0])
	if err != nil {
		t.Fatal(err)
	}
	commande.Conventions = e.Service.Conventions // that of this test is in no file
	lu, err := serveur.LireUnRetour(ctx, hopital, commande, chemin)
	if err != nil || lu.Chargees != 1 {
		t.Fatalf("%+v, %v", lu, err)
	}
	comptableApresCommande(t, r, e, lu.AMC, "F-CONV-2-R")
	v, err = e.Service.Venue(ctx, x.venue)
	if err != nil {
		t.Fatal(err)
	}
	if cv := v.Couverture(1); cv.Etat != etablissement.Payee || !strings.HasPrefix(cv.Facture.Preuve, etablissement.NonScelle) {
		t.Errorf("%s, %q", cv.Etat, cv.Facture.Preuve)
	}
}

// comptableApresCommande checks what a payment read by command leaves: the comptable
// expects its money, the line of the bank is matched, the invoice lives as paid.
func comptableApresCommande(t *testing.T, r *Recit, e *serveur.PartieEtablissement, amc, numero string) {
	t.Helper()
	ctx, jour := context.Background(), sante.JourA(r.temoin.horloge(), sante.Paris())
	cle := comptable.CleFacture{Annee: jour.Annee(), Numero: numero}
	reste := func() (sante.Montant, error) {
		m, err := e.Livres.Titres.ParFacture(ctx, []comptable.CleFacture{cle})
		if err != nil || m[cle] == nil {
			return -1, err
		}
		return m[cle].Reste, nil
	}
	attendues, err := e.Livres.Annonces.ParMontant(ctx, 2523, jour-30, jour+30)
	attendues = slices.DeleteFunc(attendues, func(a *comptable.Annonce) bool { return a.Cle.Payeur.String() != amc })
	if avant, err2 := reste(); err != nil || err2 != nil || len(attendues) != 1 || avant != 2523 {
		t.Fatalf("annonces %+v, titre %s, %v", attendues, avant, errors.Join(err, err2))
	}
	b, err := imprimerReleve([]virement{{es: e, payeur: "MOULIN (fictif)", reference: attendues[0].Reference, montant: 2523, jour: jour}}, etranger, jour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Livres.Importer(ctx, comptable.Fichier{Nom: "releve.xml", Format: "camt", Agent: agent, Source: bytes.NewReader(b), Lire: releve.Camt{}.Lire}); err != nil {
		t.Fatal(err)
	}
	bilan, err := e.Livres.RapprocherTout(ctx)
	if apres, err2 := reste(); err != nil || err2 != nil || bilan.Matchees != 1 || apres != 0 {
		t.Errorf("%+v, titre %s, %v", bilan, apres, errors.Join(err, err2))
	}
	vie, err := e.Service.Vie.De(ctx, numero)
	if err != nil || !slices.ContainsFunc(vie, func(j etablissement.Jalon) bool { return j.Etat == roc.FacturePayee }) {
		t.Errorf("%+v, %v", vie, err)
	}
}

// b2ParHTTPS uploads a batch to an insurer, by pieces, as the queue of the hospital does.
func b2ParHTTPS(t *testing.T, r *Recit, chemin string) {
	ctx := context.Background()
	hopital, moulin := r.parties[monde.CleHopital], r.parties[monde.CleMoulin]
	autre, err := os.ReadFile(chemin) // for an insurer that is not on line
	if err != nil {
		t.Fatal(err)
	}
	a := moulin.AMC[0]
	tete := bytes.Replace(autre[:128], []byte(amcHorsLigne), []byte(strings.TrimPrefix(a.Tenant, serveur.TenantAMC(""))), 1)
	lot := append(tete, autre[128:]...)
	base := r.adresses[monde.CleMoulin] + racineFichiers + serveur.FichierSur(a.Tenant)
	client := clientDe(t, hopital, &hopital.Fichier.Etablissements[0].Identite)
	deposer := func(cle string, b []byte) ([]byte, error) {
		r, err := client.Livrer(ctx, &acheminement.Envoi{Adresse: base + "/recus", Genre: serveur.GenreB2, Cle: cle, Taille: int64(len(b)), Empreinte: sha256.Sum256(b)}, bytes.NewReader(b))
		return r.Octets, err
	}
	for range 2 { // sent again, it is the same file
		recu, err := deposer("lot-1", lot)
		if err != nil || !strings.Contains(string(recu), `"factures":1`) || !strings.Contains(string(recu), etablissement.SansGarantie) {
			t.Fatalf("%s, %v", recu, err)
		}
	}
	if _, err := deposer("lot-1-sous-une-autre-cle", lot); err != nil { // kept once
		t.Error(err)
	}
	var refus *acheminement.Refus
	feuilles := func() int {
		l, err := moulin.Journaux()[a.Tenant].Trouver(ctx, journal.Critere{IDMessage: fmt.Sprintf("fichier-%x", sha256.Sum256(autre))[:32]})
		if err != nil {
			t.Fatal(err)
		}
		return len(l)
	}
	avant := feuilles()
	for code, b := range map[string][]byte{"FIC-02": autre, "B2-01": []byte("FACTURE;=1+1\n"), "B2-02": append([]byte("\x1f\x8b\x08"), lot...), "B2-03": lot[:len(lot)-128],
		"B2-16": bytes.Replace(lot, []byte("00002523"), []byte("00002524"), 1), "FIC-03": bytes.ReplaceAll(lot, []byte("990001018"), []byte("990001026"))} {
		if _, err := deposer("mauvais-"+code, b); !errors.As(err, &refus) || refus.Code != code {
			t.Errorf("%s : %v", code, err)
		}
	}
	l, err := filepath.Glob(filepath.Join(r.repertoire(monde.CleMoulin), "donnees", "fichiers", serveur.FichierSur(a.Tenant), serveur.DossierRecus, "*", "*"))
	if err != nil || len(l) != 1 {
		t.Errorf("fichiers gardés : %v, %v", l, err)
	}
	if n := feuilles(); avant != 0 || n != 1 {
		t.Errorf("un lot pour une autre AMC : %d feuilles du refus, %d avant", n, avant)
	}
}

// oublierFichiers purges: what was read, refused or fetched goes at its term, and what
// nobody took stays.
func oublierFichiers(t *testing.T, g *serveur.Guichet, retire string) {
	t.Helper()
	ctx := context.Background()
	attend := filepath.Join(g.Dossier, serveur.DossierEnvois, amcHorsLigne, "jamais."+strings.Repeat("ab", 32)+".B2")
	nonLu := filepath.Join(g.Dossier, serveur.DossierRecus, amcHorsLigne, "pas-encore-lu")
	for _, x := range []string{attend, nonLu} {
		if err := os.WriteFile(x, []byte("essai"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if effaces, restent, err := g.Oublier(ctx, time.Now().Add(-time.Hour)); err != nil || effaces+restent != 0 {
		t.Errorf("fichiers récents : %d, %d, %v", effaces, restent, err)
	}
	effaces, restent, err := g.Oublier(ctx, time.Now().Add(time.Hour))
	if err != nil || effaces < 3 || restent < 2 {
		t.Errorf("à leur terme : %d, %d, %v", effaces, restent, err)
	}
	for _, x := range []string{attend, nonLu} {
		if _, err := os.Stat(x); err != nil {
			t.Errorf("effacé sans que personne l'ait pris : %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(g.Dossier, serveur.DossierEnvois, amcHorsLigne, filepath.Base(retire))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("retiré, et pas effacé : %v", err)
	}
	if l, err := filepath.Glob(filepath.Join(g.Dossier, serveur.DossierRecus, "*", dossierLus, "*")); err != nil || len(l) != 0 {
		t.Errorf("lus, et pas effacés : %v, %v", l, err)
	}
}

// The table that the command shows as an example is right, and a mistake of a table is
// told with its line.
func TestConventionsExemple(t *testing.T) {
	chemin := filepath.Join(t.TempDir(), "conventions.toml")
	ecrire := func(s string) error { return os.WriteFile(chemin, []byte(s), 0o600) }
	if err := ecrire(ExempleConventions); err != nil {
		t.Fatal(err)
	}
	table, err := serveur.LireConventions(chemin)
	if err != nil || len(table.Conventions) != 1 || len(table.Conventions[0].Garanties) != 3 || table.Conventions[0].Garanties[2].Formule.M != 4500 {
		t.Fatalf("%+v, %v", table, err)
	}
	for _, c := range []struct{ avant, apres, faute string }{
		{`debut = "2026-01-01"`, `debut = "2027-01-01"`, "la fin précède le début"},
		{`csr = "66?"`, `cssr = "66?"`, "clé inconnue"},
		{`numero = "F01"`, `numero = "F07"`, "F07"},
		{`voie = "mutuelle-du-gue"`, `voie = "ailleurs"`, "aucune voie"},
		{`debut = "2026-01-01"`, `debut = "1er janvier"`, "debut"},
	} {
		if err := ecrire(strings.Replace(ExempleConventions, c.avant, c.apres, 1)); err != nil {
			t.Fatal(err)
		}
		if _, err := serveur.LireConventions(chemin); err == nil || !strings.Contains(err.Error(), c.faute) || !strings.Contains(err.Error(), "conventions.toml:") {
			t.Errorf("%s : %v", c.apres, err)
		}
	}
}
