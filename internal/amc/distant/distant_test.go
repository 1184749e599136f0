package distant_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/amc/amctest"
	"github.com/ecluse-sante/ecluse/internal/amc/distant"
	"github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// partie makes a key and its certificate, valid one day on each side.
func partie(t testing.TB) (*jades.Scelleur, []byte) {
	t.Helper()
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	modele := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "TEST"},
		NotBefore: amctest.Instant.Add(-24 * time.Hour), NotAfter: amctest.Instant.Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, modele, modele, &cle.PublicKey, cle)
	if err != nil {
		t.Fatal(err)
	}
	s, err := jades.NewScelleur(jades.Signataire{Certificat: der, Cle: cle})
	if err != nil {
		t.Fatal(err)
	}
	return s, der
}

// essai is a core system behind TLS and the portfolio that calls it.
type essai struct {
	coeur    *amctest.Coeur
	p        *distant.Portefeuille
	livres   *store.Store
	decalage atomic.Int64
	avant    atomic.Pointer[http.HandlerFunc] // set: answers in the place of the core system
}

func (e *essai) maintenant() time.Time { return amctest.Instant.Add(time.Duration(e.decalage.Load())) }

func monter(t *testing.T, b *bdd.Base, r distant.Reglages) *essai {
	t.Helper()
	e := &essai{livres: store.New(b, "essai")}
	nous, notre := partie(t)
	eux, leur := partie(t)
	e.coeur = &amctest.Coeur{Contrats: amctest.Contrats(), Personnes: amctest.Personnes(), Horloge: e.maintenant,
		Sceau: &distant.Jades{Scelleur: eux, Certificats: [][]byte{notre}}}
	serveur := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if f := e.avant.Load(); f != nil {
			(*f)(w, q)
			return
		}
		e.coeur.ServeHTTP(w, q)
	}))
	t.Cleanup(serveur.Close)
	r.Adresse = serveur.URL
	var err error
	e.p, err = distant.New(amctest.NumeroAMC, r, serveur.Client(), &distant.Jades{Scelleur: nous, Certificats: [][]byte{leur}}, e.livres.Contrats, e.maintenant)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// remplacer puts a misbehaving system in the place of the core.
func (e *essai) remplacer(f http.HandlerFunc) {
	if f == nil {
		e.avant.Store(nil)
		return
	}
	e.avant.Store(&f)
}

func (e *essai) chercher(adherent string) ([]amc.Beneficiaire, error) {
	n, err := sante.ParseNumeroAdherent(adherent)
	if err != nil {
		return nil, err
	}
	return e.p.Chercher(context.Background(), &amc.Critere{NumeroAdherent: n}, sante.JourA(amctest.Instant, sante.Paris()))
}

func TestPortefeuille(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		amctest.Portefeuille(t, func(t *testing.T) (amc.Portefeuille, amc.Contrats) {
			e := monter(t, b, distant.Reglages{})
			return e.p, e.livres.Contrats
		})
	}, store.Migrations)
}

// The rules do the same on a portfolio that lives elsewhere.
func TestSuite(t *testing.T) {
	amctest.Suite(t, func(t *testing.T) amctest.Livres {
		b := bddtest.Ouvrir(t, store.Migrations)
		e := monter(t, b, distant.Reglages{})
		ports := e.livres.Ports(nil)
		ports.Portefeuille = e.p
		return amctest.Livres{Ports: ports, Grouper: b.Grouper}
	})
}

func TestGarde(t *testing.T) {
	e := monter(t, bddtest.Ouvrir(t, store.Migrations), distant.Reglages{Garde: time.Minute})
	for _, adherent := range []string{"ADH0000001", "PERSONNE"} {
		avant := e.coeur.Appels.Load()
		for range 3 {
			if _, err := e.chercher(adherent); err != nil {
				t.Fatal(err)
			}
		}
		if n := e.coeur.Appels.Load() - avant; n != 1 {
			t.Errorf("%s: %d appels, 1 attendu", adherent, n)
		}
	}
	avant := e.coeur.Appels.Load()
	e.decalage.Add(int64(61 * time.Second))
	if _, err := e.chercher("ADH0000001"); err != nil || e.coeur.Appels.Load() != avant+1 {
		t.Errorf("après la garde: %v", err)
	}
}

