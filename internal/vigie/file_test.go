package vigie

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)

// simulation plays arrivals and services on a file, in a time of its own: the
// same seed gives the same figures.
type simulation struct {
	f        *file
	alea     *rand.Rand
	agenda   agenda
	attente  map[*billet]time.Time // arrival of those not yet called
	delais   map[string][]time.Duration
	refus    map[string]int
	services time.Duration // mean
}

type fait struct {
	quand   time.Time
	arrive  string  // partner who arrives, or
	termine *billet // service that ends
}

type agenda []fait

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].quand.Before(a[j].quand) }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)        { *a = append(*a, x.(fait)) }
func (a *agenda) Pop() any          { n := len(*a) - 1; x := (*a)[n]; *a = (*a)[:n]; return x }

// simuler runs for a while with those rates of arrival, in requests a second.
func simuler(p ParametresAdmission, debits map[string]float64, duree time.Duration) *simulation {
	s := &simulation{f: nouvelleFile(p), alea: rand.New(rand.NewPCG(29, 1)), attente: map[*billet]time.Time{},
		delais: map[string][]time.Duration{}, refus: map[string]int{}, services: 2 * time.Millisecond}
	noms := make([]string, 0, len(debits))
	for nom := range debits {
		noms = append(noms, nom)
	}
	slices.Sort(noms)
	for _, nom := range noms {
		for quand := t0; quand.Before(t0.Add(duree)); {
			quand = quand.Add(time.Duration(s.alea.ExpFloat64() / debits[nom] * float64(time.Second)))
			s.agenda = append(s.agenda, fait{quand: quand, arrive: nom})
		}
	}
	arrivees := s.agenda
	s.agenda = nil
	slices.SortFunc(arrivees, func(a, b fait) int { return a.quand.Compare(b.quand) })
	for len(arrivees) > 0 || len(s.agenda) > 0 {
		if len(s.agenda) == 0 || len(arrivees) > 0 && arrivees[0].quand.Before(s.agenda[0].quand) {
			s.jouer(arrivees[0])
			arrivees = arrivees[1:]
			continue
		}
		s.jouer(heap.Pop(&s.agenda).(fait))
	}
	return s
}

func (s *simulation) jouer(x fait) {
	if x.termine != nil {
		s.f.finir(x.termine, x.quand)
	} else if b, refus := s.f.arriver(x.arrive, 1, x.quand); refus != nil {
		s.refus[x.arrive]++
		return // nothing moved
	} else {
		s.attente[b] = x.quand
	}
	for b, arrivee := range s.attente {
		select {
		case refus := <-b.verdict:
			delete(s.attente, b)
			if refus != nil {
				s.refus[b.partenaire.nom]++
				continue
			}
			// Half fixed, half random: a service is never free.
			duree := s.services/2 + time.Duration(s.alea.ExpFloat64()*float64(s.services/2))
			fin := x.quand.Add(duree)
			s.delais[b.partenaire.nom] = append(s.delais[b.partenaire.nom], fin.Sub(arrivee))
			heap.Push(&s.agenda, fait{quand: fin, termine: b})
		default:
		}
	}
}

func (s *simulation) p99(noms ...string) time.Duration {
	var tous []time.Duration
	for _, n := range noms {
		tous = append(tous, s.delais[n]...)
	}
	slices.Sort(tous)
	return tous[len(tous)*99/100]
}

// A flood by one leaves the others' p99 within twice what it is without it, and
// refuses none of them. Capacity: 4 places, 2 ms: 2,000 a second. ref: DEC 29
func TestInondation(t *testing.T) {
	p := ParametresAdmission{EnService: 4, AttenteParPartenaire: 32, AttenteTotale: 256}
	for _, c := range []struct {
		nom         string
		voisins     int
		debitVoisin float64
		inondation  float64
	}{
		{"un voisin calme", 1, 20, 8_000},
		{"neuf voisins, quart de la capacité", 9, 55, 8_000},
		{"neuf voisins, moitié de la capacité", 9, 110, 8_000},
		{"inondation à peine au-delà de la capacité", 9, 55, 2_200},
	} {
		t.Run(c.nom, func(t *testing.T) {
			debits := map[string]float64{}
			var voisins []string
			for i := range c.voisins {
				voisins = append(voisins, fmt.Sprint("voisin", i))
				debits[voisins[i]] = c.debitVoisin
			}
			seuls := simuler(p, debits, 4*time.Second).p99(voisins...)
			debits["inondeur"] = c.inondation
			s := simuler(p, debits, 4*time.Second)
			ensemble := s.p99(voisins...)
			t.Logf("p99 des voisins: %v seuls, %v sous l’inondation; inondeur: %d servies, %d refusées",
				seuls, ensemble, len(s.delais["inondeur"]), s.refus["inondeur"])
			if ensemble > 2*seuls {
				t.Errorf("p99 des voisins: %v, want au plus 2 × %v", ensemble, seuls)
			}
			for _, v := range voisins {
				if s.refus[v] > 0 {
					t.Errorf("%s: %d refus", v, s.refus[v])
				}
			}
			if s.refus["inondeur"] == 0 || len(s.delais["inondeur"]) == 0 {
				t.Errorf("inondeur: %d servies, %d refusées", len(s.delais["inondeur"]), s.refus["inondeur"])
			}
		})
	}
}

