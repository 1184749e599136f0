package calcul

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/ecluse-sante/ecluse/sante"
)

// OptionsLignes are what the tool `ecluse calcul` was asked.
type OptionsLignes struct {
	Expliquer   bool       // tell the rule, the source and a sentence for each amount
	Verifier    bool       // compare with the out (or the error) of each object
	Jour        sante.Jour // day of the care when a line has none; zero: the last day that a table changes
	LongueurMax int        // bytes of a line; zero: 1 MiB
}

// Bilan counts what was read.
type Bilan struct {
	Lues    int
	Erreurs int // lines answered by an error that was not expected
	Ecarts  int // lines whose result differs from the expected one
}

// demande is one object: {"id", "kind", "in"}; out and error are what is expected.
type demande struct {
	ID    json.RawMessage `json:"id"`
	Kind  string          `json:"kind"`
	In    json.RawMessage `json:"in"`
	Out   json.RawMessage `json:"out"`
	Error json.RawMessage `json:"error"`
}

// Reponse is the answer to one object: Out, or Error.
type Reponse struct {
	ID          json.RawMessage `json:"id"`
	Out         any             `json:"out,omitempty"`
	Error       *ErreurLigne    `json:"error,omitempty"`
	Hypotheses  []Hypothese     `json:"hypotheses,omitempty"`
	Explication []Etape         `json:"explication,omitempty"`
	Conforme    *bool           `json:"conforme,omitempty"`
	Ecarts      []Ecart         `json:"ecarts,omitempty"`
}

// ErreurLigne is why an object could not be calculated.
type ErreurLigne struct {
	Code   Code   `json:"code"`
	Detail string `json:"detail"`
}

// Ecart is a member that differs from what the object expected.
type Ecart struct {
	Membre  string          `json:"membre"`
	Attendu json.RawMessage `json:"attendu"`
	Obtenu  json.RawMessage `json:"obtenu"`
}

// reponseCalcul is what a kind gives.
type reponseCalcul struct {
	out        any
	etapes     []Etape
	hypotheses []Hypothese
}

const longueurParDefaut = 1 << 20

// Lignes reads one JSON object a line and writes one answer a line, in order. A
// line that cannot be calculated is answered by its error; the error returned is
// that of the reader or of the writer. ref: ROC §19.2
func (m Moteur) Lignes(r io.Reader, w io.Writer, o OptionsLignes) (Bilan, error) {
	if o.LongueurMax <= 0 {
		o.LongueurMax = longueurParDefaut
	}
	if o.Jour.IsZero() {
		o.Jour = m.dernierChangement()
	}
	var b Bilan
	lecteur, ecrivain := bufio.NewReaderSize(r, 64<<10), bufio.NewWriter(w)
	for {
		ligne, tropLongue, err := lireLigne(lecteur, o.LongueurMax)
		if b.Lues == 0 {
			ligne = bytes.TrimPrefix(ligne, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(ligne)) > 0 || tropLongue {
			b.Lues++
			if err := m.repondre(ecrivain, ligne, tropLongue, o, &b); err != nil {
				return b, fmt.Errorf("calcul : écrire : %w", err)
			}
		}
		if errors.Is(err, io.EOF) {
			return b, ecrivain.Flush()
		}
		if err != nil {
			return b, errors.Join(fmt.Errorf("calcul : lire : %w", err), ecrivain.Flush())
		}
	}
}

// lireLigne reads a line of at most max bytes; a longer one is skipped.
func lireLigne(r *bufio.Reader, max int) (ligne []byte, tropLongue bool, err error) {
	for {
		morceau, err := r.ReadSlice('\n')
		if !tropLongue {
			ligne = append(ligne, morceau...)
		}
		if len(ligne) > max {
			ligne, tropLongue = nil, true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return ligne, tropLongue, err
		}
	}
}

// dernierChangement is the last day that a value of the tables begins: the day of
// a line that says none, so that the tool needs no clock. hyp: DATE-ABSENTE
func (m Moteur) dernierChangement() (j sante.Jour) {
	for _, cle := range m.Tables.Cles() {
		for _, v := range m.Tables.Serie(cle) {
			j = max(j, v.Debut)
		}
	}
	return j
}

func (m Moteur) repondre(w *bufio.Writer, ligne []byte, tropLongue bool, o OptionsLignes, b *Bilan) error {
	var d demande
	rep := Reponse{ID: json.RawMessage("null")}
	err := error(rejeter(CodeForme, "ligne %d de plus de %d octets", b.Lues, o.LongueurMax))
	if !tropLongue {
		err = lireDemande(ligne, &d)
	}
	if d.ID != nil {
		rep.ID = d.ID
	}
	var r reponseCalcul
	if err == nil {
		r, err = m.calculerLigne(d, o)
	}
	if err != nil {
		rep.Error = enErreurLigne(err)
	} else {
		rep.Out, rep.Hypotheses = r.out, r.hypotheses
		if o.Expliquer {
			rep.Explication = r.etapes
		}
	}
	if err := o.comparer(d, &rep); err != nil {
		rep.Error = enErreurLigne(err)
	}
	b.compter(rep, d)
	return ecrire(w, rep)
}

func ecrire(w *bufio.Writer, rep Reponse) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(rep)
}