func TestReponsesRefusees(t *testing.T) {
	e := monter(t, bddtest.Ouvrir(t, store.Migrations), distant.Reglages{Delai: 200 * time.Millisecond, Garde: -1, Echecs: 1000})
	intrus, _ := partie(t)
	lent := make(chan struct{})
	defer close(lent)
	// rejouer answers with what the core system says, changed.
	rejouer := func(changer func(corps []byte, sceau string) ([]byte, string)) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) {
			r := httptest.NewRecorder()
			e.coeur.ServeHTTP(r, q)
			corps, sceau := changer(r.Body.Bytes(), r.Header().Get(distant.EnteteSceau))
			w.Header().Set(distant.EnteteSceau, sceau)
			w.Write(corps)
		}
	}
	sceller := func(corps string) http.HandlerFunc {
		return rejouer(func([]byte, string) ([]byte, string) {
			s, err := e.coeur.Sceau.Sceller([]byte(corps), e.maintenant())
			if err != nil {
				t.Error(err)
			}
			return []byte(corps), s
		})
	}
	var ancien []byte
	var ancienSceau string
	e.remplacer(rejouer(func(c []byte, s string) ([]byte, string) { ancien, ancienSceau = c, s; return c, s }))
	if _, err := e.chercher("ADH0000001"); err != nil {
		t.Fatal(err)
	}
	for nom, f := range map[string]http.HandlerFunc{
		"sans sceau":       rejouer(func(c []byte, _ string) ([]byte, string) { return c, "" }),
		"un octet changé":  rejouer(func(c []byte, s string) ([]byte, string) { c[len(c)/2] ^= 1; return c, s }),
		"réponse rejouée":  rejouer(func([]byte, string) ([]byte, string) { return ancien, ancienSceau }),
		"autre certificat": rejouer(func(c []byte, _ string) ([]byte, string) { s, _ := intrus.Sceller(c, e.maintenant()); return c, s }),
		"vieux sceau": rejouer(func(c []byte, _ string) ([]byte, string) {
			s, _ := e.coeur.Sceau.Sceller(c, e.maintenant().Add(-6*time.Minute))
			return c, s
		}),
		"pas canonique": sceller(`{ "beneficiaires":[]}`),
		"champ inconnu": sceller(`{"adresse":"x"}`),
		"statut 500":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"redirection": func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "https://127.0.0.1:1/", http.StatusTemporaryRedirect)
		},
		"trop long": func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(strings.Repeat(" ", 2<<20))) },
		"coupée": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			w.Write([]byte("{"))
		},
		"lent": func(_ http.ResponseWriter, q *http.Request) {
			select {
			case <-lent:
			case <-q.Context().Done():
			}
		},
		"connexion fermée":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"personne sans nom": func(w http.ResponseWriter, q *http.Request) { e.sansNom(w, q) },
	} {
		e.remplacer(f)
		l, err := e.chercher("ADH0000001")
		if !errors.Is(err, amc.ErrIndisponible) || l != nil {
			t.Errorf("%s: %v", nom, err)
		}
		if err != nil && strings.Contains(err.Error(), "ADH0000001") {
			t.Errorf("%s: l'erreur dit l'adhérent", nom)
		}
	}
}

// sansNom answers with a person that cannot be one.
func (e *essai) sansNom(w http.ResponseWriter, q *http.Request) {
	autre := &amctest.Coeur{Contrats: e.coeur.Contrats, Personnes: amctest.Personnes()[:1], Sceau: e.coeur.Sceau, Horloge: e.coeur.Horloge}
	autre.Personnes[0].NomNaissance = ""
	autre.ServeHTTP(w, q)
}

