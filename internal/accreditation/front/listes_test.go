package front_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation/front"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

const (
	structure = "2999100803"
	operateur = visiodroits.Emetteur("99100803")
)

var lundi = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

type banc struct {
	t     *testing.T
	id    *sceautest.Identite
	k     visiodroits.Kiosque
	srv   *httptest.Server
	a     time.Time
	panne error
}

func nouveau(t *testing.T) *banc {
	b := &banc{t: t, id: sceautest.New(t, structure, lundi), a: lundi}
	mux := http.NewServeMux()
	front.RoutesListes(mux, "/v1/", b, func() time.Time { return b.a })
	b.srv = httptest.NewServer(mux)
	t.Cleanup(b.srv.Close)
	return b
}

// The bench answers as its Kiosque does, unless it is out of order.
func (b *banc) Courante(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur, a time.Time) (visiodroits.Parution, error) {
	if b.panne != nil {
		return visiodroits.Parution{}, b.panne
	}
	return b.k.Courante(ctx, g, e, a)
}

func (b *banc) Suivante(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur, a time.Time) (visiodroits.Parution, error) {
	return b.k.Suivante(ctx, g, e, a)
}

func (b *banc) Numero(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur, n int64) (visiodroits.Parution, error) {
	return b.k.Numero(ctx, g, e, n)
}

func (b *banc) Depuis(ctx context.Context, g visiodroits.Genre, e visiodroits.Emetteur, base int64, a time.Time) (visiodroits.Parution, error) {
	return b.k.Depuis(ctx, g, e, base, a)
}

