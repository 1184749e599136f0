package releve

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// espace is what the namespace of an accepted message begins with; its version
// follows.
const espace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."

// premiereVersion and derniereVersion bound those that are read. hyp: CAMT-VERSIONS
const (
	premiereVersion = 2
	derniereVersion = 14
)

// Bounds of a camt.053.
const (
	profondeurMax = 32
	jetonMax      = 256 << 10 // bytes from one token to the next
	detailsMax    = 10_000    // details of an entry
	texteMax      = 4096      // text of an element
)

// Camt reads bank lines in ISO 20022 camt.053.
type Camt struct{}

// Lire is a comptable.Lecture.
func (Camt) Lire(r io.Reader, ligne func(*comptable.LigneReleve) error, refus func(*comptable.Refus) error) error {
	b, err := ouvrir(r, 32<<10)
	if err != nil {
		return err
	}
	compteur := &pas{r: b}
	x := xml.NewDecoder(compteur)
	x.CharsetReader = lireAlphabet
	l := &lecteurCamt{ligne: ligne, refus: refus}
	for {
		compteur.n = 0
		jeton, err := x.RawToken()
		if err == io.EOF {
			return l.fin()
		}
		if err == nil {
			err = l.jeton(x, jeton)
		}
		if err != nil {
			return l.traduire(err)
		}
	}
}

// pas refuses a token without end: the decoder would keep all of it.
type pas struct {
	r io.Reader
	n int
}

func (p *pas) Read(b []byte) (int, error) {
	if p.n > jetonMax {
		return 0, &comptable.Refus{Code: comptable.TexteTropLong, Detail: "Un élément du fichier est trop long."}
	}
	n, err := p.r.Read(b)
	p.n += n
	return n, err
}

// lireAlphabet accepts the encodings of Western Europe beside UTF-8.
func lireAlphabet(nom string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(nom) {
	case "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii", "ascii":
		return &occidental{r: r}, nil
	}
	return nil, &comptable.Refus{Code: comptable.Encodage, Detail: "Le fichier annonce un encodage qui n'est pas admis : UTF-8, ISO-8859-1, ISO-8859-15 ou Windows-1252 attendu. Demander l'un d'eux à la banque."}
}

// occidental turns Windows-1252 into UTF-8.
type occidental struct {
	r     io.Reader
	reste []byte
}

func (o *occidental) Read(b []byte) (int, error) {
	if len(o.reste) == 0 {
		var brut [1024]byte
		n, err := o.r.Read(brut[:])
		if n == 0 {
			return 0, err
		}
		s, ok := windows1252(brut[:n])
		if !ok {
			return 0, &comptable.Refus{Code: comptable.Encodage, Detail: "Le fichier n'est pas dans l'encodage qu'il annonce."}
		}
		o.reste = []byte(s)
	}
	n := copy(b, o.reste)
	o.reste = o.reste[n:]
	return n, nil
}

// lecteurCamt follows the path from the root, and keeps the entry under way.
type lecteurCamt struct {
	ligne  func(*comptable.LigneReleve) error
	refus  func(*comptable.Refus) error
	chemin []string
	texte  []byte
	devise string // attribute of the amount under way
	fini   bool

	releve releveCamt
	entree entreeCamt
	rang   int // of the entry in the file
	lus    int // statements
}

// jeton reads a token. Namespaces are those of the root: prefixes are dropped, so
// that tags are paired here.
func (l *lecteurCamt) jeton(x *xml.Decoder, jeton xml.Token) error {
	switch t := jeton.(type) {
	case xml.Directive:
		return &comptable.Refus{Code: comptable.DTDRefusee, Detail: "Le fichier porte une définition de type de document, qui n'est pas admise."}
	case xml.StartElement:
		return l.debut(t)
	case xml.CharData:
		if len(l.texte)+len(t) <= texteMax {
			l.texte = append(l.texte, t...)
		} else if strings.TrimSpace(string(t)) != "" {
			return &comptable.Refus{Code: comptable.TexteTropLong, Ligne: l.rang, Detail: "Un élément du fichier est trop long."}
		}
	case xml.EndElement:
		return l.cloture(t)
	}
	return nil
}

func (l *lecteurCamt) debut(t xml.StartElement) error {
	switch {
	case l.fini || len(l.chemin) >= profondeurMax:
		return &comptable.Refus{Code: comptable.XMLRefuse, Detail: "Le fichier a plusieurs racines ou trop de niveaux."}
	case len(l.chemin) == 0:
		if r := racine(t); r != nil {
			return r
		}
	case len(l.chemin) == 1 && t.Name.Local != "BkToCstmrStmt":
		return &comptable.Refus{Code: comptable.MessageRefuse, Champ: "BkToCstmrStmt", Detail: "Le message n'est pas un relevé de compte."}
	}
	l.chemin, l.texte = append(l.chemin, t.Name.Local), l.texte[:0]
	for _, a := range t.Attr {
		if a.Name.Local == "Ccy" && t.Name.Local == "Amt" {
			l.devise = a.Value
		}
	}
	switch l.sous("Document", "BkToCstmrStmt") {
	case "Stmt":
		l.lus++
		l.releve = releveCamt{}
	case "Stmt/Ntry":
		l.rang++
		l.entree = entreeCamt{}
	case "Stmt/Ntry/NtryDtls/TxDtls":
		if len(l.entree.details) >= detailsMax {
			return &comptable.Refus{Code: comptable.TropDeLignes, Ligne: l.rang, Detail: "Une écriture a trop de détails."}
		}
		l.entree.details = append(l.entree.details, detailCamt{})
	}
	return nil
}

