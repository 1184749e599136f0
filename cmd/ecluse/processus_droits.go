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

// emetteurDroits is an insurer, or an operator for it, that gives accreditations and
// publishes what it revokes.
type emetteurDroits struct {
	numero    sante.NumeroAMC
	registre  *accrstore.Registre
	service   *accreditation.Service // nil when the insurer does not open the service
	editeur   *accreditation.Editeur
	annonceur *accreditation.Annonceur
}

// servicesDroits are the doors of an insurer for the professionals outside the hospital.
func (p *processus) servicesDroits(ctx context.Context, c *config.AMC, tenant string, s *amc.Service) (*emetteurDroits, []*gate.Service, error) {
	e := &emetteurDroits{registre: accrstore.New(p.base, tenant)}
	r := accreditation.Reglages{Convention: c.Droits.Convention, Depannage: c.Droits.Depannage, Anciens: s.Reglages().AnciensNumeros}
	var err error
	if r.AMC, err = sante.ParseNumeroAMC(c.Numero); err != nil {
		return nil, nil, err
	}
	e.numero = r.AMC
	if c.Droits.Emetteur != "" {
		if e.numero, err = sante.ParseNumeroAMC(c.Droits.Emetteur); err != nil {
			return nil, nil, fmt.Errorf("droits : émetteur : %w", err)
		}
		r.Operateur = c.Droits.Emetteur
	}
	r.Emetteur = e.numero
	e.annonceur = &accreditation.Annonceur{Emetteur: visiodroits.Emetteur(e.numero.String()), Editions: e.registre, Kiosque: p.kiosque, Horloge: p.horloge}
	if e.annonceur.Services, err = p.entreesDroits(c); err != nil || !c.Droits.Ouvert {
		return e, accrfront.Services(nil), err
	}
	e.annonceur.Termes, e.annonceur.Etats = termes, etatsDe(r.AMC, s)
	for _, x := range c.Droits.Categories {
		if !slices.Contains(droits.Categorie("").Codes(), x) {
			return nil, nil, fmt.Errorf("droits : profession inconnue : %q", x)
		}
		r.Categories = append(r.Categories, droits.Categorie(x))
	}
	cles := map[droits.UsageCle]accreditation.Cle{}
	for usage, adresse := range map[droits.UsageCle]string{droits.PourAccreditation: c.Droits.Cle, droits.PourLAR: c.Droits.CleLAR} {
		if cles[usage], err = p.cleDroits(ctx, e, c.Numero, usage, adresse); err != nil {
			return nil, nil, fmt.Errorf("droits : %w", err)
		}
	}
	ports := accreditation.Ports{Portefeuille: portefeuilleVille{s, c.Droits.Specifiques.Prestations}, Registre: e.registre, Compteurs: e.registre,
		Cle: func() accreditation.Cle { return cles[droits.PourAccreditation] }, Demandeur: gate.Demandeur, Horloge: p.horloge}
	if ports.Dossiers, err = p.ouvrirSpecifiques(ctx, c, r.AMC, tenant); err != nil {
		return nil, nil, fmt.Errorf("droits : %w", err)
	}
	if e.service, err = accreditation.New(r, ports); err != nil {
		return nil, nil, err
	}
	e.editeur = &accreditation.Editeur{Emetteur: e.numero, Listes: e.registre, Horloge: p.horloge,
		Cle: func() accreditation.Cle { return cles[droits.PourLAR] }, Cles: e.cles()}
	return e, accrfront.Services(e.service), nil
}

// annoncer publishes the lists of an issuer under a seal, before anybody may ask for them,
// and follows them.
func (p *processus) annoncer(ctx context.Context, e *emetteurDroits, cachet func() *sceau.Cachet) {
	if p.kiosque == nil {
		return
	}
	e.annonceur.Cachet = cachet
	p.emetteurs = append(p.emetteurs, e)
	publier := func(ctx context.Context) {
		err := e.annonceur.Publier(ctx)
		if e.editeur != nil {
			_, lar := e.editeur.Publier(ctx, false)
			err = errors.Join(err, lar)
		}
		if err != nil && ctx.Err() == nil {
			p.log.Warn("listes non publiées", "emetteur", e.numero.String(), "erreur", err)
		}
	}
	publier(ctx)
	p.tache(suivreListes, publier)
}

