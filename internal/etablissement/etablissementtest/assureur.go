package etablissementtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// ErrPerdue: the answer was lost on its way; the question was served.
var ErrPerdue = errors.New("etablissementtest: réponse perdue")

// Assureurs answers for every insurer, as the rules of the exchange say: the same
// idMessage gives the same answer, one engagement at a time for a file and an
// insurer, and shares computed from the contract. It is safe for concurrent use.
type Assureurs struct {
	Moteur calcul.Moteur
	Jour   sante.Jour // first day of what it commits to

	mu         sync.Mutex
	Contrats   map[sante.NumeroAMC]calcul.Contrat
	Remplacees map[sante.NumeroAMC]sante.NumeroAMC
	Retoucher  func(r *roc.ReponseIDB)    // last word on rights, when set
	Fausser    func(r *roc.ReponseCalcul) // spoils an answer, when set
	Refuser    func(s roc.Service) error  // before serving, when set
	Perdre     func(s roc.Service) bool   // after serving, when set
	ExigerSIM  bool                       // a calculation wants an estimate first (C306)

	servis map[roc.UUID]servi
	droits map[string]bool
	simule map[string]bool
	// Engagements counts what each number is: true while it binds.
	Engagements map[roc.NumeroEngagement]bool
	parDossier  map[string]roc.NumeroEngagement
	Recues      []roc.Service
}

type servi struct {
	corps []byte
	rep   any
}

var _ etablissement.Exchange = (*Assureurs)(nil)

// NewAssureurs makes insurers with these contracts.
func NewAssureurs(m calcul.Moteur, jour sante.Jour, contrats map[sante.NumeroAMC]calcul.Contrat) *Assureurs {
	return &Assureurs{Moteur: m, Jour: jour, Contrats: contrats, servis: map[roc.UUID]servi{}, droits: map[string]bool{}, simule: map[string]bool{},
		Engagements: map[roc.NumeroEngagement]bool{}, parDossier: map[string]roc.NumeroEngagement{}}
}

// servir serves a question once, and gives the same answer to the same question.
func servir[Q, R any](a *Assureurs, service roc.Service, plan *trame.Plan[Q], d *Q, s roc.Suivi, regle func() *R) (*R, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Recues = append(a.Recues, service)
	if a.Refuser != nil {
		if err := a.Refuser(service); err != nil {
			return nil, err
		}
	}
	corps := plan.AppendJSON(nil, d)
	k, deja := a.servis[s.IDMessage]
	if deja && !bytes.Equal(k.corps, corps) {
		return nil, roc.Refuser(roc.MemeID, "")
	}
	if !deja {
		k = servi{corps, regle()}
		a.servis[s.IDMessage] = k
	}
	if a.Perdre != nil && a.Perdre(service) {
		return nil, ErrPerdue
	}
	r := *k.rep.(*R)
	return &r, nil
}

// Annuaire knows the insurers that have a contract or a successor.
func (a *Assureurs) Annuaire(_ context.Context, r roc.Routage) (*roc.ReponseAnnuaire, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n, ok := a.Remplacees[r.NumeroAMC]; ok {
		return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AMCRemplacee, ""), NumeroAMCCible: n}, nil
	}
	if _, ok := a.Contrats[r.NumeroAMC]; !ok {
		return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AMCInconnue, "")}, nil
	}
	return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: r.NumeroAMC, LibelleAMC: "Mutuelle fictive " + r.NumeroAMC.String(),
		Points: []roc.Point{{Service: roc.IDB, Adresse: "https://amc.invalid"}, {Service: roc.SIM, Adresse: "https://amc.invalid"}}}, nil
}

var (
	planIDB = trame.Pour[roc.DemandeIDB](roc.Espace)
	planCLC = trame.Pour[roc.DemandeCalcul](roc.Espace)
	planDEL = trame.Pour[roc.DemandeDEL](roc.Espace)
)

// IDB knows every member whose number begins with ADH-.
func (a *Assureurs) IDB(_ context.Context, _ string, d *roc.DemandeIDB, s roc.Suivi) (*roc.ReponseIDB, error) {
	return servir(a, roc.IDB, planIDB, d, s, func() *roc.ReponseIDB { return a.idb(d) })
}

func (a *Assureurs) idb(d *roc.DemandeIDB) *roc.ReponseIDB {
	c, ok := a.Contrats[d.Carte.NumeroAMC]
	if !ok || len(d.Beneficiaire.NumeroAdherent.String()) < 5 {
		return &roc.ReponseIDB{Retour: roc.RetourDe(roc.BeneficiaireInconnu, ""), StatutDroits: roc.DroitInconnu}
	}
	oui := true
	r := &roc.ReponseIDB{Retour: roc.RetourDe(roc.Accepte, ""), StatutDroits: roc.DroitsOuverts, IDReponseIDB: "IDB-" + rand.Text()[:16],
		DroitsDebut: a.Jour - 200, DroitsFin: a.Jour + 200, TiersPayantAutorise: &oui, ContratResponsable: &c.Responsable,
		TypeContrat: roc.ContratIndividuel, ModeCalcul: roc.CalculCLC, Formules: c.Garanties, Exclusions: c.Exclusions}
	if a.Retoucher != nil {
		a.Retoucher(r)
	}
	a.droits[r.IDReponseIDB] = true
	return r
}

