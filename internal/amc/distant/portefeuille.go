package distant

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Reglages are how the core system is called. The zero value of each but Adresse
// is a working default.
type Reglages struct {
	Adresse string        `toml:"adresse" comment:"Adresse https du système de l'AMC"`
	Delai   time.Duration `toml:"delai" comment:"Temps laissé à une réponse (2s par défaut, 8s au plus)"`
	Garde   time.Duration `toml:"garde" comment:"Temps de garde d'une réponse en mémoire (30s par défaut, -1s : jamais)"`
	Gardees int           `toml:"gardees" comment:"Réponses gardées en mémoire (20000 par défaut)"`
	Echecs  int           `toml:"echecs" comment:"Échecs de suite avant de laisser le système en repos (5 par défaut)"`
	Repos   time.Duration `toml:"repos" comment:"Durée du repos (10s par défaut)"`
}

// ErrReglages is returned for settings that cannot work.
var ErrReglages = errors.New("réglages du système de l'AMC refusés")

func (r Reglages) completer() (Reglages, error) {
	u, err := url.Parse(r.Adresse)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return r, fmt.Errorf("%w : adresse : adresse https attendue", ErrReglages)
	}
	defaut := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	defaut(&r.Delai, 2*time.Second)
	defaut(&r.Garde, 30*time.Second)
	defaut(&r.Repos, 10*time.Second)
	if r.Gardees == 0 {
		r.Gardees = 20000
	}
	if r.Echecs == 0 {
		r.Echecs = 5
	}
	if r.Delai < 0 || r.Delai > 8*time.Second || r.Garde > 10*time.Minute || r.Gardees < 2 || r.Echecs < 1 || r.Repos < 0 {
		return r, fmt.Errorf("%w : delai, garde, gardees, echecs ou repos hors de ses bornes", ErrReglages)
	}
	return r, nil
}

// Portefeuille asks the core system of an insurer. It is safe for concurrent use.
type Portefeuille struct {
	numero   sante.NumeroAMC
	reglages Reglages
	client   *http.Client
	sceau    Sceau
	contrats amc.Contrats
	horloge  sante.Horloge
	coupure  *disjoncteur
	cache    *cache
}

// New makes a portfolio that lives elsewhere. client holds the certificates of
// the TLS session; contrats keeps the versions of contracts that come, so that
// what was answered can be honoured and calculated again.
func New(numero sante.NumeroAMC, r Reglages, client *http.Client, s Sceau, contrats amc.Contrats, h sante.Horloge) (*Portefeuille, error) {
	r, err := r.completer()
	if err != nil {
		return nil, err
	}
	sansDetour := *client
	sansDetour.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Portefeuille{
		numero: numero, reglages: r, client: &sansDetour, sceau: s, contrats: contrats, horloge: h,
		coupure: &disjoncteur{echecsMax: r.Echecs, repos: r.Repos}, cache: &cache{duree: r.Garde, max: r.Gardees},
	}, nil
}

// Disponible tells whether the core system is called at the moment.
func (p *Portefeuille) Disponible() bool { return p.coupure.ferme(p.horloge()) }

// Chercher gives the persons that a key designates.
func (p *Portefeuille) Chercher(ctx context.Context, c *amc.Critere, jour sante.Jour) ([]amc.Beneficiaire, error) {
	k := cle(c, jour)
	if l, ok := p.cache.lire(k, p.horloge()); ok {
		return copier(l), nil
	}
	if !p.coupure.passer(p.horloge()) {
		return nil, fmt.Errorf("%w : en repos après des échecs", amc.ErrIndisponible)
	}
	l, err := p.appeler(ctx, c, jour)
	if ctx.Err() != nil {
		p.coupure.renoncer()
		return nil, fmt.Errorf("%w : %w", amc.ErrIndisponible, ctx.Err())
	}
	p.coupure.conclure(p.horloge(), err == nil)
	if err != nil {
		return nil, fmt.Errorf("%w : %w", amc.ErrIndisponible, err)
	}
	p.cache.garder(k, l, p.horloge())
	return copier(l), nil
}

