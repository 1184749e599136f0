package tiers

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Ouvrir exchanges a token for a file number. A grid that fewer than k share is
// refused: pricing it would tell who. Who signed the token is believed by its published
// keys. One token opens one file, of one professional:
// the same asked again is given the same number, another is refused. ref: VISIO §10,
// DEC 32
func (s *Service) Ouvrir(ctx context.Context, c Carte, d *vd.DemandeDossier) (*vd.ReponseDossier, error) {
	if err := s.verifier(c); err != nil {
		return nil, err
	}
	non := func(code vd.Code, precision string) (*vd.ReponseDossier, error) {
		return &vd.ReponseDossier{Retour: vd.RetourDe(code, precision)}, nil
	}
	var interdit *vd.Interdit
	if errors.As(d.Controler(), &interdit) {
		return non(vd.IdentiteEnTrop, interdit.Detail)
	}
	j, err := s.Trousseau().OuvrirJeton(d.Jeton, func(amc sante.NumeroAMC, kid string) (*ecdsa.PublicKey, error) { return s.Emetteurs.Cle(ctx, amc, kid) })
	switch {
	case errors.Is(err, vd.ErrIndechiffrable):
		return non(vd.Indechiffrable, "")
	case errors.Is(err, vd.ErrJeton):
		return non(vd.JetonRefuse, "")
	case errors.Is(err, vd.ErrAcces):
		return non(vd.Indisponible, "les clés de l'AMC ne sont pas lues à l'instant : recommencer dans une minute ; si cela dure, à elle et au tiers d'y remédier")
	case err != nil:
		return nil, fmt.Errorf("tiers: clé d'un jeton: %w", err)
	}
	jour, p := s.jour(), s.Parametres.completer()
	switch {
	case j.Expiration < jour || j.Fin < jour-1 || j.Fin < j.Debut:
		return non(vd.DossierInconnu, "")
	case j.Effectif < p.Seuil:
		return non(vd.SansDossier, "trop peu de bénéficiaires partagent ces garanties pour une tarification en ligne")
	}
	n := s.numeroDossier(j, c)
	pseudonyme, err := vd.TirerPseudonyme(s.Alea)
	if err != nil {
		return nil, err
	}
	// The last day is included. ref: VISIO §10 rule 1
	f := &fiche{Grille: j.Grille, Lien: j.Lien, Debut: j.Debut, Fin: j.Fin, Expire: jour + sante.Jour(p.Duree-1), Pseudonyme: pseudonyme, Officine: s.officine(n, c)}
	dossier, err := s.fermer(n, f)
	if err != nil {
		return nil, err
	}
	err = s.Depot.Ouvrir(ctx, sceller(s.Cles.jeton, j.AMC.String(), j.Nonce.String()), j.Expiration, dossier)
	if errors.Is(err, ErrJetonServi) {
		return non(vd.DossierInconnu, "")
	}
	if err != nil {
		return nil, fmt.Errorf("tiers: ouvrir un dossier: %w", err)
	}
	garde, err := s.Depot.Dossier(ctx, dossier.Cle, jour)
	if errors.Is(err, ErrAbsent) { // opened long ago, and over
		return non(vd.DossierInconnu, "")
	}
	if err != nil {
		return nil, fmt.Errorf("tiers: relire un dossier: %w", err)
	}
	return &vd.ReponseDossier{Retour: vd.RetourDe(vd.Accepte, ""), NumeroDossier: n, Expiration: garde.Expire}, nil
}

// numeroDossier makes the number of a file from the 128 random bits of its token, for
// one professional, under a key: without it, it cannot be told from a draw, and nothing
// need keep it to answer a question asked again. hyp: TIERS-DOSSIER
func (s *Service) numeroDossier(j *vd.Jeton, c Carte) vd.NumeroDossier {
	k := sceller(s.Cles.tirageDossier, j.AMC.String(), j.Nonce.String(), c.Structure)
	return vd.NumeroDossierDe([16]byte(k[:16]))
}
