package tarif

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Interdit is the refusal of a fine message that tells who the patient is, or could:
// code T620. It never holds what was read. ref: VISIO §10 rule 2
type Interdit struct {
	Chemin string // name of the member, "" when it is not one of ours
	Detail string // French
}

// Error tells where and what to take out.
func (e *Interdit) Error() string {
	if e.Chemin == "" {
		return "tarif: " + e.Detail
	}
	return "tarif: " + e.Chemin + " : " + e.Detail
}

// identifiants are the members of the identity side, whatever their case. Those of
// our messages are not among them. hyp: TARIF-IDENTITE
var identifiants = regexp.MustCompile(`(?i)^(nir.*|nom.*|prenom.*|.*naissance.*|.*adherent.*|patient|beneficiaire.*|assure.*|adresse.*|email|courriel|telephone|ins|matricule.*|rangGemellaire|qualite|numeroAccreditation|commentaire|.*libre|rpps|adeli|.*securiteSociale)$`)

// Examiner looks in the body of a message, in JSON or XML, for what tells a person:
// members of the identity side, NIR, RPPS, birth dates, free text. It is asked when a
// body is refused by its schema, to tell T620 from a mere mistake, and by the
// validators. nil when nothing is found. ref: VISIO §10 rule 2
func Examiner(corps []byte) error { return visite.Parcourir(corps) }

// ExaminerMessage is Examiner for a whole message, whose envelope is not of a person. The
// error is an *Interdit.
func ExaminerMessage(contenu []byte) error { return visite.ParcourirMessage(contenu) }

var visite = visiodroits.Visite{Membre: examinerNom, Valeur: examinerValeur}

func examinerNom(nom string) error {
	if identifiants.MatchString(nom) || examinerValeur(nom) != nil {
		return &Interdit{"", "un membre de l'échange d'identité est présent"}
	}
	return nil
}

// examinerValeur judges one value, whatever its member.
func examinerValeur(s string) error {
	detail := ""
	switch _, erreurNIR := sante.ParseNIR(strings.ToUpper(s)); {
	case len(s) <= 1:
	case Chiffre(s).forme():
		return Chiffre(s).Controler("")
	case erreurNIR == nil || sante.ContientNIR(s) && !codeLong(s):
		detail = "un numéro de sécurité sociale est présent"
	case estRPPS(s):
		detail = "un numéro RPPS est présent"
	case naissance(s):
		detail = "une date de naissance est présente"
	case libre(s):
		detail = "un texte libre est présent"
	}
	if detail == "" {
		return nil
	}
	return &Interdit{"", detail}
}

var formeChiffre = regexp.MustCompile(`^(?:` + Chiffre("").Motif() + `)$`)

func (c Chiffre) forme() bool { return formeChiffre.MatchString(string(c)) }

// codeLong tells a product code of 13 digits, which may look like a NIR without key.
func codeLong(s string) bool {
	_, err := ParseCodeProduit(s)
	return err == nil && len(s) == 13
}

func estRPPS(s string) bool {
	_, err := sante.ParseRPPS(s)
	return err == nil
}

// naissance tells eight digits that read as a day of 1900 to 2099, lunar ones
// included, or a day written in the French way. A day such as 2026-03-01 is that of a
// delivery, whose member is bounded apart.
func naissance(s string) bool {
	if len(s) == 10 && s[2] == '/' && s[5] == '/' {
		return true
	}
	if len(s) != 8 || s[:2] != "19" && s[:2] != "20" {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// libre tells words: spaces between letters, an accent, an address of mail.
func libre(s string) bool {
	if strings.ContainsRune(s, '@') {
		return true
	}
	lettres := false
	for _, r := range s {
		switch {
		case r > unicode.MaxASCII:
			return true
		case unicode.IsLetter(r):
			lettres = true
		case unicode.IsSpace(r) && lettres:
			return true
		}
	}
	return false
}

// controlerTextes looks for a NIR in what an answer says to a person.
func controlerTextes(textes ...string) error {
	for _, s := range textes {
		if sante.ContientNIR(s) {
			return &Interdit{"", "un numéro de sécurité sociale est présent"}
		}
	}
	return nil
}

func (r *Retour) controler() error {
	return controlerTextes(string(r.CodeRetour), r.Libelle, r.Precision, r.QuiAgit, r.Reessai)
}

func controlerParts(l []LigneTarifee) error {
	for i := range l {
		if err := controlerTextes(l[i].Regle, l[i].Motif); err != nil {
			return err
		}
	}
	return nil
}

// Controler looks for a NIR in what is said to a person. The error is an *Interdit.
func (r *ReponseDossier) Controler() error { return r.controler() }

// Controler looks for a NIR in what is said to a person. The error is an *Interdit.
func (r *ReponseControle) Controler() error { return r.controler() }

// Controler looks for a NIR in what is said to a person. The error is an *Interdit.
func (r *ReponseTarification) Controler() error {
	if err := r.controler(); err != nil {
		return err
	}
	return controlerParts(r.Lignes)
}

// Controler looks for a NIR in what is said to a person. The error is an *Interdit.
func (r *ReponseGrille) Controler() error {
	if err := r.controler(); err != nil {
		return err
	}
	return controlerParts(r.Lignes)
}
