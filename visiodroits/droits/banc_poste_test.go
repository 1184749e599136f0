package droits_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

const (
	mutuelleNo  = "99000101"
	operateurNo = "88000001"
	autreNo     = "99000202"

	structureMutuelle  = "2999100803"
	structureOperateur = "2999100209"
	structureOCT       = "2999100308"
	structureIntrus    = "2999100407"
)

// ville is a pharmacy and what it may ask: an insurer, its operator, a concentrator, each
// a TLS port and what a test answers. Certificates, TLS, seals, signatures are real.
type ville struct {
	*gatetest.Labo
	t                          *testing.T
	mutuelle, otp, oct, intrus *gatetest.Partie
	cleMutuelle, cleOTP        *ecdsa.PrivateKey
	cleLAR                     *ecdsa.PrivateKey
	service, concentrateur     *guichet
	miroir                     *guichet // never answers rights; a witness

	mu     sync.Mutex
	coupes map[string]error // by host:port: how it cannot be joined
	voies  []*roc.Transport
}

// guichet is a port and how it answers.
type guichet struct {
	v                *ville
	adresse, epingle string
	mu               sync.Mutex
	repondre         func(*question) rendu
	recues           []droits.DemandeDroits
	compter          func(*questionCompteurs) rendu
	comptees         []visiodroits.Statistiques
	facturer         func(*droits.LotOfficine) *droits.ReponseFactures // nil hangs up
}

// questionCompteurs are counters as a guichet read them.
type questionCompteurs struct {
	question // to seal and refuse
	s        *visiodroits.Statistiques
}

// retenir says that so many lines were kept.
func (q *questionCompteurs) retenir(n int) rendu {
	r := &droits.AccuseStatistiques{Retour: visiodroits.RetourDe(visiodroits.Fournis, ""), Retenues: n}
	return q.sceller(q.v.mutuelle, droits.EchangeStatistiques.Reponse.AppendJSON(nil, &roc.Message[droits.AccuseStatistiques]{Enveloppe: q.envelopper(), Corps: r}), http.StatusOK)
}

func (g *guichet) surCompteurs(f func(*questionCompteurs) rendu) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.compter = f
}

// compteurs are those that came, since the last call.
func (g *guichet) compteurs() []visiodroits.Statistiques {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.comptees
	g.comptees = nil
	return l
}

// direCompteurs keeps counters as an insurer does; a concentrator carries them to it.
func (g *guichet) direCompteurs(brut []byte) rendu {
	m := new(roc.Message[visiodroits.Statistiques])
	if err := droits.EchangeStatistiques.Demande.DecodeJSON(brut, m); err != nil {
		return rendu{http.StatusBadRequest, []byte(err.Error()), "text/plain"}
	}
	q := &questionCompteurs{question{g.v, sceau.REST, &roc.Message[droits.DemandeDroits]{Enveloppe: m.Enveloppe}, sha256.Sum256(brut)}, m.Corps}
	g.mu.Lock()
	f := g.compter
	g.comptees = append(g.comptees, *m.Corps)
	g.mu.Unlock()
	if f == nil {
		return q.retenir(len(m.Corps.Lignes))
	}
	return f(q)
}

// question is a question as a guichet read it.
type question struct {
	v         *ville
	face      sceau.Face
	m         *roc.Message[droits.DemandeDroits]
	empreinte [32]byte
}

// rendu is what a guichet sends back; the zero value hangs up.
type rendu struct {
	code  int
	corps []byte
	genre string
}

