package igc

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// Algorithme is the kind of a key.
type Algorithme string

// The kinds of keys. Lab hierarchies are elliptic-curve. ref: DEC 37
const (
	EC256   Algorithme = "EC-P256"
	EC384   Algorithme = "EC-P384"
	RSA2048 Algorithme = "RSA-2048"
	RSA3072 Algorithme = "RSA-3072"
	RSA4096 Algorithme = "RSA-4096"
)

// AC is one authority.
type AC struct {
	Nom        string // file stem: ACR-EL, ACI-EL-ORG, ACI-EL-ORG-G2…
	Parent     string // "" for a root
	Nature     Nature
	Gamme      certificat.Gamme
	Generation int  // 1 first; the next one stands beside the current one before it issues
	Active     bool // whether it issues: one generation at a time does
	Certificat *x509.Certificate
	Cle        crypto.Signer
}

// Parametres describes an infrastructure to make.
type Parametres struct {
	Base        string // address of the installation: http://127.0.0.1:8080/igc
	SIREN       string // of the invented operator; "" is 999123458. ref: PKI §2.2
	Racines     Algorithme
	Autorites   Algorithme
	Gammes      []certificat.Gamme // empty makes the three
	DureeRacine time.Duration      // 0 is 20 years
	OCSP        bool               // write in certificates the address where front answers OCSP
}

func (p *Parametres) completer() error {
	u, err := url.Parse(p.Base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("igc: adresse de l'installation irrégulière : %q", p.Base)
	}
	p.Base = strings.TrimRight(p.Base, "/")
	if p.SIREN == "" {
		p.SIREN = "999123458"
	}
	if p.Racines == "" {
		p.Racines = EC384
	}
	if p.Autorites == "" {
		p.Autorites = EC256
	}
	if len(p.Gammes) == 0 {
		p.Gammes = []certificat.Gamme{certificat.GammeElementaire, certificat.GammeStandard, certificat.GammeFort}
	}
	if p.DureeRacine == 0 {
		p.DureeRacine = 20 * 365 * 24 * time.Hour
	}
	return nil
}

var sigles = map[certificat.Gamme][2]string{
	certificat.GammeElementaire: {"EL", "ELEMENTAIRE"},
	certificat.GammeStandard:    {"ST", "STANDARD"},
	certificat.GammeFort:        {"FO", "FORT"},
}

var siglesNature = map[Nature]string{NatureOrganisations: "ORG", NaturePersonnes: "PP"}

// IGC issues and revokes. It is safe for concurrent use.
type IGC struct {
	p        Parametres
	registre Registre
	coffre   Coffre
	horloge  func() time.Time

	mu  sync.RWMutex
	acs map[string]*AC

	reponses   sync.Mutex
	repondeurs map[string]repondeur

	repetition sync.Mutex
	jetables   map[x509.PublicKeyAlgorithm]crypto.Signer
}

