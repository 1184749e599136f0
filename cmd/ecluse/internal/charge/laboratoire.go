package charge

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/laboratoire"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/amc"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// graine makes the same people and the same questions each time.
const graineCharge = 20260301

// emetteur is a hospital that seals questions.
type emetteur struct {
	lieu   monde.Etablissement
	cachet *sceau.Cachet
}

// terrain is a server to measure and who questions it.
type terrain struct {
	f         *config.Fichier
	amc       *monde.AMC
	structure string // that seals the answers
	magasin   *certificat.Magasin
	canal     *tls.Certificate
	relais    string // identifier of the relay whose channel it is; "" when direct
	emetteurs []emetteur
	jour      sante.Jour
	pid       int
	defaire   []func() error
}

func (t *terrain) fermer() (err error) {
	for i := len(t.defaire) - 1; i >= 0; i-- {
		err = errors.Join(err, t.defaire[i]())
	}
	t.defaire = nil
	return err
}

// laboratoireDeCharge makes a laboratory of one insurer; its server is to be started.
func laboratoireDeCharge(ctx context.Context, o *Options) (t *terrain, err error) {
	t = &terrain{}
	defer func(t *terrain) {
		if err != nil {
			err = errors.Join(err, t.fermer())
		}
	}(t)
	dir := o.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "ecluse-charge-"); err != nil {
			return nil, err
		}
		if !o.Garder {
			t.defaire = append(t.defaire, func() error { return os.RemoveAll(dir) })
		}
	}
	l, err := laboratoire.Fonder(ctx, dir, time.Now, laboratoire.PortsLibres())
	if err != nil {
		return nil, err
	}
	t.amc, t.jour = l.Monde.Assureur(monde.CleMoulin), l.Monde.Jour
	t.structure = t.amc.IDNat
	if err := t.configurer(ctx, l, o, dir); err != nil {
		return nil, err
	}
	suivreCharge("laboratoire : %d émetteurs, %d bénéficiaires (%s)", o.Emetteurs, o.Beneficiaires, t.moteur())
	if err := t.emettre(ctx, l, o); err != nil {
		return nil, err
	}
	if err := t.remplir(ctx, l, o.Beneficiaires); err != nil {
		return nil, err
	}
	t.magasin, err = serveur.MagasinDe(filepath.Join(dir, "confiance"))
	return t, err
}

func (t *terrain) moteur() string {
	m, _, _ := strings.Cut(t.f.AdresseBase(), ":")
	return m
}

// configurer writes the configuration of the insurer's server.
func (t *terrain) configurer(ctx context.Context, l *laboratoire.Laboratoire, o *Options, dir string) error {
	c := l.Base()
	c.Confiance.Listes = nil // they come with the directory, good for a day
	// One machine asks what a whole country would: no quota is to be met.
	c.Vigie = config.Vigie{ParMinute: 1 << 30, Suspect: 100, SuspectMin: 1 << 30, ParAdherent: 1 << 20, EnService: 32, FileParPair: connexionsMax}
	var err error
	if c.Surveillance.Adresse, err = l.Ports("surveillance"); err != nil {
		return err
	}
	if strings.HasPrefix(o.Base, "postgres://") {
		if c.Base, err = t.creerBase(ctx, o.Base); err != nil {
			return err
		}
	}
	if err := l.Serveur(ctx, dir, &t.amc.Structure, &c.Ecoute); err != nil {
		return err
	}
	a, err := l.Amc(ctx, dir, t.amc)
	if err != nil {
		return err
	}
	a.Droits = config.Droits{} // only the hospitals' exchange is measured
	c.AMC = []config.AMC{a}
	if err := l.Confiance(ctx, dir); err != nil {
		return err
	}
	t.f, err = laboratoire.EcrireConfig(dir, "Laboratoire de mesure : tout y est fictif.", &c)
	return err
}

// creerBase makes a database of its own on a PostgreSQL server, and drops it at
// the end.
func (t *terrain) creerBase(ctx context.Context, adresse string) (string, error) {
	debut, params, _ := strings.Cut(adresse, "?")
	i := strings.LastIndexByte(debut, '/')
	var alea [6]byte
	rand.Read(alea[:])
	nom := "ecluse_charge_" + hex.EncodeToString(alea[:])
	executer := func(ctx context.Context, ordre string) error {
		b, err := bdd.Ouvrir(ctx, adresse, bdd.Options{Ecrivains: 1, Lecteurs: 1, Groupes: 1})
		if err != nil {
			return err
		}
		_, err = b.Ecrivain(ctx).ExecContext(ctx, ordre+" "+nom)
		return errors.Join(err, b.Fermer())
	}
	if err := executer(ctx, "CREATE DATABASE"); err != nil {
		return "", err
	}
	t.defaire = append(t.defaire, func() error { return executer(context.Background(), "DROP DATABASE") })
	return debut[:i+1] + nom + "?" + params, nil
}

