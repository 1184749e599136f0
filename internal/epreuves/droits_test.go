//go:build linux

package epreuves

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// officineEpreuve is the billing number of the pharmacy of the trials.
const officineEpreuve = "752000012"

// guichet is a workstation at the base level, before one server of an insurer: neither
// certificate nor seal. It holds the lists that this insurer publishes, and refuses one
// that goes back or that bears the number of another.
type guichet struct {
	*labo
	client   *roc.Client
	http     *http.Client
	amc      *monde.AMC
	classeur *visiodroits.Classeur
	lar      *droits.LAR
	avance   atomic.Int64 // of the clock of the laboratory
}

func (l *labo) guichet(serveur *partie, a *monde.AMC) *guichet {
	l.t.Helper()
	m, g := l.magasin(serveur), &guichet{labo: l, amc: a}
	g.avance.Store(int64(l.avance))
	tr := roc.NewTransport(nil, m, g.maintenant)
	l.t.Cleanup(tr.Fermer)
	e := visiodroits.Emetteur(a.Numero.String())
	var attendus []visiodroits.Attendu
	for _, g := range genresPublies {
		attendus = append(attendus, visiodroits.Attendu{Genre: g, Emetteur: e, Structures: []string{a.IDNat}, Pour: []visiodroits.Emetteur{e}})
	}
	c, err := visiodroits.NouveauClasseur(m, attendus...)
	if err != nil {
		l.t.Fatal(err)
	}
	g.classeur, g.http = c, &http.Client{Transport: tr, Timeout: 10 * time.Second}
	g.client = &roc.Client{Moi: roc.Partie{Type: roc.PS, ID: officineEpreuve}, Environnement: roc.Test, Juge: m, Transport: tr, Registre: &carnet{},
		Horloge: g.maintenant, Delais: roc.Delais{Essais: 1}}
	return g
}

// maintenant is read by many workstations while the clock is set.
func (g *guichet) maintenant() time.Time { return time.Now().Add(time.Duration(g.avance.Load())) }

// avancer sets the clock of the laboratory on.
func (g *guichet) avancer(d time.Duration) {
	g.t.Helper()
	g.regler(g.labo.avance + d)
	g.avance.Store(int64(g.labo.avance))
}

var genresPublies = []visiodroits.Genre{visiodroits.GenreCertificats, visiodroits.GenreServices, visiodroits.GenreNomenclatures, visiodroits.GenreEtat}

// question asks the rights of a patient.
func (g *guichet) question(p *monde.Patient) *droits.DemandeDroits {
	k := &p.Couvertures[0]
	b, carte := p.Beneficiaire(k), g.monde.Carte(k)
	ps, err := sante.ParseNumeroFacturation(officineEpreuve)
	if err != nil {
		g.t.Error(err)
	}
	return &droits.DemandeDroits{PS: droits.Professionnel{NumeroFacturation: ps, Categorie: droits.Pharmacie},
		Patient:       droits.Patient{NumeroAdherent: b.NumeroAdherent, DateNaissance: b.DateNaissance, RangGemellaire: b.RangGemellaire},
		Carte:         droits.Carte{NumeroAMC: carte.NumeroAMC, TypeConvention: carte.TypeConvention, CSR: carte.CSR},
		DateReference: sante.JourA(g.maintenant(), sante.Paris()), NiveauService: droits.Base}
}

// demander puts a question to a server, again when suivi names it.
func (g *guichet) demander(ctx context.Context, serveur *partie, d *droits.DemandeDroits, s roc.Suivi) (*roc.Rendu[droits.FournitDroits], error) {
	return roc.Envoyer(ctx, g.client, droits.EchangeDroits, &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: g.amc.Numero.String()},
		Adresse: "https://" + serveur.f.Ecoute.Ouverte, Structures: []string{g.amc.IDNat}}, "1", d, s)
}

