package local

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

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/tarif"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

//go:embed tables/*.csv
var embarques embed.FS

// Exemple are illustrative files, to be copied and edited. hyp: TARIF-EXEMPLE
func Exemple() fs.FS {
	f, err := fs.Sub(embarques, "tables")
	if err != nil {
		return embarques // not reached: the directory is embedded
	}
	return f
}

// Erreur is a mistake in a file.
type Erreur struct {
	Fichier string
	Ligne   int // 0 when it is of the whole file
	Detail  string
}

// Error is file:line: what is wrong.
func (e *Erreur) Error() string { return fmt.Sprintf("%s:%d: %s", e.Fichier, e.Ligne, e.Detail) }

const (
	tailleMax = 16 << 20
	lignesMax = 200_000
)

// fichier is how the rows of a file are read.
type fichier struct {
	nom, entete string
	lire        func(t *Tables, c []string, ou lieu) error
}

func attendus() []fichier {
	return []fichier{
		{"grilles.csv", "grille;libelle;effectif", (*Tables).lireGrille},
		{"garanties.csv", "grille;garantie;debut;fin;famille;prestations;classe;formule;plafondLigne;source", (*Tables).lireGarantie},
		{"produits.csv", "produit;debut;fin;famille;classe;source", (*Tables).lireProduit},
		{"reseaux.csv", "reseau;produit;debut;fin;montant;source", (*Tables).lireReseau},
	}
}

// Charger reads the four files of a directory. Each mistake is an *Erreur; they are
// joined, and nothing is given when there is one.
func Charger(dossier fs.FS) (*Tables, error) {
	t := &Tables{grilles: map[vd.IDGrille]*grille{}, produits: map[vd.CodeProduit][]periode[tarif.Produit]{}, reseaux: map[cleReseau][]periode[sante.Montant]{}}
	var fautes []error
	for _, f := range attendus() {
		fautes = append(fautes, f.charger(t, dossier)...)
	}
	fautes = append(fautes, t.verifier()...)
	if len(fautes) > 0 {
		return nil, errors.Join(fautes...)
	}
	return t, nil
}

func (f fichier) charger(t *Tables, dossier fs.FS) (fautes []error) {
	o, err := dossier.Open(f.nom)
	if err != nil {
		return []error{&Erreur{f.nom, 0, "fichier absent ou illisible"}}
	}
	defer o.Close()
	b, err := io.ReadAll(io.LimitReader(o, tailleMax+1))
	if err != nil || len(b) > tailleMax {
		return []error{&Erreur{f.nom, 0, "fichier illisible, ou de plus de 16 Mio"}}
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	r.Comma, r.Comment, r.FieldsPerRecord = ';', '#', -1
	for n := 0; ; n++ {
		c, err := r.Read()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				fautes = append(fautes, &Erreur{f.nom, 1, "en-tête attendu : " + f.entete})
			}
			return fautes
		}
		var pe *csv.ParseError
		if errors.As(err, &pe) {
			return append(fautes, &Erreur{f.nom, pe.Line, "ligne CSV illisible (guillemet mal fermé ?)"})
		}
		ligne, _ := r.FieldPos(0)
		for i := range c {
			c[i] = strings.TrimSpace(c[i])
		}
		switch {
		case n == 0 && strings.Join(c, ";") != f.entete:
			return append(fautes, &Erreur{f.nom, ligne, "en-tête attendu : " + f.entete})
		case n == 0:
			continue
		case n > lignesMax:
			return append(fautes, &Erreur{f.nom, ligne, fmt.Sprintf("plus de %d lignes", lignesMax)})
		case len(c) != strings.Count(f.entete, ";")+1:
			fautes = append(fautes, &Erreur{f.nom, ligne, fmt.Sprintf("%d colonnes au lieu de %d", len(c), strings.Count(f.entete, ";")+1)})
			continue
		}
		if err := f.lire(t, c, lieu{f.nom, ligne}); err != nil {
			fautes = append(fautes, &Erreur{f.nom, ligne, err.Error()})
		}
	}
}

// lieu is where a row is written.
type lieu struct {
	fichier string
	ligne   int
}

func (o lieu) faute(format string, a ...any) error {
	return &Erreur{o.fichier, o.ligne, fmt.Sprintf(format, a...)}
}

// periode is a value in force between two days, both included.
type periode[V any] struct {
	debut, fin sante.Jour // fin zero: still in force
	valeur     V
	ou         lieu
}

func (p periode[V]) couvre(j sante.Jour) bool {
	return j >= p.debut && (p.fin.IsZero() || j <= p.fin)
}

// lirePeriode reads debut, fin and the source of a row.
func lirePeriode[V any](debut, fin, source string, v V, ou lieu) (p periode[V], err error) {
	p = periode[V]{valeur: v, ou: ou}
	if p.debut, err = sante.ParseJour(debut); err != nil {
		return p, fmt.Errorf("début : %w", err)
	}
	if fin != "" {
		if p.fin, err = sante.ParseJour(fin); err != nil {
			return p, fmt.Errorf("fin : %w", err)
		}
		if p.fin < p.debut {
			return p, fmt.Errorf("la fin %s précède le début %s", p.fin, p.debut)
		}
	}
	for _, x := range []string{"ref:", "hyp:"} {
		if reste, ok := strings.CutPrefix(source, x); ok && strings.TrimSpace(reste) != "" {
			return p, nil
		}
	}
	return p, errors.New("source attendue, commençant par « ref: » ou « hyp: »")
}

// enchainer sorts the periods of a thing and checks that each begins the day after the
// one before ends. ref: ROC §19.3 property 10
func enchainer[V any](quoi string, serie []periode[V]) (fautes []error) {
	slices.SortStableFunc(serie, func(a, b periode[V]) int { return int(a.debut) - int(b.debut) })
	for i := 1; i < len(serie); i++ {
		avant, v := serie[i-1], serie[i]
		switch {
		case avant.fin.IsZero() || v.debut <= avant.fin:
			fautes = append(fautes, v.ou.faute("chevauchement de %s avec la ligne %d, en vigueur au %s", quoi, avant.ou.ligne, v.debut))
		case v.debut > avant.fin+1:
			fautes = append(fautes, v.ou.faute("trou de %s du %s au %s, après la ligne %d", quoi, avant.fin+1, v.debut-1, avant.ou.ligne))
		}
	}
	return fautes
}

func lireFamille(s string) (calcul.Famille, error) {
	if f := calcul.Famille(s); f.Libelle() != "" {
		return f, nil
	}
	return "", fmt.Errorf("famille de prestations inconnue : « %.8s »", s)
}
