package store

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// A restart publishes again what was published, under the same number and the same
// instant; what changes, or is due, has the next number. A key is published to its end.
func TestEditions(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		id := sceautest.New(t, "2999100803", b.instant)
		entree := visiodroits.EntreeService{NumeroAMC: lu(t, sante.ParseNumeroAMC, "99000001"), Libelle: "MUTUELLE", Service: visiodroits.DLD, Statut: visiodroits.NonOuvert, Debut: b.jour() - 100}
		etat := visiodroits.Operationnel
		demarrer := func() *accreditation.Annonceur {
			return &accreditation.Annonceur{Emetteur: "99000001", Editions: b.p, Kiosque: &visiodroits.Kiosque{}, Cachet: func() *sceau.Cachet { return id.Cachet },
				Services: func() []visiodroits.EntreeService { return []visiodroits.EntreeService{entree} }, Horloge: func() time.Time { return b.instant },
				Etats: func(time.Time) []visiodroits.EtatService {
					return []visiodroits.EtatService{{NumeroAMC: entree.NumeroAMC, Etat: etat}}
				}}
		}
		x := demarrer()
		kid, err := accreditation.Kid(&b.cle.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a start, then another
			if err := x.Signer(ctx, kid, droits.PourAccreditation, &b.cle.PublicKey); err != nil {
				t.Fatal(err)
			}
		}
		publier := func(services, etats, cles int64) {
			t.Helper()
			if err := x.Publier(ctx); err != nil {
				t.Fatal(err)
			}
			for g, want := range map[visiodroits.Genre]int64{visiodroits.GenreServices: services, visiodroits.GenreEtat: etats, visiodroits.GenreCertificats: cles} {
				if p, err := x.Kiosque.Courante(ctx, g, "99000001", b.instant); err != nil || p.Numero != want {
					t.Errorf("%s : n° %d, %v ; attendu %d", g, p.Numero, err, want)
				}
			}
		}
		publier(1, 1, 1)
		publier(1, 1, 1)
		avant, err := x.Kiosque.Courante(ctx, visiodroits.GenreServices, "99000001", b.instant)
		if err != nil {
			t.Fatal(err)
		}
		b.instant = b.instant.Add(time.Minute)
		x = demarrer()
		publier(1, 1, 1)
		if p, err := x.Kiosque.Courante(ctx, visiodroits.GenreServices, "99000001", b.instant); err != nil || !p.Emission.Equal(avant.Emission) {
			t.Errorf("après un redémarrage : %v, %v", p.Emission, err)
		}
		etat = visiodroits.Ralenti
		publier(1, 2, 1)
		b.instant = b.instant.Add(3 * time.Minute)
		publier(1, 3, 1)
		entree.Libelle = "MUTUELLE RENOMMÉE"
		publier(2, 3, 1)
		b.instant = b.instant.Add(13 * time.Hour)
		publier(3, 4, 1)
		// Two nodes: the second sees the number taken, and publishes that edition next.
		if err := b.p.Paraitre(ctx, visiodroits.GenreEtat, accreditation.Edition{Numero: 4, Emission: b.instant, Empreinte: "x"}); !errors.Is(err, accreditation.ErrPubliee) {
			t.Errorf("édition déjà parue : %v", err)
		}
		if l, err := b.p.Cles(ctx, b.instant.AddDate(3, 0, 0)); err != nil || len(l) != 0 {
			t.Errorf("clés finies encore données : %v, %v", l, err)
		}
	})
}

