package ldap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/go-ldap/ldap/v3"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// traces is a register of readings in memory, that may be out of order.
type traces struct {
	mu    sync.Mutex
	l     []annuaire.Consultation
	panne error
}

func (t *traces) Tracer(_ context.Context, l ...annuaire.Consultation) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.l = append(t.l, l...)
	return t.panne
}

// comptees recognises a bind as familles does, counts and traces.
type comptees struct {
	familles
	garde  *annuaire.Garde
	traces *traces
	heure  time.Time
}

func (f *comptees) Reconnaitre(ctx context.Context, p Preuve) (Lecteur, error) {
	l, err := f.familles.Reconnaitre(ctx, p)
	if err != nil {
		return l, err
	}
	nom, famille := p.Nom, p.Nom
	if nom == "" {
		nom, famille = p.Adresse.String(), "anonyme"
	}
	l.Garde = &Gardien{Lecteur: f.garde.Lecteur(nom, famille), Vision: l.Vision.(*annuaire.Vision), Traceur: f.traces, Horloge: func() time.Time { return f.heure }}
	return l, nil
}

// grand is a directory of n people of one commune.
func grand(n int) (l []annuaire.Changement) {
	for i := range n {
		l = append(l, annuaire.Changement{Praticien: &annuaire.Praticien{Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Praticiens, fmt.Sprint(i)), Actif: true}, TypeID: "8",
			Numero: fmt.Sprint(99900000000 + i), IDNat: fmt.Sprint(899900000000 + i), Nom: fmt.Sprintf("FICTIF%04d", i), Prenom: "Ève", Profession: annuaire.Code{Code: "10"},
			Exerce: []annuaire.LieuExercice{{Commune: "Blois", CodePostal: "41000"}}}})
	}
	return l
}

// A restricted view leaves a trace of each search, without what was sought; when it
// cannot, nothing is answered, however long the answer.
func TestTraces(t *testing.T) {
	q := annuaire.Quotas{"*": {Famille: "*"}}
	p := &comptees{familles: familles{regards(t)}, garde: annuaire.NouvelleGarde(q, 0), traces: &traces{}, heure: time.Unix(1_790_000_000, 0)}
	c := ouvrirScene(t, &Fonds{Images: enImage(t, grand(400)), Portier: p}, Bornes{Taille: 1000}).appeler(t)
	if _, err := c.Search(question(racine, client.ScopeWholeSubtree, "(sn=fictif0001)")); err != nil || len(p.traces.l) != 0 {
		t.Errorf("vue publique : %v, %d traces", err, len(p.traces.l))
	}
	if err := c.Bind("psc", motDePass); err != nil {
		t.Fatal(err)
	}
	r, err := c.Search(question(racine, client.ScopeWholeSubtree, "(&(sn=fictif*)(!(mail=*secret*))(l=blois))"))
	if err != nil || len(r.Entries) != 400 {
		t.Fatal(err)
	}
	nom := r.Entries[0].DN
	if _, err = c.Compare(nom, "sn", "x"); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Search(question(racine, client.ScopeWholeSubtree, "(&(sn=secret*)(!(mail=*secret*))(l=blois))")); err != nil {
		t.Fatal(err)
	}
	if len(p.traces.l) != 3 {
		t.Fatalf("%+v", p.traces.l)
	}
	id := strings.TrimPrefix(strings.Split(nom, ",")[0], "x-fiche=")
	const forme = "(&(sn=?*)(!(mail=?*))(l=?))"
	for i, x := range p.traces.l {
		objet, n := [...]string{forme, "praticien/" + id, forme}[i], [...]int{400, 1, 0}[i]
		if x.Objet != objet || x.Nombre != int64(n) || len(x.Fiches) != n || x.Porte != "ldap" || x.Motif != "essai" || x.Lecteur != "psc" || !strings.HasPrefix(x.Regard, "V5/") {
			t.Errorf("trace %d : %+v", i, x)
		}
		if n > 0 && x.Fiches[0] != (annuaire.FicheLue{Nature: annuaire.Praticiens, ID: id}) {
			t.Errorf("trace %d : %+v", i, x.Fiches[0])
		}
	}
	p.traces.panne = errors.New("registre plein")
	if r, err = c.Search(question(racine, client.ScopeWholeSubtree, "(sn=fictif*)")); codeDe(err) != Autre || len(r.Entries) != 0 || strings.Contains(err.Error(), "registre") {
		t.Errorf("trace impossible : %v, %d entrées", err, len(r.Entries))
	}
	if ok, err := c.Compare(nom, "sn", "fictif0000"); codeDe(err) != Autre || ok {
		t.Errorf("comparaison sans trace : %v %v", ok, err)
	}
}

// Who asks too much is told to wait, who reads too many different people is refused.
func TestQuotas(t *testing.T) {
	q := annuaire.Quotas{"*": {Famille: "*", ParMinute: 60, Rafale: 20, Ralenti: 100, Refus: 300, DelaiMax: time.Millisecond}}
	p := &comptees{familles: familles{regards(t)}, garde: annuaire.NouvelleGarde(q, 0), traces: &traces{}, heure: time.Unix(1_790_000_000, 0)}
	c := ouvrirScene(t, &Fonds{Images: enImage(t, grand(400)), Portier: p}, Bornes{}).appeler(t)
	lire := func(filtre string) error {
		_, err := c.Search(question(racine, client.ScopeWholeSubtree, filtre, "1.1"))
		return err
	}
	var refus error
	for i := 0; i < 30 && refus == nil; i++ {
		refus = lire("(sn=fictif0001)")
	}
	if codeDe(refus) != Occupe || !strings.Contains(refus.Error(), "attendre") {
		t.Errorf("trop de demandes : %v", refus)
	}
	p.heure = p.heure.Add(time.Minute)
	for _, f := range []string{"(sn=fictif00*)", "(sn=fictif01*)", "(sn=fictif02*)", "(sn=fictif03*)"} {
		if err := lire(f); err != nil {
			t.Errorf("%s : %v", f, err)
		}
	}
	if refus = lire("(sn=fictif0001)"); codeDe(refus) != LimiteAdmin || !strings.Contains(refus.Error(), "fiches différentes") {
		t.Errorf("trop de fiches : %v", refus)
	}
	p.heure = p.heure.Add(time.Hour)
	if err := lire("(sn=fictif0001)"); err != nil {
		t.Errorf("l'heure d'après : %v", err)
	}
}