func obtenirT[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func cleP256(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	return obtenirT[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
}

func numeroAMC(t testing.TB, s string) sante.NumeroAMC {
	t.Helper()
	return obtenirT[sante.NumeroAMC](t)(sante.ParseNumeroAMC(s))
}

func nouvelleVille(t *testing.T) *ville {
	v := &ville{Labo: gatetest.New(t), t: t, coupes: map[string]error{}, cleMutuelle: cleP256(t), cleOTP: cleP256(t), cleLAR: cleP256(t)}
	v.mutuelle, v.otp = v.Partie(t, structureMutuelle, "MUTUELLE D'ESSAI"), v.Partie(t, structureOperateur, "OPÉRATEUR D'ESSAI")
	v.oct, v.intrus = v.Partie(t, structureOCT, "OCT D'ESSAI"), v.Partie(t, structureIntrus, "INTRUS D'ESSAI")
	v.service, v.concentrateur, v.miroir = v.ouvrir(), v.ouvrir(), v.ouvrir()
	v.concentrateur.repondre = func(q *question) rendu { return v.service.dire(q) } // carries
	return v
}

func (v *ville) ouvrir() *guichet {
	v.t.Helper()
	return v.porte(tls.NoClientCert, nil)
}

// porte is a server, that answers otherwise than a service when gerer says how.
func (v *ville) porte(client tls.ClientAuthType, gerer http.HandlerFunc) *guichet {
	t := v.t
	t.Helper()
	e, err := v.IGC.Emettre(context.Background(), igc.Demande{Profil: igc.ProfilServSSL, Par: "essai", DNS: []string{"localhost"}, IP: []net.IP{net.IPv4(127, 0, 0, 1)},
		Sujet: igc.Sujet{Organisation: "SERVEUR D'ESSAI", Structure: structureMutuelle, CN: "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	ecoute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := sha256.Sum256(e.Certificat.Raw)
	g := &guichet{v: v, adresse: "https://" + ecoute.Addr().String(), epingle: hex.EncodeToString(d[:]), repondre: func(q *question) rendu { return q.fournir(nil) }}
	s := &http.Server{Handler: g, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{ClientAuth: client, Certificates: []tls.Certificate{{Certificate: [][]byte{e.Certificat.Raw, e.Chaine[0]}, PrivateKey: e.Cle}}}}
	if gerer != nil {
		s.Handler = gerer
	}
	go s.ServeTLS(ecoute, "", "")
	t.Cleanup(func() { s.Close() })
	return g
}

func (g *guichet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet { // it publishes no list
		http.NotFound(w, r)
		return
	}
	brut, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	q := &question{v: g.v, face: sceau.REST, m: new(roc.Message[droits.DemandeDroits])}
	if contenu, ok := bytes.CutPrefix(brut, []byte(`{"message":`)); err == nil && ok {
		brut = bytes.TrimSuffix(contenu, []byte(`}`))
		switch r.URL.Path {
		case droits.Norme.Chemin(roc.STA):
			g.rendre(w, g.direCompteurs(brut))
			return
		case droits.Norme.Chemin(roc.FAO):
			g.rendre(w, g.direFactures(brut))
			return
		}
		err = droits.EchangeDroits.Demande.DecodeJSON(brut, q.m)
	}
	if err != nil {
		http.Error(w, "illisible", http.StatusBadRequest)
		return
	}
	q.empreinte = sha256.Sum256(brut)
	g.mu.Lock()
	g.recues = append(g.recues, *q.m.Corps)
	g.mu.Unlock()
	g.rendre(w, g.dire(q))
}

func (g *guichet) rendre(w http.ResponseWriter, x rendu) {
	if x.code == 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", x.genre)
	w.WriteHeader(x.code)
	w.Write(x.corps)
}

func (g *guichet) dire(q *question) rendu {
	g.mu.Lock()
	f := g.repondre
	g.mu.Unlock()
	return f(q)
}

func (g *guichet) sur(f func(*question) rendu) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.repondre = f
}

// derniere is the last question that came.
func (g *guichet) derniere() droits.DemandeDroits {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.recues[len(g.recues)-1]
}

func (q *question) envelopper() roc.Enveloppe {
	e := q.m.Enveloppe
	e.Sens, e.IDMessage, e.Horodatage = roc.Reponse, roc.NouvelUUID(), q.v.Horloge()
	e.Emetteur, e.Destinataire = e.Destinataire, e.Emetteur
	e.EmpreinteQuestion = sceau.EmpreinteTexte(q.empreinte)
	return e
}

func (q *question) sceller(par *gatetest.Partie, json []byte, code int) rendu {
	s, err := par.Cachet.REST(json, nil, q.v.Horloge())
	if err != nil {
		q.v.t.Error(err)
	}
	return rendu{code: code, corps: s.Octets, genre: "application/json"}
}

func (q *question) repondre(par *gatetest.Partie, f *droits.FournitDroits) rendu {
	return q.sceller(par, droits.EchangeDroits.Reponse.AppendJSON(nil, &roc.Message[droits.FournitDroits]{Enveloppe: q.envelopper(), Corps: f}), http.StatusOK)
}

// dit answers a code and its state.
func (q *question) dit(par *gatetest.Partie, c visiodroits.Code) rendu {
	return q.repondre(par, &droits.FournitDroits{Retour: visiodroits.RetourDe(c, ""), Etat: etatDe(c)})
}

func etatDe(c visiodroits.Code) droits.Etat {
	switch {
	case c == visiodroits.Inchanges:
		return droits.NonModifie
	case c == visiodroits.ServiceNonOuvert:
		return droits.ServiceNonOuvert
	case c.Degrade():
		return droits.Indisponible
	case c == visiodroits.DroitsFermes:
		return droits.Ferme
	}
	return droits.Inconnu
}

// refuse answers a technical refusal.
func (q *question) refuse(par *gatetest.Partie, c roc.Code) rendu {
	m := &roc.Message[roc.CorpsRefus]{Enveloppe: q.envelopper(), Corps: &roc.CorpsRefus{Retour: roc.RetourDe(c, ""), NumeroDemande: "N1"}}
	return q.sceller(par, roc.PlanRefus.AppendJSON(nil, m), http.StatusServiceUnavailable)
}

// donne is an accreditation about to be signed, that a test may spoil.
type donne struct {
	a    droits.Accreditation
	e    droits.Etendue
	cle  *ecdsa.PrivateKey
	kid  string
	par  *gatetest.Partie
	code visiodroits.Code
}

// fournir gives the rights of the month around today, that changer may spoil.
func (q *question) fournir(changer func(*donne)) rendu {
	t, d := q.v.t, q.m.Corps
	jour := sante.JourA(q.v.Horloge(), sante.Paris())
	x := &donne{cle: q.v.cleMutuelle, kid: "m1", par: q.v.mutuelle, code: visiodroits.Fournis}
	x.e = etendue(t, numeroAMC(t, mutuelleNo), jour-10, jour+20)
	x.a = droits.Accreditation{AMC: x.e.NumeroAMC, Emission: q.v.Horloge(), DroitsDebut: x.e.Debut, DroitsFin: x.e.Fin,
		Numero:    obtenirT[droits.NumeroAccreditation](t)(droits.TirerNumeroAccreditation(x.e.NumeroAMC, droits.Normale, nil)),
		Perimetre: droits.Perimetre{Categorie: string(d.PS.Categorie)}}
	if changer != nil {
		changer(x)
	}
	if x.a.Beneficiaire.IsZero() {
		x.a.Beneficiaire = droits.Personne{NumeroAdherent: d.Patient.NumeroAdherent, DateNaissance: d.Patient.DateNaissance, RangGemellaire: d.Patient.RangGemellaire}.Empreinte(x.a.Numero)
	}
	x.a.DroitsDebut, x.a.DroitsFin = x.e.Debut, x.e.Fin
	if x.a.Garanties.IsZero() {
		x.a.Garanties = droits.EmpreinteGaranties(x.e.JSON())
	}
	s, err := droits.SignerAccreditation(x.a, x.kid, x.cle)
	if err != nil {
		t.Error(err)
	}
	return q.repondre(x.par, &droits.FournitDroits{Retour: visiodroits.RetourDe(x.code, ""), Etat: droits.Ouvert, Accreditation: s.Jeton(),
		DateMAJ: s.Accreditation().Emission, Etendue: &x.e})
}

// depannage makes what the operator gives while the insurer is silent.
func (q *question) depannage(x *donne) {
	x.cle, x.kid, x.par = q.v.cleOTP, "o1", q.v.otp
	x.a.Numero = obtenirT[droits.NumeroAccreditation](q.v.t)(droits.TirerNumeroAccreditation(numeroAMC(q.v.t, operateurNo), droits.Depannage, nil))
	x.e.Debut = sante.JourA(q.v.Horloge(), sante.Paris())
	x.e.Fin = droits.FinDepannage(q.v.Horloge())
}

func etendue(t testing.TB, amc sante.NumeroAMC, debut, fin sante.Jour) droits.Etendue {
	t.Helper()
	return droits.Etendue{Debut: debut, Fin: fin, NumeroAMC: amc, Convention: "VILLE", Type: roc.ContratIndividuel, Responsable: true,
		Garanties: []calcul.Garantie{{Code: "MEDICAMENTS", Famille: calcul.FamilleMED, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F01})}}}
}

// couper makes servers unreachable; none mends all.
func (v *ville) couper(comment error, l ...*guichet) {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.coupes)
	for _, t := range v.voies { // a link that is cut leaves no connection
		t.Fermer()
	}
	for _, g := range l {
		v.coupes[g.adresse[len("https://"):]] = comment
	}
}

var (
	sansRoute = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}
	refusee   = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
)

