package store

import (
	"context"
	"errors"
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
			return &accreditation.Annonceur{Emetteur: "99000001", Editions: b.r, Kiosque: &visiodroits.Kiosque{}, Cachet: func() *sceau.Cachet { return id.Cachet },
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
		if err := b.r.Paraitre(ctx, visiodroits.GenreEtat, accreditation.Edition{Numero: 4, Emission: b.instant, Empreinte: "x"}); !errors.Is(err, accreditation.ErrPubliee) {
			t.Errorf("édition déjà parue : %v", err)
		}
		if l, err := b.r.Cles(ctx, b.instant.AddDate(3, 0, 0)); err != nil || len(l) != 0 {
			t.Errorf("clés finies encore données : %v, %v", l, err)
		}
	})
}
