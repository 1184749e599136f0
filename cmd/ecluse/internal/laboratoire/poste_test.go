package laboratoire

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// comptoir is a workstation of the shelf in a laboratory, and the links that a test cuts.
type comptoir struct {
	t       *testing.T
	o       *officine
	options droits.OptionsPoste

	mu     sync.Mutex
	coupes []string // addresses that nothing reaches
	tout   bool
	detour [2]string // keys: the second answers at the address of the first
	avance time.Duration
}

func (c *comptoir) horloge() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.avance)
}

// couper cuts links by the key of who is at their end; "tout" cuts the workstation's own.
func (c *comptoir) couper(cles ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.coupes, c.tout = nil, false
	for _, k := range cles {
		c.coupes = append(c.coupes, c.o.s.adresses["ouverte-"+k])
		c.tout = c.tout || k == "tout"
	}
}

func (c *comptoir) composer(ctx context.Context, reseau, adresse string) (net.Conn, error) {
	c.mu.Lock()
	coupe := c.tout
	for _, a := range c.coupes {
		coupe = coupe || a == "https://"+adresse
	}
	if d := c.detour; "https://"+adresse == c.o.s.adresses["ouverte-"+d[0]] {
		adresse = strings.TrimPrefix(c.o.s.adresses["ouverte-"+d[1]], "https://")
	}
	c.mu.Unlock()
	if coupe {
		return nil, &net.OpError{Op: "dial", Net: reseau, Err: syscall.EHOSTUNREACH}
	}
	return (&net.Dialer{}).DialContext(ctx, reseau, adresse)
}

