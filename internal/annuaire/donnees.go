package annuaire

import (
	"bytes"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

//go:embed tables/*.csv
var embarques embed.FS

// Fichiers are the files of the data built in the program, to be copied and edited.
func Fichiers() fs.FS {
	f, err := fs.Sub(embarques, "tables")
	if err != nil {
		return embarques // not reached: the directory is embedded
	}
	return f
}

// Donnees are what the room holds as data: controls, lists of codes, communes, mail
// domains, views, owners and quotas. They never change while they are used.
type Donnees struct {
	Listes     *Listes
	Domaines   Domaines // nil when no white list was given: D-BAL-DOMAINE is then not said
	Regards    *Regards
	Proprietes Proprietes
	Quotas     Quotas
	controles  []periodeControle
	communes   communes
}

// Charger reads the data built in the program with those of a directory over them,
// nil for none: the rows of a key (first column) that a file of the directory has are
// read there alone, the other keys stay. Every mistake is an *ErreurDonnees.
func Charger(dossier fs.FS) (*Donnees, error) {
	s := &sources{dossier: dossier}
	d := &Donnees{
		controles: lireControles(s),
		Listes:    lireListes(s),
		communes:  lireCommunes(s),
		Regards:   lireRegards(s),
		Quotas:    lireQuotas(s),
	}
	d.Proprietes = lireProprietes(s, d.Regards)
	if l := lireDomaines(s); len(l) > 0 {
		d.Domaines = l
	}
	if len(s.fautes) > 0 {
		return nil, errors.Join(s.fautes...)
	}
	return d, nil
}

// ErreurDonnees is a mistake in a file of data.
type ErreurDonnees struct {
	Fichier string
	Ligne   int
	Detail  string
}

// Error is file:line: what is wrong.
func (e *ErreurDonnees) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.Fichier, e.Ligne, e.Detail)
}

// sources reads files of data and gathers what is wrong in them.
type sources struct {
	dossier fs.FS
	fautes  []error
}

// rangee is a row, with what a mistake in it is told by.
type rangee struct {
	s       *sources
	fichier string
	ligne   int
	champs  []string
}

func (r *rangee) faute(format string, a ...any) {
	r.s.fautes = append(r.s.fautes, &ErreurDonnees{r.fichier, r.ligne, fmt.Sprintf(format, a...)})
}

// jours reads two days, 0 when a field is empty.
func (r *rangee) jours(debut, fin string) (p periode) {
	var err1, err2 error
	p.debut, err1 = jourOuRien(debut)
	p.fin, err2 = jourOuRien(fin)
	if err1 != nil || err2 != nil || p.fin != 0 && p.fin < p.debut {
		r.faute("période illisible : écrire des jours comme 2026-03-01, la fin après le début")
	}
	return p
}

func jourOuRien(s string) (j sante.Jour, err error) {
	if s != "" {
		j, err = sante.ParseJour(s)
	}
	return j, err
}

// periode is from a day to a day, both included; 0 for no bound.
type periode struct{ debut, fin sante.Jour }

func (p periode) contient(j sante.Jour) bool {
	return p.debut <= j && (p.fin == 0 || j <= p.fin)
}

const (
	fichierMax = 16 << 20 // octets of a file of data
	fautesMax  = 50       // mistakes told at once
)

// lire gives the rows of a file: those built in, and over them those of the directory,
// key by key. colonnes is the header that the file must have.
func (s *sources) lire(nom string, colonnes ...string) []rangee {
	base := s.ouvrir(Fichiers(), nom, colonnes)
	if s.dossier == nil {
		return base
	}
	if _, err := fs.Stat(s.dossier, nom); errors.Is(err, fs.ErrNotExist) {
		return base
	}
	dessus := s.ouvrir(s.dossier, nom, colonnes)
	remplacees := make(map[string]bool, len(dessus))
	for i := range dessus {
		remplacees[dessus[i].champs[0]] = true
	}
	base = slices.DeleteFunc(base, func(r rangee) bool { return remplacees[r.champs[0]] })
	return append(base, dessus...)
}

func (s *sources) ouvrir(f fs.FS, nom string, colonnes []string) (l []rangee) {
	b, err := lireBorne(f, nom)
	if err != nil {
		s.fautes = append(s.fautes, err)
		return nil
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	r.Comma, r.Comment, r.FieldsPerRecord = ';', '#', len(colonnes)
	for n := 0; len(s.fautes) < fautesMax; n++ {
		champs, err := r.Read()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				s.fautes = append(s.fautes, &ErreurDonnees{nom, 1, "fichier vide : il y manque au moins l'en-tête"})
			}
			return l
		}
		if err != nil {
			ligne := 0
			var p *csv.ParseError
			if errors.As(err, &p) {
				ligne = p.Line
			}
			s.fautes = append(s.fautes, &ErreurDonnees{nom, ligne, "ligne illisible : attendu " + strings.Join(colonnes, ";")})
			continue
		}
		ligne, _ := r.FieldPos(0)
		if n == 0 {
			if !slices.Equal(champs, colonnes) {
				s.fautes = append(s.fautes, &ErreurDonnees{nom, ligne, "en-tête attendu : " + strings.Join(colonnes, ";")})
				return nil
			}
			continue
		}
		l = append(l, rangee{s, nom, ligne, champs})
	}
	return l
}

func lireBorne(f fs.FS, nom string) ([]byte, error) {
	x, err := f.Open(nom)
	if err != nil {
		return nil, fmt.Errorf("annuaire: ouvrir %s: %w", nom, err)
	}
	defer x.Close()
	b, err := io.ReadAll(io.LimitReader(x, fichierMax+1))
	if err != nil {
		return nil, fmt.Errorf("annuaire: lire %s: %w", nom, err)
	}
	if len(b) > fichierMax {
		return nil, &ErreurDonnees{nom, 0, "fichier de plus de 16 Mio"}
	}
	return b, nil
}
