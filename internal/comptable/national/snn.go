// Package national says what a public hospital hands over to the national service
// that recovers what was not paid in time (SNN), and to whom. It is a port and its
// data: no adapter is written, because neither the address nor the format of that
// service could be read. Until one exists, cmd wires none, and what would be handed
// over stays in the book and in the export of package local. hyp: SNN
package national

import (
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// Creance is the recovery data of one titre.
type Creance struct {
	Etablissement sante.FINESS // juridical
	Exercice      int
	Titre         int64
	Debiteur      sante.NumeroAMC
	Libelle       string
	Facture       comptable.CleFacture
	Lot           string
	Montant       sante.Montant // of the titre
	Reduit        sante.Montant
	Paye          sante.Montant
	Reste         sante.Montant // to be recovered
	Emission      sante.Jour
	Accuse        sante.Jour
	Echeance      sante.Jour
	Preuve        comptable.Preuve // sealed invoice
}

// CreanceDe makes the recovery data of a titre.
func CreanceDe(es sante.FINESS, libelle string, t *comptable.Titre) Creance {
	return Creance{Etablissement: es, Exercice: t.Cle.Exercice, Titre: t.Cle.Numero, Debiteur: t.AMC, Libelle: libelle, Facture: t.Facture, Lot: t.Lot,
		Montant: t.Montant, Reduit: t.Reduit + t.Perdu, Paye: t.Paye, Reste: t.Reste, Emission: t.Emis, Accuse: t.Accuse, Echeance: t.Echeance, Preuve: t.Preuve}
}

// Errors of the hand-over.
var (
	// ErrIndisponible: try again later; nothing was handed over.
	ErrIndisponible = errors.New("comptable: service national de recouvrement indisponible")
	// ErrRefusee: the service will not take it as it is.
	ErrRefusee = errors.New("comptable: créance refusée par le service national")
)

// Recouvrement is the national service, as this room would speak to it.
type Recouvrement interface {
	// Remettre hands titres over, all or none, and gives the number under which the
	// service took them. The same idempotence key gives the same number: a retry
	// hands nothing over twice. ErrIndisponible or ErrRefusee.
	Remettre(ctx context.Context, cle string, l []Creance) (numero string, err error)
	// Retirer takes back a titre that was paid or reduced to nothing meanwhile;
	// taking it back twice is once.
	Retirer(ctx context.Context, es sante.FINESS, c comptable.CleTitre) error
}
