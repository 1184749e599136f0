package serveur

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"time"

	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

const (
	// gardeEmpreinte is how long a certificate that is no longer presented stays in the
	// lists: another node may present it still. hyp: VISIO-EMPREINTES
	gardeEmpreinte = 48 * time.Hour
	// presenterChaque is how often the register is told of what is presented.
	presenterChaque = time.Hour
	empreintesMax   = 4 // ref: VISIO §12, the list has no room for more
)

// epingler adds, to the services that an insurer lists, the digests of the certificates
// that its server may present: today's, tomorrow's as soon as its file is there, and
// yesterday's for two days. ref: VISIO §9.3
func (p *Processus) epingler(c *config.AMC, r *accrstore.Registre, services func() []visiodroits.EntreeService) func() []visiodroits.EntreeService {
	propres := p.empreintes(c.Numero, r)
	ouverte := p.empreintesOuverte(c, propres)
	return func() []visiodroits.EntreeService {
		l := slices.Clone(services())
		for i := range l {
			switch {
			case l[i].Statut != visiodroits.Ouvert || l[i].Service == visiodroits.LAR: // which caches give, and which is signed
			case l[i].Service != visiodroits.FAO:
				l[i].Empreintes = ouverte()
			case c.Droits.Factures.Adresse == "": // by the door that asks for a certificate, here
				l[i].Empreintes = propres()
			default:
				l[i].Empreintes = nil
			}
		}
		return l
	}
}

// empreintesOuverte gives what to publish of the open door: what the configuration says of
// a server that is not ours, else what this one and the other nodes present.
func (p *Processus) empreintesOuverte(c *config.AMC, propres func() []visiodroits.EmpreinteServeur) func() []visiodroits.EmpreinteServeur {
	dites := p.Fichier.Ecoute.Empreintes
	if c.Droits.Adresse != "" {
		dites = c.Droits.Empreintes
	}
	if len(dites) == 0 && c.Droits.Adresse == "" {
		return propres
	}
	var l []visiodroits.EmpreinteServeur
	for _, x := range dites {
		if x != config.AucuneEmpreinte {
			l = append(l, visiodroits.EmpreinteServeur(x))
		}
	}
	return func() []visiodroits.EmpreinteServeur { return l }
}

// empreintes gives what this server and the other nodes present.
func (p *Processus) empreintes(amc string, r *accrstore.Registre) func() []visiodroits.EmpreinteServeur {
	if p.serveur == nil {
		return func() []visiodroits.EmpreinteServeur { return nil }
	}
	var l []visiodroits.EmpreinteServeur
	var dernieres []string
	var quand time.Time
	return func() []visiodroits.EmpreinteServeur {
		a, ici := p.Horloge(), p.presentes()
		if slices.Equal(ici, dernieres) && a.Sub(quand) < presenterChaque && !a.Before(quand) {
			return l
		}
		toutes, err := r.Presenter(context.Background(), ici, a, a.Add(-gardeEmpreinte))
		if err != nil {
			p.Log.Warn("certificats du serveur non publiés : les derniers restent", "amc", amc, "erreur", err)
			return l
		}
		dernieres, quand, l = ici, a, nil
		if len(toutes) > empreintesMax {
			p.Log.Warn("trop de certificats de serveur pour en publier les empreintes : donner le même à tous les nœuds", "amc", amc, "certificats", len(toutes))
			return l
		}
		for _, x := range toutes {
			l = append(l, visiodroits.EmpreinteServeur(x))
		}
		return l
	}
}

// presentes are the certificates of this server: the one it presents, and the one that will
// replace it when its file is there.
func (p *Processus) presentes() []string {
	l := []string{EmpreinteDER(p.serveur().Certificate[0])}
	if p.Fichier.Ecoute.Suivant == "" {
		return l
	}
	switch chaine, err := LirePEM(p.Fichier.Resoudre(p.Fichier.Ecoute.Suivant)); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		p.Log.Warn("certificat suivant du serveur illisible : il n'est pas annoncé", "fichier", p.Fichier.Ecoute.Suivant, "erreur", err)
	default:
		if s := EmpreinteDER(chaine[0]); s != l[0] {
			l = append(l, s)
		}
	}
	return l
}

// EmpreinteDER is the pin of a server that shows this certificate.
func EmpreinteDER(der []byte) string {
	d := sha256.Sum256(der)
	return hex.EncodeToString(d[:])
}
