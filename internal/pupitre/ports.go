package pupitre

import (
	"context"

	"github.com/ecluse-sante/ecluse/sante"
)

// Source gives the steps of the story to the desk.
type Source interface {
	// Etapes lists the steps played so far, in order. The desk does not write in
	// what it receives, and may be called at any time while the story goes on.
	Etapes() []Etape
	// Etape gives a step by its number, and false when there is none.
	Etape(numero int) (Etape, bool)
}

// Envoyeur sends the messages of the visitors of the desk, with a test
// certificate.
type Envoyeur interface {
	// Choix lists what the form offers. It may be called for each page.
	Choix(ctx context.Context) Choix
	// Envoyer asks the question of a trial. A refusal by the other party, or by
	// ourselves, is an Etape that tells it; an error is that nothing could be
	// sent, and its text is shown to the visitor. When a CLC has no reference of
	// IDB, Envoyer asks the IDB first and fills it. An Etape with a Numero is kept by
	// the Source under it; the desk keeps the others while it runs.
	Envoyer(ctx context.Context, e *Essai) (Etape, error)
}

// Clotures gives the close of the days of the hospitals of the laboratory.
// ErrClotureInconnue when what is asked is not there; the text of any other error
// is shown to the visitor.
type Clotures interface {
	// Choix lists the hospitals; the first is shown when none is named.
	Choix() []ChoixCloture
	// Journee is the close of a day, that of today with the zero day.
	Journee(ctx context.Context, cle string, jour sante.Jour) (*ClotureJour, error)
	// Factures is a page of the invoices behind a figure, and where the next one
	// begins: "" at the last.
	Factures(ctx context.Context, cle string, q QuestionCloture) (l []ClotureFacture, suite string, err error)
	// Facture is one invoice and its story.
	Facture(ctx context.Context, cle, venue string, rang int) (*HistoireFacture, error)
}
