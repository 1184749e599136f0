package preuve

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Dossier is what a party brings to a dispute on one exchange.
type Dossier struct {
	// Nom is how the report calls the party.
	Nom string
	// Cle is the public key of its journal, known from elsewhere.
	Cle Cle
	// Structure is whose seal is the party's, known from elsewhere too. When it is
	// "", only what the party itself writes says so: the word of the other party
	// does not make a seal its own.
	Structure string
	// Echange is its evidence; nil when it brings none.
	Echange *Echange
	// Complet is its whole journal, verified, when it shows it: it then proves
	// that an exchange it does not bring is not in it.
	Complet *Bilan
}

// Degre is how well a fact is established. The zero value is "not established".
type Degre int

// From the weakest to the strongest.
const (
	// NonEtabli: nothing says it.
	NonEtabli Degre = iota
	// Affirme: only the party that has an interest in it says so.
	Affirme
	// Prouve: the other party's seal or journal says so.
	Prouve
)

// String is the word of the report.
func (d Degre) String() string { return [...]string{"non établi", "affirmé", "prouvé"}[d] }

// Constatation is the code of a fact that the evidence shows.
type Constatation string

// The facts, from the gravest.
const (
	PreuveInvalide        Constatation = "preuve-invalide"
	SceauInvalide         Constatation = "sceau-invalide"
	SceauEtranger         Constatation = "sceau-d-un-autre"
	EmpreinteQuestion     Constatation = "question-differente"
	EmpreinteReponse      Constatation = "reponse-differente"
	ReponseAutreQuestion  Constatation = "reponse-a-une-autre-question"
	ContenuDifferent      Constatation = "contenu-different"
	ReceptionNiee         Constatation = "reception-niee"
	EnvoiNie              Constatation = "envoi-nie"
	SansDossier           Constatation = "sans-dossier"
	HeuresEloignees       Constatation = "heures-eloignees"
	InscriptionTardive    Constatation = "inscription-tardive"
	InscriptionAnticipee  Constatation = "inscription-anticipee"
	ReponseNonRecue       Constatation = "reponse-non-recue"
	ContenuAbsent         Constatation = "contenu-absent"
	ReponseAbsenteDuLivre Constatation = "sans-reponse"
	StructureSupposee     Constatation = "structure-supposee"
)

// Fait is something that the evidence shows.
type Fait struct {
	Constatation Constatation `json:"constatation"`
	// Partie is the party whose evidence shows it, "" for both.
	Partie string `json:"partie,omitempty"`
	// Texte says it in French.
	Texte string `json:"texte"`
}

// Evenement is an instant of the exchange and who says it.
type Evenement struct {
	Instant time.Time `json:"instant"`
	Partie  string    `json:"partie"`
	Texte   string    `json:"texte"`
}

// Conclusion is what the evidence alone says.
type Conclusion struct {
	IDMessage string `json:"idMessage"`
	Service   string `json:"service"`
	Emetteur  string `json:"emetteur"`
	// Destinataire is the other party.
	Destinataire string `json:"destinataire"`
	// Accord: both books are whole and say the same.
	Accord bool `json:"accord"`
	// The four steps of an exchange.
	QuestionEnvoyee Degre `json:"questionEnvoyee"`
	QuestionRecue   Degre `json:"questionRecue"`
	ReponseEnvoyee  Degre `json:"reponseEnvoyee"`
	ReponseRecue    Degre `json:"reponseRecue"`
	// Faits are what prevents Accord, the gravest first; Remarques do not.
	Faits       []Fait      `json:"faits,omitempty"`
	Remarques   []Fait      `json:"remarques,omitempty"`
	Chronologie []Evenement `json:"chronologie,omitempty"`
}

// Errors of disputes.
var (
	// ErrLitigeVide: no party brings evidence that can be read.
	ErrLitigeVide = errors.New("preuve: aucun des deux dossiers ne prouve quoi que ce soit")
	// ErrLitigeAutre: the two pieces of evidence are of two exchanges, or of the
	// same side of one.
	ErrLitigeAutre = errors.New("preuve: les deux dossiers ne sont pas les deux côtés d'un même échange")
)

// Tolerances of clocks.
const (
	// ref: DEC 13, horodatage beyond ±300 s is refused
	ecartMax = 300 * time.Second
	// hyp: LITIGE-RETARD a leaf is in a signed checkpoint within 2 s, and a checkpoint is kept
	// each minute; beyond five the record was written after the event
	retardMax = 5 * time.Minute
)

