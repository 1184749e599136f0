package pupitre

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sceau"
)

// Largeur is how wide the narration is, in columns.
const Largeur = 100

const marge = "    "

// EcrireTexte tells a step in French for a terminal, in at most Largeur columns,
// long numbers excepted. couleur asks for ANSI colours: the caller knows whether
// the terminal wants them (NO_COLOR, not a terminal).
func EcrireTexte(w io.Writer, e Etape, couleur bool) error {
	n := narrateur{couleur: couleur}
	n.titre(&e)
	for _, p := range e.Recit {
		n.paragraphe(marge, marge, p)
	}
	n.refus(&e)
	n.reponse(&e)
	n.parts(&e)
	n.engagement(&e)
	n.sceau("question", e.Question)
	n.sceau("réponse", e.Reponse)
	n.preuve(e.Preuve)
	n.regards(e.Regards)
	n.fin(&e)
	n.b.WriteByte('\n')
	_, err := io.WriteString(w, n.b.String())
	return err
}

// EcrireHistoire writes the title of a story.
func EcrireHistoire(w io.Writer, titre string, couleur bool) error {
	n := narrateur{couleur: couleur}
	trait := strings.Repeat("─", max(4, Largeur-utf8.RuneCountInString(titre)-4))
	_, err := io.WriteString(w, n.peindre(gras, "── "+titre+" "+trait)+"\n\n")
	return err
}

// Bilan is how a story went, for the end of the narration.
func Bilan(etapes []Etape) (tenues int, duree time.Duration) {
	for i := range etapes {
		if etapes[i].Tient() {
			tenues++
		}
		duree += etapes[i].Duree
	}
	return tenues, duree
}

type teinte string

const (
	gras  teinte = "1"
	vert  teinte = "32"
	rouge teinte = "31"
	bleu  teinte = "36"
	pale  teinte = "2"
)

type narrateur struct {
	b       strings.Builder
	couleur bool
}

func (n *narrateur) peindre(t teinte, s string) string {
	if !n.couleur || s == "" || t == "" {
		return s
	}
	return "\x1b[" + string(t) + "m" + s + "\x1b[0m"
}

func (n *narrateur) ecrire(format string, a ...any) { fmt.Fprintf(&n.b, format, a...) }

func (n *narrateur) titre(e *Etape) {
	numero := strconv.Itoa(e.Numero)
	if e.Numero == 0 {
		numero = "•"
	}
	n.ecrire("%s %s %s\n", n.peindre(gras, fmt.Sprintf("%3s", numero)), n.peindre(bleu, fmt.Sprintf("%-4s", e.Service)), n.peindre(gras, propre(e.Titre)))
	if c := chemin(e); c != "" {
		n.paragraphe(marge, marge, c)
	}
}

// chemin tells who asks whom, and how the message travelled.
func chemin(e *Etape) string {
	var l []string
	if e.Demandeur != "" && e.Repondant != "" {
		l = append(l, e.Demandeur+" → "+e.Repondant)
	}
	if f := e.faceDe(); f != "" {
		l = append(l, string(f))
	}
	if len(e.Relais) > 0 {
		l = append(l, "par "+strings.Join(e.Relais, " puis "))
	}
	if e.Chiffre {
		l = append(l, "corps chiffré de bout en bout")
	}
	if e.Annuaire != "" {
		l = append(l, e.Annuaire)
	}
	return strings.Join(l, " · ")
}

func (n *narrateur) refus(e *Etape) {
	r := e.Refus
	if r == nil {
		return
	}
	titre := "Refus"
	if r.Code != "" {
		titre += " " + string(r.Code)
	}
	texte := r.Libelle
	if r.Detail != "" {
		texte += " : " + r.Detail
	}
	n.fait(titre, rouge, texte+".")
	if r.QuiAgit != "" {
		n.fait("Qui agit", "", r.QuiAgit)
	}
	if r.Reessai != "" {
		n.fait("Réessayer", "", r.Reessai)
	}
	if r.QueFaire != "" {
		n.fait("Que faire", "", r.QueFaire)
	}
}

// reponse tells the code of an answer that is not told as a refusal.
func (n *narrateur) reponse(e *Etape) {
	if e.Refus != nil || e.Code == "" {
		return
	}
	s := string(e.Code) + " " + e.LibelleDuCode()
	if e.Precision != "" {
		s += " : " + e.Precision
	}
	n.fait("Réponse", "", s)
}

