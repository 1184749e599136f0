package store

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"maps"
	"strings"
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

const unJour = 24 * time.Hour

// trousseau is an issuer that publishes its keys, and a reader of its lists.
type trousseau struct {
	*banc
	t  *testing.T
	id *sceautest.Identite
	x  *accreditation.Annonceur
}

func nouveauTrousseau(t *testing.T, base *bdd.Base) *trousseau {
	c := &trousseau{banc: monter(t, base, nil), t: t}
	c.x = &accreditation.Annonceur{Emetteur: "99000001", Editions: c.p, Kiosque: &visiodroits.Kiosque{}, Cachet: func() *sceau.Cachet { return c.id.Cachet },
		Services: func() []visiodroits.EntreeService { return nil }, Horloge: func() time.Time { return c.instant }}
	return c
}

func (c *trousseau) neuve(usage droits.UsageCle) string {
	c.t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	kid, err := accreditation.Kid(&k.PublicKey)
	if err == nil {
		err = c.x.Signer(context.Background(), kid, usage, &k.PublicKey)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return kid
}

// publiees are the ends of the keys of the list in force, as a reader who checks its rules
// reads them.
func (c *trousseau) publiees() map[string]time.Time {
	c.t.Helper()
	ctx := context.Background()
	c.id = sceautest.New(c.t, "2999100803", c.instant) // seals do not last as keys do
	if err := c.x.Publier(ctx); err != nil {
		c.t.Fatal(err)
	}
	p, err := c.x.Kiosque.Courante(ctx, visiodroits.GenreCertificats, "99000001", c.instant)
	if err != nil {
		c.t.Fatal(err)
	}
	l, err := visiodroits.NouveauClasseur(c.id.Juge, visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: "99000001",
		Structures: []string{"2999100803"}, Pour: []visiodroits.Emetteur{"99000001"}})
	if err == nil {
		_, err = l.Deposer(p.Octets, c.instant)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	m := map[string]time.Time{}
	for _, k := range l.Cles(c.instant) {
		m[string(k.Kid)] = k.Fin
	}
	return m
}

// A key keeps its announced end through restarts; a new one takes over from it with the
// overlap that readers ask for, however late; what it signed stays checked long after.
func TestSuiteDeCles(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		c := nouveauTrousseau(t, base)
		debut := c.instant
		premiere := c.neuve(droits.PourAccreditation)
		fin := debut.Add(accreditation.VieCle)
		c.instant = debut.Add(100 * unJour)
		if err := c.x.Signer(context.Background(), premiere, droits.PourAccreditation, &c.cle.PublicKey); err != nil {
			t.Fatal(err)
		}
		if l := c.publiees(); len(l) != 1 || !l[premiere].Equal(fin) {
			t.Errorf("après un redémarrage : %v, want %s", l, fin)
		}
		for _, x := range []struct {
			nom  string
			a    time.Time // when the next key comes
			fin  time.Duration
			long bool // the first one was over too long before
		}{
			{"à temps", fin.Add(-60 * unJour), 0, false},
			{"trop tard pour le recouvrement", fin.Add(-3 * unJour), 26 * unJour, false},
			{"après la fin", fin.Add(5 * unJour), 34 * unJour, false},
			{"longtemps après", fin.Add(40 * unJour), 0, true},
		} {
			t.Run(x.nom, func(t *testing.T) {
				c := nouveauTrousseau(t, base)
				c.t = t
				c.p = NewParutions(base, t.Name(), lu(t, sante.ParseNumeroAMC, "99000001"))
				c.x.Editions = c.p
				c.instant = debut
				premiere := c.neuve(droits.PourAccreditation)
				lar := c.neuve(droits.PourLAR)
				c.instant = x.a
				seconde := c.neuve(droits.PourAccreditation)
				l := c.publiees()
				if _, dite := l[premiere]; dite == x.long || !x.long && !l[premiere].Equal(fin.Add(x.fin)) || !l[seconde].Equal(x.a.Add(accreditation.VieCle)) || !l[lar].Equal(fin) {
					t.Errorf("%v ; want %s finie le %s", l, premiere, fin.Add(x.fin))
				}
				c.instant = fin.Add(300 * unJour)
				if l := c.publiees(); l[premiere].IsZero() != x.long || l[seconde].IsZero() {
					t.Errorf("trois cents jours après sa fin : %v", l)
				}
			})
		}
	})
}

