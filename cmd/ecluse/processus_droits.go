package main

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
	"net/http"
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
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// emetteurDroits is a number under which the process publishes: an insurer's, for what it
// opens, or that of who gives accreditations, for one or several insurers. Both are one
// when the insurer gives its own.
type emetteurDroits struct {
	numero    sante.NumeroAMC
	parutions *accrstore.Parutions
	editeur   *accreditation.Editeur // nil when no accreditation is given under this number
	annonceur *accreditation.Annonceur
	services  []func() []visiodroits.EntreeService
	etats     []func(a time.Time) []visiodroits.EtatService
}

// emetteur gives the one of a number.
func (p *processus) emetteur(numero sante.NumeroAMC) *emetteurDroits {
	for _, e := range p.emetteurs {
		if droits.MemeEmetteur(e.numero, numero) {
			return e
		}
	}
	tenant := "emetteur-" + numero.String()
	if slices.ContainsFunc(p.f.AMC, func(a config.AMC) bool { return a.Numero == numero.String() }) {
		tenant = tenantAMC(numero.String())
	}
	e := &emetteurDroits{numero: numero, parutions: accrstore.NewParutions(p.base, tenant, numero)}
	e.annonceur = &accreditation.Annonceur{Emetteur: visiodroits.Emetteur(numero.String()), Editions: e.parutions, Kiosque: p.kiosque, Horloge: p.horloge,
		Services: func() (l []visiodroits.EntreeService) {
			for _, f := range e.services {
				l = append(l, f()...)
			}
			return l
		},
		Etats: func(a time.Time) (l []visiodroits.EtatService) {
			for _, f := range e.etats {
				l = append(l, f(a)...)
			}
			return l
		}}
	p.emetteurs = append(p.emetteurs, e)
	return e
}

