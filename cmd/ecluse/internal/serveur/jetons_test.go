package serveur

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// bancJetons is a third party that believes one insurer, whose open door is a test's.
type bancJetons struct {
	*EmetteursJetons
	t        *testing.T
	id       *sceautest.Identite
	a        atomic.Int64
	numero   int64
	mu       sync.Mutex
	cles     []visiodroits.CleEmetteur
	liste    []byte
	panne    bool
	lectures int
	entre    chan struct{} // when set, a reading tells, then waits for suite
	suite    chan struct{}
}

const amcJetons = visiodroits.Emetteur("99000101")

func nouveauBancJetons(t *testing.T) *bancJetons {
	b := &bancJetons{t: t}
	b.a.Store(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC).UnixNano())
	b.id = sceautest.New(t, "2999101306", b.horloge())
	srv := httptest.NewServer(http.HandlerFunc(b.servir))
	t.Cleanup(srv.Close)
	classeur, err := visiodroits.NouveauClasseur(b.id.Juge, visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: amcJetons,
		Structures: []string{"2999101306"}, Pour: []visiodroits.Emetteur{amcJetons}})
	if err != nil {
		t.Fatal(err)
	}
	magasin, err := droits.OuvrirMagasin(filepath.Join(t.TempDir(), "listes.ecluse"), droits.OptionsMagasin{Cle: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { magasin.Fermer() })
	veille, err := droits.NouvelleVeille(droits.OptionsVeille{Classeur: classeur, Magasin: magasin, Horloge: b.horloge, Periode: relireListes, Cadence: cadenceCles,
		MiroirsDe: map[visiodroits.Emetteur][]string{amcJetons: {srv.URL}}})
	if err != nil {
		t.Fatal(err)
	}
	b.EmetteursJetons = &EmetteursJetons{veille: veille, Classeur: classeur, signent: map[string][]visiodroits.Emetteur{b.amc().Sur10(): {amcJetons}}, horloge: b.horloge}
	return b
}

func (b *bancJetons) horloge() time.Time { return time.Unix(0, b.a.Load()).UTC() }

func (b *bancJetons) passe(d time.Duration) { b.a.Add(int64(d)) }

func (b *bancJetons) amc() sante.NumeroAMC {
	n, err := sante.ParseNumeroAMC(string(amcJetons))
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bancJetons) Fermer(oui bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.panne = oui
}

func (b *bancJetons) lues() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lectures
}

func (b *bancJetons) servir(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.lectures++
	entre, suite, panne, liste := b.entre, b.suite, b.panne, b.liste
	b.mu.Unlock()
	if entre != nil {
		entre <- struct{}{}
		<-suite
	}
	switch {
	case panne:
		http.Error(w, "non", http.StatusServiceUnavailable)
	case strings.Contains(r.URL.Path, "/depuis/"):
		http.NotFound(w, r)
	default:
		w.Write(liste)
	}
}

// cle makes a key that the insurer publishes with its others.
func (b *bancJetons) cle(publier bool) string {
	b.t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	j, err := visiodroits.JWKDe(&k.PublicKey)
	if err != nil {
		b.t.Fatal(err)
	}
	if !publier {
		return string(j.Empreinte())
	}
	// The relay of keys is of thirty days: each begins a month after the one before.
	debut := b.horloge().AddDate(0, -12+len(b.cles), 0)
	b.cles = append(b.cles, visiodroits.CleEmetteur{Kid: j.Empreinte(), Titulaire: amcJetons, Usage: visiodroits.PourAccreditation, JWK: j, Debut: debut, Fin: debut.AddDate(2, 0, 0)})
	b.numero++
	l, err := visiodroits.Complete(visiodroits.EnTete{Emetteur: amcJetons, Numero: b.numero, DateEmission: b.horloge(), ProchaineEmission: b.horloge().Add(48 * time.Hour), Exhaustive: true}, b.cles)
	if err != nil {
		b.t.Fatal(err)
	}
	octets, err := l.Sceller(b.id.Cachet)
	if err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	b.liste = octets
	b.mu.Unlock()
	return string(j.Empreinte())
}

