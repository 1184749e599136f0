package laboratoire

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"

	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// poste is the workstation of a pharmacy: a card, and what it keeps.
type poste struct {
	t        *testing.T
	s        *Scene
	o        pharmacieLabo
	tiers    tarif.Destinataire
	cachet   *sceau.Cachet // of the card
	auth     *tls.Certificate
	officine struct { // of the pharmacy itself, with which it bills
		cachet *sceau.Cachet
		auth   *tls.Certificate
	}
	conf     roc.Confidentialite
	poignees atomic.Int64 // certificates shown: one for each full handshake
	dossier  string       // directory where the pharmacy keeps its answers
}

func nouveauPoste(t *testing.T, s *Scene, o pharmacieLabo) *poste {
	t.Helper()
	x := &poste{t: t, s: s, o: o, dossier: filepath.Join(s.dir, o.cle, "preuves")}
	ph, err := clesDePharmacie(s, o)
	if err != nil {
		t.Fatal(err)
	}
	x.cachet, x.auth, x.conf = ph.carte.cachet, ph.carte.auth, *ph.conf
	x.officine.cachet, x.officine.auth = ph.maison.cachet, ph.maison.auth
	x.tiers = x.acces(monde.CleMoulin).Cle
	return x
}

// acces is where an insurer has its prestations priced, as the signed lists that the
// workstation reads tell it.
func (x *poste) acces(amc string) *tarif.Acces {
	x.t.Helper()
	a := x.s.Monde.Assureur(amc)
	qui, m := x.s.repondant(a), x.s.parties[cleTiers].Magasin
	fin, _ := x.s.structuresFines()
	var attendus []visiodroits.Attendu
	for e, structure := range map[visiodroits.Emetteur]string{visiodroits.Emetteur(a.Numero.String()): qui.IDNat, numeroTiers: fin.IDNat} {
		for _, g := range []visiodroits.Genre{visiodroits.GenreServices, visiodroits.GenreCertificats} {
			attendus = append(attendus, visiodroits.Attendu{Genre: g, Emetteur: e, Structures: []string{structure}, Pour: []visiodroits.Emetteur{e}})
		}
	}
	c, err := visiodroits.NouveauClasseur(m, attendus...)
	if err != nil {
		x.t.Fatal(err)
	}
	h := &http.Client{Transport: roc.NewTransport(nil, m, x.s.horloge)}
	abonnement := &visiodroits.Abonnement{HTTP: h, Suivis: c.Suivis(),
		Miroirs: []string{x.s.adresses["ouverte-"+monde.CleRelais] + droits.Norme.Racine}} // which gives all of them again
	for _, l := range abonnement.Actualiser(context.Background(), x.s.horloge()) {
		if l.Erreur != nil {
			x.t.Fatalf("%s de %s : %v", l.Genre, l.Emetteur, l.Erreur)
		}
	}
	r, err := tarif.AccesDe(c, a.Numero, x.s.horloge())
	if err != nil {
		x.t.Fatal(err)
	}
	if r.Tiers != numeroTiers || r.Adresse != x.s.adresses[cleTiers] || len(r.Structures) != 1 || string(r.Structures[0]) != fin.IDNat {
		x.t.Errorf("accès au tiers : %+v", r)
	}
	return r
}

func (x *poste) moi() roc.Partie { return roc.Partie{Type: roc.PS, ID: x.o.numero} }

// client asks with the card, directly or through a relay.
func (x *poste) client(face sceau.Face, relais string) *roc.Client {
	m := x.s.parties[cleTiers].Magasin
	c := &roc.Client{Moi: x.moi(), Environnement: roc.Test, Cachet: func() *sceau.Cachet { return x.cachet }, Juge: m, Registre: roc.SansRegistre{},
		Transport: roc.NewTransport(func() *tls.Certificate { x.poignees.Add(1); return x.auth }, m, x.s.horloge), Horloge: x.s.horloge, Face: face, Confidentialite: &x.conf,
		Delais: roc.Delais{Essais: 1}}
	x.t.Cleanup(c.Transport.Fermer)
	if relais != "" {
		c.Relais = &roc.AccesRelais{Adresse: x.s.adresses[relais], Structure: x.s.Monde.Relais.IDNat}
	}
	return c
}