// A key that a node makes for itself is the first of its purpose, or is not: the nodes of an
// issuer sign by one key. One that is brought takes the place of the former.
func TestCleUnique(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		x := &accreditation.Annonceur{Emetteur: "99000001", Editions: b.p, Horloge: func() time.Time { return b.instant }}
		neuve := func() (string, *ecdsa.PublicKey) {
			k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			kid, err := accreditation.Kid(&k.PublicKey)
			if err != nil {
				t.Fatal(err)
			}
			return kid, &k.PublicKey
		}
		compter := func(want int) {
			t.Helper()
			if l, err := b.p.Cles(ctx, b.instant); err != nil || len(l) != want {
				t.Fatalf("%d clés, %v ; %d attendues", len(l), err, want)
			}
		}
		kid, k := neuve()
		for _, u := range []droits.UsageCle{droits.PourAccreditation, droits.PourLAR} {
			if u == droits.PourLAR {
				kid, k = neuve()
			}
			if err := x.SignerPremier(ctx, kid, u, k); err != nil {
				t.Fatal(err)
			}
			autre, pub := neuve()
			if err := x.SignerPremier(ctx, autre, u, pub); !errors.Is(err, accreditation.ErrAutreCle) {
				t.Errorf("%s, une seconde clé : %v", u, err)
			}
			if err := x.SignerPremier(ctx, kid, u, k); err != nil {
				t.Errorf("%s, la même : %v", u, err)
			}
		}
		compter(2)
		kid, k = neuve()
		if err := x.Signer(ctx, kid, droits.PourAccreditation, k); err != nil {
			t.Fatal(err)
		}
		compter(3)
		b.instant = b.instant.AddDate(3, 0, 0) // all are over
		kid, k = neuve()
		if err := x.SignerPremier(ctx, kid, droits.PourLAR, k); err != nil {
			t.Errorf("après le terme des autres : %v", err)
		}
		// Two nodes at once: at most one keeps its key, and what is refused is nowhere.
		b.instant = b.instant.AddDate(3, 0, 0)
		var gardees atomic.Int64
		var ensemble sync.WaitGroup
		for range 2 {
			kid, k := neuve()
			ensemble.Go(func() {
				switch err := x.SignerPremier(ctx, kid, droits.PourLAR, k); {
				case err == nil:
					gardees.Add(1)
				case !errors.Is(err, accreditation.ErrAutreCle):
					t.Error(err)
				}
			})
		}
		ensemble.Wait()
		if n := gardees.Load(); n > 1 {
			t.Errorf("%d nœuds gardent leur clé", n)
		}
		compter(int(gardees.Load()))
	})
}

// An issuer tells in one list what it revoked for each of the insurers that it answers for,
// and nothing of what they gave by themselves, nor of what it was never given to serve.
func TestMandants(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx, jour := context.Background(), sante.JourDe(2026, 11, 23)
		operateur, amc := lu(t, sante.ParseNumeroAMC, "88000001"), lu(t, sante.ParseNumeroAMC, "99000001")
		siens, propres := NewParutions(base, "emetteur-88000001", operateur), NewParutions(base, "amc-99000001", amc)
		emettre := func(tenant string, qui sante.NumeroAMC) droits.NumeroAccreditation {
			t.Helper()
			r := New(base, tenant)
			n, err := droits.TirerNumeroAccreditation(qui, droits.Normale, nil)
			if err != nil {
				t.Fatal(err)
			}
			e := &accreditation.Emise{Numero: n, Beneficiaire: "REF-1", Categorie: droits.Pharmacie, PS: lu(t, sante.ParseNumeroFacturation, "752000012"), Conditions: []byte("{}"),
				Debut: jour, Fin: jour + 1, Emission: jour.Debut(sante.Paris()), Personne: droits.Empreinte{1}}
			if err := base.EnTransaction(ctx, func(ctx context.Context) error { return r.Garder(ctx, e) }); err != nil {
				t.Fatal(err)
			}
			if fait, err := accreditation.Revoquer(ctx, r, n, accreditation.Revocation{Effet: jour, Motif: droits.Erreur}); err != nil || !fait {
				t.Fatal(fait, err)
			}
			return n
		}
		for p, mandants := range map[*Parutions][]string{siens: {"amc-99000001", "amc-99000002"}, propres: {"amc-99000001"}} {
			for _, m := range mandants {
				for range 2 {
					if err := p.Servir(ctx, m); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		premiere, deuxieme := emettre("amc-99000001", operateur), emettre("amc-99000002", operateur)
		propre := emettre("amc-99000001", amc)
		emettre("amc-99000003", operateur)
		for p, want := range map[*Parutions][]droits.NumeroAccreditation{siens: {premiere, deuxieme}, propres: {propre}} {
			vues := map[droits.NumeroAccreditation]sante.Jour{}
			lire := func() {
				t.Helper()
				if err := p.Revoquees(ctx, jour, func(x droits.EntreeLAR) error { vues[x.Numero] = x.Publication; return nil }); err != nil {
					t.Fatal(err)
				}
			}
			lire()
			if n, err := p.Attente(ctx); err != nil || n != len(want) || len(vues) != len(want) {
				t.Errorf("%s : %d en attente, %v vues, %v", p.emetteur, n, vues, err)
			}
			if err := p.Publier(ctx, &accreditation.Publication{Numero: 1, Jour: jour, Emission: jour.Debut(sante.Paris()), Complete: []byte("x"), Nouvelles: want}); err != nil {
				t.Fatal(err)
			}
			lire()
			for _, n := range want {
				if vues[n] != jour {
					t.Errorf("%s : publiée le %v", n, vues[n])
				}
			}
			if n, err := p.Attente(ctx); err != nil || n != 0 {
				t.Errorf("%d en attente après la liste, %v", n, err)
			}
		}
	})
}