// lireListes reads all that a server publishes: each list is the one known, or a later one.
func (g *guichet) lireListes(ctx context.Context, serveur *partie) error {
	for _, x := range genresPublies {
		b, err := g.obtenir(ctx, serveur, "/listes/"+strings.ToLower(string(x))+"/"+g.amc.Numero.String()+"/courante")
		if err != nil {
			return err
		}
		if _, err := g.classeur.Deposer(b, g.maintenant()); err != nil {
			return fmt.Errorf("liste %s refusée : %w", x, err)
		}
	}
	b, err := g.obtenir(ctx, serveur, "/lar/"+g.amc.Numero.String()+"/courante")
	if err != nil {
		return err
	}
	cles, err := droits.ClesDe(g.classeur, g.maintenant())
	if err != nil {
		return err
	}
	l, err := droits.LireLAR(bytes.NewReader(b), droits.OptionsLAR{Cles: cles, Emetteur: g.amc.Numero, Maintenant: g.maintenant()}, g.lar)
	switch {
	case errors.Is(err, droits.ErrDejaTenue):
		return nil
	case err != nil:
		return fmt.Errorf("LAR refusée : %w", err)
	}
	g.lar = l
	return nil
}

func (g *guichet) obtenir(ctx context.Context, serveur *partie, chemin string) ([]byte, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+serveur.f.Ecoute.Ouverte+droits.Norme.Racine+chemin, nil)
	if err != nil {
		return nil, err
	}
	r, err := g.http.Do(q)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s : %s", chemin, r.Status)
	}
	return io.ReadAll(io.LimitReader(r.Body, 64<<20))
}

// demande is one question of the storm, and what the workstation holds of its answer.
type demande struct {
	suivi roc.Suivi
	d     *droits.DemandeDroits
	rendu *roc.Rendu[droits.FournitDroits]
}

// orageDroits is many questions of rights at once, each asked until it is answered, under
// one idMessage, whatever happens to the insurer meanwhile.
type orageDroits struct {
	*guichet
	serveur *partie
	ctx     context.Context
	patient []*monde.Patient

	numero    atomic.Int64
	faites    atomic.Int64
	redites   atomic.Int64 // questions asked again for want of an answer
	fin       atomic.Bool
	groupe    sync.WaitGroup
	mu        sync.Mutex
	repondues []*demande
	fautes    []error
}

func (l *labo) orageDroits(serveur *partie, amc *monde.AMC) *orageDroits {
	l.t.Helper()
	ctx, arreter := context.WithCancel(context.Background())
	l.t.Cleanup(arreter)
	return &orageDroits{guichet: l.guichet(serveur, amc), serveur: serveur, ctx: ctx, patient: l.assures(monde.CleMoulin, "MB-TRANQUILLE")}
}

func (o *orageDroits) souffler(postes int) {
	for range postes {
		o.groupe.Go(func() {
			for !o.fin.Load() && o.ctx.Err() == nil {
				o.poser(int(o.numero.Add(1)))
			}
		})
	}
}

// poser asks one question until it is answered. No refusal is expected but for want of
// time: a clock that jumped, a server that stops.
func (o *orageDroits) poser(n int) {
	x := &demande{suivi: roc.Suivi{IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID()}, d: o.question(o.patient[n%len(o.patient)])}
	for essai := 0; o.ctx.Err() == nil; essai++ {
		if essai > 0 {
			o.redites.Add(1)
			time.Sleep(50 * time.Millisecond)
		}
		r, err := o.demander(o.ctx, o.serveur, x.d, x.suivi)
		var refus *roc.Refus
		switch {
		case err == nil && r.Corps.CodeRetour == visiodroits.Fournis:
			x.rendu = r
			o.noter(x, nil)
			return
		case err == nil:
			o.noter(nil, fmt.Errorf("code %s, des droits attendus", r.Corps.CodeRetour))
			return
		case errors.As(err, &refus) && refus.Distant && refus.Code != roc.Rejeu:
			o.noter(nil, err)
			return
		}
	}
}

