package bareme

import (
	"bytes"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ecluse-sante/ecluse/sante"
)

//go:embed tables/*.csv
var embarques embed.FS

// Fichiers are the files of the defaults, to be copied and edited.
func Fichiers() fs.FS {
	f, err := fs.Sub(embarques, "tables")
	if err != nil {
		return embarques // not reached: the directory is embedded
	}
	return f
}

var parDefaut = sync.OnceValues(func() (*Tables, error) { return charger(nil, Fichiers()) })

// Defaut are the tables built in the program.
func Defaut() (*Tables, error) { return parDefaut() }

// Errors of a directory that gives no table: what was asked for must hold.
var (
	ErrDossier = errors.New("répertoire de tables attendu : il est absent, illisible, ou n'est pas un répertoire")
	ErrVide    = errors.New("répertoire sans aucune table (*.csv)")
)

// Load lays the *.csv files of a directory over the defaults: a key that the
// directory has is read there alone, the others stay. Each mistake is an
// *Erreur; they are joined. A directory that cannot be read, or without any table,
// is refused.
func Load(dossier fs.FS) (*Tables, error) {
	l, err := fs.ReadDir(dossier, ".")
	if err != nil {
		return nil, ErrDossier
	}
	if !slices.ContainsFunc(l, func(e fs.DirEntry) bool { return path.Ext(e.Name()) == ".csv" }) {
		return nil, ErrVide
	}
	base, err := Defaut()
	if err != nil {
		return nil, err
	}
	return charger(base, dossier)
}

// Erreur is a mistake in a file.
type Erreur struct {
	Fichier string
	Ligne   int // zero when it is of the whole file
	Detail  string
}

// Error is file:line: what is wrong.
func (e *Erreur) Error() string { return fmt.Sprintf("%s:%d: %s", e.Fichier, e.Ligne, e.Detail) }

func charger(base *Tables, dossier fs.FS) (*Tables, error) {
	noms, err := fs.Glob(dossier, "*.csv")
	if err != nil {
		return nil, fmt.Errorf("barème : lire le dossier : %w", err)
	}
	if len(noms) > fichiersMaxDossier {
		return nil, fmt.Errorf("barème : plus de %d fichiers dans le dossier", fichiersMaxDossier)
	}
	lues := map[string][]Valeur{}
	var fautes []error
	for _, nom := range noms {
		fautes = append(fautes, lireFichier(dossier, nom, lues)...)
	}
	for _, cle := range slices.Sorted(maps.Keys(lues)) {
		fautes = append(fautes, enchainer(lues[cle])...)
	}
	if base != nil {
		for cle, serie := range base.series {
			if _, ok := lues[cle]; !ok {
				lues[cle] = serie
			}
		}
	}
	fautes = append(fautes, manquantes(lues)...)
	if len(fautes) > 0 {
		return nil, errors.Join(fautes...)
	}
	return &Tables{series: lues}, nil
}

func manquantes(lues map[string][]Valeur) (fautes []error) {
	for _, d := range definitions() {
		if d.obligatoire && len(lues[d.cle]) == 0 {
			fautes = append(fautes, &Erreur{Fichier: "*.csv", Detail: fmt.Sprintf("clé obligatoire absente : « %s »", d.cle)})
		}
	}
	return fautes
}

func lireFichier(dossier fs.FS, nom string, lues map[string][]Valeur) (fautes []error) {
	f, err := dossier.Open(nom)
	if err != nil {
		return []error{fmt.Errorf("barème : ouvrir %s : %w", nom, err)}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, tailleMaxFichier+1))
	if err != nil {
		return []error{fmt.Errorf("barème : lire %s : %w", nom, err)}
	}
	if len(b) > tailleMaxFichier {
		return []error{&Erreur{Fichier: nom, Detail: "fichier de plus de 1 Mio"}}
	}
	return lireLignes(nom, bytes.TrimPrefix(b, []byte("\ufeff")), lues)
}

