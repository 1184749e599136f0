package laboratoire

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

func lireOuEchouer[T any](t testing.TB, lire func(string) (T, error), s string) T {
	t.Helper()
	v, err := lire(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// officine is a workstation at the base level: no certificate, no seal.
type officine struct {
	t testing.TB
	s *Scene
}

func (o *officine) client(face sceau.Face, relais string) *roc.Client {
	p := o.s.parties[monde.CleMoulin]
	c := &roc.Client{Moi: roc.Partie{Type: roc.PS, ID: "752000012"}, Environnement: roc.Test, Juge: p.Magasin, Registre: roc.SansRegistre{},
		Transport: roc.NewTransport(nil, p.Magasin, o.s.horloge), Horloge: o.s.horloge, Face: face}
	o.t.Cleanup(c.Transport.Fermer)
	if relais != "" {
		c.Relais = &roc.AccesRelais{Adresse: o.s.adresses["ouverte-"+relais], Structure: o.s.Monde.Relais.IDNat}
	}
	return c
}

func (o *officine) demander(c *roc.Client, amc string, d *droits.DemandeDroits) (*roc.Rendu[droits.FournitDroits], error) {
	a := o.s.Monde.Assureur(amc)
	qui := o.s.repondant(a)
	return roc.Envoyer(context.Background(), c, droits.EchangeDroits, &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: a.Numero.String()},
		Adresse: o.s.adresses["ouverte-"+qui.Cle], Structures: []string{qui.IDNat}}, "1", d, roc.Suivi{})
}

// question asks the rights of a patient of the world under a card.
func (o *officine) question(p *monde.Patient, k *monde.Couverture) *droits.DemandeDroits {
	patient, carte := enVilleDe(o.s.Monde, p, k)
	return &droits.DemandeDroits{
		PS:      droits.Professionnel{NumeroFacturation: lireOuEchouer(o.t, sante.ParseNumeroFacturation, "752000012"), Categorie: droits.Pharmacie},
		Patient: patient, Carte: carte,
		DateReference: sante.JourA(time.Now(), sante.Paris()), NiveauService: droits.Base,
	}
}

// assures are the patients whose rights are open at an insurer.
func (o *officine) assures(amc string, donner func(p *monde.Patient, k *monde.Couverture)) {
	assuresDe(o.s.Monde, amc, sante.JourA(time.Now(), sante.Paris()), donner)
}

// assure is the first of them.
func (o *officine) assure(amc string) (p *monde.Patient, k *monde.Couverture) {
	o.t.Helper()
	p, k, err := assureEnVille(o.s.Monde, amc, sante.JourA(time.Now(), sante.Paris()))
	if err != nil {
		o.t.Fatal(err)
	}
	return p, k
}

// questions are those of every patient that the insurer gives rights to.
func (o *officine) questions(amc string) (l []*droits.DemandeDroits) {
	c := o.client(sceau.REST, "")
	o.assures(amc, func(p *monde.Patient, k *monde.Couverture) {
		d := o.question(p, k)
		if r, err := o.demander(c, amc, d); err == nil && r.Corps.CodeRetour == visiodroits.Fournis {
			l = append(l, d)
		}
	})
	if len(l) < 5 {
		o.t.Fatalf("%d assurés de %s", len(l), amc)
	}
	return l
}

func (o *officine) cle(amc string) *ecdsa.PublicKey {
	a := o.s.Monde.Assureur(amc)
	return o.cleDans(o.s.repondant(a).Cle, o.signataire(a))
}

// signataire is the number under which the accreditations of an insurer are given.
func (o *officine) signataire(a *monde.AMC) string {
	if a.Operateur != "" {
		return numeroOperateur
	}
	return a.Numero.String()
}

// cleDans is the key by which a party signs accreditations under a number.
func (o *officine) cleDans(partie, numero string) *ecdsa.PublicKey {
	k, err := serveur.OuvrirCle(filepath.Join(o.s.repertoire(partie), "donnees", "accreditation-"+numero+".cle"))
	if err != nil {
		o.t.Fatal(err)
	}
	return k.Public().(*ecdsa.PublicKey)
}

