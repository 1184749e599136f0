package igc

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// raisonsAdmises are the reasons a laboratory may give. removeFromCRL is written
// by the deltas themselves, certificateHold by Suspendre. ref: RFC 5280 §5.3.1
var raisonsAdmises = []certificat.Raison{
	certificat.RaisonNonPrecisee, certificat.RaisonCleCompromise, certificat.RaisonChangement,
	certificat.RaisonRemplace, certificat.RaisonCessation, certificat.RaisonPrivilegeRetire,
	certificat.RaisonACCompromise, certificat.RaisonAACompromise,
}

// Revoquer revokes for good. invalide is since when the key is not to be trusted,
// zero when not said. Nobody sees it before the next list: call Publier to make
// it known at once.
func (g *IGC) Revoquer(ctx context.Context, ac, serie string, raison certificat.Raison, invalide time.Time, par string) error {
	if !slices.Contains(raisonsAdmises, raison) {
		return fmt.Errorf("%w: motif de révocation %s", ErrDemande, raison)
	}
	return g.changer(ctx, ac, serie, []Etat{EtatValide, EtatSuspendu},
		Revocation{Etat: EtatRevoque, Raison: raison, Invalide: invalide.UTC(), Par: par})
}

// Suspendre puts a certificate on hold: it can be resumed. ref: PKI §6.2
func (g *IGC) Suspendre(ctx context.Context, ac, serie, par string) error {
	return g.changer(ctx, ac, serie, []Etat{EtatValide},
		Revocation{Etat: EtatSuspendu, Raison: certificat.RaisonSuspension, Par: par})
}

// Reprendre lifts a suspension.
func (g *IGC) Reprendre(ctx context.Context, ac, serie, par string) error {
	return g.changer(ctx, ac, serie, []Etat{EtatSuspendu}, Revocation{Etat: EtatValide, Par: par})
}

func (g *IGC) changer(ctx context.Context, ac, serie string, depuis []Etat, r Revocation) error {
	if r.Par == "" {
		return fmt.Errorf("%w: le demandeur n'est pas dit", ErrDemande)
	}
	if _, err := g.ac(ac); err != nil {
		return err
	}
	r.Le = g.horloge().UTC().Truncate(time.Millisecond)
	return g.registre.Revoquer(ctx, ac, serie, depuis, r)
}

// RevoquerAC revokes an intermediate authority in its root's list.
func (g *IGC) RevoquerAC(ctx context.Context, nom string, raison certificat.Raison, par string) error {
	a, err := g.ac(nom)
	if err != nil {
		return err
	}
	if a.Parent == "" {
		return fmt.Errorf("%w: une racine ne se révoque pas, elle se retire des magasins", ErrDemande)
	}
	f := Fiche{AC: a.Parent, Serie: a.Certificat.SerialNumber.Text(16), Profil: "AC", Sujet: a.Certificat.Subject.CommonName,
		EmpreinteCert: sha(a.Certificat.Raw), EmpreinteCle: sha(a.Certificat.RawSubjectPublicKeyInfo),
		EmpreinteDemande: sha(a.Certificat.RawSubjectPublicKeyInfo), Par: par, EmisLe: a.Certificat.NotBefore,
		Debut: a.Certificat.NotBefore, Fin: a.Certificat.NotAfter, DER: a.Certificat.Raw, Etat: EtatValide}
	if _, err := g.registre.Fiche(ctx, f.AC, f.Serie); err != nil {
		if err := g.registre.Ecrire(ctx, []Fiche{f}); err != nil {
			return err
		}
	}
	return g.Revoquer(ctx, a.Parent, f.Serie, raison, time.Time{}, par)
}

// Fiche reads the fiche of a certificate.
func (g *IGC) Fiche(ctx context.Context, ac, serie string) (Fiche, error) {
	return g.registre.Fiche(ctx, ac, serie)
}

// Lister reads the registry.
func (g *IGC) Lister(ctx context.Context, f Filtre) ([]Fiche, error) {
	return g.registre.Lister(ctx, f)
}