// Litige compares what two parties prove of one exchange, in either order. sceau
// judges the seals of the messages brought; without it, only journals speak.
func Litige(a, b Dossier, sceau VerifierSceau) (Conclusion, error) {
	var c Conclusion
	ca, cb := c.ouvrir(a, sceau), c.ouvrir(b, sceau)
	if ca.Constat == nil && cb.Constat == nil {
		return c, ErrLitigeVide
	}
	e, d, err := cotes(ca, cb)
	if err != nil {
		return c, err
	}
	c.Emetteur, c.Destinataire = e.Nom, d.Nom
	t := cmp.Or(e.Constat, d.Constat).Trace
	c.IDMessage, c.Service = t.IDMessage, t.Service
	c.etapes(e, d)
	c.absences(e, d)
	if e.Constat != nil && d.Constat != nil {
		c.comparer(e, d)
	}
	for _, p := range []cote{e, d} {
		if p.Constat != nil {
			c.sceaux(p, e, d)
			c.heures(p)
		}
	}
	slices.SortStableFunc(c.Faits, func(x, y Fait) int { return cmp.Compare(gravite(x), gravite(y)) })
	slices.SortStableFunc(c.Chronologie, func(x, y Evenement) int { return x.Instant.Compare(y.Instant) })
	c.Accord = len(c.Faits) == 0
	return c, nil
}

// cote is a party and what its evidence proves; Constat is nil when nothing.
type cote struct {
	Dossier
	Constat *Constat
}

func (c *Conclusion) ouvrir(d Dossier, sceau VerifierSceau) cote {
	if d.Echange == nil {
		return cote{Dossier: d}
	}
	k, err := d.Echange.Verifier(d.Cle, sceau)
	if err != nil {
		c.fait(PreuveInvalide, d.Nom, "Le dossier de %s ne prouve rien : %v.", d.Nom, err)
		return cote{Dossier: d}
	}
	return cote{d, &k}
}

// cotes finds who asked and who answered.
func cotes(a, b cote) (emetteur, destinataire cote, err error) {
	ra, rb := RoleEmetteur, RoleDestinataire
	switch {
	case a.Constat != nil && b.Constat != nil:
		ra, rb = a.Constat.Trace.Role, b.Constat.Trace.Role
		if a.Constat.Trace.IDMessage != b.Constat.Trace.IDMessage {
			return a, b, ErrLitigeAutre
		}
	case a.Constat != nil:
		ra, rb = a.Constat.Trace.Role, autre(a.Constat.Trace.Role)
	default:
		ra, rb = autre(b.Constat.Trace.Role), b.Constat.Trace.Role
	}
	switch {
	case ra == RoleEmetteur && rb == RoleDestinataire:
		return a, b, nil
	case ra == RoleDestinataire && rb == RoleEmetteur:
		return b, a, nil
	}
	return a, b, ErrLitigeAutre
}

func autre(r Role) Role {
	switch r {
	case RoleEmetteur:
		return RoleDestinataire
	case RoleDestinataire:
		return RoleEmetteur
	}
	return ""
}

func (c *Conclusion) fait(k Constatation, partie, texte string, args ...any) {
	c.Faits = append(c.Faits, Fait{k, partie, fmt.Sprintf(texte, args...)})
}

func (c *Conclusion) remarque(k Constatation, partie, texte string, args ...any) {
	c.Remarques = append(c.Remarques, Fait{k, partie, fmt.Sprintf(texte, args...)})
}

// etapes says how well each step of the exchange is established. A party's own
// journal proves against it, and only affirms for it; its seal, found in the
// hands of the other, proves against it.
func (c *Conclusion) etapes(e, d cote) {
	scellee := func(p cote, m func(Constat) Message, par string) bool {
		return p.Constat != nil && m(*p.Constat).Verifie && m(*p.Constat).Sceau.Structure == par && par != ""
	}
	question := func(k Constat) Message { return k.Question }
	reponse := func(k Constat) Message { return k.Reponse }
	de, vers := parties(e, d)
	demandee, rendue := scellee(d, question, de.structure), scellee(e, reponse, vers.structure)

	c.QuestionEnvoyee = degre(e.Constat != nil || demandee, demandee && de.sure || (e.Constat != nil && d.Constat != nil &&
		e.Constat.Trace.EmpreinteQuestion == d.Constat.Trace.EmpreinteQuestion))
	// The answer seals the digest of the question: its author had it.
	recue := rendue && e.Constat.Reponse.Sceau.Question == e.Constat.Trace.EmpreinteQuestion
	c.QuestionRecue = degre(recue, recue && vers.sure || d.Constat != nil)
	c.ReponseEnvoyee = degre(rendue || d.Constat != nil && d.Constat.Trace.EmpreinteReponse != "", rendue && vers.sure ||
		(e.Constat != nil && d.Constat != nil && e.Constat.Trace.EmpreinteReponse != "" &&
			e.Constat.Trace.EmpreinteReponse == d.Constat.Trace.EmpreinteReponse))
	c.ReponseRecue = degre(false, e.Constat != nil && e.Constat.Trace.EmpreinteReponse != "")
	for _, x := range []struct {
		vu        bool
		de, autre cote
		structure string
		sure      bool
	}{{demandee, e, d, de.structure, de.sure}, {rendue, d, e, vers.structure, vers.sure}} {
		if x.vu && !x.sure {
			c.remarque(StructureSupposee, x.autre.Nom, "Seul %s dit que le sceau de %s est celui de %s : tant que cela n'est pas établi d'ailleurs, ce sceau ne prouve rien contre %s.",
				x.autre.Nom, x.structure, x.de.Nom, x.de.Nom)
		}
	}
}