// copier gives persons whose lists can be written in.
func copier(l []amc.Beneficiaire) []amc.Beneficiaire {
	r := make([]amc.Beneficiaire, len(l))
	for i, b := range l {
		r[i] = b
		r[i].Adhesions = append([]amc.Adhesion(nil), b.Adhesions...)
	}
	return r
}

func (p *Portefeuille) appeler(ctx context.Context, c *amc.Critere, jour sante.Jour) ([]amc.Beneficiaire, error) {
	question, err := Ecrire(&Question{
		AMC: p.numero, ID: rand.Text(), Instant: p.horloge().UTC(), Jour: jour,
		NumeroAdherent: c.NumeroAdherent, NIRBeneficiaire: c.NIRBeneficiaire, NIRAssure: c.NIRAssure,
	})
	if err != nil {
		return nil, err
	}
	texte, err := p.poster(ctx, question)
	if err != nil {
		return nil, err
	}
	var r Reponse
	if err := Lire(texte, &r); err != nil {
		return nil, err
	}
	if r.EmpreinteQuestion != Empreinte(question) {
		return nil, fmt.Errorf("%w : réponse à une autre question", ErrReponse)
	}
	return p.recevoir(ctx, &r, jour)
}

// poster sends a question and gives the bytes of the answer that the core system
// sealed.
func (p *Portefeuille) poster(ctx context.Context, question []byte) ([]byte, error) {
	sceau, err := p.sceau.Sceller(question, p.horloge())
	if err != nil {
		return nil, fmt.Errorf("sceller la question: %w", err)
	}
	ctx, annuler := context.WithTimeout(ctx, p.reglages.Delai)
	defer annuler()
	requete, err := http.NewRequestWithContext(ctx, http.MethodPost, p.reglages.Adresse, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	requete.Header.Set("Content-Type", "application/json")
	requete.Header.Set("Accept", "application/json")
	requete.Header.Set(EnteteSceau, sceau)
	reponse, err := p.client.Do(requete)
	if err != nil {
		return nil, fmt.Errorf("appeler le système de l'AMC: %w", err)
	}
	defer reponse.Body.Close()
	texte, err := io.ReadAll(io.LimitReader(reponse.Body, TailleMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("lire la réponse: %w", err)
	case reponse.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w : statut HTTP %d", ErrReponse, reponse.StatusCode)
	case len(texte) > TailleMax:
		return nil, fmt.Errorf("%w : plus de 1 Mio", ErrReponse)
	}
	if err := p.sceau.Verifier(reponse.Header.Get(EnteteSceau), texte, p.horloge()); err != nil {
		return nil, err
	}
	return texte, nil
}

// recevoir checks persons and contracts, keeps the contracts, and gives each
// adhesion its version.
func (p *Portefeuille) recevoir(ctx context.Context, r *Reponse, jour sante.Jour) ([]amc.Beneficiaire, error) {
	if len(r.Beneficiaires) > amc.CandidatsMax || len(r.Contrats) > 10*amc.CandidatsMax {
		return nil, fmt.Errorf("%w : trop de personnes ou de contrats", ErrReponse)
	}
	versions := make(map[string]amc.Version, len(r.Contrats))
	for _, texte := range r.Contrats {
		c, err := amc.LireContrat(texte)
		if err != nil {
			return nil, fmt.Errorf("%w : %w", ErrReponse, err)
		}
		if _, double := versions[c.Numero]; double || jour < c.Debut || (!c.Fin.IsZero() && jour > c.Fin) {
			return nil, fmt.Errorf("%w : contrat dit deux fois, ou pas en vigueur ce jour-là", ErrReponse)
		}
		empreinte, err := p.contrats.Garder(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("garder un contrat: %w", err)
		}
		versions[c.Numero] = amc.Version{Empreinte: empreinte, Debut: c.Debut, Fin: c.Fin}
	}
	for i := range r.Beneficiaires {
		b := &r.Beneficiaires[i]
		if err := b.Verifier(); err != nil {
			return nil, fmt.Errorf("%w : %w", ErrReponse, err)
		}
		for j := range b.Adhesions {
			b.Adhesions[j].Version = versions[b.Adhesions[j].Contrat]
		}
	}
	return r.Beneficiaires, nil
}