func (x *poste) cible() *roc.Cible {
	tiers, _ := x.s.structuresFines()
	return &roc.Cible{Destinataire: roc.Partie{Type: roc.Tiers, ID: numeroTiers}, Adresse: x.s.adresses[cleTiers], Structures: []string{tiers.IDNat},
		Empreintes: []string{x.s.empreinte[cleTiers]}, CleConf: x.s.conf[cleTiers]}
}

// garder keeps an answer, as the pharmacy does of its proofs.
func (x *poste) garder(nom string, octets ...[]byte) {
	x.t.Helper()
	if err := errors.Join(os.MkdirAll(x.dossier, 0o700), os.WriteFile(filepath.Join(x.dossier, nom), bytes.Join(octets, []byte("\n")), 0o600)); err != nil {
		x.t.Fatal(err)
	}
}

func (x *poste) ouvrir(c *roc.Client, jeton string) (*roc.Rendu[tarif.ReponseDossier], error) {
	return roc.Envoyer(context.Background(), c, tarif.EchangeDossier, x.cible(), "1", &tarif.DemandeDossier{Jeton: tarif.Chiffre(jeton)}, roc.Suivi{})
}

func (x *poste) tarifer(c *roc.Client, d *tarif.DemandeTarification) (*roc.Rendu[tarif.ReponseTarification], error) {
	return roc.Envoyer(context.Background(), c, tarif.EchangeTarification, x.cible(), "1", d, roc.Suivi{})
}

func (x *poste) preparer(n tarif.NumeroDossier, sens tarif.Sens) *tarif.Tarification {
	x.t.Helper()
	q, err := tarif.Poste{Tiers: x.tiers}.Preparer(n, sante.JourA(time.Now(), sante.Paris()), sens, delivrance(x.t))
	if err != nil {
		x.t.Fatal(err)
	}
	return q
}

// What is delivered, and what nobody but the pharmacy may keep: odd enough to be looked for
// in files.
const (
	produitLivre = "9900022"
	prixLivre    = sante.Montant(1373_91)
)

func delivrance(t *testing.T) []tarif.Ligne {
	return []tarif.Ligne{{Rang: 1, Famille: calcul.FamilleDMI, CodePrestation: "VER", CodeProduit: lireOuEchouer(t, tarif.ParseCodeProduit, produitLivre),
		Quantite: 1, PrixUnitaire: prixLivre, MontantDepense: prixLivre, BaseAMO: 117_31, TauxAMO: sante.Pourcent(60), MontantAMO: 70_39}}
}

// accreditationLue is what a pharmacy quotes of an accreditation.
type accreditationLue struct {
	numero     droits.NumeroAccreditation
	convention string
}

// droitsPour asks the rights of an insured of an insurer for the pharmacy, with what opens
// a file, and gives the token and the link that the insurer keeps.
func (x *poste) droitsPour(amc string) (jeton string, lien tarif.Lien) {
	x.t.Helper()
	_, jeton, a := x.droitsLus(amc)
	e, err := accrstore.New(x.s.parties[amc].Base, serveur.TenantAMC(x.s.Monde.Assureur(amc).Numero.String())).Emise(context.Background(), a.numero)
	if err != nil {
		x.t.Fatal(err)
	}
	return jeton, lireOuEchouer(x.t, tarif.ParseLien, e.Lien)
}