// Partners who all ask too much get equal parts, or in proportion of their weight.
func TestParts(t *testing.T) {
	p := ParametresAdmission{EnService: 4, AttenteParPartenaire: 32, PartPourCent: 100, Poids: map[string]int{"relais": 3}}
	s := simuler(p, map[string]float64{"a": 4000, "b": 8000, "relais": 4000}, 4*time.Second)
	na, nb, nr := len(s.delais["a"]), len(s.delais["b"]), len(s.delais["relais"])
	if ecart := float64(na) / float64(nb); ecart < 0.95 || ecart > 1.05 {
		t.Errorf("a %d, b %d: parts inégales", na, nb)
	}
	if r := float64(nr) / float64(na); r < 2.85 || r > 3.15 {
		t.Errorf("relais %d, a %d: rapport %.2f", nr, na, r)
	}
	if total := na + nb + nr; total < 7000 {
		t.Errorf("got %d servies en 4 s, want presque la capacité, 8000", total)
	}
}

// Alone, a partner has the whole house.
func TestSeulDansLaMaison(t *testing.T) {
	s := simuler(ParametresAdmission{EnService: 4}, map[string]float64{"a": 10_000}, time.Second)
	if n := len(s.delais["a"]); n < 1800 {
		t.Errorf("got %d servies en 1 s, want presque 2000", n)
	}
}

// A full house is not a reason to refuse who asks little.
func TestMaisonPleine(t *testing.T) {
	f := nouvelleFile(ParametresAdmission{EnService: 1, AttenteParPartenaire: 10, AttenteTotale: 12})
	var billets []*billet
	for range 11 {
		b, _ := f.arriver("a", 1, t0)
		billets = append(billets, b)
	}
	for _, nom := range []string{"b", "c"} {
		if _, refus := f.arriver(nom, 1, t0); refus != nil {
			t.Fatalf("%s: %v", nom, refus)
		}
	}
	if f.enAttente != 12 {
		t.Fatalf("got %d en attente", f.enAttente)
	}
	if _, refus := f.arriver("d", 1, t0); refus != nil {
		t.Errorf("d: %v", refus)
	}
	select {
	case refus := <-billets[10].verdict:
		if refus == nil || refus.Code != "T030" {
			t.Errorf("dernier de a: got %v", refus)
		}
	default:
		t.Error("personne n’a laissé la place")
	}
	if _, refus := f.arriver("a", 1, t0); refus == nil || refus.Attendre < time.Second {
		t.Errorf("a, encore: got %v, want T030", refus)
	}
}

// Whatever happens, no place is lost, none is used twice, everyone has an answer.
func TestFileInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := ParametresAdmission{EnService: rapid.IntRange(1, 4).Draw(t, "places"), AttenteParPartenaire: rapid.IntRange(1, 5).Draw(t, "par"),
			AttenteTotale: rapid.IntRange(1, 9).Draw(t, "total"), Partenaires: 3, Poids: map[string]int{"b": 2}}
		f := nouvelleFile(p)
		var attendent, servis []*billet
		instant := t0
		for range rapid.IntRange(1, 60).Draw(t, "pas") {
			instant = instant.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			switch k := rapid.IntRange(0, 5).Draw(t, "quoi"); {
			case k == 0 && len(attendent) > 0:
				i := rapid.IntRange(0, len(attendent)-1).Draw(t, "qui")
				if f.renoncer(attendent[i]) {
					attendent = slices.Delete(attendent, i, i+1)
				}
			case k <= 2 && len(servis) > 0:
				i := rapid.IntRange(0, len(servis)-1).Draw(t, "qui")
				f.finir(servis[i], instant)
				servis = slices.Delete(servis, i, i+1)
			default:
				nom := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "nom")
				if b, refus := f.arriver(nom, rapid.IntRange(-1, 12).Draw(t, "coût"), instant); refus == nil {
					attendent = append(attendent, b)
				}
			}
			attendent = slices.DeleteFunc(attendent, func(b *billet) bool {
				select {
				case refus := <-b.verdict:
					if refus == nil {
						servis = append(servis, b)
					}
					return true
				default:
					return false
				}
			})
			if f.enService != len(servis) || f.enAttente != len(attendent) || f.enService > p.EnService || len(f.partenaires) > 3 {
				t.Fatalf("file %d/%d, vus %d/%d, %d partenaires", f.enService, f.enAttente, len(servis), len(attendent), len(f.partenaires))
			}
			if len(servis) == 0 && len(attendent) > 0 {
				t.Fatal("on attend devant une maison vide")
			}
		}
		for len(servis) > 0 { // to the end: everyone is served
			f.finir(servis[0], instant)
			servis = servis[1:]
			for _, b := range attendent {
				select {
				case <-b.verdict:
					servis = append(servis, b)
				default:
				}
			}
		}
		if f.enAttente != 0 || f.enService != 0 || len(f.tour) != 0 {
			t.Fatalf("il reste %d en attente, %d en service", f.enAttente, f.enService)
		}
	})
}

// A table behaves as a slow list kept in order of use.
func TestTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		max := rapid.IntRange(1, 5).Draw(t, "max")
		tab := newTable[int](max)
		var liste []cle // most recent last
		for range rapid.IntRange(0, 50).Draw(t, "pas") {
			k := cle{"t", fmt.Sprint(rapid.IntRange(0, 7).Draw(t, "k"))}
			var parti *cle
			v := tab.obtenir(k, func(k cle, _ *int) { parti = &k })
			i := slices.Index(liste, k)
			switch {
			case i >= 0:
				liste = slices.Delete(liste, i, i+1)
			case len(liste) == max:
				if parti == nil || *parti != liste[0] {
					t.Fatalf("parti %v, want %v", parti, liste[0])
				}
				liste = liste[1:]
			case parti != nil:
				t.Fatalf("%v part sans raison", *parti)
			}
			if i < 0 && *v != 0 {
				t.Fatalf("valeur neuve %d", *v)
			}
			*v++
			liste = append(liste, k)
			if len(tab.index) != len(liste) || tab.chercher(k) == nil {
				t.Fatalf("got %d, want %d", len(tab.index), len(liste))
			}
		}
	})
}