// lireLignes adds the rows of a file to lues and tells what is wrong with the others.
func lireLignes(nom string, b []byte, lues map[string][]Valeur) (fautes []error) {
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma, r.Comment, r.FieldsPerRecord = ';', '#', -1
	for n := 0; ; n++ {
		champs, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			ligne := 0
			var pe *csv.ParseError
			if errors.As(err, &pe) {
				ligne = pe.Line
			}
			return append(fautes, &Erreur{Fichier: nom, Ligne: ligne, Detail: "ligne CSV illisible (guillemet mal fermé ?)"})
		}
		ligne, _ := r.FieldPos(0)
		if n == 0 {
			if strings.Join(champs, ";") != enTeteDesTables {
				return append(fautes, &Erreur{Fichier: nom, Ligne: ligne, Detail: "en-tête attendu : " + enTeteDesTables})
			}
			continue
		}
		if n > lignesMaxFichier {
			return append(fautes, &Erreur{Fichier: nom, Ligne: ligne, Detail: fmt.Sprintf("plus de %d lignes", lignesMaxFichier)})
		}
		v, err := lireLigne(champs)
		if err != nil {
			fautes = append(fautes, &Erreur{Fichier: nom, Ligne: ligne, Detail: err.Error()})
			continue
		}
		v.Fichier, v.Ligne = nom, ligne
		lues[v.Cle] = append(lues[v.Cle], v)
	}
	return fautes
}

func lireLigne(c []string) (v Valeur, err error) {
	if len(c) != 7 {
		return v, fmt.Errorf("%d colonnes au lieu de 7", len(c))
	}
	for i := range c {
		c[i] = strings.TrimSpace(c[i])
	}
	v = Valeur{Cle: c[0], Source: c[4], Note: c[6], texte: c[3]}
	d, ok := definitionDe(v.Cle)
	if !ok {
		return v, fmt.Errorf("clé inconnue : « %s »", v.Cle)
	}
	if v.Debut, err = sante.ParseJour(c[1]); err != nil {
		return v, fmt.Errorf("début : %w", err)
	}
	if c[2] != "" {
		if v.Fin, err = sante.ParseJour(c[2]); err != nil {
			return v, fmt.Errorf("fin : %w", err)
		}
		if v.Fin < v.Debut {
			return v, fmt.Errorf("la fin %s précède le début %s", v.Fin, v.Debut)
		}
	}
	if v.nombre, err = lireValeur(d, c[3]); err != nil {
		return v, fmt.Errorf("valeur de « %s » : %w", v.Cle, err)
	}
	if !sourceDite(v.Source) {
		return v, errors.New("source attendue, commençant par « ref: » ou « hyp: »")
	}
	switch c[5] {
	case "", "non":
	case "oui":
		v.Incertain = true
	default:
		return v, errors.New("incertain : « oui », « non » ou rien")
	}
	return v, nil
}

func sourceDite(s string) bool {
	for _, p := range []string{sourceReference, sourceHypothese} {
		if reste, ok := strings.CutPrefix(s, p); ok && strings.TrimSpace(reste) != "" {
			return true
		}
	}
	return false
}

func lireValeur(d definition, s string) (int64, error) {
	switch d.genre {
	case genreMontant:
		m, err := sante.ParseMontant(s)
		if err == nil && m < 0 {
			return 0, errors.New("montant négatif")
		}
		return int64(m), err
	case genreTaux:
		t, err := sante.ParseTaux(s)
		return int64(t), err
	case genreEntier:
		n, err := strconv.ParseUint(s, 10, 31)
		if err != nil {
			return 0, errors.New("nombre entier attendu")
		}
		return int64(n), nil
	case genreBooleen:
		switch s {
		case "true":
			return 1, nil
		case "false":
			return 0, nil
		}
		return 0, errors.New("« true » ou « false » attendu")
	}
	if !slices.Contains(strings.Fields(d.valeurs), s) {
		return 0, fmt.Errorf("une valeur parmi %s attendue", d.valeurs)
	}
	return 0, nil
}

// enchainer sorts the rows of a key and checks that each begins the day after
// the one before ends. ref: ROC §19.3 property 10
func enchainer(serie []Valeur) (fautes []error) {
	slices.SortStableFunc(serie, func(a, b Valeur) int { return int(a.Debut) - int(b.Debut) })
	for i := 1; i < len(serie); i++ {
		avant, v := serie[i-1], serie[i]
		switch {
		case avant.Fin.IsZero() || v.Debut <= avant.Fin:
			fautes = append(fautes, &Erreur{v.Fichier, v.Ligne, fmt.Sprintf("chevauchement de « %s » avec %s:%d, en vigueur au %s", v.Cle, avant.Fichier, avant.Ligne, v.Debut)})
		case v.Debut > avant.Fin+1:
			fautes = append(fautes, &Erreur{v.Fichier, v.Ligne, fmt.Sprintf("trou de « %s » du %s au %s, après %s:%d", v.Cle, avant.Fin+1, v.Debut-1, avant.Fichier, avant.Ligne)})
		}
	}
	return fautes
}
