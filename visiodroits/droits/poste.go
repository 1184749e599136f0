package droits

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// OptionsPoste are what a workstation is made of. PS, Juge, Classeur and Magasin are
// needed; the rest has a useful zero value.
type OptionsPoste struct {
	PS            Professionnel
	Environnement roc.Environnement // Production when ""
	Juge          sceau.Juge        // the trust: whose certificates are believed
	Classeur      *visiodroits.Classeur
	Magasin       *Magasin
	// OCT carries the questions; nil asks insurers directly. With Repli the software goes
	// on without it when it does not answer.
	OCT   *OCT
	Repli bool
	// Miroirs are the base addresses where lists are published.
	Miroirs []string
	HTTP    *http.Client // reads lists
	// Transport holds the connections; one without client certificate when nil. Invoices
	// need one that shows the certificate of the pharmacy.
	Transport *roc.Transport
	// Cachet seals questions; nil asks without a seal, as the base level lets.
	Cachet func() *sceau.Cachet
	// Registre is written before each question; nil writes nothing.
	Registre roc.Registre
	Horloge  sante.Horloge // time.Now when nil
	Face     sceau.Face    // REST when ""
	Delai    time.Duration // for an answer; 5 s when zero
	// DelaiFactures is for the answer to invoices, that nobody waits for at the counter; 30 s
	// when zero.
	DelaiFactures time.Duration
	Essais        int // times a question is sent, at most; 2 when zero
}

// OCT is the concentrator of the pharmacy.
type OCT struct {
	Adresse   string // https base address
	Structure string // whose seal its refusals bear
	// Authentifiee is the address of its door that asks for a certificate, where invoices
	// go; without it they go to the insurer directly.
	Authentifiee string
	// Empreintes pin its servers: SHA-256 of the certificates that they may present, today's
	// and the next, in hexadecimal, that it gives with its addresses. The lists do not hold
	// them: it is no party of theirs. Any trusted certificate when empty. hyp: VISIO-OCT-EPINGLE
	Empreintes []string
}

// Poste is the workstation of a pharmacy on the identity side: it asks rights, keeps
// them, verifies them without a network, and goes on when a link is cut. It is safe for
// concurrent use. ref: VISIO §4 to §8
type Poste struct {
	*Veille // of the lists that it follows

	o        OptionsPoste
	direct   *roc.Client
	parOCT   *roc.Client // nil without OCT
	factures *roc.Client // by the door of the OCT that asks for a certificate; nil without
	envois   envois

	mu            sync.Mutex
	refus         map[string]refusVu
	relances      relances
	prochainEnvoi time.Time // of counters
}

// delaiDefaut is how long the counter waits: beyond, the degraded mode serves better.
// delaiFactures lets the insurer ask the third party first.
// hyp: VISIO-DELAI-POSTE
const (
	delaiDefaut   = 5 * time.Second
	delaiFactures = 30 * time.Second
)

// NouveauPoste makes a workstation and takes back the lists that the store has. The
// workstation is usable when the error only wraps ErrListesPerdues: it says which lists
// are no longer believed, and Actualiser asks them again.
func NouveauPoste(o OptionsPoste) (*Poste, error) {
	if o.PS.NumeroFacturation.IsZero() || o.PS.Categorie == "" || o.Juge == nil || o.Classeur == nil || o.Magasin == nil {
		return nil, errors.New("droits: un poste a un professionnel, une confiance, un classeur et un magasin")
	}
	if o.Horloge == nil {
		o.Horloge = time.Now
	}
	o.Environnement = cmp.Or(o.Environnement, roc.Production)
	o.Delai, o.Essais, o.DelaiFactures = cmp.Or(o.Delai, delaiDefaut), cmp.Or(o.Essais, 2), cmp.Or(o.DelaiFactures, delaiFactures)
	if o.Transport == nil {
		o.Transport = roc.NewTransport(nil, o.Juge, o.Horloge)
	}
	if o.Registre == nil {
		o.Registre = roc.SansRegistre{}
	}
	p := &Poste{o: o, refus: map[string]refusVu{}, envois: envois{reprises: map[string]reprise{}}}
	p.direct = p.client(nil)
	if o.OCT != nil {
		if !strings.HasPrefix(o.OCT.Adresse, "https://") || o.OCT.Structure == "" {
			return nil, errors.New("droits: un concentrateur a une adresse https et une structure")
		}
		p.parOCT = p.client(&roc.AccesRelais{Adresse: o.OCT.Adresse, Structure: o.OCT.Structure, Empreintes: o.OCT.Empreintes})
		if o.OCT.Authentifiee != "" {
			p.factures = p.client(&roc.AccesRelais{Adresse: o.OCT.Authentifiee, Structure: o.OCT.Structure, Empreintes: o.OCT.Empreintes})
		}
	}
	var err error
	p.Veille, err = NouvelleVeille(OptionsVeille{Classeur: o.Classeur, Magasin: o.Magasin, Miroirs: o.Miroirs, HTTP: o.HTTP, LAR: p.sourcesLAR, Horloge: o.Horloge})
	return p, err
}