func (v *ville) composer(ctx context.Context, reseau, adresse string) (net.Conn, error) {
	v.mu.Lock()
	err := v.coupes[adresse]
	v.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, reseau, adresse)
}

// transport has no connection left from before a link was cut.
func (v *ville) transport() *roc.Transport {
	t := roc.NewTransport(nil, v.Magasin, v.Horloge)
	t.Composer(v.composer)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.voies = append(v.voies, t)
	v.t.Cleanup(t.Fermer)
	return t
}

// entree is the service of rights of the insurer in the lists.
func (v *ville) entree(f ...func(*visiodroits.EntreeService)) visiodroits.EntreeService {
	jour := sante.JourA(v.Horloge(), sante.Paris())
	e := visiodroits.EntreeService{NumeroAMC: numeroAMC(v.t, mutuelleNo), Libelle: "MUTUELLE FICTIVE", Service: visiodroits.DLD, Statut: visiodroits.Ouvert,
		Adresse: v.service.adresse, Version: droits.Norme.Profil, Debut: jour - 100, NbJoursTolerance: 15, Structures: []visiodroits.Structure{structureMutuelle}}
	for _, f := range f {
		f(&e)
	}
	return e
}

// porteParOperateur says that the operator carries to the insurer, and may accredit in its place.
func porteParOperateur(e *visiodroits.EntreeService) {
	e.ModeDroits = visiodroits.NonHeberge
	e.DepannageMandat = &visiodroits.Mandat{Operateur: operateurNo, Debut: e.Debut, Structure: structureOperateur}
}

