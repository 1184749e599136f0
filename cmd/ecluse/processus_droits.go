package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrfront "github.com/ecluse-sante/ecluse/internal/accreditation/front"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// servicesDroits are the doors of an insurer for the professionals outside the hospital.
func (p *processus) servicesDroits(ctx context.Context, c *config.AMC, tenant string, s *amc.Service) ([]*gate.Service, error) {
	if !c.Droits.Ouvert {
		return accrfront.Services(nil), nil
	}
	r := accreditation.Reglages{Convention: c.Droits.Convention, Depannage: c.Droits.Depannage}
	var err error
	if r.AMC, err = sante.ParseNumeroAMC(c.Numero); err != nil {
		return nil, err
	}
	r.Emetteur = r.AMC
	if c.Droits.Emetteur != "" {
		if r.Emetteur, err = sante.ParseNumeroAMC(c.Droits.Emetteur); err != nil {
			return nil, fmt.Errorf("droits : émetteur : %w", err)
		}
		r.Operateur = c.Droits.Emetteur
	}
	for _, x := range c.Droits.Categories {
		if !slices.Contains(droits.Categorie("").Codes(), x) {
			return nil, fmt.Errorf("droits : profession inconnue : %q", x)
		}
		r.Categories = append(r.Categories, droits.Categorie(x))
	}
	k, err := p.cleAccreditation(c)
	if err != nil {
		return nil, fmt.Errorf("droits : %w", err)
	}
	ports := accreditation.Ports{Portefeuille: portefeuilleVille{s, c.Droits.Specifiques.Prestations}, Registre: accrstore.New(p.base, tenant),
		Cle: func() accreditation.Cle { return k }, Horloge: p.horloge}
	if ports.Dossiers, err = p.ouvrirSpecifiques(ctx, c, r.AMC, tenant); err != nil {
		return nil, fmt.Errorf("droits : %w", err)
	}
	a, err := accreditation.New(r, ports)
	if err != nil {
		return nil, err
	}
	return accrfront.Services(a), nil
}

// cablerDepannage opens the door that answers for an insurer while it is silent.
// ref: VISIO §8.2
func (p *processus) cablerDepannage(ctx context.Context, c *config.AMC, tenant string, moi roc.Partie, s *amc.Service) error {
	services, err := p.servicesDroits(ctx, c, tenant, s)
	if err != nil {
		return err
	}
	porte, err := p.porte(ctx, tenant, moi, &c.Identite, services...)
	if err != nil {
		return err
	}
	p.portail.Secourir(porte)
	return nil
}

// cleAccreditation opens the key that signs accreditations, and makes it the first time
// when it is a file. It seals nothing else. ref: VISIO §6
func (p *processus) cleAccreditation(c *config.AMC) (accreditation.Cle, error) {
	adresse := c.Droits.Cle
	if adresse == "" {
		adresse = filepath.Join(p.f.Donnees, "accreditation-"+c.Numero+".cle")
	}
	if !strings.HasPrefix(adresse, "pkcs11:") {
		adresse = p.f.Resoudre(strings.TrimPrefix(adresse, "fichier:"))
		if err := creerCleP256(adresse); err != nil {
			return accreditation.Cle{}, err
		}
	}
	k, err := ouvrirCle(adresse)
	if err != nil {
		return accreditation.Cle{}, err
	}
	if pub, ok := k.Public().(*ecdsa.PublicKey); !ok || pub.Curve != elliptic.P256() {
		return accreditation.Cle{}, errors.New("la clé des accréditations doit être P-256")
	}
	return accreditation.Cle{Kid: c.Droits.Kid, Cle: k}, nil
}

// creerCleP256 makes a key in a file that does not exist.
func creerCleP256(chemin string) error {
	if _, err := os.Stat(chemin); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(chemin), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(chemin, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return errors.Join(err, f.Sync(), f.Close())
}

// garantiesVille are the guarantees of what a trade may bill.
func garantiesVille(c droits.Categorie, l []calcul.Garantie) (r []calcul.Garantie) {
	f := famillesVille[c]
	for _, g := range l {
		if f == nil || slices.Contains(f, g.Famille) {
			r = append(r, g)
		}
	}
	return r
}

// portefeuilleVille is the insurer's portfolio as the rules of rights ask it, and the codes
// of prestation that it has priced on line.
type portefeuilleVille struct {
	s           *amc.Service
	specifiques []string
}

// codesVille are the refusals of a portfolio, outside the hospital. ref: VISIO §14
var codesVille = map[roc.Code]visiodroits.Code{
	roc.BeneficiaireInconnu: visiodroits.BeneficiaireInconnu, roc.PlusieursTrouves: visiodroits.PlusieursTrouves,
	roc.IdentiteDiscordante: visiodroits.IdentiteDiscordante, roc.RangRequis: visiodroits.PlusieursTrouves,
	roc.DroitsFermes: visiodroits.DroitsFermes, roc.DroitsSuspendus: visiodroits.DroitsFermes, roc.DroitsFuturs: visiodroits.DroitsFuturs,
	roc.TiersPayantRefuse: visiodroits.TiersPayantRefuse, roc.CSSParLaCaisse: visiodroits.CSSParLaCaisse,
}

// famillesVille are the families of prestations that each trade bills. hyp: VISIO-FAMILLES
var famillesVille = map[droits.Categorie][]calcul.Famille{
	droits.Pharmacie: {calcul.FamilleMED, calcul.FamilleDMI}, droits.Laboratoire: {calcul.FamilleBIO}, droits.Opticien: {calcul.FamilleDMI},
	droits.Audio: {calcul.FamilleDMI}, droits.Auxiliaire: {calcul.FamilleACTE, calcul.FamilleCONS},
}

// Droits implements accreditation.Portefeuille.
func (x portefeuilleVille) Droits(ctx context.Context, demandeur string, q *droits.DemandeDroits) (*accreditation.Situation, visiodroits.Code, error) {
	r, code, err := x.s.DroitsEnVille(ctx, &amc.QuestionVille{Demandeur: demandeur, NumeroAMC: q.Carte.NumeroAMC, Domaine: string(q.PS.Categorie), Jour: q.DateReference,
		Beneficiaire: roc.Beneficiaire{NumeroAdherent: q.Patient.NumeroAdherent, NIRBeneficiaire: q.Patient.NIR, NomNaissance: q.Patient.Nom, Prenom: q.Patient.Prenom,
			DateNaissance: q.Patient.DateNaissance, RangGemellaire: q.Patient.RangGemellaire}})
	switch {
	case errors.Is(err, amc.ErrIndisponible):
		return nil, "", errors.Join(accreditation.ErrIndisponible, err)
	case err != nil:
		return nil, "", err
	case code != roc.Accepte:
		c, ok := codesVille[code]
		if !ok {
			return nil, "", fmt.Errorf("droits en ville : code %s inattendu", code)
		}
		return nil, c, nil
	}
	k := r.Contrat
	e := droits.Etendue{Debut: r.Debut, Fin: r.Fin, Type: k.Type, Responsable: k.Responsable, Exclusions: k.Exclusions}
	if e.Garanties = garantiesVille(q.PS.Categorie, k.Garanties); len(e.Garanties) == 0 {
		return nil, visiodroits.TiersPayantRefuse, nil // nothing that this trade could bill
	}
	if _, ok := grilleDe(x.specifiques, e.Garanties); ok {
		e.Specifiques = x.specifiques
	}
	return &accreditation.Situation{Beneficiaire: r.Beneficiaire, Etendue: e}, visiodroits.Fournis, nil
}
