package droits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// examen is one question, from the counter to the sale.
type examen struct {
	p        *Poste
	d        *DemandeDroits
	personne Personne
	debut    time.Time
	jour     sante.Jour // today
	tenus    []*tenus
	service  *visiodroits.ServiceTrouve // nil when the lists do not say where to ask
	reprise  bool                       // asked again in the background
	directe  bool
	crl      controlesCRL // of the seals of what answered
}

// echec is an exchange that stopped: where, and what is proved of it.
type echec struct {
	code   visiodroits.Code // 201 to 204, never 200
	classe ClasseErreur
	hote   Hote
	detail string   // French, for the counter
	refus  roc.Code // of a technical or security refusal; "" without
	cause  error
}

func (p *Poste) demander(ctx context.Context, d *DemandeDroits, reprise bool) (*Vente, error) {
	x := &examen{p: p, d: d, personne: d.personne(), debut: p.o.Horloge(), reprise: reprise}
	x.jour = sante.JourA(x.debut, sante.Paris())
	if d.PorteDelivrance() {
		return nil, ErrDelivrance
	}
	if err := EchangeDroits.CorpsDemande.Verify(d); err != nil || !x.personne.complete() || d.Carte.NumeroAMC.IsZero() {
		return nil, fmt.Errorf("%w : %w", ErrQuestion, errors.Join(err, ErrDroits))
	}
	var err error
	if x.tenus, err = p.tenus(x.personne, d.Carte.NumeroAMC, x.debut); err != nil {
		return nil, err
	}
	d.DroitsConnus = x.connus()
	v, e, err := x.chercher(ctx)
	switch {
	case err != nil:
		return nil, err
	case e != nil:
		if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, ctx.Err()
		}
		return x.degrader(e)
	case !reprise:
		p.lienRevenu()
	}
	return v, nil
}

// connus are the rights to quote, so that the insurer may say that nothing moved: its
// own, unless it revoked them. ref: VISIO §5.1, §7 rule 4
func (x *examen) connus() *Connus {
	for _, t := range x.tenus {
		if _, revoquee := x.p.lar(t.a).Effet(t.a.a.Numero); t.a.a.Type == Normale && !revoquee {
			return &Connus{NumeroAccreditation: t.a.a.Numero, DateMAJ: t.DateMAJ}
		}
	}
	return nil
}

// chercher finds the service in the lists and asks it. A service announced closed is asked
// all the same: the degraded mode wants the evidence of an attempt. ref: VISIO §8.3
func (x *examen) chercher(ctx context.Context) (*Vente, *echec, error) {
	s, err := x.trouver(x.debut)
	if l := x.p.o.Classeur.PasFraiches(x.d.Carte.NumeroAMC, x.debut); len(l) > 0 && !x.reprise {
		x.p.reveillerListes(visiodroits.GenreServices, l...)
	}
	var n *visiodroits.NonTrouve
	if errors.As(err, &n) {
		x.service = n.Service
		switch {
		case n.Situation == visiodroits.NonOuverte: // the only road to 200, with the seal of the insurer
			v, err := x.refuser(visiodroits.ServiceNonOuvert, n.Precision, false)
			return v, nil, err
		case n.Service == nil || n.Situation == visiodroits.AutreVersion:
			return nil, x.sansAdresse(ctx, n), nil
		}
		s, err = n.Service, nil
	}
	if err != nil {
		return nil, nil, err
	}
	x.service = s
	if len(s.Structures) == 0 {
		return nil, x.sansAdresse(ctx, &visiodroits.NonTrouve{Situation: visiodroits.ServiceNonDit, Precision: "la liste ne dit pas sous quel sceau il répond"}), nil
	}
	return x.interroger(ctx)
}

