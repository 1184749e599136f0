package serveur

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// cercleGate is gate.Cercle over the circle of trust.
type cercleGate struct{ *cercle.Cercle }

var rolesCercle = map[roc.TypePartie]cercle.Role{
	roc.ES: cercle.RoleEtablissement, roc.AMC: cercle.RoleAMC, roc.OTP: cercle.RoleOperateur,
	roc.OCT: cercle.RoleRelais, roc.Annuaire: cercle.RoleAnnuaire, roc.PS: cercle.RoleProfessionnel, roc.Tiers: cercle.RoleTiers,
}

// Scelle asks the circle with the sealer on his own channel.
func (c cercleGate) Scelle(tenant, structure string, p roc.Partie, a time.Time) error {
	return c.Porte(tenant, structure, structure, p, a)
}

// Porte asks the circle.
func (c cercleGate) Porte(tenant, canal, scelleur string, p roc.Partie, a time.Time) error {
	err := c.Verifier(cercle.Question{Tenant: tenant, Canal: canal, Scelleur: scelleur,
		EmetteurType: rolesCercle[p.Type], EmetteurID: p.ID, A: a})
	var r *cercle.Refus
	if errors.As(err, &r) {
		return &roc.Refus{Code: roc.Code(r.Code()), Detail: r.Phrase(), Cause: err}
	}
	return err
}

// Relaie asks the circle.
func (c cercleGate) Relaie(tenant, canal string, p roc.Partie, a time.Time) bool {
	return c.Cercle.Relaie(tenant, canal, rolesCercle[p.Type], p.ID, a)
}

// vigieGate is gate.Vigie over quotas, fairness and events.
type vigieGate struct {
	garde     *vigie.Garde
	admission *vigie.Admission
	anonymes  *vigie.Admission // of those who show no certificate
	alertes   vigie.Alertes
	bornes    vigie.Bornes
	horloge   sante.Horloge
}

func refusVigie(err error) error {
	var r *vigie.Refus
	if errors.As(err, &r) {
		return &roc.Refus{Code: r.Code, Detail: r.Raison, Reprise: int(r.Attendre / time.Second), Cause: err}
	}
	return err
}

// Entrer waits for a place in service.
func (v vigieGate) Entrer(ctx context.Context, partenaire string) (func(), error) {
	sortir, err := v.admission.Entrer(ctx, partenaire, 1)
	return sortir, refusVigie(err)
}

// EntrerAnonyme waits for a place among those who show no certificate.
func (v vigieGate) EntrerAnonyme(ctx context.Context, adresse string) (func(), error) {
	sortir, err := v.anonymes.Entrer(ctx, adresse, 1)
	return sortir, refusVigie(err)
}

// Demander counts a question for who asks it, and rights for the professional too, by day:
// the one that a seal proved, or the channel where nothing proves whom. Counted under the
// name that an unsealed question gives, anybody could use up another's day.
func (v vigieGate) Demander(_ context.Context, tenant, demandeur, emetteur string, s roc.Service) error {
	voie := vigie.Questions
	switch s {
	case roc.DRE, roc.FAO:
		voie = vigie.Factures
	case roc.DLD, roc.STA:
		voie = vigie.Droits
	}
	now := v.horloge()
	if err := v.garde.Admettre(tenant, demandeur, voie, now); err != nil || voie != vigie.Droits {
		return refusVigie(err)
	}
	for _, limite := range v.bornes.A(vigie.DroitsParJour, sante.JourA(now, sante.Paris())) {
		// hyp: VIGIE-JOUR
		if err := v.garde.AdmettreDuJour(tenant, cmp.Or(emetteur, demandeur), limite, now); err != nil {
			return refusVigie(err)
		}
	}
	return nil
}

var evenements = map[roc.Code]vigie.CodeEvenement{
	roc.AutreIdentifiant: vigie.IdentiteRefusee, roc.SceauInvalide: vigie.SceauRefuse, roc.CertificatRefuse: vigie.CertificatRefuse,
	roc.Rejeu: vigie.RejeuRefuse, roc.HorsCercle: vigie.HorsCercle,
}

// Signaler reports a security refusal; quotas are reported by the watch itself.
func (v vigieGate) Signaler(_ context.Context, tenant, structure string, c roc.Code, detail string) {
	if e, ok := evenements[c]; ok {
		v.alertes.Signaler(vigie.Evenement{Quand: v.horloge(), Gravite: vigie.Attention, Code: e, Tenant: tenant, Structure: structure, Detail: detail})
	}
}

// journaux writes the leaves of every party of the process.
type journaux struct {
	par     map[string]*journal.Journal
	sels    map[string][]byte // key of the pseudonyms of each journal
	cachets cachets
}

var errSansJournal = errors.New("locataire sans journal")

