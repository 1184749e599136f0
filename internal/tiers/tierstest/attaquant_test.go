package tierstest_test

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
)

// The attacker holds all that the pricing service stores (every table, read without
// knowing what it is for) and all that the insurer stores. For each trace that a
// delivery left at the pricing service it names a person.

// ligneLue is a row of any table, in the order of the database when it keeps one.
type ligneLue struct {
	table string
	ordre int // -1: the database keeps no order of insertion
	cases []any
}

// toutLire dumps every table of a SQLite database.
func toutLire(t *testing.T, b *bdd.Base) (l []ligneLue) {
	t.Helper()
	for _, nom := range unes(t, b, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`) {
		lignes, err := lireTable(b, nom[0].(string), "rowid, *")
		if err != nil { // WITHOUT ROWID
			if lignes, err = lireTable(b, nom[0].(string), "-1, *"); err != nil {
				t.Fatal(err)
			}
		}
		l = append(l, lignes...)
	}
	return l
}

func unes(t *testing.T, b *bdd.Base, requete string) [][]any {
	t.Helper()
	l, err := lire(b, requete)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func lireTable(b *bdd.Base, nom, colonnes string) (l []ligneLue, err error) {
	lignes, err := lire(b, "SELECT "+colonnes+" FROM "+nom)
	for _, x := range lignes {
		l = append(l, ligneLue{nom, int(x[0].(int64)), x[1:]})
	}
	return l, err
}

func lire(b *bdd.Base, requete string) (l [][]any, err error) {
	rows, err := b.Lecteur(context.Background()).QueryContext(context.Background(), requete)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	colonnes, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		v, ou := make([]any, len(colonnes)), make([]any, len(colonnes))
		for i := range v {
			ou[i] = &v[i]
		}
		if err := rows.Scan(ou...); err != nil {
			return nil, err
		}
		l = append(l, v)
	}
	return l, rows.Err()
}

// trace is what the attacker makes of a row: values told by their shape alone.
type trace struct {
	table    string
	jour     sante.Jour
	grille   string
	montants []int64
	instant  time.Time
	ordre    int // -1: none
	textes   []string
	pseudo   string // a text that several rows share
}

// interpreter reads rows as traces; a row that is only a count is as many traces.
func interpreter(l []ligneLue, amc []dossierAMC) (traces []trace) {
	grilles, vus := map[string]bool{}, map[string]int{}
	for _, x := range amc {
		grilles[x.grille] = true
	}
	for _, r := range l {
		for _, c := range r.cases {
			vus[r.table+"\x00"+texteDe(c)]++
		}
	}
	for _, r := range l {
		if strings.HasPrefix(r.table, "bdd_") {
			continue // the list of migrations says nothing of deliveries; its instants are of the opening
		}
		x, nombre := trace{table: r.table, ordre: r.ordre}, int64(0)
		for _, c := range r.cases {
			switch v := c.(type) {
			case int64:
				switch {
				case v > 1e12:
					x.instant = time.UnixMilli(v).UTC()
					x.jour = sante.JourA(x.instant, sante.Paris())
				default:
					nombre = v
				}
			default:
				s := texteDe(c)
				j, err := sante.ParseJour(s)
				switch {
				case err == nil:
					x.jour = j
				case grilles[s]:
					x.grille = s
				case json.Unmarshal([]byte(s), &x.montants) == nil && len(x.montants) > 0:
				case s == "tarif": // the tenant
				case vus[r.table+"\x00"+s] > 1:
					x.pseudo = s
				default:
					x.textes = append(x.textes, s)
				}
			}
		}
		if x.instant.IsZero() && len(x.montants) == 0 && len(x.textes) == 0 && nombre > 0 {
			x.ordre = -1 // the order of counts is not that of deliveries
			for range nombre {
				traces = append(traces, x)
			}
			continue
		}
		traces = append(traces, x)
	}
	return traces
}

func texteDe(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}

// deviner names a person for each trace: the invoices of that day and that grid, fewer
// and fewer as the trace tells more.
func deviner(traces []trace, amc []dossierAMC, alea *rand.Rand) []int {
	essais, officines, rangs := empreintes(amc), parVolumes(traces, amc), ranger(traces)
	devines := make([]int, len(traces))
	pris := map[string]int{}
	for i, x := range traces {
		if p, ok := parEmpreinte(x, essais); ok {
			devines[i] = p
			continue
		}
		l := garder(amc, func(d dossierAMC) bool {
			return d.facture && (x.jour.IsZero() || d.jour == x.jour) && (x.grille == "" || d.grille == x.grille)
		})
		if officine := officines[x.pseudo]; x.pseudo != "" && officine != "" {
			l = sauf(l, func(d dossierAMC) bool { return d.officine == officine })
		}
		if len(x.montants) > 0 {
			l = sauf(l, func(d dossierAMC) bool { return total(d) == somme(x.montants) })
		}
		switch {
		case len(l) == 0:
			devines[i] = -1
		case !x.instant.IsZero():
			devines[i] = plusProche(l, x.instant)
		case x.ordre >= 0:
			devines[i] = auRang(l, rangs[i])
		default: // each candidate once, in any order: as good as any
			cle := fmt.Sprint(x.table, x.jour, x.grille, x.pseudo)
			if pris[cle] == 0 {
				pris[cle] = 1 + alea.IntN(len(l))
			}
			devines[i] = l[pris[cle]%len(l)].personne
			pris[cle]++
		}
	}
	return devines
}

func garder(l []dossierAMC, f func(dossierAMC) bool) (r []dossierAMC) {
	for _, x := range l {
		if f(x) {
			r = append(r, x)
		}
	}
	return r
}

// sauf keeps what f tells, or all when it tells none: a wrong idea excludes nobody.
func sauf(l []dossierAMC, f func(dossierAMC) bool) []dossierAMC {
	if r := garder(l, f); len(r) > 0 {
		return r
	}
	return l
}

func total(d dossierAMC) (t int64) {
	for _, m := range d.montants {
		t += int64(m.AMC)
	}
	return t
}

func somme(l []int64) (t int64) {
	for _, x := range l {
		t += x
	}
	return t
}

// plusProche is who asked for rights two minutes before an instant, or nearly.
func plusProche(l []dossierAMC, a time.Time) int {
	return slices.MinFunc(l, func(x, y dossierAMC) int {
		ecart := func(d dossierAMC) time.Duration {
			e := a.Sub(d.demandeA) - 2*time.Minute
			return max(e, -e)
		}
		return cmp.Compare(ecart(x), ecart(y))
	}).personne
}

// ranger is the place of each trace, from 0 to 1, among those of its day and its grid,
// in the order of the database.
func ranger(traces []trace) []float64 {
	groupes := map[string][]int{}
	for i, x := range traces {
		if x.ordre >= 0 {
			cle := fmt.Sprint(x.jour, x.grille)
			groupes[cle] = append(groupes[cle], i)
		}
	}
	r := make([]float64, len(traces))
	for _, g := range groupes {
		slices.SortFunc(g, func(a, b int) int { return cmp.Compare(traces[a].ordre, traces[b].ordre) })
		for n, i := range g {
			r[i] = (float64(n) + 0.5) / float64(len(g))
		}
	}
	return r
}

// auRang is who asked for rights at the same place among the candidates.
func auRang(l []dossierAMC, place float64) int {
	l = slices.Clone(l)
	slices.SortFunc(l, func(a, b dossierAMC) int { return a.demandeA.Compare(b.demandeA) })
	return l[min(int(place*float64(len(l))), len(l)-1)].personne
}

// parVolumes tells which pharmacy a pseudonym is: the one whose invoices, by day and by
// grid, are nearest in number.
func parVolumes(traces []trace, amc []dossierAMC) map[string]string {
	pseudos, officines := map[string]map[string]int{}, map[string]map[string]int{}
	compter := func(m map[string]map[string]int, qui, quoi string) {
		if m[qui] == nil {
			m[qui] = map[string]int{}
		}
		m[qui][quoi]++
	}
	for _, x := range traces {
		if x.pseudo != "" {
			compter(pseudos, x.pseudo, fmt.Sprint(x.jour, x.grille))
		}
	}
	for _, d := range amc {
		if d.facture {
			compter(officines, d.officine, fmt.Sprint(d.jour, d.grille))
		}
	}
	r := map[string]string{}
	for p, v := range pseudos {
		meilleur := -1
		for o, w := range officines {
			ecart := 0
			for cle := range v {
				ecart += max(v[cle]-w[cle], w[cle]-v[cle])
			}
			for cle := range w {
				if v[cle] == 0 {
					ecart += w[cle]
				}
			}
			if meilleur < 0 || ecart < meilleur || ecart == meilleur && o < r[p] {
				meilleur, r[p] = ecart, o
			}
		}
	}
	return r
}

// empreintes are the digests of all that the insurer knows, in the ways that digests
// are made and written: a number that is one of them is found at once.
func empreintes(amc []dossierAMC) map[string]int {
	m := map[string]int{}
	for _, d := range amc {
		jour := d.jour.String()
		for _, s := range []string{d.lien.String(), d.accreditation, d.adherent, d.tarification.String(), d.officine + d.adherent,
			d.adherent + jour, d.accreditation + jour, d.lien.String() + jour, d.officine + d.accreditation} {
			b := []byte(s)
			s256, s512, s1, m5 := sha256.Sum256(b), sha512.Sum512(b), sha1.Sum(b), md5.Sum(b)
			for _, h := range [][]byte{b, s256[:], s256[:16], s512[:], s1[:], m5[:]} {
				for _, e := range []string{string(h), hex.EncodeToString(h), base64.RawURLEncoding.EncodeToString(h), base64.StdEncoding.EncodeToString(h),
					crockford.EncodeToString(h)} {
					m[e] = d.personne
				}
			}
		}
	}
	return m
}

var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

func parEmpreinte(x trace, essais map[string]int) (int, bool) {
	for _, s := range append(slices.Clone(x.textes), x.pseudo) {
		if s == "" {
			continue
		}
		if p, ok := essais[s]; ok {
			return p, true
		}
	}
	return 0, false
}
