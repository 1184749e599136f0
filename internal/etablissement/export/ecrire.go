package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/xuri/excelize/v2"
)

// Format is a form of file.
type Format string

// The forms.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
	JSON Format = "json"
)

// ErrFormat: there is no such form.
var ErrFormat = errors.New("export: format inconnu : csv, xlsx ou json")

// Lignes are the lines of a table, one at a time; an error ends them.
type Lignes = iter.Seq2[[]Cellule, error]

// Ecrire writes a table: the names of its columns, then its lines as they come. A
// file whose lines ended by an error is not whole: its error is returned.
func Ecrire(w io.Writer, f Format, titre string, colonnes []string, lignes Lignes) error {
	switch f {
	case CSV:
		return ecrireCSV(w, colonnes, lignes)
	case XLSX:
		return ecrireXLSX(w, titre, colonnes, lignes, feuilleMax)
	case JSON:
		return ecrireJSON(w, colonnes, lignes)
	}
	return ErrFormat
}

// bom tells a spreadsheet that the file is in UTF-8.
const bom = "\ufeff"

// ecrireCSV writes for a French spreadsheet: semicolons, a mark of UTF-8, lines
// that end as RFC 4180 says, a decimal comma. // hyp: EXPORT-CSV
func ecrireCSV(w io.Writer, colonnes []string, lignes Lignes) error {
	t := bufio.NewWriterSize(w, 64<<10)
	if _, err := t.WriteString(bom); err != nil {
		return fmt.Errorf("export: écrire: %w", err)
	}
	c := csv.NewWriter(t)
	c.Comma, c.UseCRLF = ';', true
	if err := c.Write(colonnes); err != nil {
		return fmt.Errorf("export: écrire: %w", err)
	}
	textes := make([]string, len(colonnes))
	for l, err := range lignes {
		if err != nil {
			return err
		}
		for i := range textes {
			textes[i] = l[i].csv()
		}
		if err := c.Write(textes); err != nil {
			return fmt.Errorf("export: écrire: %w", err)
		}
	}
	c.Flush()
	return errors.Join(c.Error(), t.Flush())
}

// feuilleMax is how many rows a sheet holds, that of the names included.
const feuilleMax = 1 << 20

// ecrireXLSX writes a workbook row by row; a full sheet is followed by another.
func ecrireXLSX(w io.Writer, titre string, colonnes []string, lignes Lignes, max int) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	x := &classeur{f: f, titre: titre, colonnes: colonnes, max: max}
	if x.deuxDecimales, err = f.NewStyle(&excelize.Style{NumFmt: 2}); err != nil {
		return fmt.Errorf("export: écrire: %w", err)
	}
	if err := x.ouvrir(); err != nil {
		return err
	}
	for l, err := range lignes {
		if err != nil {
			return err
		}
		if err := x.ligne(l); err != nil {
			return err
		}
	}
	if err := x.s.Flush(); err != nil {
		return fmt.Errorf("export: écrire: %w", err)
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("export: écrire: %w", err)
	}
	return nil
}

// classeur is a workbook being written.
type classeur struct {
	f             *excelize.File
	s             *excelize.StreamWriter
	titre         string
	colonnes      []string
	feuilles      int
	rang, max     int
	deuxDecimales int
}

// ouvrir begins a sheet, with the names of the columns.
func (x *classeur) ouvrir() error {
	if x.s != nil {
		if err := x.s.Flush(); err != nil {
			return fmt.Errorf("export: écrire: %w", err)
		}
	}
	x.feuilles++
	nom := x.titre
	var err error
	if x.feuilles == 1 {
		err = x.f.SetSheetName("Sheet1", nom)
	} else {
		nom = fmt.Sprintf("%s %d", x.titre, x.feuilles)
		_, err = x.f.NewSheet(nom)
	}
	if err == nil {
		x.s, err = x.f.NewStreamWriter(nom)
	}
	if err != nil {
		return fmt.Errorf("export: ouvrir une feuille: %w", err)
	}
	noms := make([]any, len(x.colonnes))
	for i, c := range x.colonnes {
		noms[i] = c
	}
	x.rang = 1
	return x.s.SetRow("A1", noms)
}

func (x *classeur) ligne(l []Cellule) error {
	if x.rang >= x.max {
		if err := x.ouvrir(); err != nil {
			return err
		}
	}
	x.rang++
	valeurs := make([]any, len(x.colonnes))
	for i := range valeurs {
		switch c := l[i]; c.nature {
		case texte:
			valeurs[i] = c.s // typed as text: it is never a formula
		case entier:
			valeurs[i] = c.n
		case centiemes:
			valeurs[i] = excelize.Cell{StyleID: x.deuxDecimales, Value: float64(c.n) / 100}
		}
	}
	if err := x.s.SetRow(fmt.Sprintf("A%d", x.rang), valeurs); err != nil {
		return fmt.Errorf("export: écrire: %w", err)
	}
	return nil
}

// ecrireJSON writes an array of objects.
func ecrireJSON(w io.Writer, colonnes []string, lignes Lignes) error {
	t := bufio.NewWriterSize(w, 64<<10)
	b := []byte("[")
	avant := "\n"
	for l, err := range lignes {
		if err != nil {
			return err
		}
		b = append(b, avant...)
		avant = ",\n"
		for i, c := range colonnes {
			b = append(b, "{,"[min(i, 1)])
			b = l[i].json(append(ajouterJSON(b, c), ':'))
		}
		b = append(b, '}')
		if _, err := t.Write(b); err != nil {
			return fmt.Errorf("export: écrire: %w", err)
		}
		b = b[:0]
	}
	if _, err := t.Write(append(b, "\n]\n"...)); err != nil {
		return fmt.Errorf("export: écrire: %w", err)
	}
	return t.Flush()
}

func ajouterJSON(b []byte, s string) []byte {
	x, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...) // a string is always written
	}
	return append(b, x...)
}
