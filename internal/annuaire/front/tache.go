package front

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Exporteur keeps the exports, each in a directory of its own with its state, so that a
// restart goes on with those that were not finished. One process uses it.
type Exporteur struct {
	repertoire string
	horloge    func() time.Time
	reveil     chan struct{}

	mu     sync.Mutex
	taches map[string]*tache
}

// Bounds of exports.
const (
	tachesMax    = 16               // waiting or running
	parLecteur   = 4                // of one reader, finished or not
	tachesJeunes = time.Hour        // for which a finished export is not driven out by another
	tachesGarde  = 24 * time.Hour   // for which a finished export is kept
	parFichier   = 250_000          // resources of a file
	annonceDelai = 10 * time.Second // after which to ask again
)

// etat is where an export stands.
type etat string

const (
	enAttente etat = "attente"
	enCours   etat = "cours"
	faite     etat = "faite"
	echouee   etat = "echouee"
)

// tache is an export that was asked. What has a name in JSON is in its file.
type tache struct {
	ID       string            `json:"id"`
	Demande  string            `json:"demande"` // the address that was asked
	Lecteur  lecteur           `json:"lecteur"`
	Types    []annuaire.Nature `json:"types"`
	Depuis   int64             `json:"depuis"`
	Elements []string          `json:"elements,omitempty"`
	Filtres  []filtreExport    `json:"filtres,omitempty"`
	ROR      bool              `json:"ror"`
	Regions  []string          `json:"regions,omitempty"`
	Etat     etat              `json:"etat"`
	CreeLe   time.Time         `json:"creeLe"`
	FinieLe  time.Time         `json:"finieLe"`
	VueDu    time.Time         `json:"vueDu"` // moment of the directory that was exported
	Sorties  []sortie          `json:"sorties,omitempty"`
	Ecartees []sortie          `json:"ecartees,omitempty"`

	faits, total int64
	vision       *annuaire.Vision
	arreter      context.CancelFunc
}

// lecteur is who asked for an export, so that it can be made after a restart.
type lecteur struct {
	ID, Famille, Regard, Motif                  string
	Praticiens, Structures, Domaines, Autorites []string
}

func lecteurDe(g *annuaire.Vision) lecteur {
	a := g.Acteur()
	return lecteur{a.ID, a.Famille, g.Regard().Nom, a.Motif, a.Praticiens, a.Structures, a.Domaines, a.Autorites}
}

// est tells whether a reader is who asked.
func (l *lecteur) est(g *annuaire.Vision) bool {
	a := g.Acteur()
	return l.ID == a.ID && l.Famille == a.Famille && l.Regard == g.Regard().Nom
}

// voir gives what who asked sees, drawn again from the views when the process was
// restarted: then, of the agents of his structures, he has the public part.
func (t *tache) voir(l *annuaire.Regards) (*annuaire.Vision, error) {
	if t.vision != nil {
		return t.vision, nil
	}
	if l == nil {
		return nil, annuaire.ErrFamille
	}
	x := &t.Lecteur
	return l.Vision(&annuaire.Acteur{ID: x.ID, Famille: x.Famille, Motif: x.Motif, Praticiens: x.Praticiens, Structures: x.Structures, Domaines: x.Domaines, Autorites: x.Autorites})
}

// filtreExport is one _typeFilter.
type filtreExport struct {
	Type      annuaire.Nature `json:"type"`
	Recherche string          `json:"recherche"`
}

// sortie is a file of an export.
type sortie struct {
	Type    string `json:"type"`
	Fichier string `json:"fichier"`
	Nombre  int64  `json:"nombre"`
	Octets  int64  `json:"octets"`
	SHA256  string `json:"sha256"`
}

const nomEtat = "etat.json"

// NouvelExporteur opens a directory of exports, made when it is not there.
func NouvelExporteur(repertoire string, horloge func() time.Time) (*Exporteur, error) {
	if err := os.MkdirAll(repertoire, 0o700); err != nil {
		return nil, fmt.Errorf("exports de l'annuaire: %w", err)
	}
	x := &Exporteur{repertoire: repertoire, horloge: horloge, reveil: make(chan struct{}, 1), taches: map[string]*tache{}}
	l, err := os.ReadDir(repertoire)
	if err != nil {
		return nil, fmt.Errorf("exports de l'annuaire: %w", err)
	}
	for _, d := range l {
		if !d.IsDir() {
			continue
		}
		t, err := lireTache(filepath.Join(repertoire, d.Name(), nomEtat))
		if errors.Is(err, fs.ErrNotExist) { // interrupted before it was told to anyone
			err = os.RemoveAll(filepath.Join(repertoire, d.Name()))
		}
		if err != nil {
			return nil, fmt.Errorf("exports de l'annuaire: %w", err)
		}
		if t != nil {
			if t.Etat == enCours {
				t.Etat = enAttente
			}
			x.taches[t.ID] = t
		}
	}
	return x, nil
}

func lireTache(fichier string) (*tache, error) {
	b, err := os.ReadFile(fichier)
	if err != nil {
		return nil, err
	}
	var t tache
	if err := json.Unmarshal(b, &t); err != nil || t.ID != filepath.Base(filepath.Dir(fichier)) {
		return nil, fmt.Errorf("%s illisible", fichier)
	}
	return &t, nil
}

// noter keeps the state of an export. It is called with mu.
func (x *Exporteur) noter(t *tache) error {
	b, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return fmt.Errorf("noter un export: %w", err)
	}
	nom := filepath.Join(x.repertoire, t.ID, nomEtat)
	if err := os.WriteFile(nom+".neuf", b, 0o600); err != nil {
		return fmt.Errorf("noter un export: %w", err)
	}
	if err := os.Rename(nom+".neuf", nom); err != nil {
		return fmt.Errorf("noter un export: %w", err)
	}
	return nil
}

// copie gives an export as it stands, to who asked for it.
func (x *Exporteur) copie(id string, g *annuaire.Vision) (tache, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	t := x.taches[id]
	if t == nil || !t.Lecteur.est(g) {
		return tache{}, false
	}
	return *t, true
}