// publier publishes a list of services for some insurers.
func (b *banc) publier(n int64, effet time.Time, x int, numeros ...string) {
	b.t.Helper()
	var l []visiodroits.EntreeService
	for _, s := range numeros {
		amc, err := sante.ParseNumeroAMC(s)
		if err != nil {
			b.t.Fatal(err)
		}
		l = append(l, visiodroits.EntreeService{NumeroAMC: amc, Libelle: "MUTUELLE FICTIVE", Service: visiodroits.DLD, Statut: visiodroits.Ouvert,
			Adresse: "https://otp.exemple.invalid", Version: visiodroits.Profil, Debut: sante.JourDe(2026, 1, 1), NbJoursTolerance: x})
	}
	c, err := visiodroits.Complete(visiodroits.EnTete{Emetteur: operateur, Numero: n, DateEmission: b.a, Effet: effet, ProchaineEmission: b.a.Add(20 * time.Hour)}, l)
	if err == nil {
		err = visiodroits.Publier(&b.k, b.id.Cachet, c)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *banc) demander(methode, chemin string, entetes ...string) (*http.Response, []byte) {
	b.t.Helper()
	q, err := http.NewRequest(methode, b.srv.URL+"/v1/listes/"+chemin, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(entetes); i += 2 {
		q.Header.Set(entetes[i], entetes[i+1])
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	octets, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r, octets
}

var tous = []string{"99000001", "99000002", "99000003", "99000004", "99000005", "99000006", "99000007", "99000008"}

func TestListes(t *testing.T) {
	b := nouveau(t)
	const ici = "services/99100803/"
	if r, _ := b.demander("GET", ici+"courante"); r.StatusCode != 404 || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("avant parution : %d %s", r.StatusCode, r.Header.Get("Cache-Control"))
	}
	b.publier(3, b.a, 1, tous...)
	b.publier(4, b.a, 2, append(tous[1:], "99000009")...)
	r, courante := b.demander("GET", ici+"courante")
	marque := r.Header.Get("ETag")
	if r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Cache-Control") != "public, max-age=300" ||
		r.Header.Get("Last-Modified") != lundi.Format(http.TimeFormat) || len(marque) != 34 || r.Header.Get("Link") != "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	for _, x := range []struct {
		nom, methode, chemin string
		entetes              []string
		statut, octets       int
		cache                string
	}{
		{"inchangée", "GET", ici + "courante", []string{"If-None-Match", marque}, 304, 0, "public, max-age=300"},
		{"inchangée par date", "GET", ici + "courante", []string{"If-Modified-Since", lundi.Format(http.TimeFormat)}, 304, 0, "public, max-age=300"},
		{"autre marque", "GET", ici + "courante", []string{"If-None-Match", `"x"`}, 200, len(courante), "public, max-age=300"},
		{"HEAD", "HEAD", ici + "courante", nil, 200, 0, "public, max-age=300"},
		{"intervalle", "GET", ici + "courante", []string{"Range", "bytes=10-19"}, 206, 10, "public, max-age=300"},
		{"intervalle d'une autre", "GET", ici + "courante", []string{"Range", "bytes=10-19", "If-Range", `"x"`}, 200, len(courante), "public, max-age=300"},
		{"par numéro", "GET", ici + "4", nil, 200, len(courante), "public, max-age=31536000, immutable"},
		{"à jour", "GET", ici + "depuis/4", nil, 204, 0, "public, max-age=300"},
		{"à jour, HEAD", "HEAD", ici + "depuis/4", nil, 204, 0, "public, max-age=300"},
		{"depuis une inconnue", "GET", ici + "depuis/2", nil, 404, -1, "no-store"},
		{"numéro inconnu", "GET", ici + "5", nil, 404, -1, "no-store"},
		{"zéros de tête", "GET", ici + "04", nil, 404, -1, "no-store"},
		{"signe", "GET", ici + "+4", nil, 404, -1, "no-store"},
		{"numéro immense", "GET", ici + "99999999999999999999", nil, 404, -1, "no-store"},
		{"capitales", "GET", "SERVICES/99100803/courante", nil, 404, -1, "no-store"},
		{"autre émetteur", "GET", "services/99100804/courante", nil, 404, -1, "no-store"},
		{"émetteur hors de la forme", "GET", "services/..%2f99100803/courante", nil, 404, -1, "no-store"},
		{"pas de suivante", "GET", ici + "suivante", nil, 404, -1, "no-store"},
		{"écriture", "POST", ici + "courante", nil, 405, -1, ""},
	} {
		r, octets := b.demander(x.methode, x.chemin, x.entetes...)
		if r.StatusCode != x.statut || x.octets >= 0 && len(octets) != x.octets || r.Header.Get("Cache-Control") != x.cache {
			t.Errorf("%s : %d, %d octets, %q", x.nom, r.StatusCode, len(octets), r.Header.Get("Cache-Control"))
		}
	}
	if _, octets := b.demander("GET", ici+"4"); !bytes.Equal(octets, courante) {
		t.Error("la même liste, par numéro, a d'autres octets")
	}
	b.publier(5, b.a, 2, append(tous[1:], "99000010")...)
	if r, octets := b.demander("GET", ici+"depuis/4"); r.StatusCode != 200 || len(octets) == 0 || len(octets) >= len(courante) {
		t.Errorf("depuis 4 : %d, %d octets pour %d", r.StatusCode, len(octets), len(courante))
	}
	if r, octets := b.demander("GET", ici+"depuis/3"); r.StatusCode != 404 {
		t.Errorf("une partielle plus longue que la liste est offerte : %d, %d octets", r.StatusCode, len(octets))
	}
	b.a = lundi.Add(20*time.Hour - 10*time.Second)
	if r, _ := b.demander("GET", ici+"courante"); r.Header.Get("Cache-Control") != "public, max-age=10" {
		t.Errorf("un cache garderait la liste au-delà de son terme : %s", r.Header.Get("Cache-Control"))
	}
	b.panne = errors.New("base fermée")
	if r, octets := b.demander("GET", ici+"courante"); r.StatusCode != 503 || r.Header.Get("Retry-After") != "60" || bytes.Contains(octets, []byte("base")) {
		t.Errorf("%d %s", r.StatusCode, octets)
	}
}

func TestSuivante(t *testing.T) {
	b := nouveau(t)
	const ici = "services/99100803/"
	b.publier(1, b.a, 1, tous...)
	b.publier(2, b.a.Add(time.Minute), 2, tous[1:]...)
	r, une := b.demander("GET", ici+"courante")
	if r.Header.Get("Link") != `<suivante>; rel="next"` || r.Header.Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("%v", r.Header)
	}
	if r, _ := b.demander("GET", ici+"depuis/1"); r.StatusCode != 204 || r.Header.Get("Link") != `<../suivante>; rel="next"` {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	_, deux := b.demander("GET", ici+"suivante")
	b.a = b.a.Add(time.Minute)
	r, octets := b.demander("GET", ici+"courante")
	if bytes.Equal(une, deux) || !bytes.Equal(octets, deux) || r.Header.Get("Link") != "" {
		t.Error("la liste suivante n'est pas devenue la courante à son heure")
	}
}

// A workstation subscribed to this door has each list at its hour, whole or in
// part, and asks nothing that it could keep.
func TestAbonnement(t *testing.T) {
	b := nouveau(t)
	c, err := visiodroits.NouveauClasseur(b.id.Juge, visiodroits.Attendu{Genre: visiodroits.GenreServices, Emetteur: operateur, Structures: []string{structure}})
	if err != nil {
		t.Fatal(err)
	}
	x := &visiodroits.Abonnement{Miroirs: []string{b.srv.URL + "/v1"}, Suivis: c.Suivis(), Alea: func() float64 { return 0 }}
	actualiser := func(lues int, change, erreur bool) {
		t.Helper()
		l := x.Actualiser(context.Background(), b.a)
		if len(l) != lues || lues > 0 && (l[0].Change != change || (l[0].Erreur != nil) != erreur) {
			t.Fatalf("à %s : %+v", b.a, l)
		}
	}
	numero := func() int64 { return c.Etats(b.a)[0].Numero }
	actualiser(1, false, true) // nothing is published
	b.a = b.a.Add(time.Minute)
	b.publier(1, b.a, 1, tous...)
	actualiser(1, true, false)
	actualiser(0, false, false)
	b.a = b.a.Add(time.Hour)
	actualiser(1, false, false)
	b.publier(2, b.a, 1, append(tous, "99000009")...)
	b.publier(3, b.a.Add(90*time.Minute), 3, tous...)
	b.a = b.a.Add(time.Hour)
	actualiser(1, true, false)
	if len(c.Pieces()) != 3 || numero() != 2 || len(c.Etats(b.a)[0].AVenir) != 1 {
		t.Errorf("%d pièces, %+v", len(c.Pieces()), c.Etats(b.a)[0])
	}
	b.srv.Close()
	b.a = b.a.Add(time.Hour) // the network is cut, and the list's day has come
	actualiser(1, false, true)
	if numero() != 3 {
		t.Errorf("numéro %d, want 3", numero())
	}
}