// cles are all the public keys that the issuer ever had, to read back its own lists: the
// last one may be of a key that is over, and the next must follow it.
func (e *emetteurDroits) cles() func() *droits.Cles {
	return func() *droits.Cles {
		l, err := e.registre.Cles(context.Background(), time.Time{})
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

// entreesDroits is what an insurer says of its services, or of their absence.
func (p *processus) entreesDroits(c *config.AMC) (func() []visiodroits.EntreeService, error) {
	if c.Droits.Depannage || p.kiosque == nil {
		return func() []visiodroits.EntreeService { return nil }, nil // the insurer speaks for itself, or nothing is published here
	}
	numero, err := sante.ParseNumeroAMC(c.Numero)
	if err != nil {
		return nil, err
	}
	e := visiodroits.EntreeService{NumeroAMC: numero, Libelle: c.Libelle, Service: visiodroits.DLD, Statut: visiodroits.NonOuvert, Debut: debutListes}
	if !c.Droits.Ouvert {
		return func() []visiodroits.EntreeService { return []visiodroits.EntreeService{e} }, nil
	}
	ici := cmp.Or(p.f.Ecoute.Publiee, "https://"+p.f.Ecoute.Ouverte)
	e.Statut, e.Version, e.NiveauService = visiodroits.Ouvert, droits.Norme.Profil, visiodroits.NiveauBase
	e.Adresse, e.NbJoursTolerance, e.ModeDroits, e.DelaiPaiementJours = cmp.Or(c.Droits.Adresse, ici), c.Droits.Tolerance, visiodroits.NonHeberge, c.DelaiPaye
	e.Structures = []visiodroits.Structure{visiodroits.Structure(c.Identite.Structure)}
	if c.Droits.Emetteur != "" {
		e.Operateur, e.ModeDroits = visiodroits.Emetteur(c.Droits.Emetteur), visiodroits.Heberge
	}
	if c.Droits.Mandataire != "" {
		j, err := sante.ParseJour(c.Droits.MandatDebut)
		if err != nil {
			return nil, fmt.Errorf("droits : mandat-debut : %w", err)
		}
		e.DepannageMandat = &visiodroits.Mandat{Operateur: visiodroits.Emetteur(c.Droits.Mandataire), Debut: j,
			Structure: visiodroits.Structure(c.Droits.MandatStructure)}
	}
	lar := e
	lar.Service, lar.Adresse, lar.DepannageMandat = visiodroits.LAR, ici+droits.Norme.Racine, nil
	l := []visiodroits.EntreeService{e, lar}
	for i := range l {
		if err := l[i].Valider(); err != nil {
			return nil, fmt.Errorf("droits : %w", err)
		}
	}
	return func() []visiodroits.EntreeService { return l }, nil
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

func (x larDuProcessus) registre(emetteur string) (*accrstore.Registre, error) {
	for _, e := range x.p.emetteurs {
		if e.editeur != nil && e.numero.String() == emetteur {
			return e.registre, nil
		}
	}
	return nil, visiodroits.ErrNonParue
}

// Courante implements accrfront.Revocations.
func (x larDuProcessus) Courante(ctx context.Context, emetteur string) ([]byte, int64, error) {
	r, err := x.registre(emetteur)
	if err != nil {
		return nil, 0, err
	}
	b, n, err := r.Derniere(ctx)
	if err == nil && b == nil {
		err = visiodroits.ErrNonParue
	}
	return b, n, err
}

// Numero implements accrfront.Revocations.
func (x larDuProcessus) Numero(ctx context.Context, emetteur string, n int64) (complete, delta []byte, err error) {
	r, err := x.registre(emetteur)
	if err != nil {
		return nil, nil, err
	}
	complete, delta, err = r.ListeNumero(ctx, n)
	if errors.Is(err, accreditation.ErrInconnue) {
		err = visiodroits.ErrNonParue
	}
	return complete, delta, err
}

// cablerDepannage opens the door that answers for an insurer while it is silent.
// ref: VISIO §8.2
func (p *processus) cablerDepannage(ctx context.Context, c *config.AMC, tenant string, moi roc.Partie, s *amc.Service) error {
	e, services, err := p.servicesDroits(ctx, c, tenant, s)
	if err != nil {
		return err
	}
	porte, err := p.porte(ctx, tenant, moi, &c.Identite, services...)
	if err != nil {
		return err
	}
	p.portail.Secourir(porte)
	p.annoncer(ctx, e, porte.Cachet)
	return nil
}

// cleDroits opens a key of an issuer, and makes it the first time when it is a file. It
// serves one purpose, under its thumbprint for a name. ref: VISIO §6, §12
func (p *processus) cleDroits(ctx context.Context, e *emetteurDroits, amc string, usage droits.UsageCle, adresse string) (accreditation.Cle, error) {
	if adresse == "" {
		adresse = filepath.Join(p.f.Donnees, strings.ToLower(string(usage))+"-"+amc+".cle")
	}
	inscrire := e.annonceur.Signer
	if !strings.HasPrefix(adresse, "pkcs11:") {
		adresse = p.f.Resoudre(strings.TrimPrefix(adresse, "fichier:"))
		if _, err := os.Stat(adresse); errors.Is(err, fs.ErrNotExist) { // made here: it must be the first
			inscrire = func(ctx context.Context, kid string, usage droits.UsageCle, k *ecdsa.PublicKey) error {
				return abandonnerCle(e.annonceur.SignerPremier(ctx, kid, usage, k), adresse)
			}
		}
		if err := creerCleP256(adresse); err != nil {
			return accreditation.Cle{}, err
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

// suivreListes is how often a node looks at what is due, and at what another published: for
// so long, at most, two nodes give two editions of a list.
const suivreListes = 10 * time.Second

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
	return deposerSecret(chemin, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
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
	return accrfront.Miroir(h, droits.Norme.Racine, sources, t, p.log)
}
