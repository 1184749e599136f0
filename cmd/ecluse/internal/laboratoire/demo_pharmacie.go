package laboratoire

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// pharmacie is a pharmacy of the laboratory: the card of its pharmacist, its own
// certificates, and a workstation of the shelf.
type pharmacie struct {
	s             *Scene
	o             pharmacieLabo
	ps            droits.Professionnel
	carte, maison porteCle
	conf          *roc.Confidentialite

	options    droits.OptionsPoste
	poste      *droits.Poste
	magasin    *droits.Magasin
	observe    *observateur
	transports []*roc.Transport

	coupee   atomic.Bool  // nothing leaves any more
	avance   atomic.Int64 // of its clock, in nanoseconds
	poignees atomic.Int64 // certificates of the card shown: one for each full handshake
}

// porteCle is what a person or a house seals with, and shows on a channel.
type porteCle struct {
	cachet *sceau.Cachet
	auth   *tls.Certificate
}

// clesDePharmacie reads the certificates of a pharmacy and of its pharmacist.
func clesDePharmacie(s *Scene, o pharmacieLabo) (*pharmacie, error) {
	f := s.parties[cleTiers].Fichier
	base := filepath.Join(s.dir, o.cle, "cles")
	de := func(nom string) config.Cle {
		return config.Cle{Certificat: filepath.Join(base, nom+".pem"), Cle: filepath.Join(base, nom+".cle")}
	}
	lire := func(signature, authentification string) (x porteCle, err error) {
		if x.cachet, err = serveur.LireCachet(f, &config.Identite{Cachet: de(signature)}); err == nil {
			x.auth, _, err = serveur.LireCle(f, de(authentification))
		}
		return x, err
	}
	numero, err := sante.ParseNumeroFacturation(o.numero)
	if err != nil {
		return nil, err
	}
	ph := &pharmacie{s: s, o: o, ps: droits.Professionnel{NumeroFacturation: numero, Categorie: droits.Pharmacie},
		observe: &observateur{Registre: roc.SansRegistre{}}}
	var err1, err2, err3 error
	ph.carte, err1 = lire("signature", "authentification")
	ph.maison, err2 = lire("cachet", "authentification-officine")
	ph.conf, err3 = serveur.LireConfidentialite(f, &config.Identite{Confidentialite: de("confidentialite")})
	return ph, errors.Join(err1, err2, err3)
}

func (ph *pharmacie) moi() roc.Partie { return roc.Partie{Type: roc.PS, ID: ph.o.numero} }

func (ph *pharmacie) horloge() time.Time {
	return ph.s.horloge().Add(time.Duration(ph.avance.Load()))
}

// composer joins a server, unless the pharmacy's own link is cut.
func (ph *pharmacie) composer(ctx context.Context, reseau, adresse string) (net.Conn, error) {
	if ph.coupee.Load() {
		return nil, &net.OpError{Op: "dial", Net: reseau, Err: syscall.EHOSTUNREACH}
	}
	return (&net.Dialer{}).DialContext(ctx, reseau, adresse)
}

// couper cuts the pharmacy's own link, or mends it.
func (ph *pharmacie) couper(oui bool) {
	ph.coupee.Store(oui)
	for _, t := range ph.transports {
		t.Fermer() // what is opened from now on is what the link lets
	}
}

// oct is the concentrator of the pharmacies of the world.
func (s *Scene) oct() *droits.OCT {
	return &droits.OCT{Adresse: s.adresses["ouverte-"+monde.CleRelais], Structure: s.Monde.Relais.IDNat, Authentifiee: s.adresses[monde.CleRelais],
		Empreintes: []string{s.empreinte[monde.CleRelais]}}
}

// listesDeVille are what a workstation of the world expects, and where it reads it.
func (s *Scene) listesDeVille() (attendus []visiodroits.Attendu, miroirs []string) {
	genres := []visiodroits.Genre{visiodroits.GenreServices, visiodroits.GenreCertificats}
	for _, k := range []string{monde.CleMoulin, monde.CleMarees, monde.CleVerger, monde.ClePhare} {
		a := s.Monde.Assureur(k)
		e, qui := visiodroits.Emetteur(a.Numero.String()), s.repondant(a)
		miroirs = append(miroirs, s.adresses["ouverte-"+qui.Cle]+droits.Norme.Racine)
		for _, g := range genres {
			if g == visiodroits.GenreServices || k != monde.ClePhare && a.Operateur == "" { // who accredits nobody has no key
				attendus = append(attendus, visiodroits.Attendu{Genre: g, Emetteur: e, Structures: []string{qui.IDNat}, Pour: []visiodroits.Emetteur{e}})
			}
		}
	}
	for _, g := range genres {
		attendus = append(attendus, visiodroits.Attendu{Genre: g, Emetteur: numeroOperateur, Structures: []string{s.Monde.Operateur.IDNat}, Pour: []visiodroits.Emetteur{numeroOperateur}})
	}
	return attendus, miroirs
}

// attendreLAR waits for an open door to give a list of revoked accreditations: lists are
// held in memory for a few seconds.
func (s *Scene) attendreLAR(ctx context.Context, porte, emetteur string, numero int64) error {
	t := roc.NewTransport(nil, s.parties[monde.CleMoulin].Magasin, s.horloge)
	defer t.Fermer()
	h := &http.Client{Transport: t, Timeout: 5 * time.Second}
	for fin := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		r, err := http.NewRequestWithContext(ctx, http.MethodHead, s.adresses["ouverte-"+porte]+droits.Norme.Racine+"/lar/"+emetteur+"/courante", nil)
		if err != nil {
			return err
		}
		rep, err := h.Do(r)
		if err != nil {
			return err
		}
		rep.Body.Close()
		if n, err := strconv.ParseInt(rep.Header.Get("Ecluse-Numero"), 10, 64); err == nil && n >= numero {
			return nil
		}
		if time.Now().After(fin) {
			return fmt.Errorf("liste %d de %s : %s, %q", numero, emetteur, rep.Status, rep.Header.Get("Ecluse-Numero"))
		}
	}
}

