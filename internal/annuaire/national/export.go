package national

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
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

const (
	manifesteMax  = 1 << 20
	sortiesMax    = 1000
	sondagesMax   = 10_000
	attenteExport = 10 * time.Second
)

// exportFHIR follows the interface by a bulk export. ref: RASS §7.2
type exportFHIR struct {
	c Config
	r *reseau
}

// manifeste is what an export made. ref: FHIR Bulk Data, Export
type manifeste struct {
	TransactionTime string `json:"transactionTime"`
	Output, Deleted []sortie
}

type sortie struct {
	Type  string `json:"type"`
	URL   string `json:"url"`
	Count int64  `json:"count"`
}

// course is an export that was asked for, kept on disk until it is applied.
type course struct {
	Suivi         string // address where it is followed
	Debut, Depuis time.Time
	Manifeste     *manifeste
}

func (x *exportFHIR) chemin(nom string) string { return filepath.Join(x.c.Repertoire, nom) }

// Lot implements [Source]: the files of an export, of what changed or of everything.
func (x *exportFHIR) Lot(ctx context.Context) (*Lot, error) {
	var e etatInterface
	lireEtat(x.chemin(interfaceEtat), &e)
	c, err := x.demander(ctx, e)
	if err != nil {
		return nil, err
	}
	if err := x.suivre(ctx, c); err != nil {
		if errors.Is(err, errExpire) {
			x.oublier()
		}
		return nil, err
	}
	chemins, retraits, err := x.telecharger(ctx, c)
	if err != nil {
		if errors.Is(err, ErrHote) { // what it says cannot be fetched: another is asked for next time
			x.oublier()
		}
		return nil, err
	}
	instant := c.Debut
	if t, err := time.Parse(time.RFC3339, c.Manifeste.TransactionTime); err == nil && t.Before(instant.Add(time.Hour)) {
		instant = t.UTC()
	}
	entier := c.Depuis.IsZero()
	fini := func() error {
		if entier {
			e.Entier = c.Debut
		}
		e.Depuis = instant
		err := ecrireEtat(x.chemin(interfaceEtat), e)
		x.oublier()
		return err
	}
	if len(chemins)+len(retraits) == 0 && !entier {
		if err := fini(); err != nil {
			return nil, err
		}
		return &Lot{Instant: instant}, ErrInchange
	}
	f := charger.Flux{Nom: "export FHIR", Instant: instant, Fiches: suivies(fiches(chemins), supprimees(retraits)),
		Empreinte: "export/" + strconv.FormatInt(c.Debut.UnixNano(), 10)}
	if entier {
		f.Entieres, f.Systemes = toutesNatures, systemesFHIR
	}
	return &Lot{Flux: []charger.Flux{f}, Instant: instant, appliquer: fini, fermer: func() {}}, nil
}

// oublier removes what was kept of an export.
func (x *exportFHIR) oublier() {
	l, _ := filepath.Glob(x.chemin("sortie-*"))
	for _, f := range append(l, x.chemin("export.json")) {
		_ = os.Remove(f)
	}
}

// demander asks for an export, unless one is under way.
func (x *exportFHIR) demander(ctx context.Context, e etatInterface) (*course, error) {
	maintenant := x.r.a.Maintenant().UTC()
	var c course
	if lireEtat(x.chemin("export.json"), &c) && c.Suivi != "" && maintenant.Sub(c.Debut) < vieMax && maintenant.Sub(c.Debut) >= 0 {
		return &c, nil
	}
	x.oublier()
	c = course{Debut: maintenant}
	q := url.Values{"_type": {strings.Join(typesFHIR, ",")}, "_outputFormat": {"application/fhir+ndjson"}}
	if c.Depuis = e.depuis(maintenant, x.c.EntierTousLes); !c.Depuis.IsZero() {
		q.Set("_since", c.Depuis.Format("2006-01-02T15:04:05.000Z07:00"))
	}
	adresse := strings.TrimSuffix(x.c.Adresses[0], "/") + "/$export?" + q.Encode()
	rep, err := x.r.demander(ctx, adresse, map[string]string{"Accept": "application/fhir+json", "Prefer": "respond-async"}, http.StatusAccepted)
	if err != nil {
		return nil, err
	}
	rep.Body.Close()
	if c.Suivi, err = x.r.absolue(adresse, rep.Header.Get("Content-Location")); err != nil || rep.Header.Get("Content-Location") == "" {
		return nil, fmt.Errorf("%w : export accepté sans dire où le suivre", ErrSource)
	}
	return &c, ecrireEtat(x.chemin("export.json"), c)
}

