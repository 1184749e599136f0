package national

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
)

// typesFHIR are the resources that are followed.
var typesFHIR = []string{"Organization", "Practitioner", "PractitionerRole", "HealthcareService", "Device"}

// systemesFHIR are the systems whose records the interface keeps.
var systemesFHIR = []string{"RPPS", "FINESS", "CG", "MSS", systemeFHIR}

const (
	pageMax        = 64 << 20         // bytes of one page
	pagesMax       = 200_000          // of one type: 40 M resources
	recouvrement   = time.Hour        // asked again, for clocks that are not ours
	pageDelais     = 20               // times the delay of an answer: a page byte by byte is given up
	recommencesMax = 3                // when the rest of a search has expired
	vieMax         = 24 * time.Hour   // of a reading that was interrupted
	interfaceEtat  = "interface.json" // what was applied
)

// etatInterface is what was applied of the interface.
type etatInterface struct {
	Depuis time.Time // all that changed before is applied
	Entier time.Time // of the last whole reading
}

// depuis is from when changes are asked for; zero for everything: at first, when the last
// whole reading is too old, and when the clock went back, which says nothing sure.
func (e *etatInterface) depuis(maintenant time.Time, entierTousLes time.Duration) time.Time {
	age := maintenant.Sub(e.Entier)
	if e.Entier.IsZero() || age >= entierTousLes || age < -recouvrement || e.Depuis.After(maintenant.Add(recouvrement)) {
		return time.Time{}
	}
	return e.Depuis
}

// interfaceFHIR follows the interface page after page. ref: RASS §7.1
type interfaceFHIR struct {
	c Config
	r *reseau
}

// lecturePages is one reading, kept on disk page after page.
type lecturePages struct {
	Debut, Depuis time.Time
	Types         map[string]*suitePages
}

// suitePages is where the reading of one type is.
type suitePages struct {
	Suite  string // address of the next page, empty at the end
	Octets int64  // of the file that are sure
	Pages  int
	Fini   bool
}

// Lot implements [Source]: what changed since what was applied, or everything.
func (x *interfaceFHIR) Lot(ctx context.Context) (*Lot, error) {
	var e etatInterface
	lireEtat(x.chemin(interfaceEtat), &e)
	l := x.reprendre(e)
	for _, t := range typesFHIR {
		if err := x.lireType(ctx, l, t); err != nil {
			return nil, err
		}
	}
	var chemins []string
	var octets int64
	for _, t := range typesFHIR {
		chemins = append(chemins, x.chemin(t+".ndjson"))
		octets += l.Types[t].Octets
	}
	entier := l.Depuis.IsZero()
	fini := func() error {
		if entier {
			e.Entier = l.Debut
		}
		e.Depuis = l.Debut
		if err := ecrireEtat(x.chemin(interfaceEtat), e); err != nil {
			return err
		}
		return os.Remove(x.chemin("lecture.json"))
	}
	if octets == 0 && !entier {
		if err := fini(); err != nil {
			return nil, err
		}
		return &Lot{Instant: l.Debut}, ErrInchange
	}
	f := charger.Flux{Nom: "interface FHIR", Instant: l.Debut, Fiches: fiches(chemins),
		Empreinte: fmt.Sprintf("fhir/%d/%d", l.Debut.UnixNano(), octets)}
	if entier {
		f.Entieres, f.Systemes = toutesNatures, systemesFHIR
	}
	return &Lot{Flux: []charger.Flux{f}, Instant: l.Debut, appliquer: fini, fermer: func() {}}, nil
}

var toutesNatures = []annuaire.Nature{annuaire.Praticiens, annuaire.Situations, annuaire.Structures, annuaire.Activites, annuaire.Equipements}

func (x *interfaceFHIR) chemin(nom string) string { return filepath.Join(x.c.Repertoire, nom) }

// reprendre takes up the reading that was interrupted, or begins one: of what changed,
// or of everything when the last whole reading is too old.
func (x *interfaceFHIR) reprendre(e etatInterface) *lecturePages {
	maintenant := x.r.a.Maintenant().UTC()
	var l lecturePages
	if lireEtat(x.chemin("lecture.json"), &l) && maintenant.Sub(l.Debut) < vieMax && maintenant.Sub(l.Debut) >= 0 && len(l.Types) == len(typesFHIR) {
		return &l
	}
	l = lecturePages{Debut: maintenant, Types: map[string]*suitePages{}}
	l.Depuis = e.depuis(maintenant, x.c.EntierTousLes)
	for _, t := range typesFHIR {
		l.Types[t] = &suitePages{Suite: x.premiere(t, l.Depuis)}
	}
	return &l
}