// servicesDroits are the doors of an insurer for the professionals outside the hospital,
// and what is published of them under its number and under that of who signs for it.
func (p *processus) servicesDroits(ctx context.Context, c *config.AMC, tenant string, s *amc.Service) ([]*gate.Service, []*emetteurDroits, error) {
	r := accreditation.Reglages{Convention: c.Droits.Convention, Depannage: c.Droits.Depannage, Anciens: s.Reglages().AnciensNumeros,
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
	var publient []*emetteurDroits
	if !c.Droits.Depannage { // else the insurer speaks for itself
		e := p.emetteur(r.AMC)
		entrees, err := p.entreesDroits(c)
		if err != nil {
			return nil, nil, err
		}
		if c.Droits.Ouvert {
			entrees = p.epingler(c, accrstore.New(p.base, tenant), entrees)
			e.etats = append(e.etats, etatsDe(r.AMC, s))
		}
		e.services, publient = append(e.services, entrees), append(publient, e)
	}
	if !c.Droits.Ouvert {
		return accrfront.Services(nil), publient, nil
	}
	for _, x := range c.Droits.Categories {
		if !slices.Contains(droits.Categorie("").Codes(), x) {
			return nil, nil, fmt.Errorf("droits : profession inconnue : %q", x)
		}
		r.Categories = append(r.Categories, droits.Categorie(x))
	}
	e := p.emetteur(r.Emetteur)
	cle, err := p.signer(ctx, e, c, tenant)
	if err != nil {
		return nil, nil, fmt.Errorf("droits : %w", err)
	}
	registre := accrstore.New(p.base, tenant)
	ports := accreditation.Ports{Portefeuille: portefeuilleVille{s, c.Droits.Specifiques.Prestations}, Registre: registre, Compteurs: registre,
		Cle: func() accreditation.Cle { return cle }, Demandeur: gate.Demandeur, Horloge: p.horloge}
	if ports.Dossiers, err = p.ouvrirSpecifiques(ctx, c, r.AMC, tenant); err != nil {
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
func (p *processus) oublierCompteurs(r *accrstore.Registre, tenant string, jours sante.Jour) {
	p.tache(time.Hour, func(ctx context.Context) {
		aujourdhui := sante.JourA(p.horloge(), sante.Paris())
		err := p.parLots(ctx, func(ctx context.Context) (int64, error) {
			return r.PurgerCompteurs(ctx, aujourdhui-jours, aujourdhui-1, lotEntretien)
		})
		if err != nil && ctx.Err() == nil {
			p.log.Error("compteurs des postes non purgés", "locataire", tenant, "erreur", err)
		}
	})
}

// signer gives the key that signs the accreditations of an insurer, and has the number that
// they bear publish it, with what it revokes.
func (p *processus) signer(ctx context.Context, e *emetteurDroits, c *config.AMC, tenant string) (cle accreditation.Cle, err error) {
	if err := e.parutions.Servir(ctx, tenant); err != nil {
		return cle, err
	}
	if cle, err = p.cleDroits(ctx, e, droits.PourAccreditation, c.Droits.Cle); err != nil {
		return cle, err
	}
	lar, err := p.cleDroits(ctx, e, droits.PourLAR, c.Droits.CleLAR)
	if err != nil || e.editeur != nil {
		return cle, err
	}
	e.annonceur.Termes = termes
	e.editeur = &accreditation.Editeur{Emetteur: e.numero, Listes: e.parutions, Horloge: p.horloge,
		Cle: func() accreditation.Cle { return lar }, Cles: e.cles()}
	if p.kiosque == nil {
		return cle, nil
	}
	x := visiodroits.EntreeService{NumeroAMC: e.numero, Libelle: "Opérateur " + e.numero.String(), Service: visiodroits.LAR, Statut: visiodroits.Ouvert, Debut: debutListes,
		Version: droits.Norme.Profil, Adresse: p.porteOuverte() + droits.Norme.Racine, Structures: []visiodroits.Structure{visiodroits.Structure(c.Identite.Structure)}}
	if c.Droits.Emetteur == "" {
		x.Libelle = c.Libelle
	}
	e.services = append(e.services, func() []visiodroits.EntreeService { return []visiodroits.EntreeService{x} })
	return cle, x.Valider()
}

// porteOuverte is the address of the open door of the server, as professionals see it.
func (p *processus) porteOuverte() string {
	return cmp.Or(p.f.Ecoute.Publiee, "https://"+p.f.Ecoute.Ouverte)
}

// annoncer publishes the lists of the process before anybody may ask for them, and follows
// them. Each is under the seal of the first door that speaks under its number.
func (p *processus) annoncer(ctx context.Context) {
	if p.kiosque == nil || len(p.emetteurs) == 0 {
		return
	}
	publier := func(ctx context.Context) {
		for _, e := range p.emetteurs {
			err := e.annonceur.Publier(ctx)
			if e.editeur != nil {
				_, lar := e.editeur.Publier(ctx, false)
				err = errors.Join(err, lar)
			}
			if err != nil && ctx.Err() == nil {
				p.log.Warn("listes non publiées", "emetteur", e.numero.String(), "erreur", err)
			}
		}
	}
	publier(ctx)
	p.tache(suivreListes, publier)
}

// signerListes lets a door seal what is published under numbers that no other does.
func signerListes(l []*emetteurDroits, cachet func() *sceau.Cachet) {
	for _, e := range l {
		if e.annonceur.Cachet == nil {
			e.annonceur.Cachet = cachet
		}
	}
}

// cles are all the public keys that the issuer ever had, to read back its own lists: the
// last one may be of a key that is over, and the next must follow it.
func (e *emetteurDroits) cles() func() *droits.Cles {
	return func() *droits.Cles {
		l, err := e.parutions.Cles(context.Background(), time.Time{})
		if err != nil {
			return nil // the list is then refused, and the task says so
		}
		var k []droits.Cle
		for _, c := range l {
			k = append(k, droits.Cle{Emetteur: e.numero, Kid: c.Kid, Usage: c.Usage, Publique: c.Publique, Debut: c.Debut, Fin: c.Fin})
		}
		cles, err := droits.NouvellesCles(k, nil)
		if err != nil {
			return nil
		}
		return cles
	}
}

// entreesDroits is what an insurer says of its rights on line, or of their absence.
func (p *processus) entreesDroits(c *config.AMC) (func() []visiodroits.EntreeService, error) {
	if p.kiosque == nil {
		return func() []visiodroits.EntreeService { return nil }, nil // nothing is published here
	}
	numero, err := sante.ParseNumeroAMC(c.Numero)
	if err != nil {
		return nil, err
	}
	e := visiodroits.EntreeService{NumeroAMC: numero, Libelle: c.Libelle, Service: visiodroits.DLD, Statut: visiodroits.NonOuvert, Debut: debutListes}
	if !c.Droits.Ouvert {
		return func() []visiodroits.EntreeService { return []visiodroits.EntreeService{e} }, nil
	}
	e.Statut, e.Version, e.NiveauService = visiodroits.Ouvert, droits.Norme.Profil, visiodroits.NiveauBase
	e.Adresse, e.NbJoursTolerance, e.ModeDroits, e.DelaiPaiementJours = cmp.Or(c.Droits.Adresse, p.porteOuverte()), c.Droits.Tolerance, visiodroits.NonHeberge, c.DelaiPaye
	e.Structures = []visiodroits.Structure{visiodroits.Structure(c.Identite.Structure)}
	if c.Droits.Emetteur != "" {
		e.Operateur, e.ModeDroits = visiodroits.Emetteur(c.Droits.Emetteur), visiodroits.Heberge
	}
	mandats, err := mandatsDe(c.Droits.Mandats)
	if err != nil {
		return nil, fmt.Errorf("droits : %w", err)
	}
	sta := e // whoever answers of rights takes the counters of the workstations
	sta.Service = visiodroits.STA
	l := []visiodroits.EntreeService{e, sta}
	if c.Droits.Factures.Ouvert {
		fao := e
		fao.Service = visiodroits.FAO
		fao.Adresse = cmp.Or(c.Droits.Factures.Adresse, "https://"+p.f.Ecoute.Adresse)
		l = append(l, fao)
	}
	for i := range l {
		if err := l[i].Valider(); err != nil {
			return nil, fmt.Errorf("droits : %w", err)
		}
	}
	return func() []visiodroits.EntreeService {
		l := slices.Clone(l)
		l[0].DepannageMandat = mandatDuJour(mandats, sante.JourA(p.horloge(), sante.Paris()))
		return l
	}, nil
}

// debutListes is the first day of the entries that a configuration makes: it does not
// say since when.
var debutListes = sante.JourDe(2000, 1, 1)

// termes are the codes that our answers use. hyp: VISIO-CODES
func termes() (l []visiodroits.Terme) {
	ajouter := func(t visiodroits.Table, code, libelle string) {
		l = append(l, visiodroits.Terme{Table: t, Code: visiodroits.CodeTerme(code), Libelle: libelle, Debut: debutListes})
	}
	for _, c := range calcul.Famille("").Codes() {
		ajouter(visiodroits.TableFamilles, c, calcul.Famille(c).Libelle())
	}
	for _, c := range calcul.NumeroFormule("").Codes() {
		ajouter(visiodroits.TableFormules, c, calcul.NumeroFormule(c).Libelle())
	}
	for _, s := range visiodroits.Significations() {
		if strings.HasPrefix(string(s.Code), "F") {
			ajouter(visiodroits.TableRejets, string(s.Code), s.Libelle)
		}
	}
	return l
}

// etatsDe is the state of an insurer's service, and the closures that it announces.
func etatsDe(numero sante.NumeroAMC, s *amc.Service) func(time.Time) []visiodroits.EtatService {
	return func(a time.Time) []visiodroits.EtatService {
		e := visiodroits.EtatService{NumeroAMC: numero, Service: visiodroits.DLD, Etat: visiodroits.Operationnel}
		if d, ok := s.Portefeuille.(amc.Disponible); ok && !d.Disponible() {
			e.Etat = visiodroits.Ralenti // the question is answered 201: the software goes on as it may
		}
		for _, f := range s.Reglages().Fermetures {
			if len(f.Services) == 0 && f.Fin.After(a) && len(e.Fermetures) < 20 {
				e.Fermetures = append(e.Fermetures, visiodroits.Fermeture{Debut: f.Debut, Fin: f.Fin})
			}
		}
		return []visiodroits.EtatService{e}
	}
}

// larDuProcessus gives the lists of the issuers of the process.
type larDuProcessus struct{ p *processus }

func (x larDuProcessus) parutions(emetteur string) (*accrstore.Parutions, error) {
	for _, e := range x.p.emetteurs {
		if e.editeur != nil && e.numero.String() == emetteur {
			return e.parutions, nil
		}
	}
	return nil, visiodroits.ErrNonParue
}

// Dernier implements accrfront.Revocations.
func (x larDuProcessus) Dernier(ctx context.Context, emetteur string) (int64, error) {
	r, err := x.parutions(emetteur)
	if err != nil {
		return 0, err
	}
	n, _, err := r.Parution(ctx)
	if err == nil && n == 0 {
		err = visiodroits.ErrNonParue
	}
	return n, err
}

// Octets implements accrfront.Revocations.
func (x larDuProcessus) Octets(ctx context.Context, emetteur string, n int64, f accreditation.Forme) ([]byte, error) {
	r, err := x.parutions(emetteur)
	if err != nil {
		return nil, err
	}
	b, err := r.Octets(ctx, n, f)
	return b, nonParue(err)
}

// Taille implements accrfront.Revocations.
func (x larDuProcessus) Taille(ctx context.Context, emetteur string, n int64, f accreditation.Forme) (int, error) {
	r, err := x.parutions(emetteur)
	if err != nil {
		return 0, err
	}
	taille, err := r.Taille(ctx, n, f)
	return taille, nonParue(err)
}

func nonParue(err error) error {
	if errors.Is(err, accreditation.ErrInconnue) {
		return visiodroits.ErrNonParue
	}
	return err
}

// cablerDepannage opens the door that answers for an insurer while it is silent.
// ref: VISIO §8.2
func (p *processus) cablerDepannage(ctx context.Context, c *config.AMC, tenant string, moi roc.Partie, s *amc.Service) error {
	services, publient, err := p.servicesDroits(ctx, c, tenant, s)
	if err != nil {
		return err
	}
	porte, err := p.porte(ctx, tenant, moi, &c.Identite, services...)
	if err != nil {
		return err
	}
	p.portail.Secourir(porte)
	signerListes(publient, porte.Cachet)
	return nil
}

// cleDroits opens a key of an issuer, and makes it the first time when it is a file. It
// serves one purpose, under its thumbprint for a name. ref: VISIO §6, §12
func (p *processus) cleDroits(ctx context.Context, e *emetteurDroits, usage droits.UsageCle, adresse string) (accreditation.Cle, error) {
	if adresse == "" {
		adresse = filepath.Join(p.f.Donnees, strings.ToLower(string(usage))+"-"+e.numero.String()+".cle")
	}
	inscrire := e.annonceur.Signer
	if !strings.HasPrefix(adresse, "pkcs11:") {
		adresse = p.f.Resoudre(strings.TrimPrefix(adresse, "fichier:"))
		neuve, err := creerCleP256(adresse)
		if err != nil {
			return accreditation.Cle{}, err
		}
		if neuve {
			inscrire = func(ctx context.Context, kid string, usage droits.UsageCle, k *ecdsa.PublicKey) error {
				return abandonnerCle(e.annonceur.SignerPremier(ctx, kid, usage, k), adresse)
			}
		}
	}
	k, err := ouvrirCle(adresse)
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
	return accreditation.Cle{Kid: kid, Cle: k}, inscrire(ctx, kid, usage, pub)
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
	return true, deposerSecret(chemin, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
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

// miroir gives again the lists of the issuers that the relay of the process follows.
func (p *processus) miroir(h http.Handler) (http.Handler, error) {
	var sources []accrfront.Source
	for _, r := range p.f.Relais {
		for _, s := range r.Sources {
			sources = append(sources, accrfront.Source{Emetteur: s.Emetteur, Adresse: s.Adresse})
		}
	}
	if len(sources) == 0 {
		return h, nil
	}
	t := roc.NewTransport(nil, p.magasin, p.horloge)
	p.raccrocher = append(p.raccrocher, t.Fermer)
	return accrfront.Miroir(h, droits.Norme.Racine, sources, t, p.log, p.horloge)
}
