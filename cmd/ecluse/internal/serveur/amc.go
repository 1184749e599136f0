package serveur

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/internal/amc"
	amcfront "github.com/ecluse-sante/ecluse/internal/amc/front"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// PartieAMC is an insurer served here.
type PartieAMC struct {
	Tenant  string // its name in the tables that parties share
	service *amc.Service
	store   *amcstore.Store

	Liquidation *liquidation.Service // its book of invoices
	flux        *fluxSortant
}

// TenantAMC names an insurer in the tables that parties share.
func TenantAMC(numero string) string { return "amc-" + numero }

func (p *Processus) cablerAMC(ctx context.Context) error {
	for i := range p.Fichier.AMC {
		if err := p.cablerUneAMC(ctx, &p.Fichier.AMC[i]); err != nil {
			return fmt.Errorf("%s : %w", p.Fichier.AMC[i].Numero, err)
		}
	}
	p.annoncer(ctx)
	return nil
}

func (p *Processus) cablerUneAMC(ctx context.Context, c *config.AMC) error {
	tenant := TenantAMC(c.Numero)
	reglages, err := p.Reglages(c)
	if err != nil {
		return err
	}
	moteur, err := p.Moteur(c.Baremes)
	if err != nil {
		return err
	}
	st := amcstore.New(p.Base, tenant)
	ports := st.Ports(p.Horloge)
	ports.Tentatives = tentatives{p.vigie.garde, p.pseudos, tenant, c.Numero, p.Horloge}
	if c.Portefeuille == "distant" {
		if ports.Portefeuille, err = p.portefeuilleDistant(c); err != nil {
			return err
		}
	}
	s, err := amc.New(reglages, ports, moteur)
	if err != nil {
		return err
	}
	moi := roc.Partie{Type: roc.AMC, ID: c.Numero, Libelle: c.Libelle}
	if c.Droits.Depannage {
		return p.cablerDepannage(ctx, c, tenant, moi, s)
	}
	a := &PartieAMC{Tenant: tenant, service: s, store: st}
	services := amcfront.Services(s)
	client := &roc.Client{}
	if c.Identite.Authentification.Certificat != "" { // to send returns; without it, no invoice is received
		var t *roc.Transport
		if client, t, err = p.clientAMC(c, tenant, moi); err != nil {
			return err
		}
		if err := p.bornerRetours(c, t); err != nil {
			return err
		}
		dre, err := p.liquider(c, a, moteur, client)
		if err != nil {
			return err
		}
		services = append(services, dre)
	}
	suivies, err := p.suivreListes(c)
	if err != nil {
		return err
	}
	ville, publient, err := p.servicesDroits(ctx, c, tenant, s, suivies)
	if err != nil {
		return err
	}
	factures, versTiers, err := p.servicesOfficine(c, s, moteur, tenant, moi, suivies)
	if err != nil {
		return err
	}
	porte, err := p.porte(ctx, tenant, moi, &c.Identite, slices.Concat(services, ville, factures)...)
	if err != nil {
		return err
	}
	client.Cachet, versTiers.Cachet = porte.Cachet, porte.Cachet
	p.Portail.Ouvrir(porte)
	signerListes(publient, porte.Cachet)
	p.AMC = append(p.AMC, a)
	p.entretenirAMC(a)
	return nil
}

// bornerRetours keeps returns out of our own network: hospitals say where they receive.
func (p *Processus) bornerRetours(c *config.AMC, t *roc.Transport) error {
	if p.Fichier.Laboratoire {
		return nil
	}
	sauf, err := reseaux(c.ReseauxRetours)
	if err == nil {
		t.AdressesPubliques(sauf...)
	}
	return err
}

// clientAMC makes what sends in the name of an insurer: it seals as the insurer answers,
// and knows no directory.
func (p *Processus) clientAMC(c *config.AMC, tenant string, moi roc.Partie) (*roc.Client, *roc.Transport, error) {
	auth, err := p.paire(c.Identite.Authentification)
	if err != nil {
		return nil, nil, fmt.Errorf("authentification : %w", err)
	}
	t := roc.NewTransport(auth, p.Magasin, p.Horloge)
	p.raccrocher = append(p.raccrocher, t.Fermer)
	return &roc.Client{Moi: moi, Environnement: roc.Environnement(p.Fichier.Environnement), Juge: p.Magasin, Transport: t, Horloge: p.Horloge, Log: p.Log,
		Registre: registreJournal{roc.SansRegistre{}, p.journaux, tenant, moi, p.Horloge, p.Base.Grouper}}, t, nil
}