// premiere is the address of the first page of a type.
func (x *interfaceFHIR) premiere(t string, depuis time.Time) string {
	q := url.Values{"_count": {strconv.Itoa(x.c.Page)}}
	if !depuis.IsZero() {
		q.Set("_lastUpdated", "ge"+depuis.Add(-recouvrement).Format("2006-01-02T15:04:05Z07:00"))
	}
	return strings.TrimSuffix(x.c.Adresses[0], "/") + "/" + t + "?" + q.Encode()
}

// lireType reads the pages of a type that are not yet on disk. A search whose rest has
// expired is begun again.
func (x *interfaceFHIR) lireType(ctx context.Context, l *lecturePages, t string) error {
	s := l.Types[t]
	for fois := 0; !s.Fini; {
		err := x.page(ctx, l, t, s)
		if errors.Is(err, errExpire) && fois < recommencesMax {
			fois++
			*s = suitePages{Suite: x.premiere(t, l.Depuis)}
			continue
		}
		if err != nil {
			return err
		}
		if s.Pages > pagesMax {
			return ErrPages
		}
	}
	return nil
}

// paquet is a page of a search.
type paquet struct {
	ResourceType string `json:"resourceType"`
	Link         []struct {
		Relation string `json:"relation"`
		URL      string `json:"url"`
	} `json:"link"`
	Entry []struct {
		Resource json.RawMessage `json:"resource"`
		Search   struct {
			Mode string `json:"mode"`
		} `json:"search"`
	} `json:"entry"`
}

// page reads one page and puts it on disk, then says that it is there.
func (x *interfaceFHIR) page(ctx context.Context, l *lecturePages, t string, s *suitePages) error {
	p, date, err := x.lirePage(ctx, s.Suite)
	if err != nil {
		return err
	}
	if !date.IsZero() && date.Before(l.Debut) { // what changes from now on is by its clock, not by ours
		l.Debut = date
	}
	var b bytes.Buffer
	for _, e := range p.Entry {
		if e.Search.Mode == "outcome" || len(e.Resource) == 0 {
			continue
		}
		if err := json.Compact(&b, e.Resource); err != nil {
			return fmt.Errorf("%w : page illisible", ErrSource)
		}
		b.WriteByte('\n')
	}
	suite := ""
	for _, k := range p.Link {
		if k.Relation == "next" {
			suite = k.URL
		}
	}
	if suite != "" {
		if suite, err = x.r.absolue(s.Suite, suite); err != nil {
			return err
		}
		if suite == s.Suite {
			return ErrPages
		}
	}
	if err := ajouterA(x.chemin(t+".ndjson"), s.Octets, b.Bytes()); err != nil {
		return err
	}
	s.Octets += int64(b.Len())
	s.Pages++
	s.Suite, s.Fini = suite, suite == ""
	return ecrireEtat(x.chemin("lecture.json"), l)
}

// lirePage gives a page, and the instant of it at the source.
func (x *interfaceFHIR) lirePage(ctx context.Context, adresse string) (_ *paquet, date time.Time, _ error) {
	var dernier error
	for range x.r.a.Essais {
		rep, err := x.r.demander(ctx, adresse, map[string]string{"Accept": "application/fhir+json"}, http.StatusOK)
		if err != nil {
			return nil, date, err
		}
		if t, err := http.ParseTime(rep.Header.Get("Date")); err == nil {
			date = t.UTC()
		}
		fin := time.AfterFunc(pageDelais*x.r.a.Delai, func() { rep.Body.Close() })
		b, err := lireBorne(rep.Body, pageMax)
		fin.Stop()
		rep.Body.Close()
		if errors.Is(err, ErrTaille) || ctx.Err() != nil {
			return nil, date, errors.Join(err, ctx.Err())
		}
		var p paquet
		if err == nil && json.Unmarshal(b, &p) == nil && p.ResourceType == "Bundle" {
			return &p, date, nil
		}
		dernier = fmt.Errorf("%w : page illisible ou coupée", ErrSource) // cut on the way: asked again
	}
	return nil, date, dernier
}

// absolue is a link of a page, from the address of that page; one that leads where
// nothing may be asked is refused before it is kept.
func (r *reseau) absolue(page, lien string) (string, error) {
	u, err := url.Parse(page)
	if err != nil {
		return "", ErrHote
	}
	v, err := u.Parse(lien)
	if err != nil {
		return "", fmt.Errorf("%w : lien de page illisible", ErrSource)
	}
	return v.String(), r.permise(v)
}

// ajouterA writes octets at a place of a file and cuts what was after.
func ajouterA(chemin string, a int64, b []byte) error {
	f, err := os.OpenFile(chemin, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("annuaire national: %w", err)
	}
	defer f.Close()
	if err := f.Truncate(a); err != nil {
		return fmt.Errorf("annuaire national: %w", err)
	}
	if _, err := f.WriteAt(b, a); err != nil {
		return fmt.Errorf("annuaire national: %w", err)
	}
	return f.Close()
}