// droitsLus asks these rights, and gives the question, the token and what to quote.
func (x *poste) droitsLus(amc string) (*droits.DemandeDroits, string, accreditationLue) {
	x.t.Helper()
	o := &officine{x.t, x.s}
	p, k := o.assure(amc)
	d := o.question(p, k)
	d.PS.NumeroFacturation = lireOuEchouer(x.t, sante.ParseNumeroFacturation, x.o.numero)
	d.NiveauService, d.PrestationsSpecifiques = droits.Valorisation, true
	c := o.client(sceau.REST, "")
	c.Moi = x.moi()
	r, err := o.demander(c, amc, d)
	for fin := time.Now().Add(10 * time.Second); err == nil && r.Corps.CodeRetour == visiodroits.DossierRefuse && time.Now().Before(fin); r, err = o.demander(c, amc, d) {
		time.Sleep(50 * time.Millisecond) // the insurer is reading the lists of the third party
	}
	if err != nil || r.Corps.CodeRetour != visiodroits.Fournis || r.Corps.JetonDossier == "" {
		x.t.Fatalf("droits et jeton : %+v, %v", corps(r), err)
	}
	cles, err := droits.NouvellesCles([]droits.Cle{{Emetteur: x.s.Monde.Assureur(amc).Numero, Kid: kidDe(x.t, o.cle(amc)), Usage: droits.PourAccreditation, Publique: o.cle(amc)}}, nil)
	if err != nil {
		x.t.Fatal(err)
	}
	a, err := droits.VerifierAccreditation(r.Corps.Accreditation, cles, x.s.horloge())
	if err != nil {
		x.t.Fatal(err)
	}
	l := a.Accreditation()
	return d, r.Corps.JetonDossier, accreditationLue{l.Numero, l.Perimetre.Convention}
}

// operateur asks controls with the seal of the operator of the world.
type operateur struct {
	t *testing.T
	s *Scene
	c *roc.Client
}

func nouvelOperateur(t *testing.T, s *Scene) *operateur {
	t.Helper()
	p := s.parties[monde.CleOperateur]
	id := &p.Fichier.Relais[0].Identite
	cachet, err := serveur.LireCachet(p.Fichier, id)
	if err != nil {
		t.Fatal(err)
	}
	auth, _, err := serveur.LireCle(p.Fichier, id.Authentification)
	if err != nil {
		t.Fatal(err)
	}
	c := &roc.Client{Moi: roc.Partie{Type: roc.OTP, ID: s.Monde.Operateur.Identifiant}, Environnement: roc.Test, Cachet: func() *sceau.Cachet { return cachet },
		Juge: p.Magasin, Registre: roc.SansRegistre{}, Transport: roc.NewTransport(func() *tls.Certificate { return auth }, p.Magasin, time.Now), Horloge: time.Now}
	t.Cleanup(c.Transport.Fermer)
	return &operateur{t, s, c}
}

func (o *operateur) controler(cible *roc.Cible, d *tarif.DemandeControle) tarif.Avis {
	o.t.Helper()
	r, err := roc.Envoyer(context.Background(), o.c, tarif.EchangeControle, cible, "1", d, roc.Suivi{})
	if err != nil {
		o.t.Fatal(err)
	}
	return r.Corps.Conforme
}

func empreinteDeFacture(t *testing.T, c byte) tarif.EmpreinteFacture {
	return lireOuEchouer(t, tarif.ParseEmpreinteFacture, strings.Repeat(string(c), 43))
}

// corps is the body of an answer, to be told; nil without one.
func corps[R any](r *roc.Rendu[R]) *R {
	if r == nil {
		return nil
	}
	return r.Corps
}

