package laboratoire

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/amc/local"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/igc"
	igclocal "github.com/ecluse-sante/ecluse/internal/igc/local"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Laboratoire is a fictitious world laid out in directories: a certification
// authority, and one directory a party, or one for all.
type Laboratoire struct {
	dir     string
	Monde   *monde.Monde // who lives there
	horloge sante.Horloge
	heure   string   // file of the clock, "" for that of the machine
	IGC     *igc.IGC // its certification authority
	Ports   Ports    // where parties listen
	// adresses are the https bases by key of the party that listens.
	adresses  map[string]string
	empreinte map[string]string      // of the server's certificate
	conf      map[string]string      // certificate of confidentiality, base64 DER
	fiches    map[string][]igc.Fiche // certificates issued, by key
	vierge    func() ([]byte, error) // an empty base, migrated: those of the parties are its copies
}

// Ports gives an address to each listener.
type Ports func(nom string) (string, error)

// PortsLibres draws free ports of the loopback, below those that the system
// gives to outgoing connections: a server that stops finds its port free when it
// starts again.
func PortsLibres() Ports {
	const premier, nombre = 20000, 12000
	var mu sync.Mutex // parties of a demonstration start together
	donnes := map[int]bool{}
	return func(string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		for range 200 {
			n := premier + mathrand.IntN(nombre)
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", n))
			if err != nil || donnes[n] {
				if err == nil {
					l.Close()
				}
				continue
			}
			donnes[n] = true
			return l.Addr().String(), l.Close()
		}
		return "", errors.New("aucun port libre sur la boucle locale")
	}
}

// PortsFixes are those of quickstart: none is given twice but that of the authority. The
// doors where professionals ask without a certificate have a range of their own.
func PortsFixes() Ports {
	n, ouverte, finOuvertes := 8442, 8461, 8480
	fixes := map[string]string{"igc": "127.0.0.1:8081", "surveillance": "127.0.0.1:8080", "bureau": "127.0.0.1:8088",
		"annuaire-sante": "127.0.0.1:8590", "ldaps": "127.0.0.1:6360"}
	return func(nom string) (string, error) {
		if a, ok := fixes[nom]; ok {
			return a, nil
		}
		if strings.HasPrefix(nom, "ouverte-") {
			ouverte++
			return fmt.Sprintf("127.0.0.1:%d", ouverte-1), nil
		}
		if n++; n == 8461 {
			n = finOuvertes
		}
		return fmt.Sprintf("127.0.0.1:%d", n), nil
	}
}

// Fonder makes the authority and the world in an empty directory.
func Fonder(ctx context.Context, dir string, horloge sante.Horloge, p Ports) (*Laboratoire, error) {
	if l, err := os.ReadDir(dir); err == nil && len(l) > 0 {
		return nil, fmt.Errorf("%s n'est pas vide", dir)
	}
	m, err := monde.New(sante.JourA(horloge(), sante.Paris()))
	if err != nil {
		return nil, err
	}
	l := &Laboratoire{dir: dir, Monde: m, horloge: horloge, Ports: p, adresses: map[string]string{}, empreinte: map[string]string{},
		conf: map[string]string{}, fiches: map[string][]igc.Fiche{}, vierge: sync.OnceValues(baseVierge)}
	a, err := p("igc")
	if err != nil {
		return nil, err
	}
	l.adresses["igc"] = a
	depot, err := igclocal.Ouvrir(filepath.Join(dir, "igc", "autorite"))
	if err != nil {
		return nil, err
	}
	if l.IGC, err = igc.Creer(ctx, igc.Parametres{Base: "http://" + a + "/igc"}, depot, depot, horloge); err != nil {
		return nil, err
	}
	_, err = l.IGC.PublierSiNecessaire(ctx, horloge())
	return l, err
}

// listes are the addresses of the revocation lists.
func (l *Laboratoire) listes() []string {
	var u []string
	for _, a := range l.IGC.ACs() {
		u = append(u, "http://"+l.adresses["igc"]+"/igc/crl/"+a.Nom+".crl")
	}
	return u
}

