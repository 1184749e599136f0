package front

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// lire answers a read, a read of a version, or a history: what follows the resource in
// the address. ref: FHIR R4 http §3.1.0.1, §3.1.0.2
func (d *demande) lire(nom, reste string) error {
	n := ressource.NatureDe(nom)
	if n == 0 {
		return introuvable()
	}
	id, suite, plus := strings.Cut(reste, "/")
	if !fhir.ValidID(id) {
		return annuaire.ErrInconnu
	}
	v := d.p.depot.Vue()
	defer v.Rendre()
	r, ok := v.ParID(n, id)
	if !ok {
		return annuaire.ErrInconnu
	}
	a := d.p.prendre(d.g, v)
	defer d.p.rendre(a)
	if err := d.lecture(a, nom); err != nil {
		return err
	}
	h, vu := a.lire(v, r)
	switch {
	case !vu:
		return annuaire.ErrInconnu
	case !plus:
		return d.donner(a, n, h)
	case suite == "_history":
		return d.historique(a, v, r, h)
	}
	s, ok := strings.CutPrefix(suite, "_history/")
	version, err := strconv.ParseUint(s, 10, 32)
	if !ok || err != nil {
		return introuvable()
	}
	if uint32(version) == max(h.Version, 1) {
		return d.donner(a, n, h)
	}
	return d.version(a, n, id, uint32(version))
}

// lecture reads what may be asked beside a read: the form and the elements.
func (d *demande) lecture(a *atelier, nom string) error {
	texte := d.r.URL.RawQuery
	if texte == "" {
		a.q = fhir.Query{Criteria: a.q.Criteria[:0], Elements: a.q.Elements[:0], Includes: a.q.Includes[:0], Sort: a.q.Sort[:0], Count: -1}
		return nil
	}
	if strings.HasSuffix(d.r.URL.Path, "/_history") {
		texte = ""
	}
	err := d.p.table.Parse(&a.q, nom, fhir.Input{Query: texte})
	if err == nil && (len(a.q.Criteria) > 0 || len(a.q.Includes) > 0 || len(a.q.Sort) > 0 || a.q.Count >= 0) {
		err = refus(fhir.CodeInvalid, "", "une lecture ne prend que _elements, _summary et _format : chercher par /"+nom+"?…")
	}
	return err
}

