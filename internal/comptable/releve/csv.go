package releve

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// Colonnes are the names that the heading may give to each column, compared without
// capitals nor spaces at their ends; the first one that the heading has is taken. Debit and Credit go together, or Montant
// stands alone, with its sign or with Sens.
type Colonnes struct {
	Compte, Jour, Valeur   []string
	Libelle, Contrepartie  []string
	Reference, BoutEnBout  []string
	Remise                 []string
	Debit, Credit, Montant []string
	Sens, Devise           []string
}

// ColonnesUsuelles are the names accepted by default. hyp: CSV-COLONNES
func ColonnesUsuelles() Colonnes {
	return Colonnes{
		Compte:       []string{"compte", "iban", "numéro de compte", "numero de compte"},
		Jour:         []string{"date", "jour", "date opération", "date operation", "date d'opération", "date comptable", "date de comptabilisation"},
		Valeur:       []string{"date valeur", "date de valeur"},
		Libelle:      []string{"libellé", "libelle", "libellé de l'opération", "nature", "description"},
		Contrepartie: []string{"contrepartie", "émetteur", "emetteur", "donneur d'ordre", "tiers"},
		Reference:    []string{"référence", "reference", "référence banque", "reference banque", "référence de l'opération"},
		BoutEnBout:   []string{"référence de bout en bout", "reference de bout en bout", "endtoendid", "référence donneur d'ordre"},
		Remise:       []string{"motif", "motif du virement", "référence du virement", "reference du virement", "remise"},
		Debit:        []string{"débit", "debit"},
		Credit:       []string{"crédit", "credit"},
		Montant:      []string{"montant", "montant eur"},
		Sens:         []string{"sens", "c/d"},
		Devise:       []string{"devise", "monnaie"},
	}
}

// CSV reads bank lines in CSV. The zero value is a working default, for files that
// have a column for the account.
type CSV struct {
	Colonnes Colonnes // the usual ones when Jour is empty
	Compte   string   // account of a file that does not say it
}

// Bounds of a CSV.
const (
	enregistrementMax = 64 << 10
	enteteMax         = 20 // lines in which the heading is looked for
	champsMax         = 100
)

// Lire is a comptable.Lecture.
func (c CSV) Lire(r io.Reader, ligne func(*comptable.LigneReleve) error, refus func(*comptable.Refus) error) error {
	b, err := ouvrir(r, enregistrementMax)
	if err != nil {
		return err
	}
	l := &lecteurCSV{r: b}
	t, err := c.entete(l)
	if err != nil {
		return err
	}
	for {
		champs, err := l.suivant(t.separateur)
		if err == io.EOF {
			return nil
		}
		x, non := (*comptable.LigneReleve)(nil), comptable.EstRefus(err)
		switch {
		case err != nil && (non == nil || non.Code != comptable.Encodage):
			return err
		case err == nil && vide(champs):
			continue
		case err == nil && l.coupe && len(champs) < t.champs:
			return &comptable.Refus{Code: comptable.FichierTronque, Ligne: l.debut, Detail: "Le fichier s'arrête au milieu d'une ligne."}
		case err == nil:
			x, non = t.lire(champs)
		}
		if non != nil {
			non.Ligne = l.debut
			if err := refus(non); err != nil {
				return err
			}
			continue
		}
		x.Place = l.debut
		if err := ligne(x); err != nil {
			return err
		}
	}
}

func vide(champs []string) bool {
	return !slices.ContainsFunc(champs, func(s string) bool { return s != "" })
}

// lecteurCSV reads records, which a quoted field may spread over several lines.
type lecteurCSV struct {
	r        *bufio.Reader
	ligne    int  // lines read
	debut    int  // line where the record begins
	coupe    bool // the record ends with the file, not with its line
	alphabet alphabet
}