func kidDe(t testing.TB, k *ecdsa.PublicKey) string {
	t.Helper()
	kid, err := accreditation.Kid(k)
	if err != nil {
		t.Fatal(err)
	}
	return kid
}

// lireListes reads what the insurers publish, as any cache would give it: who opens the
// service, by whose keys, and what is revoked.
func (o *officine) lireListes() {
	t, s := o.t, o.s
	a := time.Now()
	h := &http.Client{Transport: roc.NewTransport(nil, s.parties[monde.CleMoulin].Magasin, time.Now)}
	lire := func(base, chemin string) []byte {
		t.Helper()
		rep, err := h.Get(base + droits.Norme.Racine + chemin)
		if err != nil {
			t.Fatal(err)
		}
		defer rep.Body.Close()
		b, err := io.ReadAll(rep.Body)
		if err != nil || rep.StatusCode != http.StatusOK || rep.Header.Get("ETag") == "" {
			t.Fatalf("%s : %s, %v", chemin, rep.Status, err)
		}
		return b
	}
	moulin, phare := s.Monde.Assureur(monde.CleMoulin), s.Monde.Assureur(monde.ClePhare)
	nom := func(x *monde.AMC) visiodroits.Emetteur { return visiodroits.Emetteur(x.Numero.String()) }
	sources := []struct {
		serveur   string
		structure string
		a         visiodroits.Attendu
	}{
		{monde.CleOperateur, s.Monde.Operateur.IDNat, visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: numeroOperateur}},
		{monde.CleMoulin, moulin.IDNat, visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: nom(moulin)}},
		{monde.CleMoulin, moulin.IDNat, visiodroits.Attendu{Genre: visiodroits.GenreServices, Emetteur: nom(moulin)}},
		{monde.CleMoulin, moulin.IDNat, visiodroits.Attendu{Genre: visiodroits.GenreNomenclatures, Emetteur: nom(moulin)}},
		{monde.CleMoulin, moulin.IDNat, visiodroits.Attendu{Genre: visiodroits.GenreEtat, Emetteur: nom(moulin)}},
		{monde.ClePhare, phare.IDNat, visiodroits.Attendu{Genre: visiodroits.GenreServices, Emetteur: nom(phare)}},
	}
	chemin := func(a visiodroits.Attendu) string {
		return "/listes/" + strings.ToLower(string(a.Genre)) + "/" + string(a.Emetteur) + "/courante"
	}
	var attendus []visiodroits.Attendu
	for i := range sources {
		x := &sources[i]
		x.a.Structures, x.a.Pour = []string{x.structure}, []visiodroits.Emetteur{x.a.Emetteur}
		attendus = append(attendus, x.a)
	}
	c, err := visiodroits.NouveauClasseur(s.parties[monde.CleMoulin].Magasin, attendus...)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range sources {
		// The concentrator gives them again, as they came.
		if d, r := lire(s.adresses["ouverte-"+x.serveur], chemin(x.a)), lire(s.adresses["ouverte-"+monde.CleRelais], chemin(x.a)); !bytes.Equal(d, r) {
			t.Errorf("%s de %s : le concentrateur donne autre chose", x.a.Genre, x.a.Emetteur)
		}
		b := lire(s.adresses["ouverte-"+monde.CleRelais], chemin(x.a))
		if _, err := c.Deposer(b, a); err != nil {
			t.Fatalf("%s de %s : %v", x.a.Genre, x.a.Emetteur, err)
		}
	}
	dld, err := c.Service(visiodroits.Recherche{NumeroAMC: moulin.Numero, Service: visiodroits.DLD}, a)
	if err != nil || dld.NbJoursTolerance != 15 || dld.Adresse != s.adresses["ouverte-"+monde.CleOperateur] || dld.Depanneur(sante.JourA(a, sante.Paris())) != numeroOperateur {
		t.Errorf("service du Moulin : %+v, %v", dld, err)
	}
	if dld != nil && dld.Etat != visiodroits.Operationnel {
		t.Errorf("état du Moulin : %q", dld.Etat)
	}
	if x, ok := c.Terme(visiodroits.TableRejets, "F706", sante.JourA(a, sante.Paris()), a); !ok || x.Libelle == "" {
		t.Errorf("terme F706 : %+v", x)
	}
	var non *visiodroits.NonTrouve
	if _, err := c.Service(visiodroits.Recherche{NumeroAMC: phare.Numero, Service: visiodroits.DLD}, a); !errors.As(err, &non) || non.Code() != visiodroits.ServiceNonOuvert {
		t.Errorf("service du Phare : %v", err)
	}
	var cles []droits.Cle
	for _, k := range c.Cles(a) {
		pub, err := k.Publique()
		if err != nil {
			t.Fatal(err)
		}
		cles = append(cles, droits.Cle{Emetteur: lireOuEchouer(t, sante.ParseNumeroAMC, string(k.Titulaire)), Kid: string(k.Kid), Usage: droits.UsageCle(k.Usage), Publique: pub, Debut: k.Debut, Fin: k.Fin})
	}
	publiees, err := droits.NouvellesCles(cles, nil)
	if err != nil {
		t.Fatal(err)
	}
	lar := lire(s.adresses["ouverte-"+monde.CleMoulin], "/lar/"+moulin.Numero.String()+"/courante")
	vide, err := droits.LireLAR(bytes.NewReader(lar), droits.OptionsLAR{Cles: publiees, Emetteur: moulin.Numero, Maintenant: a}, nil)
	if err != nil || vide.Nombre() != 0 {
		t.Fatalf("LAR du Moulin : %v", err)
	}
	// Everything given to one person is revoked by command: the next list says it.
	p, k := o.assure(monde.CleMoulin)
	d := o.question(p, k)
	r, err := o.demander(o.client(sceau.REST, ""), monde.CleMoulin, d)
	if err != nil {
		t.Fatal(err)
	}
	accr, err := droits.VerifierAccreditation(r.Corps.Accreditation, publiees, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	numero := accr.Accreditation().Numero
	config := []string{"--config", filepath.Join(s.repertoire(monde.CleMoulin), "ecluse.toml")}
	commander := func(args ...string) string {
		t.Helper()
		vu, err := lancer(append(append([]string{"droits"}, args...), config...)...)
		if err != nil {
			t.Fatal(err)
		}
		return vu
	}
	refuser := func(dit string, args ...string) {
		t.Helper()
		if vu, err := lancer(append(append([]string{"droits"}, args...), config...)...); err == nil || !strings.Contains(err.Error(), dit) {
			t.Errorf("%v : %s, %v", args, vu, err)
		}
	}
	une := []string{"revoquer", "--motif", "ERREUR", "--numero", numero.String()}
	refuser("--naissance et --rang", append(une, "--rang", "2")...)
	refuser("rien à révoquer", "revoquer", "--motif", "ERREUR", "--adherent", d.Patient.NumeroAdherent.String(), "--naissance", "19010101")
	if vu := commander(une...); !strings.HasPrefix(vu, "1 accréditation révoquée ;") {
		t.Error(vu)
	}
	refuser("déjà révoquée", une...)
	if vu := commander("retablir", "--numero", numero.String()); !strings.Contains(vu, "Révocation retirée") {
		t.Error(vu)
	}
	refuser("pas révoquée", "retablir", "--numero", numero.String())
	// A number that was never given, and goes around: it was forged.
	forge, err := droits.TirerNumeroAccreditation(numero.Emetteur(), droits.Normale, nil)
	if err != nil {
		t.Fatal(err)
	}
	etranger, err := droits.TirerNumeroAccreditation(lireOuEchouer(t, sante.ParseNumeroAMC, "88000009"), droits.Normale, nil)
	if err != nil {
		t.Fatal(err)
	}
	refuser("--jamais-donnee le met à la liste", "revoquer", "--motif", "FRAUDE", "--numero", forge.String())
	refuser("d'un autre émetteur", "revoquer", "--motif", "FRAUDE", "--numero", etranger.String(), "--jamais-donnee")
	refuser("va avec --numero", "revoquer", "--motif", "FRAUDE", "--adherent", d.Patient.NumeroAdherent.String(), "--jamais-donnee")
	if vu := commander("revoquer", "--motif", "FRAUDE", "--numero", forge.String(), "--jamais-donnee"); !strings.HasPrefix(vu, "1 accréditation révoquée ;") {
		t.Error(vu)
	}
	refuser("déjà révoquée", "revoquer", "--motif", "FRAUDE", "--numero", forge.String(), "--jamais-donnee")
	refuser("jamais donnée", "voir", "--numero", forge.String())
	if vu := commander("retablir", "--numero", forge.String()); !strings.Contains(vu, "Révocation retirée") {
		t.Error(vu)
	}
	// The portfolio of this one is gone: it is found by who it names.
	if err := registreSansReference(s.parties[monde.CleMoulin].Base, numero); err != nil {
		t.Fatal(err)
	}
	if vu := commander("revoquer", "--motif", "RADIATION", "--adherent", d.Patient.NumeroAdherent.String(), "--naissance", d.Patient.DateNaissance.String()); !strings.Contains(vu, "la prochaine liste le dira") {
		t.Error(vu)
	}
	voir := func() string { return commander("voir", "--numero", numero.String()) }
	if vu := voir(); !strings.Contains(vu, "RADIATION, à effet du") {
		t.Error(vu)
	}
	for _, e := range s.parties[monde.CleMoulin].Emetteurs {
		if fait, err := e.Editeur.Publier(context.Background(), true); err != nil || !fait {
			t.Fatalf("publier : %v, %v", fait, err)
		}
	}
	if vu := voir(); !strings.Contains(vu, "RADIATION, publiée le") {
		t.Error(vu)
	}
	refuser("une liste l'a déjà dit", "retablir", "--numero", numero.String())
	delta := lire(s.adresses["ouverte-"+monde.CleMoulin], "/lar/"+moulin.Numero.String()+"/2/delta")
	suite, err := droits.LireLAR(bytes.NewReader(delta), droits.OptionsLAR{Cles: publiees, Emetteur: moulin.Numero, Maintenant: time.Now()}, vide)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := suite.Revoquee(numero, d.DateReference+2); err != nil || m != droits.Radiation {
		t.Errorf("révoquée : %q, %v", m, err)
	}
	if m, err := suite.Revoquee(numero, d.DateReference+1); err != nil || m != "" {
		t.Errorf("les soins du lendemain restent garantis : %q, %v", m, err)
	}
}

