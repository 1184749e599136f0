package front

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

func fonctions() template.FuncMap {
	return template.FuncMap{
		"barre": dessiner, "joli": joli, "heure": pupitre.Heure, "ms": pupitre.Millisecondes, "algo": pupitre.Algorithme,
		"plus": func(a, b int64) int64 { return a + b }, "jour": sante.Jour.Francais, "duree": duree, "texte": func(b []byte) string { return string(b) },
		"fautes": func(e *pupitre.Etape) string { return texteErreur(e.Coherente()) }, "ref": func(e pupitre.Etape) *pupitre.Etape { return &e },
		"familles": familles, "disciplines": disciplines, "natures": natures, "exonerations": exonerations, "services": services,
		"champ": unChamp, "acte": func(s saisie, i int, a pupitre.ActeSaisi) unActe { return unActe{s, i, a} }, "fr": insecables, "cible": cible, "court": court, "plus1": func(i int) int { return i + 1 },
		"legende":  func() any { return pupitre.Legende },
		"milliers": milliers, "age": age, "joindre": func(l []string) string { return strings.Join(l, ", ") },
		"vueFiche": func(l lecteurAnnuaire, f *pupitre.FicheAnnuaire) vueFiche { return vueFiche{l, f} },
		"vue":      func(chemin, quoi string, v *pupitre.Vu) vueMessage { return vueMessage{chemin, quoi, v} },
	}
}

// vueMessage is a message on the page of its step.
type vueMessage struct {
	Chemin string // of the page
	Quoi   string // question or reponse
	*pupitre.Vu
}

// insecables keeps French signs on the line of the word before them.
func insecables(s string) string { return espaces.Replace(s) }

var espaces = strings.NewReplacer(" ?", "\u00a0?", " !", "\u00a0!", " ;", "\u00a0;", " :", "\u00a0:", " »", "\u00a0»", "« ", "«\u00a0", " €", "\u00a0€", " %", "\u00a0%")

// court keeps the beginning of a value too long to be read: the raw message has
// it whole.
func court(s string) string {
	const max = 96
	r := []rune(s)
	if len(r) <= max+32 {
		return s
	}
	return fmt.Sprintf("%s… (%d caractères)", string(r[:max]), len(r))
}

// cible tells in words what a reference of a seal covers.
func cible(c string) string {
	switch nom, _, _ := strings.Cut(c, " "); nom {
	case "Body":
		return "le corps SOAP, c'est-à-dire l'enveloppe et le corps du message"
	case "Timestamp":
		return "l'horodatage WS-Security"
	case "SignedProperties":
		return "les propriétés XAdES : l'instant et le certificat du scelleur"
	}
	return ""
}

func texteErreur(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// barre is a drawing of shares: who pays what of an expense.
type barre struct {
	ID       string
	Depense  sante.Montant
	Segments []segment
}

// segment is the share of one payer. Places are percents of the width.
type segment struct {
	Nom, Long, Classe string
	Montant           sante.Montant
	Debut             string
	Largeur           string
	Milieu            string
	Pourcent          string
	Etroit            bool // too narrow for a text
	Vide              bool
}

// dessiner places the shares of an expense side by side. A negative share, which
// no coherent step has, is drawn as nothing.
func dessiner(id string, p *pupitre.Parts, colonnes []pupitre.Colonne) barre {
	b := barre{ID: id, Depense: p.Depense}
	var avant float64
	for i := range colonnes {
		m := colonnes[i].Valeur(p)
		part := 0.0
		if p.Depense > 0 && m > 0 {
			part = min(100*float64(m)/float64(p.Depense), 100-avant)
		}
		b.Segments = append(b.Segments, segment{
			Nom: colonnes[i].Nom, Long: colonnes[i].Long, Classe: colonnes[i].Cle, Montant: m, Debut: pourcent(avant), Largeur: pourcent(part),
			Milieu: pourcent(avant + part/2), Pourcent: strings.Replace(strconv.FormatFloat(part, 'f', 1, 64), ".", ",", 1) + "\u00a0%",
			Etroit: part < 3*float64(len([]rune(colonnes[i].Nom))), Vide: part == 0,
		})
		avant += part
	}
	return b
}

func pourcent(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) + "%" }

// Phrase tells the drawing to who does not see it.
func (b barre) Phrase() string {
	var l []string
	for _, s := range b.Segments {
		l = append(l, fmt.Sprintf("%s %s", s.Long, s.Montant.Euros()))
	}
	return "Sur " + b.Depense.Euros() + " : " + strings.Join(l, ", ") + "."
}

func duree(d time.Duration) string {
	if d < time.Second {
		return pupitre.Millisecondes(d)
	}
	return strings.Replace(strconv.FormatFloat(d.Seconds(), 'f', 1, 64), ".", ",", 1) + " s"
}

// option is a choice of a list.
type option struct{ Cle, Nom string }

func liste[C interface {
	~string
	Libelle() string
}](codes ...C) (l []option) {
	for _, c := range codes {
		l = append(l, option{string(c), c.Libelle()})
	}
	return l
}

func familles() []option {
	return liste(calcul.FamilleCONS, calcul.FamilleACTE, calcul.FamilleBIO, calcul.FamilleMED, calcul.FamilleDMI)
}

func disciplines() []option {
	return liste(calcul.MCO, calcul.SMR, calcul.PSY, calcul.HAD, calcul.ODO)
}

func natures() []option {
	return liste(calcul.NatureMaladie, calcul.NatureLocal, calcul.NatureMaternite, calcul.NatureAccident)
}

func exonerations() []option {
	return liste(calcul.ExoAucune, calcul.ExoALD, calcul.ExoActeCCAM, calcul.ExoAssure, calcul.ExoFSV)
}

func services() []option {
	return []option{
		{string(roc.IDB), "les droits du patient"},
		{string(roc.SIM), "une estimation, qui n'engage personne"},
		{string(roc.CLC), "le calcul exact, et l'engagement de payer"},
	}
}

// unActe is an act of the form, and its place.
type unActe struct {
	S saisie
	I int
	A pupitre.ActeSaisi
}

// champSaisi is a text field of the form.
type champSaisi struct{ Nom, Libelle, Valeur, Aide, Faute string }

func unChamp(s saisie, nom, libelle, valeur, aide string) champSaisi {
	return champSaisi{nom, libelle, valeur, aide, s.Erreur(nom)}
}

// Decrit names what describes the field, for who does not see it.
func (c champSaisi) Decrit() string {
	var l []string
	if c.Aide != "" {
		l = append(l, c.Nom+"-aide")
	}
	if c.Faute != "" {
		l = append(l, c.Nom+"-erreur")
	}
	return strings.Join(l, " ")
}