// suivant reads a record; io.EOF after the last one. A refusal for its encoding
// leaves the next record readable.
func (l *lecteurCSV) suivant(separateur byte) ([]string, error) {
	var brut []byte
	l.debut = l.ligne + 1
	for {
		b, err := l.r.ReadSlice('\n')
		l.ligne++
		switch {
		case errors.Is(err, bufio.ErrBufferFull) || len(brut)+len(b) > enregistrementMax:
			return nil, &comptable.Refus{Code: comptable.LigneTropLongue, Ligne: l.debut, Detail: "La ligne est trop longue : ce n'est pas un relevé, ou un guillemet n'est pas fermé."}
		case err != nil && err != io.EOF:
			return nil, err
		case err == io.EOF && len(b) == 0 && len(brut) == 0:
			return nil, io.EOF
		case err == io.EOF && len(b) == 0:
			return nil, &comptable.Refus{Code: comptable.FichierTronque, Ligne: l.debut, Detail: "Le fichier s'arrête dans un champ entre guillemets."}
		}
		l.coupe = err == io.EOF
		brut = append(brut, bytes.TrimRight(b, "\r\n")...)
		champs, ouvert := decouper(brut, separateur)
		if !ouvert {
			return l.decoder(champs)
		}
		brut = append(brut, ' ')
	}
}

func (l *lecteurCSV) decoder(bruts [][]byte) ([]string, error) {
	champs := make([]string, len(bruts))
	for i, b := range bruts {
		s, ok := l.alphabet.decoder(b)
		if !ok {
			return nil, &comptable.Refus{Code: comptable.Encodage, Ligne: l.debut, Detail: "La ligne n'est ni en UTF-8 ni en Windows-1252 comme le reste, ou contient des caractères de contrôle. " + convertir}
		}
		champs[i] = strings.TrimSpace(s)
	}
	return champs, nil
}

// decouper cuts a record in its fields, and tells whether its last field waits for
// its closing quote. A quote inside a field that does not begin with one is a
// character like others.
func decouper(b []byte, separateur byte) (champs [][]byte, ouvert bool) {
	for {
		if len(b) == 0 || b[0] != '"' {
			i := bytes.IndexByte(b, separateur)
			if i < 0 {
				return append(champs, b), false
			}
			champs, b = append(champs, b[:i]), b[i+1:]
			continue
		}
		var champ []byte
		for b = b[1:]; ; b = b[1:] {
			i := bytes.IndexByte(b, '"')
			if i < 0 {
				return append(champs, champ, b), true
			}
			champ, b = append(champ, b[:i]...), b[i+1:]
			if len(b) == 0 || b[0] != '"' {
				break
			}
			champ = append(champ, '"')
		}
		i := bytes.IndexByte(b, separateur)
		if i < 0 {
			return append(champs, append(champ, b...)), false
		}
		champs, b = append(champs, append(champ, b[:i]...)), b[i+1:]
	}
}

// table is where each column stands; -1 when there is none.
type table struct {
	separateur                                                                                                       byte
	champs, ligne                                                                                                    int
	connues                                                                                                          int    // columns recognised
	defaut                                                                                                           string // account
	compte, jour, valeur, libelle, contrepartie, reference, boutEnBout, remise, debit, credit, montant, sens, devise int
}

// entete looks for the heading.
func (c CSV) entete(l *lecteurCSV) (*table, error) {
	if c.Colonnes.Jour == nil {
		c.Colonnes = ColonnesUsuelles()
	}
	var proche *table // the line most like a heading
	illisible := 0    // a line that could not be decoded
	for range enteteMax {
		brut, err := l.r.ReadSlice('\n')
		l.ligne++
		if err != nil && err != io.EOF {
			if errors.Is(err, bufio.ErrBufferFull) {
				err = &comptable.Refus{Code: comptable.LigneTropLongue, Ligne: l.ligne, Detail: "La ligne est trop longue : ce n'est pas un relevé."}
			}
			return nil, err
		}
		t, lu := c.reconnaitre(l, bytes.TrimRight(brut, "\r\n"))
		switch {
		case !lu:
			illisible = cmp.Or(illisible, l.ligne)
		case t != nil && t.manque(&c.Colonnes) == nil:
			return t, c.verifierCompte(t)
		case t != nil && (proche == nil || t.connues > proche.connues):
			proche = t
		}
		if err == io.EOF {
			break
		}
	}
	switch {
	case illisible > 0:
		return nil, &comptable.Refus{Code: comptable.Encodage, Ligne: illisible, Detail: "L'en-tête n'est lisible ni en UTF-8 ni en Windows-1252. " + convertir}
	case proche == nil || proche.connues == 0:
		proche = &table{jour: -1, montant: -1, debit: -1, credit: -1}
	}
	return nil, proche.manque(&c.Colonnes)
}