// identite issues the three certificates of a structure in a directory.
func (l *Laboratoire) identite(ctx context.Context, dir, sous string, s *monde.Structure) (config.Identite, error) {
	id := config.Identite{Structure: s.IDNat}
	for nom, x := range map[string]struct {
		profil igc.Profil
		cle    *config.Cle
	}{"cachet": {igc.ProfilOrgSign, &id.Cachet}, "authentification": {igc.ProfilOrgAuth, &id.Authentification}, "confidentialite": {igc.ProfilOrgConf, &id.Confidentialite}} {
		e, err := l.emettre(ctx, igc.Demande{Profil: x.profil, Sujet: Sujet(s, "LABO "+s.Identifiant)}, s.Cle, filepath.Join(dir, sous, nom))
		if err != nil {
			return id, err
		}
		x.cle.Certificat, x.cle.Cle = filepath.Join(sous, nom+".pem"), filepath.Join(sous, nom+".cle")
		if nom == "confidentialite" {
			l.conf[s.Cle] = base64.StdEncoding.EncodeToString(e.Certificat.Raw)
		}
	}
	return id, nil
}

func (l *Laboratoire) emettre(ctx context.Context, d igc.Demande, cle, prefixe string) (igc.Emission, error) {
	d.Par = "laboratoire"
	e, err := l.IGC.Emettre(ctx, d)
	if err != nil {
		return e, err
	}
	l.fiches[cle] = append(l.fiches[cle], e.Fiche)
	return e, serveur.EcrireEmission(prefixe, e)
}

// Sujet names a structure of the world in a certificate, at most 64 characters.
func Sujet(s *monde.Structure, cn string) igc.Sujet {
	nom := []rune(s.Nom)
	return igc.Sujet{Departement: s.Departement, Organisation: string(nom[:min(len(nom), 64)]), Structure: s.IDNat, CN: cn}
}

// Serveur issues the server's certificate of a party and gives it its address.
func (l *Laboratoire) Serveur(ctx context.Context, dir string, s *monde.Structure, e *config.Ecoute) error {
	a, err := l.Ports(s.Cle)
	if err != nil {
		return err
	}
	ips := []net.IP{net.IPv4(127, 0, 0, 1)}
	if hote, _, err := net.SplitHostPort(a); err == nil && hote != "127.0.0.1" && net.ParseIP(hote) != nil {
		ips = append(ips, net.ParseIP(hote))
	}
	x, err := l.emettre(ctx, igc.Demande{Profil: igc.ProfilServSSL, Sujet: Sujet(s, "localhost"), DNS: []string{"localhost"},
		IP: ips}, s.Cle, filepath.Join(dir, "cles", "serveur"))
	if err != nil {
		return err
	}
	e.Adresse, e.Certificat, e.Cle = a, "cles/serveur.pem", "cles/serveur.cle"
	l.adresses[s.Cle], l.empreinte[s.Cle] = "https://"+a, serveur.EmpreinteDER(x.Certificat.Raw)
	return nil
}

// ouvrir gives a server the address where professionals outside the hospital ask without
// a certificate.
func (l *Laboratoire) ouvrir(cle string, e *config.Ecoute) (err error) {
	if e.Ouverte, err = l.Ports("ouverte-" + cle); err == nil {
		l.adresses["ouverte-"+cle] = "https://" + e.Ouverte
	}
	return err
}

// Base is the part of a configuration that every party of a laboratory shares.
func (l *Laboratoire) Base() config.Config {
	return config.Config{Environnement: "T", Laboratoire: true, Horloge: l.heure, Donnees: "donnees", Base: "sqlite:donnees/ecluse.db",
		Confiance: config.Confiance{Autorites: "confiance", Listes: l.listes()}, Journal: config.Journal{Cles: "journal"}}
}

