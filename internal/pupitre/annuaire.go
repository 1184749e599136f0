package pupitre

import (
	"context"
	"errors"
	"time"
)

// Annuaire is the national directory as a person reads it at the desk, each time through
// the view of a family of actors. It answers many visitors at once.
type Annuaire interface {
	// Etat says what the directory holds and since when.
	Etat(ctx context.Context) EtatAnnuaire
	// Chercher answers a question as a person writes it, nearest first.
	// ErrFamilleInconnue for a family that is not one.
	Chercher(ctx context.Context, q QuestionAnnuaire) (*ReponseAnnuaire, error)
	// Proposer is what the last word of a question may become, the likeliest first.
	Proposer(ctx context.Context, q QuestionAnnuaire) ([]PropositionAnnuaire, error)
	Fiches
}

// Fiches are the records of the directory, one at a time.
type Fiches interface {
	// Fiche is a record and those around it. ErrFicheInconnue, ErrFamilleInconnue.
	Fiche(ctx context.Context, l LectureAnnuaire) (*FicheAnnuaire, error)
	// Versions are what the record was, the latest first, as Fiche would show it; none
	// when this family does not see them.
	Versions(ctx context.Context, l LectureAnnuaire) (*VersionsAnnuaire, error)
	// Pourquoi says why a family sees a path of a nature or does not, and who does.
	// ErrFicheInconnue for what is not a path of a nature.
	Pourquoi(ctx context.Context, famille, nature, chemin string) (*PourquoiAnnuaire, error)
}

// Errors of the directory.
var (
	ErrFicheInconnue   = errors.New("l'annuaire n'a pas cette fiche")
	ErrFamilleInconnue = errors.New("aucune famille d'acteurs de ce nom")
)

// EtatAnnuaire is the freshness of the directory.
type EtatAnnuaire struct {
	Generation uint64 // 0: nothing was ever put in service
	FaiteLe    time.Time
	Age        time.Duration
	Comptes    []CompteAnnuaire
	Familles   []FamilleAnnuaire
	Remplir    []string // the commands that fill it
}

// CompteAnnuaire is how many records of a nature there are.
type CompteAnnuaire struct {
	Nom    string // as a reader counts them: "professionnels"
	Nombre int
}

// FamilleAnnuaire is a family of actors and its view.
type FamilleAnnuaire struct {
	Cle, Titre          string
	Regard, RegardTitre string
	Tracee              bool   // each reading has a purpose and leaves a trace
	Sienne              string // when this record may be one's own: what one then is; "" when it cannot
}

// QuestionAnnuaire is what a visitor asks.
type QuestionAnnuaire struct {
	Texte      string
	Structures bool   // structures are sought, not professionals
	Famille    string // by whose view; "" for the public one
}

// ReponseAnnuaire is what answers, nearest first.
type ReponseAnnuaire struct {
	Trouves []TrouveAnnuaire
	Famille FamilleAnnuaire
	Duree   time.Duration
	Partiel bool // others may answer as well
	Absents bool // no record bears all the words
	Ignores int  // words left out, the question being too long
}

// TrouveAnnuaire is a record that answers.
type TrouveAnnuaire struct {
	Nature, ID    string
	Titre, Numero string
	Metiers       []string
	Lieux         []string
	Boites        []string
	BoitesCachees bool // this view gives no mailbox
	Raisons       []RaisonAnnuaire
}

// RaisonAnnuaire is how a word of the question was met.
type RaisonAnnuaire struct {
	Mot     string
	Champ   string // "" when the record does not bear the word
	Comment string
	Exacte  bool
}

// PropositionAnnuaire is a word that completes a question.
type PropositionAnnuaire struct {
	Question string `json:"question"` // completed
	Mot      string `json:"mot"`
	Champ    string `json:"champ"`
	Comment  string `json:"comment,omitempty"` // when it is near and not begun so
	Fiches   int    `json:"fiches"`            // that bear it with the other words; a floor
}

// LectureAnnuaire is a record that a visitor opens.
type LectureAnnuaire struct {
	Famille    string
	Sienne     bool // as if the record were the reader's own
	Nature, ID string
}

// FicheAnnuaire is a record as a family sees it.
type FicheAnnuaire struct {
	Nature, NatureTitre, ID string
	Titre                   string
	Detail                  []string // under the title
	Actif                   bool
	Cachee                  bool // this family does not see the record at all
	Famille                 FamilleAnnuaire
	Sienne                  bool
	Rubriques               []RubriqueAnnuaire
	Autour                  []GroupeAnnuaire
	VersionsVues            bool // this family may read what the record was
}

// Cachees are the groups of fields that the view keeps back.
func (f *FicheAnnuaire) Cachees() (l []RubriqueAnnuaire) {
	for _, r := range f.Rubriques {
		if r.Cachee {
			l = append(l, r)
		}
	}
	return l
}

// RubriqueAnnuaire is a group of fields that views give or keep back as one.
type RubriqueAnnuaire struct {
	Chemin, Libelle string
	Cachee          bool // the view keeps it back: nothing is said of what it holds
	Champs          []ChampAnnuaire
}

// ChampAnnuaire is a value, and the record that it names.
type ChampAnnuaire struct {
	Nom, Texte string
	Nature, ID string // "" when it names none
}

// GroupeAnnuaire are records around another.
type GroupeAnnuaire struct {
	Titre   string
	Fiches  []FicheAnnuaire
	Total   int  // those of the directory
	Cachees int  // of those shown here, that the view keeps back
	Refuse  bool // the view does not say which they are
	// Nature and Chemin are what one must see to know them.
	Nature, Chemin string
}

// VersionsAnnuaire is the history of a record.
type VersionsAnnuaire struct {
	Fiche    *FicheAnnuaire // as it stands
	Versions []VersionAnnuaire
}

// VersionAnnuaire is what a version changed of the one before.
type VersionAnnuaire struct {
	Numero     int
	ConnueLe   time.Time // zero when not said
	Premiere   bool      // nothing is kept before it
	Changement []ChangementAnnuaire
}

// ChangementAnnuaire is a field that changed.
type ChangementAnnuaire struct{ Libelle, Avant, Apres string }

// PourquoiAnnuaire is why a path is given or kept back.
type PourquoiAnnuaire struct {
	Nature, Chemin, Libelle string
	Famille                 FamilleAnnuaire
	Phrases                 []PhraseAnnuaire
	Verdicts                []VerdictAnnuaire // of every family
}

// PhraseAnnuaire is a sentence of an explanation and the points under it.
type PhraseAnnuaire struct {
	Texte  string
	Points []string
}

// VerdictAnnuaire is what a family sees of a path.
type VerdictAnnuaire struct {
	FamilleAnnuaire
	Verdict string
	Donne   bool // of every active record
}