// A pharmacy has a delivery priced by its card, directly and through a relay, on both
// faces; the operator controls its invoice; what was delivered is nowhere but with it.
func TestTarification(t *testing.T) {
	if testing.Short() {
		t.Skip("laboratoire entier")
	}
	var traces bytes.Buffer
	s, err := Monter(context.Background(), t.TempDir(), time.Now, slog.New(slog.NewTextHandler(&verrouille{w: &traces}, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	demonte := false
	demonter := func() {
		if !demonte {
			demonte = true
			if err := s.Demonter(); err != nil {
				t.Error(err)
			}
		}
	}
	defer demonter()
	x, autre, op := nouveauPoste(t, s, pharmaciesLabo()[0]), nouveauPoste(t, s, pharmaciesLabo()[1]), nouvelOperateur(t, s)
	secrets := map[string]bool{produitLivre: true, prixLivre.String(): true, "70.39": true}
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		for _, relais := range []string{"", monde.CleRelais} {
			c := x.client(face, relais)
			jeton, lien := x.droitsPour(monde.CleMoulin)
			d, err := x.ouvrir(c, jeton)
			if err != nil || !d.Corps.Accord() || d.Chiffre != (relais != "") {
				t.Fatalf("%s, relais %q, dossier : %+v, %v", face, relais, corps(d), err)
			}
			n := d.Corps.NumeroDossier
			secrets[n.String()] = true
			devis := x.preparer(n, tarif.Devis)
			if r, err := x.tarifer(c, devis.Demande); err != nil || r.Corps.CodeRetour != tarif.Accepte {
				t.Fatalf("%s, relais %q, devis : %+v, %v", face, relais, corps(r), err)
			}
			q := x.preparer(n, tarif.Engagement)
			r, err := x.tarifer(c, q.Demande)
			if err != nil {
				t.Fatalf("%s, relais %q, engagement : %v", face, relais, err)
			}
			prix, err := q.Lire(r.Corps)
			if err != nil || prix.AMC <= 0 || r.Chiffre != (relais != "") {
				t.Fatalf("%s, relais %q, engagement : %+v, %v", face, relais, prix, err)
			}
			secrets[prix.AMC.String()], secrets[prix.Patient.String()] = true, true
			clair := tarif.EchangeTarification.CorpsReponse.AppendJSON(nil, r.Corps)
			x.garder(string(face)+"-"+relais+".txt", []byte(n.String()), []byte(produitLivre+" "+prixLivre.String()+" 70.39"), clair, r.Reponse)
			x.controler(op, prix, lien)
			x.refus(c, autre.client(face, relais), n)
		}
	}
	x.substitution(autre)
	x.revoquee()
	autre.reprise()
	demonter()
	x.chercher(secrets, traces.Bytes())
}

// controler asks the controls of an invoice: yes for one, whole and true, and no otherwise.
func (x *poste) controler(op *operateur, prix *tarif.Prix, lien tarif.Lien) {
	x.t.Helper()
	autreLien, err := tarif.TirerLien(nil)
	if err != nil {
		x.t.Fatal(err)
	}
	faux := []tarif.MontantFamille{prix.Familles[0]}
	faux[0].AMC++
	for _, c := range []struct {
		nom      string
		lien     tarif.Lien
		facture  byte
		montants []tarif.MontantFamille
		want     tarif.Avis
	}{
		{"un centime de plus", lien, 'A', faux, tarif.Non}, {"le lien d'une autre accréditation", autreLien, 'A', prix.Familles, tarif.Non},
		{"la bonne", lien, 'A', prix.Familles, tarif.Oui}, {"la même, redemandée", lien, 'A', prix.Familles, tarif.Oui},
		{"une seconde facture", lien, 'B', prix.Familles, tarif.Non},
	} {
		d := &tarif.DemandeControle{NumeroTarification: prix.Numero, Lien: c.lien, Facture: empreinteDeFacture(x.t, c.facture), Montants: c.montants}
		if a := op.controler(x.cible(), d); a != c.want {
			x.t.Errorf("contrôle, %s : %s", c.nom, a)
		}
	}
}

// refus sees T611, T620, T630 and T631.
func (x *poste) refus(c, autre *roc.Client, n tarif.NumeroDossier) {
	x.t.Helper()
	inconnu, err := tarif.TirerNumeroDossier(nil)
	if err != nil {
		x.t.Fatal(err)
	}
	ailleurs := x.preparer(n, tarif.Devis).Demande
	k := map[string]tarif.Chiffre{}
	for nom, kid := range map[string]string{"nir": "190017500112233", "autre": base64.RawURLEncoding.EncodeToString(make([]byte, 32))} {
		s, err := jades.Chiffrer([]byte("{}"), x.tiers.Cle, kid)
		if err != nil {
			x.t.Fatal(err)
		}
		k[nom] = tarif.Chiffre(s)
	}
	nir, illisible := *ailleurs, *ailleurs
	nir.Lignes, illisible.Lignes = k["nir"], k["autre"]
	for _, e := range []struct {
		nom  string
		c    *roc.Client
		d    *tarif.DemandeTarification
		want tarif.Code
	}{
		{"dossier inconnu", c, x.preparer(inconnu, tarif.Devis).Demande, tarif.DossierInconnu},
		{"dossier d'une autre officine", autre, ailleurs, tarif.DossierInconnu},
		{"un NIR dans un en-tête", c, &nir, tarif.IdentiteEnTrop},
		{"une autre clé", c, &illisible, tarif.Indechiffrable},
	} {
		r, err := x.tarifer(e.c, e.d)
		if err != nil || r.Corps.CodeRetour != e.want {
			x.t.Errorf("%s : %+v, %v", e.nom, corps(r), err)
		}
	}
	moulin := visiodroits.Emetteur(x.s.Monde.Assureur(monde.CleMoulin).Numero.String())
	publiee, err := x.s.parties[cleTiers].Jetons.Classeur.ClePour(moulin, visiodroits.PourAccreditation, x.s.horloge())
	if err != nil {
		x.t.Fatal(err)
	}
	if r, err := x.ouvrir(c, x.forger(publiee.Kid)); err != nil || r.Corps.CodeRetour != tarif.JetonRefuse || !r.Corps.NumeroDossier.IsZero() {
		x.t.Errorf("jeton forgé par une officine, sous le nom d'une clé de l'AMC : %+v, %v", corps(r), err)
	}
	// Under a name that no list has, it depends on when they were last read: never a file.
	if r, err := x.ouvrir(c, x.forger("")); err != nil || r.Corps.CodeRetour != tarif.JetonRefuse && r.Corps.CodeRetour != tarif.Indisponible || !r.Corps.NumeroDossier.IsZero() {
		x.t.Errorf("jeton forgé par une officine : %+v, %v", corps(r), err)
	}
}

// forger makes a token as an insurer does, which a card may well encrypt to the third party:
// rights that nobody has, of a grid that is priced. Its key is of that name, its own when "".
func (x *poste) forger(kid visiodroits.Kid) string {
	x.t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		x.t.Fatal(err)
	}
	sien, errK := accreditation.Kid(&k.PublicKey)
	grille, errG := tarif.ParseIDGrille(x.s.parties[cleTiers].Fichier.Tiers.Leurre)
	lien, errL := tarif.TirerLien(nil)
	if err := errors.Join(errK, errG, errL); err != nil {
		x.t.Fatal(err)
	}
	jour := sante.JourA(x.s.horloge(), sante.Paris())
	j, err := tarif.Jeton{AMC: x.s.Monde.Assureur(monde.CleMoulin).Numero, Grille: grille, Effectif: 4000, Lien: lien, Debut: jour - 10, Fin: jour + 300, Expiration: jour + 1}.
		Sceller(x.tiers, cmp.Or(string(kid), string(sien)), k)
	if err != nil {
		x.t.Fatal(err)
	}
	return string(j)
}

// verrouille lets several processes write to one buffer.
type verrouille struct {
	mu sync.Mutex
	w  io.Writer
}

func (v *verrouille) Write(b []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.w.Write(b)
}

// substitution: a relay that seals in the place of the card is refused by the third party,
// whatever it seals with, though its channel is admitted. ref: DEC 31
func (x *poste) substitution(autre *poste) {
	x.t.Helper()
	relais := x.s.parties[monde.CleRelais]
	id := &relais.Fichier.Relais[0].Identite
	cachet, err := serveur.LireCachet(relais.Fichier, id)
	if err != nil {
		x.t.Fatal(err)
	}
	auth, _, err := serveur.LireCle(relais.Fichier, id.Authentification)
	if err != nil {
		x.t.Fatal(err)
	}
	n, err := tarif.TirerNumeroDossier(nil)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		for nom, e := range map[string]struct {
			cachet *sceau.Cachet
			want   roc.Code
		}{
			"son propre cachet": {cachet, roc.CertificatRefuse}, "la carte d'une autre officine": {autre.cachet, roc.AutreIdentifiant},
			"en clair, la carte seule étant vraie": {x.cachet, roc.Illisible},
		} {
			c := x.client(face, "")
			c.Cachet = func() *sceau.Cachet { return e.cachet }
			c.Transport = roc.NewTransport(func() *tls.Certificate { return auth }, relais.Magasin, time.Now)
			x.t.Cleanup(c.Transport.Fermer)
			_, err := x.tarifer(c, x.preparer(n, tarif.Devis).Demande)
			var r *roc.Refus
			if !errors.As(err, &r) || r.Code != e.want {
				x.t.Errorf("%s, le relais scelle avec %s : %v", face, nom, err)
			}
		}
	}
}

