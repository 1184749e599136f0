package store

import (
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
)

// What a Store is to its room and to the client of the exchange.
var (
	_ etablissement.Depot     = (*Store)(nil)
	_ etablissement.Questions = (*Store)(nil)
	_ etablissement.Traces    = (*Store)(nil)
	_ etablissement.Servies   = (*Store)(nil)
	_ etablissement.Factures  = (*Store)(nil)
	_ etablissement.Comptes   = (*Store)(nil)
	_ etablissement.Fichiers  = (*Store)(nil)
	_ roc.Registre            = (*Store)(nil)
	_ roc.CacheAnnuaire       = annuaire{}
)
