package local

import (
	"bufio"
	"encoding/csv"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// enCSV writes three files for a French spreadsheet: semicolons, decimal commas,
// UTF-8 with its mark.
type enCSV struct {
	fichiers [3]*fichier
	tampons  [3]*bufio.Writer
	w        [3]*csv.Writer
}

var entetes = [3]struct {
	nom      string
	colonnes []string
}{
	{"balance.csv", []string{"amc", "libelle", "ouverture", "emis", "reduit", "paye", "perdu", "cloture"}},
	{"titres.csv", []string{"exercice", "titre", "amc", "annee", "facture", "lot", "date_emission", "date_accuse", "echeance", "message", "feuille",
		"ouverture", "emis", "reduit", "paye", "perdu", "cloture"}},
	{"mouvements.csv", []string{"piece", "rang", "date_comptable", "connu_le", "instant", "nature", "contre_passation", "piece_defaite", "compte_debit", "compte_credit",
		"montant", "exercice", "titre", "amc", "annee", "facture", "motif", "score", "agent", "raison", "message", "feuille",
		"ligne", "releve", "place_releve", "compte_banque", "date_banque", "montant_ligne", "reference_banque", "bout_en_bout", "libelle_banque", "contrepartie",
		"payeur", "retour", "rang_annonce", "reference_virement", "date_annonce", "total_annonce", "message_annonce", "feuille_annonce"}},
}

func nouveauCSV(s Sortie) (format, error) {
	c := new(enCSV)
	for i, e := range entetes {
		f, err := ouvrir(s, e.nom)
		if err != nil {
			return nil, err
		}
		c.fichiers[i], c.tampons[i] = f, bufio.NewWriterSize(f, 64<<10)
		c.tampons[i].WriteString("\ufeff") // its error is kept by the writer until its flush
		c.w[i] = csv.NewWriter(c.tampons[i])
		c.w[i].Comma = ';'
		if err := c.w[i].Write(e.colonnes); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *enCSV) ligne(i int, champs ...string) error {
	c.fichiers[i].lignes++
	return c.w[i].Write(champs)
}

func (c *enCSV) balance(d *comptable.DebiteurPeriode) error {
	return c.ligne(0, append([]string{d.AMC.String(), neutre(d.Libelle)}, figures(&d.Mouvements)...)...)
}

func (c *enCSV) titre(t *comptable.TitrePeriode) error {
	return c.ligne(1, append([]string{strconv.Itoa(t.Cle.Exercice), entier(t.Cle.Numero), t.AMC.String(), strconv.Itoa(t.Facture.Annee), neutre(t.Facture.Numero), neutre(t.Lot),
		t.Titre.Emis.String(), t.Accuse.String(), t.Echeance.String(), neutre(t.Preuve.Message), neutre(t.Preuve.Feuille)}, figures(&t.Mouvements)...)...)
}

func (c *enCSV) mouvement(m *comptable.MouvementPeriode) error {
	e := &m.Ecriture
	debit, credit := e.Comptes()
	champs := []string{entier(m.Piece), strconv.Itoa(m.Rang), e.Jour.String(), m.Connu.String(), m.Instant.Format(time.RFC3339), string(e.Nature), ouiNon(e.Contre), nonNul(m.Contrepasse),
		string(debit), string(credit), euros(e.Montant), strconv.Itoa(e.Titre.Exercice), entier(e.Titre.Numero), e.AMC.String(), strconv.Itoa(m.Facture.Annee), neutre(m.Facture.Numero),
		string(m.Motif), nonNul(int64(m.Score)), neutre(m.Agent), neutre(m.Raison), neutre(m.Preuve.Message), neutre(m.Preuve.Feuille)}
	ligne, annonce := make([]string, 10), make([]string, 8)
	if l := m.Ligne; l != nil {
		ligne = []string{string(l.ID), l.Releve, strconv.Itoa(l.Place), neutre(l.Compte), l.Jour.String(), euros(l.Montant), neutre(l.Reference), neutre(l.BoutEnBout), neutre(l.Libelle), neutre(l.Contrepartie)}
	}
	if a := m.Annonce; a != nil {
		annonce = []string{a.Cle.Payeur.String(), neutre(a.Cle.Retour), strconv.Itoa(e.Rang), neutre(a.Reference), a.Comptable.String(), euros(a.Total), neutre(a.Preuve.Message), neutre(a.Preuve.Feuille)}
	}
	return c.ligne(2, append(append(champs, ligne...), annonce...)...)
}

func (c *enCSV) fermer() (l []FichierEcrit, err error) {
	for i, f := range c.fichiers {
		c.w[i].Flush()
		err = errors.Join(err, c.w[i].Error(), c.tampons[i].Flush())
		x, e := f.fermer()
		l, err = append(l, x), errors.Join(err, e)
	}
	return l, err
}

// neutre keeps a spreadsheet from taking a text for a formula.
func neutre(s string) string {
	if t := strings.TrimLeft(s, " \t\r\n\u00a0\u202f\ufeff"); t != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(t)[0]) || s != t && strings.ContainsAny(s[:1], "\t\r\n") {
		return "'" + s
	}
	return s
}

// euros writes an amount, which is not negative, with a decimal comma.
func euros(m sante.Montant) string { return strings.Replace(m.String(), ".", ",", 1) }

func figures(m *comptable.Mouvements) []string {
	return []string{euros(m.Ouverture), euros(m.Emis), euros(m.Reduit), euros(m.Paye), euros(m.Perdu), euros(m.Cloture)}
}

func entier(n int64) string { return strconv.FormatInt(n, 10) }

func nonNul(n int64) string {
	if n == 0 {
		return ""
	}
	return entier(n)
}

func ouiNon(b bool) string {
	if b {
		return "oui"
	}
	return "non"
}