// ouvrirPharmacie makes a pharmacy that asks by the concentrator, under its own seal.
func ouvrirPharmacie(s *Scene, o pharmacieLabo) (*pharmacie, error) {
	ph, err := clesDePharmacie(s, o)
	if err != nil {
		return nil, err
	}
	juge := s.parties[monde.CleMoulin].Magasin
	attendus, miroirs := s.listesDeVille()
	tiers, _ := s.structuresFines()
	for _, g := range []visiodroits.Genre{visiodroits.GenreServices, visiodroits.GenreCertificats} {
		attendus = append(attendus, visiodroits.Attendu{Genre: g, Emetteur: numeroTiers, Structures: []string{tiers.IDNat}, Pour: []visiodroits.Emetteur{numeroTiers}})
	}
	miroirs = append(miroirs, s.adresses["ouverte-"+monde.CleRelais]+droits.Norme.Racine) // which gives them all again
	classeur, err := visiodroits.NouveauClasseur(juge, attendus...)
	if err != nil {
		return nil, err
	}
	cle := make([]byte, 32)
	if _, err := rand.Read(cle); err != nil {
		return nil, err
	}
	if ph.magasin, err = droits.OuvrirMagasin(filepath.Join(s.dir, o.cle, "officine.ecluse"), droits.OptionsMagasin{Cle: cle}); err != nil {
		return nil, err
	}
	t := roc.NewTransport(func() *tls.Certificate { return ph.maison.auth }, juge, ph.horloge)
	t.Composer(ph.composer)
	ph.transports = append(ph.transports, t)
	ph.options = droits.OptionsPoste{
		PS: ph.ps, Environnement: roc.Test, Juge: juge, Classeur: classeur, Magasin: ph.magasin, OCT: s.oct(), Miroirs: miroirs,
		HTTP: &http.Client{Transport: t, Timeout: 10 * time.Second}, Transport: t, Cachet: func() *sceau.Cachet { return ph.maison.cachet },
		Registre: ph.observe, Horloge: ph.horloge,
	}
	if ph.poste, err = droits.NouveauPoste(ph.options); err != nil {
		return nil, errors.Join(err, ph.clore())
	}
	return ph, nil
}

func (ph *pharmacie) clore() error {
	for _, t := range ph.transports {
		t.Fermer()
	}
	if ph.magasin == nil {
		return nil
	}
	return ph.magasin.Fermer()
}

// parCarte asks with the card of the pharmacist, by a relay or directly when it is "".
func (ph *pharmacie) parCarte(face sceau.Face, relais string) *roc.Client {
	m := ph.s.parties[cleTiers].Magasin
	t := roc.NewTransport(func() *tls.Certificate { ph.poignees.Add(1); return ph.carte.auth }, m, ph.horloge)
	t.Composer(ph.composer)
	ph.transports = append(ph.transports, t)
	c := &roc.Client{Moi: ph.moi(), Environnement: roc.Test, Cachet: func() *sceau.Cachet { return ph.carte.cachet }, Juge: m, Registre: ph.observe,
		Transport: t, Horloge: ph.horloge, Face: face, Confidentialite: ph.conf, Delais: roc.Delais{Essais: 1}}
	if relais != "" {
		c.Relais = &roc.AccesRelais{Adresse: ph.s.adresses[relais], Structure: ph.s.Monde.Relais.IDNat}
	}
	return c
}

// acces is where the prestations of an insurer are priced, and by which key: the signed
// lists tell it. The certificate of confidentiality is that of the laboratory.
func (ph *pharmacie) acces(amc sante.NumeroAMC) (*tarif.Acces, *roc.Cible, error) {
	a, err := tarif.AccesDe(ph.options.Classeur, amc, ph.horloge())
	if err != nil {
		return nil, nil, err
	}
	c := a.Cible()
	c.CleConf = ph.s.conf[cleTiers]
	return a, c, nil
}

// assuresDe gives the patients of the world whose rights are open at an insurer today.
func assuresDe(m *monde.Monde, amc string, jour sante.Jour, donner func(p *monde.Patient, k *monde.Couverture)) {
	for i := range m.Patients {
		p := &m.Patients[i]
		for j := range p.Couvertures {
			k := &p.Couvertures[j]
			if x := m.Contrat(k, jour); k.AMC == amc && x != nil && !x.CSSParLaCaisse {
				donner(p, k)
			}
		}
	}
}

// enVilleDe is a patient of the world as a pharmacy knows him, and his card.
func enVilleDe(m *monde.Monde, p *monde.Patient, k *monde.Couverture) (droits.Patient, droits.Carte) {
	b, carte := p.Beneficiaire(k), m.Carte(k)
	return droits.Patient{NumeroAdherent: b.NumeroAdherent, DateNaissance: b.DateNaissance, RangGemellaire: b.RangGemellaire},
		droits.Carte{NumeroAMC: carte.NumeroAMC, TypeConvention: carte.TypeConvention, CSR: carte.CSR}
}

// assureEnVille is the first of them.
func assureEnVille(m *monde.Monde, amc string, jour sante.Jour) (*monde.Patient, *monde.Couverture, error) {
	var p *monde.Patient
	var k *monde.Couverture
	assuresDe(m, amc, jour, func(q *monde.Patient, l *monde.Couverture) {
		if p == nil {
			p, k = q, l
		}
	})
	if p == nil {
		return nil, nil, fmt.Errorf("aucun assuré de %s", amc)
	}
	return p, k, nil
}