// revoquee: the card is refused at once, on a connection that lives, and by each of its two
// certificates.
func (x *poste) revoquee() {
	x.t.Helper()
	n, err := tarif.TirerNumeroDossier(nil)
	if err != nil {
		x.t.Fatal(err)
	}
	c := x.client(sceau.REST, "")
	d := x.preparer(n, tarif.Devis).Demande
	if r, err := x.tarifer(c, d); err != nil || r.Corps.CodeRetour != tarif.DossierInconnu {
		x.t.Fatalf("avant la révocation : %+v, %v", corps(r), err)
	}
	avant := x.poignees.Load()
	x.revoquer("signature")
	_, err = x.tarifer(c, d)
	var r *roc.Refus
	if !errors.As(err, &r) || r.Code != roc.CertificatRefuse || !r.Distant || x.poignees.Load() != avant {
		x.t.Errorf("carte révoquée : %v, %d poignées de main", err, x.poignees.Load()-avant)
	}
}

// reprise: a session that is resumed is judged as any: revoked since it was opened, the
// certificate of authentication of the card carries nothing more.
func (x *poste) reprise() {
	x.t.Helper()
	n, err := tarif.TirerNumeroDossier(nil)
	if err != nil {
		x.t.Fatal(err)
	}
	c := x.client(sceau.REST, "")
	d := x.preparer(n, tarif.Devis).Demande
	if r, err := x.tarifer(c, d); err != nil || r.Corps.CodeRetour != tarif.DossierInconnu {
		x.t.Fatalf("avant la révocation : %+v, %v", corps(r), err)
	}
	x.revoquer("authentification")
	c.Transport.Fermer()
	_, err = x.tarifer(c, d)
	var r *roc.Refus
	if !errors.As(err, &r) || r.Code != roc.CertificatRefuse || !r.Distant {
		x.t.Errorf("session reprise après révocation : %v", err)
	}
}