// Confiance writes what a party needs to trust the laboratory.
func (l *Laboratoire) Confiance(ctx context.Context, dir string) error {
	return igclocal.Confiance(ctx, filepath.Join(dir, "confiance"), l.IGC)
}

// EcrireConfig writes the file of a party and reads it again as serve will.
func EcrireConfig(dir, entete string, c *config.Config) (*config.Fichier, error) {
	var b bytes.Buffer
	if err := config.Ecrire(&b, entete, c); err != nil {
		return nil, err
	}
	chemin := filepath.Join(dir, "ecluse.toml")
	if err := os.WriteFile(chemin, b.Bytes(), 0o600); err != nil {
		return nil, err
	}
	return config.Lire(chemin)
}

// compteFictif is where the transfers of the insurers leave from: no bank has this code.
const compteFictif = "FR7699999000000000000004204"

// partieAMC describes an insurer in a configuration: itself, or the operator that
// answers for it.
func (l *Laboratoire) Amc(ctx context.Context, dir string, a *monde.AMC) (config.AMC, error) {
	qui := l.repondant(a)
	id, err := l.identite(ctx, dir, "cles-"+a.Cle, qui)
	if err != nil {
		return config.AMC{}, err
	}
	l.conf[a.Cle] = l.conf[qui.Cle]
	nom := "reglages-" + a.Numero.String() + ".toml"
	if err := os.WriteFile(filepath.Join(dir, nom), a.Reglages(), 0o600); err != nil {
		return config.AMC{}, err
	}
	c := config.AMC{Numero: a.Numero.String(), Libelle: a.Nom, Identite: id, Reglages: nom}
	ouvert := a.Cle != monde.ClePhare // one insurer says that it does not open the service, so that 200 is seen
	c.Droits.Ouvre = &ouvert
	c.Droits.Tolerance = 15
	if c.Droits.Factures.Ouvert = ouvert; ouvert {
		c.Droits.Factures.Compte = compteFictif
	}
	if a.Operateur != "" { // that holds the rights, and signs them
		c.Droits.Emetteur = numeroOperateur
	}
	if o := l.adresses["ouverte-"+a.Depanneur]; a.Depanneur != "" && o != "" {
		c.Droits.Adresse = o
		c.Droits.Mandats = []config.MandatDepannage{{Operateur: numeroOperateur, Structure: l.Monde.Operateur.IDNat, Debut: (l.Monde.Jour - 365).String(), Listes: []string{o}}}
		c.Droits.Empreintes = []string{l.empreinte[a.Depanneur]}
	}
	return c, nil
}

// repondant is who seals for an insurer.
func (l *Laboratoire) repondant(a *monde.AMC) *monde.Structure {
	if a.Operateur != "" {
		return &l.Monde.Operateur
	}
	return &a.Structure
}

// etablissement describes a hospital in a configuration.
func (l *Laboratoire) etablissement(ctx context.Context, dir string, e *monde.Etablissement) (config.Etablissement, error) {
	id, err := l.identite(ctx, dir, "cles-"+e.Cle, &e.Structure)
	if err != nil {
		return config.Etablissement{}, err
	}
	var jeton [32]byte
	rand.Read(jeton[:])
	nom := "jeton-" + e.Finess.String()
	if err := os.WriteFile(filepath.Join(dir, nom), []byte(hex.EncodeToString(jeton[:])+"\n"), 0o600); err != nil {
		return config.Etablissement{}, err
	}
	table := "conventions-" + e.Finess.String() + ".toml"
	if err := os.WriteFile(filepath.Join(dir, table), l.conventions(), 0o600); err != nil {
		return config.Etablissement{}, err
	}
	api, err := l.Ports("api-" + e.Cle)
	if err != nil {
		return config.Etablissement{}, err
	}
	c := config.Etablissement{Finess: e.Finess.String(), FinessGeo: e.FinessGeo.String(), Libelle: e.Nom, Categorie: string(e.Categorie),
		Identite: id, Face: e.Face, Conventions: table, API: config.API{Adresse: api, Jeton: nom},
		AnnuaireAMC: config.AnnuaireAcces{Adresse: l.adresses[monde.CleAnnuaire], Structure: l.Monde.Gestionnaire.IDNat, ID: l.Monde.Gestionnaire.Identifiant}}
	// In a process that carries everybody, the one listener is the directory's.
	c.Retours = cmp.Or(l.adresses[e.Cle], l.adresses[monde.CleAnnuaire])
	if r := e.Relais; r != "" && l.adresses[r] != "" {
		c.Relais = &config.RelaisAcces{Adresse: l.adresses[r], Structure: l.Monde.Relais.IDNat}
	}
	return c, nil
}

