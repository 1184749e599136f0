package tarif

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Acces is where the deliveries of an insurer are priced, as signed lists tell: the address
// of the third party, whose seal answers, and the key that tokens and lines are encrypted
// to now. ref: VISIO §12, DEC 32
type Acces struct {
	Tiers      visiodroits.Emetteur
	Adresse    string
	Structures []visiodroits.Structure
	Empreintes []visiodroits.EmpreinteServeur // of its server; any trusted one when empty
	Cle        Destinataire
}

// ErrAcces: the lists do not tell, or no longer, what is needed to have something priced.
// Pricing is not done on a doubt: reading the lists again is what to do.
var ErrAcces = errors.New("tarif: les listes à jour ne disent pas où, ni sous quelle clé, tarifer : les relire")

// Cible is the third party as roc.Envoyer wants it, directly. Behind a relay the caller adds
// its CleConf, that the third party gives apart: the lists do not hold it, and a question
// that it does not encrypt is refused (T001).
func (a *Acces) Cible() *roc.Cible {
	c := &roc.Cible{Destinataire: roc.Partie{Type: roc.Tiers, ID: string(a.Tiers)}, Adresse: a.Adresse}
	for _, x := range a.Structures {
		c.Structures = append(c.Structures, string(x))
	}
	for _, x := range a.Empreintes {
		c.Empreintes = append(c.Empreintes, string(x))
	}
	return c
}

// AccesDe reads it for an insurer. Its own list says which third party it chose; the list
// of that third party, when it is held, where it is now. The error wraps ErrAcces.
func AccesDe(c *visiodroits.Classeur, amc sante.NumeroAMC, a time.Time) (*Acces, error) {
	s, err := c.Service(visiodroits.Recherche{NumeroAMC: amc, Service: visiodroits.TAR, Versions: []string{Norme.Profil}}, a)
	if err != nil {
		return nil, fmt.Errorf("%w : %w", ErrAcces, err)
	}
	return AccesDuTiers(c, s.Operateur, &s.EntreeService, a)
}

// AccesDuTiers reads it for a third party; what is known otherwise serves when it does not
// publish where it is.
func AccesDuTiers(c *visiodroits.Classeur, tiers visiodroits.Emetteur, connu *visiodroits.EntreeService, a time.Time) (*Acces, error) {
	s := connu
	if n, err := sante.ParseNumeroAMC(string(tiers)); err == nil {
		if t, err := c.Service(visiodroits.Recherche{NumeroAMC: n, Service: visiodroits.TAR, Versions: []string{Norme.Profil}}, a); err == nil && t.Operateur == "" {
			s = &t.EntreeService
		}
	}
	cle, err := CleDuTiers(c, tiers, a)
	return &Acces{Tiers: tiers, Adresse: s.Adresse, Structures: s.Structures, Empreintes: s.Empreintes, Cle: cle}, err
}

// CleDuTiers is the key of a third party that one encrypts to now: the newest of those that
// have begun, in a list that is up to date. The error wraps ErrAcces.
// ref: VISIO §9.3, §10 rule 4
func CleDuTiers(c *visiodroits.Classeur, tiers visiodroits.Emetteur, a time.Time) (Destinataire, error) {
	k, err := c.ClePour(tiers, visiodroits.PourChiffrement, a)
	switch {
	case err != nil:
		return Destinataire{}, fmt.Errorf("%w : %w", ErrAcces, err)
	case k.Fraicheur != visiodroits.Fraiche:
		return Destinataire{}, fmt.Errorf("%w : clés, liste %s", ErrAcces, k.Fraicheur)
	}
	return DestinataireDe(k.CleEmetteur)
}

// CleDuJeton is the key of that name with which one of several issuers signs tokens, in
// force now: it is the one of its accreditations. ErrAcces when one of their lists is not up
// to date and none has it, or not surely; ErrNomInconnu when all are, and none names it;
// ErrJeton alone when one names it, and says that it serves for something else, is over or is
// compromised. ref: VISIO §9.3, §12
func CleDuJeton(c *visiodroits.Classeur, emetteurs []visiodroits.Emetteur, kid string, a time.Time) (*ecdsa.PublicKey, error) {
	refus := ErrNomInconnu
	for _, e := range emetteurs {
		k, err := c.Cle(e, visiodroits.Kid(kid), a, a)
		switch {
		case err == nil && k.Fraicheur == visiodroits.Fraiche && k.Usage == visiodroits.PourAccreditation:
			return k.Publique()
		case err == nil && k.Usage == visiodroits.PourAccreditation, err != nil && !aJour(c, e, a):
			refus = fmt.Errorf("%w : clés de %s", ErrAcces, e)
		case refus == ErrNomInconnu && (err == nil || errors.Is(err, visiodroits.ErrCleSansEffet)):
			refus = ErrJeton
		}
	}
	return nil, refus
}

// aJour tells whether the list of keys of an issuer is up to date.
func aJour(c *visiodroits.Classeur, e visiodroits.Emetteur, a time.Time) bool {
	return slices.ContainsFunc(c.Etats(a), func(l visiodroits.EtatListe) bool {
		return l.Genre == visiodroits.GenreCertificats && l.Emetteur == e && l.Fraicheur == visiodroits.Fraiche
	})
}