// racine refuses a root whose namespace is not that of an accepted message.
func racine(t xml.StartElement) *comptable.Refus {
	var nom string
	for _, a := range t.Attr {
		if t.Name.Space == "" && a.Name.Local == "xmlns" && a.Name.Space == "" || t.Name.Space != "" && a.Name.Space == "xmlns" && a.Name.Local == t.Name.Space {
			nom = a.Value
		}
	}
	lues := fmt.Sprintf("001.%02d à 001.%02d", premiereVersion, derniereVersion)
	version, camt := strings.CutPrefix(nom, espace)
	if t.Name.Local != "Document" || !camt {
		return &comptable.Refus{Code: comptable.MessageRefuse, Champ: "Document", Detail: "Ce fichier XML n'est pas un relevé de fin de journée : un camt.053 est attendu, versions " + lues + ". Le demander à la banque."}
	}
	if n, err := strconv.Atoi(version); err != nil || !chiffres(version) || len(version) != 2 || n < premiereVersion || n > derniereVersion {
		return &comptable.Refus{Code: comptable.VersionRefusee, Champ: "Document", Detail: "Cette version de camt.053 n'est pas connue ; versions lues : " + lues + ". Demander l'une d'elles à la banque."}
	}
	return nil
}

// sous is the path of the element under way below others, "" elsewhere.
func (l *lecteurCamt) sous(prefixe ...string) string {
	if len(l.chemin) <= len(prefixe) || !slices.Equal(l.chemin[:len(prefixe)], prefixe) {
		return ""
	}
	return strings.Join(l.chemin[len(prefixe):], "/")
}

func (l *lecteurCamt) cloture(t xml.EndElement) error {
	n := len(l.chemin)
	if n == 0 || l.chemin[n-1] != t.Name.Local {
		return &comptable.Refus{Code: comptable.XMLRefuse, Ligne: l.rang, Detail: "Les balises ne s'accordent pas."}
	}
	err := l.valeur(l.sous("Document", "BkToCstmrStmt"), strings.Join(strings.Fields(string(l.texte)), " "))
	l.chemin, l.texte = l.chemin[:n-1], l.texte[:0]
	l.fini = n == 1
	return err
}

// valeur keeps the text of an element that just ended.
func (l *lecteurCamt) valeur(chemin, s string) error {
	switch reste, entree := strings.CutPrefix(chemin, "Stmt/Ntry"); {
	case chemin == "Stmt":
		return l.releve.verifier(l.rang)
	case chemin == "Stmt/Ntry":
		return l.entree.rendre(l)
	case entree && strings.HasPrefix(reste, "/NtryDtls/TxDtls/"):
		d := &l.entree.details[len(l.entree.details)-1]
		d.valeur(strings.TrimPrefix(reste, "/NtryDtls/TxDtls/"), s, l.devise)
	case entree:
		l.entree.valeur(strings.TrimPrefix(reste, "/"), s, l.devise)
	case strings.HasPrefix(chemin, "Stmt/"):
		l.releve.valeur(strings.TrimPrefix(chemin, "Stmt/"), s)
	}
	return nil
}

func (l *lecteurCamt) fin() error {
	switch {
	case !l.fini:
		return &comptable.Refus{Code: comptable.FichierTronque, Ligne: l.rang, Detail: "Le fichier s'arrête avant sa fin."}
	case l.lus == 0:
		return &comptable.Refus{Code: comptable.FichierVide, Detail: "Le message ne contient aucun relevé."}
	}
	return nil
}

// traduire gives a code to the errors of the decoder, without what they quote.
func (l *lecteurCamt) traduire(err error) error {
	var syntaxe *xml.SyntaxError
	switch {
	case comptable.EstRefus(err) != nil:
		return comptable.EstRefus(err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntaxe) && strings.Contains(syntaxe.Msg, "unexpected EOF"):
		return &comptable.Refus{Code: comptable.FichierTronque, Ligne: l.rang, Detail: "Le fichier s'arrête avant sa fin."}
	case errors.As(err, &syntaxe) && strings.Contains(syntaxe.Msg, "UTF-8"):
		return &comptable.Refus{Code: comptable.Encodage, Ligne: l.rang, Detail: "Le fichier n'est pas dans l'encodage qu'il annonce (ligne " + strconv.Itoa(syntaxe.Line) + ")."}
	case errors.As(err, &syntaxe):
		return &comptable.Refus{Code: comptable.XMLRefuse, Ligne: l.rang, Detail: "Le XML est mal formé (ligne " + strconv.Itoa(syntaxe.Line) + ")."}
	}
	return err
}

// somme reads an amount of ISO 20022: a point, and as many decimals as wanted.
func somme(s string) (sante.Montant, bool) {
	entiers, decimales, _ := strings.Cut(s, ".")
	for len(decimales) > 2 && decimales[len(decimales)-1] == '0' {
		decimales = decimales[:len(decimales)-1]
	}
	entiers = strings.TrimLeft(entiers, "0")
	if !chiffres(entiers) || !chiffres(decimales) || len(decimales) > 2 || len(entiers) > 10 || s == "" || s == "." {
		return 0, false
	}
	if entiers == "" {
		entiers = "0"
	}
	m, err := sante.ParseMontant(entiers + "." + (decimales + "00")[:2])
	return m, err == nil
}
