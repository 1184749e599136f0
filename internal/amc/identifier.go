package amc

import (
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Critere is what a hospital says of a person, names folded. ref: ROC §7.1
type Critere struct {
	NumeroAdherent  sante.NumeroAdherent
	NIRBeneficiaire sante.NIR
	NIRAssure       sante.NIR
	DateNaissance   sante.DateNaissance
	RangGemellaire  int
	NomNaissance    string
	NomUsage        string
	Prenom          string
}

// CritereDe is what a question says of the person.
func CritereDe(b *roc.Beneficiaire) Critere {
	return Critere{
		NumeroAdherent: b.NumeroAdherent, NIRBeneficiaire: b.NIRBeneficiaire, NIRAssure: b.NIRAssure,
		DateNaissance: b.DateNaissance, RangGemellaire: b.RangGemellaire,
		NomNaissance: sante.Plier(b.NomNaissance), NomUsage: sante.Plier(b.NomUsage), Prenom: sante.Plier(b.Prenom),
	}
}

// identifier finds the one person that a question means among the candidates
// that one of its keys found. The code is Accepte, or I101 to I104; with these
// nothing is said of the candidates. The three keys are tried in order, each
// over all the candidates, whatever the outcome. ref: ROC §7.3
func identifier(c *Critere, l []Beneficiaire) (*Beneficiaire, roc.Code) {
	var parAdherent, parNIR, parNom tri
	adherentConnu, naissanceConnue, jumeau := false, false, false
	for i := range l {
		b := &l[i]
		adherent := b.NumeroAdherent == c.NumeroAdherent
		naissance := b.DateNaissance == c.DateNaissance
		rang := b.RangGemellaire == c.RangGemellaire
		nir := c.memeNIR(b)
		adherentConnu = adherentConnu || adherent
		naissanceConnue = naissanceConnue || adherent && naissance
		jumeau = jumeau || adherent && naissance && !rang && c.memePrenom(b)
		parAdherent.si(adherent && naissance && rang, b)
		parNIR.si(nir && naissance && rang, b)
		parNom.si(nir && c.memePrenom(b) && c.memeNom(b), b)
	}
	switch {
	case adherentConnu && !naissanceConnue:
		return nil, roc.IdentiteDiscordante // ref: ROC §7.3 rule 3
	case parAdherent.n == 1 && jumeau && !c.memePrenom(parAdherent.un):
		return nil, roc.RangRequis // the first name is that of the twin
	case parAdherent.n > 0:
		return parAdherent.conclure(c)
	case naissanceConnue:
		return nil, roc.RangRequis // the card and the birth are right, the rank is not
	case parNIR.n > 0:
		return parNIR.conclure(c)
	}
	return parNom.conclure(c)
}

// tri counts the persons that a key designates and keeps the first.
type tri struct {
	n  int
	un *Beneficiaire
}

func (t *tri) si(oui bool, b *Beneficiaire) {
	if oui {
		if t.n == 0 {
			t.un = b
		}
		t.n++
	}
}

func (t *tri) conclure(c *Critere) (*Beneficiaire, roc.Code) {
	switch {
	case t.n == 0:
		return nil, roc.BeneficiaireInconnu
	case t.n > 1:
		return nil, roc.PlusieursTrouves
	case c.contredit(t.un):
		return nil, roc.IdentiteDiscordante
	}
	return t.un, roc.Accepte
}

// contredit tells whether the question denies the person that its key found:
// another certified NIR, or neither the name nor the first name. One of the two
// may differ: marriage, typing. hyp: DISCORDANCE-NOM
func (c *Critere) contredit(b *Beneficiaire) bool {
	if !c.NIRBeneficiaire.IsZero() && !b.NIR.IsZero() && c.NIRBeneficiaire != b.NIR {
		return true
	}
	if c.NomNaissance == "" && c.NomUsage == "" && c.Prenom == "" {
		return false // outside the hospital, names may be left out. ref: VISIO §5.1
	}
	return !c.memeNom(b) && !c.memePrenom(b)
}

func (c *Critere) memeNIR(b *Beneficiaire) bool {
	switch {
	case !c.NIRBeneficiaire.IsZero():
		return c.NIRBeneficiaire == b.NIR
	case !c.NIRAssure.IsZero():
		return c.NIRAssure == b.NIRAssure || c.NIRAssure == b.NIR
	}
	return false
}

func (c *Critere) memePrenom(b *Beneficiaire) bool { return c.Prenom == sante.Plier(b.Prenom) }

// memeNom compares the birth name and the name in use with each other.
// ref: ROC §7.3, folded equality
func (c *Critere) memeNom(b *Beneficiaire) bool {
	naissance, usage := sante.Plier(b.NomNaissance), sante.Plier(b.NomUsage)
	egal := func(x string) bool { return x != "" && (x == naissance || x == usage) }
	return egal(c.NomNaissance) || egal(c.NomUsage)
}

// corriger is the identity to propose to the agent: only when it was checked
// against a document, when the hospital proves by the certified NIR that it
// knows the person, and when something differs. ref: ROC §7.2, §7.3 rule 4
func corriger(c *Critere, b *Beneficiaire) *roc.IdentiteCorrigee {
	sure := b.IdentiteSure && !c.NIRBeneficiaire.IsZero() && c.NIRBeneficiaire == b.NIR
	pareil := c.NomNaissance == sante.Plier(b.NomNaissance) && c.memePrenom(b) &&
		c.DateNaissance == b.DateNaissance && c.RangGemellaire == b.RangGemellaire
	if !sure || pareil {
		return nil
	}
	return &roc.IdentiteCorrigee{Nom: b.NomNaissance, Prenom: b.Prenom, DateNaissance: b.DateNaissance, RangGemellaire: b.RangGemellaire}
}