// After failures in a row the core system is left alone, then tried once.
func TestDisjoncteur(t *testing.T) {
	b := bddtest.Ouvrir(t, store.Migrations)
	e := monter(t, b, distant.Reglages{Echecs: 3, Garde: -1})
	panne := atomic.Int64{}
	e.remplacer(func(w http.ResponseWriter, _ *http.Request) { panne.Add(1); w.WriteHeader(503) })
	for range 10 {
		if _, err := e.chercher("ADH0000001"); !errors.Is(err, amc.ErrIndisponible) {
			t.Fatal(err)
		}
	}
	if n := panne.Load(); n != 3 || e.p.Disponible() {
		t.Errorf("%d appels à un système en panne, 3 attendus ; disponible: %v", n, e.p.Disponible())
	}
	e.decalage.Add(int64(11 * time.Second))
	if _, err := e.chercher("ADH0000001"); !errors.Is(err, amc.ErrIndisponible) || panne.Load() != 4 {
		t.Errorf("essai après le repos: %v, %d appels", err, panne.Load())
	}
	if _, err := e.chercher("ADH0000001"); !errors.Is(err, amc.ErrIndisponible) || panne.Load() != 4 {
		t.Errorf("l'essai a échoué, il fallait un autre repos: %d appels", panne.Load())
	}
	e.remplacer(nil)
	e.decalage.Add(int64(11 * time.Second))
	for range 2 {
		if l, err := e.chercher("ADH0000001"); err != nil || len(l) != 1 || !e.p.Disponible() {
			t.Errorf("système revenu: %v", err)
		}
	}
}

// A caller who leaves does not count as a failure of the core system.
func TestAppelantParti(t *testing.T) {
	e := monter(t, bddtest.Ouvrir(t, store.Migrations), distant.Reglages{Echecs: 1, Garde: -1})
	ctx, annuler := context.WithCancel(context.Background())
	e.remplacer(func(_ http.ResponseWriter, q *http.Request) {
		io.Copy(io.Discard, q.Body) // only then does the server see the caller leave
		annuler()
		<-q.Context().Done()
	})
	if _, err := e.p.Chercher(ctx, &amc.Critere{}, 1); !errors.Is(err, context.Canceled) || !e.p.Disponible() {
		t.Errorf("%v, disponible: %v", err, e.p.Disponible())
	}
}

// When the core system does not answer, IDB is a technical refusal that can be
// tried again, CLC goes on, and the state says so.
func TestPanne(t *testing.T) {
	b := bddtest.Ouvrir(t, store.Migrations)
	e := monter(t, b, distant.Reglages{Echecs: 1, Garde: -1})
	ports := e.livres.Ports(nil)
	ports.Portefeuille = e.p
	banc := amctest.New(t, amctest.Livres{Ports: ports, Grouper: b.Grouper}, amctest.Reglages())
	d := amctest.Consultation(amctest.Situation("confort"))
	banc.Citer("D1", d)
	e.remplacer(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	var refus *roc.Refus
	_, err := amctest.Demander(banc, roc.EchangeIDB, amctest.Enveloppe(roc.IDB, "D2", amctest.Instant), &roc.DemandeIDB{Entete: d.Entete}, banc.IDB)
	if !errors.As(err, &refus) || refus.Code != roc.DelaiInterne {
		t.Errorf("IDB: %v", err)
	}
	if r := amctest.Poser(banc, roc.EchangeCLC, "D1", d, banc.CLC); r.CodeRetour != roc.Accepte {
		t.Errorf("CLC: %s", r.CodeRetour)
	}
	r := amctest.Poser(banc, roc.EchangeEtat, "D1", &roc.DemandeEtat{}, banc.Etat)
	if r.Etat != roc.Degrade {
		t.Errorf("état: %s", r.Etat)
	}
}

func TestReglages(t *testing.T) {
	for _, adresse := range []string{"", "http://127.0.0.1/", "https://", "https://moi:secret@127.0.0.1/"} {
		if _, err := distant.New(amctest.NumeroAMC, distant.Reglages{Adresse: adresse}, http.DefaultClient, nil, nil, nil); !errors.Is(err, distant.ErrReglages) {
			t.Errorf("%q: %v", adresse, err)
		}
	}
}