// Garantir gives a local guarantee to an answer on rights.
func Garantir(amc sante.NumeroAMC, jour sante.Jour, max *sante.Montant) func(*roc.ReponseIDB) {
	return func(r *roc.ReponseIDB) {
		n, err := roc.TirerNumeroEngagement(amc, nil)
		if err != nil {
			panic(err)
		}
		r.ModeCalcul = roc.CalculLocalOuCLC
		r.GarantieLocale = &roc.GarantieLocale{Numero: n, Debut: jour - 60, Fin: jour + 60, MontantMax: max}
	}
}

// SIM computes as CLC does and commits nobody.
func (a *Assureurs) SIM(_ context.Context, dossier string, d *roc.DemandeCalcul, s roc.Suivi) (*roc.ReponseCalcul, error) {
	return servir(a, roc.SIM, planCLC, d, s, func() *roc.ReponseCalcul {
		r := a.repartir(d)
		if r.CodeRetour.Accord() {
			a.simule[dossier+"|"+d.Carte.NumeroAMC.String()] = true
			r.Caractere, r.IDSimulation, r.DateFinIndicative = roc.Indicatif, "SIM-"+rand.Text()[:16], a.Jour+30
		}
		return r
	})
}

// CLC commits the insurer, once for a file.
func (a *Assureurs) CLC(_ context.Context, dossier string, d *roc.DemandeCalcul, s roc.Suivi) (*roc.ReponseCalcul, error) {
	return servir(a, roc.CLC, planCLC, d, s, func() *roc.ReponseCalcul { return a.clc(dossier, d) })
}

func (a *Assureurs) clc(dossier string, d *roc.DemandeCalcul) *roc.ReponseCalcul {
	if !a.droits[d.IDReponseIDB] {
		return &roc.ReponseCalcul{Retour: roc.RetourDe(roc.IDBInconnue, "")}
	}
	cle := dossier + "|" + d.Carte.NumeroAMC.String()
	if a.ExigerSIM && !a.simule[cle] {
		return &roc.ReponseCalcul{Retour: roc.RetourDe(roc.SimulationRequise, "")}
	}
	if n := a.parDossier[cle]; a.Engagements[n] {
		return &roc.ReponseCalcul{Retour: roc.RetourDe(roc.EngagementExistant, ""), NumeroEngagement: n}
	}
	r := a.repartir(d)
	if !r.CodeRetour.Accord() {
		return r
	}
	n, err := roc.TirerNumeroEngagement(d.Carte.NumeroAMC, nil)
	if err != nil {
		panic(err)
	}
	r.Caractere, r.NumeroEngagement, r.EngagementDebut, r.EngagementFin = roc.Engagement, n, a.Jour, a.Jour+90
	a.Engagements[n], a.parDossier[cle] = true, n
	if a.Fausser != nil {
		a.Fausser(r)
	}
	return r
}

func (a *Assureurs) repartir(d *roc.DemandeCalcul) *roc.ReponseCalcul {
	r, _, err := roc.Repartir(a.Moteur, a.Contrats[d.Carte.NumeroAMC], d, nil)
	var rejet *calcul.Rejet
	if errors.As(err, &rejet) {
		return &roc.ReponseCalcul{Retour: roc.RetourDe(roc.Code(rejet.Code), rejet.Detail)}
	}
	if err != nil {
		panic(err)
	}
	return r
}

// DEL gives an engagement back.
func (a *Assureurs) DEL(_ context.Context, _ string, _ roc.Routage, d *roc.DemandeDEL, s roc.Suivi) (*roc.ReponseDEL, error) {
	return servir(a, roc.DEL, planDEL, d, s, func() *roc.ReponseDEL {
		if d.IDSimulation != "" {
			return &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, ""), EtatEngagement: roc.EtatAnnule, DateAnnulation: a.Jour}
		}
		engage, connu := a.Engagements[d.NumeroEngagement]
		switch {
		case !connu:
			return &roc.ReponseDEL{Retour: roc.RetourDe(roc.EngagementInconnu, ""), EtatEngagement: roc.EngagementPasTrouve}
		case !engage:
			return &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, ""), EtatEngagement: roc.EtatDejaAnnule, DateAnnulation: a.Jour}
		}
		a.Engagements[d.NumeroEngagement] = false
		return &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, ""), EtatEngagement: roc.EtatAnnule, DateAnnulation: a.Jour}
	})
}

// Engagement tells the state of an engagement.
func (a *Assureurs) Engagement(_ context.Context, dossier string, _ roc.Routage, d *roc.DemandeEngagement) (*roc.ReponseEngagement, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := &roc.ReponseEngagement{Retour: roc.RetourDe(roc.Accepte, ""), IDDossier: dossier, EtatEngagement: roc.EngagementEnCours}
	if !a.Engagements[d.NumeroEngagement] {
		r.EtatEngagement = roc.EtatAnnule
	}
	return r, nil
}

// Engages counts the engagements that bind.
func (a *Assureurs) Engages() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range a.Engagements {
		if e {
			n++
		}
	}
	return n
}

// Regler changes how the insurers behave.
func (a *Assureurs) Regler(f func(*Assureurs)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(a)
}

// Oublier forgets every answer on rights, as an insurer restored from a backup.
func (a *Assureurs) Oublier() { a.Regler(func(a *Assureurs) { a.droits = map[string]bool{} }) }
