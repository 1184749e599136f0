package etablissementtest

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/sante"
)

// Comptable keeps what it was told, in order, as short sentences.
type Comptable struct {
	Dits    []string
	Annonce sante.Montant
	Refuse  error // what Annoncer answers
}

// Prendre implements etablissement.Comptable.
func (c *Comptable) Prendre(context.Context) error { return nil }

// Emettre implements etablissement.Comptable.
func (c *Comptable) Emettre(_ context.Context, l []etablissement.Creance) error {
	for _, x := range l {
		if x.IDMessage.IsZero() || x.Libelle == "" || x.Montant <= 0 {
			return fmt.Errorf("créance incomplète : %+v", x)
		}
		c.dire("émise %s lot %s", x.Facture.Numero, x.Lot)
	}
	return nil
}

// Accuser implements etablissement.Comptable.
func (c *Comptable) Accuser(_ context.Context, l []etablissement.CleFacture, _ sante.Jour) error {
	for _, x := range l {
		c.dire("accusée %s", x.Numero)
	}
	return nil
}

// Eteindre implements etablissement.Comptable.
func (c *Comptable) Eteindre(_ context.Context, x etablissement.Extinction) error {
	c.dire("éteinte %s %s %s", x.Facture.Numero, x.Cause, x.Origine)
	return nil
}

// Retablir implements etablissement.Comptable.
func (c *Comptable) Retablir(_ context.Context, x etablissement.Extinction) error {
	c.dire("rétablie %s %s %s", x.Facture.Numero, x.Cause, x.Origine)
	return nil
}

// Annoncer implements etablissement.Comptable.
func (c *Comptable) Annoncer(_ context.Context, v *etablissement.Versement) error {
	if c.Refuse != nil {
		return c.Refuse
	}
	c.Annonce += v.Retour.Paiement.Total
	c.dire("annonce %s de %s", v.Retour.Paiement.ReferenceVirement, v.AMC)
	return nil
}

func (c *Comptable) dire(format string, a ...any) { c.Dits = append(c.Dits, fmt.Sprintf(format, a...)) }