func degre(affirme, prouve bool) Degre {
	switch {
	case prouve:
		return Prouve
	case affirme:
		return Affirme
	}
	return NonEtabli
}

// signataire is the structure that should have sealed for a party; sure when more
// than the word of the other party says so.
type signataire struct {
	structure string
	sure      bool
}

// parties names the structures that should have sealed the question and the
// answer.
func parties(e, d cote) (question, reponse signataire) {
	de := func(p cote, f func(Trace) Partie) string {
		if p.Constat == nil {
			return ""
		}
		return f(p.Constat.Trace).Structure
	}
	q := func(t Trace) Partie { return t.SceauQuestion }
	r := func(t Trace) Partie { return t.SceauReponse }
	sienne, siennes := cmp.Or(e.Structure, de(e, q)), cmp.Or(d.Structure, de(d, r))
	return signataire{cmp.Or(sienne, de(d, q)), sienne != ""}, signataire{cmp.Or(siennes, de(e, r)), siennes != ""}
}

// absences says what the silence of a party is worth.
func (c *Conclusion) absences(e, d cote) {
	for _, p := range []struct {
		cote
		autre   cote
		k       Constatation
		nie     string
		demenie bool
	}{
		{d, e, ReceptionNiee, "avoir reçu la question", c.QuestionRecue == Prouve},
		{e, d, EnvoiNie, "avoir envoyé la question", c.QuestionEnvoyee == Prouve},
	} {
		if p.Constat != nil || p.Echange != nil {
			continue // it speaks, or its evidence was already refused
		}
		demenie := "rien ne le contredit"
		if p.demenie {
			demenie = "son propre sceau, entre les mains de l'autre partie, le dément"
		}
		if p.Complet != nil && p.Complet.Point.Instant.Before(dernier(p.autre)) {
			// A journal that stops before the exchange could not hold it.
			c.fait(SansDossier, p.Nom, "Le journal que %s présente s'arrête le %s, avant l'échange : son silence ne dit rien ; sur le fait d'%s, %s.",
				p.Nom, date(p.Complet.Point.Instant), p.nie, demenie)
			continue
		}
		if p.Complet != nil {
			c.fait(p.k, p.Nom, "Le journal complet de %s (%d feuilles, signé le %s) ne contient pas cet échange : %s nie %s ; %s.",
				p.Nom, p.Complet.Feuilles, date(p.Complet.Point.Instant), p.Nom, p.nie, demenie)
			continue
		}
		c.fait(SansDossier, p.Nom, "%s ne présente aucune preuve de cet échange ; sur le fait d'%s, %s.", p.Nom, p.nie, demenie)
	}
}

// dernier is the last instant that a party writes of the exchange.
func dernier(p cote) time.Time {
	if p.Constat == nil {
		return time.Time{}
	}
	t := p.Constat.Trace
	return time.UnixMilli(max(t.Emission, t.Reception, t.Horodatage))
}

func date(t time.Time) string { return t.UTC().Format("02/01/2006 15:04:05.000 UTC") }

// gravite orders facts as the constants are.
func gravite(f Fait) int {
	return slices.Index([]Constatation{PreuveInvalide, SceauInvalide, SceauEtranger, EmpreinteQuestion, EmpreinteReponse,
		ReponseAutreQuestion, ContenuDifferent, ReceptionNiee, EnvoiNie, SansDossier, HeuresEloignees, InscriptionTardive,
		InscriptionAnticipee, ReponseNonRecue, ContenuAbsent, ReponseAbsenteDuLivre}, f.Constatation)
}
