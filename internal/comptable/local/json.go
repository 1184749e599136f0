package local

import (
	"bufio"
	"encoding/json"
	"errors"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// enJSON writes one record on a line, with its kind. Texts are as they were
// received: they are data, not cells.
type enJSON struct {
	f *fichier
	b *bufio.Writer
	x *json.Encoder
}

func nouveauJSON(s Sortie) (format, error) {
	f, err := ouvrir(s, "export.jsonl")
	if err != nil {
		return nil, err
	}
	b := bufio.NewWriterSize(f, 64<<10)
	return &enJSON{f, b, json.NewEncoder(b)}, nil
}

func (j *enJSON) ecrire(v any) error {
	j.f.lignes++
	return j.x.Encode(v)
}

// chiffres are the figures of a balance, in cents.
type chiffres struct {
	Ouverture int64 `json:"ouverture"`
	Emis      int64 `json:"emis"`
	Reduit    int64 `json:"reduit"`
	Paye      int64 `json:"paye"`
	Perdu     int64 `json:"perdu"`
	Cloture   int64 `json:"cloture"`
}

func chiffresDe(m *comptable.Mouvements) chiffres {
	return chiffres{int64(m.Ouverture), int64(m.Emis), int64(m.Reduit), int64(m.Paye), int64(m.Perdu), int64(m.Cloture)}
}

func (j *enJSON) balance(d *comptable.DebiteurPeriode) error {
	return j.ecrire(struct {
		Genre   string `json:"genre"`
		AMC     string `json:"amc"`
		Libelle string `json:"libelle"`
		chiffres
	}{"balance", d.AMC.String(), d.Libelle, chiffresDe(&d.Mouvements)})
}

func (j *enJSON) titre(t *comptable.TitrePeriode) error {
	return j.ecrire(struct {
		Genre    string     `json:"genre"`
		Exercice int        `json:"exercice"`
		Titre    int64      `json:"titre"`
		AMC      string     `json:"amc"`
		Annee    int        `json:"annee"`
		Facture  string     `json:"facture"`
		Lot      string     `json:"lot"`
		Emission sante.Jour `json:"dateEmission"`
		Accuse   sante.Jour `json:"dateAccuse"`
		Echeance sante.Jour `json:"echeance"`
		Message  string     `json:"message"`
		Feuille  string     `json:"feuille"`
		chiffres
	}{"titre", t.Cle.Exercice, t.Cle.Numero, t.AMC.String(), t.Facture.Annee, t.Facture.Numero, t.Lot, t.Titre.Emis, t.Accuse, t.Echeance, t.Preuve.Message, t.Preuve.Feuille, chiffresDe(&t.Mouvements)})
}

// ligneJSON is the line of the bank of a movement.
type ligneJSON struct {
	ID           string     `json:"id"`
	Releve       string     `json:"releve"`
	Place        int        `json:"place"`
	Compte       string     `json:"compte"`
	Jour         sante.Jour `json:"jour"`
	Montant      int64      `json:"montant"`
	Reference    string     `json:"reference,omitempty"`
	BoutEnBout   string     `json:"boutEnBout,omitempty"`
	Libelle      string     `json:"libelle,omitempty"`
	Contrepartie string     `json:"contrepartie,omitempty"`
}

// annonceJSON is the announce of a movement.
type annonceJSON struct {
	Payeur    string     `json:"payeur"`
	Retour    string     `json:"retour"`
	Rang      int        `json:"rang"`
	Reference string     `json:"reference"`
	Jour      sante.Jour `json:"jour"`
	Total     int64      `json:"total"`
	Message   string     `json:"message"`
	Feuille   string     `json:"feuille"`
}

func (j *enJSON) mouvement(m *comptable.MouvementPeriode) error {
	e := &m.Ecriture
	debit, credit := e.Comptes()
	x := struct {
		Genre    string       `json:"genre"`
		Piece    int64        `json:"piece"`
		Rang     int          `json:"rang"`
		Jour     sante.Jour   `json:"jour"`
		Connu    sante.Jour   `json:"connu"`
		Instant  int64        `json:"instant"`
		Nature   string       `json:"nature"`
		Contre   bool         `json:"contrePassation"`
		Defait   int64        `json:"pieceDefaite,omitempty"`
		Debit    string       `json:"debit"`
		Credit   string       `json:"credit"`
		Montant  int64        `json:"montant"`
		Exercice int          `json:"exercice"`
		Titre    int64        `json:"titre"`
		AMC      string       `json:"amc"`
		Facture  string       `json:"facture"`
		Motif    string       `json:"motif"`
		Score    int          `json:"score,omitempty"`
		Agent    string       `json:"agent,omitempty"`
		Raison   string       `json:"raison,omitempty"`
		Message  string       `json:"message,omitempty"`
		Feuille  string       `json:"feuille,omitempty"`
		Ligne    *ligneJSON   `json:"ligne,omitempty"`
		Annonce  *annonceJSON `json:"annonce,omitempty"`
	}{"mouvement", m.Piece, m.Rang, e.Jour, m.Connu, m.Instant.UnixMilli(), string(e.Nature), e.Contre, m.Contrepasse, string(debit), string(credit), int64(e.Montant),
		e.Titre.Exercice, e.Titre.Numero, e.AMC.String(), m.Facture.Numero, string(m.Motif), m.Score, m.Agent, m.Raison, m.Preuve.Message, m.Preuve.Feuille, nil, nil}
	if l := m.Ligne; l != nil {
		x.Ligne = &ligneJSON{string(l.ID), l.Releve, l.Place, l.Compte, l.Jour, int64(l.Montant), l.Reference, l.BoutEnBout, l.Libelle, l.Contrepartie}
	}
	if a := m.Annonce; a != nil {
		x.Annonce = &annonceJSON{a.Cle.Payeur.String(), a.Cle.Retour, e.Rang, a.Reference, a.Comptable, int64(a.Total), a.Preuve.Message, a.Preuve.Feuille}
	}
	return j.ecrire(x)
}

func (j *enJSON) fermer() ([]FichierEcrit, error) {
	err := j.b.Flush()
	x, autre := j.f.fermer()
	return []FichierEcrit{x}, errors.Join(err, autre)
}
