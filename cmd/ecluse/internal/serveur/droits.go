package serveur

import (
	"cmp"
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
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrfront "github.com/ecluse-sante/ecluse/internal/accreditation/front"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// servicesDroits are the doors of an insurer for the professionals outside the hospital,
// and what is published of them under its number and under that of who signs for it.
func (p *Processus) servicesDroits(ctx context.Context, c *config.AMC, tenant string, s *amc.Service, suivies *listesSuivies) ([]*gate.Service, []*EmetteurDroits, error) {
	if c.Droits.Ouvre == nil {
		return nil, nil, nil
	}
	r := accreditation.Reglages{Convention: c.Droits.Convention, Depannage: c.Droits.Depannage, VieNormale: p.borne(vigie.VieNormale), Anciens: s.Reglages().AnciensNumeros,
		Envois: c.Droits.Compteurs.Envois, EnvoisSansSceau: c.Droits.Compteurs.SansSceau}
	var err error
	if r.AMC, err = sante.ParseNumeroAMC(c.Numero); err != nil {
		return nil, nil, err
	}
	r.Emetteur = r.AMC
	if c.Droits.Emetteur != "" {
		if r.Emetteur, err = sante.ParseNumeroAMC(c.Droits.Emetteur); err != nil {
			return nil, nil, fmt.Errorf("droits : émetteur : %w", err)
		}
		r.Operateur = c.Droits.Emetteur
	}
	var publient []*EmetteurDroits
	if !c.Droits.Depannage { // else the insurer speaks for itself
		e := p.Emetteur(r.AMC)
		entrees, err := p.entreesDroits(c)
		if err != nil {
			return nil, nil, err
		}
		if c.Droits.Ouvert() {
			entrees = p.epingler(c, accrstore.New(p.Base, tenant), entrees)
			e.etats = append(e.etats, etatsDe(r.AMC, s))
			if suivies != nil && len(c.Droits.Specifiques.Prestations) > 0 {
				e.services = append(e.services, suivies.entrees(r.AMC, c.Libelle, p.Horloge))
			}
		}
		e.services, publient = append(e.services, entrees), append(publient, e)
	}
	anciens, err := p.anciensEmetteurs(ctx, c, tenant, r.Emetteur)
	if err != nil {
		return nil, nil, fmt.Errorf("droits : %w", err)
	}
	publient = append(publient, anciens...)
	if !c.Droits.Ouvert() {
		return accrfront.Services(nil), publient, nil
	}
	for _, x := range c.Droits.Categories {
		if !slices.Contains(droits.Categorie("").Codes(), x) {
			return nil, nil, fmt.Errorf("droits : profession inconnue : %q", x)
		}
		r.Categories = append(r.Categories, droits.Categorie(x))
	}
	e := p.Emetteur(r.Emetteur)
	cle, err := p.signer(ctx, e, c, tenant)
	if err != nil {
		return nil, nil, fmt.Errorf("droits : %w", err)
	}
	registre := accrstore.New(p.Base, tenant)
	ports := accreditation.Ports{Portefeuille: portefeuilleVille{s, c.Droits.Specifiques.Prestations}, Registre: registre, Compteurs: registre,
		Cle: e.signent.pour(cle.Kid), Demandeur: gate.Demandeur, Horloge: p.Horloge}
	if ports.Dossiers, err = p.ouvrirSpecifiques(ctx, c, r.AMC, tenant, suivies, ports.Cle); err != nil {
		return nil, nil, fmt.Errorf("droits : %w", err)
	}
	service, err := accreditation.New(r, ports)
	if err != nil {
		return nil, nil, err
	}
	p.oublierCompteurs(registre, tenant, sante.Jour(c.Droits.Compteurs.Jours))
	return accrfront.Services(service), append(publient, e), nil
}

// suivreListes is how often a node looks at what is due, and at what another published: for
// so long, at most, two nodes give two editions of a list.
const suivreListes = 10 * time.Second

// oublierCompteurs takes out, each hour, what workstations counted before a term, and how
// many each sent before yesterday.
func (p *Processus) oublierCompteurs(r *accrstore.Registre, tenant string, jours sante.Jour) {
	p.tache(time.Hour, func(ctx context.Context) {
		aujourdhui := sante.JourA(p.Horloge(), sante.Paris())
		err := p.parLots(ctx, func(ctx context.Context) (int64, error) {
			return r.PurgerCompteurs(ctx, aujourdhui-jours, aujourdhui-1, lotEntretien)
		})
		if err != nil && ctx.Err() == nil {
			p.Log.Error("compteurs des postes non purgés", "locataire", tenant, "erreur", err)
		}
	})
}

// signer gives the key that signs the accreditations of an insurer, and has the number that
// they bear publish it, with what it revokes.
func (p *Processus) signer(ctx context.Context, e *EmetteurDroits, c *config.AMC, tenant string) (cle accreditation.Cle, err error) {
	if err := e.Parutions.Servir(ctx, tenant); err != nil {
		return cle, err
	}
	if cle, err = p.cleDroits(ctx, e, droits.PourAccreditation, c.Droits.Cle); err != nil {
		return cle, err
	}
	return cle, p.editerLAR(ctx, e, c)
}

// editerLAR has an issuer publish what it revokes, unless it does already.
func (p *Processus) editerLAR(ctx context.Context, e *EmetteurDroits, c *config.AMC) error {
	lar, err := p.cleDroits(ctx, e, droits.PourLAR, c.Droits.CleLAR)
	if err != nil || e.Editeur != nil {
		return err
	}
	e.Annonceur.Termes = termes
	e.Editeur = &accreditation.Editeur{Emetteur: e.Numero, Listes: e.Parutions, Horloge: p.Horloge,
		Cle: e.signent.pour(lar.Kid), Cles: e.Cles()}
	if !p.Fichier.Laboratoire { // whose clock may be moved
		e.Editeur.HeureBase = e.Parutions.Heure
	}
	if p.Kiosque == nil {
		return nil
	}
	x := visiodroits.EntreeService{NumeroAMC: e.Numero, Libelle: "Opérateur " + e.Numero.String(), Service: visiodroits.LAR, Statut: visiodroits.Ouvert, Debut: debutListes,
		Version: droits.Norme.Profil, Adresse: p.Fichier.PorteOuverte() + droits.Norme.Racine, Structures: []visiodroits.Structure{visiodroits.Structure(c.Identite.Structure)}}
	if e.Numero.String() == c.Numero {
		x.Libelle = c.Libelle
	}
	e.services = append(e.services, func() []visiodroits.EntreeService { return []visiodroits.EntreeService{x} })
	return x.Valider()
}

// anciensEmetteurs are those under whose numbers accreditations of an insurer were given, that
// it no longer gives under: they go on publishing what is revoked of them, until nobody bills
// on the last. A key that is not there stops nothing else, and is told. ref: VISIO §7 rule 6
// hyp: EMETTEUR-UNE-LISTE
func (p *Processus) anciensEmetteurs(ctx context.Context, c *config.AMC, tenant string, present sante.NumeroAMC) ([]*EmetteurDroits, error) {
	registre := accrstore.New(p.Base, tenant)
	numeros, err := registre.Emetteurs(ctx)
	if err != nil || p.Kiosque == nil {
		return nil, err
	}
	var l []*EmetteurDroits
	for _, n := range numeros {
		if c.Droits.Ouvert() && droits.MemeEmetteur(n, present) {
			continue
		}
		fin, err := registre.DerniereFin(ctx, n)
		if err != nil {
			return nil, err
		}
		if (droits.EntreeLAR{DroitsFin: fin}).Abandonnable(sante.JourA(p.Horloge(), sante.Paris())) {
			continue
		}
		e := p.Emetteur(n)
		if err := p.editerLAR(ctx, e, c); err != nil {
			p.Log.Error("accréditations données sous un ancien numéro : leurs révocations ne paraissent plus", "emetteur", n.String(), "locataire", tenant, "erreur", err)
			continue
		}
		if !p.accredite(n) {
			if err := e.Annonceur.Finir(ctx); err != nil {
				return nil, err
			}
		}
		l = append(l, e)
	}
	return l, nil
}

// accredite tells whether some insurer of the process has its accreditations given under a
// number.
func (p *Processus) accredite(n sante.NumeroAMC) bool {
	return slices.ContainsFunc(p.Fichier.AMC, func(a config.AMC) bool {
		m, err := sante.ParseNumeroAMC(cmp.Or(a.Droits.Emetteur, a.Numero))
		return err == nil && a.Droits.Ouvert() && droits.MemeEmetteur(m, n)
	})
}

// cablerDepannage opens the door that answers for an insurer while it is silent.
// ref: VISIO §8.2
func (p *Processus) cablerDepannage(ctx context.Context, c *config.AMC, tenant string, moi roc.Partie, s *amc.Service) error {
	services, publient, err := p.servicesDroits(ctx, c, tenant, s, nil)
	if err != nil {
		return err
	}
	porte, err := p.porte(ctx, tenant, moi, &c.Identite, services...)
	if err != nil {
		return err
	}
	p.Portail.Secourir(porte)
	signerListes(publient, porte.Cachet)
	return nil
}

// cleDroits opens a key of an issuer, and makes it the first time when it is a file. It
// serves one purpose, under its thumbprint for a name. ref: VISIO §6, §12
func (p *Processus) cleDroits(ctx context.Context, e *EmetteurDroits, usage droits.UsageCle, adresse string) (accreditation.Cle, error) {
	inscrire, lieu := e.Annonceur.Signer, p.LieuCle(e.Numero, usage, adresse)
	if !strings.HasPrefix(adresse, "pkcs11:") {
		adresse = lieu
		neuve, err := creerCleP256(adresse)
		if err != nil {
			return accreditation.Cle{}, err
		}
		if neuve {
			inscrire = func(ctx context.Context, kid string, usage droits.UsageCle, k *ecdsa.PublicKey) error {
				return abandonnerCle(e.Annonceur.SignerPremier(ctx, kid, usage, k), adresse)
			}
		}
	}
	k, err := OuvrirCle(adresse)
	if err != nil {
		return accreditation.Cle{}, err
	}
	pub, ok := k.Public().(*ecdsa.PublicKey)
	if !ok || pub.Curve != elliptic.P256() {
		return accreditation.Cle{}, fmt.Errorf("la clé %s doit être P-256", usage)
	}
	kid, err := accreditation.Kid(pub)
	if err != nil {
		return accreditation.Cle{}, err
	}
	if err := inscrire(ctx, kid, usage, pub); err != nil {
		return accreditation.Cle{}, err
	}
	cle := accreditation.Cle{Kid: kid, Usage: usage, Cle: k, Lieu: lieu}
	e.signent.poser(cle)
	return cle, e.relireFins(ctx)
}

// LieuCle is where a key of an issuer is: its file, or the setting that names a device.
func (p *Processus) LieuCle(numero sante.NumeroAMC, usage droits.UsageCle, adresse string) string {
	if strings.HasPrefix(adresse, "pkcs11:") {
		return map[droits.UsageCle]string{droits.PourAccreditation: "droits.cle", droits.PourLAR: "droits.cle-lar"}[usage]
	}
	if adresse == "" {
		adresse = filepath.Join(p.Fichier.Donnees, strings.ToLower(string(usage))+"-"+numero.String()+".cle")
	}
	return p.Fichier.Resoudre(strings.TrimPrefix(adresse, "fichier:"))
}

// abandonnerCle takes away a key that was made here and that may not serve.
func abandonnerCle(err error, chemin string) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, accreditation.ErrAutreCle) {
		err = fmt.Errorf("%w : copier %s d'un nœud qui sert déjà ; pour changer de clé, ou si elle est perdue, y déposer la nouvelle, la même sur chaque nœud", err, chemin)
	}
	return errors.Join(err, os.Remove(chemin))
}

// creerCleP256 makes a key in a file that does not exist, and tells whether it did.
func creerCleP256(chemin string) (neuve bool, err error) {
	if _, err := os.Stat(chemin); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return false, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return false, err
	}
	return true, DeposerSecret(chemin, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// GarantiesVille are the guarantees of what a trade may bill.
func GarantiesVille(c droits.Categorie, l []calcul.Garantie) (r []calcul.Garantie) {
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
	if e.Garanties = GarantiesVille(q.PS.Categorie, k.Garanties); len(e.Garanties) == 0 {
		return nil, visiodroits.TiersPayantRefuse, nil // nothing that this trade could bill
	}
	if _, ok := GrilleDe(x.specifiques, e.Garanties); ok {
		e.Specifiques = x.specifiques
	}
	return &accreditation.Situation{Beneficiaire: r.Beneficiaire, Etendue: e}, visiodroits.Fournis, nil
}
