package serveur

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/ldap"
	"github.com/ecluse-sante/ecluse/internal/config"
)

// Families of those who did not say who they are.
const familleAnonyme = "anonyme"

// lecteursAnnuaire says who reads the directory: the readers of the configuration, by
// what they show, and the public.
type lecteursAnnuaire struct {
	a             *AnnuaireSante
	noeud         string // this process, for the counts that nodes put together
	parCle        map[[sha256.Size]byte]*compteLecteur
	parCertificat map[[sha256.Size]byte]*compteLecteur
	parNom        map[string]*compteLecteur
	public        *annuaire.Vision
}

// compteLecteur is one reader of the configuration.
type compteLecteur struct {
	a       *AnnuaireSante
	c       *config.Lecteur
	cle     [sha256.Size]byte
	avecCle bool
	vue     atomic.Pointer[vueLecteur]
}

// vueLecteur is what a reader sees, drawn from one generation of the directory: which
// records are his is found there.
type vueLecteur struct {
	generation uint64
	vision     *annuaire.Vision
}

func (a *AnnuaireSante) lireLecteurs() (*lecteursAnnuaire, error) {
	l := &lecteursAnnuaire{a: a, parCle: map[[32]byte]*compteLecteur{}, parCertificat: map[[32]byte]*compteLecteur{}, parNom: map[string]*compteLecteur{}}
	var alea [8]byte
	if _, err := rand.Read(alea[:]); err != nil {
		return nil, err
	}
	l.noeud = hex.EncodeToString(alea[:])
	var err error
	if l.public, err = a.Donnees.Regards.Vision(&annuaire.Acteur{Famille: familleAnonyme}); err != nil {
		return nil, err
	}
	for i := range a.c.Lecteurs {
		c := &compteLecteur{a: a, c: &a.c.Lecteurs[i]}
		if _, ok := a.Donnees.Regards.Famille(c.c.Famille); !ok {
			return nil, fmt.Errorf("lecteur %s : famille « %s » absente de familles.csv", c.c.Nom, c.c.Famille)
		}
		l.parNom[c.c.Nom] = c
		if c.c.Certificat != "" {
			e, err := lireEmpreinte(c.c.Certificat)
			if err != nil {
				return nil, fmt.Errorf("lecteur %s : %w", c.c.Nom, err)
			}
			l.parCertificat[e] = c
		}
		if c.c.Cle == "" {
			continue
		}
		b, err := os.ReadFile(a.p.Fichier.Resoudre(c.c.Cle))
		if err == nil {
			c.cle, err = lireEmpreinte(string(b))
		}
		if err != nil {
			return nil, fmt.Errorf("lecteur %s : %w", c.c.Nom, err)
		}
		c.avecCle = true
		l.parCle[c.cle] = c
	}
	return l, nil
}

func lireEmpreinte(s string) (e [sha256.Size]byte, err error) {
	b, err := hex.DecodeString(strings.TrimSpace(s))
	if err != nil || len(b) != len(e) {
		return e, errors.New("SHA-256 en hexadécimal attendu")
	}
	return [sha256.Size]byte(b), nil
}

// vision is what the reader sees, with the purpose that he says, or that of the
// configuration.
func (c *compteLecteur) vision(motif string) (*annuaire.Vision, error) {
	v := c.a.Images.Vue()
	defer v.Rendre()
	if motif == "" {
		if t := c.vue.Load(); t != nil && t.generation == v.Generation() {
			return t.vision, nil
		}
	}
	x := &annuaire.Acteur{ID: c.c.Nom, Famille: c.c.Famille, Domaines: c.c.Domaines, Autorites: c.c.Autorites, Motif: motif,
		Praticiens: fichesDe(v, annuaire.Praticiens, c.c.Praticiens), Structures: fichesDe(v, annuaire.Structures, c.c.Structures)}
	if motif == "" {
		x.Motif = c.c.Motif
	}
	if len(x.Structures) > 0 {
		x.Agents = c.a.agents(x.Structures)
	}
	r, err := c.a.Donnees.Regards.Vision(x)
	if err == nil && motif == "" {
		c.vue.Store(&vueLecteur{v.Generation(), r})
	}
	return r, err
}