// nouveauComptoir expects the lists that the insurers of the world publish themselves.
func nouveauComptoir(t *testing.T, s *Scene) *comptoir {
	c := &comptoir{t: t, o: &officine{t, s}}
	juge := s.parties[monde.CleMoulin].Magasin
	attendus, miroirs := s.listesDeVille()
	classeur, err := visiodroits.NouveauClasseur(juge, attendus...)
	if err != nil {
		t.Fatal(err)
	}
	magasin, err := droits.OuvrirMagasin(filepath.Join(t.TempDir(), "officine.ecluse"), droits.OptionsMagasin{Cle: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { magasin.Fermer() })
	c.options = droits.OptionsPoste{Environnement: roc.Test, Juge: juge, Classeur: classeur, Magasin: magasin, Horloge: c.horloge, Miroirs: miroirs,
		PS: droits.Professionnel{NumeroFacturation: lireOuEchouer(t, sante.ParseNumeroFacturation, "752000012"), Categorie: droits.Pharmacie}}
	return c
}

// poste opens a workstation whose connections are its own.
func (c *comptoir) poste(f func(*droits.OptionsPoste)) *droits.Poste {
	c.t.Helper()
	o := c.options
	o.Transport = roc.NewTransport(nil, o.Juge, c.horloge)
	o.Transport.Composer(c.composer)
	c.t.Cleanup(o.Transport.Fermer)
	o.HTTP = &http.Client{Transport: o.Transport, Timeout: 10 * time.Second}
	if f != nil {
		f(&o)
	}
	p, err := droits.NouveauPoste(o)
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

func (c *comptoir) parOCT(o *droits.OptionsPoste) {
	s := c.o.s
	o.OCT = &droits.OCT{Adresse: s.adresses["ouverte-"+monde.CleRelais], Structure: s.Monde.Relais.IDNat}
}

func (c *comptoir) actualiser(p *droits.Poste) {
	c.t.Helper()
	l, err := p.Actualiser(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	for _, x := range l {
		if x.Erreur != nil {
			c.t.Fatalf("%s de %s : %v", x.Genre, x.Emetteur, x.Erreur)
		}
	}
}

// vendre asks the rights of an insured, and checks the code.
func (c *comptoir) vendre(p *droits.Poste, d *droits.DemandeDroits, want visiodroits.Code) *droits.Vente {
	c.t.Helper()
	v, err := p.Droits(context.Background(), d.Patient, d.Carte, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	if v.Code != want {
		c.t.Fatalf("%s %s, want %s : %v", v.Code, v.Phrase, want, v.Diagnostic)
	}
	return v
}

// A pharmacy of the shelf in front of a whole laboratory, with the lists that its insurers
// publish: rights, the same unchanged, each link cut in turn, an insurer replaced by its
// operator, an accreditation revoked, and everything cut.
func TestPosteEnLaboratoire(t *testing.T) {
	s := laboratoireEntier(t)
	c := nouveauComptoir(t, s)
	direct := c.poste(nil)
	c.actualiser(direct)
	octSeul := c.poste(func(o *droits.OptionsPoste) { c.parOCT(o); o.Face = sceau.SOAP })
	repli := c.poste(func(o *droits.OptionsPoste) { c.parOCT(o); o.Repli = true })
	demande := func(amc string) *droits.DemandeDroits {
		p, k := c.o.assure(amc)
		return c.o.question(p, k)
	}
	moulin, marees, verger, phare := demande(monde.CleMoulin), demande(monde.CleMarees), demande(monde.CleVerger), demande(monde.ClePhare)

	// Nominal, through the concentrator and without it; unchanged; 200 of one insurer only.
	premiere := c.vendre(octSeul, moulin, visiodroits.Fournis)
	numero := premiere.Accreditation.Accreditation().Numero
	if v := c.vendre(direct, moulin, visiodroits.Inchanges); v.Accreditation.Accreditation().Numero != numero || !v.TiersPayant {
		t.Errorf("inchangés : %+v", v)
	}
	for _, d := range []*droits.DemandeDroits{marees, verger} {
		if v := c.vendre(octSeul, d, visiodroits.Fournis); v.Recu == nil || !strings.Contains(v.Recu.Texte(), "GARANTIE DE TIERS PAYANT") {
			t.Errorf("reçu : %+v", v.Recu)
		}
	}
	if v := c.vendre(octSeul, phare, visiodroits.ServiceNonOuvert); v.TiersPayant || v.Degrade != nil {
		t.Errorf("non ouvert : %+v", v)
	}

	// Each link in turn.
	for _, x := range []struct {
		coupe []string
		p     *droits.Poste
		d     *droits.DemandeDroits
		code  visiodroits.Code
	}{
		{[]string{monde.CleRelais}, octSeul, moulin, visiodroits.OCTInjoignable},
		{[]string{monde.CleRelais}, repli, moulin, visiodroits.Inchanges},
		{[]string{monde.CleOperateur}, direct, moulin, visiodroits.OperateurInjoignable},
		{[]string{monde.CleOperateur}, direct, marees, visiodroits.OperateurInjoignable}, // which holds its rights
		{[]string{monde.CleVerger}, direct, verger, visiodroits.ServiceIndisponible},
		{[]string{"tout"}, direct, moulin, visiodroits.PosteHorsLigne},
		{[]string{"tout"}, repli, verger, visiodroits.PosteHorsLigne},
		{[]string{"tout"}, octSeul, phare, visiodroits.ServiceNonOuvert}, // its list said so, and is fresh
	} {
		c.couper(x.coupe...)
		v := c.vendre(c.poste(func(o *droits.OptionsPoste) { copierVoie(o, x.p, octSeul, repli, c) }), x.d, x.code)
		if x.code.Degrade() && (v.Degrade == nil || !v.TiersPayant || v.Degrade.Preuve.Code != string(x.code)) {
			t.Errorf("%v coupé : %+v", x.coupe, v)
		}
	}
	c.couper()
	if l, err := direct.Relancer(context.Background()); err != nil || len(l) != 3 {
		t.Errorf("relances : %d, %v", len(l), err)
	}
	c.detourner(moulin)
	c.revoquer(direct, premiere, moulin)
	c.depanner(direct, moulin)
}

// detourner puts another server, whose certificate is of the same authority and for the same
// name, where the list of the Moulin says that its operator is: it is not one of those that
// the list announces.
func (c *comptoir) detourner(moulin *droits.DemandeDroits) {
	for _, d := range []struct {
		qui, phrase string
		code        visiodroits.Code
	}{{monde.CleOperateur, "", visiodroits.Inchanges}, {monde.CleVerger, "certificat annoncé pour lui", visiodroits.OperateurInjoignable}} {
		c.mu.Lock()
		c.detour = [2]string{monde.CleOperateur, d.qui}
		c.mu.Unlock()
		v := c.vendre(c.poste(nil), moulin, d.code)
		if !strings.Contains(v.Phrase, d.phrase) || errors.Is(v.Diagnostic, roc.ErrEmpreinte) != (d.phrase != "") {
			c.t.Errorf("%s à la place de l'opérateur : %s, %v", d.qui, v.Phrase, v.Diagnostic)
		}
	}
	c.mu.Lock()
	c.detour = [2]string{}
	c.mu.Unlock()
}

// copierVoie gives new connections to a workstation that asks as another does.
func copierVoie(o *droits.OptionsPoste, p, octSeul, repli *droits.Poste, c *comptoir) {
	if p == octSeul || p == repli {
		c.parOCT(o)
		o.Repli = p == repli
	}
}

// revoquer has the insurer revoke an accreditation: the list says it, and the next question
// gives another.
func (c *comptoir) revoquer(p *droits.Poste, v *droits.Vente, d *droits.DemandeDroits) {
	t, ctx := c.t, context.Background()
	c.actualiser(p)
	if x, err := p.AvantFacture(v); err != nil || x.Motif != droits.NonRevoquee {
		t.Errorf("avant : %s, %v", x.Motif, err)
	}
	numero := v.Accreditation.Accreditation().Numero
	for _, e := range c.o.s.parties[monde.CleMoulin].Emetteurs {
		_, err := accreditation.Revoquer(ctx, accrstore.New(c.o.s.parties[monde.CleMoulin].Base, serveur.TenantAMC(v.AMC.String())), numero, accreditation.Revocation{Effet: v.DateReference, Motif: droits.Radiation})
		if err == nil {
			_, err = e.Editeur.Publier(ctx, true)
		}
		if err != nil && !errors.Is(err, accreditation.ErrInconnue) {
			t.Fatal(err)
		}
	}
	c.o.attendreLAR(monde.CleMoulin, 2)
	c.mu.Lock()
	c.avance = 61 * time.Minute
	c.mu.Unlock()
	c.actualiser(p)
	c.mu.Lock()
	c.avance = 0
	c.mu.Unlock()
	apres := *v
	apres.DateReference += 2
	if x, err := p.AvantFacture(&apres); err != nil || x.Permis || x.Motif != droits.Revoquee {
		t.Errorf("révoquée : %s, %v", x.Motif, err)
	}
	if n := c.vendre(p, d, visiodroits.Fournis).Accreditation.Accreditation().Numero; n == numero {
		t.Error("la même accréditation après sa révocation")
	}
}

// depanner makes the insurer silent: its operator accredits in its place; then everything is
// cut, and the insurer's own accreditation serves again.
func (c *comptoir) depanner(p *droits.Poste, d *droits.DemandeDroits) {
	t := c.t
	numero := c.vendre(p, d, visiodroits.Inchanges).Accreditation.Accreditation().Numero
	c.o.s.taire(monde.CleMoulin)
	v := c.vendre(p, d, visiodroits.Fournis)
	if v.Recu.Type != droits.Depannage || v.Degrade != nil || !v.TiersPayant || v.Recu.DroitsFin != d.DateReference+1 {
		t.Errorf("dépannage : %+v", v.Recu)
	}
	c.couper("tout")
	v = c.vendre(c.poste(nil), d, visiodroits.PosteHorsLigne)
	if v.Degrade == nil || v.Degrade.Cause != droits.CausePS || v.Accreditation.Accreditation().Numero != numero {
		t.Errorf("tout coupé : %+v", v)
	}
	l, err := c.options.Magasin.Tentatives()
	if err != nil || len(l) == 0 || l[len(l)-1].ID != v.Degrade.Preuve.ID {
		t.Errorf("preuves : %d, %v", len(l), err)
	}
	jour := sante.JourA(time.Now(), sante.Paris())
	if s, err := p.Statistiques(jour); err != nil || len(s.Lignes) < 4 || s.Sommer(nil).Depannages != 1 {
		t.Errorf("statistiques : %+v, %v", s, err)
	}
}