// baseVierge makes the octets of an empty SQLite base, migrated.
func baseVierge() (octets []byte, err error) {
	dir, err := os.MkdirTemp("", "ecluse-base-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, chemin := context.Background(), filepath.Join(dir, "base.db")
	b, err := bdd.Ouvrir(ctx, "sqlite:"+chemin, bdd.Options{})
	if err != nil {
		return nil, err
	}
	l, err := serveur.Migrations()
	if err == nil {
		err = b.Migrer(ctx, l)
	}
	if err := errors.Join(err, b.Fermer()); err != nil {
		return nil, err
	}
	return os.ReadFile(chemin)
}

// deposerBase gives a party its base, when that is a file.
func (l *Laboratoire) deposerBase(f *config.Fichier) error {
	chemin, ok := strings.CutPrefix(f.AdresseBase(), "sqlite:")
	if !ok {
		return nil
	}
	b, err := l.vierge()
	if err != nil {
		return err
	}
	return serveur.DeposerSecret(chemin, b)
}

// peupler fills the database of a party: its circle, and what it knows of the
// world.
func (l *Laboratoire) peupler(ctx context.Context, f *config.Fichier) (err error) {
	p, err := serveur.OuvrirPourCommande(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Fermer()) }()
	for _, t := range p.Tenants() {
		if err := l.Admettre(ctx, p.Cercle, t); err != nil {
			return fmt.Errorf("cercle de %s : %w", t, err)
		}
	}
	for i := range l.Monde.AMC {
		a := &l.Monde.AMC[i]
		for _, c := range f.AMC {
			if c.Numero == a.Numero.String() {
				if err := l.Portefeuille(ctx, p, a); err != nil {
					return fmt.Errorf("portefeuille de %s : %w", a.Cle, err)
				}
			}
		}
	}
	if p.Annuaire == nil {
		return nil
	}
	return l.annuaire(ctx, p.Annuaire)
}

// Admettre fills the circle of a party: the hospitals, the relay and whom it
// carries for.
func (l *Laboratoire) Admettre(ctx context.Context, c *cercle.Cercle, tenant string) error {
	if tenant == serveur.TenantTiers || tenant == serveur.TenantTarif {
		liens, relaye := l.liensFins(tenant)
		if !relaye {
			return l.inscrire(ctx, c, tenant, liens)
		}
		return l.inscrire(ctx, c, tenant, liens, &l.Monde.Relais)
	}
	var liens []cercle.Lien
	for i := range l.Monde.Etablissements {
		e := &l.Monde.Etablissements[i]
		liens = append(liens, cercle.Lien{Tenant: tenant, Structure: e.IDNat, Role: cercle.RoleEtablissement, Identifiant: e.Identifiant})
	}
	for i := range l.Monde.AMC {
		a := &l.Monde.AMC[i]
		if !strings.HasPrefix(tenant, serveur.TenantEtablissement("")) {
			break // only a hospital hears insurers, for their returns
		}
		if a.Operateur != "" { // heard while the Annuaire says that it is mandated
			o := &l.Monde.Operateur
			liens = append(liens, cercle.Lien{Tenant: tenant, Structure: o.IDNat, Role: cercle.RoleOperateur, Identifiant: o.Identifiant})
			continue
		}
		liens = append(liens, cercle.Lien{Tenant: tenant, Structure: a.IDNat, Role: cercle.RoleAMC, Identifiant: a.Numero.String()})
	}
	if strings.HasPrefix(tenant, serveur.TenantRelais("")) ||
		strings.HasPrefix(tenant, serveur.TenantAMC("")) && l.adresses[cleTiers] != "" { // there their cards exist
		liens = append(liens, l.professionnels(tenant)...)
	}
	relais := []*monde.Structure{&l.Monde.Relais}
	for i := range l.Monde.AMC {
		if a := &l.Monde.AMC[i]; a.Depanneur == monde.CleOperateur && l.adresses["ouverte-"+a.Depanneur] != "" && tenant == serveur.TenantAMC(a.Numero.String()) {
			relais = append(relais, &l.Monde.Operateur) // carries what pharmacies seal
		}
	}
	return l.inscrire(ctx, c, tenant, liens, relais...)
}