// suivre waits until the export is made.
func (x *exportFHIR) suivre(ctx context.Context, c *course) error {
	for range sondagesMax {
		if c.Manifeste != nil {
			return nil
		}
		rep, err := x.r.demander(ctx, c.Suivi, map[string]string{"Accept": "application/json"}, http.StatusOK, http.StatusAccepted)
		if err != nil {
			return err
		}
		if rep.StatusCode == http.StatusAccepted {
			attente := x.r.attendue(rep)
			rep.Body.Close()
			if attente == 0 {
				attente = attenteExport
			}
			if err := x.r.a.Dormir(ctx, attente); err != nil {
				return err
			}
			continue
		}
		b, err := lireBorne(rep.Body, manifesteMax)
		rep.Body.Close()
		if err != nil {
			return err
		}
		var m manifeste
		if json.Unmarshal(b, &m) != nil || len(m.Output)+len(m.Deleted) > sortiesMax {
			return fmt.Errorf("%w : la liste des fichiers de l'export est illisible", ErrSource)
		}
		c.Manifeste = &m
		return ecrireEtat(x.chemin("export.json"), c)
	}
	return fmt.Errorf("%w : l'export ne finit pas", ErrSource)
}

// telecharger fetches the files of an export, each where it stopped.
func (x *exportFHIR) telecharger(ctx context.Context, c *course) (chemins, retraits []string, err error) {
	recevoir := func(i int, s sortie) (string, error) {
		adresse, err := x.r.absolue(c.Suivi, s.URL)
		if err != nil {
			return "", err
		}
		t := &telechargement{r: x.r, adresse: adresse, chemin: x.chemin("sortie-" + strconv.Itoa(i)), max: x.c.Max,
			entetes: map[string]string{"Accept": "application/fhir+ndjson"}}
		if _, _, err := t.obtenir(ctx); err != nil {
			return "", err
		}
		return t.chemin, nil
	}
	for i, s := range c.Manifeste.Output {
		if natures[s.Type] == 0 {
			continue
		}
		f, err := recevoir(i, s)
		if err != nil {
			return nil, nil, err
		}
		if n, err := compter(f); err != nil || s.Count > 0 && n != s.Count {
			return nil, nil, errors.Join(fmt.Errorf("%w : un fichier de l'export n'a pas le nombre de lignes annoncé", ErrSource), err, os.Remove(f))
		}
		chemins = append(chemins, f)
	}
	for i, s := range c.Manifeste.Deleted {
		f, err := recevoir(len(c.Manifeste.Output)+i, s)
		if err != nil {
			return nil, nil, err
		}
		retraits = append(retraits, f)
	}
	return chemins, retraits, nil
}

func compter(chemin string) (n int64, err error) {
	for _, e := range lignes(chemin) {
		if e != nil {
			return n, e
		}
		n++
	}
	return n, nil
}

// supprimees reads what the source says it deleted: it ends here, and keeps what it was.
func supprimees(chemins []string) iter.Seq2[annuaire.Changement, error] {
	return func(un func(annuaire.Changement, error) bool) {
		for _, chemin := range chemins {
			for b, err := range lignes(chemin) {
				if err != nil {
					un(annuaire.Changement{}, err)
					return
				}
				for _, k := range retraitsDe(b) {
					if !un(k, nil) {
						return
					}
				}
			}
		}
	}
}

// retraitsDe reads a page of deletions: a Bundle of DELETE requests.
func retraitsDe(b []byte) (l []annuaire.Changement) {
	var p struct {
		Entry []struct {
			Request struct {
				Method string `json:"method"`
				URL    string `json:"url"`
			} `json:"request"`
		} `json:"entry"`
	}
	if json.Unmarshal(b, &p) != nil {
		return nil
	}
	for _, e := range p.Entry {
		t, id, ok := strings.Cut(e.Request.URL, "/")
		n := natures[t]
		if !ok || n == 0 || id == "" || e.Request.Method != "DELETE" {
			continue
		}
		h := annuaire.Entete{ID: identifiantDe(n, id)}
		h.Trace.Systeme = systemeFHIR
		switch n {
		case annuaire.Praticiens:
			l = append(l, annuaire.Changement{Praticien: &annuaire.Praticien{Entete: h}})
		case annuaire.Situations:
			l = append(l, annuaire.Changement{Situation: &annuaire.Situation{Entete: h}})
		case annuaire.Structures:
			l = append(l, annuaire.Changement{Structure: &annuaire.Structure{Entete: h}})
		case annuaire.Activites:
			l = append(l, annuaire.Changement{Activite: &annuaire.Activite{Entete: h}})
		case annuaire.Equipements:
			l = append(l, annuaire.Changement{Equipement: &annuaire.Equipement{Entete: h}})
		}
	}
	return l
}

// suivies are records, then others.
func suivies(l ...iter.Seq2[annuaire.Changement, error]) iter.Seq2[annuaire.Changement, error] {
	return func(un func(annuaire.Changement, error) bool) {
		for _, s := range l {
			for k, err := range s {
				if !un(k, err) {
					return
				}
			}
		}
	}
}