// Creer makes the hierarchy in an empty safe: a root a gamme, and below each an
// authority for organisations and one for persons. ref: PKI §2
func Creer(ctx context.Context, p Parametres, c Coffre, r Registre, horloge func() time.Time) (*IGC, error) {
	g, err := nouvelle(p, c, r, horloge)
	if err != nil {
		return nil, err
	}
	if deja, err := c.ACs(ctx); err != nil || len(deja) > 0 {
		return nil, fmt.Errorf("igc: une hiérarchie existe déjà ici (%d autorités) : %w", len(deja), err)
	}
	for _, gamme := range g.p.Gammes {
		if err := g.creerGamme(ctx, gamme); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// Ouvrir takes up the hierarchy kept in a safe.
func Ouvrir(ctx context.Context, p Parametres, c Coffre, r Registre, horloge func() time.Time) (*IGC, error) {
	g, err := nouvelle(p, c, r, horloge)
	if err != nil {
		return nil, err
	}
	if err := g.Relire(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

// Relire reads the authorities again, when another process may have added one.
func (g *IGC) Relire(ctx context.Context) error {
	l, err := g.coffre.ACs(ctx)
	if err != nil {
		return err
	}
	if len(l) == 0 {
		return fmt.Errorf("%w: aucune autorité", ErrInconnu)
	}
	m := make(map[string]*AC, len(l))
	for _, a := range l {
		m[a.Nom] = &a
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.acs = m
	return nil
}

func nouvelle(p Parametres, c Coffre, r Registre, horloge func() time.Time) (*IGC, error) {
	if err := p.completer(); err != nil {
		return nil, err
	}
	return &IGC{p: p, coffre: c, registre: r, horloge: horloge, acs: map[string]*AC{},
		repondeurs: map[string]repondeur{}, jetables: map[x509.PublicKeyAlgorithm]crypto.Signer{}}, nil
}

func (g *IGC) creerGamme(ctx context.Context, gamme certificat.Gamme) error {
	s := sigles[gamme]
	racine, err := g.creerAC(ctx, AC{Nom: "ACR-" + s[0], Nature: NatureRacine, Gamme: gamme, Generation: 1, Active: true},
		"LABO AC RACINE IGC "+s[1])
	if err != nil {
		return err
	}
	for _, n := range []Nature{NatureOrganisations, NaturePersonnes} {
		a := AC{Nom: "ACI-" + s[0] + "-" + siglesNature[n], Parent: racine.Nom, Nature: n, Gamme: gamme, Generation: 1, Active: true}
		if _, err := g.creerAC(ctx, a, "LABO AC IGC "+s[1]+" "+string(n)); err != nil {
			return err
		}
	}
	return nil
}

// creerAC makes the key and the certificate of an authority.
func (g *IGC) creerAC(ctx context.Context, a AC, cn string) (*AC, error) {
	algo := g.p.Autorites
	if a.Parent == "" {
		algo = g.p.Racines
	}
	cle, err := g.coffre.NouvelleCle(ctx, a.Nom, algo)
	if err != nil {
		return nil, fmt.Errorf("igc: clé de %s : %w", a.Nom, err)
	}
	a.Cle = cle
	t, err := g.modeleAC(a, cn)
	if err != nil {
		return nil, err
	}
	parent, signataire := t, cle
	if a.Parent != "" {
		p := g.acs[a.Parent]
		parent, signataire = p.Certificat, p.Cle
		t.CRLDistributionPoints = []string{g.adresseCRL(a.Parent)}
		t.IssuingCertificateURL = []string{g.adresseAC(a.Parent)}
	}
	der, err := g.signer(t, parent, cle.Public(), signataire)
	if err != nil {
		return nil, fmt.Errorf("igc: certificat de %s : %w", a.Nom, err)
	}
	if a.Certificat, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("igc: certificat de %s : %w", a.Nom, err)
	}
	if err := g.coffre.EcrireAC(ctx, a); err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.acs[a.Nom] = &a
	g.mu.Unlock()
	return &a, nil
}

// modeleAC is the template of an authority. ref: PKI §2.1, PKI §2.2
func (g *IGC) modeleAC(a AC, cn string) (*x509.Certificate, error) {
	serie, err := numero()
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(a.Cle.Public())
	if err != nil {
		return nil, fmt.Errorf("igc: clé de %s : %w", a.Nom, err)
	}
	sujet, err := marshalRDN(pkix.RDNSequence{
		{{Type: oidC, Value: "FR"}}, {{Type: oidO, Value: "ECLUSE LABO"}}, {{Type: oidOU, Value: "0002 " + g.p.SIREN}},
		{{Type: oidOU, Value: marqueLabo}}, {{Type: oidCN, Value: cn}}})
	if err != nil {
		return nil, err
	}
	debut := g.horloge().UTC().Truncate(time.Second).Add(-24 * time.Hour)
	t := &x509.Certificate{SerialNumber: serie, RawSubject: sujet, NotBefore: debut, NotAfter: debut.Add(g.p.DureeRacine),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true,
		SubjectKeyId: idCle(spki), Policies: []x509.OID{oidAnyPolicy()}}
	if a.Parent != "" {
		t.MaxPathLenZero = true
		t.NotAfter = g.acs[a.Parent].Certificat.NotAfter.Add(-24 * time.Hour)
	}
	return t, nil
}

func oidAnyPolicy() x509.OID {
	o, _ := x509.OIDFromInts([]uint64{2, 5, 29, 32, 0}) // a constant that parses
	return o
}

// Preparer makes the next generation of an authority, with its own key, beside
// the current one. It is to be put in every trust store before Basculer.
func (g *IGC) Preparer(ctx context.Context, nom string) (AC, error) {
	g.mu.RLock()
	courante, ok := g.acs[nom]
	suivante := 0
	for _, a := range g.acs {
		if ok && a.Nature == courante.Nature && a.Gamme == courante.Gamme {
			suivante = max(suivante, a.Generation+1)
		}
	}
	g.mu.RUnlock()
	if !ok || courante.Parent == "" {
		return AC{}, fmt.Errorf("%w: autorité intermédiaire %q", ErrInconnu, nom)
	}
	s := sigles[courante.Gamme]
	a := AC{Nom: fmt.Sprintf("ACI-%s-%s-G%d", s[0], siglesNature[courante.Nature], suivante), Parent: courante.Parent,
		Nature: courante.Nature, Gamme: courante.Gamme, Generation: suivante}
	n, err := g.creerAC(ctx, a, fmt.Sprintf("LABO AC IGC %s %s G%d", s[1], courante.Nature, suivante))
	if err != nil {
		return AC{}, err
	}
	return *n, nil
}

// Basculer makes one generation the one that issues; the former goes on
// publishing its lists.
func (g *IGC) Basculer(ctx context.Context, nom string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	nouvelle, ok := g.acs[nom]
	if !ok || nouvelle.Parent == "" {
		return fmt.Errorf("%w: autorité intermédiaire %q", ErrInconnu, nom)
	}
	for _, a := range g.acs {
		if a.Nature != nouvelle.Nature || a.Gamme != nouvelle.Gamme || a.Active == (a.Nom == nom) {
			continue
		}
		c := *a
		c.Active = a.Nom == nom
		if err := g.coffre.EcrireAC(ctx, c); err != nil {
			return err
		}
		g.acs[a.Nom] = &c
	}
	return nil
}

// ACs lists the authorities, roots first, without their keys.
func (g *IGC) ACs() []AC {
	g.mu.RLock()
	defer g.mu.RUnlock()
	l := make([]AC, 0, len(g.acs))
	for _, racines := range []bool{true, false} {
		for _, n := range nomsTries(g.acs) {
			if a := *g.acs[n]; (a.Parent == "") == racines {
				a.Cle = nil
				l = append(l, a)
			}
		}
	}
	return l
}

// Racines and Intermediaires give the DER of the authorities, for trust stores.
func (g *IGC) Racines() [][]byte { return g.ders(true) }

// Intermediaires gives the DER of the intermediate authorities, all generations.
func (g *IGC) Intermediaires() [][]byte { return g.ders(false) }

func (g *IGC) ders(racines bool) [][]byte {
	var l [][]byte
	for _, a := range g.ACs() {
		if (a.Parent == "") == racines {
			l = append(l, a.Certificat.Raw)
		}
	}
	return l
}

func (g *IGC) ac(nom string) (*AC, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if a, ok := g.acs[nom]; ok {
		return a, nil
	}
	return nil, fmt.Errorf("%w: autorité %q", ErrInconnu, nom)
}

// active finds the authority that issues for a kind and a gamme.
func (g *IGC) active(n Nature, gamme certificat.Gamme) (*AC, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, a := range g.acs {
		if a.Nature == n && a.Gamme == gamme && a.Active {
			return a, nil
		}
	}
	return nil, fmt.Errorf("%w: autorité %s de gamme %s", ErrInconnu, n, gamme)
}

func (g *IGC) adresseCRL(ac string) string   { return g.p.Base + "/crl/" + ac + ".crl" }
func (g *IGC) adresseDelta(ac string) string { return g.p.Base + "/crl/" + ac + "-delta.crl" }
func (g *IGC) adresseAC(ac string) string    { return g.p.Base + "/ac/" + ac + ".cer" }
func (g *IGC) adresseOCSP() string           { return g.p.Base + "/ocsp" }

// numero draws a serial number: 128 bits, positive, never small.
// ref: PKI §10
func numero() (*big.Int, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, fmt.Errorf("igc: tirage du numéro : %w", err)
	}
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:]), nil
}
