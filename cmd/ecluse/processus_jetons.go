package main

import (
	"context"
	"crypto/ecdsa"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// emetteursJetons is tiers.Emetteurs: who signs the tokens of each insurer, as configured,
// and their keys, by the lists that they publish. Of these lists it reads keys only: nothing
// of persons nor of accreditations comes to the third party by them.
type emetteursJetons struct {
	veille   *droits.Veille
	classeur *visiodroits.Classeur
	signent  map[string][]visiodroits.Emetteur // by insurer
	horloge  sante.Horloge
}

// relireCles is for how long a question waits for a list that it lacks.
const relireCles = 3 * time.Second

// Cle implements tiers.Emetteurs. When lists held do not say, those of the insurer's signers
// are read again before the answer: a key may be new, or the list missed. A stranger cannot
// make it insist: see visiodroits.Abonnement.Reveiller.
func (x *emetteursJetons) Cle(ctx context.Context, amc sante.NumeroAMC, kid string) (*ecdsa.PublicKey, error) {
	signent := x.signent[amc.Sur10()]
	k, err := tarif.CleDuJeton(x.classeur, signent, kid, x.horloge())
	if err == nil {
		return k, nil
	}
	ctx, fin := context.WithTimeout(ctx, relireCles)
	defer fin()
	for _, e := range signent {
		if change, _ := x.veille.Relire(ctx, visiodroits.GenreCertificats, e); change { // what could not be kept is kept by the task
			k, err = tarif.CleDuJeton(x.classeur, signent, kid, x.horloge())
		}
	}
	return k, err
}

// tenues tells whether all the lists are up to date, after asking again for those that are not.
func (x *emetteursJetons) tenues(ctx context.Context) bool {
	toutes := true
	for _, l := range x.classeur.Etats(x.horloge()) {
		if l.Fraicheur != visiodroits.Fraiche {
			_, _ = x.veille.Relire(ctx, l.Genre, l.Emetteur) // what it gave is looked at next time
			toutes = false
		}
	}
	return toutes
}

// suivreEmetteurs follows the keys of those who sign tokens.
func (p *processus) suivreEmetteurs(c *config.Tiers) (*emetteursJetons, error) {
	x := &emetteursJetons{signent: map[string][]visiodroits.Emetteur{}, horloge: p.horloge}
	var attendus []visiodroits.Attendu
	var miroirs []string
	for _, e := range c.Emetteurs {
		emetteur := visiodroits.Emetteur(e.Numero)
		attendus = append(attendus, visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: emetteur, Structures: []string{e.Structure}, Pour: []visiodroits.Emetteur{emetteur}})
		for _, a := range e.Listes {
			miroirs = ajouterUnique(miroirs, a+droits.Norme.Racine)
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
	if x.classeur, err = visiodroits.NouveauClasseur(p.magasin, attendus...); err != nil {
		return nil, err
	}
	x.veille, err = p.veiller(tenantTiers, droits.OptionsVeille{Classeur: x.classeur, Miroirs: miroirs, Periode: relireListes}, func(context.Context) {})
	return x, err
}
