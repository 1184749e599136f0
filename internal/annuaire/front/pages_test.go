package front

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every page is read once, forward then backward, while the directory changes; an
// expired link says so.
func TestPages(t *testing.T) {
	d := depot(t, foule(120))
	p := porte(t, d)
	for _, tri := range []string{"", "&_sort=-_lastUpdated", "&_sort=_lastUpdated", "&_sort=-family"} {
		l := lireLot(t, demander(t, p, "", "/Practitioner?family=foule&_count=7&_total=accurate"+tri))
		if l.Total == nil || *l.Total != 120 {
			t.Fatalf("total %v", l.Total)
		}
		premiere, derniere := l.lien("first"), l.lien("last")
		var pages [][]string
		for n := 0; ; n++ {
			pages = append(pages, l.cles("match"))
			suivante := l.lien("next")
			if suivante == "" {
				break
			}
			if strings.Contains(strings.ToLower(suivante), "foule") {
				t.Fatal("le lien dit ce qui est cherché")
			}
			if n == 5 { // the directory changes, the search does not
				if err := d.Superposer(context.Background(), foule(123)[len(fiches())+240:]); err != nil {
					t.Fatal(err)
				}
			}
			l = lireLot(t, demander(t, p, "", suivante))
		}
		vus := map[string]bool{}
		for _, id := range slices.Concat(pages...) {
			if vus[id] {
				t.Fatalf("%s deux fois", id)
			}
			vus[id] = true
		}
		if len(vus) != 120 {
			t.Fatalf("%d fiches", len(vus))
		}
		for n := len(pages) - 2; n >= 0; n-- {
			l = lireLot(t, demander(t, p, "", l.lien("previous")))
			if !slices.Equal(l.cles("match"), pages[n]) {
				t.Fatalf("page %d : %v, attendu %v", n, l.cles("match"), pages[n])
			}
		}
		if l.lien("previous") != "" {
			t.Error("une page avant la première")
		}
		if l := lireLot(t, demander(t, p, "", premiere)); !slices.Equal(l.cles("match"), pages[0]) {
			t.Error("la première n'est pas la première")
		}
		remonter(t, p, lireLot(t, demander(t, p, "", derniere)), slices.Concat(pages...))
		installer(t, d, foule(120))
	}
}

// remonter goes from the last page to the first, then comes back by the same way.
func remonter(t *testing.T, p *Porte, l lot, attendu []string) {
	t.Helper()
	var tous []string
	n := 0
	for ; ; n++ {
		tous = append(l.cles("match"), tous...)
		if l.lien("previous") == "" {
			break
		}
		l = lireLot(t, demander(t, p, "", l.lien("previous")))
	}
	if !slices.Equal(tous, attendu) {
		t.Errorf("depuis la fin : %v, attendu %v", tous, attendu)
	}
	for ; n > 0; n-- {
		l = lireLot(t, demander(t, p, "", l.lien("next")))
	}
	if l.lien("next") != "" || l.cles("match")[len(l.cles("match"))-1] != attendu[len(attendu)-1] {
		t.Error("le retour ne finit pas à la dernière fiche")
	}
}

// The form that a search asked for is that of its other pages.
func TestFormeDesPages(t *testing.T) {
	p := porte(t, depot(t, foule(60)))
	w := demander(t, p, "", "POST /Practitioner/_search family=foule&_count=7&_format=xml")
	if !strings.HasPrefix(w.Body.String(), "<Bundle") {
		t.Fatalf("%s", w.Body)
	}
	_, lien, _ := strings.Cut(w.Body.String(), `<relation value="next"/><url value="`)
	lien, _, _ = strings.Cut(lien, `"`)
	if w = demander(t, p, "", lien); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "<Bundle") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A link whose moment is no longer kept says to begin again; one changed by a bit is
// refused.
func TestLiens(t *testing.T) {
	d := depot(t, foule(60))
	p := porte(t, d)
	l := lireLot(t, demander(t, p, "", "/Practitioner?family=foule&_count=7"))
	lien := l.lien("next")
	for i := range 8 {
		b := []byte(lien)
		k := len(b) - 1 - i*9
		b[k] ^= 1
		if w := demander(t, p, "", string(b)); w.Code != 400 {
			t.Errorf("lien modifié : %d", w.Code)
		}
	}
	for range 40 {
		installer(t, d, fiches())
	}
	w := demander(t, p, "", lien)
	if w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "expir") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A long search has its other pages too, in a link that stays short; one that cannot says
// so instead of losing them. ref: RASS §7.2
func TestLongueRecherche(t *testing.T) {
	p := porte(t, depot(t, foule(60)))
	l := lireLot(t, demander(t, p, "", "/Practitioner?_count=7&family=foule"+strings.Repeat(",foule", 200)))
	if s := l.lien("next"); s == "" || len(s) > 1500 {
		t.Fatalf("lien de %d octets", len(s))
	}
	if l = lireLot(t, demander(t, p, "", l.lien("next"))); len(l.cles("match")) != 7 {
		t.Errorf("%v", l.cles("match"))
	}
	r := rand.New(rand.NewPCG(1, 2))
	bruit := make([]byte, 3500)
	for i := range bruit {
		bruit[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[r.IntN(52)]
	}
	w := demander(t, p, "", "/Practitioner?_count=7&family=foule,"+string(bruit)+"&given=p,"+string(bruit[100:]))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "raccourcir") {
		t.Errorf("%d, %d octets", w.Code, w.Body.Len())
	}
}

// Every address that Routes tells of is served, and refuses other methods.
func TestRoutes(t *testing.T) {
	p := avecExports(t, fiches())
	lieu := demander(t, p, "V1", "/Device/$export", "Prefer", "respond-async").Header().Get("Content-Location")
	tache := lieu[strings.LastIndexByte(lieu, '/')+1:]
	for range 1000 {
		if demander(t, p, "V1", lieu).Code == 200 {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	for _, r := range Routes() {
		adresse := strings.NewReplacer("{ressource}", "Practitioner", "{id}", nomme("p1")[0], "{version}", "2", "{tache}", tache, "{fichier}", "Device-1.ndjson", "texte=", "texte=leger").Replace(r.Chemin)
		for m := range strings.SplitSeq(r.Methode, ", ") {
			if m == "DELETE" || r.Chemin == "/_page" {
				continue
			}
			corps := ""
			if m == "POST" {
				corps = " family=leger"
			}
			if strings.HasSuffix(adresse, "$export") {
				corps = " " + `{"resourceType":"Parameters"}`
			}
			w := demander(t, p, "V1", m+" "+adresse+corps, "Prefer", "respond-async")
			if w.Code != 200 && w.Code != 202 && !(w.Code == 404 && strings.HasSuffix(adresse, "_history")) {
				t.Errorf("%s %s : %d %s", m, adresse, w.Code, w.Body)
			}
		}
		if w := demander(t, p, "V1", "PATCH "+adresse+" {}"); w.Code != 405 || w.Header().Get("Allow") == "" {
			t.Errorf("PATCH %s : %d", adresse, w.Code)
		}
	}
}