func nonOuvert(e *visiodroits.EntreeService) {
	*e = visiodroits.EntreeService{NumeroAMC: e.NumeroAMC, Libelle: e.Libelle, Service: e.Service, Statut: visiodroits.NonOuvert, Debut: e.Debut}
}

// listes seals the lists of services and keys of the operator, at the instant of the town.
func (v *ville) listes(numero int64, l ...visiodroits.EntreeService) [][]byte {
	v.t.Helper()
	return v.listesJusque(numero, 24*time.Hour, l...)
}

// listesJusque promises the next ones after a while.
func (v *ville) listesJusque(numero int64, terme time.Duration, l ...visiodroits.EntreeService) [][]byte {
	v.t.Helper()
	a := v.Horloge()
	h := visiodroits.EnTete{Emetteur: operateurNo, Numero: numero, DateEmission: a, ProchaineEmission: a.Add(terme)}
	s := obtenirT[*visiodroits.Liste[visiodroits.EntreeService]](v.t)(visiodroits.Complete(h, l))
	cle := func(kid visiodroits.Kid, qui visiodroits.Emetteur, u visiodroits.UsageCle, k *ecdsa.PrivateKey) visiodroits.CleEmetteur {
		j := obtenirT[visiodroits.JWK](v.t)(visiodroits.JWKDe(&k.PublicKey))
		return visiodroits.CleEmetteur{Kid: kid, Titulaire: qui, Usage: u, JWK: j, Debut: a.AddDate(0, -1, 0), Fin: a.AddDate(1, 0, 0)}
	}
	k := obtenirT[*visiodroits.Liste[visiodroits.CleEmetteur]](v.t)(visiodroits.Complete(h, []visiodroits.CleEmetteur{
		cle("m1", mutuelleNo, visiodroits.PourAccreditation, v.cleMutuelle), cle("l1", mutuelleNo, visiodroits.PourLAR, v.cleLAR),
		cle("o1", operateurNo, visiodroits.PourAccreditation, v.cleOTP)}))
	return [][]byte{obtenirT[[]byte](v.t)(s.Sceller(v.otp.Cachet)), obtenirT[[]byte](v.t)(k.Sceller(v.otp.Cachet))}
}