// joignable judges the hosts where hospitals say that they receive; nil in a
// laboratory.
func (p *Processus) joignable(c *config.AMC) (func(string) bool, error) {
	if p.Fichier == nil || p.Fichier.Laboratoire {
		return nil, nil
	}
	sauf, err := reseaux(c.ReseauxRetours)
	return func(hote string) bool {
		ip, err := netip.ParseAddr(hote)
		if err != nil { // a name
			return !strings.EqualFold(hote, "localhost") && !strings.HasSuffix(strings.ToLower(hote), ".localhost")
		}
		return roc.AdressePublique(ip, sauf...)
	}, err
}

func reseaux(l []string) ([]netip.Prefix, error) {
	var r []netip.Prefix
	for _, s := range l {
		x, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("retours-reseaux : %w", err)
		}
		r = append(r, x.Masked())
	}
	return r, nil
}

// Reglages reads the settings of an insurer and checks them; what is wrong is told
// with the file and the line.
func (p *Processus) Reglages(c *config.AMC) (amc.Reglages, error) {
	var r amc.Reglages
	d := &config.Document{Chemin: p.Fichier.Chemin}
	if c.Reglages != "" {
		var err error
		if d, err = config.LireDocument(p.Fichier.Resoudre(c.Reglages), &r); err != nil {
			return r, err
		}
	}
	n, err := sante.ParseNumeroAMC(c.Numero)
	if err != nil {
		return r, err
	}
	r.Numero = n
	if r.Libelle == "" {
		r.Libelle = c.Libelle
	}
	if _, err := r.Completer(); err != nil {
		return r, situer(d, err)
	}
	return r, nil
}

// situer tells where each mistake of settings stands in their file.
func situer(d *config.Document, err error) error {
	tous, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var l []error
	for _, e := range tous.Unwrap() {
		var f *amc.Faute
		if errors.As(e, &f) {
			e = d.Erreur(rangDepuisUn(f.Champ), f.Detail)
		}
		l = append(l, e)
	}
	return errors.Join(l...)
}

var rangDeReglage = regexp.MustCompile(`\[(\d+)\]`)

// rangDepuisUn counts tables of a list from one, as config check does.
func rangDepuisUn(champ string) string {
	return rangDeReglage.ReplaceAllStringFunc(champ, func(s string) string {
		n, err := strconv.Atoi(strings.Trim(s, "[]"))
		if err != nil {
			return s
		}
		return fmt.Sprintf("[%d]", n+1)
	})
}

// Moteur makes the engine of calculation, from the tables of a directory when
// there is one.
func (p *Processus) Moteur(dossier string) (calcul.Moteur, error) {
	if dossier == "" {
		return MoteurDe("")
	}
	return MoteurDe(p.Fichier.Resoudre(dossier))
}

// tentatives is amc.Tentatives over the guessing rules. ref: DEC 23
type tentatives struct {
	garde   *vigie.Garde
	pseudos *vigie.Pseudonymes
	tenant  string
	numero  string
	horloge sante.Horloge
}

// Tenter reserves an attempt on an adherent.
func (t tentatives) Tenter(_ context.Context, q amc.Essai) (func(roc.Code), error) {
	voies := map[amc.Recherche]vigie.Voie{amc.PourQuestion: vigie.Questions, amc.PourFacture: vigie.Factures, amc.PourVille: vigie.Droits}
	e, err := t.garde.Tenter(t.tenant, q.Scelleur, voies[q.Pour], t.pseudos.Adherent(t.numero, q.Adherent.String()), t.horloge())
	if err != nil {
		return nil, refusVigie(err)
	}
	return func(c roc.Code) { e.Conclure(c, t.horloge()) }, nil
}

// MoteurDe makes the engine of calculation with the tables of a directory laid over
// the program's, or these alone.
func MoteurDe(dossier string) (calcul.Moteur, error) {
	if dossier == "" {
		return calcul.New(nil)
	}
	t, err := bareme.Load(os.DirFS(dossier))
	if err != nil {
		return calcul.Moteur{}, fmt.Errorf("barèmes, %s : %w", dossier, err)
	}
	return calcul.New(t)
}