// sansAdresse is an exchange that could not begin: the workstation is off line, or its
// lists do not say where to ask. Its evidence is of the server that was tried instead.
func (x *examen) sansAdresse(ctx context.Context, n *visiodroits.NonTrouve) *echec {
	e := &echec{code: n.Code(), classe: ErreurReponse, detail: n.Situation.String()}
	if n.Precision != "" {
		e.detail += " : " + n.Precision
	}
	temoins := x.p.temoins(x.service)
	if len(temoins) == 0 {
		return e
	}
	e.hote, _ = HoteDe(temoins[0])
	if err := x.p.horsLigne(ctx, temoins); err != nil {
		e.code, e.classe, e.detail = visiodroits.PosteHorsLigne, Classer(err), ""
	}
	return e
}

// interroger asks by the concentrator, then without it when it is the one that does not
// answer and the software may.
func (x *examen) interroger(ctx context.Context) (*Vente, *echec, error) {
	if c := x.p.parOCT; c != nil {
		v, e, err := x.poser(ctx, c)
		if err != nil || e == nil || e.code != visiodroits.OCTInjoignable || !x.p.o.Repli {
			return v, e, err
		}
		x.directe = true
	}
	v, e, err := x.poser(ctx, x.p.direct)
	if err != nil || e == nil || !errors.Is(e.cause, roc.ErrEmpreinte) {
		return v, e, err
	}
	// A server that was renewed is in a list that the workstation has not read yet; one that
	// stands in its place is in none. ref: VISIO §9.3
	lecture, fin := context.WithTimeout(ctx, x.p.o.Delai)
	defer fin()
	if change, err := x.p.Relire(lecture, visiodroits.GenreServices, x.service.Emetteur); err != nil || !change {
		return nil, e, err
	}
	s, err := x.trouver(x.p.o.Horloge())
	if err != nil {
		return nil, e, nil
	}
	x.service = s
	return x.poser(ctx, x.p.direct)
}

// trouver finds the service in the lists of an instant.
func (x *examen) trouver(a time.Time) (*visiodroits.ServiceTrouve, error) {
	c := &x.d.Carte
	return x.p.o.Classeur.Service(visiodroits.Recherche{NumeroAMC: c.NumeroAMC, TypeConvention: c.TypeConvention, CSR: c.CSR,
		Service: visiodroits.DLD, Date: x.jour, Versions: []string{Norme.Profil}}, a)
}

func (x *examen) poser(ctx context.Context, c *roc.Client) (*Vente, *echec, error) {
	d, jugeant := *x.d, *c
	jugeant.Juge = jugeCompte{c.Juge, &x.crl}
	r, err := roc.Envoyer(ctx, &jugeant, EchangeDroits, cibleDe(x.service, x.jour), "-", &d, roc.Suivi{Sujet: d.Sujet()})
	if err != nil {
		e, err := x.situer(ctx, err, c.Relais != nil)
		return nil, e, err
	}
	v, err := x.recevoir(r)
	if deCle(err) { // the issuer may have changed its key since the list was read
		change, e := x.relireCles(ctx)
		if e != nil {
			return nil, nil, e
		}
		if change {
			v, err = x.recevoir(r)
		}
	}
	if errors.Is(err, ErrReponse) {
		e := x.echec(visiodroits.ServiceIndisponible, ErreurReponse, c.Relais != nil, "la réponse ne se vérifie pas")
		e.cause = err
		return nil, e, nil
	}
	if e := (*echecDit)(nil); errors.As(err, &e) {
		return nil, x.echec(e.code, ErreurReponse, c.Relais != nil, e.precision), nil
	}
	return v, nil, err
}

// echecDit is an answer that says that there is none.
type echecDit struct {
	code      visiodroits.Code
	precision string
}

func (e *echecDit) Error() string { return string(e.code) + " " + e.code.Libelle() }