// verifierCompte refuses a heading without an account, when none was given.
func (c CSV) verifierCompte(t *table) error {
	if t.compte >= 0 || t.defaut != "" {
		return nil
	}
	return &comptable.Refus{Code: comptable.ColonneAbsente, Ligne: t.ligne, Champ: "compte", Detail: "Aucune colonne ne donne le compte (noms admis : " + strings.Join(c.Colonnes.Compte, ", ") +
		"). Le donner par l'option « --compte IBAN », ou par la clé « compte » de [etablissement.comptable]."}
}

// manque names the columns that a heading lacks, nil when it has what is needed.
func (t *table) manque(k *Colonnes) *comptable.Refus {
	nommer := func(quoi string, noms []string) string {
		return quoi + " (noms admis : " + strings.Join(noms, ", ") + ")"
	}
	var champs, dits []string
	if t.jour < 0 {
		champs, dits = append(champs, "date"), append(dits, nommer("la date", k.Jour))
	}
	switch debit, credit := nommer("le débit", k.Debit), nommer("le crédit", k.Credit); {
	case t.montant >= 0 || t.debit >= 0 && t.credit >= 0:
	case t.debit >= 0:
		champs, dits = append(champs, "crédit"), append(dits, credit)
	case t.credit >= 0:
		champs, dits = append(champs, "débit"), append(dits, debit)
	default:
		champs, dits = append(champs, "montant"), append(dits, nommer("le montant", k.Montant)+", ou pour "+debit+" et "+credit)
	}
	if len(champs) == 0 {
		return nil
	}
	ou := "L'en-tête n'a pas de colonne pour "
	if t.ligne == 0 {
		ou = "L'en-tête est introuvable dans les " + strconv.Itoa(enteteMax) + " premières lignes. Il lui faut une colonne pour "
	}
	return &comptable.Refus{Code: comptable.ColonneAbsente, Ligne: t.ligne, Champ: strings.Join(champs, ", "),
		Detail: ou + strings.Join(dits, " ; pour ") + ". Corriger l'en-tête, ou dire ce nom à la clé « colonnes » de [etablissement.comptable]."}
}

// reconnaitre reads a line as the heading, nil when it cannot be one; false when it
// is not text in an encoding that is read.
func (c CSV) reconnaitre(l *lecteurCSV, brut []byte) (*table, bool) {
	separateur, combien := byte(';'), 0
	for _, s := range []byte{';', ',', '\t'} {
		if n := bytes.Count(brut, []byte{s}); n > combien {
			separateur, combien = s, n
		}
	}
	bruts, ouvert := decouper(bytes.Clone(brut), separateur)
	noms, err := l.decoder(bruts)
	if ouvert || err != nil || len(noms) > champsMax {
		return nil, err == nil
	}
	t := &table{separateur: separateur, champs: len(noms), ligne: l.ligne}
	droites := strings.NewReplacer("’", "'")
	for i := range noms {
		noms[i] = droites.Replace(noms[i])
	}
	// The first of the accepted names that is there: what the hospital says comes first.
	place := func(acceptes []string) int {
		for _, a := range acceptes {
			if i := slices.IndexFunc(noms, func(n string) bool { return strings.EqualFold(droites.Replace(strings.TrimSpace(a)), n) }); i >= 0 {
				t.connues++
				return i
			}
		}
		return -1
	}
	k := &c.Colonnes
	t.compte, t.jour, t.valeur, t.libelle = place(k.Compte), place(k.Jour), place(k.Valeur), place(k.Libelle)
	t.contrepartie, t.reference, t.boutEnBout, t.remise = place(k.Contrepartie), place(k.Reference), place(k.BoutEnBout), place(k.Remise)
	t.debit, t.credit, t.montant, t.sens, t.devise = place(k.Debit), place(k.Credit), place(k.Montant), place(k.Sens), place(k.Devise)
	t.defaut, _ = compte(c.Compte)
	return t, t.connues == 0 || !l.alphabet.autre(noms)
}