func (b *bancJetons) attendre(cas, kid string, want error) {
	b.t.Helper()
	k, err := b.Cle(context.Background(), b.amc(), kid)
	if !errors.Is(err, want) || (k == nil) != (want != nil) || want == tarif.ErrAcces && errors.Is(err, tarif.ErrJeton) {
		b.t.Errorf("%s : %v, attendu %v", cas, err, want)
	}
}

// Forged tokens, one a minute or one a second, neither make the tokens of a new key refused
// nor have the insurer's door read without end.
func TestJetonsForgesEtCleNouvelle(t *testing.T) {
	for _, pas := range []time.Duration{time.Second, time.Minute} {
		b := nouveauBancJetons(t)
		premiere := b.cle(true)
		b.attendre("la première, avant toute lecture", premiere, nil)
		const duree = 2 * time.Hour
		for range duree / pas {
			b.passe(pas)
			if _, err := b.Cle(context.Background(), b.amc(), b.cle(false)); !errors.Is(err, tarif.ErrAcces) && !errors.Is(err, tarif.ErrJeton) {
				t.Fatal(err)
			}
		}
		if max := 2 * int(duree/cadenceCles+2); b.lues() > max { // each asks what changed, then the whole list
			t.Errorf("un jeton forgé par %s : %d lectures, %d au plus", pas, b.lues(), max)
		}
		nouvelle := b.cle(true)
		b.passe(time.Second)
		if _, err := b.Cle(context.Background(), b.amc(), nouvelle); err != nil && (!errors.Is(err, tarif.ErrAcces) || errors.Is(err, tarif.ErrJeton)) {
			t.Errorf("un bon jeton d'une clé pas encore lue est dit faux : %v", err)
		}
		b.passe(cadenceCles)
		b.attendre("la nouvelle, une demi-minute après", nouvelle, nil)
	}
}

// An unknown key is a no only once the list was read for it; a key that lists know for
// something else is one at once.
func TestCleInconnueNonRelue(t *testing.T) {
	b := nouveauBancJetons(t)
	connue, inconnue := b.cle(true), b.cle(false)
	b.attendre("connue", connue, nil)
	b.attendre("inconnue, la liste lue à l'instant", inconnue, tarif.ErrAcces)
	b.passe(cadenceCles)
	b.attendre("inconnue, la liste relue", inconnue, tarif.ErrNomInconnu)
	b.passe(cadenceCles)
	b.Fermer(true)
	b.attendre("inconnue, la porte fermée", inconnue, tarif.ErrAcces)
	b.attendre("connue, la porte fermée", connue, nil)
	b.Fermer(false)
	b.passe(cadenceCles)
	b.cles[0].Fin = b.horloge().Add(-time.Minute)
	b.cle(true)
	b.attendre("d'un autre nom, qui fait relire", inconnue, tarif.ErrNomInconnu)
	avant := b.lues()
	b.attendre("connue, finie", connue, tarif.ErrJeton)
	if b.lues() != avant {
		t.Error("une clé que la liste dit finie la fait relire")
	}
}

// The reading is nobody's: an asker who leaves does not end it, another who comes meanwhile has
// its fruit.
func TestLectureSansDemandeur(t *testing.T) {
	b := nouveauBancJetons(t)
	b.attendre("la première", b.cle(true), nil)
	b.passe(cadenceCles)
	nouvelle := b.cle(true)
	b.mu.Lock()
	b.entre, b.suite = make(chan struct{}), make(chan struct{})
	b.mu.Unlock()
	ctx, partir := context.WithCancel(context.Background())
	parti := make(chan error, 1)
	go func() {
		_, err := b.Cle(ctx, b.amc(), nouvelle)
		parti <- err
	}()
	<-b.entre
	partir()
	if err := <-parti; !errors.Is(err, context.Canceled) {
		t.Errorf("qui s'en va attend encore : %v", err)
	}
	servi := make(chan error, 1)
	go func() {
		_, err := b.Cle(context.Background(), b.amc(), nouvelle)
		servi <- err
	}()
	b.suite <- struct{}{} // what changed since the list held: not there
	<-b.entre
	b.suite <- struct{}{}
	select {
	case err := <-servi:
		if err != nil {
			t.Errorf("qui reste : %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("qui reste n'a pas de réponse")
	}
}