// recevoir reads an answer whose seal is good.
func (x *examen) recevoir(r *roc.Rendu[FournitDroits]) (*Vente, error) {
	f := r.Corps
	// An operator in dépannage accredits, and speaks of nothing else in the insurer's name.
	depanneur := !slices.Contains(x.service.Structures, visiodroits.Structure(r.Repondant))
	code := f.CodeRetour
	switch {
	case code == visiodroits.Fournis || code == visiodroits.DossierRefuse:
		return x.accepter(f, depanneur)
	case depanneur && !code.Degrade():
		return nil, &echecDit{visiodroits.ServiceIndisponible, "l'AMC ne répond pas, et son opérateur n'accrédite pas : " + code.Libelle()}
	case code == visiodroits.Inchanges:
		return x.confirmer(f)
	case code == visiodroits.ServiceIndisponible || code == visiodroits.OperateurInjoignable:
		return nil, &echecDit{code, f.Precision}
	case code.Degrade(): // found by workstations only: nobody else may say them
		return nil, &echecDit{visiodroits.ServiceIndisponible, f.Precision}
	case code == visiodroits.ServiceNonOuvert && f.Etat != ServiceNonOuvert, code != visiodroits.ServiceNonOuvert && f.Etat == ServiceNonOuvert:
		return nil, fmt.Errorf("%w : le code et l'état se contredisent", ErrReponse)
	}
	return x.refuser(code, f.Precision, true)
}

// deCle tells whether an answer is not believed for the key that signed it.
func deCle(err error) bool {
	var e *jades.Erreur
	return errors.Is(err, ErrCleInconnue) || errors.Is(err, ErrClePerimee) || errors.As(err, &e) && e.Motif == jades.MotifSignature
}

// relireCles reads at once, and no oftener than each half minute, the keys of those who may
// accredit for the insurer. ref: VISIO §9.3
func (x *examen) relireCles(ctx context.Context) (change bool, err error) {
	ctx, fin := context.WithTimeout(ctx, x.p.o.Delai) // somebody waits at the counter
	defer fin()
	vus := map[visiodroits.Emetteur]bool{"": true}
	for _, e := range []visiodroits.Emetteur{x.service.Emetteur, x.service.Operateur, x.service.Depanneur(x.jour), visiodroits.Emetteur(x.service.NumeroAMC.String())} {
		if vus[e] {
			continue
		}
		vus[e] = true
		autre, err := x.p.Relire(ctx, visiodroits.GenreCertificats, e)
		if err != nil {
			return false, err
		}
		change = change || autre
	}
	return change, nil
}

// accepter verifies new rights and keeps them.
func (x *examen) accepter(f *FournitDroits, depanneur bool) (*Vente, error) {
	if f.Etat != Ouvert || f.Etendue == nil {
		return nil, fmt.Errorf("%w : droits fournis sans leur étendue", ErrReponse)
	}
	cles, err := x.p.Cles()
	if err != nil {
		return nil, err
	}
	n := &fournis{Accreditation: f.Accreditation, Etendue: *f.Etendue, DateMAJ: f.DateMAJ, LibelleAMC: x.service.Libelle}
	t, err := n.croire(x.personne, x.d.Carte.NumeroAMC, x.p.o.PS.Categorie, cles, x.p.o.Horloge())
	if errors.Is(err, ErrCleInconnue) || errors.Is(err, ErrClePerimee) || errors.Is(err, ErrMandat) { // a list not read yet may say them
		for _, g := range []visiodroits.Genre{visiodroits.GenreCertificats, visiodroits.GenreServices} {
			x.p.reveillerListes(g, x.service.Emetteur, x.service.Operateur, x.service.Depanneur(x.jour), visiodroits.Emetteur(x.service.NumeroAMC.String()))
		}
	}
	switch {
	case err != nil:
		return nil, err
	case depanneur && t.a.a.Type != Depannage:
		return nil, fmt.Errorf("%w : accréditation normale scellée par l'opérateur de dépannage", ErrReponse)
	case !t.a.a.Couvre(x.d.DateReference):
		return nil, fmt.Errorf("%w : droits qui ne couvrent pas le jour demandé", ErrReponse)
	}
	v := x.vente(f.CodeRetour)
	v.servir(t)
	v.JetonDossier = f.JetonDossier
	if t.a.a.Type == Depannage {
		v.Phrase += " par l'opérateur, en dépannage : l'AMC ne répond pas"
	}
	return v, x.p.o.Magasin.Ecrire(func(l *Lot) error {
		return errors.Join(x.garder(l, t, f.DureeConservation), x.clore(l, v))
	})
}