func (o *orageDroits) noter(x *demande, err error) {
	o.faites.Add(1)
	o.mu.Lock()
	defer o.mu.Unlock()
	if x != nil {
		o.repondues = append(o.repondues, x)
	}
	if err != nil {
		o.fautes = append(o.fautes, err)
	}
}

// revoquer ends, by command, one of the accreditations that workstations hold and that was
// not ended yet.
func (o *orageDroits) revoquer(h *rand.Rand, deja map[string]bool) {
	o.t.Helper()
	o.mu.Lock()
	l := slices.Clone(o.repondues)
	o.mu.Unlock()
	h.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
	for _, x := range l {
		if n := o.lue(x).Numero.String(); !deja[n] {
			o.ecluse("droits", "revoquer", "--config", filepath.Join(o.serveur.dir, "ecluse.toml"), "--motif", "RADIATION", "--numero", n)
			deja[n] = true
			return
		}
	}
	o.t.Fatal("toutes sont déjà révoquées")
}

// lue verifies the accreditation of an answer as a workstation does, by the keys of the
// lists.
func (o *guichet) lue(x *demande) droits.Accreditation {
	o.t.Helper()
	cles, err := droits.ClesDe(o.classeur, o.maintenant())
	if err != nil {
		o.t.Fatal(err)
	}
	a, err := droits.VerifierAccreditation(x.rendu.Corps.Accreditation, cles, o.maintenant())
	if err != nil {
		o.t.Fatal(err)
	}
	return a.Accreditation()
}

// TestMortsSubitesDroits kills the insurer, by SIGKILL, at random moments of a storm of
// questions of rights, with revocations meanwhile. Afterwards each accreditation that a
// workstation received is kept, with its leaf in the journal; each question made one, or was
// given back that of the same question, though many were asked again; the lists went only forward. ref: DEC 13, 17, VISIO §6, §7
func TestMortsSubitesDroits(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		h := hasard(t)
		l := fonder(t, m)
		// Kills are on trial, not quotas: a fast machine asks more than a pharmacy does in a day.
		amc := l.partie(monde.CleMoulin).config("vigie", "droits-par-minute", "1000000").config("vigie", "bornes", `"bornes.csv"`)
		const bornes = "borne;valeurs;debut;fin;source\nDROITS_PAR_JOUR;1000000;2020-01-01;;essai\nPREAVIS_CLE;30 7 1;2020-01-01;;essai\n" +
			"VIE_NORMALE;400;2020-01-01;;essai\nPREMIERE_VUE;180;2020-01-01;;essai\n"
		if err := os.WriteFile(filepath.Join(amc.dir, "bornes.csv"), []byte(bornes), 0o600); err != nil {
			t.Fatal(err)
		}
		l.lancer("igc", monde.CleMoulin)
		o := l.orageDroits(amc, l.monde.Assureur(monde.CleMoulin))
		if err := o.lireListes(o.ctx, amc); err != nil {
			t.Fatal(err)
		}
		morts := selon(4, 10) // an hour each: the lists of the certificates last a day
		o.souffler(12)
		revoquees := map[string]bool{} // by number
		for range morts {
			deja := o.faites.Load()
			if !jusqua(o.ctx, 20*time.Second, func() bool { return o.faites.Load() >= deja+40 }) {
				t.Fatal("l'orage ne souffle plus")
			}
			time.Sleep(time.Duration(h.IntN(600)) * time.Millisecond)
			avant := o.lar.Entete().Numero
			o.revoquer(h, revoquees)
			amc.tuer()
			o.avancer(61 * time.Minute) // a list of revocations is due
			amc.lancer()
			if err := o.lireListes(o.ctx, amc); err != nil {
				t.Fatal(err)
			}
			if n := o.lar.Entete().Numero; n != avant+1 || o.lar.Nombre() != len(revoquees) {
				t.Errorf("LAR n° %d de %d entrées après la mort, la %d de %d attendue", n, o.lar.Nombre(), avant+1, len(revoquees))
			}
		}
		o.fin.Store(true)
		o.groupe.Wait()
		for _, err := range o.fautes {
			t.Error(err)
		}
		t.Logf("%d morts, %d questions, %d redites, %d révoquées", morts, len(o.repondues), o.redites.Load(), len(revoquees))
		if len(o.repondues) < 40*morts || o.redites.Load() == 0 {
			t.Error("l'orage était trop faible pour prouver")
		}
		o.comparer(revoquees)
		o.redemander(h, revoquees)
	})
}