// registreSansReference makes an accreditation one of which the portfolio is elsewhere.
func registreSansReference(base *bdd.Base, n droits.NumeroAccreditation) error {
	ctx := context.Background()
	_, err := base.Ecrivain(ctx).ExecContext(ctx, "UPDATE accreditation_emise SET beneficiaire = 'AILLEURS' WHERE numero = $1", n.String())
	return err
}

// attendreLAR waits for the concentrator to give a list of an insurer.
func (o *officine) attendreLAR(amc string, numero int64) {
	o.t.Helper()
	if err := o.s.attendreLAR(context.Background(), monde.CleRelais, o.s.Monde.Assureur(amc).Numero.String(), numero); err != nil {
		o.t.Fatal(err)
	}
}

// prolonger reads by command until when the keys of an insurer sign, puts the end of one
// off, and sees the list say so.
func (o *officine) prolonger(t *testing.T) {
	s := o.s
	config := []string{"--config", filepath.Join(s.repertoire(monde.CleMoulin), "ecluse.toml")}
	commander := func(args ...string) (string, error) {
		return lancer(append(append([]string{"droits"}, args...), config...)...)
	}
	vu, err := commander("cles")
	if err != nil || strings.Count(vu, "en vigueur, encore 729 jours") != 2 || !strings.Contains(vu, "ACCREDITATION") || !strings.Contains(vu, "LAR") {
		t.Fatalf("%v\n%s", err, vu)
	}
	kid := kidDe(t, o.cle(monde.CleMoulin))
	jour := sante.JourA(time.Now(), sante.Paris())
	for nom, args := range map[string][]string{
		"plus tôt":       {"--cle", kid, "--jusqu-au", (jour + 10).String()},
		"trop tard":      {"--cle", kid, "--jusqu-au", (jour + 800).String()},
		"clé inconnue":   {"--cle", "inconnue", "--jusqu-au", (jour + 730).String()},
		"jour illisible": {"--cle", kid, "--jusqu-au", "demain"},
	} {
		if vu, err := commander(append([]string{"prolonger"}, args...)...); err == nil {
			t.Errorf("%s : %s", nom, vu)
		}
	}
	fin := jour + 730 // the last day, whole
	if vu, err := commander("prolonger", "--cle", kid[:12], "--jusqu-au", fin.String()); err != nil || !strings.Contains(vu, "signe jusqu'au "+fin.Francais()) {
		t.Fatalf("%v\n%s", err, vu)
	}
	for _, e := range s.parties[monde.CleMoulin].Emetteurs {
		avant := e.Cle(kid)
		s.parties[monde.CleMoulin].PublierListes(context.Background(), e)
		if apres := e.Cle(kid); apres.Kid == kid && !(apres.Fin.After(avant.Fin) && apres.Fin.Equal((fin + 1).Debut(sante.Paris()))) {
			t.Errorf("fin lue : %s, était %s", apres.Fin, avant.Fin)
		}
	}
	if vu, err := commander("cles"); err != nil || strings.Count(vu, fin.Francais()) < 1 {
		t.Errorf("%v\n%s", err, vu)
	}
}