// revoquer revokes a certificate of the card, and gives the third party the list.
func (x *poste) revoquer(nom string) {
	x.t.Helper()
	f := x.s.fiches[x.o.cle+"/"+nom][0]
	ctx := context.Background()
	if err := x.s.IGC.Revoquer(ctx, f.AC, f.Serie, certificat.RaisonCleCompromise, time.Time{}, "essai"); err != nil {
		x.t.Fatal(err)
	}
	l, err := x.s.IGC.Publier(ctx, f.AC, time.Now())
	if err != nil {
		x.t.Fatal(err)
	}
	if _, err := x.s.parties[cleTiers].Magasin.AjouterCRL(l.DER); err != nil {
		x.t.Fatal(err)
	}
}

// chercher opens every file of the parties and looks for what was delivered: nowhere but at
// the pharmacy. Every file is read as it stands on the disk.
func (x *poste) chercher(secrets map[string]bool, traces []byte) {
	x.t.Helper()
	trouves := func(partie string) (l []string, octets int) {
		err := filepath.WalkDir(filepath.Join(x.s.dir, partie), func(chemin string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.Contains(chemin, "/tables/") {
				return err
			}
			b, err := os.ReadFile(chemin)
			octets += len(b)
			for s := range secrets {
				if bytes.Contains(b, []byte(s)) {
					l = append(l, s+" dans "+filepath.Base(chemin))
				}
			}
			return err
		})
		if err != nil {
			x.t.Fatal(err)
		}
		return l, octets
	}
	for _, p := range []string{cleTarif, monde.CleMoulin, cleTiers, monde.CleRelais, monde.CleOperateur} {
		l, octets := trouves(p)
		if len(l) > 0 {
			x.t.Errorf("%s garde %v", p, l)
		}
		if octets < 50_000 {
			x.t.Errorf("%s : %d octets lus : les bases n'y sont pas", p, octets)
		}
	}
	if l, _ := trouves(x.o.cle); len(l) < len(secrets) {
		x.t.Errorf("l'officine, qui connaît tout, ne garde que %d secrets sur %d", len(l), len(secrets))
	}
	for s := range secrets {
		if bytes.Contains(traces, []byte(s)) {
			x.t.Errorf("%s est au journal technique", s)
		}
	}
	x.sansTrace(traces)
	x.journaux(secrets)
}