// donner sends the record that was read last.
func (d *demande) donner(a *atelier, n annuaire.Nature, e *annuaire.Entete) error {
	marque := `W/"` + strconv.FormatUint(uint64(max(e.Version, 1)), 10) + `"`
	h := d.w.Header()
	h["Etag"] = []string{marque}
	if e.Maj != 0 {
		h["Last-Modified"] = []string{time.UnixMilli(e.Maj).UTC().Format(http.TimeFormat)}
	}
	if m := d.r.Header.Get("If-None-Match"); m != "" && strings.Contains(m, marque) {
		d.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	a.ecrireCoupe(n, coupeDe(&a.q, n))
	d.lue(n, e.ID)
	if err := d.tracer("lecture"); err != nil {
		return err
	}
	d.p.envoyer(d.w, d.f, http.StatusOK, a.w.B)
	return nil
}

// passe tells whether the past may be read.
func (d *demande) passe(a *atelier) error {
	switch {
	case d.p.o.Historique == nil:
		return refus(fhir.CodeNotFound, "", "cet annuaire ne garde pas les versions passées")
	case !a.e.Droits.Voit(annuaire.CheminHistorique):
		return refus(fhir.CodeForbidden, "", "les versions passées ne sont pas de cette vue : demander un accès restreint")
	}
	return nil
}

// version sends a version that is past.
func (d *demande) version(a *atelier, n annuaire.Nature, id string, version uint32) error {
	if err := d.passe(a); err != nil {
		return err
	}
	if version == 0 {
		return annuaire.ErrInconnu
	}
	l, err := d.p.o.Historique.Versions(d.r.Context(), n, id, version+1, 1)
	if err != nil {
		return err
	}
	if len(l) == 0 {
		return annuaire.ErrInconnu
	}
	_, e := l[0].Entete()
	if e.Version != version {
		return annuaire.ErrInconnu
	}
	d.w.Header()["Etag"] = []string{`W/"` + strconv.FormatUint(uint64(version), 10) + `"`}
	if !a.changement(&l[0]) {
		return annuaire.ErrInconnu
	}
	d.lue(n, id)
	if err := d.tracer("historique"); err != nil {
		return err
	}
	d.p.envoyer(d.w, d.f, http.StatusOK, a.w.B)
	return nil
}

// historique sends the versions of a record, the latest first; the next page is asked by
// the number of its last version. ref: FHIR R4 http §3.1.0.11
func (d *demande) historique(a *atelier, v *image.Vue, r image.Ref, e *annuaire.Entete) error {
	if err := d.passe(a); err != nil {
		return err
	}
	q := d.r.URL.Query()
	nombre, avant, depuis := nombreParDefaut, max(e.Version, 1)+1, int64(0)
	if s := q.Get("_count"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return refus(fhir.CodeValue, "_count", "écrire un nombre entier, comme 50")
		}
		nombre = min(n, d.p.table.Limits.Count)
	}
	if s := q.Get("_avant"); s != "" {
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			return annuaire.ErrCurseur
		}
		avant = min(avant, uint32(n))
	}
	if s := q.Get("_since"); s != "" {
		t, _, ok := fhir.ParseDate(s, nil)
		if !ok {
			return refus(fhir.CodeValue, "_since", "écrire un instant comme 2026-11-23T10:30:00Z")
		}
		depuis = t.UnixMilli()
	}
	l, err := d.p.o.Historique.Versions(d.r.Context(), r.Nature, e.ID, avant, nombre+1)
	if err != nil {
		return err
	}
	if avant > max(e.Version, 1) { // the image has the last one
		if len(l) == 0 || versionDe(&l[0]) != max(e.Version, 1) {
			l = append([]annuaire.Changement{v.Lire(r)}, l...)
		}
	}
	for i := range l {
		if _, h := l[i].Entete(); h.Maj < depuis {
			l = l[:i]
			break
		}
	}
	suite := ""
	adresse := d.p.o.Base + "/" + ressource.Nom(r.Nature) + "/" + e.ID + "/_history"
	if len(l) > nombre {
		l = l[:nombre]
		suite = adresse + "?_count=" + strconv.Itoa(nombre) + "&_avant=" + strconv.FormatUint(uint64(versionDe(&l[nombre-1])), 10)
	}
	d.lue(r.Nature, e.ID)
	if err := d.tracer("historique"); err != nil {
		return err
	}
	d.versions(a, r.Nature, l, adresse, suite)
	return nil
}

func versionDe(k *annuaire.Changement) uint32 {
	_, e := k.Entete()
	return max(e.Version, 1)
}

func (d *demande) versions(a *atelier, n annuaire.Nature, l []annuaire.Changement, adresse, suite string) {
	b := fhir.BeginBundle(&a.w, &fhir.BundleHead{Type: "history", Total: -1, Updated: d.p.o.Horloge().UnixMilli(),
		Links: []fhir.Link{{Relation: "self", URL: adresse}, {Relation: "next", URL: suite}}})
	for i := range l {
		_, e := l[i].Entete()
		verbe, statut, quelle, maj := "PUT", "200", e.ID, e.Maj
		if e.Version <= 1 {
			verbe, statut = "POST", "201"
		}
		debut := len(a.w.B)
		b.Begin(d.p.o.Base, ressource.Nom(n), quelle)
		if !a.changement(&l[i]) {
			a.w.B = a.w.B[:debut]
			continue
		}
		b.EndVersion(verbe, ressource.Nom(n)+"/"+quelle, statut, maj)
	}
	b.Close()
	d.p.envoyer(d.w, d.f, http.StatusOK, a.w.B)
}
