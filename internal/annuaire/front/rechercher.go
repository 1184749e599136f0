package front

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// texteMax bounds a question in words, in bytes.
const texteMax = 256

// rechercher answers a question as a person writes it, nearest first: accents, mistakes
// and sounds are forgiven. It has one page. ref: RASS §7.2
func (d *demande) rechercher(nom string) error {
	n := ressource.NatureDe(nom)
	if n != annuaire.Praticiens && n != annuaire.Structures {
		return introuvable()
	}
	if d.r.Method != http.MethodGet && d.r.Method != http.MethodHead {
		d.w.Header().Set("Allow", "GET, HEAD")
		return methode("GET et HEAD")
	}
	q := d.r.URL.Query()
	texte := strings.TrimSpace(q.Get("texte"))
	if texte == "" || len(texte) > texteMax {
		return refus(fhir.CodeRequired, "texte", "dire ce qui est cherché, en 256 octets au plus, comme texte=dupont cardio blois")
	}
	nombre := 20
	if s := q.Get("_count"); s != "" {
		var err error
		if nombre, err = strconv.Atoi(s); err != nil || nombre < 1 {
			return refus(fhir.CodeValue, "_count", "écrire un nombre entier, comme 20")
		}
	}
	if err := d.g.Admet(&annuaire.Question{Nature: n, Critere: &annuaire.Critere{Op: annuaire.Et, Fils: motsDe(n)}}); err != nil {
		return err
	}
	v := d.p.depot.Vue()
	defer v.Rendre()
	a := d.p.prendre(d.g, v)
	defer d.p.rendre(a)
	if a.mots == nil {
		a.mots = lexique.NouvelleRecherche(nil)
	}
	rep := v.Rechercher(a.mots, n, lexique.Demande{Texte: texte, Nombre: min(nombre, lexique.NombreMax), EnFrappe: q.Get("frappe") == "true"})
	b := fhir.BeginBundle(&a.w, &fhir.BundleHead{Type: "searchset", Updated: v.FaiteLe().UnixMilli(), Total: -1})
	for i, t := range rep.Trouves {
		if i == nombre {
			break
		}
		h, vu := a.lire(v, t.Ref)
		if !vu {
			continue
		}
		b.Begin(d.p.o.Base, nom, h.ID)
		a.ecrire(n)
		b.EndScored(fhir.Match, note(t.Cout))
		d.lue(n, h.ID)
	}
	if dit := reserve(rep.Partiel, rep.Absents, rep.Ignores > 0); dit != "" {
		b.Begin("", "", "")
		a.w.B = fhir.AppendOutcome(a.w.B, fhir.Issue{Severity: fhir.Information, Code: fhir.CodeInformation, Diagnostics: dit})
		b.End(fhir.OfOutcome)
	}
	b.Close()
	if err := d.tracer("recherche"); err != nil {
		return err
	}
	d.p.envoyer(d.w, d.f, http.StatusOK, a.w.B)
	return nil
}

// motsDe are the fields that a question in words reads.
func motsDe(n annuaire.Nature) (l []annuaire.Critere) {
	champs := []annuaire.Champ{annuaire.ParNom, annuaire.ParCommune}
	if n == annuaire.Praticiens {
		champs = append(champs, annuaire.ParPrenom, annuaire.ParProfession, annuaire.ParSavoir)
	}
	for _, c := range champs {
		l = append(l, annuaire.Critere{Op: annuaire.Present, Champ: c})
	}
	return l
}

// note is the score of an answer, in millionths: 1 for what is written so, less for what
// is farther.
func note(cout uint16) int64 { return 1e6 * 100 / (100 + int64(cout)) }

// reserve says what a person must know of the answers.
func reserve(partiel, absents, ignores bool) string {
	var l []string
	if absents {
		l = append(l, "aucune fiche ne porte tous les mots : voici celles qui en portent le plus")
	}
	if partiel {
		l = append(l, "d'autres fiches répondraient aussi : préciser la question")
	}
	if ignores {
		l = append(l, "des mots en trop n'ont pas été lus : raccourcir la question")
	}
	return strings.Join(l, " ; ")
}
