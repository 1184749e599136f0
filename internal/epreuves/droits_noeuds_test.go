//go:build linux

package epreuves

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// bornePublication is how long a node takes to publish what is due, and to give what the
// other published: ten seconds, and what a loaded machine adds.
const bornePublication = 20 * time.Second

// TestDeuxNoeudsDroits gives rights on two nodes of one insurer: they sign by the same keys,
// which the second does not make for itself; what one accredited the other knows; what is
// revoked by one is in the lists of both, which never contradict each other.
// ref: VISIO §6, §7, §12
func TestDeuxNoeudsDroits(t *testing.T) {
	exigerPG(t)
	l := fonder(t, bdd.PostgreSQL)
	a := l.partie(monde.CleMoulin)
	b := l.jumeler(monde.CleMoulin)
	l.lancer("igc")
	a.lancer()
	b.refuserDePartir("signe déjà par une autre clé, que ce nœud n'a pas : copier " + filepath.Join(b.dir, "donnees", "accreditation-99000101.cle"))
	if n := a.compter(`SELECT COUNT(*) FROM accreditation_cle WHERE tenant = $1`, tenantMoulin); n != 2 {
		t.Errorf("%d clés publiées, deux attendues", n)
	}
	b.recevoirCles(a)
	b.lancer()

	o := l.orageDroits(a, l.monde.Assureur(monde.CleMoulin))
	noeuds := []*partie{a, b}
	for _, n := range noeuds {
		o.suivre(n)
	}
	// Each accredits; the other says that nothing moved.
	var tenues []*demande
	for i := range selon(20, 200) {
		x := &demande{suivi: roc.Suivi{IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID()}, d: o.question(o.patient[i%len(o.patient)])}
		ici, ailleurs := noeuds[i%2], noeuds[1-i%2]
		r, err := o.demander(o.ctx, ici, x.d, x.suivi)
		if err != nil || r.Corps.CodeRetour != visiodroits.Fournis {
			t.Fatalf("%+v, %v", r, err)
		}
		x.rendu = r
		tenues = append(tenues, x)
		o.inchanges(ailleurs, x, visiodroits.Inchanges)
		// Asked again of the other node under its idMessage, it is the same answer.
		if r, err := o.demander(o.ctx, ailleurs, x.d, x.suivi); err != nil || r.Corps.Accreditation != x.rendu.Corps.Accreditation {
			t.Errorf("redemandée à l'autre nœud : %+v, %v", r, err)
		}
	}
	// One is revoked on the first node: the second no longer says "unchanged", and both
	// lists tell it.
	numero := o.lue(tenues[0]).Numero
	l.ecluse("droits", "revoquer", "--config", filepath.Join(a.dir, "ecluse.toml"), "--motif", "FRAUDE", "--numero", numero.String())
	for _, n := range noeuds {
		o.inchanges(n, tenues[0], visiodroits.Fournis)
	}
	o.avancer(61 * time.Minute)
	debut := time.Now()
	for _, n := range noeuds {
		dite := jusqua(o.ctx, bornePublication, func() bool {
			o.suivre(n)
			m, err := o.lar.Revoquee(numero, tenues[0].d.DateReference+2)
			return err == nil && m == droits.Fraude
		})
		if !dite || o.lar.Nombre() != 1 {
			t.Errorf("%s : après %s, la liste dit %d révocations", n.nom, time.Since(debut).Round(time.Second), o.lar.Nombre())
		}
	}
	t.Logf("révoquée sur un nœud, dite par les deux en %s", time.Since(debut).Round(time.Second))
	// Hours go by: both nodes publish when they may, and one reader follows them in turn.
	premier := o.lar.Entete().Numero
	for range selon(1, 8) {
		o.avancer(25 * time.Hour / 8) // short of the life of the lists of certificates
		for _, n := range noeuds {
			o.suivre(n)
		}
	}
	if o.lar.Entete().Numero < premier {
		t.Error("la LAR a reculé")
	}
	a.journal(tenantMoulin)
}

// suivre reads the lists of a node until they are those known, or later ones: a node may be
// behind the other for a while, and contradict it never.
func (o *orageDroits) suivre(serveur *partie) {
	o.t.Helper()
	var err error
	if !jusqua(o.ctx, bornePublication, func() bool {
		err = o.lireListes(o.ctx, serveur)
		var r *visiodroits.RefusListe
		return !errors.As(err, &r) || r.Motif != visiodroits.MotifRecul
	}) || err != nil {
		o.t.Fatalf("%s : %v", serveur.nom, err)
	}
}

// inchanges asks again, with what a workstation holds, and checks the code.
func (o *orageDroits) inchanges(serveur *partie, x *demande, want visiodroits.Code) {
	o.t.Helper()
	a, d := o.lue(x), *x.d
	d.DroitsConnus = &droits.Connus{NumeroAccreditation: a.Numero, DateMAJ: x.rendu.Corps.DateMAJ}
	r, err := o.demander(o.ctx, serveur, &d, roc.Suivi{})
	if err != nil || r.Corps.CodeRetour != want {
		o.t.Errorf("%s, droits connus : %+v, %v ; %s attendu", serveur.nom, r, err, want)
	}
}

// refuserDePartir starts a process that must not serve, and checks what it says.
func (p *partie) refuserDePartir(motif string) {
	t := p.l.t
	t.Helper()
	p.partir()
	p.sigle = true
	select {
	case <-p.fin:
	case <-time.After(45 * time.Second):
		t.Fatalf("%s sert, alors qu'il ne devait pas partir", p.nom)
	}
	if q := p.queue(4000); p.etat == nil || !strings.Contains(q, motif) {
		t.Errorf("%s : %v\n%s", p.nom, p.etat, q)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "donnees", "accreditation-99000101.cle")); !os.IsNotExist(err) {
		t.Errorf("%s garde la clé qu'il a faite : %v", p.nom, err)
	}
}