func (n *narrateur) engagement(e *Etape) {
	g := e.Engagement
	if g == nil {
		return
	}
	s := g.Numero
	if g.Etat != "" {
		s += ", " + g.Etat
	}
	if g.Etendue != "" {
		s += ", garantie " + g.Etendue
	}
	if g.Debut != 0 {
		s += ", à partir du " + g.Debut.Francais()
	}
	if g.Fin != 0 {
		s += ", à facturer jusqu'au " + g.Fin.Francais()
	}
	n.fait("Engagement", gras, s)
}

func (n *narrateur) sceau(quoi string, v *Vu) {
	if v == nil {
		return
	}
	if v.Code != "" {
		n.fait("Sceau", rouge, quoi+" refusée ("+string(v.Code)+") : "+v.Echec)
		return
	}
	s := quoi + " valide"
	if v.Scelleur != nil {
		s += ", par " + nomDuScelleur(v.Scelleur)
	}
	if v.Sceau != nil {
		s += fmt.Sprintf(", %s, %s", v.Profil(), references(v.Sceau))
	}
	n.fait("Sceau", vert, s)
}

func nomDuScelleur(s *Scelleur) string {
	if s.Structure == "" {
		return "la carte d'un professionnel"
	}
	if s.Organisation == "" {
		return s.Structure
	}
	return s.Organisation + " (" + s.Structure + ")"
}

func references(r *sceau.Rapport) string {
	bonnes := 0
	for _, x := range r.References {
		if x.Concordante {
			bonnes++
		}
	}
	if len(r.References) == 1 {
		return fmt.Sprintf("%d référence exacte sur 1", bonnes)
	}
	return fmt.Sprintf("%d références exactes sur %d", bonnes, len(r.References))
}

func (n *narrateur) preuve(p *Preuve) {
	switch {
	case p == nil:
	case p.Verifiee:
		n.fait("Journal", vert, fmt.Sprintf("feuille n° %d sur %d, racine %s, preuve vérifiée", p.Rang+1, p.Taille, p.Racine))
	default:
		n.fait("Journal", rouge, "preuve refusée : "+p.Echec)
	}
}

func (n *narrateur) fin(e *Etape) {
	temps := Millisecondes(e.Duree)
	if err := e.Coherente(); err != nil {
		n.fait("✘ "+temps, rouge, err.Error())
		return
	}
	if !e.Ok {
		n.fait("✘ "+temps, rouge, "attendu : "+e.Attendu+" ; constaté : "+e.Constate)
		return
	}
	texte := "comme attendu"
	if e.Attendu != "" {
		texte += " : " + e.Attendu
	}
	n.fait("✔ "+temps, vert, texte)
}

// Millisecondes writes a duration as a person reads it: 12,4 ms.
func Millisecondes(d time.Duration) string {
	ms := float64(d.Microseconds()) / 1000
	decimales := 1
	if ms >= 100 {
		decimales = 0
	}
	return strings.Replace(strconv.FormatFloat(ms, 'f', decimales, 64), ".", ",", 1) + " ms"
}

// fait writes a titled line, its text wrapped beside the title.
func (n *narrateur) fait(titre string, t teinte, texte string) {
	const large = 14
	blanc := strings.Repeat(" ", max(1, large-utf8.RuneCountInString(titre)))
	debut := n.b.Len()
	n.paragraphe(marge+titre+blanc, marge+strings.Repeat(" ", large), texte)
	if t == "" || !n.couleur {
		return
	}
	ecrit := n.b.String()
	peint := ecrit[:debut] + strings.Replace(ecrit[debut:], titre, n.peindre(t, titre), 1)
	n.b.Reset()
	n.b.WriteString(peint)
}

// paragraphe wraps a text; premier begins its first line, suite the others.
func (n *narrateur) paragraphe(premier, suite, texte string) {
	ligne, vide := premier, true
	for _, mot := range strings.FieldsFunc(propre(texte), secable) {
		if !vide && utf8.RuneCountInString(ligne)+1+utf8.RuneCountInString(mot) > Largeur {
			n.ecrire("%s\n", ligne)
			ligne, vide = suite, true
		}
		if !vide {
			ligne += " "
		}
		ligne += mot
		vide = false
	}
	n.ecrire("%s\n", strings.TrimRight(ligne, " "))
}

// secable tells the blanks where a line may be cut: not those inside an amount.
func secable(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }

// propre takes out of a text what a terminal would obey.
func propre(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20 && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0: // controls
			return -1
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // changes of direction
			return -1
		}
		return r
	}, s)
}
