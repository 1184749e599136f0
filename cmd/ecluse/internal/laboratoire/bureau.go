package laboratoire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	pupitrefront "github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// essais is the pupitre.Envoyeur of a laboratory: it asks the visitors' questions
// with the test certificates of its hospitals.
type essais struct {
	*temoin
	moteur calcul.Moteur
}

// histoireEssai is the title under which trials are told.
const histoireEssai = "Vos essais"

// Choix lists the hospitals and the fictitious patients of the laboratory.
func (x *essais) Choix(context.Context) pupitre.Choix {
	c := pupitre.Choix{Aujourdhui: x.monde.Jour, Moteur: x.moteur}
	for _, cle := range cles(x.hopitaux) {
		h := x.hopitaux[cle]
		m := h.e.Maison.Etablissement
		c.Etablissements = append(c.Etablissements, pupitre.ChoixEtablissement{Cle: cle, Nom: h.nom,
			FinessJuridique: m.FinessJuridique, FinessGeo: m.FinessGeo, Categorie: m.Categorie})
	}
	for i := range x.monde.Patients {
		p := &x.monde.Patients[i]
		for j := range p.Couvertures {
			cv := &p.Couvertures[j]
			c.Patients = append(c.Patients, pupitre.ChoixPatient{Cle: fmt.Sprintf("%s-%d", p.Cle, cv.Rang), Nom: p.Prenom + " " + p.NomNaissance,
				Detail: p.Note, Beneficiaire: p.Beneficiaire(cv), Carte: x.monde.Carte(cv), AMO: p.AMO})
		}
	}
	return c
}

// cles are the hospitals of a laboratory, in order.
func cles(hopitaux map[string]*hopital) []string { return slices.Sorted(maps.Keys(hopitaux)) }

// Envoyer asks the question of a trial.
func (x *essais) Envoyer(ctx context.Context, e *pupitre.Essai) (pupitre.Etape, error) {
	h := x.hopitaux[e.Etablissement.Cle]
	if h == nil {
		return pupitre.Etape{}, errors.New("établissement inconnu")
	}
	var a *roc.Arrivee
	var err error
	if e.Brut != nil {
		a, err = x.envoyerBrut(ctx, h, e)
	} else {
		a, err = x.demander(ctx, h, e)
	}
	if a == nil {
		return pupitre.Etape{}, err
	}
	etape := x.exchange(h.cle, histoireEssai, a)
	etape.Titre, etape.Libre, etape.Ok, etape.Attendu = "Votre question", true, true, ""
	attente, fin := context.WithTimeout(ctx, 3*time.Second)
	defer fin()
	if err := x.prouverUne(attente, h.cle, etape); err != nil {
		etape.Preuve = &pupitre.Preuve{Echec: err.Error()}
	}
	return *etape, nil
}

// demander asks an IDB, a SIM or a CLC; an IDB first when its reference is needed.
func (x *essais) demander(ctx context.Context, h *hopital, e *pupitre.Essai) (*roc.Arrivee, error) {
	c := *h.e.Client
	o := &observateur{Registre: h.o.Registre}
	c.Registre, c.Face = o, e.Face
	dossier := prefixeEssai + roc.NouvelUUID().String()[:8]
	var err error
	switch {
	case e.IDB != nil:
		_, err = c.IDB(ctx, dossier, e.IDB)
	case e.Service == roc.SIM:
		err = x.avecIDB(ctx, &c, dossier, e)
		if err == nil {
			_, err = c.SIM(ctx, dossier, e.Calcul)
		}
	default:
		err = x.avecIDB(ctx, &c, dossier, e)
		if err == nil {
			_, err = c.CLC(ctx, dossier, e.Calcul)
		}
	}
	l := o.prendre()
	if len(l) == 0 {
		if err == nil {
			err = errors.New("aucun échange")
		}
		return nil, err
	}
	return &l[len(l)-1], nil
}

// avecIDB asks the rights first, when the question does not quote them.
func (x *essais) avecIDB(ctx context.Context, c *roc.Client, dossier string, e *pupitre.Essai) error {
	if e.Calcul.IDReponseIDB != "" {
		return nil
	}
	r, err := c.IDB(ctx, dossier, &roc.DemandeIDB{Entete: e.Calcul.Entete})
	if err != nil {
		return err
	}
	e.Calcul.IDReponseIDB = r.Corps.IDReponseIDB
	if e.Calcul.IDReponseIDB == "" && e.Service == roc.CLC {
		return fmt.Errorf("les droits sont refusés (%s %s) : pas de calcul", r.Corps.CodeRetour, r.Corps.Libelle)
	}
	return nil
}

