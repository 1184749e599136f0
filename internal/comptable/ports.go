package comptable

import (
	"context"

	"github.com/ecluse-sante/ecluse/sante"
)

// What this room asks of its store. Everything is written in the transaction of
// ctx, after Journal.Prendre, which makes its caller the only writer of the book
// until the end of that transaction.

// Titres keeps the titres.
type Titres interface {
	// Inscrire gives each titre the next number of its exercise and writes it; the
	// names of debtors replace those known.
	Inscrire(ctx context.Context, l []*Titre, libelles map[sante.NumeroAMC]string) error
	// ParFacture gives the titres of invoices; an unknown one is absent.
	ParFacture(ctx context.Context, l []CleFacture) (map[CleFacture]*Titre, error)
	// Titre gives a titre, nil when there is none.
	Titre(ctx context.Context, c CleTitre) (*Titre, error)
	// AutreDebiteur tells whether another insurer than one has an open announce, or
	// an open titre, of exactly an amount.
	AutreDebiteur(ctx context.Context, payeur sante.NumeroAMC, m sante.Montant) (bool, error)
	// Debiteur gives the name of a debtor, "" when it is not known.
	Debiteur(ctx context.Context, amc sante.NumeroAMC) (string, error)
	// Dater writes the acknowledgement and the due date of titres.
	Dater(ctx context.Context, l []*Titre) error
}

// Annonces keeps the announces. One is always read with its invoices, and these
// with their titres.
type Annonces interface {
	// Annoncer writes an announce, which the book does not hold yet.
	Annoncer(ctx context.Context, a *Annonce) error
	// Annonce gives an announce, nil when there is none.
	Annonce(ctx context.Context, c CleAnnonce) (*Annonce, error)
	// ParReference gives the open announces of transfers, by their normalised
	// references, the oldest first, CandidatsMax of them at most.
	ParReference(ctx context.Context, refs []string) ([]*Annonce, error)
	// ParMontant gives the open announces that have exactly this rest, dated
	// within two days both included, and that no open bank line quotes;
	// CandidatsMax at most. Their invoices are not read.
	ParMontant(ctx context.Context, m sante.Montant, du, au sante.Jour) ([]*Annonce, error)
}

// Releves keeps what was imported.
type Releves interface {
	// Releve gives the report of the import of a file, nil when there was none.
	Releve(ctx context.Context, empreinte string) (*Releve, error)
	// Enregistrer writes the report of an import, or writes it again.
	Enregistrer(ctx context.Context, r *Releve) error
	// Ajouter writes the lines that the book does not hold, and gives these.
	Ajouter(ctx context.Context, l []*LigneReleve) (nouvelles []*LigneReleve, err error)
}

// Lignes gives the bank lines to those who match them.
type Lignes interface {
	// Ligne gives a line, nil when there is none.
	Ligne(ctx context.Context, id IDLigne) (*LigneReleve, error)
	// AExaminer gives open credits that were not examined since the book last
	// received what could match them, the longest unseen first.
	AExaminer(ctx context.Context, max int) ([]*LigneReleve, error)
	// Citant gives open credits that quote a reference, CandidatsMax at most.
	Citant(ctx context.Context, reference string) ([]*LigneReleve, error)
	// DeMontant gives open credits that have exactly this rest, within two days
	// both included, CandidatsMax at most.
	DeMontant(ctx context.Context, m sante.Montant, du, au sante.Jour) ([]*LigneReleve, error)
	// Classer writes the doubt, and the reference quoted, of lines just examined.
	// Those that wait for a person are not examined again.
	Classer(ctx context.Context, l []*LigneReleve) error
}

// Journal keeps the pieces.
type Journal interface {
	// Prendre makes the caller the only writer of the book until the end of the
	// transaction. It may be called again in it.
	Prendre(ctx context.Context) error
	// Ecrire gives a piece the next number, writes it, and takes from the rest of
	// each thing that its entries name. An amount beyond a rest is an error, and
	// nothing of the transaction stays.
	Ecrire(ctx context.Context, p *Piece) error
	// Piece gives a piece with its entries, nil when there is none.
	Piece(ctx context.Context, numero int64) (*Piece, error)
	// Origine gives the number of the piece of that origin, 0 when none was written.
	Origine(ctx context.Context, origine string) (int64, error)
	// Reviser says that what was doubtful may not be any more.
	Reviser(ctx context.Context) error
}

// Soldes reads the books. All but File read one snapshot.
type Soldes interface {
	// Balance adds the entries of each debtor and nature up to a day, as known at
	// another, both included.
	Balance(ctx context.Context, jour, connu sante.Jour) ([]Cumul, error)
	// Agee gives what each debtor owes at a day, by the age of the debt.
	Agee(ctx context.Context, jour, connu sante.Jour) ([]LigneAgee, error)
	// Reglements groups the payments received between two days by debtor, day of
	// the acknowledgement and day of the bank.
	Reglements(ctx context.Context, du, au sante.Jour) ([]Reglement, error)
	// File gives open lines after a place, in the order of their days.
	File(ctx context.Context, apres PlaceFile, max int) ([]*LigneReleve, error)
	// Verifier counts what does not balance in the whole book.
	Verifier(ctx context.Context) ([]Anomalie, error)
}