// lotEmissions is how many certificates are issued and written at once.
const lotEmissions = 5000

// emettre makes the hospitals and, when there are several, the relay that
// carries their questions.
func (t *terrain) emettre(ctx context.Context, l *laboratoire.Laboratoire, o *Options) error {
	for debut := 0; debut < o.Emetteurs; debut += lotEmissions {
		var lieux []monde.Etablissement
		var demandes []igc.Demande
		for i := debut; i < min(debut+lotEmissions, o.Emetteurs); i++ {
			e, err := hopitalDeCharge(&l.Monde.Etablissements[0], i)
			if err != nil {
				return err
			}
			lieux = append(lieux, e)
			demandes = append(demandes, igc.Demande{Profil: igc.ProfilOrgSign, Sujet: laboratoire.Sujet(&e.Structure, "CHARGE "+e.Identifiant), Algo: o.Cles, Par: "laboratoire"})
		}
		emis, err := l.IGC.EmettreLot(ctx, demandes)
		if err != nil {
			return err
		}
		for i := range emis {
			c, err := sceau.NewCachet(emis[i].Certificat.Raw, serveur.SansRacine(emis[i].Chaine), emis[i].Cle)
			if err != nil {
				return err
			}
			t.emetteurs = append(t.emetteurs, emetteur{lieux[i], c})
		}
	}
	porteur := &t.emetteurs[0].lieu.Structure
	if o.Emetteurs > 1 {
		porteur, t.relais = &l.Monde.Relais, l.Monde.Relais.Identifiant
	}
	e, err := l.IGC.Emettre(ctx, igc.Demande{Profil: igc.ProfilOrgAuth, Sujet: laboratoire.Sujet(porteur, "CHARGE "+porteur.Identifiant), Par: "laboratoire"})
	if err != nil {
		return err
	}
	t.canal = &tls.Certificate{Certificate: append([][]byte{e.Certificat.Raw}, serveur.SansRacine(e.Chaine)...), PrivateKey: e.Cle, Leaf: e.Certificat}
	return nil
}

// hopitalDeCharge is the i-th hospital, named after a model. Its FINESS begins with 99,
// which is nobody's.
func hopitalDeCharge(modele *monde.Etablissement, i int) (monde.Etablissement, error) {
	e := *modele
	for cle := range 10 {
		f, err := sante.ParseFINESS(fmt.Sprintf("99%06d%d", 100_000+i, cle))
		if err == nil {
			e.Finess, e.FinessGeo = f, f
			e.Identifiant, e.IDNat = f.String(), "1"+f.String()
			e.Nom = fmt.Sprintf("HÔPITAL DE CHARGE %06d (fictif)", i)
			return e, nil
		}
	}
	return e, fmt.Errorf("pas de FINESS pour l'établissement %d", i)
}

// remplir writes the circle and the portfolio.
func (t *terrain) remplir(ctx context.Context, l *laboratoire.Laboratoire, n int) (err error) {
	p, err := serveur.OuvrirPourCommande(ctx, t.f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Fermer()) }()
	tenant := serveur.TenantAMC(t.amc.Numero.String())
	if err := l.Admettre(ctx, p.Cercle, tenant); err != nil {
		return err
	}
	for debut := 0; debut < len(t.emetteurs); debut += lotEmissions {
		var liens []cercle.Lien
		for _, e := range t.emetteurs[debut:min(debut+lotEmissions, len(t.emetteurs))] {
			liens = append(liens, cercle.Lien{Tenant: tenant, Structure: e.lieu.IDNat, Role: cercle.RoleEtablissement, Identifiant: e.lieu.Identifiant})
		}
		if err := p.Cercle.Admettre(ctx, liens, cercle.Periode{Du: time.Now().Add(-24 * time.Hour)}, "laboratoire"); err != nil {
			return err
		}
	}
	if err := l.Portefeuille(ctx, p, t.amc); err != nil {
		return err
	}
	_, err = amcstore.New(p.Base, tenant).Portefeuille.Charger(ctx, beneficiaires(t.amc, n, t.jour), 20_000, nil)
	return err
}

// beneficiaires are the generated members of an insurer, as its tables hold them.
func beneficiaires(a *monde.AMC, n int, jour sante.Jour) iter.Seq[amc.Beneficiaire] {
	return func(suivre func(amc.Beneficiaire) bool) {
		for x := range monde.Generer(graineCharge, n, a, jour) {
			b := amc.Beneficiaire{Reference: x.Reference, NumeroAdherent: x.NumeroAdherent, NIR: x.NIR, NIRAssure: x.NIRAssure,
				NomNaissance: x.NomNaissance, NomUsage: x.NomUsage, Prenom: x.Prenom, DateNaissance: x.DateNaissance,
				RangGemellaire: x.RangGemellaire, IdentiteSure: x.IdentiteSure, Rang: x.Rang}
			for _, d := range x.Adhesions {
				b.Adhesions = append(b.Adhesions, amc.Adhesion{Contrat: d.Contrat, Debut: d.Debut, Fin: d.Fin, SuspenduDebut: d.SuspenduDebut, SuspenduFin: d.SuspenduFin})
			}
			if !suivre(b) {
				return
			}
		}
	}
}

