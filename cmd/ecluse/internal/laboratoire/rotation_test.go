package laboratoire

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// changer starts a party again with another configuration.
func (q *quartier) changer(cle string, f func(c *config.Config)) {
	q.t.Helper()
	dir := q.repertoire(cle)
	lu, err := config.Lire(filepath.Join(dir, "ecluse.toml"))
	if err != nil {
		q.t.Fatal(err)
	}
	f(&lu.Config)
	if _, err := EcrireConfig(dir, "Changée.", &lu.Config); err != nil {
		q.t.Fatal(err)
	}
	q.eteindre(cle)
	q.rallumer(cle)
}

// demain moves the clock to the next day, and gives the parties the revocation lists of it.
func (q *quartier) demain(cles ...string) {
	q.t.Helper()
	q.avant.Add(int64(24 * time.Hour))
	q.eteindre("igc")
	q.rallumer("igc")
	for _, cle := range cles {
		q.rafraichir(cle) // what it starts with
		q.eteindre(cle)
		q.rallumer(cle)
	}
}

// The third party changes its key in the middle of a file. Its list announces the next one
// with its day; until then, everybody encrypts to the current one, and from then on to the
// next; what was encrypted to the former still opens, and no more once the third party let
// go of it. The file goes on throughout.
func TestRotationDuTiers(t *testing.T) {
	q := nouveauQuartier(t)
	x := nouveauPoste(t, q.Scene, pharmaciesLabo()[0])
	client := func() *roc.Client { return x.client(sceau.REST, "") }
	jeton := func() (jeton, kid string) {
		t.Helper()
		_, j, _ := x.droitsLus(monde.CleMoulin)
		kid, err := jades.Destinataire(j)
		if err != nil {
			t.Fatal(err)
		}
		return j, kid
	}
	tarifer := func(quand string, n tarif.NumeroDossier, cle tarif.Destinataire, sens tarif.Sens, want tarif.Code) {
		t.Helper()
		p, err := tarif.Poste{Tiers: cle}.Preparer(n, sante.JourA(time.Now(), sante.Paris()), sens, delivrance(t))
		if err != nil {
			t.Fatal(err)
		}
		if r, err := x.tarifer(client(), p.Demande); err != nil || r.Corps.CodeRetour != want {
			t.Errorf("%s : %+v, %v ; attendu %s", quand, corps(r), err, want)
		}
	}
	ouvrir := func(quand, jeton string, want tarif.Code) tarif.NumeroDossier {
		t.Helper()
		r, err := x.ouvrir(client(), jeton)
		if err != nil || r.Corps.CodeRetour != want {
			t.Fatalf("%s : %+v, %v ; attendu %s", quand, corps(r), err, want)
		}
		return r.Corps.NumeroDossier
	}
	premiere := x.acces(monde.CleMoulin).Cle
	j, kid := jeton()
	if kid != premiere.Kid {
		t.Errorf("jeton pour %s, clé %s", kid, premiere.Kid)
	}
	dossier := ouvrir("avant", j, tarif.Accepte)
	tarifer("avant", dossier, premiere, tarif.Devis, tarif.Accepte)

	// Announced for tomorrow: today nothing changes for those who encrypt.
	q.changer(cleTiers, func(c *config.Config) {
		c.Tiers.CleSuivante, c.Tiers.Suivante = "donnees/tiers-2.cle", (q.jour() + 1).String()
	})
	if k := x.acces(monde.CleMoulin).Cle; k.Kid != premiere.Kid {
		t.Errorf("la clé suivante sert avant son jour : %s", k.Kid)
	}
	tarifer("annoncée", dossier, premiere, tarif.Devis, tarif.Accepte)
	garde, kid := jeton()
	encore, _ := jeton()
	if kid != premiere.Kid {
		t.Errorf("jeton de la veille pour %s", kid)
	}

	q.demain(cleTiers, cleTarif, monde.CleMoulin)
	q.rafraichir(monde.CleRelais) // which gives the lists again
	seconde := x.acces(monde.CleMoulin).Cle
	if seconde.Kid == premiere.Kid {
		t.Fatal("la clé suivante ne sert pas à son jour")
	}
	tarifer("le même dossier, la nouvelle clé", dossier, seconde, tarif.Engagement, tarif.Accepte)
	tarifer("le même dossier, un poste en retard", dossier, premiere, tarif.Devis, tarif.Accepte)
	tarifer("un dossier d'un jeton d'avant", ouvrir("un jeton d'avant", garde, tarif.Accepte), seconde, tarif.Devis, tarif.Accepte)
	neuf, _ := jeton()
	q.attendre("l'AMC chiffre pour la nouvelle clé", func() bool {
		neuf, kid = jeton()
		return kid == seconde.Kid
	})
	ouvrir("un jeton d'après", neuf, tarif.Accepte)

	// The former is let go: what was made for it is told so, and what to do.
	q.changer(cleTiers, func(c *config.Config) {
		c.Tiers.Cle, c.Tiers.CleSuivante, c.Tiers.Suivante = "donnees/tiers-2.cle", "", ""
	})
	ouvrir("la clé d'avant abandonnée", encore, tarif.Indechiffrable)
	tarifer("la clé d'avant abandonnée", dossier, premiere, tarif.Devis, tarif.Indechiffrable)
	if k := x.acces(monde.CleMoulin).Cle; k.Kid != seconde.Kid {
		t.Errorf("clé publiée : %s", k.Kid)
	}
	tarifer("le dossier continue", dossier, seconde, tarif.Devis, tarif.Accepte)
}

// The door of the third party that asks no certificate gives its lists, and nothing else.
func TestListesDuTiers(t *testing.T) {
	q := nouveauQuartier(t)
	h := &http.Client{Transport: roc.NewTransport(nil, q.parties[cleTiers].Magasin, q.heure)}
	for chemin, want := range map[string]int{
		droits.Norme.Racine + "/listes/certificats/" + numeroTiers + "/courante": http.StatusOK,
		droits.Norme.Racine + "/listes/services/" + numeroTiers + "/courante":    http.StatusOK,
		droits.Norme.Racine + "/listes/services/99000101/courante":               http.StatusNotFound,
		droits.Norme.Racine + "/lar/" + numeroTiers + "/courante":                http.StatusNotFound,
		tarif.Norme.Racine + "/soap":                                             http.StatusNotFound,
		droits.Norme.Racine + "/soap":                                            http.StatusNotFound,
		"/journal/":                                                              http.StatusNotFound,
	} {
		for _, m := range []string{http.MethodGet, http.MethodPost} {
			r, err := http.NewRequest(m, q.adresses["listes-"+cleTiers]+chemin, nil)
			if err != nil {
				t.Fatal(err)
			}
			rep, err := h.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			rep.Body.Close()
			if m == http.MethodPost && strings.Contains(chemin, "/listes/") {
				want = http.StatusMethodNotAllowed
			}
			if rep.StatusCode != want {
				t.Errorf("%s %s : %s", m, chemin, rep.Status)
			}
		}
	}
}