// Preparer files the chains and the lists that judged seals.
func (j *journaux) Preparer(ctx context.Context, tenant string, verdicts ...certificat.Verdict) error {
	jr := j.par[tenant]
	if jr == nil {
		return errSansJournal
	}
	for _, v := range verdicts {
		if _, _, err := deposer(ctx, jr, v); err != nil {
			return err
		}
	}
	_, err := j.cachets.deposer(ctx, tenant, jr)
	return err
}

func deposer(ctx context.Context, jr *journal.Journal, v certificat.Verdict) (chaine, listes []preuve.Hash, err error) {
	if v.Porteur == nil {
		return nil, nil, nil
	}
	for _, der := range v.Porteur.Chaine() {
		h, err := jr.Deposer(ctx, der)
		if err != nil {
			return nil, nil, err
		}
		chaine = append(chaine, h)
	}
	for _, l := range append([]*certificat.Liste{v.Liste, v.Base}, v.Superieures[:]...) {
		if l == nil {
			continue
		}
		h, err := jr.Deposer(ctx, l.DER())
		if err != nil {
			return nil, nil, err
		}
		listes = append(listes, h)
	}
	return chaine, listes, nil
}

// proscrite tells a question of town that was refused because it tells what its recipient may
// not read: he does not keep it either, and its leaf has digests alone. ref: VISIO §10 rule 2
func proscrite(t *gate.Trace) bool {
	for _, c := range []visiodroits.Code{visiodroits.IdentiteInterdite, visiodroits.DetailInterdit} {
		if t.Code == roc.Code(c) || t.Code == roc.Illisible && strings.HasPrefix(t.Detail, string(c)) {
			return true
		}
	}
	return false
}

// Ecrire writes the leaf of an exchange that came through the gate.
func (j *journaux) Ecrire(ctx context.Context, t *gate.Trace) (string, error) {
	jr := j.par[t.Tenant]
	if jr == nil {
		return "", errSansJournal
	}
	if proscrite(t) {
		f, err := jr.Ecrire(ctx, j.trace(t), journal.Contenu{})
		return f.Hash.Hex(), err
	}
	c := journal.Contenu{Question: t.Question, Reponse: t.Reponse, PartQuestion: partDuSceau(t.Question, t.Scelleur.Porteur != nil),
		PartReponse: partDuSceau(t.Reponse, !t.Relaye || t.SceauReponse.Porteur != nil)}
	var err error
	if c.ChaineQuestion, c.Revocations, err = deposer(ctx, jr, t.Scelleur); err != nil {
		return "", err
	}
	reponse := preuvesSceau{}
	if t.Relaye {
		reponse.chaine, reponse.listes, err = deposer(ctx, jr, t.SceauReponse)
	} else { // what is not carried is sealed by the party itself. ref: DEC 16
		reponse, err = j.cachets.deposer(ctx, t.Tenant, jr)
	}
	if err != nil {
		return "", err
	}
	c.ChaineReponse, c.Revocations = reponse.chaine, ajouterListes(c.Revocations, reponse.listes)
	f, err := jr.Ecrire(ctx, j.trace(t), c)
	return f.Hash.Hex(), err
}

func (j *journaux) trace(t *gate.Trace) preuve.Trace {
	p := preuve.Trace{
		Canal: partie(t.Canal), CodeRetour: string(t.Code), Destinataire: nomPartie(t.Destinataire), Emetteur: nomPartie(t.Emetteur),
		DureeTraitement: t.Duree.Microseconds(), Emission: t.Recu.Add(t.Duree).UnixMilli(), Reception: t.Recu.UnixMilli(),
		Engagement: t.Engagement, IDMessage: t.IDMessage.String(), Mode: mode(t), Role: preuve.RoleDestinataire,
		Pseudonyme: j.pseudonyme(t.Tenant, t.Sujet, t.Recu), SceauQuestion: partie(t.Scelleur), SceauReponse: partie(t.SceauReponse),
		Service: string(t.Service), TailleQuestion: int64(len(t.Question)), TailleReponse: int64(len(t.Reponse)),
		VerdictQuestion: preuve.VerdictValide, VerdictReponse: preuve.VerdictValide,
	}
	if t.Scelleur.Porteur == nil {
		p.VerdictQuestion = string(t.Code)
	}
	if t.Relaye {
		p.Role = preuve.RoleRelais
	}
	if t.IDMessage.IsZero() {
		p.IDMessage = "illisible-" + t.NumeroDemande
	} else {
		p.IDEchange = t.IDEchange.String()
	}
	if p.Service == "" {
		p.Service = "INCONNU"
	}
	if !t.Emis.IsZero() {
		p.Horodatage = t.Emis.UnixMilli()
	}
	p.EmpreinteQuestion, p.EmpreinteReponse = empreinte(t.EmpreinteQ), empreinte(t.EmpreinteR)
	for _, m := range t.Chaine {
		p.Relais = append(p.Relais, m.ID)
	}
	return p
}