// demarrer starts the server as a process of its own and waits until it is ready.
func (t *terrain) demarrer(ctx context.Context) error {
	moi, err := os.Executable()
	if err != nil {
		return err
	}
	sortie, err := os.Create(filepath.Join(filepath.Dir(t.f.Chemin), "serveur.log"))
	if err != nil {
		return err
	}
	defer sortie.Close()
	s := exec.Command(moi, "serve", "--config", t.f.Chemin, "--journalisation", "warn")
	s.Stdout, s.Stderr = sortie, sortie
	if err := s.Start(); err != nil {
		return err
	}
	t.pid = s.Process.Pid
	fini := make(chan error, 1)
	go func() { fini <- s.Wait() }()
	t.defaire = append(t.defaire, func() error {
		s.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-fini:
			return err
		case <-time.After(30 * time.Second):
			return errors.Join(errors.New("serveur qui ne s'arrête pas"), s.Process.Kill())
		}
	})
	for limite := time.Now().Add(time.Minute); time.Now().Before(limite); time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-fini:
			fini <- nil // fermer reads it again
			return fmt.Errorf("serveur arrêté avant d'être prêt, voir --garder et %s : %v", filepath.Base(sortie.Name()), err)
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		r, err := http.Get("http://" + t.f.Surveillance.Adresse + "/pret")
		if err != nil {
			continue
		}
		r.Body.Close()
		if r.StatusCode == http.StatusOK {
			return nil
		}
	}
	return errors.New("serveur toujours pas prêt après une minute")
}

// terrainExistant questions a laboratory that runs already, as the first hospital
// that its configuration holds.
func terrainExistant(ctx context.Context, o *Options) (t *terrain, err error) {
	f, err := config.Lire(o.Config)
	if err != nil {
		return nil, err
	}
	if !f.Laboratoire || len(f.AMC) == 0 || len(f.Etablissements) == 0 {
		return nil, errors.New("un laboratoire qui sert une AMC et un établissement est attendu (voir ecluse quickstart)")
	}
	t = &terrain{f: f, pid: o.PID, structure: f.AMC[0].Identite.Structure}
	m, err := monde.New(sante.JourA(time.Now(), sante.Paris()))
	if err != nil {
		return nil, err
	}
	t.jour = m.Jour
	for i := range m.AMC {
		if m.AMC[i].Numero.String() == f.AMC[0].Numero {
			t.amc = &m.AMC[i]
		}
	}
	if t.amc == nil {
		return nil, fmt.Errorf("AMC %s : une AMC du monde fictif est attendue", f.AMC[0].Numero)
	}
	if err := t.premierEtablissement(m); err != nil {
		return nil, err
	}
	if t.magasin, err = serveur.MagasinDe(f.Resoudre(f.Confiance.Autorites)); err != nil {
		return nil, err
	}
	return t, t.completer(ctx, o.Beneficiaires)
}

func (t *terrain) premierEtablissement(m *monde.Monde) error {
	c := &t.f.Etablissements[0]
	cachet, err := serveur.LireCachet(t.f, &c.Identite)
	if err != nil {
		return err
	}
	if t.canal, _, err = serveur.LireCle(t.f, c.Identite.Authentification); err != nil {
		return err
	}
	lieu := m.Etablissements[0]
	lieu.Categorie, lieu.Identifiant, lieu.IDNat, lieu.Nom = roc.Categorie(c.Categorie), c.Finess, c.Identite.Structure, c.Libelle
	if lieu.Finess, err = sante.ParseFINESS(c.Finess); err != nil {
		return err
	}
	if lieu.FinessGeo, err = sante.ParseFINESS(c.FinessGeo); err != nil {
		return err
	}
	t.emetteurs = []emetteur{{lieu, cachet}}
	return nil
}

// completer adds the generated members that the portfolio lacks.
func (t *terrain) completer(ctx context.Context, n int) (err error) {
	p, err := serveur.OuvrirPourCommande(ctx, t.f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Fermer()) }()
	st := amcstore.New(p.Base, serveur.TenantAMC(t.amc.Numero.String())).Portefeuille
	lot := make([]amc.Beneficiaire, 0, 500)
	ecrire := func() error {
		_, err := st.EcrireBeneficiaires(ctx, lot)
		lot = lot[:0]
		return err
	}
	for b := range beneficiaires(t.amc, n, t.jour) {
		if lot = append(lot, b); len(lot) == cap(lot) {
			if err := ecrire(); err != nil {
				return err
			}
		}
	}
	return ecrire()
}