// comparer holds what workstations received against the books and the journal of the
// insurer: all that was received is kept, nothing else is, and a number is given back for
// the same person and professional alone. hyp: VISIO-DU-JOUR
func (o *orageDroits) comparer(revoquees map[string]bool) {
	t := o.t
	t.Helper()
	tenues := o.serveur.accreditations(tenantMoulin)
	feuilles := map[[2]string]preuve.Trace{}
	for _, x := range o.serveur.journal(tenantMoulin) {
		if x.Service == string(visiodroits.DLD) {
			feuilles[[2]string{x.EmpreinteQuestion, x.EmpreinteReponse}] = x
		}
	}
	numeros := map[string]droits.Empreinte{} // and for whom
	for _, x := range o.repondues {
		a := o.lue(x)
		n := a.Numero.String()
		if qui, vu := numeros[n]; vu && qui != a.Beneficiaire {
			t.Errorf("%s : le numéro de deux personnes", n)
		}
		numeros[n] = a.Beneficiaire
		e, ok := tenues[n]
		if !ok || e.debut != a.DroitsDebut.String() || e.fin != a.DroitsFin.String() || e.emission != a.Emission.UnixMilli() || (e.effet != "") != revoquees[n] {
			t.Errorf("%s reçue, et au registre : %+v, %v", n, e, ok)
		}
		f, ok := feuilles[[2]string{hex.EncodeToString(x.rendu.EmpreinteQuestion[:]), hex.EncodeToString(x.rendu.EmpreinteReponse[:])}]
		if !ok || f.IDMessage != x.suivi.IDMessage.String() || f.CodeRetour != string(visiodroits.Fournis) {
			t.Errorf("%s reçue sans sa feuille au journal : %+v", n, f)
		}
	}
	if len(tenues) != len(numeros) {
		t.Errorf("%d accréditations au registre, %d reçues", len(tenues), len(numeros))
	}
}

// redemander: the insurer that was killed answers "unchanged" on what it gave before, and
// anew on what it revoked.
func (o *orageDroits) redemander(h *rand.Rand, revoquees map[string]bool) {
	o.t.Helper()
	poser := func(x *demande) {
		want := visiodroits.Inchanges
		if revoquees[o.lue(x).Numero.String()] {
			want = visiodroits.Fournis
		}
		o.inchanges(o.serveur, x, want)
	}
	for range 20 {
		poser(o.repondues[h.IntN(len(o.repondues))])
	}
	finies := 0
	for _, x := range o.repondues {
		if revoquees[o.lue(x).Numero.String()] && finies < 20 {
			poser(x)
			finies++
		}
	}
	if finies == 0 {
		o.t.Error("aucune révoquée redemandée")
	}
}

// accreditation is a row of the register of the insurer.
type accreditation struct {
	debut, fin, effet string
	emission          int64
}

// accreditations reads the register of an insurer, by number.
func (p *partie) accreditations(tenant string) map[string]accreditation {
	p.l.t.Helper()
	db := p.ouvrirBase()
	defer db.Close()
	rows, err := db.Query(`SELECT numero, debut, fin, effet, emission FROM accreditation_emise WHERE tenant = $1`, tenant)
	if err != nil {
		p.l.t.Fatal(err)
	}
	defer rows.Close()
	m := map[string]accreditation{}
	for rows.Next() {
		var n string
		var a accreditation
		if err := rows.Scan(&n, &a.debut, &a.fin, &a.effet, &a.emission); err != nil {
			p.l.t.Fatal(err)
		}
		m[n] = a
	}
	if err := rows.Err(); err != nil {
		p.l.t.Fatal(err)
	}
	return m
}