// The end of a key is put off by decision, and the next list says it; never brought
// forward, nor beyond the life of a key.
func TestProlonger(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		c := nouveauTrousseau(t, base)
		kid := c.neuve(droits.PourLAR)
		fin := c.instant.Add(accreditation.VieCle)
		c.publiees()
		c.instant = fin.Add(-10 * unJour)
		for _, x := range []struct {
			nom, kid string
			fin      time.Time
			refus    bool
		}{
			{"plus tôt", kid, fin.Add(-unJour), true},
			{"la même fin", kid, fin, true},
			{"clé inconnue", "inconnue", fin.Add(unJour), true},
			{"au-delà de sa vie", kid, c.instant.Add(accreditation.VieCle + unJour + time.Hour), true},
			{"un an de plus", kid, fin.Add(365 * unJour), false},
		} {
			if err := accreditation.Prolonger(ctx, c.p, x.kid, x.fin, c.instant); errors.Is(err, accreditation.ErrFinCle) != x.refus || !x.refus && err != nil {
				t.Errorf("%s : %v", x.nom, err)
			}
		}
		if l := c.publiees(); !l[kid].Equal(fin.Add(365 * unJour)) {
			t.Errorf("publiée : %v", l)
		}
	})
}

// A key past its end signs nothing: neither an accreditation, whose asker goes on without
// it, nor a list; the operator is told who must act, and what.
func TestCleFinie(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		fin := b.instant.Add(unJour)
		b.fin = fin
		b.verifier(b.reussir(b.demande(), visiodroits.Fournis, droits.Ouvert))
		b.instant = fin
		if r := b.reussir(b.demande(), visiodroits.ServiceIndisponible, droits.Indisponible); r.Accreditation != "" || !strings.Contains(r.Precision, "finie") {
			t.Errorf("%+v", r)
		}
		ed := &accreditation.Editeur{Emetteur: lu(t, sante.ParseNumeroAMC, "99000001"), Listes: b.p, Horloge: func() time.Time { return b.instant },
			Cle: func() accreditation.Cle {
				return accreditation.Cle{Kid: "k1", Usage: droits.PourLAR, Cle: b.cle, Fin: fin}
			}, Cles: func() *droits.Cles { return b.cles }}
		var refus *accreditation.CleFinie
		if fait, err := ed.Publier(ctx, true); fait || !errors.As(err, &refus) || !strings.Contains(err.Error(), "CLE_FINIE") || !strings.Contains(err.Error(), "ecluse droits prolonger") {
			t.Errorf("%v, %v", fait, err)
		}
		b.fin = fin.Add(unJour) // prolonged
		b.verifier(b.reussir(b.demande(), visiodroits.Fournis, droits.Ouvert))
	})
}

// A key said to be in other hands is published so at once, and is not believed by who reads
// the list; it signs no more; another may then be made, under which the last list comes
// again, and what the former signed is not said unchanged. It is never taken back.
func TestCompromettre(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		c := nouveauTrousseau(t, base)
		kid, lar := c.neuve(droits.PourAccreditation), c.neuve(droits.PourLAR)
		if l := c.publiees(); len(l) != 2 {
			t.Fatalf("%v", l)
		}
		dire := func(kid string, depuis time.Time) error {
			return accreditation.Compromettre(ctx, c.p, kid, depuis, c.instant)
		}
		if err := dire(kid, c.instant.Add(time.Hour)); !errors.Is(err, accreditation.ErrCompromise) {
			t.Errorf("à venir : %v", err)
		}
		if err := dire("inconnue", c.instant); !errors.Is(err, accreditation.ErrCompromise) {
			t.Errorf("inconnue : %v", err)
		}
		if err := c.x.SignerPremier(ctx, "x", droits.PourAccreditation, &c.cle.PublicKey); !errors.Is(err, accreditation.ErrAutreCle) {
			t.Errorf("une autre à côté : %v", err)
		}
		depuis := c.instant.Add(-3 * unJour)
		if err := dire(kid, depuis); err != nil {
			t.Fatal(err)
		}
		if err := dire(kid, c.instant); !errors.Is(err, accreditation.ErrCompromise) {
			t.Errorf("plus tard : %v", err)
		}
		if l := c.publiees(); !l[kid].IsZero() || l[lar].IsZero() {
			t.Errorf("après : %v", l)
		}
		l, err := c.p.Cles(ctx, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		var refus *accreditation.CleFinie
		relue := accreditation.Cle{Kid: kid, Usage: droits.PourAccreditation}.Relire(l)
		if err := relue.Signe(c.instant); !errors.As(err, &refus) || !refus.Compromise.Equal(depuis) || !strings.Contains(err.Error(), accreditation.CodeCleCompromise) {
			t.Errorf("elle signe encore : %v", err)
		}
		c.instant = c.instant.Add(time.Hour)
		suivante := c.neuve(droits.PourAccreditation)
		if l := c.publiees(); !l[kid].IsZero() || l[suivante].IsZero() || l[lar].IsZero() {
			t.Errorf("avec la suivante : %v", l)
		}
		if l, err = c.p.Cles(ctx, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if k := (accreditation.Cle{Kid: suivante, Usage: droits.PourAccreditation}).Relire(l); k.Signe(c.instant) != nil || !k.Apres.Equal(c.instant) {
			t.Errorf("suivante : %+v", k)
		}
		if k := (accreditation.Cle{Kid: lar, Usage: droits.PourLAR}).Relire(l); !k.Apres.IsZero() || k.Signe(c.instant) != nil {
			t.Errorf("de l'autre usage : %+v", k)
		}
	})
}

