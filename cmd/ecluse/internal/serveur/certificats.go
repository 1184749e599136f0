package serveur

import (
	"context"
	"crypto/x509"
	"fmt"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/vigie"
)

// preavis is how long before its end a certificate of ours is spoken of.
// ref: ROC §16.5
const preavis = 30 * 24 * time.Hour

// certificatServi is a certificate that this process shows or seals with.
type certificatServi struct {
	nom    string // in French, with its article
	tenant string // "" when every party of the process uses it
	cle    config.Cle
}

// certificatsLus are the certificates as they were read last, by their file: one
// that was renewed is known as soon as it is followed.
type certificatsLus struct {
	mu  sync.Mutex
	par map[string]*x509.Certificate
}

func (l *certificatsLus) noter(fichier string, c *x509.Certificate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.par == nil {
		l.par = make(map[string]*x509.Certificate)
	}
	l.par[fichier] = c
}

func (l *certificatsLus) lire(fichier string) *x509.Certificate {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.par[fichier]
}

// certificatsServis lists the certificates of the configuration without which
// questions are neither asked nor answered.
func (p *Processus) certificatsServis() []certificatServi {
	var l []certificatServi
	if p.Fichier.SertLEchange() {
		l = append(l, certificatServi{"le certificat du serveur", "", config.Cle{Certificat: p.Fichier.Ecoute.Certificat, Cle: p.Fichier.Ecoute.Cle}})
	}
	identite := func(qui, tenant string, id *config.Identite) {
		l = append(l, certificatServi{"le cachet " + qui, tenant, id.Cachet},
			certificatServi{"le certificat d'authentification " + qui, tenant, id.Authentification},
			certificatServi{"le certificat de confidentialité " + qui, tenant, id.Confidentialite})
	}
	for i := range p.Fichier.AMC {
		identite("de l'AMC "+p.Fichier.AMC[i].Numero, TenantAMC(p.Fichier.AMC[i].Numero), &p.Fichier.AMC[i].Identite)
	}
	for i := range p.Fichier.Etablissements {
		identite("de l'établissement "+p.Fichier.Etablissements[i].Finess, TenantEtablissement(p.Fichier.Etablissements[i].Finess), &p.Fichier.Etablissements[i].Identite)
	}
	for i := range p.Fichier.Relais {
		identite("du relais "+p.Fichier.Relais[i].ID, TenantRelais(p.Fichier.Relais[i].ID), &p.Fichier.Relais[i].Identite)
	}
	if p.Fichier.Annuaire != nil {
		identite("de l'annuaire AMC", TenantAnnuaire, &p.Fichier.Annuaire.Identite)
	}
	if p.Fichier.Tiers != nil {
		identite("du tiers de confiance", TenantTiers, &p.Fichier.Tiers.Identite)
	}
	if p.Fichier.Tarif != nil {
		identite("du service de tarification", TenantTarif, &p.Fichier.Tarif.Identite)
	}
	return l
}

// horsDates tells what is wrong with the dates of a certificate now, "" when
// nothing is.
func horsDates(s certificatServi, c *x509.Certificate, now time.Time) string {
	switch {
	case now.After(c.NotAfter):
		return fmt.Sprintf("%s a expiré le %s (%s) : le renouveler, il sera relu sans redémarrage", s.nom, instantUTC(c.NotAfter), s.cle.Certificat)
	case now.Before(c.NotBefore):
		return fmt.Sprintf("%s n'est valable qu'à partir du %s (%s), et l'horloge de ce serveur dit le %s : vérifier l'horloge, puis le certificat",
			s.nom, instantUTC(c.NotBefore), s.cle.Certificat, instantUTC(now))
	}
	return ""
}

func instantUTC(t time.Time) string { return t.UTC().Format("02/01/2006 à 15:04 UTC") }

// certificatsHorsDates are the reasons for which nobody would believe this process.
func (p *Processus) certificatsHorsDates() []string {
	var l []string
	for _, s := range p.certificatsServis() {
		if c := p.lus.lire(s.cle.Certificat); c != nil {
			if r := horsDates(s, c, p.Horloge()); r != "" {
				l = append(l, r)
			}
		}
	}
	return l
}

// surveillerCertificats tells once a day, in the log and to the watch, what is out
// of its dates or will be soon.
func (p *Processus) surveillerCertificats(context.Context) error {
	dits := map[string]string{} // the day each was last spoken of
	p.tache(10*time.Minute, func(context.Context) {
		now := p.Horloge()
		for _, s := range p.certificatsServis() {
			c := p.lus.lire(s.cle.Certificat)
			if c == nil || now.Add(preavis).Before(c.NotAfter) && !now.Before(c.NotBefore) {
				continue
			}
			mort := horsDates(s, c, now)
			jour := fmt.Sprint(now.UTC().Format("2006-01-02 "), mort != "")
			if dits[s.cle.Certificat] == jour {
				continue
			}
			dits[s.cle.Certificat] = jour
			p.direCertificat(s, c, mort, now)
		}
	})
	return nil
}

func (p *Processus) direCertificat(s certificatServi, c *x509.Certificate, mort string, now time.Time) {
	e := vigie.Evenement{Quand: now, Gravite: vigie.Attention, Code: vigie.CertificatExpire, Tenant: s.tenant, Detail: mort}
	if mort != "" {
		e.Gravite = vigie.Alerte
		p.Log.Error("certificat hors de ses dates", "raison", mort)
	} else {
		e.Detail = s.nom + " expire le " + instantUTC(c.NotAfter)
		p.Log.Warn("certificat expirant bientôt : le renouveler", "certificat", s.nom, "fichier", s.cle.Certificat,
			"expire", c.NotAfter.UTC().Format(time.RFC3339), "jours", int(c.NotAfter.Sub(now).Hours()/24))
	}
	p.vigie.alertes.Signaler(e)
}