// garder keeps rights beside those of the other type.
func (x *examen) garder(l *Lot, t *tenus, duree int) error {
	var g dossier
	tout := append(slices.Clone(x.tenus), t)
	fin, garde := t.a.a.DroitsFin, tout[0]
	for _, y := range tout {
		if y.a.a.Type == Depannage {
			g.Depannage = y.fournis
			continue
		}
		g.Normale, garde = y.fournis, y
		fin = max(fin, y.a.a.DroitsFin)
	}
	a := garde.a.a
	jusque := fin + sante.Jour(x.service.NbJoursTolerance)
	if duree > 0 {
		jusque = min(jusque, x.jour+sante.Jour(duree))
	}
	return l.GarderDroits(x.personne, DroitsGardes{AMC: x.d.Carte.NumeroAMC, Numero: a.Numero, DroitsDebut: a.DroitsDebut, DroitsFin: a.DroitsFin,
		GarderJusque: jusque, DateMAJ: garde.DateMAJ, Octets: planDossier.AppendJSON(nil, &g)})
}

// confirmer takes « unchanged »: it is of the rights that the question quoted.
func (x *examen) confirmer(f *FournitDroits) (*Vente, error) {
	k := x.d.DroitsConnus
	if k == nil || f.Etat != NonModifie || !f.DateMAJ.Equal(k.DateMAJ) {
		return nil, fmt.Errorf("%w : « inchangés » sans droits cités, ou d'une autre mise à jour", ErrReponse)
	}
	for _, t := range x.tenus {
		if t.a.a.Numero != k.NumeroAccreditation {
			continue
		}
		if !t.a.a.Couvre(x.d.DateReference) {
			break
		}
		v := x.vente(visiodroits.Inchanges)
		v.servir(t)
		return v, x.p.o.Magasin.Ecrire(func(l *Lot) error { return x.clore(l, v) })
	}
	return nil, fmt.Errorf("%w : « inchangés » pour des droits qui ne couvrent pas le jour demandé", ErrReponse)
}

// dementis are the refusals by which an insurer takes back what it gave. hyp: VISIO-REPRISE
var dementis = []visiodroits.Code{visiodroits.BeneficiaireInconnu, visiodroits.DroitsFermes, visiodroits.TiersPayantRefuse, visiodroits.CSSParLaCaisse}

// refuser is the end of a question that the insurer refuses. What it says of today takes
// back the rights that it had given for today; of another day, it takes nothing.
func (x *examen) refuser(code visiodroits.Code, precision string, repondu bool) (*Vente, error) {
	v := x.vente(code)
	if precision != "" {
		v.Phrase += " : " + precision
	}
	reprendre := repondu && x.d.DateReference == x.jour && slices.Contains(dementis, code)
	return v, x.p.o.Magasin.Ecrire(func(l *Lot) error {
		if reprendre {
			l.RetirerDroits(x.personne, x.d.Carte.NumeroAMC)
		}
		return x.clore(l, v)
	})
}

// vente is a sale with what its code says.
func (x *examen) vente(code visiodroits.Code) *Vente {
	s := code.Signification()
	v := &Vente{Instant: x.p.o.Horloge(), AMC: x.d.Carte.NumeroAMC, DateReference: x.d.DateReference, Code: code,
		Phrase: s.Libelle, QuiAgit: s.Qui, AFaire: s.AFaire, Directe: x.directe, personne: x.personne}
	if x.service != nil {
		v.LibelleAMC, v.tolerance = x.service.Libelle, x.service.NbJoursTolerance
	}
	return v
}

// clore counts an answered question, and takes it off those that wait.
func (x *examen) clore(l *Lot, v *Vente) error {
	l.RetirerAttente(x.personne, x.d.Carte.NumeroAMC)
	return x.compter(l, v)
}
