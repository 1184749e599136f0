package serveur

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// EmetteursJetons is tiers.Emetteurs: who signs the tokens of each insurer, as configured,
// and their keys, by the lists that they publish. Of these lists it reads keys only: nothing
// of persons nor of accreditations comes to the third party by them.
type EmetteursJetons struct {
	veille   *droits.Veille
	Classeur *visiodroits.Classeur             // the lists that it holds
	signent  map[string][]visiodroits.Emetteur // by insurer
	lectures singleflight.Group
	horloge  sante.Horloge
}

// relireCles is for how long a question waits for a list that it lacks. Between two readings
// of it for that reason, there are cadenceCles: whoever forges tokens makes it read no more, and
// never less.
const (
	relireCles  = 3 * time.Second
	cadenceCles = 30 * time.Second
)

// Cle implements tiers.Emetteurs. When lists held do not say, those of the insurer's signers
// are read again before the answer: a key may be new, or the list missed. A name that no list
// has is a no only once they were read for it; until then nobody knows.
func (x *EmetteursJetons) Cle(ctx context.Context, amc sante.NumeroAMC, kid string) (*ecdsa.PublicKey, error) {
	signent := x.signent[amc.Sur10()]
	k, err := tarif.CleDuJeton(x.Classeur, signent, kid, x.horloge())
	if err == nil || !errors.Is(err, tarif.ErrNomInconnu) && !errors.Is(err, tarif.ErrAcces) {
		return k, err
	}
	var muet visiodroits.Emetteur
	for _, e := range signent {
		relue, err := x.relire(ctx, e)
		if err != nil {
			return nil, err
		}
		if !relue {
			muet = e
		}
	}
	k, err = tarif.CleDuJeton(x.Classeur, signent, kid, x.horloge())
	if muet != "" && errors.Is(err, tarif.ErrNomInconnu) {
		err = fmt.Errorf("%w : clés de %s, pas relues à l'instant", tarif.ErrAcces, muet)
	}
	return k, err
}

// relire reads the list of keys of an issuer, once for all who ask at that time, and whether or
// not they stay; relue tells that it was just read. The error is the end of ctx.
func (x *EmetteursJetons) relire(ctx context.Context, e visiodroits.Emetteur) (relue bool, err error) {
	lecture := x.lectures.DoChan(string(e), func() (any, error) {
		ctx, fin := context.WithTimeout(context.WithoutCancel(ctx), relireCles)
		defer fin()
		l, lue, _ := x.veille.Demander(ctx, visiodroits.GenreCertificats, e) // what could not be kept is kept by the task
		return lue && l.Erreur == nil, nil
	})
	select {
	case r := <-lecture:
		return r.Val.(bool), r.Err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// Tenues tells whether all the lists are up to date, after asking again for those that are not.
func (x *EmetteursJetons) Tenues(ctx context.Context) bool {
	toutes := true
	for _, l := range x.Classeur.Etats(x.horloge()) {
		if l.Fraicheur != visiodroits.Fraiche {
			_, _ = x.veille.Relire(ctx, l.Genre, l.Emetteur) // what it gave is looked at next time
			toutes = false
		}
	}
	return toutes
}

// suivreEmetteurs follows the keys of those who sign tokens.
func (p *Processus) suivreEmetteurs(c *config.Tiers) (*EmetteursJetons, error) {
	x := &EmetteursJetons{signent: map[string][]visiodroits.Emetteur{}, horloge: p.Horloge}
	var attendus []visiodroits.Attendu
	miroirs := map[visiodroits.Emetteur][]string{}
	for _, e := range c.Emetteurs {
		emetteur := visiodroits.Emetteur(e.Numero)
		attendus = append(attendus, visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: emetteur, Structures: []string{e.Structure}, Pour: []visiodroits.Emetteur{emetteur}})
		for _, a := range e.Listes {
			miroirs[emetteur] = ajouterUnique(miroirs[emetteur], a+droits.Norme.Racine)
		}
		amc := e.AMC
		if len(amc) == 0 {
			amc = []string{e.Numero}
		}
		for _, n := range amc {
			numero, err := sante.ParseNumeroAMC(n)
			if err != nil {
				return nil, err
			}
			x.signent[numero.Sur10()] = append(x.signent[numero.Sur10()], emetteur)
		}
	}
	var err error
	if x.Classeur, err = visiodroits.NouveauClasseur(p.Magasin, attendus...); err != nil {
		return nil, err
	}
	x.veille, err = p.veiller(TenantTiers, droits.OptionsVeille{Classeur: x.Classeur, MiroirsDe: miroirs, Periode: relireListes, Cadence: cadenceCles}, func(context.Context) {})
	return x, err
}
