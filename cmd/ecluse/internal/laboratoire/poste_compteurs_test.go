package laboratoire

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// A day of a pharmacy, and what its insurers say of it the next day: a workstation sells in
// the evening, cut from the network for a while, and sends its counters back once it is
// over. What it did is what the indicators of each insurer say, proved when it sealed,
// apart when it did not; nothing is counted twice.
func TestCompteursEnLaboratoire(t *testing.T) {
	if testing.Short() {
		t.Skip("laboratoire entier")
	}
	// Everybody's clock says eight in the evening, then half past one the next day.
	var avance atomic.Int64
	soir := sante.JourA(time.Now(), sante.Paris()).Debut(sante.Paris()).Add(20 * time.Hour)
	if soir.Before(time.Now()) {
		soir = soir.Add(24 * time.Hour)
	}
	avance.Store(int64(time.Until(soir)))
	horloge := func() time.Time { return time.Now().Add(time.Duration(avance.Load())) }
	s, err := Monter(context.Background(), t.TempDir(), horloge, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Demonter(); err != nil {
			t.Error(err)
		}
	}()
	c := nouveauComptoir(t, s)
	c.avance = time.Duration(avance.Load())
	saules := nouveauPoste(t, s, pharmaciesLabo()[1])
	var voies []*roc.Transport
	scelle := c.poste(func(o *droits.OptionsPoste) {
		c.parOCT(o)
		o.Cachet = func() *sceau.Cachet { return saules.officine.cachet }
		o.PS.NumeroFacturation = lireOuEchouer(t, sante.ParseNumeroFacturation, saules.o.numero)
		voies = append(voies, o.Transport)
	})
	c.actualiser(scelle)
	passer := func(d time.Duration) {
		avance.Add(int64(d))
		c.mu.Lock()
		defer c.mu.Unlock()
		c.avance = time.Duration(avance.Load())
	}
	couper := func(cles ...string) { // a link that is cut leaves no connection
		c.couper(cles...)
		for _, v := range voies {
			v.Fermer()
		}
	}

	// Another pharmacy has no certificate, and asks insurers itself.
	sien, err := droits.OuvrirMagasin(filepath.Join(t.TempDir(), "autre.ecluse"), droits.OptionsMagasin{Cle: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer sien.Fermer()
	nu := c.poste(func(o *droits.OptionsPoste) { o.Magasin = sien })

	jour := sante.JourA(horloge(), sante.Paris())
	demande := func(amc string) *droits.DemandeDroits {
		p, k := c.o.assure(amc)
		return c.o.question(p, k)
	}
	vendre := func(p *droits.Poste, amc string, want visiodroits.Code) {
		t.Helper()
		v := c.vendre(p, demande(amc), want)
		if d, err := p.AvantFacture(v); err != nil || !d.Permis {
			t.Fatalf("%s : %s, %v", amc, d.Motif, err)
		}
		if err := p.NoterFacture(v, true); err != nil {
			t.Fatal(err)
		}
	}
	for _, amc := range []string{monde.CleMoulin, monde.CleMarees, monde.CleVerger} {
		vendre(scelle, amc, visiodroits.Fournis)
	}
	vendre(scelle, monde.CleMoulin, visiodroits.Inchanges)
	vendre(nu, monde.CleVerger, visiodroits.Fournis)
	couper("tout")
	vendre(scelle, monde.CleMoulin, visiodroits.PosteHorsLigne)
	if l, err := scelle.RenvoyerCompteurs(context.Background()); err != nil || len(l) != 0 {
		t.Errorf("le jour même : %+v, %v", l, err)
	}

	// The next day: still cut, then not.
	passer(17*time.Hour + 30*time.Minute)
	if l, err := scelle.RenvoyerCompteurs(context.Background()); err != nil || len(l) != 1 || l[0].Erreur == nil {
		t.Errorf("hors ligne : %+v, %v", l, err)
	}
	couper()
	passer(10 * time.Minute)
	for i, x := range []struct {
		p    *droits.Poste
		want int
	}{{scelle, 3}, {scelle, 0}, {nu, 1}, {nu, 0}} {
		l, err := x.p.RenvoyerCompteurs(context.Background())
		for _, e := range l {
			err = errors.Join(err, e.Erreur)
		}
		if err != nil || len(l) != x.want {
			t.Fatalf("envoi n° %d : %d, %v", i+1, len(l), err)
		}
	}
	c.comparer(jour, scelle, nu)
	vu, err := lancer("droits", "indicateurs", "--du", jour.String(), "--au", jour.String(), "--config", filepath.Join(s.repertoire(monde.CleMoulin), "ecluse.toml"))
	for _, w := range []string{`: 1 journée de poste scellée par .* à part, 0 journée sans sceau`, `ont eu une réponse sur les droits +66\.67 % +3 `, `Factures en mode dégradé +33\.33 % +3 `,
		`Factures accréditées dont le logiciel garde la trace de la garantie +100 % +3 `, `Certificats contrôlés dans une liste de révocation fraîche +100 % +2 `} {
		if err != nil || !regexp.MustCompile(w).MatchString(vu) {
			t.Errorf("%s attendu, %v\n%s", w, err, vu)
		}
	}
}

// comparer checks that what two workstations counted is what each insurer has of them.
func (c *comptoir) comparer(jour sante.Jour, scelle, nu *droits.Poste) {
	t, s := c.t, c.o.s
	compter := func(p *droits.Poste, n sante.NumeroAMC) visiodroits.Somme {
		x, err := p.Statistiques(jour)
		if err != nil {
			t.Fatal(err)
		}
		return x.Sommer(func(l *visiodroits.LigneStatistique) bool { return l.NumeroAMC == n })
	}
	for _, cle := range []string{monde.CleMoulin, monde.CleMarees, monde.CleVerger} {
		a := s.Monde.Assureur(cle)
		p := s.parties[s.repondant(a).Cle]
		got, err := accrstore.New(p.Base, serveur.TenantAMC(a.Numero.String())).Sommer(context.Background(), jour, jour)
		if err != nil {
			t.Fatal(err)
		}
		want, sans := compter(scelle, a.Numero), compter(nu, a.Numero)
		if got.JourneesScellees != 1 || !memesTotaux(&got.Scellees, &want) || want.Factures == 0 {
			t.Errorf("%s : %+v, le poste dit %+v", cle, got.Scellees, want)
		}
		if cle == monde.CleVerger && (got.JourneesSans != 1 || !memesTotaux(&got.Sans, &sans) || sans.Factures != 1) || cle != monde.CleVerger && got.JourneesSans != 0 {
			t.Errorf("%s, sans sceau : %+v, le poste dit %+v", cle, got.Sans, sans)
		}
	}
}

// memesTotaux compares counters as the wire writes them.
func memesTotaux(a, b *visiodroits.Somme) bool {
	ecrire := func(s *visiodroits.Somme) string {
		n, _ := sante.ParseNumeroAMC("99000001")
		return string(droits.EchangeStatistiques.CorpsDemande.AppendJSON(nil, &visiodroits.Statistiques{Jour: s.Debut, Lignes: []visiodroits.LigneStatistique{{NumeroAMC: n, Totaux: s.Totaux}}}))
	}
	return a.Fin == b.Fin && ecrire(a) == ecrire(b)
}
