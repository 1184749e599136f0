package ldap

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// EcrireLDIF writes the whole tree as one reader sees it, for another LDAP server:
// the entries above first. ref: RFC 2849
func (f *Fonds) EcrireLDIF(ctx context.Context, w io.Writer, v Vision) error {
	s := &seance{images: f.Images, lecteur: Lecteur{Vision: v}}
	r := &ldif{w: bufio.NewWriterSize(w, 64<<10)}
	p := promenade{ctx: ctx, s: s, d: &Demande{}, r: r, vue: f.Images.Vue()}
	defer p.vue.Rendre()
	for i := -1; i < len(unites); i++ {
		fixe(r.Entree(), i)
		r.Rendre()
	}
	for e := range nombreEtapes {
		for ref := range p.vue.Parcourir(natures[e]) {
			if err := ctx.Err(); err != nil {
				return err
			}
			p.sous = 0
			p.fiche(e, ref)
		}
	}
	return r.w.Flush()
}

// ldif receives entries and writes them; an error of the writer stays in it.
type ldif struct {
	w *bufio.Writer
	e Entree
	b []byte
}

// Entree is where the next entry is written.
func (l *ldif) Entree() *Entree {
	l.e.Vider()
	l.e.besoin = touteUsuelle | 1<<ModifyTimestamp
	return &l.e
}

// Rendre writes it.
func (l *ldif) Rendre() (pris, encore bool) {
	l.ligne("dn", l.e.nom)
	for i := range l.e.valeurs {
		l.ligne(l.e.valeurs[i].attr.surLeFil(), l.e.valeur(i))
	}
	_ = l.w.WriteByte('\n')
	return true, true
}

// ligne writes a value as it is when RFC 2849 lets it, else in base64.
func (l *ldif) ligne(nom string, v []byte) {
	l.b = append(append(l.b[:0], nom...), ':')
	if sur(v) {
		l.b = append(append(l.b, ' '), v...)
	} else {
		l.b = base64.StdEncoding.AppendEncode(append(l.b, ": "...), v)
	}
	_, _ = l.w.Write(append(l.b, '\n'))
}

func sur(v []byte) bool {
	for i, c := range v {
		if c < ' ' || c >= 0x7f || i == 0 && (c == ' ' || c == ':' || c == '<') || i == len(v)-1 && c == ' ' {
			return false
		}
	}
	return true
}

// EcrireSchema writes our attributes and classes for OpenLDAP, which knows the others.
func EcrireSchema(w io.Writer) error {
	var b strings.Builder
	for a := range nombreAttributs {
		if strings.HasPrefix(definitions[a].oid, nous) {
			fmt.Fprintln(&b, "attributetype", decrireAttribut(a))
		}
	}
	for i := range classes {
		if strings.HasPrefix(classes[i].oid, nous) {
			fmt.Fprintln(&b, "objectclass", classes[i].decrire())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
