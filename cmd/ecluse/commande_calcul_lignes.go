package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
)

// suiviDeLignes stands around a calculation line by line: it counts the lines read
// and tells which were refused. Answers come in the order of the lines, blank ones
// have none.
type suiviDeLignes struct {
	r io.Reader
	w io.Writer

	ligne    int   // of the file, being read
	pleine   bool  // it holds something
	attentes []int // lines whose answer is to come
	reste    []byte
	lues     int
	refusees []int
}

func (s *suiviDeLignes) lecteur() io.Reader { return lecteurSuivi{s} }

type lecteurSuivi struct{ s *suiviDeLignes }

// Read notes the number of each line that holds something. A line is counted when
// it begins, so that an answer never comes before.
func (l lecteurSuivi) Read(p []byte) (int, error) {
	s := l.s
	n, err := s.r.Read(p)
	for _, c := range p[:n] {
		switch {
		case c == '\n':
			s.ligne++
			s.pleine = false
		case !s.pleine && !espace(c, s.ligne):
			s.pleine = true
			s.lues++
			s.attentes = append(s.attentes, s.ligne+1)
		}
	}
	return n, err
}

// espace tells whether a byte leaves a line blank; a mark of UTF-8 does, at the
// beginning of a file.
func espace(c byte, ligne int) bool {
	return bytes.IndexByte([]byte(" \t\r\v\f"), c) >= 0 || ligne == 0 && bytes.IndexByte([]byte("\ufeff"), c) >= 0
}

// Write passes answers on and notes the lines of those that are refusals.
func (s *suiviDeLignes) Write(p []byte) (int, error) {
	s.reste = append(s.reste, p...)
	for {
		i := bytes.IndexByte(s.reste, '\n')
		if i < 0 {
			return s.w.Write(p)
		}
		s.noter(s.reste[:i])
		s.reste = slices.Delete(s.reste, 0, i+1)
	}
}

func (s *suiviDeLignes) noter(reponse []byte) {
	if len(s.attentes) == 0 {
		return
	}
	ligne := s.attentes[0]
	s.attentes = s.attentes[1:]
	if !bytes.Contains(reponse, []byte(`"error":`)) {
		return
	}
	var x struct {
		Error    json.RawMessage `json:"error"`
		Conforme *bool           `json:"conforme"`
	}
	if json.Unmarshal(reponse, &x) == nil && x.Error != nil && (x.Conforme == nil || !*x.Conforme) {
		s.refusees = append(s.refusees, ligne)
	}
}

// lignesDites bounds the numbers of lines told on the error output.
const lignesDites = 20

// conclure is nil when every line has the answer that was expected of it.
func (s *suiviDeLignes) conclure(b calcul.Bilan) error {
	var l []string
	if n := len(s.refusees); n > 0 {
		dit := francais.Accorder(n, "ligne refusée", "lignes refusées")
		if s.lues == b.Lues {
			dit += " (" + numeros(s.refusees) + ")"
		}
		l = append(l, dit)
	}
	if b.Ecarts > 0 {
		l = append(l, francais.Accorder(b.Ecarts, "ligne diffère de son « out »", "lignes diffèrent de leur « out »"))
	}
	if len(l) == 0 {
		return nil
	}
	return fmt.Errorf("%s, sur %s", strings.Join(l, ", "), francais.Accorder(b.Lues, "lue", "lues"))
}

// numeros lists lines, the first ones when they are many.
func numeros(l []int) string {
	var t []string
	for _, n := range l[:min(len(l), lignesDites)] {
		t = append(t, fmt.Sprint(n))
	}
	if len(l) > lignesDites {
		t = append(t, "…")
	}
	return "n° " + strings.Join(t, ", ")
}