// compter sends back counters without a seal, twice, then sealed, and reads the indicators.
func (o *officine) compter(t *testing.T) {
	s := o.s
	moulin, verger := s.Monde.Assureur(monde.CleMoulin), s.Monde.Assureur(monde.CleVerger)
	var l visiodroits.LigneStatistique
	for range 9 {
		l.NoterDemande(visiodroits.CodeVu(visiodroits.Fournis), 400*time.Millisecond)
	}
	l.NoterDemande(visiodroits.CodeVu(visiodroits.ServiceIndisponible), 3*time.Second)
	d := &visiodroits.Statistiques{Jour: sante.JourA(time.Now(), sante.Paris()), NumeroFacturation: lireOuEchouer(t, sante.ParseNumeroFacturation, "752000012")}
	for _, n := range []sante.NumeroAMC{moulin.Numero, verger.Numero} {
		l.NumeroAMC = n
		d.Lignes = append(d.Lignes, l)
	}
	c := o.client(sceau.REST, "")
	envoyer := func() {
		t.Helper()
		r, err := roc.Envoyer(context.Background(), c, droits.EchangeStatistiques, &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: moulin.Numero.String()},
			Adresse: s.adresses["ouverte-"+monde.CleMoulin], Structures: []string{moulin.IDNat}}, "1", d, roc.Suivi{})
		if err != nil || r.Corps.CodeRetour != visiodroits.Fournis || r.Corps.Retenues != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	envoyer()
	envoyer() // kept once
	indicateurs := func(want ...string) {
		t.Helper()
		vu, err := lancer("droits", "indicateurs", "--config", filepath.Join(s.repertoire(monde.CleMoulin), "ecluse.toml"))
		for _, w := range want {
			if err != nil || !regexp.MustCompile(w).MatchString(vu) {
				t.Errorf("%s attendu, %v\n%s", w, err, vu)
			}
		}
	}
	indicateurs(`0 journée de poste scellée par`, ` à part, 1 journée sans sceau,`, `(?m)ont eu une réponse sur les droits +- +0 +SANS_CIBLE +90 % +10$`)

	// Another pharmacy seals its own: the indicators are its, and the others stay beside.
	saules := nouveauPoste(t, s, pharmaciesLabo()[1])
	c.Moi, c.Cachet = saules.moi(), func() *sceau.Cachet { return saules.officine.cachet }
	d.NumeroFacturation = lireOuEchouer(t, sante.ParseNumeroFacturation, saules.o.numero)
	for i := range d.Lignes {
		d.Lignes[i].NoterDemande(visiodroits.CodeVu(visiodroits.Fournis), time.Second)
		d.Lignes[i].NoterDemande(visiodroits.CodeVu(visiodroits.ServiceIndisponible), time.Second)
	}
	envoyer()
	indicateurs(`1 journée de poste scellée par`, ` à part, 1 journée sans sceau,`, `(?m)ont eu une réponse sur les droits +83\.33 % +12 +\S+ +90 % +10$`)
}