// inscrire writes the links of a circle, with the relays that carry to it for everyone.
func (l *Laboratoire) inscrire(ctx context.Context, c *cercle.Cercle, tenant string, liens []cercle.Lien, relais ...*monde.Structure) error {
	for _, r := range relais {
		liens = append(liens, cercle.Lien{Tenant: tenant, Structure: r.IDNat, Role: cercle.RoleRelais, Identifiant: r.Identifiant})
	}
	debut := l.horloge().Add(-24 * time.Hour)
	if err := c.Admettre(ctx, liens, cercle.Periode{Du: debut}, "laboratoire"); err != nil {
		return err
	}
	for _, r := range relais {
		if err := c.AdmettrePortage(ctx, cercle.Portage{Tenant: tenant, Relais: r.IDNat, Pour: cercle.Tous}, debut, "laboratoire"); err != nil {
			return err
		}
	}
	return nil
}

// Portefeuille fills the portfolio of an insurer, and what its members consumed.
func (l *Laboratoire) Portefeuille(ctx context.Context, p *serveur.Processus, a *monde.AMC) error {
	b, err := l.Monde.Portefeuille(a.Cle)
	if err != nil {
		return err
	}
	st := amcstore.New(p.Base, serveur.TenantAMC(a.Numero.String()))
	i := local.Importeur{Tables: st.Portefeuille}
	r, err := i.JSON(ctx, bytes.NewReader(b))
	if err != nil {
		return err
	}
	if r.Refusees > 0 {
		return errors.New(francais.Accorder(r.Refusees, "ligne refusée", "lignes refusées"))
	}
	for _, c := range l.Monde.Consommations(a.Cle) {
		err := p.Base.EnTransaction(ctx, func(ctx context.Context) error {
			n, err := roc.TirerNumeroEngagement(a.Numero, nil)
			if err != nil {
				return err
			}
			if _, err := st.Compteurs.Prendre(ctx, c.Reference); err != nil {
				return err
			}
			return st.Compteurs.Consommer(ctx, n, c.Reference, c.Compteurs)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Laboratoire) annuaire(ctx context.Context, s *annuaireamc.Service) error {
	adresses := map[string]monde.Adresse{}
	for i := range l.Monde.AMC {
		a := &l.Monde.AMC[i]
		qui := l.repondant(a).Cle
		adresses[a.Cle] = monde.Adresse{Base: l.adresses[qui], Empreintes: []string{l.empreinte[qui]}, Confidentiel: l.conf[a.Cle]}
		if o := a.Depanneur; o != "" && l.adresses[o] != l.adresses[qui] {
			adresses[o] = monde.Adresse{Base: l.adresses[o], Empreintes: []string{l.empreinte[o]}}
		}
	}
	b, err := l.Monde.Annuaire(adresses)
	if err != nil {
		return err
	}
	entrees, refus, err := annuaireamc.Lire(bytes.NewReader(b))
	if err != nil {
		return err
	}
	if len(refus) > 0 {
		return fmt.Errorf("ligne %d : %s", refus[0].Ligne, refus[0].Motif)
	}
	return s.Publier(ctx, entrees)
}