func empreinte(d [32]byte) string {
	if d == ([32]byte{}) {
		return ""
	}
	return hex.EncodeToString(d[:])
}

func mode(t *gate.Trace) string {
	switch {
	case t.Chiffre:
		return "chiffre"
	case len(t.Chaine) > 0 || t.Relaye:
		return "clair-par-relais"
	}
	return "direct"
}

func partie(v certificat.Verdict) preuve.Partie {
	if v.Porteur == nil {
		return preuve.Partie{}
	}
	return preuve.Partie{Autorite: v.Porteur.Emetteur(), Serie: v.Porteur.Serie(), Structure: v.Porteur.Titulaire()}
}

func nomPartie(p roc.Partie) string {
	if p.ID == "" {
		return ""
	}
	return string(p.Type) + ":" + p.ID
}

// pseudonyme ties the exchanges of one person together, under a key that changes
// each month. ref: ROC §16.4
func (j *journaux) pseudonyme(tenant, sujet string, a time.Time) string {
	sel := j.sels[tenant]
	if sujet == "" || len(sel) == 0 {
		return ""
	}
	mois := hmac.New(sha256.New, sel)
	mois.Write([]byte(a.UTC().Format("2006-01")))
	h := hmac.New(sha256.New, mois.Sum(nil))
	h.Write([]byte(strings.ToUpper(sujet)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// registreJournal writes what a hospital asks: the question in its store before it
// leaves, then the answer and its leaf.
type registreJournal struct {
	roc.Registre
	journaux *journaux
	tenant   string
	moi      roc.Partie
	horloge  sante.Horloge
	grouper  func(ctx context.Context, f func(ctx context.Context) error) error
}

// Reponse writes the answer and the leaf in one transaction.
func (r registreJournal) Reponse(ctx context.Context, a *roc.Arrivee) error {
	if err := r.journaux.Preparer(ctx, r.tenant, a.Scelleur); err != nil {
		return err
	}
	return r.grouper(ctx, func(ctx context.Context) error {
		if err := r.Registre.Reponse(ctx, a); err != nil {
			return err
		}
		jr := r.journaux.par[r.tenant]
		c := journal.Contenu{Question: a.Depart.Scelle, Reponse: a.Scelle, PartQuestion: partDuSceau(a.Depart.Scelle, true),
			PartReponse: partDuSceau(a.Scelle, a.Scelleur.Porteur != nil)}
		var err error
		if c.ChaineReponse, c.Revocations, err = deposer(ctx, jr, a.Scelleur); err != nil {
			return err
		}
		notre, err := r.journaux.cachets.deposer(ctx, r.tenant, jr)
		if err != nil {
			return err
		}
		c.ChaineQuestion, c.Revocations = notre.chaine, ajouterListes(c.Revocations, notre.listes)
		_, err = jr.Ecrire(ctx, r.trace(a), c)
		return err
	})
}

func (r registreJournal) trace(a *roc.Arrivee) preuve.Trace {
	d := &a.Depart
	p := preuve.Trace{
		CodeRetour: string(a.Code), Destinataire: nomPartie(d.Destinataire), Emetteur: nomPartie(r.moi),
		DureeReseau: a.Duree.Microseconds(), Emission: d.Instant.UnixMilli(), Horodatage: d.Instant.UnixMilli(), Reception: a.Instant.UnixMilli(),
		Engagement: a.Engagement, IDMessage: d.IDMessage.String(), IDEchange: d.IDEchange.String(), Mode: "direct", Role: preuve.RoleEmetteur,
		Pseudonyme: r.journaux.pseudonyme(r.tenant, d.Sujet, d.Instant), SceauReponse: partie(a.Scelleur), Service: string(d.Service),
		TailleQuestion: int64(len(d.Scelle)), TailleReponse: int64(len(a.Scelle)), VerdictQuestion: preuve.VerdictValide,
		EmpreinteQuestion: empreinte(d.Empreinte), EmpreinteReponse: empreinte(a.Empreinte),
	}
	for _, m := range a.Relais {
		p.Relais = append(p.Relais, m.ID)
	}
	// An answer whose seal verifies may still not be believed: too old, of another
	// question or party. Its own code is then not ours to tell.
	var refus *roc.Refus
	cru := !errors.As(a.Refus, &refus) || refus.Distant
	switch {
	case a.Scelleur.Porteur != nil && cru:
		p.VerdictReponse = preuve.VerdictValide
	case a.Code != "":
		p.VerdictReponse = string(a.Code)
	}
	if a.Chiffre {
		p.Mode = "chiffre"
	} else if len(a.Relais) > 0 {
		p.Mode = "clair-par-relais"
	}
	return p
}
