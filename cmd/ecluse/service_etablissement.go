package main

import (
	"fmt"

	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
)

// serviceES is a hospital as a command changes it: whatever the command writes, the
// comptable and the lives of the fluxes hear of it as they do from the server. No
// command builds a hospital otherwise. ref: DEC 27
func (p *processus) serviceES(c *config.Etablissement) (*etablissement.Service, *etabstore.Store, error) {
	maison, err := maisonDe(c)
	if err != nil {
		return nil, nil, err
	}
	tenant := tenantEtablissement(c.Finess)
	st := etabstore.New(p.base, tenant)
	s := &etablissement.Service{Maison: maison, Depot: st, Questions: st, Traces: st, Comptes: st, Factures: st, Fichiers: st, TracerFichier: p.tracerFichier(tenant),
		Reserves: st, TracerLevee: p.tracerLevee(tenant),
		Vie: viesES{vies{achstore.New(p.base, tenant), p.feuilleDe(tenant), p.horloge}}, DelaiPaiement: c.DelaiPaye, Horloge: p.horloge, Journal: p.log}
	l, err := p.comptable(c)
	if err != nil {
		return nil, nil, err
	}
	if l != nil {
		s.Comptable = versComptable{l.Service}
	}
	return s, st, nil
}

// serviceDuLocataire is the hospital of a tenant.
func (p *processus) serviceDuLocataire(tenant string) (*etablissement.Service, error) {
	for i := range p.f.Etablissements {
		if c := &p.f.Etablissements[i]; tenantEtablissement(c.Finess) == tenant {
			s, _, err := p.serviceES(c)
			return s, err
		}
	}
	return nil, fmt.Errorf("%s n'est pas un établissement de cette configuration", tenant)
}

// serviceRetours is a hospital whose return files a command reads.
func (p *processus) serviceRetours(c *config.Etablissement) (*etablissement.Service, *etabstore.Store, error) {
	s, st, err := p.serviceES(c)
	if err != nil {
		return nil, nil, err
	}
	t, err := p.conventions(c)
	if err != nil {
		return nil, nil, err
	}
	s.Conventions = func() *etablissement.Conventions { return t }
	s.RetoursParFichier, err = numerosAMC(c.Fichiers.Retours)
	return s, st, err
}
