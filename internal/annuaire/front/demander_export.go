package front

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// exporter takes an export to be made: of all, or of one nature. ref: RASS §7.2
func (d *demande) exporter(n annuaire.Nature) error {
	if d.p.o.Exports == nil {
		return introuvable()
	}
	q, err := d.parametres()
	if err != nil {
		return err
	}
	if !fhir.ParsePrefer(d.r.Header["Prefer"]...).Async {
		return refus(fhir.CodeRequired, "", "un export se prépare à part : le demander avec l'en-tête Prefer: respond-async")
	}
	t := &tache{Demande: d.p.o.Base + d.r.URL.Path[len(d.p.prefixe)-1:], Lecteur: lecteurDe(d.g), vision: d.g}
	if n != 0 {
		t.Types = []annuaire.Nature{n}
	} else if d.r.URL.Path != d.p.prefixe+"$export" {
		return introuvable()
	}
	if err := d.lireExport(t, q); err != nil {
		return err
	}
	v := d.p.depot.Vue()
	du := v.FaiteLe()
	v.Rendre()
	if meme := d.p.o.Exports.pareille(t, du); meme != nil {
		t = meme
	} else if err := d.p.o.Exports.deposer(t); err != nil {
		return err
	}
	d.w.Header()["Content-Location"] = []string{d.p.adresseTache(t)}
	d.p.envoyer(d.w, fhir.JSON, http.StatusAccepted, fhir.AppendOutcome(nil, fhir.Issue{Severity: fhir.Information, Code: fhir.CodeInformation, Diagnostics: "export en préparation : suivre l'adresse de l'en-tête Content-Location"}))
	return nil
}

func (p *Porte) adresseTache(t *tache) string {
	if t.ROR {
		return p.o.Base + "/$export-poll-status?_jobId=" + t.ID
	}
	return p.o.Base + "/_export/" + t.ID
}

// parametres are those of an export: of the address, or of a Parameters by POST.
func (d *demande) parametres() (url.Values, error) {
	q, err := url.ParseQuery(d.r.URL.RawQuery)
	if err != nil || len(d.r.URL.RawQuery) > 8192 {
		return nil, refus(fhir.CodeInvalid, "", "les paramètres de l'export sont mal encodés, ou dépassent 8 Ko")
	}
	switch d.r.Method {
	case http.MethodGet:
		return q, nil
	case http.MethodPost:
	default:
		d.w.Header().Set("Allow", "GET, POST")
		return nil, methode("GET et POST")
	}
	b, err := io.ReadAll(io.LimitReader(d.r.Body, 64<<10+1))
	if err != nil || len(b) > 64<<10 {
		return nil, errTropGros
	}
	if len(b) == 0 {
		return q, nil
	}
	var c struct {
		ResourceType string
		Parameter    []struct{ Name, ValueString, ValueCode, ValueInstant, ValueURI string }
	}
	if err := json.Unmarshal(b, &c); err != nil || c.ResourceType != "Parameters" {
		return nil, refus(fhir.CodeStructure, "", "envoyer une ressource Parameters en JSON")
	}
	for _, x := range c.Parameter {
		q.Add(x.Name, x.ValueString+x.ValueCode+x.ValueInstant+x.ValueURI)
	}
	return q, nil
}

// lireExport reads the parameters of an export.
func (d *demande) lireExport(t *tache, q url.Values) error {
	souple := fhir.ParsePrefer(d.r.Header["Prefer"]...).Lenient
	filtres := []string{}
	for nom, valeurs := range q {
		if len(valeurs) > 8 {
			return refus(fhir.CodeTooCostly, "", "un paramètre de l'export est répété plus de huit fois")
		}
		v := strings.Join(valeurs, ",")
		switch nom {
		case "_outputFormat":
			if v = strings.ReplaceAll(v, " ", "+"); v != "application/fhir+ndjson" && v != "application/ndjson" && v != "ndjson" {
				return refus(fhir.CodeNotSupported, nom, "seul application/fhir+ndjson est produit")
			}
		case "_since":
			i, _, ok := fhir.ParseDate(v, nil)
			if !ok {
				return refus(fhir.CodeValue, nom, "écrire un instant comme 2026-11-23T10:30:00Z")
			}
			t.Depuis = max(i.UnixMilli(), 1)
		case "_type":
			if err := t.typer(v); err != nil {
				return err
			}
		case "_elements":
			for e := range strings.SplitSeq(v, ",") {
				if _, seul, ok := strings.Cut(e, "."); ok {
					e = seul
				}
				if !fhir.ElementName(e) || len(t.Elements) == 64 {
					return refus(fhir.CodeValue, nom, "écrire des noms d'éléments du premier niveau, séparés par des virgules (64 au plus)")
				}
				t.Elements = append(t.Elements, e)
			}
		case "_typeFilter":
			filtres = valeurs
		case "_profil":
			if v != "ror" {
				return refus(fhir.CodeNotSupported, nom, "le seul profil d'export est ror")
			}
			t.ROR = true
		case "_format", "_pretty":
		default:
			if !souple {
				return refus(fhir.CodeNotSupported, "", "un export prend _since, _type, _elements, _typeFilter, _outputFormat et _profil")
			}
		}
	}
	if t.Types == nil {
		for _, n := range ressource.Servies {
			if d.g.Regard().Voit(n, annuaire.CheminID) {
				t.Types = append(t.Types, n)
			}
		}
		if t.ROR {
			t.Types = []annuaire.Nature{annuaire.Praticiens, annuaire.Situations, annuaire.Structures}
		}
	}
	return d.filtres(t, filtres)
}

// typer reads _type.
func (t *tache) typer(v string) error {
	var l []annuaire.Nature
	for s := range strings.SplitSeq(v, ",") {
		n := ressource.NatureDe(s)
		if n == 0 {
			return refus(fhir.CodeNotSupported, "_type", "une ressource demandée n'est pas servie ici : voir /metadata")
		}
		if !slices.Contains(l, n) {
			l = append(l, n)
		}
	}
	if t.Types != nil && !slices.Equal(l, t.Types) {
		return refus(fhir.CodeInvalid, "_type", "l'export d'une ressource ne prend pas _type, ou le même")
	}
	t.Types = l
	return nil
}

// filtres reads _typeFilter: a search on a resource, or, for the ROR, a region.
// ref: RASS §8
func (d *demande) filtres(t *tache, l []string) error {
	for _, s := range l {
		for un := range strings.SplitSeq(s, ",") {
			type_, recherche, ok := strings.Cut(un, "?")
			f := filtreExport{ressource.NatureDe(type_), recherche}
			if !ok || f.Type == 0 || len(t.Filtres)+len(t.Regions) >= 32 {
				return refus(fhir.CodeValue, "_typeFilter", "écrire Ressource?paramètre=valeur (32 filtres au plus)")
			}
			if tag, ok := strings.CutPrefix(recherche, "_tag="); ok && t.ROR {
				_, region, _ := strings.Cut(tag, "|")
				t.Regions = append(t.Regions, region)
				continue
			}
			var q fhir.Query
			if _, err := d.p.filtrer(d.g, &q, f, d.p.o.Horloge()); err != nil {
				return err
			}
			t.Filtres = append(t.Filtres, f)
		}
	}
	return nil
}