// fichesDe gives the IDs of the records of national identifiers.
func fichesDe(v *image.Vue, n annuaire.Nature, identifiants []string) (ids []string) {
	for _, x := range identifiants {
		p, err := v.Chercher(&annuaire.Question{Nature: n, Nombre: 16, Critere: &annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParIdentifiant, Valeur: x}})
		if err != nil {
			continue
		}
		for _, r := range p.Refs {
			ids = append(ids, strings.Clone(v.ID(r)))
		}
	}
	return ids
}

// agents tells who works in structures.
func (a *AnnuaireSante) agents(structures []string) func(string) bool {
	var ici []annuaire.Critere
	for _, s := range structures {
		ici = append(ici, annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParStructure, Valeur: s})
	}
	return func(praticien string) bool {
		v := a.Images.Vue()
		defer v.Rendre()
		p, err := v.Chercher(&annuaire.Question{Nature: annuaire.Situations, Nombre: 1, Critere: &annuaire.Critere{Op: annuaire.Et, Fils: []annuaire.Critere{
			{Op: annuaire.Egal, Champ: annuaire.ParPraticien, Valeur: praticien},
			{Op: annuaire.Egal, Champ: annuaire.ParActif, Valeur: "true"},
			{Op: annuaire.Ou, Fils: ici}}}})
		return err == nil && len(p.Refs) > 0
	}
}

// Errors of who is not recognised: nothing tells which part was wrong.
var errCleInconnue = &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: fhir.CodeLogin,
	Diagnostics: "clé ou certificat inconnu : le demander à l'exploitant de l'annuaire, ou ne rien présenter pour lire les données publiques"}, HTTP: http.StatusUnauthorized}

// reconnaitre finds who a request is from: by his certificate, by his key, or the
// public, whose name is his address under a keyed digest.
func (l *lecteursAnnuaire) reconnaitre(r *http.Request) (*annuaire.Vision, string, error) {
	c, err := l.compte(r)
	if err != nil {
		return nil, "", err
	}
	if c == nil {
		ap, _ := netip.ParseAddrPort(r.RemoteAddr)
		return l.public, l.pseudonyme(ap.Addr()), nil
	}
	v, err := c.vision(r.Header.Get("X-Motif"))
	return v, c.c.Nom, err
}

func (l *lecteursAnnuaire) pseudonyme(a netip.Addr) string {
	return l.a.p.pseudos.Adresse(a).String()
}

func (l *lecteursAnnuaire) compte(r *http.Request) (*compteLecteur, error) {
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		if c := l.parCertificat[sha256.Sum256(r.TLS.PeerCertificates[0].Raw)]; c != nil {
			return c, l.juger(r.TLS.PeerCertificates)
		}
	}
	cle := r.Header.Get("ESANTE-API-KEY")
	if cle == "" {
		cle, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	if cle == "" {
		return nil, nil
	}
	// The digests are compared whole by the map: what is learnt from its time is nothing of
	// the key.
	if c := l.parCle[sha256.Sum256([]byte(cle))]; c != nil {
		return c, nil
	}
	return nil, errCleInconnue
}

// juger wants a certificate that stands today: its path, its dates, its revocation.
func (l *lecteursAnnuaire) juger(chaine []*x509.Certificate) error {
	var suite [][]byte
	for _, c := range chaine[1:] {
		suite = append(suite, c.Raw)
	}
	if _, err := l.a.p.Magasin.Juger(chaine[0].Raw, suite, certificat.UsageTLSClient, l.a.p.Horloge()); err != nil {
		return &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: fhir.CodeLogin, Diagnostics: "certificat refusé : " + err.Error()}, HTTP: http.StatusForbidden}
	}
	return nil
}