// feuillesDe are all the leaves of a journal.
func feuillesDe(t *testing.T, p *serveur.Processus, j *journal.Journal) (l []journal.Element) {
	t.Helper()
	rows, err := p.Base.Lecteur(t.Context()).QueryContext(t.Context(), "SELECT id FROM journal_trace WHERE tenant = $1", j.Tenant())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		e, err := j.Trouver(t.Context(), journal.Critere{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		l = append(l, e...)
	}
	return l
}

// journaux opens the contents of the journals, which are encrypted on the disk: that of the
// third party has none; those of the relay, the insurer and the operator say nothing of
// what was delivered.
func (x *poste) journaux(secrets map[string]bool) {
	x.t.Helper()
	for _, cle := range []string{cleTiers, monde.CleRelais, monde.CleMoulin, monde.CleOperateur} {
		p, err := serveur.OuvrirPourCommande(x.t.Context(), x.s.parties[cle].Fichier)
		if err != nil {
			x.t.Fatal(err)
		}
		tarifications := 0
		for tenant, j := range p.Journaux() {
			for _, e := range feuillesDe(x.t, p, j) {
				if e.Trace.Service == "TAR" || e.Trace.Service == "GRI" {
					tarifications++
				}
				c, err := j.LireContenu(x.t.Context(), e)
				if cle == cleTiers {
					if !errors.Is(err, journal.ErrAbsent) {
						x.t.Errorf("le journal du tiers garde un contenu : %v", err)
					}
					continue
				}
				if err != nil {
					x.t.Fatalf("%s, %s : %v", tenant, e.Trace.Service, err)
				}
				for s := range secrets {
					if bytes.Contains(c.Question, []byte(s)) || bytes.Contains(c.Reponse, []byte(s)) {
						x.t.Errorf("%s, %s : le journal garde %s", tenant, e.Trace.Service, s)
					}
				}
			}
		}
		// The relay carried on both faces; the third party answered four ways and asked.
		if want := map[string]int{cleTiers: 20, monde.CleRelais: 4}[cle]; tarifications < want {
			x.t.Errorf("%s : %d feuilles de tarification, au moins %d attendues", cle, tarifications, want)
		}
		if err := p.Fermer(); err != nil {
			x.t.Error(err)
		}
	}
}

// sansTrace: the pricing service has no row but its counts, and no line for any request.
func (x *poste) sansTrace(traces []byte) {
	x.t.Helper()
	for ligne := range bytes.Lines(traces) {
		if bytes.Contains(ligne, []byte("partie="+cleTarif)) && (bytes.Contains(ligne, []byte("msg=refus")) || bytes.Contains(ligne, []byte("GRI"))) {
			x.t.Errorf("une ligne par demande : %s", ligne)
		}
	}
	p, err := serveur.OuvrirPourCommande(context.Background(), x.s.parties[cleTarif].Fichier)
	if err != nil {
		x.t.Fatal(err)
	}
	defer p.Fermer()
	for _, table := range []string{"message_traite", "vigie_compteur", "journal_trace", "journal_contenu", "journal_piece"} {
		var n int
		if err := p.Base.Lecteur(x.t.Context()).QueryRowContext(x.t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil || n != 0 {
			x.t.Errorf("%s : %d lignes, %v", table, n, err)
		}
	}
	var rangs, demandes int
	if err := p.Base.Lecteur(x.t.Context()).QueryRowContext(x.t.Context(), "SELECT COUNT(*), SUM(demandes) FROM tarif_compteur").Scan(&rangs, &demandes); err != nil || rangs > 3 || demandes < 8 {
		x.t.Errorf("%d comptes, %d demandes, %v", rangs, demandes, err)
	}
}

// compte counts the connections of a client: those opened, and those of them that resumed a
// session.
type compte struct{ connexions, reprises atomic.Int64 }

func (n *compte) suivre(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if !i.Reused {
			n.connexions.Add(1)
			if k, ok := i.Conn.(*tls.Conn); ok && k.ConnectionState().DidResume {
				n.reprises.Add(1)
			}
		}
	}})
}

