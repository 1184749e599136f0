package front

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/go-pdf/fpdf"
)

//go:embed recu.html
var pages embed.FS

var pageRecu = template.Must(template.ParseFS(pages, "recu.html"))

// recu gives the receipt in the form that is asked: that of ?format, else of
// Accept, else HTML.
func (f *Front) recu(d *demande) (*reponse, error) {
	genre, err := format(d)
	if err != nil {
		return nil, err
	}
	v, err := f.service.Venue(d.Context(), d.PathValue("id"))
	if err != nil {
		return nil, err
	}
	r, err := f.service.Recu(v)
	if err != nil {
		return nil, err
	}
	switch genre {
	case "texte":
		return &reponse{statut: http.StatusOK, corps: []byte(r.Texte()), entetes: map[string]string{"Content-Type": "text/plain; charset=utf-8"}}, nil
	case "pdf":
		b, err := pdf(r)
		return &reponse{statut: http.StatusOK, corps: b, entetes: map[string]string{"Content-Type": "application/pdf"}}, err
	}
	var b bytes.Buffer
	if err := pageRecu.Execute(&b, r); err != nil {
		return nil, fmt.Errorf("front: écrire le reçu: %w", err)
	}
	return &reponse{statut: http.StatusOK, corps: b.Bytes(), entetes: map[string]string{"Content-Type": "text/html; charset=utf-8",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}}, nil
}

// format is the form of the receipt that is asked: html, texte or pdf.
func format(d *demande) (string, error) {
	switch s := d.URL.Query().Get("format"); s {
	case "":
	case "html", "texte", "pdf":
		return s, nil
	default:
		return "", &probleme{statut: http.StatusBadRequest, titre: "Format de reçu inconnu", detail: "format : html, texte ou pdf."}
	}
	for genre := range strings.SplitSeq(d.Header.Get("Accept"), ",") {
		switch g, _, _ := strings.Cut(strings.TrimSpace(genre), ";"); g {
		case "text/plain":
			return "texte", nil
		case "application/pdf":
			return "pdf", nil
		case "text/html":
			return "html", nil
		}
	}
	return "html", nil
}

// pdf writes the text of the receipt on A4 pages, in a font with even widths so
// that amounts stay in their column. The HTML form is the accessible one.
func pdf(r *etablissement.Recu) ([]byte, error) {
	p := fpdf.New("P", "mm", "A4", "")
	p.SetTitle(r.Titre(), true)
	p.SetCreationDate(r.Edite.Debut(time.UTC))
	p.SetModificationDate(r.Edite.Debut(time.UTC))
	p.SetMargins(15, 15, 15)
	p.SetAutoPageBreak(true, 15)
	p.AddPage()
	p.SetFont("Courier", "", 10)
	latin := p.UnicodeTranslatorFromDescriptor("")
	espaces := strings.NewReplacer("\u202f", " ", "\u00a0", " ", "−", "-", "’", "'")
	for l := range strings.SplitSeq(r.Texte(), "\n") {
		p.MultiCell(0, 4.6, latin(espaces.Replace(l)), "", "L", false)
	}
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		return nil, fmt.Errorf("front: écrire le reçu en PDF: %w", err)
	}
	return b.Bytes(), nil
}