// cleVision is where a request carries what its author sees.
type cleVision struct{}

type lu struct {
	vision  *annuaire.Vision
	lecteur *annuaire.Lecteur // where he is counted
	err     error
}

// garder recognises who asks, counts him, slows him down or refuses him.
func (l *lecteursAnnuaire) garder(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, nom, err := l.reconnaitre(r)
		x := &lu{vision: v, err: err}
		if err == nil {
			x.lecteur = l.a.garde.Lecteur(nom, v.Acteur().Famille)
			x.err = l.admettre(r.Context(), w.Header(), x.lecteur)
		}
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), cleVision{}, x)))
	})
}

// admettre counts a request: the answer says what is left, waits, or is a refusal.
func (l *lecteursAnnuaire) admettre(ctx context.Context, h http.Header, g *annuaire.Lecteur) error {
	rep := g.Entrer(l.a.p.Horloge())
	for nom, v := range rep.Entetes() {
		h.Set(nom, v)
	}
	if rep.Refuse {
		return &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: fhir.CodeThrottled, Diagnostics: rep.Code.Texte()}, HTTP: http.StatusTooManyRequests}
	}
	return patienter(ctx, rep.Delai)
}

func patienter(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// qui is front.Options.Qui: who was recognised before.
func (l *lecteursAnnuaire) qui(r *http.Request) (*annuaire.Vision, error) {
	x, ok := r.Context().Value(cleVision{}).(*lu)
	if !ok {
		return nil, errCleInconnue
	}
	return x.vision, x.err
}

// compter is front.Options.Compter: each record that is shown counts.
func (l *lecteursAnnuaire) compter(r *http.Request) func(id string) {
	if x, ok := r.Context().Value(cleVision{}).(*lu); ok && x.lecteur != nil {
		return x.lecteur.Lire
	}
	return nil
}

// Reconnaitre implements ldap.Portier: a name cn=NOM,ou=lecteurs,o=annuaire,c=fr and
// its key, or a certificate.
func (l *lecteursAnnuaire) Reconnaitre(_ context.Context, p ldap.Preuve) (ldap.Lecteur, error) {
	if len(p.Certificats) > 0 {
		c := l.parCertificat[sha256.Sum256(p.Certificats[0].Raw)]
		if c == nil || l.juger(p.Certificats) != nil {
			return ldap.Lecteur{}, ldap.Inconnu()
		}
		return l.lecteurLDAP(c)
	}
	if p.Nom == "" {
		return ldap.Lecteur{Vision: l.public, Garde: l.gardeLDAP(l.pseudonyme(p.Adresse), l.public)}, nil
	}
	nom, ok := ldap.NomDeLecteur(p.Nom)
	if !ok {
		return ldap.Lecteur{}, ldap.Inconnu()
	}
	for n, c := range l.parNom {
		if strings.EqualFold(n, nom) && c.avecCle && c.cle == sha256.Sum256(p.MotDePasse) {
			return l.lecteurLDAP(c)
		}
	}
	return ldap.Lecteur{}, ldap.Inconnu()
}

func (l *lecteursAnnuaire) lecteurLDAP(c *compteLecteur) (ldap.Lecteur, error) {
	v, err := c.vision("")
	if err != nil {
		return ldap.Lecteur{}, ldap.Inconnu()
	}
	return ldap.Lecteur{Qui: "dn:" + ldap.DNDeLecteur(c.c.Nom), Vision: v, Garde: l.gardeLDAP(c.c.Nom, v)}, nil
}

// gardeLDAP counts and traces one reader at the LDAP door.
func (l *lecteursAnnuaire) gardeLDAP(nom string, v *annuaire.Vision) ldap.Garde {
	return &ldap.Gardien{Lecteur: l.a.garde.Lecteur(nom, v.Acteur().Famille), Vision: v, Traceur: l.a.Registre, Horloge: l.a.p.Horloge}
}