// What a key in other hands signed is not said unchanged by the next, which gives it again;
// and the last list of revoked accreditations comes again under the next key, at once.
func TestApresCompromise(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		premiere := b.verifier(b.reussir(b.demande(), visiodroits.Fournis, droits.Ouvert))
		connue := b.demande()
		connue.DroitsConnus = &droits.Connus{NumeroAccreditation: premiere.Numero, DateMAJ: premiere.Emission}
		b.reussir(connue, visiodroits.Inchanges, droits.NonModifie)
		b.instant = b.instant.Add(time.Hour)
		b.apres = b.instant
		b.verifier(b.reussir(connue, visiodroits.Fournis, droits.Ouvert))
		ed := b.editeur()
		if fait, err := ed.Publier(ctx, false); err != nil || !fait {
			t.Fatal(fait, err)
		}
		b.instant = b.instant.Add(time.Minute)
		if fait, err := ed.Publier(ctx, false); err != nil || fait {
			t.Errorf("publiée deux fois : %v, %v", fait, err)
		}
		if fait, err := b.editeur().Publier(ctx, false); err != nil || fait {
			t.Errorf("publiée de nouveau par un redémarrage : %v, %v", fait, err)
		}
		autre := b.editeur()
		autre.Cle = func() accreditation.Cle { return accreditation.Cle{Kid: "k2", Cle: b.cle} }
		if fait, err := autre.Publier(ctx, false); err != nil || !fait {
			t.Errorf("sous l'autre clé : %v, %v", fait, err)
		}
	})
}

// The key of an issuer that gives nothing more ends within a day, its list still read by who
// checks it; it has its end again when it signs again, and one that just took over overlaps.
func TestFinirCle(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		c, ctx := nouveauTrousseau(t, base), context.Background()
		premiere, fin := c.neuve(droits.PourAccreditation), c.instant.Add(accreditation.VieCle)
		lar := c.neuve(droits.PourLAR)
		c.instant = c.instant.Add(100 * unJour)
		finir := func() {
			t.Helper()
			for range 2 { // each node does, at each restart
				if err := c.x.Finir(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		attendre := func(quoi string, want map[string]time.Time) {
			t.Helper()
			if l := c.publiees(); !maps.EqualFunc(l, want, time.Time.Equal) {
				t.Errorf("%s : %v, attendu %v", quoi, l, want)
			}
		}
		finir()
		attendre("finie", map[string]time.Time{premiere: c.instant.Add(unJour), lar: fin})
		c.instant = c.instant.Add(10 * unJour)
		if err := c.x.Signer(ctx, premiere, droits.PourAccreditation, &c.cle.PublicKey); err != nil {
			t.Fatal(err)
		}
		attendre("reprise", map[string]time.Time{premiere: fin, lar: fin})
		c.instant = fin.Add(-60 * unJour)
		seconde := c.neuve(droits.PourAccreditation)
		fini := c.instant.Add(visiodroits.Recouvrement - unJour)
		finir()
		attendre("juste remplacée", map[string]time.Time{premiere: fini, seconde: fini, lar: fin})
	})
}