// envoyerBrut sends the visitor's own bytes, sealed by him or by the hospital's
// test cachet, to the insurer that their envelope names.
func (x *essais) envoyerBrut(ctx context.Context, h *hopital, e *pupitre.Essai) (*roc.Arrivee, error) {
	maintenant := x.horloge()
	brut := e.Brut
	if e.ASceller {
		s, err := e.Sceller(h.e.Client.Cachet(), maintenant)
		if err != nil {
			return nil, err
		}
		brut = s.Octets
	}
	loupe := pupitre.Loupe{Magasin: h.p.Magasin}
	vu := loupe.Voir(brut, pupitre.FaceDe(brut), maintenant)
	env := vu.Enveloppe()
	adresse, err := x.adresse(ctx, h, env)
	if err != nil {
		return nil, err
	}
	a := &roc.Arrivee{Depart: roc.Depart{Scelle: brut, Instant: maintenant}}
	service := roc.IDB
	if env != nil {
		a.Depart.Service, a.Depart.IDMessage, a.Depart.Destinataire, service = env.Service, env.IDMessage, env.Destinataire, env.Service
	}
	auth, _, err := serveur.LireCle(h.p.Fichier, h.p.EtablissementDe(h.e).Identite.Authentification)
	if err != nil {
		return nil, err
	}
	return posterBrut(ctx, h.p, auth, adresse, service, a), nil
}

// adresse is where the recipient of an envelope is.
func (x *essais) adresse(ctx context.Context, h *hopital, env *roc.Enveloppe) (string, error) {
	if env == nil || env.Destinataire.Type != roc.AMC {
		return h.e.Client.Annuaires.Adresse, nil
	}
	n, err := sante.ParseNumeroAMC(env.Destinataire.ID)
	if err != nil {
		return "", err
	}
	for _, d := range []roc.Domaine{roc.HospitalACE, roc.HospitalSejour} {
		r, _, err := h.e.Client.Resoudre(ctx, roc.Routage{NumeroAMC: n, DateReference: x.monde.Jour, Domaine: d})
		if err != nil {
			return "", err
		}
		if p := r.Le(env.Service); p != nil {
			return p.Adresse, nil
		}
	}
	return h.e.Client.Annuaires.Adresse, nil
}

// posterBrut sends bytes as they are, on the channel of a certificate.
func posterBrut(ctx context.Context, p *serveur.Processus, auth *tls.Certificate, adresse string, service roc.Service, a *roc.Arrivee) *roc.Arrivee {
	t := roc.NewTransport(func() *tls.Certificate { return auth }, p.Magasin, p.Horloge)
	defer t.Fermer()
	c := &http.Client{Transport: t, Timeout: 10 * time.Second}
	b := *a
	b.Scelle, b.Refus = nil, nil
	chemin, genre := service.Chemin(), "application/json"
	if pupitre.FaceDe(b.Depart.Scelle) == sceau.SOAP {
		chemin, genre = roc.CheminSOAP, "application/soap+xml"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(adresse, "/")+chemin, bytes.NewReader(b.Depart.Scelle))
	if err != nil {
		b.Refus = err
		return &b
	}
	req.Header.Set("Content-Type", genre)
	rep, err := c.Do(req)
	if err != nil {
		b.Refus = err
		return &b
	}
	defer rep.Body.Close()
	b.Scelle, b.Refus = lireReponse(rep.Body)
	b.Instant = p.Horloge()
	b.Duree = b.Instant.Sub(b.Depart.Instant)
	return &b
}

// bureauDemo is the desk of the demonstration: the stories of a teller, and the visitors' own
// questions.
func bureauDemo(p *serveur.Processus, adresse string, t *temoin) (http.Handler, error) {
	m, err := calcul.New(nil)
	if err != nil {
		return nil, err
	}
	return pupitrefront.New(t, &essais{t, m}, pupitrefront.Options{Adresses: []string{adresse}, Appeler: rubriques(p, t), Clotures: clotures{t},
		Annuaire: annuaireDe(p), Log: p.Log}), nil
}

// Bureau is the desk of a laboratory server: it shows what its own hospitals really asked,
// and keeps it.
func Bureau(p *serveur.Processus) (http.Handler, error) {
	m, err := monde.New(sante.JourA(p.Horloge(), sante.Paris()))
	if err != nil {
		return nil, err
	}
	moteur, err := calcul.New(nil)
	if err != nil {
		return nil, err
	}
	t := &temoin{monde: m, horloge: p.Horloge, hopitaux: map[string]*hopital{}, tous: []*serveur.Processus{p}}
	for _, e := range p.Etablissements {
		cle := e.Maison.Etablissement.FinessJuridique.String()
		t.hopitaux[cle] = &hopital{cle, e.Nom, p, e, &observateur{Registre: e.Client.Registre}}
	}
	x := &echanges{temoin: t, log: p.Log}
	return pupitrefront.New(x, &envoyeurEssais{essais{t, moteur}, x}, pupitrefront.Options{
		Adresses: []string{p.Fichier.Bureau.Adresse}, Appeler: rubriques(p, t), Clotures: clotures{t}, Annuaire: annuaireDe(p), Echanges: true, Log: p.Log}), nil
}
