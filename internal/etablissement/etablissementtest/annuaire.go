package etablissementtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/google/go-cmp/cmp"
)

// pointDAcces is a whole answer of the directory: each kind of field is in it.
func pointDAcces(t *testing.T, adresse string, validite time.Duration) *roc.ReponseAnnuaire {
	t.Helper()
	local := true
	return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: Carte(t, "775671993").NumeroAMC, LibelleAMC: "Mutuelle « é »",
		Operateur: &roc.Operateur{ID: "OTP1", Libelle: "Opérateur", Structure: "2999100407", MandatDebut: Jour(t, "2026-01-01")},
		Structure: "2999100803", CalculLocalAutorise: &local, DureeValiditeReponse: int(validite / time.Second),
		Points: []roc.Point{{Service: roc.IDB, Adresse: adresse, NormesAcceptees: []string{roc.Profil}, OuvertureDebut: Jour(t, "2026-01-01"),
			CertificatEmpreinte: []string{"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}}}}
}

func lireAnnuaire(t *testing.T, c roc.CacheAnnuaire, cle string) (*roc.ReponseAnnuaire, time.Time) {
	t.Helper()
	r, lue, ok, err := c.Lire(context.Background(), cle)
	if err != nil || ok != (r != nil) {
		t.Fatalf("lire %s : %v, %v", cle, ok, err)
	}
	return r, lue
}

func annuaire(t *testing.T, m, autre Magasin) {
	ctx := context.Background()
	premier, second := pointDAcces(t, "https://a.exemple.fr", time.Hour), pointDAcces(t, "https://b.exemple.fr", time.Hour)
	for _, e := range []struct {
		r   *roc.ReponseAnnuaire
		lue time.Time
	}{{premier, Midi}, {second, Midi.Add(time.Minute)}, {premier, Midi}} { // the last comes late, from another node
		if err := m.Annuaire().Ecrire(ctx, "k", e.r, e.lue); err != nil {
			t.Fatal(err)
		}
	}
	r, lue := lireAnnuaire(t, m.Annuaire(), "k")
	if d := cmp.Diff(second, r, exact); d != "" || !lue.Equal(Midi.Add(time.Minute)) {
		t.Errorf("écrite et relue (%s) diffèrent :\n%s", lue, d)
	}
	if r, _ := lireAnnuaire(t, m.Annuaire(), "inconnue"); r != nil {
		t.Errorf("réponse jamais donnée : %+v", r)
	}
	if r, _ := lireAnnuaire(t, autre.Annuaire(), "k"); r != nil {
		t.Errorf("réponse vue par un autre : %+v", r)
	}
}

func annuaireOublie(t *testing.T, m, autre Magasin) {
	ctx := context.Background()
	purger := func(m Magasin, apres time.Duration, max int) (n int64) {
		n, err := m.PurgerAnnuaire(ctx, Midi.Add(apres), max)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	purger(m, 1000*time.Hour, 99) // what other tests left
	for cle, validite := range map[string]time.Duration{"o-heure": time.Hour, "o-minute": time.Minute, "o-mois": 30 * 24 * time.Hour} {
		if err := m.Annuaire().Ecrire(ctx, cle, pointDAcces(t, "https://a.exemple.fr", validite), Midi); err != nil {
			t.Fatal(err)
		}
	}
	if n := purger(m, 72*time.Hour, 99); n != 0 {
		t.Errorf("%d réponses oubliées avant leur terme", n)
	}
	for _, cle := range []string{"o-heure", "o-minute", "o-mois"} {
		if r, _ := lireAnnuaire(t, m.Annuaire(), cle); r == nil {
			t.Fatalf("%s oubliée trop tôt", cle)
		}
	}
	if n := purger(autre, 1000*time.Hour, 99); n != 0 {
		t.Errorf("%d réponses oubliées par un autre", n)
	}
	// The hour and the minute serve for 72 h of silence; the month for its month.
	for i, want := range []int64{1, 1, 0} {
		if n := purger(m, 72*time.Hour+time.Minute, 1); n != want {
			t.Errorf("passage %d : %d oubliées, want %d", i+1, n, want)
		}
	}
	for cle, reste := range map[string]bool{"o-heure": false, "o-minute": false, "o-mois": true} {
		if r, _ := lireAnnuaire(t, m.Annuaire(), cle); (r != nil) != reste {
			t.Errorf("%s : reste %v, want %v", cle, r != nil, reste)
		}
	}
	if n := purger(m, 31*24*time.Hour, 99); n != 1 {
		t.Errorf("après un mois : %d oubliées, want 1", n)
	}
}

// annuaireMuet is the life of a hospital: it asks a live directory, restarts
// while the directory is silent, and goes on for 72 h. ref: ROC §6.2
func annuaireMuet(t *testing.T, m, _ Magasin) {
	maintenant, panne, demandes := Midi, error(nil), 0
	reponse := pointDAcces(t, "https://amc.exemple.fr", 10*time.Minute)
	silence := errors.New("annuaire muet")
	naitre := func() *roc.Resolveur {
		return &roc.Resolveur{Cache: m.Annuaire(), Horloge: func() time.Time { return maintenant },
			Demander: func(context.Context, *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
				if demandes++; panne != nil {
					return nil, panne
				}
				return reponse, nil
			}}
	}
	question := &roc.DemandeAnnuaire{NumeroAMC: reponse.NumeroAMCCible, DateReference: Jour(t, "2026-03-02"), Domaine: roc.HospitalACE}
	for _, c := range []struct {
		nom           string
		apres         time.Duration
		panne         error
		demandes      int
		cache, perime bool
		echec         bool
	}{
		{nom: "annuaire vivant", demandes: 1},
		{nom: "redémarrage, réponse fraîche", apres: 9 * time.Minute, panne: silence, demandes: 1, cache: true},
		{nom: "redémarrage, réponse périmée", apres: time.Hour, panne: silence, demandes: 2, cache: true, perime: true},
		{nom: "annuaire hostile", apres: time.Hour, panne: roc.Refuser(roc.SceauInvalide, ""), demandes: 3, echec: true},
		{nom: "muet depuis 72 h", apres: 72 * time.Hour, panne: silence, demandes: 4, cache: true, perime: true},
		{nom: "muet depuis trop longtemps", apres: 72*time.Hour + time.Second, panne: silence, demandes: 5, echec: true},
		{nom: "annuaire revenu", apres: 73 * time.Hour, demandes: 6},
	} {
		maintenant, panne = Midi.Add(c.apres), c.panne
		r, f, err := naitre().Resoudre(context.Background(), question)
		if (err != nil) != c.echec || demandes != c.demandes || f.Cache != c.cache || f.Perime != c.perime {
			t.Fatalf("%s : %+v, %d demandes, %v", c.nom, f, demandes, err)
		}
		if c.echec {
			continue
		}
		if d := cmp.Diff(reponse, r, exact); d != "" || c.cache && !f.Lue.Equal(Midi) || c.perime && !errors.Is(f.Cause, silence) {
			t.Errorf("%s : %+v\n%s", c.nom, f, d)
		}
	}
}