func refuser(c comptable.CodeRefus, champ, detail string) *comptable.Refus {
	return &comptable.Refus{Code: c, Champ: champ, Detail: detail}
}

// lire makes a bank line of a record.
func (t *table) lire(champs []string) (*comptable.LigneReleve, *comptable.Refus) {
	// A bank may leave out, or add, empty fields at the end.
	for len(champs) > t.champs && champs[len(champs)-1] == "" {
		champs = champs[:len(champs)-1]
	}
	if len(champs) > t.champs {
		return nil, refuser(comptable.NombreColonnes, "", "La ligne a plus de champs que l'en-tête.")
	}
	champ := func(i int) string {
		if i < 0 || i >= len(champs) {
			return ""
		}
		return champs[i]
	}
	l := &comptable.LigneReleve{Compte: t.defaut, Reference: champ(t.reference), BoutEnBout: champ(t.boutEnBout), Libelle: couper(champ(t.libelle)), Contrepartie: couper(champ(t.contrepartie))}
	if r := champ(t.remise); r != "" {
		l.Remises = []string{r}
	}
	var ok bool
	if c := champ(t.compte); c != "" {
		if l.Compte, ok = compte(c); !ok {
			return nil, refuser(comptable.CompteRefuse, "compte", "Le compte n'est pas lisible.")
		}
	}
	if l.Jour, ok = jour(champ(t.jour)); !ok {
		return nil, refuser(comptable.DateRefusee, "date", "Date attendue, comme 01/03/2026 ou 2026-03-01.")
	}
	if v := champ(t.valeur); v != "" {
		if l.Valeur, ok = jour(v); !ok {
			return nil, refuser(comptable.DateRefusee, "date de valeur", "Date attendue, comme 01/03/2026 ou 2026-03-01.")
		}
	}
	switch d := champ(t.devise); {
	case l.Compte == "":
		return nil, refuser(comptable.CompteRefuse, "compte", "Le compte n'est pas dit.")
	case d != "" && !strings.EqualFold(d, "EUR") && d != "€":
		return nil, refuser(comptable.DeviseRefusee, "devise", "Seul l'euro est admis.")
	case len(l.Reference) > referenceMax || len(l.BoutEnBout) > referenceMax || len(champ(t.remise)) > libelleMax:
		return nil, refuser(comptable.TexteTropLong, "référence", "La référence est trop longue.")
	}
	return l, t.somme(l, champ)
}

// somme reads the amount and its sense.
func (t *table) somme(l *comptable.LigneReleve, champ func(int) string) *comptable.Refus {
	lire := func(i int, nom string) (sante.Montant, *comptable.Refus) {
		s := champ(i)
		if s == "" {
			return 0, nil
		}
		m, ok := montant(s)
		if !ok {
			return 0, refuser(comptable.MontantRefuse, nom, "Montant attendu, comme 1234,56.")
		}
		return m, nil
	}
	m, r := lire(t.montant, "montant")
	if r == nil && t.montant < 0 {
		var d, c sante.Montant
		if d, r = lire(t.debit, "débit"); r == nil {
			c, r = lire(t.credit, "crédit")
		}
		if r == nil && d != 0 && c != 0 {
			r = refuser(comptable.SensRefuse, "débit, crédit", "Une ligne est un débit ou un crédit, pas les deux.")
		}
		m = c - max(d, -d)
	}
	if r == nil {
		m, r = signer(m, champ(t.sens))
	}
	if r == nil && m == 0 {
		r = refuser(comptable.MontantRefuse, "montant", "Le montant manque, ou est nul.")
	}
	if l.Sens, l.Montant = comptable.Credit, m; m < 0 {
		l.Sens, l.Montant = comptable.Debit, -m
	}
	return r
}

// signer applies a column of sense.
func signer(m sante.Montant, sens string) (sante.Montant, *comptable.Refus) {
	switch strings.ToUpper(sens) {
	case "":
		return m, nil
	case "C", "CR", "CRDT", "CREDIT", "CRÉDIT", "+":
		return max(m, -m), nil
	case "D", "DB", "DBIT", "DEBIT", "DÉBIT", "-":
		return -max(m, -m), nil
	}
	return 0, refuser(comptable.SensRefuse, "sens", "Sens attendu : C ou D.")
}