func (b *Bilan) compter(rep Reponse, d demande) {
	if rep.Error != nil && d.Error == nil {
		b.Erreurs++
	}
	if rep.Conforme != nil && !*rep.Conforme {
		b.Ecarts++
	}
}

func enErreurLigne(err error) *ErreurLigne {
	var r *Rejet
	if errors.As(err, &r) {
		detail := r.Detail
		if r.Ligne > 0 {
			detail = fmt.Sprintf("ligne %d : %s", r.Ligne, detail)
		}
		return &ErreurLigne{r.Code, detail}
	}
	return &ErreurLigne{CodeForme, err.Error()}
}

// lireDemande reads the envelope; the id is kept even when the rest is wrong.
func lireDemande(ligne []byte, d *demande) error {
	err := lireStrict(ligne, d)
	if !idLisible(d.ID) {
		d.ID = nil
		return errors.Join(err, rejeter(CodeForme, "id : un texte ou un nombre de 200 caractères au plus"))
	}
	if err == nil && len(d.In) == 0 {
		return rejeter(CodeForme, "« in » : un objet attendu")
	}
	return err
}

func idLisible(id json.RawMessage) bool {
	return len(id) == 0 || len(id) <= 200 && (id[0] == '"' || id[0] == '-' || id[0] >= '0' && id[0] <= '9')
}

func (m Moteur) calculerLigne(d demande, o OptionsLignes) (reponseCalcul, error) {
	switch d.Kind {
	case "sejour":
		return executer(d.In, func(e EntreeSejour) (reponseCalcul, error) { return m.ligneSejour(e, o) })
	case "acte":
		return executer(d.In, func(e EntreeActe) (reponseCalcul, error) { return m.ligneDunActe(e, o) })
	case "ace": // a visit of several acts and whole invoices are ours, beside ROC §19.2
		return executer(d.In, func(e EntreeACE) (reponseCalcul, error) { return m.ligneACE(e, o) })
	case "facture":
		return executer(d.In, m.ligneFacture)
	}
	return reponseCalcul{}, rejeter(CodeForme, "« kind » : sejour, acte, ace ou facture attendu")
}

func executer[E any](in json.RawMessage, f func(E) (reponseCalcul, error)) (reponseCalcul, error) {
	var e E
	if err := lireStrict(in, &e); err != nil {
		return reponseCalcul{}, err
	}
	return f(e)
}

// comparer tells the members that differ from those the object expected.
func (o OptionsLignes) comparer(d demande, rep *Reponse) error {
	attendu, obtenu := d.Out, any(rep.Out)
	if d.Error != nil {
		attendu, obtenu = d.Error, rep.Error
	}
	if !o.Verifier || attendu == nil {
		return nil
	}
	var a, b map[string]json.RawMessage
	if err := json.Unmarshal(attendu, &a); err != nil {
		return rejeter(CodeForme, "« out » et « error » : un objet attendu")
	}
	texte, err := json.Marshal(obtenu)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(texte, &b); err != nil {
		return err
	}
	for _, nom := range tries(a) {
		if d.Error != nil && nom != "code" {
			continue // the wording of a detail is free
		}
		if !memeJSON(a[nom], b[nom]) {
			rep.Ecarts = append(rep.Ecarts, Ecart{nom, a[nom], ouNull(b[nom])})
		}
	}
	conforme := len(rep.Ecarts) == 0
	rep.Conforme = &conforme
	return nil
}
