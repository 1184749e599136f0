package amctest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// Livres is a set of ports to be tested, with the transaction around IDB, CLC and DEL.
type Livres struct {
	Ports   amc.Ports // Horloge is set by the bench
	Grouper func(ctx context.Context, f func(context.Context) error) error
}

// Banc asks sealed questions to a service, as the gate does.
type Banc struct {
	*amc.Service
	Grouper func(ctx context.Context, f func(context.Context) error) error
	Moteur  calcul.Moteur

	t        testing.TB
	decalage atomic.Int64 // of the clock, from Instant
	parties  map[string]*sceautest.Identite
}

// New makes a bench.
func New(t testing.TB, l Livres, r amc.Reglages) *Banc {
	t.Helper()
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &Banc{Grouper: l.Grouper, Moteur: m, t: t, parties: map[string]*sceautest.Identite{}}
	l.Ports.Horloge = b.Maintenant
	if b.Service, err = amc.New(r, l.Ports, m); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{Hopital.String(), Clinique.String()} {
		b.parties[f] = sceautest.New(t, "1"+f, Instant)
	}
	return b
}

// Maintenant is the clock of the bench.
func (b *Banc) Maintenant() time.Time { return Instant.Add(time.Duration(b.decalage.Load())) }

// Avancer moves the clock of the bench.
func (b *Banc) Avancer(d time.Duration) { b.decalage.Add(int64(d)) }

// Enveloppe is the envelope of a question of the hospital of the tests.
func Enveloppe(s roc.Service, dossier string, a time.Time) roc.Enveloppe {
	return roc.Enveloppe{
		NormeVersion: roc.Profil, Service: s, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: dossier,
		Horodatage: a.UTC().Truncate(time.Millisecond), Emetteur: roc.Partie{Type: roc.ES, ID: Hopital.String(), FinessGeo: Hopital},
		Destinataire: roc.Partie{Type: roc.AMC, ID: NumeroAMC.String()}, Environnement: roc.Test,
	}
}

// Sceller seals a question and opens it, as it would come to a rule.
func Sceller[Q, R any](b *Banc, e *roc.Echange[Q, R], env roc.Enveloppe, corps *Q) sceau.Opened[roc.Message[Q]] {
	b.t.Helper()
	m := &roc.Message[Q]{Enveloppe: env, Corps: corps}
	if err := e.Demande.Verify(m); err != nil {
		b.t.Errorf("question mal formée: %v", err)
	}
	id := b.parties[env.Emetteur.ID]
	return sceautest.OuvrirDe(b.t, id, Instant, e.Demande.AppendJSON(nil, m), e.Demande.DecodeJSON)
}

// verifier fails the test when an answer could not be written.
func verifier[Q, R any](b *Banc, e *roc.Echange[Q, R], r *R, err error) {
	b.t.Helper()
	if err != nil || r == nil {
		return
	}
	m := &roc.Message[R]{Enveloppe: Enveloppe(e.Service, "D", Instant), Corps: r}
	m.Enveloppe.Sens = roc.Reponse
	if err := e.Reponse.Verify(m); err != nil {
		b.t.Errorf("réponse mal formée: %v", err)
	}
}

// Demander runs a rule on a sealed question, in a transaction for IDB, CLC and DEL,
// and checks that its answer can be written.
func Demander[Q, R any](b *Banc, e *roc.Echange[Q, R], env roc.Enveloppe, corps *Q,
	regle func(context.Context, sceau.Opened[roc.Message[Q]]) (*R, error)) (*R, error) {
	b.t.Helper()
	d := Sceller(b, e, env, corps)
	ctx := context.Background()
	var r *R
	var err error
	if e.Service == roc.IDB || e.Service == roc.CLC || e.Service == roc.DEL {
		err = b.Grouper(ctx, func(ctx context.Context) (err error) { r, err = regle(ctx, d); return err })
	} else {
		r, err = regle(ctx, d)
	}
	verifier(b, e, r, err)
	return r, err
}

// Poser is Demander for the hospital of the tests; a technical refusal fails the
// test.
func Poser[Q, R any](b *Banc, e *roc.Echange[Q, R], dossier string, corps *Q,
	regle func(context.Context, sceau.Opened[roc.Message[Q]]) (*R, error)) *R {
	b.t.Helper()
	r, err := Demander(b, e, Enveloppe(e.Service, dossier, b.Maintenant()), corps, regle)
	if err != nil {
		b.t.Errorf("%s: %v", e.Service, err)
		return new(R)
	}
	return r
}

// DemanderIDB asks the rights of a person.
func (b *Banc) DemanderIDB(dossier string, e roc.Entete) *roc.ReponseIDB {
	b.t.Helper()
	return Poser(b, roc.EchangeIDB, dossier, &roc.DemandeIDB{Entete: e}, b.IDB)
}

// DemanderCLC asks an IDB, then a CLC that quotes it.
func (b *Banc) DemanderCLC(dossier string, d *roc.DemandeCalcul) *roc.ReponseCalcul {
	b.t.Helper()
	b.Citer(dossier, d)
	return Poser(b, roc.EchangeCLC, dossier, d, b.CLC)
}

// Citer asks an IDB for a calculation and quotes it.
func (b *Banc) Citer(dossier string, d *roc.DemandeCalcul) {
	b.t.Helper()
	r := b.DemanderIDB(dossier, d.Entete)
	if r.StatutDroits != roc.DroitsOuverts {
		b.t.Errorf("IDB: %s %s", r.CodeRetour, r.StatutDroits)
	}
	d.IDReponseIDB = r.IDReponseIDB
}

// DemanderDEL cancels an engagement.
func (b *Banc) DemanderDEL(dossier string, n roc.NumeroEngagement) *roc.ReponseDEL {
	b.t.Helper()
	return Poser(b, roc.EchangeDEL, dossier, &roc.DemandeDEL{NumeroEngagement: n, Motif: roc.ErreurSaisie}, b.DEL)
}