func (v *ville) classeur(listes ...[]byte) *visiodroits.Classeur {
	v.t.Helper()
	a := func(g visiodroits.Genre) visiodroits.Attendu {
		return visiodroits.Attendu{Genre: g, Emetteur: operateurNo, Structures: []string{structureOperateur}}
	}
	c := obtenirT[*visiodroits.Classeur](v.t)(visiodroits.NouveauClasseur(v.Magasin, a(visiodroits.GenreServices), a(visiodroits.GenreCertificats)))
	for _, l := range listes {
		if _, err := c.Deposer(l, v.Horloge()); err != nil {
			v.t.Fatal(err)
		}
	}
	return c
}

func (v *ville) magasin() *droits.Magasin {
	v.t.Helper()
	m := obtenirT[*droits.Magasin](v.t)(droits.OuvrirMagasin(filepath.Join(v.t.TempDir(), "officine.ecluse"), droits.OptionsMagasin{Cle: bytes.Repeat([]byte{7}, 32)}))
	v.t.Cleanup(func() { m.Fermer() })
	return m
}

func (v *ville) options(c *visiodroits.Classeur) droits.OptionsPoste {
	return droits.OptionsPoste{Environnement: roc.Test, Juge: v.Magasin, Classeur: c, Magasin: v.magasin(), Transport: v.transport(), Horloge: v.Horloge, Essais: 1,
		Miroirs: []string{v.miroir.adresse},
		PS:      droits.Professionnel{NumeroFacturation: obtenirT[sante.NumeroFacturation](v.t)(sante.ParseNumeroFacturation("752000012")), Categorie: droits.Pharmacie}}
}

func (v *ville) parOCT(o *droits.OptionsPoste) {
	o.OCT = &droits.OCT{Adresse: v.concentrateur.adresse, Structure: structureOCT}
}

func (v *ville) poste(o droits.OptionsPoste) *droits.Poste {
	v.t.Helper()
	return obtenirT[*droits.Poste](v.t)(droits.NouveauPoste(o))
}

// patient is the n-th of the town, and his card.
func (v *ville) patient(n int) (droits.Patient, droits.Carte) {
	v.t.Helper()
	return droits.Patient{NumeroAdherent: obtenirT[sante.NumeroAdherent](v.t)(sante.ParseNumeroAdherent(fmt.Sprintf("MB%07d", n))),
			DateNaissance: obtenirT[sante.DateNaissance](v.t)(sante.ParseDateNaissance("19850199")), RangGemellaire: 1},
		droits.Carte{NumeroAMC: numeroAMC(v.t, mutuelleNo)}
}

func (v *ville) droits(p *droits.Poste, n int) *droits.Vente {
	v.t.Helper()
	patient, carte := v.patient(n)
	return obtenirT[*droits.Vente](v.t)(p.Droits(context.Background(), patient, carte, 0))
}
