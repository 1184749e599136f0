package local

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/sante"
)

// objet is a line of JSON.
type objet struct {
	Contrat      json.RawMessage `json:"contrat"`
	Beneficiaire json.RawMessage `json:"beneficiaire"`
}

// JSON imports contracts and persons. The error is of the file or of the tables;
// what was written before it stays, and the report tells it.
func (i *Importeur) JSON(ctx context.Context, r io.Reader) (Rapport, error) {
	m := i.marche(ctx)
	err := lignes(r, m.ligneJSON)
	return m.rapport, errors.Join(err, m.vider())
}

func (m *marche) ligneJSON(n int, ligne []byte) error {
	m.rapport.Lignes++
	ici := []int{n}
	var o objet
	if !lisible(ligne) || decoder(ligne, &o) != nil || (o.Contrat == nil) == (o.Beneficiaire == nil) {
		m.refuser(ici, "ligne", `un objet {"contrat":…} ou {"beneficiaire":…} attendu`)
		return nil
	}
	if o.Contrat != nil {
		c, err := amc.LireContrat(o.Contrat)
		if err != nil {
			return m.refuserFaute(ici, err)
		}
		return m.contrat(n, c)
	}
	var b amc.Beneficiaire
	if err := decoder(o.Beneficiaire, &b); err != nil {
		m.refuser(ici, champ(err), raison(err))
		return nil
	}
	return m.personne(ici, b)
}

// decoder reads one JSON value and refuses fields that nobody knows.
func decoder(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("texte après l'objet")
	}
	return nil
}

// champ names the field of a JSON error when it is known.
func champ(err error) string {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) && t.Field != "" {
		return t.Field
	}
	return "beneficiaire"
}

// raison is why a JSON value was refused: what its type expects, when it said so.
func raison(err error) string {
	for _, attendu := range []error{sante.ErrNumeroAdherent, sante.ErrNIR, sante.ErrNaissance, sante.ErrNumeroAMC, sante.ErrJour} {
		if errors.Is(err, attendu) {
			return attendu.Error()
		}
	}
	return "JSON illisible, champ inconnu ou valeur refusée"
}

// Source is what an export reads. store.Portefeuille is one.
type Source interface {
	// ContratsEnVigueur gives every version of contract, by number then day.
	ContratsEnVigueur(ctx context.Context) ([]amc.Contrat, error)
	// Beneficiaires gives at most max persons, by reference, after one.
	Beneficiaires(ctx context.Context, apres string, max int) ([]amc.Beneficiaire, error)
}

const pageExport = 1000

// Exporter writes a portfolio as Importeur.JSON reads it, contracts first, and
// tells how many lines. It holds a page in memory.
func Exporter(ctx context.Context, w io.Writer, s Source) (n int, err error) {
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	contrats, err := s.ContratsEnVigueur(ctx)
	if err != nil {
		return 0, fmt.Errorf("exporter les contrats: %w", err)
	}
	for i := range contrats {
		if err := e.Encode(map[string]any{"contrat": &contrats[i]}); err != nil {
			return n, fmt.Errorf("exporter: %w", err)
		}
		n++
	}
	for apres := ""; ; {
		page, err := s.Beneficiaires(ctx, apres, pageExport)
		if err != nil {
			return n, fmt.Errorf("exporter les bénéficiaires: %w", err)
		}
		for i := range page {
			if err := e.Encode(map[string]any{"beneficiaire": &page[i]}); err != nil {
				return n, fmt.Errorf("exporter: %w", err)
			}
			n++
		}
		if len(page) < pageExport {
			return n, b.Flush()
		}
		apres = page[len(page)-1].Reference
	}
}