// journee is a thousand requests with the card, two at a time as a counter and a back office
// would, then a cut, after which the session is resumed and the card not asked again. It
// gives what asks once more. ref: VISIO §9.2
func (x *poste) journee(c *roc.Client, n *compte) (demander func() error) {
	t, ctx := x.t, n.suivre(x.t.Context())
	t.Helper()
	const demandes = 1000
	jeton, _ := x.droitsPour(monde.CleMoulin)
	demander = func() error {
		r, err := roc.Envoyer(ctx, c, tarif.EchangeDossier, x.cible(), "1", &tarif.DemandeDossier{Jeton: tarif.Chiffre(jeton)}, roc.Suivi{})
		if err == nil && !r.Corps.Accord() {
			return errors.New(string(r.Corps.CodeRetour))
		}
		return err
	}
	if err := demander(); err != nil {
		t.Fatal(err)
	}
	var fin sync.WaitGroup
	for i := range 2 {
		fin.Go(func() {
			for range demandes/2 - 1 + i {
				if err := demander(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	fin.Wait()
	t.Logf("%d demandes : %d connexion, %d poignée de main entière", demandes, n.connexions.Load(), x.poignees.Load())
	if n.connexions.Load() != 1 || n.reprises.Load() != 0 {
		t.Errorf("%d connexions, %d reprises ; une poignée de main attendue", n.connexions.Load(), n.reprises.Load())
	}
	c.Transport.Fermer() // cut: nothing is under way
	if err := demander(); err != nil {
		t.Fatal(err)
	}
	if n.connexions.Load() != 2 || n.reprises.Load() != 1 {
		t.Errorf("après la coupure : %d connexions, %d reprises", n.connexions.Load(), n.reprises.Load())
	}
	return demander
}

// A day's work of a workstation is one handshake; a session speaks for the card that opened
// it, and for no other.
func TestUnePoigneeParJour(t *testing.T) {
	s := laboratoireEntier(t)
	x := nouveauPoste(t, s, pharmaciesLabo()[0])
	c := x.client(sceau.REST, "")
	var n compte
	demander := x.journee(c, &n)
	// Another card is put in the reader.
	autre := nouveauPoste(t, s, pharmaciesLabo()[1])
	x.auth = autre.auth
	c.Transport.Fermer()
	var r *roc.Refus
	if err := demander(); !errors.As(err, &r) || r.Code != roc.Illisible || n.connexions.Load() != 3 || n.reprises.Load() != 1 {
		t.Errorf("une autre carte : %v, %d connexions, %d reprises", err, n.connexions.Load(), n.reprises.Load())
	}
}