func (p *Poste) client(relais *roc.AccesRelais) *roc.Client {
	o := &p.o
	return &roc.Client{Moi: roc.Partie{Type: roc.PS, ID: o.PS.NumeroFacturation.String()}, Environnement: o.Environnement, Cachet: o.Cachet, Juge: o.Juge,
		Transport: o.Transport, Registre: o.Registre, Horloge: o.Horloge, Face: o.Face, Relais: relais,
		Delais: roc.Delais{Ordinaire: o.Delai, Essais: o.Essais}}
}

// Errors of a question that cannot leave.
var (
	ErrDelivrance = errors.New("droits: la demande parle de ce qui est délivré, dans un nom ou un numéro (T621) : l'en retirer")
	ErrQuestion   = errors.New("droits: question incomplète ou hors du schéma")
)

// Droits asks the rights of a patient at a day of delivery, today when it is zero. Links
// that are cut are not errors: the sale says where the exchange stopped, and on what may
// be billed meanwhile, nor is a technical or security refusal, which says nothing of the
// rights. An error is a question that cannot leave, a store that fails, or the end of ctx.
func (p *Poste) Droits(ctx context.Context, patient Patient, carte Carte, jour sante.Jour) (*Vente, error) {
	return p.demander(ctx, p.question(patient, carte, jour), false)
}

// DroitsEtDossier is Droits with what opens a file at the third party, for a delivery that
// is priced on line: the sale then has a JetonDossier, unless its code is DossierRefuse. Such
// rights are given anew each time.
func (p *Poste) DroitsEtDossier(ctx context.Context, patient Patient, carte Carte, jour sante.Jour) (*Vente, error) {
	d := p.question(patient, carte, jour)
	d.NiveauService, d.PrestationsSpecifiques = Valorisation, true
	return p.demander(ctx, d, false)
}

func (p *Poste) question(patient Patient, carte Carte, jour sante.Jour) *DemandeDroits {
	if jour.IsZero() {
		jour = sante.JourA(p.o.Horloge(), sante.Paris())
	}
	return &DemandeDroits{PS: p.o.PS, Patient: patient, Carte: carte, DateReference: jour, NiveauService: Base}
}

// Garde gives the rights of a person as the store has them, without the network: what
// was shown at the last answer. nil when there are none that are still believed.
func (p *Poste) Garde(personne Personne, amc sante.NumeroAMC) (*Vente, error) {
	a := p.o.Horloge()
	l, err := p.tenus(personne, amc, a)
	if err != nil || len(l) == 0 {
		return nil, err
	}
	v := &Vente{Instant: a, AMC: amc, LibelleAMC: l[0].LibelleAMC, DateReference: sante.JourA(a, sante.Paris()), personne: personne}
	v.servir(l[0])
	d := AvantFacture(v.Accreditation, p.lar(v.Accreditation), v.DateReference, a)
	v.TiersPayant, v.Phrase, v.QuiAgit = d.Permis, d.Phrase, string(d.QuiAgit)
	return v, nil
}

// tenus are the rights that the store has of a person and that are still believed, the
// insurer's own first.
func (p *Poste) tenus(personne Personne, amc sante.NumeroAMC, a time.Time) ([]*tenus, error) {
	g, err := p.o.Magasin.Droits(personne, amc)
	if err != nil || g == nil {
		return nil, err
	}
	var x dossier
	if err := planDossier.DecodeJSON(g.Octets, &x); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMagasinAltere, err)
	}
	cles, err := p.Cles()
	if err != nil {
		return nil, err
	}
	var l []*tenus
	for _, f := range []*fournis{x.Normale, x.Depannage} {
		if f == nil {
			continue
		}
		if t, err := f.croire(personne, amc, p.o.PS.Categorie, cles, a); err == nil {
			l = append(l, t)
		}
	}
	return l, nil
}

// lar is the list of the issuer of an accreditation.
func (p *Poste) lar(s Accreditee) *LAR { return p.LAR(s.a.Emetteur()) }