// A pharmacy without certificate asks on both faces, directly and through a relay, the
// insurers that answer themselves and the one that an operator answers for: it gets an
// accreditation that it verifies offline, then « unchanged »; an insurer that does not
// open the service says so, and only it.
func TestDroitsEnVille(t *testing.T) {
	s := laboratoireEntier(t)
	o := &officine{t, s}
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		for _, relais := range []string{"", monde.CleRelais} {
			c := o.client(face, relais)
			for _, amc := range []string{monde.CleMoulin, monde.CleMarees, monde.CleVerger} {
				p, k := o.assure(amc)
				d := o.question(p, k)
				r, err := o.demander(c, amc, d)
				if err != nil || r.Corps.CodeRetour != visiodroits.Fournis || r.Relais != (relais != "") {
					t.Fatalf("%s, relais %q, %s : %+v, %v", face, relais, amc, r, err)
				}
				qui := lireOuEchouer(t, sante.ParseNumeroAMC, o.signataire(s.Monde.Assureur(amc)))
				cles, err := droits.NouvellesCles([]droits.Cle{{Emetteur: qui, Kid: kidDe(t, o.cle(amc)), Usage: droits.PourAccreditation, Publique: o.cle(amc)}},
					[]droits.Mandat{{Operateur: qui, AMC: s.Monde.Assureur(amc).Numero, Normales: true}})
				if err != nil {
					t.Fatal(err)
				}
				a, err := droits.VerifierAccreditation(r.Corps.Accreditation, cles, time.Now())
				if err != nil {
					t.Fatalf("%s : accréditation : %v", amc, err)
				}
				x := a.Accreditation()
				if !x.Concerne(droits.Personne{NumeroAdherent: d.Patient.NumeroAdherent, DateNaissance: d.Patient.DateNaissance, RangGemellaire: d.Patient.RangGemellaire}) ||
					x.Garanties != droits.EmpreinteGaranties(r.Corps.Etendue.JSON()) || !x.Couvre(d.DateReference) {
					t.Errorf("%s : %+v", amc, x)
				}
				d.DroitsConnus = &droits.Connus{NumeroAccreditation: x.Numero, DateMAJ: r.Corps.DateMAJ}
				if r, err := o.demander(c, amc, d); err != nil || r.Corps.CodeRetour != visiodroits.Inchanges {
					t.Errorf("%s, rien n'a bougé : %+v, %v", amc, r, err)
				}
			}
			p, k := o.assure(monde.CleMoulin)
			d := o.question(p, k)
			d.Patient.NumeroAdherent = lireOuEchouer(t, sante.ParseNumeroAdherent, "MB9999999")
			if r, err := o.demander(c, monde.CleMoulin, d); err != nil || r.Corps.CodeRetour != visiodroits.BeneficiaireInconnu || r.Corps.Etat != droits.Inconnu {
				t.Errorf("inconnu : %+v, %v", r, err)
			}
			p, k = o.assure(monde.ClePhare)
			if r, err := o.demander(c, monde.ClePhare, o.question(p, k)); err != nil || r.Corps.CodeRetour != visiodroits.ServiceNonOuvert || r.Corps.Etat != droits.ServiceNonOuvert {
				t.Errorf("service non ouvert : %+v, %v", r, err)
			}
			// What asks for a seal is not answered there.
			_, err := roc.Envoyer(context.Background(), c, roc.EchangeEtat, &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: s.Monde.Assureur(monde.CleMoulin).Numero.String()},
				Adresse: s.adresses["ouverte-"+monde.CleMoulin], Structures: []string{s.Monde.Assureur(monde.CleMoulin).IDNat}}, "1", &roc.DemandeEtat{}, roc.Suivi{})
			if err == nil {
				t.Error("l'échange des hôpitaux répond sans sceau")
			}
		}
	}
	o.lireListes()
	o.compter(t)
	o.prolonger(t)
	// What nobody sealed has its leaf too, and the journal verifies whole.
	for cle, partie := range map[string]string{monde.CleMoulin: "amc-" + s.Monde.Assureur(monde.CleMoulin).Numero.String(), monde.CleRelais: serveur.TenantRelais(s.Monde.Relais.Identifiant)} {
		for fin := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
			vu, err := lancer("journal", "verifier", "--config", filepath.Join(s.repertoire(cle), "ecluse.toml"), "--locataire", partie)
			if err != nil {
				t.Fatalf("journal de %s : %v\n%s", partie, err, vu)
			}
			if !strings.Contains(vu, " 0 feuille") {
				break
			}
			if time.Now().After(fin) {
				t.Fatalf("aucune feuille au journal de %s", partie)
			}
		}
	}
	// The Moulin falls silent: its operator answers in its name, under its own seal, with
	// an accreditation of dépannage that lasts until tomorrow; directly, nobody answers.
	s.taire(monde.CleMoulin)
	p, k := o.assure(monde.CleMoulin)
	d := o.question(p, k)
	moulin := s.Monde.Assureur(monde.CleMoulin)
	k1 := o.cleDans(monde.CleOperateur, numeroOperateur)
	cles, err := droits.NouvellesCles([]droits.Cle{{Emetteur: lireOuEchouer(t, sante.ParseNumeroAMC, numeroOperateur), Kid: kidDe(t, k1), Usage: droits.PourAccreditation, Publique: k1}},
		[]droits.Mandat{{Operateur: lireOuEchouer(t, sante.ParseNumeroAMC, numeroOperateur), AMC: moulin.Numero, Depannages: true}})
	if err != nil {
		t.Fatal(err)
	}
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		c := o.client(face, monde.CleRelais)
		r, err := roc.Envoyer(context.Background(), c, droits.EchangeDroits, &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: moulin.Numero.String()},
			Structures: []string{moulin.IDNat, s.Monde.Operateur.IDNat}}, "1", d, roc.Suivi{})
		if err != nil || r.Corps.CodeRetour != visiodroits.Fournis || r.Repondant != s.Monde.Operateur.IDNat || r.Message.Enveloppe.Emetteur.ID != moulin.Numero.String() {
			t.Fatalf("%s : %+v, %v", face, r, err)
		}
		a, err := droits.VerifierAccreditation(r.Corps.Accreditation, cles, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if x := a.Accreditation(); x.Type != droits.Depannage || x.AMC != moulin.Numero || x.DroitsFin != d.DateReference+1 || x.DroitsFin != r.Corps.Etendue.Fin {
			t.Errorf("%s : %+v", face, x)
		}
		direct := o.client(face, "")
		direct.Delais.Essais = 1
		if r, err := o.demander(direct, monde.CleMoulin, d); !errors.Is(err, roc.ErrSansReponse) {
			t.Errorf("%s, sans relais : %+v, %v", face, r, err)
		}
	}
}
