package serveur

import (
	"fmt"

	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
)

// ServiceES is a hospital as a command changes it: whatever the command writes, the
// comptable and the lives of the fluxes hear of it as they do from the server. No
// command builds a hospital otherwise. ref: DEC 27
func (p *Processus) ServiceES(c *config.Etablissement) (*etablissement.Service, *etabstore.Store, error) {
	maison, err := maisonDe(c)
	if err != nil {
		return nil, nil, err
	}
	tenant := TenantEtablissement(c.Finess)
	st := etabstore.New(p.Base, tenant)
	s := &etablissement.Service{Maison: maison, Depot: st, Questions: st, Traces: st, Comptes: st, Factures: st, Fichiers: st, TracerFichier: p.tracerFichier(tenant),
		Reserves: st, TracerLevee: p.tracerLevee(tenant),
		Vie: viesES{vies{achstore.New(p.Base, tenant), p.feuilleDe(tenant), p.Horloge}}, DelaiPaiement: c.DelaiPaye, Horloge: p.Horloge, Journal: p.Log}
	l, err := p.comptable(c)
	if err != nil {
		return nil, nil, err
	}
	if l != nil {
		s.Comptable = versComptable{l.Service}
	}
	return s, st, nil
}

// ServiceDuLocataire is the hospital of a tenant.
func (p *Processus) ServiceDuLocataire(tenant string) (*etablissement.Service, error) {
	for i := range p.Fichier.Etablissements {
		if c := &p.Fichier.Etablissements[i]; TenantEtablissement(c.Finess) == tenant {
			s, _, err := p.ServiceES(c)
			return s, err
		}
	}
	return nil, fmt.Errorf("%s n'est pas un établissement de cette configuration", tenant)
}

// ServiceRetours is a hospital whose return files a command reads.
func (p *Processus) ServiceRetours(c *config.Etablissement) (*etablissement.Service, *etabstore.Store, error) {
	s, st, err := p.ServiceES(c)
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
