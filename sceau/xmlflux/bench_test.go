package xmlflux_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// message is about 4 KiB of what an exchange carries.
func message() []byte {
	var s strings.Builder
	s.WriteString(`<?xml version="1.0" encoding="UTF-8"?><roc:demande xmlns:roc="urn:ecluse:roc:1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`)
	for s.Len() < 4000 {
		s.WriteString(`<roc:acte rang="1" code="C"><roc:date>2026-03-01</roc:date><roc:montant devise="EUR">25.00</roc:montant><roc:libelle>Consultation au cabinet, tarif opposable &amp; majoration</roc:libelle></roc:acte>`)
	}
	s.WriteString(`</roc:demande>`)
	return []byte(s.String())
}

func BenchmarkLecteur(b *testing.B) {
	doc := message()
	var l xmlflux.Lecteur
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		l.Reset(doc, xmlflux.Limites{})
		for {
			g, err := l.Suivant()
			if err != nil {
				b.Fatal(err)
			}
			if g == xmlflux.Termine {
				break
			}
		}
	}
}

func BenchmarkEncodingXML(b *testing.B) {
	doc := message()
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(doc))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
