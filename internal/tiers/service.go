package tiers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Parametres are what a third party sets. The zero value of each is a working default.
type Parametres struct {
	Seuil       int            // k: beneficiaries who share a grid at least; 20. ref: DEC 32
	Duree       int            // days that a file lasts; 30. ref: VISIO §10 rule 1
	Conserve    int            // days that a promise is kept after its delivery, longer than an invoice may take; 760. hyp: TIERS-PROMESSE
	Retard      int            // days since a delivery that may still be priced; 31. hyp: TIERS-RETARD
	AgeListe    time.Duration  // of the revocation list that judged a card; 24 h. ref: VISIO §9.3, DEC 15
	AgeJugement time.Duration  // since a card was judged; 60 s. ref: VISIO §9.2
	Fuseau      *time.Location // of the days; Europe/Paris
}

func (p Parametres) completer() Parametres {
	defaut := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	defaut(&p.Seuil, 20)
	defaut(&p.Duree, 30)
	defaut(&p.Conserve, 760)
	defaut(&p.Retard, 31)
	if p.AgeListe <= 0 {
		p.AgeListe = 24 * time.Hour
	}
	if p.AgeJugement <= 0 {
		p.AgeJugement = time.Minute
	}
	if p.Fuseau == nil {
		p.Fuseau = sante.Paris()
	}
	return p
}

// Service holds the rules of the third party. Its fields are given once; it is safe
// for concurrent use.
type Service struct {
	Parametres   Parametres
	Cles         *Cles
	Trousseau    func() vd.Trousseau // keys to decrypt, current and next, of the moment
	Emetteurs    Emetteurs           // who may sign tokens
	Tarificateur Tarificateur
	Depot        Depot
	// Leurre is a grid that the pricing service has: a file that does not exist is
	// priced with it, so that nothing but the answer tells. ref: T611
	Leurre  vd.IDGrille
	Horloge sante.Horloge
	Alea    io.Reader // of the numbers; nil: crypto/rand
}

// Errors of a third party that may not start.
var (
	ErrSeuil  = errors.New("tiers: seuil d'au moins 2 attendu : une grille d'une personne la désigne")
	ErrLeurre = errors.New("tiers: grille leurre attendue : l'une de celles du service de tarification")
)

// Verifier tells whether the third party may start.
func (s *Service) Verifier() error {
	switch {
	case s.Parametres.completer().Seuil < 2:
		return ErrSeuil
	case s.Leurre.IsZero():
		return ErrLeurre
	case len(s.Trousseau()) == 0:
		return vd.ErrDestinataire
	}
	return nil
}

func (s *Service) jour() sante.Jour {
	return sante.JourA(s.Horloge(), s.Parametres.completer().Fuseau)
}

// verifier refuses a card that was not judged just now, against a fresh list: nothing
// of pricing is done on a doubt. The error is a *roc.Refus. ref: VISIO §9.2, §9.3
func (s *Service) verifier(c Carte) error {
	p, a := s.Parametres.completer(), s.Horloge()
	switch {
	case c.Structure == "" || c.RPPS == "" || c.Categorie == "":
		return roc.Refuser(roc.AutreIdentifiant, "une carte de professionnel de santé est nécessaire")
	case c.VerifieeA.IsZero() || a.Sub(c.VerifieeA) > p.AgeJugement || c.VerifieeA.Sub(a) > p.AgeJugement:
		return roc.Refuser(roc.CertificatRefuse, "la carte n'a pas été vérifiée pour ce message")
	case c.ListeDu.IsZero() || a.Sub(c.ListeDu) > p.AgeListe:
		return roc.Refuser(roc.CertificatRefuse, "la liste de révocation des cartes n'est pas assez récente")
	}
	return nil
}

// fiche is what a file says, readable with its number only.
type fiche struct {
	Grille     vd.IDGrille   `json:"grille"`
	Lien       vd.Lien       `json:"lien"`
	Debut      sante.Jour    `json:"debut"`
	Fin        sante.Jour    `json:"fin"`
	Expire     sante.Jour    `json:"expire"`
	Pseudonyme vd.Pseudonyme `json:"pseudonyme"`
	Officine   []byte        `json:"officine"` // digest of the structure that opened it, for this file
}

// tailleFiche is that of any file, so that a grid is not told by its length.
const tailleFiche = 384

func (s *Service) fermer(n vd.NumeroDossier, f *fiche) (*Dossier, error) {
	clair, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	if len(clair) > tailleFiche {
		return nil, fmt.Errorf("tiers: fiche de %d octets", len(clair))
	}
	for len(clair) < tailleFiche {
		clair = append(clair, ' ')
	}
	c, err := s.Cles.chiffrer(n.String(), clair)
	if err != nil {
		return nil, err
	}
	return &Dossier{Cle: sceller(s.Cles.dossier, n.String()), Expire: f.Expire, Contenu: c}, nil
}

func (s *Service) rouvrir(n vd.NumeroDossier, d *Dossier) (*fiche, error) {
	clair, err := s.Cles.dechiffrer(n.String(), d.Contenu)
	if err != nil {
		return nil, err
	}
	f := new(fiche)
	return f, json.Unmarshal(clair, f)
}

func (s *Service) officine(n vd.NumeroDossier, c Carte) []byte {
	k := sceller(s.Cles.officine, n.String(), c.Structure)
	return k[:]
}
